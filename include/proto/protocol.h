/* SPDX-License-Identifier: BSD-2-Clause
 * What a protocol is to the engine, and what the engine does for a protocol.
 *
 * Life of a TCP flow: the first bytes of either side are shown to the `probe` of each protocol (those with a matching
 * port first; a port is only a hint). The first that says YES owns the flow: its `parse` then gets the bytes of both
 * sides in stream order, each side through its own reader, starting with the very first byte of the stream. parse
 * consumes whole messages and leaves the rest: what it leaves in the reader is kept and shown again, with more behind
 * it. A side's bytes are never shown before the bytes of the other side that its sender had acknowledged.
 *
 * Bulk is never buffered: parse_skip counts it off. A protocol that has all it wants says parse_finish.
 *
 * Parsers compute; they never log, read a clock, or keep a view beyond the call. They may allocate only through
 * parse_state and record_copy, bounded by base/limits.h, and free in `release`. */
#ifndef PROTO_PROTOCOL_H
#define PROTO_PROTOCOL_H

#include "base/reader.h"
#include "record/record.h"

enum side { CLIENT, SERVER }; /* who sent the bytes */

enum probe {
	PROBE_NO,   /* not this protocol */
	PROBE_MORE, /* cannot tell yet; more bytes of this side are needed */
	PROBE_YES,
	PROBE_ON_PORT, /* on a port of this protocol yes, where no other is sure; elsewhere no */
};

/* Who sends a message that begins so. */
enum speaker {
	SPEAKER_UNKNOWN,
	SPEAKER_CLIENT,
	SPEAKER_SERVER,
};

enum parsed {
	PARSED,           /* fine so far; what is left in the reader waits for more bytes */
	PARSE_MALFORMED,  /* the sender broke the protocol: counted; this side is not parsed further */
	PARSE_NOT_MINE,   /* the probe was wrong: the flow's other candidates may try (allowed before parse_confirm) */
};

/* How one side of a flow came to its end. */
enum ending { ENDED_FIN, ENDED_RST, ENDED_TIMEOUT, ENDED_CAPTURE };

struct parse; /* one call: the side, the packet's time, the flow's state, where records go */

enum side parse_side(const struct parse *p);
uint64_t parse_time_ns(const struct parse *p);
bool parse_is_datagram(const struct parse *p);
/* The flow began before the capture, or bytes of this side were lost before: do not trust the start. */
bool parse_midstream(const struct parse *p);
/* While a gap is told: the bytes in front of it that wait for more. Empty at other times. */
struct bytes parse_left(const struct parse *p);
/* No packet of the other side was captured so far. */
bool parse_alone(const struct parse *p);
uint16_t parse_server_port(const struct parse *p);
/* state_size bytes, zero at the start of the flow; NULL where there was no memory. */
void *parse_state(struct parse *p);
/* Accounts for memory that the state has taken and given back: it counts towards the engine's ceiling. What is freed in
 * `release` need not be given back. */
void parse_charge(struct parse *p, size_t more, size_t less);

/* The same for a record that a state keeps (NULL: none), before (less) and after (more) it changed. */
static inline void parse_charge_record(struct parse *p, const struct record *more, const struct record *less)
{
	if (more || less)
		parse_charge(p, more ? record_memory(more) : 0, less ? record_memory(less) : 0);
}

/* True where a loaded rule or an output asks for records of this kind. */
bool parse_wants(const struct parse *p, enum dataset d);
/* The same of records of which one field is known already, and that will have none of `absent` (a constant list, n_absent
 * of them, may be NULL): false where nobody could want one with this text in it. */
bool parse_wants_text(const struct parse *p, enum dataset d, enum field f, struct bytes text, const enum field *absent,
		      size_t n_absent);
/* A blank record with the flow's common fields (addresses, ports, transport, Community ID, time), or NULL where nobody
 * asks for the kind; setters accept NULL. It is the engine's; at most one is open at a time; parse_emit sends it. */
struct record *parse_record(struct parse *p, enum dataset d);
/* The same, with the time (and packet number) of an earlier moment: a pair is told with the time of its request. */
struct record *parse_record_at(struct parse *p, enum dataset d, uint64_t time_ns, uint64_t packet);
/* The same record without the flow's fields, to be filled and copied (record_copy) for a record to come. */
struct record *parse_blank(struct parse *p);
void parse_emit(struct parse *p, struct record *r);
/* Number of the packet under way, for parse_record_at later. */
uint64_t parse_packet(const struct parse *p);

