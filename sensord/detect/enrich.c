/* SPDX-License-Identifier: BSD-2-Clause
 * Enrichment: one step for each question to the site, in a table with the fields it answers and the kinds of record
 * that it is asked for (DESIGN section 4). A field that already stands in the record is left as it is. */
#include "enrich.h"

#include "base/attributes.h"
#include "base/instant.h"
#include "registrable.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ON_PROXY (DATASET_BIT(DATASET_PROXY) | DATASET_BIT(DATASET_TUNNEL) | DATASET_BIT(DATASET_SOCKS))
#define ON_MANAGED                                                                                                     \
	(DATASET_BIT(DATASET_FLOW) | DATASET_BIT(DATASET_AUTH) | DATASET_BIT(DATASET_SMB) | DATASET_BIT(DATASET_DCE_RPC))
#define NAME_CUT_LEAST 4 /* characters of a cut name by which an account is recognised */
#define MAC_TEXT 17 /* characters of "02-00-00-00-00-01" */

/* What the site says of an address: asked again and again of the same ones, and the site does not change. */
static const struct enrich_host *host_of(struct enrich *e, const struct address *a)
{
	uint64_t words[5] = { 0 };

	memcpy(words, a, sizeof(*a));
	struct enrich_host *host = &e->hosts[hash_five(&e->key, words) % ENRICH_HOSTS];
	if (host->known && address_equal(&host->address, a))
		return host;
	struct site_host says = site_host(e->site, a);
	*host = (struct enrich_host){
		.address = *a, .known = true, .class = site_class(e->site, a), .zone = says.zone, .role = says.role,
		.external = says.external, .admin_place = site_admin_place(e->site, a),
	};
	return host;
}

bool enrich_is_external(struct enrich *e, const struct address *a)
{
	return host_of(e, a)->external;
}

static void set_zone(struct enrich *e, struct record *r, enum field address, enum field zone, enum field role)
{
	const struct address *a = record_ip(r, address);

	if (!a)
		return;
	const struct enrich_host *host = host_of(e, a);
	if (!record_has(r, zone))
		record_set_string(r, zone, host->zone);
	if (!record_has(r, role))
		record_set_string(r, role, host->role);
}

static void enrich_zones(struct enrich *e, struct record *r)
{
	set_zone(e, r, FIELD_SOURCE_IP, FIELD_SOURCE_ZONE, FIELD_SOURCE_ROLE);
	set_zone(e, r, FIELD_DESTINATION_IP, FIELD_DESTINATION_ZONE, FIELD_DESTINATION_ROLE);
}

static void enrich_class(struct enrich *e, struct record *r)
{
	struct bytes user = record_text(r, FIELD_USER_NAME);

	if (user.size == 0 || record_has(r, FIELD_USER_CLASS))
		return;
	enum account_class c = site_account(e->site, user, record_text(r, FIELD_USER_DOMAIN));
	if (c == ACCOUNT_OTHER && record_bool(r, FIELD_USER_NAME_CUT) && user.size >= NAME_CUT_LEAST)
		c = site_account_prefix(e->site, user, record_text(r, FIELD_USER_DOMAIN));
	record_set_string(r, FIELD_USER_CLASS, account_class_name(c));
}

/* A text field as a C string: the site's policy asks for service and transport so. NULL where absent or too long. */
static const char *as_string(struct bytes text, char *room, size_t size)
{
	if (text.size == 0 || text.size >= size)
		return NULL;
	memcpy(room, text.at, text.size);
	room[text.size] = 0;
	return room;
}

static void enrich_proxy_known(struct enrich *e, struct record *r)
{
	if (!record_has(r, FIELD_SITE_PROXY_KNOWN))
		record_set_bool(r, FIELD_SITE_PROXY_KNOWN, site_proxy_known(e->site));
}

