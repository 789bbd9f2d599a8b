/* SPDX-License-Identifier: BSD-2-Clause
 * What is usual: how an account logs on, from where to where, with which ciphers; by which name a host is known
 * (MEASURES F-04, F-10, F-11, F-13). Published as fields of the logon that passes, as it was before it. */
#include "tracked.h"

#include "base/attributes.h"
#include "base/instant.h"
#include "base/table.h"
#include "base/text.h"

#include <stdlib.h>

#define HISTORY_TABLES 5
#define HALF_NS (15 * NS_PER_DAY) /* counts are of this and the half before it */
#define DESKTOP_NS NS_PER_MIN    /* from the ticket for remote desktop to the logon at the other end (MEASURES F-04) */
#define HOST_BYTES 15             /* a NetBIOS name (RFC 1001 section 14.1); longer names are compared so far */

struct account {
	uint64_t first_ns, half_ns;
	uint32_t kerberos[2], ntlm[2]; /* successful logons: this half, the half before */
	bool aes;
};

struct host {
	char name[HOST_BYTES];
	uint8_t size;
	bool aes;
};

struct relation_key {
	uint64_t account;
	struct address from, to;
};

/* A ticket for remote desktop: TERMSRV/name, in the name of the account. */
struct desktop_key {
	uint64_t account, host;
};

struct desktop {
	struct address from;
	uint64_t asked_ns;
};

struct history {
	struct table *accounts;  /* hash of the bare name -> struct account */
	struct table *relations; /* struct relation_key -> nothing */
	struct table *hosts;     /* address -> struct host */
	struct table *services;  /* hash of the principal with AES tickets -> nothing */
	struct table *desktops;  /* struct desktop_key -> struct desktop */
};

static void history_stop(void *state)
{
	struct history *h = state;

	table_free(h->accounts);
	table_free(h->relations);
	table_free(h->hosts);
	table_free(h->services);
	table_free(h->desktops);
	free(h);
}

static void *history_start(struct tracking *t)
{
	struct history *h = calloc(1, sizeof(*h));
	size_t max = tracking_entries(t) / HISTORY_TABLES;

	if (!h)
		return NULL;
	h->accounts = table_new(sizeof(uint64_t), sizeof(struct account), max, tracking_key(t), NULL, NULL);
	h->relations = table_new(sizeof(struct relation_key), 1, max, tracking_key(t), NULL, NULL);
	h->hosts = table_new(sizeof(struct address), sizeof(struct host), max, tracking_key(t), NULL, NULL);
	h->services = table_new(sizeof(uint64_t), 1, max, tracking_key(t), NULL, NULL);
	h->desktops = table_new(sizeof(struct desktop_key), sizeof(struct desktop), max, tracking_key(t), NULL, NULL);
	if (h->accounts && h->relations && h->hosts && h->services && h->desktops)
		return h;
	history_stop(h);
	return NULL;
}

/* ---- hosts and their names ---- */

static struct bytes host_label(struct bytes name)
{
	struct bytes label = bytes_split(&name, '.');

	return bytes_of(label.at, label.size < HOST_BYTES ? label.size : HOST_BYTES);
}

static void host_named(struct history *h, const struct address *a, struct bytes name, uint64_t now_ns)
{
	struct bytes label = host_label(name);
	struct host *host = a && label.size ? table_make(h->hosts, a, now_ns, NULL) : NULL;

	if (!host)
		return;
	memcpy(host->name, label.at, label.size);
	host->size = (uint8_t)label.size;
}

static struct bytes host_name(const struct host *host)
{
	return host ? bytes_of(host->name, host->size) : (struct bytes){ 0 };
}

/* A computer that logs on as itself names its address. */
static bool is_computer(struct bytes user)
{
	return user.size > 1 && user.at[user.size - 1] == '$';
}

static void learn_computer(struct history *h, const struct record *r)
{
	struct bytes user = record_text(r, FIELD_USER_NAME);

	/* By NTLM anybody who has its hash can say so. */
	if (is_computer(user) && record_text_is(r, FIELD_EVENT_OUTCOME, "success") &&
	    (r->dataset == DATASET_KERBEROS || record_text_is(r, FIELD_AUTH_MECHANISM, "kerberos")))
		host_named(h, record_ip(r, FIELD_SOURCE_IP), bytes_of(user.at, user.size - 1), r->time_ns);
}

static void see_dhcp(struct history *h, const struct record *r)
{
	const struct address *a = record_ip(r, FIELD_DHCP_ASSIGNED_IP);

	if (record_text_is(r, FIELD_DHCP_MESSAGE, "ack"))
		host_named(h, a ? a : record_ip(r, FIELD_DHCP_REQUESTED_IP), record_text(r, FIELD_DHCP_CLIENT_NAME), r->time_ns);
}

/* ---- accounts ---- */

static uint64_t account_hash(const struct tracking *t, struct bytes user)
{
	return tracked_name(t, tracked_account(user));
}

