/* SPDX-License-Identifier: BSD-2-Clause
 * Capture files made byte by byte, packed, written into a temporary folder, and read back; for the capture tests. */
#ifndef TESTS_CAPTURE_MAKER_H
#define TESTS_CAPTURE_MAKER_H

#include "../../sensord/app/capture/capture.h"

struct maker {
	uint8_t at[1 << 16];
	size_t size;
	bool big_endian;
};

void put16(struct maker *m, uint16_t v);
void put32(struct maker *m, uint32_t v);
void put_fill(struct maker *m, size_t size, uint8_t with);

/* pcap: microseconds or nanoseconds. */
void make_pcap(struct maker *m, bool big_endian, bool nano, uint32_t link_type);
void make_packet(struct maker *m, uint32_t seconds, uint32_t fraction, uint32_t size);
/* A pcap file of n packets of 20 bytes, one a second from `seconds` on. */
void make_simple(struct maker *m, uint32_t seconds, unsigned n);

/* pcapng. resolution -1: no such option; name NULL: no such option. */
void make_section(struct maker *m, bool big_endian);
void make_interface(struct maker *m, uint16_t link_type, uint32_t snap, const char *name, int resolution);
void make_enhanced(struct maker *m, uint32_t interface, uint64_t ticks, uint32_t size);
void make_simple_packet(struct maker *m, uint32_t wire, uint32_t captured);
void make_block(struct maker *m, uint32_t type, const void *body, size_t size);

void pack_gzip(const struct maker *from, struct maker *to);
void pack_zstd(const struct maker *from, struct maker *to);
void pack_lz4(const struct maker *from, struct maker *to);

/* The temporary folder of this program; made at the first call. */
const char *folder(void);
/* Removes it with everything in it. */
void folder_remove(void);
/* "FOLDER/name", in one of some static buffers that are used in turn. */
const char *in_folder(const char *name);
const char *write_file(const char *name, const void *at, size_t size);
const char *write_made(const char *name, const struct maker *m);

#define SEEN_MAX 64
struct seen {
	size_t n;
	struct frame frames[SEEN_MAX];  /* data, interface and file are not valid any more */
	uint8_t first[SEEN_MAX];        /* first byte of each */
	char interfaces[SEEN_MAX][32];  /* "" for NULL */
	size_t problems;
	char problem[8][512];
};
/* Reads everything of an open capture. */
void read_on(struct capture *c, struct seen *ret);
/* Opens, reads everything, closes. */
void read_paths(const char *const *paths, size_t n, const char *filter, struct seen *ret);
void read_one(const char *path, struct seen *ret);

#endif
