/* SPDX-License-Identifier: BSD-2-Clause
 * One test against one text. Nothing is allocated: what has to be folded to lower case is folded once into the room
 * of the set and kept for the tests that follow on the same text. */
#include "rule_private.h"

static inline uint8_t lower(uint8_t b)
{
	return (uint8_t)(b + ((uint8_t)(b - 'A') < 26 ? 32 : 0));
}

/* From the end: names that differ often begin alike, and ends decide first for lists of domains and extensions. */
static inline bool same(const uint8_t *text, struct bytes needle, bool cased)
{
	if (cased)
		return !needle.size || memcmp(text, needle.at, needle.size) == 0;
	for (size_t i = needle.size; i > 0; i--)
		if (lower(text[i - 1]) != needle.at[i - 1])
			return false;
	return true;
}

struct bytes fold(struct rules *r, struct bytes text)
{
	size_t size = text.size < sizeof(r->folded) ? text.size : sizeof(r->folded);

	if (r->folded_from.at != text.at || r->folded_from.size != text.size) {
		for (size_t i = 0; i < size; i++)
			r->folded[i] = (char)lower(text.at[i]);
		r->folded_from = text;
	}
	return bytes_of(r->folded, size);
}

static size_t character_size(struct bytes s)
{
	size_t n = 1;

	while (n < s.size && n < 4 && (s.at[n] & 0xc0) == 0x80)
		n++;
	return n;
}

size_t dash_size(struct bytes s)
{
	if (s.size && (s.at[0] == '-' || s.at[0] == '/'))
		return 1;
	return s.size >= 3 && s.at[0] == 0xe2 && s.at[1] == 0x80 && s.at[2] >= 0x93 && s.at[2] <= 0x95 ? 3 : 0;
}

/* Bytes of the (not empty) text that one token takes; 0 where it does not fit. */
static size_t token_takes(enum token token, uint8_t byte, struct bytes text)
{
	switch (token) {
	case TOKEN_LITERAL: return text.at[0] == byte;
	case TOKEN_ONE: return character_size(text);
	case TOKEN_DASH: return dash_size(text);
	case TOKEN_ANY: break;
	}
	return 0;
}

/* The last star alone is ever tried again, one byte later: at most size of pattern times size of text steps. */
static bool glob_match(const struct test *t, struct bytes text)
{
	size_t p = 0, i = 0, star = SIZE_MAX, from = 0;

	for (;;) {
		if (p == t->needle.size && i == text.size)
			return true;
		if (p < t->needle.size && t->tokens[p] == TOKEN_ANY) {
			star = ++p;
			from = i;
			continue;
		}
		size_t n = p < t->needle.size && i < text.size ?
			token_takes(t->tokens[p], t->needle.at[p], bytes_of(text.at + i, text.size - i)) : 0;
		if (n) {
			p++;
			i += n;
			continue;
		}
		if (star == SIZE_MAX || from >= text.size)
			return false;
		p = star;
		i = ++from;
	}
}

static bool regex_match(struct rules *r, const struct test *t, struct bytes text)
{
	const uint8_t *at = text.at ? text.at : (const uint8_t *)"";

	return pcre2_match(t->regex, at, text.size, 0, 0, r->match_data, r->match_context) >= 0;
}

bool test_holds(struct rules *r, const struct test *t, bool cased, struct bytes text)
{
	switch (t->kind) {
	case TEST_EQUAL:
		return text.size == t->needle.size && same(text.at, t->needle, cased);
	case TEST_START:
		return text.size >= t->needle.size && same(text.at, t->needle, cased);
	case TEST_END:
		return text.size >= t->needle.size && same(text.at + text.size - t->needle.size, t->needle, cased);
	case TEST_CONTAIN:
		if (text.size < t->needle.size)
			return false;
		if (!cased)
			text = fold(r, text);
		return memmem(text.at, text.size, t->needle.at, t->needle.size) != NULL;
	case TEST_GLOB:
		return glob_match(t, cased ? text : fold(r, text));
	case TEST_PRESENT:
		return true;
	case TEST_REGEX:
		return regex_match(r, t, text);
	}
	return false;
}

bool text_relates(enum test_kind how, bool cased, struct bytes text, struct bytes other)
{
	if (text.size < other.size || (how == TEST_EQUAL && text.size != other.size))
		return false;
	if (how == TEST_CONTAIN) {
		for (size_t i = 0; i + other.size <= text.size; i++)
			if (text_relates(TEST_EQUAL, cased, bytes_of(text.at + i, other.size), other))
				return true;
		return false;
	}
	struct bytes part = how == TEST_END ? bytes_of(text.at + (text.size - other.size), other.size) :
					      bytes_of(text.at, other.size);
	return cased ? bytes_equal(part, other) : bytes_equal_nocase(part, other);
}
