/* SPDX-License-Identifier: BSD-2-Clause
 * Could a rule match a record of which only some fields are known? The tree of the rule in three values: what depends on
 * an unknown field may be either (Kleene's strong logic). */
#include "rule_private.h"

#include <stdlib.h>

#include "base/hash.h"

enum truth { NO, MAYBE, YES }; /* ordered: AND is the least, OR the greatest */

static bool is_known(const struct field_set *known, uint16_t source)
{
	return source < FIELD_COUNT && field_set_has(known, source);
}

static enum truth item_may(struct rules *rules, const struct expr *e, const struct record *partial,
			   const struct field_set *known)
{
	const struct item *item = e->item;

	if (item->kind == ITEM_KEYWORD || (item->kind == ITEM_REFERENCE && !is_known(known, item->other)))
		return MAYBE;
	for (unsigned i = 0; i < item->n_sources; i++)
		if (!is_known(known, item->sources[i]))
			return MAYBE;
	return expr_holds(rules, e, partial) ? YES : NO;
}

/* Depth is bounded where the tree is made, as in expr_holds. */
static enum truth expr_may(struct rules *rules, const struct expr *e, const struct record *partial,
			   const struct field_set *known)
{
	if (e->kind == EXPR_ITEM)
		return item_may(rules, e, partial, known);
	if (e->kind == EXPR_NOT)
		return YES - expr_may(rules, e->parts[0], partial, known);
	bool and = e->kind == EXPR_AND;
	enum truth all = and ? YES : NO;
	for (size_t i = 0; i < e->n_parts && all != (and ? NO : YES); i++) {
		enum truth part = expr_may(rules, e->parts[i], partial, known);
		if (and ? part < all : part > all)
			all = part;
	}
	return all;
}

uint64_t rules_interest(struct rules *r, const struct record *partial, const enum field *known, size_t n)
{
	struct field_set set = { { 0 } };
	uint64_t feeds = 0;

	for (size_t i = 0; i < n; i++)
		field_set_add(&set, known[i]);
	r->folded_from = (struct bytes){ 0 };
	for (size_t i = 0; i < r->n_by_dataset[partial->dataset]; i++) {
		const struct rule *rule = r->by_dataset[partial->dataset][i];
		enum truth may = expr_may(r, rule->expr, partial, &set);

		if (may != NO && (may == MAYBE || !rule->feed))
			return INTEREST_RECORD;
		if (may == YES)
			feeds |= rule->feed;
	}
	return feeds ? feeds | (uint64_t)r->generation << RULE_GENERATION_SHIFT : 0;
}

static uint64_t item_greatest(const struct item *item, enum field f)
{
	uint64_t greatest = 0;
	bool asks = item->kind == ITEM_REFERENCE && item->other == f;

	for (unsigned i = 0; i < item->n_sources; i++)
		asks |= item->sources[i] == f;
	if (!asks || item->kind == ITEM_EXISTS)
		return 0;
	if (item->kind != ITEM_NUMBER)
		return UINT64_MAX;
	for (size_t i = 0; i < item->n_tests; i++) {
		double v = item->tests[i].number.real;
		uint64_t whole = item->tests[i].number.whole ? item->tests[i].number.uint : v >= 1e18 ? UINT64_MAX : v < 0 ? 0 : (uint64_t)v + 1;
		greatest = whole > greatest ? whole : greatest;
	}
	return greatest;
}

/* Depth is bounded where the tree is made, as in expr_holds. */
static uint64_t expr_greatest(const struct expr *e, enum field f)
{
	uint64_t greatest = e->kind == EXPR_ITEM ? item_greatest(e->item, f) : 0;

	for (size_t i = 0; e->kind != EXPR_ITEM && i < e->n_parts; i++) {
		uint64_t part = expr_greatest(e->parts[i], f);
		greatest = part > greatest ? part : greatest;
	}
	return greatest;
}

uint64_t rules_greatest(const struct rules *r, enum field f)
{
	uint64_t greatest = 0;

	for (size_t i = 0; i < r->n_list; i++) {
		uint64_t one = r->list[i]->expr ? expr_greatest(r->list[i]->expr, f) : 0;
		greatest = one > greatest ? one : greatest;
	}
	return greatest;
}

