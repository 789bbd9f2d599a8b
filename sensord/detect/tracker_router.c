/* SPDX-License-Identifier: BSD-2-Clause
 * Who asks for link addresses because others look for the hosts (MEASURES D-05)? A router does, for all of them at once
 * when it renews what it knows. Where the site declares no gateway, a router is known by what is reached by its link
 * address: hosts of several networks (sight.c). */
#include "tracked.h"

#include "enrich.h"
#include "visibility.h"

#include <stdlib.h>

static void *router_start(struct tracking *t)
{
	(void)t;
	return malloc(1); /* all it knows is what was seen */
}

static void router_see(void *state, struct tracking *t, struct record *r)
{
	uint8_t mac[6];
	bool declared;

	(void)state;
	if (!enrich_mac(r, FIELD_SOURCE_MAC, mac) || site_gateway(tracking_site(t), mac, &declared) || declared)
		return;
	if (sight_routes(tracking_sight(t), mac, r->time_ns))
		record_set_bool(r, FIELD_ARP_ROUTER, true);
}

static const enum field router_sets[] = { FIELD_ARP_ROUTER, FIELD_COUNT };

const struct tracker tracker_router = {
	.name = "router",
	.reads = DATASET_BIT(DATASET_ARP),
	.sets = router_sets,
	.start = router_start,
	.see = router_see,
	.stop = free,
};
