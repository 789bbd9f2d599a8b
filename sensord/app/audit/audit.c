/* SPDX-License-Identifier: BSD-2-Clause
 * sensord audit: is each control of the site shown to hold (MEASURES 16)? Captures and a site file in, a verdict for
 * every cell out. Exit 0: nothing violated and as much decided as --coverage asks; 1: not so; 2: could not be done. */
#include "audit.h"

#include <stdlib.h>
#include <unistd.h>

#include "audit_write.h"
#include "cli.h"
#include "sensor.h"

#define PATHS_MAX 65536

enum { OPTION_CONFIG, OPTION_RULES, OPTION_FORMAT, OPTION_PLAN, OPTION_BASELINE, OPTION_ATTEMPTS, OPTION_COVERAGE, OPTION_WIRES,
       OPTION_STRICT, OPTION_COLOR };

static const struct option_row options[] = {
	[OPTION_CONFIG] = { "config", 'c', "SITE", "site file: zones, policy, proxies and accounts that have to be proven" },
	[OPTION_RULES] = { "rules", 'r', "PATH", "rules instead of those of the site file or of the program" },
	[OPTION_FORMAT] = { "format", 0, "FORMAT", "text (the default), json, junit or html" },
	[OPTION_PLAN] = { "plan", 0, "[=FORM]", "what is still to be tried, and from where: text (the default) or sh; without a FILE: everything" },
	[OPTION_BASELINE] = { "baseline", 0, "FILE", "an earlier audit (--format json): tells what has changed" },
	[OPTION_ATTEMPTS] = { "attempts", 0, "N", "stopped attempts that prove a forbidden cell (1)" },
	[OPTION_COVERAGE] = { "coverage", 0, "PERCENT", "of the cells, without the exempt and the not visible, that have to be decided (100)" },
	[OPTION_WIRES] = { "wires", 0, "LIST", "wires that were mirrored, as W1,W2,W5: what only another one shows is NOT_VISIBLE" },
	[OPTION_STRICT] = { "strict", 0, NULL, "junit: NOT_EXERCISED and INCONCLUSIVE are failures, not skipped" },
	[OPTION_COLOR] = { "color", 0, "WHEN", "colours in text: auto (on a terminal, the default), always or never" },
	{ 0 },
};

enum form { FORM_TEXT, FORM_JSON, FORM_JUNIT, FORM_HTML, FORM_PLAN, FORM_SCRIPT };

struct arguments {
	struct sensor_options sensor;
	struct audit_options audit;
	const char *paths[PATHS_MAX];
	size_t n_paths;
	const char *baseline;
	enum form form;
	bool colours;
};

/* The audit needs the sensor's site, and the sensor's first record comes only later. */
struct relay {
	struct audit *audit;
};

static void relay_record(void *to, const struct record *r)
{
	audit_record(((struct relay *)to)->audit, r);
}

static void relay_alert(void *to, const struct record *r)
{
	audit_alert(((struct relay *)to)->audit, r);
}

static bool read_all(struct sensor *s, struct capture *c, struct audit *a, struct error *err)
{
	struct frame frame;

	while (c && capture_next(c, &frame) == CAPTURE_FRAME) {
		a->quality.snapped += frame.data.size < frame.wire_size;
		if (!sensor_frame(s, &frame, err))
			return false;
	}
	return sensor_finish(s, err);
}

static void take_quality(struct audit *a, const struct sensor *s, const struct capture *c)
{
	struct sensor_counts n = sensor_counts(s);

	a->quality.packets = n.frames;
	a->quality.bytes = n.bytes;
	a->quality.first_ns = n.first_ns;
	a->quality.last_ns = n.last_ns;
	a->quality.malformed = n.decoder->malformed;
	a->quality.missed_bytes = n.engine->gap_bytes;
	a->quality.stream_bytes = n.engine->bytes;
	a->quality.evicted = n.engine->flows_evicted;
	a->quality.problems = c ? capture_problems(c) : 0;
}

static bool write_out(const struct arguments *o, const struct audit *a, const struct audit_drifts *d)
{
	switch (o->form) {
	case FORM_TEXT: return audit_write_text(stdout, a, d, o->colours);
	case FORM_JSON: return audit_write_json(stdout, a, d);
	case FORM_JUNIT: return audit_write_junit(stdout, a, d);
	case FORM_HTML: return audit_write_html(stdout, a, d) && fflush(stdout) == 0;
	case FORM_PLAN: return audit_write_plan(stdout, a, false);
	case FORM_SCRIPT: return audit_write_plan(stdout, a, true);
	}
	return false;
}

static enum exit_code tell(const struct arguments *o, struct audit *a)
{
	struct audit_drifts drifts = { 0 };
	struct error err = { 0 };
	enum exit_code code = EXIT_COULD_NOT;

	audit_decide(a);
	if (o->baseline && !audit_drift_read(a, o->baseline, &drifts, &err)) {
		code = cli_fail(&err);
	} else if (!write_out(o, a, &drifts)) {
		error_set(&err, "standard output: cannot write");
		code = cli_fail(&err);
	} else {
		/* A plan is no verdict. */
		code = audit_passed(a) || o->form >= FORM_PLAN ? EXIT_FINE : EXIT_ANSWER_NO;
	}
	audit_drift_release(&drifts);
	return code;
}

static enum exit_code audit(struct arguments *o)
{
	struct error err = { 0 };
	enum exit_code code = EXIT_COULD_NOT;
	struct relay relay = { NULL };
	struct sensor *s = NULL;
	struct capture *c = o->n_paths ? capture_open(o->paths, o->n_paths, NULL, &err) : NULL;