/* Decided by the classes of both ends and by what is spoken between them. */
static enum policy policy_of(struct enrich *e, const struct record *r, const struct address *from, const struct address *to)
{
	struct enrich_policy asked = {
		.known = true, .from = host_of(e, from)->class, .port = (uint16_t)record_uint(r, FIELD_DESTINATION_PORT),
	};
	asked.to = host_of(e, to)->class;
	const char *service = as_string(record_text(r, FIELD_NETWORK_PROTOCOL), asked.service, sizeof(asked.service));
	const char *transport = as_string(record_text(r, FIELD_NETWORK_TRANSPORT), asked.transport, sizeof(asked.transport));
	const uint64_t words[5] = { asked.from, asked.to, hash_quick(&e->key, asked.service, sizeof(asked.service)),
				    (uint64_t)(uint8_t)asked.transport[0] << 16 | asked.port, (uint8_t)asked.transport[1] };
	struct enrich_policy *place = &e->policies[hash_five(&e->key, words) % ENRICH_POLICIES];
	if (!place->known || place->from != asked.from || place->to != asked.to || place->port != asked.port ||
	    strcmp(place->service, asked.service) != 0 || strcmp(place->transport, asked.transport) != 0) {
		asked.says = site_policy(e->site, from, to, service, transport, asked.port);
		*place = asked;
	}
	return place->says;
}

static void enrich_policy(struct enrich *e, struct record *r)
{
	const struct address *from = record_ip(r, FIELD_SOURCE_IP);
	const struct address *to = record_ip(r, FIELD_DESTINATION_IP);

	if (!from || !to || record_has(r, FIELD_POLICY_ACTION))
		return;
	enum policy p = policy_of(e, r, from, to);
	if (p != POLICY_SILENT)
		record_set_string(r, FIELD_POLICY_ACTION, p == POLICY_ALLOW ? "allow" : "deny");
}

static void set_known(struct record *r, enum field f, bool value, bool known)
{
	if (known)
		record_set_bool(r, f, value);
}

static void enrich_admin(struct enrich *e, struct record *r)
{
	const struct address *from = record_ip(r, FIELD_SOURCE_IP);
	const struct address *to = record_ip(r, FIELD_DESTINATION_IP);
	struct site_admin admin;
	bool known;

	if (!record_text_is(r, FIELD_USER_CLASS, "admin") ||
	    !site_admin(e->site, record_text(r, FIELD_USER_NAME), record_text(r, FIELD_USER_DOMAIN), &admin))
		return;
	record_set_string(r, FIELD_USER_ADMIN_CLASS, admin.admin_class);
	bool value = from && site_admin_from(e->site, &admin, from, &known);
	set_known(r, FIELD_USER_SOURCE_ALLOWED, value, from && known);
	value = to && site_admin_to(e->site, &admin, to, &known);
	set_known(r, FIELD_USER_TARGET_ALLOWED, value, to && known);
	value = site_admin_off_hours(e->site, &admin, r->time_ns, &known);
	set_known(r, FIELD_USER_OFF_HOURS, value, known);
}

/* The share without its server. */
static struct bytes share_name(struct bytes share)
{
	const uint8_t *last = share.size ? memrchr(share.at, '\\', share.size) : NULL;

	return last ? bytes_of(last + 1, (size_t)(share.at + share.size - last - 1)) : share;
}

static void enrich_managed(struct enrich *e, struct record *r)
{
	const struct address *from = record_ip(r, FIELD_SOURCE_IP);
	const struct address *to = record_ip(r, FIELD_DESTINATION_IP);
	struct bytes name = { 0 };
	enum managed kind = MANAGED_ANY;

	if (!from || !to)
		return;
	if (r->dataset == DATASET_DCE_RPC) {
		kind = MANAGED_RPC;
		name = record_text(r, FIELD_DCE_RPC_ENDPOINT);
	} else if (r->dataset == DATASET_SMB && record_has(r, FIELD_SMB_SHARE)) {
		name = share_name(record_text(r, FIELD_SMB_SHARE));
		kind = bytes_equal_nocase(name, bytes_string("IPC$")) ? MANAGED_ANY : MANAGED_SHARE;
	}
	if (kind == MANAGED_ANY)
		name = (struct bytes){ 0 };
	if (site_managed_by(e->site, from, to, kind, name))
		record_set_bool(r, FIELD_POLICY_MANAGED, true);
}

