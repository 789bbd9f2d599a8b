/* SPDX-License-Identifier: BSD-2-Clause
 * Probes of the plan: what to run for a cell. Names of the site file get into a command only as names of variables. */
#ifndef APP_AUDIT_PROBE_H
#define APP_AUDIT_PROBE_H

#include <stdio.h>

#include "audit_evidence.h"

struct plan {
	FILE *to;
	const struct audit *audit;
	bool script;
	const struct audit_cell **cells;
	size_t n_cells;
};

/* The command; a $NAME in it is to be filled in. */
void audit_probe(const struct plan *p, const struct audit_cell *c, struct text *out);
/* Of one of the listener's cells: needs no more of c than listener and key.b. */
void audit_probe_listener(const struct plan *p, const struct audit_cell *c, struct text *out);
/* A host of the place that was seen alive, else a variable. */
void audit_probe_target(const struct plan *p, const char *place, uint8_t version, struct text *out);

#endif
