/* SPDX-License-Identifier: BSD-2-Clause
 * Presentation contexts: bind and alter_context offer interfaces, their answers accept or refuse each (C706 sections
 * 12.6.4.1 to 12.6.4.5, MS-RPCE section 2.2.2.4). One record an interface of a bind, whatever the number of transfer
 * syntaxes it was offered in. */
#include "base/text.h"
#include "dce_rpc.h"

enum { ACCEPTED = 0, NEGOTIATED = 3, UNANSWERED = 0xff };

static const char *const syntax_names[] = { "other", "ndr", "ndr64", "features" };

/* C706 appendix I, MS-RPCE sections 2.2.5 and 3.3.1.5.3 (whose last eight octets are a bit mask). */
static enum dce_syntax syntax(const uint8_t uuid[DCE_UUID])
{
	static const uint8_t ndr[] = { 0x8a, 0x88, 0x5d, 0x04, 0x1c, 0xeb, 0x11, 0xc9,
				       0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60 };
	static const uint8_t ndr64[] = { 0x71, 0x71, 0x05, 0x33, 0xbe, 0xba, 0x49, 0x37,
					 0x83, 0x19, 0xb5, 0xdb, 0xef, 0x9c, 0xcc, 0x36 };
	static const uint8_t features[] = { 0x6c, 0xb7, 0x1c, 0x2c, 0x98, 0x12, 0x45, 0x40 };

	if (memcmp(uuid, ndr, sizeof(ndr)) == 0)
		return DCE_NDR;
	if (memcmp(uuid, ndr64, sizeof(ndr64)) == 0)
		return DCE_NDR64;
	return memcmp(uuid, features, sizeof(features)) == 0 ? DCE_FEATURES : DCE_OTHER_SYNTAX;
}

const struct dce_context *dce_context_find(const struct dce_rpc *rpc, uint16_t id)
{
	for (unsigned i = 0; i < rpc->n_contexts; i++)
		if (rpc->contexts[i].id == id)
			return &rpc->contexts[i];
	return NULL;
}

/* A context of that number, the oldest one's place where there is no room. */
static struct dce_context *context_make(struct dce_rpc *rpc, uint16_t id)
{
	for (unsigned i = 0; i < rpc->n_contexts; i++)
		if (rpc->contexts[i].id == id)
			return &rpc->contexts[i];
	if (rpc->n_contexts < LIMIT_DCE_RPC_CONTEXTS)
		return &rpc->contexts[rpc->n_contexts++];
	struct dce_context *c = &rpc->contexts[rpc->next_context];
	rpc->next_context = (uint16_t)((rpc->next_context + 1) % LIMIT_DCE_RPC_CONTEXTS);
	return c;
}

static void read_id(struct reader *r, bool big, struct dce_id *id)
{
	dce_uuid(r, big, id->uuid);
	uint32_t version = dce_u32(r, big);
	id->major = (uint16_t)version;
	id->minor = (uint16_t)(version >> 16);
}

static bool read_offer(struct reader *r, bool big, struct dce_context *ret)
{
	ret->id = dce_u16(r, big);
	unsigned n = reader_u8(r);
	reader_skip(r, 1);
	read_id(r, big, &ret->interface);
	for (unsigned i = 0; i < n; i++) {
		struct dce_id transfer;
		read_id(r, big, &transfer);
		if (!reader_ok(r))
			return false;
		if (i == 0 || ret->syntax == DCE_OTHER_SYNTAX)
			ret->syntax = (uint8_t)syntax(transfer.uuid);
	}
	return reader_ok(r) && n > 0;
}

static bool same_id(const struct dce_id *a, const struct dce_id *b)
{
	return memcmp(a->uuid, b->uuid, DCE_UUID) == 0 && a->major == b->major && a->minor == b->minor;
}

/* The record of all offers of one interface: the first of them is `first`. */
static void tell_interface(struct parse *p, struct dce_rpc *rpc, const struct dce_bind *bind, unsigned first,
			   const uint8_t *answers, const char *outcome, uint32_t reason)
{
	static const char *const words[] = { "accepted", "refused by user", "refused", "negotiated" };
	struct record *r = dce_record(p, rpc, bind->time_ns, bind->packet);

	if (!r)
		return;
	record_set_string(r, FIELD_EVENT_ACTION, "bind");
	dce_tell_interface(r, &bind->offers[first].interface);
	dce_tell_auth(r, bind->auth_level, bind->auth_type);
	for (unsigned i = first; i < bind->n; i++) {
		char room[48];
		struct text t = TEXT_ON(room);
		if (!same_id(&bind->offers[i].interface, &bind->offers[first].interface))
			continue;
		uint8_t answer = answers[i];
		const char *word = answer < ARRAY_SIZE(words) ? words[answer] : "offered";
		text_printf(&t, "%s %s", syntax_names[bind->offers[i].syntax], word);
		record_add_text(r, FIELD_DCE_RPC_TRANSFER, text_bytes(&t));
		if (answer == ACCEPTED)
			outcome = "success";
	}
	record_set_string(r, FIELD_EVENT_OUTCOME, outcome);
	if (reason != UINT32_MAX && strcmp(outcome, "failure") == 0)
		record_printf(r, FIELD_DCE_RPC_STATUS, "0x%08x", reason);
	parse_emit(p, r);
}

