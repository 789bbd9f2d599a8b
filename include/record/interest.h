/* SPDX-License-Identifier: BSD-2-Clause
 * What is known of a record before it is made: enough to ask whether anybody could want it. */
#ifndef RECORD_INTEREST_H
#define RECORD_INTEREST_H

#include "record/record.h"

struct interest {
	enum dataset dataset;
	uint64_t time_ns;
	const char *action;    /* event.action */
	const char *transport; /* network.transport; NULL: it will have none */
	const char *protocol;  /* network.protocol; NULL: it will have none */
	const struct address *client, *server;
	uint16_t server_port;
	bool has_port;
};

/* False: nobody needs this record, and it is not made. */
typedef bool interest_question(void *context, const struct interest *i);

#endif
