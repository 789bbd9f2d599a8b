/* SPDX-License-Identifier: BSD-2-Clause
 * Records: setting, lists, copies, merging, and what happens when they are full; the field registry. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "record/record.h"

static struct record *fresh(void)
{
	struct record *r = record_new();

	assert_non_null(r);
	record_clear(r, DATASET_PROXY, 17);
	return r;
}

static size_t values(const struct record *r, enum field f)
{
	size_t n = 0;

	for (const struct value *v = record_get(r, f); v; v = record_next(r, v))
		n++;
	return n;
}

static void expect_shown(const struct record *r, enum field f, const char *text)
{
	char room[64];
	struct bytes shown = record_show(r, f, record_get(r, f), room, sizeof(room));

	if (!bytes_equal(shown, bytes_string(text)))
		fail_msg("%s: %.*s is not %s", fields[f].name, (int)shown.size, (const char *)shown.at, text);
}

static void what_was_set_is_there(void **state)
{
	struct record *r = fresh();
	static const uint8_t octets[] = { 192, 0, 2, 1 }, mac[] = { 2, 0, 0, 0xab, 0, 1 };
	struct address a = address_v4(octets);

	(void)state;
	record_set_string(r, FIELD_USER_NAME, "alice");
	record_set_uint(r, FIELD_SOURCE_PORT, 50000);
	record_set_real(r, FIELD_TUNNEL_AGE, 1.5);
	record_set_bool(r, FIELD_PROXY_DECLARED, true);
	record_set_ip(r, FIELD_SOURCE_IP, &a);
	record_set_mac(r, FIELD_SOURCE_MAC, mac);
	record_set_hex(r, FIELD_FLOW_FIRST_BYTES, bytes_of("\x16\x03", 2));
	record_printf(r, FIELD_AUTH_ERROR, "%d", 407);
	assert_true(record_text_is(r, FIELD_USER_NAME, "alice"));
	assert_false(record_text_is(r, FIELD_USER_DOMAIN, ""));
	assert_int_equal(record_uint(r, FIELD_SOURCE_PORT), 50000);
	assert_true(record_real(r, FIELD_TUNNEL_AGE) == 1.5);
	assert_true(record_real(r, FIELD_SOURCE_PORT) == 50000);
	assert_true(record_bool(r, FIELD_PROXY_DECLARED));
	assert_true(address_equal(record_ip(r, FIELD_SOURCE_IP), &a));
	expect_shown(r, FIELD_SOURCE_MAC, "02-00-00-AB-00-01");
	expect_shown(r, FIELD_FLOW_FIRST_BYTES, "1603");
	expect_shown(r, FIELD_AUTH_ERROR, "407");
	expect_shown(r, FIELD_SOURCE_IP, "192.0.2.1");
	expect_shown(r, FIELD_TUNNEL_AGE, "1.5");
	expect_shown(r, FIELD_PROXY_DECLARED, "true");
	assert_false(r->cut);
	record_free(r);
}

static void what_is_absent_reads_as_nothing(void **state)
{
	struct record *r = fresh();

	(void)state;
	assert_null(record_get(r, FIELD_USER_NAME));
	assert_int_equal(record_text(r, FIELD_USER_NAME).size, 0);
	assert_int_equal(record_uint(r, FIELD_SOURCE_PORT), 0);
	assert_false(record_bool(r, FIELD_PROXY_DECLARED));
	assert_null(record_ip(r, FIELD_SOURCE_IP));
	assert_false(record_has(NULL, FIELD_USER_NAME));
	record_set_string(r, FIELD_USER_NAME, NULL);
	assert_false(record_has(r, FIELD_USER_NAME));
	record_free(r);
}

static void every_setter_survives_no_record(void **state)
{
	struct address a = { { 0 } };
	static const uint8_t mac[6];

	(void)state;
	record_set_text(NULL, FIELD_USER_NAME, bytes_string("x"));
	record_set_string(NULL, FIELD_USER_NAME, "x");
	record_printf(NULL, FIELD_USER_NAME, "x");
	record_set_wire(NULL, FIELD_USER_NAME, bytes_string("x"));
	record_set_utf16(NULL, FIELD_USER_NAME, bytes_string("xx"));
	record_set_hex(NULL, FIELD_USER_NAME, bytes_string("x"));
	record_set_mac(NULL, FIELD_SOURCE_MAC, mac);
	record_set_uint(NULL, FIELD_SOURCE_PORT, 1);
	record_set_real(NULL, FIELD_TUNNEL_AGE, 1);
	record_set_bool(NULL, FIELD_PROXY_DECLARED, true);
	record_set_ip(NULL, FIELD_SOURCE_IP, &a);
	record_add_text(NULL, FIELD_RELATED_USER, bytes_string("x"));
	record_add_ip(NULL, FIELD_RELATED_IP, &a);
	record_unset(NULL, FIELD_USER_NAME);
	record_merge(NULL, NULL);
	record_free(NULL);
}

static void setting_again_replaces(void **state)
{
	struct record *r = fresh();

	(void)state;
	record_set_string(r, FIELD_USER_NAME, "alice");
	record_set_string(r, FIELD_USER_NAME, "bob");
	assert_int_equal(values(r, FIELD_USER_NAME), 1);
	assert_true(record_text_is(r, FIELD_USER_NAME, "bob"));
	record_unset(r, FIELD_USER_NAME);
	assert_false(record_has(r, FIELD_USER_NAME));
	record_set_string(r, FIELD_USER_NAME, "carol");
	assert_true(record_text_is(r, FIELD_USER_NAME, "carol"));
	record_free(r);
}

static void lists_hold_each_value_once_in_order(void **state)
{
	struct record *r = fresh();

	(void)state;
	record_add_text(r, FIELD_RELATED_USER, bytes_string("b"));
	record_add_text(r, FIELD_RELATED_USER, bytes_string("a"));
	record_add_text(r, FIELD_RELATED_USER, bytes_string("b"));
	assert_int_equal(values(r, FIELD_RELATED_USER), 2);
	const struct value *v = record_get(r, FIELD_RELATED_USER);
	assert_memory_equal(value_text(r, v).at, "b", 1);
	assert_memory_equal(value_text(r, record_next(r, v)).at, "a", 1);
	record_set_string(r, FIELD_RELATED_USER, "only");
	assert_int_equal(values(r, FIELD_RELATED_USER), 1);
	struct address one = { { 1 } }, two = { { 2 } };
	record_add_ip(r, FIELD_RELATED_IP, &one);
	record_add_ip(r, FIELD_RELATED_IP, &two);
	record_add_ip(r, FIELD_RELATED_IP, &one);
	assert_int_equal(values(r, FIELD_RELATED_IP), 2);
	record_free(r);
}

static void wire_text_becomes_utf8(void **state)
{
	struct record *r = fresh();

	(void)state;
	record_set_wire(r, FIELD_USER_NAME, bytes_of("caf\xe9", 4));
	assert_true(record_text_is(r, FIELD_USER_NAME, "café"));
	record_set_utf16(r, FIELD_USER_DOMAIN, bytes_of("L\0A\0B\0", 6));
	assert_true(record_text_is(r, FIELD_USER_DOMAIN, "LAB"));
	record_free(r);
}

static void long_text_is_cut_at_a_whole_character(void **state)
{
	static char text[LIMIT_FIELD_TEXT + 2];
	struct record *r = fresh();

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text + LIMIT_FIELD_TEXT - 1, "é", 2);
	record_set_text(r, FIELD_URL_FULL, bytes_of(text, LIMIT_FIELD_TEXT - 1));
	assert_false(r->cut);
	record_set_text(r, FIELD_URL_FULL, bytes_of(text, LIMIT_FIELD_TEXT + 1));
	assert_true(r->cut);
	assert_int_equal(record_text(r, FIELD_URL_FULL).size, LIMIT_FIELD_TEXT - 1);
	record_free(r);
}

static void what_does_not_fit_is_dropped_and_noted(void **state)
{
	struct record *r = fresh();
	struct address a = { { 0 } };

	(void)state;
	for (unsigned i = 0; i < LIMIT_RECORD_VALUES + 10; i++) {
		a.octets[0] = (uint8_t)i;
		a.octets[1] = (uint8_t)(i >> 8);
		record_add_ip(r, FIELD_RELATED_IP, &a);
	}
	assert_int_equal(values(r, FIELD_RELATED_IP), LIMIT_RECORD_VALUES);
	assert_true(r->cut);
	record_set_uint(r, FIELD_SOURCE_PORT, 1);
	assert_false(record_has(r, FIELD_SOURCE_PORT));
	record_clear(r, DATASET_FLOW, 1);
	assert_false(r->cut);
	record_set_uint(r, FIELD_SOURCE_PORT, 1);
	assert_true(record_has(r, FIELD_SOURCE_PORT));
	record_free(r);
}

static void text_beyond_the_ceiling_is_cut(void **state)
{
	static char text[LIMIT_FIELD_TEXT];
	struct record *r = fresh();
	size_t total = 0;

	(void)state;
	for (unsigned i = 0; i < LIMIT_RECORD_TEXT / LIMIT_FIELD_TEXT + 2; i++) {
		memset(text, 'a' + (int)i, sizeof(text));
		record_add_text(r, FIELD_ALERT_VALUES, bytes_of(text, sizeof(text)));
	}
	for (const struct value *v = record_get(r, FIELD_ALERT_VALUES); v; v = record_next(r, v))
		total += v->size;
	assert_int_equal(total, LIMIT_RECORD_TEXT);
	assert_true(r->cut);
	record_free(r);
}

static void a_copy_is_compact_and_equal(void **state)
{
	struct record *r = fresh();

	(void)state;
	record_set_string(r, FIELD_USER_NAME, "alice");
	record_add_text(r, FIELD_RELATED_USER, bytes_string("one"));
	record_add_text(r, FIELD_RELATED_USER, bytes_string("two"));
	record_set_real(r, FIELD_TUNNEL_AGE, 2.5);
	r->id = 99;
	r->partial = true;
	struct record *copy = record_copy(r);
	assert_non_null(copy);
	record_clear(r, DATASET_FLOW, 0);
	record_set_string(r, FIELD_USER_NAME, "mallory");
	assert_true(record_text_is(copy, FIELD_USER_NAME, "alice"));
	assert_int_equal(values(copy, FIELD_RELATED_USER), 2);
	assert_true(record_real(copy, FIELD_TUNNEL_AGE) == 2.5);
	assert_int_equal(copy->id, 99);
	assert_int_equal(copy->time_ns, 17);
	assert_int_equal(copy->dataset, DATASET_PROXY);
	assert_true(copy->partial);
	assert_true(record_memory(copy) < 1024);
	record_set_uint(copy, FIELD_SOURCE_PORT, 1); /* no room in a compact one */
	assert_false(record_has(copy, FIELD_SOURCE_PORT));
	assert_true(copy->cut);
	record_set_real(copy, FIELD_TUNNEL_AGE, 3.5); /* but what is there may change */
	assert_true(record_real(copy, FIELD_TUNNEL_AGE) == 3.5);
	record_free(copy);
	record_free(r);
}

