/* SPDX-License-Identifier: BSD-2-Clause
 * Inside of an output: what each kind does. A kind is one file and one row in output.c. It is driven by one thread at a
 * time and keeps no lines: what it took and did not acknowledge is handed to it again after the next connect. */
#ifndef OUTPUT_KIND_H
#define OUTPUT_KIND_H

#include "output/chain.h"
#include "output/output.h"

/* How a kind waits for a descriptor, so that its lines go on being taken in meanwhile. False: the time is over, or the
 * output is ending. */
struct waiter {
	bool (*wait)(void *context, int fd, short events, unsigned milliseconds);
	void *context;
};

enum sent {
	SENT,         /* taken; settle acknowledges it later, in order */
	SENT_FULL,    /* not taken: settle first */
	SENT_REFUSED, /* never to be taken: err says why */
	SENT_AWAY     /* nothing is taken any more: err says why */
};

struct output_kind {
	const char *type;
	/* Checks settings, allocates, reads what needs privileges. dry: nothing is made or kept open. */
	void *(*open)(const struct output_settings *s, const struct teller *teller, bool dry, struct error *err);
	bool (*connect)(void *k, const struct waiter *w, struct error *err);
	enum sent (*send)(void *k, const struct output_item *item, struct error *err);
	/* Lines acknowledged since connect, in all. False: nothing is taken any more. Called often; also does what time asks
	 * for (sync, rotation). */
	bool (*settle)(void *k, uint64_t *ret_acknowledged, struct error *err);
	/* What to wait for before the next settle; -1: nothing but time. */
	int (*descriptor)(void *k, short *ret_events);
	void (*disconnect)(void *k);
	bool (*rotate)(void *k, struct error *err);
	void (*close)(void *k);
};

extern const struct output_kind kind_file, kind_standard, kind_syslog, kind_kafka;

#endif
