/* SPDX-License-Identifier: BSD-2-Clause
 * Records as JSON: what is written is read back by jansson, an independent reader; and what is read back by ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/instant.h"
#include "base/limits.h"
#include "record/json.h"

static char line[JSON_LINE];

static struct record *fresh(void)
{
	struct record *r = record_new();

	assert_non_null(r);
	record_clear(r, DATASET_FLOW, 0);
	return r;
}

static const char *write_line(const struct record *r)
{
	struct text t = TEXT_ON(line);

	record_json(r, &t);
	assert_false(t.cut);
	assert_null(memchr(line, '\n', t.used));
	return text_end(&t);
}

static json_t *written(const struct record *r)
{
	json_error_t problem;
	json_t *root = json_loads(write_line(r), JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &problem);

	if (!root)
		fail_msg("%s at %d: %s", problem.text, problem.position, line);
	return root;
}

/* The value under a dotted name. */
static const json_t *at(const json_t *root, const char *name)
{
	struct bytes rest = bytes_string(name);

	while (root && rest.size > 0) {
		char part[64];
		struct bytes key = bytes_split(&rest, '.');
		snprintf(part, sizeof(part), "%.*s", (int)key.size, (const char *)key.at);
		root = json_object_get(root, part);
	}
	return root;
}

static void an_empty_record_has_what_every_record_has(void **state)
{
	struct record *r = fresh();

	(void)state;
	r->id = 1;
	assert_string_equal(write_line(r), "{\"@timestamp\":\"1970-01-01T00:00:00.000000000Z\",\"event\":{\"dataset\":\"flow\","
					   "\"id\":\"0000000000000001\",\"kind\":\"event\"}}");
	record_free(r);
}

static void names_nest_at_their_dots(void **state)
{
	struct record *r = fresh();

	(void)state;
	record_set_uint(r, FIELD_HTTP_RESPONSE_STATUS_CODE, 200);
	record_set_uint(r, FIELD_HTTP_RESPONSE_BODY_BYTES, 5);
	record_set_string(r, FIELD_HTTP_REQUEST_METHOD, "GET");
	record_set_string(r, FIELD_HTTP_VERSION, "1.1");
	record_set_string(r, FIELD_TLS_VERSION, "1.3");
	record_set_string(r, FIELD_TLS_VERSION_PROTOCOL, "tls");
	json_t *root = written(r);
	assert_int_equal(json_integer_value(at(root, "http.response.status_code")), 200);
	assert_int_equal(json_integer_value(at(root, "http.response.body.bytes")), 5);
	assert_string_equal(json_string_value(at(root, "http.request.method")), "GET");
	assert_string_equal(json_string_value(at(root, "http.version")), "1.1");
	assert_string_equal(json_string_value(at(root, "tls.version")), "1.3");
	assert_string_equal(json_string_value(at(root, "tls.version_protocol")), "tls");
	json_decref(root);
	record_free(r);
}

static void set_any(struct record *r, enum field f)
{
	static const struct address a = { { 0x20, 1, 0xd, 0xb8, [15] = 1 } };

	switch (fields[f].type) {
	case FIELD_TYPE_TEXT:
	case FIELD_TYPE_SECRET:
		record_set_string(r, f, "v");
		break;
	case FIELD_TYPE_UINT:
	case FIELD_TYPE_TIME:
		record_set_uint(r, f, 1);
		break;
	case FIELD_TYPE_REAL:
		record_set_real(r, f, 1);
		break;
	case FIELD_TYPE_BOOL:
		record_set_bool(r, f, true);
		break;
	case FIELD_TYPE_IP:
		record_set_ip(r, f, &a);
		break;
	}
}

static bool in_struct(enum field f)
{
	return f == FIELD_TIMESTAMP || f == FIELD_EVENT_KIND || f == FIELD_EVENT_DATASET || f == FIELD_EVENT_ID;
}

static void every_field_is_written_under_its_name_with_its_type(void **state)
{
	(void)state;
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		enum field f = (enum field)i;
		struct record *r = fresh();
		if (!in_struct(f))
			set_any(r, f);
		json_t *root = written(r);
		const json_t *v = at(root, fields[f].name);
		if (fields[f].list) {
			assert_true(json_is_array(v));
			assert_int_equal(json_array_size(v), 1);
			v = json_array_get(v, 0);
		}
		bool right = fields[f].type == FIELD_TYPE_SECRET ? !v :
			     fields[f].type == FIELD_TYPE_UINT ? json_is_integer(v) :
			     fields[f].type == FIELD_TYPE_REAL ? json_is_number(v) :
			     fields[f].type == FIELD_TYPE_BOOL ? json_is_true(v) : json_is_string(v);
		if (!right)
			fail_msg("%s: %s", fields[f].name, line);
		json_decref(root);
		record_free(r);
	}
}

