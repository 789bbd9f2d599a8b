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
	s->ways = calloc(SIGHT_WAYS, sizeof(*s->ways));
	if (s->seen_ns && s->silent && s->pairs && s->ways)
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
	free((void *)s->ways);
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
	for (size_t i = 0; i < SIGHT_WAYS; i++)
		atomic_store_explicit(&now->ways[i], atomic_load_explicit(&before->ways[i], memory_order_relaxed), memory_order_relaxed);
}

/* ---- what is reached by which link address ---- */

/* One word each: the link address, the day (4 bits), and a bit for each network, of which two may share one. A day that is
 * another one begins anew, for terminals wander. What two threads write at once is written again with the next flow. */
#define WAY_DAY_SHIFT 12
#define WAY_TRIES 8

static uint64_t way_head(const uint8_t mac[6], uint64_t time_ns)
{
	uint64_t head = 0;

	for (size_t i = 0; i < 6; i++)
		head = head << 8 | mac[i];
	return head << 4 | (time_ns / NS_PER_DAY & 15);
}

/* Where this link address stands, or may; NULL: the places are taken. No result may depend on a key of the day. */
static _Atomic uint64_t *way_place(const struct sight *s, uint64_t head)
{
	uint64_t hash = (head >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 32;

	for (size_t i = 0; i < WAY_TRIES; i++) {
		_Atomic uint64_t *place = &s->ways[(hash + i) % SIGHT_WAYS];
		uint64_t there = atomic_load_explicit(place, memory_order_relaxed);
		if (there == 0 || there >> (WAY_DAY_SHIFT + 4) == head >> 4)
			return place;
	}
	return NULL;
}

static void note_way(struct sight *s, const uint8_t mac[6], const struct address *a, uint64_t time_ns)
{
	const uint8_t *octets = address_v4_octets(a);

	/* Nobody's address, that of the link itself, and groups are reached by any. */
	if (!octets || octets[0] == 0 || (octets[0] == 169 && octets[1] == 254) || octets[0] >= 224 || (mac[0] & 1))
		return;
	uint32_t network = (uint32_t)octets[0] << 16 | (uint32_t)octets[1] << 8 | octets[2];
	uint64_t bit = UINT64_C(1) << ((uint64_t)(network * UINT32_C(0x9e3779b1)) * WAY_DAY_SHIFT >> 32);
	uint64_t head = way_head(mac, time_ns);
	_Atomic uint64_t *place = way_place(s, head);
	if (!place)
		return;
	uint64_t there = atomic_load_explicit(place, memory_order_relaxed);
	bool same = there >> WAY_DAY_SHIFT == head;
	if (!same || !(there & bit))
		atomic_store_explicit(place, head << WAY_DAY_SHIFT | (same ? there & ((1u << WAY_DAY_SHIFT) - 1) : 0) | bit, memory_order_relaxed);
}

bool sight_routes(const struct sight *s, const uint8_t mac[6], uint64_t time_ns)
{
	uint64_t head = way_head(mac, time_ns);
	_Atomic uint64_t *place = way_place(s, head);
	uint64_t there = place ? atomic_load_explicit(place, memory_order_relaxed) : 0;

	return there >> WAY_DAY_SHIFT == head && __builtin_popcountll(there & ((1u << WAY_DAY_SHIFT) - 1)) >= SIGHT_NETWORKS;
}

/* ---- who was met ---- */

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

	if (!m->counts) {
		if (m->has_mac && m->client_seen && m->server_seen) { /* anybody can ask in the name of others */
			note_way(s, m->client_mac, m->client, m->time_ns);
			note_way(s, m->server_mac, m->server, m->time_ns);
		}
		return;
	}
	struct sight_pair *pair = &s->pairs[from * (s->n_zones + 1) + to];
	atomic_fetch_add_explicit(&pair->flows, 1, memory_order_relaxed);
	if (!m->client_seen || !m->server_seen)
		atomic_fetch_add_explicit(&pair->one_sided, 1, memory_order_relaxed);
}
