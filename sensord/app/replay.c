/* SPDX-License-Identifier: BSD-2-Clause
 * sensord replay: capture files through the same engine, the clock driven by the packets. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"
#include "infer.h"
#include "sensor.h"
#include "summary.h"

#define PATHS_MAX 65536

enum { OPTION_CONFIG, OPTION_RULES, OPTION_ALERTS, OPTION_EVENTS, OPTION_FILTER, OPTION_SUMMARY, OPTION_FAIL_ON };

static const struct option_row options[] = {
	[OPTION_CONFIG] = { "config", 'c', "SITE", "site file (without one: built-in defaults, proxies inferred)" },
	[OPTION_RULES] = { "rules", 'r', "PATH", "rule file or folder, instead of those of the site; may be given again" },
	[OPTION_ALERTS] = { "alerts", 'a', "DEST", "where alerts go: a file, - (standard output, the default) or none" },
	[OPTION_EVENTS] = { "events", 'e', "DEST", "write every record too: a file or -" },
	[OPTION_FILTER] = { "filter", 'f', "BPF", "look only at packets that match (pcap-filter(7))" },
	[OPTION_SUMMARY] = { "summary", 's', NULL, "end with a summary on standard error (always on a terminal)" },
	[OPTION_FAIL_ON] = { "fail-on", 0, "LEVEL", "exit 1 where an alert of this level or a higher one was opened" },
	{ 0 },
};

struct arguments {
	struct sensor_options sensor;
	const char *paths[PATHS_MAX];
	size_t n_paths;
	const char *filter;
	enum level fail_on;
	bool fails, summary;
};

static bool take(struct arguments *a, int option)
{
	switch (option) {
	case OPTION_CONFIG:
		a->sensor.site_path = optarg;
		return true;
	case OPTION_RULES:
		if (a->sensor.n_rule_paths == ARRAY_SIZE(a->sensor.rule_paths))
			return false;
		a->sensor.rule_paths[a->sensor.n_rule_paths++] = optarg;
		return true;
	case OPTION_ALERTS:
		a->sensor.alerts = optarg;
		return true;
	case OPTION_EVENTS:
		a->sensor.events = optarg;
		return true;
	case OPTION_FILTER:
		a->filter = optarg;
		return true;
	case OPTION_SUMMARY:
		a->summary = true;
		return true;
	case OPTION_FAIL_ON:
		a->fails = level_find(optarg, &a->fail_on);
		if (!a->fails)
			fprintf(stderr, "sensord: --fail-on: \"%s\" is no level (informational, low, medium, high, critical)\n", optarg);
		return a->fails;
	default:
		if (a->n_paths == PATHS_MAX)
			return false;
		a->paths[a->n_paths++] = optarg;
		return true;
	}
}

static enum exit_code fail(const struct error *err)
{
	char text[1024];

	fprintf(stderr, "sensord: %s\n", error_format(err, text, sizeof(text)));
	return EXIT_COULD_NOT;
}

static bool read_all(struct sensor *s, struct capture *c, bool progress, struct error *err)
{
	struct frame frame;
	unsigned n = 0;

	while (capture_next(c, &frame) == CAPTURE_FRAME) {
		if (!sensor_frame(s, &frame, err))
			return false;
		if (progress && (++n & 0xfff) == 0)
			summary_progress(c, s, false);
	}
	if (progress)
		summary_progress(c, s, true);
	return sensor_finish(s, err);
}

static enum exit_code replay(const struct arguments *a)
{
	struct error err = { 0 };
	struct capture_settings settings = { .filter = a->filter, .again = !a->sensor.site_path };
	struct capture *c = capture_open(a->paths, a->n_paths, &settings, &err);
	bool terminal = isatty(STDERR_FILENO);
	enum exit_code code = EXIT_FINE;
	clock_t began = clock();

	if (!c)
		return fail(&err);
	struct sensor *s = sensor_new(&a->sensor, &err);
	if (!s || (!a->sensor.site_path && (!infer_site(sensor_site(s), c, &err) || !capture_rewind(c, &err))) ||
	    !read_all(s, c, terminal, &err)) {
		code = fail(&err);
	} else {
		if (terminal || a->summary)
			summary_print(s, (double)(clock() - began) / CLOCKS_PER_SEC);
		if (a->fails && sensor_alerted(s, a->fail_on))
			code = EXIT_ANSWER_NO;
	}
	for (size_t i = 0; i < capture_problems(c); i++) {
		fprintf(stderr, "sensord: %s\n", capture_problem(c, i));
		code = EXIT_COULD_NOT;
	}
	sensor_free(s);
	capture_close(c);
	return code;
}

static enum exit_code run(int argc, char **argv)
{
	static struct arguments a;
	int option;

	a = (struct arguments){ .sensor.alerts = "-" };
	while ((option = cli_option(&command_replay, argc, argv)) != -1) {
		if (option == -3)
			return EXIT_FINE;
		if (option == -2 || !take(&a, option))
			return EXIT_COULD_NOT;
	}
	while (optind < argc && a.n_paths < PATHS_MAX)
		a.paths[a.n_paths++] = argv[optind++];
	if (a.n_paths == 0) {
		fprintf(stderr, "sensord: replay: no capture given\nusage: sensord replay %s\n", command_replay.synopsis);
		return EXIT_COULD_NOT;
	}
	return replay(&a);
}

const struct command command_replay = {
	.name = "replay",
	.synopsis = "[-c SITE] [--alerts DEST] [--events DEST] FILE|DIR|- …",
	.about = "reads captures and prints explained alerts as NDJSON",
	.options = options,
	.run = run,
};
