/* SPDX-License-Identifier: BSD-2-Clause */
#include "clients.h"

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct clients {
	struct clients_settings settings;
	struct event_base *base;
	struct evconnlistener *listener;
	char *places;
};

struct client *clients_at(const struct clients *all, size_t i)
{
	return i < all->settings.places ? (struct client *)(void *)(all->places + i * all->settings.size) : NULL;
}

void client_leave(struct client *c)
{
	if (c->deadline)
		event_free(c->deadline);
	bufferevent_free(c->stream);
	memset(c, 0, c->all->settings.size);
}

void client_stays(struct client *c, bool limited)
{
	const struct timeval time = { (time_t)c->all->settings.seconds, 0 };

	if (limited)
		event_add(c->deadline, &time);
	else
		event_del(c->deadline);
}

static void on_deadline(evutil_socket_t fd, short what, void *context)
{
	(void)fd;
	(void)what;
	client_leave(context);
}

static struct client *free_place(const struct clients *all)
{
	struct client *c;

	for (size_t i = 0; (c = clients_at(all, i)) != NULL; i++)
		if (!c->stream)
			return c;
	return NULL;
}

static void let_in(struct clients *all, struct client *c, int fd)
{
	const struct clients_settings *s = &all->settings;

	c->all = all;
	c->owner = s->owner;
	c->stream = bufferevent_socket_new(all->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!c->stream) {
		close(fd);
		return;
	}
	c->deadline = evtimer_new(all->base, on_deadline, c);
	if (!c->deadline) {
		client_leave(c);
		return;
	}
	client_stays(c, true);
	bufferevent_setcb(c->stream, s->readable, s->written, s->event, c);
	bufferevent_setwatermark(c->stream, EV_READ, 0, s->input);
	bufferevent_enable(c->stream, EV_READ | EV_WRITE);
}

static void on_connection(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *from, int size, void *context)
{
	struct clients *all = context;
	const struct clients_settings *s = &all->settings;
	struct client *c = free_place(all);
	const char *why = s->refuses ? s->refuses(s->owner, fd) : NULL;

	(void)listener;
	(void)from;
	(void)size;
	if (!why && c) {
		let_in(all, c, fd);
		return;
	}
	if (s->send_away)
		s->send_away(fd, why ? why : "too many clients");
	close(fd);
}

struct clients *clients_new(struct event_base *base, int listening, const struct clients_settings *s, struct error *err)
{
	struct clients *all = calloc(1, sizeof(*all));

	if (all) {
		all->settings = *s;
		all->base = base;
		all->places = calloc(s->places, s->size);
	}
	if (all && all->places)
		all->listener = evconnlistener_new(base, on_connection, all, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, listening);
	if (all && all->listener)
		return all;
	close(listening);
	clients_free(all);
	error_set(err, "out of memory");
	return NULL;
}

void clients_free(struct clients *all)
{
	struct client *c;

	if (!all)
		return;
	for (size_t i = 0; all->places && (c = clients_at(all, i)) != NULL; i++)
		if (c->stream)
			client_leave(c);
	if (all->listener)
		evconnlistener_free(all->listener);
	free(all->places);
	free(all);
}
