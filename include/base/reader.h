/* SPDX-License-Identifier: BSD-2-Clause
 * The bounds-checked cursor: the only way untrusted bytes are read. Errors are sticky: after the first read past the
 * end every getter gives zero or an empty view, `reader_left` is 0, and `reader_ok` is false; check it once before the
 * first effect. Every length on the wire becomes `reader_sub` (a child that cannot leave its bounds) or `reader_take`
 * (a view): lengths are never subtracted.
 *
 * One read per statement: C leaves the order of operands open.
 *
 * For streams: the outer reader running out means "more bytes are needed", an inner one running out "malformed". */
#ifndef BASE_READER_H
#define BASE_READER_H

#include "base/attributes.h"
#include "base/bytes.h"

struct reader {
	const uint8_t *start; /* where this reader began */
	const uint8_t *at;    /* next byte */
	const uint8_t *end;   /* one behind the last */
	bool failed;          /* a read went past the end */
};

static inline struct reader reader_open(struct bytes b)
{
	static const uint8_t nothing[1]; /* an empty view may be NULL, to which not even 0 may be added */
	const uint8_t *start = b.at ? b.at : nothing;
	return (struct reader){ start, start, start + b.size, false };
}

static inline bool reader_ok(const struct reader *r) { return !r->failed; }
static inline size_t reader_left(const struct reader *r) { return r->failed ? 0 : (size_t)(r->end - r->at); }
/* Bytes consumed since reader_open. */
static inline size_t reader_offset(const struct reader *r) { return (size_t)(r->at - r->start); }
/* What is left, as a view; nothing is consumed. */
static inline struct bytes reader_rest(const struct reader *r) { return bytes_of(r->at, reader_left(r)); }
/* Marks the reader as failed by decision of the caller (a value that cannot be). */
static inline void reader_fail(struct reader *r) { r->failed = true; }

/* True where n more bytes can be read; otherwise the reader fails. */
static inline bool reader_has(struct reader *r, size_t n)
{
	if (unlikely(r->failed || (size_t)(r->end - r->at) < n)) {
		r->failed = true;
		return false;
	}
	return true;
}

/* A view of the next n bytes, consumed. Empty on failure. */
static inline struct bytes reader_take(struct reader *r, size_t n)
{
	if (!reader_has(r, n))
		return (struct bytes){ 0 };
	struct bytes b = bytes_of(r->at, n);
	r->at += n;
	return b;
}

static inline void reader_skip(struct reader *r, size_t n)
{
	if (reader_has(r, n))
		r->at += n;
}

/* A child over the next n bytes, which are consumed here. On failure the child has failed too. */
static inline struct reader reader_sub(struct reader *r, size_t n)
{
	if (!reader_has(r, n))
		return (struct reader){ .failed = true };
	struct reader child = { r->at, r->at, r->at + n, false };
	r->at += n;
	return child;
}

static inline uint8_t reader_u8(struct reader *r)
{
	if (!reader_has(r, 1))
		return 0;
	return *r->at++;
}

static inline uint16_t reader_u16(struct reader *r)
{
	if (!reader_has(r, 2))
		return 0;
	uint16_t v = (uint16_t)(r->at[0] << 8 | r->at[1]);
	r->at += 2;
	return v;
}

static inline uint32_t reader_u24(struct reader *r)
{
	if (!reader_has(r, 3))
		return 0;
	uint32_t v = (uint32_t)r->at[0] << 16 | (uint32_t)r->at[1] << 8 | r->at[2];
	r->at += 3;
	return v;
}

static inline uint32_t reader_u32(struct reader *r)
{
	if (!reader_has(r, 4))
		return 0;
	uint32_t v = (uint32_t)r->at[0] << 24 | (uint32_t)r->at[1] << 16 | (uint32_t)r->at[2] << 8 | r->at[3];
	r->at += 4;
	return v;
}

static inline uint64_t reader_u64(struct reader *r)
{
	uint64_t high = reader_u32(r);
	uint64_t low = reader_u32(r);
	return high << 32 | low;
}

static inline uint16_t reader_u16_le(struct reader *r) { return __builtin_bswap16(reader_u16(r)); }
static inline uint32_t reader_u32_le(struct reader *r) { return __builtin_bswap32(reader_u32(r)); }
static inline uint64_t reader_u64_le(struct reader *r)
{
	uint64_t low = reader_u32_le(r);
	uint64_t high = reader_u32_le(r);
	return high << 32 | low;
}

/* The next byte without consuming it; 0 where there is none (the reader does not fail). */
static inline uint8_t reader_peek(const struct reader *r) { return reader_left(r) ? *r->at : 0; }

/* "A length, then that many bytes": a child, or a view. */
static inline struct reader reader_sub8(struct reader *r) { size_t n = reader_u8(r); return reader_sub(r, n); }
static inline struct reader reader_sub16(struct reader *r) { size_t n = reader_u16(r); return reader_sub(r, n); }
static inline struct reader reader_sub24(struct reader *r) { size_t n = reader_u24(r); return reader_sub(r, n); }
static inline struct reader reader_sub32(struct reader *r) { size_t n = reader_u32(r); return reader_sub(r, n); }
static inline struct bytes reader_take8(struct reader *r) { size_t n = reader_u8(r); return reader_take(r, n); }
static inline struct bytes reader_take16(struct reader *r) { size_t n = reader_u16(r); return reader_take(r, n); }

/* A text line up to LF, without LF and one CR before it; consumed with its end. False where no LF is within the next
 * max + 2 bytes: the reader is then untouched, and has failed only where more than max bytes stand there without one. */
bool reader_line(struct reader *r, size_t max, struct bytes *ret) MUST_CHECK;

#endif