static void enrich_admin_place(struct enrich *e, struct record *r)
{
	const struct address *from = record_ip(r, FIELD_SOURCE_IP);

	if (from)
		record_set_string(r, FIELD_SOURCE_ADMIN_PLACE, host_of(e, from)->admin_place);
}

static void enrich_hours(struct enrich *e, struct record *r)
{
	bool known;
	bool off = site_off_hours(e->site, r->time_ns, &known);

	if (known)
		record_set_bool(r, FIELD_SITE_OFF_HOURS, off);
}

static void enrich_window(struct enrich *e, struct record *r)
{
	struct bytes user = record_text(r, FIELD_USER_NAME);

	if (user.size)
		record_set_string(r, FIELD_SITE_CHANGE_WINDOW, site_change_window(e->site, user, r->time_ns));
}

static void enrich_proxy(struct enrich *e, struct record *r)
{
	const struct address *to = record_ip(r, FIELD_DESTINATION_IP);

	if (!to)
		return;
	struct site_proxy p = site_proxy(e->site, to, (uint16_t)record_uint(r, FIELD_DESTINATION_PORT));
	record_set_bool(r, FIELD_PROXY_DECLARED, p.declared);
	if (p.host_declared)
		record_set_bool(r, FIELD_PROXY_AUTH_REQUIRED, p.auth_required);
}

/* Of a flow it is only said where it is so: few go to a proxy. */
static void enrich_proxy_port(struct enrich *e, struct record *r)
{
	const struct address *to = record_ip(r, FIELD_DESTINATION_IP);

	if (to && record_text_is(r, FIELD_DESTINATION_ROLE, "proxy") &&
	    site_proxy(e->site, to, (uint16_t)record_uint(r, FIELD_DESTINATION_PORT)).declared)
		record_set_bool(r, FIELD_PROXY_DECLARED, true);
}

static void enrich_scheme(struct enrich *e, struct record *r)
{
	const struct address *to = record_ip(r, FIELD_DESTINATION_IP);
	struct bytes scheme = record_text(r, FIELD_PROXY_AUTH_SCHEME);
	bool declares = false;

	if (!to || scheme.size == 0 || record_text_is(r, FIELD_PROXY_AUTH_SCHEME, "none"))
		return;
	bool may = site_proxy_scheme(e->site, to, scheme, &declares);
	record_set_bool(r, FIELD_PROXY_AUTH_SCHEME_DECLARED, declares && may);
}

static void enrich_exempt(struct enrich *e, struct record *r)
{
	struct bytes host = record_text(r, FIELD_URL_DOMAIN);

	if (host.size)
		record_set_bool(r, FIELD_PROXY_AUTH_EXEMPT, site_auth_exempt(e->site, host));
}

static void enrich_long(struct enrich *e, struct record *r)
{
	struct bytes host = record_text(r, FIELD_URL_DOMAIN);

	if (host.size)
		record_set_bool(r, FIELD_TUNNEL_LONG_ALLOWED, site_long_tunnel_allowed_at(e->site, host, r->time_ns));
}

static void enrich_midnight(struct enrich *e, struct record *r)
{
	const struct value *start = record_get(r, FIELD_EVENT_START);
	double age = record_real(r, FIELD_TUNNEL_AGE);
	int64_t first, last;
	uint32_t second;

	if (!start && !(age >= 0 && age < (double)(r->time_ns / NS_PER_S)))
		return;
	uint64_t opened = start ? start->uint : r->time_ns - (uint64_t)(age * (double)NS_PER_S);
	site_local_day(e->site, opened, &first, &second);
	site_local_day(e->site, r->time_ns, &last, &second);
	record_set_bool(r, FIELD_TUNNEL_CROSSED_MIDNIGHT, last > first);
}

