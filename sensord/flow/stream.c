/* SPDX-License-Identifier: BSD-2-Clause
 * TCP streams (RFC 9293 section 3.4, 3.10): bytes of each side in order, the first copy of a byte wins.
 *
 * A segment is delivered at once where it is next in order and everything its sender had acknowledged has been
 * delivered too; that keeps a request in front of its answer when the capture reordered them. Otherwise it waits,
 * bounded. A hole that the receiver has acknowledged was lost by the capture, not by the network: after a few more
 * packets (captures reorder a little) it is declared a gap. */
#include <stdlib.h>

#include "base/instant.h"
#include "flow.h"

#define HOLE_PACKETS 48            /* packets of the flow that an acknowledged hole is waited for */
#define HOLE_NS NS_PER_S           /* or this long */
#define WINDOW_MAX (UINT32_C(1) << 28) /* no segment is this far ahead: a stray, or another connection's */

static enum side other(enum side s)
{
	return s == CLIENT ? SERVER : CLIENT;
}

/* First of the segments that wait; NULL: none. */
static struct segment *queue(const struct stream *s)
{
	return s->late ? s->late->queue : NULL;
}

static struct late *make_late(struct engine *e, struct flow *f, struct stream *s)
{
	if (!s->late) {
		s->late = calloc(1, sizeof(*s->late));
		if (s->late)
			flow_charge(e, f, sizeof(*s->late), 0);
	}
	return s->late;
}

static void free_late(struct engine *e, struct flow *f, struct stream *s)
{
	if (s->late)
		flow_charge(e, f, 0, sizeof(*s->late));
	free(s->late);
	s->late = NULL;
}

static void free_segment(struct engine *e, struct flow *f, struct stream *s, struct segment *g)
{
	s->late->queue_count--;
	s->late->queue_bytes -= g->captured;
	flow_charge(e, f, 0, sizeof(*g) + g->captured);
	free(g);
}

void stream_release(struct engine *e, struct flow *f, enum side side)
{
	struct stream *s = &f->side[side];

	while (queue(s)) {
		struct segment *g = s->late->queue;
		s->late->queue = g->next;
		free_segment(e, f, s, g);
	}
	free_late(e, f, s);
	if (s->held)
		flow_charge(e, f, 0, sizeof(*s->held) + s->held->room);
	free(s->held);
	s->held = NULL;
}

/* Lost bytes that nobody wanted are no gap to the protocol. */
static void skip_or_gap(struct engine *e, struct flow *f, enum side side, uint64_t lost)
{
	struct stream *s = &f->side[side];

	if (s->skip == BULK)
		return;
	if (s->skip >= lost) {
		s->skip -= lost;
		return;
	}
	lost -= s->skip;
	s->skip = 0;
	s->missed = lost < UINT32_MAX - s->missed ? s->missed + (uint32_t)lost : UINT32_MAX;
	e->counts.gap_bytes += lost;
	layer_gap(e, f, side, lost);
}

/* `captured` bytes of a segment of `size`; what the snap length took is a gap. */
static void deliver(struct engine *e, struct flow *f, enum side side, const uint8_t *at, uint32_t captured, uint32_t size)
{
	struct stream *s = &f->side[side];

	s->next += size;
	s->bytes += size;
	if (captured)
		layer_bytes(e, f, side, bytes_of(at, captured));
	if (captured < size) {
		skip_or_gap(e, f, side, size - captured);
	}
}

static uint32_t sample(const uint8_t *at, uint32_t size)
{
	uint32_t first = 0, last = 0;

	if (size < 4)
		return size ? (uint32_t)at[0] << 8 | at[size - 1] : 0;
	memcpy(&first, at, 4);
	memcpy(&last, at + (size - 4), 4);
	return first * 31 + last + size;
}

static void note_conflict(struct engine *e, struct flow *f)
{
	if (f->overlap_conflicts < UINT16_MAX)
		f->overlap_conflicts++;
	e->counts.overlap_conflicts++;
}

