/* SPDX-License-Identifier: BSD-2-Clause
 * Names for addresses, from the answers of the DNS that passed: what a direct connection was meant for (MEASURES A-01).
 * Where one address has several names the last answer wins. Hosts that the DNS says nothing about have the name that
 * they give themselves, to a DHCP server or to their neighbours (NetBIOS, LLMNR, multicast DNS). */
#include "tracked.h"

#include "base/table.h"

#include <stdlib.h>

#define NAME_BYTES 128 /* longer names are left out */
#define MAC_TEXT 17    /* "02-00-00-00-00-01" */

struct name {
	char text[NAME_BYTES];
	uint32_t size;
	bool own; /* the host says so itself: any answer of the DNS counts for more */
};

struct names {
	struct table *by_address;
	struct table *by_mac; /* name that a DHCP client gave, until it gets its address */
};

static void names_stop(void *state)
{
	struct names *s = state;

	table_free(s->by_address);
	table_free(s->by_mac);
	free(s);
}

static void *names_start(struct tracking *t)
{
	struct names *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	size_t entries = tracking_entries(t);
	size_t leases = entries / 4 ? entries / 4 : 1;
	s->by_address = table_new(sizeof(struct address), sizeof(struct name), entries - entries / 4, tracking_key(t),
				  NULL, NULL);
	s->by_mac = table_new(MAC_TEXT, sizeof(struct name), leases, tracking_key(t), NULL, NULL);
	if (!s->by_address || !s->by_mac) {
		names_stop(s);
		return NULL;
	}
	return s;
}

static void put(struct name *name, struct bytes text, bool own)
{
	if (!name || (own && name->size > 0 && !name->own))
		return;
	memcpy(name->text, text.at, text.size);
	name->size = (uint32_t)text.size;
	name->own = own;
}

static bool fits(struct bytes name)
{
	return name.size > 0 && name.size <= NAME_BYTES;
}

/* What others look for by name is no name of the host that claims it. */
static bool is_role(struct bytes name)
{
	return bytes_equal_nocase(name, bytes_string("wpad")) || bytes_starts_nocase(name, bytes_string("wpad.")) ||
	       bytes_equal_nocase(name, bytes_string("isatap"));
}

static void learn(struct names *s, const struct record *r)
{
	struct bytes asked = record_text(r, FIELD_DNS_QUESTION_NAME);
	const struct address *responder = record_ip(r, FIELD_DNS_RESPONDER);

	if (!fits(asked) || (responder && is_role(asked)))
		return;
	for (const struct value *v = record_get(r, FIELD_DNS_RESOLVED_IP); v; v = record_next(r, v)) {
		/* Without a server only the host itself is believed. */
		if (responder && !address_equal(responder, &v->ip))
			continue;
		put(table_make(s->by_address, &v->ip, r->time_ns, NULL), asked, responder != NULL);
	}
}

/* The client names itself in what it asks; the address comes with the server's answer. */
static void learn_lease(struct names *s, const struct record *r)
{
	struct bytes mac = record_text(r, FIELD_DHCP_CLIENT_MAC);
	struct bytes name = record_text(r, FIELD_DHCP_CLIENT_NAME);
	const struct address *given = record_ip(r, FIELD_DHCP_ASSIGNED_IP);
	bool reply = record_text_is(r, FIELD_DHCP_MESSAGE, "ack");

	if (mac.size != MAC_TEXT)
		return;
	if (!reply && !given && fits(name)) {
		put(table_make(s->by_mac, mac.at, r->time_ns, NULL), name, true);
		return;
	}
	const struct name *known = table_find(s->by_mac, mac.at, r->time_ns);
	if (reply && given && known)
		put(table_make(s->by_address, given, r->time_ns, NULL), bytes_of(known->text, known->size), true);
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
	if (r->dataset == DATASET_DHCP) {
		learn_lease(state, r);
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
	.n_tables = 2,
	.reads = DATASET_BIT(DATASET_DNS) | DATASET_BIT(DATASET_DHCP) | DATASET_BIT(DATASET_FLOW),
	.start = names_start,
	.see = names_see,
	.wants = names_wants,
	.stop = names_stop,
};
