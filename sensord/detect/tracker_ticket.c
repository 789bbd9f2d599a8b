/* SPDX-License-Identifier: BSD-2-Clause
 * Whose ticket is it? A KDC's reply shows which account got which ticket (DESIGN 7.1, MEASURES 4.4); the same ticket
 * shown to a service later names that account, though the request hides it. A ticket shown from another address than
 * the one it was issued to, and one that no watched KDC ever issued, are marked (F-12). */
#include "tracked.h"

#include "base/attributes.h"
#include "base/instant.h"
#include "base/table.h"

#include <stdlib.h>

#define TICKET_LIFE_NS NS_PER_DAY /* longer than tickets live; a renewed one is a new one */
#define TICKET_SWEEP_NS NS_PER_MIN
#define TICKET_KDCS 1024          /* KDCs, and their realms, that are remembered */
#define ACCOUNT_BYTES 80
#define FINGERPRINT_TEXT 32

enum family { IPV4, IPV6, FAMILIES };

struct ticket_key {
	char fingerprint[FINGERPRINT_TEXT];
};

struct ticket {
	char user[ACCOUNT_BYTES], domain[ACCOUNT_BYTES]; /* cut; the account is not known where user is empty */
	uint32_t user_size, domain_size;
	struct address holder[FAMILIES]; /* the host it was issued to may have one address of each family */
	bool held[FAMILIES];
	bool forwarded;
	uint64_t issued_ns;
};

struct kdc_key {
	struct address kdc;
	uint64_t realm;
};

struct tickets {
	struct table *tickets;
	struct table *kdcs;   /* kdc_key: those that have answered */
	struct table *realms; /* hash of the name: since when all of its known KDCs are watched without loss (uint64_t) */
	uint64_t swept_ns;
	uint64_t pushed_out;    /* tickets that had to go for others, and when the last one did: all could be issued ones */
	uint64_t pushed_out_ns;
};

static void ticket_stop(void *state)
{
	struct tickets *s = state;

	if (s->tickets)
		table_free(s->tickets);
	if (s->kdcs)
		table_free(s->kdcs);
	if (s->realms)
		table_free(s->realms);
	free(s);
}

static void *ticket_start(struct tracking *t)
{
	struct tickets *s = calloc(1, sizeof(*s));
	const struct hash_key *key = tracking_key(t);

	if (!s)
		return NULL;
	s->tickets = table_new(sizeof(struct ticket_key), sizeof(struct ticket), tracking_entries(t), key, NULL, NULL);
	s->kdcs = table_new(sizeof(struct kdc_key), sizeof(uint64_t), TICKET_KDCS, key, NULL, NULL);
	s->realms = table_new(sizeof(uint64_t), sizeof(uint64_t), TICKET_KDCS, key, NULL, NULL);
	if (s->tickets && s->kdcs && s->realms)
		return s;
	ticket_stop(s);
	return NULL;
}

static bool key_of(struct bytes fingerprint, struct ticket_key *ret)
{
	if (fingerprint.size != FINGERPRINT_TEXT)
		return false;
	memcpy(ret->fingerprint, fingerprint.at, FINGERPRINT_TEXT);
	return true;
}

static enum family family_of(const struct address *a)
{
	return address_is_v4(a) ? IPV4 : IPV6;
}

static bool has_option(const struct record *r, const char *option)
{
	for (const struct value *v = record_get(r, FIELD_KERBEROS_OPTIONS); v; v = record_next(r, v))
		if (bytes_equal(value_text(r, v), bytes_string(option)))
			return true;
	return false;
}

/* ---- issued ---- */

static uint32_t keep(char room[ACCOUNT_BYTES], struct bytes text)
{
	uint32_t size = text.size < ACCOUNT_BYTES ? (uint32_t)text.size : ACCOUNT_BYTES;

	if (size > 0)
		memcpy(room, text.at, size);
	return size;
}

/* A ticket asked for on somebody's behalf (MS-SFU) is of the client it names, not of the service that asks. */
static void set_owner(struct ticket *ticket, const struct record *r)
{
	bool for_other = record_has(r, FIELD_KERBEROS_FOR_USER) || has_option(r, "cname-in-addl-tkt");
	enum field realm = record_has(r, FIELD_KERBEROS_CLIENT_REALM) ? FIELD_KERBEROS_CLIENT_REALM : FIELD_KERBEROS_REALM;
	struct bytes user = record_text(r, for_other ? FIELD_KERBEROS_CLIENT : FIELD_USER_NAME);

	if (bytes_starts_nocase(user, bytes_string("WELLKNOWN/")))
		return;
	ticket->user_size = keep(ticket->user, user);
	ticket->domain_size = keep(ticket->domain, record_text(r, for_other ? realm : FIELD_USER_DOMAIN));
}

static void see_issued(struct tickets *s, const struct record *r)
{
	const struct address *client = record_ip(r, FIELD_SOURCE_IP);
	struct ticket_key key;
	bool is_new;

	if (!client || !key_of(record_text(r, FIELD_KERBEROS_NEW_TICKET), &key))
		return;
	struct ticket *ticket = table_make(s->tickets, &key, r->time_ns, &is_new);
	if (!ticket || !is_new)
		return;
	if (table_evicted(s->tickets) > s->pushed_out) {
		s->pushed_out = table_evicted(s->tickets);
		s->pushed_out_ns = r->time_ns;
	}
	ticket->issued_ns = r->time_ns;
	ticket->forwarded = has_option(r, "forwarded");
	ticket->holder[family_of(client)] = *client;
	ticket->held[family_of(client)] = true;
	set_owner(ticket, r);
}

