/* SPDX-License-Identifier: BSD-2-Clause */
#include "capture_maker.h"

#include <ftw.h>
#include <lz4frame.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <cmocka.h>

static void put(struct maker *m, const void *at, size_t size)
{
	assert_true(size <= sizeof(m->at) - m->size);
	if (size)
		memcpy(m->at + m->size, at, size);
	m->size += size;
}

static void put_number(struct maker *m, uint64_t v, size_t size)
{
	uint8_t out[8];

	for (size_t i = 0; i < size; i++)
		out[m->big_endian ? size - 1 - i : i] = (uint8_t)(v >> 8 * i);
	put(m, out, size);
}

void put16(struct maker *m, uint16_t v)
{
	put_number(m, v, 2);
}

void put32(struct maker *m, uint32_t v)
{
	put_number(m, v, 4);
}

void put_fill(struct maker *m, size_t size, uint8_t with)
{
	while (size-- > 0)
		put(m, &with, 1);
}

void make_pcap(struct maker *m, bool big_endian, bool nano, uint32_t link_type)
{
	m->size = 0;
	m->big_endian = big_endian;
	put32(m, nano ? 0xa1b23c4d : 0xa1b2c3d4);
	put16(m, 2);
	put16(m, 4);
	put32(m, 0);
	put32(m, 0);
	put32(m, 65535);
	put32(m, link_type);
}

void make_packet(struct maker *m, uint32_t seconds, uint32_t fraction, uint32_t size)
{
	put32(m, seconds);
	put32(m, fraction);
	put32(m, size);
	put32(m, size + 100);
	put_fill(m, size, (uint8_t)seconds);
}

void make_simple(struct maker *m, uint32_t seconds, unsigned n)
{
	make_pcap(m, false, false, 1);
	for (unsigned i = 0; i < n; i++)
		make_packet(m, seconds + i, 0, 20);
}

void make_block(struct maker *m, uint32_t type, const void *body, size_t size)
{
	size_t padding = -size & 3;

	put32(m, type);
	put32(m, (uint32_t)(size + padding + 12));
	put(m, body, size);
	put_fill(m, padding, 0);
	put32(m, (uint32_t)(size + padding + 12));
}

void make_section(struct maker *m, bool big_endian)
{
	struct maker body = { .big_endian = big_endian };

	m->big_endian = big_endian;
	put32(&body, 0x1a2b3c4d);
	put16(&body, 1);
	put16(&body, 0);
	put_fill(&body, 8, 0xff);
	make_block(m, 0x0a0d0d0a, body.at, body.size);
}

static void put_option(struct maker *m, uint16_t code, const void *at, uint16_t size)
{
	put16(m, code);
	put16(m, size);
	put(m, at, size);
	put_fill(m, -(size_t)size & 3, 0);
}

void make_interface(struct maker *m, uint16_t link_type, uint32_t snap, const char *name, int resolution)
{
	struct maker body = { .big_endian = m->big_endian };
	uint8_t exponent = (uint8_t)resolution;

	put16(&body, link_type);
	put16(&body, 0);
	put32(&body, snap);
	if (name)
		put_option(&body, 2, name, (uint16_t)strlen(name));
	if (resolution >= 0)
		put_option(&body, 9, &exponent, 1);
	put_option(&body, 0, NULL, 0);
	make_block(m, 1, body.at, body.size);
}

void make_enhanced(struct maker *m, uint32_t interface, uint64_t ticks, uint32_t size)
{
	struct maker body = { .big_endian = m->big_endian };

	put32(&body, interface);
	put32(&body, (uint32_t)(ticks >> 32));
	put32(&body, (uint32_t)ticks);
	put32(&body, size);
	put32(&body, size + 100);
	put_fill(&body, size, (uint8_t)(0x40 + interface));
	make_block(m, 6, body.at, body.size);
}

void make_simple_packet(struct maker *m, uint32_t wire, uint32_t captured)
{
	struct maker body = { .big_endian = m->big_endian };

	put32(&body, wire);
	put_fill(&body, captured, 0x33);
	make_block(m, 3, body.at, body.size);
}

void pack_gzip(const struct maker *from, struct maker *to)
{
	z_stream z = { .next_in = (Bytef *)(uintptr_t)from->at, .avail_in = (uInt)from->size,
		       .next_out = to->at + to->size, .avail_out = (uInt)(sizeof(to->at) - to->size) };

	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	to->size += z.total_out;
	deflateEnd(&z);
}

void pack_zstd(const struct maker *from, struct maker *to)
{
	size_t size = ZSTD_compress(to->at + to->size, sizeof(to->at) - to->size, from->at, from->size, 3);

	assert_false(ZSTD_isError(size));
	to->size += size;
}

void pack_lz4(const struct maker *from, struct maker *to)
{
	size_t size = LZ4F_compressFrame(to->at + to->size, sizeof(to->at) - to->size, from->at, from->size, NULL);

	assert_false(LZ4F_isError(size));
	to->size += size;
}

static char made_folder[4096];

const char *folder(void)
{
	const char *above = getenv("TMPDIR");

	if (!made_folder[0]) {
		snprintf(made_folder, sizeof(made_folder), "%s/sensord-test-XXXXXX",
			 above && above[0] ? above : P_tmpdir);
		assert_non_null(mkdtemp(made_folder));
	}
	return made_folder;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void folder_remove(void)
{
	if (made_folder[0])
		nftw(made_folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	made_folder[0] = '\0';
}

const char *in_folder(const char *name)
{
	static char paths[256][4200];
	static size_t turn;
	char *path = paths[turn++ % 256];

	snprintf(path, sizeof(paths[0]), "%s/%s", folder(), name);
	return path;
}

const char *write_file(const char *name, const void *at, size_t size)
{
	const char *path = in_folder(name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(at, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
	return path;
}

const char *write_made(const char *name, const struct maker *m)
{
	return write_file(name, m->at, m->size);
}

void read_on(struct capture *c, struct seen *ret)
{
	struct frame f;

	memset(ret, 0, sizeof(*ret));
	while (capture_next(c, &f) == CAPTURE_FRAME) {
		assert_true(ret->n < SEEN_MAX);
		ret->frames[ret->n] = f;
		ret->first[ret->n] = f.data.size ? f.data.at[0] : 0;
		snprintf(ret->interfaces[ret->n], sizeof(ret->interfaces[0]), "%s", f.interface ? f.interface : "");
		ret->n++;
	}
	assert_int_equal(capture_next(c, &f), CAPTURE_END);
	ret->problems = capture_problems(c);
	for (size_t i = 0; i < ret->problems && i < 8; i++)
		snprintf(ret->problem[i], sizeof(ret->problem[0]), "%s", capture_problem(c, i));
}

void read_paths(const char *const *paths, size_t n, const char *filter, struct seen *ret)
{
	struct error err = { 0 };
	struct capture_settings settings = { .filter = filter };
	struct capture *c = capture_open(paths, n, &settings, &err);

	if (!c)
		fail_msg("%s", err.text);
	read_on(c, ret);
	capture_close(c);
}

void read_one(const char *path, struct seen *ret)
{
	read_paths(&path, 1, NULL, ret);
}
