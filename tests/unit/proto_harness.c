/* SPDX-License-Identifier: BSD-2-Clause
 * The stand-in for the engine declared in proto_harness.h. */
#include "proto_harness.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/instant.h"
#include "base/limits.h"
#include "record/json.h"

/* One side of one layer. */
struct lane {
	uint8_t *hold; /* bytes shown and not consumed yet */
	size_t size;
	size_t need;
	uint64_t skip;
	bool finished, malformed, lost;
};

struct layer {
	const struct protocol *protocol; /* NULL: not found yet */
	void *state;
	const char *name; /* once confirmed */
	bool refused[64]; /* protocols[] that said no */
	bool only_refused; /* the one that gets the flow without probing said no */
	struct lane lanes[2];
};

/* A conversation inside the flow. */
struct child {
	uint64_t key;
	char protocol[32];
	struct record *common;
	uint8_t *bytes[2];
	size_t size[2];
	bool open;
};

struct parse {
	struct harness *h;
	unsigned layer;
	enum side side;
};

struct harness {
	const struct protocol *only;
	uint32_t datasets;
	bool midstream, datagram, closed, alone;
	struct bytes left; /* parse_left */
	uint16_t server_port;
	uint64_t time_ns, packet;
	struct layer layers[LIMIT_LAYERS];
	unsigned n_layers;
	struct parse inner_parse;

	struct record *scratch;
	bool open;
	uint64_t scratch_packet;
	struct record *records[HARNESS_RECORDS];
	size_t count;

	char server_name[256];
	const char *tunnel;
	bool handed_over, turned_inside;
	struct record *tunnel_common;
	uint8_t *tunnel_bytes[2];
	size_t tunnel_size[2];
	struct child children[HARNESS_CHILDREN];
	size_t n_children;
	char *text;
};

static void *must(void *at)
{
	if (!at)
		abort();
	return at;
}

static void append(uint8_t **at, size_t *size, struct bytes b)
{
	if (b.size == 0)
		return;
	uint8_t *grown = must(malloc(*size + b.size));
	if (*size)
		memcpy(grown, *at, *size);
	memcpy(grown + *size, b.at, b.size);
	free(*at);
	*at = grown;
	*size += b.size;
}

/* Drops the first n bytes; what stays is again an exact block. */
static void drop(struct lane *lane, size_t n)
{
	size_t rest = lane->size - n;
	uint8_t *kept = NULL;
	if (rest) {
		kept = must(malloc(rest));
		memcpy(kept, lane->hold + n, rest);
	}
	free(lane->hold);
	lane->hold = kept;
	lane->size = rest;
}

/* --- what protocols call --- */

enum side parse_side(const struct parse *p) { return p->side; }
uint64_t parse_time_ns(const struct parse *p) { return p->h->time_ns; }
bool parse_is_datagram(const struct parse *p) { return p->h->datagram; }
bool parse_midstream(const struct parse *p)
{
	return p->h->midstream || p->h->layers[p->layer].lanes[p->side].lost;
}
struct bytes parse_left(const struct parse *p) { return p->h->left; }
bool parse_alone(const struct parse *p) { return p->h->alone; }
uint16_t parse_server_port(const struct parse *p) { return p->h->server_port; }
uint64_t parse_packet(const struct parse *p) { return p->h->packet; }
bool parse_wants(const struct parse *p, enum dataset d) { return (p->h->datasets & DATASET_BIT(d)) != 0; }

bool parse_wants_text(const struct parse *p, enum dataset d, enum field f, struct bytes text, const enum field *absent,
		      size_t n_absent)
{
	(void)f;
	(void)text;
	(void)absent;
	(void)n_absent;
	return parse_wants(p, d);
}

void parse_charge(struct parse *p, size_t more, size_t less)
{
	(void)p;
	(void)more;
	(void)less;
}

void *parse_state(struct parse *p)
{
	struct layer *layer = &p->h->layers[p->layer];
	if (!layer->state && layer->protocol)
		layer->state = must(calloc(1, layer->protocol->state_size ? layer->protocol->state_size : 1));
	return layer->state;
}

