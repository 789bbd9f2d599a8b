/* SPDX-License-Identifier: BSD-2-Clause */
#include "outlets.h"

#include <stdlib.h>

#include "base/instant.h"
#include "evidence/evidence.h"
#include "outputs.h"
#include "record/json.h"

struct outlets {
	struct output *all[OUTPUTS_MAX + 1]; /* those for alerts, then the one for records that was typed */
	size_t n;
	size_t n_alerts;
	size_t n_from_site;        /* of them; only these may want records */
	bool records_wanted;
	struct evidence *evidence; /* NULL: none is kept */
	struct record *marked;
	char *line;
	bool failed;
	struct error problem;
};

/* ---- which there are ---- */

static bool open_typed(struct outlets *o, const char *dest, bool live, struct error *err)
{
	if (!dest || strcmp(dest, "none") == 0)
		return true;
	struct output *opened = live ? outputs_open_live(dest, err) : output_open_file(dest, true, err);
	if (opened)
		o->all[o->n++] = opened;
	return opened != NULL;
}

static bool open_from_site(struct outlets *o, const struct site *site, struct error *err)
{
	size_t n = site_outputs(site);

	if (n > OUTPUTS_MAX)
		return error_set(err, "the site file names more than %d outputs", OUTPUTS_MAX);
	for (; o->n < n; o->n_from_site = ++o->n) {
		struct output_settings settings = outputs_settings(site, o->n);
		o->all[o->n] = output_open(&settings, err);
		if (!o->all[o->n])
			return false;
		o->records_wanted = o->records_wanted || output_wants(o->all[o->n], OUTPUT_RECORDS, 0);
	}
	return true;
}

static bool open_outputs(struct outlets *o, const struct outlets_settings *s, struct error *err)
{
	bool typed = s->alerts || !s->live || site_outputs(s->site) == 0;

	if (typed ? !open_typed(o, s->alerts || !s->live ? s->alerts : "-", s->live, err) : !open_from_site(o, s->site, err))
		return false;
	o->n_alerts = o->n;
	if (!open_typed(o, s->events, s->live, err))
		return false;
	o->records_wanted = o->records_wanted || o->n > o->n_alerts;
	return true;
}

/* One folder serves all outputs: the one that was typed, or the first that the site file names. */
static bool open_evidence(struct outlets *o, const struct outlets_settings *s, struct error *err)
{
	struct evidence_settings settings = { .folder = s->evidence, .memory = s->evidence_memory, .thread = s->live };

	for (size_t i = 0; !settings.folder && s->live && i < site_outputs(s->site); i++) {
		struct site_output output = site_output(s->site, i);
		settings.folder = output.evidence;
		settings.max_bytes = output.evidence_mib << 20;
		settings.max_age_ns = output.evidence_days * NS_PER_DAY;
	}
	if (!settings.folder)
		return true;
	o->evidence = evidence_new(&settings, err);
	return o->evidence != NULL;
}

struct outlets *outlets_open(const struct outlets_settings *s, struct error *err)
{
	struct outlets *o = calloc(1, sizeof(*o));

	if (!o) {
		error_set(err, "out of memory");
		return NULL;
	}
	o->line = malloc(JSON_LINE);
	o->marked = record_new();
	if (!o->line || !o->marked)
		error_set(err, "out of memory");
	else if (open_outputs(o, s, err) && open_evidence(o, s, err))
		return o;
	outlets_free(o);
	return NULL;
}

void outlets_free(struct outlets *o)
{
	if (!o)
		return;
	for (size_t i = 0; i < o->n; i++)
		output_close(o->all[i]);
	evidence_free(o->evidence);
	record_free(o->marked);
	free(o->line);
	free(o);
}

bool outlets_start(struct outlets *o, struct error *err)
{
	for (size_t i = 0; i < o->n; i++)
		if (!output_start(o->all[i], err))
			return false;
	return !o->evidence || evidence_start(o->evidence, err);
}

/* ---- what goes there ---- */

bool outlets_want_records(const struct outlets *o)
{
	return o->records_wanted;
}

