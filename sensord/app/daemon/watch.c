/* SPDX-License-Identifier: BSD-2-Clause */
#include "watch.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/table.h"
#include "record/json.h"

struct counts {
	uint64_t records, alerts, last_ns;
};

struct pair_key {
	struct address source;
	char rule[32];
};

struct watch {
	pthread_mutex_t lock; /* held for copies and table look-ups only */
	atomic_uint asked;
	int event;
	uint64_t datasets[DATASET_COUNT];
	struct watch_rule *rules;
	size_t n_rules;
	struct table *sources, *pairs;
	struct watch_line *first, **last;
	size_t bytes;
	uint64_t lost;
	char *room; /* the detection thread's, for the text of a record */
};

struct watch *watch_new(void)
{
	struct watch *w = calloc(1, sizeof(*w));
	struct hash_key key;

	if (!w)
		return NULL;
	pthread_mutex_init(&w->lock, NULL);
	w->last = &w->first;
	w->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	w->rules = calloc(WATCH_RULES, sizeof(*w->rules));
	w->room = malloc(JSON_LINE);
	/* The network chooses the addresses: it must not know the table. */
	if (getrandom(&key, sizeof(key), 0) == sizeof(key)) {
		w->sources = table_new(sizeof(struct address), sizeof(struct counts), WATCH_SOURCES, &key, NULL, NULL);
		w->pairs = table_new(sizeof(struct pair_key), sizeof(struct counts), WATCH_PAIRS, &key, NULL, NULL);
	}
	if (w->event >= 0 && w->rules && w->room && w->sources && w->pairs)
		return w;
	watch_free(w);
	return NULL;
}

static void free_lines(struct watch_line *l)
{
	while (l) {
		struct watch_line *next = l->next;
		free(l);
		l = next;
	}
}

