/* SPDX-License-Identifier: BSD-2-Clause
 * DNS (RFC 1035, RFC 6891) over UDP and TCP. One `dns` record per question, told with its answer, or without one when
 * the flow ends. What is a query and what a response is said by the message, not by the side: a capture may begin with
 * the response. Messages ask one question in practice (RFC 9619); more are not told. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "dns.h"
#include "proto/protocol.h"

#define DNS_HEADER 12
#define DNS_PENDING 16 /* questions that wait for their answer on one flow; the oldest goes first */
#define DNS_RECORDS 256 /* resource records read in one message, and questions passed over */
#define DNS_ANSWERS 32  /* answers told in one record */
#define DNS_TEXT_DATA 512 /* bytes of one answer as text, at least a name */
#define DNS_STREAM_PREFIX 2 /* RFC 1035 section 4.2.2 */

enum { OPCODE_QUERY = 0, OPCODE_NOTIFY = 4, OPCODE_UPDATE = 5 };

/* Of a question that waits only what its record will say is kept. */
struct question {
	struct question *next;
	uint64_t time_ns, packet;
	uint16_t id, type;
	uint8_t z;
	uint16_t name_size;
	char name[];
};

struct dns {
	struct question *first; /* oldest */
	uint8_t n_pending;
	bool confirmed;
};

struct message {
	struct bytes all;
	struct reader r; /* behind the question */
	uint16_t id, flags, questions, counts[3]; /* answers, authorities, additional */
	uint16_t type;
	struct text name;
	char room[DNS_NAME_TEXT];
};

static unsigned opcode(uint16_t flags)
{
	return flags >> 11 & 15;
}

static bool is_response(uint16_t flags)
{
	return flags >> 15;
}

static bool read_message(struct bytes all, struct message *m)
{
	m->all = all;
	m->r = reader_open(all);
	m->name = TEXT_ON(m->room);
	m->id = reader_u16(&m->r);
	m->flags = reader_u16(&m->r);
	m->questions = reader_u16(&m->r);
	for (unsigned i = 0; i < 3; i++)
		m->counts[i] = reader_u16(&m->r);
	m->type = 0;
	if (m->questions > DNS_RECORDS)
		return false;
	for (unsigned i = 0; i < m->questions; i++) {
		if (!dns_name(all, &m->r, i == 0 ? &m->name : NULL))
			return false;
		uint16_t type = reader_u16(&m->r);
		reader_skip(&m->r, 2); /* class */
		if (i == 0)
			m->type = type;
	}
	return reader_ok(&m->r);
}

static uint8_t reserved_bits(const struct message *m)
{
	return m->flags >> 4 & 7;
}

static void set_question(struct record *r, uint16_t id, struct bytes name, uint16_t type, uint8_t z)
{
	char room[DNS_CODE_TEXT];

	record_set_uint(r, FIELD_DNS_ID, id);
	record_set_text(r, FIELD_DNS_QUESTION_NAME, name);
	record_set_string(r, FIELD_DNS_QUESTION_TYPE, dns_type_name(type, room));
	record_set_uint(r, FIELD_DNS_Z, z);
}

/* A record with the time of the question, and what it asked. */
static struct record *question_record(struct parse *p, const struct question *q)
{
	struct record *r = parse_record_at(p, DATASET_DNS, q->time_ns, q->packet);

	if (r)
		set_question(r, q->id, bytes_of(q->name, q->name_size), q->type, q->z);
	return r;
}

static size_t question_memory(const struct question *q)
{
	return sizeof(*q) + q->name_size;
}

static void forget(struct parse *p, struct dns *d, struct question **at)
{
	struct question *q = *at;

	*at = q->next;
	d->n_pending--;
	parse_charge(p, 0, question_memory(q));
	free(q);
}

