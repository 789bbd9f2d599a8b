/* SPDX-License-Identifier: BSD-2-Clause
 * Fills templates of the documentation from the program's own tables: a line that is nothing but "@name@" gives way to
 * what the table of generators below writes for it; all other lines are copied. Manual pages are mdoc(7).
 * usage: manual RULES <template >page */
#include <stdio.h>
#include <string.h>

#include "../sensord/app/cli.h"
#include "../sensord/app/sensor.h"
#include "base/attributes.h"
#include "base/text.h"
#include "detect/rule.h"
#include "record/record.h"
#include "site/site.h"

#define LINE_MAX_BYTES 4096

/* ---- mdoc ---- */

/* Text as text: no escape, no request at the start of a line; each sentence begins one. */
static void put_mdoc(const char *s)
{
	if (*s == '.' || *s == '\'')
		fputs("\\&", stdout);
	for (; *s; s++) {
		if (*s == '.' && s[1] == ' ' && s[2] >= 'A' && s[2] <= 'Z') {
			puts(".");
			s++;
		} else if (*s == '\\') {
			fputs("\\e", stdout);
		} else {
			putchar(*s);
		}
	}
}

/* A sentence; mdoc(7) takes the end of a line for the end of a sentence only where there is a full stop. */
static void put_sentence(const char *s)
{
	size_t size = strlen(s);

	put_mdoc(s);
	puts(size && strchr(".!?)", s[size - 1]) ? "" : ".");
}

static void put_option(const struct option_row *row)
{
	fputs(".It", stdout);
	if (row->letter)
		printf(" Fl %c ,", row->letter);
	printf(" Fl -%s", row->name);
	if (row->argument && row->argument[0] == '[')
		printf(" Ns Oo = Ns Ar %.*s Oc", (int)strcspn(row->argument + 2, "]"), row->argument + 2);
	else if (row->argument)
		printf(" Ar %s", row->argument);
	putchar('\n');
	put_sentence(row->help);
}

static void put_commands(const char *rules)
{
	(void)rules;
	for (size_t i = 0; commands[i]; i++) {
		const struct command *c = commands[i];
		printf(".Ss sensord %s\n.Dl sensord %s ", c->name, c->name);
		put_mdoc(c->synopsis);
		fputs("\n.Pp\nThis command ", stdout);
		put_sentence(c->about);
		if (!c->options->name)
			continue;
		puts(".Bl -tag -width Ds");
		for (const struct option_row *row = c->options; row->name; row++)
			put_option(row);
		puts(".El");
	}
}

static void put_setting(void *context, const char *path, const char *takes, const char *fallback, const char *help)
{
	(void)context;
	printf(".It Cm %s\n", path);
	put_sentence(help);
	fputs("Takes ", stdout);
	put_mdoc(takes);
	if (fallback && *fallback) {
		fputs("; default: ", stdout);
		put_mdoc(fallback);
	}
	puts(".");
}

static void put_settings(const char *rules)
{
	(void)rules;
	puts(".Bl -tag -width Ds");
	site_help(put_setting, NULL);
	puts(".El");
}

static void put_fields(const char *rules)
{
	const enum field *order = fields_by_name();

	(void)rules;
	puts(".Bl -tag -width Ds");
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		const struct field_row *row = &fields[order[i]];
		printf(".It Va %s\n", row->name);
		put_sentence(row->doc);
		printf("Type %s%s; ", field_type_name(row->type), row->list ? ", a list" : "");
		printf(strcmp(row->kinds, "*") == 0 ? "of every record.\n" : "of records of kind: %s.\n", row->kinds);
	}
	puts(".El");
}

static void put_datasets(const char *rules)
{
	(void)rules;
	for (enum dataset d = 0; d < DATASET_COUNT; d++)
		printf("%s%s", dataset_name(d), d + 1 == DATASET_COUNT ? "\n" : ",\n");
}

static void put_rules(const char *path)
{
	struct site *site = site_default();
	size_t problems = 0;
	struct rules *rules = site ? sensor_load_rules(site, &path, 1, &problems) : NULL;

	puts(".Bl -tag -width Ds");
	for (size_t i = 0; rules && i < rules_count(rules); i++) {
		const struct rule_about *r = rules_about(rules, i);
		printf(".It %s Pq %s%s%s\n", r->name, level_name(r->level), r->measure ? ", measure set " : "", r->measure ? r->measure : "");
		put_sentence(r->title);
	}
	puts(".El");
	rules_free(rules);
	site_free(site);
}

