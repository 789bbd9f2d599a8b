/* SPDX-License-Identifier: BSD-2-Clause
 * What the engine itself tells: the fields that every record of a flow carries, and the flow records. */
#include "base/instant.h"
#include "flow.h"
#include "record/contact.h"

static const char *transport_name(const struct flow *f)
{
	switch (f->key.protocol) {
	case IP_TCP: return "tcp";
	case IP_UDP: return "udp";
	case IP_ICMP: return "icmp";
	case IP_ICMPV6: return "ipv6-icmp";
	case IP_GRE: return "gre";
	case IP_ESP: return "esp";
	case IP_AH: return "ah";
	case IP_IPIP: return "ipip";
	case IP_IPV6: return "ipv6";
	case IP_SCTP: return "sctp";
	default: return NULL;
	}
}

static bool has_ports(const struct flow *f)
{
	return f->key.protocol == IP_TCP || f->key.protocol == IP_UDP || f->key.protocol == IP_SCTP;
}

/* Where it was seen. */
static void set_place(const struct engine *e, uint64_t packet, uint16_t interface, struct contact_ends *ends)
{
	uint64_t file = packet >> PACKET_FILE_SHIFT;

	ends->observer = e->settings.observer;
	ends->interface = interface > 0 && interface <= e->n_interfaces ? e->interfaces[interface - 1] : NULL;
	ends->file = file > 0 && file <= e->n_files ? e->files[file - 1] : NULL;
	ends->packet = packet & PACKET_NUMBER_MASK;
}

static void set_ends(const struct engine *e, const struct flow *f, uint64_t packet, struct contact_ends *ends)
{
	ends->client = f->client_is_a ? f->key.a : f->key.b;
	ends->server = f->client_is_a ? f->key.b : f->key.a;
	ends->client_port = f->port[CLIENT];
	ends->server_port = f->port[SERVER];
	ends->has_port = has_ports(f);
	ends->has_mac = f->has_mac;
	memcpy(ends->client_mac, f->mac[CLIENT], sizeof(ends->client_mac));
	memcpy(ends->server_mac, f->mac[SERVER], sizeof(ends->server_mac));
	ends->n_vlan = f->n_vlan;
	memcpy(ends->vlan, f->vlan, sizeof(ends->vlan));
	ends->transport = transport_name(f);
	set_place(e, packet, f->interface, ends);
}

static void turn_ends(struct contact_ends *ends)
{
	const struct contact_ends as_they_are = *ends;

	ends->client = as_they_are.server;
	ends->server = as_they_are.client;
	ends->client_port = as_they_are.server_port;
	ends->server_port = as_they_are.client_port;
	memcpy(ends->client_mac, as_they_are.server_mac, sizeof(ends->client_mac));
	memcpy(ends->server_mac, as_they_are.client_mac, sizeof(ends->server_mac));
}

struct record *told_begin(struct engine *e, struct flow *f, enum dataset d, uint64_t time_ns, uint64_t packet, bool turned)
{
	UNINITIALIZED struct contact_ends ends; /* every member is set below */

	record_clear(e->scratch, d, time_ns);
	set_ends(e, f, packet, &ends);
	if (turned)
		turn_ends(&ends);
	contact_ends_record(&ends, e->scratch);
	return e->scratch;
}

/* From what the record says and when, not from how many were made before it: a record keeps its id whatever else is
 * asked for, and the same capture gives the same ids. */
static uint64_t record_id(const struct engine *e, const struct record *r)
{
	static const struct hash_key fixed = { 0x73656e736f7264, 1 };
	uint64_t words[8] = { r->time_ns, e->packet & PACKET_NUMBER_MASK, r->dataset, record_uint(r, FIELD_SOURCE_PORT),
			      record_uint(r, FIELD_DESTINATION_PORT) };
	const struct address *source = record_ip(r, FIELD_SOURCE_IP);

	if (source)
		memcpy(&words[5], source, sizeof(*source));
	/* The same packets are the same record under whatever name their file has. */
	const struct value *file = record_get(r, FIELD_SENSOR_CAPTURE_FILE);
	uint32_t from = file ? file->text : r->text_used, to = file ? file->text + file->size : r->text_used;
	words[7] = hash_quick(&fixed, r->text, from) ^ hash_quick(&fixed, r->text + to, r->text_used - to);
	return hash_quick(&fixed, words, sizeof(words));
}

