/* SPDX-License-Identifier: BSD-2-Clause
 * Elements of the Basic Encoding Rules: see ber.h. */
#include "ber.h"

#define LENGTH_BYTES 4 /* bytes of a length behind its first one (X.690 section 8.1.3.5) */

uint8_t ber_head(struct reader *r, size_t *size)
{
	uint8_t tag = reader_u8(r);
	*size = reader_u8(r);
	if (!(*size & 0x80))
		return tag;
	unsigned n = *size & 0x7f;
	if (n == 0 || n > LENGTH_BYTES)
		reader_fail(r);
	*size = 0;
	while (n-- > 0 && reader_ok(r))
		*size = *size << 8 | reader_u8(r);
	return tag;
}

struct reader ber_element(struct reader *r, uint8_t *tag)
{
	size_t size;

	*tag = ber_head(r, &size);
	return reader_sub(r, size);
}

struct reader ber_expect(struct reader *r, uint8_t tag)
{
	uint8_t found;
	struct reader content = ber_element(r, &found);

	if (found != tag) {
		reader_fail(&content);
		reader_fail(r);
	}
	return content;
}

struct bytes ber_bytes(struct reader *r, uint8_t tag)
{
	struct reader content = ber_expect(r, tag);

	return reader_rest(&content);
}

uint64_t ber_number(struct reader *r, uint8_t tag)
{
	struct bytes b = ber_bytes(r, tag);
	uint64_t value = 0;

	if (b.size == 0 || b.size > 8)
		reader_fail(r);
	for (size_t i = 0; i < b.size && i < 8; i++)
		value = value << 8 | b.at[i];
	return value;
}
