/* SPDX-License-Identifier: BSD-2-Clause
 * A request at the control socket: one line, a command and options as KEY=VALUE, separated by blanks.
 *     tail kind=all level=medium measure=E
 * What may come from anybody who can reach the socket is untrusted. */
#ifndef APP_CONTROL_REQUEST_H
#define APP_CONTROL_REQUEST_H

#include "base/bytes.h"
#include "detect/rule.h"

enum control_verb {
	CONTROL_STATUS, CONTROL_STATS, CONTROL_HEALTH, CONTROL_TOP, CONTROL_TAIL, CONTROL_RELOAD, CONTROL_ROTATE, CONTROL_VERBS
};

struct control_request {
	enum control_verb verb;
	unsigned kinds;   /* tail: WATCH_ALERTS, WATCH_RECORDS; alerts where not said */
	enum level level; /* tail: alerts of this level and above */
	char measure;     /* tail: alerts of this measure set; 0: of all */
};

/* A row of the table: what `sensord ctl` and its help know of it too. */
struct control_command {
	const char *name, *options, *about;
};
extern const struct control_command control_commands[CONTROL_VERBS];

/* line: without its newline. False: err says what is wrong with it, in a form that can be sent back. */
bool control_parse(struct bytes line, struct control_request *ret, struct error *err) MUST_CHECK;

#endif