/* Tells the oldest question without an answer. */
static void tell_unanswered(struct parse *p, struct dns *d)
{
	struct record *r = question_record(p, d->first);

	record_set_string(r, FIELD_DNS_TYPE, "query");
	parse_emit(p, r);
	forget(p, d, &d->first);
}

/* Where the question that m repeats or answers hangs; its end where there is none. */
static struct question **find_question(struct dns *d, const struct message *m)
{
	struct question **at = &d->first;

	for (; *at; at = &(*at)->next)
		if ((*at)->id == m->id && (m->questions == 0 || bytes_equal_nocase(bytes_of((*at)->name, (*at)->name_size),
										  text_bytes(&m->name))))
			break;
	return at;
}

static void query(struct parse *p, struct dns *d, const struct message *m)
{
	struct bytes name = text_bytes(&m->name);

	if (m->questions == 0 || !parse_wants(p, DATASET_DNS) || *find_question(d, m))
		return; /* asked again with the same number: one question */
	if (d->n_pending == DNS_PENDING)
		tell_unanswered(p, d);
	struct question *q = malloc(sizeof(*q) + name.size);
	if (!q)
		return;
	*q = (struct question){ .time_ns = parse_time_ns(p), .packet = parse_packet(p), .id = m->id, .type = m->type,
				.z = reserved_bits(m), .name_size = (uint16_t)name.size };
	memcpy(q->name, name.at, name.size);
	struct question **end = &d->first;
	while (*end)
		end = &(*end)->next;
	*end = q;
	d->n_pending++;
	parse_charge(p, question_memory(q), 0);
}

/* Character strings (RFC 1035 section 3.3) one after the other, as one text. */
static void print_strings(struct text *out, struct reader data)
{
	while (reader_left(&data) > 0) {
		struct bytes b = reader_take8(&data);
		for (size_t i = 0; i < b.size; i++) {
			if (b.at[i] == ' ')
				text_char(out, ' ');
			else
				dns_escape(out, bytes_of(b.at + i, 1), false);
		}
	}
}

/* The data of one answer as text; false for types that are not told, and for broken data. */
static bool print_data(struct text *out, struct bytes all, uint16_t type, struct reader data)
{
	switch (type) {
	case DNS_NS:
	case DNS_CNAME:
	case DNS_PTR:
	case DNS_DNAME:
	case DNS_SOA:
		break;
	case DNS_MX:
		text_printf(out, "%u ", reader_u16(&data));
		break;
	case DNS_SRV: {
		uint16_t priority = reader_u16(&data);
		uint16_t weight = reader_u16(&data);
		uint16_t port = reader_u16(&data);
		text_printf(out, "%u %u %u ", priority, weight, port);
		break;
	}
	case DNS_TXT:
	case DNS_SPF:
		print_strings(out, data);
		return true;
	default:
		return false;
	}
	return dns_name(all, &data, out);
}

static void add_answer(struct record *into, struct bytes all, uint16_t type, struct reader data)
{
	UNINITIALIZED char room[DNS_NAME_TEXT + DNS_TEXT_DATA];
	struct text out = TEXT_ON(room);
	struct bytes raw = reader_rest(&data);

	if ((type == DNS_A && raw.size == 4) || (type == DNS_AAAA && raw.size == 16)) {
		struct address a = type == DNS_A ? address_v4(raw.at) : address_v6(raw.at);
		char shown[ADDRESS_TEXT];
		record_add_ip(into, FIELD_DNS_RESOLVED_IP, &a);
		record_add_text(into, FIELD_DNS_ANSWERS, bytes_string(address_format(&a, shown)));
	} else if (print_data(&out, all, type, data)) {
		record_add_text(into, FIELD_DNS_ANSWERS, text_bytes(&out));
	}
}

