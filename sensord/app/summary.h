/* SPDX-License-Identifier: BSD-2-Clause
 * For people at the end of a replay, and while it runs: on standard error. */
#ifndef APP_SUMMARY_H
#define APP_SUMMARY_H

#include "sensor.h"

void summary_print(const struct sensor *s, double seconds);
/* One line that overwrites itself; nothing more often than a few times a second. */
void summary_progress(const struct capture *c, const struct sensor *s, bool last);

#endif
