/* SPDX-License-Identifier: BSD-2-Clause */
#include "flow_wire.h"

#include <stdlib.h>

#include "base/instant.h"

static void collect(void *context, const struct record *r)
{
	struct wire *w = context;

	if (w->n_records < WIRE_RECORDS)
		w->records[w->n_records++] = record_copy(r);
}

void wire_start(struct wire *w, const struct engine_settings *settings)
{
	memset(w, 0, sizeof(*w));
	w->engine = engine_new(settings ? settings : &engine_defaults, collect, w);
	w->now_ns = UINT64_C(1795382127) * NS_PER_S;
	w->next[0] = 1000;
	w->next[1] = 500000;
	w->port = 40000;
	w->addresses[0] = "10.1.10.11";
	w->addresses[1] = "203.0.113.10";
	w->ttl[0] = w->ttl[1] = 64;
}

void wire_stop(struct wire *w)
{
	for (size_t i = 0; i < w->n_records; i++)
		record_free(w->records[i]);
	engine_free(w->engine);
}

void wire_finish(struct wire *w)
{
	engine_finish(w->engine);
}

static struct packet blank(struct wire *w, int side, uint8_t protocol, uint16_t server_port, const void *payload, size_t size)
{
	struct packet p = { .time_ns = w->now_ns, .number = ++w->number, .ip_version = 4, .protocol = protocol, .ttl = w->ttl[side] };

	address_parse(bytes_string(w->addresses[side]), &p.source);
	address_parse(bytes_string(w->addresses[!side]), &p.destination);
	p.source_port = side ? server_port : w->port;
	p.destination_port = side ? w->port : server_port;
	p.payload = bytes_of(payload, size);
	p.payload_size = (uint32_t)size;
	p.wire_size = (uint32_t)size + 54;
	return p;
}

void wire_tcp_at(struct wire *w, int side, unsigned flags, uint32_t seq, uint32_t ack, const void *payload, size_t size)
{
	/* An exact-size copy: a read behind the payload is a read behind the block. */
	uint8_t *copy = malloc(size ? size : 1);
	if (size)
		memcpy(copy, payload, size);
	struct packet p = blank(w, side, IP_TCP, 80, copy, size);

	p.tcp_flags = (uint8_t)flags;
	p.seq = seq;
	p.ack = ack;
	engine_packet(w->engine, &p);
	free(copy);
	w->now_ns += NS_PER_MS;
}

void wire_tcp(struct wire *w, int side, unsigned flags, const char *payload, size_t size)
{
	wire_tcp_at(w, side, flags, w->next[side], w->next[!side], payload, size);
	w->next[side] += (uint32_t)size + ((flags & (TCP_SYN | TCP_FIN)) ? 1 : 0);
}

void wire_handshake(struct wire *w)
{
	wire_tcp(w, 0, TCP_SYN, NULL, 0);
	wire_tcp(w, 1, TCP_SYN | TCP_ACK, NULL, 0);
	wire_tcp(w, 0, TCP_ACK, NULL, 0);
}

void wire_say(struct wire *w, int side, const char *text)
{
	wire_tcp(w, side, TCP_ACK | TCP_PSH, text, strlen(text));
}

void wire_close(struct wire *w)
{
	wire_tcp(w, 0, TCP_FIN | TCP_ACK, NULL, 0);
	wire_tcp(w, 1, TCP_FIN | TCP_ACK, NULL, 0);
	wire_tcp(w, 0, TCP_ACK, NULL, 0);
}

void wire_udp(struct wire *w, int side, uint16_t server_port, const void *payload, size_t size)
{
	struct packet p = blank(w, side, IP_UDP, server_port, payload, size);

	engine_packet(w->engine, &p);
	w->now_ns += NS_PER_MS;
}

void wire_wait(struct wire *w, uint64_t ns)
{
	w->now_ns += ns;
	engine_tick(w->engine, w->now_ns);
}

static bool fits(const struct record *r, enum dataset d, const char *action)
{
	return r->dataset == d && (!action || record_text_is(r, FIELD_EVENT_ACTION, action));
}

const struct record *wire_record(const struct wire *w, enum dataset d, const char *action, size_t n)
{
	for (size_t i = 0; i < w->n_records; i++)
		if (fits(w->records[i], d, action) && n-- == 0)
			return w->records[i];
	return NULL;
}

size_t wire_count(const struct wire *w, enum dataset d, const char *action)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n_records; i++)
		n += fits(w->records[i], d, action);
	return n;
}
