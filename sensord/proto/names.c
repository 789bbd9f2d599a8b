/* SPDX-License-Identifier: BSD-2-Clause
 * Names that hosts ask each other for without a server: NetBIOS names (RFC 1002 section 4.2), LLMNR (RFC 4795),
 * multicast DNS (RFC 6762). Queries go to everybody and answers come from anybody, often in flows of their own, so each
 * message is told by itself as a `dns` record: a question; or a name with its addresses, and who said so. What was told of a flow
 * lately is not told again. */
#include "base/hash.h"
#include "base/instant.h"
#include "dns.h"
#include "proto/protocol.h"

#define QUESTIONS_MAX 8
#define RECORDS_MAX 128   /* resource records read in one message */
#define TOLD_MAX 32       /* told of one flow, and remembered */
#define AGAIN_NS (3600 * NS_PER_S)
#define NETBIOS_LABEL 32  /* letters of an encoded name (RFC 1001 section 14.1) */
#define NETBIOS_NAME 15
#define CLASS_MASK 0x7fff /* RFC 6762 section 5.4: the upper bit is a flag */
#define NODE_NAMES 32     /* names of one node status */
#define NB_GROUP 0x8000   /* RFC 1002 section 4.2.1.3 */

enum { OPCODE_QUERY = 0, OPCODE_REGISTRATION = 5, OPCODE_RELEASE = 6, OPCODE_REFRESH = 8, OPCODE_REFRESH_ALT = 9,
       OPCODE_MULTIHOMED = 15 };
enum { SUFFIX_WORKSTATION = 0x00, SUFFIX_SERVER = 0x20 };

struct told {
	uint64_t hash, time_ns;
};

struct names {
	struct told told[TOLD_MAX];
	uint8_t next;
	bool confirmed;
};

struct message {
	struct bytes all;
	uint16_t flags, counts[4];
};

/* One resource record, or a question (no data). */
struct entry {
	struct reader data;
	struct text name;
	uint16_t type;
	char room[DNS_NAME_TEXT];
};

static unsigned opcode(const struct message *m) { return m->flags >> 11 & 15; }
static bool is_response(const struct message *m) { return m->flags >> 15; }

static struct reader open_message(struct bytes all, struct message *m)
{
	struct reader r = reader_open(all);

	m->all = all;
	reader_skip(&r, 2);
	m->flags = reader_u16(&r);
	for (unsigned i = 0; i < 4; i++)
		m->counts[i] = reader_u16(&r);
	return r;
}

static bool read_entry(const struct message *m, struct reader *r, bool question, struct entry *ret)
{
	ret->name = TEXT_ON(ret->room);
	if (!dns_name(m->all, r, &ret->name))
		return false;
	ret->type = reader_u16(r);
	unsigned class = reader_u16(r) & CLASS_MASK;
	ret->data = (struct reader){ 0 };
	if (question)
		return reader_ok(r) && (class == 1 || class == 255);
	reader_skip(r, 4); /* time to live */
	ret->data = reader_sub16(r);
	return reader_ok(r);
}

static unsigned records_of(const struct message *m)
{
	unsigned all = m->counts[1] + m->counts[2] + m->counts[3];

	return all < RECORDS_MAX ? all : RECORDS_MAX;
}

/* The message can be read to its end. */
static bool is_whole(struct bytes all)
{
	struct message m;
	struct entry e;
	struct reader r = open_message(all, &m);

	if (!reader_ok(&r) || m.counts[0] > QUESTIONS_MAX * 8 || m.counts[0] + records_of(&m) == 0)
		return false;
	for (unsigned i = 0; i < m.counts[0] + records_of(&m); i++)
		if (!read_entry(&m, &r, i < m.counts[0], &e))
			return false;
	return reader_left(&r) == 0 || records_of(&m) == RECORDS_MAX;
}

/* --- what is told --- */