/* ---- shells ---- */

static void put_bash(const char *rules)
{
	(void)rules;
	for (size_t i = 0; commands[i]; i++) {
		printf("\t%s) words=\"", commands[i]->name);
		for (const struct option_row *row = commands[i]->options; row->name; row++)
			printf("--%s%s ", row->name, row->argument && row->argument[0] != '[' ? "=" : "");
		puts("--help\" ;;");
	}
}

static void put_bash_commands(const char *rules)
{
	(void)rules;
	fputs("\tlocal commands=\"", stdout);
	for (size_t i = 0; commands[i]; i++)
		printf("%s%s", i ? " " : "", commands[i]->name);
	puts("\"");
}

/* In single quotes; brackets and colons mean something to _arguments. */
static void put_zsh_text(const char *s)
{
	for (; *s; s++) {
		if (*s == '\'')
			fputs("'\\''", stdout);
		else if (strchr("[]:", *s))
			printf("\\%c", *s);
		else
			putchar(*s);
	}
}

static void put_zsh(const char *rules)
{
	(void)rules;
	for (size_t i = 0; commands[i]; i++) {
		printf("\t%s) _arguments", commands[i]->name);
		for (const struct option_row *row = commands[i]->options; row->name; row++) {
			printf(" \\\n\t\t'*--%s%s[", row->name, row->argument && row->argument[0] != '[' ? "=" : "");
			put_zsh_text(row->help);
			printf(row->argument && row->argument[0] != '[' ? "]:%s:_files'" : "]'", row->argument);
		}
		puts(" \\\n\t\t'*:file:_files' ;;");
	}
}

static void put_zsh_commands(const char *rules)
{
	(void)rules;
	for (size_t i = 0; commands[i]; i++) {
		printf("\t\t'%s:", commands[i]->name);
		put_zsh_text(commands[i]->about);
		puts("'");
	}
}

/* ---- search engines ---- */

static void put_mapping(const char *rules)
{
	/* ECS: text that is compared whole is a keyword; long ones are cut in the index, not in the document. */
	static const char *const types[] = {
		[FIELD_TYPE_TEXT] = "\"keyword\", \"ignore_above\": 1024", [FIELD_TYPE_UINT] = "\"unsigned_long\"",
		[FIELD_TYPE_REAL] = "\"double\"", [FIELD_TYPE_BOOL] = "\"boolean\"", [FIELD_TYPE_IP] = "\"ip\"",
		[FIELD_TYPE_TIME] = "\"date_nanos\"",
	};
	const enum field *order = fields_by_name();
	bool first = true;

	(void)rules;
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		const struct field_row *row = &fields[order[i]];
		if (row->type == FIELD_TYPE_SECRET)
			continue;
		printf("%s        \"%s\": { \"type\": %s }", first ? "" : ",\n", row->name, types[row->type]);
		first = false;
	}
	putchar('\n');
}

static const struct generator {
	const char *name;
	void (*put)(const char *rules);
} generators[] = {
	{ "commands", put_commands },           { "settings", put_settings },         { "fields", put_fields },
	{ "datasets", put_datasets },           { "rules", put_rules },               { "bash", put_bash },
	{ "bash-commands", put_bash_commands }, { "zsh", put_zsh },                   { "zsh-commands", put_zsh_commands },
	{ "mapping", put_mapping },
};

static const struct generator *find(const char *line)
{
	struct bytes b = bytes_of((const uint8_t *)line, strcspn(line, "\n"));

	if (b.size < 3 || b.at[0] != '@' || b.at[b.size - 1] != '@')
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(generators); i++)
		if (bytes_equal(bytes_of(b.at + 1, b.size - 2), bytes_string(generators[i].name)))
			return &generators[i];
	return NULL;
}

int main(int argc, char **argv)
{
	char line[LINE_MAX_BYTES];

	if (argc != 2) {
		fputs("usage: manual RULES <template >page\n", stderr);
		return 2;
	}
	while (fgets(line, sizeof(line), stdin)) {
		const struct generator *g = find(line);
		if (g)
			g->put(argv[1]);
		else
			fputs(line, stdout);
	}
	return ferror(stdin) || fflush(stdout) ? 1 : 0;
}
