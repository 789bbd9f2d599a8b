/* SPDX-License-Identifier: BSD-2-Clause
 * Names for addresses, from the answers of the DNS that passed: what a direct connection was meant for (MEASURES A-01).
 * Where one address has several names the last answer wins. */
#include "tracked.h"

#include "base/table.h"

#include <stdlib.h>

#define NAME_BYTES 128 /* longer names are left out */

struct name {
	char text[NAME_BYTES];
	uint32_t size;
};

struct names {
	struct table *by_address;
};

static void names_stop(void *state)
{
	struct names *s = state;

	table_free(s->by_address);
	free(s);
}

static void *names_start(struct tracking *t)
{
	struct names *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->by_address = table_new(sizeof(struct address), sizeof(struct name), tracking_entries(t), tracking_key(t), NULL, NULL);
	if (!s->by_address) {
		free(s);
		return NULL;
	}
	return s;
}

static void learn(struct names *s, const struct record *r)
{
	struct bytes asked = record_text(r, FIELD_DNS_QUESTION_NAME);

	if (asked.size == 0 || asked.size > NAME_BYTES)
		return;
	for (const struct value *v = record_get(r, FIELD_DNS_RESOLVED_IP); v; v = record_next(r, v)) {
		struct name *name = table_make(s->by_address, &v->ip, r->time_ns, NULL);
		if (!name)
			return;
		memcpy(name->text, asked.at, asked.size);
		name->size = (uint32_t)asked.size;
	}
}

static void tell(struct names *s, struct record *r, enum field address, enum field domain)
{
	const struct address *a = record_ip(r, address);

	if (!a || record_has(r, domain))
		return;
	const struct name *name = table_find(s->by_address, a, r->time_ns);
	if (name)
		record_set_text(r, domain, bytes_of(name->text, name->size));
}

static void names_see(void *state, struct tracking *t, struct record *r)
{
	(void)t;
	if (r->dataset == DATASET_DNS) {
		learn(state, r);
		return;
	}
	tell(state, r, FIELD_SOURCE_IP, FIELD_SOURCE_DOMAIN);
	tell(state, r, FIELD_DESTINATION_IP, FIELD_DESTINATION_DOMAIN);
}

/* A flow is given names, and teaches none. */
static bool names_wants(struct tracking *t, const struct interest *i)
{
	(void)t;
	return i->dataset == DATASET_DNS;
}

const struct tracker tracker_dns_names = {
	.name = "dns_names",
	.reads = DATASET_BIT(DATASET_DNS) | DATASET_BIT(DATASET_FLOW),
	.start = names_start,
	.see = names_see,
	.wants = names_wants,
	.stop = names_stop,
};
