/* SPDX-License-Identifier: BSD-2-Clause
 * Community ID version 1 (Corelight, community-id-spec), seed 0: the same hash for both directions of a flow. */
#ifndef RECORD_COMMUNITY_H
#define RECORD_COMMUNITY_H

#include "record/record.h"

/* Sets network.community_id from the record's addresses, ports and transport, where it has them. Made only for records
 * that are written: it costs a SHA-1. */
void record_identify(struct record *r);

#endif
