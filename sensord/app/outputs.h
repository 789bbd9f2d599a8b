/* SPDX-License-Identifier: BSD-2-Clause
 * Outputs of the site file: what its words mean to output_open, what `sensord check` says of them, and what an output
 * tells of itself as a `sensor` record. */
#ifndef APP_OUTPUTS_H
#define APP_OUTPUTS_H

#include "output/output.h"
#include "record/record.h"
#include "site/site.h"

#define OUTPUTS_MAX 8            /* of one site */
#define OUTPUTS_PATIENCE_MS 3000 /* at the end, for all of them together */

/* Texts are the site's. */
struct output_settings outputs_settings(const struct site *site, size_t index);
/* The settings of one that the site file does not name: what=both, no spool. dest: "-" or a file. */
struct output *outputs_open_live(const char *dest, struct error *err) MUST_CHECK;

/* Tries what can be tried without opening anything; `see` gets a line for each thing, wrong or only worth saying. Returns
 * how many are wrong. name: of the site file, for the lines. */
size_t outputs_check(const struct site *site, const char *name, void (*see)(void *to, const struct error *line), void *to);

/* What an alert or record is to an output. */
struct output_item outputs_item(const struct record *r, struct bytes line);
/* What the output has told since, as a record (cleared first); false where there is nothing. time_ns: of the record. */
bool outputs_told(struct output *o, struct record *r, uint64_t time_ns);
/* Ends them together. False: err says what was lost. */
bool outputs_finish(struct output *const *outputs, size_t n, struct error *err);

#endif
