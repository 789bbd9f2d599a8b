/* SPDX-License-Identifier: BSD-2-Clause
 * Tasks that hand work to each other, and a few threads that do whichever of them is wanted most: nobody sleeps while
 * there is something to do, and no more threads are at work than were asked for. A task is done in pieces, each by one
 * thread, no two at once; what a piece has written the next one sees. */
#ifndef APP_CREW_H
#define APP_CREW_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"

#define CREW_TASKS 80
#define CREW_THREADS 64
#define CREW_PIECE 10 /* a thread goes on with its last task until another has two pieces more to do */

struct crew_task {
	/* How much a piece of it is wanted now: CREW_PIECE for each that waits, 0: there is nothing to do. Asked under the
	 * crew's lock while no piece of it is under way, but of others: it looks at atomics. It grows at the end of
	 * pieces only. */
	unsigned (*wanted)(const void *of);
	bool (*piece)(void *of); /* false: nothing could be done */
	void *of;
};

struct crew {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct crew_task tasks[CREW_TASKS];
	bool taken[CREW_TASKS]; /* a piece is under way */
	size_t by[CREW_TASKS];  /* who did the last piece: its processor has the task's memory at hand */
	size_t n_tasks, under_way;
	bool called_off;
	atomic_uint ended;      /* pieces of which something came, so far */
};

bool crew_init(struct crew *c);
void crew_release(struct crew *c);
/* Before crew_work; its number is what crew_help wants. */
size_t crew_add(struct crew *c, const struct crew_task *task);
/* n threads, the caller's among them, work until nothing is wanted and nothing under way. False, with nothing done, where
 * the system refuses one: tasks may count on them (crew_help). */
bool crew_work(struct crew *c, size_t n) MUST_CHECK;
/* For a piece that cannot go on before another task has: a piece of that one, wanted or not; where nothing comes of it,
 * or somebody is at it, waits for the end of a piece. Others have to be free to do what that one waits for: as many
 * threads as tasks that call this. crew_ended is read before the look at what is in the way, or the end of the piece that
 * cleared it may be missed. */
unsigned crew_ended(const struct crew *c);
void crew_help(struct crew *c, size_t task, unsigned ended);

#endif
