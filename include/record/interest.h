/* SPDX-License-Identifier: BSD-2-Clause
 * What is known of a record before it is made: enough to ask whether anybody could want it. */
#ifndef RECORD_INTEREST_H
#define RECORD_INTEREST_H

#include "record/record.h"

struct interest {
	enum dataset dataset;
	uint64_t time_ns;
	const char *action;    /* event.action */
	const char *outcome;   /* flow.outcome */
	const char *transport; /* network.transport; NULL: it will have none */
	const char *protocol;  /* network.protocol; NULL: it will have none */
	const struct address *client, *server;
	uint16_t client_port, server_port;
	bool has_port;
	/* Where text.at is set: nothing but this field is known yet, and which it will not have; the answer is for that alone. */
	enum field field;
	struct bytes text;
	const enum field *absent; /* a constant list; n_absent of them */
	size_t n_absent;
};

/* Zero: nobody needs this record, and it is not made. INTEREST_RECORD: it is needed. Anything else are the counts and
 * trackers that need to know of it, but not more than its contact (record/contact.h) says. */
#define INTEREST_RECORD (UINT64_C(1) << 63)
#define INTEREST_TRACKER (UINT64_C(1) << 62) /* a tracker that is content with the contact (tracker.contact) */
typedef uint64_t interest_question(void *context, const struct interest *i);

#endif