/* May a segment that came with this acknowledgement be delivered, or are bytes of the other side still missing? */
static bool answers_seen_bytes(const struct flow *f, enum side side, bool has_ack, uint32_t ack)
{
	const struct stream *o = &f->side[other(side)];
	uint32_t fin = o->fin && o->next == o->fin_seq; /* takes a number of its own */

	return !has_ack || !o->started || o->skip == BULK || !seq_after(ack, o->next + fin);
}

/* Bytes that a queued segment holds already must be the same again; the first copy stays. */
static void compare(struct engine *e, struct flow *f, const struct segment *g, uint32_t from, const uint8_t *bytes, uint32_t n)
{
	if (g->bulk || from >= g->captured)
		return;
	if (n > g->captured - from)
		n = g->captured - from;
	if (n && memcmp(g->bytes + from, bytes, n) != 0)
		note_conflict(e, f);
}

/* What a packet brings, as far as it is new: one run of stream bytes. */
struct run {
	uint32_t seq, size, captured;
	const uint8_t *bytes;
	uint32_t ack;
	bool has_ack;
};

static void run_advance(struct run *r, uint32_t n)
{
	uint32_t kept = n < r->captured ? n : r->captured;

	r->seq += n;
	r->size -= n;
	r->bytes += kept;
	r->captured -= kept;
}

/* Puts the first `size` bytes of the run in front of *at. False at a limit. */
static bool insert(struct engine *e, struct flow *f, struct stream *s, struct segment **at, const struct run *r, uint32_t size)
{
	bool bulk = s->skip == BULK || (uint64_t)(uint32_t)(r->seq - s->next) + size <= s->skip;
	uint32_t kept = bulk ? 0 : size < r->captured ? size : r->captured;

	if (s->late->queue_count >= LIMIT_STREAM_SEGMENTS || s->late->queue_bytes + kept > LIMIT_STREAM_HOLD)
		return false;
	struct segment *g = malloc(sizeof(*g) + kept);
	if (!g)
		return false;
	*g = (struct segment){ .next = *at, .seq = r->seq, .size = size, .ack = r->ack, .has_ack = r->has_ack,
			       .bulk = bulk, .captured = kept };
	if (kept)
		memcpy(g->bytes, r->bytes, kept);
	*at = g;
	if (!g->next)
		s->late->newest = g;
	s->late->queue_count++;
	s->late->queue_bytes += kept;
	flow_charge(e, f, sizeof(*g) + kept, 0);
	return true;
}

/* Queues the run, but for what the queue holds already. False where a limit was reached. */
static bool keep(struct engine *e, struct flow *f, enum side side, struct run r)
{
	struct stream *s = &f->side[side];
	struct segment **at;

	if (!make_late(e, f, s))
		return false;
	at = &s->late->queue;
	/* Behind all the others: most of what comes while a hole stands. */
	if (*at && !seq_after(s->late->newest->seq + s->late->newest->size, r.seq))
		at = &s->late->newest->next;
	while (r.size > 0) {
		struct segment *g = *at;
		if (g && !seq_after(g->seq + g->size, r.seq)) { /* g ends before it */
			at = &g->next;
			continue;
		}
		if (g && !seq_after(g->seq, r.seq)) { /* g holds its beginning */
			uint32_t same = g->seq + g->size - r.seq;
			same = same < r.size ? same : r.size;
			compare(e, f, g, r.seq - g->seq, r.bytes, same < r.captured ? same : r.captured);
			run_advance(&r, same);
			continue;
		}
		uint32_t part = g && seq_after(r.seq + r.size, g->seq) ? g->seq - r.seq : r.size;
		if (!insert(e, f, s, at, &r, part))
			return false;
		at = &(*at)->next;
		run_advance(&r, part);
	}
	return true;
}

static void gap_to(struct engine *e, struct flow *f, enum side side, uint32_t seq)
{
	struct stream *s = &f->side[side];
	uint64_t lost = (uint32_t)(seq - s->next);

	s->next = seq;
	if (s->late)
		s->late->hole_packets = 0;
	skip_or_gap(e, f, side, lost);
}