/* True the first time that this flow says this, or after a while. */
static bool is_news(struct parse *p, struct names *s, struct bytes name, unsigned kind, struct bytes data)
{
	struct hash_key key = { kind, 0 }; /* collisions only silence a sender's own repeats */

	key.k1 = hash_bytes(&key, name.at, name.size);
	uint64_t hash = hash_bytes(&key, data.at, data.size);
	uint64_t now = parse_time_ns(p);
	for (size_t i = 0; i < TOLD_MAX; i++) {
		struct told *t = &s->told[i];
		if (t->hash != hash || t->time_ns == 0)
			continue;
		if (now - t->time_ns < AGAIN_NS)
			return false;
		t->time_ns = now;
		return true;
	}
	s->told[s->next] = (struct told){ hash, now ? now : 1 };
	s->next = (uint8_t)((s->next + 1) % TOLD_MAX);
	return true;
}

static struct record *open_record(struct parse *p, struct bytes name, const char *kind, uint16_t type)
{
	char room[DNS_CODE_TEXT];
	struct record *r = parse_record(p, DATASET_DNS);

	record_set_string(r, FIELD_DNS_TYPE, kind);
	record_set_text(r, FIELD_DNS_QUESTION_NAME, name);
	record_set_string(r, FIELD_DNS_QUESTION_TYPE, type == DNS_NB	? "NB"
						      : type == DNS_SRV ? "SRV"
									: dns_type_name(type, room));
	return r;
}

static void set_responder(struct parse *p, struct record *r)
{
	const struct address *a = record_ip(r, parse_side(p) == CLIENT ? FIELD_SOURCE_IP : FIELD_DESTINATION_IP);

	if (!a)
		return;
	struct address responder = *a; /* the record's values may move */
	record_set_ip(r, FIELD_DNS_RESPONDER, &responder);
}

static void add_address(struct record *r, const struct address *a)
{
	char room[ADDRESS_TEXT];

	record_add_ip(r, FIELD_DNS_RESOLVED_IP, a);
	record_add_text(r, FIELD_DNS_ANSWERS, bytes_string(address_format(a, room)));
}

static void tell_question(struct parse *p, struct names *s, struct bytes name, uint16_t type)
{
	if (name.size > 0 && is_news(p, s, name, type, (struct bytes){ 0 }))
		parse_emit(p, open_record(p, name, "query", type));
}

/* A name and the addresses that someone says it has. */
static void tell_name(struct parse *p, struct names *s, struct bytes name, const char *kind, uint16_t type,
		      const struct address *addresses, size_t n)
{
	struct bytes all = bytes_of(addresses, n * sizeof(*addresses));

	if (name.size == 0 || n == 0 || !is_news(p, s, name, type + 0x10000u, all))
		return;
	struct record *r = open_record(p, name, kind, type);
	for (size_t i = 0; i < n; i++)
		add_address(r, &addresses[i]);
	set_responder(p, r);
	record_set_string(r, FIELD_EVENT_OUTCOME, "success");
	parse_emit(p, r);
}

/* --- LLMNR and multicast DNS --- */

#define ADDRESSES_MAX 16 /* of one name in one message */

struct found {
	char name[DNS_NAME_TEXT];
	size_t name_size, n;
	uint16_t type;
	struct address addresses[ADDRESSES_MAX];
};

static void flush(struct parse *p, struct names *s, struct found *f)
{
	tell_name(p, s, bytes_of(f->name, f->name_size), "answer", f->type, f->addresses, f->n);
	f->n = 0;
}

static void see_address(struct parse *p, struct names *s, struct found *f, const struct entry *e)
{
	struct bytes data = reader_rest(&e->data);
	struct bytes name = text_bytes(&e->name);

	if (!(e->type == DNS_A && data.size == 4) && !(e->type == DNS_AAAA && data.size == 16))
		return;
	if (f->n > 0 && (f->n == ADDRESSES_MAX || !bytes_equal_nocase(name, bytes_of(f->name, f->name_size))))
		flush(p, s, f);
	if (f->n == 0) {
		memset(f->addresses, 0, sizeof(f->addresses));
		memcpy(f->name, name.at, name.size);
		f->name_size = name.size;
		f->type = e->type;
	}
	f->addresses[f->n++] = e->type == DNS_A ? address_v4(data.at) : address_v6(data.at);
}

