/* SPDX-License-Identifier: BSD-2-Clause
 * Sentences of alerts and the catalogue they stand in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/instant.h"
#include "../../sensord/detect/message.h"

static struct record *sample(void)
{
	static const uint8_t client[] = { 10, 1, 10, 5 };
	struct record *r = record_new();
	struct address a = address_v4(client);

	assert_non_null(r);
	record_set_ip(r, FIELD_SOURCE_IP, &a);
	record_set_string(r, FIELD_USER_NAME, "alice");
	record_set_uint(r, FIELD_DESTINATION_PORT, 443);
	record_set_uint(r, FIELD_SOURCE_BYTES, 1530000);
	record_set_real(r, FIELD_TUNNEL_AGE, 754.5);
	record_set_real(r, FIELD_BEACON_JITTER, 0.037);
	record_set_uint(r, FIELD_ALERT_COUNT, 1);
	record_set_uint(r, FIELD_ALERT_FIRST, 5 * NS_PER_S);
	record_set_uint(r, FIELD_ALERT_LAST, 5 * NS_PER_S);
	return r;
}

static const char *render(const char *template, enum language language, const struct record *r)
{
	static char room[MESSAGE_SIZE + 1];
	struct text t = { room, MESSAGE_SIZE, 0, false };
	struct error err = { .text = "" };
	struct message *m = message_compile(bytes_string(template), language, &err);

	if (!m)
		fail_msg("%s: %s", template, err.text);
	message_render(m, r, &t);
	message_free(m);
	room[t.used] = '\0';
	return room;
}

static void expect(const char *template, const char *sentence)
{
	struct record *r = sample();

	assert_string_equal(render(template, LANGUAGE_EN, r), sentence);
	record_free(r);
}

static void values_stand_where_their_fields_are_named(void **state)
{
	(void)state;
	expect("{source.ip} ({user.name}) to port {destination.port}", "10.1.10.5 (alice) to port 443");
	expect("no placeholder", "no placeholder");
	expect("", "");
	expect("{{x}} [[y]]", "{x} [y]");
}

static void the_first_alternative_present_is_taken(void **state)
{
	(void)state;
	expect("{url.domain|source.ip}", "10.1.10.5");
	expect("{url.domain|destination.ip|\"somewhere\"}", "somewhere");
	expect("{url.domain | user.name}", "alice");
	expect("{url.domain}", "-");
}

static void an_optional_part_goes_with_its_value(void **state)
{
	(void)state;
	expect("x[ for {url.domain}] y", "x y");
	expect("x[ for {user.name}] y", "x for alice y");
	expect("x[ {user.name} {url.domain}] y", "x y");
	expect("[{url.domain}][{user.name}]", "alice");
}

static void one_match_is_not_worth_a_count(void **state)
{
	struct record *r = sample();

	(void)state;
	assert_string_equal(render("a[, {alert.count} times in {alert.span}]", LANGUAGE_EN, r), "a");
	assert_string_equal(render("a {alert.count}", LANGUAGE_EN, r), "a 1");
	record_set_uint(r, FIELD_ALERT_COUNT, 7);
	record_set_uint(r, FIELD_ALERT_LAST, 5 * NS_PER_S + 12 * NS_PER_MIN + 4 * NS_PER_S);
	assert_string_equal(render("a[, {alert.count} times in {alert.span}]", LANGUAGE_EN, r), "a, 7 times in 12 min");
	assert_string_equal(render("[{alert.span}に{alert.count}回]", LANGUAGE_JA, r), "12分に7回");
	record_free(r);
}

static void our_words_are_japanese_in_japanese_and_the_wire_s_stay(void **state)
{
	struct record *r = record_new();

	(void)state;
	record_clear(r, DATASET_FLOW, 1);
	record_set_string(r, FIELD_FLOW_OUTCOME, "unanswered");
	record_set_string(r, FIELD_USER_NAME, "unanswered");
	assert_string_equal(render("{flow.outcome} {user.name}", LANGUAGE_JA, r), "応答なし unanswered");
	assert_string_equal(render("{flow.outcome}", LANGUAGE_EN, r), "unanswered");
	record_free(r);
}

static void numbers_are_shown_for_people(void **state)
{
	struct record *r = sample();

	(void)state;
	assert_string_equal(render("{source.bytes:size} {tunnel.age:span} {beacon.jitter:percent} {tunnel.age}", LANGUAGE_EN, r),
			    "1.5 MB 12 min 4 % 754.5");
	record_set_uint(r, FIELD_SOURCE_BYTES, 999);
	record_set_uint(r, FIELD_EVENT_DURATION, 3 * NS_PER_S);
	assert_string_equal(render("{source.bytes:size} {event.duration:span}", LANGUAGE_EN, r), "999 B 3 s");
	record_set_real(r, FIELD_TUNNEL_AGE, 1e300);
	assert_string_equal(render("{tunnel.age:span}", LANGUAGE_EN, r), "0 s");
	record_set_real(r, FIELD_TUNNEL_AGE, NAN);
	assert_string_equal(render("{tunnel.age:span}", LANGUAGE_EN, r), "0 s");
	record_free(r);
}

static void spans_have_the_unit_that_fits(void **state)
{
	static const struct { uint64_t ns; const char *en, *ja; } rows[] = {
		{ 0, "0 s", "0秒" },
		{ 350 * NS_PER_MS, "350 ms", "350ミリ秒" },
		{ 119 * NS_PER_S, "119 s", "119秒" },
		{ 2 * NS_PER_MIN, "2 min", "2分" },
		{ 2 * NS_PER_HOUR, "2 h", "2時間" },
		{ 3 * NS_PER_HOUR + 5 * NS_PER_MIN, "3 h 5 min", "3時間5分" },
		{ 50 * NS_PER_HOUR, "2 d 2 h", "2日2時間" },
		{ UINT64_MAX, "213503 d 23 h", "213503日23時間" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char room[64];
		struct text t = TEXT_ON(room);
		message_span(&t, rows[i].ns, LANGUAGE_EN);
		assert_string_equal(text_end(&t), rows[i].en);
		t.used = 0;
		message_span(&t, rows[i].ns, LANGUAGE_JA);
		assert_string_equal(text_end(&t), rows[i].ja);
	}
}

static void a_hostile_value_cannot_steer_the_terminal(void **state)
{
	struct record *r = sample();

	(void)state;
	record_set_string(r, FIELD_USER_NAME, "a\x1b[2J\nb\x7f" "c\xc2\x9b" "d\xe2\x80\xae" "e\xe2\x80\xa8" "f\xef\xbb\xbfg日本");
	assert_string_equal(render("{user.name}", LANGUAGE_EN, r), "a\\x1b[2J\\x0ab\\x7fc\\x9bd\\u202ee\\u2028f\\ufeffg日本");
	record_free(r);
}

static void a_value_is_cut_at_a_whole_character(void **state)
{
	char name[3 * 100 + 1] = "";
	struct record *r = sample();

	(void)state;
	for (size_t i = 0; i < 100; i++)
		memcpy(name + 3 * i, "日", 4);
	record_set_string(r, FIELD_USER_NAME, name);
	const char *shown = render("{user.name}!", LANGUAGE_EN, r);
	assert_int_equal(strlen(shown), 66 * 3 + 3 + 1);
	assert_memory_equal(shown + 66 * 3, "…!", 5);
	record_free(r);
}

static void a_sentence_is_cut_at_a_whole_character(void **state)
{
	(void)state;
	for (size_t size = 0; size < 14; size++) {
		char room[16];
		struct text t = { room, size, 0, false };
		struct record *r = sample();
		struct message *m = message_compile(bytes_string("日é日𠀋x"), LANGUAGE_EN, NULL);
		assert_non_null(m);
		message_render(m, r, &t);
		static const size_t whole[] = { 0, 0, 0, 3, 3, 5, 5, 5, 8, 8, 8, 8, 12, 13 };
		assert_int_equal(t.used, whole[size]);
		message_free(m);
		record_free(r);
	}
}

static void a_list_shows_five_values(void **state)
{
	struct record *r = sample();

	(void)state;
	for (int i = 0; i < 7; i++) {
		char name[16];
		snprintf(name, sizeof(name), "h%d", i);
		record_add_text(r, FIELD_ALERT_VALUES, bytes_string(name));
	}
	assert_string_equal(render("{alert.values}", LANGUAGE_EN, r), "h0, h1, h2, h3, h4, …");
	record_free(r);
}

static void what_every_record_has_can_be_named(void **state)
{
	struct record *r = sample();

	(void)state;
	r->dataset = DATASET_TLS;
	r->id = 255;
	assert_string_equal(render("[{event.dataset} {event.id}]", LANGUAGE_EN, r), "tls 00000000000000ff");
	record_free(r);
}

static void malformed_templates_say_where(void **state)
{
	static const struct { const char *template, *part; unsigned column; } rows[] = {
		{ "ab {source.ipp}", "did you mean source.ip", 5 },
		{ "ab {source.ip", "not closed", 5 },
		{ "{}", "empty", 2 },
		{ "x}", "not opened", 2 },
		{ "x]", "not opened", 2 },
		{ "[x {user.name}", "not closed", 15 },
		{ "[a[b]]", "nest", 3 },
		{ "[a]", "no placeholder", 3 },
		{ "{user.name:size}", "need a number", 2 },
		{ "{source.bytes:weight}", "percent is expected", 2 },
		{ "{http.request.cookie}", "never written", 2 },
		{ "{user.name|user.name|user.name|user.name|user.name}", "too many alternatives", 2 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct error err = { .text = "" };
		assert_null(message_compile(bytes_string(rows[i].template), LANGUAGE_EN, &err));
		if (!strstr(err.text, rows[i].part))
			fail_msg("%s: %s", rows[i].template, err.text);
		assert_int_equal(err.column, rows[i].column);
	}
}

static void any_prefix_of_a_template_is_refused_or_shown(void **state)
{
	static const char whole[] = "[{source.ip|\"x\"}: {tunnel.age:span}] {{ {alert.count} ]]";
	struct record *r = sample();
	size_t fine = 0;

	(void)state;
	for (size_t size = 0; size < sizeof(whole); size++) {
		char *copy = malloc(size ? size : 1), room[256];
		struct text t = TEXT_ON(room);
		memcpy(copy, whole, size);
		struct message *m = message_compile(bytes_of(copy, size), LANGUAGE_JA, NULL);
		free(copy);
		if (m)
			message_render(m, r, &t);
		fine += m != NULL;
		message_free(m);
	}
	assert_true(fine > 3 && fine < sizeof(whole));
	record_free(r);
}

/* ---- catalogue ---- */

