/* SPDX-License-Identifier: BSD-2-Clause
 * What the files of this folder share: the flow, its two streams, its layers of protocols, its tunnel. */
#ifndef FLOW_FLOW_H
#define FLOW_FLOW_H

#include "base/deadline.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/table.h"
#include "flow/engine.h"
#include "flow/hosts.h"
#include "proto/protocol.h"

#define BULK UINT64_MAX /* skip: everything to come */

/* Packet numbers carry the index of their capture file in the upper bits, so that a record can cite both. */
#define PACKET_FILE_SHIFT 44
#define PACKET_NUMBER_MASK ((UINT64_C(1) << PACKET_FILE_SHIFT) - 1)

/* Ordered so that either direction of a flow gives the same key; zeroed before it is filled. */
struct flow_key {
	struct address a, b;
	uint16_t port_a, port_b;
	uint8_t protocol;
	uint8_t zero[3];
};

/* A segment that cannot be delivered yet: it is ahead of a hole, or answers bytes not yet seen. Sorted by seq. */
struct segment {
	struct segment *next;
	uint32_t seq, size; /* stream bytes */
	uint32_t ack;       /* acknowledgement that came with it */
	bool has_ack;
	bool bulk;          /* falls into what is skipped: no bytes are kept */
	uint32_t captured;  /* bytes kept, at most size */
	uint8_t bytes[];
};

/* What a side cannot deliver yet, and the hole in front of it. Made when it is needed: most streams never are late. */
struct late {
	struct segment *queue, *newest; /* newest: the last of the queue; of no meaning where that is empty */
	uint64_t hole_ns;     /* since when an acknowledged hole stands */
	uint32_t queue_bytes;
	uint16_t queue_count;
	uint8_t hole_packets; /* packets of the flow since then; 0: no hole */
	/* Bytes were given up because the other side acknowledged them, and nothing has come behind them: `next` jumped from
	 * here, while so many were to be skipped. */
	bool presumed;
	uint32_t lost_from, missed_before;
	uint64_t skip_before;
};

/* Bytes that the parser left, in stream order. */
struct held {
	uint32_t size, room;
	uint8_t at[];
};

struct stream {
	uint64_t bytes;      /* payload on the wire, retransmissions left out where they can be told */
	uint64_t skip;       /* bytes to count off before the parser sees more; BULK for ever */
	struct late *late;
	struct held *held;
	uint32_t next;       /* sequence number of the next byte in order */
	uint32_t acked;      /* highest acknowledgement of the other side */
	uint32_t fin_seq;
	uint32_t need;       /* held bytes before the parser is called again */
	uint32_t packets;
	uint32_t missed;     /* stream bytes that the capture does not hold (saturates) */
	uint32_t last_sample; /* of the last segment delivered: tells a changed retransmission */
	uint16_t last_size;
	uint8_t tries;       /* segments that were probed in vain after a missed start */
	bool seen : 1;       /* any packet of this side */
	bool started : 1;    /* `next` is known */
	bool midstream : 1;  /* the start was not captured, or bytes were lost in front of the parser */
	bool acked_any : 1;
	bool fin : 1;        /* fin_seq is known */
	bool ended : 1;      /* the protocol was told */
	bool unknown : 1;    /* no protocol begins with what it said */
};
_Static_assert(sizeof(struct stream) == 64, "a stream is one cache line");

static inline uint32_t held_size(const struct stream *s) { return s->held ? s->held->size : 0; }

struct layer {
	const struct protocol *protocol;
	void *state;
};

/* What few flows have: protocols inside protocols. */
struct inside {
	struct layer layer[LIMIT_LAYERS - 1]; /* below the first */
	struct tunnel *tunnel;                /* innermost */
	struct child *children;               /* newest first */
};

/* A conversation inside a flow (parse_child_open). */
struct child {
	struct child *next;
	uint64_t key;
	struct layer layer;
	struct record *common;
	struct { uint8_t *held; uint32_t size, room, need; bool done; } side[2];
};

struct tunnel {
	struct deadline tick; /* first: the heap hands this back */
	struct flow *flow;
	struct tunnel *outer;
	struct record *common;
	char kind[16];
	const char *protocol;   /* NULL: not known yet */
	uint64_t opened_ns, opened_packet;
	uint64_t base[2];       /* bytes of each side before the tunnel */
	uint64_t segments, small;
	uint64_t exchanges;
	uint64_t last_client_ns;
	double mean, spread;    /* Welford, of the gaps between bursts in seconds */
	char server_name[256];
	char ja3[33], ja4[48];
	uint8_t first_bytes[16];
	uint8_t n_first_bytes;
	int8_t first_speaker;   /* -1 none, else enum side */
	bool told_protocol, framing_broken;
	bool start_cut;         /* bytes were lost before its protocol was known */
};

