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

/* For keys of five words that are looked up for every packet (the flow table): folded 128-bit multiplications keyed with
 * both words, a dozen instructions. Weaker than SipHash on paper; who does not see the buckets cannot aim at them. */
static inline uint64_t hash_five(const struct hash_key *key, const uint64_t words[5])
{
	unsigned __int128 x = (unsigned __int128)(words[0] ^ key->k0) * (words[1] ^ key->k1);
	unsigned __int128 y = (unsigned __int128)(words[2] ^ key->k1) * (words[3] ^ ~key->k0);
	unsigned __int128 z = (unsigned __int128)((uint64_t)x ^ (uint64_t)(x >> 64) ^ words[4] ^ key->k0) *
			      ((uint64_t)y ^ (uint64_t)(y >> 64) ^ UINT64_C(0x9e3779b97f4a7c15));

	return (uint64_t)z ^ (uint64_t)(z >> 64);
}

#endif