void watch_free(struct watch *w)
{
	if (!w)
		return;
	free_lines(w->first);
	table_free(w->sources);
	table_free(w->pairs);
	free(w->rules);
	free(w->room);
	if (w->event >= 0)
		close(w->event);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

/* ---- the detection thread ---- */

static struct counts *count_source(struct watch *w, const struct record *r)
{
	const struct address *source = record_ip(r, FIELD_SOURCE_IP);
	struct counts *c = source ? table_make(w->sources, source, r->time_ns, NULL) : NULL;

	if (c)
		c->last_ns = r->time_ns;
	return c;
}

/* Called with the lock held. */
static void keep_line(struct watch *w, enum watch_kind kind, const struct watch_line *about, struct bytes text)
{
	size_t size = sizeof(struct watch_line) + text.size;
	struct watch_line *l = w->bytes + size <= WATCH_BYTES ? malloc(size) : NULL;

	if (!l) {
		w->lost++;
		return;
	}
	*l = *about;
	l->next = NULL;
	l->kind = kind;
	l->size = text.size;
	memcpy(l->text, text.at, text.size);
	*w->last = l;
	w->last = &l->next;
	w->bytes += size;
	(void)!write(w->event, &(uint64_t){ 1 }, sizeof(uint64_t));
}

void watch_record(struct watch *w, const struct record *r)
{
	bool shown = atomic_load_explicit(&w->asked, memory_order_relaxed) & WATCH_RECORDS;
	struct text line = { w->room, JSON_LINE, 0, false };

	if (shown)
		record_json(r, &line);
	pthread_mutex_lock(&w->lock);
	w->datasets[r->dataset]++;
	struct counts *c = count_source(w, r);
	if (c)
		c->records++;
	if (shown)
		keep_line(w, WATCH_RECORDS, &(struct watch_line){ .dataset = r->dataset, .measure = '-' }, text_bytes(&line));
	pthread_mutex_unlock(&w->lock);
}

static void copy_text(char *to, size_t size, struct bytes from)
{
	size_t n = from.size < size - 1 ? from.size : size - 1;

	if (n)
		memcpy(to, from.at, n);
	to[n] = '\0';
}

static struct watch_rule *find_rule(struct watch *w, struct bytes id)
{
	char name[sizeof(w->rules->id)];

	copy_text(name, sizeof(name), id);
	for (size_t i = 0; i < w->n_rules; i++)
		if (strcmp(w->rules[i].id, name) == 0)
			return &w->rules[i];
	if (w->n_rules == WATCH_RULES - 1) /* the last row is for all the others */
		copy_text(name, sizeof(name), bytes_string("other"));
	if (w->n_rules == WATCH_RULES)
		return &w->rules[WATCH_RULES - 1];
	memcpy(w->rules[w->n_rules].id, name, sizeof(name));
	return &w->rules[w->n_rules++];
}

static enum level level_of(const struct record *alert)
{
	for (enum level l = LEVEL_CRITICAL; l > LEVEL_INFORMATIONAL; l--)
		if (record_text_is(alert, FIELD_RULE_LEVEL, level_name(l)))
			return l;
	return LEVEL_INFORMATIONAL;
}

static void count_pair(struct watch *w, const struct record *alert)
{
	const struct address *source = record_ip(alert, FIELD_SOURCE_IP);
	struct pair_key key;

	memset(&key, 0, sizeof(key));
	if (source)
		key.source = *source;
	copy_text(key.rule, sizeof(key.rule), record_text(alert, FIELD_RULE_ID));
	struct counts *c = table_make(w->pairs, &key, alert->time_ns, NULL);
	if (c) {
		c->alerts++;
		c->last_ns = alert->time_ns;
	}
}

void watch_alert(struct watch *w, const struct record *alert, struct bytes line)
{
	struct bytes measure = record_text(alert, FIELD_IPA_MEASURE);
	struct watch_line about = { .level = level_of(alert), .measure = measure.size ? (char)measure.at[0] : '-' };

	pthread_mutex_lock(&w->lock);
	struct watch_rule *rule = find_rule(w, record_text(alert, FIELD_RULE_ID));
	rule->measure = about.measure;
	rule->level = about.level;
	rule->alerts++;
	rule->last_ns = alert->time_ns;
	struct counts *c = count_source(w, alert);
	if (c)
		c->alerts++;
	count_pair(w, alert);
	if (atomic_load_explicit(&w->asked, memory_order_relaxed) & WATCH_ALERTS)
		keep_line(w, WATCH_ALERTS, &about, line);
	pthread_mutex_unlock(&w->lock);
}

/* ---- the loop's thread ---- */

void watch_ask(struct watch *w, unsigned kinds)
{
	atomic_store_explicit(&w->asked, kinds, memory_order_relaxed);
}

int watch_fd(const struct watch *w)
{
	return w->event;
}

struct watch_line *watch_take(struct watch *w, uint64_t *ret_lost)
{
	uint64_t woken;

	(void)!read(w->event, &woken, sizeof(woken));
	pthread_mutex_lock(&w->lock);
	struct watch_line *l = w->first;
	w->first = NULL;
	w->last = &w->first;
	w->bytes = 0;
	*ret_lost = w->lost;
	w->lost = 0;
	pthread_mutex_unlock(&w->lock);
	return l;
}

void watch_datasets(struct watch *w, uint64_t ret_counts[DATASET_COUNT])
{
	pthread_mutex_lock(&w->lock);
	memcpy(ret_counts, w->datasets, sizeof(w->datasets));
	pthread_mutex_unlock(&w->lock);
}

size_t watch_rules(struct watch *w, struct watch_rule *ret, size_t max)
{
	pthread_mutex_lock(&w->lock);
	size_t n = w->n_rules < max ? w->n_rules : max;
	memcpy(ret, w->rules, n * sizeof(*ret));
	pthread_mutex_unlock(&w->lock);
	return n;
}

/* Puts a row into its place among the greatest, where it is among them. */
static void place(void *rows, size_t *n, size_t size, const void *row, bool (*before)(const void *a, const void *b))
{
	size_t at = *n;
	char *all = rows;

	while (at > 0 && before(row, all + (at - 1) * size))
		at--;
	if (at == WATCH_TOP)
		return;
	size_t moved = *n < WATCH_TOP ? *n - at : WATCH_TOP - 1 - at;
	memmove(all + (at + 1) * size, all + at * size, moved * size);
	memcpy(all + at * size, row, size);
	*n += *n < WATCH_TOP;
}

static bool source_before(const void *a, const void *b)
{
	const struct watch_source *x = a, *y = b;

	return x->alerts != y->alerts ? x->alerts > y->alerts : x->records > y->records;
}

static bool rule_before(const void *a, const void *b)
{
	return ((const struct watch_rule *)a)->alerts > ((const struct watch_rule *)b)->alerts;
}

static bool pair_before(const void *a, const void *b)
{
	return ((const struct watch_pair *)a)->alerts > ((const struct watch_pair *)b)->alerts;
}

static void see_source(void *context, const void *key, void *value)
{
	struct watch_top *top = context;
	const struct counts *c = value;
	struct watch_source row = { .records = c->records, .alerts = c->alerts, .last_ns = c->last_ns };

	memcpy(&row.address, key, sizeof(row.address));
	place(top->sources, &top->n_sources, sizeof(row), &row, source_before);
}

static void see_pair(void *context, const void *key, void *value)
{
	struct watch_top *top = context;
	const struct counts *c = value;
	const struct pair_key *k = key;
	struct watch_pair row = { .source = k->source, .alerts = c->alerts, .last_ns = c->last_ns };

	memcpy(row.rule, k->rule, sizeof(row.rule));
	place(top->alerts, &top->n_alerts, sizeof(row), &row, pair_before);
}

void watch_top(struct watch *w, struct watch_top *ret)
{
	*ret = (struct watch_top){ 0 };
	pthread_mutex_lock(&w->lock);
	table_walk(w->sources, see_source, ret);
	table_walk(w->pairs, see_pair, ret);
	for (size_t i = 0; i < w->n_rules; i++)
		place(ret->rules, &ret->n_rules, sizeof(*ret->rules), &w->rules[i], rule_before);
	pthread_mutex_unlock(&w->lock);
}

void watch_held(struct watch *w, size_t *ret_entries, size_t *ret_bytes)
{
	pthread_mutex_lock(&w->lock);
	*ret_entries = table_count(w->sources) + table_count(w->pairs);
	*ret_bytes = table_bytes(w->sources) + table_bytes(w->pairs) + w->bytes;
	pthread_mutex_unlock(&w->lock);
}
