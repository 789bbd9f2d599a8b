/* SPDX-License-Identifier: BSD-2-Clause
 * Between streams and protocols: finds the protocol by content, feeds it, keeps what it leaves, offers it the services
 * of proto/protocol.h. */
#include <stdlib.h>

#include "flow.h"
#include "parse.h"

#define PROBE_TRIES 64   /* segments probed on a side whose start was missed */
#define DATAGRAM_TRIES 4 /* datagrams probed on a flow */

static struct layer *innermost(struct flow *f)
{
	return flow_layer(f, f->depth);
}

/* As what is inside sees it. */
static enum side side_inside(const struct flow *f, enum side side)
{
	if (!f->inside_turned || f->depth == 0)
		return side;
	return side == CLIENT ? SERVER : CLIENT;
}

bool layer_idle(const struct flow *f, enum side side)
{
	return f->side[side].skip == BULK;
}

/* ---- what waits on a side ---- */

static void drop_held(struct engine *e, struct flow *f, struct stream *s)
{
	if (!s->held)
		return;
	flow_charge(e, f, 0, sizeof(*s->held) + s->held->room);
	free(s->held);
	s->held = NULL;
}

static void give_up(struct flow *f, enum side side)
{
	f->side[side].skip = BULK;
	f->side[side].need = 0;
}

static bool hold(struct engine *e, struct flow *f, struct stream *s, struct bytes b)
{
	size_t before = held_size(s), size = before + b.size;

	if (size > LIMIT_STREAM_HOLD)
		return false;
	if (!s->held || size > s->held->room) {
		size_t room = size < 248 ? 248 : size + size / 2, old = s->held ? sizeof(*s->held) + s->held->room : 0;
		struct held *held = realloc(s->held, sizeof(*held) + room);
		if (!held)
			return false;
		flow_charge(e, f, sizeof(*held) + room, old);
		held->room = (uint32_t)room;
		s->held = held;
	}
	memcpy(s->held->at + before, b.at, b.size);
	s->held->size = (uint32_t)size;
	return true;
}

/* ---- finding the protocol ---- */

static bool hinted(const struct protocol *protocol, const struct flow *f, bool datagram)
{
	for (const struct port_hint *h = protocol->ports; h && h->port; h++)
		if (h->datagram == datagram && (h->port == f->port[SERVER] || h->port == f->port[CLIENT]))
			return true;
	return false;
}

/* Asks those with a matching port first, leaving out those in *refused. MORE where one needs more bytes and none is sure.
 * *ret: who is sure (YES), or whose port decides where nobody is. */
static enum probe probe_all(struct engine *e, struct flow *f, enum side side, struct bytes start, bool datagram, uint32_t *refused,
			    const struct protocol **ret)
{
	enum probe best = PROBE_NO;

	for (int pass = 0; pass < 2; pass++) {
		for (uint32_t i = 0; i < e->protocol_count; i++) {
			const struct protocol *protocol = protocols[i];
			if (!(datagram ? protocol->datagram : protocol->stream) || !protocol->probe || (*refused & UINT32_C(1) << i) ||
			    hinted(protocol, f, datagram) != (pass == 0))
				continue;
			enum probe answer = protocol->probe(side, start);
			if (answer == PROBE_YES) {
				*ret = protocol;
				return PROBE_YES;
			}
			if (answer == PROBE_ON_PORT && pass == 0 && !*ret)
				*ret = protocol;
			if (answer != PROBE_MORE)
				*refused |= UINT32_C(1) << i;
			else
				best = PROBE_MORE;
		}
	}
	return best;
}

bool layer_adopt(struct engine *e, struct flow *f, struct layer *l, const struct protocol *protocol)
{
	l->state = calloc(1, protocol->state_size ? protocol->state_size : 1);
	if (!l->state)
		return false;
	l->protocol = protocol;
	flow_charge(e, f, protocol->state_size, 0);
	return true;
}

void layer_abandon(struct engine *e, struct flow *f, struct layer *l)
{
	if (!l->protocol)
		return;
	if (l->protocol->release)
		l->protocol->release(l->state);
	flow_charge(e, f, 0, l->protocol->state_size);
	free(l->state);
	*l = (struct layer){ 0 };
}

/* No protocol begins with what this side said. The other side may still tell (a server's answer to a broken request). */
static void unknown(struct engine *e, struct flow *f, enum side side)
{
	enum side other = side == CLIENT ? SERVER : CLIENT;

	f->side[side].unknown = true;
	give_up(f, side);
	if (!f->side[other].unknown)
		return;
	if (flow_tunnel(f))
		tunnel_protocol(e, f, "unknown");
	f->tell = true;
}

