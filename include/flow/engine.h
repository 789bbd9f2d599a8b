/* SPDX-License-Identifier: BSD-2-Clause
 * The engine: packets in, records out. It owns the flow table, the streams and the state of all protocols. An engine is
 * a value; N workers are N engines. Its clock is the packets'. */
#ifndef FLOW_ENGINE_H
#define FLOW_ENGINE_H

#include "base/hash.h"
#include "decode/packet.h"
#include "record/contact.h"
#include "record/interest.h"
#include "record/meeting.h"

struct engine;

struct engine_settings {
	size_t memory_bytes;       /* ceiling for flows, streams and protocol state together */
	uint64_t tcp_syn_ns;       /* no answer to a SYN for this long: unanswered (MEASURES 4.3: 10 s) */
	uint64_t udp_answer_ns;    /* no datagram back for this long: unanswered (10 s) */
	uint64_t tcp_idle_ns;      /* an established connection without packets for this long is over */
	uint64_t udp_idle_ns;
	uint64_t tunnel_tick_ns;   /* an open tunnel is told again this often */
	uint32_t datasets;         /* DATASET_BIT()s that somebody asks for */
	/* May be changed while running with engine_set_datasets. */
	interest_question *wanted; /* asked with the sink's context before each flow record; NULL: all are wanted */
	contact_sink *contact;     /* takes, in order with the records, what is only counted; NULL: it becomes a record too */
	meeting_sink *met;         /* who was on the wire; NULL: nobody asks */
	const char *observer;      /* observer.name; may be NULL; kept by the caller */
};
extern const struct engine_settings engine_defaults;

struct engine_counts {
	uint64_t packets, bytes, flows, records;
	uint64_t flows_evicted;       /* oldest flow ended early because of memory_bytes */
	uint64_t streams_cut;         /* sides given up because LIMIT_STREAM_HOLD was reached */
	uint64_t gap_bytes, overlap_conflicts, malformed;
	size_t live_flows, memory_bytes;
};

/* r is valid during the call only; who wants to keep it copies it. */
typedef void record_sink(void *context, const struct record *r);

struct engine *engine_new(const struct engine_settings *settings, record_sink *sink, void *context);
void engine_free(struct engine *e);
/* A secret key for the flow table, before the first packet (live: random; replay keeps the fixed one). */
void engine_set_key(struct engine *e, const struct hash_key *key);
void engine_set_datasets(struct engine *e, uint32_t datasets);
/* observer.name from now on; kept by the caller. */
void engine_set_observer(struct engine *e, const char *observer);
/* Where the packets to come are from: for sensor.capture_file and observer.ingress.interface.name. Copied. */
void engine_set_source(struct engine *e, const char *capture_file, const char *interface);
void engine_packet(struct engine *e, const struct packet *packet);
/* Runs what is due at now_ns where no packet comes (live only). */
void engine_tick(struct engine *e, uint64_t now_ns);
/* End of the capture: every flow is told as far as it is known. The engine can be used again afterwards. */
void engine_finish(struct engine *e);
const struct engine_counts *engine_counts(struct engine *e);

#endif
