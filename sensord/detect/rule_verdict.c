/* SPDX-License-Identifier: BSD-2-Clause
 * Which rules held for a record like this one: hosts, accounts and shares come again and again, and rules read little of
 * them. Kept by a keyed hash of all that the rules which are worth trying read; where those values hardly ever come
 * again (sizes, times), or cannot be told, the rules are tried each time. */
#include "rule_private.h"

#include <stdlib.h>

#define VERDICTS 8192         /* remembered; a power of two */
#define VERDICT_TRIAL 256     /* records of a class after which it is seen whether remembering pays */
#define VERDICT_PAYS 4        /* it does where at least one in so many was known */

static void add_source(struct candidates *c, uint16_t f)
{
	bool steady = f < FIELD_COUNT && f != FIELD_TIMESTAMP && f != FIELD_EVENT_ID;

	for (unsigned i = 0; i < c->n_fields; i++)
		if (c->fields[i] == f)
			return;
	if (!steady || c->n_fields == VERDICT_FIELDS) {
		c->remembers = false;
		return;
	}
	c->fields[c->n_fields++] = f;
}

static void add_item(struct candidates *c, const struct item *item)
{
	for (unsigned i = 0; i < item->n_sources; i++) {
		uint16_t f = item->sources[i];
		if (f == SOURCE_PATH_QUERY) {
			add_source(c, FIELD_URL_PATH);
			add_source(c, FIELD_URL_QUERY);
		} else {
			add_source(c, f == SOURCE_ROOTED_PATH ? (uint16_t)FIELD_FILE_PATH : f);
		}
	}
	if (item->kind == ITEM_REFERENCE)
		add_source(c, item->other);
	c->remembers &= item->kind != ITEM_KEYWORD;
}

/* Depth is bounded where the tree is made, as in expr_holds. */
static void add_expr(struct candidates *c, const struct expr *e)
{
	if (e->kind == EXPR_ITEM) {
		add_item(c, e->item);
		return;
	}
	for (size_t i = 0; i < e->n_parts && c->remembers; i++)
		add_expr(c, e->parts[i]);
}

void verdict_prepare(struct rules *r, enum dataset d, struct candidates *c)
{
	bool any = false;

	c->remembers = true;
	c->n_fields = 0;
	c->n_tried = c->n_known = 0;
	for (size_t i = 0; i < r->n_by_dataset[d]; i++) {
		if (!(c->rules[i / 64] >> i % 64 & 1))
			continue;
		any = true;
		add_expr(c, r->by_dataset[d][i]->expr);
	}
	c->remembers &= any;
	if (c->remembers && !r->verdicts)
		r->verdicts = calloc(VERDICTS, sizeof(*r->verdicts));
	c->remembers &= r->verdicts != NULL;
}

static uint64_t hash_value(const struct hash_key *key, uint64_t hash, const struct record *record, const struct value *v)
{
	uint64_t words[5] = { hash, v->field };

	switch (fields[v->field].type) {
	case FIELD_TYPE_TEXT:
	case FIELD_TYPE_SECRET:
		words[1] |= (uint64_t)v->size << 16;
		if (v->size > 16)
			words[2] = hash_quick(key, record->text + v->text, v->size);
		else if (v->size)
			memcpy(&words[2], record->text + v->text, v->size);
		break;
	case FIELD_TYPE_IP:
		memcpy(&words[2], &v->ip, sizeof(v->ip));
		break;
	default:
		words[2] = v->uint;
	}
	return hash_five(key, words);
}

struct verdict *verdict_place(struct rules *r, struct candidates *c, const struct record *record, uint64_t *ret_hash)
{
	const struct hash_key *key = &r->windows->key;
	uint64_t hash = c->class;

	if (!c->remembers)
		return NULL;
	for (unsigned i = 0; i < c->n_fields; i++)
		for (const struct value *v = record_get(record, c->fields[i]); v; v = record_next(record, v))
			hash = hash_value(key, hash, record, v);
	hash |= 1; /* 0: an empty place */
	struct verdict *place = &r->verdicts[hash >> 8 & (VERDICTS - 1)];
	c->n_tried++;
	c->n_known += place->hash == hash;
	if (c->n_tried == VERDICT_TRIAL)
		c->remembers = c->n_known >= VERDICT_TRIAL / VERDICT_PAYS;
	*ret_hash = hash;
	return place;
}
