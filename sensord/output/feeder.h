/* SPDX-License-Identifier: BSD-2-Clause
 * A thread that brings lines to one kind of output: queue -> (spool while it is away) -> on the way -> acknowledged. */
#ifndef OUTPUT_FEEDER_H
#define OUTPUT_FEEDER_H

#include "kind.h"
#include "output/output.h"

struct feeder;

/* Opens the kind and the spool. */
struct feeder *feeder_new(const struct output_kind *kind, const struct output_settings *s, struct error *err);
bool feeder_start(struct feeder *f, struct error *err);
/* Takes a line; where memory is full the oldest that waits goes. */
void feeder_put(struct feeder *f, const struct output_item *item);
void feeder_rotate(struct feeder *f);
bool feeder_told(struct feeder *f, struct output_told *ret);
void feeder_stats(struct feeder *f, struct output_stats *ret);
/* Ends the thread after at most patience_ms; false: *ret_lost lines found neither the far end nor a spool. */
bool feeder_finish(struct feeder *f, unsigned patience_ms, uint64_t *ret_lost);
void feeder_free(struct feeder *f);

#endif
