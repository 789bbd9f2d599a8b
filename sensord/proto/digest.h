/* SPDX-License-Identifier: BSD-2-Clause
 * Fingerprints of what must not be told itself. */
#ifndef PROTO_DIGEST_H
#define PROTO_DIGEST_H

#include "base/attributes.h"
#include "base/bytes.h"

#define DIGEST_SHA256 32 /* bytes */

/* False where the library cannot; *ret is then of no use. */
bool digest_sha256(struct bytes b, uint8_t ret[DIGEST_SHA256]) MUST_CHECK;

#endif
