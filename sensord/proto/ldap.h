/* SPDX-License-Identifier: BSD-2-Clause
 * What the files of the LDAP parser share: ldap.c turns bytes into messages, ldap_message.c reads requests and results
 * and pairs them, ldap_bind.c reads credentials and keeps who is bound, ldap_filter.c writes search filters as text. */
#ifndef SENSORD_PROTO_LDAP_H
#define SENSORD_PROTO_LDAP_H

#include "ber.h"
#include "base/text.h"
#include "proto/protocol.h"

/* Tags of protocolOp (RFC 4511 section 4.2 and following). */
enum ldap_tag {
	LDAP_BIND = 0x60,
	LDAP_BIND_RESPONSE = 0x61,
	LDAP_UNBIND = 0x42,
	LDAP_SEARCH = 0x63,
	LDAP_ENTRY = 0x64,
	LDAP_SEARCH_DONE = 0x65,
	LDAP_MODIFY = 0x66,
	LDAP_MODIFY_RESPONSE = 0x67,
	LDAP_ADD = 0x68,
	LDAP_ADD_RESPONSE = 0x69,
	LDAP_DELETE = 0x4a,
	LDAP_DELETE_RESPONSE = 0x6b,
	LDAP_MODIFY_DN = 0x6c,
	LDAP_MODIFY_DN_RESPONSE = 0x6d,
	LDAP_COMPARE = 0x6e,
	LDAP_COMPARE_RESPONSE = 0x6f,
	LDAP_ABANDON = 0x50,
	LDAP_REFERENCE = 0x73,
	LDAP_EXTENDED = 0x77,
	LDAP_EXTENDED_RESPONSE = 0x78,
	LDAP_INTERMEDIATE = 0x79,
};

enum { LDAP_SUCCESS = 0, LDAP_COMPARE_FALSE = 5, LDAP_COMPARE_TRUE = 6, LDAP_BIND_IN_PROGRESS = 14 };

#define LDAP_PENDING 16  /* requests that wait for their answer on one connection; the oldest goes first */
#define LDAP_SEARCHES 16 /* searches of one connection that are remembered, so that repeats are folded */

struct ldap_request {
	struct record *told; /* as much of the record as the request gives; NULL where nobody asks */
	uint64_t time_ns, packet;
	uint64_t entries, bytes;
	uint32_t id;
	uint8_t tag; /* 0: this place is free */
};

struct ldap_search {
	uint64_t hash; /* 0: free */
	uint64_t told_ns;
	struct record *last; /* latest repeat; NULL where there was none */
	uint64_t last_packet;
	uint64_t repeats, entries, bytes;
};

struct ldap {
	struct ldap_request requests[LDAP_PENDING]; /* oldest first, without holes */
	struct ldap_search searches[LDAP_SEARCHES];
	uint8_t next_search;
	bool confirmed;
	bool lost[2];         /* a side whose next message must be looked for */
	uint32_t garbage[2];  /* bytes looked through for it */
	bool starts_tls;      /* the client has asked for it */
	bool tls;             /* and the server agreed */
	bool layered;         /* a SASL bind succeeded: what follows may be wrapped */
	bool sealed;          /* and is: said */
	struct record *login; /* what earlier legs of a bind under way have told */
	struct record *identity; /* user.name and user.domain of the bound account; may be NULL */
	size_t charged;          /* of all these records */
};

/* One message: op is the content of its protocolOp. size: of the whole message on the wire. */
void ldap_message(struct parse *p, struct ldap *l, uint32_t id, uint8_t tag, struct reader op, uint64_t size);
/* A record of this connection, for LDAP or (as a scratch) for AUTH, whichever is asked for; NULL where none is. */
struct record *ldap_record_at(struct parse *p, uint64_t time_ns, uint64_t packet);
/* Tells what waits, at the end. */
void ldap_finish(struct parse *p, struct ldap *l);
/* The content is hidden from here on: told once. */
void ldap_tell_sealed(struct parse *p, struct ldap *l);

/* Result code, and what the server says to it (RFC 4511 section 4.1.9), into r. */
uint64_t ldap_result_read(struct reader *op, struct record *r, struct bytes *ret_matched);

void ldap_bind_request(struct parse *p, struct ldap *l, struct reader op, struct record *r);
/* The answer to the bind q (NULL: that was not seen); told with it. */
void ldap_bind_response(struct parse *p, struct ldap *l, struct ldap_request *q, struct reader op);
/* A bind that was never answered. */
void ldap_bind_unanswered(struct parse *p, struct ldap *l, const struct ldap_request *q);

/* Writes the filter that stands next in r as RFC 4515 has it. False where it is none, or nested too deeply: what could
 * be read is written. */
bool ldap_filter(struct reader *r, struct text *out);

#endif
