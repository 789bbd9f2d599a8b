/* SPDX-License-Identifier: BSD-2-Clause
 * The flow table: keyed hash, wait lists, memory accounts. */
#include <stdlib.h>

#include "flow.h"

#define POOL_MAX 1024 /* freed flows kept for the next ones */

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

_Static_assert(sizeof(struct flow_key) == 40, "hash_five takes the whole key");

uint64_t flow_hash(const struct engine *e, const struct flow_key *key)
{
	uint64_t words[5];

	memcpy(words, key, sizeof(words));
	return hash_five(&e->key, words);
}

/* The hash stands in the slot, so that a search touches only the flow it is looking for. */
struct flow *flow_find(struct engine *e, const struct flow_key *key, uint64_t hash)
{
	size_t mask = e->n_slots - 1;

	for (size_t i = hash & mask; e->slots[i].flow; i = (i + 1) & mask)
		if (e->slots[i].hash == hash && memcmp(&e->slots[i].flow->key, key, sizeof(*key)) == 0)
			return e->slots[i].flow;
	return NULL;
}

static void place(struct flow_slot *slots, size_t n, uint64_t hash, struct flow *f)
{
	size_t i = hash & (n - 1);

	while (slots[i].flow)
		i = (i + 1) & (n - 1);
	slots[i] = (struct flow_slot){ hash, f };
}

static bool grow(struct engine *e)
{
	size_t n = e->n_slots * 2;
	struct flow_slot *slots = calloc(n, sizeof(*slots));

	if (!slots)
		return false;
	for (size_t i = 0; i < e->n_slots; i++)
		if (e->slots[i].flow)
			place(slots, n, e->slots[i].hash, e->slots[i].flow);
	free(e->slots);
	e->slots = slots;
	e->counts.memory_bytes += (n - e->n_slots) * sizeof(*slots);
	e->n_slots = n;
	return true;
}

/* Frees a slot and closes the gap, so that no search ends before its time. */
static void vacate(struct engine *e, const struct flow *f)
{
	size_t mask = e->n_slots - 1, i = flow_hash(e, &f->key) & mask;

	while (e->slots[i].flow != f)
		i = (i + 1) & mask;
	for (size_t j = (i + 1) & mask; e->slots[j].flow; j = (j + 1) & mask) {
		size_t home = e->slots[j].hash & mask;
		if (((j - home) & mask) < ((j - i) & mask))
			continue; /* may not move in front of its home */
		e->slots[i] = e->slots[j];
		i = j;
	}
	e->slots[i].flow = NULL;
}

void flow_charge(struct engine *e, struct flow *f, size_t more, size_t less)
{
	f->memory += (uint32_t)more;
	f->memory -= (uint32_t)less;
	e->counts.memory_bytes += more;
	e->counts.memory_bytes -= less;
}

static struct flow *take(struct engine *e)
{
	struct flow *f = e->pool;

	if (!f)
		return calloc(1, sizeof(*f));
	e->pool = f->older;
	e->n_pool--;
	memset(f, 0, sizeof(*f));
	return f;
}

struct flow *flow_make(struct engine *e, const struct flow_key *key, uint64_t hash)
{
	if (4 * e->counts.live_flows >= 3 * e->n_slots && !grow(e))
		return NULL;
	struct flow *f = take(e);
	if (!f)
		return NULL;
	f->key = *key;
	f->path_open = -1;
	f->closed_by = f->reset_by = f->reopened_by = -1;
	f->first_ns = f->last_ns = f->listed_ns = e->now_ns;
	f->first_packet = f->last_packet = e->packet;
	place(e->slots, e->n_slots, hash, f);
	f->wait = WAIT_ANSWER;
	wait_link(&e->waits[WAIT_ANSWER], f);
	flow_charge(e, f, sizeof(*f), 0);
	e->counts.live_flows++;
	e->counts.flows++;
	return f;
}

void flow_remove(struct engine *e, struct flow *f)
{
	vacate(e, f);
	wait_unlink(&e->waits[f->wait], f);
	for (size_t i = 0; i < ARRAY_SIZE(e->last); i++)
		if (e->last[i] == f)
			e->last[i] = NULL;
	e->counts.memory_bytes -= f->memory;
	e->counts.live_flows--;
	free(f->server_name);
	free(f->inside);
	if (e->n_pool >= POOL_MAX) {
		free(f);
		return;
	}
	f->older = e->pool;
	e->pool = f;
	e->n_pool++;
}

struct inside *flow_inside(struct engine *e, struct flow *f)
{
	if (!f->inside) {
		f->inside = calloc(1, sizeof(*f->inside));
		if (f->inside)
			flow_charge(e, f, sizeof(*f->inside), 0);
	}
	return f->inside;
}

void flow_table_release(struct engine *e)
{
	while (e->pool) {
		struct flow *f = e->pool;
		e->pool = f->older;
		free(f);
	}
	free(e->slots);
}
