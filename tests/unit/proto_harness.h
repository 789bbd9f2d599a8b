/* SPDX-License-Identifier: BSD-2-Clause
 * A small stand-in for the engine, for tests of protocols: it serves every parse_* call of proto/protocol.h the way the
 * contract says, takes two-sided byte streams in any segmentation, and keeps the records. Bytes are shown to parsers in
 * heap blocks of their exact size, so that the address sanitizer sees every read past the end.
 *
 * What the contract leaves open is decided here thus:
 *  - what a side left unconsumed is shown again as well after a call for the other side;
 *  - a gap first eats the skip under way; parse.gap hears of the rest only, sees what the side had left, and that is dropped;
 *  - a record that was opened and not emitted is forgotten. */
#ifndef TESTS_PROTO_HARNESS_H
#define TESTS_PROTO_HARNESS_H

#include "proto/protocol.h"

#define HARNESS_RECORDS 1024
#define HARNESS_CHILDREN 128
#define HARNESS_START_NS UINT64_C(1700000000000000000)

struct harness;

/* only: the protocol that gets the flow without probing; NULL: protocols[] are probed. */
struct harness *harness_new(const struct protocol *only);
void harness_free(struct harness *h);

/* To be set before the first bytes. */
void harness_set_datasets(struct harness *h, uint32_t datasets); /* DATASET_BIT()s; all of them at first */
void harness_set_midstream(struct harness *h, bool midstream);
void harness_set_alone(struct harness *h); /* of the other side nothing is captured */
void harness_set_datagram(struct harness *h, bool datagram);
void harness_set_server_port(struct harness *h, uint16_t port);  /* 8080 at first */

/* The next bytes of one side, cut into segments of `segment` bytes (0: in one piece), at `cut` (0: nowhere) once more.
 * All of them carry one time and packet number; the next call is a millisecond and one packet later. Datagram flows:
 * each segment is a datagram. */
void harness_feed(struct harness *h, enum side side, struct bytes bytes, size_t segment, size_t cut);
void harness_gap(struct harness *h, enum side side, uint64_t size);
void harness_end(struct harness *h, enum side side, enum ending how);
/* Ends the flow (once); harness_free does not. */
void harness_close(struct harness *h, enum ending how);

/* One exchange, as in a table: bytes of one side, or a gap (bytes empty), or (both empty) the end of that side. */
struct step {
	enum side side;
	struct bytes bytes;
	uint64_t gap;
};
#define SAY(side, text) { (side), { (const uint8_t *)("" text), sizeof(text) - 1 }, 0 }
#define LOSE(side, size) { (side), { NULL, 0 }, (size) }
/* Runs the steps; cut: offset over all bytes of the exchange at which one more cut is made (0: none). Then closes. */
void harness_run(struct harness *h, const struct step *steps, size_t n, size_t segment, size_t cut);

/* Runs the exchange in one piece, with a cut at every offset, and in single bytes. True where all give the same text
 * as the first; else both texts are printed. setup (may be NULL) prepares each harness. */
bool harness_same_however_cut(const struct protocol *only, const struct step *steps, size_t n,
			      void (*setup)(struct harness *h));
/* Runs every prefix of the exchange: nothing is compared, nothing may break. */
void harness_truncate(const struct protocol *only, const struct step *steps, size_t n);

/* The records so far, in order of their emission. */
size_t harness_count(const struct harness *h);
const struct record *harness_record(const struct harness *h, size_t i);
/* The nth record (from 0) of a kind, or NULL. */
const struct record *harness_find(const struct harness *h, enum dataset d, size_t nth);
/* All records as JSON lines, then the state line: protocol, tunnel kind, malformed sides. The harness owns it. */
const char *harness_text(struct harness *h);

/* Name of the protocol that has the innermost layer, or NULL. */
const char *harness_protocol(const struct harness *h);
/* Confirmed name (parse_confirm) of the outermost layer, or NULL. */
const char *harness_confirmed(const struct harness *h);
/* Name given by parse_server_name, "" where none was. */
const char *harness_server_name(const struct harness *h);
/* The stream was turned over to another protocol (parse_handover); harness_protocol names it. */
bool harness_turned_inside(const struct harness *h); /* parse_turn_inside was called */
bool harness_handed_over(const struct harness *h);
/* Kind and common fields of the first tunnel that was opened; NULL where none was. */
const char *harness_tunnel(const struct harness *h);
const struct record *harness_tunnel_common(const struct harness *h);
/* All bytes of that side that the tunnel carried, recognised or not. */
struct bytes harness_tunnel_bytes(const struct harness *h, enum side side);
bool harness_malformed(const struct harness *h, enum side side);

/* Conversations inside the flow (parse_child_open), in order of their first opening. No protocol runs in them here: what
 * they were given is kept. */
size_t harness_children(const struct harness *h);
const char *harness_child_protocol(const struct harness *h, size_t i);
const struct record *harness_child_common(const struct harness *h, size_t i);
struct bytes harness_child_bytes(const struct harness *h, size_t i, enum side side);
bool harness_child_is_open(const struct harness *h, size_t i);

/* A parse to call a protocol's `inner` with, without any stream; into is a scratch record of the harness. */
struct parse *harness_parse(struct harness *h);
struct record *harness_scratch(struct harness *h);

#endif
