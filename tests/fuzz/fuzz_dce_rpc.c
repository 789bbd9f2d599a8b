/* SPDX-License-Identifier: BSD-2-Clause
 * A DCE/RPC conversation out of any bytes. The input is a row of pieces: one octet that says what (bit 0: the server;
 * 0xfc and above: a gap, the end, the end of the flow), one octet of size, the bytes. The first octet sets what is
 * asked for, whether the capture began in the middle, and whether they are datagrams. */
#include "pieces.h"

extern const struct protocol protocol_dce_rpc;

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
	struct reader r = reader_open(bytes_of(at, size));
	struct harness *h = harness_new(&protocol_dce_rpc);
	uint8_t how = reader_u8(&r);

	harness_set_midstream(h, how & 1);
	harness_set_datagram(h, how & 8);
	if (how & 2)
		harness_set_datasets(h, how & 4 ? 0 : DATASET_BIT(DATASET_AUTH));
	pieces_small(h, &r);
	harness_close(h, ENDED_CAPTURE);
	harness_free(h);
	return 0;
}
