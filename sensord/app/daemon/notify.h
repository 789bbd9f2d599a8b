/* SPDX-License-Identifier: BSD-2-Clause
 * What a service manager is told (sd_notify(3)): datagrams of NAME=value lines to the socket in NOTIFY_SOCKET. Without
 * that variable nobody is told anything. */
#ifndef APP_NOTIFY_H
#define APP_NOTIFY_H

#include <stdint.h>

#include "base/attributes.h"

struct notify {
	int socket;           /* -1: nobody listens */
	uint64_t watchdog_us; /* WATCHDOG_USEC, where it is meant for this process; 0: none */
};

/* Reads the environment and connects: a sandbox cannot forbid afterwards what is connected. */
void notify_open(struct notify *n);
void notify_close(struct notify *n);
/* A message that the socket does not take at once is dropped: nothing waits here. */
void notify_send(const struct notify *n, const char *format, ...) PRINTF(2, 3);
/* RELOADING=1 with the time that Type=notify-reload asks for. */
void notify_reloading(const struct notify *n);

#endif
