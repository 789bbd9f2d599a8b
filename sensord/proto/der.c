/* SPDX-License-Identifier: BSD-2-Clause
 * DER elements over bounded readers (ITU-T X.690 sections 8.1 and 10.1). */
#include "der.h"

struct reader der_find(struct reader in, uint8_t tag)
{
	for (int i = 0; i < DER_ELEMENTS && reader_left(&in) > 0; i++) {
		uint8_t found;
		struct reader content = der_next(&in, &found);
		if (found == tag)
			return content;
	}
	reader_fail(&in);
	return in;
}

struct reader der_member(struct reader in, unsigned n, uint8_t tag)
{
	struct reader member = der_find(in, (uint8_t)(DER_CONTEXT + n));

	return der_expect(&member, tag);
}

void der_split(struct reader in, struct reader ret[], unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		ret[i] = (struct reader){ .failed = true };
	for (int i = 0; i < DER_ELEMENTS && reader_left(&in) > 0; i++) {
		uint8_t tag;
		struct reader content = der_next(&in, &tag);
		unsigned number = (unsigned)tag - DER_CONTEXT;
		if (tag >= DER_CONTEXT && number < n && !reader_ok(&ret[number]))
			ret[number] = content;
	}
}

bool der_integer(struct reader content, int64_t *ret)
{
	size_t size = reader_left(&content);

	if (size == 0 || size > 8)
		return false;
	uint64_t v = reader_peek(&content) & 0x80 ? UINT64_MAX : 0;
	while (size-- > 0)
		v = v << 8 | reader_u8(&content);
	*ret = (int64_t)v;
	return true;
}

int64_t der_number(struct reader in, unsigned n, int64_t otherwise)
{
	int64_t value = otherwise;

	return der_integer(der_member(in, n, DER_INTEGER), &value) ? value : otherwise;
}
