/* SPDX-License-Identifier: BSD-2-Clause
 * Reassembly of IP fragments (RFC 791 section 3.2, RFC 8200 section 4.5), bounded in datagrams, bytes, parts and time.
 * The first copy of a byte wins. Mirror ports deliver frames twice: a fragment that repeats a datagram which is
 * already complete is recognised by its bytes and makes no second one. */
#ifndef SENSORD_DECODE_FRAGMENT_H
#define SENSORD_DECODE_FRAGMENT_H

#include "decode/packet.h"

struct fragments;

struct fragment {
	struct address source, destination;
	uint32_t id;
	uint8_t key_protocol; /* IPv4 tells datagrams apart by protocol too; 0 for IPv6 */
	uint8_t depth;        /* IP headers outside: a tunnelled datagram is not its carrier */
	uint8_t protocol, ttl;
	bool more;
	uint16_t offset;      /* bytes */
	struct bytes part;
};

struct datagram {
	struct bytes whole; /* valid until the next frame */
	uint8_t protocol, ttl; /* of the fragment at offset 0 */
};

struct fragments *fragments_new(struct decoder_counts *counts); /* NULL without memory; counts is kept */
void fragments_free(struct fragments *f);
/* True where this fragment completed its datagram, which is then *ret. */
bool fragments_add(struct fragments *f, struct fragment fragment, uint64_t now_ns, struct datagram *ret);

#endif
