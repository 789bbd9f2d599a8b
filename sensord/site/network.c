/* SPDX-License-Identifier: BSD-2-Clause
 * Zones, roles and proxies of a site. */
#include "network.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

const char *const host_roles[HOST_ROLES + 1] = {
	"proxy",   "dc",      "file_server", "admin_terminal", "jump", "wsus",	   "mgmt",
	"scanner", "backup",  "print",	     "mail",	       "dns",  "ntp",	   "server",
	"user",	   "printer", "iot",	     "monitoring",     "web",  "database", NULL
};

bool word_error(const struct document *d, const struct conf_strings *words, size_t i, struct error *err,
		const char *format, ...)
{
	struct node at = { .line = words->lines[i], .column = words->columns[i] };
	char text[sizeof(err->text)];
	va_list values;

	va_start(values, format);
	vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	return node_error(d, &at, err, "%s", text);
}

bool place_error(const struct document *d, struct conf_place place, struct error *err, const char *format, ...)
{
	struct node at = { .line = place.line, .column = place.column };
	char text[sizeof(err->text)];
	va_list values;

	va_start(values, format);
	vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	return node_error(d, &at, err, "%s", text);
}

static bool add_range(struct ranges *all, const struct conf_strings *words, size_t i, unsigned value,
		      const struct document *d, struct error *err)
{
	struct address_range range;

	if (!address_range_parse(bytes_string(words->items[i]), &range))
		return word_error(d, words, i, err, "`%s` is no address, network or range", words->items[i]);
	if (!ranges_add(all, &range, value))
		return word_error(d, words, i, err, "more than %d networks", RANGES_MAX);
	return true;
}

static bool add_ranges(struct ranges *all, const struct conf_strings *words, unsigned value, const struct document *d,
		       struct error *err)
{
	for (size_t i = 0; i < words->count; i++)
		if (!add_range(all, words, i, value, d, err))
			return false;
	return true;
}

static const struct zone_setting *zone_at(const struct settings *s, size_t i)
{
	return (const struct zone_setting *)s->site.zones.items + i;
}

static bool build_zones(struct network *n, const struct document *d, struct error *err)
{
	static const char *const taken[] = { "any", "external", "internal", "internet", NULL };

	n->zone_sets = calloc(n->settings->site.zones.count + 1, sizeof(*n->zone_sets));
	if (!n->zone_sets)
		return error_set(err, "out of memory");
	for (size_t i = 0; i < n->settings->site.zones.count; i++) {
		const struct zone_setting *zone = zone_at(n->settings, i);
		n->zone_sets[i] = role_bit(bytes_string(zone_roles[zone->role]));
		for (size_t t = 0; taken[t]; t++)
			if (!strcmp(zone->name, taken[t]))
				return place_error(d, zone->place, err, "a zone cannot be named `%s`", zone->name);
		if (!add_ranges(&n->zones, &zone->networks, (unsigned)i, d, err))
			return false;
	}
	return ranges_build(&n->zones) || error_set(err, "out of memory");
}

static int role_index(struct bytes name)
{
	for (int i = 0; host_roles[i]; i++)
		if (bytes_equal(name, bytes_string(host_roles[i])))
			return i;
	return -1;
}

static int zone_role_index(struct bytes name)
{
	for (int i = 0; zone_roles[i]; i++)
		if (bytes_equal(name, bytes_string(zone_roles[i])))
			return i;
	return -1;
}

const char *network_role_name(struct bytes name)
{
	int host = role_index(name), zone = zone_role_index(name);

	return host >= 0 ? host_roles[host] : zone >= 0 ? zone_roles[zone] : NULL;
}

/* A name in both lists is one role. */
uint64_t role_bit(struct bytes name)
{
	int host = role_index(name), zone = zone_role_index(name);

	return host >= 0 ? UINT64_C(1) << host : zone >= 0 ? UINT64_C(1) << ((unsigned)(HOST_ROLES + zone)) : 0;
}

static bool build_role(struct network *n, const struct role_setting *role, const struct document *d, struct error *err)
{
	const struct role_host_setting *hosts = role->hosts.items;
	int index = role_index(bytes_string(role->name));
	struct selectors targets;

	if (index < 0) {
		const char *near = conf_suggest(role->name, host_roles);
		return near ? place_error(d, role->place, err, "unknown role `%s`; did you mean `%s`?", role->name,
					  near)
			    : place_error(d, role->place, err, "unknown role `%s`", role->name);
	}
	for (size_t i = 0; i < role->hosts.count; i++) {
		if (!add_ranges(&n->roles, &hosts[i].host, (unsigned)index, d, err) ||
		    !selectors_build(n, &hosts[i].targets, d, &targets, err))
			return false;
		selectors_release(&targets); /* checked for every host; admins.c keeps those it asks */
	}
	return true;
}

