/* SPDX-License-Identifier: BSD-2-Clause
 * One piece of work at a time; its place is free again when the work is done. */
#include "mailbox.h"

#include <stddef.h>

bool mailbox_init(struct mailbox *m)
{
	m->work = NULL;
	m->open = false;
	atomic_init(&m->full, false);
	return pthread_mutex_init(&m->lock, NULL) == 0 && pthread_cond_init(&m->changed, NULL) == 0;
}

void mailbox_release(struct mailbox *m)
{
	pthread_cond_destroy(&m->changed);
	pthread_mutex_destroy(&m->lock);
}

void mailbox_open(struct mailbox *m)
{
	pthread_mutex_lock(&m->lock);
	m->open = true;
	pthread_mutex_unlock(&m->lock);
}

/* Done under the lock, so that the place is never empty before the work is over. */
static void serve(struct mailbox *m, void *subject)
{
	if (!m->work)
		return;
	m->work(subject, m->context);
	m->work = NULL;
	atomic_store(&m->full, false);
	pthread_cond_broadcast(&m->changed);
}

void mailbox_serve(struct mailbox *m, void *subject)
{
	if (!atomic_load_explicit(&m->full, memory_order_relaxed))
		return;
	pthread_mutex_lock(&m->lock);
	serve(m, subject);
	pthread_mutex_unlock(&m->lock);
}

void mailbox_close(struct mailbox *m, void *subject)
{
	pthread_mutex_lock(&m->lock);
	serve(m, subject);
	m->open = false;
	pthread_cond_broadcast(&m->changed);
	pthread_mutex_unlock(&m->lock);
}

bool mailbox_post(struct mailbox *m, mailbox_work *work, void *context)
{
	pthread_mutex_lock(&m->lock);
	while (m->open && m->work)
		pthread_cond_wait(&m->changed, &m->lock);
	bool open = m->open;
	if (open) {
		m->work = work;
		m->context = context;
		atomic_store(&m->full, true);
	}
	pthread_mutex_unlock(&m->lock);
	return open;
}

void mailbox_await(struct mailbox *m)
{
	pthread_mutex_lock(&m->lock);
	while (m->work)
		pthread_cond_wait(&m->changed, &m->lock);
	pthread_mutex_unlock(&m->lock);
}