	if (o->n_paths && !c)
		return cli_fail(&err);
	o->sensor.see = relay_record;
	o->sensor.see_to = &relay;
	o->sensor.tell = relay_alert;
	o->sensor.every_alert = true;
	o->sensor.tell_to = &relay;
	o->sensor.see_datasets = DATASET_BIT(DATASET_FLOW) | DATASET_BIT(DATASET_PROXY) | DATASET_BIT(DATASET_TUNNEL) |
				 DATASET_BIT(DATASET_AUTH) | DATASET_BIT(DATASET_DCE_RPC);
	s = sensor_new(&o->sensor, &err);
	relay.audit = s ? audit_new(sensor_site(s), &o->audit) : NULL;
	if (s && !relay.audit)
		error_set(&err, "out of memory");
	if (!relay.audit || !read_all(s, c, relay.audit, &err)) {
		code = cli_fail(&err);
	} else {
		take_quality(relay.audit, s, c);
		code = tell(o, relay.audit);
	}
	for (size_t i = 0; c && i < capture_problems(c); i++) {
		fprintf(stderr, "sensord: %s\n", capture_problem(c, i));
		code = EXIT_COULD_NOT;
	}
	audit_free(relay.audit);
	sensor_free(s);
	capture_close(c);
	return code;
}

/* ---- arguments ---- */

static int choice(const char *option, const char *word, const char *const *words)
{
	for (int i = 0; words[i]; i++)
		if (strcmp(word, words[i]) == 0)
			return i;
	fprintf(stderr, "sensord: audit: --%s: \"%s\" is none of", option, word);
	for (int i = 0; words[i]; i++)
		fprintf(stderr, "%s %s", i ? "," : "", words[i]);
	fputc('\n', stderr);
	return -1;
}

static bool number(const char *option, const char *text, unsigned min, unsigned max, unsigned *ret)
{
	uint64_t n;

	if (!bytes_decimal(bytes_string(text), max, &n) || n < min) {
		fprintf(stderr, "sensord: audit: --%s: \"%s\" is no number from %u to %u\n", option, text, min, max);
		return false;
	}
	*ret = (unsigned)n;
	return true;
}

static bool take_wires(struct arguments *o, const char *text)
{
	struct bytes rest = bytes_string(text);

	do {
		struct bytes one = bytes_split(&rest, ',');
		if (one.size != 2 || (one.at[0] | 0x20) != 'w' || one.at[1] < '1' || one.at[1] > '7') {
			fprintf(stderr, "sensord: audit: --wires: \"%s\" is no list of W1 to W7, as W1,W2\n", text);
			return false;
		}
		o->audit.wires |= (uint8_t)(1u << (one.at[1] - '0'));
	} while (rest.size);
	return true;
}

static bool take_form(struct arguments *o, const char *option, const char *word, const char *const *words, enum form first)
{
	int i = choice(option, word ? word : words[0], words);

	o->form = i < 0 ? o->form : first + (enum form)i;
	return i >= 0;
}

static bool take_colours(struct arguments *o, const char *word)
{
	static const char *const words[] = { "auto", "always", "never", NULL };
	int i = choice("color", word, words);

	o->colours = i == 1 || (i == 0 && isatty(STDOUT_FILENO));
	return i >= 0;
}

static bool take(void *to, int option, const char *argument)
{
	static const char *const formats[] = { "text", "json", "junit", "html", NULL }, *const plans[] = { "text", "sh", NULL };
	struct arguments *o = to;

	switch (option) {
	case OPTION_CONFIG: o->sensor.site_path = argument; return true;
	case OPTION_RULES: return cli_add(o->sensor.rule_paths, &o->sensor.n_rule_paths, ARRAY_SIZE(o->sensor.rule_paths), "rules", argument);
	case OPTION_FORMAT: return take_form(o, "format", argument, formats, FORM_TEXT);
	case OPTION_PLAN: return take_form(o, "plan", argument, plans, FORM_PLAN);
	case OPTION_BASELINE: o->baseline = argument; return true;
	case OPTION_ATTEMPTS: return number("attempts", argument, 1, 1000, &o->audit.attempts);
	case OPTION_COVERAGE: return number("coverage", argument, 0, 100, &o->audit.coverage);
	case OPTION_WIRES: return take_wires(o, argument);
	case OPTION_STRICT: o->audit.strict = true; return true;
	case OPTION_COLOR: return take_colours(o, argument);
	default: return cli_add(o->paths, &o->n_paths, PATHS_MAX, "captures", argument);
	}
}

static enum exit_code run(int argc, char **argv)
{
	static struct arguments o;
	enum exit_code code;

	o = (struct arguments){ .sensor.alerts = "none", .audit = { .attempts = 1, .coverage = 100 }, .colours = isatty(STDOUT_FILENO) };
	if (!cli_read(&command_audit, argc, argv, take, &o, &code))
		return code;
	if (!o.sensor.site_path)
		return cli_misused(&command_audit, "no site file given (-c SITE): it says what has to be proven; sensord learn proposes one");
	if (o.n_paths == 0 && o.form < FORM_PLAN)
		return cli_misused(&command_audit, "no capture given (--plan alone tells what to capture)");
	return audit(&o);
}

const struct command command_audit = {
	.name = "audit",
	.synopsis = "-c SITE [--format text|json|junit|html] [--plan[=text|sh]] [--baseline FILE] FILE|DIR|- …",
	.about = "proves before go-live that each control of the site holds, cell by cell",
	.options = options,
	.run = run,
};
