/* SPDX-License-Identifier: BSD-2-Clause
 * What hosts seem to be. Networks: the /24 (IPv4) or /64 (IPv6, RFC 4291 section 2.5.4) around each inner host that took
 * part in a connection; a host that was only tried makes none. Networks of the same kind become one zone. */
#include "learn.h"

#define SHARED_BY 2  /* clients that make a host with shares a file server */
#define SERVED_BY 3  /* clients that make a host that opens less than it serves a server */
#define MANAGES 2    /* hosts that an admin terminal administers at the least */

bool learn_is_inner(const struct learned *l, const struct address *a)
{
	for (size_t i = 0; i < l->n_inner; i++)
		if (memcmp(l->inner[i].octets, a->octets, 6) == 0)
			return true;
	return address_is_private(a) && !address_is_group(a);
}

const char *learn_zone_name(enum learn_zone z)
{
	static const char *const names[] = { "users", "servers", "admin", "dmz" };

	return names[z];
}

bool learn_is_terminal(const struct learn_host *h, bool *ret_sure)
{
	*ret_sure = h->outside.count == 0 && h->served.count == 0;
	return !h->is_server && h->managed.n_who >= MANAGES && h->managed.n_who * 2u >= h->opened.n_who;
}

static struct address network_of(const struct address *a, uint8_t *ret_prefix)
{
	struct address n = *a;
	bool v4 = address_is_v4(a);

	*ret_prefix = v4 ? 24 : 64;
	memset(n.octets + (v4 ? 15 : 8), 0, v4 ? 1 : 8);
	return n;
}

static int find_subnet(const struct learned *l, const struct address *a)
{
	uint8_t prefix;
	struct address n = network_of(a, &prefix);

	for (size_t i = 0; i < l->n_subnets; i++)
		if (address_equal(&l->subnets[i].network, &n) && l->subnets[i].prefix == prefix)
			return (int)i;
	return -1;
}

static void guess_role(struct learn_host *h)
{
	h->is_proxy = h->n_proxy > 0;
	h->is_dc = h->dc.count > 0;
	h->is_files = !h->is_dc && h->shares.n_who >= SHARED_BY;
	h->is_server = h->is_proxy || h->is_dc || h->is_files || h->dns.count || h->mail.count || h->ntp.count ||
		       (h->served.n_who >= SERVED_BY && h->served.count > h->opened.count);
}

static void place_host(void *context, const void *key, void *value)
{
	struct learned *l = context;
	struct learn_host *h = value;
	bool sure;

	guess_role(h);
	h->subnet = -1;
	if (!learn_is_inner(l, key) || h->opened.count + h->served.count + h->dc.count + h->n_proxy == 0)
		return;
	h->subnet = (int16_t)find_subnet(l, key);
	if (h->subnet < 0 && l->n_subnets == LEARN_SUBNETS_MAX)
		return;
	struct learn_subnet *s = &l->subnets[h->subnet < 0 ? l->n_subnets : (size_t)h->subnet];
	if (h->subnet < 0) {
		h->subnet = (int16_t)l->n_subnets++;
		s->network = network_of(key, &s->prefix);
		s->first = h->opened.count ? h->opened.first : h->served.first;
	}
	bool terminal = learn_is_terminal(h, &sure);
	s->hosts++;
	s->proxies += h->is_proxy;
	s->servers += h->is_server && !h->is_proxy;
	s->terminals += terminal && sure;
	s->others += !h->is_server && !(terminal && sure);
	s->opened += h->opened.count;
	s->served += h->served.count;
}

static void guess_zone(struct learn_subnet *s)
{
	if (s->proxies && s->others == 0 && s->servers == 0)
		s->zone = ZONE_DMZ;
	else if (s->terminals && s->others == 0 && s->servers == 0)
		s->zone = ZONE_ADMIN;
	else if (s->servers + s->proxies > 0 && s->servers + s->proxies >= s->others)
		s->zone = ZONE_SERVERS;
	else
		s->zone = ZONE_USERS;
}

void learn_guess(struct learned *l)
{
	table_walk(l->hosts, place_host, l);
	for (size_t i = 0; i < l->n_subnets; i++)
		guess_zone(&l->subnets[i]);
}

enum learn_zone learn_zone_of(const struct learned *l, const struct address *a)
{
	const struct learn_host *h = table_peek(l->hosts, a);

	return h && h->subnet >= 0 ? l->subnets[h->subnet].zone : LEARN_ZONES;
}
