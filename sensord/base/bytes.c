/* SPDX-License-Identifier: BSD-2-Clause
 * Comparisons and small numbers on views. */
#include "base/bytes.h"

#include "base/text.h"

bool bytes_equal_nocase(struct bytes a, struct bytes b)
{
	return a.size == b.size && bytes_starts_nocase(a, b);
}

bool bytes_starts(struct bytes all, struct bytes start)
{
	return all.size >= start.size && (start.size == 0 || memcmp(all.at, start.at, start.size) == 0);
}

bool bytes_starts_nocase(struct bytes all, struct bytes start)
{
	if (all.size < start.size)
		return false;
	for (size_t i = 0; i < start.size; i++)
		if (all.at[i] != start.at[i] && ascii_lower((char)all.at[i]) != ascii_lower((char)start.at[i]))
			return false;
	return true;
}

bool bytes_ends_nocase(struct bytes all, struct bytes end)
{
	if (all.size < end.size)
		return false;
	return bytes_starts_nocase(bytes_of(all.at + (all.size - end.size), end.size), end);
}

size_t bytes_find(struct bytes hay, struct bytes needle)
{
	if (needle.size == 0)
		return 0;
	if (hay.size < needle.size)
		return SIZE_MAX;
	const uint8_t *hit = memmem(hay.at, hay.size, needle.at, needle.size);
	return hit ? (size_t)(hit - hay.at) : SIZE_MAX;
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

struct bytes bytes_trim(struct bytes b)
{
	while (b.size > 0 && is_blank(b.at[0])) {
		b.at++;
		b.size--;
	}
	while (b.size > 0 && is_blank(b.at[b.size - 1]))
		b.size--;
	return b;
}

struct bytes bytes_split(struct bytes *rest, uint8_t at)
{
	const uint8_t *hit = rest->size ? memchr(rest->at, at, rest->size) : NULL;
	struct bytes head = *rest;

	if (!hit) {
		rest->at = rest->size ? rest->at + rest->size : rest->at; /* NULL takes no offset, not even 0 */
		rest->size = 0;
		return head;
	}
	head.size = (size_t)(hit - rest->at);
	*rest = bytes_of(hit + 1, rest->size - head.size - 1);
	return head;
}

static bool number(struct bytes b, unsigned base, uint64_t max, uint64_t *ret)
{
	uint64_t v = 0;

	if (b.size == 0)
		return false;
	for (size_t i = 0; i < b.size; i++) {
		char c = ascii_lower((char)b.at[i]);
		unsigned digit = c >= '0' && c <= '9' ? (unsigned)(c - '0') : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 99;
		if (digit >= base || v > (UINT64_MAX - digit) / base)
			return false;
		v = v * base + digit;
	}
	if (v > max)
		return false;
	*ret = v;
	return true;
}

bool bytes_decimal(struct bytes b, uint64_t max, uint64_t *ret)
{
	return number(b, 10, max, ret);
}

bool bytes_hex(struct bytes b, uint64_t max, uint64_t *ret)
{
	return number(b, 16, max, ret);
}
