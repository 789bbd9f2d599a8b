/* SPDX-License-Identifier: BSD-2-Clause
 * Whether the sensor as a whole gets on: what the service manager's watchdog (sd_watchdog_enabled(3)) is fed for. */
#ifndef APP_WATCHDOG_H
#define APP_WATCHDOG_H

#include "live/live.h"

struct watchdog {
	uint64_t detection, workers[LIVE_WORKERS_MAX]; /* turns at the last feeding */
};

/* True where detection and every capture worker got on since it was true last: one part that hangs is enough for no. */
bool watchdog_feeds(struct watchdog *w, const struct live_stats *s);

#endif
