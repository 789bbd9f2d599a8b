/* SPDX-License-Identifier: BSD-2-Clause
 * What the counters of live capture say of the sensor, looked at every few seconds on the detection thread. */
#ifndef APP_LIVE_SELF_H
#define APP_LIVE_SELF_H

#include "live.h"
#include "self.h"

/* Snapshots from live_stats and the sensor. stats: filled by the caller. */
void live_self_snapshot(struct sensor *s, const struct live_stats *stats, uint64_t steady_ns, struct self_snapshot *ret);

#endif
