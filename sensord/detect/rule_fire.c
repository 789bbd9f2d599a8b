/* SPDX-License-Identifier: BSD-2-Clause
 * A record that a correlation counts: it goes into its window, and those of the family whose condition holds then fire. */
#include "rule_window.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static struct window *window_of(const struct hit *h, const struct parent *p)
{
	struct window_key key;

	window_group(h->rules, p, record_words, h->record, &key);
	return table_make(h->rules->windows->table, &key, h->record->time_ns, NULL);
}

static struct event event_make(const struct hit *h, const struct parent *p)
{
	const struct correlation *k = p->rule->correlation;
	struct event e = { .time_ns = h->record->time_ns, .id = h->record->id, .weight = 1,
			   .packet = rule_cite(h->rules->windows, record_text(h->record, FIELD_SENSOR_CAPTURE_FILE),
						      record_uint(h->record, FIELD_SENSOR_PACKET)) };

	switch (k->kind) {
	case CORRELATION_VALUE_COUNT:
		e.mark = window_value(h->rules, k, record_words, h->record);
		if (e.mark & MARK_HASHED)
			e.text = value_words(k, h->record);
		break;
	case CORRELATION_VALUE_SUM:
	case CORRELATION_VALUE_AVG:
		e.value = record_real(h->record, k->values[0]);
		break;
	case CORRELATION_TEMPORAL:
	case CORRELATION_TEMPORAL_ORDERED:
		e.mark = p->child;
		break;
	case CORRELATION_EVENT_COUNT:
		break;
	}
	return e;
}

static bool keeps_latest(const struct correlation *k)
{
	return k->kind == CORRELATION_VALUE_COUNT || k->kind == CORRELATION_TEMPORAL ||
	       k->kind == CORRELATION_TEMPORAL_ORDERED;
}

/* Is the event out of the window already? Where only such come any more, the newest one had a wrong time: the window
 * begins anew. */
static bool window_late(const struct hit *h, const struct correlation *k, struct window *w)
{
	if (instant_since(w->newest_ns, h->record->time_ns) <= k->family_ns) {
		w->late = 0;
		return false;
	}
	if (++w->late < RULE_LATE)
		return true;
	window_restart(h->rules, k, w);
	return false;
}

/* False where the event is too late to count, or there is no memory for it. */
static bool window_add(const struct hit *h, const struct parent *p, struct window *w)
{
	const struct correlation *k = p->rule->correlation;
	struct event e;

	if (window_late(h, k, w))
		return false;
	if (h->record->time_ns > w->newest_ns)
		w->newest_ns = h->record->time_ns;
	window_expire(h->rules, k, w);
	e = event_make(h, p);
	return window_put(h->rules, k, w, &e, keeps_latest(k));
}

/* ---- firing ---- */

static bool bounds_hold(const struct bounds *b, double v)
{
	for (unsigned i = 0; i <= COMPARE_GTE; i++)
		if (b->has[i] && !compare_real((enum compare)i, v, b->value[i]))
			return false;
	return !b->has[BOUND_NEQ] || v != b->value[BOUND_NEQ];
}

static uint64_t window_weight(const struct window *w, size_t first)
{
	uint64_t n = 0;

	for (size_t i = first; i < w->head + w->count; i++)
		n += w->events[i].weight;
	return n;
}

static double window_sum(const struct window *w)
{
	double sum = 0;

	for (size_t i = w->head; i < w->head + w->count; i++)
		sum += w->events[i].value;
	return sum;
}

/* Place of the first event that this member of the family still counts. */
static size_t window_first(const struct correlation *k, const struct window *w)
{
	uint64_t from_ns = instant_since(w->newest_ns, k->timespan_ns);
	size_t first = w->head;

	from_ns = from_ns > k->since_ns ? from_ns : k->since_ns;
	while (first < w->head + w->count && w->events[first].time_ns < from_ns)
		first++;
	return first;
}

