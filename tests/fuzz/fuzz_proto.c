/* SPDX-License-Identifier: BSD-2-Clause
 * Protocols behind the stand-in for the engine. Input: one byte chooses the protocol (its number in protocols[]; beyond
 * them: by probing), one holds flags (1 datagrams, 2 midstream, 4 nobody asks for records, 8 compare); then pieces: two
 * bytes, 0x8000 the server's, 0x4000 a gap, the rest the size, and the bytes. A stream is fed a second time byte by byte;
 * with flag 8 and a protocol that kept the flow, that must tell the same. */
#include <stdlib.h>
#include <string.h>

#include "pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size);

#define PIECES 256
#define BYTEWISE 4096 /* bytes of input up to which cutting is tried */

static char *run(const uint8_t *at, size_t size, size_t segment, bool *ret_kept)
{
	struct reader r = reader_open(bytes_of(at, size));
	size_t number = reader_u8(&r);
	uint8_t flags = reader_u8(&r);
	size_t count = 0;

	while (protocols[count])
		count++;
	const struct protocol *only = number < count && protocols[number]->parse ? protocols[number] : NULL;
	struct harness *h = harness_new(only);
	harness_set_datagram(h, flags & 1);
	harness_set_midstream(h, flags & 2);
	if (flags & 4)
		harness_set_datasets(h, 0);
	pieces_large(h, &r, PIECES, segment);
	harness_end(h, CLIENT, ENDED_FIN);
	harness_close(h, ENDED_FIN);
	char *text = strdup(harness_text(h));
	/* Garbage is called so once all bytes it was asked to wait for are there, which pieces may never reach. */
	char *summary = text ? strstr(text, " malformed=") : NULL;
	while (summary && strstr(summary + 1, " malformed="))
		summary = strstr(summary + 1, " malformed=");
	if (summary)
		*summary = '\0';
	/* What is of datagrams only never gets pieces of a stream from the engine, so cutting says nothing of it.
	 * HTTP judges a line that cannot be one while it still grows, so garbage may be given up earlier in pieces. */
	*ret_kept = only && only->stream && strcmp(only->name, "http") != 0 && harness_confirmed(h) &&
		    strcmp(harness_confirmed(h), only->name) == 0 && !harness_tunnel(h);
	harness_free(h);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
	bool kept, kept_bytewise;
	char *whole = run(at, size, 0, &kept);

	if (size > 1 && size < BYTEWISE && !(at[1] & 1)) {
		char *bytewise = run(at, size, 1, &kept_bytewise);
		if (at[1] & 8 && kept && whole && bytewise && strcmp(whole, bytewise) != 0)
			abort();
		free(bytewise);
	}
	free(whole);
	return 0;
}
