/* SPDX-License-Identifier: BSD-2-Clause
 * Kerberos messages (RFC 4120 section 5), read into views and told into records. Views live as long as the bytes they
 * were read from. Ciphers are looked at only to take their fingerprint. */
#ifndef PROTO_KRB_H
#define PROTO_KRB_H

#include "der.h"
#include "proto/protocol.h"
#include "record/record.h"

#define KRB_TEXT 512      /* room for a principal name; what is longer is cut */
#define KRB_CODE_TEXT 24  /* room for the name of a number */
#define KRB_PARTS 16      /* components of a principal name that are read */
#define KRB_READ 1024     /* elements of a list (padata, etypes) that are read: room for more decoys than a message needs */
#define KRB_ELEMENTS 32   /* of those that have no name, and of addresses, that are told */

/* Application tags (RFC 4120 section 5.10), which are the message types as well. */
enum krb_kind {
	KRB_TICKET = 1,
	KRB_AS_REQ = 10,
	KRB_AS_REP = 11,
	KRB_TGS_REQ = 12,
	KRB_TGS_REP = 13,
	KRB_AP_REQ = 14,
	KRB_AP_REP = 15,
	KRB_ERROR = 30,
};

/* Error codes (RFC 4120 section 7.5.9, RFC 6113 section 5.3) by which it is decided whether an exchange goes on. */
enum krb_error_code {
	KDC_ERR_PREAUTH_REQUIRED = 25,
	KRB_ERR_RESPONSE_TOO_BIG = 52,
	KDC_ERR_WRONG_REALM = 68,
	KDC_ERR_MORE_PREAUTH_DATA_REQUIRED = 91,
};

struct krb_name {
	bool present;
	int64_t type;        /* RFC 4120 section 6.2 */
	struct reader parts; /* SEQUENCE OF GeneralString */
};

struct krb_ticket {
	bool present;
	struct bytes realm;
	struct krb_name service;
	int64_t etype;
	struct bytes cipher;
};

struct krb_request {
	enum krb_kind kind;
	uint32_t options; /* KDCOptions, bit 0 first */
	struct krb_name client, service, for_user;
	struct bytes realm;
	struct reader etypes, addresses, padata;
	struct krb_ticket shown; /* in PA-TGS-REQ */
	struct krb_ticket armor; /* in PA-FX-FAST (RFC 6113 section 5.4.1.1) */
	int64_t authenticator_etype, preauth_etype; /* 0: none */
	bool pac_asked, pac_wanted;
};

struct krb_reply {
	enum krb_kind kind;
	struct krb_name client;
	struct bytes realm; /* of the client */
	struct krb_ticket ticket;
	int64_t etype; /* of the part for the client */
};

struct krb_error {
	int64_t code;
	struct krb_name client, service;
	struct bytes client_realm, realm;
};

struct krb_ap_request {
	struct krb_ticket ticket;
	int64_t etype; /* of the authenticator */
};

/* Opens a message: its kind by the application tag, *ret over the members of its SEQUENCE. False where it is none. */
bool krb_open(struct bytes message, enum krb_kind *ret_kind, struct reader *ret) MUST_CHECK;
/* members: of krb_open. What is missing stays empty; false where too little is there to tell of it. */
bool krb_read_request(enum krb_kind kind, struct reader members, struct krb_request *ret) MUST_CHECK;
bool krb_read_reply(enum krb_kind kind, struct reader members, struct krb_reply *ret) MUST_CHECK;
bool krb_read_error(struct reader members, struct krb_error *ret) MUST_CHECK;
bool krb_read_ap_request(struct reader members, struct krb_ap_request *ret) MUST_CHECK;

/* One PA-DATA of a list (RFC 4120 section 5.2.7); false at its end. */
bool krb_next_padata(struct reader *list, int64_t *ret_type, struct reader *ret_value);

/* Names of numbers: the table's, or one made of the number in room. */
const char *krb_etype_name(int64_t etype, char room[KRB_CODE_TEXT]);
const char *krb_padata_name(int64_t type, char room[KRB_CODE_TEXT]);
const char *krb_error_name(int64_t code, char room[KRB_CODE_TEXT]);
const char *krb_name_type(int64_t type, char room[KRB_CODE_TEXT]);
/* Name of a KDC option by its bit (0 to 31); NULL where it has none. */
const char *krb_option_name(unsigned bit);
#define KRB_OPTION(bit) (UINT32_C(0x80000000) >> (bit))

/* Sets a principal name as text, its components joined by slashes. */
void krb_tell_name(struct record *r, enum field f, const struct krb_name *name);
bool krb_same_name(struct bytes text, const struct krb_name *name);
/* The account a client name stands for: user.name, user.domain. Nothing for the anonymous principal (RFC 8062). */
void krb_tell_account(struct record *r, const struct krb_name *name, struct bytes realm);
void krb_tell_fingerprint(struct record *r, enum field f, const struct krb_ticket *t);
void krb_tell_etype(struct record *r, enum field f, int64_t etype);
void krb_tell_request(struct record *r, const struct krb_request *q);
void krb_tell_reply(struct record *r, const struct krb_reply *a);
void krb_tell_error(struct record *r, const struct krb_error *e);
/* The ticket shown to a service, and which service that is. */
void krb_tell_ap_request(struct record *r, const struct krb_ap_request *q);

/* An answer that only asks for more, or for another way: no verdict on the client. */
bool krb_error_goes_on(int64_t code);

/* A password change (RFC 3244 section 2): its parts as views; false where it is none. In a reply without an AP-REP the
 * second part is a KRB-ERROR. */
bool krb_open_passwd(struct bytes message, struct bytes *ret_ap, struct bytes *ret_rest) MUST_CHECK;

/* krb_probe.c */
#define KRB_PREFIX 4  /* RFC 4120 section 7.2.2: the length of a message in a stream */
#define KRB_MESSAGE_MAX (LIMIT_STREAM_HOLD - KRB_PREFIX)
enum probe krb_probe(enum side side, struct bytes start);
/* The same of a stream: a length stands in front. */
enum probe krb_probe_stream(struct bytes start);
enum speaker krb_speaker(struct bytes start);

#endif
