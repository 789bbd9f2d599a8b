/* SPDX-License-Identifier: BSD-2-Clause
 * Keyed hash (SipHash-1-3, Aumasson and Bernstein) for tables whose keys the network chooses. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct hash_key {
	uint64_t k0, k1;
};

uint64_t hash_bytes(const struct hash_key *key, const void *at, size_t size);

/* For keys of five words that are looked up for every packet (the flow table): folded 128-bit multiplications keyed with
 * both words, a dozen instructions. Weaker than SipHash on paper; who does not see the buckets cannot aim at them. */
static inline uint64_t hash_five(const struct hash_key *key, const uint64_t words[5])
{
	/* Without the constants (digits of pi) a word of zero under a key of zero would wipe out its partner. */
	unsigned __int128 x = (unsigned __int128)(words[0] ^ key->k0 ^ UINT64_C(0x243f6a8885a308d3)) *
			      (words[1] ^ key->k1 ^ UINT64_C(0x13198a2e03707345));
	unsigned __int128 y = (unsigned __int128)(words[2] ^ key->k1 ^ UINT64_C(0xa4093822299f31d1)) *
			      (words[3] ^ ~key->k0 ^ UINT64_C(0x082efa98ec4e6c89));
	unsigned __int128 z = (unsigned __int128)((uint64_t)x ^ (uint64_t)(x >> 64) ^ words[4] ^ key->k0 ^ UINT64_C(0x452821e638d01377)) *
			      ((uint64_t)y ^ (uint64_t)(y >> 64) ^ UINT64_C(0x9e3779b97f4a7c15));

	return (uint64_t)z ^ (uint64_t)(z >> 64);
}

/* The same mixing over bytes: four times as fast as hash_bytes, for what nobody gains by making collide. */
static inline uint64_t hash_quick(const struct hash_key *key, const void *at, size_t size)
{
	const uint8_t *p = at;
	uint64_t words[5] = { size };

	for (; size >= 32; size -= 32, p += 32) {
		memcpy(&words[1], p, 32);
		words[0] = hash_five(key, words);
	}
	memset(&words[1], 0, 32);
	if (size)
		memcpy(&words[1], p, size);
	return hash_five(key, words);
}

#endif
