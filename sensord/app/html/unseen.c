/* SPDX-License-Identifier: BSD-2-Clause */
#include "unseen.h"

#include "base/attributes.h"

struct range {
	uint32_t first, last;
};

static const struct range unseen[] = {
	{ 0x80, 0x9f },     { 0xad, 0xad },     { 0x34f, 0x34f },   { 0x61c, 0x61c },     { 0x115f, 0x1160 },
	{ 0x17b4, 0x17b5 }, { 0x180b, 0x180f }, { 0x200b, 0x200f }, { 0x2028, 0x202e },   { 0x2060, 0x206f },
	{ 0x3164, 0x3164 }, { 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 },   { 0xfff0, 0xfffb },
	{ 0xfffe, 0xffff }, { 0xd800, 0xdfff }, { 0xe000, 0xf8ff }, { 0x1d173, 0x1d17a }, { 0xe0000, 0x10ffff },
};

bool unseen_is(uint32_t c)
{
	for (size_t i = 0; i < ARRAY_SIZE(unseen); i++)
		if (c >= unseen[i].first && c <= unseen[i].last)
			return true;
	return false;
}

uint32_t unseen_next(struct bytes *rest)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint8_t b = rest->at[0];
	size_t n = b < 0x80 ? 1 : b >= 0xc2 && b < 0xe0 ? 2 : b >= 0xe0 && b < 0xf0 ? 3 : b >= 0xf0 && b < 0xf5 ? 4 : 0;
	uint32_t c = n == 2 ? b & 0x1f : n == 3 ? b & 0x0f : n == 4 ? b & 0x07 : b;
	size_t i = 1;

	for (; i < n && i < rest->size && (rest->at[i] & 0xc0) == 0x80; i++)
		c = c << 6 | (rest->at[i] & 0x3f);
	bool whole = n > 0 && i == n && c >= least[n] && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
	*rest = bytes_of(rest->at + (whole ? n : 1), rest->size - (whole ? n : 1));
	return whole ? c : 0xfffd;
}