/* Do not call again for this side before `size` bytes stand in its reader (from its first unconsumed byte). */
void parse_need(struct parse *p, size_t size);
/* Behind what this call consumes, the next `size` bytes of this side are bulk: counted, not shown. */
void parse_skip(struct parse *p, uint64_t size);
/* The next `size` bytes are bulk: those that are here are consumed, the others announced. True where all are here. */
static inline bool parse_pass(struct parse *p, struct reader *r, uint64_t size)
{
	size_t here = size < reader_left(r) ? (size_t)size : reader_left(r);

	reader_skip(r, here);
	if (here < size)
		parse_skip(p, size - here);
	return here == size;
}
/* The rest of this side (of both where `both`) is bulk. */
void parse_finish(struct parse *p, bool both);
/* It is certainly this protocol: network.protocol of the flow is set. parse_as names it otherwise than the table. */
void parse_confirm(struct parse *p);
/* Names the far end for the flow's own records: SNI or Host (kept up to 255 bytes). */
void parse_server_name(struct parse *p, struct bytes name);

/* From here on the stream carries something else: behind what has been consumed on either side, the bytes belong to a
 * tunnel whose content is found by probing anew. The engine keeps the tunnel's age, volumes and shape and emits the
 * `tunnel` records; `common` (may be NULL) holds fields that each of them gets (url.domain, url.port, user.name,
 * proxy.auth.scheme, user_agent.original …). The calling protocol sees no more bytes; its `close` is still called. */
void parse_tunnel(struct parse *p, const char *kind, const struct record *common);

/* Inside the tunnel that is opened next the flow's server asks and its client answers (a relay that calls out to whom it
 * serves): what is inside is shown, and told, the other way round. */
void parse_turn_inside(struct parse *p);

/* The same without a tunnel to tell of: STARTTLS and its like turn the stream over to what is found by probing. */
void parse_handover(struct parse *p);

/* Hands an inner payload (an NTLM or Kerberos token in an HTTP header …) to the protocol of that name, which sets
 * fields in `into`. False where there is no such protocol or it does not recognise the payload. */
bool parse_inner(struct parse *p, const char *protocol, struct bytes payload, struct record *into);

/* A conversation inside this one with a state of its own: a named pipe in an SMB session. `key` tells it apart within the
 * flow. `common` (may be NULL) holds fields that each of its records gets (user.name, smb.share, smb.pipe …). At most
 * LIMIT_CHILDREN of a flow are open; the oldest is closed for a new one. False where there is no such protocol or memory. */
bool parse_child_open(struct parse *p, uint64_t key, const char *protocol, const struct record *common);
/* Bytes of one side of it, behind those that its parser has left. The child emits records: the caller must have none
 * open. False where no such child is open. */
bool parse_child_bytes(struct parse *p, uint64_t key, enum side side, struct bytes b);
void parse_child_close(struct parse *p, uint64_t key);

struct port_hint {
	uint16_t port;
	bool datagram; /* UDP, else TCP */
};

struct protocol {
	const char *name;              /* as in network.protocol: "http", "tls" … */
	const char *about;             /* documents followed: "RFC 9110, 9112" */
	const struct port_hint *ports; /* ends with port 0; may be NULL */
	bool stream, datagram;         /* carried by TCP, by UDP */
	size_t state_size;

	/* start: the first bytes of one side, as many as there are (at least one). May be NULL for inner-only ones. */
	enum probe (*probe)(enum side side, struct bytes start);
	/* Who must have sent this, where the bytes leave no doubt: turns a flow round whose start was not captured, and
	 * whose client was guessed from its ports. May be NULL. */
	enum speaker (*speaker)(struct bytes start);
	/* Bytes of one side (TCP), or one datagram (UDP; what is left is ignored). */
	enum parsed (*parse)(struct parse *p, struct reader *r);
	/* `size` bytes of this side are lost; the reader continues behind them. What stood before them and was not taken
	 * (parse_left) goes with them. False: give this side up. May be NULL. */
	bool (*gap)(struct parse *p, uint64_t size);
	/* This side will send no more. May be NULL. */
	void (*end)(struct parse *p, enum ending how);
	/* The flow is over: emit what waits (a request without its answer). May be NULL. */
	void (*close)(struct parse *p, enum ending how);
	/* Frees what the state owns (the state itself is the engine's). May be NULL. */
	void (*release)(void *state);
	/* Reads an inner payload for another protocol into its record. May be NULL. */
	bool (*inner)(struct parse *p, struct reader *r, struct record *into);
};

/* All protocols, NULL-terminated, in the order in which they are tried. proto/registry.c is the list. */
extern const struct protocol *const protocols[];

#endif
