/* SPDX-License-Identifier: BSD-2-Clause
 * Tests on text: wildcards and their escapes, search modifiers, encodings, regular expressions (Sigma rules
 * specification 2.1, "String Wildcard", "Escape Character"; modifiers appendix). */
#include <stdlib.h>

#include "base/attributes.h"
#include "rule_private.h"

/* A pattern while it is made: bytes, and what each one stands for. */
struct pattern {
	uint8_t bytes[4 * LIMIT_FIELD_TEXT + 8], tokens[4 * LIMIT_FIELD_TEXT + 8];
	size_t size;
	bool cut;
};

static void pattern_add(struct pattern *p, uint8_t byte, enum token token)
{
	if (p->size == sizeof(p->bytes)) {
		p->cut = true;
		return;
	}
	p->bytes[p->size] = byte;
	p->tokens[p->size++] = (uint8_t)token;
}

/* A backslash escapes a wildcard or a backslash, and is plain before anything else. */
static void pattern_parse(struct pattern *p, struct bytes raw, bool windash)
{
	p->size = 0;
	p->cut = false;
	for (size_t i = 0; i < raw.size; i++) {
		uint8_t byte = raw.at[i];
		uint8_t next = i + 1 < raw.size ? raw.at[i + 1] : 0;
		size_t dash = windash ? dash_size(bytes_of(raw.at + i, raw.size - i)) : 0;

		if (dash) {
			pattern_add(p, '-', TOKEN_DASH);
			i += dash - 1;
		} else if (byte == '\\' && (next == '*' || next == '?' || next == '\\')) {
			pattern_add(p, next, TOKEN_LITERAL);
			i++;
		} else {
			pattern_add(p, byte, byte == '*' ? TOKEN_ANY : byte == '?' ? TOKEN_ONE : TOKEN_LITERAL);
		}
	}
}

/* ---- encodings ---- */

static void pattern_base64(struct pattern *p, struct bytes b, bool padded)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	p->size = 0;
	for (size_t i = 0; i < b.size; i += 3) {
		size_t n = b.size - i < 3 ? b.size - i : 3;
		uint32_t v =
			(uint32_t)b.at[i] << 16 | (n > 1 ? (uint32_t)b.at[i + 1] << 8 : 0) | (n > 2 ? b.at[i + 2] : 0);

		for (size_t k = 0; k < 4; k++)
			if (k <= n)
				pattern_add(p, (uint8_t)digits[v >> (18 - 6 * k) & 63], TOKEN_LITERAL);
			else if (padded)
				pattern_add(p, '=', TOKEN_LITERAL);
	}
}

/* The value at offset `shift` in a longer text: digits that depend on its neighbours are left out. */
static void pattern_base64_at(struct pattern *p, struct bytes b, unsigned shift)
{
	static const uint8_t first[3] = { 0, 2, 3 };
	uint8_t room[LIMIT_FIELD_TEXT * 2 + 4] = { 0 };
	size_t size = b.size + shift, drop;

	if (size > sizeof(room)) {
		p->cut = true;
		return;
	}
	memcpy(room + shift, b.at, b.size);
	pattern_base64(p, bytes_of(room, size), false);
	drop = first[shift] + (size % 3 ? 1 : 0); /* the last digit is cut short by what follows */
	p->size = p->size > drop ? p->size - drop : 0;
	memmove(p->bytes, p->bytes + first[shift], p->size);
}

/* UTF-16 of a UTF-8 text; what is beyond the basic plane becomes a pair of surrogates. */
static void pattern_utf16(struct pattern *p, struct bytes b, bool big, bool mark)
{
	uint32_t point = 0;
	p->size = 0;
	uint16_t units[2];

	for (size_t i = mark ? SIZE_MAX : 0; i == SIZE_MAX || i < b.size; i++) {
		unsigned n = 1;
		if (i == SIZE_MAX) {
			point = 0xfeff;
		} else if (b.at[i] < 0x80) {
			point = b.at[i];
		} else {
			unsigned more = b.at[i] >= 0xf0 ? 3 : b.at[i] >= 0xe0 ? 2 : 1;
			point = b.at[i] & (0x3fu >> more);
			for (; more && i + 1 < b.size; more--)
				point = point << 6 | (b.at[++i] & 0x3f);
		}
		units[0] = (uint16_t)point;
		if (point > 0xffff) {
			units[0] = (uint16_t)(0xd800 + ((point - 0x10000) >> 10 & 0x3ff));
			units[1] = (uint16_t)(0xdc00 + ((point - 0x10000) & 0x3ff));
			n = 2;
		}
		for (unsigned k = 0; k < n; k++) {
			pattern_add(p, (uint8_t)(big ? units[k] >> 8 : units[k] & 0xff), TOKEN_LITERAL);
			pattern_add(p, (uint8_t)(big ? units[k] & 0xff : units[k] >> 8), TOKEN_LITERAL);
		}
	}
}

