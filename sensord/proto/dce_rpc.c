/* SPDX-License-Identifier: BSD-2-Clause
 * DCE/RPC over a connection (C706 section 12.6, MS-RPCE section 2.2.2): PDUs are found in the stream and handed to
 * those who read them. TCP carries it on any port, SMB in named pipes (a child conversation, whose common fields say
 * so); over UDP each datagram is one PDU of version 4. After a loss the next header that can be one is looked for. */
#include "dce_rpc.h"

#define HEADER 16  /* bytes of the common header */
#define TRAILER 8  /* bytes of the authentication trailer before its token (MS-RPCE section 2.2.2.11) */

struct header {
	uint8_t minor, type, flags, drep[4];
	uint16_t fragment, auth;
	uint32_t call_id;
	bool big;
};

/* C706 section 12.6.3.1; false where it cannot be one. The reader holds at least HEADER bytes. */
static bool read_header(struct reader *r, struct header *h)
{
	uint8_t version = reader_u8(r);
	h->minor = reader_u8(r);
	h->type = reader_u8(r);
	h->flags = reader_u8(r);
	for (int i = 0; i < 4; i++)
		h->drep[i] = reader_u8(r);
	h->big = (h->drep[0] & 0x10) == 0;
	h->fragment = dce_u16(r, h->big);
	h->auth = dce_u16(r, h->big);
	h->call_id = dce_u32(r, h->big);
	return reader_ok(r) && version == 5 && h->minor <= 1;
}

static bool from_client(unsigned type)
{
	return type == DCE_REQUEST || type == DCE_BIND || type == DCE_ALTER || type == DCE_AUTH3 || type == DCE_CANCEL ||
	       type == DCE_ORPHANED;
}

static bool from_server(unsigned type)
{
	return type == DCE_RESPONSE || type == DCE_FAULT || type == DCE_BIND_ACK || type == DCE_BIND_NAK ||
	       type == DCE_ALTER_RESPONSE || type == DCE_SHUTDOWN;
}

/* Bytes of the fixed part of a PDU, header and all. */
static size_t least(unsigned type)
{
	switch (type) {
	case DCE_BIND:
	case DCE_ALTER: return HEADER + 12;
	case DCE_FAULT: return HEADER + 12;
	case DCE_REQUEST:
	case DCE_RESPONSE:
	case DCE_BIND_ACK:
	case DCE_ALTER_RESPONSE: return HEADER + 8;
	default: return HEADER;
	}
}

/* Data representation (C706 section 14.1): integers little or big, characters ASCII or EBCDIC, one of four kinds of
 * floating point, two octets that are zero. */
static bool plausible(const struct header *h)
{
	if (!from_client(h->type) && !from_server(h->type))
		return false;
	if (h->drep[0] & 0xee || h->drep[1] > 3 || h->drep[2] || h->drep[3])
		return false;
	if (h->fragment < least(h->type) || (h->auth && h->auth + TRAILER + HEADER > h->fragment))
		return false;
	return h->type == DCE_REQUEST || h->type == DCE_RESPONSE || (h->flags & (DCE_FIRST | DCE_LAST)) || h->flags == 0;
}

enum side dce_side(struct parse *p, const struct dce_rpc *rpc)
{
	bool client = parse_side(p) == CLIENT;

	return client != rpc->turned ? CLIENT : SERVER;
}

/* Which way the flow goes is a guess where its start was not captured; what is asked and what answers is none. */
static bool fits(struct parse *p, struct dce_rpc *rpc, const struct header *h)
{
	if (!plausible(h))
		return false;
	if (!rpc->confirmed && parse_midstream(p))
		rpc->turned = from_client(h->type) != (parse_side(p) == CLIENT);
	return dce_side(p, rpc) == CLIENT ? from_client(h->type) : from_server(h->type);
}

static enum probe dce_rpc_probe(enum side side, struct bytes start)
{
	(void)side;
	struct reader r = reader_open(start);
	struct header h;

	if (start.size >= 1 && start.at[0] == 4)
		return dce_datagram_probe(start);
	if (start.at[0] != 5 || (start.size > 1 && start.at[1] > 1))
		return PROBE_NO;
	if (start.size > 2 && !from_client(start.at[2]) && !from_server(start.at[2]))
		return PROBE_NO;
	if (start.size < HEADER)
		return PROBE_MORE;
	return read_header(&r, &h) && plausible(&h) ? PROBE_YES : PROBE_NO;
}

static enum speaker dce_rpc_speaker(struct bytes start)
{
	struct reader r = reader_open(start);
	struct header h;

	if (start.size < HEADER || start.at[0] != 5 || !read_header(&r, &h) || !plausible(&h))
		return SPEAKER_UNKNOWN;
	return from_client(h.type) ? SPEAKER_CLIENT : SPEAKER_SERVER;
}

/* Splits the body from padding, trailer and token. */
static bool read_trailer(struct reader *r, const struct header *h, struct dce_pdu *pdu)
{
	size_t size = reader_left(r);

	if (h->auth == 0) {
		pdu->body = reader_rest(r);
		return true;
	}
	if (size < (size_t)h->auth + TRAILER)
		return false;
	struct bytes body = reader_take(r, size - h->auth - TRAILER);
	pdu->auth_type = reader_u8(r);
	pdu->auth_level = reader_u8(r);
	size_t pad = reader_u8(r);
	reader_skip(r, 1);
	pdu->auth_context = dce_u32(r, h->big);
	pdu->token = reader_take(r, h->auth);
	if (pad > body.size)
		return false;
	body.size -= pad;
	pdu->body = body;
	return reader_ok(r);
}

