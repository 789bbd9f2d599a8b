/* SPDX-License-Identifier: BSD-2-Clause
 * Tables with a ceiling that take nothing new when they are full: what was seen first stays, the rest is counted. Places
 * are kept for what alerts name. */
#include "gather_tables.h"

#include <stdlib.h>
#include <string.h>

#include "base/attributes.h"
#include "base/text.h"

struct gather *gather_new(void)
{
	struct gather *g = calloc(1, sizeof(*g));
	static const struct hash_key key = { 0x676174686572, 1 }; /* fixed: the same capture gives the same bytes */

	if (!g)
		return NULL;
	g->alerts = calloc(ALERTS_MAX, sizeof(*g->alerts));
	g->by_key = table_new(sizeof(struct key_text), sizeof(size_t), ALERTS_MAX, &key, NULL, NULL);
	g->hosts = table_new(sizeof(struct address), sizeof(struct gather_host), HOSTS_MAX + KEPT_FOR_ALERTS, &key, NULL, NULL);
	g->accounts = table_new(sizeof(struct account_key), sizeof(struct gather_account), ACCOUNTS_MAX + KEPT_FOR_ALERTS, &key,
				NULL, NULL);
	g->touches = table_new(sizeof(struct touch_key), sizeof(struct gather_touch), TOUCHES_MAX + KEPT_FOR_ALERTS, &key, NULL,
			       NULL);
	g->crossings = table_new(sizeof(struct crossing_key), sizeof(struct gather_crossing), CROSSINGS_MAX, &key, NULL, NULL);
	if (g->alerts && g->by_key && g->hosts && g->accounts && g->touches && g->crossings)
		return g;
	gather_free(g);
	return NULL;
}

void gather_free(struct gather *g)
{
	if (!g)
		return;
	for (size_t i = 0; g->alerts && i < g->all.n_alerts; i++)
		record_free(g->alerts[i].record);
	for (size_t i = 0; i < g->all.n_notices; i++)
		record_free(g->notices[i].record);
	free(g->alerts);
	table_free(g->by_key);
	table_free(g->hosts);
	table_free(g->accounts);
	table_free(g->touches);
	table_free(g->crossings);
	free((void *)g->all.hosts);
	free((void *)g->all.accounts);
	free((void *)g->all.touches);
	free((void *)g->all.crossings);
	free(g);
}

void gather_put(char *out, size_t size, struct bytes text)
{
	struct text t = { out, size, 0, false };

	text_utf8(&t, text);
	text_end(&t);
}

/* The entry under key, made while there is room below max; NULL and counted else. */
static void *entry(struct gather *g, struct table *t, const void *key, size_t max, uint64_t now_ns)
{
	void *found = table_find(t, key, now_ns);

	if (!found && table_count(t) < max)
		found = table_make(t, key, now_ns, NULL);
	g->all.left_out += found == NULL;
	return found;
}

static void span(uint64_t *first_ns, uint64_t *last_ns, uint64_t now_ns)
{
	if (*first_ns == 0 || now_ns < *first_ns)
		*first_ns = now_ns;
	if (now_ns > *last_ns)
		*last_ns = now_ns;
}

/* ---- hosts, accounts, touches ---- */

const struct side gather_source = { FIELD_SOURCE_IP, FIELD_SOURCE_ZONE, FIELD_SOURCE_ROLE, FIELD_SOURCE_DOMAIN };
const struct side gather_destination = { FIELD_DESTINATION_IP, FIELD_DESTINATION_ZONE, FIELD_DESTINATION_ROLE,
					 FIELD_DESTINATION_DOMAIN };

struct gather_host *gather_see_host(struct gather *g, const struct record *r, const struct side *side, size_t extra)
{
	const struct address *a = record_ip(r, side->ip);
	struct gather_host *h = a ? entry(g, g->hosts, a, HOSTS_MAX + extra, r->time_ns) : NULL;
	struct address number; /* a name that is but an address again says nothing */

