/* SPDX-License-Identifier: BSD-2-Clause
 * A record against the compiled rules: trees are asked lazily, fields are compared where they lie in the record. */
#include "rule_private.h"

/* Goes through the values of one source as text. */
struct cursor {
	const struct record *r;
	const struct value *v;
	uint16_t source;
	bool done;
};

static struct cursor cursor_open(const struct record *r, uint16_t source)
{
	return (struct cursor){ r, source < FIELD_COUNT ? record_get(r, source) : NULL, source, false };
}

/* The fields that live in the struct of the record. */
static bool in_struct(uint16_t source)
{
	return source == FIELD_TIMESTAMP || source == FIELD_EVENT_KIND || source == FIELD_EVENT_DATASET ||
	       source == FIELD_EVENT_ID;
}

static bool path_query(const struct record *r, char *room, struct bytes *ret)
{
	struct text t = { room, RULE_ROOM, 0, false };

	if (!record_has(r, FIELD_URL_PATH))
		return false;
	text_add(&t, record_text(r, FIELD_URL_PATH));
	if (record_has(r, FIELD_URL_QUERY)) {
		text_char(&t, '?');
		text_add(&t, record_text(r, FIELD_URL_QUERY));
	}
	*ret = text_bytes(&t);
	return true;
}

/* The path of a file with the backslash before it that other sensors write. */
static bool rooted_path(const struct record *r, char *room, struct bytes *ret)
{
	struct text t = { room, RULE_ROOM, 0, false };
	struct bytes path = record_text(r, FIELD_FILE_PATH);

	if (!record_has(r, FIELD_FILE_PATH) || (path.size && path.at[0] == '\\'))
		return false;
	text_char(&t, '\\');
	text_add(&t, path);
	*ret = text_bytes(&t);
	return true;
}

/* The next value as text; what has to be made is made in room. */
static bool cursor_next(struct cursor *c, struct rules *rules, char *room, struct bytes *ret)
{
	if (c->v) {
		const struct value *v = c->v;

		c->v = record_next(c->r, v);
		c->done = true;
		if (fields[c->source].type == FIELD_TYPE_TEXT || fields[c->source].type == FIELD_TYPE_SECRET) {
			*ret = value_text(c->r, v);
			return true;
		}
		rules->folded_from = (struct bytes){ 0 };
		*ret = record_show(c->r, c->source, v, room, RULE_ROOM);
		return true;
	}
	if (c->done)
		return false;
	c->done = true;
	if (c->source < FIELD_COUNT && !in_struct(c->source))
		return false;
	rules->folded_from = (struct bytes){ 0 };
	if (c->source == SOURCE_PATH_QUERY)
		return path_query(c->r, room, ret);
	if (c->source == SOURCE_ROOTED_PATH)
		return rooted_path(c->r, room, ret);
	*ret = record_show(c->r, c->source, NULL, room, RULE_ROOM);
	return true;
}

static bool source_present(const struct record *r, uint16_t source)
{
	if (source == SOURCE_PATH_QUERY)
		return record_has(r, FIELD_URL_PATH);
	if (source == SOURCE_ROOTED_PATH)
		return record_has(r, FIELD_FILE_PATH);
	return in_struct(source) || record_has(r, source);
}

static bool item_present(const struct item *item, const struct record *r)
{
	for (unsigned i = 0; i < item->n_sources; i++)
		if (source_present(r, item->sources[i]))
			return true;
	return false;
}

/* ---- text ---- */

static bool any_test_on(struct rules *rules, const struct item *item, const struct test *tests, size_t n,
			struct bytes text)
{
	for (size_t k = 0; k < n; k++)
		if (test_holds(rules, &tests[k], item->cased, text))
			return true;
	return false;
}

/* A URL as sent is most often the whole one, or ends it: no need to ask again. */
static bool adds_nothing(const struct item *item, struct bytes first, struct bytes text)
{
	if (!text.size || text.size > first.size || (text.size < first.size && !item->searches))
		return false;
	return memcmp(first.at + (first.size - text.size), text.at, text.size) == 0;
}

static bool any_text(struct rules *rules, const struct item *item, const struct test *tests, size_t n,
		     const struct record *r)
{
	struct bytes text, first = { 0 };

	for (unsigned i = 0; i < item->n_sources; i++) {
		struct cursor c = cursor_open(r, item->sources[i]);

		while (cursor_next(&c, rules, rules->room, &text)) {
			if (i > 0 && adds_nothing(item, first, text))
				continue;
			if (any_test_on(rules, item, tests, n, text))
				return true;
			if (i == 0)
				first = text;
		}
	}
	return false;
}