static void merging_takes_only_what_is_missing(void **state)
{
	struct record *into = fresh(), *from = fresh();
	struct address a = { { 1 } }, b = { { 2 } };

	(void)state;
	record_set_string(into, FIELD_USER_NAME, "alice");
	record_set_string(from, FIELD_USER_NAME, "bob");
	record_set_string(from, FIELD_USER_DOMAIN, "LAB");
	record_add_ip(from, FIELD_RELATED_IP, &a);
	record_add_ip(from, FIELD_RELATED_IP, &b);
	record_set_bool(from, FIELD_PROXY_DECLARED, false);
	from->partial = true;
	record_merge(into, from);
	assert_true(record_text_is(into, FIELD_USER_NAME, "alice"));
	assert_true(record_text_is(into, FIELD_USER_DOMAIN, "LAB"));
	assert_int_equal(values(into, FIELD_RELATED_IP), 2);
	assert_true(record_has(into, FIELD_PROXY_DECLARED) && !record_bool(into, FIELD_PROXY_DECLARED));
	assert_true(into->partial);
	assert_true(record_text_is(from, FIELD_USER_NAME, "bob"));
	record_free(into);
	record_free(from);
}

static void what_lives_in_the_struct_is_shown_too(void **state)
{
	struct record *r = fresh();

	(void)state;
	r->id = 0xabc;
	r->kind = RECORD_ALERT;
	expect_shown(r, FIELD_TIMESTAMP, "1970-01-01T00:00:00.000000017Z");
	expect_shown(r, FIELD_EVENT_ID, "0000000000000abc");
	expect_shown(r, FIELD_EVENT_KIND, "alert");
	expect_shown(r, FIELD_EVENT_DATASET, "proxy");
	record_free(r);
}

