/* SPDX-License-Identifier: BSD-2-Clause
 * A view of bytes owned by somebody else: a pointer and a size, never zero-terminated. Views do not outlive
 * the call that handed them out unless the contract of that call says so. */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
	const uint8_t *at;
	size_t size; /* bytes */
};

static inline struct bytes bytes_of(const void *at, size_t size)
{
	return (struct bytes){ (const uint8_t *)at, size };
}

/* The view of a C string, without its terminating zero. NULL gives the empty view. */
static inline struct bytes bytes_string(const char *s)
{
	return bytes_of(s, s ? strlen(s) : 0);
}

static inline bool bytes_equal(struct bytes a, struct bytes b)
{
	return a.size == b.size && (a.size == 0 || memcmp(a.at, b.at, a.size) == 0);
}

/* ASCII case-insensitive comparison; bytes above 0x7f compare as they are. */
bool bytes_equal_nocase(struct bytes a, struct bytes b);
bool bytes_starts(struct bytes all, struct bytes start);
bool bytes_starts_nocase(struct bytes all, struct bytes start);
/* True where all ends in end, ASCII case-insensitive. */
bool bytes_ends_nocase(struct bytes all, struct bytes end);
/* Offset of the first occurrence of needle in hay, or SIZE_MAX. */
size_t bytes_find(struct bytes hay, struct bytes needle);
/* The view without leading and trailing spaces and tabs. */
struct bytes bytes_trim(struct bytes b);
/* Splits off what stands before the first `at` byte (the whole where there is none) and moves *rest behind it. */
struct bytes bytes_split(struct bytes *rest, uint8_t at);
/* Decimal number, digits only, at most max; false on anything else. *ret is untouched on failure. */
bool bytes_decimal(struct bytes b, uint64_t max, uint64_t *ret);
/* Hexadecimal number, digits only, at most max; false on anything else. *ret is untouched on failure. */
bool bytes_hex(struct bytes b, uint64_t max, uint64_t *ret);

#endif
