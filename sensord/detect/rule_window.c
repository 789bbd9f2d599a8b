/* SPDX-License-Identifier: BSD-2-Clause
 * Correlations at match time: sliding windows on the packet clock, one per correlation and group, in a table whose
 * oldest group goes when it is full (Sigma correlation rules specification 2.1, "Correlation Types").
 *
 * A window is as long as the timespan and ends at its newest event. Its events are kept in order of time, so that
 * records which come a little late find their place. value_count and the temporal types keep the latest event of each
 * value, or of each rule. */
#include <stdlib.h>

#include "rule_private.h"

struct event {
	uint64_t time_ns, id, packet;
	uint64_t mark;   /* what is distinct: the value, or the rule */
	double value;    /* of a sum */
	uint64_t weight; /* events behind this one */
	char *text;      /* value_count: the value for people */
};

/* temporal_ordered: rules seen in order, ending with a certain rule, so many of them; the latest start is the best.
 * `before` is what stood here before the latest record: one record may match two rules, and is not two in order. */
struct chain { uint64_t start_ns, last_ns, last_id; bool set; };
struct step { struct chain now, before; };

struct window {
	struct event *events; /* `room` of them, `count` used from `head` on */
	size_t head, count, room;
	uint64_t newest_ns;
	struct step *steps;   /* n_children rows of n_children lengths */
};

struct window_key { uint64_t a, b; uint64_t correlation; };

static void window_pop(struct rules *r, struct window *w)
{
	free(w->events[w->head].text);
	w->head++;
	w->count--;
	r->n_events--;
}

static void window_drop(void *context, const void *key, void *value)
{
	struct window *w = value;

	(void)key;
	while (w->count)
		window_pop(context, w);
	free(w->events);
	free(w->steps);
}

bool windows_new(struct rules *r, const struct rules_settings *s)
{
	size_t max = s->max_state ? s->max_state : 65536;

	r->key = s->key;
	r->max_events = max > SIZE_MAX / RULE_EVENTS_A_GROUP ? SIZE_MAX : max * RULE_EVENTS_A_GROUP;
	r->windows = table_new(sizeof(struct window_key), sizeof(struct window), max, &s->key, window_drop, r);
	return r->windows != NULL;
}

/* ---- groups and values ---- */

/* A number for one value of a field, alike for what rules compare alike: text without regard to case. */
static uint64_t value_mark(struct rules *r, const struct hash_key *key, const struct record *record, enum field f)
{
	const struct value *v = record_get(record, f);
	enum field_type type = fields[f].type;
	struct bytes text;

	if (v && type == FIELD_TYPE_IP)
		return hash_bytes(key, v->ip.octets, sizeof(v->ip.octets));
	if (v && (type == FIELD_TYPE_TEXT || type == FIELD_TYPE_SECRET)) {
		text = fold(r, value_text(record, v));
		return hash_bytes(key, text.at, text.size);
	}
	if (v)
		return hash_bytes(key, &v->uint, sizeof(v->uint));
	text = record_show(record, f, NULL, r->room, sizeof(r->room)); /* fields of the struct; else empty */
	return text.size ? hash_bytes(key, text.at, text.size) : 0;
}

static uint64_t fields_mark(struct rules *r, struct hash_key key, const struct record *record, const enum field *f,
			    size_t n)
{
	uint64_t mark = n;

	for (size_t i = 0; i < n; i++) {
		uint64_t both[2] = { mark, value_mark(r, &key, record, f[i]) };
		mark = hash_bytes(&key, both, sizeof(both));
	}
	return mark;
}

static struct window *window_of(const struct hit *h, const struct parent *p)
{
	const struct correlation *k = p->rule->correlation;
	const enum field *group = k->group + p->child * k->n_group;
	struct hash_key second = { ~h->rules->key.k0, h->rules->key.k1 };
	struct window_key key;

	memset(&key, 0, sizeof(key));
	key.correlation = p->rule->number;
	key.a = fields_mark(h->rules, h->rules->key, h->record, group, k->n_group);
	key.b = fields_mark(h->rules, second, h->record, group, k->n_group);
	return table_make(h->rules->windows, &key, h->record->time_ns, NULL);
}

/* ---- events ---- */

static void window_expire(struct rules *r, const struct correlation *k, struct window *w)
{
	while (w->count && instant_since(w->newest_ns, w->events[w->head].time_ns) > k->timespan_ns)
		window_pop(r, w);
}

/* A sum stays right when its list is full: the two oldest become one. */
static void window_merge(struct rules *r, struct window *w)
{
	struct event *first = &w->events[w->head];

	first[1].value += first[0].value;
	first[1].weight += first[0].weight;
	window_pop(r, w);
}

