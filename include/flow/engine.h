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
	/* Where several engines share a capture: the TTLs of hosts that answered are told instead of kept, and what a RST says
	 * of the path is left to who hears them all (engine_reject_ttl). NULL: the engine keeps them itself. */
	void (*host)(void *context, const struct address *host, uint8_t ttl);
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
/* The two halves of engine_packet, where the tunnel's own flow and what runs inside belong to different engines. */
void engine_outer_packet(struct engine *e, const struct packet *packet);
void engine_inner_packet(struct engine *e, const struct packet *packet);
/* For the sinks. Of what is told now: what brought it about, so that the records of engines that share a capture can be
 * put in the order in which one engine alone tells them: by packet, this, `flow`, then as they come. */
enum engine_stage { STAGE_FLOWS_DUE, STAGE_TUNNELS_DUE, STAGE_OUTER, STAGE_INNER, STAGE_END };
struct engine_place {
	enum engine_stage stage;
	uint64_t flow;     /* one for each flow, growing with its first packet; 0 in the stages of a packet */
	uint64_t first_ns; /* of that, at STAGE_END: flows are told in this order there, then by `flow` */
};
struct engine_place engine_place(const struct engine *e);
/* TTL of the RST that the flow just told was refused with; 0: none, or it is judged already. */
uint8_t engine_reject_ttl(const struct engine *e);
/* True where engine_packet will, or engine_tick would, look for what is due when the clock is told time_ns: who shares a
 * capture among engines ticks all of them then. */
struct engine_clock {
	uint64_t now_ns, swept_ns;
};
bool engine_clock_tells(struct engine_clock *c, uint64_t time_ns);
/* Runs what is due at now_ns where no packet comes (live only). */
void engine_tick(struct engine *e, uint64_t now_ns);
/* End of the capture: every flow is told as far as it is known. The engine can be used again afterwards. */
void engine_finish(struct engine *e);
const struct engine_counts *engine_counts(struct engine *e);
void engine_counts_add(struct engine_counts *to, const struct engine_counts *more);

#endif
