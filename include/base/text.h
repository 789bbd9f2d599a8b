/* SPDX-License-Identifier: BSD-2-Clause
 * Text out of untrusted bytes, into bounded buffers, always valid UTF-8 afterwards. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/attributes.h"
#include "base/bytes.h"

/* A bounded growing text: writes beyond the end are dropped and noted in `cut`. The buffer belongs to the caller. */
struct text {
	char *at;
	size_t size; /* capacity in bytes */
	size_t used;
	bool cut;
};

#define TEXT_ON(buffer) ((struct text){ (buffer), sizeof(buffer), 0, false })

static inline struct bytes text_bytes(const struct text *t) { return bytes_of(t->at, t->used); }

void text_add(struct text *t, struct bytes b);
void text_string(struct text *t, const char *s);
void text_char(struct text *t, char c);
void text_decimal(struct text *t, uint64_t n);
void text_printf(struct text *t, const char *format, ...) PRINTF(2, 3);
void text_hex(struct text *t, struct bytes b); /* lower case, no separators */
void text_hex_number(struct text *t, uint64_t n, unsigned digits); /* at most 16, with leading zeros */
/* Terminates with a zero byte (the last byte is given up for it where the buffer is full) and returns the start. */
const char *text_end(struct text *t);

/* Copies wire bytes so that the result is valid UTF-8 (RFC 3629): invalid bytes are read as ISO 8859-1. Control
 * characters are kept: escaping is the writer's business. */
void text_utf8(struct text *t, struct bytes b);
/* UTF-16LE (surrogates joined, lone ones become U+FFFD) as UTF-8. An odd last byte is ignored. */
void text_utf16le(struct text *t, struct bytes b);

/* Base64 (RFC 4648 section 4, padding optional, white space ends it). Returns the bytes written to out, at most size;
 * what comes before the first invalid character is decoded. */
size_t base64_decode(struct bytes text, uint8_t *out, size_t size);

/* Percent-decoding (RFC 3986 section 2.1) is not done anywhere: rules compare what the wire showed. */

static inline char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c; }

#endif
