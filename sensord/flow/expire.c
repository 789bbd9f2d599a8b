/* SPDX-License-Identifier: BSD-2-Clause
 * What time and memory end. Each wait list has one duration, so its oldest flow is the next one due. */
#include <stdlib.h>

#include "base/instant.h"
#include "flow.h"

#define SETTLE_NS (2 * NS_PER_S)    /* an answered flow whose protocol stays unknown is told after this */
#define SILENT_NS (60 * NS_PER_S)   /* repeats of a told attempt: SYNs are repeated for about a minute */
#define OVER_NS (5 * NS_PER_S)

static uint64_t patience(const struct engine *e, enum wait w)
{
	switch (w) {
	case WAIT_ANSWER: return e->settings.tcp_syn_ns;
	case WAIT_SETTLE: return SETTLE_NS;
	case WAIT_OPEN: return e->settings.tcp_idle_ns;
	case WAIT_TALK: return e->settings.udp_idle_ns;
	case WAIT_SILENT: return SILENT_NS;
	default: return OVER_NS;
	}
}

static void due(struct engine *e, struct flow *f)
{
	switch (f->wait) {
	case WAIT_ANSWER:
		if (f->syn_ack) { /* answered, and nothing since: told, and not kept as long as one that talks */
			stream_flush(e, f);
			outcome_end(e, f, ENDED_TIMEOUT);
			break;
		}
		f->told_attempt = true;
		told_flow(e, f, "attempted");
		flow_wait(e, f, WAIT_SILENT);
		break;
	case WAIT_SETTLE:
		outcome_tell(e, f);
		if (f->wait == WAIT_SETTLE)
			flow_wait(e, f, f->key.protocol == IP_TCP ? WAIT_OPEN : WAIT_TALK);
		break;
	case WAIT_OPEN:
	case WAIT_TALK: /* packets do not move a flow in its list; it is looked at anew */
		if (instant_since(e->now_ns, f->last_ns) < patience(e, f->wait)) {
			flow_wait(e, f, f->wait);
			break;
		}
		stream_flush(e, f);
		outcome_end(e, f, ENDED_TIMEOUT);
		break;
	default:
		outcome_free(e, f, ENDED_TIMEOUT);
		flow_remove(e, f);
	}
}

static void finish(struct engine *e, struct flow *f, enum ending how)
{
	if (!f->over && f->wait != WAIT_SILENT) {
		stream_flush(e, f);
		outcome_end(e, f, how);
	}
	if (!f->over)
		outcome_free(e, f, how);
	flow_remove(e, f);
}

static void time_out(struct engine *e, struct flow *f) { finish(e, f, ENDED_TIMEOUT); }
static void capture_end(struct engine *e, struct flow *f) { finish(e, f, ENDED_CAPTURE); }

/* No packet of the flow brought this about, so what is told rests on its last one, not on whichever went by meanwhile. */
static void as_of_last_packet(struct engine *e, struct flow *f, void (*act)(struct engine *e, struct flow *f))
{
	uint64_t packet = e->packet;

	e->packet = f->last_packet;
	act(e, f);
	e->packet = packet;
}

void expire_flow(struct engine *e, struct flow *f) { as_of_last_packet(e, f, time_out); }

/* Without memory the rest waits for the next sweep. */
static bool collect(struct engine *e, struct flow *f)
{
	if (e->n_due == e->max_due) {
		size_t room = e->max_due ? 2 * e->max_due : 64;
		struct flow **due = realloc(e->due, room * sizeof(*due));
		if (!due)
			return false;
		e->due = due;
		e->max_due = room;
	}
	e->due[e->n_due++] = f;
	return true;
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = flow_number(*(struct flow *const *)a), y = flow_number(*(struct flow *const *)b);

	return x < y ? -1 : x > y;
}

/* In the order of the flows and not of the lists: whoever shares the flows among engines gets the same (engine_place). */
void expire_due(struct engine *e)
{
	e->n_due = 0;
	/* Nothing is told of these any more, so they go in any order. */
	for (struct flow *f; (f = e->waits[WAIT_OVER].oldest) && instant_since(e->now_ns, f->listed_ns) >= OVER_NS;)
		flow_remove(e, f);
	for (enum wait w = 0; w < WAIT_COUNT; w++) {
		uint64_t limit = patience(e, w);
		struct flow *f = e->waits[w].oldest;
		while (f && instant_since(e->now_ns, f->listed_ns) >= limit && collect(e, f))
			f = f->newer;
	}
	if (e->n_due > 1)
		qsort(e->due, e->n_due, sizeof(struct flow *), by_number);
	for (size_t i = 0; i < e->n_due; i++) {
		e->place = (struct engine_place){ .stage = STAGE_FLOWS_DUE, .flow = flow_number(e->due[i]) };
		as_of_last_packet(e, e->due[i], due);
	}
	tunnel_due(e, e->now_ns);
}

bool expire_one(struct engine *e)
{
	static const enum wait order[] = { WAIT_OVER, WAIT_SILENT, WAIT_ANSWER, WAIT_TALK, WAIT_OPEN, WAIT_SETTLE };

	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		struct flow *f = e->waits[order[i]].oldest;
		if (!f)
			continue;
		if (!f->over && f->wait != WAIT_SILENT)
			e->counts.flows_evicted++;
		expire_flow(e, f);
		return true;
	}
	return false;
}

static int by_first_packet(const void *a, const void *b)
{
	const struct flow *x = *(struct flow *const *)a, *y = *(struct flow *const *)b;

	if (x->first_ns != y->first_ns)
		return x->first_ns < y->first_ns ? -1 : 1;
	return by_number(a, b);
}

/* In order of first packet, so that the end of a capture tells flows in the order they began. */
void expire_all(struct engine *e)
{
	size_t n = e->counts.live_flows, i = 0;
	struct flow **all = n ? malloc(n * sizeof(struct flow *)) : NULL;

	if (all) {
		for (enum wait w = 0; w < WAIT_COUNT; w++)
			for (struct flow *f = e->waits[w].oldest; f; f = f->newer)
				if (!f->over) /* the others are told, and go in any order */
					all[i++] = f;
		n = i;
		if (n)
			qsort(all, n, sizeof(struct flow *), by_first_packet);
		for (i = 0; i < n; i++) {
			e->place = (struct engine_place){ STAGE_END, flow_number(all[i]), all[i]->first_ns };
			as_of_last_packet(e, all[i], capture_end);
		}
		free(all);
	}
	while (expire_one(e))
		;
}
