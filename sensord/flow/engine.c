/* SPDX-License-Identifier: BSD-2-Clause
 * The engine's doors: a packet comes in, its flow is found, its bytes go to the stream, its flags to the outcome. */
#include "flow/engine.h"

#include <stdlib.h>

#include "base/instant.h"
#include "flow.h"

#define SWEEP_NS (100 * NS_PER_MS)
#define CLOCK_BACK_NS NS_PER_HOUR /* a clock set back further than this is believed */
#define FILES_MAX ((size_t)1 << 19) /* names of capture files kept: what packet numbers have room for */
#define INTERFACES_MAX 4096       /* names of interfaces kept */

const struct engine_settings engine_defaults = {
	.memory_bytes = (size_t)1 << 30,
	.tcp_syn_ns = 10 * NS_PER_S,
	.udp_answer_ns = 10 * NS_PER_S,
	.tcp_idle_ns = 1 * NS_PER_HOUR,
	.udp_idle_ns = 30 * NS_PER_S,
	.tunnel_tick_ns = 60 * NS_PER_S,
	.datasets = DATASETS_ALL,
};

struct engine *engine_new(const struct engine_settings *settings, record_sink *sink, void *context)
{
	struct engine *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	e->settings = *settings;
	e->sink = sink;
	e->context = context;
	e->key = (struct hash_key){ UINT64_C(0x9ae16a3b2f90404f), UINT64_C(0xc949d7c7509e6557) };
	e->n_slots = 4096;
	e->slots = calloc(e->n_slots, sizeof(struct flow_slot));
	e->scratch = record_new();
	e->hosts = hosts_new(&e->key);
	while (protocols[e->protocol_count])
		e->protocol_count++;
	if (!e->slots || !e->scratch || !e->hosts || e->protocol_count > 32) {
		engine_free(e);
		return NULL;
	}
	return e;
}

static void forget(char **list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(list[i]);
	free(list);
}

void engine_free(struct engine *e)
{
	static const struct engine_settings silent = { 0 };

	if (!e)
		return;
	e->settings = silent; /* nobody is told of what is thrown away */
	if (e->slots && e->scratch)
		expire_all(e);
	deadlines_release(&e->ticks);
	hosts_free(e->hosts);
	free(e->due);
	free(e->due_tunnels);
	record_free(e->scratch);
	forget(e->files, e->n_files);
	forget(e->interfaces, e->n_interfaces);
	flow_table_release(e);
	free(e);
}

void engine_set_observer(struct engine *e, const char *observer)
{
	e->settings.observer = observer;
}

void engine_set_datasets(struct engine *e, uint32_t datasets)
{
	e->settings.datasets = datasets;
}

void engine_set_key(struct engine *e, const struct hash_key *key)
{
	e->key = *key;
}

/* 1 + the index of a name in a list that only grows, so that what points to its names stays good; 0: no memory. */
static size_t intern(char ***list, size_t *n, const char *name, size_t max)
{
	for (size_t i = *n; i > 0; i--)
		if (strcmp((*list)[i - 1], name) == 0)
			return i;
	if (*n == max)
		return 0;
	char **more = realloc(*list, (*n + 1) * sizeof(**list));
	if (!more)
		return 0;
	*list = more;
	more[*n] = strdup(name);
	return more[*n] ? ++*n : 0;
}

void engine_set_source(struct engine *e, const char *capture_file, const char *interface)
{
	e->file = capture_file ? intern(&e->files, &e->n_files, capture_file, FILES_MAX) : 0;
	e->interface = interface ? (uint16_t)intern(&e->interfaces, &e->n_interfaces, interface, INTERFACES_MAX) : 0;
}

void flow_key_make(struct flow_key *key, const struct address *source, const struct address *destination, uint16_t source_port,
		   uint16_t destination_port, uint8_t protocol, bool *ret_source_is_a)
{
	int order = address_compare(source, destination);
	bool first = order < 0 || (order == 0 && source_port <= destination_port);

	key->a = first ? *source : *destination;
	key->b = first ? *destination : *source;
	key->port_a = first ? source_port : destination_port;
	key->port_b = first ? destination_port : source_port;
	key->protocol = protocol;
	memset(key->zero, 0, sizeof(key->zero));
	*ret_source_is_a = first;
}

static struct flow *find(struct engine *e, const struct flow_key *key, uint64_t *ret_hash)
{
	for (size_t i = 0; i < ARRAY_SIZE(e->last); i++)
		if (e->last[i] && memcmp(&e->last[i]->key, key, sizeof(*key)) == 0)
			return e->last[i];
	*ret_hash = flow_hash(e, key);
	struct flow *f = flow_find(e, key, *ret_hash);
	if (f) {
		e->last[1] = e->last[0];
		e->last[0] = f;
	}
	return f;
}