struct record *parse_blank(struct parse *p)
{
	struct harness *h = p->h;
	if (!h->scratch)
		h->scratch = must(record_new());
	h->open = false;
	record_clear(h->scratch, DATASET_FLOW, h->time_ns);
	return h->scratch;
}

struct record *parse_record_at(struct parse *p, enum dataset d, uint64_t time_ns, uint64_t packet)
{
	static const uint8_t client[4] = { 10, 1, 10, 11 }, server[4] = { 10, 1, 250, 10 };
	struct harness *h = p->h;
	if (!parse_wants(p, d))
		return NULL;
	(void)parse_blank(p);
	h->open = true;
	record_clear(h->scratch, d, time_ns);
	struct address source = address_v4(client);
	struct address destination = address_v4(server);
	record_set_ip(h->scratch, FIELD_SOURCE_IP, &source);
	record_set_uint(h->scratch, FIELD_SOURCE_PORT, 50000);
	record_set_ip(h->scratch, FIELD_DESTINATION_IP, &destination);
	record_set_uint(h->scratch, FIELD_DESTINATION_PORT, h->server_port);
	record_set_string(h->scratch, FIELD_NETWORK_TRANSPORT, h->datagram ? "udp" : "tcp");
	record_set_uint(h->scratch, FIELD_SENSOR_PACKET, packet);
	return h->scratch;
}

struct record *parse_record(struct parse *p, enum dataset d)
{
	return parse_record_at(p, d, p->h->time_ns, p->h->packet);
}

void parse_emit(struct parse *p, struct record *r)
{
	struct harness *h = p->h;
	if (!r)
		return;
	if (r != h->scratch || !h->open)
		abort(); /* not the open record */
	h->open = false;
	if (h->count < HARNESS_RECORDS)
		h->records[h->count++] = must(record_copy(r));
}

static struct lane *lane_of(struct parse *p) { return &p->h->layers[p->layer].lanes[p->side]; }

void parse_need(struct parse *p, size_t size) { lane_of(p)->need = size; }
void parse_skip(struct parse *p, uint64_t size) { lane_of(p)->skip = size; }

void parse_finish(struct parse *p, bool both)
{
	lane_of(p)->finished = true;
	if (both)
		p->h->layers[p->layer].lanes[!p->side].finished = true;
}

void parse_confirm(struct parse *p)
{
	struct layer *layer = &p->h->layers[p->layer];
	layer->name = layer->protocol ? layer->protocol->name : NULL;
}

void parse_server_name(struct parse *p, struct bytes name)
{
	struct text t = TEXT_ON(p->h->server_name);
	text_utf8(&t, name);
	text_end(&t);
}

void parse_tunnel(struct parse *p, const char *kind, const struct record *common)
{
	struct harness *h = p->h;
	if (p->layer + 1 != h->n_layers)
		abort(); /* told twice */
	if (!h->tunnel) {
		h->tunnel = kind;
		h->tunnel_common = common ? must(record_copy(common)) : NULL;
	}
	if (h->n_layers == LIMIT_LAYERS) {
		parse_finish(p, true);
		return;
	}
	h->n_layers++;
}

void parse_turn_inside(struct parse *p)
{
	p->h->turned_inside = true;
}

void parse_handover(struct parse *p)
{
	struct harness *h = p->h;
	if (p->layer + 1 != h->n_layers)
		abort(); /* told twice */
	h->handed_over = true;
	if (h->n_layers == LIMIT_LAYERS) {
		parse_finish(p, true);
		return;
	}
	h->n_layers++;
}

static struct child *child_find(struct harness *h, uint64_t key)
{
	for (size_t i = 0; i < h->n_children; i++)
		if (h->children[i].key == key && h->children[i].open)
			return &h->children[i];
	return NULL;
}

