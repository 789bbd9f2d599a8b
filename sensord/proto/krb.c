/* SPDX-License-Identifier: BSD-2-Clause
 * Kerberos with a KDC over UDP and TCP (RFC 4120 section 7.2), and password changes (RFC 3244). One `kerberos` record
 * per exchange, told with the reply or the error, or without one when the flow ends; for an AS exchange that is a logon
 * attempt an `auth` record too. Repeats of a message on a flow are told once. What is a request is said by the message. */
#include "krb.h"

#include <stdlib.h>

#include "base/attributes.h"
#include "base/hash.h"
#include "base/limits.h"
#include "proto/protocol.h"

#define KRB_PENDING 8 /* requests that wait for their reply on one flow; the oldest goes first */
#define KRB_DONE 16   /* messages remembered as told */

struct exchange {
	struct record *told; /* what the request said, without its ends; NULL: this place is free */
	uint64_t packet;
	uint8_t kind;        /* of the request; KRB_AP_REQ: a password change */
};

struct krb {
	struct exchange pending[KRB_PENDING]; /* oldest first, without holes */
	uint64_t done[KRB_DONE];
	uint8_t next_done;
	bool confirmed;
	bool lost[2]; /* bytes of that side are missing: the next message has to be found */
};

/* Of all of it: what a client may choose freely stands at either end. */
static uint64_t hash_of(struct bytes message)
{
	static const struct hash_key key = { 0x6b726235, 1 }; /* collisions only silence a sender's own messages */

	return hash_quick(&key, message.at, message.size) | 1;
}

/* True the first time that the flow shows this message. */
static bool is_news(struct krb *k, uint64_t hash)
{
	for (size_t i = 0; i < KRB_DONE; i++)
		if (k->done[i] == hash)
			return false;
	k->done[k->next_done] = hash;
	k->next_done = (uint8_t)((k->next_done + 1) % KRB_DONE);
	return true;
}

/* ---- telling ---- */

static enum dataset told_as(const struct parse *p)
{
	return parse_wants(p, DATASET_KERBEROS) ? DATASET_KERBEROS : DATASET_AUTH;
}

/* The logon behind an AS exchange: `from` is its record as told, or as it waits. */
static void tell_logon(struct parse *p, const struct record *from, uint64_t packet)
{
	static const enum field taken[] = { FIELD_USER_NAME, FIELD_USER_DOMAIN, FIELD_AUTH_WORKSTATION, FIELD_EVENT_OUTCOME };
	struct record *r = parse_record_at(p, DATASET_AUTH, from->time_ns, packet);

	if (!r)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(taken); i++)
		if (record_has(from, taken[i]))
			record_set_text(r, taken[i], record_text(from, taken[i]));
	record_set_string(r, FIELD_AUTH_CARRIER, "kdc");
	record_set_string(r, FIELD_AUTH_MECHANISM, "kerberos");
	record_set_string(r, FIELD_AUTH_ATTRIBUTED_BY, "wire");
	if (record_has(from, FIELD_KERBEROS_SERVICE))
		record_set_text(r, FIELD_AUTH_TARGET, record_text(from, FIELD_KERBEROS_SERVICE));
	if (record_has(from, FIELD_KERBEROS_ERROR_NAME))
		record_set_text(r, FIELD_AUTH_ERROR, record_text(from, FIELD_KERBEROS_ERROR_NAME));
	parse_emit(p, r);
}

static bool is_logon(const struct record *r)
{
	return record_text_is(r, FIELD_KERBEROS_TYPE, "AS") && record_has(r, FIELD_USER_NAME) &&
	       !(record_has(r, FIELD_KERBEROS_ERROR) && krb_error_goes_on((int64_t)record_uint(r, FIELD_KERBEROS_ERROR)));
}

/* Sends a finished record, and the logon that it tells of. */
static void tell(struct parse *p, struct record *r, uint64_t packet)
{
	struct record *logon = r && parse_wants(p, DATASET_AUTH) && is_logon(r) ? record_copy(r) : NULL;

	if (r && r->dataset == DATASET_KERBEROS)
		parse_emit(p, r);
	if (logon)
		tell_logon(p, logon, packet);
	record_free(logon);
}

static void forget(struct parse *p, struct krb *k, size_t i)
{
	parse_charge(p, 0, record_memory(k->pending[i].told));
	record_free(k->pending[i].told);
	memmove(&k->pending[i], &k->pending[i + 1], (KRB_PENDING - 1 - i) * sizeof(k->pending[0]));
	k->pending[KRB_PENDING - 1] = (struct exchange){ 0 };
}

/* A record with what the request at i said, or a blank one (i == KRB_PENDING). */
static struct record *begin(struct parse *p, const struct krb *k, size_t i)
{
	const struct exchange *e = i < KRB_PENDING ? &k->pending[i] : NULL;

