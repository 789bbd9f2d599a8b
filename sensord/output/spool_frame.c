/* SPDX-License-Identifier: BSD-2-Clause
 * One line as a frame of a spool segment, and back. */
#include "base/hash.h"
#include "base/reader.h"
#include "bytes_put.h"
#include "spool.h"

#define BODY_MAX (SPOOL_BODY_HEAD + OUTPUT_TAG + OUTPUT_LINE_MAX)

static const struct hash_key frame_key = { 0, 0 };

enum spool_frame spool_frame_read(struct bytes from, struct output_item *ret, size_t *ret_size)
{
	struct reader r = reader_open(from);
	uint32_t size = reader_u32(&r);
	uint64_t sum = reader_u64(&r);

	if (reader_ok(&r) && (size < SPOOL_BODY_HEAD || size > BODY_MAX))
		return SPOOL_FRAME_WRONG;
	struct bytes whole = reader_take(&r, size);
	if (!reader_ok(&r))
		return SPOOL_FRAME_CUT;
	if (hash_bytes(&frame_key, whole.at, whole.size) != sum)
		return SPOOL_FRAME_WRONG;
	struct reader body = reader_open(whole);
	struct output_item item = { .time_ns = reader_u64(&body) };
	item.severity = reader_u8(&body);
	item.tag = reader_take8(&body);
	item.line = reader_rest(&body);
	if (!reader_ok(&body) || item.severity > 7 || item.tag.size > OUTPUT_TAG || item.line.size > OUTPUT_LINE_MAX ||
	    (item.line.size && memchr(item.line.at, '\n', item.line.size)))
		return SPOOL_FRAME_WRONG;
	*ret = item;
	*ret_size = SPOOL_FRAME_HEAD + size;
	return SPOOL_FRAME_WHOLE;
}

size_t spool_frame_write(const struct output_item *item, uint8_t *to)
{
	size_t tag = item->tag.size < OUTPUT_TAG ? item->tag.size : OUTPUT_TAG;
	size_t size = SPOOL_BODY_HEAD + tag + item->line.size;
	uint8_t *body = to + SPOOL_FRAME_HEAD;

	bytes_put_u64(body, item->time_ns);
	body[8] = (uint8_t)(item->severity & 7);
	body[9] = (uint8_t)tag;
	if (tag)
		memcpy(body + SPOOL_BODY_HEAD, item->tag.at, tag);
	if (item->line.size)
		memcpy(body + SPOOL_BODY_HEAD + tag, item->line.at, item->line.size);
	bytes_put_u32(to, (uint32_t)size);
	bytes_put_u64(to + 4, hash_bytes(&frame_key, body, size));
	return SPOOL_FRAME_HEAD + size;
}
