/* SPDX-License-Identifier: BSD-2-Clause
 * DHCP for IPv4 (RFC 2131, options of RFC 2132, RFC 4702): which host has which address, what it calls itself, and
 * what a server tells it. One `dhcp` record a message: clients without an address share one flow. */
#include "base/hash.h"
#include "base/text.h"
#include "proto/protocol.h"

#define FIXED 236     /* bytes in front of the magic cookie */
#define COOKIE 0x63825363
#define OPTIONS_MAX 128
#define LIST_MAX 8    /* addresses told of one option */
#define TEXT_MAX 255
#define TOLD_MAX 16   /* messages of one flow that are remembered, so that relays and repeats are told once */

enum { OPTION_ROUTER = 3, OPTION_DNS = 6, OPTION_NAME = 12, OPTION_REQUESTED = 50, OPTION_MESSAGE = 53,
       OPTION_SERVER = 54, OPTION_VENDOR = 60, OPTION_FQDN = 81, OPTION_WPAD = 252, OPTION_END = 255 };

struct dhcp {
	uint64_t told[TOLD_MAX];
	uint8_t next;
	bool confirmed;
};

static enum probe dhcp_probe(enum side side, struct bytes start)
{
	struct reader r = reader_open(start);
	uint8_t op = reader_u8(&r);
	reader_skip(&r, 1);
	uint8_t size = reader_u8(&r);

	(void)side;
	reader_skip(&r, FIXED - 3);
	uint32_t cookie = reader_u32(&r);
	return reader_ok(&r) && (op == 1 || op == 2) && size <= 16 && cookie == COOKIE ? PROBE_YES : PROBE_NO;
}

static void set_text(struct record *r, enum field f, struct bytes b)
{
	while (b.size > 0 && b.at[b.size - 1] == 0)
		b.size--;
	if (b.size > 0 && b.size <= TEXT_MAX)
		record_set_wire(r, f, b);
}

static void set_address(struct record *r, enum field f, struct bytes b)
{
	static const uint8_t none[4];

	if (b.size < 4 || memcmp(b.at, none, 4) == 0)
		return;
	struct address a = address_v4(b.at);
	record_set_ip(r, f, &a);
}

static void add_addresses(struct record *r, enum field f, struct reader list)
{
	for (int i = 0; i < LIST_MAX && reader_left(&list) >= 4; i++) {
		struct address a = address_v4(reader_take(&list, 4).at);
		record_add_ip(r, f, &a);
	}
}

/* RFC 4702 section 2.1: flags, two codes of old, the name as text or in the encoding of the DNS. */
static void set_fqdn(struct record *r, struct reader option)
{
	char room[TEXT_MAX];
	struct text name = TEXT_ON(room);
	uint8_t flags = reader_u8(&option);

	reader_skip(&option, 2);
	if (!(flags & 4)) {
		set_text(r, FIELD_DHCP_CLIENT_NAME, reader_rest(&option));
		return;
	}
	while (reader_left(&option) > 0) {
		struct bytes label = reader_take8(&option);
		if (label.size == 0 || label.size > 63)
			break;
		if (name.used > 0)
			text_char(&name, '.');
		text_utf8(&name, label);
	}
	record_set_text(r, FIELD_DHCP_CLIENT_NAME, text_bytes(&name));
}

static void see_option(struct record *r, unsigned code, struct reader option)
{
	static const char *const kinds[] = { NULL, "discover", "offer", "request", "decline", "ack", "nak", "release",
					     "inform" };
	struct bytes b = reader_rest(&option);

	switch (code) {
	case OPTION_MESSAGE:
		if (b.size == 1 && b.at[0] < ARRAY_SIZE(kinds))
			record_set_string(r, FIELD_DHCP_MESSAGE, kinds[b.at[0]]);
		break;
	case OPTION_NAME:
		if (!record_has(r, FIELD_DHCP_CLIENT_NAME))
			set_text(r, FIELD_DHCP_CLIENT_NAME, b);
		break;
	case OPTION_FQDN:
		if (b.size > 3 && b.at[3] != 0)
			set_fqdn(r, option);
		break;
	case OPTION_REQUESTED:
		set_address(r, FIELD_DHCP_REQUESTED_IP, b);
		break;
	case OPTION_SERVER:
		set_address(r, FIELD_DHCP_SERVER_IP, b);
		break;
	case OPTION_ROUTER:
		add_addresses(r, FIELD_DHCP_ROUTER_IP, option);
		break;
	case OPTION_DNS:
		add_addresses(r, FIELD_DHCP_DNS_IP, option);
		break;
	case OPTION_VENDOR:
		set_text(r, FIELD_DHCP_VENDOR_CLASS, b);
		break;
	case OPTION_WPAD:
		set_text(r, FIELD_DHCP_WPAD, b);
		break;
	default:
		break;
	}
}

