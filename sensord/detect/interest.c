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

bool readings_ask(struct readings *all, struct rules *rules, struct record *room, const struct interest *i)
{
	static const struct hash_key fixed = { 0x72656164, 1 }; /* who makes words collide has them asked each time */
	struct reading asked = { .known = true, .dataset = i->dataset, .field = i->field, .absent = i->absent, .n_absent = i->n_absent,
				 .size = i->text.size };
	enum field known[1 + READ_ABSENT] = { i->field };
	size_t n_absent = i->n_absent < READ_ABSENT ? i->n_absent : READ_ABSENT;
	struct reading *place = NULL;

	if (i->text.size < sizeof(asked.text)) {
		uint64_t words[5] = { (uint64_t)i->dataset << 32 | i->field, i->text.size ^ (uintptr_t)i->absent };
		if (i->text.size)
			memcpy(asked.text, i->text.at, i->text.size);
		memcpy(&words[2], asked.text, sizeof(asked.text));
		place = &all->all[hash_five(&fixed, words) % READINGS];
		if (place->known && place->dataset == asked.dataset && place->field == asked.field && place->absent == asked.absent &&
		    place->n_absent == asked.n_absent && place->size == asked.size && memcmp(place->text, asked.text, sizeof(asked.text)) == 0)
			return place->read;
	}
	record_clear(room, i->dataset, i->time_ns);
	if (i->text.size)
		record_set_text(room, i->field, i->text);
	if (n_absent)
		memcpy(known + 1, i->absent, n_absent * sizeof(*known));
	asked.read = rules_interest(rules, room, known, 1 + n_absent) != 0;
	if (place)
		*place = asked;
	return asked.read;
}
