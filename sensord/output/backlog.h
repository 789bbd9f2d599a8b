/* SPDX-License-Identifier: BSD-2-Clause
 * Lines that are not acknowledged yet: in the spool, in memory, on the way; of an output's thread alone.
 *
 * Their order is held by three rules. What is in the spool is older than what waits in memory (`fresh`). A line is sent
 * from memory only when the spool holds nothing unacknowledged. Before fresh lines go to the spool, lines from memory that
 * are on the way go there first. So after a connection died everything starts again from one place: the spool's
 * acknowledged place, then the lines in memory. */
#ifndef OUTPUT_BACKLOG_H
#define OUTPUT_BACKLOG_H

#include "intake.h"
#include "spool.h"

struct backlog {
	struct intake *intake;  /* for what is lost, and what is worth telling */
	struct spool *spool;    /* NULL: none */
	bool spool_sick;        /* it did not take a line; said once */
	struct lines fresh, under_way;
};

/* Fetches what waits in the intake. */
void backlog_fetch(struct backlog *b);
/* Fresh lines to the spool; what finds no room in memory either is lost, the oldest first. */
void backlog_store(struct backlog *b);
/* The next line to send, the caller's until it gives it back by one of the three; NULL where none may go now. */
struct line *backlog_next(struct backlog *b);
void backlog_sent(struct backlog *b, struct line *l);
void backlog_refused(struct backlog *b, struct line *l);
void backlog_put_back(struct backlog *b, struct line *l);
/* The first so many of those on the way have arrived. Returns how many there were. */
uint64_t backlog_acknowledge(struct backlog *b, uint64_t lines);
/* What was on the way is to be sent again. */
void backlog_rewind(struct backlog *b);
bool backlog_settled(const struct backlog *b); /* nothing is left */
/* Lines that are in memory alone; they are dropped. */
uint64_t backlog_abandon(struct backlog *b);

#endif