/* What a flow waits for: one list each, oldest first, so that time-outs cost nothing per packet. */
enum wait {
	WAIT_ANSWER,   /* TCP without SYN/ACK, anything else without an answer */
	WAIT_SETTLE,   /* answered, not told yet: its protocol may still become known */
	WAIT_OPEN,     /* TCP, told, open */
	WAIT_TALK,     /* anything else that was answered and told */
	WAIT_SILENT,   /* an attempt that was told: its repeats belong to it */
	WAIT_OVER,     /* closed and told: stragglers belong to it */
	WAIT_COUNT
};

/* What every packet touches stands first, on the same cache lines. */
struct flow {
	struct flow_key key;
	uint64_t last_ns;
	uint64_t last_packet;
	bool has_mac : 1;
	bool client_is_a : 1;  /* key.a is the client */
	bool midstream : 1;
	bool syn : 1, syn_ack : 1, established : 1;
	bool told_attempt : 1, told_established : 1, told_reject : 1, over : 1;
	bool tell : 1;         /* tell it as established when this packet is done */
	bool has_icmp : 1;
	bool inside_turned : 1; /* inside its tunnel the server asks */
	uint8_t depth;         /* index of the innermost layer */
	uint8_t wait;          /* enum wait */
	int8_t closed_by;      /* -1, else enum side */
	uint8_t n_first_bytes;
	uint16_t port[2];      /* CLIENT, SERVER */
	struct stream side[2]; /* CLIENT, SERVER */
	struct layer first;    /* the outermost protocol */
	struct inside *inside; /* NULL: nothing is inside it */
	struct flow *older, *newer; /* in its wait list */
	uint64_t listed_ns;    /* when it joined its list */
	uint64_t first_ns;
	uint64_t first_packet;
	char *server_name;
	const char *protocol;  /* network.protocol of the whole flow */
	uint32_t refused;      /* protocols (by index) whose probe said no */
	uint32_t memory;       /* bytes charged for what hangs on this flow */
	union {
		uint8_t first_bytes[16];
		struct address reject_by; /* a refused flow has no bytes */
	};
	uint8_t mac[2][6];
	uint16_t interface;    /* of the first packet: 1 + index, 0 not known */
	uint16_t vlan[2];
	uint8_t n_vlan;
	uint8_t n_encap, encap[4];
	uint8_t reject;        /* 0 none, 1 RST, 2 ICMP */
	uint8_t reject_icmp_type;
	union {
		uint8_t reject_icmp_code; /* reject 2 */
		uint8_t reject_ttl;       /* reject 1 */
	};
	int8_t path_open;      /* -1 not known */
	uint8_t icmp_type, icmp_code;
	uint16_t syn_count;
	uint16_t overlap_conflicts;
	uint32_t icmp_payload;
	uint32_t reopened;     /* first sequence number that a SYN inside the connection asks for, */
	int8_t reopened_by;    /* and who sent it: -1, else enum side */
	int8_t reset_by;       /* whose RST ended it where it stood: -1, else enum side */
	bool went_on;          /* and who said more afterwards */
};

static inline enum side flow_side(const struct flow *f, bool source_is_a)
{
	return f->client_is_a == source_is_a ? CLIENT : SERVER;
}

static inline struct tunnel *flow_tunnel(const struct flow *f) { return f->inside ? f->inside->tunnel : NULL; }
static inline struct layer *flow_layer(struct flow *f, unsigned depth)
{
	return depth == 0 ? &f->first : &f->inside->layer[depth - 1];
}

/* No two flows have the same: where one packet begins a tunnel's flow and one inside, the tunnel's is first. */
static inline uint64_t flow_number(const struct flow *f) { return f->first_packet << 1 | (f->n_encap > 0); }

struct flow_slot {
	uint64_t hash;
	struct flow *flow; /* NULL: free */
};

struct wait_list { struct flow *oldest, *newest; };

struct engine {
	struct engine_settings settings;
	record_sink *sink;
	void *context;
	struct engine_counts counts;
	struct hash_key key;
	struct flow_slot *slots;  /* open addressing, linear probing; a power of two */
	size_t n_slots;
	struct flow *pool;        /* flows to be used again, linked by `older` */
	size_t n_pool;
	struct wait_list waits[WAIT_COUNT];
	struct deadlines ticks;
	struct hosts *hosts;
	struct record *scratch;
	struct engine_clock clock;
	uint64_t now_ns;          /* the clock's */
	struct engine_place place;
	uint8_t reject_ttl;
	struct flow **due;        /* room for those of one sweep */
	size_t n_due, max_due;
	struct tunnel **due_tunnels;
	size_t max_due_tunnels;
	uint64_t packet;          /* under way, with its file index */
	struct flow *last[2];     /* flows of the latest packets */
	char **files;
	size_t n_files;
	uint64_t file;            /* 1 + index of the capture file under way */
	char **interfaces;
	size_t n_interfaces;
	uint16_t interface;       /* the same of the interface */
	uint32_t protocol_count;
};

static inline uint32_t seq_after(uint32_t a, uint32_t b) { return (int32_t)(a - b) > 0; }

