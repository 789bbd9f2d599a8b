/* SPDX-License-Identifier: BSD-2-Clause
 * The finished audit for people and for programs. What comes from site files and captures is escaped for where it goes. */
#ifndef APP_AUDIT_WRITE_H
#define APP_AUDIT_WRITE_H

#include <stdio.h>

#include "audit.h"
#include "html/html.h"

/* The measure sets, A first. */
struct audit_set_name {
	char set;
	struct words name;
};
#define AUDIT_SETS 6
extern const struct audit_set_name audit_set_names[AUDIT_SETS];

/* One cell that another audit saw differently. */
struct audit_drift {
	const struct audit_cell *cell; /* NULL: the cell is gone */
	char *id;
	enum audit_verdict was; /* AUDIT_VERDICTS: it is new */
};
struct audit_drifts {
	struct audit_drift *items;
	size_t count;
	bool compared;
};
/* Reads what `--format json` wrote before. Untrusted: bounded, and every line is an error that names it. */
bool audit_drift_read(const struct audit *a, const char *path, struct audit_drifts *into, struct error *err);
/* The same of bytes; name stands for the file in errors. */
bool audit_drift_parse(const struct audit *a, const char *name, struct bytes json, struct audit_drifts *into, struct error *err);
void audit_drift_release(struct audit_drifts *d);
/* Something that was proven is violated now (MEASURES 16). */
bool audit_drift_worse(const struct audit_drift *d);

/* All listed cells, ordered by set, from, to, version; malloc'd, NULL without memory. */
const struct audit_cell **audit_sorted(const struct audit *a, size_t *ret_n);
/* Cells of one row of the matrix: same set, from, to and version. */
bool audit_same_row(const struct audit_cell *a, const struct audit_cell *b);
/* Short remark of what is wrong with the captures as such, in English or Japanese; NULL beyond the last. */
const char *audit_note(const struct audit *a, size_t index, bool japanese, char *room, size_t size);
bool audit_passed(const struct audit *a);
/* "a connection between two hosts of …": what a wire shows. */
const char *audit_wire_name(unsigned wire);
const char *audit_time(uint64_t time_ns, char room[32]);

/* False where there is no memory or it cannot be written. */
bool audit_write_text(FILE *to, const struct audit *a, const struct audit_drifts *d, bool colours);
bool audit_write_json(FILE *to, const struct audit *a, const struct audit_drifts *d);
bool audit_write_junit(FILE *to, const struct audit *a, const struct audit_drifts *d);
bool audit_write_html(FILE *to, const struct audit *a, const struct audit_drifts *d);
/* What is still to be tried, for every cell that is neither proven nor violated nor for another to show. */
bool audit_write_plan(FILE *to, const struct audit *a, bool script);

#endif
