/* SPDX-License-Identifier: BSD-2-Clause
 * When an alert is told. The first match of a group writes a line ("open"); what follows is counted, until nothing has
 * matched for the rule's suppression time (or 24 hours have gone by), and then one line ("closed") gives the total if
 * there is more to tell than the last line said. A document of the same rule with a higher level speaks once more
 * ("raised"), and so does what succeeds where all before it was refused: nobody may believe that it was stopped. Lines
 * beyond the ceiling of a minute are folded into one ("folded", alert_fold.h). All of it runs on the packet clock. */
#include "detect/alert.h"

#include <stdlib.h>

#include "alert.h"

/* ---- making ---- */

static bool prepare(struct alerts *a, const struct alerts_settings *s, struct error *err)
{
	a->site = s->site;
	a->max_open = s->max_open ? s->max_open : 1;
	a->folds.key = s->key;
	a->folds.per_minute = s->per_minute;
	a->n_exceptions = s->site ? site_exceptions(s->site) : 0;
	a->exceptions = calloc(a->n_exceptions + 1, sizeof(*a->exceptions));
	a->line = record_new();
	a->view = record_new();
	a->files = calloc(ALERT_FILES, sizeof(*a->files));
	bool ok = groups_init(&a->groups, &s->key) && a->exceptions && a->line && a->view && a->files;
	if (!ok)
		return error_set(err, "out of memory");
	a->catalogue = catalogue_read(s->catalogue, err);
	return a->catalogue;
}

struct alerts *alerts_new(const struct alerts_settings *s, void (*write)(void *context, const struct record *alert),
			  void *context, struct error *err)
{
	struct alerts *a = calloc(1, sizeof(*a));

	if (!a) {
		error_set(err, "out of memory");
		return NULL;
	}
	a->write = write;
	a->context = context;
	if (prepare(a, s, err))
		return a;
	alerts_free(a);
	return NULL;
}

void alerts_free(struct alerts *a)
{
	if (!a)
		return;
	deadlines_release(&a->deadlines);
	folds_release(&a->folds);
	while (a->groups.oldest)
		groups_close(&a->groups, a->groups.oldest);
	groups_release(&a->groups);
	catalogue_free(a->catalogue);
	record_free(a->line);
	record_free(a->view);
	free(a->exceptions);
	for (size_t i = 0; i < a->n_files; i++)
		free(a->files[i]);
	free(a->files);
	free(a);
}

/* ---- exceptions of the site ---- */

static struct bytes target_name(const struct record *r)
{
	static const enum field names[] = { FIELD_URL_DOMAIN, FIELD_TLS_CLIENT_SERVER_NAME, FIELD_DESTINATION_DOMAIN };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (record_has(r, names[i]))
			return record_text(r, names[i]);
	return (struct bytes){ 0 };
}

static bool excepted(struct alerts *a, const struct match *m)
{
	static const struct address nowhere;
	const struct record *r = m->record;
	const struct address *from = record_ip(r, FIELD_SOURCE_IP), *to = record_ip(r, FIELD_DESTINATION_IP);
	size_t index = SIZE_MAX;

	if (a->n_exceptions == 0)
		return false;
	if (!site_exception(a->site, m->rule->rule_id, from ? from : &nowhere, to ? to : &nowhere,
			    (uint16_t)record_uint(r, FIELD_DESTINATION_PORT), target_name(r),
			    record_text(r, FIELD_USER_NAME), r->time_ns, &index))
		return false;
	if (index < a->n_exceptions)
		a->exceptions[index]++;
	a->counts.excepted++;
	return true;
}

/* ---- lines ---- */

static void tell(struct alerts *a, struct group *g, const char *state, uint64_t time_ns, const struct record *source, uint64_t at_ns)
{
	uint64_t matches = g->count - g->written;

	g->written = g->count;
	if (!fold_allows(a, g, matches, at_ns))
		return;
	alert_compose(a->line, a->view, g, state, time_ns, source);
	a->write(a->context, a->line);
}

void alerts_tell_sum(struct alerts *a, struct group *sum, uint64_t at_ns)
{
	alert_compose(a->line, a->view, sum, "folded", at_ns, sum->base);
	a->write(a->context, a->line);
}

