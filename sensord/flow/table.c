/* SPDX-License-Identifier: BSD-2-Clause
 * The flow table: keyed hash, wait lists, memory accounts. */
#include <stdlib.h>

#include "flow.h"

static void wait_unlink(struct wait_list *l, struct flow *f)
{
	*(f->older ? &f->older->newer : &l->oldest) = f->newer;
	*(f->newer ? &f->newer->older : &l->newest) = f->older;
}

static void wait_link(struct wait_list *l, struct flow *f)
{
	f->older = l->newest;
	f->newer = NULL;
	*(l->newest ? &l->newest->newer : &l->oldest) = f;
	l->newest = f;
}

void flow_wait(struct engine *e, struct flow *f, enum wait w)
{
	wait_unlink(&e->waits[f->wait], f);
	f->wait = (uint8_t)w;
	f->listed_ns = e->now_ns;
	wait_link(&e->waits[w], f);
}

struct flow *flow_find(struct engine *e, const struct flow_key *key, uint64_t hash)
{
	for (struct flow *f = e->buckets[hash & (e->n_buckets - 1)]; f; f = f->chain)
		if (f->hash == hash && memcmp(&f->key, key, sizeof(*key)) == 0)
			return f;
	return NULL;
}

static void grow(struct engine *e)
{
	size_t n = e->n_buckets * 2;
	struct flow **buckets = calloc(n, sizeof(*buckets));

	if (!buckets)
		return;
	for (size_t i = 0; i < e->n_buckets; i++) {
		for (struct flow *f = e->buckets[i], *next; f; f = next) {
			next = f->chain;
			f->chain = buckets[f->hash & (n - 1)];
			buckets[f->hash & (n - 1)] = f;
		}
	}
	free(e->buckets);
	e->buckets = buckets;
	e->counts.memory_bytes += (n - e->n_buckets) * sizeof(*buckets);
	e->n_buckets = n;
}

void flow_charge(struct engine *e, struct flow *f, size_t more, size_t less)
{
	f->memory += (uint32_t)more;
	f->memory -= (uint32_t)less;
	e->counts.memory_bytes += more;
	e->counts.memory_bytes -= less;
}

struct flow *flow_make(struct engine *e, const struct flow_key *key, uint64_t hash)
{
	if (e->counts.live_flows >= e->n_buckets)
		grow(e);
	struct flow *f = calloc(1, sizeof(*f));
	if (!f)
		return NULL;
	f->key = *key;
	f->hash = hash;
	f->path_open = -1;
	f->closed_by = -1;
	f->first_ns = f->last_ns = f->listed_ns = e->now_ns;
	f->first_packet = e->packet;
	f->chain = e->buckets[hash & (e->n_buckets - 1)];
	e->buckets[hash & (e->n_buckets - 1)] = f;
	f->wait = WAIT_ANSWER;
	wait_link(&e->waits[WAIT_ANSWER], f);
	flow_charge(e, f, sizeof(*f), 0);
	e->counts.live_flows++;
	e->counts.flows++;
	return f;
}

void flow_remove(struct engine *e, struct flow *f)
{
	struct flow **at = &e->buckets[f->hash & (e->n_buckets - 1)];

	while (*at != f)
		at = &(*at)->chain;
	*at = f->chain;
	wait_unlink(&e->waits[f->wait], f);
	for (size_t i = 0; i < ARRAY_SIZE(e->last); i++)
		if (e->last[i] == f)
			e->last[i] = NULL;
	e->counts.memory_bytes -= f->memory;
	e->counts.live_flows--;
	free(f->server_name);
	free(f);
}
