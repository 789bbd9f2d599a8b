/* SPDX-License-Identifier: BSD-2-Clause
 * Whose packet is this? The pair of addresses by which frames are shared among engines, for the plain frames that most
 * are; for the others the whole decoder has to be asked. */
#ifndef DECODE_GLANCE_H
#define DECODE_GLANCE_H

#include "decode/packet.h"

/* The same for both directions of a pair, spread over 32 bits. */
uint32_t pair_hash(const struct address *a, const struct address *b);
/* True where decode() makes a packet of this frame without a tunnel, a fragment, an ICMP error or anything kept from
 * earlier frames: *ret is then the pair_hash of its addresses. False says nothing. */
bool glance(int link_type, struct bytes frame, uint32_t *ret);

#endif