/* Delivers from the head of the queue what is in order. True where anything moved. */
static bool drain(struct engine *e, struct flow *f, enum side side, bool force)
{
	struct stream *s = &f->side[side];
	bool moved = false;

	while (queue(s)) {
		struct segment *g = s->late->queue;
		if (seq_after(g->seq, s->next) || (!force && !answers_seen_bytes(f, side, g->has_ack, g->ack)))
			break;
		s->late->queue = g->next;
		uint32_t old = s->next - g->seq; /* already delivered */
		if (old < g->size) {
			uint32_t kept = old < g->captured ? g->captured - old : 0;
			if (g->bulk && s->skip >= g->size - old) {
				s->next += g->size - old;
				s->bytes += g->size - old;
				s->skip -= s->skip == BULK ? 0 : g->size - old;
			} else {
				deliver(e, f, side, g->bytes + (kept ? old : 0), kept, g->size - old);
			}
			moved = true;
		}
		free_segment(e, f, s, g);
	}
	if (s->late && !s->late->queue && !s->late->presumed && (moved || s->late->hole_packets == 0))
		free_late(e, f, s);
	return moved;
}

static void drain_both(struct engine *e, struct flow *f)
{
	while (drain(e, f, CLIENT, false) || drain(e, f, SERVER, false))
		;
}

/* The lower end of what is missing on this side, if bytes are missing: the queue's head, or what was acknowledged. */
static bool hole_end(const struct stream *s, uint32_t *ret)
{
	bool acked = s->acked_any && seq_after(s->acked, s->next);

	if (queue(s) && seq_after(queue(s)->seq, s->next)) {
		*ret = acked && seq_after(queue(s)->seq, s->acked) ? s->acked : queue(s)->seq;
		return acked;
	}
	*ret = s->acked;
	return acked && !queue(s);
}

/* What is missing was acknowledged and nothing stands behind it: lost, unless the acknowledgement lied. */
static void presume_lost(struct engine *e, struct flow *f, enum side side, uint32_t end)
{
	struct stream *s = &f->side[side];

	if (!s->late->presumed) {
		s->late->presumed = true;
		s->late->lost_from = s->next;
		s->late->skip_before = s->skip;
		s->late->missed_before = s->missed;
	}
	gap_to(e, f, side, end);
}

/* Its sender comes with the very bytes that were presumed lost: nobody had them, whatever was acknowledged. Those that
 * were to be skipped are skipped again; the protocol, told of a gap, finds its way from the bytes themselves. */
static void take_back(struct stream *s, uint32_t seq)
{
	struct late *late = s->late;

	if (seq_after(late->lost_from, seq))
		return; /* older still */
	late->presumed = false;
	if (!seq_after(s->next, seq))
		return;
	s->next = s->acked = late->lost_from;
	s->missed = late->missed_before;
	if (s->skip != BULK)
		s->skip = late->skip_before;
}

static void check_holes(struct engine *e, struct flow *f)
{
	for (enum side side = CLIENT; side <= SERVER; side++) {
		struct stream *s = &f->side[side];
		uint32_t end;
		if (!s->started || s->skip == BULK || !hole_end(s, &end))
			continue;
		struct late *late = make_late(e, f, s);
		if (!late)
			continue;
		if (late->hole_packets == 0)
			late->hole_ns = e->now_ns;
		if (++late->hole_packets < HOLE_PACKETS && instant_since(e->now_ns, late->hole_ns) < HOLE_NS)
			continue;
		if (s->fin && !seq_after(s->fin_seq, s->next))
			continue; /* the acknowledgement counts the FIN */
		if (late->queue)
			gap_to(e, f, side, end);
		else
			presume_lost(e, f, side, end);
		drain_both(e, f);
	}
}

static void give_way(struct engine *e, struct flow *f, enum side side)
{
	struct stream *s = &f->side[side];

	e->counts.streams_cut++;
	if (queue(s) && seq_after(queue(s)->seq, s->next))
		gap_to(e, f, side, queue(s)->seq);
	drain(e, f, side, true);
	drain_both(e, f);
}

