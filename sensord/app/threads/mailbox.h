/* SPDX-License-Identifier: BSD-2-Clause
 * Work that one thread has another one do, and waits for. */
#ifndef APP_MAILBOX_H
#define APP_MAILBOX_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

typedef void mailbox_work(void *subject, void *context);

struct mailbox {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	mailbox_work *work; /* under the lock; NULL: none waits */
	void *context;
	bool open;          /* somebody takes work out of it */
	atomic_bool full;
};

bool mailbox_init(struct mailbox *m);
void mailbox_release(struct mailbox *m);
/* From here on, and no more, a thread takes work out of it. At the closing what waits is done. */
void mailbox_open(struct mailbox *m);
void mailbox_close(struct mailbox *m, void *subject);
/* Hands over, without waiting for the answer: false where nobody takes it. One caller at a time: others wait. */
bool mailbox_post(struct mailbox *m, mailbox_work *work, void *context);
/* Waits until what was posted is done. */
void mailbox_await(struct mailbox *m);
/* The thread that takes: does what waits. Costs one load where nothing does. */
void mailbox_serve(struct mailbox *m, void *subject);

#endif