static bool any_keyword(struct rules *rules, const struct item *item, const struct test *tests, size_t n,
			const struct record *r)
{
	for (unsigned f = 0; f < FIELD_COUNT; f++) {
		if (fields[f].type != FIELD_TYPE_TEXT || f == FIELD_RELATED_USER) /* of hosts, and there once a rule has matched */
			continue;
		for (const struct value *v = record_get(r, f); v; v = record_next(r, v))
			for (size_t k = 0; k < n; k++)
				if (test_holds(rules, &tests[k], item->cased, value_text(r, v)))
					return true;
	}
	return false;
}

/* ---- numbers ---- */

static uint64_t week_of(uint64_t days)
{
	int year;
	unsigned month, day;
	/* ISO 8601: the week belongs to the year of its Thursday; day 0 was one */
	uint64_t thursday = days - (days + 3) % 7 + 3;

	instant_civil((int64_t)thursday, &year, &month, &day);
	return (thursday - (uint64_t)instant_days(year, 1, 1)) / 7 + 1;
}

static uint64_t time_part(uint64_t time_ns, enum time_part part)
{
	uint64_t days = time_ns / NS_PER_DAY, seconds = time_ns % NS_PER_DAY / NS_PER_S;
	int year;
	unsigned month, day;

	switch (part) {
	case PART_MINUTE: return seconds / 60 % 60;
	case PART_HOUR: return seconds / 3600;
	case PART_WEEK: return week_of(days);
	case PART_NONE: return time_ns;
	case PART_DAY:
	case PART_MONTH:
	case PART_YEAR: break;
	}
	instant_civil((int64_t)days, &year, &month, &day);
	return part == PART_DAY ? day : part == PART_MONTH ? month : (uint64_t)year;
}

static bool compare_whole(enum compare how, uint64_t a, uint64_t b)
{
	switch (how) {
	case COMPARE_EQ: return a == b;
	case COMPARE_LT: return a < b;
	case COMPARE_LTE: return a <= b;
	case COMPARE_GT: return a > b;
	case COMPARE_GTE: return a >= b;
	}
	return false;
}

bool compare_real(enum compare how, double a, double b)
{
	switch (how) {
	case COMPARE_EQ: return a == b;
	case COMPARE_LT: return a < b;
	case COMPARE_LTE: return a <= b;
	case COMPARE_GT: return a > b;
	case COMPARE_GTE: return a >= b;
	}
	return false;
}

static bool any_number(const struct item *item, const struct test *tests, size_t n, bool is_real, uint64_t uint,
		       double real)
{
	for (size_t k = 0; k < n; k++) {
		const struct number *want = &tests[k].number;

		if (!is_real && want->whole ? compare_whole(item->compare, uint, want->uint) :
		    compare_real(item->compare, is_real ? real : (double)uint, want->real))
			return true;
	}
	return false;
}

static bool any_numeric(const struct item *item, const struct test *tests, size_t n, const struct record *r)
{
	for (unsigned i = 0; i < item->n_sources; i++) {
		uint16_t f = item->sources[i];
		bool is_real = fields[f].type == FIELD_TYPE_REAL;

		if (f == FIELD_TIMESTAMP && any_number(item, tests, n, false, time_part(r->time_ns, item->part), 0))
			return true;
		for (const struct value *v = record_get(r, f); v; v = record_next(r, v))
			if (any_number(item, tests, n, is_real, is_real ? 0 : time_part(v->uint, item->part),
				       is_real ? v->real : 0))
				return true;
	}
	return false;
}

/* ---- the rest ---- */

static bool any_bool(const struct item *item, const struct test *tests, size_t n, const struct record *r)
{
	for (unsigned i = 0; i < item->n_sources; i++) {
		const struct value *v = record_get(r, item->sources[i]);

		for (size_t k = 0; v && k < n; k++)
			if (v->boolean == tests[k].boolean)
				return true;
	}
	return false;
}

static bool any_address(const struct item *item, const struct test *tests, size_t n, const struct record *r)
{
	for (unsigned i = 0; i < item->n_sources; i++)
		for (const struct value *v = record_get(r, item->sources[i]); v; v = record_next(r, v))
			for (size_t k = 0; k < n; k++)
				if (address_range_has(&tests[k].range, &v->ip))
					return true;
	return false;
}

static bool any_test(struct rules *rules, const struct item *item, const struct test *tests, size_t n,
		     const struct record *r)
{
	switch (item->kind) {
	case ITEM_TEXT: return any_text(rules, item, tests, n, r);
	case ITEM_KEYWORD: return any_keyword(rules, item, tests, n, r);
	case ITEM_NUMBER: return any_numeric(item, tests, n, r);
	case ITEM_BOOL: return any_bool(item, tests, n, r);
	case ITEM_ADDRESS: return any_address(item, tests, n, r);
	case ITEM_EXISTS:
	case ITEM_REFERENCE: break;
	}
	return false;
}

