/* SPDX-License-Identifier: BSD-2-Clause */
#include "live_self.h"

#include <stdio.h>
#include <string.h>

static void add_worker(struct self_snapshot *to, const struct live_worker *w)
{
	to->flows += w->engine.flows;
	to->records += w->engine.records;
	to->flows_evicted += w->engine.flows_evicted;
	to->streams_cut += w->engine.streams_cut;
	to->memory_bytes += w->engine.memory_bytes;
	to->records_lost += w->ring_lost;
}

void live_self_snapshot(struct sensor *s, const struct live_stats *stats, uint64_t steady_ns, struct self_snapshot *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->packet_ns = stats->packet_ns ? stats->packet_ns : stats->started_ns;
	ret->steady_ns = steady_ns;
	ret->frames = stats->frames;
	ret->bytes = stats->bytes;
	for (size_t i = 0; i < stats->n_workers; i++)
		add_worker(ret, &stats->worker[i]);
	for (size_t i = 0; i < stats->n_wires && i < SELF_WIRES; i++) {
		const struct live_wire *w = &stats->wire[i];
		struct self_wire *to = &ret->wire[ret->n_wires++];
		snprintf(to->name, sizeof(to->name), "%s", w->interface);
		to->up = w->up;
		to->received = w->received;
		to->dropped = w->dropped + w->interface_dropped;
	}
	sensor_knows(s, ret);
}
