/* SPDX-License-Identifier: BSD-2-Clause
 * Most flows are of hosts met a moment ago: an eye looks an address up in the site only every few minutes. */
#include "sight.h"

#include <stdlib.h>
#include <string.h>

#define AT_ONCE 16 /* declared things that one address may be */

struct sight *sight_new(const struct site *site)
{
	struct sight *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->site = site;
	s->n = site_declared_count(site);
	s->n_zones = site_declared_zones(site) <= SIGHT_ZONES ? site_declared_zones(site) : 0;
	s->seen_ns = calloc(s->n + 1, sizeof(*s->seen_ns));
	s->silent = calloc(s->n + 1, sizeof(*s->silent));
	s->pairs = calloc(sight_pairs(s), sizeof(*s->pairs));
	if (s->seen_ns && s->silent && s->pairs)
		return s;
	sight_free(s);
	return NULL;
}

void sight_free(struct sight *s)
{
	if (!s)
		return;
	free((void *)s->seen_ns);
	free(s->silent);
	free(s->pairs);
	free(s);
}

size_t sight_pairs(const struct sight *s)
{
	return (s->n_zones + 1) * (s->n_zones + 1);
}

const char *sight_zone(const struct sight *s, size_t index)
{
	if (s->n_zones == 0)
		return NULL;
	return index < s->n_zones ? site_declared(s->site, index).name : "outside";
}

static size_t find_same(const struct sight *s, struct site_declared wanted)
{
	for (size_t i = 0; i < s->n; i++) {
		struct site_declared one = site_declared(s->site, i);
		if (strcmp(one.kind, wanted.kind) == 0 && strcmp(one.name, wanted.name) == 0)
			return i;
	}
	return s->n;
}

void sight_adopt(struct sight *now, const struct sight *before)
{
	for (size_t i = 0; i < now->n; i++) {
		size_t old = find_same(before, site_declared(now->site, i));
		if (old == before->n)
			continue;
		atomic_store_explicit(&now->seen_ns[i], atomic_load_explicit(&before->seen_ns[old], memory_order_relaxed),
				      memory_order_relaxed);
		now->silent[i] = before->silent[old];
	}
}

static void note(struct sight *s, size_t index, uint64_t time_ns)
{
	if (atomic_load_explicit(&s->seen_ns[index], memory_order_relaxed) < time_ns)
		atomic_store_explicit(&s->seen_ns[index], time_ns, memory_order_relaxed);
}

/* The zone of an address; notes what it is where that was not done lately. */
static size_t look_at(struct sight_eye *eye, const struct address *a, bool seen, uint64_t time_ns)
{
	uint64_t words[5] = { 0 };
	size_t found[AT_ONCE];

	memcpy(words, a, sizeof(*a));
	struct sight_slot *slot = &eye->slots[hash_five(&eye->key, words) % SIGHT_EYE];
	bool same = slot->known && address_equal(&slot->address, a);
	if (same && (!seen || time_ns < slot->until_ns))
		return slot->zone;
	size_t n = site_declared_find(eye->sight->site, a, found, AT_ONCE);
	for (size_t i = 0; i < n && seen; i++)
		note(eye->sight, found[i], time_ns);
	size_t zone = n && found[0] < eye->sight->n_zones ? found[0] : eye->sight->n_zones;
	*slot = (struct sight_slot){ *a, seen ? time_ns + SIGHT_AGAIN_NS : 0, (uint16_t)zone, true };
	return zone;
}

void sight_look(struct sight_eye *eye, const struct meeting *m)
{
	struct sight *s = eye->sight;
	size_t from = look_at(eye, m->client, m->client_seen, m->time_ns);
	size_t to = look_at(eye, m->server, m->server_seen, m->time_ns);

	if (!m->counts)
		return;
	struct sight_pair *pair = &s->pairs[from * (s->n_zones + 1) + to];
	atomic_fetch_add_explicit(&pair->flows, 1, memory_order_relaxed);
	if (!m->client_seen || !m->server_seen)
		atomic_fetch_add_explicit(&pair->one_sided, 1, memory_order_relaxed);
}
