/* SPDX-License-Identifier: BSD-2-Clause */
#include "intake.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

bool intake_init(struct intake *i, const struct output_settings *s, struct error *err)
{
	*i = (struct intake){ .wake = -1 };
	if (pthread_mutex_init(&i->mutex, NULL) != 0)
		return error_set(err, "out of memory");
	snprintf(i->stats.name, sizeof(i->stats.name), "%s %s", s->type, s->target ? s->target : s->path ? s->path : "");
	i->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (i->wake >= 0)
		return true;
	error_set(err, "no eventfd: %s", strerror(errno));
	pthread_mutex_destroy(&i->mutex);
	return false;
}

void intake_release(struct intake *i)
{
	lines_release(&i->queue);
	close(i->wake);
	pthread_mutex_destroy(&i->mutex);
}

static void wake(struct intake *i)
{
	ssize_t n = write(i->wake, &(uint64_t){ 1 }, sizeof(uint64_t));

	(void)n; /* a counter that is full wakes as well */
}

void intake_slept(struct intake *i)
{
	uint64_t drained;
	ssize_t got = read(i->wake, &drained, sizeof(drained));

	(void)got;
}

/* ---- lines ---- */

void intake_put(struct intake *i, const struct output_item *item)
{
	struct line *l = line_new(item), *oldest;
	uint64_t lost = l == NULL;

	pthread_mutex_lock(&i->mutex);
	bool first = i->queue.count == 0;
	i->stats.lines++;
	if (l)
		lines_add(&i->queue, l);
	while (i->queue.bytes > OUTPUT_QUEUE_BYTES && (oldest = lines_take(&i->queue)) != NULL) {
		free(oldest);
		lost++;
	}
	i->stats.lost += lost;
	pthread_mutex_unlock(&i->mutex);
	if (first)
		wake(i);
}

void intake_take(struct intake *i, struct lines *to)
{
	struct lines taken;

	pthread_mutex_lock(&i->mutex);
	taken = i->queue;
	i->queue = (struct lines){ 0 };
	pthread_mutex_unlock(&i->mutex);
	lines_append(to, &taken);
}

bool intake_is_empty(struct intake *i)
{
	pthread_mutex_lock(&i->mutex);
	bool empty = i->queue.count == 0;
	pthread_mutex_unlock(&i->mutex);
	return empty;
}

/* ---- what is told ---- */

void intake_tell(void *context, enum output_event event, uint64_t count, const char *detail)
{
	struct intake *i = context;

	pthread_mutex_lock(&i->mutex);
	if (i->n_told == INTAKE_TOLD) {
		i->told_first = (i->told_first + 1) % INTAKE_TOLD;
		i->n_told--;
	}
	struct output_told *t = &i->told[(i->told_first + i->n_told++) % INTAKE_TOLD];
	t->event = event;
	t->count = count;
	snprintf(t->detail, sizeof(t->detail), "%s", detail ? detail : "");
	pthread_mutex_unlock(&i->mutex);
}

bool intake_told(struct intake *i, struct output_told *ret)
{
	pthread_mutex_lock(&i->mutex);
	bool some = i->n_told > 0;
	if (some) {
		*ret = i->told[i->told_first];
		i->told_first = (i->told_first + 1) % INTAKE_TOLD;
		i->n_told--;
	}
	pthread_mutex_unlock(&i->mutex);
	return some;
}

void intake_count(struct intake *i, uint64_t *counter, uint64_t n)
{
	pthread_mutex_lock(&i->mutex);
	*counter += n;
	pthread_mutex_unlock(&i->mutex);
}

void intake_remember(struct intake *i, const struct error *err)
{
	pthread_mutex_lock(&i->mutex);
	snprintf(i->stats.last_error, sizeof(i->stats.last_error), "%.399s", err->text);
	pthread_mutex_unlock(&i->mutex);
}

void intake_stats(struct intake *i, struct output_stats *ret)
{
	pthread_mutex_lock(&i->mutex);
	*ret = i->stats;
	pthread_mutex_unlock(&i->mutex);
}

/* ---- what is asked for ---- */

void intake_rotate(struct intake *i)
{
	pthread_mutex_lock(&i->mutex);
	i->rotate = true;
	pthread_mutex_unlock(&i->mutex);
	wake(i);
}

bool intake_wants_rotation(struct intake *i)
{
	pthread_mutex_lock(&i->mutex);
	bool wanted = i->rotate;
	i->rotate = false;
	pthread_mutex_unlock(&i->mutex);
	return wanted;
}

void intake_end(struct intake *i, uint64_t patience_ns)
{
	pthread_mutex_lock(&i->mutex);
	i->patience_ns = patience_ns;
	i->ending = true;
	pthread_mutex_unlock(&i->mutex);
	wake(i);
}

bool intake_is_ending(struct intake *i, uint64_t *ret_patience_ns)
{
	pthread_mutex_lock(&i->mutex);
	bool ending = i->ending;
	*ret_patience_ns = i->patience_ns;
	pthread_mutex_unlock(&i->mutex);
	return ending;
}