void stream_flush(struct engine *e, struct flow *f)
{
	bool more = true;

	while (more) {
		more = false;
		drain_both(e, f);
		for (enum side side = CLIENT; side <= SERVER && !more; side++) {
			struct stream *s = &f->side[side];
			if (!queue(s))
				continue;
			if (seq_after(queue(s)->seq, s->next))
				gap_to(e, f, side, queue(s)->seq);
			drain(e, f, side, true);
			more = true;
		}
	}
}

void stream_acknowledged(struct engine *e, struct flow *f, enum side side, uint32_t ack)
{
	struct stream *s = &f->side[side];

	if (!s->acked_any || seq_after(ack, s->acked)) {
		s->acked = ack;
		s->acked_any = true;
	}
	if (s->started && s->skip != BULK && unlikely(seq_after(s->acked, s->next)))
		check_holes(e, f);
}

static void end_where_finished(struct engine *e, struct flow *f, enum side side)
{
	struct stream *s = &f->side[side];

	if (s->fin && !s->ended && !seq_after(s->fin_seq, s->next)) {
		s->ended = true;
		layer_end(e, f, side, ENDED_FIN);
	}
}

void stream_segment(struct engine *e, struct flow *f, enum side side, const struct packet *p)
{
	struct stream *s = &f->side[side];
	uint32_t seq = p->seq + ((p->tcp_flags & TCP_SYN) ? 1 : 0);
	uint32_t size = p->payload_size, captured = (uint32_t)p->payload.size;
	bool has_ack = p->tcp_flags & TCP_ACK;

	/* A SYN says where a side begins, whatever went by before it. */
	bool begins = (p->tcp_flags & TCP_SYN) && has_ack && !f->established && s->bytes == 0 && !queue(s);
	if (!s->started || begins) {
		s->started = true;
		s->midstream = !(p->tcp_flags & TCP_SYN);
		s->next = seq;
		s->fin = s->ended = false;
	}
	if (p->tcp_flags & TCP_FIN && !s->fin) {
		s->fin = true;
		s->fin_seq = seq + size;
	}
	if (size == 0) {
		end_where_finished(e, f, side);
		return;
	}
	if (unlikely(s->late && s->late->presumed))
		take_back(s, seq);
	if (flow_tunnel(f) && seq_after(seq + size, s->next)) /* not what a repeated segment says */
		tunnel_segment(e, f, side, p->payload, size);
	if (s->skip == BULK) { /* nobody listens: follow the numbers only */
		if (seq_after(seq + size, s->next)) {
			s->bytes += seq_after(s->next, seq) ? (uint32_t)(seq + size - s->next) : size;
			s->next = seq + size;
		}
		end_where_finished(e, f, side);
		return;
	}
	if (likely(seq == s->next && !queue(s) && answers_seen_bytes(f, side, has_ack, p->ack))) {
		s->last_size = size < UINT16_MAX ? (uint16_t)size : 0;
		s->last_sample = captured == size ? sample(p->payload.at, size) : 0;
		deliver(e, f, side, p->payload.at, captured, size);
		if (unlikely(s->late)) /* the hole was here */
			free_late(e, f, s);
		if (unlikely(f->side[other(side)].late))
			drain_both(e, f);
		end_where_finished(e, f, side);
		return;
	}
	if (!seq_after(seq + size, s->next)) { /* all of it was delivered before */
		if (seq + size == s->next && size == s->last_size && s->last_sample && captured == size &&
		    sample(p->payload.at, size) != s->last_sample)
			note_conflict(e, f);
		return;
	}
	if ((uint32_t)(seq + size - s->next) > WINDOW_MAX && !seq_after(s->next, seq))
		return;
	struct run run = { seq, size, captured, p->payload.at, p->ack, has_ack };
	if (seq_after(s->next, seq)) /* a part of it was */
		run_advance(&run, s->next - seq);
	bool kept = keep(e, f, side, run);
	drain_both(e, f);
	if (!kept && queue(s)) {
		give_way(e, f, side);
		if (!seq_after(run.seq, s->next))
			keep(e, f, side, run);
		drain(e, f, side, true);
	}
	if (queue(s))
		check_holes(e, f);
	end_where_finished(e, f, side);
}
