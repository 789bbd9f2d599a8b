/* SPDX-License-Identifier: BSD-2-Clause
 * What the engine does for a protocol while it parses: the services of proto/protocol.h. */
#include "parse.h"

#include <stdlib.h>

#define INNER_DEPTH 4

static bool is_turned(const struct parse *p)
{
	return p->flow->inside_turned && p->layer != &p->flow->first;
}

/* A child is given its bytes by a parent who knows already. */
enum side parse_side(const struct parse *p)
{
	if (!is_turned(p) || p->child)
		return p->side;
	return p->side == CLIENT ? SERVER : CLIENT;
}

uint64_t parse_time_ns(const struct parse *p)
{
	return p->engine->now_ns;
}

bool parse_is_datagram(const struct parse *p)
{
	return p->datagram;
}

bool parse_midstream(const struct parse *p)
{
	return p->flow->midstream || p->flow->side[p->side].midstream;
}

struct bytes parse_left(const struct parse *p)
{
	return p->left;
}

bool parse_alone(const struct parse *p)
{
	return !p->flow->side[p->side == CLIENT ? SERVER : CLIENT].seen;
}

uint16_t parse_server_port(const struct parse *p)
{
	return p->flow->port[is_turned(p) ? CLIENT : SERVER];
}

void *parse_state(struct parse *p)
{
	return p->layer->state;
}

bool parse_wants(const struct parse *p, enum dataset d)
{
	return p->engine->settings.datasets & DATASET_BIT(d);
}

bool parse_wants_text(const struct parse *p, enum dataset d, enum field f, struct bytes text, const enum field *absent,
		      size_t n_absent)
{
	const struct flow *flow = p->flow;
	const struct engine *e = p->engine;
	const struct interest i = {
		.dataset = d, .time_ns = e->now_ns, .protocol = flow->protocol, .field = f, .text = text,
		.absent = absent, .n_absent = n_absent,
		.client = flow->client_is_a ? &flow->key.a : &flow->key.b, .server = flow->client_is_a ? &flow->key.b : &flow->key.a,
		.client_port = flow->port[CLIENT], .server_port = flow->port[SERVER], .has_port = true,
	};

	return parse_wants(p, d) && (!e->settings.wanted || e->settings.wanted(e->context, &i));
}

uint64_t parse_packet(const struct parse *p)
{
	return p->engine->packet;
}

void parse_charge(struct parse *p, size_t more, size_t less)
{
	flow_charge(p->engine, p->flow, more, less);
}

struct record *parse_record(struct parse *p, enum dataset d)
{
	return parse_record_at(p, d, p->engine->now_ns, p->engine->packet);
}

static bool is_partial(const struct flow *f)
{
	return f->side[CLIENT].missed || f->side[SERVER].missed || f->midstream;
}

struct record *parse_blank(struct parse *p)
{
	struct record *r = p->engine->scratch;

	record_clear(r, DATASET_FLOW, p->engine->now_ns);
	r->partial = is_partial(p->flow);
	return r;
}

struct record *parse_record_at(struct parse *p, enum dataset d, uint64_t time_ns, uint64_t packet)
{
	if (!parse_wants(p, d))
		return NULL;
	struct record *r = told_begin(p->engine, p->flow, d, time_ns, packet, is_turned(p));
	r->partial = is_partial(p->flow);
	if (p->child && p->child->common)
		record_merge(r, p->child->common);
	if (d == DATASET_TLS && p->layer != &p->flow->first)
		tunnel_name(flow_tunnel(p->flow), r);
	return r;
}

void parse_emit(struct parse *p, struct record *r)
{
	if (!r)
		return;
	if (!record_has(r, FIELD_NETWORK_PROTOCOL))
		record_set_string(r, FIELD_NETWORK_PROTOCOL, p->layer->protocol->name);
	told_send(p->engine, r);
}

void parse_need(struct parse *p, size_t size)
{
	p->need = size < LIMIT_STREAM_HOLD ? (uint32_t)size : LIMIT_STREAM_HOLD;
}

void parse_skip(struct parse *p, uint64_t size)
{
	p->skip = size > BULK - 1 - p->skip ? BULK - 1 : p->skip + size;
}

void parse_finish(struct parse *p, bool both)
{
	p->finish[p->side] = true;
	if (both)
		p->finish[CLIENT] = p->finish[SERVER] = true;
}

void parse_confirm(struct parse *p)
{
	const char *name = p->layer->protocol->name;

	if (p->layer == &p->flow->first)
		p->flow->protocol = name;
	else if (flow_tunnel(p->flow) && !p->child)
		tunnel_protocol(p->engine, p->flow, name);
}

void parse_server_name(struct parse *p, struct bytes name)
{
	struct tunnel *t = flow_tunnel(p->flow);
	struct address literal;

	if (p->child || address_parse(name, &literal)) /* an address names nobody */
		return;
	if (name.size > 255)
		name.size = 255;
	if (t && p->layer != &p->flow->first) {
		memcpy(t->server_name, name.at, name.size);
		t->server_name[name.size] = '\0';
		return;
	}
	if (p->flow->server_name || name.size == 0)
		return;
	p->flow->server_name = strndup((const char *)name.at, name.size);
	if (p->flow->server_name)
		flow_charge(p->engine, p->flow, name.size + 1, 0);
	p->flow->tell = true;
}

/* What follows on both sides is for another protocol. False where that is one too many. */
static bool descend(struct parse *p)
{
	struct flow *f = p->flow;

	if (p->child || f->depth + 1 >= LIMIT_LAYERS || !flow_inside(p->engine, f)) {
		parse_finish(p, true);
		return false;
	}
	f->depth++;
	f->refused = 0;
	for (enum side i = CLIENT; i <= SERVER; i++) {
		f->side[i].skip = 0;
		f->side[i].need = 0;
		f->side[i].tries = 0;
		f->side[i].unknown = false;
	}
	p->opened = true;
	return true;
}

void parse_tunnel(struct parse *p, const char *kind, const struct record *common)
{
	if (descend(p))
		tunnel_open(p->engine, p->flow, kind, common);
}

void parse_turn_inside(struct parse *p)
{
	if (p->layer == &p->flow->first)
		p->flow->inside_turned = true;
}

void parse_handover(struct parse *p)
{
	(void)descend(p);
}

bool parse_inner(struct parse *p, const char *name, struct bytes payload, struct record *into)
{
	if (p->inner_depth >= INNER_DEPTH)
		return false;
	for (uint32_t i = 0; i < p->engine->protocol_count; i++) {
		if (!protocols[i]->inner || strcmp(protocols[i]->name, name) != 0)
			continue;
		struct reader r = reader_open(payload);
		p->inner_depth++;
		bool known = protocols[i]->inner(p, &r, into);
		p->inner_depth--;
		return known;
	}
	return false;
}
