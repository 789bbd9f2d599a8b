/* SPDX-License-Identifier: BSD-2-Clause
 * LDAP behind the stand-in for the engine. Input: one byte of flags (1 datagrams, 2 midstream, 4 nobody asks for
 * records), then pieces: two bytes, 0x8000 the server's, 0x4000 a gap, the rest the size, and the bytes. A stream is fed
 * byte by byte as well. */
#include "pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size);

extern const struct protocol protocol_ldap;

#define PIECES 256
#define BYTEWISE 4096 /* bytes of input up to which cutting is tried */

static void run(const uint8_t *at, size_t size, size_t segment)
{
	struct reader r = reader_open(bytes_of(at, size));
	uint8_t flags = reader_u8(&r);
	struct harness *h = harness_new(&protocol_ldap);

	harness_set_datagram(h, flags & 1);
	harness_set_midstream(h, flags & 2);
	if (flags & 4)
		harness_set_datasets(h, 0);
	pieces_large(h, &r, PIECES, segment);
	harness_close(h, ENDED_FIN);
	harness_free(h);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
	run(at, size, 0);
	if (size > 1 && size < BYTEWISE && !(at[0] & 1))
		run(at, size, 1);
	return 0;
}
