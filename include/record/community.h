/* SPDX-License-Identifier: BSD-2-Clause
 * Community ID version 1 (Corelight, community-id-spec), seed 0: the same hash for both directions of a flow. Made only
 * for records that are written: it costs a SHA-1, once for the records of a flow that come near each other. */
#ifndef RECORD_COMMUNITY_H
#define RECORD_COMMUNITY_H

#include "record/record.h"

struct community;
struct community *community_new(void); /* NULL where there is no memory */
void community_free(struct community *c);
/* Sets network.community_id from the record's addresses, ports and transport, where it has them. */
void community_identify(struct community *c, struct record *r);

#endif