const struct record *outlets_mark(struct outlets *o, const struct record *alert)
{
	if (!o->evidence)
		return alert;
	record_assign(o->marked, alert);
	evidence_alert(o->evidence, o->marked);
	return o->marked;
}

/* To those from `first` up to `end`. */
static void put(struct outlets *o, size_t first, size_t end, const struct output_item *item)
{
	for (size_t i = first; i < end && !o->failed; i++)
		if (output_wants(o->all[i], item->what, item->event_severity) && !output_put(o->all[i], item, &o->problem))
			o->failed = true;
}

static struct output_item write_line(struct outlets *o, const struct record *r)
{
	struct text line = { o->line, JSON_LINE, 0, false };

	record_json(r, &line);
	return outputs_item(r, text_bytes(&line));
}

struct bytes outlets_alert(struct outlets *o, const struct record *alert)
{
	struct output_item item = write_line(o, alert);

	put(o, 0, o->n_alerts, &item);
	return item.line;
}

void outlets_record(struct outlets *o, const struct record *r)
{
	struct output_item item = write_line(o, r);

	put(o, 0, o->n_from_site, &item);
	put(o, o->n_alerts, o->n, &item);
}

bool outlets_fine(const struct outlets *o, struct error *err)
{
	if (o->failed && err)
		*err = o->problem;
	return !o->failed;
}

/* ---- evidence, and what they say of themselves ---- */

struct recent *outlets_recent(struct outlets *o, size_t index, size_t n)
{
	return o->evidence ? evidence_recent(o->evidence, index, n) : NULL;
}

bool outlets_keep_evidence(const struct outlets *o)
{
	return o->evidence != NULL;
}

bool outlets_evidence_held(struct outlets *o, size_t *ret_alerts, size_t *ret_bytes)
{
	if (o->evidence)
		evidence_held(o->evidence, ret_alerts, ret_bytes);
	return o->evidence != NULL;
}

void outlets_tick(struct outlets *o, uint64_t now_ns)
{
	if (o->evidence)
		evidence_tick(o->evidence, now_ns);
}

void outlets_told(struct outlets *o, uint64_t now_ns, void (*see)(void *to, const struct record *r), void *to)
{
	struct record *r = NULL;
	struct error why;

	for (size_t i = 0; i < o->n; i++)
		while ((r || (r = record_new()) != NULL) && outputs_told(o->all[i], r, now_ns))
			see(to, r);
	if (o->evidence && evidence_failed(o->evidence, &why) && (r || (r = record_new()) != NULL)) {
		record_clear(r, DATASET_SENSOR, now_ns);
		record_set_string(r, FIELD_EVENT_ACTION, "output");
		record_set_string(r, FIELD_SENSOR_KIND, "output");
		record_set_string(r, FIELD_SENSOR_SUBJECT, "evidence");
		record_set_string(r, FIELD_SENSOR_REASON, "evidence_failed");
		record_set_string(r, FIELD_SENSOR_DETAIL, why.text);
		see(to, r);
	}
	record_free(r);
}

bool outlets_stats(const struct outlets *o, size_t index, struct output_stats *ret)
{
	if (index >= o->n)
		return false;
	output_stats(o->all[index], ret);
	return true;
}

/* ---- together ---- */

bool outlets_flush(struct outlets *o, struct error *err)
{
	bool fine = true;

	for (size_t i = 0; i < o->n; i++)
		fine = output_flush(o->all[i], fine ? err : NULL) && fine;
	return fine;
}

bool outlets_reopen(struct outlets *o, struct error *err)
{
	bool fine = true;

	for (size_t i = 0; i < o->n; i++)
		fine = output_reopen(o->all[i], fine ? err : NULL) && fine;
	return fine;
}

bool outlets_finish(struct outlets *o, struct error *err)
{
	/* All of it, whatever fails: the first failure is told. */
	bool fine = outlets_fine(o, err);

	fine = outlets_flush(o, fine ? err : NULL) && fine;
	fine = outputs_finish(o->all, o->n, fine ? err : NULL) && fine;
	return (!o->evidence || evidence_finish(o->evidence, fine ? err : NULL)) && fine;
}
