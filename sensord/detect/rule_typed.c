/* SPDX-License-Identifier: BSD-2-Clause
 * Tests on numbers, truth values and addresses: constants are given the type of their field once, while loading. */
#include <math.h>
#include <stdlib.h>

#include "rule_private.h"

static struct test *tests_take(struct compile *c, size_t count)
{
	return store_take(&c->rules->store, (count ? count : 1) * sizeof(struct test));
}

/* Digits, "0x" digits, or anything that strtod reads whole (the sensor never leaves the C locale). */
static bool number_parse(const char *text, struct number *ret)
{
	struct bytes b = bytes_trim(bytes_string(text));
	char *end;

	ret->whole = true;
	if (bytes_decimal(b, UINT64_MAX, &ret->uint)) {
		ret->real = (double)ret->uint;
		return true;
	}
	if (b.size > 2 && bytes_starts_nocase(b, bytes_string("0x")) &&
	    bytes_hex(bytes_of(b.at + 2, b.size - 2), UINT64_MAX, &ret->uint)) {
		ret->real = (double)ret->uint;
		return true;
	}
	ret->whole = false;
	ret->real = strtod(text, &end);
	return b.size && end != text && *end == '\0' && isfinite(ret->real);
}

bool tests_number(struct compile *c, const struct operand *o, const struct values *v, struct item *ret)
{
	struct test *tests = tests_take(c, v->count);

	if (!tests)
		return compile_memory(c);
	for (size_t i = 0; i < v->count; i++) {
		struct number *n = &tests[i].number;

		if (!number_parse(v->items[i], n))
			return node_error(c->document, v->nodes[i], c->err,
					  "'%s' is not a number, and the field holds one", v->items[i]);
		if (o->scale != 0) {
			n->whole = false;
			n->real *= o->scale;
		}
	}
	ret->kind = ITEM_NUMBER;
	ret->tests = tests;
	ret->n_tests = v->count;
	return true;
}

bool truth_parse(const char *text, bool *ret)
{
	static const struct { const char *word; bool truth; } words[] = {
		{ "true", true }, { "false", false }, { "t", true }, { "f", false }, { "1", true }, { "0", false },
		{ "yes", true }, { "no", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (bytes_equal_nocase(bytes_string(text), bytes_string(words[i].word))) {
			*ret = words[i].truth;
			return true;
		}
	}
	return false;
}

bool tests_bool(struct compile *c, const struct values *v, struct item *ret)
{
	struct test *tests = tests_take(c, v->count);

	if (!tests)
		return compile_memory(c);
	for (size_t i = 0; i < v->count; i++)
		if (!truth_parse(v->items[i], &tests[i].boolean))
			return node_error(c->document, v->nodes[i], c->err, "'%s' is neither true nor false",
					  v->items[i]);
	ret->kind = ITEM_BOOL;
	ret->tests = tests;
	ret->n_tests = v->count;
	return true;
}

/* Networks need the modifier cidr; what a site file puts into a placeholder may be a network or a range anyway. */
bool tests_address(struct compile *c, const struct modifiers *m, const struct values *v, struct item *ret)
{
	struct test *tests = tests_take(c, v->count);
	bool ranges = m->bits & (MOD_CIDR | MOD_EXPAND);

	if (!tests)
		return compile_memory(c);
	for (size_t i = 0; i < v->count; i++) {
		struct bytes text = bytes_string(v->items[i]);
		struct address one;

		if (ranges && address_range_parse(text, &tests[i].range))
			continue;
		if (!ranges && address_parse(text, &one)) {
			tests[i].range = (struct address_range){ one, one };
			continue;
		}
		if (!ranges && address_range_parse(text, &tests[i].range))
			return node_error(c->document, v->nodes[i], c->err,
					  "'%s' is a network: write it with the modifier 'cidr'", v->items[i]);
		return node_error(c->document, v->nodes[i], c->err, "'%s' is no %s", v->items[i],
				  m->bits & MOD_CIDR ? "network (as 10.0.0.0/8)" : "IP address");
	}
	ret->kind = ITEM_ADDRESS;
	ret->tests = tests;
	ret->n_tests = v->count;
	return true;
}
