/* SPDX-License-Identifier: BSD-2-Clause
 * Conversations inside a flow that keep a state of their own, such as the named pipes of an SMB session. */
#include <stdlib.h>

#include "parse.h"

static struct child **find(struct flow *f, uint64_t key)
{
	static struct child *none;
	struct child **at = f->inside ? &f->inside->children : &none;

	while (*at && (*at)->key != key)
		at = &(*at)->next;
	return at;
}

static size_t weight(const struct child *c)
{
	return sizeof(*c) + (c->common ? record_memory(c->common) : 0) + c->side[CLIENT].room + c->side[SERVER].room;
}

static void close_child(struct engine *e, struct flow *f, struct child **at, enum ending how)
{
	struct child *c = *at;
	struct parse p = { .engine = e, .flow = f, .layer = &c->layer, .side = CLIENT, .child = c };

	*at = c->next;
	if (c->layer.protocol && c->layer.protocol->close)
		c->layer.protocol->close(&p, how);
	layer_abandon(e, f, &c->layer);
	flow_charge(e, f, 0, weight(c));
	record_free(c->common);
	free(c->side[CLIENT].held);
	free(c->side[SERVER].held);
	free(c);
}

void child_close_all(struct engine *e, struct flow *f, enum ending how)
{
	while (f->inside && f->inside->children)
		close_child(e, f, &f->inside->children, how);
}

static void make_room(struct engine *e, struct flow *f)
{
	unsigned n = 0;

	for (struct child **at = &f->inside->children; *at; at = &(*at)->next) {
		if (++n < LIMIT_CHILDREN)
			continue;
		while (*at)
			close_child(e, f, at, ENDED_TIMEOUT);
		return;
	}
}

bool parse_child_open(struct parse *p, uint64_t key, const char *protocol, const struct record *common)
{
	struct engine *e = p->engine;
	struct flow *f = p->flow;
	struct child **at = find(f, key);
	const struct protocol *known = NULL;

	for (uint32_t i = 0; i < e->protocol_count; i++)
		if (strcmp(protocols[i]->name, protocol) == 0 && protocols[i]->parse)
			known = protocols[i];
	if (p->child || !known || !flow_inside(e, f))
		return false;
	if (*at)
		close_child(e, f, at, ENDED_FIN);
	make_room(e, f);
	struct child *c = calloc(1, sizeof(*c));
	if (!c)
		return false;
	if (!layer_adopt(e, f, &c->layer, known)) {
		free(c);
		return false;
	}
	c->key = key;
	c->common = common ? record_copy(common) : NULL;
	c->next = f->inside->children;
	f->inside->children = c;
	flow_charge(e, f, weight(c), 0);
	return true;
}

/* What the parser uses of b; the side is done with where it broke off or wants no more. */
static size_t feed(struct parse *p, struct child *c, enum side side, struct bytes b)
{
	struct parse call = { .engine = p->engine, .flow = p->flow, .layer = &c->layer, .side = side, .child = c };
	struct reader r = reader_open(b);
	enum parsed result = c->layer.protocol->parse(&call, &r);

	if (result != PARSED) {
		p->engine->counts.malformed++;
		c->side[side].done = true;
		return b.size;
	}
	for (enum side i = CLIENT; i <= SERVER; i++)
		c->side[i].done |= call.finish[i];
	c->side[side].need = call.need;
	return reader_offset(&r);
}

static bool hold(struct parse *p, struct child *c, enum side side, struct bytes b)
{
	uint32_t size = c->side[side].size, room = c->side[side].room;

	if (b.size > LIMIT_CHILD_HOLD - size)
		return false;
	if (size + b.size > room) {
		uint32_t more = size + (uint32_t)b.size + 512;
		uint8_t *held = realloc(c->side[side].held, more);
		if (!held)
			return false;
		flow_charge(p->engine, p->flow, more - room, 0);
		c->side[side].held = held;
		c->side[side].room = more;
	}
	memcpy(c->side[side].held + size, b.at, b.size);
	c->side[side].size += (uint32_t)b.size;
	return true;
}

static void drop(struct child *c, enum side side, size_t used)
{
	uint32_t left = c->side[side].size - (uint32_t)used;

	if (left > 0)
		memmove(c->side[side].held, c->side[side].held + used, left);
	c->side[side].size = left;
}

bool parse_child_bytes(struct parse *p, uint64_t key, enum side side, struct bytes b)
{
	struct child *c = *find(p->flow, key);

	if (!c || c->side[side].done || b.size == 0)
		return c != NULL;
	if (c->side[side].size == 0) {
		size_t used = feed(p, c, side, b);
		if (used < b.size && !c->side[side].done && !hold(p, c, side, bytes_of(b.at + used, b.size - used)))
			c->side[side].done = true;
		return true;
	}
	if (!hold(p, c, side, b)) {
		p->engine->counts.streams_cut++;
		c->side[side].done = true;
		return true;
	}
	if (c->side[side].size >= c->side[side].need)
		drop(c, side, feed(p, c, side, bytes_of(c->side[side].held, c->side[side].size)));
	return true;
}

void parse_child_close(struct parse *p, uint64_t key)
{
	struct child **at = find(p->flow, key);

	if (*at && !p->child)
		close_child(p->engine, p->flow, at, ENDED_FIN);
}