/* ---- the registry ---- */

static void every_field_is_found_by_its_name(void **state)
{
	(void)state;
	for (size_t f = 0; f < FIELD_COUNT; f++)
		assert_int_equal(field_find(bytes_string(fields[f].name)), f);
	assert_int_equal(field_find(bytes_string("Source.IP")), FIELD_COUNT);
	assert_int_equal(field_find(bytes_string("")), FIELD_COUNT);
	assert_string_equal(field_suggest(bytes_string("sorce.ip")), "source.ip");
	assert_null(field_suggest(bytes_string("nothing.like.this.at.all")));
}

static bool known_kinds(const char *kinds)
{
	struct bytes rest = bytes_string(kinds);

	if (strcmp(kinds, "*") == 0)
		return true;
	while (rest.size > 0) {
		struct bytes kind = bytes_split(&rest, ' ');
		if (dataset_find(kind) == DATASET_COUNT && !bytes_equal(kind, bytes_string("alert")))
			return false;
	}
	return true;
}

static void the_registry_is_well_formed(void **state)
{
	const enum field *order = fields_by_name();

	(void)state;
	for (size_t f = 0; f < FIELD_COUNT; f++) {
		const char *name = fields[f].name;
		for (const char *c = name; *c; c++)
			if (!(*c >= 'a' && *c <= 'z') && !(*c >= '0' && *c <= '9') && *c != '.' && *c != '_' && *c != '@')
				fail_msg("%s: a name is lower case, digits, dots and underscores", name);
		if (!known_kinds(fields[f].kinds))
			fail_msg("%s: unknown kind of record in \"%s\"", name, fields[f].kinds);
		assert_true(fields[f].doc[0] != '\0');
	}
	for (size_t i = 0; i + 1 < FIELD_COUNT; i++) { /* a value cannot be an object as well */
		const char *a = fields[order[i]].name, *b = fields[order[i + 1]].name;
		assert_string_not_equal(a, b);
		if (strncmp(a, b, strlen(a)) == 0 && b[strlen(a)] == '.')
			fail_msg("%s stands inside of %s", b, a);
	}
}

