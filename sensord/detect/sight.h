/* SPDX-License-Identifier: BSD-2-Clause
 * What the wires show: which of the declared zones and hosts were met and when, and how many connections of each pair of
 * zones were seen from one side only (DESIGN 7.4). Written by all capture workers through an eye of their own, read by
 * the detection thread: single words, no locks. */
#ifndef DETECT_SIGHT_H
#define DETECT_SIGHT_H

#include <stdatomic.h>

#include "base/hash.h"
#include "base/instant.h"
#include "record/meeting.h"
#include "site/site.h"

#define SIGHT_ZONES 31                    /* zones told apart in pairs; beyond that all pairs are one */
#define SIGHT_EYE 1024                    /* addresses that an eye remembers; a power of two */
#define SIGHT_AGAIN_NS (10 * NS_PER_MIN)  /* an address that goes on sending is noted this often */

struct sight_pair {
	_Atomic uint64_t flows, one_sided; /* TCP connections that are over */
	uint64_t told_flows, told_one_sided; /* reader: what was told of the hours before */
};

#define SIGHT_WAYS 1024     /* link addresses remembered with what is reached by them; a power of two */
#define SIGHT_NETWORKS 3    /* networks (of 256 addresses) behind one link address that make it a router's: hosts have one or two */

struct sight {
	const struct site *site;
	size_t n, n_zones;          /* declared; zones told apart (outside of all: n_zones) */
	_Atomic uint64_t *seen_ns;  /* of each declared, 0: never */
	bool *silent;               /* reader: its silence was told */
	struct sight_pair *pairs;   /* (n_zones + 1) squared */
	_Atomic uint64_t *ways;     /* link address, day and networks (sight.c) */
};

struct sight *sight_new(const struct site *site); /* NULL without memory */
void sight_free(struct sight *s);
/* What was seen of things that go by the same kind and name in both. */
void sight_adopt(struct sight *now, const struct sight *before);
size_t sight_pairs(const struct sight *s);
/* "users", or "outside"; NULL where zones are not told apart. */
const char *sight_zone(const struct sight *s, size_t index);

/* Were hosts of several networks reached by this link address on the day of that time? */
bool sight_routes(const struct sight *s, const uint8_t mac[6], uint64_t time_ns);

struct sight_slot {
	struct address address;
	uint64_t until_ns;
	uint16_t zone;
	bool known;
};

/* A worker's own. */
struct sight_eye {
	struct sight *sight;
	struct hash_key key;
	struct sight_slot slots[SIGHT_EYE];
};

void sight_look(struct sight_eye *eye, const struct meeting *m);

#endif