void alerts_close(struct alerts *a, struct group *g, uint64_t at_ns)
{
	deadline_clear(&a->deadlines, &g->deadline);
	if (g->count > g->written)
		tell(a, g, "closed", g->last_ns, g->base, at_ns);
	groups_close(&a->groups, g);
}

static uint64_t later(uint64_t time_ns, uint64_t span_ns)
{
	return time_ns > UINT64_MAX - span_ns ? UINT64_MAX : time_ns + span_ns;
}

uint64_t alerts_group_end(const struct group *g)
{
	uint64_t quiet = later(g->last_ns, g->about->suppress_ns), life = later(g->opened_ns, ALERT_LIFE);

	return quiet < life ? quiet : life;
}

static void close_due(struct alerts *a, struct group *g, uint64_t now_ns)
{
	uint64_t end_ns = alerts_group_end(g);

	/* A match moves the end, not the deadline: it is looked up only when it comes. */
	if (end_ns > now_ns && deadline_set(&a->deadlines, &g->deadline, end_ns))
		return;
	alerts_close(a, g, end_ns < now_ns ? end_ns : now_ns);
}

void alerts_tick(struct alerts *a, uint64_t now_ns)
{
	for (;;) {
		uint64_t fold_ns = folds_due(&a->folds);
		struct deadline *d = deadline_due(&a->deadlines, fold_ns < now_ns ? fold_ns : now_ns);
		if (d)
			close_due(a, (struct group *)d, now_ns);
		else if (fold_ns <= now_ns)
			folds_tell_first(a, now_ns);
		else
			return;
	}
}

/* The name of a capture file in a copy that lasts: the newest are the likely ones. */
static const char *file_named(struct alerts *a, struct bytes name)
{
	if (name.size == 0)
		return NULL;
	for (size_t i = a->n_files; i > 0; i--)
		if (bytes_equal(bytes_string(a->files[i - 1]), name))
			return a->files[i - 1];
	if (a->n_files == ALERT_FILES)
		return NULL;
	char *copy = strndup((const char *)name.at, name.size);
	if (copy)
		a->files[a->n_files++] = copy;
	return copy;
}

/* What a match tells of the group, with names of files that last: those of the windows go when rules are replaced. */
static void learn(struct alerts *a, struct group *g, const struct match *m)
{
	const char *files[ALERT_EVIDENCE], *own;
	struct match lasting = *m;
	bool room = g->n_evidence < ALERT_EVIDENCE;

	lasting.n_evidence = m->n_evidence < ALERT_EVIDENCE ? m->n_evidence : ALERT_EVIDENCE;
	for (size_t i = 0; m->files && i < lasting.n_evidence; i++)
		files[i] = room ? file_named(a, bytes_string(m->files[i])) : NULL;
	lasting.files = m->files ? files : NULL;
	own = room ? file_named(a, record_text(m->record, FIELD_SENSOR_CAPTURE_FILE)) : NULL;
	group_learn(g, &lasting, own);
}

static void keep_record(struct group *g, const struct record *r)
{
	struct record *copy = record_copy(r);

	if (!copy)
		return; /* the closing line then has the values of the one before */
	record_free(g->base);
	g->base = copy;
}

static void open_group(struct alerts *a, const struct match *m, const struct document_memo *memo)
{
	const struct record *r = m->record;

	while (a->groups.count >= a->max_open)
		alerts_close(a, a->groups.oldest, r->time_ns);
	struct group *g = groups_open(&a->groups, memo, r);
	if (!g)
		return;
	g->about = m->rule;
	g->entry = memo->entry;
	g->level = match_level(m);
	g->key = group_key(memo, r);
	g->opened_ns = g->last_ns = r->time_ns;
	g->first_ns = m->first_ns && m->first_ns < r->time_ns ? m->first_ns : r->time_ns;
	g->count = m->count ? m->count : 1;
	g->last_id = r->id;
	keep_record(g, r);
	learn(a, g, m);
	a->counts.opened++;
	a->counts.by_level[g->level]++;
	if (m->rule->measure && m->rule->measure[0] >= 'A' && m->rule->measure[0] <= 'F')
		a->counts.by_measure[m->rule->measure[0] - 'A']++;
	tell(a, g, "open", r->time_ns, r, r->time_ns);
	if (!deadline_set(&a->deadlines, &g->deadline, alerts_group_end(g)))
		alerts_close(a, g, r->time_ns);
}

