/* SPDX-License-Identifier: BSD-2-Clause
 * What one capture worker owns: a decoder and an engine. Frames in, records to the engine's sink. Of one thread. */
#ifndef APP_WORKER_H
#define APP_WORKER_H

#include "capture/capture.h"
#include "decode/packet.h"
#include "flow/engine.h"
#include "evidence/recent.h"

struct worker;

/* As engine_new; key: a secret one for the flow table, NULL: the fixed one. */
struct worker *worker_new(const struct engine_settings *settings, const struct hash_key *key, record_sink *sink, void *context);
void worker_free(struct worker *w);
/* Other rules, another site: what is asked for, and in whose name, from now on. The name is kept by the caller. */
void worker_ask_for(struct worker *w, uint32_t datasets, const char *observer);
/* Frames to come are kept there too, for evidence; NULL: nowhere. The memory is the caller's. */
void worker_remember(struct worker *w, struct recent *recent);
/* For who shares one reading among workers: the engine itself, and a frame whose source it knows. */
struct engine *worker_engine(const struct worker *w);
void worker_decode(struct worker *w, const struct frame *frame);
void worker_frame(struct worker *w, const struct frame *frame);
/* No packet came: the clock goes on (live). */
void worker_tick(struct worker *w, uint64_t now_ns);
/* The capture is over: every flow is told as far as it is known. */
void worker_finish(struct worker *w);
const struct decoder_counts *worker_decoder_counts(const struct worker *w);
const struct engine_counts *worker_engine_counts(const struct worker *w);

#endif
