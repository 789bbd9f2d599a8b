/* SPDX-License-Identifier: BSD-2-Clause
 * Storage of records: a slot a field, values in order of setting, one run of text. */
#include "record/record.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/attributes.h"
#include "base/instant.h"
#include "base/limits.h"
#include "base/text.h"

static size_t storage_size(uint16_t max_values, uint32_t text_max)
{
	return sizeof(struct record) + max_values * sizeof(struct value) + text_max;
}

static struct record *settle(void *storage, uint16_t max_values, uint32_t text_max)
{
	struct record *r = storage;

	if (!r)
		return NULL;
	r->max_values = max_values;
	r->text_max = text_max;
	r->values = (struct value *)(r + 1);
	r->text = (char *)(r->values + max_values);
	return r;
}

static struct record *allocate(uint16_t max_values, uint32_t text_max)
{
	return settle(malloc(storage_size(max_values, text_max)), max_values, text_max);
}

struct record *record_new(void)
{
	struct record *r = allocate(LIMIT_RECORD_VALUES, LIMIT_RECORD_TEXT);

	if (r)
		record_clear(r, DATASET_FLOW, 0);
	return r;
}

/* Everything but what the storage of r itself is. The caller knows that it fits. */
static void take_over(struct record *r, const struct record *from)
{
	struct record own = { .values = r->values, .text = r->text, .max_values = r->max_values, .text_max = r->text_max };

	*r = *from;
	r->values = own.values;
	r->text = own.text;
	r->max_values = own.max_values;
	r->text_max = own.text_max;
	if (from->n_values)
		memcpy(r->values, from->values, from->n_values * sizeof(struct value));
	if (from->text_used)
		memcpy(r->text, from->text, from->text_used);
}

struct record *record_copy(const struct record *from)
{
	struct record *r = allocate(from->n_values, from->text_used);

	if (r)
		take_over(r, from);
	return r;
}

size_t record_packed_size(const struct record *r)
{
	return storage_size(r->n_values, r->text_used);
}

struct record *record_pack(void *storage, const struct record *from)
{
	struct record *r = settle(storage, from->n_values, from->text_used);

	take_over(r, from);
	return r;
}

void record_assign(struct record *r, const struct record *from)
{
	if (from->n_values <= r->max_values && from->text_used <= r->text_max) {
		take_over(r, from);
		return;
	}
	record_clear(r, from->dataset, from->time_ns);
	r->id = from->id;
	r->kind = from->kind;
	r->cut = from->cut;
	r->partial = from->partial;
	record_merge(r, from);
}

void record_free(struct record *r)
{
	free(r);
}

size_t record_memory(const struct record *r)
{
	return storage_size(r->max_values, r->text_max);
}

void record_clear(struct record *r, enum dataset dataset, uint64_t time_ns)
{
	r->time_ns = time_ns;
	r->id = 0;
	r->dataset = dataset;
	r->kind = RECORD_EVENT;
	r->cut = r->partial = false;
	r->n_values = 0;
	r->text_used = 0;
	memset(r->slot, 0, sizeof(r->slot));
}

static struct value *new_value(struct record *r, enum field f)
{
	if (r->n_values == r->max_values) {
		r->cut = true;
		return NULL;
	}
	struct value *v = &r->values[r->n_values++];
	v->field = (uint16_t)f;
	v->next = 0;
	v->size = 0;
	return v;
}

/* Of a field that has a value: in its place, or behind its list. */
static struct value *add_further(struct record *r, enum field f, bool append)
{
	struct value *last = &r->values[r->slot[f] - 1];

	if (!append) {
		last->next = 0;
		return last;
	}
	while (last->next)
		last = &r->values[last->next - 1];
	struct value *v = new_value(r, f);
	if (v)
		last->next = r->n_values;
	return v;
}

static inline struct value *add_value(struct record *r, enum field f, bool append)
{
	if (unlikely(!r))
		return NULL;
	if (unlikely(r->slot[f]))
		return add_further(r, f, append);
	struct value *v = new_value(r, f);
	if (likely(v))
		r->slot[f] = (uint8_t)r->n_values;
	return v;
}

_Static_assert(LIMIT_RECORD_VALUES < 256, "a slot is one byte");

/* Drops half a character at the end, so that a cut keeps the text valid UTF-8. */
static size_t whole_characters(struct bytes text, size_t size)
{
	if (size >= text.size)
		return text.size;
	while (size > 0 && (text.at[size] & 0xc0) == 0x80)
		size--;
	return size;
}

/* The size that fits of a text. */
static size_t text_room(struct record *r, struct bytes text)
{
	size_t room = r->text_max - r->text_used;
	size_t size = whole_characters(text, room < LIMIT_FIELD_TEXT ? room : LIMIT_FIELD_TEXT);

	if (size < text.size)
		r->cut = true;
	return size;
}

static void store_text(struct record *r, struct value *v, struct bytes text, size_t size)
{
	v->text = r->text_used;
	v->size = (uint32_t)size;
	if (size)
		memcpy(r->text + r->text_used, text.at, size);
	r->text_used += (uint32_t)size;
}