	if (!h)
		return NULL;
	h->address = *a;
	span(&h->first_ns, &h->last_ns, r->time_ns);
	if (!h->role[0]) {
		gather_put(h->zone, sizeof(h->zone), record_text(r, side->zone));
		gather_put(h->role, sizeof(h->role), record_text(r, side->role));
	}
	if (!h->name[0] && !address_parse(record_text(r, side->domain), &number))
		gather_put(h->name, sizeof(h->name), record_text(r, side->domain));
	return h;
}

struct gather_account *gather_see_account(struct gather *g, const struct record *r, size_t extra)
{
	struct account_key k;

	memset(&k, 0, sizeof(k));
	if (record_text(r, FIELD_USER_NAME).size == 0)
		return NULL;
	ledger_account(record_text(r, FIELD_USER_NAME), k.name);
	struct gather_account *a = entry(g, g->accounts, &k, ACCOUNTS_MAX + extra, r->time_ns);
	if (!a)
		return NULL;
	memcpy(a->name, k.name, sizeof(a->name));
	span(&a->first_ns, &a->last_ns, r->time_ns);
	if (!a->class[0])
		gather_put(a->class, sizeof(a->class), record_text(r, FIELD_USER_CLASS));
	if (!a->domain[0])
		gather_put(a->domain, sizeof(a->domain), record_text(r, FIELD_USER_DOMAIN));
	return a;
}

struct gather_touch *gather_see_touch(struct gather *g, const struct record *r, size_t extra)
{
	const struct address *from = record_ip(r, FIELD_SOURCE_IP), *to = record_ip(r, FIELD_DESTINATION_IP);
	struct touch_key k;

	memset(&k, 0, sizeof(k));
	if (!from || !to || record_text(r, FIELD_USER_NAME).size == 0)
		return NULL;
	k.source = *from;
	k.destination = *to;
	ledger_account(record_text(r, FIELD_USER_NAME), k.account);
	struct gather_touch *t = entry(g, g->touches, &k, TOUCHES_MAX + extra, r->time_ns);
	if (!t)
		return NULL;
	t->source = k.source;
	t->destination = k.destination;
	memcpy(t->account, k.account, sizeof(t->account));
	span(&t->first_ns, &t->last_ns, r->time_ns);
	return t;
}

/* Adds "mechanism/carrier" to the list, once, while there is room. */
static void add_how(struct gather_touch *t, const struct record *r)
{
	char room[48];
	struct text one = TEXT_ON(room), list = { t->how, sizeof(t->how), strlen(t->how), false };

	text_add(&one, record_text(r, FIELD_AUTH_MECHANISM));
	text_char(&one, '/');
	text_add(&one, record_text(r, FIELD_AUTH_CARRIER));
	text_end(&one);
	if (bytes_find(text_bytes(&list), text_bytes(&one)) != SIZE_MAX || list.used + one.used + 3 > list.size)
		return;
	if (list.used)
		text_string(&list, ", ");
	text_utf8(&list, text_bytes(&one));
	text_end(&list);
}

static void count_outcome(const struct record *r, uint64_t *successes, uint64_t *failures, uint64_t *unknown)
{
	if (record_text_is(r, FIELD_EVENT_OUTCOME, "success"))
		++*successes;
	else if (record_text_is(r, FIELD_EVENT_OUTCOME, "failure"))
		++*failures;
	else
		++*unknown;
}

static void gather_logon(struct gather *g, const struct record *r)
{
	struct gather_account *a = gather_see_account(g, r, 0);
	struct gather_touch *t = gather_see_touch(g, r, 0);
	struct gather_host *h = gather_see_host(g, r, &gather_source, 0);

	gather_see_host(g, r, &gather_destination, 0);
	if (h && !h->name[0])
		gather_put(h->name, sizeof(h->name), record_text(r, FIELD_AUTH_KNOWN_WORKSTATION)); /* not what NTLM claims */
	if (a)
		count_outcome(r, &a->successes, &a->failures, &a->unknown);
	if (t) {
		count_outcome(r, &t->successes, &t->failures, &t->unknown);
		add_how(t, r);
	}
	g->all.fact[FACT_LOGONS]++;
	g->all.fact[FACT_ADMIN_LOGONS] += record_text_is(r, FIELD_USER_CLASS, "admin");
}

