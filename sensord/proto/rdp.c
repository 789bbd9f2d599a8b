/* SPDX-License-Identifier: BSD-2-Clause
 * Remote Desktop: the X.224 connection request and confirm (MS-RDPBCGR 2.2.1.1, 2.2.1.2, in TPKT frames of RFC 1006),
 * and without TLS the client's core data in its MCS Connect Initial (MS-RDPBCGR 2.2.1.3, T.125, T.124). What comes
 * behind is TLS, or encrypted by RDP itself. One `rdp` record a connection, and an `auth` record for the name in the
 * cookie. */
#include "ber.h"
#include "proto/protocol.h"

#define TPKT_HEADER 4
#define TPKT_MAX 8192       /* bytes of a frame of the connection's start */
#define REQUEST_FIXED 7     /* length indicator, code, two references, class */
#define COOKIE_MAX 256
#define COOKIE_CUT 9 /* characters of user or DOMAIN\user that the client of Windows keeps */
#define GCC_BLOCKS 16

enum { X224_REQUEST = 0xe0, X224_CONFIRM = 0xd0, X224_DATA = 0xf0 };
enum { NEGOTIATION_REQUEST = 1, NEGOTIATION_RESPONSE = 2, NEGOTIATION_FAILURE = 3 };
enum { CS_CORE = 0xc001 };

static const struct {
	uint32_t flag;
	const char *name;
} securities[] = { { 1, "tls" }, { 2, "nla" }, { 4, "rdstls" }, { 8, "nla-ex" }, { 16, "aad" } };

struct rdp {
	struct record *told; /* as much of the record as was seen; NULL where nobody asks */
	uint64_t time_ns, packet;
	bool asked, answered, confirmed, told_all;
};

/* --- the record --- */

static struct record *open_record(struct parse *p, const struct rdp *s)
{
	struct record *r = parse_record_at(p, DATASET_RDP, s->time_ns, s->packet);

	if (r && s->told)
		record_merge(r, s->told);
	return r;
}

static void sure(struct parse *p, struct rdp *s)
{
	if (!s->confirmed)
		parse_confirm(p);
	s->confirmed = true;
}

static void keep(struct parse *p, struct rdp *s, const struct record *r)
{
	if (!r)
		return;
	struct record *copy = record_copy(r);
	parse_charge_record(p, copy, s->told);
	record_free(s->told);
	s->told = copy;
}

static void tell_account(struct parse *p, const struct rdp *s, struct bytes cookie)
{
	struct record *r = parse_record_at(p, DATASET_AUTH, s->time_ns, s->packet);
	struct bytes domain = { 0 };
	bool cut = cookie.size == COOKIE_CUT;

	if (!r)
		return;
	if (memchr(cookie.at, '\\', cookie.size))
		domain = bytes_split(&cookie, '\\');
	if (cookie.size > 0)
		record_set_wire(r, FIELD_USER_NAME, cookie);
	if (domain.size > 0)
		record_set_wire(r, FIELD_USER_DOMAIN, domain);
	if (cut)
		record_set_bool(r, FIELD_USER_NAME_CUT, true);
	record_set_string(r, FIELD_AUTH_MECHANISM, "rdp-cookie");
	record_set_string(r, FIELD_AUTH_CARRIER, "rdp");
	record_set_string(r, FIELD_AUTH_ATTRIBUTED_BY, "wire");
	record_set_string(r, FIELD_EVENT_OUTCOME, "unknown");
	parse_emit(p, r);
}

static void tell(struct parse *p, struct rdp *s)
{
	if (s->told_all || !s->confirmed)
		return;
	s->told_all = true;
	struct record *r = open_record(p, s);
	if (r && !record_has(r, FIELD_EVENT_OUTCOME))
		record_set_string(r, FIELD_EVENT_OUTCOME, "unknown");
	parse_emit(p, r);
}

/* --- request and confirm --- */

/* A line at the start of the variable part: a cookie or a routing token. */
static struct bytes first_line(struct reader *r)
{
	struct bytes line, rest = reader_rest(r);

	if (bytes_find(rest, bytes_string("\r\n")) == SIZE_MAX || !reader_line(r, COOKIE_MAX, &line))
		return (struct bytes){ 0 };
	return line;
}

static void add_requested(struct record *r, uint32_t flags)
{
	record_add_text(r, FIELD_RDP_REQUESTED, bytes_string("rdp"));
	for (size_t i = 0; i < ARRAY_SIZE(securities); i++)
		if (flags & securities[i].flag)
			record_add_text(r, FIELD_RDP_REQUESTED, bytes_string(securities[i].name));
}

/* RDP_NEG_REQ, RDP_NEG_RSP, RDP_NEG_FAILURE: kind, flags, size, value. */
static bool negotiation(struct reader *r, unsigned *kind, uint32_t *value)
{
	*kind = reader_u8(r);
	reader_skip(r, 1);
	unsigned size = reader_u16_le(r);
	*value = reader_u32_le(r);
	return reader_ok(r) && size == 8;
}