	if (!e)
		return parse_record(p, told_as(p));
	struct record *r = parse_record_at(p, told_as(p), e->told->time_ns, e->packet);
	if (r)
		record_merge(r, e->told);
	return r;
}

static void tell_unanswered(struct parse *p, struct krb *k, size_t i)
{
	struct record *r = begin(p, k, i);

	record_set_string(r, FIELD_EVENT_OUTCOME, "unknown");
	tell(p, r, k->pending[i].packet);
	forget(p, k, i);
}

/* ---- pairing ---- */

static void make_room(struct parse *p, struct krb *k)
{
	if (k->pending[KRB_PENDING - 1].told)
		tell_unanswered(p, k, 0);
}

static void wait_for_reply(struct parse *p, struct krb *k, const struct record *r, enum krb_kind kind)
{
	size_t i = 0;

	while (k->pending[i].told)
		i++;
	struct record *copy = record_copy(r);
	if (!copy)
		return;
	k->pending[i] = (struct exchange){ copy, parse_packet(p), (uint8_t)kind };
	parse_charge(p, record_memory(copy), 0);
}

/* The place of the request that a reply belongs to: the oldest of that kind (0: of any), before it one that asked for
 * that service. KRB_PENDING where there is none. */
static size_t find_request(const struct krb *k, unsigned kind, const struct krb_name *service)
{
	size_t oldest = KRB_PENDING;

	for (size_t i = 0; i < KRB_PENDING && k->pending[i].told; i++) {
		if (kind && k->pending[i].kind != kind)
			continue;
		if (krb_same_name(record_text(k->pending[i].told, FIELD_KERBEROS_SERVICE), service))
			return i;
		oldest = oldest < KRB_PENDING ? oldest : i;
	}
	return oldest;
}

static void finish(struct parse *p, struct krb *k, struct record *r, size_t i)
{
	tell(p, r, i < KRB_PENDING ? k->pending[i].packet : parse_packet(p));
	if (i < KRB_PENDING)
		forget(p, k, i);
}

/* ---- messages ---- */

/* Room is made first: at most one record is open at a time. */
static void request(struct parse *p, struct krb *k, const struct krb_request *q)
{
	make_room(p, k);
	struct record *r = parse_blank(p);
	krb_tell_request(r, q);
	wait_for_reply(p, k, r, q->kind);
}

static void reply(struct parse *p, struct krb *k, const struct krb_reply *a)
{
	size_t i = find_request(k, a->kind == KRB_AS_REP ? KRB_AS_REQ : KRB_TGS_REQ, &a->ticket.service);
	struct record *r = begin(p, k, i);

	krb_tell_reply(r, a);
	finish(p, k, r, i);
}

static void error(struct parse *p, struct krb *k, const struct krb_error *e, unsigned kind)
{
	size_t i = find_request(k, kind, &e->service);
	struct record *r = begin(p, k, i);

	krb_tell_error(r, e);
	record_set_string(r, FIELD_EVENT_OUTCOME, krb_error_goes_on(e->code) ? "unknown" : "failure");
	finish(p, k, r, i);
}

static bool any_wanted(const struct parse *p)
{
	return parse_wants(p, DATASET_KERBEROS) || parse_wants(p, DATASET_AUTH);
}

static bool kdc_message(struct parse *p, struct krb *k, struct bytes message)
{
	enum krb_kind kind;
	struct reader members;
	UNINITIALIZED struct krb_request q; /* whoever reads one sets all of it */
	UNINITIALIZED struct krb_reply a;
	UNINITIALIZED struct krb_error e;

	if (!krb_open(message, &kind, &members))
		return false;
	uint64_t hash = hash_of(message);
	switch (kind) {
	case KRB_AS_REQ:
	case KRB_TGS_REQ:
		if (!krb_read_request(kind, members, &q))
			return false;
		if (any_wanted(p) && is_news(k, hash))
			request(p, k, &q);
		return true;
	case KRB_AS_REP:
	case KRB_TGS_REP:
		if (!krb_read_reply(kind, members, &a))
			return false;
		if (any_wanted(p) && is_news(k, hash))
			reply(p, k, &a);
		return true;
	case KRB_ERROR:
		if (!krb_read_error(members, &e))
			return false;
		if (any_wanted(p) && is_news(k, hash))
			error(p, k, &e, 0);
		return true;
	default:
		return false;
	}
}

/* ---- password changes ---- */

static void passwd_request(struct parse *p, struct krb *k, struct reader members)
{
	struct krb_ap_request q;

	if (!krb_read_ap_request(members, &q) || !parse_wants(p, DATASET_KERBEROS))
		return;
	make_room(p, k);
	struct record *r = parse_blank(p);
	record_set_string(r, FIELD_KERBEROS_TYPE, "KPASSWD");
	krb_tell_ap_request(r, &q);
	record_set_wire(r, FIELD_KERBEROS_REALM, q.ticket.realm);
	wait_for_reply(p, k, r, KRB_AP_REQ);
}

