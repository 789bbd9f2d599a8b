/* SPDX-License-Identifier: BSD-2-Clause
 * Wakes one thread that has found nothing to do. Who rings never waits where the other is awake. */
#ifndef APP_BELL_H
#define APP_BELL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct bell {
	pthread_mutex_t lock;
	pthread_cond_t rung_up;
	atomic_uint_least64_t rung;
	atomic_bool asleep;
};

bool bell_init(struct bell *b);
void bell_release(struct bell *b);
/* After the work is where the other thread finds it. */
void bell_ring(struct bell *b);
/* To be read before looking for work. */
uint64_t bell_heard(struct bell *b);
/* Sleeps until somebody has rung since `heard`, at most timeout_ms. */
void bell_wait(struct bell *b, uint64_t heard, unsigned timeout_ms);

#endif
