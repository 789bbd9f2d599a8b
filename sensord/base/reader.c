/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/reader.h"

bool reader_line(struct reader *r, size_t max, struct bytes *ret)
{
	struct bytes rest = reader_rest(r);
	size_t seen = rest.size < max + 2 ? rest.size : max + 2;
	const uint8_t *end = seen ? memchr(rest.at, '\n', seen) : NULL;

	if (!end) {
		if (rest.size >= max + 2) /* max, CR, and no LF: the same whether it came at once or in pieces */
			reader_fail(r);
		return false;
	}
	size_t size = (size_t)(end - rest.at);
	r->at = end + 1;
	if (size > 0 && rest.at[size - 1] == '\r')
		size--;
	*ret = bytes_of(rest.at, size);
	return true;
}
