/* SPDX-License-Identifier: BSD-2-Clause
 * What a site file declares, walked through as a whole. */
#include "site/survey.h"

#include "private.h"

#define SAMPLES_MAX 300 /* addresses tried for a host without a role of its own */

static const struct zone_setting *zone_at(const struct site *s, size_t zone)
{
	return (const struct zone_setting *)s->settings.site.zones.items + zone;
}

size_t site_zones(const struct site *s) { return s->settings.site.zones.count; }

struct site_zone_view site_zone_view(const struct site *s, size_t zone)
{
	const struct zone_setting *z = zone_at(s, zone);

	return (struct site_zone_view){ z->name, zone_roles[z->role], (const char *const *)z->networks.items,
					z->networks.count };
}

static struct address next(struct address a)
{
	for (size_t i = sizeof(a.octets); i-- > 0;)
		if (++a.octets[i] != 0)
			break;
	return a;
}

bool site_zone_sample(const struct site *s, size_t zone, size_t network, struct address *ret)
{
	const struct zone_setting *z = zone_at(s, zone);
	struct address_range range;

	if (!address_range_parse(bytes_string(z->networks.items[network]), &range))
		return false;
	struct address a = address_compare(&range.first, &range.last) == 0 ? range.first : next(range.first);
	for (unsigned i = 0; i < SAMPLES_MAX && address_compare(&a, &range.last) <= 0; i++, a = next(a)) {
		struct place p = network_place(&s->network, &a);
		if (p.zone != (int)zone || p.roles != s->network.zone_sets[zone])
			continue;
		*ret = a;
		return true;
	}
	return false;
}

size_t site_listeners(const struct site *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->network.n_proxies; i++)
		n += s->network.proxies[i].n_ports;
	return n;
}

struct site_listener site_listener(const struct site *s, size_t index)
{
	size_t i = 0;

	while (index >= s->network.proxies[i].n_ports)
		index -= s->network.proxies[i++].n_ports;
	const struct proxy *p = &s->network.proxies[i];
	return (struct site_listener){
		.address = p->setting->address.items[0], .range = p->range, .first = p->ports[index].first,
		.last = p->ports[index].last, .auth_required = p->auth_required,
		.exempt = (const char *const *)p->setting->auth_exempt_hosts.items,
		.n_exempt = p->setting->auth_exempt_hosts.count,
	};
}

size_t site_policy_rows(const struct site *s) { return s->policies.count; }

struct site_policy_view site_policy_view(const struct site *s, size_t row)
{
	const struct policy_setting *p = (const struct policy_setting *)s->settings.site.policy.items + row;

	return (struct site_policy_view){
		.action = s->policies.rows[row].verdict,
		.from = (const char *const *)p->from.items, .n_from = p->from.count,
		.to = (const char *const *)p->to.items, .n_to = p->to.count,
		.services = (const char *const *)p->service.items, .n_services = p->service.count,
	};
}

/* Which of the words fits, the first. */
static unsigned word_of(const struct selectors *all, const struct place *p)
{
	for (size_t i = 0; i < all->count; i++)
		if (selectors_fit(&(struct selectors){ &all->items[i], 1 }, p))
			return (unsigned)i;
	return 0;
}

struct site_ruling site_ruling(const struct site *s, const struct address *from, const struct address *to,
			       const char *service, const char *transport, uint16_t port)
{
	struct place source = network_place(&s->network, from), destination = network_place(&s->network, to);
	struct site_ruling ret = { POLICY_SILENT, -1, 0, 0, 0 };

	ret.action = policies_ask(&s->policies, &source, &destination, service, transport, port, &ret.row);
	if (ret.row < 0)
		return ret;
	const struct policy_row *row = &s->policies.rows[ret.row];
	ret.from = word_of(&row->from, &source);
	ret.to = word_of(&row->to, &destination);
	while (ret.service + 1 < row->n_services && !service_fits(&row->services[ret.service], service, transport, port))
		ret.service++;
	return ret;
}

static unsigned versions_of(const struct address_range *r)
{
	return address_is_v4(&r->first) ? SURVEY_V4 : SURVEY_V6;
}

/* Of the hosts and zones with this role. */
static unsigned role_versions(const struct network *n, uint64_t role)
{
	unsigned found = 0;

	for (size_t i = 0; i < n->roles.n_pieces; i++)
		found |= n->role_sets[i] & role ? versions_of(&n->roles.pieces[i].range) : 0;
	for (size_t i = 0; i < n->zones.n_given; i++)
		found |= n->zone_sets[n->zones.given[i].value] & role ? versions_of(&n->zones.given[i].range) : 0;
	return found;
}

static unsigned zone_versions(const struct network *n, int zone)
{
	unsigned found = 0;

	for (size_t i = 0; i < n->zones.n_given; i++)
		found |= zone < 0 || (int)n->zones.given[i].value == zone ? versions_of(&n->zones.given[i].range) : 0;
	return found;
}

unsigned site_word_versions(const struct site *s, const char *word)
{
	const struct network *n = &s->network;
	struct bytes w = bytes_string(word), role = bytes_string("role:"), zone = bytes_string("zone:");
	struct address_range range;

	if (bytes_starts(w, role))
		return role_versions(n, role_bit(bytes_of(w.at + role.size, w.size - role.size)));
	if (bytes_starts(w, zone))
		w = bytes_of(w.at + zone.size, w.size - zone.size);
	if (address_range_parse(w, &range))
		return versions_of(&range);
	return zone_versions(n, network_zone_index(n, w)); /* no zone: any, internal, external */
}

static const char *class_at(const struct conf_list *admins, size_t i)
{
	const char *name = ((const struct account_setting *)admins->items)[i].account_class;

	return name ? name : "";
}

const char *site_admin_class(const struct site *s, size_t index)
{
	const struct conf_list *admins = &s->settings.site.accounts.admin;

	for (size_t i = 0; i < admins->count; i++) {
		size_t before = 0;
		while (before < i && strcmp(class_at(admins, before), class_at(admins, i)) != 0)
			before++;
		if (before == i && index-- == 0)
			return class_at(admins, i);
	}
	return NULL;
}

uint64_t site_forced_cut_seconds(const struct site *s) { return s->settings.site.connect.force_cut_seconds; }

bool site_hours_known(const struct site *s) { return s->calendar.known; }

const char *site_service_name(const char *protocol, const char *transport, uint16_t port)
{
	return service_name(protocol, transport, port);
}
