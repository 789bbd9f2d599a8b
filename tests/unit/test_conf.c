/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/instant.h"
#include "conf/table.h"

static struct document *parse(const char *yaml, struct error *err)
{
	return document_parse("t.yaml", bytes_string(yaml), err);
}

/* The formatted error of a text that must not parse. */
static const char *parse_error(const char *yaml)
{
	static char text[1024];
	struct error err = { 0 };

	assert_null(parse(yaml, &err));
	return error_format(&err, text, sizeof(text));
}

static void nodes_know_their_kind_text_and_place(void **state)
{
	struct error err;
	struct document *d = parse("a: 1\nb:\n  - 'x'\n  - ~\n", &err);
	(void)state;

	assert_non_null(d);
	assert_int_equal(document_count(d), 1);
	assert_string_equal(document_name(d), "t.yaml");
	const struct node *root = document_root(d, 0), *b = node_get(root, "b");
	assert_int_equal(root->kind, NODE_MAP);
	assert_int_equal(root->count, 2);
	assert_string_equal(node_get(root, "a")->text, "1");
	assert_false(node_get(root, "a")->quoted);
	assert_int_equal(b->kind, NODE_LIST);
	assert_int_equal(b->key_line, 2);
	assert_int_equal(b->first->line, 3);
	assert_int_equal(b->first->column, 5);
	assert_true(b->first->quoted);
	assert_int_equal(b->first->next->kind, NODE_NULL);
	assert_null(b->first->next->next);
	assert_null(node_get(root, "c"));
	assert_null(node_get(b, "c"));
	assert_null(document_root(d, 1));
	document_free(d);
}

static void several_documents_stand_in_order(void **state)
{
	struct error err;
	struct document *d = parse("a: 1\n---\nb: 2\n---\n- 3\n", &err);
	(void)state;

	assert_non_null(d);
	assert_int_equal(document_count(d), 3);
	assert_non_null(node_get(document_root(d, 1), "b"));
	assert_int_equal(document_root(d, 2)->line, 5);
	document_free(d);
	d = parse("", &err);
	assert_non_null(d);
	assert_int_equal(document_count(d), 0);
	document_free(d);
}

static void an_alias_is_a_copy_of_its_anchor(void **state)
{
	struct error err;
	struct document *d = parse("a: &x {k: [1, 2]}\nb: *x\nc: [*x, &y 5, *y]\n", &err);
	(void)state;

	assert_non_null(d);
	const struct node *root = document_root(d, 0), *b = node_get(root, "b");
	assert_string_equal(b->key, "b");
	assert_int_equal(node_get(b, "k")->count, 2);
	assert_string_equal(node_get(root, "c")->first->next->next->text, "5");
	document_free(d);
	assert_string_equal(parse_error("a: *x\nb: &x 1\n"), "t.yaml:1:4: no anchor `x` before this alias");
	assert_string_equal(parse_error("a: &x [*x]\n"), "t.yaml:1:8: no anchor `x` before this alias");
}

