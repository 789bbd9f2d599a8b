/* SPDX-License-Identifier: BSD-2-Clause
 * Those who connect to a listening socket, in the event loop: a fixed number of places, each a stream with a time to go.
 * Shared by the control socket and the metrics. */
#ifndef APP_CLIENTS_H
#define APP_CLIENTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct bufferevent;
struct clients;
struct event;
struct event_base;

/* First in the owner's own struct. */
struct client {
	struct clients *all;
	void *owner;
	struct bufferevent *stream; /* NULL: a free place */
	struct event *deadline;     /* when it is over the client goes, whatever it does */
};

struct clients_settings {
	size_t places, size;  /* of the owner's struct; its bytes behind struct client are zeroed for each who comes */
	size_t input;         /* bytes that are read ahead, at most */
	unsigned seconds;     /* that a client may stay */
	void *owner;          /* context of the two below, and each client's owner */
	/* NULL: come in. Else why not. */
	const char *(*refuses)(void *owner, int fd);
	/* Somebody is sent away, for what refuses said or "too many clients"; fd is closed afterwards. NULL: without a word. */
	void (*send_away)(int fd, const char *why);
	/* Their context is the client. */
	void (*readable)(struct bufferevent *stream, void *client);
	void (*written)(struct bufferevent *stream, void *client);
	void (*event)(struct bufferevent *stream, short what, void *client);
};

/* Takes the listening socket, and closes it where it fails (NULL). */
struct clients *clients_new(struct event_base *base, int listening, const struct clients_settings *s, struct error *err);
void clients_free(struct clients *all);
/* The i-th place, taken or not; NULL behind the last. */
struct client *clients_at(const struct clients *all, size_t i);
void client_leave(struct client *c);
/* Its seconds begin again; without `limited` they have no end. */
void client_stays(struct client *c, bool limited);

#endif
