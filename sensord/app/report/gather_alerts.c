/* SPDX-License-Identifier: BSD-2-Clause
 * Alerts as they are told (open, raised, closed) become one entry each; at the end everything is put in order. */
#include "gather_tables.h"

#include <stdlib.h>
#include <string.h>

/* ---- alerts ---- */

static unsigned set_of(const struct record *alert)
{
	struct bytes letter = record_text(alert, FIELD_IPA_MEASURE);

	return letter.size == 1 && letter.at[0] >= 'A' && letter.at[0] <= 'F' ? letter.at[0] - (unsigned)'A' : GATHER_SETS - 1;
}

static enum level level_of(const struct record *alert)
{
	char name[16];
	enum level level = LEVEL_INFORMATIONAL;

	gather_put(name, sizeof(name), record_text(alert, FIELD_RULE_LEVEL));
	level_find(name, &level);
	return level;
}

static void fill(struct gather_alert *a, const struct record *alert)
{
	a->level = level_of(alert);
	a->set = set_of(alert);
	a->first_ns = record_has(alert, FIELD_ALERT_FIRST) ? record_uint(alert, FIELD_ALERT_FIRST) : alert->time_ns;
	a->last_ns = record_has(alert, FIELD_ALERT_LAST) ? record_uint(alert, FIELD_ALERT_LAST) : alert->time_ns;
	a->count = record_uint(alert, FIELD_ALERT_COUNT);
	a->alerts = record_text_is(alert, FIELD_ALERT_STATE, "folded") ? record_uint(alert, FIELD_ALERT_FOLDED) : 1;
}

static void count_alert(struct gather *g, const struct gather_alert *a, bool add)
{
	uint64_t n = add ? a->alerts : 0 - a->alerts;

	g->all.by_level[a->level] += n;
	g->all.by_set[a->set][a->level] += n;
}

static void keep(struct gather *g, const struct key_text *key, const struct record *alert, const struct gather_alert *made)
{
	size_t at = g->all.n_alerts, max = made->level < LEVEL_MEDIUM ? ALERTS_MINOR : ALERTS_MAX;
	struct record *copy = at < max ? record_copy(alert) : NULL;
	size_t *known = copy ? table_make(g->by_key, key, alert->time_ns, NULL) : NULL;

	if (!known) {
		g->all.left_out_alerts++;
		record_free(copy);
		table_remove(g->by_key, key); /* what is told under this key later is not of the one kept before */
		return;
	}
	g->alerts[at] = *made;
	g->alerts[at].record = copy;
	*known = at;
	g->all.n_alerts++;
}

void gather_alert(struct gather *g, const struct record *alert)
{
	struct key_text key;
	struct gather_alert made = { 0 };

	memset(&key, 0, sizeof(key));
	gather_put(key.text, sizeof(key.text), record_text(alert, FIELD_ALERT_KEY));
	fill(&made, alert);
	if (record_text_is(alert, FIELD_ALERT_STATE, "folded") || record_text_is(alert, FIELD_ALERT_STATE, "open")) {
		count_alert(g, &made, true);
		keep(g, &key, alert, &made);
		return;
	}
	const size_t *at = table_find(g->by_key, &key, alert->time_ns);
	struct record *copy = at ? record_copy(alert) : NULL;
	if (!copy)
		return;
	struct gather_alert *a = &g->alerts[*at];
	count_alert(g, a, false);
	count_alert(g, &made, true);
	record_free(a->record);
	*a = made;
	a->record = copy;
}

bool gather_alerted(const struct gather *g, enum level level)
{
	for (enum level l = level; l <= LEVEL_CRITICAL; l++)
		if (g->all.by_level[l])
			return true;
	return false;
}

int gather_worst(const uint32_t alerts[GATHER_LEVELS])
{
	for (int l = LEVEL_CRITICAL; l >= LEVEL_INFORMATIONAL; l--)
		if (alerts[l])
			return l;
	return -1;
}

/* ---- order ---- */