/* outcome: of interfaces that no answer accepts. */
static void tell(struct parse *p, struct dce_rpc *rpc, const uint8_t *answers, const char *outcome, uint32_t reason)
{
	struct dce_bind *bind = &rpc->bind;

	bind->used = false;
	if (!parse_wants(p, DATASET_DCE_RPC))
		return;
	for (unsigned i = 0; i < bind->n; i++) {
		unsigned first = 0;
		while (!same_id(&bind->offers[first].interface, &bind->offers[i].interface))
			first++;
		if (first == i)
			tell_interface(p, rpc, bind, i, answers, outcome, reason);
	}
}

static void tell_unanswered(struct parse *p, struct dce_rpc *rpc)
{
	uint8_t answers[LIMIT_DCE_RPC_CONTEXTS];

	memset(answers, UNANSWERED, sizeof(answers));
	if (rpc->bind.used)
		tell(p, rpc, answers, "unknown", UINT32_MAX);
}

void dce_bind_close(struct parse *p, struct dce_rpc *rpc)
{
	tell_unanswered(p, rpc);
}

/* max_xmit_frag, max_recv_frag, assoc_group_id, then the list of contexts. */
void dce_bind(struct parse *p, struct dce_rpc *rpc, const struct dce_pdu *pdu)
{
	struct reader r = reader_open(pdu->body);
	struct dce_bind *bind = &rpc->bind;

	tell_unanswered(p, rpc);
	reader_skip(&r, 8);
	unsigned n = reader_u8(&r);
	reader_skip(&r, 3);
	bind->used = true;
	bind->time_ns = parse_time_ns(p);
	bind->packet = parse_packet(p);
	bind->auth_level = pdu->auth_level;
	bind->auth_type = pdu->auth_type;
	bind->n = 0;
	for (unsigned i = 0; i < n && bind->n < LIMIT_DCE_RPC_CONTEXTS; i++) {
		struct dce_context offer = { 0 };
		if (!read_offer(&r, pdu->big, &offer))
			break;
		bind->offers[bind->n++] = (struct dce_offer){ offer.interface, offer.id, offer.syntax };
		*context_make(rpc, offer.id) = offer;
	}
	if (pdu->auth_level) {
		rpc->auth_level = pdu->auth_level;
		rpc->auth_type = pdu->auth_type;
	}
	dce_login_token(p, rpc, pdu);
}

/* A result an offer, in the same order, behind the secondary address, which is padded to four octets. */
static void read_answers(struct dce_rpc *rpc, struct reader r, bool big, uint8_t *answers)
{
	const struct dce_bind *bind = &rpc->bind;

	reader_skip(&r, 8);
	unsigned size = dce_u16(&r, big);
	reader_skip(&r, size);
	reader_skip(&r, (4 - (2 + size) % 4) % 4);
	unsigned n = reader_u8(&r);
	reader_skip(&r, 3);
	for (unsigned i = 0; i < n && i < bind->n; i++) {
		struct dce_id transfer;
		unsigned result = dce_u16(&r, big);
		reader_skip(&r, 2); /* reason */
		read_id(&r, big, &transfer);
		if (!reader_ok(&r))
			return;
		answers[i] = result <= NEGOTIATED ? (uint8_t)result : UNANSWERED;
		enum dce_syntax taken = syntax(transfer.uuid);
		if (result == ACCEPTED && taken != DCE_OTHER_SYNTAX)
			context_make(rpc, bind->offers[i].id)->syntax = (uint8_t)taken;
	}
}

void dce_bind_answer(struct parse *p, struct dce_rpc *rpc, const struct dce_pdu *pdu)
{
	uint8_t answers[LIMIT_DCE_RPC_CONTEXTS];

	memset(answers, UNANSWERED, sizeof(answers));
	dce_login_token(p, rpc, pdu);
	/* The proof came in an alter_context, whose answer means that it was good. */
	if (pdu->type == DCE_ALTER_RESPONSE && rpc->login.ready)
		dce_login_done(p, rpc, "success", 0);
	if (!rpc->bind.used)
		return;
	read_answers(rpc, reader_open(pdu->body), pdu->big, answers);
	tell(p, rpc, answers, "failure", UINT32_MAX);
}

/* provider_reject_reason (C706 section 12.6.3.1, MS-RPCE section 2.2.2.5). */
void dce_bind_refused(struct parse *p, struct dce_rpc *rpc, const struct dce_pdu *pdu)
{
	struct reader r = reader_open(pdu->body);
	uint8_t answers[LIMIT_DCE_RPC_CONTEXTS];
	uint32_t reason = dce_u16(&r, pdu->big);

	memset(answers, UNANSWERED, sizeof(answers));
	if (rpc->bind.used)
		tell(p, rpc, answers, "failure", reason);
	dce_login_done(p, rpc, "failure", reason);
}

void dce_bind_fault(struct parse *p, struct dce_rpc *rpc, uint32_t status)
{
	uint8_t answers[LIMIT_DCE_RPC_CONTEXTS];

	memset(answers, UNANSWERED, sizeof(answers));
	tell(p, rpc, answers, "failure", status);
}