/* Returns the bytes that are of no use to anybody; *ret_again where the protocol is known now. */
static size_t probe_side(struct engine *e, struct flow *f, enum side side, struct bytes b, bool *ret_again)
{
	struct stream *s = &f->side[side];
	const struct protocol *protocol = NULL;
	uint32_t refused = f->refused;
	enum probe answer = probe_all(e, f, side_inside(f, side), b, false, &refused, &protocol);

	if (answer == PROBE_MORE && b.size < LIMIT_PROBE)
		return 0;
	if (protocol) {
		if (!layer_adopt(e, f, innermost(f), protocol)) {
			unknown(e, f, side);
			return b.size;
		}
		*ret_again = true;
		return 0;
	}
	if (s->midstream && s->tries < PROBE_TRIES) { /* a later segment may begin a message */
		s->tries++;
		return b.size;
	}
	unknown(e, f, side);
	return b.size;
}

/* ---- feeding it ---- */

static size_t parse_side_bytes(struct engine *e, struct flow *f, enum side side, struct bytes b, bool *ret_again)
{
	struct stream *s = &f->side[side];
	unsigned depth = f->depth;
	struct parse p = { .engine = e, .flow = f, .layer = innermost(f), .side = side };
	struct reader r = reader_open(b);
	enum parsed result = p.layer->protocol->parse(&p, &r);
	size_t used = reader_offset(&r);

	if (result == PARSE_NOT_MINE) {
		for (uint32_t i = 0; i < e->protocol_count; i++)
			if (protocols[i] == p.layer->protocol)
				f->refused |= UINT32_C(1) << i;
		layer_abandon(e, f, p.layer);
		*ret_again = true;
		return 0;
	}
	if (result == PARSE_MALFORMED) {
		e->counts.malformed++;
		if (flow_tunnel(f) && depth > 0 && strcmp(p.layer->protocol->name, "tls") == 0)
			flow_tunnel(f)->framing_broken = true;
		give_up(f, side);
		return b.size;
	}
	s->need = p.need;
	if (p.opened) {
		*ret_again = true;
		return used;
	}
	s->skip = p.skip;
	for (enum side i = CLIENT; i <= SERVER; i++)
		if (p.finish[i])
			give_up(f, i);
	return used;
}

/* Shows b to whoever wants it, again while that moves anything. Returns how much was used. */
static size_t consume(struct engine *e, struct flow *f, enum side side, struct bytes b, bool *ret_changed)
{
	struct stream *s = &f->side[side];
	size_t used = 0;

	while (used < b.size) {
		struct bytes rest = bytes_of(b.at + used, b.size - used);
		bool again = false;
		size_t n;
		if (s->skip) {
			n = s->skip < rest.size ? (size_t)s->skip : rest.size;
			s->skip -= s->skip == BULK ? 0 : n;
			used += n;
			continue;
		}
		if (rest.size < s->need)
			break;
		n = innermost(f)->protocol ? parse_side_bytes(e, f, side, rest, &again) : probe_side(e, f, side, rest, &again);
		used += n;
		*ret_changed |= again;
		if (n == 0 && !again && !s->skip)
			break;
	}
	return used;
}

static void consume_held(struct engine *e, struct flow *f, enum side side, bool *ret_changed)
{
	struct stream *s = &f->side[side];
	size_t used = consume(e, f, side, bytes_of(s->held->at, s->held->size), ret_changed);

	if (used == 0)
		return;
	if (used == s->held->size) {
		drop_held(e, f, s);
		return;
	}
	memmove(s->held->at, s->held->at + used, s->held->size - used);
	s->held->size -= (uint32_t)used;
}

static void overflow(struct engine *e, struct flow *f, enum side side)
{
	e->counts.streams_cut++;
	give_up(f, side);
	drop_held(e, f, &f->side[side]);
}

static void note_first_bytes(struct flow *f, struct bytes b)
{
	if (f->n_first_bytes || f->reject)
		return;
	f->n_first_bytes = (uint8_t)(b.size < sizeof(f->first_bytes) ? b.size : sizeof(f->first_bytes));
	memcpy(f->first_bytes, b.at, f->n_first_bytes);
}

