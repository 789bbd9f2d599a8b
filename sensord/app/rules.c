/* SPDX-License-Identifier: BSD-2-Clause
 * sensord rules: the loaded rules by measure set. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "sensor.h"

enum { OPTION_JSON = CLI_OF_SITE };

static const struct option_row options[] = {
	CLI_SITE_ROWS("rule file or folder; may be given again"),
	[OPTION_JSON] = { "json", 'j', NULL, "as JSON, for tools" },
	{ 0 },
};

static void print_quoted(const char *s)
{
	putchar('"');
	for (; s && *s; s++) {
		if (*s == '"' || *s == '\\')
			printf("\\%c", *s);
		else if ((unsigned char)*s < 0x20)
			printf("\\u%04x", (unsigned)*s);
		else
			putchar(*s);
	}
	putchar('"');
}

static void print_member(const char *key, const char *value)
{
	printf("\"%s\": ", key);
	if (value)
		print_quoted(value);
	else
		printf("null");
	printf(", ");
}

static void print_json(const struct rule_about *r, bool last)
{
	printf("  {");
	print_member("id", r->rule_id);
	print_member("name", r->name);
	print_member("uuid", r->uuid);
	print_member("title", r->title);
	print_member("level", level_name(r->level));
	print_member("measure", r->measure);
	print_member("basis", r->basis);
	print_member("file", r->file);
	printf("\"enabled\": %s, \"techniques\": [", r->enabled ? "true" : "false");
	for (size_t i = 0; i < r->n_techniques; i++) {
		printf("%s", i ? ", " : "");
		print_quoted(r->techniques[i]);
	}
	printf("]}%s\n", last ? "" : ",");
}

static void print_text(const struct rule_about *r, const char *previous)
{
	const char *measure = r->measure ? r->measure : "-";

	if (!previous || strcmp(previous, measure) != 0)
		printf("%s%s\n", previous ? "\n" : "", r->measure ? measure : "other rules");
	printf("  %-18s %-13s %-8s %s%s\n", r->name ? r->name : r->rule_id, level_name(r->level), r->basis ? r->basis : "",
	       r->title, r->enabled ? "" : " (disabled)");
}

static void print_rules(const struct rules *rules, bool json)
{
	const char *previous = NULL;

	if (json)
		printf("[\n");
	for (size_t i = 0; i < rules_count(rules); i++) {
		const struct rule_about *r = rules_about(rules, i);
		if (json)
			print_json(r, i + 1 == rules_count(rules));
		else
			print_text(r, previous);
		previous = r->measure ? r->measure : "-";
	}
	if (json)
		printf("]\n");
}

struct arguments {
	struct cli_site site;
	bool json;
};

static bool take(void *to, int option, const char *argument)
{
	struct arguments *a = to;

	if (option != OPTION_JSON)
		return cli_take_site(&command_rules, &a->site, option, argument, "rules are named with -r");
	a->json = true;
	return true;
}

static enum exit_code list(const struct arguments *a)
{
	struct error err = { 0 };
	size_t problems;
	struct site *site = sensor_read_site(a->site.path, &err);

	if (!site)
		return cli_fail(&err);
	struct rules *rules = sensor_load_rules(site, a->site.rules, a->site.n_rules, &problems);
	if (rules)
		print_rules(rules, a->json);
	rules_free(rules);
	site_free(site);
	return rules ? EXIT_FINE : EXIT_COULD_NOT;
}

static enum exit_code run(int argc, char **argv)
{
	struct arguments a = { 0 };
	enum exit_code code;

	return cli_read(&command_rules, argc, argv, take, &a, &code) ? list(&a) : code;
}

const struct command command_rules = {
	.name = "rules",
	.synopsis = "[-c SITE] [--rules PATH]… [--json]",
	.about = "prints the loaded rules by measure set",
	.options = options,
	.run = run,
};