static struct catalogue *catalogue_of(const char *yaml, struct error *err)
{
	char path[] = "catalogue-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, yaml, strlen(yaml)), strlen(yaml));
	close(fd);
	struct catalogue *c = catalogue_read(path, err);
	unlink(path);
	return c;
}

static void an_entry_is_found_by_name_then_by_rule_id(void **state)
{
	struct error err;
	struct catalogue *c = catalogue_of("B-01: { title_ja: 乙, response: call }\nA-01: { title_ja: 甲 }\n"
					   "A-01-many: { message: \"{source.ip}\" }\n", &err);

	(void)state;
	assert_non_null(c);
	assert_string_equal(catalogue_find(c, "A-01", "A-01")->title_ja, "甲");
	assert_non_null(catalogue_find(c, "A-01-many", "A-01")->message);
	assert_null(catalogue_find(c, "A-01-many", "A-01")->title_ja);
	assert_string_equal(catalogue_find(c, "B-01-other", "B-01")->response, "call");
	assert_null(catalogue_find(c, "C-01", "C-01"));
	assert_null(catalogue_find(c, NULL, "C-01"));
	catalogue_free(c);
}

static void no_catalogue_is_an_empty_one(void **state)
{
	struct error err;
	struct catalogue *c = catalogue_read(NULL, &err);

	(void)state;
	assert_non_null(c);
	assert_null(catalogue_find(c, "A-01", "A-01"));
	catalogue_free(c);
}

