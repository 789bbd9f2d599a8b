/* SPDX-License-Identifier: BSD-2-Clause
 * How a fuzz target's input becomes what both sides of a flow say, in two forms. */
#ifndef TESTS_FUZZ_PIECES_H
#define TESTS_FUZZ_PIECES_H

#include "base/reader.h"
#include "../unit/proto_harness.h"

static inline struct bytes pieces_take(struct reader *r, size_t n)
{
	return reader_take(r, n < reader_left(r) ? n : reader_left(r));
}

/* One octet that says what (bit 0: the server; 0xfc and above: a gap, the end of that side; else bits 1 to 4 the bytes
 * of a segment), one octet of size, the bytes. */
static inline void pieces_small(struct harness *h, struct reader *r)
{
	enum { GAP = 0xfc, END = 0xfe };

	while (reader_left(r) > 1) {
		uint8_t what = reader_u8(r);
		size_t n = reader_u8(r);
		enum side side = what & 1 ? SERVER : CLIENT;
		if (what >= END)
			harness_end(h, side, ENDED_FIN);
		else if (what >= GAP)
			harness_gap(h, side, n + 1);
		else
			harness_feed(h, side, pieces_take(r, n), (what >> 1) & 15, 0);
	}
}

/* Two bytes, 0x8000 the server's, 0x4000 a gap, the rest the size, and the bytes; at most `most` of them, in segments
 * of that size (0: whole). True where nothing was lost. */
static inline bool pieces_large(struct harness *h, struct reader *r, unsigned most, size_t segment)
{
	bool whole = true;

	for (unsigned i = 0; i < most && reader_left(r) > 0; i++) {
		uint16_t head = reader_u16(r);
		enum side side = head & 0x8000 ? SERVER : CLIENT;
		size_t size = head & 0x3fff;
		whole &= !(head & 0x4000);
		if (head & 0x4000)
			harness_gap(h, side, size);
		else
			harness_feed(h, side, pieces_take(r, size), segment, 0);
	}
	return whole;
}

#endif
