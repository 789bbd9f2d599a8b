/* SPDX-License-Identifier: BSD-2-Clause
 * Numbers into bytes, big-endian: what this program itself reads back with a struct reader. */
#ifndef OUTPUT_BYTES_PUT_H
#define OUTPUT_BYTES_PUT_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

static inline void bytes_put_u32(uint8_t *to, uint32_t v)
{
	v = htobe32(v);
	memcpy(to, &v, sizeof(v));
}

static inline void bytes_put_u64(uint8_t *to, uint64_t v)
{
	v = htobe64(v);
	memcpy(to, &v, sizeof(v));
}

#endif
