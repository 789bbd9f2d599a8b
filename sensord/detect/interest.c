/* SPDX-License-Identifier: BSD-2-Clause
 * Two tables without chains: a newcomer takes the place of what stood there. */
#include "interest.h"

#include <stddef.h>

static uint64_t class_of(struct interests *all, const struct address *a)
{
	uint64_t words[5] = { 0 };

	memcpy(words, a, sizeof(*a));
	struct interest_host *host = &all->hosts[hash_five(&all->key, words) % INTEREST_HOSTS];
	if (!host->known || !address_equal(&host->address, a))
		*host = (struct interest_host){ *a, site_class(all->site, a), true };
	return host->class;
}

/* Names are compared by their place: each is told by one part of the program from one constant. */
struct interest_answer *interest_find(struct interests *all, const struct interest *i)
{
	struct interest_answer asked = {
		.client = class_of(all, i->client), .server = class_of(all, i->server),
		.action = i->action, .outcome = i->outcome, .transport = i->transport, .protocol = i->protocol,
		.client_port = i->client_port < all->port_max ? i->client_port : all->port_max, .port = i->server_port, .has_port = i->has_port, .dataset = i->dataset,
	};
	const uint64_t words[5] = { asked.client, asked.server, (uintptr_t)i->action ^ (uintptr_t)i->transport << 24,
				    (uintptr_t)i->protocol ^ (uintptr_t)i->outcome << 24,
				    (uint64_t)asked.client_port << 32 | (uint64_t)i->server_port << 8 | i->dataset };
	struct interest_answer *place = &all->answers[hash_five(&all->key, words) % INTEREST_ANSWERS];

	if (place->known && place->client == asked.client && place->server == asked.server && place->action == asked.action && place->outcome == asked.outcome &&
	    place->transport == asked.transport && place->protocol == asked.protocol && place->port == asked.port && place->client_port == asked.client_port &&
	    place->has_port == asked.has_port && place->dataset == asked.dataset)
		return place;
	*place = asked;
	return place;
}
