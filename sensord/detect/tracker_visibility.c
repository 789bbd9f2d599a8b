/* SPDX-License-Identifier: BSD-2-Clause
 * What the sensor cannot see, from what it sees (DESIGN 7.4, MEASURES 14): content that is encrypted, connections of
 * which one side only passes, declared zones and hosts that never send, accounts of the site file that nobody uses,
 * administrators that it does not list, exceptions that have ended. Published as records of the sensor; what of them is
 * worth an alert stands in the rules. Time is the packets'; a stretch without any packet says nothing of anyone. */
#include "visibility.h"

#include "base/attributes.h"
#include "base/table.h"
#include "base/text.h"
#include "tracked.h"

#include <stdio.h>
#include <stdlib.h>

#define CHECK_NS NS_PER_MIN        /* silence and exceptions are looked at this often */
#define PAIRS_NS NS_PER_HOUR       /* one-sided connections are told for this long together */
#define GAP_NS NS_PER_HOUR         /* nothing at all came for so long: watching begins anew */
#define PAIR_FLOWS 10              /* fewer connections say nothing of a pair of zones */
#define EXCEPTIONS_MAX 4096        /* ended exceptions remembered as told */

enum blind_kind { BLIND_SMB, BLIND_FAST, BLIND_ECH, BLIND_WINRM, BLIND_IPSEC, BLIND_KINDS };

static const struct { const char *reason, *detail, *detail_ja; } kinds[BLIND_KINDS] = {
	[BLIND_SMB] = { "smb_encrypted", "SMB 3 encryption: files, pipes and commands are hidden; accounts, hosts and sizes are not",
			"SMB 3 の暗号化により、ファイル・パイプ・コマンドは見えません（アカウント・ホスト・通信量は見えます）" },
	[BLIND_FAST] = { "kerberos_fast", "Kerberos armoring (FAST): pre-authentication and inner errors are hidden; tickets can still be followed",
			 "Kerberos FAST により、事前認証と内側のエラーは見えません（チケットの追跡はできます）" },
	[BLIND_ECH] = { "ech", "encrypted ClientHello: the name of the server is hidden, what is shown is an outer name",
			"ECH（暗号化 ClientHello）により、接続先の名前は見えません（表示されるのは外側の名前です）" },
	[BLIND_WINRM] = { "winrm_encrypted", "WinRM messages are encrypted: the commands are hidden",
			  "WinRM のメッセージは暗号化されており、コマンドは見えません" },
	[BLIND_IPSEC] = { "ipsec", "IPsec: everything inside the tunnel is hidden", "IPsec トンネルの内側は一切見えません" },
};

/* What in a record says that the rest is hidden: a field that is true, or there, or has this value. */
static const struct sign {
	enum dataset dataset;
	enum field field;
	const char *value; /* NULL: true, or just there */
	enum blind_kind kind;
} signs[] = {
	{ DATASET_SMB, FIELD_SMB_ENCRYPTED, NULL, BLIND_SMB },
	{ DATASET_AUTH, FIELD_SMB_ENCRYPTED, NULL, BLIND_SMB },
	{ DATASET_KERBEROS, FIELD_KERBEROS_ARMOR_TICKET, NULL, BLIND_FAST },
	{ DATASET_TLS, FIELD_TLS_CLIENT_ECH, NULL, BLIND_ECH },
	{ DATASET_WINRM, FIELD_WINRM_ENCRYPTED, NULL, BLIND_WINRM },
	{ DATASET_FLOW, FIELD_NETWORK_TRANSPORT, "esp", BLIND_IPSEC },
};

_Static_assert((int)BLIND_KINDS == DETECT_BLIND, "detect_view has a place for each");

struct pair_key {
	struct address from, to;
	uint64_t kind;
};
struct told_pair { int64_t day; bool told; };
struct listed { uint64_t seen_ns; bool silent, unlisted; };

struct visibility {
	struct table *pairs;      /* struct pair_key -> struct told_pair */
	struct table *accounts;   /* hash of a name -> struct listed */
	struct table *exceptions; /* hash of the text of one that has ended -> its end */
	uint64_t watched_ns;      /* since when without a gap */
	uint64_t now_ns, checked_ns, pairs_ns, day_ns;
	uint64_t blind[BLIND_KINDS];
};