static void dispatch(struct parse *p, struct dce_rpc *rpc, const struct dce_pdu *pdu)
{
	switch (pdu->type) {
	case DCE_BIND:
	case DCE_ALTER: dce_bind(p, rpc, pdu); break;
	case DCE_BIND_ACK:
	case DCE_ALTER_RESPONSE: dce_bind_answer(p, rpc, pdu); break;
	case DCE_BIND_NAK: dce_bind_refused(p, rpc, pdu); break;
	case DCE_AUTH3: dce_login_token(p, rpc, pdu); break;
	case DCE_REQUEST: dce_request(p, rpc, pdu); break;
	case DCE_RESPONSE: dce_response(p, rpc, pdu); break;
	case DCE_FAULT: dce_fault(p, rpc, pdu); break;
	default: break; /* shutdown, cancel and orphaned say nothing that is told */
	}
}

/* One whole fragment. */
static bool read_pdu(struct parse *p, struct dce_rpc *rpc, struct bytes fragment)
{
	struct reader r = reader_open(fragment);
	struct header h;

	if (!read_header(&r, &h) || !fits(p, rpc, &h))
		return false;
	struct dce_pdu pdu = { .type = (enum dce_type)h.type, .flags = h.flags, .big = h.big, .call_id = h.call_id };
	if (!read_trailer(&r, &h, &pdu))
		return false;
	if (!rpc->confirmed)
		parse_confirm(p);
	rpc->confirmed = true;
	dispatch(p, rpc, &pdu);
	return true;
}

/* After a loss: drops bytes up to the next header that can be one. True where one stands there. */
static bool find_header(struct parse *p, struct dce_rpc *rpc, struct reader *r)
{
	struct header h;

	while (reader_left(r) >= HEADER) {
		struct reader peek = reader_open(reader_rest(r));
		if (read_header(&peek, &h) && fits(p, rpc, &h))
			return true;
		reader_skip(r, 1);
	}
	return false;
}

/* Tells the engine what the connection owns now. */
static void charge(struct parse *p, struct dce_rpc *rpc)
{
	size_t owned = rpc->held + (rpc->login.known ? record_memory(rpc->login.known) : 0);

	for (size_t i = 0; i < LIMIT_DCE_RPC_CALLS; i++)
		if (rpc->calls[i].used && rpc->calls[i].arguments)
			owned += record_memory(rpc->calls[i].arguments);
	parse_charge(p, owned, rpc->charged);
	rpc->charged = owned;
}

static enum parsed read_pdus(struct parse *p, struct dce_rpc *rpc, struct reader *r)
{
	enum side side = parse_side(p);

	if (rpc->lost[side] && !find_header(p, rpc, r))
		return PARSED;
	rpc->lost[side] = false;
	for (;;) {
		struct header h;
		if (reader_left(r) < HEADER) {
			parse_need(p, HEADER);
			return PARSED;
		}
		struct reader peek = reader_open(reader_rest(r));
		if (!read_header(&peek, &h) || h.fragment < HEADER)
			return rpc->confirmed ? PARSE_MALFORMED : PARSE_NOT_MINE;
		if (reader_left(r) < h.fragment) {
			parse_need(p, h.fragment);
			return PARSED;
		}
		if (!read_pdu(p, rpc, reader_take(r, h.fragment)))
			return rpc->confirmed ? PARSE_MALFORMED : PARSE_NOT_MINE;
	}
}

static enum parsed dce_rpc_parse(struct parse *p, struct reader *r)
{
	struct dce_rpc *rpc = parse_state(p);

	if (!rpc)
		return PARSE_MALFORMED;
	enum parsed result = parse_is_datagram(p) ? dce_datagram(p, rpc, r) : read_pdus(p, rpc, r);
	charge(p, rpc);
	return result;
}

static bool dce_rpc_gap(struct parse *p, uint64_t size)
{
	struct dce_rpc *rpc = parse_state(p);

	(void)size;
	if (rpc)
		rpc->lost[parse_side(p)] = true;
	return rpc != NULL;
}

static void dce_rpc_close(struct parse *p, enum ending how)
{
	struct dce_rpc *rpc = parse_state(p);

	(void)how;
	if (!rpc)
		return;
	dce_bind_close(p, rpc);
	dce_calls_close(p, rpc);
	dce_login_done(p, rpc, "unknown", 0);
}

static void dce_rpc_release(void *state)
{
	struct dce_rpc *rpc = state;

	dce_calls_release(rpc);
	record_free(rpc->login.known);
	rpc->login.known = NULL;
}

extern const struct protocol protocol_dce_rpc;
static const struct port_hint ports[] = { { 135, false }, { 0, false } };
const struct protocol protocol_dce_rpc = {
	.name = "dce_rpc",
	.about = "C706, MS-RPCE",
	.ports = ports,
	.stream = true,
	.datagram = true,
	.state_size = sizeof(struct dce_rpc),
	.probe = dce_rpc_probe,
	.speaker = dce_rpc_speaker,
	.parse = dce_rpc_parse,
	.gap = dce_rpc_gap,
	.close = dce_rpc_close,
	.release = dce_rpc_release,
};
