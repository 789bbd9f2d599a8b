/* SPDX-License-Identifier: BSD-2-Clause
 * Keyed hash (SipHash-1-3, Aumasson and Bernstein) for tables whose keys the network chooses. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

struct hash_key {
	uint64_t k0, k1;
};

uint64_t hash_bytes(const struct hash_key *key, const void *at, size_t size);

#endif
