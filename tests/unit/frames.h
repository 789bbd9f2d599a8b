/* SPDX-License-Identifier: BSD-2-Clause
 * Frames written down as hexadecimal text, one string a header. Spaces are ignored. */
#ifndef TESTS_UNIT_FRAMES_H
#define TESTS_UNIT_FRAMES_H

#include <stdlib.h>

#include "base/bytes.h"

#define MACS "02000000000b 02000000000a " /* to b, from a */
#define ETHER4 MACS "0800 "
#define ETHER6 MACS "86dd "
#define OUTER_MACS "0200000000ee 0200000000dd "

#define HELLO "68656c6c6f "
#define A4 "0a000001 "
#define B4 "0a000002 "
#define A6 "20010db8 00000000 00000000 0000000a "
#define B6 "20010db8 00000000 00000000 0000000b "
#define OUTER4 "c0000201 c0000202 " /* 192.0.2.1 to 192.0.2.2 */
#define OUTER6 "20010db8000100000000000000000001 20010db8000100000000000000000002 "

/* 10.0.0.1:50000 to 10.0.0.2:80, five bytes: 45 bytes in all; the same over IPv6: 65 */
#define TCP_HELLO "c350 0050 00000064 000000c8 5018 2000 0000 0000 " HELLO
#define IP4_HELLO "4500 002d 1234 4000 40 06 0000 " A4 B4 TCP_HELLO
#define IP6_HELLO "60000000 0019 06 40 " A6 B6 TCP_HELLO

static inline int frames_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The bytes in a block of exactly their size; the caller frees at. */
static inline struct bytes frames_make(const char *hex)
{
	uint8_t *at = malloc(strlen(hex) / 2 + 1);
	size_t size = 0;
	int high = -1;

	for (; at && *hex; hex++) {
		int digit = frames_digit(*hex);
		if (digit < 0)
			continue;
		if (high >= 0)
			at[size++] = (uint8_t)(high << 4 | digit);
		high = high >= 0 ? -1 : digit;
	}
	uint8_t *exact = at ? realloc(at, size ? size : 1) : NULL;
	return bytes_of(exact, exact ? size : 0);
}

#endif