/* The result stands in the sealed part: an answer alone is no success. */
static void passwd_reply(struct parse *p, struct krb *k)
{
	size_t i = find_request(k, KRB_AP_REQ, &(struct krb_name){ 0 });

	if (i == KRB_PENDING)
		return;
	struct record *r = begin(p, k, i);
	record_set_bool(r, FIELD_KERBEROS_MUTUAL, true);
	record_set_string(r, FIELD_EVENT_OUTCOME, "unknown");
	finish(p, k, r, i);
}

static bool passwd_message(struct parse *p, struct krb *k, struct bytes message)
{
	struct bytes ap, rest;
	enum krb_kind kind;
	struct reader members;
	struct krb_error e;

	if (!krb_open_passwd(message, &ap, &rest) || !krb_open(ap.size ? ap : rest, &kind, &members))
		return false;
	if (!is_news(k, hash_of(message)))
		return true;
	if (ap.size && kind == KRB_AP_REQ)
		passwd_request(p, k, members);
	else if (ap.size && kind == KRB_AP_REP)
		passwd_reply(p, k);
	else if (!ap.size && kind == KRB_ERROR && krb_read_error(members, &e))
		error(p, k, &e, KRB_AP_REQ);
	else
		return false;
	return true;
}

static bool one_message(struct parse *p, struct krb *k, struct bytes message)
{
	bool to_kdc = message.size > 0 && message.at[0] >= DER_APPLICATION;

	if (!(to_kdc ? kdc_message(p, k, message) : passwd_message(p, k, message)))
		return false;
	if (!k->confirmed)
		parse_confirm(p);
	k->confirmed = true;
	return true;
}

/* ---- streams ---- */

/* After a loss: true where the bytes begin a message, or may; those of another message's middle are passed over. */
static bool find_message(struct parse *p, struct krb *k, struct reader *r)
{
	enum probe found = krb_probe_stream(reader_rest(r));

	if (found == PROBE_NO)
		reader_skip(r, reader_left(r));
	if (found == PROBE_YES)
		k->lost[parse_side(p)] = false;
	return found == PROBE_YES;
}

static enum parsed krb_stream(struct parse *p, struct krb *k, struct reader *r)
{
	while (reader_left(r) > 0) {
		if (k->lost[parse_side(p)] && !find_message(p, k, r))
			return PARSED;
		struct reader try = *r;
		size_t size = reader_u32(&try);
		if (!reader_ok(&try)) {
			parse_need(p, KRB_PREFIX);
			return PARSED;
		}
		if (size > KRB_MESSAGE_MAX)
			return k->confirmed ? PARSE_MALFORMED : PARSE_NOT_MINE;
		struct bytes message = reader_take(&try, size);
		if (!reader_ok(&try)) {
			parse_need(p, KRB_PREFIX + size);
			return PARSED;
		}
		/* The framing stands by itself: a message that cannot be read is no reason to give up the next. */
		if (!one_message(p, k, message) && !k->confirmed)
			return PARSE_NOT_MINE;
		*r = try;
	}
	return PARSED;
}

static enum parsed krb_parse(struct parse *p, struct reader *r)
{
	struct krb *k = parse_state(p);

	if (!k)
		return PARSE_NOT_MINE;
	if (!parse_is_datagram(p))
		return krb_stream(p, k, r);
	if (one_message(p, k, reader_rest(r)))
		return PARSED;
	return k->confirmed ? PARSE_MALFORMED : PARSE_NOT_MINE;
}

static bool krb_gap(struct parse *p, uint64_t size)
{
	struct krb *k = parse_state(p);

	(void)size;
	if (k)
		k->lost[parse_side(p)] = true;
	return k != NULL;
}

static void krb_close(struct parse *p, enum ending how)
{
	struct krb *k = parse_state(p);

	(void)how;
	while (k && k->pending[0].told)
		tell_unanswered(p, k, 0);
}

static void krb_release(void *state)
{
	struct krb *k = state;

	for (size_t i = 0; i < KRB_PENDING; i++)
		record_free(k->pending[i].told);
}

static const struct port_hint krb_ports[] = { { 88, true }, { 88, false }, { 464, true }, { 464, false }, { 0, false } };

extern const struct protocol protocol_kerberos;
const struct protocol protocol_kerberos = {
	.name = "kerberos",
	.about = "RFC 4120, 4556, 6113, 3244, MS-KILE, MS-SFU",
	.ports = krb_ports,
	.stream = true,
	.datagram = true,
	.state_size = sizeof(struct krb),
	.probe = krb_probe,
	.speaker = krb_speaker,
	.parse = krb_parse,
	.gap = krb_gap,
	.close = krb_close,
	.release = krb_release,
};
