/* SPDX-License-Identifier: BSD-2-Clause */
#include "opener.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox_layers.h"

#define SOCKETS_MAX 100000 /* opened in one life: enough for an interface that flaps for years, an end for a loop */
#define QUESTION_ROOM 512  /* bytes of a question or an answer: the kernel's structs grow with its version */

struct opener {
	pid_t pid;
	int socket; /* the sensor's end; its closing ends the process */
};

/* ---- the opener's own process ---- */

static int receive_descriptor(int from)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	char byte;
	struct iovec part = { &byte, 1 };
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof(control.room) };
	int fd = -1;

	ssize_t n;
	do
		n = recvmsg(from, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	const struct cmsghdr *c = n == 1 ? CMSG_FIRSTHDR(&m) : NULL;
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

/* The kernel asks with the call's numbers; the answer is a descriptor of the asking process, or an error. */
static int answer_of(int notify, const struct seccomp_notif *q, unsigned *opened)
{
	int type = (int)q->data.args[1], protocol = (int)q->data.args[2];

	if (q->data.nr != SYS_socket || q->data.args[0] != AF_PACKET || ++*opened > SOCKETS_MAX)
		return -EPERM;
	int fd = socket(AF_PACKET, type | SOCK_CLOEXEC, protocol);
	if (fd < 0)
		return -errno;
	struct seccomp_notif_addfd add = {
		.id = q->id, .srcfd = (uint32_t)fd, .newfd_flags = type & SOCK_CLOEXEC ? O_CLOEXEC : 0,
	};
	int there = ioctl(notify, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
	int why = errno;
	close(fd);
	return there >= 0 ? there : -why;
}

static bool answer_one(int notify, unsigned *opened)
{
	union {
		struct seccomp_notif question;
		char room[QUESTION_ROOM];
	} q = { 0 };
	union {
		struct seccomp_notif_resp answer;
		char room[QUESTION_ROOM];
	} a = { 0 };

	if (ioctl(notify, SECCOMP_IOCTL_NOTIF_RECV, &q) != 0)
		return errno == EINTR || errno == ENOENT; /* ENOENT: who asked is gone */
	int result = answer_of(notify, &q.question, opened);
	a.answer.id = q.question.id;
	a.answer.val = result >= 0 ? result : 0;
	a.answer.error = result >= 0 ? 0 : result;
	return ioctl(notify, SECCOMP_IOCTL_NOTIF_SEND, &a) == 0 || errno == ENOENT;
}

static void serve(int sensor, int notify)
{
	struct pollfd fds[] = { { .fd = sensor, .events = POLLIN }, { .fd = notify, .events = POLLIN } };
	unsigned opened = 0;

	for (;;) {
		if (poll(fds, 2, -1) < 0) {
			if (errno != EINTR)
				return;
			continue;
		}
		if (fds[0].revents || (fds[1].revents & ~POLLIN)) /* the sensor has nothing more to say: it is gone */
			return;
		if ((fds[1].revents & POLLIN) && !answer_one(notify, &opened))
			return;
	}
}

/* Everything that was open before belongs to the sensor. */
static void close_others(int keep)
{
	int highest = keep > 2 ? keep : 2;

	for (int fd = 3; fd < keep; fd++)
		close(fd);
	syscall(SYS_close_range, (unsigned)highest + 1, ~0u, 0);
}

_Noreturn static void live(int sensor)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE };

	/* The end of the sensor ends it, whatever signals the terminal or the service manager sends to both. */
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		sigaction(ignored[i], &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	prctl(PR_SET_NAME, "sensord-opener", 0, 0, 0);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	close_others(sensor);
	int notify = receive_descriptor(sensor);
	if (notify >= 0 && sandbox_opener_calls())
		serve(sensor, notify);
	_exit(0);
}

/* ---- the sensor's side ---- */

struct opener *opener_start(void)
{
	struct opener *o = calloc(1, sizeof(*o));
	int pair[2];

	if (!o || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
		free(o);
		return NULL;
	}
	o->pid = fork();
	if (o->pid == 0) {
		close(pair[0]);
		live(pair[1]);
	}
	close(pair[1]);
	o->socket = pair[0];
	if (o->pid > 0)
		return o;
	close(pair[0]);
	free(o);
	return NULL;
}

bool opener_listen(struct opener *o, int notify_fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	char byte = 0;
	struct iovec part = { &byte, 1 };
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof(control.room) };
	bool sent = false;

	if (o) {
		struct cmsghdr *c = CMSG_FIRSTHDR(&m);
		*c = (struct cmsghdr){ .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int)) };
		memcpy(CMSG_DATA(c), &notify_fd, sizeof(notify_fd));
		sent = sendmsg(o->socket, &m, MSG_NOSIGNAL) == 1;
	}
	close(notify_fd);
	return sent;
}

void opener_stop(struct opener *o)
{
	if (!o)
		return;
	close(o->socket);
	while (waitpid(o->pid, NULL, 0) < 0 && errno == EINTR)
		;
	free(o);
}
