/* SPDX-License-Identifier: BSD-2-Clause
 * Bytes as what a disk may give back to an output: a spool frame, the state of a chain, a chained line. What is read as a
 * frame is written back to the same bytes. */
#include <stdint.h>
#include <stdlib.h>

#include "../../sensord/output/spool.h"
#include "output/chain.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size);

static void frame(struct bytes from)
{
	static uint8_t again[SPOOL_FRAME_MAX];
	struct output_item item;
	size_t used = 0;

	if (spool_frame_read(from, &item, &used) != SPOOL_FRAME_WHOLE)
		return;
	if (used > from.size || spool_frame_write(&item, again) != used || memcmp(again, from.at, used) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
	struct bytes all = bytes_of(at, size);
	struct chain_link link;
	struct chain_member member;

	frame(all);
	(void)chain_state_read(all, &link);
	if (chain_read(all, &member) && member.at >= size)
		abort();
	return 0;
}
