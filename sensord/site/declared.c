/* SPDX-License-Identifier: BSD-2-Clause
 * What the site file declares and a sensor on the right wires should meet: zones inside, proxies, domain controllers,
 * file servers, admin terminals. Where one is never met, the wire is the wrong one, or the file is out of date. */
#include <stdlib.h>

#include "private.h"

#define DECLARED_MAX 1024 /* entries watched; those beyond are not */

struct declared {
	struct site_declared shown;
	struct address_range range; /* of hosts; a zone is known by its index */
};

static void add(struct site *s, const char *kind, const char *name, const struct address_range *range)
{
	struct declared *one = &s->declared[s->n_declared];

	if (s->n_declared == DECLARED_MAX)
		return;
	*one = (struct declared){ .shown = { kind, name } };
	if (range)
		one->range = *range;
	s->n_declared++;
}

/* Words were checked when the network was built. */
static void add_hosts(struct site *s, const char *kind, const struct conf_strings *words)
{
	struct address_range range;

	for (size_t i = 0; i < words->count; i++)
		if (address_range_parse(bytes_string(words->items[i]), &range))
			add(s, kind, words->items[i], &range);
}

bool declared_build(struct site *s, struct error *err)
{
	const struct proxy_setting *proxies = s->settings.site.proxies.items;

	s->declared = calloc(DECLARED_MAX, sizeof(*s->declared));
	if (!s->declared)
		return error_set(err, "out of memory");
	for (size_t i = 0; i < s->settings.site.zones.count; i++)
		add(s, "zone", network_zone_setting(&s->network, i)->name, NULL);
	s->n_declared_zones = s->n_declared;
	for (size_t i = 0; i < s->settings.site.proxies.count; i++)
		add_hosts(s, "proxy", &proxies[i].address);
	add_hosts(s, "domain_controller", &s->settings.site.domain_controllers);
	add_hosts(s, "file_server", &s->settings.site.file_servers);
	add_hosts(s, "admin_terminal", &s->settings.site.admin_terminals);
	return true;
}

size_t site_declared_count(const struct site *s) { return s->n_declared; }
size_t site_declared_zones(const struct site *s) { return s->n_declared_zones; }

struct site_declared site_declared(const struct site *s, size_t index)
{
	return index < s->n_declared ? s->declared[index].shown : (struct site_declared){ 0 };
}

size_t site_declared_find(const struct site *s, const struct address *a, size_t *ret, size_t max)
{
	int zone = network_place(&s->network, a).zone;
	size_t n = 0;

	if (zone >= 0 && (size_t)zone < s->n_declared_zones && max)
		ret[n++] = (size_t)zone;
	for (size_t i = s->n_declared_zones; i < s->n_declared && n < max; i++)
		if (address_range_has(&s->declared[i].range, a))
			ret[n++] = i;
	return n;
}
