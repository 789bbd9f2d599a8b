/* SPDX-License-Identifier: BSD-2-Clause
 * SNMP over UDP, versions 1 (RFC 1157), 2c (RFC 1901) and 3 (RFC 3412). That a community string went over the wire is
 * told as one `auth` record a flow; the string itself is a password and is looked at by nobody. */
#include "ber.h"
#include "proto/protocol.h"

enum { VERSION_1 = 0, VERSION_2C = 1, VERSION_3 = 3 };
enum { GET_REQUEST = 0xa0, RESPONSE = 0xa2, REPORT = 0xa8 };

struct snmp {
	uint64_t time_ns, packet;
	bool confirmed, asked, told;
};

struct message {
	uint64_t version;
	bool community; /* one that is not empty */
	uint8_t pdu;
};

static bool read_message(struct bytes b, struct message *ret)
{
	struct reader r = reader_open(b);
	struct reader all = ber_expect(&r, BER_SEQUENCE);
	size_t size;

	*ret = (struct message){ .version = ber_number(&all, BER_INTEGER) };
	if (!reader_ok(&all) || ret->version == 2 || ret->version > VERSION_3)
		return false;
	if (ret->version == VERSION_3) {
		struct reader global = ber_expect(&all, BER_SEQUENCE);
		ber_number(&global, BER_INTEGER);
		ber_number(&global, BER_INTEGER);
		ber_bytes(&global, BER_OCTETS);
		ber_number(&global, BER_INTEGER);
		ber_bytes(&all, BER_OCTETS);
		return reader_ok(&global) && reader_ok(&all);
	}
	ret->community = ber_bytes(&all, BER_OCTETS).size > 0;
	ret->pdu = ber_head(&all, &size);
	return reader_ok(&all) && ret->pdu >= GET_REQUEST && ret->pdu <= REPORT && reader_left(&all) >= size;
}

static enum probe snmp_probe(enum side side, struct bytes start)
{
	struct message m;

	(void)side;
	return read_message(start, &m) ? PROBE_YES : PROBE_NO;
}

static void tell(struct parse *p, struct snmp *s, const char *outcome)
{
	struct record *r = parse_record_at(p, DATASET_AUTH, s->time_ns, s->packet);

	s->told = true;
	record_set_string(r, FIELD_AUTH_MECHANISM, "snmp-community");
	record_set_string(r, FIELD_AUTH_CARRIER, "snmp");
	record_set_string(r, FIELD_EVENT_OUTCOME, outcome);
	parse_emit(p, r);
}

static enum parsed snmp_parse(struct parse *p, struct reader *r)
{
	struct snmp *s = parse_state(p);
	struct message m;

	if (!s)
		return PARSE_NOT_MINE;
	if (!read_message(reader_rest(r), &m))
		return s->confirmed ? PARSE_MALFORMED : PARSE_NOT_MINE;
	if (!s->confirmed)
		parse_confirm(p);
	s->confirmed = true;
	if (!m.community || s->told)
		return PARSED;
	if (!s->asked) {
		s->time_ns = parse_time_ns(p);
		s->packet = parse_packet(p);
	}
	s->asked = true;
	if (m.pdu == RESPONSE)
		tell(p, s, "success");
	return PARSED;
}

/* An agent does not answer to a community that it does not know (RFC 1157 section 4.1). */
static void snmp_close(struct parse *p, enum ending how)
{
	struct snmp *s = parse_state(p);

	(void)how;
	if (s && s->asked && !s->told)
		tell(p, s, "unknown");
}

static const struct port_hint snmp_ports[] = { { 161, true }, { 162, true }, { 0, false } };

extern const struct protocol protocol_snmp;
const struct protocol protocol_snmp = {
	.name = "snmp",
	.about = "RFC 1157, 1901, 3412",
	.ports = snmp_ports,
	.datagram = true,
	.state_size = sizeof(struct snmp),
	.probe = snmp_probe,
	.parse = snmp_parse,
	.close = snmp_close,
};