static void pairs_of_neighbours_open_and_close_rightly(void **state)
{
	const enum field *order = fields_by_name();

	(void)state;
	for (size_t i = 0; i + 7 < FIELD_COUNT; i++) {
		struct record *r = fresh();
		set_any(r, order[i]);
		set_any(r, order[i + 1]);
		set_any(r, order[i + 7]);
		json_decref(written(r));
		record_free(r);
	}
}

static void any_text_comes_back_unchanged(void **state)
{
	struct record *r = fresh();
	char text[0x80 + 64];
	size_t n = 0;

	(void)state;
	for (int c = 0; c < 0x80; c++)
		text[n++] = (char)c;
	static const char rest[] = "é日本𠀋\xe2\x80\xa8\xe2\x80\xa9\xe2\x80\xaa\xe2\x82\xac\xc2\x85";
	memcpy(text + n, rest, sizeof(rest) - 1);
	n += sizeof(rest) - 1;
	record_set_text(r, FIELD_USER_NAME, bytes_of(text, n));
	json_t *root = written(r);
	const json_t *v = at(root, "user.name");
	assert_int_equal(json_string_length(v), n);
	assert_memory_equal(json_string_value(v), text, n);
	json_decref(root);
	record_free(r);
}

static void what_could_end_a_line_or_steer_a_terminal_is_escaped(void **state)
{
	struct record *r = fresh();

	(void)state;
	record_set_string(r, FIELD_USER_NAME, "a\n\r\t\b\f\"\\\x1b\x7f\xe2\x80\xa8\xe2\x80\xa9€");
	assert_non_null(strstr(write_line(r), "\"a\\n\\r\\t\\b\\f\\\"\\\\\\u001b\\u007f\\u2028\\u2029€\""));
	record_set_text(r, FIELD_USER_NAME, bytes_of("\0", 1));
	assert_non_null(strstr(write_line(r), "\"\\u0000\""));
	record_free(r);
}

static void a_secret_is_never_written(void **state)
{
	struct record *r = fresh();
	size_t secrets = 0;

	(void)state;
	for (size_t f = 0; f < FIELD_COUNT; f++) {
		if (fields[f].type != FIELD_TYPE_SECRET)
			continue;
		record_set_string(r, (enum field)f, "hunter2");
		secrets++;
	}
	record_set_string(r, FIELD_HTTP_REQUEST_METHOD, "GET");
	assert_true(secrets > 0);
	assert_null(strstr(write_line(r), "hunter2"));
	assert_null(strstr(line, "cookie"));
	record_free(r);
}

static void numbers_are_exact(void **state)
{
	struct record *r = fresh();
	static const double reals[] = { 0, 0.25, 1.5, 86400.125, 1e-7, 123456789.25, 1.0 / 3 };

	(void)state;
	record_set_uint(r, FIELD_SOURCE_BYTES, INT64_MAX);
	record_set_uint(r, FIELD_DESTINATION_BYTES, 0);
	json_t *root = written(r);
	assert_true(json_integer_value(at(root, "source.bytes")) == INT64_MAX);
	assert_int_equal(json_integer_value(at(root, "destination.bytes")), 0);
	json_decref(root);
	record_set_uint(r, FIELD_SOURCE_BYTES, UINT64_MAX);
	assert_non_null(strstr(write_line(r), "18446744073709551615"));
	record_unset(r, FIELD_SOURCE_BYTES);
	for (size_t i = 0; i < ARRAY_SIZE(reals); i++) {
		record_set_real(r, FIELD_TUNNEL_AGE, reals[i]);
		root = written(r);
		double back = json_number_value(at(root, "tunnel.age"));
		if (fabs(back - reals[i]) > reals[i] * 1e-8)
			fail_msg("%.17g was written as %.17g", reals[i], back);
		json_decref(root);
	}
	record_free(r);
}

static void a_number_that_is_none_still_gives_json(void **state)
{
	static const double odd[] = { NAN, INFINITY, -INFINITY, -1.5, 1e300 };
	struct record *r = fresh();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(odd); i++) {
		record_set_real(r, FIELD_TUNNEL_AGE, odd[i]);
		json_decref(written(r));
	}
	record_free(r);
}