static void every_kind_of_record_has_its_name(void **state)
{
	(void)state;
	for (size_t d = 0; d < DATASET_COUNT; d++)
		assert_int_equal(dataset_find(bytes_string(dataset_name((enum dataset)d))), d);
	assert_int_equal(dataset_find(bytes_string("nothing")), DATASET_COUNT);
}

static void a_record_assigned_is_the_same_in_all(void **state)
{
	struct record *from = record_new(), *to = record_new();

	(void)state;
	assert_true(from && to);
	record_set_string(to, FIELD_USER_NAME, "former");
	record_clear(from, DATASET_HTTP, 7);
	from->id = 9;
	from->partial = true;
	record_set_string(from, FIELD_URL_DOMAIN, "example.com");
	record_set_uint(from, FIELD_URL_PORT, 80);
	record_assign(to, from);
	record_set_string(from, FIELD_URL_DOMAIN, "another.example"); /* its text is its own */
	assert_int_equal(to->dataset, DATASET_HTTP);
	assert_int_equal(to->time_ns, 7);
	assert_int_equal(to->id, 9);
	assert_true(to->partial);
	assert_false(record_has(to, FIELD_USER_NAME));
	assert_true(record_text_is(to, FIELD_URL_DOMAIN, "example.com"));
	assert_int_equal(record_uint(to, FIELD_URL_PORT), 80);
	record_free(from);
	record_free(to);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_assigned_is_the_same_in_all),
		cmocka_unit_test(what_was_set_is_there),
		cmocka_unit_test(what_is_absent_reads_as_nothing),
		cmocka_unit_test(every_setter_survives_no_record),
		cmocka_unit_test(setting_again_replaces),
		cmocka_unit_test(lists_hold_each_value_once_in_order),
		cmocka_unit_test(wire_text_becomes_utf8),
		cmocka_unit_test(long_text_is_cut_at_a_whole_character),
		cmocka_unit_test(what_does_not_fit_is_dropped_and_noted),
		cmocka_unit_test(text_beyond_the_ceiling_is_cut),
		cmocka_unit_test(a_copy_is_compact_and_equal),
		cmocka_unit_test(merging_takes_only_what_is_missing),
		cmocka_unit_test(what_lives_in_the_struct_is_shown_too),
		cmocka_unit_test(every_field_is_found_by_its_name),
		cmocka_unit_test(the_registry_is_well_formed),
		cmocka_unit_test(every_kind_of_record_has_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