/* ---- flows ---- */

static enum reach reach_of(const struct record *r)
{
	struct bytes outcome = record_text(r, FIELD_FLOW_OUTCOME);

	if (bytes_equal(outcome, bytes_string("established")) || bytes_equal(outcome, bytes_string("replied")))
		return REACH_OPEN;
	if (bytes_equal(outcome, bytes_string("rejected")) || bytes_equal(outcome, bytes_string("blocked")))
		return REACH_STOPPED;
	return bytes_equal(outcome, bytes_string("midstream")) ? REACH_MIDSTREAM : REACH_UNANSWERED;
}

static void label(const struct record *r, const struct side *side, char out[GATHER_LABEL])
{
	struct bytes zone = record_text(r, side->zone);

	if (zone.size) {
		gather_put(out, GATHER_LABEL, zone);
		return;
	}
	out[0] = '~';
	gather_put(out + 1, GATHER_LABEL - 1, record_text(r, side->role));
}

/* "smb", "tcp/8443": what was asked for. The first GATHER_SERVICES of a pair are named. */
static void count_service(struct gather_crossing *c, const struct record *r)
{
	char name[16];
	struct text t = TEXT_ON(name);
	struct bytes protocol = record_text(r, FIELD_NETWORK_PROTOCOL);

	text_add(&t, protocol.size && protocol.size < sizeof(name) ? protocol : record_text(r, FIELD_NETWORK_TRANSPORT));
	if (!protocol.size && record_has(r, FIELD_DESTINATION_PORT))
		text_printf(&t, "/%u", (unsigned)record_uint(r, FIELD_DESTINATION_PORT));
	if (t.used == 0)
		text_string(&t, "other");
	text_end(&t);
	for (size_t i = 0; i < GATHER_SERVICES; i++) {
		if (c->services[i].count && strcmp(c->services[i].name, name) != 0)
			continue;
		memcpy(c->services[i].name, name, sizeof(name));
		c->services[i].count++;
		return;
	}
}

static void gather_crossing(struct gather *g, const struct record *r, enum reach reach)
{
	struct crossing_key k;
	bool denied = record_text_is(r, FIELD_POLICY_ACTION, "deny");

	memset(&k, 0, sizeof(k));
	label(r, &gather_source, k.from);
	label(r, &gather_destination, k.to);
	struct gather_crossing *c = entry(g, g->crossings, &k, CROSSINGS_MAX, r->time_ns);
	if (!c)
		return;
	memcpy(c->from, k.from, sizeof(c->from));
	memcpy(c->to, k.to, sizeof(c->to));
	c->flows[reach]++;
	c->denied_open += denied && reach == REACH_OPEN; /* midstream: who began it is not known for certain */
	c->denied_stopped += denied && (reach == REACH_STOPPED || reach == REACH_UNANSWERED);
	count_service(c, r);
}

static bool is_administration(const struct record *r)
{
	static const uint16_t ports[] = { 22, 23, 135, 623, 3389, 5900, 5985, 5986, 9389 };
	uint64_t port = record_uint(r, FIELD_DESTINATION_PORT);

	for (size_t i = 0; i < ARRAY_SIZE(ports); i++)
		if (ports[i] == port)
			return true;
	return record_text_is(r, FIELD_NETWORK_PROTOCOL, "ssh") || record_text_is(r, FIELD_NETWORK_PROTOCOL, "rdp");
}