static bool see_message(struct parse *p, struct names *s, struct bytes all)
{
	struct message m;
	struct entry e;
	struct found f = { .n = 0 };
	struct reader r = open_message(all, &m);

	for (unsigned i = 0; i < m.counts[0]; i++) {
		if (!read_entry(&m, &r, true, &e))
			return false;
		if (!is_response(&m) && i < QUESTIONS_MAX)
			tell_question(p, s, text_bytes(&e.name), e.type);
	}
	for (unsigned i = 0; i < records_of(&m); i++) {
		if (!read_entry(&m, &r, false, &e))
			break;
		if (is_response(&m))
			see_address(p, s, &f, &e);
	}
	flush(p, s, &f);
	return reader_ok(&r);
}

/* --- NetBIOS names --- */

/* "FHFAEBEE…" is WPAD: two letters a byte, 15 bytes of name and one of suffix; *suffix is -1 where it is no such name. */
static struct bytes netbios_name(struct bytes encoded, char room[NETBIOS_NAME], int *suffix)
{
	uint8_t raw[NETBIOS_NAME + 1];

	*suffix = -1;
	if (encoded.size < NETBIOS_LABEL)
		return (struct bytes){ 0 };
	for (size_t i = 0; i < sizeof(raw); i++) {
		uint8_t high = encoded.at[2 * i], low = encoded.at[2 * i + 1];
		if (high < 'A' || high > 'P' || low < 'A' || low > 'P')
			return (struct bytes){ 0 };
		raw[i] = (uint8_t)((high - 'A') << 4 | (low - 'A'));
	}
	*suffix = raw[NETBIOS_NAME];
	memcpy(room, raw, NETBIOS_NAME);
	size_t size = NETBIOS_NAME;
	while (size > 0 && (room[size - 1] == ' ' || room[size - 1] == 0))
		size--;
	for (size_t i = 0; i < size; i++)
		if (room[i] < ' ' || room[i] == 127)
			room[i] = '?';
	return bytes_of(room, size);
}

/* Names that a host has for itself; groups, and users (suffix 3), are others'. */
static bool is_host_suffix(int suffix)
{
	return suffix == SUFFIX_WORKSTATION || suffix == SUFFIX_SERVER;
}

static void see_nb(struct parse *p, struct names *s, const struct message *m, struct entry *e)
{
	char room[NETBIOS_NAME];
	int suffix;
	struct address addresses[ADDRESSES_MAX];
	size_t n = 0;
	struct bytes name = netbios_name(text_bytes(&e->name), room, &suffix);
	unsigned op = opcode(m);
	bool group = false;

	memset(addresses, 0, sizeof(addresses));
	while (n < ADDRESSES_MAX && reader_left(&e->data) >= 6) {
		group |= (reader_u16(&e->data) & NB_GROUP) != 0;
		addresses[n++] = address_v4(reader_take(&e->data, 4).at);
	}
	bool answer = is_response(m) && op == OPCODE_QUERY && (m->flags & 15) == 0;
	bool claim = !is_response(m) && (op == OPCODE_REGISTRATION || op == OPCODE_REFRESH ||
					 op == OPCODE_REFRESH_ALT || op == OPCODE_MULTIHOMED);
	if (answer || (claim && !group && is_host_suffix(suffix)))
		tell_name(p, s, name, answer ? "answer" : "announce", DNS_NB, addresses, n);
}

/* Node status (RFC 1002 section 4.2.18): the names of the one that answers. */
static void see_status(struct parse *p, struct names *s, struct entry *e)
{
	unsigned count = reader_u8(&e->data);

	for (unsigned i = 0; i < count && i < NODE_NAMES; i++) {
		struct bytes name = reader_take(&e->data, NETBIOS_NAME);
		int suffix = reader_u8(&e->data);
		unsigned flags = reader_u16(&e->data);
		if (!reader_ok(&e->data))
			return;
		if (suffix != SUFFIX_WORKSTATION || (flags & NB_GROUP))
			continue;
		while (name.size > 0 && (name.at[name.size - 1] == ' ' || name.at[name.size - 1] == 0))
			name.size--;
		struct record *r = is_news(p, s, name, DNS_SRV, (struct bytes){ 0 })
					   ? open_record(p, (struct bytes){ 0 }, "answer", DNS_SRV)
					   : NULL;
		record_set_wire(r, FIELD_DNS_QUESTION_NAME, name);
		record_set_string(r, FIELD_DNS_QUESTION_TYPE, "NBSTAT");
		set_responder(p, r);
		const struct address *a = record_ip(r, FIELD_DNS_RESPONDER);
		if (a) {
			struct address responder = *a;
			add_address(r, &responder);
		}
		parse_emit(p, r);
		return;
	}
}

