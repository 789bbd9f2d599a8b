/* SPDX-License-Identifier: BSD-2-Clause
 * What goes on when the rules are replaced while records come. A correlation is known again by its identity: its name
 * and UUID, what its document says (comments, order of files and place in them aside), the filters on it, and the same
 * of every rule it is made of. Windows are kept under the identity of their correlation, so they go over as they are. */
#include <stdlib.h>

#include "rule_private.h"

/* Never leaves the process, and is of texts that the operator wrote. */
static const struct hash_key fixed_key = { UINT64_C(0x72756c65735f6b65), UINT64_C(0x65705f7465787473) };

static uint64_t mix(uint64_t a, uint64_t b)
{
	return hash_five(&fixed_key, (const uint64_t[5]){ a, b });
}

static uint64_t string_hash(const char *s)
{
	return s ? hash_quick(&fixed_key, s, strlen(s)) : 0;
}

/* Depth and number of nodes are those that the parser let through (YAML_DEPTH, YAML_NODES). */
static uint64_t node_hash(const struct node *n)
{
	uint64_t h = mix(n->kind, string_hash(n->key));

	if (n->kind == NODE_SCALAR)
		h = mix(h, hash_quick(&fixed_key, n->text, n->size));
	for (const struct node *child = n->first; child; child = child->next)
		h = mix(h, node_hash(child));
	return h;
}

void keep_text(struct rule *r, const struct node *root)
{
	r->text = mix(r->text, node_hash(root));
}

/* A chain of correlations has at most RULE_CHAIN links. */
static uint64_t identity_of(const struct rule *r)
{
	uint64_t h = mix(mix(string_hash(r->about.name), string_hash(r->about.uuid)), r->text);

	for (size_t i = 0; r->correlation && i < r->correlation->n_children; i++)
		h = mix(h, identity_of(r->correlation->children[i]));
	return h;
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* by_number compares the first word, which is the identity. */
static const struct known *find_known(const struct rules *r, uint64_t identity)
{
	return r->n_known ? bsearch(&identity, r->known, r->n_known, sizeof(*r->known), by_number) : NULL;
}

static bool is_kept(const void *context, uint64_t identity)
{
	const struct rules *r = context;

	return r->n_known && bsearch(&identity, r->kept, r->n_known, sizeof(identity), by_number) != NULL;
}

/* Documents without name and UUID may be there twice: the second is told from the first by its place among them. */
static uint64_t distinct(const struct rules *r, size_t index, uint64_t identity)
{
	uint64_t before = 0;

	for (size_t i = 0; i < index && !r->list[index]->about.name && !r->list[index]->about.uuid; i++)
		before += r->list[i]->correlation && r->list[i]->text == r->list[index]->text;
	return before ? mix(identity, before) : identity;
}

/* Counts of values share the events of one rule, whatever their own numbers are (rule_contact.c). */
static uint64_t window_identity(const struct rule *r)
{
	const struct correlation *k = r->correlation;
	uint64_t h = r->identity;

	if (shares_windows(k)) {
		h = mix(mix(identity_of(k->children[0]), windows_reach(k)), k->n_group);
		for (size_t i = 0; i < k->n_group; i++)
			h = mix(h, k->group[i]);
		for (size_t i = 0; i < k->n_values; i++)
			h = mix(h, k->values[i]);
	}
	return k->kind == CORRELATION_VALUE_COUNT ? h | WINDOW_TEXTS : h & ~(uint64_t)WINDOW_TEXTS;
}

bool keep_identities(struct rules *r)
{
	size_t n = 0;

	r->known = store_take(&r->store, (r->n_list + 1) * sizeof(*r->known));
	r->kept = store_take(&r->store, (r->n_list + 1) * sizeof(*r->kept));
	if (!r->known || !r->kept)
		return false;
	for (size_t i = 0; i < r->n_list; i++) {
		struct rule *one = r->list[i];

		one->identity = distinct(r, i, identity_of(one));
		if (!one->correlation)
			continue;
		one->window_identity = window_identity(one);
		if (!rule_is_live(one))
			continue;
		r->known[n] = (struct known){ one->identity, one };
		r->kept[n++] = one->window_identity;
	}
	r->n_known = n;
	if (n) {
		qsort(r->known, n, sizeof(*r->known), by_number);
		qsort(r->kept, n, sizeof(*r->kept), by_number);
	}
	return true;
}

void rules_adopt(struct rules *now, struct rules *before, uint64_t now_ns)
{
	struct windows *own = now->windows;
	bool all = true;

	now->windows = before->windows;
	before->windows = own;
	now->generation = (uint8_t)(before->generation + 1);
	for (size_t i = 0; i < before->n_known; i++)
		all &= is_kept(now, before->kept[i]);
	if (!all)
		windows_prune(now->windows, is_kept, now);
	for (size_t i = 0; i < now->n_known; i++) {
		const struct known *old = find_known(before, now->known[i].identity);

		now->known[i].rule->correlation->since_ns = old ? old->rule->correlation->since_ns : now_ns + 1;
	}
}

static bool same_string(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

const struct rule_about *rules_same(const struct rules *r, const struct rule_about *about)
{
	for (size_t i = 0; i < r->n_list; i++) {
		const struct rule_about *a = &r->list[i]->about;
		bool named = a->name || about->name || a->uuid || about->uuid;

		if (!a->enabled)
			continue;
		if (same_string(a->name, about->name) || (!a->name && !about->name && same_string(a->uuid, about->uuid)) ||
		    (!named && same_string(a->title, about->title)))
			return a;
	}
	return NULL;
}