/* What parts the rules of a kind of record most: the words that the sensor itself gives. */
static const enum field parting[] = {
	FIELD_EVENT_ACTION, FIELD_EVENT_OUTCOME, FIELD_NETWORK_TRANSPORT, FIELD_NETWORK_PROTOCOL, FIELD_SOURCE_ROLE,
	FIELD_DESTINATION_ROLE, FIELD_POLICY_ACTION, FIELD_FLOW_OUTCOME, FIELD_USER_CLASS, FIELD_AUTH_CARRIER,
	FIELD_AUTH_MECHANISM, FIELD_SMB_COMMAND, FIELD_SMB_ACTION, FIELD_KERBEROS_TYPE, FIELD_PROXY_AUTH_OUTCOME,
};

/* The fields that the record may have: what is not among them, it has not. */
static void fields_there(const struct record *record, struct field_set *ret)
{
	*ret = (struct field_set){ { 0 } };
	for (size_t i = 0; i < record->n_values; i++)
		field_set_add(ret, record->values[i].field);
}

static uint64_t class_of(const struct rules *r, const struct record *record, const struct field_set *there)
{
	uint64_t class = hash_five(&r->windows->key, (const uint64_t[5]){ record->dataset, 1 });

	for (size_t i = 0; i < ARRAY_SIZE(parting); i++) {
		const struct value *v = record_get(record, parting[i]);
		uint64_t words[5] = { class, i };
		if (!v || !v->size)
			continue;
		words[1] |= (uint64_t)v->size << 8;
		if (v->size <= 2 * sizeof(words[0]))
			memcpy(&words[2], record->text + v->text, v->size);
		else
			words[2] = hash_quick(&r->windows->key, record->text + v->text, v->size);
		class = hash_five(&r->windows->key, words);
	}
	for (size_t i = 0; i < ARRAY_SIZE(there->bits); i += 4) {
		uint64_t words[5] = { class };
		memcpy(&words[1], &there->bits[i], (ARRAY_SIZE(there->bits) - i < 4 ? ARRAY_SIZE(there->bits) - i : 4) * sizeof(words[0]));
		class = hash_five(&r->windows->key, words);
	}
	return class;
}

/* Fields of the struct of a record are not among its values. */
static bool in_struct(enum field f)
{
	return f == FIELD_TIMESTAMP || f == FIELD_EVENT_KIND || f == FIELD_EVENT_DATASET || f == FIELD_EVENT_ID;
}

static void find_candidates(struct rules *r, const struct record *record, const struct field_set *there, struct candidates *c)
{
	struct field_set set = { { 0 } };

	for (enum field f = 0; f < FIELD_COUNT; f++)
		if (!field_set_has(there, f) && !in_struct(f))
			field_set_add(&set, f);
	for (size_t i = 0; i < ARRAY_SIZE(parting); i++)
		field_set_add(&set, parting[i]);
	memset(c->rules, 0, sizeof(c->rules));
	for (size_t i = 0; i < r->n_by_dataset[record->dataset]; i++)
		if (expr_may(r, r->by_dataset[record->dataset][i]->expr, record, &set) != NO)
			c->rules[i / 64] |= UINT64_C(1) << i % 64;
}

struct candidates *rules_candidates(struct rules *r, const struct record *record)
{
	struct field_set there;

	if (r->n_by_dataset[record->dataset] > CANDIDATE_RULES)
		return NULL;
	if (!r->candidates)
		r->candidates = calloc(CANDIDATE_CLASSES, sizeof(*r->candidates));
	if (!r->candidates)
		return NULL;
	fields_there(record, &there);
	uint64_t class = class_of(r, record, &there);
	struct candidates *c = &r->candidates[class % CANDIDATE_CLASSES];
	if (!c->known || c->class != class) {
		find_candidates(r, record, &there, c);
		c->class = class;
		c->known = true;
		verdict_prepare(r, record->dataset, c);
	}
	return c;
}