static void enrich_sni(struct enrich *e, struct record *r)
{
	struct bytes sni = record_text(r, FIELD_TLS_CLIENT_SERVER_NAME);
	struct bytes host = record_text(r, FIELD_URL_DOMAIN);

	(void)e;
	if (sni.size == 0 || host.size == 0 || record_bool(r, FIELD_TUNNEL_TARGET_IS_IP))
		return;
	record_set_bool(r, FIELD_TUNNEL_SNI_MATCHES,
			bytes_equal_nocase(registrable_domain(sni), registrable_domain(host)));
}

struct seconds {
	uint64_t value;
	bool known;
};

static void see_seconds(void *context, const char *value)
{
	struct seconds *s = context;

	s->known = bytes_decimal(bytes_string(value), UINT32_MAX, &s->value);
}

/* How far a tunnel outlived the forced cut that the site declares, a tenth of its time allowed for (MEASURES C-03). */
static void enrich_overdue(struct enrich *e, struct record *r)
{
	struct seconds cut = { 0 };

	site_placeholder(e->site, "connect_force_cut_seconds", see_seconds, &cut);
	double over = record_real(r, FIELD_TUNNEL_AGE) - 1.1 * (double)cut.value;
	if (cut.known && cut.value && over > 0)
		record_set_real(r, FIELD_TUNNEL_CUT_OVERDUE, over);
}

bool enrich_mac(const struct record *r, enum field f, uint8_t mac[6])
{
	struct bytes text = record_text(r, f);
	uint64_t octet;

	if (text.size != MAC_TEXT)
		return false;
	for (size_t i = 0; i < 6; i++) {
		if (!bytes_hex(bytes_of(text.at + 3 * i, 2), UINT8_MAX, &octet))
			return false;
		mac[i] = (uint8_t)octet;
	}
	return true;
}

/* Asked of what leaves for the outside: inside, the next hop is often the host itself. */
static void enrich_gateway(struct enrich *e, struct record *r)
{
	const struct address *from = record_ip(r, FIELD_SOURCE_IP);
	const struct address *to = record_ip(r, FIELD_DESTINATION_IP);
	uint8_t mac[6];
	bool any;

	if (!from || !to || site_is_external(e->site, from) || !site_is_external(e->site, to))
		return;
	if (!enrich_mac(r, FIELD_DESTINATION_MAC, mac))
		return;
	bool known = site_gateway(e->site, mac, &any);
	if (any)
		record_set_bool(r, FIELD_FLOW_GATEWAY_KNOWN, known);
}

static void enrich_arp(struct enrich *e, struct record *r)
{
	uint8_t mac[6];
	bool any;

	if (enrich_mac(r, FIELD_SOURCE_MAC, mac) && site_gateway(e->site, mac, &any))
		record_set_bool(r, FIELD_ARP_GATEWAY, true);
}

/* By NTLM a server tells its name before anything is decided: one that has several addresses is one. */
static void enrich_server(struct enrich *e, struct record *r)
{
	const struct address *to = record_ip(r, FIELD_DESTINATION_IP);
	struct bytes name = record_text(r, FIELD_NTLM_NB_COMPUTER);
	char room[ADDRESS_TEXT];

	(void)e;
	if (name.size)
		record_set_text(r, FIELD_AUTH_SERVER, name);
	else if (to)
		record_set_string(r, FIELD_AUTH_SERVER, address_format(to, room));
}

