/* SPDX-License-Identifier: BSD-2-Clause
 * For tests of the engine: packets made by hand, records collected as lines. */
#ifndef FLOW_WIRE_H
#define FLOW_WIRE_H

#include "flow/engine.h"

#define WIRE_RECORDS 4096

struct wire {
	struct engine *engine;
	struct record *records[WIRE_RECORDS];
	size_t n_records;
	uint64_t now_ns, number;
	uint32_t next[2];     /* sequence numbers of client and server */
	uint16_t port;        /* of the client */
	const char *addresses[2];
	uint8_t ttl[2];
};

/* An engine that collects all kinds of record; settings may be NULL. */
void wire_start(struct wire *w, const struct engine_settings *settings);
void wire_stop(struct wire *w);
/* Ends the capture. */
void wire_finish(struct wire *w);
/* A TCP packet of one side (0 client, 1 server) at the side's next sequence number + ahead; the number is not moved. */
void wire_tcp_at(struct wire *w, int side, unsigned flags, uint32_t seq, uint32_t ack, const void *payload, size_t size);
/* In order: the numbers move on; one millisecond passes. */
void wire_tcp(struct wire *w, int side, unsigned flags, const char *payload, size_t size);
void wire_handshake(struct wire *w);
void wire_say(struct wire *w, int side, const char *text);
void wire_close(struct wire *w);
void wire_udp(struct wire *w, int side, uint16_t server_port, const void *payload, size_t size);
void wire_wait(struct wire *w, uint64_t ns);

/* The n-th record (from 0) of this kind and action (NULL: any), or NULL. */
const struct record *wire_record(const struct wire *w, enum dataset d, const char *action, size_t n);
size_t wire_count(const struct wire *w, enum dataset d, const char *action);

#endif
