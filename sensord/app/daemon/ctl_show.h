/* SPDX-License-Identifier: BSD-2-Clause
 * Answers of the control socket for people: trees of names and values, lists as tables, alerts as a line each. Colour on
 * a terminal, unless NO_COLOR is set. */
#ifndef APP_CTL_SHOW_H
#define APP_CTL_SHOW_H

#include <stdio.h>

#include "conf/table.h"
#include "control_request.h"

/* Text that may come from the network: control characters become ?. */
void show_safe(FILE *to, const char *text);
void show_answer(FILE *to, enum control_verb verb, const struct node *answer);
/* A line of tail: an alert, a record, or how many lines were lost. */
void show_line(FILE *to, struct bytes line);

#endif