static void the_order_of_setting_does_not_matter(void **state)
{
	struct record *a = fresh(), *b = fresh();
	char first[2000];

	(void)state;
	record_set_string(a, FIELD_USER_NAME, "x");
	record_set_uint(a, FIELD_SOURCE_PORT, 1);
	record_set_string(a, FIELD_URL_FULL, "http://h/");
	record_set_string(b, FIELD_URL_FULL, "gone");
	record_set_string(b, FIELD_URL_FULL, "http://h/");
	record_set_uint(b, FIELD_SOURCE_PORT, 1);
	record_set_string(b, FIELD_USER_NAME, "x");
	snprintf(first, sizeof(first), "%s", write_line(a));
	assert_string_equal(first, write_line(b));
	struct record *copy = record_copy(a);
	assert_non_null(copy);
	assert_string_equal(first, write_line(copy));
	record_free(copy);
	record_free(a);
	record_free(b);
}

static void the_largest_record_fits_a_line(void **state)
{
	static char text[LIMIT_FIELD_TEXT];
	struct record *r = fresh();

	(void)state;
	memset(text, 1, sizeof(text));
	for (size_t i = 0; i < LIMIT_RECORD_TEXT / LIMIT_FIELD_TEXT; i++) {
		text[0] = (char)(i + 2);
		record_add_text(r, FIELD_ALERT_VALUES, bytes_of(text, sizeof(text)));
	}
	static const struct address a = { { 0x20, 1, 0xd, 0xb8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };
	for (size_t f = 0; f < FIELD_COUNT; f++)
		if (!record_has(r, (enum field)f) && !in_struct((enum field)f)) {
			if (fields[f].type == FIELD_TYPE_IP)
				record_set_ip(r, (enum field)f, &a);
			else if (fields[f].type == FIELD_TYPE_UINT || fields[f].type == FIELD_TYPE_TIME)
				record_set_uint(r, (enum field)f, INT64_MAX); /* what jansson can read */
			else if (fields[f].type == FIELD_TYPE_REAL)
				record_set_real(r, (enum field)f, -1.0 / 3e-200);
			else if (fields[f].type == FIELD_TYPE_BOOL)
				record_set_bool(r, (enum field)f, false);
		}
	json_decref(written(r));
	record_free(r);
}

static void what_was_unset_or_replaced_is_not_written(void **state)
{
	struct record *r = fresh();

	(void)state;
	record_add_text(r, FIELD_RELATED_USER, bytes_string("gone"));
	record_add_text(r, FIELD_RELATED_USER, bytes_string("gone too"));
	record_set_string(r, FIELD_USER_NAME, "gone");
	record_set_uint(r, FIELD_SOURCE_PORT, 1);
	record_unset(r, FIELD_RELATED_USER);
	record_unset(r, FIELD_SOURCE_PORT);
	record_set_string(r, FIELD_USER_NAME, "kept");
	record_add_text(r, FIELD_RELATED_USER, bytes_string("later"));
	const char *written_line = write_line(r);
	assert_null(strstr(written_line, "gone"));
	assert_null(strstr(written_line, "source"));
	assert_non_null(strstr(written_line, "\"related\":{\"user\":[\"later\"]},\"user\":{\"name\":\"kept\"}"));
	record_free(r);
}

static void a_room_too_small_is_never_left(void **state)
{
	struct record *r = fresh();

	(void)state;
	for (size_t i = 0; i < FIELD_COUNT; i += 9)
		if (!in_struct((enum field)i))
			set_any(r, (enum field)i);
	record_set_string(r, FIELD_USER_NAME, "a\n\"\x01");
	size_t whole = strlen(write_line(r));
	for (size_t size = 0; size <= whole + 200; size++) {
		char *room = malloc(size ? size : 1); /* its end is watched by the sanitizer */
		assert_non_null(room);
		struct text t = { room, size, 0, false };
		record_json(r, &t);
		assert_true(t.used <= size);
		assert_true(t.cut || (t.used == whole && memcmp(room, line, whole) == 0));
		assert_true(t.cut || size >= whole);
		free(room);
	}
	struct text roomy = { line, whole + 200, 0, false };
	record_json(r, &roomy);
	assert_false(roomy.cut);
	record_free(r);
}

/* ---- reading back ---- */

static void what_was_written_is_read_back_the_same(void **state)
{
	struct record *r = record_new(), *back = record_new();
	static const struct address a = { { 0x20, 1, 0xd, 0xb8, [15] = 1 } };
	struct error err = { .text = "" };
	char first[4000];

	(void)state;
	assert_true(r && back);
	for (uint64_t i = 0; i < 300; i++) {
		record_clear(r, (enum dataset)(i % DATASET_COUNT), UINT64_C(1795423878) * NS_PER_S + i * 3330077);
		r->id = i * UINT64_C(0x9e3779b97f4a7c15);
		r->kind = i % 2 ? RECORD_ALERT : RECORD_EVENT;
		record_set_string(r, FIELD_USER_NAME, "é\"\\\n");
		record_set_uint(r, FIELD_EVENT_START, UINT64_C(1795423800) * NS_PER_S + i * 7770001);
		record_set_ip(r, FIELD_SOURCE_IP, &a);
		record_add_ip(r, FIELD_RELATED_IP, &a);
		record_add_text(r, FIELD_RELATED_USER, bytes_string("one"));
		record_add_text(r, FIELD_RELATED_USER, bytes_string("two"));
		record_set_bool(r, FIELD_PROXY_DECLARED, true);
		record_set_real(r, FIELD_TUNNEL_AGE, 1.25);
		snprintf(first, sizeof(first), "%s", write_line(r));
		if (!record_from_json(bytes_string(first), back, &err))
			fail_msg("%s: %s", err.text, first);
		assert_string_equal(first, write_line(back));
	}
	record_free(r);
	record_free(back);
}

static void dotted_names_are_read_too(void **state)
{
	struct record *r = record_new();
	struct error err = { .text = "" };

	(void)state;
	if (!record_from_json(bytes_string("{\"event.dataset\":\"tls\",\"source\":{\"ip\":\"192.0.2.1\",\"port\":5},"
					   "\"tls.client.alpn\":[\"h2\",\"http/1.1\"],\"http.request.cookie\":\"s\"}"), r, &err))
		fail_msg("%s", err.text);
	assert_int_equal(r->dataset, DATASET_TLS);
	assert_int_equal(record_uint(r, FIELD_SOURCE_PORT), 5);
	assert_true(record_text_is(r, FIELD_HTTP_REQUEST_COOKIE, "s"));
	assert_non_null(record_next(r, record_get(r, FIELD_TLS_CLIENT_ALPN)));
	record_free(r);
}

static void faults_are_errors(void **state)
{
	static const char *const rows[] = {
		"", "[", "[]", "{\"a\":1}", "{\"source\":{\"ip\":\"300.1.1.1\"}}", "{\"source\":{\"port\":-1}}", "{\"source\":{\"port\":1.5}}",
		"{\"source\":{\"port\":\"x\"}}", "{\"user.name\":[\"a\"]}", "{\"user.name\":7}", "{\"@timestamp\":\"yesterday\"}",
		"{\"@timestamp\":\"2026-11-23T08:51:18Z and more\"}", "{\"event.dataset\":\"nothing\"}", "{\"event.id\":\"xyz\"}",
		"{\"user.name\":null}", "{\"user.name\":\"a\",\"user.name\":\"b\"}", "{\"proxy.declared\":\"true\"}",
		"{\"@timestamp\":\"1960-01-01T00:00:00Z\"}",
	};
	struct record *r = record_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct error err = { .text = "" };
		if (record_from_json(bytes_string(rows[i]), r, &err))
			fail_msg("%s was accepted", rows[i]);
		assert_true(err.text[0] != '\0');
	}
	record_free(r);
}