bool parse_child_open(struct parse *p, uint64_t key, const char *protocol, const struct record *common)
{
	struct harness *h = p->h;
	parse_child_close(p, key);
	size_t open = 0;
	for (size_t i = 0; i < h->n_children; i++)
		open += h->children[i].open;
	for (size_t i = 0; i < h->n_children && open >= LIMIT_CHILDREN; i++) {
		open -= h->children[i].open;
		h->children[i].open = false;
	}
	h->open = false; /* what closes a child may tell: a record opened before is lost */
	if (h->n_children == HARNESS_CHILDREN)
		return false;
	struct child *c = &h->children[h->n_children++];
	struct text name = TEXT_ON(c->protocol);
	text_string(&name, protocol);
	text_end(&name);
	c->key = key;
	c->open = true;
	c->common = common ? must(record_copy(common)) : NULL;
	return true;
}

bool parse_child_bytes(struct parse *p, uint64_t key, enum side side, struct bytes b)
{
	struct child *c = child_find(p->h, key);
	p->h->open = false;
	if (c)
		append(&c->bytes[side], &c->size[side], b);
	return c != NULL;
}

void parse_child_close(struct parse *p, uint64_t key)
{
	struct child *c = child_find(p->h, key);
	p->h->open = false;
	if (c)
		c->open = false;
}

bool parse_inner(struct parse *p, const char *protocol, struct bytes payload, struct record *into)
{
	for (const struct protocol *const *at = protocols; *at; at++) {
		if (strcmp((*at)->name, protocol) != 0 || !(*at)->inner)
			continue;
		uint8_t *exact = must(malloc(payload.size ? payload.size : 1));
		if (payload.size)
			memcpy(exact, payload.at, payload.size);
		struct reader r = reader_open(bytes_of(exact, payload.size));
		bool known = (*at)->inner(p, &r, into);
		free(exact);
		return known;
	}
	return false;
}

/* --- bytes in --- */

static void show(struct harness *h, unsigned layer, enum side side);

static bool has_port(const struct protocol *protocol, const struct harness *h)
{
	const struct port_hint *p = protocol->ports;

	while (p && p->port && (p->port != h->server_port || p->datagram != h->datagram))
		p++;
	return p && p->port;
}

/* Asks the protocols that have not said no. True where one took the flow. */
static bool find(struct harness *h, struct layer *layer, enum side side)
{
	struct lane *lane = &layer->lanes[side];
	if (lane->size == 0)
		return false;
	if (h->only && layer == h->layers) {
		layer->protocol = layer->only_refused ? NULL : h->only;
		return !layer->only_refused;
	}
	const struct protocol *by_port = NULL;
	bool waits = false;
	for (size_t i = 0; protocols[i] && i < ARRAY_SIZE(layer->refused); i++) {
		const struct protocol *candidate = protocols[i];
		if (layer->refused[i] || !candidate->probe || !(h->datagram ? candidate->datagram : candidate->stream))
			continue;
		enum probe answer = candidate->probe(side, bytes_of(lane->hold, lane->size));
		if (answer == PROBE_YES) {
			layer->protocol = candidate;
			return true;
		}
		if (answer == PROBE_ON_PORT && !by_port && has_port(candidate, h))
			by_port = candidate;
		if (answer == PROBE_MORE)
			waits = true;
		else
			layer->refused[i] = true;
	}
	if (waits && lane->size < LIMIT_PROBE)
		return false;
	layer->protocol = by_port;
	return by_port != NULL;
}

/* The bytes that the upper layer left are the tunnel's. */
static void hand_over(struct harness *h, unsigned from)
{
	for (int side = 0; side < 2; side++) {
		struct lane *lane = &h->layers[from].lanes[side];
		struct lane *next = &h->layers[from + 1].lanes[side];
		struct bytes left = bytes_of(lane->hold, lane->size);
		if (from == 0)
			append(&h->tunnel_bytes[side], &h->tunnel_size[side], left);
		append(&next->hold, &next->size, left);
		drop(lane, lane->size);
		next->skip = lane->skip;
	}
	show(h, from + 1, CLIENT);
	show(h, from + 1, SERVER);
}

