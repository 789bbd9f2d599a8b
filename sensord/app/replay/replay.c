/* SPDX-License-Identifier: BSD-2-Clause
 * sensord replay: capture files through the same engine, the clock driven by the packets. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/attributes.h"
#include "base/instant.h"
#include "base/text.h"
#include "cli.h"
#include "concern.h"
#include "report/gather.h"
#include "learn/infer.h"
#include "threads/ring.h"
#include "parallel.h"
#include "report/report.h"
#include "sensor.h"
#include "summary.h"
#include "when.h"

#define PATHS_MAX 65536

enum { OPTION_CONFIG, OPTION_RULES, OPTION_ALERTS, OPTION_EVENTS, OPTION_FILTER, OPTION_FROM, OPTION_TO, OPTION_HOST,
       OPTION_ACCOUNT, OPTION_REPORT, OPTION_EVIDENCE, OPTION_SUMMARY, OPTION_JOBS, OPTION_FAIL_ON };

static const struct option_row options[] = {
	[OPTION_CONFIG] = { "config", 'c', "SITE", "site file (without one: built-in defaults, proxies inferred)" },
	[OPTION_RULES] = { "rules", 'r', "PATH", "rule file or folder, instead of those of the site; may be given again" },
	[OPTION_ALERTS] = { "alerts", 'a', "DEST", "where alerts go: a file, - (standard output, the default) or none" },
	[OPTION_EVENTS] = { "events", 'e', "DEST", "write every record too: a file or -" },
	[OPTION_FILTER] = { "filter", 'f', "BPF", "look only at packets that match (pcap-filter(7))" },
	[OPTION_FROM] = { "from", 0, "TIME", "look only at packets from then on: 2026-11-23T09:00[:30][+09:00] (else the site's clock), or a day" },
	[OPTION_TO] = { "to", 0, "TIME", "look only at packets up to then; the second, minute or day named belongs to it" },
	[OPTION_HOST] = { "host", 0, "HOST", "show only what concerns an address, network or host name; may be given again" },
	[OPTION_ACCOUNT] = { "account", 0, "NAME", "show only what concerns an account: USER, DOMAIN\\USER, with * and ?; may be given again" },
	[OPTION_REPORT] = { "report", 0, "FILE", "write a report for people too: one HTML page that stands alone (- is standard output)" },
	[OPTION_EVIDENCE] = { "evidence", 0, "DIR", "write the packets behind each alert there: a pcapng file each, named in the alert" },
	[OPTION_JOBS] = { "jobs", 'j', "N", "read with so many engines at once (default: 1); the output is the same" },
	[OPTION_SUMMARY] = { "summary", 's', NULL, "end with a summary on standard error (always on a terminal)" },
	[OPTION_FAIL_ON] = { "fail-on", 0, "LEVEL", "exit 1 where an alert of this level or a higher one was shown" },
	{ 0 },
};

struct moment {
	const char *text; /* NULL: not given */
	struct when when;
	unsigned unit;
};

struct arguments {
	struct sensor_options sensor;
	const char *paths[PATHS_MAX];
	size_t n_paths;
	const char *filter;
	struct moment from, to;
	struct concern concern;
	const char *hosts[CONCERNS_MAX]; /* as given, for people */
	size_t n_hosts;
	const char *report;
	enum level fail_on;
	bool fails, summary;
	unsigned jobs; /* 0: not given */
};

static bool take_moment(struct moment *m, const char *name, const char *text)
{
	m->text = text;
	if (when_parse(bytes_string(text), &m->when, &m->unit))
		return true;
	fprintf(stderr, "sensord: --%s: \"%s\" is no time (2026-11-23, 2026-11-23T09:00, or with an offset as in 2026-11-23T09:00+09:00)\n",
		name, text);
	return false;
}

static bool take_level(struct arguments *a, const char *name)
{
	a->fails = level_find(name, &a->fail_on);
	if (!a->fails)
		fprintf(stderr, "sensord: --fail-on: \"%s\" is no level (informational, low, medium, high, critical)\n", name);
	return a->fails;
}

static bool take_jobs(struct arguments *a, const char *text)
{
	uint64_t n = 0;

	if (!bytes_decimal(bytes_string(text), PARALLEL_JOBS, &n) || n == 0) {
		fprintf(stderr, "sensord: --jobs: \"%s\" is no number from 1 to %d\n", text, PARALLEL_JOBS);
		return false;
	}
	a->jobs = (unsigned)n;
	return true;
}

static bool take_concern(bool fine, const char *name, const struct error *err)
{
	if (!fine)
		fprintf(stderr, "sensord: --%s: %s\n", name, err->text);
	return fine;
}