static void hold_ceiling(struct engine *e)
{
	while (unlikely(e->counts.memory_bytes > e->settings.memory_bytes) && expire_one(e))
		;
}

static struct flow *begin(struct engine *e, const struct flow_key *key, uint64_t hash)
{
	struct flow *f = flow_make(e, key, hash);
	if (f) {
		e->last[1] = e->last[0];
		e->last[0] = f;
	}
	return f;
}

static enum side note_packet(struct engine *e, struct flow *f, bool source_is_a)
{
	enum side side = flow_side(f, source_is_a);

	f->last_ns = e->now_ns;
	f->last_packet = e->packet;
	f->side[side].seen = true;
	f->side[side].packets++;
	return side;
}

/* before: the flow of the same ports that this packet ends, or NULL. NULL where there is nothing to begin. */
static struct flow *tcp_begin(struct engine *e, const struct packet *p, const struct flow_key *key, uint64_t hash, bool source_is_a,
			      struct flow *before)
{
	bool syn = p->tcp_flags & TCP_SYN, answers_syn = before && before->reopened_by >= 0 && !before->over && (p->tcp_flags & TCP_ACK);
	bool from_client = syn ? !(p->tcp_flags & TCP_ACK) : origin_by_port(p, false);

	if (before && !syn)
		from_client = !answers_syn && before->client_is_a == source_is_a;
	if (before)
		expire_flow(e, before);
	else if (!syn && p->payload_size == 0)
		return NULL; /* the tail of something that was told, or was never seen */
	struct flow *f = begin(e, key, hash ? hash : flow_hash(e, key));
	if (!f)
		return NULL;
	f->midstream = !syn && !answers_syn;
	f->syn = answers_syn;
	f->syn_count = answers_syn;
	origin_note(e, f, p, from_client, source_is_a, p->source_port, p->destination_port);
	return f;
}

static void tcp_packet(struct engine *e, const struct packet *p)
{
	struct flow_key key;
	bool source_is_a;
	uint64_t hash = 0;

	flow_key_make(&key, &p->source, &p->destination, p->source_port, p->destination_port, IP_TCP, &source_is_a);
	struct flow *f = find(e, &key, &hash);
	if (unlikely(!f || origin_begins_anew(f, flow_side(f, source_is_a), p))) {
		f = tcp_begin(e, p, &key, hash, source_is_a, f);
		if (!f)
			return;
	}
	if (unlikely(f->midstream))
		origin_turn_if_wrong(f, p, source_is_a);
	enum side side = note_packet(e, f, source_is_a);
	if (f->over || unlikely((p->tcp_flags & TCP_SYN) && origin_answers_no_syn(f, side, p)))
		return;
	if (p->payload_size > 0 || (p->tcp_flags & (TCP_SYN | TCP_FIN)))
		stream_segment(e, f, side, p);
	if (p->tcp_flags & TCP_ACK)
		stream_acknowledged(e, f, side == CLIENT ? SERVER : CLIENT, p->ack);
	outcome_tcp(e, f, side, p);
	if (f->tell && !f->over)
		outcome_tell(e, f);
}

static void plain_packet(struct engine *e, const struct packet *p, uint16_t source_port, uint16_t destination_port, uint8_t protocol,
			 bool from_client)
{
	struct flow_key key;
	bool source_is_a;
	uint64_t hash = 0;

	flow_key_make(&key, &p->source, &p->destination, source_port, destination_port, protocol, &source_is_a);
	struct flow *f = find(e, &key, &hash);
	if (f && f->over) {
		flow_remove(e, f);
		f = NULL;
	}
	if (!f) {
		f = begin(e, &key, hash ? hash : flow_hash(e, &key));
		if (!f)
			return;
		from_client = protocol == IP_UDP ? origin_by_datagram(p) : from_client;
		origin_note(e, f, p, from_client, source_is_a, source_port, destination_port);
		f->midstream = !from_client && !origin_asked_of_all(p);
	}
	enum side side = note_packet(e, f, source_is_a);
	f->side[side].bytes += p->payload_size;
	if (protocol == IP_ICMP || protocol == IP_ICMPV6) {
		if (!f->has_icmp) {
			f->has_icmp = true;
			f->icmp_type = p->icmp_type;
			f->icmp_code = p->icmp_code;
		}
		if (p->payload_size > f->icmp_payload)
			f->icmp_payload = p->payload_size;
	}
	if (side == SERVER && !f->established) {
		outcome_heard(e, f, p);
		outcome_answered(e, f);
		if (protocol != IP_UDP)
			f->tell = true;
	}
	if (protocol == IP_UDP)
		layer_datagram(e, f, side, p->payload);
	if (f->tell || outcome_known(f))
		outcome_tell(e, f);
}

static bool is_icmp_error(const struct packet *p)
{
	return p->has_quoted;
}