void told_send(struct engine *e, struct record *r)
{
	r->id = record_id(e, r);
	e->counts.records++;
	e->sink(e->context, r);
}

const char *flow_outcome(const struct flow *f)
{
	if (f->midstream)
		return "midstream";
	if (f->established)
		return f->key.protocol == IP_TCP ? "established" : "replied";
	if (f->reject == 2 && f->path_open == 0)
		return "blocked";
	return f->reject ? "rejected" : "unanswered";
}

/* RFC 792, 1122, 1812, 4443: code of a destination-unreachable message. */
static const char *unreachable_name(const struct flow *f)
{
	static const char *const v4[] = { "net-unreachable", "host-unreachable", "protocol-unreachable", "port-unreachable",
					  [9] = "net-prohibited", [10] = "host-prohibited", [13] = "admin-prohibited" };
	static const char *const v6[] = { "no-route", "admin-prohibited", "beyond-scope", "address-unreachable",
					  "port-unreachable", "policy", "reject-route" };
	const char *name = NULL;

	if (!address_is_v4(&f->key.a) && f->reject_icmp_type == 1)
		name = f->reject_icmp_code < ARRAY_SIZE(v6) ? v6[f->reject_icmp_code] : NULL;
	else if (f->reject_icmp_type == 3)
		name = f->reject_icmp_code < ARRAY_SIZE(v4) ? v4[f->reject_icmp_code] : NULL;
	return name ? name : "icmp-error";
}

/* The id that its record has, whatever else is asked for: no flow says the same of the same packet twice. */
static uint64_t contact_id(const struct contact *c, const struct flow *f, uint64_t packet)
{
	static const struct hash_key fixed = { 0x73656e736f7264, 2 };
	uint64_t words[5] = { c->time_ns, (uint64_t)(uint8_t)c->action[0] << 56 ^ (packet & PACKET_NUMBER_MASK) };

	words[4] = hash_five(&fixed, (const uint64_t[5]){ (uint64_t)f->port[CLIENT] << 32 | (uint64_t)f->port[SERVER] << 8 |
							  f->key.protocol });
	memcpy(&words[2], &c->ends.client, sizeof(c->ends.client));
	uint64_t id = hash_five(&fixed, words);
	memcpy(&words[2], &c->ends.server, sizeof(c->ends.server));
	words[0] = id;
	return hash_five(&fixed, words);
}

static void set_totals(const struct flow *f, struct contact *c)
{
	const struct stream *s = f->side;

	c->start_ns = f->first_ns;
	c->duration_ns = instant_since(f->last_ns, f->first_ns);
	c->client_bytes = s[CLIENT].bytes;
	c->server_bytes = s[SERVER].bytes;
	c->client_packets = s[CLIENT].packets;
	c->server_packets = s[SERVER].packets;
	c->missed = (uint64_t)s[CLIENT].missed + s[SERVER].missed;
	c->overlap_conflicts = f->overlap_conflicts;
	c->one_sided = f->established && (!s[CLIENT].seen || !s[SERVER].seen);
	c->partial = f->midstream || c->missed || c->one_sided;
	c->syn_count = f->key.protocol == IP_TCP ? f->syn_count : 0;
}

static void set_content(const struct flow *f, struct contact *c)
{
	c->protocol = f->protocol;
	c->server_name = f->server_name;
	c->n_first_bytes = f->protocol ? 0 : f->n_first_bytes;
	memcpy(c->first_bytes, f->first_bytes, sizeof(c->first_bytes));
	c->n_encapsulations = f->n_encap < CONTACT_ENCAPSULATIONS ? f->n_encap : CONTACT_ENCAPSULATIONS;
	for (unsigned i = 0; i < c->n_encapsulations; i++)
		c->encapsulation[i] = encapsulation_name((enum encapsulation)f->encap[i]);
	c->has_iana_number = !c->ends.transport || !c->ends.has_port;
	c->iana_number = f->key.protocol;
	c->has_icmp = f->has_icmp;
	c->icmp_type = f->icmp_type;
	c->icmp_code = f->icmp_code;
	c->icmp_payload = f->icmp_payload;
}