/* What a side has left over, with more behind it. */
static void more_bytes(struct engine *e, struct flow *f, enum side side, struct bytes b, bool *ret_changed)
{
	struct stream *s = &f->side[side];

	if (!hold(e, f, s, b)) {
		overflow(e, f, side);
		return;
	}
	if (held_size(s) >= s->need)
		consume_held(e, f, side, ret_changed);
	if (!s->midstream || innermost(f)->protocol || s->skip == BULK)
		return;
	/* Nobody knows the junk in front: does the new segment by itself begin a message? */
	drop_held(e, f, s);
	size_t used = consume(e, f, side, b, ret_changed);
	if (used < b.size && !hold(e, f, s, bytes_of(b.at + used, b.size - used)))
		overflow(e, f, side);
}

void layer_bytes(struct engine *e, struct flow *f, enum side side, struct bytes b)
{
	struct stream *s = &f->side[side];
	bool changed = false;

	note_first_bytes(f, b);
	if (held_size(s) > 0) {
		more_bytes(e, f, side, b, &changed);
	} else {
		size_t used = consume(e, f, side, b, &changed);
		if (used < b.size && !hold(e, f, s, bytes_of(b.at + used, b.size - used)))
			overflow(e, f, side);
	}
	/* What the other side had said already may be waiting for just this: an answer, a new protocol, a tunnel. */
	enum side other = side == CLIENT ? SERVER : CLIENT;
	changed |= held_size(&f->side[other]) > 0 && innermost(f)->protocol;
	for (int turns = 0; changed && turns < 2 * LIMIT_LAYERS; turns++) {
		side = side == CLIENT ? SERVER : CLIENT;
		changed = false;
		if (held_size(&f->side[side]) > 0 && held_size(&f->side[side]) >= f->side[side].need)
			consume_held(e, f, side, &changed);
	}
}

void layer_datagram(struct engine *e, struct flow *f, enum side side, struct bytes b)
{
	const struct protocol *protocol = NULL;

	if (b.size == 0 || f->side[side].skip == BULK)
		return;
	note_first_bytes(f, b);
	if (!innermost(f)->protocol) {
		uint32_t refused = 0;
		if (probe_all(e, f, side, b, true, &refused, &protocol) != PROBE_YES || !layer_adopt(e, f, innermost(f), protocol)) {
			if (++f->side[side].tries >= DATAGRAM_TRIES)
				unknown(e, f, side);
			return;
		}
	}
	struct parse p = { .engine = e, .flow = f, .layer = innermost(f), .side = side, .datagram = true };
	struct reader r = reader_open(b);
	enum parsed result = p.layer->protocol->parse(&p, &r);
	if (result == PARSE_MALFORMED)
		e->counts.malformed++;
	if (result == PARSE_NOT_MINE)
		layer_abandon(e, f, p.layer);
	for (enum side i = CLIENT; i <= SERVER; i++)
		if (p.finish[i])
			give_up(f, i);
}

void layer_gap(struct engine *e, struct flow *f, enum side side, uint64_t size)
{
	struct stream *s = &f->side[side];
	struct layer *l = innermost(f);
	struct parse p = { .engine = e, .flow = f, .layer = l, .side = side };

	s->midstream = true;
	s->need = 0;
	if (flow_tunnel(f) && !flow_tunnel(f)->protocol)
		flow_tunnel(f)->start_cut = true;
	if (s->held)
		p.left = bytes_of(s->held->at, s->held->size);
	bool goes_on = l->protocol && l->protocol->gap && l->protocol->gap(&p, size);
	drop_held(e, f, s);
	if (goes_on)
		s->skip = p.skip;
	else if (l->protocol)
		give_up(f, side);
}

void layer_end(struct engine *e, struct flow *f, enum side side, enum ending how)
{
	for (int depth = f->depth; depth >= 0; depth--) {
		struct layer *l = flow_layer(f, (unsigned)depth);
		struct parse p = { .engine = e, .flow = f, .layer = l, .side = side };
		if (l->protocol && l->protocol->end)
			l->protocol->end(&p, how);
	}
}

void layer_close(struct engine *e, struct flow *f, enum ending how)
{
	child_close_all(e, f, how);
	for (int depth = f->depth; depth >= 0; depth--) {
		struct layer *l = flow_layer(f, (unsigned)depth);
		struct parse p = { .engine = e, .flow = f, .layer = l, .side = CLIENT };
		if (l->protocol && l->protocol->close)
			l->protocol->close(&p, how);
		layer_abandon(e, f, l);
	}
	give_up(f, CLIENT);
	give_up(f, SERVER);
}
