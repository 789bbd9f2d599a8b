/* SPDX-License-Identifier: BSD-2-Clause
 * Which command is meant, and what every command shares of options and help. */
#include "cli.h"

#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/attributes.h"
#include "base/text.h"

#define OPTIONS_MAX CLI_OPERAND

const struct command *const commands[] = {
	&command_replay, &command_run,   &command_ctl,    &command_audit, &command_learn, &command_ledger,
	&command_check,  &command_rules, &command_fields, &command_verify, NULL,
};

static void print_options(const struct option_row *row)
{
	for (; row->name; row++) {
		char room[64];
		struct text t = TEXT_ON(room);
		if (row->letter)
			text_printf(&t, "-%c, ", row->letter);
		else
			text_string(&t, "    ");
		text_printf(&t, "--%s", row->name);
		if (row->argument)
			text_printf(&t, "%s%s", row->argument[0] == '[' ? "" : " ", row->argument);
		printf("  %-30s %s\n", text_end(&t), row->help);
	}
	printf("  %-30s %s\n", "-h, --help", "this text");
}

static void print_help(const struct command *c)
{
	printf("usage: sensord %s %s\n\n%s\n\n", c->name, c->synopsis, c->about);
	print_options(c->options);
}

static int usage_error(const struct command *c)
{
	fprintf(stderr, "usage: sensord %s %s\n       sensord %s --help tells more\n", c->name, c->synopsis, c->name);
	return -2;
}

/* The next option: its row's index, CLI_OPERAND, -1 at the end of them (optind is then the first operand), -2 on bad usage
 * (told already), -3 where --help was given (printed already). */
static int next_option(const struct command *c, int argc, char **argv)
{
	struct option longs[OPTIONS_MAX + 2];
	char letters[3 * OPTIONS_MAX + 4] = "+h";
	size_t n = 0, at = 2;

	memset(longs, 0, sizeof(longs));
	for (const struct option_row *row = c->options; row->name && n < OPTIONS_MAX; row++, n++) {
		int has = !row->argument ? no_argument : row->argument[0] == '[' ? optional_argument : required_argument;
		longs[n] = (struct option){ row->name, has, NULL, 256 + (int)n };
		if (!row->letter)
			continue;
		letters[at++] = row->letter;
		if (has == required_argument)
			letters[at++] = ':';
	}
	letters[0] = '-'; /* operands may stand between the options: given back as 1 */
	longs[n] = (struct option){ "help", no_argument, NULL, 'h' };
	int got = getopt_long(argc, argv, letters, longs, NULL);
	if (got == -1)
		return -1;
	if (got == 1)
		return CLI_OPERAND;
	if (got == 'h') {
		print_help(c);
		return -3;
	}
	if (got >= 256)
		return got - 256;
	for (size_t i = 0; i < n; i++)
		if (c->options[i].letter == got)
			return (int)i;
	return usage_error(c);
}

bool cli_read(const struct command *c, int argc, char **argv, bool (*take)(void *to, int option, const char *argument),
	      void *to, enum exit_code *ret)
{
	int option;

	while ((option = next_option(c, argc, argv)) != -1) {
		*ret = option == -3 ? EXIT_FINE : EXIT_COULD_NOT;
		if (option < 0 || !take(to, option, optarg))
			return false;
	}
	*ret = EXIT_COULD_NOT;
	for (; optind < argc; optind++) /* what stands behind "--" */
		if (!take(to, CLI_OPERAND, argv[optind]))
			return false;
	return true;
}

bool cli_add(const char **list, size_t *n, size_t max, const char *what, const char *argument)
{
	if (*n < max) {
		list[(*n)++] = argument;
		return true;
	}
	fprintf(stderr, "sensord: more than %zu %s\n", max, what);
	return false;
}

bool cli_take_site(const struct command *c, struct cli_site *site, int option, const char *argument, const char *hint)
{
	if (option == CLI_CONFIG)
		site->path = argument;
	else if (option == CLI_RULES)
		return cli_add(site->rules, &site->n_rules, ARRAY_SIZE(site->rules), "--rules", argument);
	else
		cli_misused(c, "\"%s\" is too much (%s)", argument, hint);
	return option != CLI_OPERAND;
}

enum exit_code cli_fail(const struct error *err)
{
	char text[1024];

	fprintf(stderr, "sensord: %s\n", error_format(err, text, sizeof(text)));
	return EXIT_COULD_NOT;
}

enum exit_code cli_misused(const struct command *c, const char *format, ...)
{
	va_list values;

	fprintf(stderr, "sensord: %s: ", c->name);
	va_start(values, format);
	vfprintf(stderr, format, values);
	va_end(values);
	fprintf(stderr, "\nusage: sensord %s %s\n", c->name, c->synopsis);
	return EXIT_COULD_NOT;
}

static void print_overview(FILE *to)
{
	fprintf(to, "usage: sensord COMMAND [OPTION…]\n\nWatches whether the six internal measure sets (A-F) of IPA hold.\n\n");
	for (size_t i = 0; commands[i]; i++)
		fprintf(to, "  %-8s %s\n", commands[i]->name, commands[i]->about);
	fprintf(to, "\nsensord COMMAND --help tells more of one.\n");
}

static int dispatch(int argc, char **argv)
{
	if (argc < 2) {
		print_overview(stderr);
		return EXIT_COULD_NOT;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_overview(stdout);
		return EXIT_FINE;
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		printf("sensord %s\n", PACKAGE_VERSION);
		return EXIT_FINE;
	}
	for (size_t i = 0; commands[i]; i++)
		if (strcmp(argv[1], commands[i]->name) == 0)
			return (int)commands[i]->run(argc - 1, argv + 1);
	fprintf(stderr, "sensord: there is no command \"%s\"\n", argv[1]);
	print_overview(stderr);
	return EXIT_COULD_NOT;
}

int cli_main(int argc, char **argv)
{
	/* A reader that has gone is an error of its output, told like any other. */
	sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	int code = dispatch(argc, argv);
	if (code == EXIT_COULD_NOT || (fflush(stdout) == 0 && !ferror(stdout)))
		return code;
	fprintf(stderr, "sensord: standard output: cannot write\n");
	return EXIT_COULD_NOT;
}
