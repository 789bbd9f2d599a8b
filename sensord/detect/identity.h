/* SPDX-License-Identifier: BSD-2-Clause
 * Who was lately seen at an address: asked by detection for the related accounts of an alert. */
#ifndef DETECT_IDENTITY_H
#define DETECT_IDENTITY_H

#include "base/address.h"
#include "base/bytes.h"

/* Calls see for each account lately seen at the address, latest first. state: of tracker_identity. */
void identity_accounts(void *state, const struct address *a, uint64_t now_ns,
		       void (*see)(void *context, struct bytes account), void *context);

#endif
