/* SPDX-License-Identifier: BSD-2-Clause
 * Expression trees of compiled detections. Parts of AND and OR are ordered by what they cost to ask, so that most
 * records are done with after one comparison of a number or one look at an absent field. */
#include "rule_private.h"

static unsigned test_cost(const struct item *item, const struct test *t)
{
	if (item->kind != ITEM_TEXT && item->kind != ITEM_KEYWORD)
		return 1;
	switch (t->kind) {
	case TEST_EQUAL:
	case TEST_PRESENT: return 1;
	case TEST_START:
	case TEST_END: return 2;
	case TEST_CONTAIN: return 12;
	case TEST_GLOB: return 20;
	case TEST_REGEX: return 200;
	}
	return 1;
}

static unsigned item_cost(const struct item *item)
{
	unsigned cost = item->kind == ITEM_REFERENCE ? 10 : 1;

	for (size_t i = 0; i < item->n_tests && cost < 1000000; i++)
		cost += test_cost(item, &item->tests[i]);
	return cost * (item->kind == ITEM_KEYWORD ? 20 : item->n_sources ? item->n_sources : 1);
}

static struct expr *expr_new(struct compile *c, enum expr_kind kind, size_t n_parts)
{
	struct expr *e = store_take(&c->rules->store, sizeof(*e));

	if (!e || !(e->parts = store_take(&c->rules->store, (n_parts + 1) * sizeof(*e->parts)))) {
		compile_memory(c);
		return NULL;
	}
	e->kind = kind;
	e->n_parts = n_parts;
	return e;
}

const struct expr *expr_item(struct compile *c, const struct item *item)
{
	struct expr *e = expr_new(c, EXPR_ITEM, 0);

	if (!e)
		return NULL;
	e->item = item;
	e->cost = item_cost(item);
	return e;
}

const struct expr *expr_not(struct compile *c, const struct expr *part)
{
	struct expr *e = expr_new(c, EXPR_NOT, 1);

	if (!e)
		return NULL;
	e->parts[0] = part;
	e->cost = part->cost;
	return e;
}

static void insert_by_cost(const struct expr **parts, size_t n, const struct expr *part)
{
	while (n && parts[n - 1]->cost > part->cost) {
		parts[n] = parts[n - 1];
		n--;
	}
	parts[n] = part;
}

static unsigned cost_add(unsigned a, unsigned b)
{
	return a > 100000000 ? a : a + b;
}

/* Parts of the same kind are taken in, so that the whole chain is asked in the order of cost and trees stay flat. */
const struct expr *expr_join(struct compile *c, enum expr_kind kind, const struct expr *const *parts, size_t n)
{
	size_t total = 0, at = 0;

	if (n == 1)
		return parts[0];
	for (size_t i = 0; i < n; i++)
		total += parts[i]->kind == kind ? parts[i]->n_parts : 1;
	struct expr *e = expr_new(c, kind, total);
	if (!e)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		if (parts[i]->kind == kind)
			for (size_t k = 0; k < parts[i]->n_parts; k++)
				insert_by_cost(e->parts, at++, parts[i]->parts[k]);
		else
			insert_by_cost(e->parts, at++, parts[i]);
		e->cost = cost_add(e->cost, parts[i]->cost);
	}
	return e;
}
