/* SPDX-License-Identifier: BSD-2-Clause
 * What the engine itself tells: the fields that every record of a flow carries, and the flow records. */
#include "base/instant.h"
#include "flow.h"

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

static void set_common(const struct engine *e, const struct flow *f, struct record *r, uint64_t packet)
{
	const struct address *client = f->client_is_a ? &f->key.a : &f->key.b;
	const struct address *server = f->client_is_a ? &f->key.b : &f->key.a;

	record_set_string(r, FIELD_NETWORK_TYPE, address_is_v4(client) ? "ipv4" : "ipv6");
	record_set_string(r, FIELD_NETWORK_TRANSPORT, transport_name(f));
	record_set_ip(r, FIELD_SOURCE_IP, client);
	record_set_ip(r, FIELD_DESTINATION_IP, server);
	if (has_ports(f)) {
		record_set_uint(r, FIELD_SOURCE_PORT, f->port[CLIENT]);
		record_set_uint(r, FIELD_DESTINATION_PORT, f->port[SERVER]);
	}
	if (f->has_mac) {
		record_set_mac(r, FIELD_SOURCE_MAC, f->mac[CLIENT]);
		record_set_mac(r, FIELD_DESTINATION_MAC, f->mac[SERVER]);
	}
	if (f->n_vlan > 0)
		record_set_uint(r, FIELD_NETWORK_VLAN_ID, f->vlan[0]);
	if (f->n_vlan > 1)
		record_set_uint(r, FIELD_NETWORK_INNER_VLAN_ID, f->vlan[1]);
	record_set_string(r, FIELD_OBSERVER_NAME, e->settings.observer);
	record_set_string(r, FIELD_OBSERVER_INTERFACE, e->interface);
	uint64_t file = packet >> PACKET_FILE_SHIFT;
	if (file > 0 && file <= e->n_files) {
		record_set_string(r, FIELD_SENSOR_CAPTURE_FILE, e->files[file - 1]);
		record_set_uint(r, FIELD_SENSOR_PACKET, packet & PACKET_NUMBER_MASK);
	}
}

