/* SPDX-License-Identifier: BSD-2-Clause
 * Both words are written and read in one order for all threads (seq_cst): either the sleeper sees the count grown, or
 * who rings sees it asleep. */
#include "bell.h"

#include <time.h>

#include "base/instant.h"

bool bell_init(struct bell *b)
{
	pthread_condattr_t monotonic;

	atomic_init(&b->rung, 0);
	atomic_init(&b->asleep, false);
	if (pthread_condattr_init(&monotonic) != 0)
		return false;
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	bool ok = pthread_cond_init(&b->rung_up, &monotonic) == 0 && pthread_mutex_init(&b->lock, NULL) == 0;
	pthread_condattr_destroy(&monotonic);
	return ok;
}

void bell_release(struct bell *b)
{
	pthread_cond_destroy(&b->rung_up);
	pthread_mutex_destroy(&b->lock);
}

void bell_ring(struct bell *b)
{
	atomic_fetch_add(&b->rung, 1);
	if (!atomic_load(&b->asleep))
		return;
	pthread_mutex_lock(&b->lock);
	pthread_cond_broadcast(&b->rung_up);
	pthread_mutex_unlock(&b->lock);
}

uint64_t bell_heard(struct bell *b)
{
	return atomic_load(&b->rung);
}

void bell_wait(struct bell *b, uint64_t heard, unsigned timeout_ms)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	uint64_t ns = (uint64_t)until.tv_nsec + timeout_ms * NS_PER_MS;
	until.tv_sec += (time_t)(ns / NS_PER_S);
	until.tv_nsec = (long)(ns % NS_PER_S);
	pthread_mutex_lock(&b->lock);
	atomic_store(&b->asleep, true);
	while (atomic_load(&b->rung) == heard && pthread_cond_timedwait(&b->rung_up, &b->lock, &until) == 0)
		;
	atomic_store(&b->asleep, false);
	pthread_mutex_unlock(&b->lock);
}