/* Walks the sections; returns the upper bits of the result code (RFC 6891 section 6.1.3). */
static unsigned set_answers(struct record *into, struct message *m)
{
	unsigned read = 0, high = 0, told = 0;

	for (unsigned section = 0; section < 3; section++) {
		for (unsigned i = 0; i < m->counts[section] && read < DNS_RECORDS; i++, read++) {
			if (!dns_name(m->all, &m->r, NULL))
				return high;
			uint16_t type = reader_u16(&m->r);
			reader_skip(&m->r, 2); /* class */
			uint32_t ttl = reader_u32(&m->r);
			struct reader data = reader_sub16(&m->r);
			if (!reader_ok(&m->r))
				return high;
			if (section == 0 && told++ < DNS_ANSWERS)
				add_answer(into, m->all, type, data);
			if (section == 2 && type == DNS_OPT)
				high = ttl >> 24;
		}
	}
	return high;
}

static void response(struct parse *p, struct dns *d, struct message *m)
{
	struct question **at = find_question(d, m);
	const struct question *q = *at;
	char room[DNS_CODE_TEXT];

	if (!q && m->questions == 0)
		return; /* a further message of a zone transfer, or an answer to nothing that was seen */
	struct record *r = q ? question_record(p, q) : parse_record(p, DATASET_DNS);
	if (r) {
		if (!q)
			set_question(r, m->id, text_bytes(&m->name), m->type, reserved_bits(m));
		unsigned rcode = (m->flags & 15) | set_answers(r, m) << 4;
		record_set_string(r, FIELD_DNS_TYPE, "answer");
		record_set_string(r, FIELD_DNS_RESPONSE_CODE, dns_rcode_name((uint16_t)rcode, room));
		record_set_string(r, FIELD_EVENT_OUTCOME, rcode == 0 ? "success" : "failure");
		record_set_bool(r, FIELD_DNS_REJECTED, rcode != 0 && m->counts[0] == 0);
		parse_emit(p, r);
	}
	if (q)
		forget(p, d, at);
}

/* Multicast DNS (RFC 6762), LLMNR (RFC 4795) and NetBIOS names (RFC 1002) look alike and are something else. */
static bool is_other_port(uint16_t port)
{
	return port == 5353 || port == 5355 || port == 137;
}

static bool one_message(struct parse *p, struct dns *d, struct bytes all)
{
	UNINITIALIZED struct message m;

	if (!read_message(all, &m))
		return false;
	if (!d->confirmed)
		parse_confirm(p);
	d->confirmed = true;
	if (opcode(m.flags) != OPCODE_QUERY)
		return true;
	if (is_response(m.flags))
		response(p, d, &m);
	else
		query(p, d, &m);
	return true;
}

static enum parsed dns_parse(struct parse *p, struct reader *r)
{
	struct dns *d = parse_state(p);

	if (!d || is_other_port(parse_server_port(p)))
		return PARSE_NOT_MINE;
	if (parse_is_datagram(p))
		return one_message(p, d, reader_rest(r)) ? PARSED : d->confirmed ? PARSE_MALFORMED : PARSE_NOT_MINE;
	while (reader_left(r) > 0) {
		struct reader try = *r;
		size_t size = reader_u16(&try);
		struct bytes all = reader_take(&try, size);
		if (!reader_ok(&try)) {
			parse_need(p, reader_left(r) < DNS_STREAM_PREFIX ? DNS_STREAM_PREFIX : DNS_STREAM_PREFIX + size);
			return PARSED;
		}
		if (!one_message(p, d, all))
			return d->confirmed ? PARSE_MALFORMED : PARSE_NOT_MINE;
		*r = try;
	}
	return PARSED;
}

static void dns_close(struct parse *p, enum ending how)
{
	struct dns *d = parse_state(p);

	(void)how;
	while (d && d->first)
		tell_unanswered(p, d);
}

static void dns_release(void *state)
{
	struct dns *d = state;

	while (d->first) {
		struct question *q = d->first;
		d->first = q->next;
		free(q);
	}
}