static bool pattern_plain(const struct pattern *p)
{
	for (size_t i = 0; i < p->size; i++)
		if (p->tokens[i] != TOKEN_LITERAL)
			return false;
	return true;
}

/* ---- from pattern to test ---- */

static bool test_finish(struct compile *c, const struct pattern *p, size_t from, size_t to, bool cased, struct test *t)
{
	uint8_t *needle = store_take(&c->rules->store, to - from + 1);
	uint8_t *tokens = t->kind == TEST_GLOB ? store_take(&c->rules->store, to - from + 1) : NULL;

	if (!needle || (t->kind == TEST_GLOB && !tokens))
		return compile_memory(c);
	for (size_t i = from; i < to; i++) {
		needle[i - from] = cased ? p->bytes[i] : (uint8_t)ascii_lower((char)p->bytes[i]);
		if (tokens)
			tokens[i - from] = p->tokens[i];
	}
	t->needle = bytes_of(needle, to - from);
	t->tokens = tokens;
	return true;
}

/* Stars at the ends become a search; what has wildcards inside is matched as such. */
static bool test_make(struct compile *c, const struct pattern *p, const struct modifiers *m, struct test *t)
{
	size_t from = 0, to = p->size;
	bool open_start = m->bits & (MOD_CONTAINS | MOD_ENDSWITH), open_end = m->bits & (MOD_CONTAINS | MOD_STARTSWITH);
	bool plain = true;

	while (from < to && p->tokens[from] == TOKEN_ANY) {
		open_start = true;
		from++;
	}
	while (to > from && p->tokens[to - 1] == TOKEN_ANY) {
		open_end = true;
		to--;
	}
	if (from == to && p->size) /* stars only */
		open_start = open_end = true;
	for (size_t i = from; i < to; i++)
		plain &= p->tokens[i] == TOKEN_LITERAL;
	t->kind = open_start ? open_end ? TEST_CONTAIN : TEST_END : open_end ? TEST_START : TEST_EQUAL;
	if (from == to && t->kind != TEST_EQUAL) {
		t->kind = TEST_PRESENT;
		return true;
	}
	if (plain)
		return test_finish(c, p, from, to, m->bits & MOD_CASED, t);

	UNINITIALIZED struct pattern whole;
	whole.size = 0;
	whole.cut = false;
	if (open_start)
		pattern_add(&whole, '*', TOKEN_ANY);
	for (size_t i = from; i < to; i++)
		pattern_add(&whole, p->bytes[i], p->tokens[i]);
	if (open_end)
		pattern_add(&whole, '*', TOKEN_ANY);
	t->kind = TEST_GLOB;
	return test_finish(c, &whole, 0, whole.size, m->bits & MOD_CASED, t);
}

static bool test_regex(struct compile *c, const struct node *n, const char *text, const struct modifiers *m,
		       struct test *t)
{
	struct rules *r = c->rules;
	uint32_t options = PCRE2_NEVER_UTF | PCRE2_NEVER_BACKSLASH_C;
	int code;
	PCRE2_SIZE at;
	PCRE2_UCHAR why[120] = "";

	options |= m->bits & MOD_RE_I ? PCRE2_CASELESS : 0;
	options |= m->bits & MOD_RE_M ? PCRE2_MULTILINE : 0;
	options |= m->bits & MOD_RE_S ? PCRE2_DOTALL : 0;
	if (r->n_codes == r->max_codes) {
		size_t max = r->max_codes ? r->max_codes * 2 : 16;
		pcre2_code **codes = realloc(r->codes, max * sizeof(pcre2_code *));
		if (!codes)
			return compile_memory(c);
		r->codes = codes;
		r->max_codes = max;
	}
	t->kind = TEST_REGEX;
	t->regex = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, options, &code, &at, NULL);
	if (!t->regex) {
		pcre2_get_error_message(code, why, sizeof(why));
		return node_error(c->document, n, c->err, "regular expression, character %zu: %s", (size_t)at + 1,
				  (const char *)why);
	}
	r->codes[r->n_codes++] = t->regex;
	pcre2_jit_compile(t->regex, PCRE2_JIT_COMPLETE); /* where it cannot, the interpreter serves */
	return true;
}

