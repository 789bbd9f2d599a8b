/* SPDX-License-Identifier: BSD-2-Clause */
#include "metrics_http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/util.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "clients.h"
#include "control.h"
#include "metrics.h"

#define CONNECTION_S 10 /* of a connection, however busily its bytes drip */

struct connection {
	struct client client;
	bool answered;
};

struct metrics_http {
	struct clients *clients;
	void (*write)(void *context, struct text *to);
	void *context;
	char *room;
};

/* ---- the socket ---- */

static bool is_loopback(const struct sockaddr *a)
{
	if (a->sa_family == AF_INET)
		return ntohl(((const struct sockaddr_in *)(const void *)a)->sin_addr.s_addr) >> 24 == 127;
	return a->sa_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)a)->sin6_addr);
}

static int bind_port(const char *where, struct error *err)
{
	struct sockaddr_storage room;
	struct sockaddr *a = (struct sockaddr *)&room;
	int size = sizeof(room), on = 1;

	memset(&room, 0, sizeof(room));
	if (evutil_parse_sockaddr_port(where, a, &size) != 0) {
		error_set(err, "run.metrics: expected 127.0.0.1:PORT, [::1]:PORT or unix:PATH, found \"%s\"", where);
		return -1;
	}
	if (!is_loopback(a)) {
		error_set(err, "run.metrics: %s is not on loopback: the metrics tell of this network, let a proxy with "
			       "authentication offer them elsewhere", where);
		return -1;
	}
	int fd = socket(a->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 && bind(fd, a, (socklen_t)size) == 0 &&
	    listen(fd, LIMIT_METRICS_CLIENTS) == 0)
		return fd;
	error_set(err, "run.metrics: %s: %s", where, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

int metrics_bind(const char *where, struct error *err)
{
	return strncmp(where, "unix:", 5) == 0 ? control_bind(where + 5, err) : bind_port(where, err);
}

/* ---- connections ---- */

static void answer(struct connection *c, unsigned status)
{
	static const struct {
		unsigned status;
		const char *reason;
	} reasons[] = { { 200, "OK" }, { 400, "Bad Request" }, { 404, "Not Found" }, { 405, "Method Not Allowed" },
			{ 431, "Request Header Fields Too Large" } };
	struct metrics_http *server = c->client.owner;
	struct text body = { server->room, METRICS_ROOM, 0, false };
	struct evbuffer *out = bufferevent_get_output(c->client.stream);
	const char *reason = "Internal Server Error";

	if (status == 200)
		server->write(server->context, &body);
	else
		text_string(&body, status == 404 ? "the metrics are at /metrics\n" : "GET /metrics is served here\n");
	if (body.cut) { /* half of the metrics would be wrong ones */
		body.used = 0;
		status = 500;
	}
	for (size_t i = 0; i < ARRAY_SIZE(reasons); i++)
		if (reasons[i].status == status)
			reason = reasons[i].reason;
	evbuffer_add_printf(out,
			    "HTTP/1.1 %u %s\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: %zu\r\n"
			    "Connection: close\r\n%s\r\n",
			    status, reason, body.used, status == 405 ? "Allow: GET\r\n" : "");
	evbuffer_add(out, body.at, body.used);
	c->answered = true;
}

static void on_readable(struct bufferevent *stream, void *context)
{
	struct connection *c = context;
	struct evbuffer *in = bufferevent_get_input(stream);
	struct evbuffer_ptr end = evbuffer_search(in, "\r\n\r\n", 4, NULL);
	size_t size = evbuffer_get_length(in);

	if (c->answered) { /* what comes behind the request is not looked at */
		evbuffer_drain(in, size);
		return;
	}
	if (end.pos < 0 && size < LIMIT_METRICS_REQUEST)
		return;
	const unsigned char *at = end.pos < 0 ? NULL : evbuffer_pullup(in, end.pos + 4);
	answer(c, at ? metrics_request(bytes_of(at, (size_t)end.pos + 4)) : 431);
	evbuffer_drain(in, size);
}

static void on_written(struct bufferevent *stream, void *context)
{
	struct connection *c = context;

	(void)stream;
	if (c->answered)
		client_leave(&c->client);
}

static void on_event(struct bufferevent *stream, short what, void *context)
{
	struct connection *c = context;

	(void)stream;
	/* A client that has said all it wants still gets its answer. */
	if (!(what & BEV_EVENT_EOF) || !c->answered)
		client_leave(&c->client);
}

struct metrics_http *metrics_http_new(struct event_base *base, int listening, void (*write)(void *context, struct text *to),
				      void *context, struct error *err)
{
	struct metrics_http *m = calloc(1, sizeof(*m));
	char *room = malloc(METRICS_ROOM);
	struct clients_settings s = {
		.places = LIMIT_METRICS_CLIENTS, .size = sizeof(struct connection), .input = LIMIT_METRICS_REQUEST, .seconds = CONNECTION_S,
		.owner = m, .readable = on_readable, .written = on_written, .event = on_event,
	};

	if (!m || !room) {
		free(m);
		free(room);
		close(listening);
		error_set(err, "metrics: out of memory");
		return NULL;
	}
	m->write = write;
	m->context = context;
	m->room = room;
	m->clients = clients_new(base, listening, &s, err);
	if (m->clients)
		return m;
	metrics_http_free(m);
	return NULL;
}

void metrics_http_free(struct metrics_http *m)
{
	if (!m)
		return;
	clients_free(m->clients);
	free(m->room);
	free(m);
}