static void request(struct parse *p, struct rdp *s, struct reader r)
{
	static const char mark[] = "Cookie: mstshash=";
	unsigned kind;
	uint32_t flags;

	s->asked = true;
	s->time_ns = parse_time_ns(p);
	s->packet = parse_packet(p);
	struct bytes line = first_line(&r);
	bool cookie = bytes_starts_nocase(line, bytes_string(mark));
	struct bytes name = cookie ? bytes_of(line.at + sizeof(mark) - 1, line.size - sizeof(mark) + 1) : line;
	bool known = negotiation(&r, &kind, &flags) && kind == NEGOTIATION_REQUEST;
	if (line.size > 0 || known)
		sure(p, s);
	struct record *to = open_record(p, s);
	record_set_string(to, FIELD_EVENT_ACTION, "connect");
	if (name.size > 0)
		record_set_wire(to, cookie ? FIELD_RDP_COOKIE : FIELD_RDP_TOKEN, name);
	if (known)
		add_requested(to, flags);
	keep(p, s, to);
	if (cookie && name.size > 0)
		tell_account(p, s, name);
}

static const char *security_name(uint32_t selected)
{
	for (size_t i = 0; i < ARRAY_SIZE(securities); i++)
		if (selected == securities[i].flag)
			return securities[i].name;
	return "rdp";
}

/* A confirm without negotiation is the old RDP. True where TLS follows. */
static bool confirm(struct parse *p, struct rdp *s, struct reader r)
{
	unsigned kind;
	uint32_t value;
	bool known = negotiation(&r, &kind, &value);
	bool failed = known && kind == NEGOTIATION_FAILURE;
	bool secure = known && kind == NEGOTIATION_RESPONSE && value != 0;
	struct record *to = open_record(p, s);

	s->answered = true;
	if (!s->asked) {
		s->asked = true;
		s->time_ns = parse_time_ns(p);
		s->packet = parse_packet(p);
	}
	record_set_string(to, FIELD_EVENT_OUTCOME, failed ? "failure" : "success");
	if (!failed)
		record_set_string(to, FIELD_RDP_SECURITY, security_name(secure ? value : 0));
	else
		record_printf(to, FIELD_EVENT_REASON, "negotiation failure %u", value);
	keep(p, s, to);
	if (known)
		sure(p, s);
	if (secure || failed)
		tell(p, s);
	return secure;
}

/* --- core data --- */

/* TS_UD_CS_CORE (MS-RDPBCGR 2.2.1.3.2) */
static void read_core(struct reader r, struct record *to)
{
	reader_skip(&r, 4 + 2 + 2 + 2 + 2); /* version, desktop size, colour depth, SAS sequence */
	uint32_t keyboard = reader_u32_le(&r);
	uint32_t build = reader_u32_le(&r);
	struct bytes name = reader_take(&r, 32);
	if (!reader_ok(&r))
		return;
	size_t size = 0;
	while (size + 1 < name.size && (name.at[size] || name.at[size + 1]))
		size += 2;
	if (size > 0)
		record_set_utf16(to, FIELD_RDP_CLIENT_NAME, bytes_of(name.at, size));
	record_set_uint(to, FIELD_RDP_CLIENT_BUILD, build);
	record_printf(to, FIELD_RDP_KEYBOARD, "0x%08x", keyboard);
}

/* The blocks behind the key "Duca" of a GCC Conference Create Request (T.124 section 8.7, packed encoding). */
static void read_gcc(struct bytes user_data, struct record *to)
{
	size_t at = bytes_find(user_data, bytes_string("Duca"));

	if (at == SIZE_MAX)
		return;
	struct reader r = reader_open(bytes_of(user_data.at + at + 4, user_data.size - at - 4));
	if (reader_u8(&r) & 0x80) /* a length of two bytes */
		reader_skip(&r, 1);
	for (int i = 0; i < GCC_BLOCKS && reader_left(&r) > 4; i++) {
		unsigned kind = reader_u16_le(&r);
		size_t size = reader_u16_le(&r);
		if (size < 4)
			return;
		struct reader block = reader_sub(&r, size - 4);
		if (kind == CS_CORE)
			read_core(block, to);
	}
}

/* Connect-Initial (T.125 section 7): selectors, a flag, three sets of parameters, the user data. */
static void connect_initial(struct parse *p, struct rdp *s, struct reader r)
{
	size_t size;

	if (reader_u16(&r) != 0x7f65)
		return;
	size = reader_u8(&r);
	if (size & 0x80)
		reader_skip(&r, size & 0x7f);
	ber_bytes(&r, BER_OCTETS);
	ber_bytes(&r, BER_OCTETS);
	ber_bytes(&r, BER_BOOLEAN);
	for (int i = 0; i < 3; i++)
		ber_bytes(&r, BER_SEQUENCE);
	struct bytes user_data = ber_bytes(&r, BER_OCTETS);
	sure(p, s);
	struct record *to = open_record(p, s);
	if (to && user_data.size > 0)
		read_gcc(user_data, to);
	keep(p, s, to);
}

