/* SPDX-License-Identifier: BSD-2-Clause
 * sensord check: site file and rules, every problem as file:line:column: message. */
#include <stdio.h>

#include "cli.h"
#include "outputs.h"
#include "sensor.h"

static const struct option_row options[] = {
	CLI_SITE_ROWS("rule file or folder; may be given again (default: those of the site, or ours)"),
	{ 0 },
};

static void print_line(void *to, const struct error *line)
{
	char text[1024];

	(void)to;
	fprintf(stderr, "%s\n", error_format(line, text, sizeof(text)));
}

static enum exit_code check(const struct cli_site *a)
{
	struct error err = { 0 };
	char text[1024];
	size_t problems;
	struct site *site = sensor_read_site(a->path, &err);

	if (!site) {
		fprintf(stderr, "%s\n", error_format(&err, text, sizeof(text)));
		return EXIT_ANSWER_NO;
	}
	struct rules *rules = sensor_load_rules(site, a->rules, a->n_rules, &problems);
	problems += a->path ? outputs_check(site, a->path, print_line, NULL) : 0;
	enum exit_code code = rules && problems == 0 ? EXIT_FINE : EXIT_ANSWER_NO;
	if (code == EXIT_FINE)
		printf("%s: fine; %zu rules: fine\n", a->path ? a->path : "built-in site", rules_count(rules));
	rules_free(rules);
	site_free(site);
	return code;
}

static bool take(void *to, int option, const char *argument)
{
	return cli_take_site(&command_check, to, option, argument, "a site file is named with -c");
}

static enum exit_code run(int argc, char **argv)
{
	struct cli_site a = { 0 };
	enum exit_code code;

	return cli_read(&command_check, argc, argv, take, &a, &code) ? check(&a) : code;
}

const struct command command_check = {
	.name = "check",
	.synopsis = "[-c SITE] [--rules PATH]…",
	.about = "validates a site file and rules",
	.options = options,
	.run = run,
};
