/* SPDX-License-Identifier: BSD-2-Clause
 * The daily line of the sensor. */
#ifndef APP_SELF_HEALTH_H
#define APP_SELF_HEALTH_H

#include "self.h"

/* Fills the record with what happened between two snapshots and whether any of it needs attention. */
void self_health(const struct self_snapshot *from, const struct self_snapshot *to, struct record *ret);

#endif
