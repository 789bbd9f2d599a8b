/* SPDX-License-Identifier: BSD-2-Clause
 * TZif files (RFC 8536 section 3): header, data block of version 1 with 32-bit times, then, from version 2 on, a second
 * header with a block of 64-bit times and a footer with the rule for what comes after. */
#include "zoneinfo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/reader.h"

#define TYPES_MAX 256

struct header {
	uint8_t version; /* 0, '2', '3' … */
	uint32_t isutcnt, isstdcnt, leapcnt, timecnt, typecnt, charcnt;
};

static struct header read_header(struct reader *r)
{
	struct header h = { 0 };
	struct bytes magic = reader_take(r, 4);

	if (!bytes_equal(magic, bytes_string("TZif")))
		reader_fail(r);
	h.version = reader_u8(r);
	reader_skip(r, 15);
	h.isutcnt = reader_u32(r);
	h.isstdcnt = reader_u32(r);
	h.leapcnt = reader_u32(r);
	h.timecnt = reader_u32(r);
	h.typecnt = reader_u32(r);
	h.charcnt = reader_u32(r);
	if (h.timecnt > ZONEINFO_TRANSITIONS || h.typecnt == 0 || h.typecnt > TYPES_MAX || h.charcnt > ZONEINFO_SIZE ||
	    h.leapcnt > ZONEINFO_SIZE || h.isstdcnt > TYPES_MAX || h.isutcnt > TYPES_MAX)
		reader_fail(r);
	return h;
}

/* Bytes of a block whose times have that width; the header's counts are bounded. */
static uint64_t block_size(const struct header *h, unsigned width)
{
	return (uint64_t)h->timecnt * (width + 1) + (uint64_t)h->typecnt * 6 + h->charcnt +
	       (uint64_t)h->leapcnt * (width + 4) + h->isstdcnt + h->isutcnt;
}

static bool read_types(struct reader *r, uint32_t count, int32_t offsets[TYPES_MAX])
{
	for (uint32_t i = 0; i < count; i++) {
		offsets[i] = (int32_t)reader_u32(r);
		reader_skip(r, 2); /* daylight flag, abbreviation */
		if (offsets[i] < -100000 || offsets[i] > 100000)
			reader_fail(r);
	}
	return reader_ok(r);
}

static bool read_block(struct reader *r, const struct header *h, unsigned width, struct zoneinfo *into)
{
	struct reader block = reader_sub(r, block_size(h, width));
	struct reader times = reader_sub(&block, (size_t)h->timecnt * width);
	struct reader types = reader_sub(&block, h->timecnt);
	int32_t offsets[TYPES_MAX];

	if (!read_types(&block, h->typecnt, offsets))
		return false;
	into->first = offsets[0];
	into->transitions = calloc(h->timecnt + 1, sizeof(*into->transitions));
	if (!into->transitions)
		return false;
	for (uint32_t i = 0; i < h->timecnt; i++) {
		int64_t at = width == 8 ? (int64_t)reader_u64(&times) : (int32_t)reader_u32(&times);
		uint8_t type = reader_u8(&types);
		if (type >= h->typecnt || (i > 0 && at <= into->transitions[i - 1].at))
			return false;
		into->transitions[into->n_transitions++] = (struct zone_transition){ at, offsets[type] };
	}
	return reader_ok(&times) && reader_ok(&types);
}

static bool read_footer(struct reader *r, struct zone_rule *into)
{
	struct bytes rest;

	if (reader_u8(r) != '\n')
		return false;
	rest = reader_rest(r);
	struct bytes rule = bytes_split(&rest, '\n');
	return rule.size == 0 || zone_rule_parse(rule, into);
}

static bool parse(struct reader *r, struct zoneinfo *into)
{
	struct header h = read_header(r);

	if (!reader_ok(r))
		return false;
	if (h.version == 0)
		return read_block(r, &h, 4, into);
	reader_skip(r, block_size(&h, 4));
	h = read_header(r);
	return reader_ok(r) && read_block(r, &h, 8, into) && read_footer(r, &into->rule);
}

bool zoneinfo_parse(struct bytes file, struct zoneinfo *into)
{
	struct reader r = reader_open(file);

	*into = (struct zoneinfo){ 0 };
	if (parse(&r, into))
		return true;
	zoneinfo_release(into);
	return false;
}

static bool safe_name(struct bytes name)
{
	for (size_t i = 0; i < name.size; i++) {
		uint8_t c = name.at[i];
		bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
		if (!letter && !(c >= '0' && c <= '9') && !memchr("_+-/", c, 4))
			return false;
	}
	return name.size > 0 && name.size < 64 && name.at[0] != '/';
}

/* UTC, Z, +hh:mm, +hhmm, +hh. */
static bool fixed(struct bytes name, int32_t *ret)
{
	struct reader r = reader_open(name);
	uint64_t hours, minutes = 0;

	if (bytes_equal_nocase(name, bytes_string("UTC")) || bytes_equal(name, bytes_string("Z"))) {
		*ret = 0;
		return true;
	}
	uint8_t sign = reader_u8(&r);
	struct bytes hour = reader_take(&r, 2);
	if ((sign != '+' && sign != '-') || !bytes_decimal(hour, 14, &hours))
		return false;
	if (reader_peek(&r) == ':')
		reader_skip(&r, 1);
	if (reader_left(&r) && !bytes_decimal(reader_rest(&r), 59, &minutes))
		return false;
	if (reader_left(&r) != 0 && reader_left(&r) != 2)
		return false;
	*ret = (int32_t)(hours * 3600 + minutes * 60) * (sign == '-' ? -1 : 1);
	return true;
}

static bool read_database(const char *name, struct zoneinfo *into, struct error *err)
{
	char path[128];
	uint8_t *at = malloc(ZONEINFO_SIZE);
	size_t size = 0;
	bool fine;

	snprintf(path, sizeof(path), ZONEINFO_FOLDER "/%s", name);
	FILE *file = fopen(path, "rbe");
	if (!file || !at) {
		free(at);
		if (file)
			fclose(file);
		return error_set(err, "unknown time zone `%s`: UTC, +09:00 or a name such as Asia/Tokyo is expected",
				 name);
	}
	size = fread(at, 1, ZONEINFO_SIZE, file);
	fclose(file);
	fine = zoneinfo_parse(bytes_of(at, size), into);
	free(at);
	return fine || error_set(err, "time zone `%s`: %s is no time zone file", name, path);
}

bool zoneinfo_read(const char *name, struct zoneinfo *into, struct error *err)
{
	*into = (struct zoneinfo){ 0 };
	if (fixed(bytes_string(name), &into->first))
		return true;
	if (!safe_name(bytes_string(name)))
		return error_set(err, "unknown time zone `%s`: UTC, +09:00 or a name such as Asia/Tokyo is expected",
				 name);
	return read_database(name, into, err);
}

int32_t zoneinfo_offset(const struct zoneinfo *z, int64_t second)
{
	size_t low = 0, high = z->n_transitions;

	while (low < high) { /* the first transition after second */
		size_t middle = low + (high - low) / 2;
		if (z->transitions[middle].at <= second)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == z->n_transitions && z->rule.set)
		return zone_rule_offset(&z->rule, second);
	return low == 0 ? z->first : z->transitions[low - 1].offset;
}

int64_t zoneinfo_utc(const struct zoneinfo *z, int64_t local_second)
{
	int64_t guess = local_second - zoneinfo_offset(z, local_second);

	return local_second - zoneinfo_offset(z, guess);
}

void zoneinfo_release(struct zoneinfo *z)
{
	free(z->transitions);
	*z = (struct zoneinfo){ 0 };
}