/* Two documents may fire on one record: it is counted once. A correlation knows its own total. */
static void count_match(struct group *g, const struct match *m)
{
	const struct record *r = m->record;

	if (r->id == 0 || r->id != g->last_id)
		g->count++;
	if (m->count > g->count)
		g->count = m->count;
	g->last_id = r->id;
	if (m->first_ns && m->first_ns < g->first_ns)
		g->first_ns = m->first_ns;
	if (r->time_ns < g->first_ns)
		g->first_ns = r->time_ns;
	if (r->time_ns > g->last_ns)
		g->last_ns = r->time_ns;
}

static void raise_group(struct alerts *a, struct group *g, const struct match *m, const struct document_memo *memo)
{
	a->counts.by_level[g->level]--;
	g->level = match_level(m);
	a->counts.by_level[g->level]++;
	g->about = m->rule;
	g->entry = memo->entry;
	keep_record(g, m->record);
	groups_widen(&a->groups, g, memo);
	tell(a, g, "raised", m->record->time_ns, m->record, m->record->time_ns);
	if (!deadline_set(&a->deadlines, &g->deadline, alerts_group_end(g)))
		alerts_close(a, g, m->record->time_ns);
}

/* The line told last says that it failed, or not how it ended; this match, at no lower level, succeeded. */
static bool succeeds_now(const struct group *g, const struct match *m)
{
	return match_level(m) == g->level && !m->rule->is_correlation && g->base && record_has(g->base, FIELD_EVENT_OUTCOME) &&
	       !record_text_is(g->base, FIELD_EVENT_OUTCOME, "success") &&
	       record_text_is(m->record, FIELD_EVENT_OUTCOME, "success");
}

void alerts_match(struct alerts *a, const struct match *m)
{
	alerts_tick(a, m->record->time_ns);
	if (excepted(a, m))
		return;
	struct document_memo *memo = groups_memo(&a->groups, m->rule, a->catalogue);
	if (!memo)
		return;
	struct group *g = groups_find(&a->groups, memo, m->record, match_level(m));
	if (!g) {
		open_group(a, m, memo);
		return;
	}
	count_match(g, m);
	learn(a, g, m);
	if (match_level(m) > g->level || succeeds_now(g, m))
		raise_group(a, g, m, memo);
	else
		a->counts.suppressed++;
}

/* ---- the end ---- */

static int by_opening(const void *x, const void *y)
{
	const struct group *a = *(struct group *const *)x, *b = *(struct group *const *)y;

	if (a->opened_ns != b->opened_ns)
		return a->opened_ns < b->opened_ns ? -1 : 1;
	return a->key < b->key ? -1 : a->key > b->key;
}

void alerts_finish(struct alerts *a, uint64_t now_ns)
{
	size_t n = 0;

	alerts_tick(a, now_ns);
	struct group **open = calloc(a->groups.count + 1, sizeof(*open));
	for (struct group *g = a->groups.oldest; open && g; g = g->newer)
		open[n++] = g;
	if (open)
		qsort(open, n, sizeof(*open), by_opening);
	for (size_t i = 0; i < n; i++)
		alerts_close(a, open[i], now_ns);
	free(open);
	while (a->groups.oldest) /* no memory for the order: by opening */
		alerts_close(a, a->groups.oldest, now_ns);
	folds_tell_all(a, now_ns);
}

const struct alerts_counts *alerts_counts(const struct alerts *a)
{
	return &a->counts;
}

void alerts_held(const struct alerts *a, size_t *ret_groups, size_t *ret_bytes)
{
	size_t bytes = a->groups.n_buckets * sizeof(*a->groups.buckets) + table_bytes(a->groups.memos);

	for (const struct group *g = a->groups.oldest; g; g = g->newer)
		bytes += group_bytes(g);
	*ret_groups = a->groups.count;
	*ret_bytes = bytes;
}

size_t alerts_exceptions_hit(const struct alerts *a, size_t index)
{
	return index < a->n_exceptions ? a->exceptions[index] : 0;
}
