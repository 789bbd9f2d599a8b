/* SPDX-License-Identifier: BSD-2-Clause */
#include "peer.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lookup.h"
#include "tls.h"

#define LOOKUP_MS 5000 /* then the output is away; the answer may still come, for the next attempt */
#define CONNECT_MS 5000
#define DEAD_AFTER_MS 20000 /* bytes unconfirmed for so long end the connection */
#define HOST_MAX 256
#define LOCAL_PATH "/dev/log"

struct peer {
	enum peer_kind kind;
	char name[HOST_MAX + 64]; /* as the site file has it */
	char host[HOST_MAX], port[16];
	struct sockaddr_un local;
	int fd;
	struct lookup *lookup; /* begun, and not answered in time */
	struct tls *tls;
	uint64_t written;
};

static const struct scheme { const char *start; enum peer_kind kind; const char *port; } schemes[] = {
	{ "udp://", PEER_UDP, "514" },  /* RFC 5426 section 3.3 */
	{ "tcp://", PEER_TCP, "601" },  /* RFC 3195, used by RFC 6587 */
	{ "tls://", PEER_TLS, "6514" }, /* RFC 5425 section 4.1 */
};

static bool failed(const struct peer *p, const char *what, int why, struct error *err)
{
	return error_set(err, "%s: %s: %s", p->name, what, strerror(why));
}

static bool copy(char *to, size_t size, struct bytes from)
{
	if (from.size == 0 || from.size >= size || memchr(from.at, '\0', from.size))
		return false;
	memcpy(to, from.at, from.size);
	to[from.size] = '\0';
	return true;
}

/* HOST, HOST:PORT, [V6], [V6]:PORT, V6 */
static bool read_host(struct peer *p, struct bytes at, const char *port)
{
	struct bytes host = at, rest = { 0 };
	uint64_t number;

	if (at.size && at.at[0] == '[') {
		const uint8_t *end = memchr(at.at, ']', at.size);
		if (!end)
			return false;
		host = bytes_of(at.at + 1, (size_t)(end - at.at - 1));
		rest = bytes_of(end + 1, at.size - host.size - 2);
	} else {
		const uint8_t *colon = memchr(at.at, ':', at.size);
		if (colon && !memchr(colon + 1, ':', at.size - (size_t)(colon + 1 - at.at))) {
			host = bytes_of(at.at, (size_t)(colon - at.at));
			rest = bytes_of(colon, at.size - host.size);
		}
	}
	if (rest.size == 0)
		return copy(p->host, sizeof(p->host), host) && copy(p->port, sizeof(p->port), bytes_string(port));
	struct bytes digits = bytes_of(rest.at + 1, rest.size - 1);
	return rest.at[0] == ':' && bytes_decimal(digits, 65535, &number) && number > 0 &&
	       copy(p->host, sizeof(p->host), host) && copy(p->port, sizeof(p->port), digits);
}

static bool read_target(struct peer *p, struct bytes target, struct error *err)
{
	struct bytes local = bytes_string("local");

	if (bytes_starts(target, local) && (target.size == local.size || target.at[local.size] == ':')) {
		struct bytes path = target.size > local.size + 1 ? bytes_of(target.at + 6, target.size - 6) : bytes_string(LOCAL_PATH);
		p->kind = PEER_LOCAL;
		p->local.sun_family = AF_UNIX;
		return copy(p->local.sun_path, sizeof(p->local.sun_path), path) || error_set(err, "%s: the path is too long", p->name);
	}
	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++) {
		struct bytes start = bytes_string(schemes[i].start);
		if (!bytes_starts(target, start))
			continue;
		p->kind = schemes[i].kind;
		return read_host(p, bytes_of(target.at + start.size, target.size - start.size), schemes[i].port) ||
		       error_set(err, "`%s`: expected %sHOST or %sHOST:PORT", p->name, start.at, start.at);
	}
	return error_set(err, "`%s`: expected local, local:PATH, udp://HOST:PORT, tcp://HOST:PORT or tls://HOST:PORT", p->name);
}

struct peer *peer_new(const struct output_settings *s, struct error *err)
{
	struct peer *p = calloc(1, sizeof(*p));
	struct bytes target = bytes_string(s->target);

	if (!p) {
		error_set(err, "out of memory");
		return NULL;
	}
	p->fd = -1;
	if (!copy(p->name, sizeof(p->name), target))
		error_set(err, "an output of type syslog needs `target`, of at most %zu characters", sizeof(p->name) - 1);
	else if (read_target(p, target, err) && (p->kind != PEER_TLS || (p->tls = tls_new(s, p->host, err)) != NULL))
		return p;
	peer_free(p);
	return NULL;
}

void peer_free(struct peer *p)
{
	if (!p)
		return;
	peer_disconnect(p);
	lookup_free(p->lookup);
	tls_free(p->tls);
	free(p);
}

