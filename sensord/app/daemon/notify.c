/* SPDX-License-Identifier: BSD-2-Clause */
#include "notify.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"

/* A path, or "@name" for a socket of the abstract kind. */
static bool address_of(const char *name, struct sockaddr_un *ret, socklen_t *ret_size)
{
	size_t size = strlen(name);

	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if ((name[0] != '/' && name[0] != '@') || size < 2 || size >= sizeof(ret->sun_path))
		return false;
	memcpy(ret->sun_path, name, size);
	if (name[0] == '@')
		ret->sun_path[0] = '\0';
	*ret_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size + (name[0] == '/'));
	return true;
}

static uint64_t watchdog(void)
{
	const char *time = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	uint64_t us, meant;

	if (pid && (!bytes_decimal(bytes_string(pid), UINT32_MAX, &meant) || meant != (uint64_t)getpid()))
		return 0;
	return time && bytes_decimal(bytes_string(time), UINT64_MAX / 2, &us) ? us : 0;
}

void notify_open(struct notify *n)
{
	const char *name = getenv("NOTIFY_SOCKET");
	struct sockaddr_un a;
	socklen_t size;

	*n = (struct notify){ .socket = -1 };
	if (!name || !address_of(name, &a, &size))
		return;
	n->socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (n->socket >= 0 && connect(n->socket, (const struct sockaddr *)&a, size) == 0)
		n->watchdog_us = watchdog();
	else
		notify_close(n);
}

void notify_close(struct notify *n)
{
	if (n->socket >= 0)
		close(n->socket);
	n->socket = -1;
}

void notify_send(const struct notify *n, const char *format, ...)
{
	char text[512];
	va_list values;

	if (n->socket < 0)
		return;
	va_start(values, format);
	int size = vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	if (size > 0)
		(void)!send(n->socket, text, (size_t)size < sizeof(text) ? (size_t)size : sizeof(text) - 1, MSG_NOSIGNAL);
}

void notify_reloading(const struct notify *n)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	notify_send(n, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
}
