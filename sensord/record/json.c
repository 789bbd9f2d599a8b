/* SPDX-License-Identifier: BSD-2-Clause
 * Records as one line of JSON. Written straight into the caller's buffer: a record is told a hundred thousand times a
 * second in replay, and a tree of JSON values would cost more than the packets did. How the names are written is laid
 * out once, and a line visits only the fields that are set. Reading back is jansson's work. */
#include "record/json.h"

#include <pthread.h>
#include <stdio.h>

#include "base/attributes.h"

#define KEY_DEPTH 4   /* dots in a name, at most */
#define KEY_TEXT 64   /* bytes of a name as it is written, at most */
#define KEY_ROOM (KEY_DEPTH + 1 + KEY_TEXT)
#define SHORT_TEXT 64 /* room for any value that is not text */
#define SET_WORDS ((FIELD_COUNT + 63) / 64)

/* How a field begins in a line. */
struct key {
	uint16_t object[KEY_DEPTH];   /* the objects around it, each named by its first field in the order of names */
	uint8_t depth;                /* so many of them */
	uint8_t begin[KEY_DEPTH + 1]; /* where each part of the name begins in the text */
	uint8_t size;
	char text[2 * KEY_TEXT];      /* "tls":{"client":{"server_name": and slack to copy KEY_TEXT from any part */
};

static struct layout {
	struct key keys[FIELD_COUNT]; /* in the order of names */
	const enum field *order;
	uint16_t place[FIELD_COUNT];  /* where in that order a field stands */
} layout;

/* ---- names ---- */

/* Names of fields need no escaping. */
static void write_key(struct key *k, const char *name)
{
	struct text t = { k->text, KEY_TEXT, 0, false };
	struct bytes rest = bytes_string(name);

	for (;; k->depth++) {
		struct bytes part = bytes_split(&rest, '.');
		bool last = rest.size == 0 || k->depth == KEY_DEPTH;
		k->begin[k->depth] = (uint8_t)t.used;
		text_char(&t, '"');
		text_add(&t, part);
		text_string(&t, last ? "\":" : "\":{");
		if (last)
			break;
	}
	k->size = (uint8_t)t.used;
}

/* The objects that it shares with the one before it, and those that it is the first of. */
static void place_key(struct key *k, const struct key *before, uint16_t place)
{
	bool same = place > 0;

	for (unsigned d = 0; d < k->depth; d++) {
		same = same && d < before->depth && memcmp(k->text, before->text, k->begin[d + 1]) == 0;
		k->object[d] = same ? before->object[d] : place;
	}
}

static void lay_out(void)
{
	layout.order = fields_by_name();

	for (uint16_t i = 0; i < FIELD_COUNT; i++) {
		struct key *k = &layout.keys[i];
		layout.place[layout.order[i]] = i;
		write_key(k, fields[layout.order[i]].name);
		place_key(k, k - (i > 0), i);
	}
}

static const struct layout *get_layout(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, lay_out);
	return &layout;
}

static unsigned shared_objects(const struct key *a, const struct key *b)
{
	unsigned d = 0;

	while (d < a->depth && d < b->depth && a->object[d] == b->object[d])
		d++;
	return d;
}

/* Closes the objects of the field before that this one is not in, and opens its own. What is written behind the end is
 * overwritten by what follows: sizes that are known when this is compiled cost no calls. */
static char *put_key(char *at, const struct key *k, const struct key *before)
{
	unsigned shared = before ? shared_objects(before, k) : 0;

	if (before) {
		memcpy(at, "}}}}", KEY_DEPTH);
		at += before->depth - shared;
		*at++ = ',';
	}
	memcpy(at, k->text + k->begin[shared], KEY_TEXT);
	return at + (k->size - k->begin[shared]);
}

/* ---- values ---- */

/* All but control characters, quote, backslash, and what may begin a separator. */
static const bool plain[256] = {
	[0x20 ... 0x21] = true, [0x23 ... 0x5b] = true, [0x5d ... 0x7e] = true, [0x80 ... 0xe1] = true, [0xe3 ... 0xff] = true,
};

/* U+2028 and U+2029 end a line in JavaScript: e2 80 a8, e2 80 a9. */
static bool is_separator(struct bytes b)
{
	return b.size >= 3 && b.at[0] == 0xe2 && b.at[1] == 0x80 && (b.at[2] & 0xfe) == 0xa8;
}

