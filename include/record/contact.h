/* SPDX-License-Identifier: BSD-2-Clause
 * Who reached whom: all that a flow record says, as plain data that costs little to make. It becomes a record where
 * somebody wants one; where only its ends are counted it never does. May be copied and may cross threads: what it points
 * to lives as long as the engine that made it, server_name during the call only. */
#ifndef RECORD_CONTACT_H
#define RECORD_CONTACT_H

#include "record/record.h"

#define CONTACT_ENCAPSULATIONS 4

/* What every record of a flow says of it. */
struct contact_ends {
	struct address client, server;
	uint16_t client_port, server_port;
	bool has_port, has_mac;
	uint8_t n_vlan;
	uint16_t vlan[2];
	uint8_t client_mac[6], server_mac[6];
	const char *transport;          /* NULL: none that has a name */
	const char *observer, *interface, *file; /* NULL where not known */
	uint64_t packet;                /* in that file; 0 where not known */
};

struct contact {
	uint64_t time_ns, id;
	uint64_t feeds;                 /* what the interest question answered: the counts that it feeds */
	struct contact_ends ends;
	const char *action, *outcome;
	const char *protocol, *server_name, *reject; /* NULL: none */
	const char *encapsulation[CONTACT_ENCAPSULATIONS];
	uint64_t start_ns, duration_ns, client_bytes, server_bytes, missed;
	struct address reject_by;
	uint32_t client_packets, server_packets, icmp_payload;
	uint16_t syn_count, overlap_conflicts; /* 0: not said */
	uint8_t iana_number, n_encapsulations, n_first_bytes, first_bytes[16];
	uint8_t icmp_type, icmp_code;
	int8_t path_open;               /* -1: not known */
	uint8_t reject_ttl, host_ttl;   /* of a refusal by RST, and of what the host itself sent; 0: not known */
	bool has_iana_number, has_icmp, one_sided, partial;
};

void contact_ends_record(const struct contact_ends *e, struct record *r);
/* r is emptied first, and has the id of the contact. */
void contact_record(const struct contact *c, struct record *r);

typedef void contact_sink(void *context, const struct contact *c);

#endif