static bool is_news(struct dhcp *s, struct bytes all)
{
	static const struct hash_key key = { 0, 0 }; /* collisions only silence a sender's own repeats */
	struct reader r = reader_open(all);

	reader_skip(&r, 4);
	struct bytes transaction = reader_take(&r, 4);
	reader_skip(&r, 4); /* seconds, which grow, and flags */
	uint64_t id = hash_bytes(&key, transaction.at, transaction.size);
	struct bytes rest = reader_rest(&r);
	uint64_t hash = id ^ hash_bytes(&key, rest.at, rest.size);
	for (size_t i = 0; i < TOLD_MAX; i++)
		if (s->told[i] == hash)
			return false;
	s->told[s->next] = hash;
	s->next = (uint8_t)((s->next + 1) % TOLD_MAX);
	return true;
}

static void tell(struct parse *p, struct bytes all)
{
	struct reader r = reader_open(all);
	struct record *to = parse_record(p, DATASET_DHCP);
	bool reply = reader_u8(&r) == 2;
	reader_skip(&r, 1);
	size_t hardware = reader_u8(&r);
	reader_skip(&r, 9);
	struct bytes own = reader_take(&r, 4);
	struct bytes given = reader_take(&r, 4);
	reader_skip(&r, 8); /* next server, relay */
	struct bytes mac = reader_take(&r, 16);
	reader_skip(&r, FIXED - 44 + 4);

	if (!to || !reader_ok(&r))
		return;
	record_set_string(to, FIELD_DHCP_MESSAGE, reply ? "offer" : "discover"); /* BOOTP (RFC 951) has no kinds */
	if (hardware == 6)
		record_set_mac(to, FIELD_DHCP_CLIENT_MAC, mac.at);
	set_address(to, FIELD_DHCP_REQUESTED_IP, own);
	if (reply)
		set_address(to, FIELD_DHCP_ASSIGNED_IP, given);
	for (int i = 0; i < OPTIONS_MAX && reader_left(&r) > 0; i++) {
		unsigned code = reader_u8(&r);
		if (code == OPTION_END)
			break;
		if (code != 0)
			see_option(to, code, reader_sub8(&r));
	}
	struct bytes message = record_text(to, FIELD_DHCP_MESSAGE);
	char action[16];
	struct text t = TEXT_ON(action);
	text_add(&t, message);
	record_set_text(to, FIELD_EVENT_ACTION, text_bytes(&t));
	parse_emit(p, to);
}

static enum parsed dhcp_parse(struct parse *p, struct reader *r)
{
	struct dhcp *s = parse_state(p);
	struct bytes all = reader_rest(r);

	if (!s)
		return PARSE_NOT_MINE;
	if (dhcp_probe(parse_side(p), all) != PROBE_YES)
		return s->confirmed ? PARSE_MALFORMED : PARSE_NOT_MINE;
	if (!s->confirmed)
		parse_confirm(p);
	s->confirmed = true;
	if (is_news(s, all))
		tell(p, all);
	return PARSED;
}

static const struct port_hint dhcp_ports[] = { { 67, true }, { 68, true }, { 0, false } };

extern const struct protocol protocol_dhcp;
const struct protocol protocol_dhcp = {
	.name = "dhcp",
	.about = "RFC 2131, 2132, 4702",
	.ports = dhcp_ports,
	.datagram = true,
	.state_size = sizeof(struct dhcp),
	.probe = dhcp_probe,
	.parse = dhcp_parse,
};