static void count_flow_facts(uint64_t *fact, const struct record *r, enum reach reach)
{
	bool open = reach == REACH_OPEN || reach == REACH_MIDSTREAM;
	bool outward = record_text_is(r, FIELD_DESTINATION_ROLE, "external") && !record_text_is(r, FIELD_SOURCE_ROLE, "external") &&
		       !record_text_is(r, FIELD_SOURCE_ROLE, "proxy") && !record_text_is(r, FIELD_POLICY_ACTION, "allow");
	bool denied = record_text_is(r, FIELD_POLICY_ACTION, "deny");
	uint64_t port = record_uint(r, FIELD_DESTINATION_PORT);
	bool smb = port == 445 || port == 139 || record_text_is(r, FIELD_NETWORK_PROTOCOL, "smb");

	fact[FACT_FLOWS]++;
	fact[open ? FACT_DIRECT_OPEN : FACT_DIRECT_STOPPED] += outward;
	fact[open ? FACT_DENIED_OPEN : FACT_DENIED_STOPPED] += denied && reach != REACH_MIDSTREAM;
	fact[FACT_ADMIN_SESSIONS] += open && is_administration(r);
	fact[FACT_SMB] += smb;
	fact[FACT_SMB_TERMINALS] += smb && record_text_is(r, FIELD_SOURCE_ROLE, "user") && record_text_is(r, FIELD_DESTINATION_ROLE, "user");
	fact[FACT_MIDSTREAM] += reach == REACH_MIDSTREAM;
}

/* A connection is told when it is decided and again when it is over: counted the first time, its bytes the second. */
static void gather_flow(struct gather *g, const struct record *r)
{
	struct gather_host *from = gather_see_host(g, r, &gather_source, 0), *to = gather_see_host(g, r, &gather_destination, 0);
	enum reach reach = reach_of(r);

	if (record_text_is(r, FIELD_EVENT_ACTION, "closed")) {
		uint64_t sent = record_uint(r, FIELD_SOURCE_BYTES), received = record_uint(r, FIELD_DESTINATION_BYTES);
		if (from) {
			from->sent += sent;
			from->received += received;
		}
		if (to) {
			to->sent += received;
			to->received += sent;
		}
		g->all.fact[FACT_ONE_SIDED] += record_bool(r, FIELD_FLOW_ONE_SIDED);
		g->all.fact[FACT_LOSSY] += record_uint(r, FIELD_FLOW_MISSED_BYTES) > 0;
		return;
	}
	if (from)
		from->out[reach]++;
	if (to)
		to->in[reach]++;
	gather_crossing(g, r, reach);
	count_flow_facts(g->all.fact, r, reach);
}

/* ---- the sensor on itself ---- */

static bool same_case(const struct record *a, const struct record *b)
{
	static const enum field by[] = { FIELD_EVENT_ACTION, FIELD_SENSOR_KIND, FIELD_SENSOR_REASON, FIELD_SENSOR_SUBJECT };

	for (size_t i = 0; i < ARRAY_SIZE(by); i++)
		if (!bytes_equal(record_text(a, by[i]), record_text(b, by[i])))
			return false;
	return true;
}

static void gather_notice(struct gather *g, const struct record *r)
{
	size_t i = 0;

	while (i < g->all.n_notices && !same_case(g->notices[i].record, r))
		i++;
	if (i == g->all.n_notices && i < GATHER_NOTICES && (g->notices[i].record = record_copy(r)))
		g->all.n_notices++;
	if (i < g->all.n_notices)
		g->notices[i].count++;
	else
		g->all.left_out++;
}

void gather_record(struct gather *g, const struct record *r)
{
	uint64_t *fact = g->all.fact;

	switch (r->dataset) {
	case DATASET_FLOW:
		gather_flow(g, r);
		break;
	case DATASET_AUTH:
		gather_logon(g, r);
		break;
	case DATASET_PROXY:
		fact[FACT_PROXY_REQUESTS]++;
		fact[FACT_PROXY_ASKED] += record_uint(r, FIELD_HTTP_RESPONSE_STATUS_CODE) == 407;
		fact[FACT_PROXY_KNOWN] += record_bool(r, FIELD_PROXY_AUTHENTICATED);
		break;
	case DATASET_TUNNEL:
		fact[FACT_TUNNELS] += record_text_is(r, FIELD_EVENT_ACTION, "opened");
		break;
	case DATASET_SMB:
		fact[FACT_SMB_ENCRYPTED] += record_text_is(r, FIELD_SMB_COMMAND, "encrypted");
		break;
	case DATASET_SENSOR:
		gather_notice(g, r);
		break;
	default:
		break;
	}
}
