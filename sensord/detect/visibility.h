/* SPDX-License-Identifier: BSD-2-Clause
 * What the tracker of visibility can be asked, for the daily line and the summary of a replay. */
#ifndef DETECT_VISIBILITY_H
#define DETECT_VISIBILITY_H

#include "detect/detect.h"
#include "detect/tracker.h"
#include "sight.h"

/* The sight of the detection; serves trackers. */
struct sight *tracking_sight(const struct tracking *t);
/* Fills what the tracker knows; state: of tracker_visibility, or NULL where it does not run. */
void visibility_view(const void *state, const struct sight *s, uint64_t now_ns, struct detect_view *ret);

#endif