static void visibility_stop(void *state)
{
	struct visibility *v = state;

	table_free(v->pairs);
	table_free(v->accounts);
	table_free(v->exceptions);
	free(v);
}

static void *visibility_start(struct tracking *t)
{
	struct visibility *v = calloc(1, sizeof(*v));
	size_t entries = tracking_entries(t);
	const struct hash_key *key = tracking_key(t);

	if (!v)
		return NULL;
	v->pairs = table_new(sizeof(struct pair_key), sizeof(struct told_pair), entries, key, NULL, NULL);
	v->accounts = table_new(sizeof(uint64_t), sizeof(struct listed), entries, key, NULL, NULL);
	v->exceptions = table_new(sizeof(uint64_t), sizeof(uint64_t), EXCEPTIONS_MAX, key, NULL, NULL);
	if (v->pairs && v->accounts && v->exceptions)
		return v;
	visibility_stop(v);
	return NULL;
}

static struct record *begin(struct tracking *t, const char *action, const char *kind, uint64_t now_ns)
{
	struct record *r = tracking_record(t, DATASET_SENSOR, now_ns);

	record_set_string(r, FIELD_EVENT_ACTION, action);
	record_set_string(r, FIELD_SENSOR_KIND, kind);
	record_set_string(r, FIELD_OBSERVER_NAME, site_name(tracking_site(t)));
	return r;
}

static void publish(struct tracking *t, struct record *r)
{
	if (r)
		tracking_publish(t, r);
}

/* ---- what passes ---- */

static bool shows(const struct sign *s, const struct record *r)
{
	if (r->dataset != s->dataset || !record_has(r, s->field))
		return false;
	if (s->value)
		return record_text_is(r, s->field, s->value);
	return fields[s->field].type != FIELD_TYPE_BOOL || record_bool(r, s->field);
}

/* Once a pair and day of the site. */
static bool is_news(struct visibility *v, struct tracking *t, const struct record *r, enum blind_kind kind)
{
	const struct address *from = record_ip(r, FIELD_SOURCE_IP), *to = record_ip(r, FIELD_DESTINATION_IP);
	struct pair_key key;
	uint32_t second;
	int64_t day;

	if (!from || !to)
		return false;
	memset(&key, 0, sizeof(key));
	key.from = *from;
	key.to = *to;
	key.kind = kind;
	struct told_pair *told = table_make(v->pairs, &key, r->time_ns, NULL);
	site_local_day(tracking_site(t), r->time_ns, &day, &second);
	if (!told || (told->told && told->day >= day))
		return false;
	*told = (struct told_pair){ day, true };
	return true;
}

static void tell_blind(struct visibility *v, struct tracking *t, const struct record *r, enum blind_kind kind)
{
	static const enum field kept[] = { FIELD_NETWORK_TRANSPORT, FIELD_NETWORK_COMMUNITY_ID, FIELD_SENSOR_CAPTURE_FILE,
					   FIELD_OBSERVER_INTERFACE };

	if (!is_news(v, t, r, kind))
		return;
	v->blind[kind]++;
	struct record *told = begin(t, "blind", "pair", r->time_ns);
	record_set_string(told, FIELD_SENSOR_REASON, kinds[kind].reason);
	record_set_string(told, FIELD_SENSOR_DETAIL, kinds[kind].detail);
	record_set_string(told, FIELD_SENSOR_DETAIL_JA, kinds[kind].detail_ja);
	record_set_ip(told, FIELD_SOURCE_IP, record_ip(r, FIELD_SOURCE_IP));
	record_set_ip(told, FIELD_DESTINATION_IP, record_ip(r, FIELD_DESTINATION_IP));
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		if (record_has(r, kept[i]))
			record_set_text(told, kept[i], record_text(r, kept[i]));
	if (record_has(r, FIELD_DESTINATION_PORT))
		record_set_uint(told, FIELD_DESTINATION_PORT, record_uint(r, FIELD_DESTINATION_PORT));
	if (record_has(r, FIELD_SENSOR_PACKET))
		record_set_uint(told, FIELD_SENSOR_PACKET, record_uint(r, FIELD_SENSOR_PACKET));
	publish(t, told);
}