/* Where there is only one protocol, nobody else may try. */
static void refuse(const struct harness *h, struct layer *layer)
{
	if (h->only && layer == h->layers)
		layer->lanes[CLIENT].finished = layer->lanes[SERVER].finished = true;
	for (size_t i = 0; protocols[i] && i < ARRAY_SIZE(layer->refused); i++)
		layer->refused[i] |= protocols[i] == layer->protocol;
	if (layer->state && layer->protocol->release)
		layer->protocol->release(layer->state);
	free(layer->state);
	layer->state = NULL;
	layer->only_refused |= layer->protocol != NULL;
	layer->protocol = NULL;
}

/* Counts off what is to be skipped. */
static void skip(struct lane *lane)
{
	size_t n = lane->skip < lane->size ? (size_t)lane->skip : lane->size;
	if (n)
		drop(lane, n);
	lane->skip -= n;
}

/* One call of parse. True where it got on (consumed, skipped) and bytes are left. */
static bool parse_once(struct harness *h, unsigned n, enum side side)
{
	struct layer *layer = &h->layers[n];
	struct lane *lane = &layer->lanes[side];
	unsigned layers = h->n_layers;
	struct parse p = { h, n, side };
	uint8_t *shown = lane->hold;
	size_t size = lane->size;

	lane->need = 0;
	struct reader r = reader_open(bytes_of(shown, size));
	enum parsed answer = layer->protocol->parse(&p, &r);
	size_t used = reader_offset(&r);
	if (answer == PARSE_NOT_MINE && !layer->name) {
		refuse(h, layer);
		return true;
	}
	if (answer != PARSED)
		lane->malformed = true;
	drop(lane, h->datagram ? size : used);
	skip(lane);
	if (h->n_layers > layers) {
		hand_over(h, n);
		return false;
	}
	return answer == PARSED && used > 0 && lane->size > 0;
}

static void show(struct harness *h, unsigned n, enum side side)
{
	struct layer *layer = &h->layers[n];
	struct lane *lane = &layer->lanes[side];

	for (;;) {
		if (h->n_layers > n + 1)
			return;
		skip(lane);
		if (lane->finished || lane->malformed)
			drop(lane, lane->size);
		if (lane->size == 0 || lane->size < lane->need || lane->skip)
			return;
		if (!layer->protocol && !find(h, layer, side))
			return;
		if (!parse_once(h, n, side) && layer->protocol)
			return;
	}
}

static void arrive(struct harness *h, enum side side, struct bytes b)
{
	unsigned n = h->n_layers - 1;
	struct lane *lane = &h->layers[n].lanes[side];
	if (n > 0)
		append(&h->tunnel_bytes[side], &h->tunnel_size[side], b);
	append(&lane->hold, &lane->size, b);
	show(h, n, side);
	if (n + 1 == h->n_layers)
		show(h, n, !side);
}

void harness_feed(struct harness *h, enum side side, struct bytes bytes, size_t segment, size_t cut)
{
	size_t at = 0;
	while (at < bytes.size) {
		size_t n = bytes.size - at;
		if (segment && n > segment)
			n = segment;
		if (cut > at && cut < at + n)
			n = cut - at;
		arrive(h, side, bytes_of(bytes.at + at, n));
		at += n;
	}
	h->time_ns += NS_PER_MS;
	h->packet++;
}

void harness_gap(struct harness *h, enum side side, uint64_t size)
{
	unsigned n = h->n_layers - 1;
	struct layer *layer = &h->layers[n];
	struct lane *lane = &layer->lanes[side];
	struct parse p = { h, n, side };
	uint64_t covered = lane->skip < size ? lane->skip : size;

	h->time_ns += NS_PER_MS;
	h->packet++;
	lane->skip -= covered;
	if (covered == size || !layer->protocol)
		return;
	lane->need = 0;
	lane->lost = true;
	h->left = bytes_of(lane->hold, lane->size);
	if (!layer->protocol->gap || !layer->protocol->gap(&p, size - covered))
		lane->finished = true;
	h->left = (struct bytes){ 0 };
	drop(lane, lane->size);
}

void harness_end(struct harness *h, enum side side, enum ending how)
{
	for (unsigned n = 0; n < h->n_layers; n++) {
		struct parse p = { h, n, side };
		if (h->layers[n].protocol && h->layers[n].protocol->end)
			h->layers[n].protocol->end(&p, how);
	}
}