static int order(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int alert_order(const void *left, const void *right)
{
	const struct gather_alert *a = left, *b = right;
	int o = order(a->first_ns, b->first_ns);

	o = o ? o : order(b->level, a->level);
	o = o ? o : order(a->set, b->set);
	return o ? o : order(a->record->id, b->record->id);
}

/* More of the highest level first. */
static int worse(const uint32_t a[GATHER_LEVELS], const uint32_t b[GATHER_LEVELS])
{
	for (int l = LEVEL_CRITICAL; l >= LEVEL_INFORMATIONAL; l--)
		if (a[l] != b[l])
			return a[l] > b[l] ? -1 : 1;
	return 0;
}

static uint64_t all_flows(const struct gather_host *h)
{
	uint64_t n = 0;

	for (size_t i = 0; i < REACH_COUNT; i++)
		n += h->out[i] + h->in[i];
	return n;
}

/* Hosts of ours before the world's. */
static int nearness(const struct gather_host *h)
{
	return strcmp(h->role, "external") == 0 ? 1 : strcmp(h->role, "group") == 0 ? 2 : 0;
}

static int host_order(const void *left, const void *right)
{
	const struct gather_host *a = *(const struct gather_host *const *)left, *b = *(const struct gather_host *const *)right;
	int o = worse(a->alerts, b->alerts);

	o = o ? o : worse(a->aimed_at, b->aimed_at);
	o = o ? o : nearness(a) - nearness(b);
	o = o ? o : order(all_flows(b), all_flows(a));
	return o ? o : address_compare(&a->address, &b->address);
}

static int account_order(const void *left, const void *right)
{
	const struct gather_account *a = *(const struct gather_account *const *)left;
	const struct gather_account *b = *(const struct gather_account *const *)right;
	int o = worse(a->alerts, b->alerts);

	o = o ? o : order(b->failures, a->failures);
	o = o ? o : order(b->successes, a->successes);
	return o ? o : strcmp(a->name, b->name);
}

static int touch_order(const void *left, const void *right)
{
	const struct gather_touch *a = *(const struct gather_touch *const *)left, *b = *(const struct gather_touch *const *)right;
	int o = order(b->alerts, a->alerts);

	o = o ? o : order(b->failures, a->failures);
	o = o ? o : order(b->successes + b->unknown, a->successes + a->unknown);
	o = o ? o : strcmp(a->account, b->account);
	o = o ? o : address_compare(&a->source, &b->source);
	return o ? o : address_compare(&a->destination, &b->destination);
}

/* Zones before what is in none. */
static int crossing_order(const void *left, const void *right)
{
	const struct gather_crossing *a = *(const struct gather_crossing *const *)left;
	const struct gather_crossing *b = *(const struct gather_crossing *const *)right;
	int o = strcmp(a->from, b->from);

	return o ? o : strcmp(a->to, b->to);
}

struct listing {
	const void **at;
	size_t n;
};

static void take_value(void *context, const void *key, void *value)
{
	struct listing *l = context;

	(void)key;
	l->at[l->n++] = value;
}

static const void **list(const struct table *t, int (*compare)(const void *, const void *), size_t *ret_n)
{
	struct listing l = { calloc(table_count(t) + 1, sizeof(*l.at)), 0 };

	if (!l.at)
		return NULL;
	table_walk(t, take_value, &l);
	qsort(l.at, l.n, sizeof(*l.at), compare);
	*ret_n = l.n;
	return l.at;
}

/* What the alerts name, now that their levels are final. */
static void count_named(struct gather *g, const struct gather_alert *a)
{
	const struct record *r = a->record;
	struct gather_host *from = gather_see_host(g, r, &gather_source, KEPT_FOR_ALERTS);
	struct gather_host *to = gather_see_host(g, r, &gather_destination, KEPT_FOR_ALERTS);
	struct gather_account *account = gather_see_account(g, r, KEPT_FOR_ALERTS);
	struct gather_touch *touch = gather_see_touch(g, r, KEPT_FOR_ALERTS);
	uint8_t bit = (uint8_t)(1u << a->set);

	if (from) {
		from->alerts[a->level]++;
		from->sets |= bit;
	}
	if (to) {
		to->aimed_at[a->level]++;
		to->sets |= bit;
	}
	if (account) {
		account->alerts[a->level]++;
		account->sets |= bit;
	}
	if (touch)
		touch->alerts += a->level > LEVEL_INFORMATIONAL;
}

const struct gathered *gather_finish(struct gather *g)
{
	struct gathered *all = &g->all;

	if (all->n_alerts)
		qsort(g->alerts, all->n_alerts, sizeof(*g->alerts), alert_order);
	all->alerts = g->alerts;
	all->notices = g->notices;
	for (size_t i = 0; i < all->n_alerts; i++)
		count_named(g, &g->alerts[i]);
	all->hosts = (const struct gather_host *const *)list(g->hosts, host_order, &all->n_hosts);
	all->accounts = (const struct gather_account *const *)list(g->accounts, account_order, &all->n_accounts);
	all->touches = (const struct gather_touch *const *)list(g->touches, touch_order, &all->n_touches);
	all->crossings = (const struct gather_crossing *const *)list(g->crossings, crossing_order, &all->n_crossings);
	return all->hosts && all->accounts && all->touches && all->crossings ? all : NULL;
}
