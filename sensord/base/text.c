/* SPDX-License-Identifier: BSD-2-Clause
 * Bounded text, UTF-8 made valid, base64. */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

void text_add(struct text *t, struct bytes b)
{
	size_t room = t->size - t->used;

	if (b.size > room) {
		t->cut = true;
		b.size = room;
	}
	if (b.size)
		memcpy(t->at + t->used, b.at, b.size);
	t->used += b.size;
}

void text_string(struct text *t, const char *s)
{
	text_add(t, bytes_string(s));
}

void text_char(struct text *t, char c)
{
	if (t->used < t->size)
		t->at[t->used++] = c;
	else
		t->cut = true;
}

void text_decimal(struct text *t, uint64_t n)
{
	char digits[20];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + n % 10);
	while (n /= 10);
	text_add(t, bytes_of(digits + at, sizeof(digits) - at));
}

void text_printf(struct text *t, const char *format, ...)
{
	UNINITIALIZED char room[1024];
	va_list values;

	va_start(values, format);
	int n = vsnprintf(room, sizeof(room), format, values);
	va_end(values);
	if (n < 0)
		return;
	if ((size_t)n >= sizeof(room)) {
		t->cut = true;
		n = (int)sizeof(room) - 1;
	}
	text_add(t, bytes_of(room, (size_t)n));
}

void text_hex(struct text *t, struct bytes b)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < b.size; i++) {
		text_char(t, digits[b.at[i] >> 4]);
		text_char(t, digits[b.at[i] & 15]);
	}
}

void text_hex_number(struct text *t, uint64_t n, unsigned digits)
{
	static const char all[] = "0123456789abcdef";
	char room[16];

	for (unsigned i = digits; i-- > 0; n >>= 4)
		room[i] = all[n & 15];
	text_add(t, bytes_of(room, digits));
}

const char *text_end(struct text *t)
{
	if (t->size == 0)
		return "";
	if (t->used == t->size) {
		t->used--;
		t->cut = true;
	}
	t->at[t->used] = '\0';
	return t->at;
}

static void add_scalar(struct text *t, uint32_t c)
{
	uint8_t out[4];
	size_t n;

	if (c < 0x80) {
		out[0] = (uint8_t)c;
		n = 1;
	} else if (c < 0x800) {
		out[0] = (uint8_t)(0xc0 | c >> 6);
		out[1] = (uint8_t)(0x80 | (c & 0x3f));
		n = 2;
	} else if (c < 0x10000) {
		out[0] = (uint8_t)(0xe0 | c >> 12);
		out[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		out[2] = (uint8_t)(0x80 | (c & 0x3f));
		n = 3;
	} else {
		out[0] = (uint8_t)(0xf0 | c >> 18);
		out[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
		out[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		out[3] = (uint8_t)(0x80 | (c & 0x3f));
		n = 4;
	}
	if (t->size - t->used < n) { /* never half a character */
		t->cut = true;
		return;
	}
	memcpy(t->at + t->used, out, n);
	t->used += n;
}

/* Size of the valid UTF-8 sequence at the start of b, 0 where there is none (RFC 3629 section 4). */
static size_t sequence(struct bytes b)
{
	uint8_t lead = b.at[0];
	size_t n = lead < 0x80 ? 1 : lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 0;

	if (n == 0 || n > b.size)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((b.at[i] & 0xc0) != 0x80)
			return 0;
	if ((lead == 0xe0 && b.at[1] < 0xa0) || (lead == 0xed && b.at[1] > 0x9f) || (lead == 0xf0 && b.at[1] < 0x90) ||
	    (lead == 0xf4 && b.at[1] > 0x8f))
		return 0;
	return n;
}

void text_utf8(struct text *t, struct bytes b)
{
	while (b.size > 0) {
		size_t n = 0;
		while (n < b.size && b.at[n] < 0x80)
			n++;
		if (n > 0) {
			text_add(t, bytes_of(b.at, n));
		} else {
			n = sequence(b);
			if (n == 0)
				add_scalar(t, b.at[0]);
			else if (t->size - t->used < n)
				t->cut = true;
			else
				text_add(t, bytes_of(b.at, n));
			n = n ? n : 1;
		}
		b = bytes_of(b.at + n, b.size - n);
		if (t->cut)
			return;
	}
}

void text_utf16le(struct text *t, struct bytes b)
{
	for (size_t i = 0; i + 1 < b.size; i += 2) {
		uint32_t c = (uint32_t)(b.at[i] | b.at[i + 1] << 8);
		if (c >= 0xd800 && c < 0xdc00 && i + 3 < b.size) {
			uint32_t low = (uint32_t)(b.at[i + 2] | b.at[i + 3] << 8);
			if (low >= 0xdc00 && low < 0xe000) {
				c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
				i += 2;
			}
		}
		add_scalar(t, c >= 0xd800 && c < 0xe000 ? 0xfffd : c);
	}
}

static int base64_digit(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

size_t base64_decode(struct bytes text, uint8_t *out, size_t size)
{
	uint32_t bits = 0;
	unsigned held = 0;
	size_t n = 0;

	for (size_t i = 0; i < text.size && n < size; i++) {
		int digit = base64_digit(text.at[i]);
		if (digit < 0)
			break;
		bits = bits << 6 | (uint32_t)digit;
		held += 6;
		if (held >= 8) {
			held -= 8;
			out[n++] = (uint8_t)(bits >> held);
		}
	}
	return n;
}