/* How administrators are called where people name them. */
static bool sounds_like_admin(struct bytes user)
{
	static const char *const starts[] = { "adm", "administrator", "root", "sysadm", "domadm", "superuser" };
	static const char *const ends[] = { "admin", "-adm", "_adm", ".adm" };

	for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
		if (user.size >= strlen(starts[i]) &&
		    bytes_equal_nocase(bytes_of(user.at, strlen(starts[i])), bytes_string(starts[i])))
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (bytes_ends_nocase(user, bytes_string(ends[i])))
			return true;
	return false;
}

static void note_any(void *context, const char *value)
{
	(void)value;
	*(bool *)context = true;
}

static bool lists_admins(const struct site *site)
{
	bool any = false;

	site_placeholder(site, "admin_accounts", note_any, &any);
	return any;
}

static void tell_unlisted(struct tracking *t, const struct record *r, struct bytes user)
{
	struct record *told = begin(t, "account_unlisted", "account", r->time_ns);

	record_set_text(told, FIELD_SENSOR_SUBJECT, user);
	record_set_text(told, FIELD_USER_NAME, record_text(r, FIELD_USER_NAME));
	if (record_has(r, FIELD_USER_DOMAIN))
		record_set_text(told, FIELD_USER_DOMAIN, record_text(r, FIELD_USER_DOMAIN));
	record_set_ip(told, FIELD_SOURCE_IP, record_ip(r, FIELD_SOURCE_IP));
	record_set_ip(told, FIELD_DESTINATION_IP, record_ip(r, FIELD_DESTINATION_IP));
	publish(t, told);
}

static void see_account(struct visibility *v, struct tracking *t, const struct record *r)
{
	struct bytes user = tracked_account(record_text(r, FIELD_USER_NAME));
	/* Where no rule reads logons, the record does not say it. */
	enum account_class class = site_account(tracking_site(t), record_text(r, FIELD_USER_NAME), record_text(r, FIELD_USER_DOMAIN));
	bool listed = class == ACCOUNT_ADMIN || class == ACCOUNT_SERVICE;
	bool unlisted = class == ACCOUNT_OTHER && user.size && record_text_is(r, FIELD_EVENT_OUTCOME, "success") && sounds_like_admin(user);

	if (user.size == 0 || (!listed && !unlisted) || (unlisted && !lists_admins(tracking_site(t))))
		return;
	uint64_t name = tracked_name(t, user);
	struct listed *one = table_make(v->accounts, &name, r->time_ns, NULL);
	if (!one)
		return;
	one->seen_ns = r->time_ns > one->seen_ns ? r->time_ns : one->seen_ns;
	if (unlisted && !one->unlisted)
		tell_unlisted(t, r, user);
	one->unlisted = unlisted;
}

static void visibility_see(void *state, struct tracking *t, struct record *r)
{
	struct visibility *v = state;

	if (r->dataset == DATASET_AUTH)
		see_account(v, t, r);
	for (size_t i = 0; i < ARRAY_SIZE(signs); i++)
		if (shows(&signs[i], r))
			tell_blind(v, t, r, signs[i].kind);
}

/* ---- what does not ---- */

static uint64_t last_seen(const struct visibility *v, uint64_t seen_ns)
{
	return seen_ns > v->watched_ns ? seen_ns : v->watched_ns;
}

static void tell_silent(struct tracking *t, size_t index, const char *state, uint64_t seen_ns, uint64_t span_ns, uint64_t now_ns)
{
	struct site_declared one = site_declared(tracking_site(t), index);
	struct record *r = begin(t, "silent", one.kind, now_ns);

	record_set_string(r, FIELD_SENSOR_SUBJECT, one.name);
	record_set_string(r, FIELD_SENSOR_REASON, seen_ns ? "stopped" : "never");
	record_set_string(r, FIELD_SENSOR_STATE, state);
	record_set_uint(r, FIELD_SENSOR_SPAN, span_ns / NS_PER_S);
	publish(t, r);
}