static void turn_half(struct account *a, uint64_t now_ns)
{
	if (instant_since(now_ns, a->half_ns) < HALF_NS)
		return;
	bool follows = instant_since(now_ns, a->half_ns) < 2 * HALF_NS;
	a->kerberos[1] = follows ? a->kerberos[0] : 0;
	a->ntlm[1] = follows ? a->ntlm[0] : 0;
	a->kerberos[0] = a->ntlm[0] = 0;
	a->half_ns = now_ns;
}

static void tell_account(const struct account *a, struct record *r)
{
	uint64_t kerberos = (uint64_t)a->kerberos[0] + a->kerberos[1], ntlm = (uint64_t)a->ntlm[0] + a->ntlm[1];

	record_set_uint(r, FIELD_AUTH_HISTORY_LOGONS, kerberos + ntlm);
	if (kerberos + ntlm)
		record_set_real(r, FIELD_AUTH_HISTORY_KERBEROS, (double)kerberos / (double)(kerberos + ntlm));
	record_set_real(r, FIELD_AUTH_HISTORY_AGE, (double)instant_since(r->time_ns, a->first_ns) / (double)NS_PER_S);
}

static void count_logon(struct account *a, const struct record *r)
{
	uint32_t *count = record_text_is(r, FIELD_AUTH_MECHANISM, "kerberos") ? &a->kerberos[0] :
			  record_text_is(r, FIELD_AUTH_MECHANISM, "ntlm")     ? &a->ntlm[0] :
										NULL;

	if (count && *count < UINT32_MAX)
		++*count;
}

static void see_relation(struct history *h, uint64_t account, struct record *r)
{
	const struct address *from = record_ip(r, FIELD_SOURCE_IP), *to = record_ip(r, FIELD_DESTINATION_IP);
	struct relation_key key;
	bool fresh = false;

	if (!from || !to)
		return;
	memset(&key, 0, sizeof(key));
	key.account = account;
	key.from = *from;
	key.to = *to;
	if (table_make(h->relations, &key, r->time_ns, &fresh))
		record_set_bool(r, FIELD_AUTH_RELATION_NEW, fresh);
}

static void tell_workstation(struct history *h, struct record *r)
{
	const struct address *from = record_ip(r, FIELD_SOURCE_IP);
	struct bytes told = host_label(record_text(r, FIELD_AUTH_WORKSTATION));
	struct bytes known = host_name(from ? table_find(h->hosts, from, r->time_ns) : NULL);

	if (told.size && known.size && record_text_is(r, FIELD_AUTH_MECHANISM, "ntlm") && !bytes_equal_nocase(told, known))
		record_set_text(r, FIELD_AUTH_KNOWN_WORKSTATION, known);
}

/* The name by which a host is known: its computer account or DHCP, else an answer of the DNS. */
static struct bytes source_name(struct history *h, const struct record *r)
{
	const struct address *from = record_ip(r, FIELD_SOURCE_IP);
	struct bytes known = host_name(from ? table_peek(h->hosts, from) : NULL);

	return known.size ? known : host_label(record_text(r, FIELD_SOURCE_DOMAIN));
}

static struct desktop_key desktop_key(const struct tracking *t, uint64_t account, struct bytes host)
{
	struct desktop_key key;

	memset(&key, 0, sizeof(key));
	key.account = account;
	key.host = tracked_name(t, host);
	return key;
}

/* Remote desktop from elsewhere, then the logon from the machine itself: that is where the password is now. */
static void tell_desktop(struct history *h, struct tracking *t, struct record *r)
{
	struct bytes user = record_text(r, FIELD_USER_NAME), name = source_name(h, r);

	if (user.size == 0 || name.size == 0 || !record_text_is(r, FIELD_AUTH_CARRIER, "kdc") ||
	    !record_text_is(r, FIELD_EVENT_OUTCOME, "success"))
		return;
	struct desktop_key key = desktop_key(t, account_hash(t, user), name);
	const struct desktop *d = table_peek(h->desktops, &key);
	const struct address *from = record_ip(r, FIELD_SOURCE_IP);
	if (d && from && !address_equal(&d->from, from) && instant_since(r->time_ns, d->asked_ns) <= DESKTOP_NS)
		record_set_ip(r, FIELD_AUTH_DESKTOP_FROM, &d->from);
}

static void see_auth(struct history *h, struct tracking *t, struct record *r)
{
	struct bytes user = record_text(r, FIELD_USER_NAME);
	bool fresh = false;

	tell_workstation(h, r);
	learn_computer(h, r);
	tell_desktop(h, t, r);
	if (user.size == 0 || is_computer(user) || !record_text_is(r, FIELD_EVENT_OUTCOME, "success"))
		return;
	uint64_t hash = account_hash(t, user);
	struct account *a = table_make(h->accounts, &hash, r->time_ns, &fresh);
	if (!a)
		return;
	if (fresh || !a->first_ns)
		a->first_ns = a->half_ns = r->time_ns;
	turn_half(a, r->time_ns);
	tell_account(a, r);
	count_logon(a, r);
	see_relation(h, hash, r);
}

