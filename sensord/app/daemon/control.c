/* SPDX-License-Identifier: BSD-2-Clause */
#include "control.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/limits.h"
#include "clients.h"

#define ANSWER_ROOM (256u << 10) /* bytes of one answer */
#define IDLE_S 60                /* a client that asks nothing more for so long, and tails nothing, is sent away */
#define GROUPS_MAX 64            /* of the other side's process that are looked at */

struct asker {
	struct client client;
	bool tails, ends; /* ends: nothing more is asked; it goes when it has its answers */
	struct control_request filter;
	uint64_t lost; /* not told yet */
};

struct control {
	struct clients *clients;
	control_answer *answer;
	void *context;
	char *room;
};

/* ---- the socket ---- */

static bool fill_address(const char *path, struct sockaddr_un *ret, struct error *err)
{
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (!*path) /* the kernel would choose a name that nobody knows */
		return error_set(err, "a socket needs a path");
	if (strlen(path) >= sizeof(ret->sun_path))
		return error_set(err, "%s: the path of a socket has at most %zu bytes", path, sizeof(ret->sun_path) - 1);
	memcpy(ret->sun_path, path, strlen(path));
	return true;
}

/* A file left over from a sensor that was killed goes; one that answers, and anything that is no socket, stays. */
static bool make_way(const struct sockaddr_un *a, struct error *err)
{
	struct stat st;

	if (lstat(a->sun_path, &st) != 0)
		return true;
	if (!S_ISSOCK(st.st_mode))
		return error_set(err, "%s: is there and is no socket", a->sun_path);
	int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool answered = probe >= 0 && (connect(probe, (const struct sockaddr *)a, sizeof(*a)) == 0 || errno == EAGAIN);
	if (probe >= 0)
		close(probe);
	if (answered)
		return error_set(err, "%s: another sensord listens there (run.control names another path)", a->sun_path);
	return unlink(a->sun_path) == 0 || error_set(err, "%s: %s", a->sun_path, strerror(errno));
}

int control_bind(const char *path, struct error *err)
{
	struct sockaddr_un a;

	if (!fill_address(path, &a, err) || !make_way(&a, err))
		return -1;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t before = umask(0117); /* no thread runs yet */
	bool bound = fd >= 0 && bind(fd, (const struct sockaddr *)&a, sizeof(a)) == 0 && listen(fd, LIMIT_CONTROL_CLIENTS) == 0;
	int why = errno;
	umask(before);
	if (bound)
		return fd;
	if (fd >= 0)
		close(fd);
	error_set(err, "%s: %s (run.control or --socket names another path, or none)", path, strerror(why));
	return -1;
}

static bool in_our_group(int fd)
{
	gid_t groups[GROUPS_MAX];
	socklen_t size = sizeof(groups);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) != 0)
		return false;
	for (size_t i = 0; i < size / sizeof(*groups); i++)
		if (groups[i] == getegid())
			return true;
	return false;
}

static bool may_ask(int fd)
{
	struct ucred who;
	socklen_t size = sizeof(who);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0)
		return false;
	/* The socket's mode says the same, as long as nobody changes it. */
	return who.uid == 0 || who.uid == geteuid() || who.gid == getegid() || in_our_group(fd);
}

/* ---- clients ---- */

/* The next who is there, from place *at on; NULL: nobody is. */
static struct asker *next_asker(const struct control *c, size_t *at)
{
	struct client *found;

	while ((found = clients_at(c->clients, (*at)++)) != NULL)
		if (found->stream)
			return (struct asker *)found;
	return NULL;
}

static struct control *control_of(const struct asker *a)
{
	return a->client.owner;
}

static size_t waiting(const struct asker *c)
{
	return evbuffer_get_length(bufferevent_get_output(c->client.stream));
}

static void refuse(struct text *t, const struct error *err)
{
	struct answer a = { t, false };
	char room[1024];

	t->used = 0;
	t->cut = false;
	answer_open(&a, NULL, '{');
	answer_bool(&a, "ok", false);
	answer_string(&a, "error", error_format(err, room, sizeof(room)));
	answer_close(&a, '}');
}

/* One line of a client; true: it was good. */
static bool serve_line(struct asker *c, struct bytes line)
{
	struct control *control = control_of(c);
	struct text t = { control->room, ANSWER_ROOM, 0, false };
	struct answer a = { &t, false };
	struct control_request q;
	struct error err = { 0 };

	answer_open(&a, NULL, '{');
	answer_bool(&a, "ok", true);
	bool ok = control_parse(line, &q, &err) && control->answer(control->context, &q, &a, &err);
	answer_close(&a, '}');
	if (ok && t.cut)
		ok = error_set(&err, "the answer is too long");
	if (!ok)
		refuse(&t, &err);
	bufferevent_write(c->client.stream, t.at, t.used);
	bufferevent_write(c->client.stream, "\n", 1);
	if (ok && q.verb == CONTROL_TAIL) {
		c->tails = true;
		c->filter = q;
	}
	client_stays(&c->client, !c->tails);
	return ok;
}