static void aliases_cannot_grow_a_file_beyond_its_limit(void **state)
{
	char yaml[1024], row[64];
	(void)state;

	snprintf(yaml, sizeof(yaml), "x0: &x0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n");
	for (unsigned i = 1; i < 9; i++) {
		snprintf(row, sizeof(row), "x%u: &x%u [*x%u, *x%u, *x%u, *x%u, *x%u, *x%u, *x%u, *x%u]\n", i, i, i - 1, i - 1,
			 i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
		strncat(yaml, row, sizeof(yaml) - strlen(yaml) - 1);
	}
	assert_non_null(strstr(parse_error(yaml), "too many values in one file"));
}

static void what_yaml_forbids_is_an_error_with_its_place(void **state)
{
	char deep[3 * YAML_DEPTH] = "";
	(void)state;

	assert_string_equal(parse_error("a: 1\nb: 2\na: 3\n"), "t.yaml:3:1: `a` is given twice");
	assert_string_equal(parse_error("[a]: 1\n"), "t.yaml:1:1: a key must be a word, not a list or a map");
	assert_non_null(strstr(parse_error("a:\n  b: 1\n c: 2\n"), "t.yaml:3:2: "));
	assert_non_null(strstr(parse_error("a: [1, 2\n"), "t.yaml:2:1: "));
	assert_non_null(strstr(parse_error("a: \xff\n"), "t.yaml: "));
	assert_string_equal(parse_error("\"a\\0b\": 1\n"), "t.yaml:1:1: a key cannot hold a zero byte");
	for (size_t i = 0; i <= YAML_DEPTH; i++)
		deep[i] = '[';
	assert_non_null(strstr(parse_error(deep), "nested too deeply"));
}

static void a_missing_file_says_so(void **state)
{
	struct error err;
	char text[1024];
	(void)state;

	assert_null(document_read("no/such/file.yaml", &err));
	assert_string_equal(error_format(&err, text, sizeof(text)), "no/such/file.yaml: No such file or directory");
	assert_null(document_read(".", &err));
	assert_string_equal(error_format(&err, text, sizeof(text)), ".: Is a directory");
}

/* Every prefix of a text in its own exact-size block: the reader must neither read behind it nor lose memory. */
static void every_prefix_parses_or_says_why(void **state)
{
	static const char yaml[] = "a: &x {k: [1, \"\\x41\"]}\n'b': |\n  text\n  more\nc: [*x]\n--- \n- ? q\n  : !!str r\n";
	(void)state;

	for (size_t n = 0; n < sizeof(yaml); n++) {
		struct error err = { 0 };
		uint8_t *at = malloc(n ? n : 1);
		memcpy(at, yaml, n);
		struct document *d = document_parse("cut", bytes_of(at, n), &err);
		free(at);
		assert_true(d != NULL || err.text[0]);
		document_free(d);
	}
}

static void the_nearest_word_is_suggested(void **state)
{
	static const char *const words[] = { "proxies", "policy", "zones", "name", NULL };
	(void)state;

	assert_string_equal(conf_suggest("proxys", words), "proxies");
	assert_string_equal(conf_suggest("zoens", words), "zones");
	assert_string_equal(conf_suggest("NAME", words), "name");
	assert_null(conf_suggest("entirely", words));
	assert_null(conf_suggest("", words));
}

static void durations_are_read_with_their_units(void **state)
{
	uint64_t ns = 7;
	(void)state;

	assert_true(conf_duration(bytes_string("90"), &ns));
	assert_int_equal(ns, 90 * NS_PER_S);
	assert_true(conf_duration(bytes_string("2h30m"), &ns));
	assert_int_equal(ns, 150 * NS_PER_MIN);
	assert_true(conf_duration(bytes_string("1d"), &ns));
	assert_int_equal(ns, NS_PER_DAY);
	assert_false(conf_duration(bytes_string(""), &ns));
	assert_false(conf_duration(bytes_string("5x"), &ns));
	assert_false(conf_duration(bytes_string("m5"), &ns));
	assert_false(conf_duration(bytes_string("999999999999999d"), &ns));
	assert_int_equal(ns, NS_PER_DAY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nodes_know_their_kind_text_and_place),
		cmocka_unit_test(several_documents_stand_in_order),
		cmocka_unit_test(an_alias_is_a_copy_of_its_anchor),
		cmocka_unit_test(aliases_cannot_grow_a_file_beyond_its_limit),
		cmocka_unit_test(what_yaml_forbids_is_an_error_with_its_place),
		cmocka_unit_test(a_missing_file_says_so),
		cmocka_unit_test(every_prefix_parses_or_says_why),
		cmocka_unit_test(the_nearest_word_is_suggested),
		cmocka_unit_test(durations_are_read_with_their_units),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
