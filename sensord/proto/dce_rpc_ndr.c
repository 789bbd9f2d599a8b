/* SPDX-License-Identifier: BSD-2-Clause
 * NDR (C706 chapter 14) and NDR64 (MS-RPCE section 2.2.5): values aligned to their size, counted from the start of the
 * stub; in NDR64 referents and counts have 64 bits. */
#include "dce_rpc.h"

void ndr_align(struct ndr *n, size_t to)
{
	size_t over = reader_offset(&n->r) % to;

	if (over)
		reader_skip(&n->r, to - over);
}

uint16_t ndr_u16(struct ndr *n)
{
	ndr_align(n, 2);
	return dce_u16(&n->r, n->big);
}

uint32_t ndr_u32(struct ndr *n)
{
	ndr_align(n, 4);
	return dce_u32(&n->r, n->big);
}

uint32_t ndr_enum(struct ndr *n)
{
	return n->wide ? ndr_u32(n) : ndr_u16(n);
}

uint64_t ndr_word(struct ndr *n)
{
	if (!n->wide)
		return ndr_u32(n);
	ndr_align(n, 8);
	return n->big ? reader_u64(&n->r) : reader_u64_le(&n->r);
}

/* Ends in a zero character; what stands behind the first one is not part of it. */
static struct bytes without_end(struct bytes b, size_t width)
{
	for (size_t i = 0; i + width <= b.size; i += width)
		if (b.at[i] == 0 && (width == 1 || b.at[i + 1] == 0))
			return bytes_of(b.at, i);
	return b;
}

struct bytes ndr_string(struct ndr *n, size_t width)
{
	uint64_t room = ndr_word(n);
	uint64_t offset = ndr_word(n);
	uint64_t count = ndr_word(n);

	if (offset != 0 || count > room || count > reader_left(&n->r) / width) {
		reader_fail(&n->r);
		return (struct bytes){ 0 };
	}
	return without_end(reader_take(&n->r, (size_t)count * width), width);
}
