/* SPDX-License-Identifier: BSD-2-Clause
 * Commands: one file each, one row each in cli.c. */
#ifndef APP_CLI_H
#define APP_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum exit_code {
	EXIT_FINE = 0,
	EXIT_ANSWER_NO = 1, /* the input was read and the answer is no */
	EXIT_COULD_NOT = 2, /* bad usage, unreadable file, bad configuration */
};

/* One option of a command: what getopt_long, --help and the manual page are made of. */
struct option_row {
	const char *name;     /* long name; NULL ends the table */
	char letter;          /* 0: none */
	const char *argument; /* name of its argument; NULL: none; "[=X]": optional */
	const char *help;
};

struct command {
	const char *name, *synopsis, *about;
	const struct option_row *options;
	/* argv[0] is the command's name. Returns an exit code. */
	enum exit_code (*run)(int argc, char **argv);
};

extern const struct command command_replay, command_run, command_ctl, command_audit, command_learn, command_ledger,
	command_check, command_rules, command_fields, command_verify;

/* All of them in the order of the overview, NULL-terminated: what main, the manual and the shell completion read. */
extern const struct command *const commands[];

#define CLI_OPERAND 32 /* given back in place of an option's index: an operand, its text is optarg */

/* Goes through the whole command line: each option (index of its row) and each operand (CLI_OPERAND) is handed to take,
 * which says on standard error what is wrong with it and returns false. False where the command is not to be run: it
 * ends with *ret (help was asked for, or bad usage). */
bool cli_read(const struct command *c, int argc, char **argv, bool (*take)(void *to, int option, const char *argument),
	      void *to, enum exit_code *ret);
/* Adds to a list with a ceiling; false, told on standard error, where it is full. */
bool cli_add(const char **list, size_t *n, size_t max, const char *what, const char *argument);
/* A site file and its rules, as `check` and `rules` take them: their first two options. */
enum { CLI_CONFIG, CLI_RULES, CLI_OF_SITE };
#define CLI_SITE_ROWS(of_rules) \
	[CLI_CONFIG] = { "config", 'c', "SITE", "site file" }, [CLI_RULES] = { "rules", 'r', "PATH", of_rules }
struct cli_site {
	const char *path, *rules[32];
	size_t n_rules;
};
/* hint: what is said of an operand, which there is none of. */
bool cli_take_site(const struct command *c, struct cli_site *site, int option, const char *argument, const char *hint);
/* "sensord: …" on standard error; EXIT_COULD_NOT. */
enum exit_code cli_fail(const struct error *err);
/* "sensord: COMMAND: what is wrong" and the usage on standard error; EXIT_COULD_NOT. */
enum exit_code cli_misused(const struct command *c, const char *format, ...) PRINTF(2, 3);

int cli_main(int argc, char **argv);

#endif
