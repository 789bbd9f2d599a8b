/* SPDX-License-Identifier: BSD-2-Clause
 * Chained hash table whose entries also stand in a list in order of use. */
#include "base/table.h"

#include <stdlib.h>
#include <string.h>

struct entry {
	struct entry *chain;          /* next in the bucket */
	struct entry *older, *newer;  /* order of use */
	uint64_t hash, used_ns;
	/* key, then value (aligned to 16) */
};

struct table {
	struct entry **buckets;
	size_t n_buckets, count, max, key_size, value_at, entry_size;
	struct entry *oldest, *newest;
	uint64_t evicted;
	struct hash_key key;
	void (*drop)(void *context, const void *key, void *value);
	void *context;
};

/* Short keys take the flow table's way: half the cost. */
static uint64_t hash_of(const struct table *t, const void *key)
{
	uint64_t words[5] = { 0 };

	if (t->key_size > sizeof(words))
		return hash_bytes(&t->key, key, t->key_size);
	memcpy(words, key, t->key_size);
	return hash_five(&t->key, words);
}

static void *entry_key(struct entry *e)
{
	return (char *)e + sizeof(struct entry);
}

static void *entry_value(const struct table *t, struct entry *e)
{
	return (char *)e + t->value_at;
}

struct table *table_new(size_t key_size, size_t value_size, size_t max, const struct hash_key *key,
			void (*drop)(void *context, const void *key, void *value), void *context)
{
	struct table *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->n_buckets = 64;
	t->buckets = calloc(t->n_buckets, sizeof(struct entry *));
	if (!t->buckets) {
		free(t);
		return NULL;
	}
	t->max = max ? max : 1;
	t->key_size = key_size;
	t->value_at = (sizeof(struct entry) + key_size + 15) & ~(size_t)15;
	t->entry_size = t->value_at + value_size;
	t->key = *key;
	t->drop = drop;
	t->context = context;
	return t;
}

static void unlink_use(struct table *t, struct entry *e)
{
	*(e->older ? &e->older->newer : &t->oldest) = e->newer;
	*(e->newer ? &e->newer->older : &t->newest) = e->older;
}

static void link_use(struct table *t, struct entry *e)
{
	e->older = t->newest;
	e->newer = NULL;
	*(t->newest ? &t->newest->newer : &t->oldest) = e;
	t->newest = e;
}

static void discard(struct table *t, struct entry *e)
{
	struct entry **at = &t->buckets[e->hash & (t->n_buckets - 1)];

	while (*at != e)
		at = &(*at)->chain;
	*at = e->chain;
	unlink_use(t, e);
	t->count--;
	if (t->drop)
		t->drop(t->context, entry_key(e), entry_value(t, e));
	free(e);
}

void table_free(struct table *t)
{
	if (!t)
		return;
	while (t->oldest)
		discard(t, t->oldest);
	free(t->buckets);
	free(t);
}

static struct entry *lookup(const struct table *t, const void *key, uint64_t hash)
{
	for (struct entry *e = t->buckets[hash & (t->n_buckets - 1)]; e; e = e->chain)
		if (e->hash == hash && memcmp(entry_key(e), key, t->key_size) == 0)
			return e;
	return NULL;
}

/* Entries expire in order of use, so the order must be one of time: the clock of an entry never runs backwards. */
static void touch(struct table *t, struct entry *e, uint64_t now_ns)
{
	if (t->newest && t->newest->used_ns > now_ns)
		now_ns = t->newest->used_ns;
	e->used_ns = now_ns;
	if (t->newest == e)
		return;
	unlink_use(t, e);
	link_use(t, e);
}

void *table_find(struct table *t, const void *key, uint64_t now_ns)
{
	struct entry *e = lookup(t, key, hash_of(t, key));

	if (!e)
		return NULL;
	touch(t, e, now_ns);
	return entry_value(t, e);
}

void *table_peek(const struct table *t, const void *key)
{
	struct entry *e = lookup(t, key, hash_of(t, key));

	return e ? entry_value(t, e) : NULL;
}

static void grow(struct table *t)
{
	size_t n = t->n_buckets * 2;
	struct entry **buckets = calloc(n, sizeof(struct entry *));

	if (!buckets)
		return; /* longer chains, nothing worse */
	for (struct entry *e = t->oldest; e; e = e->newer) {
		e->chain = buckets[e->hash & (n - 1)];
		buckets[e->hash & (n - 1)] = e;
	}
	free(t->buckets);
	t->buckets = buckets;
	t->n_buckets = n;
}

void *table_make(struct table *t, const void *key, uint64_t now_ns, bool *ret_new)
{
	uint64_t hash = hash_of(t, key);
	struct entry *e = lookup(t, key, hash);

	if (ret_new)
		*ret_new = !e;
	if (e) {
		touch(t, e, now_ns);
		return entry_value(t, e);
	}
	while (t->count >= t->max) {
		t->evicted++;
		discard(t, t->oldest);
	}
	if (t->count >= t->n_buckets)
		grow(t);
	e = calloc(1, t->entry_size);
	if (!e)
		return NULL;
	memcpy(entry_key(e), key, t->key_size);
	e->hash = hash;
	e->chain = t->buckets[hash & (t->n_buckets - 1)];
	t->buckets[hash & (t->n_buckets - 1)] = e;
	e->used_ns = t->newest && t->newest->used_ns > now_ns ? t->newest->used_ns : now_ns;
	link_use(t, e);
	t->count++;
	return entry_value(t, e);
}

void table_remove(struct table *t, const void *key)
{
	struct entry *e = lookup(t, key, hash_of(t, key));

	if (e)
		discard(t, e);
}

size_t table_expire(struct table *t, uint64_t before_ns)
{
	size_t n = 0;

	for (; t->oldest && t->oldest->used_ns < before_ns; n++)
		discard(t, t->oldest);
	return n;
}

bool table_evict(struct table *t)
{
	if (!t->oldest)
		return false;
	t->evicted++;
	discard(t, t->oldest);
	return true;
}

void table_walk(const struct table *t, void (*see)(void *context, const void *key, void *value), void *context)
{
	for (struct entry *e = t->oldest; e; e = e->newer)
		see(context, entry_key(e), entry_value(t, e));
}

size_t table_prune(struct table *t, bool (*keep)(void *context, const void *key, void *value), void *context)
{
	size_t n = 0;

	for (struct entry *e = t->oldest, *next; e; e = next) {
		next = e->newer;
		if (keep(context, entry_key(e), entry_value(t, e)))
			continue;
		discard(t, e);
		n++;
	}
	return n;
}

size_t table_count(const struct table *t)
{
	return t->count;
}

uint64_t table_evicted(const struct table *t)
{
	return t->evicted;
}

size_t table_bytes(const struct table *t)
{
	return sizeof(*t) + t->n_buckets * sizeof(*t->buckets) + t->count * t->entry_size;
}