static void check_silence(struct visibility *v, struct tracking *t, uint64_t now_ns)
{
	uint64_t limit = site_settings(tracking_site(t))->silent_hours * NS_PER_HOUR;
	struct sight *s = tracking_sight(t);

	for (size_t i = 0; limit && i < s->n; i++) {
		uint64_t seen = atomic_load_explicit(&s->seen_ns[i], memory_order_relaxed);
		uint64_t span = instant_since(now_ns, last_seen(v, seen));
		if (s->silent[i] == (span >= limit))
			continue;
		s->silent[i] = !s->silent[i];
		tell_silent(t, i, s->silent[i] ? "begins" : "ends", seen, span, now_ns);
	}
}

static void check_exceptions(struct visibility *v, struct tracking *t, uint64_t now_ns)
{
	const struct site *site = tracking_site(t);
	uint64_t ends_ns = 0;

	for (size_t i = 0; i < site_exceptions(site); i++) {
		if (!site_exception_expired(site, i, now_ns))
			continue;
		const char *text = site_exception_text(site, i, &ends_ns);
		uint64_t hash = text ? hash_bytes(tracking_key(t), text, strlen(text)) : 0;
		uint64_t *told = text ? table_make(v->exceptions, &hash, now_ns, NULL) : NULL;
		if (!told || *told == ends_ns)
			continue;
		*told = ends_ns;
		struct record *r = begin(t, "exception_expired", "exception", now_ns);
		record_set_string(r, FIELD_SENSOR_SUBJECT, text);
		record_set_uint(r, FIELD_SENSOR_SPAN, instant_since(now_ns, ends_ns) / NS_PER_S);
		publish(t, r);
	}
}

struct roll {
	struct visibility *v;
	struct tracking *t;
	uint64_t now_ns, limit_ns;
	const char *class;
};

static void check_account(void *context, const char *value)
{
	struct roll *roll = context;

	if (strchr(value, '*'))
		return; /* stands for any number of accounts */
	uint64_t name = tracked_name(roll->t, bytes_string(value));
	struct listed *one = table_make(roll->v->accounts, &name, roll->now_ns, NULL);
	uint64_t span = one ? instant_since(roll->now_ns, last_seen(roll->v, one->seen_ns)) : 0;
	bool silent = span >= roll->limit_ns;
	if (!one || one->silent == silent)
		return;
	one->silent = silent;
	if (!silent)
		return;
	struct record *r = begin(roll->t, "account_silent", "account", roll->now_ns);
	record_set_string(r, FIELD_SENSOR_SUBJECT, value);
	record_set_string(r, FIELD_SENSOR_REASON, roll->class);
	record_set_uint(r, FIELD_SENSOR_SPAN, span / NS_PER_S);
	publish(roll->t, r);
}

static void check_accounts(struct visibility *v, struct tracking *t, uint64_t now_ns)
{
	const struct site *site = tracking_site(t);
	struct roll roll = { v, t, now_ns, site_settings(site)->account_days * NS_PER_DAY, "admin" };

	if (!roll.limit_ns)
		return;
	site_placeholder(site, "admin_accounts", check_account, &roll);
	roll.class = "service";
	site_placeholder(site, "service_accounts", check_account, &roll);
}

static void tell_pair(struct tracking *t, size_t index, uint64_t one_sided, uint64_t flows, uint64_t now_ns)
{
	const struct sight *s = tracking_sight(t);
	const char *from = sight_zone(s, index / (s->n_zones + 1)), *to = sight_zone(s, index % (s->n_zones + 1));
	struct record *r = begin(t, "one_sided", "pair", now_ns);

	record_printf(r, FIELD_SENSOR_SUBJECT, "%s%s%s", from ? from : "all", to ? " to " : "", to ? to : "");
	record_set_uint(r, FIELD_SENSOR_COUNT, one_sided);
	record_set_uint(r, FIELD_SENSOR_TOTAL, flows);
	record_set_real(r, FIELD_SENSOR_SHARE, (double)one_sided / (double)flows);
	publish(t, r);
}

static void check_pairs(struct tracking *t, uint64_t now_ns)
{
	struct sight *s = tracking_sight(t);

	for (size_t i = 0; i < sight_pairs(s); i++) {
		struct sight_pair *p = &s->pairs[i];
		uint64_t one_sided = atomic_load_explicit(&p->one_sided, memory_order_relaxed);
		uint64_t flows = atomic_load_explicit(&p->flows, memory_order_relaxed);
		if (one_sided > flows) /* the other word is not there yet */
			continue;
		if (one_sided > p->told_one_sided && flows - p->told_flows >= PAIR_FLOWS)
			tell_pair(t, i, one_sided - p->told_one_sided, flows - p->told_flows, now_ns);
		p->told_one_sided = one_sided;
		p->told_flows = flows;
	}
}

