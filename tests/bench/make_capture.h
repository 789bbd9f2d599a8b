/* SPDX-License-Identifier: BSD-2-Clause
 * What the files of the capture maker share. */
#ifndef MAKE_CAPTURE_H
#define MAKE_CAPTURE_H

#include <pcap.h>
#include <stdbool.h>
#include <stdint.h>

#define CAPTURE_START_NS (UINT64_C(1700000000) * 1000000000)

struct capture {
	pcap_dumper_t *out;
	uint64_t packets, bytes; /* bytes on the wire */
	uint64_t file_size;
};

void capture_write(struct capture *c, uint64_t time_ns, const uint8_t *bytes, uint32_t size, uint32_t wire_size);
/* False where none of the captures is of use. */
bool make_mixed(struct capture *c, uint64_t size, char **paths, size_t n);

#endif