static void any_prefix_of_an_object_is_survived(void **state)
{
	static const char whole[] = "{\"@timestamp\":\"2026-11-23T08:51:18Z\",\"source\":{\"ip\":\"192.0.2.1\"},\"related.ip\":[\"::1\"]}";
	struct record *r = record_new();

	(void)state;
	for (size_t size = 0; size < sizeof(whole) - 1; size++) {
		char *copy = malloc(size ? size : 1);
		memcpy(copy, whole, size);
		assert_false(record_from_json(bytes_of(copy, size), r, NULL));
		free(copy);
	}
	assert_true(record_from_json(bytes_string(whole), r, NULL));
	record_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_record_has_what_every_record_has),
		cmocka_unit_test(names_nest_at_their_dots),
		cmocka_unit_test(every_field_is_written_under_its_name_with_its_type),
		cmocka_unit_test(pairs_of_neighbours_open_and_close_rightly),
		cmocka_unit_test(any_text_comes_back_unchanged),
		cmocka_unit_test(what_could_end_a_line_or_steer_a_terminal_is_escaped),
		cmocka_unit_test(a_secret_is_never_written),
		cmocka_unit_test(numbers_are_exact),
		cmocka_unit_test(a_number_that_is_none_still_gives_json),
		cmocka_unit_test(the_order_of_setting_does_not_matter),
		cmocka_unit_test(the_largest_record_fits_a_line),
		cmocka_unit_test(what_was_unset_or_replaced_is_not_written),
		cmocka_unit_test(a_room_too_small_is_never_left),
		cmocka_unit_test(what_was_written_is_read_back_the_same),
		cmocka_unit_test(dotted_names_are_read_too),
		cmocka_unit_test(faults_are_errors),
		cmocka_unit_test(any_prefix_of_an_object_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