static void faults_of_a_catalogue_have_a_place(void **state)
{
	static const struct { const char *yaml, *part; unsigned line; } rows[] = {
		{ "A-01:\n  titel_ja: x\n", "title_ja", 2 },
		{ "A-01:\n  message: \"{nothing}\"\n", "unknown field", 2 },
		{ "A-01:\n  message: [a]\n", "text is expected", 2 },
		{ "A-01: x\n", "map of texts", 1 },
		{ "- a\n", "map of rule names", 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct error err = { .text = "" };
		assert_null(catalogue_of(rows[i].yaml, &err));
		if (!strstr(err.text, rows[i].part))
			fail_msg("%s: %s", rows[i].yaml, err.text);
		assert_int_equal(err.line, rows[i].line);
	}
	struct error err;
	assert_null(catalogue_read("/nonexistent/catalogue.yaml", &err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_stand_where_their_fields_are_named),
		cmocka_unit_test(the_first_alternative_present_is_taken),
		cmocka_unit_test(our_words_are_japanese_in_japanese_and_the_wire_s_stay),
		cmocka_unit_test(an_optional_part_goes_with_its_value),
		cmocka_unit_test(one_match_is_not_worth_a_count),
		cmocka_unit_test(numbers_are_shown_for_people),
		cmocka_unit_test(spans_have_the_unit_that_fits),
		cmocka_unit_test(a_hostile_value_cannot_steer_the_terminal),
		cmocka_unit_test(a_value_is_cut_at_a_whole_character),
		cmocka_unit_test(a_sentence_is_cut_at_a_whole_character),
		cmocka_unit_test(a_list_shows_five_values),
		cmocka_unit_test(what_every_record_has_can_be_named),
		cmocka_unit_test(malformed_templates_say_where),
		cmocka_unit_test(any_prefix_of_a_template_is_refused_or_shown),
		cmocka_unit_test(an_entry_is_found_by_name_then_by_rule_id),
		cmocka_unit_test(no_catalogue_is_an_empty_one),
		cmocka_unit_test(faults_of_a_catalogue_have_a_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
