/* SPDX-License-Identifier: BSD-2-Clause
 * sensord check: site file and rules, every problem as file:line:column: message. */
#include <stdio.h>

#include "cli.h"
#include "outputs.h"
#include "sensor.h"

enum { OPTION_CONFIG, OPTION_RULES };

static const struct option_row options[] = {
	[OPTION_CONFIG] = { "config", 'c', "SITE", "site file" },
	[OPTION_RULES] = { "rules", 'r', "PATH", "rule file or folder; may be given again (default: those of the site, or ours)" },
	{ 0 },
};

static void print_line(void *to, const struct error *line)
{
	char text[1024];

	(void)to;
	fprintf(stderr, "%s\n", error_format(line, text, sizeof(text)));
}

static enum exit_code check(const char *site_path, const char *const *paths, size_t n_paths)
{
	struct error err = { 0 };
	char text[1024];
	size_t problems;
	struct site *site = sensor_read_site(site_path, &err);

	if (!site) {
		fprintf(stderr, "%s\n", error_format(&err, text, sizeof(text)));
		return EXIT_ANSWER_NO;
	}
	struct rules *rules = sensor_load_rules(site, paths, n_paths, &problems);
	problems += site_path ? outputs_check(site, site_path, print_line, NULL) : 0;
	enum exit_code code = rules && problems == 0 ? EXIT_FINE : EXIT_ANSWER_NO;
	if (code == EXIT_FINE)
		printf("%s: fine; %zu rules: fine\n", site_path ? site_path : "built-in site", rules_count(rules));
	rules_free(rules);
	site_free(site);
	return code;
}

struct arguments {
	const char *site_path, *paths[32];
	size_t n_paths;
};

static bool take(void *to, int option, const char *argument)
{
	struct arguments *a = to;

	if (option == OPTION_CONFIG)
		a->site_path = argument;
	else if (option == OPTION_RULES)
		return cli_add(a->paths, &a->n_paths, ARRAY_SIZE(a->paths), "--rules", argument);
	else
		cli_misused(&command_check, "\"%s\" is too much (a site file is named with -c)", argument);
	return option != CLI_OPERAND;
}

static enum exit_code run(int argc, char **argv)
{
	struct arguments a = { 0 };
	enum exit_code code;

	return cli_read(&command_check, argc, argv, take, &a, &code) ? check(a.site_path, a.paths, a.n_paths) : code;
}

const struct command command_check = {
	.name = "check",
	.synopsis = "[-c SITE] [--rules PATH]…",
	.about = "validates a site file and rules",
	.options = options,
	.run = run,
};
