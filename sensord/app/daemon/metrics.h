/* SPDX-License-Identifier: BSD-2-Clause
 * The metrics as Prometheus reads them (text exposition format 0.0.4): a table of families, each with what it counts and
 * the labels it is told by. Names of counters end in _total, units are seconds and bytes. */
#ifndef APP_METRICS_H
#define APP_METRICS_H

#include "base/text.h"
#include "live/live.h"
#include "sandbox.h"
#include "watch.h"

#define METRICS_ROOM (1u << 20) /* bytes that hold all of it: 1,024 rules, 64 workers, 16 interfaces */
#define METRICS_OUTPUTS 16
#define METRICS_HELD 32

struct metrics_output {
	char name[96];
	bool up;
	uint64_t waiting, spooled, sent, refused; /* lines; spooled: bytes on disk */
};

/* The moment that is told. */
struct metrics_view {
	struct live_stats live;
	uint64_t datasets[DATASET_COUNT];
	struct watch_rule rules[WATCH_RULES];
	size_t n_rules;
	struct metrics_output outputs[METRICS_OUTPUTS];
	size_t n_outputs;
	struct detect_held held[METRICS_HELD]; /* what takes memory by limits.memory_mib, and the counters of `top` */
	size_t n_held;
	struct sandbox_told sandbox[SANDBOX_LAYERS];
	uint64_t memory_limit, resident, reloads, reloads_refused, lines_lost, clients;
	double processor_s;
	bool reload_fine; /* the files on disk are those in use */
};

void metrics_text(const struct metrics_view *v, struct text *to);

/* What an HTTP request (its head, up to and with the empty line) is answered with: 200, 400, 404 or 405. */
unsigned metrics_request(struct bytes head);

#endif