void harness_close(struct harness *h, enum ending how)
{
	if (h->closed)
		return;
	h->closed = true;
	for (unsigned n = 0; n < h->n_layers; n++) {
		struct parse p = { h, n, CLIENT };
		if (h->layers[n].protocol && h->layers[n].protocol->close)
			h->layers[n].protocol->close(&p, how);
	}
}

void harness_run(struct harness *h, const struct step *steps, size_t n, size_t segment, size_t cut)
{
	size_t at = 0;
	for (size_t i = 0; i < n; i++) {
		const struct step *s = &steps[i];
		if (s->gap)
			harness_gap(h, s->side, s->gap);
		else if (s->bytes.size == 0)
			harness_end(h, s->side, ENDED_FIN);
		else
			harness_feed(h, s->side, s->bytes, segment, cut > at ? cut - at : 0);
		at += s->bytes.size;
	}
	harness_close(h, ENDED_FIN);
}

static struct harness *run_cut(const struct protocol *only, const struct step *steps, size_t n, size_t segment,
			       size_t cut, void (*setup)(struct harness *h))
{
	struct harness *h = harness_new(only);
	if (setup)
		setup(h);
	harness_run(h, steps, n, segment, cut);
	return h;
}

static size_t total(const struct step *steps, size_t n)
{
	size_t size = 0;
	for (size_t i = 0; i < n; i++)
		size += steps[i].bytes.size;
	return size;
}

bool harness_same_however_cut(const struct protocol *only, const struct step *steps, size_t n,
			      void (*setup)(struct harness *h))
{
	struct harness *whole = run_cut(only, steps, n, 0, 0, setup);
	const char *wanted = harness_text(whole);
	size_t size = total(steps, n);
	bool same = true;

	for (size_t cut = 0; same && cut < size; cut++) {
		struct harness *h = run_cut(only, steps, n, cut == 0 ? 1 : 0, cut, setup);
		same = strcmp(harness_text(h), wanted) == 0;
		if (!same)
			fprintf(stderr, "cut at %zu of %zu:\n%s--- instead of\n%s", cut, size, harness_text(h), wanted);
		harness_free(h);
	}
	harness_free(whole);
	return same;
}

void harness_truncate(const struct protocol *only, const struct step *steps, size_t n)
{
	for (size_t keep = 0; keep < total(steps, n); keep++) {
		struct harness *h = harness_new(only);
		size_t left = keep;
		for (size_t i = 0; i < n; i++) {
			size_t size = steps[i].bytes.size < left ? steps[i].bytes.size : left;
			harness_feed(h, steps[i].side, bytes_of(steps[i].bytes.at, size), 0, 0);
			left -= size;
		}
		harness_close(h, ENDED_TIMEOUT);
		harness_free(h);
	}
}

/* --- life, and what came out --- */

struct harness *harness_new(const struct protocol *only)
{
	struct harness *h = must(calloc(1, sizeof(*h)));
	h->only = only;
	h->datasets = DATASETS_ALL;
	h->server_port = 8080;
	h->time_ns = HARNESS_START_NS;
	h->packet = 1;
	h->n_layers = 1;
	return h;
}

void harness_free(struct harness *h)
{
	if (!h)
		return;
	for (unsigned n = 0; n < LIMIT_LAYERS; n++) {
		if (h->layers[n].state && h->layers[n].protocol->release)
			h->layers[n].protocol->release(h->layers[n].state);
		free(h->layers[n].state);
		free(h->layers[n].lanes[0].hold);
		free(h->layers[n].lanes[1].hold);
	}
	for (size_t i = 0; i < h->count; i++)
		record_free(h->records[i]);
	for (size_t i = 0; i < h->n_children; i++) {
		record_free(h->children[i].common);
		free(h->children[i].bytes[0]);
		free(h->children[i].bytes[1]);
	}
	record_free(h->scratch);
	record_free(h->tunnel_common);
	free(h->tunnel_bytes[0]);
	free(h->tunnel_bytes[1]);
	free(h->text);
	free(h);
}

