/* SPDX-License-Identifier: BSD-2-Clause
 * Records as one line of JSON. Written straight into the caller's buffer: a record is told a hundred thousand times a
 * second in replay, and a tree of JSON values would cost more than the packets did. Reading back is jansson's work. */
#include "record/json.h"

#include <stdio.h>

#include "base/instant.h"

/* All but control characters, quote, backslash, and what may begin a separator. */
static const bool plain[256] = {
	[0x20 ... 0x21] = true, [0x23 ... 0x5b] = true, [0x5d ... 0x7e] = true, [0x80 ... 0xe1] = true, [0xe3 ... 0xff] = true,
};

/* U+2028 and U+2029 end a line in JavaScript: e2 80 a8, e2 80 a9. */
static bool is_separator(struct bytes b)
{
	return b.size >= 3 && b.at[0] == 0xe2 && b.at[1] == 0x80 && (b.at[2] & 0xfe) == 0xa8;
}

static void escape(struct text *out, struct bytes b)
{
	static const char shorts[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	while (b.size > 0) {
		size_t n = 0;
		while (n < b.size && plain[b.at[n]])
			n++;
		if (n == 0) {
			const char *pair = b.at[0] ? strchr(shorts, b.at[0]) : NULL;
			n = 1;
			if (is_separator(b)) {
				text_string(out, b.at[2] == 0xa8 ? "\\u2028" : "\\u2029");
				n = 3;
			} else if (b.at[0] == 0xe2) {
				text_char(out, (char)b.at[0]);
			} else if (pair && (pair - shorts) % 2 == 0) {
				text_char(out, '\\');
				text_char(out, pair[1]);
			} else {
				text_printf(out, "\\u%04x", b.at[0]);
			}
		} else {
			text_add(out, bytes_of(b.at, n));
		}
		b = bytes_of(b.at + n, b.size - n);
	}
}

static void quoted(struct text *out, struct bytes b)
{
	text_char(out, '"');
	escape(out, b);
	text_char(out, '"');
}

/* Names of fields need no escaping. */
static void key(struct text *out, const char *name, size_t size)
{
	text_char(out, '"');
	text_add(out, bytes_of(name, size));
	text_char(out, '"');
}

static void number(struct text *out, uint64_t v)
{
	char digits[20];
	size_t n = sizeof(digits);

	do {
		digits[--n] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	text_add(out, bytes_of(digits + n, sizeof(digits) - n));
}

static void one_value(struct text *out, const struct record *r, enum field f, const struct value *v)
{
	char room[64];
	enum field_type type = fields[f].type;

	if (v && type == FIELD_TYPE_UINT)
		number(out, v->uint);
	else if (v && (type == FIELD_TYPE_REAL || type == FIELD_TYPE_BOOL))
		text_add(out, record_show(r, f, v, room, sizeof(room)));
	else
		quoted(out, record_show(r, f, v, room, sizeof(room)));
}

/* Members that live in the struct of every record. */
static bool is_built_in(enum field f)
{
	return f == FIELD_TIMESTAMP || f == FIELD_EVENT_KIND || f == FIELD_EVENT_DATASET || f == FIELD_EVENT_ID;
}

/* Bytes that two dotted names share up to and with their last common dot. */
static size_t common_prefix(const char *a, const char *b)
{
	size_t shared = 0;

	for (size_t i = 0; a[i] && a[i] == b[i]; i++)
		if (a[i] == '.')
			shared = i + 1;
	return shared;
}

static void close_objects(struct text *out, const char *name, size_t from)
{
	for (const char *dot = name + from; (dot = strchr(dot, '.')) != NULL; dot++)
		text_char(out, '}');
}

/* Opens what stands between `from` and the name's last part, and writes that part as the key. */
static void open_key(struct text *out, const char *name, size_t from)
{
	const char *part = name + from, *dot;

	for (; (dot = strchr(part, '.')) != NULL; part = dot + 1) {
		key(out, part, (size_t)(dot - part));
		text_string(out, ":{");
	}
	key(out, part, strlen(part));
	text_char(out, ':');
}

void record_json(const struct record *r, struct text *out)
{
	const enum field *order = fields_by_name();
	const char *previous = "";

	text_char(out, '{');
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		enum field f = order[i];
		const struct value *v = record_get(r, f);
		if ((!v && !is_built_in(f)) || fields[f].type == FIELD_TYPE_SECRET)
			continue;
		size_t shared = common_prefix(previous, fields[f].name);
		close_objects(out, previous, shared);
		if (*previous)
			text_char(out, ',');
		open_key(out, fields[f].name, shared);
		if (fields[f].list) {
			text_char(out, '[');
			for (const struct value *item = v; item; item = record_next(r, item)) {
				if (item != v)
					text_char(out, ',');
				one_value(out, r, f, item);
			}
			text_char(out, ']');
		} else {
			one_value(out, r, f, is_built_in(f) ? NULL : v);
		}
		previous = fields[f].name;
	}
	close_objects(out, previous, 0);
	text_char(out, '}');
}