static const struct step {
	void (*run)(struct enrich *e, struct record *r);
	uint32_t datasets;
	bool always;
	enum field sets[2]; /* the second repeats the first where there is one only */
} steps[] = {
	{ enrich_zones, DATASETS_ALL, true, { FIELD_SOURCE_ROLE, FIELD_DESTINATION_ROLE } },
	{ enrich_class, DATASETS_ALL, true, { FIELD_USER_CLASS, FIELD_USER_CLASS } },
	{ enrich_policy, DATASETS_ALL, false, { FIELD_POLICY_ACTION, FIELD_POLICY_ACTION } },
	{ enrich_admin, DATASETS_ALL, true, { FIELD_USER_SOURCE_ALLOWED, FIELD_USER_OFF_HOURS } },
	{ enrich_admin_place, DATASETS_ALL, false, { FIELD_SOURCE_ADMIN_PLACE, FIELD_SOURCE_ADMIN_PLACE } },
	{ enrich_managed, ON_MANAGED, false, { FIELD_POLICY_MANAGED, FIELD_POLICY_MANAGED } },
	{ enrich_hours, DATASETS_ALL, false, { FIELD_SITE_OFF_HOURS, FIELD_SITE_OFF_HOURS } },
	{ enrich_proxy_known, DATASET_BIT(DATASET_FLOW), false, { FIELD_SITE_PROXY_KNOWN, FIELD_SITE_PROXY_KNOWN } },
	{ enrich_window, DATASETS_ALL, false, { FIELD_SITE_CHANGE_WINDOW, FIELD_SITE_CHANGE_WINDOW } },
	{ enrich_proxy, ON_PROXY, false, { FIELD_PROXY_DECLARED, FIELD_PROXY_AUTH_REQUIRED } },
	{ enrich_proxy_port, DATASET_BIT(DATASET_FLOW), false, { FIELD_PROXY_DECLARED, FIELD_PROXY_DECLARED } },
	{ enrich_scheme, DATASET_BIT(DATASET_PROXY), false,
	  { FIELD_PROXY_AUTH_SCHEME_DECLARED, FIELD_PROXY_AUTH_SCHEME_DECLARED } },
	{ enrich_exempt, DATASET_BIT(DATASET_PROXY) | DATASET_BIT(DATASET_TUNNEL), false,
	  { FIELD_PROXY_AUTH_EXEMPT, FIELD_PROXY_AUTH_EXEMPT } },
	{ enrich_long, DATASET_BIT(DATASET_TUNNEL), false, { FIELD_TUNNEL_LONG_ALLOWED, FIELD_TUNNEL_LONG_ALLOWED } },
	{ enrich_midnight, DATASET_BIT(DATASET_TUNNEL), false,
	  { FIELD_TUNNEL_CROSSED_MIDNIGHT, FIELD_TUNNEL_CROSSED_MIDNIGHT } },
	{ enrich_sni, DATASET_BIT(DATASET_TUNNEL), false, { FIELD_TUNNEL_SNI_MATCHES, FIELD_TUNNEL_SNI_MATCHES } },
	{ enrich_overdue, DATASET_BIT(DATASET_TUNNEL), false, { FIELD_TUNNEL_CUT_OVERDUE, FIELD_TUNNEL_CUT_OVERDUE } },
	{ enrich_server, DATASET_BIT(DATASET_AUTH), false, { FIELD_AUTH_SERVER, FIELD_AUTH_SERVER } },
	{ enrich_arp, DATASET_BIT(DATASET_ARP), false, { FIELD_ARP_GATEWAY, FIELD_ARP_GATEWAY } },
	{ enrich_gateway, DATASET_BIT(DATASET_FLOW), false, { FIELD_FLOW_GATEWAY_KNOWN, FIELD_FLOW_GATEWAY_KNOWN } },
};

void enrich_init(struct enrich *e, const struct site *site, const struct rules *rules, bool all)
{
	memset(e, 0, sizeof(*e));
	e->site = site;
	(void)!getentropy(&e->key, sizeof(e->key)); /* no result depends on it */
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		const struct step *s = &steps[i];
		if (all || s->always || rules_read_field(rules, s->sets[0]) || rules_read_field(rules, s->sets[1]))
			e->wanted |= UINT32_C(1) << i;
	}
}

void enrich_record(struct enrich *e, struct record *r)
{
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		if ((e->wanted >> i & 1) && (steps[i].datasets & DATASET_BIT(r->dataset)))
			steps[i].run(e, r);
	}
}