static void put_text(struct record *r, enum field f, struct bytes text, bool append)
{
	if (!r)
		return;
	size_t size = text_room(r, text);
	struct value *v = add_value(r, f, append);
	if (v)
		store_text(r, v, text, size);
}

void record_set_text(struct record *r, enum field f, struct bytes text)
{
	put_text(r, f, text, false);
}

void record_set_string(struct record *r, enum field f, const char *s)
{
	if (s)
		put_text(r, f, bytes_string(s), false);
}

void record_printf(struct record *r, enum field f, const char *format, ...)
{
	UNINITIALIZED char room[LIMIT_FIELD_TEXT];
	va_list values;

	if (!r)
		return;
	va_start(values, format);
	int n = vsnprintf(room, sizeof(room), format, values);
	va_end(values);
	if (n < 0)
		return;
	if ((size_t)n >= sizeof(room)) {
		r->cut = true;
		n = (int)sizeof(room) - 1;
	}
	put_text(r, f, bytes_of(room, (size_t)n), false);
}

static bool is_ascii(struct bytes b)
{
	for (size_t i = 0; i < b.size; i++)
		if (b.at[i] >= 0x80)
			return false;
	return true;
}

void record_set_wire(struct record *r, enum field f, struct bytes wire)
{
	UNINITIALIZED char room[LIMIT_FIELD_TEXT];
	struct text t = TEXT_ON(room);

	if (!r)
		return;
	if (is_ascii(wire)) {
		put_text(r, f, wire, false);
		return;
	}
	text_utf8(&t, wire);
	r->cut |= t.cut;
	put_text(r, f, text_bytes(&t), false);
}

void record_set_utf16(struct record *r, enum field f, struct bytes wire)
{
	UNINITIALIZED char room[LIMIT_FIELD_TEXT];
	struct text t = TEXT_ON(room);

	if (!r)
		return;
	text_utf16le(&t, wire);
	r->cut |= t.cut;
	put_text(r, f, text_bytes(&t), false);
}

void record_set_hex(struct record *r, enum field f, struct bytes b)
{
	UNINITIALIZED char room[LIMIT_FIELD_TEXT];
	struct text t = TEXT_ON(room);

	if (!r)
		return;
	text_hex(&t, b);
	put_text(r, f, text_bytes(&t), false);
}

void record_set_mac(struct record *r, enum field f, const uint8_t mac[6])
{
	static const char digits[] = "0123456789ABCDEF";
	char room[17];

	if (!r)
		return;
	memcpy(room, "00-00-00-00-00-00", sizeof(room));
	for (size_t i = 0; i < 6; i++) {
		room[3 * i] = digits[mac[i] >> 4];
		room[3 * i + 1] = digits[mac[i] & 15];
	}
	put_text(r, f, bytes_of(room, sizeof(room)), false);
}

void record_set_uint(struct record *r, enum field f, uint64_t n)
{
	struct value *v = add_value(r, f, false);

	if (v)
		v->uint = n;
}

void record_set_real(struct record *r, enum field f, double n)
{
	if (!isfinite(n)) /* JSON has no such number */
		return;
	struct value *v = add_value(r, f, false);
	if (v)
		v->real = n;
}

void record_set_bool(struct record *r, enum field f, bool b)
{
	struct value *v = add_value(r, f, false);

	if (v)
		v->uint = b; /* all of it: a copy compares bytes */
}

void record_set_ip(struct record *r, enum field f, const struct address *a)
{
	struct value *v = add_value(r, f, false);

	if (v)
		v->ip = *a;
}

void record_add_text(struct record *r, enum field f, struct bytes text)
{
	for (const struct value *v = record_get(r, f); v; v = record_next(r, v))
		if (bytes_equal(value_text(r, v), text))
			return;
	put_text(r, f, text, true);
}

void record_add_ip(struct record *r, enum field f, const struct address *a)
{
	for (const struct value *v = record_get(r, f); v; v = record_next(r, v))
		if (address_equal(&v->ip, a))
			return;
	struct value *v = add_value(r, f, true);
	if (v)
		v->ip = *a;
}

void record_unset(struct record *r, enum field f)
{
	if (r)
		r->slot[f] = 0; /* its values stay behind unseen until the record is cleared */
}

static bool is_text(enum field f)
{
	return fields[f].type == FIELD_TYPE_TEXT || fields[f].type == FIELD_TYPE_SECRET;
}

/* The first field from f on that the record has, eight slots at a time: few of them are taken. */
static size_t next_field(const struct record *r, size_t f)
{
	uint64_t eight;

	while (f + sizeof(eight) <= FIELD_COUNT && !r->slot[f]) {
		memcpy(&eight, r->slot + f, sizeof(eight));
		f += eight ? 1 : sizeof(eight);
	}
	while (f < FIELD_COUNT && !r->slot[f])
		f++;
	return f;
}

