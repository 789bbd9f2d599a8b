/* SPDX-License-Identifier: BSD-2-Clause
 * One row a codec, over the streaming calls of zlib, libzstd and liblz4 (frame format). Memory is bounded by the
 * libraries' windows: 32 KiB, 128 MiB (libzstd refuses longer ones by itself), 4 MiB blocks. */
#include "capture_codec.h"

#include <lz4frame.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include "base/reader.h"

static bool gzip_is(struct bytes head)
{
	static const uint8_t magic[] = { 0x1f, 0x8b, 8 };

	return bytes_starts(head, bytes_of(magic, sizeof(magic)));
}

static void *gzip_start(void)
{
	z_stream *z = calloc(1, sizeof(*z));

	if (z && inflateInit2(z, 16 + MAX_WBITS) != Z_OK) {
		free(z);
		return NULL;
	}
	return z;
}

static void gzip_end(void *state)
{
	inflateEnd(state);
	free(state);
}

static enum unpacked gzip_step(void *state, struct bytes *in, uint8_t *out, size_t size, size_t *ret_made,
			       const char **why)
{
	z_stream *z = state;

	z->next_in = (Bytef *)(uintptr_t)in->at; /* zlib's interface lacks the const */
	z->avail_in = in->size < UINT32_MAX ? (uInt)in->size : UINT32_MAX;
	z->next_out = out;
	z->avail_out = size < UINT32_MAX ? (uInt)size : UINT32_MAX;
	int result = inflate(z, Z_NO_FLUSH);
	size_t used = (size_t)(z->next_in - in->at);
	*in = bytes_of(in->at + used, in->size - used);
	*ret_made = (size_t)(z->next_out - out);
	if (result == Z_STREAM_END)
		return UNPACKED_MEMBER;
	if (result == Z_OK || result == Z_BUF_ERROR)
		return UNPACKED;
	*why = z->msg ? z->msg : zError(result);
	return UNPACKED_DAMAGED;
}

/* A skippable frame too (RFC 8878 section 3.1.2): parallel packers write one first. libzstd skips it. */
static bool zstd_is(struct bytes head)
{
	struct reader r = reader_open(head);
	uint32_t magic = reader_u32_le(&r);

	bool skippable = (magic & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START;
	return reader_ok(&r) && (magic == ZSTD_MAGICNUMBER || skippable);
}

static void *zstd_start(void)
{
	return ZSTD_createDStream();
}

static void zstd_end(void *state)
{
	ZSTD_freeDStream(state);
}

static enum unpacked zstd_step(void *state, struct bytes *in, uint8_t *out, size_t size, size_t *ret_made,
			       const char **why)
{
	ZSTD_inBuffer from = { in->at, in->size, 0 };
	ZSTD_outBuffer to = { out, size, 0 };
	size_t result = ZSTD_decompressStream(state, &to, &from);

	*in = bytes_of(in->at + from.pos, in->size - from.pos);
	*ret_made = to.pos;
	if (ZSTD_isError(result)) {
		*why = ZSTD_getErrorName(result);
		return UNPACKED_DAMAGED;
	}
	return result == 0 ? UNPACKED_MEMBER : UNPACKED;
}

static bool lz4_is(struct bytes head)
{
	static const uint8_t magic[] = { 0x04, 0x22, 0x4d, 0x18 };

	return bytes_starts(head, bytes_of(magic, sizeof(magic)));
}

static void *lz4_start(void)
{
	LZ4F_dctx *d = NULL;

	return LZ4F_isError(LZ4F_createDecompressionContext(&d, LZ4F_VERSION)) ? NULL : d;
}

static void lz4_end(void *state)
{
	LZ4F_freeDecompressionContext(state);
}

static enum unpacked lz4_step(void *state, struct bytes *in, uint8_t *out, size_t size, size_t *ret_made,
			      const char **why)
{
	size_t used = in->size;
	size_t made = size;
	size_t result = LZ4F_decompress(state, out, &made, in->at, &used, NULL);

	if (LZ4F_isError(result)) {
		*ret_made = 0;
		*why = LZ4F_getErrorName(result);
		return UNPACKED_DAMAGED;
	}
	*in = bytes_of(in->at + used, in->size - used);
	*ret_made = made;
	return result == 0 ? UNPACKED_MEMBER : UNPACKED;
}

static const struct codec codecs[] = {
	{ "gzip", gzip_is, gzip_start, gzip_end, gzip_step },
	{ "zstd", zstd_is, zstd_start, zstd_end, zstd_step },
	{ "lz4", lz4_is, lz4_start, lz4_end, lz4_step },
};

const struct codec *codec_find(struct bytes head)
{
	for (size_t i = 0; i < ARRAY_SIZE(codecs); i++)
		if (codecs[i].is(head))
			return &codecs[i];
	return NULL;
}
