/* SPDX-License-Identifier: BSD-2-Clause
 * Commands: one file each, one row each in cli.c. */
#ifndef APP_CLI_H
#define APP_CLI_H

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

extern const struct command command_audit, command_learn;
extern const struct command command_replay, command_run, command_ledger, command_check, command_fields, command_rules;

/* The next option of a command: its row's index, or -1 at the end of the options (optind is then the first operand),
 * or -2 on bad usage (already told on standard error), or -3 where --help was given (already printed). */
int cli_option(const struct command *c, int argc, char **argv);

int cli_main(int argc, char **argv);

#endif