void harness_set_datasets(struct harness *h, uint32_t datasets) { h->datasets = datasets; }
void harness_set_alone(struct harness *h) { h->alone = true; }
void harness_set_midstream(struct harness *h, bool midstream) { h->midstream = midstream; }
void harness_set_datagram(struct harness *h, bool datagram) { h->datagram = datagram; }
void harness_set_server_port(struct harness *h, uint16_t port) { h->server_port = port; }
size_t harness_count(const struct harness *h) { return h->count; }
const struct record *harness_record(const struct harness *h, size_t i) { return i < h->count ? h->records[i] : NULL; }

const struct record *harness_find(const struct harness *h, enum dataset d, size_t nth)
{
	for (size_t i = 0; i < h->count; i++)
		if (h->records[i]->dataset == d && nth-- == 0)
			return h->records[i];
	return NULL;
}

size_t harness_children(const struct harness *h) { return h->n_children; }
const char *harness_child_protocol(const struct harness *h, size_t i) { return h->children[i].protocol; }
const struct record *harness_child_common(const struct harness *h, size_t i) { return h->children[i].common; }
bool harness_child_is_open(const struct harness *h, size_t i) { return h->children[i].open; }
struct bytes harness_child_bytes(const struct harness *h, size_t i, enum side side)
{
	return bytes_of(h->children[i].bytes[side], h->children[i].size[side]);
}

static void child_text(const struct child *c, struct text *t)
{
	text_printf(t, "child %s ", c->protocol);
	if (c->common)
		record_json(c->common, t);
	for (int side = 0; side < 2; side++) {
		text_char(t, ' ');
		text_hex(t, bytes_of(c->bytes[side], c->size[side] < 1024 ? c->size[side] : 1024));
	}
	text_char(t, '\n');
}

const char *harness_text(struct harness *h)
{
	size_t room = (h->count + h->n_children + 2) * JSON_LINE;
	free(h->text);
	h->text = must(malloc(room));
	struct text t = { h->text, room, 0, false };
	for (size_t i = 0; i < h->count; i++) {
		record_json(h->records[i], &t);
		text_char(&t, '\n');
	}
	if (h->tunnel_common) {
		record_json(h->tunnel_common, &t);
		text_char(&t, '\n');
	}
	for (size_t i = 0; i < h->n_children; i++)
		child_text(&h->children[i], &t);
	text_printf(&t, "protocol=%s tunnel=%s malformed=%d,%d name=%s tunnelled=%zu,%zu\n",
		    h->layers[0].name ? h->layers[0].name : "-", h->tunnel ? h->tunnel : "-",
		    h->layers[0].lanes[CLIENT].malformed, h->layers[0].lanes[SERVER].malformed, h->server_name,
		    h->tunnel_size[CLIENT], h->tunnel_size[SERVER]);
	text_end(&t);
	return h->text;
}

const char *harness_protocol(const struct harness *h)
{
	const struct protocol *protocol = h->layers[h->n_layers - 1].protocol;
	return protocol ? protocol->name : NULL;
}
const char *harness_confirmed(const struct harness *h) { return h->layers[0].name; }
const char *harness_server_name(const struct harness *h) { return h->server_name; }
bool harness_turned_inside(const struct harness *h) { return h->turned_inside; }
bool harness_handed_over(const struct harness *h) { return h->handed_over; }
const char *harness_tunnel(const struct harness *h) { return h->tunnel; }
const struct record *harness_tunnel_common(const struct harness *h) { return h->tunnel_common; }
struct bytes harness_tunnel_bytes(const struct harness *h, enum side side)
{
	return bytes_of(h->tunnel_bytes[side], h->tunnel_size[side]);
}
bool harness_malformed(const struct harness *h, enum side side) { return h->layers[0].lanes[side].malformed; }

struct parse *harness_parse(struct harness *h)
{
	h->inner_parse = (struct parse){ h, 0, CLIENT };
	return &h->inner_parse;
}

struct record *harness_scratch(struct harness *h)
{
	return parse_record(harness_parse(h), DATASET_AUTH);
}
