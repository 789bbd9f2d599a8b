/* SPDX-License-Identifier: BSD-2-Clause
 * SMB behind the stand-in for the engine. Input: one byte of flags (2 midstream, 4 nobody asks for records), then
 * pieces: two bytes, 0x8000 the server's, 0x4000 a gap, the rest the size, and the bytes. The stream is fed byte by
 * byte as well: where nothing was lost, that must tell the same. */
#include <stdlib.h>
#include <string.h>

#include "pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size);

extern const struct protocol protocol_smb;

#define PIECES	 256
#define BYTEWISE 3000 /* bytes of input up to which cutting is tried */

static struct harness *run(const uint8_t *at, size_t size, size_t segment, bool *ret_whole)
{
	struct reader r = reader_open(bytes_of(at, size));
	uint8_t flags = reader_u8(&r);
	struct harness *h = harness_new(&protocol_smb);

	harness_set_midstream(h, flags & 2);
	if (flags & 4)
		harness_set_datasets(h, 0);
	*ret_whole = pieces_large(h, &r, PIECES, segment) && !(flags & 2);
	harness_close(h, ENDED_FIN);
	return h;
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
	bool whole;
	struct harness *h = run(at, size, 0, &whole);

	if (size > 1 && size < BYTEWISE) {
		struct harness *bytewise = run(at, size, 1, &whole);
		if (whole && strcmp(harness_text(h), harness_text(bytewise)) != 0)
			abort();
		harness_free(bytewise);
	}
	harness_free(h);
	return 0;
}