static bool every_test(struct rules *rules, const struct item *item, const struct record *r)
{
	for (size_t k = 0; k < item->n_tests; k++)
		if (!any_test(rules, item, &item->tests[k], 1, r))
			return false;
	return item->n_tests > 0;
}

/* The same text, number or address in two fields: as text they are written alike where their types agree. */
static bool reference_holds(struct rules *rules, const struct item *item, const struct record *r)
{
	struct bytes text, other;

	for (unsigned i = 0; i < item->n_sources; i++) {
		struct cursor a = cursor_open(r, item->sources[i]);

		while (cursor_next(&a, rules, rules->room, &text)) {
			struct cursor b = cursor_open(r, item->other);

			while (cursor_next(&b, rules, rules->other_room, &other))
				if (text_relates(item->reference, item->cased, text, other))
					return true;
		}
	}
	return false;
}

static bool item_holds(struct rules *rules, const struct item *item, const struct record *r)
{
	bool holds;

	if (item->kind == ITEM_EXISTS)
		holds = item_present(item, r);
	else if (item->kind == ITEM_REFERENCE)
		holds = reference_holds(rules, item, r);
	else if (item->all)
		holds = every_test(rules, item, r);
	else
		holds = any_test(rules, item, item->tests, item->n_tests, r);
	if (!holds && item->absent_too)
		holds = !item_present(item, r);
	return holds != item->negate;
}

/* Depth is bounded where the tree is made: YAML_DEPTH and RULE_DEPTH. */
bool expr_holds(struct rules *rules, const struct expr *e, const struct record *r)
{
	switch (e->kind) {
	case EXPR_ITEM:
		return item_holds(rules, e->item, r);
	case EXPR_NOT:
		return !expr_holds(rules, e->parts[0], r);
	case EXPR_AND:
		for (size_t i = 0; i < e->n_parts; i++)
			if (!expr_holds(rules, e->parts[i], r))
				return false;
		return true;
	case EXPR_OR:
		for (size_t i = 0; i < e->n_parts; i++)
			if (expr_holds(rules, e->parts[i], r))
				return true;
		return false;
	}
	return false;
}

/* ---- firing ---- */

void rule_fire(const struct hit *h, struct rule *r, const struct match *m, unsigned depth)
{
	if (depth > RULE_CHAIN)
		return;
	for (size_t i = 0; i < r->n_parents; i++)
		if (r->parents[i].rule->correlation->family == r->parents[i].rule)
			correlation_feed(h, &r->parents[i], depth + 1);
	if (!r->silent && h->sink)
		h->sink(h->context, m);
}

static void detection_fire(const struct hit *h, struct rule *r)
{
	uint64_t packet = record_uint(h->record, FIELD_SENSOR_PACKET);
	struct match m = { .rule = &r->about, .record = h->record, .count = 1, .first_ns = h->record->time_ns,
			   .evidence = &h->record->id, .n_evidence = 1, .packets = &packet };

	rule_fire(h, r, &m, 0);
}

/* The next place from i on that is worth trying; n where there is none. */
static size_t next_candidate(const struct candidates *c, size_t i, size_t n)
{
	while (c && i < n) {
		uint64_t left = c->rules[i / 64] >> i % 64;
		if (left)
			return i + (size_t)__builtin_ctzll(left);
		i = (i / 64 + 1) * 64;
	}
	return i < n ? i : n;
}

void rules_match(struct rules *r, const struct record *record, match_sink *sink, void *context)
{
	struct hit h = { r, record, sink, context };

	if (record->dataset >= DATASET_COUNT)
		return;
	r->folded_from = (struct bytes){ 0 };
	struct candidates *candidates = rules_candidates(r, record);
	struct verdict made = { 0 }, *known = candidates ? verdict_place(r, candidates, record, &made.hash) : NULL;
	if (known && known->hash == made.hash) {
		for (unsigned i = 0; i < known->n; i++)
			detection_fire(&h, r->by_dataset[record->dataset][known->rules[i]]);
		return;
	}
	size_t n = r->n_by_dataset[record->dataset];
	for (size_t i = next_candidate(candidates, 0, n); i < n; i = next_candidate(candidates, i + 1, n)) {
		struct rule *one = r->by_dataset[record->dataset][i];

		if (!expr_holds(r, one->expr, record))
			continue;
		if (made.n < VERDICT_RULES)
			made.rules[made.n] = (uint16_t)i;
		made.n++;
		detection_fire(&h, one);
	}
	if (known && made.n <= VERDICT_RULES)
		*known = made;
}
