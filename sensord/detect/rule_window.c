/* SPDX-License-Identifier: BSD-2-Clause
 * Sliding windows on the packet clock, one per correlation and group, in a table whose
 * oldest group goes when it is full (Sigma correlation rules specification 2.1, "Correlation Types").
 *
 * A window is as long as the timespan and ends at its newest event. Its events are kept in order of time, so that
 * records which come a little late find their place. value_count and the temporal types keep the latest event of each
 * value, or of each rule. */
#include <stdlib.h>

#include "rule_window.h"

/* The events of a sum have no text. */
static void event_release(const struct correlation *k, const struct event *e)
{
	if (k->kind == CORRELATION_VALUE_COUNT && (e->mark & MARK_HASHED))
		free(e->text);
}

static void window_pop(struct rules *r, const struct correlation *k, struct window *w)
{
	event_release(k, &w->events[w->head]);
	w->head++;
	w->count--;
	r->windows->n_events--;
}

static void window_drop(void *context, const void *key, void *value)
{
	struct windows *all = context;
	struct window *w = value;

	for (uint32_t i = w->head; i < w->head + w->count; i++)
		if ((((const struct window_key *)key)->correlation & WINDOW_TEXTS) && (w->events[i].mark & MARK_HASHED))
			free(w->events[i].text);
	all->n_events -= w->count;
	if (w->events != &w->one)
		free(w->events);
	free(w->steps);
}

bool windows_new(struct rules *r, const struct rules_settings *s)
{
	size_t max = s->max_state ? s->max_state : 65536;
	struct windows *all = calloc(1, sizeof(*all));

	r->key = s->key;
	r->windows = all;
	if (!all)
		return false;
	all->key = s->key;
	all->max_events = max > SIZE_MAX / RULE_EVENTS_A_GROUP ? SIZE_MAX : max * RULE_EVENTS_A_GROUP;
	all->table = table_new(sizeof(struct window_key), sizeof(struct window), max, &s->key, window_drop, all);
	return all->table != NULL;
}

void rules_held(const struct rules *r, size_t *ret_windows, size_t *ret_bytes)
{
	*ret_windows = table_count(r->windows->table);
	*ret_bytes = table_bytes(r->windows->table) + r->windows->n_events * sizeof(struct event);
}

void windows_free(struct windows *all)
{
	if (!all)
		return;
	table_free(all->table);
	rule_cites_free(all);
	free(all);
}

struct pruning {
	bool (*keep)(const void *context, uint64_t identity);
	const void *context;
};

static bool window_keep(void *context, const void *key, void *value)
{
	const struct pruning *p = context;

	(void)value;
	return p->keep(p->context, ((const struct window_key *)key)->correlation);
}

void windows_prune(struct windows *all, bool (*keep)(const void *context, uint64_t identity), const void *context)
{
	struct pruning p = { keep, context };

	table_prune(all->table, window_keep, &p);
}

/* ---- events ---- */

void window_expire(struct rules *r, const struct correlation *k, struct window *w)
{
	while (w->count && instant_since(w->newest_ns, w->events[w->head].time_ns) > k->family_ns)
		window_pop(r, k, w);
}

void window_restart(struct rules *r, const struct correlation *k, struct window *w)
{
	while (w->count)
		window_pop(r, k, w);
	if (w->steps)
		memset(w->steps, 0, k->n_children * k->n_children * sizeof(*w->steps));
	w->newest_ns = 0;
	w->late = 0;
}

/* A sum stays right when its list is full: the two oldest become one. */
static void window_merge(struct rules *r, const struct correlation *k, struct window *w)
{
	struct event *first = &w->events[w->head];

	first[1].value += first[0].value;
	first[1].weight += first[0].weight;
	window_pop(r, k, w);
}

static bool window_room(struct rules *r, const struct correlation *k, struct window *w)
{
	bool full = w->count >= k->family_events || (w->count >= RULE_EVENTS_ALWAYS && r->windows->n_events >= r->windows->max_events);

	if (full && (k->kind == CORRELATION_VALUE_SUM || k->kind == CORRELATION_VALUE_AVG))
		window_merge(r, k, w);
	else if (full)
		window_pop(r, k, w);
	if (w->head + w->count < w->room)
		return true;
	if (w->head) {
		memmove(w->events, w->events + w->head, w->count * sizeof(*w->events));
		w->head = 0;
		return true;
	}
	if (!w->room) {
		w->events = &w->one;
		w->room = 1;
		return true;
	}
	uint32_t room = w->room == 1 ? 4 : w->room * 2;
	struct event *events = realloc(w->room == 1 ? NULL : w->events, room * sizeof(*events));
	if (!events)
		return false;
	if (w->room == 1)
		events[0] = w->one;
	w->events = events;
	w->room = room;
	return true;
}

static void window_remove(struct rules *r, const struct correlation *k, struct window *w, size_t at)
{
	event_release(k, &w->events[at]);
	memmove(&w->events[at], &w->events[at + 1], (w->head + w->count - at - 1) * sizeof(*w->events));
	w->count--;
	r->windows->n_events--;
}

/* Takes the older event of the same mark out. False where the one there is newer: the late one adds nothing. */
static bool window_replace(struct rules *r, const struct correlation *k, struct window *w, const struct event *e)
{
	for (size_t i = w->head; i < w->head + w->count; i++) {
		if (w->events[i].mark != e->mark)
			continue;
		if (w->events[i].time_ns > e->time_ns)
			return false;
		window_remove(r, k, w, i);
		return true;
	}
	return true;
}

static void window_insert(struct rules *r, struct window *w, const struct event *e)
{
	size_t at = w->head + w->count;

	while (at > w->head && w->events[at - 1].time_ns > e->time_ns) {
		w->events[at] = w->events[at - 1];
		at--;
	}
	w->events[at] = *e;
	w->count++;
	r->windows->n_events++;
}

bool window_put(struct rules *r, const struct correlation *k, struct window *w, const struct event *e, bool replaces)
{
	if ((replaces && !window_replace(r, k, w, e)) || !window_room(r, k, w)) {
		event_release(k, e);
		return false;
	}
	window_insert(r, w, e);
	return true;
}

void rules_expire(struct rules *r, uint64_t now_ns)
{
	if (r->longest_ns && now_ns > r->longest_ns)
		table_expire(r->windows->table, now_ns - r->longest_ns);
}
