/* SPDX-License-Identifier: BSD-2-Clause
 * Who was on the wire: told by the engine of every flow when it is answered and when it is over, whether or not anybody
 * wants a record of it. What the sensor knows of its own sight is counted from this. */
#ifndef RECORD_MEETING_H
#define RECORD_MEETING_H

#include "base/address.h"

struct meeting {
	const struct address *client, *server;
	bool client_seen, server_seen; /* packets of that side were captured */
	bool counts;                   /* the end of a TCP connection that was established: one more, or one more one-sided */
	uint64_t time_ns;              /* of its latest packet */
	bool has_mac;
	uint8_t client_mac[6], server_mac[6]; /* link addresses by which they are reached here */
};

typedef void meeting_sink(void *context, const struct meeting *m);

#endif