static bool see_netbios(struct parse *p, struct names *s, struct bytes all)
{
	struct message m;
	struct entry e;
	struct reader r = open_message(all, &m);

	for (unsigned i = 0; i < m.counts[0]; i++) {
		char room[NETBIOS_NAME];
		int suffix;
		if (!read_entry(&m, &r, true, &e))
			return false;
		struct bytes name = netbios_name(text_bytes(&e.name), room, &suffix);
		if (!is_response(&m) && opcode(&m) == OPCODE_QUERY && e.type == DNS_NB)
			tell_question(p, s, name, DNS_NB);
	}
	for (unsigned i = 0; i < records_of(&m); i++) {
		if (!read_entry(&m, &r, false, &e))
			break;
		if (e.type == DNS_NB)
			see_nb(p, s, &m, &e);
		else if (e.type == DNS_SRV && is_response(&m)) /* 33 is NBSTAT here */
			see_status(p, s, &e);
	}
	return reader_ok(&r);
}

/* --- recognition --- */

static enum probe nbns_probe(enum side side, struct bytes start)
{
	struct message m;
	struct entry e;
	char room[NETBIOS_NAME];
	int suffix;
	struct reader r = open_message(start, &m);

	(void)side;
	if (!is_whole(start) || !read_entry(&m, &r, m.counts[0] > 0, &e))
		return PROBE_NO;
	netbios_name(text_bytes(&e.name), room, &suffix);
	return suffix >= 0 && (e.type == DNS_NB || e.type == DNS_SRV) ? PROBE_YES : PROBE_NO;
}

/* Both look like DNS; the port says which is meant, and DNS itself is asked before where the port says nothing. */
static enum probe local_probe(enum side side, struct bytes start)
{
	struct message m;
	struct reader r = open_message(start, &m);

	(void)side;
	return reader_ok(&r) && opcode(&m) == OPCODE_QUERY && is_whole(start) ? PROBE_YES : PROBE_NO;
}

static enum parsed names_parse(struct parse *p, struct reader *r,
			       bool (*see)(struct parse *p, struct names *s, struct bytes all))
{
	struct names *s = parse_state(p);

	if (!s)
		return PARSE_NOT_MINE;
	if (!s->confirmed)
		parse_confirm(p);
	s->confirmed = true;
	return see(p, s, reader_rest(r)) ? PARSED : PARSE_MALFORMED;
}

static enum parsed nbns_parse(struct parse *p, struct reader *r) { return names_parse(p, r, see_netbios); }
static enum parsed local_parse(struct parse *p, struct reader *r) { return names_parse(p, r, see_message); }

static const struct port_hint nbns_ports[] = { { 137, true }, { 0, false } };
static const struct port_hint llmnr_ports[] = { { 5355, true }, { 0, false } };
static const struct port_hint mdns_ports[] = { { 5353, true }, { 0, false } };

extern const struct protocol protocol_nbns, protocol_llmnr, protocol_mdns;
const struct protocol protocol_nbns = {
	.name = "nbns", .about = "RFC 1001, 1002", .ports = nbns_ports, .datagram = true,
	.state_size = sizeof(struct names), .probe = nbns_probe, .parse = nbns_parse,
};

const struct protocol protocol_llmnr = {
	.name = "llmnr", .about = "RFC 4795", .ports = llmnr_ports, .datagram = true,
	.state_size = sizeof(struct names), .probe = local_probe, .parse = local_parse,
};

const struct protocol protocol_mdns = {
	.name = "mdns", .about = "RFC 6762", .ports = mdns_ports, .datagram = true,
	.state_size = sizeof(struct names), .probe = local_probe, .parse = local_parse,
};
