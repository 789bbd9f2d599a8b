/* SPDX-License-Identifier: BSD-2-Clause */
#include "crew.h"

#include <sched.h>
#include <string.h>

/* Pieces are shorter than what it costs to sleep and be woken on a virtual machine, several times each. */
#define LOOKS 3000

static inline void cpu_pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

bool crew_init(struct crew *c)
{
	memset(c, 0, sizeof(*c));
	return pthread_mutex_init(&c->lock, NULL) == 0 && pthread_cond_init(&c->changed, NULL) == 0;
}

void crew_release(struct crew *c)
{
	pthread_cond_destroy(&c->changed);
	pthread_mutex_destroy(&c->lock);
}

unsigned crew_ended(const struct crew *c)
{
	return atomic_load(&c->ended);
}

size_t crew_add(struct crew *c, const struct crew_task *task)
{
	c->tasks[c->n_tasks] = *task;
	return c->n_tasks++;
}

/* ---- under the lock, but while a piece runs ---- */

static bool run_piece(struct crew *c, size_t i, size_t me)
{
	c->taken[i] = true;
	c->by[i] = me;
	c->under_way++;
	pthread_mutex_unlock(&c->lock);
	bool done = c->tasks[i].piece(c->tasks[i].of);
	pthread_mutex_lock(&c->lock);
	c->taken[i] = false;
	c->under_way--;
	if (done || c->under_way == 0) {
		atomic_fetch_add(&c->ended, 1);
		pthread_cond_broadcast(&c->changed);
	}
	return done;
}

/* Until more pieces have ended. */
static void wait_a_little(struct crew *c, unsigned ended)
{
	pthread_mutex_unlock(&c->lock);
	for (unsigned looks = LOOKS; looks > 0 && atomic_load_explicit(&c->ended, memory_order_relaxed) == ended; looks--)
		cpu_pause();
	pthread_mutex_lock(&c->lock);
	if (crew_ended(c) == ended)
		pthread_cond_wait(&c->changed, &c->lock);
}

/* CREW_TASKS: none. */
static size_t most_wanted(const struct crew *c, size_t me)
{
	size_t best = CREW_TASKS;
	unsigned most = 0;

	for (size_t i = 0; i < c->n_tasks; i++) {
		unsigned wanted = c->taken[i] ? 0 : c->tasks[i].wanted(c->tasks[i].of);
		if (wanted > 0 && c->by[i] == me)
			wanted += 2 * CREW_PIECE + 1;
		if (wanted <= most)
			continue;
		most = wanted;
		best = i;
	}
	return best;
}

static void work(struct crew *c, size_t me)
{
	pthread_mutex_lock(&c->lock);
	while (!c->called_off) {
		size_t i = most_wanted(c, me);
		if (i < CREW_TASKS)
			(void)run_piece(c, i, me);
		else if (c->under_way > 0)
			wait_a_little(c, crew_ended(c));
		else
			break;
	}
	pthread_mutex_unlock(&c->lock);
}

void crew_help(struct crew *c, size_t task, unsigned ended)
{
	pthread_mutex_lock(&c->lock);
	if (c->taken[task] || !run_piece(c, task, c->by[task]))
		wait_a_little(c, ended);
	pthread_mutex_unlock(&c->lock);
}

/* ---- threads ---- */

struct member {
	struct crew *crew;
	size_t number;
	int cpu; /* to begin on, -1: anywhere */
	pthread_t thread;
};

/* Each thread begins on a processor of its own and may go where it likes from there: some schedulers put who is woken
 * beside who woke it, and take longer to spread them than a small capture takes to be read. */
static void begin_apart(int cpu)
{
	cpu_set_t allowed, one;

	if (cpu < 0 || sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
		return;
	CPU_ZERO(&one);
	CPU_SET((size_t)cpu, &one);
	if (sched_setaffinity(0, sizeof(one), &one) == 0)
		(void)sched_setaffinity(0, sizeof(allowed), &allowed);
}

/* The n-th allowed one behind the caller's. */
static int cpu_behind(size_t n)
{
	cpu_set_t allowed;
	int cpu = sched_getcpu();

	if (cpu < 0 || sched_getaffinity(0, sizeof(allowed), &allowed) != 0 || CPU_COUNT(&allowed) == 0)
		return -1;
	while (n > 0) {
		cpu = (cpu + 1) % CPU_SETSIZE;
		n -= CPU_ISSET((size_t)cpu, &allowed) != 0;
	}
	return cpu;
}

static void *start(void *of)
{
	struct member *m = of;

	begin_apart(m->cpu);
	work(m->crew, m->number);
	return NULL;
}

bool crew_work(struct crew *c, size_t n)
{
	struct member members[CREW_THREADS];
	size_t made = 0;

	pthread_mutex_lock(&c->lock); /* nobody begins before all are there */
	while (made + 1 < n && !c->called_off) {
		members[made] = (struct member){ .crew = c, .number = made + 1, .cpu = cpu_behind(made + 1) };
		c->called_off = pthread_create(&members[made].thread, NULL, start, &members[made]) != 0;
		made += !c->called_off;
	}
	pthread_mutex_unlock(&c->lock);
	work(c, 0);
	for (size_t i = 0; i < made; i++)
		pthread_join(members[i].thread, NULL);
	return !c->called_off;
}