/* table.c */
uint64_t flow_hash(const struct engine *e, const struct flow_key *key);
struct flow *flow_find(struct engine *e, const struct flow_key *key, uint64_t hash);
struct flow *flow_make(struct engine *e, const struct flow_key *key, uint64_t hash);
void flow_remove(struct engine *e, struct flow *f); /* unlinks and frees; the ending has been told */
struct inside *flow_inside(struct engine *e, struct flow *f); /* made where there is none; NULL without memory */
void flow_table_release(struct engine *e);
void flow_wait(struct engine *e, struct flow *f, enum wait w);
void flow_charge(struct engine *e, struct flow *f, size_t more, size_t less);

/* stream.c */
void stream_segment(struct engine *e, struct flow *f, enum side side, const struct packet *p);
void stream_acknowledged(struct engine *e, struct flow *f, enum side side, uint32_t ack);
/* Nothing more comes: what is queued is delivered over its holes. */
void stream_flush(struct engine *e, struct flow *f);
void stream_release(struct engine *e, struct flow *f, enum side side);

/* layer.c */
void layer_bytes(struct engine *e, struct flow *f, enum side side, struct bytes b);
void layer_gap(struct engine *e, struct flow *f, enum side side, uint64_t size);
void layer_end(struct engine *e, struct flow *f, enum side side, enum ending how);
void layer_datagram(struct engine *e, struct flow *f, enum side side, struct bytes b);
void layer_close(struct engine *e, struct flow *f, enum ending how);
bool layer_idle(const struct flow *f, enum side side); /* bytes of this side interest nobody */

/* child.c */
void child_close_all(struct engine *e, struct flow *f, enum ending how);

/* tunnel.c */
void tunnel_open(struct engine *e, struct flow *f, const char *kind, const struct record *common);
void tunnel_segment(struct engine *e, struct flow *f, enum side side, struct bytes b, uint32_t size);
void tunnel_protocol(struct engine *e, struct flow *f, const char *name);
/* reason: "protocol" where what runs inside has become known, "age" for the steady tick. */
void tunnel_tell(struct engine *e, struct tunnel *t, const char *action, const char *reason, enum ending how);
/* Which tunnel a record comes out of; t may be NULL. */
void tunnel_name(const struct tunnel *t, struct record *r);
void tunnel_tell_protocol(struct engine *e, struct flow *f); /* once, when it is known */
void tunnel_close(struct engine *e, struct flow *f, enum ending how);
void tunnel_due(struct engine *e, uint64_t now_ns);

/* told.c: flow records */
/* turned: told with the flow's server as its source. */
struct record *told_begin(struct engine *e, struct flow *f, enum dataset d, uint64_t time_ns, uint64_t packet, bool turned);
void told_send(struct engine *e, struct record *r);
void told_flow(struct engine *e, struct flow *f, const char *action);
void told_arp(struct engine *e, const struct packet *p);
const char *flow_outcome(const struct flow *f);

/* outcome.c */
void outcome_tcp(struct engine *e, struct flow *f, enum side side, const struct packet *p);
/* Is it time to tell of an established flow: have both sides spoken in a known protocol? What records anybody wants of
 * them is no reason: the same flow is told at the same packet, whoever listens. */
bool outcome_known(const struct flow *f);
void outcome_answered(struct engine *e, struct flow *f);
void outcome_icmp_error(struct engine *e, struct flow *f, const struct packet *p);
/* Tells what is now worth telling of it. */
void outcome_tell(struct engine *e, struct flow *f);
/* Ends what the protocols keep of a flow and frees it, tunnels too. */
void outcome_free(struct engine *e, struct flow *f, enum ending how);
/* The flow is over: everything is told, what hangs on it is freed; it waits for stragglers. */
void outcome_end(struct engine *e, struct flow *f, enum ending how);
/* The server itself has sent this: its TTL is remembered for the judgement of a RST, and where it came from is told. */
void outcome_heard(struct engine *e, const struct flow *f, const struct packet *p);

/* origin.c */
void origin_note(const struct engine *e, struct flow *f, const struct packet *p, bool from_client, bool source_is_a, uint16_t source_port,
		 uint16_t destination_port);
bool origin_by_port(const struct packet *p, bool datagram); /* is the source the client? */
bool origin_by_datagram(const struct packet *p);            /* the same of a first datagram */
bool origin_asked_of_all(const struct packet *p);
void origin_turn_if_wrong(struct flow *f, const struct packet *p, bool source_is_a);
bool origin_begins_anew(struct flow *f, enum side side, const struct packet *p);
bool origin_answers_no_syn(struct flow *f, enum side side, const struct packet *p);

/* expire.c */
void expire_due(struct engine *e);
bool expire_one(struct engine *e); /* makes room; false where no flow is left */
/* Ends a flow that no packet of its own ended, and removes it. */
void expire_flow(struct engine *e, struct flow *f);
void expire_all(struct engine *e); /* end of the capture */

/* engine.c */
void flow_key_make(struct flow_key *key, const struct address *source, const struct address *destination, uint16_t source_port,
		   uint16_t destination_port, uint8_t protocol, bool *ret_source_is_a);

#endif