static bool take(void *to, int option, const char *argument)
{
	struct arguments *a = to;
	struct error err = { 0 };

	switch (option) {
	case OPTION_CONFIG:
		a->sensor.site_path = argument;
		return true;
	case OPTION_RULES:
		return cli_add(a->sensor.rule_paths, &a->sensor.n_rule_paths, ARRAY_SIZE(a->sensor.rule_paths), "--rules", argument);
	case OPTION_ALERTS:
		a->sensor.alerts = argument;
		return true;
	case OPTION_EVIDENCE:
		a->sensor.evidence = argument;
		return true;
	case OPTION_EVENTS:
		a->sensor.events = argument;
		return true;
	case OPTION_FILTER:
		a->filter = argument;
		return true;
	case OPTION_FROM:
		return take_moment(&a->from, "from", argument);
	case OPTION_TO:
		return take_moment(&a->to, "to", argument);
	case OPTION_HOST:
		return take_concern(concern_add_host(&a->concern, argument, &err), "host", &err) &&
		       cli_add(a->hosts, &a->n_hosts, CONCERNS_MAX, "--host", argument);
	case OPTION_ACCOUNT:
		return take_concern(concern_add_account(&a->concern, argument, &err), "account", &err);
	case OPTION_REPORT:
		a->report = argument;
		return true;
	case OPTION_JOBS:
		return take_jobs(a, argument);
	case OPTION_SUMMARY:
		a->summary = true;
		return true;
	case OPTION_FAIL_ON:
		return take_level(a, argument);
	default:
		return cli_add(a->paths, &a->n_paths, PATHS_MAX, "captures", argument);
	}
}

/* The last nanosecond of the second, minute or day that was named. */
static uint64_t last_ns(const struct site *site, const struct moment *m)
{
	uint64_t at = when_ns(site, &m->when), rest = m->unit * NS_PER_S - 1;

	return at > UINT64_MAX - rest ? UINT64_MAX : at + rest;
}

static bool set_span(const struct arguments *a, const struct site *site, struct capture *c, struct error *err)
{
	uint64_t from = a->from.text ? when_ns(site, &a->from.when) : 0;
	uint64_t last = a->to.text ? last_ns(site, &a->to) : UINT64_MAX;

	if (from > last)
		return error_set(err, "--from %s is not before --to %s", a->from.text, a->to.text);
	capture_set_span(c, from, last);
	return true;
}

static void show_progress(void *to, const struct sensor_reading *reading, bool last)
{
	summary_progress(to, reading->frames, last);
}

static bool take_entry(void *to, const struct entry *e, struct error *err)
{
	return sensor_entry(to, e, err);
}

static bool read_parallel(struct sensor *s, struct capture *c, unsigned jobs, bool progress, struct error *err)
{
	struct sensor_reading reading;
	struct parallel_settings settings = {
		.jobs = jobs, .engine = sensor_engine_settings(s, jobs), .sensor = s, .take = take_entry, .to = s,
		.progress = progress ? show_progress : NULL, .progress_to = c,
	};

	if (!parallel_read(c, &settings, &reading, err))
		return false;
	sensor_set_reading(s, &reading);
	return sensor_finish(s, err);
}

static bool take_inference(void *to, const struct entry *e, struct error *err)
{
	(void)err;
	infer_note(to, e->record);
	return true;
}

static bool infer(const struct arguments *a, struct site *site, struct capture *c, struct error *err)
{
	struct sensor_reading reading;
	struct parallel_settings settings = {
		.jobs = a->jobs, .engine = engine_defaults, .keeps = infer_tells, .take = take_inference, .to = site,
	};

	settings.engine.datasets = INFER_DATASETS;
	settings.engine.memory_bytes /= a->jobs ? a->jobs : 1;
	return (a->jobs > 1 ? parallel_read(c, &settings, &reading, err) : infer_site(site, c, err)) && capture_rewind(c, err);
}

static bool read_all(struct sensor *s, struct capture *c, bool progress, struct error *err)
{
	struct frame frame;
	uint64_t n = 0;

	while (capture_next(c, &frame) == CAPTURE_FRAME) {
		if (!sensor_frame(s, &frame, err))
			return false;
		if (progress && (++n & 0xfff) == 0)
			summary_progress(c, n, false);
	}
	if (progress)
		summary_progress(c, n, true);
	return sensor_finish(s, err);
}

/* ---- for people: the summary and the report ---- */

struct told {
	const struct concern *concern;
	struct gather *gather;
};

static void on_alert(void *to, const struct record *alert)
{
	struct told *t = to;

	gather_alert(t->gather, alert);
}

static void on_record(void *to, const struct record *r)
{
	struct told *t = to;

	if (!concern_is_any(t->concern) || concern_is(t->concern, r))
		gather_record(t->gather, r);
}

static bool shows(const void *by, const struct record *r)
{
	return concern_is(by, r);
}

static void listen(struct arguments *a, struct told *t)
{
	a->sensor.tell = on_alert;
	a->sensor.tell_to = t;
	if (concern_is_any(&a->concern)) {
		a->sensor.shows = shows;
		a->sensor.shows_by = &a->concern;
	}
	if (a->report) {
		a->sensor.see = on_record;
		a->sensor.see_to = t;
		a->sensor.see_datasets = GATHER_DATASETS;
	}
}

