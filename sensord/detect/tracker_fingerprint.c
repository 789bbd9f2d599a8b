/* SPDX-License-Identifier: BSD-2-Clause
 * JA4 fingerprints that hardly any terminal shows (MEASURES C-11): which terminal showed which one, and how many
 * terminals showed it. What the tables forget makes a fingerprint look rarer, so nothing is said once they are full. */
#include "tracked.h"

#include "base/table.h"

#include <stdlib.h>

#define RARE_TERMINALS 200 /* terminals before rarity means anything */
#define RARE_SHARE 0.005   /* of them */

struct pair_key {
	struct address terminal;
	uint64_t fingerprint;
};

struct fingerprints {
	struct table *pairs;     /* terminal and fingerprint; no value of interest */
	struct table *terminals;
	struct table *counts;    /* fingerprint: uint64_t terminals */
};

static void fingerprints_stop(void *state)
{
	struct fingerprints *s = state;
	struct table *tables[] = { s->pairs, s->terminals, s->counts };

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		if (tables[i])
			table_free(tables[i]);
	}
	free(s);
}

static void *fingerprints_start(struct tracking *t)
{
	struct fingerprints *s = calloc(1, sizeof(*s));
	const struct hash_key *key = tracking_key(t);
	size_t part = tracking_entries(t) / 4;

	if (!s)
		return NULL;
	s->pairs = table_new(sizeof(struct pair_key), sizeof(uint64_t), 2 * part, key, NULL, NULL);
	s->terminals = table_new(sizeof(struct address), sizeof(uint64_t), part, key, NULL, NULL);
	s->counts = table_new(sizeof(uint64_t), sizeof(uint64_t), part, key, NULL, NULL);
	if (!s->pairs || !s->terminals || !s->counts) {
		fingerprints_stop(s);
		return NULL;
	}
	return s;
}

static bool forgot(const struct fingerprints *s)
{
	return table_evicted(s->pairs) || table_evicted(s->terminals) || table_evicted(s->counts);
}

static void fingerprints_see(void *state, struct tracking *t, struct record *r)
{
	struct fingerprints *s = state;
	const struct address *terminal = record_ip(r, FIELD_SOURCE_IP);
	struct bytes ja4 = record_text(r, FIELD_TLS_CLIENT_JA4);
	struct pair_key key;
	bool is_new = false;

	if (!terminal || ja4.size == 0 || site_is_external(tracking_site(t), terminal))
		return;
	memset(&key, 0, sizeof(key));
	key.terminal = *terminal;
	key.fingerprint = hash_bytes(tracking_key(t), ja4.at, ja4.size);
	if (!table_make(s->pairs, &key, r->time_ns, &is_new) || !table_make(s->terminals, terminal, r->time_ns, NULL))
		return;
	uint64_t *count = table_make(s->counts, &key.fingerprint, r->time_ns, NULL);
	if (!count || !is_new)
		return;
	++*count;
	size_t all = table_count(s->terminals);
	if (all >= RARE_TERMINALS && !forgot(s) && (double)*count < RARE_SHARE * (double)all)
		record_set_bool(r, FIELD_TLS_CLIENT_JA4_RARE, true);
}

static const enum field fingerprint_sets[] = { FIELD_TLS_CLIENT_JA4_RARE, FIELD_COUNT };

const struct tracker tracker_fingerprint = {
	.name = "fingerprint",
	.n_tables = 3,
	.reads = DATASET_BIT(DATASET_TLS),
	.sets = fingerprint_sets,
	.start = fingerprints_start,
	.see = fingerprints_see,
	.stop = fingerprints_stop,
};
