/* SPDX-License-Identifier: BSD-2-Clause
 * What stands in for %name% in a Sigma rule. Addresses and networks come as addresses and CIDR networks, accounts as
 * user names without their domain (* stays a wildcard), numbers as decimal text. */
#include "site/site.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "private.h"

typedef void (*see_value)(void *context, const char *value);
typedef void (*give)(const struct site *s, see_value see, void *context);

static void see_networks(const struct conf_strings *words, see_value see, void *context)
{
	struct address_range range;

	for (size_t i = 0; i < words->count; i++)
		if (address_range_parse(bytes_string(words->items[i]), &range))
			range_networks(&range, see, context);
}

/* Where no zone is declared, what is private is where the users are (as network_place says). */
static void see_private(see_value see, void *context)
{
	static const char *const networks[] = { "10.0.0.0/8",	  "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16",
						"100.64.0.0/10", "fc00::/7",	   "fe80::/10" };

	for (size_t i = 0; i < ARRAY_SIZE(networks); i++)
		see(context, networks[i]);
}

static void see_role(const struct site *s, const char *role, see_value see, void *context)
{
	const struct network *n = &s->network;

	for (size_t i = 0; i < n->roles.n_given; i++)
		if (!strcmp(host_roles[n->roles.given[i].value], role))
			range_networks(&n->roles.given[i].range, see, context);
	for (size_t i = 0; i < n->n_inferred; i++) {
		struct address_range one = { n->inferred[i].address, n->inferred[i].address };
		if (n->inferred[i].role >= 0 && !strcmp(host_roles[n->inferred[i].role], role))
			range_networks(&one, see, context);
	}
	if (s->settings.site.zones.count == 0 && !strcmp(role, "user"))
		see_private(see, context);
	for (size_t i = 0; i < s->settings.site.zones.count; i++) {
		const struct zone_setting *zone = network_zone_setting(n, i);
		if (!strcmp(zone_roles[zone->role], role))
			see_networks(&zone->networks, see, context);
	}
}

static void give_proxies(const struct site *s, see_value see, void *context) { see_role(s, "proxy", see, context); }
static void give_dcs(const struct site *s, see_value see, void *context) { see_role(s, "dc", see, context); }
static void give_files(const struct site *s, see_value see, void *context) { see_role(s, "file_server", see, context); }
static void give_terminals(const struct site *s, see_value see, void *context)
{
	see_role(s, "admin_terminal", see, context);
}

static void see_accounts(const struct conf_list *list, see_value see, void *context)
{
	const struct account_setting *items = list->items;

	for (size_t i = 0; i < list->count; i++) {
		char room[ACCOUNT_NAME];
		struct text t = TEXT_ON(room);
		text_add(&t, account_split(bytes_string(items[i].name.items[0]), (struct bytes){ 0 }).user);
		see(context, text_end(&t));
	}
}

static void give_trap(const struct site *s, see_value see, void *context)
{
	see_accounts(&s->settings.site.accounts.trap, see, context);
}
static void give_admin(const struct site *s, see_value see, void *context)
{
	see_accounts(&s->settings.site.accounts.admin, see, context);
}
static void give_service(const struct site *s, see_value see, void *context)
{
	see_accounts(&s->settings.site.accounts.service, see, context);
}

static void see_words(const struct conf_strings *words, see_value see, void *context)
{
	for (size_t i = 0; i < words->count; i++)
		see(context, words->items[i]);
}

static void see_ports(const struct conf_strings *words, see_value see, void *context)
{
	for (size_t i = 0; i < words->count; i++) {
		struct port_span span;
		char room[8];
		if (!port_span_parse(bytes_string(words->items[i]), &span))
			continue;
		for (unsigned port = span.first; port <= span.last; port++) {
			snprintf(room, sizeof(room), "%u", port);
			see(context, room);
		}
	}
}

static void give_connect_ports(const struct site *s, see_value see, void *context)
{
	const struct conf_strings *own = &s->settings.site.connect.ports;
	bool any = own->count > 0;

	see_ports(own, see, context);
	for (size_t i = 0; i < s->network.n_proxies; i++) {
		see_ports(&s->network.proxies[i].setting->connect_ports, see, context);
		any |= s->network.proxies[i].setting->connect_ports.count > 0;
	}
	if (!any)
		see(context, "443");
}

static void see_number(uint64_t v, see_value see, void *context)
{
	char room[24];

	snprintf(room, sizeof(room), "%" PRIu64, v);
	see(context, room);
}

static void give_max(const struct site *s, see_value see, void *context)
{
	see_number(s->settings.site.connect.max_seconds, see, context);
}
static void give_long(const struct site *s, see_value see, void *context)
{
	see_number(s->settings.site.connect.long_seconds, see, context);
}
static void give_cut(const struct site *s, see_value see, void *context)
{
	if (s->settings.site.connect.force_cut_seconds)
		see_number(s->settings.site.connect.force_cut_seconds, see, context);
}

static void give_hours(const struct site *s, see_value see, void *context)
{
	see_words(&s->settings.site.business_hours, see, context);
}

static void give_long_allow(const struct site *s, see_value see, void *context)
{
	for (size_t i = 0; i < s->n_long_sessions; i++)
		see(context, s->long_sessions[i].suffix);
}

/* A rule that lists these networks is silent where IPv6 is expected: all of global unicast (RFC 4291 section 2.4). */
static void give_unexpected(const struct site *s, see_value see, void *context)
{
	if (!site_ipv6_expected(s))
		see(context, "2000::/3");
}

static const struct {
	const char *name;
	give give;
} placeholders[] = {
	{ "trap_accounts", give_trap },
	{ "admin_accounts", give_admin },
	{ "service_accounts", give_service },
	{ "admin_terminals", give_terminals },
	{ "domain_controllers", give_dcs },
	{ "file_servers", give_files },
	{ "proxies", give_proxies },
	{ "connect_ports", give_connect_ports },
	{ "connect_max_seconds", give_max },
	{ "connect_long_seconds", give_long },
	{ "connect_force_cut_seconds", give_cut },
	{ "connect_long_session_allow", give_long_allow },
	{ "business_hours", give_hours },
	{ "unexpected_networks", give_unexpected },
};

bool site_placeholder(const struct site *s, const char *name, see_value see, void *context)
{
	int zone;

	for (size_t i = 0; i < ARRAY_SIZE(placeholders); i++) {
		if (!strcmp(name, placeholders[i].name)) {
			placeholders[i].give(s, see, context);
			return true;
		}
	}
	if (!strncmp(name, "role:", 5)) {
		const char *role = network_role_name(bytes_string(name + 5));
		if (role)
			see_role(s, role, see, context);
		return role != NULL;
	}
	zone = strncmp(name, "zone:", 5) ? -1 : network_zone_index(&s->network, bytes_string(name + 5));
	if (zone >= 0)
		see_networks(&network_zone_setting(&s->network, (size_t)zone)->networks, see, context);
	return zone >= 0;
}

const char *site_placeholder_suggest(const char *name)
{
	const char *names[ARRAY_SIZE(placeholders) + 1];

	for (size_t i = 0; i < ARRAY_SIZE(placeholders); i++)
		names[i] = placeholders[i].name;
	names[ARRAY_SIZE(placeholders)] = NULL;
	return conf_suggest(name, names);
}