/* A host may have several roles: a domain controller that is the DNS server too. A piece lies within or outside of
 * every range as a whole, so its first address speaks for it. */
static bool build_role_sets(struct network *n)
{
	n->role_sets = calloc(n->roles.n_pieces + 1, sizeof(*n->role_sets));
	for (size_t i = 0; n->role_sets && i < n->roles.n_pieces; i++)
		for (size_t k = 0; k < n->roles.n_given; k++)
			if (address_range_has(&n->roles.given[k].range, &n->roles.pieces[i].range.first))
				n->role_sets[i] |= UINT64_C(1) << n->roles.given[k].value;
	return n->role_sets != NULL;
}

/* The lists with a key of their own come before `roles`: of equal ranges the first added names the host. */
static bool build_roles(struct network *n, const struct document *d, struct error *err)
{
	const struct settings *s = n->settings;
	const struct role_setting *roles = s->site.roles.items;
	const struct proxy_setting *proxies = s->site.proxies.items;

	for (size_t i = 0; i < s->site.proxies.count; i++)
		if (!add_ranges(&n->roles, &proxies[i].address, ROLE_PROXY, d, err))
			return false;
	if (!add_ranges(&n->roles, &s->site.domain_controllers, ROLE_DC, d, err) ||
	    !add_ranges(&n->roles, &s->site.file_servers, ROLE_FILE_SERVER, d, err) ||
	    !add_ranges(&n->roles, &s->site.admin_terminals, ROLE_ADMIN_TERMINAL, d, err))
		return false;
	for (size_t i = 0; i < s->site.roles.count; i++)
		if (!build_role(n, &roles[i], d, err))
			return false;
	return (ranges_build(&n->roles) && build_role_sets(n)) || error_set(err, "out of memory");
}

static bool check_ports(const struct conf_strings *words, const struct document *d, struct port_span *into,
			struct error *err)
{
	for (size_t i = 0; i < words->count; i++) {
		struct port_span span;
		if (!port_span_parse(bytes_string(words->items[i]), &span))
			return word_error(d, words, i, err, "`%s` is no port or range of ports", words->items[i]);
		if (into)
			into[i] = span;
	}
	return true;
}

static bool check_schemes(const struct conf_strings *words, const struct document *d, struct error *err)
{
	static const char *const schemes[] = { "negotiate", "kerberos", "ntlm", "digest", "basic", "bearer", NULL };

	for (size_t i = 0; i < words->count; i++) {
		size_t k = 0;
		while (schemes[k] && !bytes_equal_nocase(bytes_string(words->items[i]), bytes_string(schemes[k])))
			k++;
		if (schemes[k])
			continue;
		const char *near = conf_suggest(words->items[i], schemes);
		return near ? word_error(d, words, i, err, "unknown scheme `%s`; did you mean `%s`?", words->items[i],
					 near)
			    : word_error(d, words, i, err, "unknown scheme `%s`", words->items[i]);
	}
	return true;
}

static bool build_proxy(struct proxy *p, const struct proxy_setting *setting, const struct document *d,
			struct error *err)
{
	if (!address_range_parse(bytes_string(setting->address.items[0]), &p->range))
		return word_error(d, &setting->address, 0, err, "`%s` is no address, network or range",
				  setting->address.items[0]);
	p->setting = setting;
	p->auth_required = setting->authentication == 1;
	p->n_ports = setting->ports.count;
	p->ports = calloc(p->n_ports + 1, sizeof(*p->ports));
	if (!p->ports)
		return error_set(err, "out of memory");
	return check_ports(&setting->ports, d, p->ports, err) && check_ports(&setting->connect_ports, d, NULL, err) &&
	       check_schemes(&setting->schemes, d, err);
}

static bool build_proxies(struct network *n, const struct document *d, struct error *err)
{
	const struct proxy_setting *settings = n->settings->site.proxies.items;

	n->proxies = calloc(n->settings->site.proxies.count + 1, sizeof(*n->proxies));
	if (!n->proxies)
		return error_set(err, "out of memory");
	for (size_t i = 0; i < n->settings->site.proxies.count; i++) {
		n->n_proxies++;
		if (!build_proxy(&n->proxies[i], &settings[i], d, err))
			return false;
	}
	return check_ports(&n->settings->site.connect.ports, d, NULL, err);
}