/* What was asked for, as on the command line. */
static const char *chosen(const struct arguments *a, struct text *t)
{
	const struct { const char *name, *value; } one[] = { { "from", a->from.text }, { "to", a->to.text }, { "filter", a->filter } };

	for (size_t i = 0; i < ARRAY_SIZE(one); i++)
		if (one[i].value)
			text_printf(t, " --%s %s", one[i].name, one[i].value);
	for (size_t i = 0; i < a->n_hosts; i++)
		text_printf(t, " --host %s", a->hosts[i]);
	for (size_t i = 0; i < a->concern.n_accounts; i++)
		text_printf(t, " --account %s", a->concern.accounts[i]);
	const char *all = text_end(t);
	return all[0] ? all + 1 : all;
}

static bool tell_people(const struct arguments *a, struct told *t, struct sensor *s, struct capture *c, double seconds,
			struct error *err)
{
	const struct gathered *all = gather_finish(t->gather);
	bool terminal = isatty(STDERR_FILENO);
	char room[1024];
	struct text text = TEXT_ON(room);

	if (!all)
		return error_set(err, "out of memory");
	if (terminal || a->summary)
		summary_print(s, all, seconds);
	if (!a->report)
		return true;
	struct report r = { .all = all, .site = sensor_site(s), .counts = sensor_counts(s), .capture = c, .chosen = chosen(a, &text) };
	return report_write(&r, a->report, err);
}

/* ---- the command ---- */

static bool read_capture(const struct arguments *a, struct sensor *s, struct capture *c, struct error *err)
{
	if (!set_span(a, sensor_site(s), c, err))
		return false;
	if (!a->sensor.site_path && (!infer(a, sensor_site(s), c, err) || !sensor_learned(s, &a->sensor, err)))
		return false;
	bool progress = isatty(STDERR_FILENO);
	return a->jobs > 1 ? read_parallel(s, c, a->jobs, progress, err) : read_all(s, c, progress, err);
}

/* Packets nobody looked at: without a word, no alert would look like nothing wrong. */
static bool all_link_types_known(const struct sensor *s)
{
	struct sensor_counts c = sensor_counts(s);

	if (c.decoder->unknown_link == 0)
		return true;
	fprintf(stderr, "sensord: %" PRIu64 " of %" PRIu64 " packets have a link type that is not read, nothing in them was looked at; "
		"capture Ethernet, Linux cooked or raw IP\n", c.decoder->unknown_link, c.frames);
	return false;
}

static enum exit_code replay(struct arguments *a, struct told *t)
{
	struct error err = { 0 };
	struct capture_settings settings = { .filter = a->filter, .again = !a->sensor.site_path };
	struct capture *c = capture_open(a->paths, a->n_paths, &settings, &err);
	enum exit_code code = EXIT_FINE;
	clock_t began = clock();

	if (!c)
		return cli_fail(&err);
	if (a->sensor.evidence) /* the frames behind an alert are found where they were read */
		a->jobs = 1;
	a->sensor.workers_outside = a->jobs > 1;
	struct sensor *s = sensor_new(&a->sensor, &err);
	if (!s || !read_capture(a, s, c, &err) ||
	    !tell_people(a, t, s, c, (double)(clock() - began) / CLOCKS_PER_SEC, &err))
		code = cli_fail(&err);
	else if (a->fails && gather_alerted(t->gather, a->fail_on))
		code = EXIT_ANSWER_NO;
	for (size_t i = 0; i < capture_problems(c); i++) {
		fprintf(stderr, "sensord: %s\n", capture_problem(c, i));
		code = EXIT_COULD_NOT;
	}
	if (s && !all_link_types_known(s))
		code = EXIT_COULD_NOT;
	sensor_free(s);
	capture_close(c);
	return code;
}

static bool is_standard_output(const char *dest)
{
	return dest && strcmp(dest, "-") == 0;
}

static enum exit_code run(int argc, char **argv)
{
	static struct arguments a;
	struct told told = { &a.concern, NULL };
	enum exit_code code;

	a = (struct arguments){ .sensor.alerts = "-" };
	if (!cli_read(&command_replay, argc, argv, take, &a, &code))
		return code;
	if (a.n_paths == 0)
		return cli_misused(&command_replay, "no capture given");
	if (is_standard_output(a.report) && (is_standard_output(a.sensor.alerts) || is_standard_output(a.sensor.events)))
		return cli_misused(&command_replay, "--report - and alerts or events would both go to standard output (--alerts none)");
	told.gather = gather_new();
	if (!told.gather)
		return cli_fail(&(struct error){ .text = "out of memory" });
	listen(&a, &told);
	code = replay(&a, &told);
	gather_free(told.gather);
	return code;
}

const struct command command_replay = {
	.name = "replay",
	.synopsis = "[-c SITE] [--alerts DEST] [--events DEST] [--report FILE] FILE|DIR|- …",
	.about = "reads captures and prints explained alerts as NDJSON",
	.options = options,
	.run = run,
};