/* ---- Kerberos ---- */

static bool offers(const struct record *r, const char *prefix)
{
	for (const struct value *v = record_get(r, FIELD_KERBEROS_ETYPES); v; v = record_next(r, v))
		if (bytes_starts(value_text(r, v), bytes_string(prefix)))
			return true;
	return false;
}

/* What was offered or used with AES before; told where this exchange is without. */
static void see_ciphers(struct history *h, struct tracking *t, struct record *r)
{
	const struct address *from = record_ip(r, FIELD_SOURCE_IP);
	struct bytes user = record_text(r, FIELD_USER_NAME);
	bool aes = offers(r, "aes");
	uint64_t hash = account_hash(t, user);

	if (!record_has(r, FIELD_KERBEROS_ETYPES))
		return;
	struct host *host = from ? table_make(h->hosts, from, r->time_ns, NULL) : NULL;
	struct account *a = user.size ? table_make(h->accounts, &hash, r->time_ns, NULL) : NULL;
	if (!aes && host && host->aes)
		record_set_bool(r, FIELD_KERBEROS_SOURCE_AES_SEEN, true);
	if (!aes && a && a->aes)
		record_set_bool(r, FIELD_KERBEROS_CLIENT_AES_SEEN, true);
	if (host)
		host->aes |= aes;
	if (a)
		a->aes |= aes && record_text_is(r, FIELD_EVENT_OUTCOME, "success");
}

static void see_service(struct history *h, struct tracking *t, struct record *r)
{
	struct bytes etype = record_text(r, FIELD_KERBEROS_ETYPE);
	struct bytes service = record_text(r, FIELD_KERBEROS_SERVICE);
	uint64_t hash = tracked_name(t, service);

	if (etype.size == 0 || service.size == 0)
		return;
	if (bytes_starts(etype, bytes_string("aes")))
		table_make(h->services, &hash, r->time_ns, NULL);
	else if (table_find(h->services, &hash, r->time_ns))
		record_set_bool(r, FIELD_KERBEROS_SERVICE_AES_SEEN, true);
}

static void see_desktop(struct history *h, struct tracking *t, struct record *r)
{
	struct bytes rest = record_text(r, FIELD_KERBEROS_SERVICE), user = record_text(r, FIELD_USER_NAME);
	struct bytes service = bytes_split(&rest, '/'), name = host_label(bytes_split(&rest, '/'));
	const struct address *from = record_ip(r, FIELD_SOURCE_IP);

	if (!from || user.size == 0 || name.size == 0 || !bytes_equal_nocase(service, bytes_string("TERMSRV")) ||
	    !record_text_is(r, FIELD_EVENT_OUTCOME, "success"))
		return;
	struct desktop_key key = desktop_key(t, account_hash(t, user), name);
	struct desktop *d = table_make(h->desktops, &key, r->time_ns, NULL);
	if (d)
		*d = (struct desktop){ *from, r->time_ns };
}

/* host/pc11.lab.example asked for by pc11 itself: somebody logs on there. */
static void see_own_service(struct history *h, struct record *r)
{
	struct bytes rest = record_text(r, FIELD_KERBEROS_SERVICE);
	struct bytes service = bytes_split(&rest, '/'), name = host_label(bytes_split(&rest, '/'));
	struct bytes known = source_name(h, r);

	if (known.size && name.size && bytes_equal_nocase(service, bytes_string("host")))
		record_set_bool(r, FIELD_KERBEROS_SERVICE_IS_SOURCE, bytes_equal_nocase(name, known));
}

static void history_see(void *state, struct tracking *t, struct record *r)
{
	struct history *h = state;

	if (r->dataset == DATASET_DHCP) {
		see_dhcp(h, r);
	} else if (r->dataset == DATASET_AUTH) {
		see_auth(h, t, r);
	} else {
		learn_computer(h, r);
		see_ciphers(h, t, r);
		see_service(h, t, r);
		see_own_service(h, r);
		see_desktop(h, t, r);
	}
}

static const enum field history_sets[] = {
	FIELD_AUTH_HISTORY_LOGONS, FIELD_AUTH_HISTORY_KERBEROS, FIELD_AUTH_HISTORY_AGE, FIELD_AUTH_RELATION_NEW,
	FIELD_AUTH_KNOWN_WORKSTATION, FIELD_KERBEROS_SOURCE_AES_SEEN, FIELD_KERBEROS_CLIENT_AES_SEEN,
	FIELD_KERBEROS_SERVICE_AES_SEEN, FIELD_KERBEROS_SERVICE_IS_SOURCE, FIELD_AUTH_DESKTOP_FROM, FIELD_COUNT,
};

const struct tracker tracker_history = {
	.name = "history",
	.n_tables = 5,
	.reads = DATASET_BIT(DATASET_AUTH) | DATASET_BIT(DATASET_KERBEROS) | DATASET_BIT(DATASET_DHCP),
	.sets = history_sets,
	.start = history_start,
	.see = history_see,
	.stop = history_stop,
};