/* Router and neighbour discovery, multicast listeners: the link's own business (RFC 4861, 3810). */
static bool is_link_icmp(const struct packet *p)
{
	return p->protocol == IP_ICMPV6 && ((p->icmp_type >= 130 && p->icmp_type <= 137) || p->icmp_type == 143);
}

static bool is_icmp_answer(const struct packet *p)
{
	return p->protocol == IP_ICMPV6 ? p->icmp_type == 129 : p->icmp_type == 0 || p->icmp_type == 14 || p->icmp_type == 18;
}

static void icmp_packet(struct engine *e, const struct packet *p)
{
	struct flow_key key;
	bool source_is_a;
	uint64_t hash = 0;

	if (is_link_icmp(p))
		return;
	if (!is_icmp_error(p)) {
		plain_packet(e, p, p->icmp_id, p->icmp_id, p->protocol, !is_icmp_answer(p));
		return;
	}
	flow_key_make(&key, &p->quoted_source, &p->quoted_destination, p->quoted_source_port, p->quoted_destination_port,
		      p->quoted_protocol, &source_is_a);
	struct flow *f = find(e, &key, &hash);
	if (f && !f->over && f->client_is_a == source_is_a)
		outcome_icmp_error(e, f, p);
}

/* A tunnel between two addresses is a flow of its own, whatever runs inside. */
static void outer_packet(struct engine *e, const struct packet *p)
{
	struct packet outer = *p;

	outer.source = p->outer_source;
	outer.destination = p->outer_destination;
	outer.n_encap = 0;
	outer.payload = bytes_of(p->payload.at, 0);
	e->place = (struct engine_place){ .stage = STAGE_OUTER };
	plain_packet(e, &outer, 0, 0, p->outer_protocol, true);
}

static void inner_packet(struct engine *e, const struct packet *p)
{
	e->place = (struct engine_place){ .stage = STAGE_INNER };
	e->counts.packets++;
	e->counts.bytes += p->wire_size;
	if (unlikely(p->arp_operation != 0)) {
		told_arp(e, p);
		return;
	}
	switch (p->protocol) {
	case IP_TCP:
		tcp_packet(e, p);
		break;
	case IP_UDP:
		plain_packet(e, p, p->source_port, p->destination_port, IP_UDP, true);
		break;
	case IP_ICMP:
	case IP_ICMPV6:
		icmp_packet(e, p);
		break;
	default:
		plain_packet(e, p, p->source_port, p->destination_port, p->protocol, true);
	}
}

bool engine_clock_tells(struct engine_clock *c, uint64_t time_ns)
{
	if (time_ns > c->now_ns || instant_since(c->now_ns, time_ns) > CLOCK_BACK_NS)
		c->now_ns = time_ns;
	if (c->now_ns >= c->swept_ns && c->now_ns - c->swept_ns < SWEEP_NS)
		return false;
	c->swept_ns = c->now_ns;
	return true;
}

static void advance(struct engine *e, uint64_t time_ns)
{
	bool due = engine_clock_tells(&e->clock, time_ns);

	e->now_ns = e->clock.now_ns;
	if (due)
		expire_due(e);
}

static void begin_packet(struct engine *e, const struct packet *p)
{
	e->packet = e->file << PACKET_FILE_SHIFT | (p->number & PACKET_NUMBER_MASK);
	advance(e, p->time_ns);
	hold_ceiling(e); /* what the packet before it has added, to whatever flow */
}

void engine_packet(struct engine *e, const struct packet *p)
{
	begin_packet(e, p);
	if (unlikely(p->has_outer && !p->arp_operation))
		outer_packet(e, p);
	inner_packet(e, p);
}

void engine_outer_packet(struct engine *e, const struct packet *p)
{
	begin_packet(e, p);
	outer_packet(e, p);
}

void engine_inner_packet(struct engine *e, const struct packet *p)
{
	begin_packet(e, p);
	inner_packet(e, p);
}

struct engine_place engine_place(const struct engine *e)
{
	return e->place;
}

uint8_t engine_reject_ttl(const struct engine *e)
{
	return e->reject_ttl;
}

void engine_tick(struct engine *e, uint64_t now_ns)
{
	advance(e, now_ns);
}

void engine_finish(struct engine *e)
{
	expire_all(e);
}

const struct engine_counts *engine_counts(struct engine *e)
{
	return &e->counts;
}

void engine_counts_add(struct engine_counts *to, const struct engine_counts *more)
{
	to->packets += more->packets;
	to->bytes += more->bytes;
	to->flows += more->flows;
	to->records += more->records;
	to->flows_evicted += more->flows_evicted;
	to->streams_cut += more->streams_cut;
	to->gap_bytes += more->gap_bytes;
	to->overlap_conflicts += more->overlap_conflicts;
	to->malformed += more->malformed;
	to->live_flows += more->live_flows;
	to->memory_bytes += more->memory_bytes;
}
