/* SPDX-License-Identifier: BSD-2-Clause
 * Correlations at match time: sliding windows on the packet clock, one per correlation and group, in a table whose
 * oldest group goes when it is full (Sigma correlation rules specification 2.1, "Correlation Types").
 *
 * A window is as long as the timespan and ends at its newest event. Its events are kept in order of time, so that
 * records which come a little late find their place. value_count and the temporal types keep the latest event of each
 * value, or of each rule. */
#include <inttypes.h>
#include <stdio.h>
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

/* ---- groups and values ---- */

/* Alike for what rules compare alike: text without regard to case. */
static bool record_words(struct rules *r, const void *source, enum field f, uint64_t ret[2])
{
	const struct record *record = source;
	const struct value *v = record_get(record, f);
	struct bytes text;

	ret[0] = ret[1] = 0;
	if (v && fields[f].type == FIELD_TYPE_IP) {
		memcpy(ret, &v->ip, sizeof(v->ip));
		return true;
	}
	if (v && fields[f].type == FIELD_TYPE_BOOL) {
		ret[0] = v->boolean;
		return true;
	}
	if (v && fields[f].type != FIELD_TYPE_TEXT && fields[f].type != FIELD_TYPE_SECRET) {
		ret[0] = v->uint;
		return true;
	}
	text = v ? fold(r, value_text(record, v)) :
		   record_show(record, f, NULL, r->room, sizeof(r->room)); /* fields of the struct; else empty */
	ret[0] = text.size ? hash_bytes(&r->windows->key, text.at, text.size) : 0;
	ret[1] = text.size;
	return text.size > 0;
}

static uint64_t fields_mark(struct rules *r, const struct hash_key *key, const enum field *f, size_t n, words_of *words,
			    const void *source)
{
	uint64_t mark = n, value[2];

	for (size_t i = 0; i < n; i++) {
		bool there = words(r, source, f[i], value);
		mark = hash_five(key, (const uint64_t[5]){ mark, value[0], value[1], there, i });
	}
	return mark;
}

void window_group(struct rules *r, const struct parent *p, words_of *words, const void *source, struct window_key *ret)
{
	const struct correlation *k = p->rule->correlation;
	const enum field *group = k->n_group ? k->group + p->child * k->n_group : NULL;
	const struct hash_key second = { ~r->windows->key.k1, r->windows->key.k0 ^ UINT64_C(0x6a09e667f3bcc908) };

	ret->correlation = p->rule->window_identity;
	ret->a = fields_mark(r, &r->windows->key, group, k->n_group, words, source);
	ret->b = fields_mark(r, &second, group, k->n_group, words, source);
}

uint64_t window_value(struct rules *r, const struct correlation *k, words_of *words, const void *source)
{
	uint64_t value[2];
	struct address a;

	if (k->n_values != 1 || !words(r, source, k->values[0], value))
		return fields_mark(r, &r->windows->key, k->values, k->n_values, words, source) | MARK_HASHED;
	if (fields[k->values[0]].type == FIELD_TYPE_UINT && value[0] < MARK_HASHED)
		return value[0];
	memcpy(&a, value, sizeof(a));
	const uint8_t *v4 = fields[k->values[0]].type == FIELD_TYPE_IP ? address_v4_octets(&a) : NULL;
	if (v4)
		return (uint64_t)v4[0] << 24 | (uint64_t)v4[1] << 16 | (uint64_t)v4[2] << 8 | v4[3];
	return fields_mark(r, &r->windows->key, k->values, 1, words, source) | MARK_HASHED;
}

static struct window *window_of(const struct hit *h, const struct parent *p)
{
	struct window_key key;

	window_group(h->rules, p, record_words, h->record, &key);
	return table_make(h->rules->windows->table, &key, h->record->time_ns, NULL);
}

/* ---- events ---- */

void window_expire(struct rules *r, const struct correlation *k, struct window *w)
{
	while (w->count && instant_since(w->newest_ns, w->events[w->head].time_ns) > k->family_ns)
		window_pop(r, k, w);
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

/* The values of one record, joined for people; NULL where there is no memory: the count does not need it. */
static char *value_words(const struct correlation *k, const struct record *record)
{
	char room[RULE_VALUE_TEXT], value[RULE_VALUE_TEXT];
	struct text t = TEXT_ON(room);

	for (size_t i = 0; i < k->n_values; i++) {
		const struct value *v = record_get(record, k->values[i]);
		if (i)
			text_char(&t, ' ');
		if (fields[k->values[i]].type != FIELD_TYPE_SECRET)
			text_add(&t, record_show(record, k->values[i], v, value, sizeof(value)));
	}
	return strdup(text_end(&t));
}

static bool has_values(const struct correlation *k, const struct record *r)
{
	char room[RULE_VALUE_TEXT];

	for (size_t i = 0; i < k->n_values; i++)
		if (!record_has(r, k->values[i]) && !record_show(r, k->values[i], NULL, room, sizeof(room)).size)
			return false;
	return true;
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
	while (w->count)
		window_pop(h->rules, k, w);
	if (w->steps)
		memset(w->steps, 0, k->n_children * k->n_children * sizeof(*w->steps));
	w->newest_ns = 0;
	w->late = 0;
	return false;
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

/* ---- temporal_ordered ---- */

static void step_set(struct step *s, uint64_t start_ns, const struct record *r)
{
	if (s->now.set && s->now.start_ns > start_ns)
		return;
	if (s->now.last_id != r->id)
		s->before = s->now;
	s->now = (struct chain){ start_ns, r->time_ns, r->id, true };
}

/* The chain of this step that the record can continue, or NULL. */
static const struct chain *step_chain(const struct step *s, const struct record *r, uint64_t timespan_ns)
{
	const struct chain *c = s->now.set && s->now.last_id == r->id ? &s->before : &s->now;

	return c->set && c->last_ns <= r->time_ns && r->time_ns - c->start_ns <= timespan_ns ? c : NULL;
}

/* Follows every chain that this event can continue; returns the longest it makes, and when that began. */
static size_t steps_add(const struct correlation *k, struct window *w, size_t child, const struct record *r,
			uint64_t *ret_start)
{
	size_t n = k->n_children, longest = 1;
	struct step *mine = &w->steps[child * n];

	*ret_start = r->time_ns;
	step_set(&mine[0], r->time_ns, r);
	for (size_t i = 0; i < child; i++) {
		for (size_t length = 1; length <= i + 1; length++) {
			const struct chain *c = step_chain(&w->steps[i * n + length - 1], r, k->timespan_ns);

			if (!c)
				continue;
			if (length + 1 > longest || (length + 1 == longest && c->start_ns > *ret_start)) {
				longest = length + 1;
				*ret_start = c->start_ns;
			}
			step_set(&mine[length], c->start_ns, r);
		}
	}
	return longest;
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

void rules_expire(struct rules *r, uint64_t now_ns)
{
	if (r->longest_ns && now_ns > r->longest_ns)
		table_expire(r->windows->table, now_ns - r->longest_ns);
}
