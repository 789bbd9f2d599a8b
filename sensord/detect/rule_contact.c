/* SPDX-License-Identifier: BSD-2-Clause
 * Counting without records: a rule that is decided by what is known of every contact, and that only feeds value_counts of
 * addresses and ports, needs no record until one of them is about to hold (DESIGN section 5; the numbers stay in the
 * rules). Counts alike but for their numbers share windows. */
#include <math.h>
#include <string.h>

#include "rule_window.h"

#define REACH_NS NS_PER_HOUR /* a clock is believed to be set back from there on (flow/engine.c) */
#define FEED_WINDOWS 16 /* windows that one contact may count in; more: it becomes a record */

/* ---- which rules and correlations ---- */

static bool in_contact(enum field f)
{
	return f == FIELD_SOURCE_IP || f == FIELD_DESTINATION_IP || f == FIELD_DESTINATION_PORT;
}

static bool all_in_contact(const enum field *f, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!in_contact(f[i]))
			return false;
	return true;
}

/* The count from which on it holds; 0 where it may hold below another one. */
static size_t least_count(const struct bounds *b)
{
	for (unsigned i = 0; i < ARRAY_SIZE(b->has); i++)
		if (b->has[i] && i != COMPARE_GTE && i != COMPARE_GT)
			return 0;
	double least = b->has[COMPARE_GTE] ? ceil(b->value[COMPARE_GTE]) : 0;
	if (b->has[COMPARE_GT] && floor(b->value[COMPARE_GT]) + 1 > least)
		least = floor(b->value[COMPARE_GT]) + 1;
	return (size_t)least;
}

static bool counts_contacts(const struct rule *r)
{
	const struct correlation *k = r->correlation;

	return k->kind == CORRELATION_VALUE_COUNT && k->n_children == 1 && k->n_values == 1 && least_count(&k->bounds) > 1 &&
	       all_in_contact(k->group, k->n_group) && all_in_contact(k->values, k->n_values);
}

static bool same_fields(const enum field *a, size_t n_a, const enum field *b, size_t n_b)
{
	return n_a == n_b && (n_a == 0 || memcmp(a, b, n_a * sizeof(*a)) == 0);
}

bool shares_windows(const struct correlation *k)
{
	return k->kind == CORRELATION_VALUE_COUNT && k->n_children == 1;
}

uint64_t windows_reach(const struct correlation *k)
{
	return k->timespan_ns > REACH_NS ? k->timespan_ns : 0;
}

static bool same_windows(const struct correlation *a, const struct correlation *b)
{
	return shares_windows(a) && shares_windows(b) && windows_reach(a) == windows_reach(b) && same_fields(a->group, a->n_group, b->group, b->n_group) &&
	       same_fields(a->values, a->n_values, b->values, b->n_values);
}

static void join(struct rule *family, struct rule *r)
{
	struct correlation *k = family->correlation;
	struct rule *last = family;

	while (last->correlation->next_member)
		last = last->correlation->next_member;
	last->correlation->next_member = r;
	if (r->correlation->timespan_ns > k->family_ns)
		k->family_ns = r->correlation->timespan_ns;
	if (r->correlation->max_events > k->family_events)
		k->family_events = r->correlation->max_events;
}

static void family_find(struct rule *r)
{
	struct correlation *k = r->correlation;
	const struct rule *child = k->n_children ? k->children[0] : NULL;

	for (size_t i = 0; child && i < child->n_parents && !k->family; i++) {
		struct rule *other = child->parents[i].rule;
		if (other->correlation->family == other && same_windows(other->correlation, k))
			k->family = other;
	}
	if (k->family) {
		join(k->family, r);
		return;
	}
	k->family = r;
	k->family_ns = k->timespan_ns;
	k->family_events = k->max_events;
}

static bool may_be_fed(const struct rule *r)
{
	if (!r->silent || !r->expr || r->about.datasets != DATASET_BIT(DATASET_FLOW) || !r->about.enabled)
		return false;
	for (size_t i = 0; i < r->n_parents; i++)
		if (r->parents[i].rule->about.enabled && !counts_contacts(r->parents[i].rule))
			return false;
	return r->n_parents > 0;
}

void feeds_make(struct rules *r)
{
	for (size_t i = 0; i < r->n_list; i++)
		if (r->list[i]->correlation && r->list[i]->about.enabled)
			family_find(r->list[i]);
	for (size_t i = 0; i < r->n_list && r->n_feeds < RULE_FEEDS; i++) {
		if (!may_be_fed(r->list[i]))
			continue;
		r->list[i]->feed = UINT64_C(1) << r->n_feeds;
		r->feeds[r->n_feeds++] = r->list[i];
	}
}

