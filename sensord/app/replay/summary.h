/* SPDX-License-Identifier: BSD-2-Clause
 * For people at the end of a replay, and while it runs: on standard error. */
#ifndef APP_SUMMARY_H
#define APP_SUMMARY_H

#include "report/gather.h"
#include "sensor.h"

/* What was read, how well, and the alerts by measure set, host and account. Coloured on a terminal, unless the
 * environment has NO_COLOR. */
void summary_print(const struct sensor *s, const struct gathered *all, double seconds);
/* One line that overwrites itself; nothing more often than a few times a second. */
void summary_progress(const struct capture *c, uint64_t frames, bool last);

#endif
