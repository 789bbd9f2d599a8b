/* SPDX-License-Identifier: BSD-2-Clause
 * Questions on hosts, proxies, names and accounts, asked for every record. */
#include "site/site.h"

#include "private.h"

const char *site_zone(const struct site *s, const struct address *a)
{
	return network_zone_name(&s->network, ranges_find(&s->network.zones, a));
}

const char *site_role(const struct site *s, const struct address *a)
{
	return network_place(&s->network, a).role;
}

bool site_is_external(const struct site *s, const struct address *a)
{
	return network_place(&s->network, a).external;
}

struct site_host site_host(const struct site *s, const struct address *a)
{
	struct place p = network_place(&s->network, a);

	return (struct site_host){ network_zone_name(&s->network, p.zone), p.role, p.external };
}

/* A piece of a map lies within or outside of every range as a whole. */
uint64_t site_class(const struct site *s, const struct address *a)
{
	const struct inferred *inferred = s->network.n_inferred ? network_inferred(&s->network, a) : NULL;
	uint64_t zone = (uint64_t)(ranges_piece(&s->network.zones, a) + 1);
	uint64_t role = (uint64_t)(ranges_piece(&s->network.roles, a) + 1);
	uint64_t named = (uint64_t)(ranges_piece(&s->policies.named, a) + 1);
	uint64_t learned = inferred ? (uint64_t)(inferred->role + 1) : 0;

	return zone << 48 | role << 32 | named << 16 | learned << 2 | (uint64_t)address_is_group(a) << 1 |
	       address_is_private(a);
}

void site_infer_proxy(struct site *s, const struct address *a, uint16_t port, bool asks_authentication)
{
	struct inferred *host;

	if (s->network.n_proxies > 0)
		return;
	host = network_infer(&s->network, a);
	if (!host)
		return;
	host->role = ROLE_PROXY;
	host->asks_authentication |= asks_authentication;
	for (unsigned i = 0; i < host->n_ports; i++)
		if (host->ports[i] == port)
			return;
	if (host->n_ports < ARRAY_SIZE(host->ports))
		host->ports[host->n_ports++] = port;
}

void site_infer_role(struct site *s, const struct address *a, const char *role)
{
	struct inferred *host;
	int index = 0;

	while (host_roles[index] && strcmp(host_roles[index], role) != 0)
		index++;
	if (!host_roles[index] || network_declares(&s->network, role))
		return;
	host = network_infer(&s->network, a);
	if (host && (host->role < 0 || index < host->role)) /* the more telling role stands first in the table */
		host->role = index;
}

static bool listens(const struct proxy *p, uint16_t port)
{
	for (size_t i = 0; i < p->n_ports; i++)
		if (port >= p->ports[i].first && port <= p->ports[i].last)
			return true;
	return false;
}

static struct site_proxy inferred_proxy(const struct site *s, const struct address *a, uint16_t port)
{
	const struct inferred *host = s->network.n_inferred ? network_inferred(&s->network, a) : NULL;
	struct site_proxy ret = { 0 };

	if (!host || host->role != ROLE_PROXY)
		return ret;
	ret.host_declared = true;
	ret.auth_required = host->asks_authentication;
	for (unsigned i = 0; i < host->n_ports; i++)
		ret.declared |= host->ports[i] == port;
	return ret;
}

struct site_proxy site_proxy(const struct site *s, const struct address *a, uint16_t port)
{
	struct site_proxy ret = { 0 };

	for (size_t i = 0; i < s->network.n_proxies; i++) {
		const struct proxy *p = &s->network.proxies[i];
		if (!address_range_has(&p->range, a))
			continue;
		ret.host_declared = true;
		ret.declared |= listens(p, port);
		ret.auth_required |= p->auth_required;
	}
	return ret.host_declared ? ret : inferred_proxy(s, a, port);
}

bool site_proxy_known(const struct site *s)
{
	if (!site_is_default(s))
		return true;
	for (size_t i = 0; i < s->network.n_inferred; i++)
		if (s->network.inferred[i].role == ROLE_PROXY)
			return true;
	return false;
}

static bool lists_word(const struct conf_strings *words, struct bytes word)
{
	for (size_t i = 0; i < words->count; i++)
		if (bytes_equal_nocase(bytes_string(words->items[i]), word))
			return true;
	return false;
}

bool site_proxy_scheme(const struct site *s, const struct address *a, struct bytes scheme, bool *ret_declared)
{
	bool fits = false;

	*ret_declared = false;
	for (size_t i = 0; i < s->network.n_proxies; i++) {
		const struct proxy *p = &s->network.proxies[i];
		if (!address_range_has(&p->range, a) || p->setting->schemes.count == 0)
			continue;
		*ret_declared = true;
		fits |= lists_word(&p->setting->schemes, scheme);
	}
	return fits || !*ret_declared;
}

bool site_auth_exempt(const struct site *s, struct bytes host)
{
	for (size_t i = 0; i < s->network.n_proxies; i++) {
		const struct conf_strings *hosts = &s->network.proxies[i].setting->auth_exempt_hosts;
		for (size_t k = 0; k < hosts->count; k++)
			if (suffix_fits(bytes_string(hosts->items[k]), host))
				return true;
	}
	return false;
}

bool site_long_tunnel_allowed_at(const struct site *s, struct bytes host, uint64_t time_ns)
{
	for (size_t i = 0; i < s->n_long_sessions; i++)
		if (time_ns < s->long_sessions[i].ends_ns &&
		    suffix_fits(bytes_string(s->long_sessions[i].suffix), host))
			return true;
	return false;
}

bool site_long_tunnel_allowed(const struct site *s, struct bytes host)
{
	return site_long_tunnel_allowed_at(s, host, 0);
}

bool site_gateway(const struct site *s, const uint8_t mac[6], bool *ret_any)
{
	*ret_any = s->n_gateways > 0;
	for (size_t i = 0; i < s->n_gateways; i++)
		if (!memcmp(s->gateways[i], mac, 6))
			return true;
	return false;
}

enum account_class site_account(const struct site *s, struct bytes user, struct bytes domain)
{
	return accounts_class(&s->accounts, user, domain);
}

enum account_class site_account_prefix(const struct site *s, struct bytes start, struct bytes domain)
{
	return accounts_class_prefix(&s->accounts, start, domain);
}

const char *account_class_name(enum account_class c)
{
	static const char *const names[] = { "other", "trap", "admin", "service" };

	return names[c];
}

bool site_off_hours(const struct site *s, uint64_t time_ns, bool *ret_known)
{
	*ret_known = s->calendar.known;
	return s->calendar.known && calendar_off(&s->calendar, time_ns);
}

void site_local_day(const struct site *s, uint64_t time_ns, int64_t *ret_day, uint32_t *ret_second)
{
	int64_t local = calendar_local(&s->calendar, time_ns);
	int64_t day = local >= 0 ? local / 86400 : (local - 86399) / 86400;

	*ret_day = day;
	*ret_second = (uint32_t)(local - day * 86400);
}