struct record *told_begin(struct engine *e, struct flow *f, enum dataset d, uint64_t time_ns, uint64_t packet)
{
	record_clear(e->scratch, d, time_ns);
	set_common(e, f, e->scratch, packet);
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
	words[7] = hash_bytes(&fixed, r->text, from) ^ hash_bytes(&fixed, r->text + to, r->text_used - to);
	return hash_bytes(&fixed, words, sizeof(words));
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

static void set_reject(const struct flow *f, struct record *r)
{
	if (!f->reject)
		return;
	record_set_string(r, FIELD_FLOW_REJECT, f->reject == 1 ? "rst" : unreachable_name(f));
	record_set_ip(r, FIELD_FLOW_REJECT_BY, &f->reject_by);
	if (f->reject == 1)
		record_set_uint(r, FIELD_FLOW_REJECT_TTL, f->reject_ttl);
	if (f->reject == 1 && f->path_open >= 0)
		record_set_bool(r, FIELD_FLOW_PATH_OPEN, f->path_open);
}

static void set_host_ttl(const struct engine *e, const struct flow *f, struct record *r)
{
	const uint8_t *ttl = f->key.protocol == IP_TCP ? table_peek(e->host_ttl, f->client_is_a ? &f->key.b : &f->key.a) : NULL;

	if (ttl)
		record_set_uint(r, FIELD_FLOW_HOST_TTL, *ttl);
}

static void set_totals(const struct flow *f, struct record *r)
{
	const struct stream *s = f->side;

	record_set_uint(r, FIELD_EVENT_START, f->first_ns);
	record_set_uint(r, FIELD_EVENT_DURATION, instant_since(f->last_ns, f->first_ns));
	record_set_uint(r, FIELD_SOURCE_BYTES, s[CLIENT].bytes);
	record_set_uint(r, FIELD_DESTINATION_BYTES, s[SERVER].bytes);
	record_set_uint(r, FIELD_SOURCE_PACKETS, s[CLIENT].packets);
	record_set_uint(r, FIELD_DESTINATION_PACKETS, s[SERVER].packets);
	if (s[CLIENT].missed || s[SERVER].missed)
		record_set_uint(r, FIELD_FLOW_MISSED_BYTES, s[CLIENT].missed + s[SERVER].missed);
	if (f->overlap_conflicts)
		record_set_uint(r, FIELD_FLOW_OVERLAP_CONFLICTS, f->overlap_conflicts);
	if (f->established && (!s[CLIENT].seen || !s[SERVER].seen))
		record_set_bool(r, FIELD_FLOW_ONE_SIDED, true);
}

static void set_content(const struct flow *f, struct record *r)
{
	record_set_string(r, FIELD_NETWORK_PROTOCOL, f->protocol);
	if (f->server_name) {
		record_set_wire(r, FIELD_DESTINATION_DOMAIN, bytes_string(f->server_name));
		if (f->protocol && strcmp(f->protocol, "tls") == 0)
			record_set_wire(r, FIELD_TLS_CLIENT_SERVER_NAME, bytes_string(f->server_name));
	}
	if (!f->protocol && f->n_first_bytes)
		record_set_hex(r, FIELD_FLOW_FIRST_BYTES, bytes_of(f->first_bytes, f->n_first_bytes));
	for (unsigned i = 0; i < f->n_encap; i++)
		record_add_text(r, FIELD_FLOW_ENCAPSULATION, bytes_string(encapsulation_name((enum encapsulation)f->encap[i])));
	if (!transport_name(f) || !has_ports(f))
		record_set_uint(r, FIELD_NETWORK_IANA_NUMBER, f->key.protocol);
	if (f->has_icmp) {
		record_set_uint(r, FIELD_ICMP_TYPE, f->icmp_type);
		record_set_uint(r, FIELD_ICMP_CODE, f->icmp_code);
		record_set_uint(r, FIELD_ICMP_PAYLOAD_BYTES, f->icmp_payload);
	}
}

static bool flow_wanted(struct engine *e, const struct flow *f, const char *action, uint64_t time_ns)
{
	if (!(e->settings.datasets & DATASET_BIT(DATASET_FLOW)))
		return false;
	if (!e->settings.wanted)
		return true;
	struct interest i = {
		.dataset = DATASET_FLOW, .time_ns = time_ns, .action = action,
		.transport = transport_name(f), .protocol = f->protocol,
		.client = f->client_is_a ? &f->key.a : &f->key.b, .server = f->client_is_a ? &f->key.b : &f->key.a,
		.server_port = f->port[SERVER], .has_port = has_ports(f),
	};
	return e->settings.wanted(e->context, &i);
}

void told_flow(struct engine *e, struct flow *f, const char *action)
{
	bool closed = strcmp(action, "closed") == 0;

	if (!flow_wanted(e, f, action, closed ? f->last_ns : f->first_ns))
		return;
	struct record *r = closed ? told_begin(e, f, DATASET_FLOW, f->last_ns, e->packet)
				  : told_begin(e, f, DATASET_FLOW, f->first_ns, f->first_packet);
	record_set_string(r, FIELD_EVENT_ACTION, action);
	record_set_string(r, FIELD_FLOW_OUTCOME, flow_outcome(f));
	if (f->key.protocol == IP_TCP && f->syn_count)
		record_set_uint(r, FIELD_FLOW_SYN_COUNT, f->syn_count);
	set_totals(f, r);
	set_content(f, r);
	set_reject(f, r);
	set_host_ttl(e, f, r);
	r->partial = f->midstream || f->side[CLIENT].missed || f->side[SERVER].missed || record_bool(r, FIELD_FLOW_ONE_SIDED);
	told_send(e, r);
}