/* What the server itself sends tells whether a refusal in its name is its own. */
static void set_reject(const struct engine *e, const struct flow *f, struct contact *c)
{
	c->reject_ttl = f->reject == 1 ? f->reject_ttl : 0;
	/* Where the engine does not know: a place for who does. */
	c->host_ttl = f->key.protocol != IP_TCP ? 0 : e->settings.host ? HOST_TTL_LATER : hosts_ttl(e->hosts, &c->ends.server, c->reject_ttl);
	c->reject = !f->reject ? NULL : f->reject == 1 ? "rst" : unreachable_name(f);
	c->reject_by = f->reject_by;
	c->path_open = f->reject == 1 ? f->path_open : -1;
}

/* Zero: nobody wants it. */
static uint64_t flow_wanted(struct engine *e, const struct flow *f, const char *action, uint64_t time_ns)
{
	if (!(e->settings.datasets & DATASET_BIT(DATASET_FLOW)))
		return 0;
	if (!e->settings.wanted)
		return INTEREST_RECORD;
	struct interest i = {
		.dataset = DATASET_FLOW, .time_ns = time_ns, .action = action, .outcome = flow_outcome(f),
		.transport = transport_name(f), .protocol = f->protocol,
		.client = f->client_is_a ? &f->key.a : &f->key.b, .server = f->client_is_a ? &f->key.b : &f->key.a,
		.client_port = f->port[CLIENT], .server_port = f->port[SERVER], .has_port = has_ports(f),
	};
	return e->settings.wanted(e->context, &i);
}

void told_flow(struct engine *e, struct flow *f, const char *action)
{
	bool closed = strcmp(action, "closed") == 0;
	uint64_t packet = closed ? e->packet : f->first_packet;
	UNINITIALIZED struct contact c; /* every member is set below */

	c.time_ns = closed ? f->last_ns : f->first_ns;
	c.feeds = flow_wanted(e, f, action, c.time_ns);
	if (!c.feeds)
		return;
	set_ends(e, f, packet, &c.ends);
	c.action = action;
	c.outcome = flow_outcome(f);
	set_totals(f, &c);
	set_content(f, &c);
	set_reject(e, f, &c);
	c.id = contact_id(&c, f, packet);
	if (c.feeds != INTEREST_RECORD && e->settings.contact) {
		e->settings.contact(e->context, &c);
		return;
	}
	contact_record(&c, e->scratch);
	e->counts.records++;
	e->sink(e->context, e->scratch);
}

/* A question for another host's link address. Probes (RFC 5227: no sender) and announcements (for oneself) look for nobody;
 * answers, where they were captured at all, say nothing that the question did not. */
void told_arp(struct engine *e, const struct packet *p)
{
	static const struct address nobody = { { [10] = 0xff, [11] = 0xff } };
	enum { REQUEST = 1 };

	if (p->arp_operation != REQUEST || !(e->settings.datasets & DATASET_BIT(DATASET_ARP)) ||
	    address_equal(&p->source, &nobody) || address_equal(&p->source, &p->destination))
		return;
	struct contact_ends ends = { .client = p->source, .server = p->destination, .n_vlan = p->n_vlan };
	memcpy(ends.vlan, p->vlan, sizeof(ends.vlan));
	set_place(e, e->packet, e->interface, &ends);
	struct record *r = e->scratch;
	record_clear(r, DATASET_ARP, e->now_ns);
	record_set_string(r, FIELD_EVENT_ACTION, "asked");
	record_set_string(r, FIELD_NETWORK_PROTOCOL, "arp");
	contact_ends_record(&ends, r);
	record_set_mac(r, FIELD_SOURCE_MAC, p->source_mac);
	if (p->has_mac && !(p->destination_mac[0] & 1)) /* RFC 1122 section 2.3.2.1: is whom I know still there? */
		record_set_bool(r, FIELD_ARP_UNICAST, true);
	const uint8_t *octets = address_v4_octets(&p->destination);
	record_printf(r, FIELD_ARP_NETWORK, "%u.%u.%u.0/24", octets[0], octets[1], octets[2]);
	told_send(e, r);
}
