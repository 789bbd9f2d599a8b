/* SPDX-License-Identifier: BSD-2-Clause
 * SHA-256 (FIPS 180-4) by OpenSSL. */
#include "digest.h"

#include <pthread.h>

#include <openssl/evp.h>

/* Fetching an algorithm takes a lock and a search; it is immutable afterwards and shared by all threads. */
static EVP_MD *sha256;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void fetch(void)
{
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
}

bool digest_sha256(struct bytes b, uint8_t ret[DIGEST_SHA256])
{
	unsigned n = 0;

	if (pthread_once(&once, fetch) != 0 || !sha256)
		return false;
	return EVP_Digest(b.at, b.size, ret, &n, sha256, NULL) == 1 && n == DIGEST_SHA256;
}