bool network_build(struct network *n, const struct settings *s, const struct document *d, struct error *err)
{
	n->settings = s;
	n->private_role = s->site.zones.count ? zone_roles[ZONE_INTERNAL] : "user";
	n->private_set = role_bit(bytes_string(n->private_role));
	n->external_set = role_bit(bytes_string(zone_roles[ZONE_EXTERNAL]));
	n->admin_set = role_bit(bytes_string("admin"));
	n->terminal_set = role_bit(bytes_string("admin_terminal")) | role_bit(bytes_string("jump"));
	return build_zones(n, d, err) && build_roles(n, d, err) && build_proxies(n, d, err);
}

void network_release(struct network *n)
{
	for (size_t i = 0; i < n->n_proxies; i++)
		free(n->proxies[i].ports);
	free(n->proxies);
	free(n->inferred);
	free(n->role_sets);
	free(n->zone_sets);
	ranges_release(&n->zones);
	ranges_release(&n->roles);
	*n = (struct network){ 0 };
}

const struct zone_setting *network_zone_setting(const struct network *n, size_t index)
{
	return index < n->settings->site.zones.count ? zone_at(n->settings, index) : NULL;
}

const char *network_zone_name(const struct network *n, int zone)
{
	return zone < 0 ? NULL : zone_at(n->settings, (size_t)zone)->name;
}

int network_zone_index(const struct network *n, struct bytes name)
{
	for (size_t i = 0; i < n->settings->site.zones.count; i++)
		if (bytes_equal(name, bytes_string(zone_at(n->settings, i)->name)))
			return (int)i;
	return -1;
}

/* Where a stands, or would stand, among the inferred. */
static size_t inferred_place(const struct network *n, const struct address *a)
{
	size_t low = 0, high = n->n_inferred;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (memcmp(n->inferred[middle].address.octets, a->octets, 16) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct inferred *network_inferred(const struct network *n, const struct address *a)
{
	size_t at = inferred_place(n, a);

	return at < n->n_inferred && address_equal(&n->inferred[at].address, a) ? &n->inferred[at] : NULL;
}

struct inferred *network_infer(struct network *n, const struct address *a)
{
	size_t at = inferred_place(n, a);

	if (at < n->n_inferred && address_equal(&n->inferred[at].address, a))
		return &n->inferred[at];
	if (n->n_inferred == INFERRED_MAX)
		return NULL;
	struct inferred *more = realloc(n->inferred, (n->n_inferred + 1) * sizeof(*more));
	if (!more)
		return NULL;
	n->inferred = more;
	memmove(more + at + 1, more + at, (n->n_inferred - at) * sizeof(*more));
	more[at] = (struct inferred){ .address = *a, .role = -1 };
	n->n_inferred++;
	return &more[at];
}

bool network_declares(const struct network *n, const char *role)
{
	int index = role_index(bytes_string(role));

	for (size_t i = 0; i < n->roles.n_given; i++)
		if ((int)n->roles.given[i].value == index)
			return true;
	/* What the zones tell already (user, server …) is not for the traffic to say. */
	return n->settings->site.zones.count > 0 && index > ROLE_ADMIN_TERMINAL;
}

/* What the address alone and its zone tell. */
static void place_by_zone(const struct network *n, struct place *p)
{
	const struct zone_setting *zone = p->zone < 0 ? NULL : zone_at(n->settings, (size_t)p->zone);

	if (zone) {
		p->external = zone->role == ZONE_EXTERNAL;
		p->role = zone_roles[zone->role];
		p->roles = n->zone_sets[p->zone];
		return;
	}
	p->external = !address_is_private(p->address);
	p->role = p->external ? zone_roles[ZONE_EXTERNAL] : n->private_role;
	p->roles = p->external ? n->external_set : n->private_set;
}

struct place network_place(const struct network *n, const struct address *a)
{
	struct place p = { .address = a, .zone = -1 };
	const struct inferred *inferred;
	int piece, role = -1;

	if (!a)
		return p;
	p.zone = ranges_find(&n->zones, a);
	if (address_is_group(a)) {
		p.role = "group";
		return p;
	}
	place_by_zone(n, &p);
	piece = ranges_piece(&n->roles, a);
	inferred = piece < 0 && n->n_inferred ? network_inferred(n, a) : NULL;
	if (piece >= 0) {
		role = (int)n->roles.pieces[piece].value;
		p.roles |= n->role_sets[piece];
	} else if (inferred) {
		role = inferred->role;
	}
	if (role >= 0) {
		p.role = host_roles[role];
		p.roles |= UINT64_C(1) << role;
	}
	return p;
}
