/* SPDX-License-Identifier: BSD-2-Clause
 * A DCE/RPC conversation out of any bytes. The input is a row of pieces: one octet that says what (bit 0: the server;
 * 0xfc and above: a gap, the end, the end of the flow), one octet of size, the bytes. The first octet sets what is
 * asked for, whether the capture began in the middle, and whether they are datagrams. */
#include "../unit/proto_harness.h"

extern const struct protocol protocol_dce_rpc;

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size);

enum { GAP = 0xfc, END = 0xfe };

static void piece(struct harness *h, struct reader *r)
{
	uint8_t what = reader_u8(r);
	size_t n = reader_u8(r);
	enum side side = what & 1 ? SERVER : CLIENT;

	if (what >= END)
		harness_end(h, side, ENDED_FIN);
	else if (what >= GAP)
		harness_gap(h, side, n + 1);
	else
		harness_feed(h, side, reader_take(r, n < reader_left(r) ? n : reader_left(r)), (what >> 1) & 15, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
	struct reader r = reader_open(bytes_of(at, size));
	struct harness *h = harness_new(&protocol_dce_rpc);
	uint8_t how = reader_u8(&r);

	harness_set_midstream(h, how & 1);
	harness_set_datagram(h, how & 8);
	if (how & 2)
		harness_set_datasets(h, how & 4 ? 0 : DATASET_BIT(DATASET_AUTH));
	while (reader_left(&r) > 1)
		piece(h, &r);
	harness_close(h, ENDED_CAPTURE);
	harness_free(h);
	return 0;
}