/* Tickets may be missed while a KDC of the realm is not seen, or not whole: from then on it is watched anew. */
static void see_kdc(struct tickets *s, struct tracking *t, const struct record *r)
{
	const struct address *kdc = record_ip(r, FIELD_DESTINATION_IP);
	struct bytes realm = record_text(r, FIELD_KERBEROS_ISSUED_REALM);
	bool new_kdc, new_realm;
	struct kdc_key key;

	if (realm.size == 0)
		realm = record_text(r, FIELD_KERBEROS_REALM);
	if (!kdc || realm.size == 0 || tracking_is_external(t, kdc))
		return;
	memset(&key, 0, sizeof(key));
	key.kdc = *kdc;
	key.realm = tracked_name(t, realm);
	uint64_t *since = table_make(s->realms, &key.realm, r->time_ns, &new_realm);
	if (since && (table_make(s->kdcs, &key, r->time_ns, &new_kdc) == NULL || new_kdc || new_realm || r->partial))
		*since = r->time_ns;
}

/* ---- shown ---- */

static void see_place(struct ticket *ticket, struct tracking *t, struct record *r)
{
	const struct address *from = record_ip(r, FIELD_SOURCE_IP);

	if (!from)
		return;
	enum family f = family_of(from);
	if (!ticket->held[f]) { /* the same host by its other address, as far as anybody can tell */
		ticket->holder[f] = *from;
		ticket->held[f] = true;
		return;
	}
	/* A proxy hands on what its clients show. */
	if (address_equal(&ticket->holder[f], from) || strcmp(site_role(tracking_site(t), from), "proxy") == 0)
		return;
	record_set_ip(r, FIELD_KERBEROS_TICKET_ISSUED_TO, &ticket->holder[f]);
	record_set_bool(r, ticket->forwarded ? FIELD_KERBEROS_TICKET_FORWARDED : FIELD_KERBEROS_TICKET_MOVED, true);
}

static void tell_unseen(struct tickets *s, struct tracking *t, struct record *r)
{
	struct bytes realm = record_text(r, FIELD_KERBEROS_TICKET_REALM);
	uint64_t hash = tracked_name(t, realm);
	const uint64_t *since = realm.size ? table_peek(s->realms, &hash) : NULL;

	if (!since)
		return;
	uint64_t from = *since > s->pushed_out_ns ? *since : s->pushed_out_ns;
	record_set_bool(r, FIELD_KERBEROS_TICKET_UNSEEN, true);
	record_set_real(r, FIELD_KERBEROS_KDC_WATCHED, (double)instant_since(r->time_ns, from) / (double)NS_PER_S);
}

static void see_shown(struct tickets *s, struct tracking *t, struct record *r)
{
	struct ticket_key key;

	if (!key_of(record_text(r, FIELD_KERBEROS_TICKET), &key))
		return;
	struct ticket *ticket = table_find(s->tickets, &key, r->time_ns);
	if (!ticket) {
		tell_unseen(s, t, r);
		return;
	}
	if (instant_since(r->time_ns, ticket->issued_ns) > TICKET_LIFE_NS)
		return;
	see_place(ticket, t, r);
	if (record_has(r, FIELD_USER_NAME) || ticket->user_size == 0)
		return;
	record_set_text(r, FIELD_USER_NAME, bytes_of(ticket->user, ticket->user_size));
	if (ticket->domain_size > 0)
		record_set_text(r, FIELD_USER_DOMAIN, bytes_of(ticket->domain, ticket->domain_size));
	record_set_string(r, FIELD_AUTH_ATTRIBUTED_BY, "ticket");
}

static void ticket_see(void *state, struct tracking *t, struct record *r)
{
	struct tickets *s = state;

	see_shown(s, t, r);
	if (r->dataset != DATASET_KERBEROS || !record_has(r, FIELD_KERBEROS_NEW_TICKET))
		return;
	see_kdc(s, t, r);
	see_issued(s, r);
}

static void ticket_tick(void *state, struct tracking *t, uint64_t now_ns)
{
	struct tickets *s = state;

	(void)t;
	if (now_ns < TICKET_LIFE_NS || instant_since(now_ns, s->swept_ns) < TICKET_SWEEP_NS)
		return;
	table_expire(s->tickets, now_ns - TICKET_LIFE_NS);
	s->swept_ns = now_ns;
}

static const enum field ticket_sets[] = {
	FIELD_USER_NAME, FIELD_USER_DOMAIN, FIELD_AUTH_ATTRIBUTED_BY, FIELD_KERBEROS_TICKET_MOVED,
	FIELD_KERBEROS_TICKET_ISSUED_TO, FIELD_KERBEROS_TICKET_FORWARDED, FIELD_KERBEROS_TICKET_UNSEEN,
	FIELD_KERBEROS_KDC_WATCHED, FIELD_COUNT,
};

const struct tracker tracker_ticket = {
	.name = "ticket",
	.n_tables = 3,
	.reads = DATASET_BIT(DATASET_KERBEROS) | DATASET_BIT(DATASET_AUTH),
	.touches = DATASET_BIT(DATASET_SMB) | DATASET_BIT(DATASET_HTTP) | DATASET_BIT(DATASET_PROXY) |
		   DATASET_BIT(DATASET_DCE_RPC) | DATASET_BIT(DATASET_LDAP) | DATASET_BIT(DATASET_RDP) |
		   DATASET_BIT(DATASET_WINRM),
	.sets = ticket_sets,
	.start = ticket_start,
	.see = ticket_see,
	.tick = ticket_tick,
	.stop = ticket_stop,
};