static bool due(uint64_t *last_ns, uint64_t now_ns, uint64_t every_ns)
{
	if (instant_since(now_ns, *last_ns) < every_ns)
		return false;
	*last_ns = now_ns;
	return true;
}

static void visibility_tick(void *state, struct tracking *t, uint64_t now_ns)
{
	struct visibility *v = state;

	if (!v->now_ns || instant_since(now_ns, v->now_ns) > GAP_NS)
		v->watched_ns = v->pairs_ns = v->day_ns = now_ns;
	v->now_ns = now_ns;
	if (due(&v->checked_ns, now_ns, CHECK_NS)) {
		check_silence(v, t, now_ns);
		check_exceptions(v, t, now_ns);
	}
	if (due(&v->pairs_ns, now_ns, PAIRS_NS))
		check_pairs(t, now_ns);
	if (due(&v->day_ns, now_ns, NS_PER_DAY))
		check_accounts(v, t, now_ns);
}

/* Of a capture that is over only this can be said: it never showed them. Once each, without a state. */
static void visibility_finish(void *state, struct tracking *t, uint64_t now_ns)
{
	struct visibility *v = state;
	struct sight *s = tracking_sight(t);

	check_pairs(t, now_ns);
	for (size_t i = 0; v->now_ns && i < s->n; i++)
		if (!atomic_load_explicit(&s->seen_ns[i], memory_order_relaxed) && !s->silent[i])
			tell_silent(t, i, NULL, 0, instant_since(now_ns, v->watched_ns), now_ns);
}

/* ---- asked from outside ---- */

static void list_name(struct detect_view *ret, const char *name)
{
	size_t used = strlen(ret->silent);

	snprintf(ret->silent + used, sizeof(ret->silent) - used, "%s%s", used ? ", " : "", name);
}

void visibility_view(const void *state, const struct sight *s, uint64_t now_ns, struct detect_view *ret)
{
	const struct visibility *v = state;

	*ret = (struct detect_view){ .n_declared = s->n };
	for (size_t i = 0; i < s->n; i++) {
		uint64_t seen = atomic_load_explicit(&s->seen_ns[i], memory_order_relaxed);
		ret->n_never += !seen;
		if (!seen || s->silent[i])
			list_name(ret, site_declared(s->site, i).name);
		ret->n_silent += s->silent[i];
	}
	for (size_t i = 0; i < sight_pairs(s); i++) {
		ret->flows += atomic_load_explicit(&s->pairs[i].flows, memory_order_relaxed);
		ret->one_sided += atomic_load_explicit(&s->pairs[i].one_sided, memory_order_relaxed);
	}
	for (size_t i = 0; i < site_exceptions(s->site); i++)
		ret->exceptions_expired += site_exception_expired(s->site, i, now_ns);
	for (unsigned k = 0; v && k < BLIND_KINDS; k++)
		ret->blind[k] = (struct detect_blind){ kinds[k].reason, v->blind[k] };
}

static const enum field visibility_sets[] = {
	FIELD_SENSOR_KIND, FIELD_SENSOR_SUBJECT, FIELD_SENSOR_REASON, FIELD_SENSOR_STATE, FIELD_SENSOR_COUNT, FIELD_SENSOR_TOTAL,
	FIELD_SENSOR_SHARE, FIELD_SENSOR_SPAN, FIELD_COUNT,
};

const struct tracker tracker_visibility = {
	.name = "visibility",
	.n_tables = 3,
	.touches = DATASET_BIT(DATASET_SMB) | DATASET_BIT(DATASET_AUTH) | DATASET_BIT(DATASET_KERBEROS) |
		   DATASET_BIT(DATASET_TLS) | DATASET_BIT(DATASET_WINRM) | DATASET_BIT(DATASET_FLOW),
	.publishes = DATASET_BIT(DATASET_SENSOR),
	.sets = visibility_sets,
	.start = visibility_start,
	.see = visibility_see,
	.tick = visibility_tick,
	.finish = visibility_finish,
	.stop = visibility_stop,
};
