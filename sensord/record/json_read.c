/* SPDX-License-Identifier: BSD-2-Clause
 * Records read back from JSON, for the examples of the rules and for tests. */
#include <jansson.h>
#include <stdio.h>

#include "base/instant.h"

#include "record/json.h"

#define DEPTH 16

/* ".123Z": up to nine digits, exactly, then the end. */
static bool read_fraction(const char *text, uint64_t *ret_ns)
{
	uint64_t ns = 0;

	if (*text == '.') {
		unsigned digits = 0;
		for (text++; *text >= '0' && *text <= '9' && digits < 9; text++, digits++)
			ns = ns * 10 + (uint64_t)(*text - '0');
		if (digits == 0)
			return false;
		for (; digits < 9; digits++)
			ns *= 10;
	}
	if (strcmp(text, "Z") != 0)
		return false;
	*ret_ns = ns;
	return true;
}

static bool read_time(const char *text, uint64_t *ret_ns)
{
	int year, end = 0;
	unsigned month, day, hour, minute, second;
	uint64_t fraction;

	if (sscanf(text, "%4d-%2u-%2uT%2u:%2u:%2u%n", &year, &month, &day, &hour, &minute, &second, &end) != 6 ||
	    year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60 ||
	    !read_fraction(text + end, &fraction))
		return false;
	uint64_t days = (uint64_t)instant_days(year, month, day);
	*ret_ns = days * NS_PER_DAY + hour * NS_PER_HOUR + minute * NS_PER_MIN + second * NS_PER_S + fraction;
	return true;
}

static bool set_built_in(struct record *r, enum field f, const char *text, struct error *err)
{
	enum dataset d;
	uint64_t id;

	switch (f) {
	case FIELD_TIMESTAMP:
		return read_time(text, &r->time_ns) || error_set(err, "@timestamp: \"%s\" is no RFC 3339 time in UTC", text);
	case FIELD_EVENT_DATASET:
		d = dataset_find(bytes_string(text));
		if (d == DATASET_COUNT)
			return error_set(err, "event.dataset: there is no kind of record \"%s\"", text);
		r->dataset = d;
		return true;
	case FIELD_EVENT_ID:
		if (!bytes_hex(bytes_string(text), UINT64_MAX, &id))
			return error_set(err, "event.id: \"%s\" is not hexadecimal", text);
		r->id = id;
		return true;
	default:
		r->kind = strcmp(text, "alert") == 0 ? RECORD_ALERT : strcmp(text, "metric") == 0 ? RECORD_METRIC : RECORD_EVENT;
		return true;
	}
}

static bool set_text(struct record *r, enum field f, const char *text, bool append, struct error *err)
{
	struct address a;
	uint64_t time_ns;

	if (f == FIELD_TIMESTAMP || f == FIELD_EVENT_DATASET || f == FIELD_EVENT_ID || f == FIELD_EVENT_KIND)
		return set_built_in(r, f, text, err);
	switch (fields[f].type) {
	case FIELD_TYPE_TEXT:
	case FIELD_TYPE_SECRET:
		if (append)
			record_add_text(r, f, bytes_string(text));
		else
			record_set_string(r, f, text);
		return true;
	case FIELD_TYPE_IP:
		if (!address_parse(bytes_string(text), &a))
			return error_set(err, "%s: \"%s\" is no IP address", fields[f].name, text);
		if (append)
			record_add_ip(r, f, &a);
		else
			record_set_ip(r, f, &a);
		return true;
	case FIELD_TYPE_TIME:
		if (!read_time(text, &time_ns))
			return error_set(err, "%s: \"%s\" is no RFC 3339 time in UTC", fields[f].name, text);
		record_set_uint(r, f, time_ns);
		return true;
	default:
		return error_set(err, "%s: a text where a %s is expected", fields[f].name, field_type_name(fields[f].type));
	}
}

static bool set_number(struct record *r, enum field f, const json_t *value, struct error *err)
{
	switch (fields[f].type) {
	case FIELD_TYPE_UINT:
		if (!json_is_integer(value) || json_integer_value(value) < 0)
			return error_set(err, "%s: a whole number from 0 is expected", fields[f].name);
		record_set_uint(r, f, (uint64_t)json_integer_value(value));
		return true;
	case FIELD_TYPE_REAL:
		record_set_real(r, f, json_number_value(value));
		return true;
	default:
		return error_set(err, "%s: a number where a %s is expected", fields[f].name, field_type_name(fields[f].type));
	}
}

static bool set_value(struct record *r, enum field f, const json_t *value, bool append, struct error *err)
{
	if (json_is_string(value))
		return set_text(r, f, json_string_value(value), append, err);
	if (json_is_number(value))
		return set_number(r, f, value, err);
	if (json_is_boolean(value) && fields[f].type == FIELD_TYPE_BOOL) {
		record_set_bool(r, f, json_is_true(value));
		return true;
	}
	return error_set(err, "%s: a %s is expected", fields[f].name, field_type_name(fields[f].type));
}

static bool read_object(struct record *r, json_t *object, const char *prefix, unsigned depth, struct error *err)
{
	const char *key;
	json_t *value, *item;
	size_t i;

	if (depth > DEPTH)
		return error_set(err, "%s: nested too deeply", prefix);
	json_object_foreach (object, key, value) {
		char name[256];
		snprintf(name, sizeof(name), "%s%s%s", prefix, *prefix ? "." : "", key);
		if (json_is_object(value)) {
			if (!read_object(r, value, name, depth + 1, err))
				return false;
			continue;
		}
		enum field f = field_find(bytes_string(name));
		if (f == FIELD_COUNT)
			return error_set(err, "there is no field \"%s\"", name);
		if (json_is_array(value) && !fields[f].list)
			return error_set(err, "%s: holds one value, not a list", name);
		if (!json_is_array(value)) {
			if (!set_value(r, f, value, false, err))
				return false;
			continue;
		}
		json_array_foreach (value, i, item)
			if (!set_value(r, f, item, true, err))
				return false;
	}
	return true;
}

bool record_from_json(struct bytes json, struct record *r, struct error *err)
{
	json_error_t problem;
	json_t *root = json_loadb((const char *)json.at, json.size, JSON_REJECT_DUPLICATES, &problem);
	bool ok;

	record_clear(r, DATASET_FLOW, 0);
	if (!root)
		return error_at(err, "", (unsigned)problem.line, (unsigned)problem.column, "%s", problem.text);
	ok = json_is_object(root) ? read_object(r, root, "", 0, err) : error_set(err, "a JSON object is expected");
	json_decref(root);
	return ok;
}
