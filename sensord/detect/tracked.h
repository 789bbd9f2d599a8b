/* SPDX-License-Identifier: BSD-2-Clause
 * What several trackers do alike. */
#ifndef DETECT_TRACKED_H
#define DETECT_TRACKED_H

#include "detect/tracker.h"
#include "pace.h"

#define TRACKED_BEACON_STARTS 6 /* a pace is told from this start on */

extern const struct tracker tracker_beacon, tracker_challenge, tracker_dns_names, tracker_fingerprint, tracker_history,
	tracker_identity, tracker_relay, tracker_retry, tracker_router, tracker_session, tracker_terminal, tracker_ticket, tracker_tunnel, tracker_visibility;

/* Keyed hash of a name without regard to case; the first 255 bytes count. */
uint64_t tracked_name(const struct tracking *t, struct bytes name);
/* user out of DOMAIN\user and user@realm. */
struct bytes tracked_account(struct bytes user);

/* When what the record tells of began. */
uint64_t tracked_start(const struct record *r);

/* Publishes the pace of what `like` is the latest start of, once it has lasted TRACKED_BEACON_STARTS. */
void tracked_publish_pace(struct tracking *t, const struct pace *p, const char *kind, const struct record *like);

#endif