/* Does the condition hold now? *ret_first is when the events behind it began. */
static bool window_holds(const struct correlation *k, const struct window *w, size_t first, size_t longest, uint64_t start_ns,
			 uint64_t *ret_first)
{
	size_t count = w->head + w->count - first;
	bool any = false;

	for (unsigned i = 0; i < ARRAY_SIZE(k->bounds.has); i++)
		any |= k->bounds.has[i];
	*ret_first = count ? w->events[first].time_ns : w->newest_ns;
	switch (k->kind) {
	case CORRELATION_EVENT_COUNT:
	case CORRELATION_VALUE_COUNT:
		return bounds_hold(&k->bounds, (double)count);
	case CORRELATION_VALUE_SUM:
		return bounds_hold(&k->bounds, window_sum(w));
	case CORRELATION_VALUE_AVG:
		return bounds_hold(&k->bounds, window_sum(w) / (double)window_weight(w, first));
	case CORRELATION_TEMPORAL:
		return any ? bounds_hold(&k->bounds, (double)count) : count == k->n_children;
	case CORRELATION_TEMPORAL_ORDERED:
		*ret_first = start_ns;
		return any ? bounds_hold(&k->bounds, (double)longest) : longest == k->n_children;
	}
	return false;
}

/* A value for people: its text, or what the mark itself is. */
static const char *event_text(const struct correlation *k, const struct event *e, char room[ADDRESS_TEXT])
{
	uint8_t v4[4] = { (uint8_t)(e->mark >> 24), (uint8_t)(e->mark >> 16), (uint8_t)(e->mark >> 8), (uint8_t)e->mark };
	struct address a = address_v4(v4);

	if (k->kind != CORRELATION_VALUE_COUNT)
		return NULL;
	if (e->mark & MARK_HASHED)
		return e->text;
	if (fields[k->values[0]].type == FIELD_TYPE_IP)
		return address_format(&a, room);
	snprintf(room, ADDRESS_TEXT, "%" PRIu64, e->mark);
	return room;
}

static void correlation_fire(const struct hit *h, struct rule *r, const struct window *w, size_t first, uint64_t first_ns,
			     unsigned depth)
{
	uint64_t ids[RULE_EVIDENCE], packets[RULE_EVIDENCE];
	const char *files[RULE_EVIDENCE];
	const char *values[RULE_SHOWN_VALUES];
	char rooms[RULE_SHOWN_VALUES][ADDRESS_TEXT];
	struct match m = { .rule = &r->about, .record = h->record, .count = window_weight(w, first), .first_ns = first_ns,
			   .evidence = ids, .packets = packets, .files = files, .values = values };
	size_t end = w->head + w->count, shown = end - first > RULE_EVIDENCE ? end - RULE_EVIDENCE : first;

	for (size_t i = first; i < end; i++) {
		const struct event *e = &w->events[i];
		const char *text = m.n_values < RULE_SHOWN_VALUES ? event_text(r->correlation, e, rooms[m.n_values]) : NULL;

		if (text)
			values[m.n_values++] = text;
		if (i < shown || e->time_ns < first_ns)
			continue;
		ids[m.n_evidence] = e->id;
		files[m.n_evidence] = rule_cited(h->rules->windows, e->packet, &packets[m.n_evidence]);
		m.n_evidence++;
	}
	rule_fire(h, r, &m, depth);
}

static bool window_steps(const struct correlation *k, struct window *w)
{
	if (k->kind == CORRELATION_TEMPORAL_ORDERED && !w->steps)
		w->steps = calloc(k->n_children * k->n_children, sizeof(*w->steps));
	return w->steps || k->kind != CORRELATION_TEMPORAL_ORDERED;
}

void correlation_feed(const struct hit *h, const struct parent *p, unsigned depth)
{
	const struct correlation *k = p->rule->correlation;
	uint64_t start_ns = 0, first_ns;
	size_t longest = 0;

	if (k->n_values && !has_values(k, h->record))
		return;
	struct window *w = window_of(h, p);
	if (!w || !window_steps(k, w) || !window_add(h, p, w))
		return;
	if (w->steps)
		longest = steps_add(k, w, p->child, h->record, &start_ns);
	for (struct rule *m = p->rule; m; m = m->correlation->next_member) {
		if (instant_since(w->newest_ns, h->record->time_ns) > m->correlation->timespan_ns)
			continue; /* too late for this one */
		size_t first = window_first(m->correlation, w);
		if (window_holds(m->correlation, w, first, longest, start_ns, &first_ns))
			correlation_fire(h, m, w, first, first_ns, depth);
	}
}