static bool window_room(struct rules *r, const struct correlation *k, struct window *w)
{
	bool full = w->count >= k->max_events || (w->count >= RULE_EVENTS_ALWAYS && r->n_events >= r->max_events);

	if (full && (k->kind == CORRELATION_VALUE_SUM || k->kind == CORRELATION_VALUE_AVG))
		window_merge(r, w);
	else if (full)
		window_pop(r, w);
	if (w->head + w->count < w->room)
		return true;
	if (w->head) {
		memmove(w->events, w->events + w->head, w->count * sizeof(*w->events));
		w->head = 0;
		return true;
	}
	size_t room = w->room ? w->room * 2 : 4;
	struct event *events = realloc(w->events, room * sizeof(*events));
	if (!events)
		return false;
	w->events = events;
	w->room = room;
	return true;
}

static void window_remove(struct rules *r, struct window *w, size_t at)
{
	free(w->events[at].text);
	memmove(&w->events[at], &w->events[at + 1], (w->head + w->count - at - 1) * sizeof(*w->events));
	w->count--;
	r->n_events--;
}

/* Takes the older event of the same mark out. False where the one there is newer: the late one adds nothing. */
static bool window_replace(struct rules *r, struct window *w, const struct event *e)
{
	for (size_t i = w->head; i < w->head + w->count; i++) {
		if (w->events[i].mark != e->mark)
			continue;
		if (w->events[i].time_ns > e->time_ns)
			return false;
		window_remove(r, w, i);
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
	r->n_events++;
}

/* The values of one record, joined for people; NULL where there is no memory: the count does not need it. */
static char *value_words(const struct rules *r, const struct correlation *k, const struct record *record)
{
	char room[RULE_VALUE_TEXT], value[RULE_VALUE_TEXT];
	struct text t = TEXT_ON(room);

	(void)r;
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
			   .packet = record_uint(h->record, FIELD_SENSOR_PACKET) };

	switch (k->kind) {
	case CORRELATION_VALUE_COUNT:
		e.mark = fields_mark(h->rules, h->rules->key, h->record, k->values, k->n_values);
		e.text = value_words(h->rules, k, h->record);
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

/* False where the event is too late to count, or there is no memory for it. */
static bool window_add(const struct hit *h, const struct parent *p, struct window *w)
{
	const struct correlation *k = p->rule->correlation;
	struct event e;

	if (instant_since(w->newest_ns, h->record->time_ns) > k->timespan_ns)
		return false;
	if (h->record->time_ns > w->newest_ns)
		w->newest_ns = h->record->time_ns;
	window_expire(h->rules, k, w);
	e = event_make(h, p);
	if ((keeps_latest(k) && !window_replace(h->rules, w, &e)) || !window_room(h->rules, k, w)) {
		free(e.text);
		return false;
	}
	window_insert(h->rules, w, &e);
	return true;
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

static uint64_t window_weight(const struct window *w)
{
	uint64_t n = 0;

	for (size_t i = w->head; i < w->head + w->count; i++)
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

/* Does the condition hold now? *ret_first is when the events behind it began. */
static bool window_holds(const struct correlation *k, const struct window *w, size_t longest, uint64_t start_ns,
			 uint64_t *ret_first)
{
	bool any = false;

	for (unsigned i = 0; i < ARRAY_SIZE(k->bounds.has); i++)
		any |= k->bounds.has[i];
	*ret_first = w->events[w->head].time_ns;
	switch (k->kind) {
	case CORRELATION_EVENT_COUNT:
	case CORRELATION_VALUE_COUNT:
		return bounds_hold(&k->bounds, (double)w->count);
	case CORRELATION_VALUE_SUM:
		return bounds_hold(&k->bounds, window_sum(w));
	case CORRELATION_VALUE_AVG:
		return bounds_hold(&k->bounds, window_sum(w) / (double)window_weight(w));
	case CORRELATION_TEMPORAL:
		return any ? bounds_hold(&k->bounds, (double)w->count) : w->count == k->n_children;
	case CORRELATION_TEMPORAL_ORDERED:
		*ret_first = start_ns;
		return any ? bounds_hold(&k->bounds, (double)longest) : longest == k->n_children;
	}
	return false;
}

static void correlation_fire(const struct hit *h, struct rule *r, const struct window *w, uint64_t first_ns,
			     unsigned depth)
{
	uint64_t ids[RULE_EVIDENCE], packets[RULE_EVIDENCE];
	const char *values[RULE_SHOWN_VALUES];
	struct match m = { .rule = &r->about, .record = h->record, .count = window_weight(w), .first_ns = first_ns,
			   .evidence = ids, .packets = packets, .values = values };
	size_t skip = w->count > RULE_EVIDENCE ? w->count - RULE_EVIDENCE : 0;

	for (size_t i = w->head; i < w->head + w->count; i++) {
		const struct event *e = &w->events[i];

		if (e->text && m.n_values < RULE_SHOWN_VALUES)
			values[m.n_values++] = e->text;
		if (i - w->head < skip || e->time_ns < first_ns)
			continue;
		ids[m.n_evidence] = e->id;
		packets[m.n_evidence++] = e->packet;
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
	if (window_holds(k, w, longest, start_ns, &first_ns))
		correlation_fire(h, p->rule, w, first_ns, depth);
}

void rules_expire(struct rules *r, uint64_t now_ns)
{
	if (r->longest_ns && now_ns > r->longest_ns)
		table_expire(r->windows, now_ns - r->longest_ns);
}
