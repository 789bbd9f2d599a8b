/* SPDX-License-Identifier: BSD-2-Clause
 * Lines to the local syslog socket, one datagram each: RFC 5424 header with facility local0, no structured data. The
 * time is left to the receiver (NILVALUE, section 6.2.3): the line itself carries the packet time. A line is sent whole
 * or not at all; what the socket will not take (EMSGSIZE) is an error, since half a JSON object helps nobody. */
#include "kind.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/text.h"

#define SYSLOG_DATAGRAM (96 * 1024) /* bytes of one message with its header */
#define SYSLOG_WAIT_MS 1000         /* how long a full socket is waited for */
#define SYSLOG_TAG 48               /* RFC 5424 section 6: APP-NAME */
#define FACILITY_LOCAL0 16

struct syslog {
	struct output output; /* first: the public handle */
	int fd;               /* -1: not connected */
	struct sockaddr_un address;
	char tag[SYSLOG_TAG + 1];
	char datagram[SYSLOG_DATAGRAM];
};

static bool failed(const struct syslog *s, const char *what, struct error *err)
{
	return error_set(err, "syslog socket %s: %s: %s", s->address.sun_path, what, strerror(errno));
}

static bool connect_socket(struct syslog *s, struct error *err)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return failed(s, "cannot make a socket", err);
	if (connect(fd, (const struct sockaddr *)&s->address, sizeof(s->address)) < 0) {
		failed(s, "cannot connect", err);
		close(fd);
		return false;
	}
	if (s->fd >= 0)
		close(s->fd);
	s->fd = fd;
	return true;
}

static bool send_once(struct syslog *s, struct bytes datagram)
{
	return s->fd >= 0 && send(s->fd, datagram.at, datagram.size, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)datagram.size;
}

static bool syslog_line(struct output *o, struct bytes line, int severity, struct error *err)
{
	struct syslog *s = (struct syslog *)o;
	struct text t = TEXT_ON(s->datagram);

	text_printf(&t, "<%d>1 - - %s - - - ", FACILITY_LOCAL0 * 8 + severity, s->tag);
	text_add(&t, line);
	if (t.cut)
		return error_set(err, "a line of %zu bytes is too long for syslog", line.size);
	if (send_once(s, text_bytes(&t)))
		return true;
	if (s->fd >= 0 && (errno == EAGAIN || errno == ENOBUFS)) {
		struct pollfd wait = { .fd = s->fd, .events = POLLOUT };
		(void)poll(&wait, 1, SYSLOG_WAIT_MS);
	} else if (s->fd < 0 || errno == ECONNREFUSED || errno == ENOTCONN || errno == ECONNRESET || errno == EPIPE) {
		if (!connect_socket(s, err)) /* the receiver was started anew, or not at all */
			return false;
	}
	return send_once(s, text_bytes(&t)) || failed(s, "cannot send", err);
}

static bool syslog_flush(struct output *o, struct error *err)
{
	(void)o;
	(void)err;
	return true;
}

static bool syslog_reopen(struct output *o, struct error *err)
{
	return connect_socket((struct syslog *)o, err);
}

static void syslog_close(struct output *o)
{
	struct syslog *s = (struct syslog *)o;

	if (s->fd >= 0)
		close(s->fd);
	free(s);
}

static const struct output_kind syslog_kind = {
	.line = syslog_line, .flush = syslog_flush, .reopen = syslog_reopen, .close = syslog_close,
};

static bool tag_valid(const char *tag)
{
	size_t size = strlen(tag);

	for (size_t i = 0; i < size; i++)
		if (tag[i] <= 0x20 || tag[i] >= 0x7f)
			return false;
	return size > 0 && size <= SYSLOG_TAG;
}

struct output *output_open_syslog(const char *socket_path, const char *tag, struct error *err)
{
	struct syslog *s = NULL;

	if (!tag_valid(tag)) {
		error_set(err, "syslog tag: 1 to %d printable ASCII characters without spaces are expected", SYSLOG_TAG);
		return NULL;
	}
	if (strlen(socket_path) >= sizeof(s->address.sun_path)) {
		error_set(err, "syslog socket: the path is too long");
		return NULL;
	}
	s = calloc(1, sizeof(*s));
	if (!s) {
		error_set(err, "out of memory");
		return NULL;
	}
	s->output.kind = &syslog_kind;
	s->fd = -1;
	s->address.sun_family = AF_UNIX;
	memcpy(s->address.sun_path, socket_path, strlen(socket_path) + 1);
	memcpy(s->tag, tag, strlen(tag) + 1);
	if (!connect_socket(s, err)) {
		free(s);
		return NULL;
	}
	return &s->output;
}