/* The values of a field that into does not have, one behind the other. */
static void merge_field(struct record *into, const struct record *from, enum field f)
{
	uint16_t *link = NULL;

	for (const struct value *v = record_get(from, f); v; v = record_next(from, v)) {
		size_t size = is_text(f) ? text_room(into, value_text(from, v)) : 0;
		struct value *copy = new_value(into, f);
		if (!copy)
			return;
		if (is_text(f))
			store_text(into, copy, value_text(from, v), size);
		else
			copy->ip = v->ip; /* the widest member: the whole value */
		if (link)
			*link = into->n_values;
		else
			into->slot[f] = (uint8_t)into->n_values;
		link = &copy->next;
	}
}

void record_merge(struct record *into, const struct record *from)
{
	if (!into)
		return;
	for (size_t f = next_field(from, 0); f < FIELD_COUNT; f = next_field(from, f + 1))
		if (!into->slot[f])
			merge_field(into, from, (enum field)f);
	into->partial |= from->partial;
}

struct bytes record_text(const struct record *r, enum field f)
{
	const struct value *v = record_get(r, f);

	return v ? value_text(r, v) : (struct bytes){ 0 };
}

uint64_t record_uint(const struct record *r, enum field f)
{
	const struct value *v = record_get(r, f);

	return v ? v->uint : 0;
}

double record_real(const struct record *r, enum field f)
{
	const struct value *v = record_get(r, f);

	if (!v)
		return 0;
	return fields[f].type == FIELD_TYPE_REAL ? v->real : (double)v->uint;
}

bool record_bool(const struct record *r, enum field f)
{
	const struct value *v = record_get(r, f);

	return v && v->uint;
}

const struct address *record_ip(const struct record *r, enum field f)
{
	const struct value *v = record_get(r, f);

	return v ? &v->ip : NULL;
}

const char *record_string(const struct record *r, enum field f, char *room, size_t size)
{
	struct bytes b = record_text(r, f);

	if (b.size == 0 || b.size >= size)
		return NULL;
	memcpy(room, b.at, b.size);
	room[b.size] = '\0';
	return room;
}

bool record_text_is(const struct record *r, enum field f, const char *s)
{
	return record_has(r, f) && bytes_equal(record_text(r, f), bytes_string(s));
}

static const char *const kind_names[] = { "event", "alert", "metric" };

static struct bytes printed(char *room, size_t size, int n)
{
	return bytes_of(room, n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1);
}

static struct bytes show_id(uint64_t id, char *room, size_t size)
{
	struct text t = { room, size, 0, false };

	text_hex_number(&t, id, 16);
	return t.cut ? (struct bytes){ 0 } : text_bytes(&t);
}

static struct bytes show_time(uint64_t time_ns, char *room, size_t size)
{
	return size < INSTANT_TEXT ? (struct bytes){ 0 } : bytes_string(instant_format(time_ns, room));
}

static struct bytes show_struct(const struct record *r, enum field f, char *room, size_t size)
{
	switch (f) {
	case FIELD_TIMESTAMP:
		return show_time(r->time_ns, room, size);
	case FIELD_EVENT_KIND:
		return bytes_string(kind_names[r->kind]);
	case FIELD_EVENT_DATASET:
		return bytes_string(dataset_name(r->dataset));
	case FIELD_EVENT_ID:
		return show_id(r->id, room, size);
	default:
		return (struct bytes){ 0 };
	}
}

struct bytes record_show(const struct record *r, enum field f, const struct value *v, char *room, size_t size)
{
	if (!v)
		return show_struct(r, f, room, size);
	switch (fields[f].type) {
	case FIELD_TYPE_TEXT:
	case FIELD_TYPE_SECRET:
		return value_text(r, v);
	case FIELD_TYPE_UINT:
		return printed(room, size, snprintf(room, size, "%llu", (unsigned long long)v->uint));
	case FIELD_TYPE_REAL:
		return printed(room, size, snprintf(room, size, "%.9g", v->real));
	case FIELD_TYPE_BOOL:
		return bytes_string(v->uint ? "true" : "false");
	case FIELD_TYPE_TIME:
		return show_time(v->uint, room, size);
	case FIELD_TYPE_IP:
		if (size < ADDRESS_TEXT)
			return (struct bytes){ 0 };
		return bytes_string(address_format(&v->ip, room));
	}
	return (struct bytes){ 0 };
}

/* Takes what two fields hold the other way round. */
static void swap(struct record *r, enum field a, enum field b)
{
	uint8_t slot = r->slot[a];

	r->slot[a] = r->slot[b];
	r->slot[b] = slot;
	for (enum field f = a;; f = b) {
		if (r->slot[f])
			r->values[r->slot[f] - 1].field = (uint16_t)f;
		if (f == b)
			return;
	}
}

void record_turn(struct record *r)
{
	if (!r)
		return;
	swap(r, FIELD_SOURCE_IP, FIELD_DESTINATION_IP);
	swap(r, FIELD_SOURCE_PORT, FIELD_DESTINATION_PORT);
	swap(r, FIELD_SOURCE_MAC, FIELD_DESTINATION_MAC);
}