/* ---- counting ---- */

static bool contact_words(struct rules *r, const void *source, enum field f, uint64_t ret[2])
{
	const struct contact *c = source;

	(void)r;
	ret[0] = ret[1] = 0;
	switch (f) {
	case FIELD_SOURCE_IP:
		memcpy(ret, &c->ends.client, sizeof(c->ends.client));
		return true;
	case FIELD_DESTINATION_IP:
		memcpy(ret, &c->ends.server, sizeof(c->ends.server));
		return true;
	default: /* in_contact knows one more */
		ret[0] = c->ends.server_port;
		return c->ends.has_port;
	}
}

/* Where an event of this mark stands; `count` where there is none. */
static uint32_t find(const struct window *w, uint64_t mark)
{
	for (uint32_t i = w->count; i > 0; i--)
		if (w->events[w->head + i - 1].mark == mark)
			return i - 1;
	return w->count;
}

/* Would a member of the family hold with one more event now? May say yes where it just would not. */
static bool would_hold(const struct rule *family, const struct window *w, uint64_t mark, uint64_t time_ns)
{
	uint64_t newest = time_ns > w->newest_ns ? time_ns : w->newest_ns;
	uint32_t total = 0;

	for (const struct rule *m = family; m; m = m->correlation->next_member) {
		const struct correlation *k = m->correlation;
		size_t least = least_count(&k->bounds);
		if (w->count + 1 < least)
			continue;
		if (!total)
			total = w->count + (find(w, mark) == w->count);
		if (total >= least && instant_since(newest, w->events[w->head + w->count + 1 - least].time_ns) <= k->timespan_ns)
			return true;
	}
	return false;
}

struct count {
	const struct correlation *correlation;
	struct window *window;
	uint64_t mark;
};

/* False where the contact has to become a record. */
static bool count_one(struct rules *r, const struct contact *c, const struct parent *p, struct count *ret)
{
	const struct correlation *k = p->rule->correlation;
	struct window_key key;
	uint64_t words[2];

	if (!contact_words(r, c, k->values[0], words))
		return true; /* as correlation_feed has it: a record without the value does not count */
	window_group(r, p, contact_words, c, &key);
	ret->correlation = k;
	ret->mark = window_value(r, k, contact_words, c);
	ret->window = table_make(r->windows->table, &key, c->time_ns, NULL);
	return ret->window && instant_since(ret->window->newest_ns, c->time_ns) <= k->family_ns &&
	       !would_hold(p->rule, ret->window, ret->mark, c->time_ns);
}

static void add(struct rules *r, const struct contact *c, const struct count *n)
{
	struct event e = { .time_ns = c->time_ns, .id = c->id, .mark = n->mark, .weight = 1,
			   .packet = rule_cite(r->windows, bytes_string(c->ends.file), c->ends.packet) };
	struct window *w = n->window;
	char room[ADDRESS_TEXT];

	w->late = 0;
	if (c->time_ns > w->newest_ns)
		w->newest_ns = c->time_ns;
	window_expire(r, n->correlation, w);
	struct event *last = w->count ? &w->events[w->head + w->count - 1] : NULL;
	if (last && last->mark == n->mark && last->time_ns <= c->time_ns) {
		e.text = last->text;
		*last = e;
		return;
	}
	if (n->mark & MARK_HASHED) /* an address of IPv6: a port is its own mark */
		e.text = strdup(address_format(n->correlation->values[0] == FIELD_SOURCE_IP ? &c->ends.client : &c->ends.server, room));
	window_put(r, n->correlation, w, &e, true);
}

bool rules_contact(struct rules *r, const struct contact *c)
{
	struct count counts[FEED_WINDOWS];
	uint64_t evicted = table_evicted(r->windows->table);
	size_t n = 0;

	if ((uint8_t)(c->feeds >> RULE_GENERATION_SHIFT) != r->generation)
		return false; /* on its way while the rules were replaced: the bits mean others */
	for (size_t i = 0; i < r->n_feeds; i++) {
		const struct rule *feed = r->feeds[i];
		for (size_t k = 0; (c->feeds & feed->feed) && k < feed->n_parents; k++) {
			const struct parent *p = &feed->parents[k];
			if (p->rule->correlation->family != p->rule)
				continue;
			if (n == FEED_WINDOWS)
				return false;
			counts[n].window = NULL;
			if (!count_one(r, c, p, &counts[n]))
				return false;
			n += counts[n].window != NULL;
		}
	}
	if (table_evicted(r->windows->table) != evicted)
		return false; /* the windows found first may be gone */
	for (size_t i = 0; i < n; i++)
		add(r, c, &counts[i]);
	return true;
}