/* Every number of the header that a real message cannot have says no. */
static bool header_like(uint16_t flags, const uint16_t counts[4])
{
	unsigned op = opcode(flags);

	if (op != OPCODE_QUERY && op != OPCODE_NOTIFY && op != OPCODE_UPDATE)
		return false;
	if (is_response(flags))
		return counts[0] <= 1 && (flags & 15) <= 11 && counts[1] < 4096 && counts[2] < 256 && counts[3] < 256;
	if (counts[0] != 1 || (flags & 15) != 0)
		return false;
	return op != OPCODE_QUERY || (counts[1] == 0 && counts[2] <= 1 && counts[3] <= 2);
}

/* RFC 1002 section 4.2: a name of 16 bytes, each written as two letters from A to P. */
static bool netbios_like(struct bytes name)
{
	if (name.size < 33 || name.at[0] != 32)
		return false;
	for (size_t i = 1; i < 33; i++)
		if (name.at[i] < 'A' || name.at[i] > 'P')
			return false;
	return true;
}

/* The question as far as it is there. */
static enum probe probe_question(struct bytes all, struct reader r)
{
	struct bytes start = reader_rest(&r);

	for (struct reader labels = r; reader_left(&labels) > 0;) {
		uint8_t size = reader_u8(&labels);
		if (size > 63)
			return PROBE_NO; /* no pointer has anywhere to lead yet */
		reader_skip(&labels, size);
		if (size == 0)
			break;
	}
	if (!dns_name(all, &r, NULL))
		return PROBE_MORE;
	uint16_t type = reader_u16(&r);
	uint16_t class = reader_u16(&r);
	if (!reader_ok(&r))
		return PROBE_MORE;
	bool netbios = netbios_like(start) && (type == DNS_NB || type == DNS_SRV);
	bool class_known = class == 1 || class == 3 || class == 4 || class == 254 || class == 255;
	return type != 0 && class_known && !netbios ? PROBE_YES : PROBE_NO;
}

static enum probe probe_message(struct bytes all)
{
	struct reader r = reader_open(all);
	uint16_t counts[4];

	reader_skip(&r, 2);
	uint16_t flags = reader_u16(&r);
	for (unsigned i = 0; i < 4; i++)
		counts[i] = reader_u16(&r);
	if (!reader_ok(&r))
		return PROBE_MORE;
	if (!header_like(flags, counts))
		return PROBE_NO;
	if (counts[0] == 0) /* a refusal without its question: the header is all there is to go by */
		return (flags & 15) != 0 && counts[1] == 0 ? PROBE_YES : PROBE_NO;
	return probe_question(all, r);
}

/* A stream begins with the length of the first message. A datagram is one; the probe sees which by the header: where
 * the first two bytes are a length, what follows reads as a message as well. */
static enum probe dns_probe(enum side side, struct bytes start)
{
	(void)side;
	enum probe datagram = probe_message(start);
	if (datagram == PROBE_YES || start.size < DNS_STREAM_PREFIX)
		return start.size < DNS_STREAM_PREFIX ? PROBE_MORE : datagram;
	size_t size = (size_t)start.at[0] << 8 | start.at[1];
	struct bytes inner = bytes_of(start.at + DNS_STREAM_PREFIX, start.size - DNS_STREAM_PREFIX);
	if (size < DNS_HEADER)
		return PROBE_NO;
	enum probe stream = probe_message(bytes_of(inner.at, inner.size < size ? inner.size : size));
	if (stream == PROBE_MORE && (inner.size >= size || start.size >= LIMIT_PROBE))
		return inner.size >= size ? PROBE_NO : PROBE_YES;
	return stream;
}

static const struct port_hint dns_ports[] = { { 53, true }, { 53, false }, { 0, false } };

const struct protocol protocol_dns = {
	.name = "dns",
	.about = "RFC 1035, 6891",
	.ports = dns_ports,
	.stream = true,
	.datagram = true,
	.state_size = sizeof(struct dns),
	.probe = dns_probe,
	.parse = dns_parse,
	.close = dns_close,
	.release = dns_release,
};
