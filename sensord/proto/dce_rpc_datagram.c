/* SPDX-License-Identifier: BSD-2-Clause
 * Connectionless DCE/RPC (C706 section 12.5): one PDU a datagram, 80 octets of header with the interface and the
 * operation in it. Calls are paired by activity and sequence number; fragments after the first say nothing new. */
#include "base/hash.h"
#include "dce_rpc.h"

#define HEADER 80
#define FRAGMENT 0x04u /* flags1: not the only one */
#define RESERVED 0x80u /* flags1 */

enum { LAST_TYPE = 10 };

struct header {
	uint8_t type, flags;
	bool big;
	uint8_t object[DCE_UUID], activity[DCE_UUID];
	struct dce_id interface;
	uint32_t sequence;
	uint16_t opnum, size, fragment;
	uint8_t auth;
};

static bool read_header(struct reader *r, struct header *h)
{
	uint8_t version = reader_u8(r);
	h->type = reader_u8(r);
	h->flags = reader_u8(r);
	reader_skip(r, 1);
	uint8_t order = reader_u8(r);
	uint8_t floating = reader_u8(r);
	uint8_t zero = reader_u8(r);
	reader_skip(r, 1); /* serial number, high octet */
	h->big = (order & 0x10) == 0;
	dce_uuid(r, h->big, h->object);
	dce_uuid(r, h->big, h->interface.uuid);
	dce_uuid(r, h->big, h->activity);
	reader_skip(r, 4); /* boot time of the server */
	uint32_t version_word = dce_u32(r, h->big);
	h->interface.major = (uint16_t)version_word;
	h->interface.minor = (uint16_t)(version_word >> 16);
	h->sequence = dce_u32(r, h->big);
	h->opnum = dce_u16(r, h->big);
	reader_skip(r, 4); /* hints */
	h->size = dce_u16(r, h->big);
	h->fragment = dce_u16(r, h->big);
	h->auth = reader_u8(r);
	reader_skip(r, 1);
	return reader_ok(r) && version == 4 && h->type <= LAST_TYPE && (h->flags & RESERVED) == 0 && (order & 0xee) == 0 &&
	       floating <= 3 && zero == 0 && h->size <= reader_left(r) && !dce_uuid_none(h->activity);
}

enum probe dce_datagram_probe(struct bytes start)
{
	struct reader r = reader_open(start);
	struct header h;

	if (start.size < HEADER || !read_header(&r, &h))
		return PROBE_NO;
	if (h.auth == 0 && h.size != reader_left(&r))
		return PROBE_NO;
	return dce_uuid_none(h.interface.uuid) ? PROBE_NO : PROBE_YES;
}

/* Activities of one pair of ports seldom are more than one: their hash tells them apart well enough. */
static uint32_t call_id(const struct header *h)
{
	static const struct hash_key key = { 0, 0 };

	return (uint32_t)hash_bytes(&key, h->activity, DCE_UUID) ^ h->sequence;
}

static void request(struct parse *p, struct dce_rpc *rpc, const struct header *h, struct bytes stub)
{
	if (h->fragment > 0 || dce_call_find(rpc, call_id(h)))
		return; /* a later fragment, or sent again */
	struct dce_call *call = dce_call_make(p, rpc, call_id(h));
	call->known = true;
	call->turned = rpc->turned; /* either side may ask */
	call->interface = h->interface;
	call->opnum = h->opnum;
	call->big = h->big;
	call->complete = true;
	call->has_object = true;
	memcpy(call->object, h->object, DCE_UUID);
	if (!(h->flags & FRAGMENT) && !h->auth)
		dce_call_arguments(p, rpc, call, stub);
}

enum parsed dce_datagram(struct parse *p, struct dce_rpc *rpc, struct reader *r)
{
	struct header h;

	if (!read_header(r, &h))
		return rpc->confirmed ? PARSE_MALFORMED : PARSE_NOT_MINE;
	if (!rpc->confirmed)
		parse_confirm(p);
	rpc->confirmed = true;
	struct reader body = reader_sub(r, h.size);
	struct dce_call *call = dce_call_find(rpc, call_id(&h));
	rpc->turned = h.type == DCE_REQUEST ? parse_side(p) == SERVER : call && call->turned;
	if (h.type == DCE_REQUEST)
		request(p, rpc, &h, reader_rest(&body));
	else if (h.type == DCE_RESPONSE && call)
		dce_call_answered(p, rpc, call, h.flags & FRAGMENT ? (struct bytes){ 0 } : reader_rest(&body));
	else if ((h.type == DCE_FAULT || h.type == DCE_REJECT) && call)
		dce_call_failed(p, rpc, call, dce_u32(&body, h.big));
	return PARSED;
}
