/* SPDX-License-Identifier: BSD-2-Clause
 * The flow record of a contact (MEASURES 4.3, DESIGN section 4). */
#include "record/contact.h"

#include <string.h>

void contact_ends_record(const struct contact_ends *e, struct record *r)
{
	record_set_string(r, FIELD_NETWORK_TYPE, address_is_v4(&e->client) ? "ipv4" : "ipv6");
	record_set_string(r, FIELD_NETWORK_TRANSPORT, e->transport);
	record_set_ip(r, FIELD_SOURCE_IP, &e->client);
	record_set_ip(r, FIELD_DESTINATION_IP, &e->server);
	if (e->has_port) {
		record_set_uint(r, FIELD_SOURCE_PORT, e->client_port);
		record_set_uint(r, FIELD_DESTINATION_PORT, e->server_port);
	}
	if (e->has_mac) {
		record_set_mac(r, FIELD_SOURCE_MAC, e->client_mac);
		record_set_mac(r, FIELD_DESTINATION_MAC, e->server_mac);
	}
	if (e->n_vlan > 0)
		record_set_uint(r, FIELD_NETWORK_VLAN_ID, e->vlan[0]);
	if (e->n_vlan > 1)
		record_set_uint(r, FIELD_NETWORK_INNER_VLAN_ID, e->vlan[1]);
	record_set_string(r, FIELD_OBSERVER_NAME, e->observer);
	record_set_string(r, FIELD_OBSERVER_INTERFACE, e->interface);
	if (e->file) {
		record_set_string(r, FIELD_SENSOR_CAPTURE_FILE, e->file);
		record_set_uint(r, FIELD_SENSOR_PACKET, e->packet);
	}
}

static void set_totals(const struct contact *c, struct record *r)
{
	record_set_uint(r, FIELD_EVENT_START, c->start_ns);
	record_set_uint(r, FIELD_EVENT_DURATION, c->duration_ns);
	record_set_uint(r, FIELD_SOURCE_BYTES, c->client_bytes);
	record_set_uint(r, FIELD_DESTINATION_BYTES, c->server_bytes);
	record_set_uint(r, FIELD_SOURCE_PACKETS, c->client_packets);
	record_set_uint(r, FIELD_DESTINATION_PACKETS, c->server_packets);
	if (c->missed)
		record_set_uint(r, FIELD_FLOW_MISSED_BYTES, c->missed);
	if (c->overlap_conflicts)
		record_set_uint(r, FIELD_FLOW_OVERLAP_CONFLICTS, c->overlap_conflicts);
	if (c->one_sided)
		record_set_bool(r, FIELD_FLOW_ONE_SIDED, true);
}

static void set_content(const struct contact *c, struct record *r)
{
	record_set_string(r, FIELD_NETWORK_PROTOCOL, c->protocol);
	if (c->server_name) {
		record_set_wire(r, FIELD_DESTINATION_DOMAIN, bytes_string(c->server_name));
		if (c->protocol && strcmp(c->protocol, "tls") == 0)
			record_set_wire(r, FIELD_TLS_CLIENT_SERVER_NAME, bytes_string(c->server_name));
	}
	if (c->n_first_bytes)
		record_set_hex(r, FIELD_FLOW_FIRST_BYTES, bytes_of(c->first_bytes, c->n_first_bytes));
	for (unsigned i = 0; i < c->n_encapsulations; i++)
		record_add_text(r, FIELD_FLOW_ENCAPSULATION, bytes_string(c->encapsulation[i]));
	if (c->has_iana_number)
		record_set_uint(r, FIELD_NETWORK_IANA_NUMBER, c->iana_number);
	if (c->has_icmp) {
		record_set_uint(r, FIELD_ICMP_TYPE, c->icmp_type);
		record_set_uint(r, FIELD_ICMP_CODE, c->icmp_code);
		record_set_uint(r, FIELD_ICMP_PAYLOAD_BYTES, c->icmp_payload);
	}
}

void contact_record(const struct contact *c, struct record *r)
{
	record_clear(r, DATASET_FLOW, c->time_ns);
	contact_ends_record(&c->ends, r);
	record_set_string(r, FIELD_EVENT_ACTION, c->action);
	record_set_string(r, FIELD_FLOW_OUTCOME, c->outcome);
	if (c->syn_count)
		record_set_uint(r, FIELD_FLOW_SYN_COUNT, c->syn_count);
	set_totals(c, r);
	set_content(c, r);
	if (c->reject) {
		record_set_string(r, FIELD_FLOW_REJECT, c->reject);
		record_set_ip(r, FIELD_FLOW_REJECT_BY, &c->reject_by);
		if (c->reject_ttl)
			record_set_uint(r, FIELD_FLOW_REJECT_TTL, c->reject_ttl);
		if (c->path_open >= 0)
			record_set_bool(r, FIELD_FLOW_PATH_OPEN, c->path_open);
	}
	if (c->host_ttl)
		record_set_uint(r, FIELD_FLOW_HOST_TTL, c->host_ttl);
	r->partial = c->partial;
	r->id = c->id;
}
