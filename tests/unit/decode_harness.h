/* SPDX-License-Identifier: BSD-2-Clause
 * A decoder, and frames into it. Included by one test program each, after cmocka. */
#ifndef TESTS_UNIT_DECODE_HARNESS_H
#define TESTS_UNIT_DECODE_HARNESS_H

#include "base/attributes.h"
#include "decode/packet.h"
#include "frames.h"

enum { NULLS = 0, ETHERNET = 1, PPP = 9, RAW = 12, HDLC = 50, PPPOE = 51, WIFI = 105, LOOP = 108, SLL = 113,
       RADIOTAP = 127, IP4 = 228, IP6 = 229, SLL2 = 276 };

/* Outer IPv4 header: total size, protocol. */
#define OUT(size, protocol) "4500 " size " 0001 0000 3f " protocol " 0000 " OUTER4
#define OUT6(size, next) "60000000 " size " " next " 3f " OUTER6

static struct decoder *decoder;

static inline int make_decoder(void **state)
{
	(void)state;
	decoder = decoder_new();
	return decoder ? 0 : -1;
}

static inline int free_decoder(void **state)
{
	(void)state;
	decoder_free(decoder);
	return 0;
}

static inline enum decoded decode_hex(int link, const char *hex, struct bytes *frame, struct packet *ret)
{
	*frame = frames_make(hex);
	assert_non_null(frame->at);
	return decode(decoder, link, *frame, (uint32_t)frame->size, 7, ret);
}

static inline void drop(struct bytes frame)
{
	free((void *)(uintptr_t)frame.at);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_decoder, free_decoder)

#endif