static void answer_too_long(struct asker *c)
{
	struct text t = { control_of(c)->room, ANSWER_ROOM, 0, false };
	struct error err;

	error_set(&err, "a request has at most %d bytes", LIMIT_CONTROL_LINE);
	refuse(&t, &err);
	text_char(&t, '\n');
	bufferevent_write(c->client.stream, t.at, t.used);
}

static void on_readable(struct bufferevent *stream, void *context)
{
	struct asker *c = context;
	struct evbuffer *in = bufferevent_get_input(stream);
	size_t size;
	char *line;

	/* Who does not fetch the answers is not given more of them: on_written goes on. */
	while (waiting(c) < LIMIT_CONTROL_WAITING && (line = evbuffer_readln(in, &size, EVBUFFER_EOL_CRLF)) != NULL) {
		if (size <= LIMIT_CONTROL_LINE)
			serve_line(c, bytes_of(line, size));
		else
			answer_too_long(c);
		free(line);
	}
	if (waiting(c) >= LIMIT_CONTROL_WAITING) {
		/* Not left to the watermark alone: libevent calls again and again while the input stands at it. */
		bufferevent_disable(stream, EV_READ);
		return;
	}
	if (evbuffer_get_length(in) > LIMIT_CONTROL_LINE) {
		evbuffer_drain(in, evbuffer_get_length(in));
		answer_too_long(c);
	}
}

static void tell_lost(struct asker *c)
{
	char room[64];
	struct text t = TEXT_ON(room);

	if (c->lost == 0)
		return;
	text_printf(&t, "{\"lost\":%" PRIu64 "}\n", c->lost);
	bufferevent_write(c->client.stream, t.at, t.used);
	c->lost = 0;
}

/* All that waited is written. */
static void on_written(struct bufferevent *stream, void *context)
{
	struct asker *c = context;

	tell_lost(c);
	if (!c->ends)
		bufferevent_enable(stream, EV_READ);
	if (evbuffer_get_length(bufferevent_get_input(stream)) > 0)
		on_readable(stream, c);
	if (c->ends && waiting(c) == 0)
		client_leave(&c->client);
}

static void on_event(struct bufferevent *stream, short what, void *context)
{
	struct asker *c = context;

	(void)stream;
	c->ends = true;
	if (!(what & BEV_EVENT_EOF) || waiting(c) == 0)
		client_leave(&c->client);
}

static void send_away(int fd, const char *why)
{
	char room[256];
	struct text t = TEXT_ON(room);
	struct error err;

	error_set(&err, "%s", why);
	refuse(&t, &err);
	text_char(&t, '\n');
	(void)!send(fd, t.at, t.used, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static const char *refuses(void *owner, int fd)
{
	(void)owner;
	return may_ask(fd) ? NULL : "only root and members of the sensor's group may ask";
}

/* ---- the whole ---- */

struct control *control_new(struct event_base *base, int listening, control_answer *answer, void *context, struct error *err)
{
	struct control *c = calloc(1, sizeof(*c));
	char *room = malloc(ANSWER_ROOM);
	struct clients_settings s = {
		.places = LIMIT_CONTROL_CLIENTS, .size = sizeof(struct asker), .input = 2 * LIMIT_CONTROL_LINE, .seconds = IDLE_S,
		.owner = c, .refuses = refuses, .send_away = send_away,
		.readable = on_readable, .written = on_written, .event = on_event,
	};

	if (!c || !room) {
		free(c);
		free(room);
		close(listening);
		error_set(err, "control: out of memory");
		return NULL;
	}
	c->answer = answer;
	c->context = context;
	c->room = room;
	c->clients = clients_new(base, listening, &s, err);
	if (c->clients)
		return c;
	control_free(c);
	return NULL;
}

void control_free(struct control *c)
{
	if (!c)
		return;
	clients_free(c->clients);
	free(c->room);
	free(c);
}

static bool fits(const struct asker *c, const struct watch_line *l)
{
	if (!c->tails || !(c->filter.kinds & l->kind))
		return false;
	if (l->kind == WATCH_RECORDS)
		return true;
	return l->level >= c->filter.level && (!c->filter.measure || c->filter.measure == l->measure);
}

void control_tell(struct control *c, const struct watch_line *line)
{
	struct asker *to;

	for (size_t i = 0; (to = next_asker(c, &i)) != NULL;) {
		if (!fits(to, line))
			continue;
		if (waiting(to) + line->size > LIMIT_CONTROL_WAITING) {
			to->lost++;
			continue;
		}
		tell_lost(to);
		bufferevent_write(to->client.stream, line->text, line->size);
		bufferevent_write(to->client.stream, "\n", 1);
	}
}

void control_lost(struct control *c, uint64_t lines)
{
	struct asker *to;

	for (size_t i = 0; (to = next_asker(c, &i)) != NULL;)
		to->lost += to->tails ? lines : 0;
}

unsigned control_wants(const struct control *c)
{
	const struct asker *one;
	unsigned kinds = 0;

	for (size_t i = 0; (one = next_asker(c, &i)) != NULL;)
		kinds |= one->tails ? one->filter.kinds : 0;
	return kinds;
}

size_t control_clients(const struct control *c)
{
	size_t n = 0;

	for (size_t i = 0; next_asker(c, &i) != NULL;)
		n++;
	return n;
}
