/* SPDX-License-Identifier: BSD-2-Clause
 * Kerberos: input as a flow with a KDC and as a token. The first byte holds flags (1 datagrams, 2 midstream, 4 only
 * logons asked for, 8 nothing asked for, 16 a token instead, 32 on port 464, 64 without probing, 128 the token in GSS
 * framing); then pieces: two bytes,
 * 0x8000 the server's, 0x4000 a gap, the rest the size, and the bytes. */
#include "pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size);

#define PIECES 64

extern const struct protocol protocol_kerberos;

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
	struct reader r = reader_open(bytes_of(at, size));
	uint8_t flags = reader_u8(&r);
	struct harness *h = harness_new(flags & 64 ? &protocol_kerberos : NULL);

	harness_set_datagram(h, flags & 1);
	harness_set_midstream(h, flags & 2);
	harness_set_server_port(h, flags & 32 ? 464 : 88);
	if (flags & 12)
		harness_set_datasets(h, flags & 4 ? DATASET_BIT(DATASET_AUTH) : 0);
	if (flags & 16)
		parse_inner(harness_parse(h), flags & 128 ? "gss" : "krb5", reader_rest(&r), harness_scratch(h));
	else
		pieces_large(h, &r, PIECES, 0);
	harness_end(h, CLIENT, ENDED_FIN);
	harness_close(h, ENDED_FIN);
	harness_free(h);
	return 0;
}
