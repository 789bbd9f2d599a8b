/* SPDX-License-Identifier: BSD-2-Clause
 * The last packets of one capture worker, for evidence: a ring of blocks with a lock each, so that who looks for packets
 * never holds up the worker for more than one block. One memcpy a packet; the oldest block is overwritten. */
#ifndef APP_RECENT_H
#define APP_RECENT_H

#include "capture/capture.h"
#include "decode/packet.h"

#define RECENT_BLOCK (256u << 10) /* bytes */
#define RECENT_INTERFACE 16       /* of an interface name, with its zero */

struct recent;

struct recent_packet {
	uint64_t order;        /* of this worker's packets */
	uint64_t time_ns, number;
	uint32_t wire_size, size;
	int link_type;
	uint8_t protocol;
	uint16_t source_port, destination_port;
	struct address source, destination;
	char interface[RECENT_INTERFACE];
};

/* bytes: at least two blocks are taken. NULL without memory. */
struct recent *recent_new(size_t bytes);
size_t recent_bytes(const struct recent *r);
void recent_free(struct recent *r);
/* Of the worker's thread. */
void recent_add(struct recent *r, const struct frame *frame, const struct packet *packet);
/* Shows every packet from `order` on, oldest first; the data is valid during the call. Any thread. Returns the order
 * that comes next. */
uint64_t recent_walk(struct recent *r, uint64_t order,
		     void (*see)(void *to, const struct recent_packet *p, const uint8_t *data), void *to);

#endif