/* --- frames --- */

/* A TPKT frame with an X.224 request or confirm in it, as far as it is there. */
static enum probe probe_frame(struct bytes b, uint8_t code)
{
	static const uint8_t start[] = { 3, 0 };
	size_t known = b.size < sizeof(start) ? b.size : sizeof(start);

	if (memcmp(b.at, start, known) != 0)
		return PROBE_NO;
	if (b.size < TPKT_HEADER + REQUEST_FIXED)
		return PROBE_MORE;
	size_t size = (size_t)b.at[2] << 8 | b.at[3];
	if (size < TPKT_HEADER + REQUEST_FIXED || size > TPKT_MAX || b.at[4] + 5u != size || b.at[5] != code)
		return PROBE_NO;
	return PROBE_YES;
}

/* Others speak X.224 too (RFC 1006: S7, MMS); they put parameters where RDP has its line and its negotiation. */
static enum probe rdp_probe(enum side side, struct bytes start)
{
	enum probe answer = probe_frame(start, side == CLIENT ? X224_REQUEST : X224_CONFIRM);

	if (answer != PROBE_YES || start.at[4] == REQUEST_FIXED - 1)
		return answer;
	if (start.size == TPKT_HEADER + REQUEST_FIXED)
		return PROBE_MORE;
	uint8_t next = start.at[TPKT_HEADER + REQUEST_FIXED];
	if (side == SERVER)
		return next == NEGOTIATION_RESPONSE || next == NEGOTIATION_FAILURE ? PROBE_YES : PROBE_NO;
	return next == NEGOTIATION_REQUEST || (next >= ' ' && next < 0x7f) ? PROBE_YES : PROBE_NO;
}

/* The next frame without its header; false where it is not whole yet, or (r failed) none. */
static bool next_frame(struct parse *p, struct reader *r, struct reader *ret)
{
	struct reader try = *r;
	unsigned version = reader_u8(&try);
	reader_skip(&try, 1);
	size_t size = reader_u16(&try);

	if (!reader_ok(&try)) {
		parse_need(p, TPKT_HEADER);
		return false;
	}
	if (version != 3 || size < TPKT_HEADER + 3 || size > TPKT_MAX) {
		reader_fail(r);
		return false;
	}
	*ret = reader_sub(&try, size - TPKT_HEADER);
	if (!reader_ok(&try)) {
		parse_need(p, size);
		return false;
	}
	*r = try;
	return true;
}

static enum parsed client_frame(struct parse *p, struct rdp *s, struct reader frame)
{
	size_t size = reader_u8(&frame);
	struct reader head = reader_sub(&frame, size);
	uint8_t code = reader_u8(&head);

	if (!s->asked && code == X224_REQUEST) {
		reader_skip(&head, 5);
		request(p, s, head);
		return PARSED;
	}
	if (s->asked && code == X224_DATA)
		connect_initial(p, s, frame);
	if (!s->confirmed)
		return PARSE_NOT_MINE;
	tell(p, s);
	parse_finish(p, true);
	return PARSED;
}

static enum parsed rdp_parse(struct parse *p, struct reader *r)
{
	struct rdp *s = parse_state(p);
	struct reader frame;

	if (!s)
		return PARSE_NOT_MINE;
	while (reader_left(r) > 0) {
		if (!next_frame(p, r, &frame))
			return reader_ok(r) ? PARSED : s->confirmed ? PARSE_MALFORMED : PARSE_NOT_MINE;
		if (parse_side(p) == CLIENT)
			return client_frame(p, s, frame);
		if (s->answered)
			continue;
		reader_skip(&frame, 1);
		if (reader_u8(&frame) != X224_CONFIRM)
			return s->confirmed ? PARSE_MALFORMED : PARSE_NOT_MINE;
		reader_skip(&frame, 5);
		if (confirm(p, s, frame)) {
			parse_handover(p);
			return PARSED;
		}
	}
	return PARSED;
}

static void rdp_close(struct parse *p, enum ending how)
{
	struct rdp *s = parse_state(p);

	(void)how;
	if (s)
		tell(p, s);
}

static void rdp_release(void *state)
{
	struct rdp *s = state;

	record_free(s->told);
}

static const struct port_hint rdp_ports[] = { { 3389, false }, { 0, false } };

extern const struct protocol protocol_rdp;
const struct protocol protocol_rdp = {
	.name = "rdp",
	.about = "MS-RDPBCGR 2.2.1",
	.ports = rdp_ports,
	.stream = true,
	.state_size = sizeof(struct rdp),
	.probe = rdp_probe,
	.parse = rdp_parse,
	.close = rdp_close,
	.release = rdp_release,
};