enum peer_kind peer_kind(const struct peer *p) { return p->kind; }
const char *peer_name(const struct peer *p) { return p->name; }
int peer_fd(const struct peer *p) { return p->fd; }

void peer_disconnect(struct peer *p)
{
	if (p->tls)
		tls_disconnect(p->tls);
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
	p->written = 0;
}

static int pending_error(int fd)
{
	int why = 0;
	socklen_t size = sizeof(why);

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &size) == 0 ? why : errno;
}

/* Connects fd; 0, or why not. */
static int connect_to(int fd, const struct sockaddr *address, socklen_t size, const struct waiter *w)
{
	if (connect(fd, address, size) == 0)
		return 0;
	if (errno != EINPROGRESS)
		return errno;
	return w->wait(w->context, fd, POLLOUT, CONNECT_MS) ? pending_error(fd) : ETIMEDOUT;
}

static bool connect_local(struct peer *p, const struct waiter *w, struct error *err)
{
	p->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (p->fd < 0)
		return failed(p, "cannot make a socket", errno, err);
	int why = connect_to(p->fd, (const struct sockaddr *)&p->local, sizeof(p->local), w);
	return why == 0 || failed(p, "cannot connect", why, err);
}

static void keep_alive(int fd)
{
	int on = 1;
	unsigned dead = DEAD_AFTER_MS;

	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &dead, sizeof(dead));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static bool find_addresses(struct peer *p, int socket_type, const struct waiter *w, struct addrinfo **ret, struct error *err)
{
	int why;

	if (lookup_address(p->host, p->port, socket_type, ret) == 0)
		return true;
	if (!p->lookup && !(p->lookup = lookup_start(p->host, p->port, socket_type)))
		return error_set(err, "%s: out of memory", p->name);
	(void)w->wait(w->context, lookup_fd(p->lookup), POLLIN, LOOKUP_MS);
	if (!lookup_take(p->lookup, &why, ret))
		return error_set(err, "%s: no address for %s: the name servers do not answer", p->name, p->host);
	lookup_free(p->lookup);
	p->lookup = NULL;
	return why == 0 || error_set(err, "%s: no address for %s: %s", p->name, p->host, gai_strerror(why));
}

static bool connect_network(struct peer *p, const struct waiter *w, struct error *err)
{
	bool datagrams = p->kind == PEER_UDP;
	struct addrinfo *all;
	int why;

	if (!find_addresses(p, datagrams ? SOCK_DGRAM : SOCK_STREAM, w, &all, err))
		return false;
	why = EADDRNOTAVAIL;
	for (struct addrinfo *a = all; a && why; a = a->ai_next) {
		peer_disconnect(p);
		p->fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, a->ai_protocol);
		why = p->fd < 0 ? errno : connect_to(p->fd, a->ai_addr, a->ai_addrlen, w);
	}
	freeaddrinfo(all);
	if (why)
		return failed(p, "cannot connect", why, err);
	if (!datagrams)
		keep_alive(p->fd);
	return true;
}

bool peer_connect(struct peer *p, const struct waiter *w, struct error *err)
{
	peer_disconnect(p);
	if ((p->kind == PEER_LOCAL ? connect_local(p, w, err) : connect_network(p, w, err)) &&
	    (!p->tls || tls_connect(p->tls, p->fd, w, err)))
		return true;
	peer_disconnect(p);
	return false;
}

ssize_t peer_write(struct peer *p, struct bytes b, bool *ret_refused, struct error *err)
{
	*ret_refused = false;
	if (p->tls)
		return tls_write(p->tls, b, err);
	ssize_t n = send(p->fd, b.at, b.size, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n >= 0) {
		p->written += (uint64_t)n;
		return n;
	}
	if (errno == EAGAIN || errno == ENOBUFS || errno == EINTR)
		return 0;
	*ret_refused = errno == EMSGSIZE;
	failed(p, "cannot send", errno, err);
	return -1;
}

bool peer_lives(struct peer *p, struct error *err)
{
	char room[1024];
	ssize_t n = 0;

	if (p->tls)
		return tls_lives(p->tls, err);
	int why = pending_error(p->fd);
	if (why)
		return failed(p, "connection lost", why, err);
	while (p->kind == PEER_TCP && (n = recv(p->fd, room, sizeof(room), MSG_DONTWAIT)) > 0)
		;
	if (p->kind != PEER_TCP || (n < 0 && (errno == EAGAIN || errno == EINTR)))
		return true;
	return n == 0 ? error_set(err, "%s: the peer closed the connection", p->name) : failed(p, "connection lost", errno, err);
}

uint64_t peer_written(const struct peer *p)
{
	return p->tls ? tls_written(p->tls) : p->written;
}

uint64_t peer_confirmed(const struct peer *p)
{
	int queued = 0;
	uint64_t written = peer_written(p);

	if (ioctl(p->fd, SIOCOUTQ, &queued) < 0 || queued < 0 || (uint64_t)queued > written)
		return 0;
	return written - (uint64_t)queued;
}
