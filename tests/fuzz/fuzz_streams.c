/* SPDX-License-Identifier: BSD-2-Clause
 * Segments of one TCP connection in any order, overlap and loss, with all protocols behind them. The first byte picks
 * the server's port. Then each segment: a byte of flags (bit 0 side, 1 FIN, 2 RST, 3 SYN, 4 no ACK, 5 move the number
 * on, 6 cut by the snap length, 7 wait), two bytes that shift its sequence number (without a payload and flag 5: what it
 * acknowledges), one byte of size, the payload. */
#include <stdlib.h>

#include "base/instant.h"
#include "base/reader.h"
#include "flow/engine.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size);

static void on_record(void *context, const struct record *r)
{
	*(uint64_t *)context += r->n_values;
}

static void segment(struct engine *engine, struct reader *all, struct packet *p, uint32_t next[2])
{
	uint8_t flags = reader_u8(all);
	int16_t shift = (int16_t)reader_u16(all);
	size_t length = reader_u8(all);
	unsigned side = flags & 1;
	struct bytes payload = reader_take(all, length < reader_left(all) ? length : reader_left(all));
	struct address swap = p->source;
	uint8_t *exact = malloc(payload.size + 1);

	if (!exact)
		return;
	if (payload.size)
		memcpy(exact, payload.at, payload.size);
	p->tcp_flags = (uint8_t)((flags & 2 ? TCP_FIN : 0) | (flags & 4 ? TCP_RST : 0) | (flags & 8 ? TCP_SYN : 0) | (flags & 16 ? 0 : TCP_ACK));
	bool lies = length == 0 && !(flags & 32);
	p->seq = next[side] + (lies ? 0 : (uint32_t)shift);
	p->ack = next[!side] + (lies ? (uint32_t)shift : 0);
	p->payload = bytes_of(exact, flags & 64 ? payload.size / 2 : payload.size);
	p->payload_size = (uint32_t)payload.size;
	if (flags & 32)
		next[side] = p->seq + p->payload_size;
	p->time_ns += flags & 128 ? 3 * NS_PER_S : NS_PER_MS;
	p->number++;
	if (side) {
		p->source = p->destination;
		p->destination = swap;
		uint16_t port = p->source_port;
		p->source_port = p->destination_port;
		p->destination_port = port;
	}
	engine_packet(engine, p);
	if (side) {
		p->destination = p->source;
		p->source = swap;
		uint16_t port = p->source_port;
		p->source_port = p->destination_port;
		p->destination_port = port;
	}
	free(exact);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
	static const uint16_t ports[] = { 8080, 443, 80, 1080, 53, 22, 21, 25 };
	struct engine_settings settings = engine_defaults;
	struct reader all = reader_open(bytes_of(at, size));
	struct packet p = { .time_ns = UINT64_C(1795382127) * NS_PER_S, .ip_version = 4, .protocol = IP_TCP, .ttl = 64, .source_port = 40000 };
	uint32_t next[2] = { 1000, UINT32_MAX - 100 };
	uint64_t seen = 0;

	settings.memory_bytes = 4 << 20;
	p.destination_port = ports[reader_u8(&all) % ARRAY_SIZE(ports)];
	address_parse(bytes_string("10.1.10.11"), &p.source);
	address_parse(bytes_string("10.1.250.10"), &p.destination);
	struct engine *engine = engine_new(&settings, on_record, &seen);
	for (unsigned n = 0; reader_left(&all) > 0 && n < 4000; n++)
		segment(engine, &all, &p, next);
	engine_finish(engine);
	if (engine_counts(engine)->live_flows != 0)
		abort();
	engine_free(engine);
	return 0;
}