static size_t count_plain(struct bytes b)
{
	size_t n = 0;

	for (const uint8_t *at = b.at; b.size - n >= 8; n += 8, at += 8)
		if (!(plain[at[0]] & plain[at[1]] & plain[at[2]] & plain[at[3]] & plain[at[4]] & plain[at[5]] & plain[at[6]] & plain[at[7]]))
			break;
	while (n < b.size && plain[b.at[n]])
		n++;
	return n;
}

static void escape(struct text *out, struct bytes b)
{
	static const char shorts[] = "\"\"\\\\\bb\ff\nn\rr\tt";
	while (b.size > 0) {
		size_t n = count_plain(b);
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
	size_t n = count_plain(b);

	if (likely(n == b.size && n + 2 <= out->size - out->used)) {
		char *at = out->at + out->used;
		*at = '"';
		if (n)
			memcpy(at + 1, b.at, n);
		at[n + 1] = '"';
		out->used += n + 2;
		return;
	}
	text_char(out, '"');
	escape(out, b);
	text_char(out, '"');
}

/* Values that need no escaping, written where they stay. */
static void shown(struct text *out, const struct record *r, enum field f, const struct value *v, size_t quote)
{
	if (out->size - out->used < SHORT_TEXT + 2) {
		out->cut = true;
		return;
	}
	char *at = out->at + out->used;
	at[0] = '"';
	struct bytes b = record_show(r, f, v, at + quote, SHORT_TEXT);
	if (b.size && b.at != (uint8_t *)at + quote)
		memcpy(at + quote, b.at, b.size);
	at[quote + b.size] = '"';
	out->used += b.size + 2 * quote;
}

static void one_value(struct text *out, const struct record *r, enum field f, const struct value *v)
{
	enum field_type type = v ? fields[f].type : FIELD_TYPE_TIME; /* those in the struct look like it */

	if (type == FIELD_TYPE_TEXT)
		quoted(out, value_text(r, v));
	else if (type == FIELD_TYPE_UINT)
		text_decimal(out, v->uint);
	else
		shown(out, r, f, v, type == FIELD_TYPE_IP || type == FIELD_TYPE_TIME);
}

static void list(struct text *out, const struct record *r, enum field f)
{
	const struct value *first = record_get(r, f);

	text_char(out, '[');
	for (const struct value *v = first; v; v = record_next(r, v)) {
		if (v != first)
			text_char(out, ',');
		one_value(out, r, f, v);
	}
	text_char(out, ']');
}

/* ---- lines ---- */

static void mark(uint64_t set[SET_WORDS], const struct layout *l, enum field f)
{
	set[l->place[f] / 64] |= UINT64_C(1) << l->place[f] % 64;
}

/* The places of the fields that a line has: those that live in the struct of every record, and those set. */
static void mark_fields(uint64_t set[SET_WORDS], const struct layout *l, const struct record *r)
{
	mark(set, l, FIELD_TIMESTAMP);
	mark(set, l, FIELD_EVENT_KIND);
	mark(set, l, FIELD_EVENT_DATASET);
	mark(set, l, FIELD_EVENT_ID);
	for (unsigned i = 0; i < r->n_values; i++) {
		enum field f = (enum field)r->values[i].field;
		/* Others are further values of a list, or were replaced. */
		if (r->slot[f] == i + 1 && fields[f].type != FIELD_TYPE_SECRET)
			mark(set, l, f);
	}
}

static void put_field(struct text *out, const struct record *r, enum field f, const struct key *k, const struct key *before)
{
	if (out->size - out->used < KEY_ROOM) {
		out->cut = true;
		return;
	}
	out->used = (size_t)(put_key(out->at + out->used, k, before) - out->at);
	if (fields[f].list)
		list(out, r, f);
	else
		one_value(out, r, f, record_get(r, f));
}

void record_json(const struct record *r, struct text *out)
{
	const struct layout *l = get_layout();
	const struct key *before = NULL;
	uint64_t set[SET_WORDS] = { 0 };

	mark_fields(set, l, r);
	text_char(out, '{');
	for (size_t i = 0; i < SET_WORDS; i++)
		for (; set[i]; set[i] &= set[i] - 1) {
			size_t place = i * 64 + (size_t)__builtin_ctzll(set[i]);
			put_field(out, r, l->order[place], &l->keys[place], before);
			before = &l->keys[place];
		}
	for (unsigned d = before ? before->depth : 0; d > 0; d--)
		text_char(out, '}');
	text_char(out, '}');
}
