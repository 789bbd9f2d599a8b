/* SPDX-License-Identifier: BSD-2-Clause
 * What counting shares: hosts and their signs of life, sights and the cells they belong to. */
#ifndef APP_AUDIT_EVIDENCE_H
#define APP_AUDIT_EVIDENCE_H

#include "audit_sets.h"

#define HOST_SPANS 16 /* stretches of time in which a host was alive; beyond, the oldest is forgotten */

struct audit_host {
	uint64_t from_ns[HOST_SPANS], to_ns[HOST_SPANS];
	uint8_t n_spans;
	uint8_t ttl; /* of what the host itself sends; 0: not seen */
	int16_t subnet;
	bool known, sampled;
};

/* What waits for the end of the captures: was the target alive, and from how far does it answer? */
struct audit_waiting_key {
	uint32_t cell;
	uint32_t ttl; /* of a refusal by RST; 0: no answer */
	uint64_t slot; /* of time: a sign of life counts for ten minutes */
	struct address to;
};
struct audit_waiting {
	uint64_t count, last_ns;
	struct audit_sight sight;
	uint8_t ways; /* of audit_cell */
};

/* A record that was placed. */
struct audit_seen {
	const struct record *record;
	const struct address *from, *to;
	struct audit_host *from_host;
	int from_net, to_net; /* subnets, -1: none */
	uint8_t version;
	uint16_t port;
};

struct audit_host *audit_host(struct audit *a, const struct address *at, uint64_t now_ns);
void audit_alive(struct audit_host *h, uint64_t time_ns);
bool audit_alive_at(const struct audit_host *h, uint64_t time_ns); /* h may be NULL */
/* Of keys with two parts. */
struct audit_cell *audit_cell_at(const struct audit *a, enum audit_what what, uint16_t version, size_t x, size_t y);
/* Role of the subnet's zone; "" for -1. */
const char *audit_role(const struct audit *a, int subnet);
struct audit_sight audit_sight(struct audit *a, const struct audit_seen *s, const char *format, ...) PRINTF(3, 4);
/* Counts the sight; one that an exception covers counts as that. c may be NULL. */
void audit_mark(struct audit *a, struct audit_cell *c, enum audit_event event, const struct audit_seen *s,
		const struct audit_sight *sight);
bool audit_excepted(const struct audit *a, const struct audit_cell *c, const struct audit_seen *s);

/* audit_logons.c */
void audit_proxy(struct audit *a, const struct audit_seen *s);
void audit_tunnel(struct audit *a, const struct audit_seen *s);
void audit_auth(struct audit *a, const struct audit_seen *s);
void audit_rpc(struct audit *a, const struct audit_seen *s);
int audit_listener_at(const struct audit *a, const struct address *at, uint64_t port);

#endif
