/* SPDX-License-Identifier: BSD-2-Clause
 * What the callers of a fed output and its thread share: the lines that wait to be fetched, what is worth telling, the
 * counters, and what the thread is asked for. One lock, held for moments. */
#ifndef OUTPUT_INTAKE_H
#define OUTPUT_INTAKE_H

#include <pthread.h>

#include "line.h"
#include "output/output.h"

#define INTAKE_TOLD 64 /* events that nobody fetched; more: the oldest goes */

struct intake {
	int wake; /* eventfd, for the thread to wait on */
	pthread_mutex_t mutex; /* of all that follows */
	struct lines queue;
	struct output_told told[INTAKE_TOLD];
	size_t told_first, n_told;
	struct output_stats stats;
	bool rotate, ending;
	uint64_t patience_ns;
};

bool intake_init(struct intake *i, const struct output_settings *s, struct error *err);
void intake_release(struct intake *i);

/* ---- callers ---- */

/* Takes a line; where memory is full the oldest that waits goes. */
void intake_put(struct intake *i, const struct output_item *item);
void intake_rotate(struct intake *i);
/* So much time is left; the thread may go when all is delivered. */
void intake_end(struct intake *i, uint64_t patience_ns);
bool intake_told(struct intake *i, struct output_told *ret);
void intake_stats(struct intake *i, struct output_stats *ret);

/* ---- the thread ---- */

/* What was told to the intake (context) by an output: fits struct teller. */
void intake_tell(void *context, enum output_event event, uint64_t count, const char *detail);
void intake_remember(struct intake *i, const struct error *err);
/* counter: one of i->stats. */
void intake_count(struct intake *i, uint64_t *counter, uint64_t n);
/* Puts the lines that wait behind those of `to`. */
void intake_take(struct intake *i, struct lines *to);
bool intake_is_empty(struct intake *i);
/* Asked for since the last call? */
bool intake_wants_rotation(struct intake *i);
bool intake_is_ending(struct intake *i, uint64_t *ret_patience_ns);
/* Once woken. */
void intake_slept(struct intake *i);

#endif