static bool encode_once(struct compile *c, const struct node *n, struct pattern *p, enum encoding how)
{
	UNINITIALIZED struct pattern in;

	if (!pattern_plain(p))
		return node_error(c->document, n, c->err, "a value with wildcards cannot be encoded");
	if (p->size > 2 * LIMIT_FIELD_TEXT)
		return node_error(c->document, n, c->err, "the value is too long");
	memcpy(in.bytes, p->bytes, p->size);
	struct bytes b = bytes_of(in.bytes, p->size);
	if (how == ENCODING_BASE64)
		pattern_base64(p, b, true);
	else
		pattern_utf16(p, b, how == ENCODING_UTF16BE, how == ENCODING_UTF16);
	return true;
}

/* Encodings in their order; base64offset makes three tests of one value, and is the last. */
static bool tests_encoded(struct compile *c, const struct node *n, struct pattern *p, const struct modifiers *m,
			  struct test *tests, size_t *count)
{
	for (unsigned i = 0; i < m->n_encodings; i++) {
		if (m->encodings[i] != ENCODING_BASE64OFFSET) {
			if (!encode_once(c, n, p, m->encodings[i]))
				return false;
			continue;
		}
		if (i + 1 != m->n_encodings)
			return node_error(c->document, n, c->err, "base64offset must be the last encoding");
		if (!pattern_plain(p))
			return node_error(c->document, n, c->err, "a value with wildcards cannot be encoded");
		UNINITIALIZED struct pattern in;
		memcpy(in.bytes, p->bytes, p->size);
		in.size = p->size;
		for (unsigned shift = 0; shift < 3; shift++) {
			pattern_base64_at(p, bytes_of(in.bytes, in.size), shift);
			if (p->cut || !p->size)
				return node_error(c->document, n, c->err, "the value is too %s",
						  p->cut ? "long" : "short");
			if (!test_make(c, p, m, &tests[(*count)++]))
				return false;
		}
		return true;
	}
	if (p->cut)
		return node_error(c->document, n, c->err, "the value is too long");
	return test_make(c, p, m, &tests[(*count)++]);
}

/* A hexadecimal number with an odd number of digits is also tried with a zero before it: logs differ there. */
static bool odd_hexadecimal(const struct operand *o, const struct modifiers *m, const char *text)
{
	return o->hexadecimal && strlen(text) % 2 == 1 && !(m->bits & (MOD_ALL | MOD_ENCODE));
}

static bool test_value(struct compile *c, const struct modifiers *m, const struct operand *o, const struct node *n,
		       const char *text, struct test *tests, size_t *count)
{
	UNINITIALIZED struct pattern p;
	UNINITIALIZED uint8_t padded[LIMIT_FIELD_TEXT + 1];

	if (m->bits & MOD_RE)
		return test_regex(c, n, text, m, &tests[(*count)++]);
	pattern_parse(&p, bytes_string(text), m->bits & MOD_WINDASH);
	if (!tests_encoded(c, n, &p, m, tests, count))
		return false;
	if (!odd_hexadecimal(o, m, text) || strlen(text) >= sizeof(padded))
		return true;
	padded[0] = '0';
	memcpy(padded + 1, text, strlen(text));
	pattern_parse(&p, bytes_of(padded, strlen(text) + 1), m->bits & MOD_WINDASH);
	return tests_encoded(c, n, &p, m, tests, count);
}

bool tests_text(struct compile *c, const struct modifiers *m, const struct operand *o, const struct values *v,
		struct item *ret)
{
	bool triple = false;
	struct test *tests;
	size_t count = 0;

	for (unsigned i = 0; i < m->n_encodings; i++)
		triple |= m->encodings[i] == ENCODING_BASE64OFFSET;
	if (triple && (m->bits & MOD_ALL))
		return node_error(c->document, v->count ? v->nodes[0] : NULL, c->err,
				  "'base64offset' and 'all' do not go together");
	tests = store_take(&c->rules->store, (v->count + 1) * (triple ? 6 : 2) * sizeof(*tests));
	if (!tests)
		return compile_memory(c);
	for (size_t i = 0; i < v->count; i++)
		if (!test_value(c, m, o, v->nodes[i], v->items[i], tests, &count))
			return false;
	ret->kind = ITEM_TEXT;
	ret->searches = true;
	for (size_t i = 0; i < count; i++)
		ret->searches &= tests[i].kind == TEST_CONTAIN || tests[i].kind == TEST_END;
	ret->cased = m->bits & MOD_CASED;
	ret->tests = tests;
	ret->n_tests = count;
	return true;
}
