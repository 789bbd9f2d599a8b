/* SPDX-License-Identifier: BSD-2-Clause */
#include "lookup.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct lookup {
	pthread_mutex_t lock; /* of what follows, up to the blank line */
	bool done, left;      /* left: nobody waits for it any more */
	int why;
	struct addrinfo *all;

	int fd, socket_type;
	char *host, *port;
};

static void release(struct lookup *l)
{
	if (l->all)
		freeaddrinfo(l->all);
	if (l->fd >= 0)
		close(l->fd);
	pthread_mutex_destroy(&l->lock);
	free(l->host);
	free(l->port);
	free(l);
}

static int ask(const char *host, const char *port, int socket_type, int flags, struct addrinfo **ret)
{
	const struct addrinfo hints = { .ai_socktype = socket_type, .ai_flags = flags };

	*ret = NULL;
	return getaddrinfo(host, port, &hints, ret);
}

int lookup_address(const char *host, const char *port, int socket_type, struct addrinfo **ret)
{
	return ask(host, port, socket_type, AI_NUMERICHOST, ret);
}

static void *look_up(void *context)
{
	struct lookup *l = context;
	struct addrinfo *all;
	const uint64_t one = 1;

	pthread_setname_np(pthread_self(), "lookup");
	int why = ask(l->host, l->port, l->socket_type, AI_ADDRCONFIG, &all);
	if (why == EAI_NONAME || why == EAI_ADDRFAMILY) /* no address configured but the loopback's */
		why = ask(l->host, l->port, l->socket_type, 0, &all);
	pthread_mutex_lock(&l->lock);
	l->why = why;
	l->all = why ? NULL : all;
	l->done = true;
	bool left = l->left;
	(void)!write(l->fd, &one, sizeof(one));
	pthread_mutex_unlock(&l->lock);
	if (left)
		release(l);
	return NULL;
}

static bool begin(struct lookup *l)
{
	pthread_attr_t detached;
	pthread_t thread;

	if (pthread_attr_init(&detached) != 0)
		return false;
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	bool ok = pthread_create(&thread, &detached, look_up, l) == 0;
	pthread_attr_destroy(&detached);
	return ok;
}

struct lookup *lookup_start(const char *host, const char *port, int socket_type)
{
	struct lookup *l = calloc(1, sizeof(*l));

	if (!l || pthread_mutex_init(&l->lock, NULL) != 0) {
		free(l);
		return NULL;
	}
	l->host = strdup(host);
	l->port = strdup(port);
	l->socket_type = socket_type;
	l->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->host && l->port && l->fd >= 0 && begin(l))
		return l;
	release(l);
	return NULL;
}

int lookup_fd(const struct lookup *l)
{
	return l->fd;
}

bool lookup_take(struct lookup *l, int *ret_why, struct addrinfo **ret)
{
	pthread_mutex_lock(&l->lock);
	bool done = l->done;
	if (done) {
		*ret_why = l->why;
		*ret = l->all;
		l->all = NULL;
	}
	pthread_mutex_unlock(&l->lock);
	return done;
}

void lookup_free(struct lookup *l)
{
	if (!l)
		return;
	pthread_mutex_lock(&l->lock);
	bool done = l->done;
	l->left = true;
	pthread_mutex_unlock(&l->lock);
	if (done)
		release(l);
}
