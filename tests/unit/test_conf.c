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
		snprintf(row, sizeof(row), "x%u: &x%u [*x%u, *x%u, *x%u, *x%u, *x%u, *x%u, *x%u, *x%u]\n", i, i, i - 1,
			 i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
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
	static const char yaml[] =
		"a: &x {k: [1, \"\\x41\"]}\n'b': |\n  text\n  more\nc: [*x]\n--- \n- ? q\n  : !!str r\n";
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

struct item {
	char *name;
	uint64_t size;
	struct conf_strings tags;
	struct conf_place place;
};

struct sample {
	char *title;
	bool loud;
	uint64_t count, wait;
	int colour;
	struct conf_strings words, pairs, one;
	struct conf_list list, named;
	struct {
		uint64_t depth;
	} inner;
};

static const char *const colours[] = { "red", "green", NULL };
static const struct conf_row item_rows[] = {
	{ "size", CONF_UINT, offsetof(struct item, size), "7", .help = "size" },
	{ "tags", CONF_STRINGS, offsetof(struct item, tags), .help = "tags" },
	{ .key = NULL },
};
static const struct conf_row list_rows[] = {
	{ "name", CONF_STRING, offsetof(struct item, name), .required = true, .help = "name" },
	{ "size", CONF_UINT, offsetof(struct item, size), "7", .help = "size" },
	{ .key = NULL },
};
static const struct conf_row inner_rows[] = {
	{ "depth", CONF_UINT, offsetof(struct sample, inner.depth), "3", .min = 1, .max = 9, .help = "depth" },
	{ .key = NULL },
};
#define ITEM .item_size = sizeof(struct item), .place_offset = offsetof(struct item, place)
static const struct conf_row rows[] = {
	{ "title", CONF_STRING, offsetof(struct sample, title), "none", .help = "title" },
	{ "loud", CONF_BOOL, offsetof(struct sample, loud), "yes", .help = "loud" },
	{ "count", CONF_UINT, offsetof(struct sample, count), .min = 2, .max = 10, .help = "count" },
	{ "wait", CONF_DURATION, offsetof(struct sample, wait), "5m", .help = "wait" },
	{ "colour", CONF_CHOICE, offsetof(struct sample, colour), "green", .choices = colours, .help = "colour" },
	{ "words", CONF_STRINGS, offsetof(struct sample, words), "[a, b]", .help = "words" },
	{ "one", CONF_STRINGS, offsetof(struct sample, one), .max = 1, .help = "one word" },
	{ "pairs", CONF_STRING_MAP, offsetof(struct sample, pairs), .help = "pairs" },
	{ "list", CONF_LIST, offsetof(struct sample, list), ITEM, .rows = list_rows, .short_key = "name",
	  .help = "list" },
	{ "named", CONF_NAMED, offsetof(struct sample, named), ITEM, .rows = item_rows,
	  .name_offset = offsetof(struct item, name), .help = "named" },
	{ "inner", CONF_SECTION, 0, .rows = inner_rows, .help = "inner" },
	{ .key = NULL },
};

static bool read_sample(const char *yaml, struct sample *into, struct error *err)
{
	struct document *d = parse(yaml, err);

	*into = (struct sample){ 0 };
	assert_non_null(d);
	bool fine = conf_read(d, document_root(d, 0), rows, into, err);
	document_free(d);
	return fine;
}

static void defaults_stand_where_the_file_is_silent(void **state)
{
	struct sample s;
	struct error err;
	(void)state;

	assert_true(read_sample("", &s, &err));
	assert_string_equal(s.title, "none");
	assert_true(s.loud);
	assert_int_equal(s.count, 0);
	assert_int_equal(s.wait, 5 * NS_PER_MIN);
	assert_int_equal(s.colour, 1);
	assert_int_equal(s.words.count, 2);
	assert_string_equal(s.words.items[1], "b");
	assert_int_equal(s.inner.depth, 3);
	conf_release(rows, &s);
	assert_true(conf_defaults(rows, &s));
	conf_release(rows, &s);
	assert_null(s.title);
}

static void every_kind_of_setting_is_read(void **state)
{
	struct sample s;
	struct error err;
	(void)state;

	assert_true(
		read_sample("{title: x, loud: off, count: 10, wait: 90, colour: red, words: only, pairs: {k: v},\n"
			    " list: [plain, {name: full, size: 2}], named: {n1: {size: 1}, n2: }, inner: {depth: 9}}",
			    &s, &err));
	assert_false(s.loud);
	assert_int_equal(s.wait, 90 * NS_PER_S);
	assert_int_equal(s.words.count, 1);
	assert_string_equal(s.pairs.items[0] + 2, "v");
	const struct item *list = s.list.items, *named = s.named.items;
	assert_int_equal(s.list.count, 2);
	assert_string_equal(list[0].name, "plain");
	assert_int_equal(list[0].size, 7);
	assert_int_equal(list[1].size, 2);
	assert_int_equal(list[1].place.line, 2);
	assert_string_equal(named[1].name, "n2");
	assert_int_equal(named[1].size, 7);
	conf_release(rows, &s);
}

static const char *sample_error(const char *yaml)
{
	static char text[1024];
	struct error err = { 0 };
	struct sample s;

	assert_false(read_sample(yaml, &s, &err));
	assert_null(s.title); /* released */
	return error_format(&err, text, sizeof(text));
}

static void wrong_settings_say_what_was_expected(void **state)
{
	(void)state;

	assert_string_equal(sample_error("tilte: x"), "t.yaml:1:1: unknown key `tilte`; did you mean `title`?");
	assert_string_equal(sample_error("count: 11"), "t.yaml:1:8: `count`: 11 is not within 2 to 10");
	assert_string_equal(sample_error("count: -1"), "t.yaml:1:8: `count`: expected a number, found `-1`");
	assert_string_equal(sample_error("loud: maybe"), "t.yaml:1:7: `loud`: expected true or false, found `maybe`");
	assert_string_equal(sample_error("colour: gren"),
			    "t.yaml:1:9: `colour`: expected red or green, found `gren`; did you mean `green`?");
	assert_string_equal(sample_error("title: [x]"), "t.yaml:1:8: `title`: expected a word, found a list");
	assert_string_equal(sample_error("one: [x]"), "t.yaml:1:6: `one`: expected a word, found a list");
	assert_string_equal(sample_error("list: [{size: 2}]"), "t.yaml:1:8: `name` is missing");
	assert_string_equal(sample_error("list: [{name: a}, {name: b, siez: 1}]"),
			    "t.yaml:1:29: unknown key `siez`; did you mean `size`?");
	assert_string_equal(sample_error("named: {a: 3}"), "t.yaml:1:12: `named`: expected a map, found `3`");
	assert_string_equal(sample_error("wait: soon"),
			    "t.yaml:1:7: `wait`: expected a duration such as 90, 10s, 5m, 2h30m or 1d, found `soon`");
	assert_string_equal(sample_error("title: \"a\\0b\""), "t.yaml:1:8: `title`: a value cannot hold a zero byte");
	assert_string_equal(sample_error("inner: {depth: 0}"), "t.yaml:1:16: `depth`: 0 is not within 1 to 9");
	assert_string_equal(sample_error("just text"), "t.yaml:1:1: expected a map of settings, found a word");
}

static void a_dump_reads_back_to_the_same(void **state)
{
	static const char yaml[] = "title: \"q\\\"\\\\\\n\\xe9: #\"\nwords: []\none: yes\npairs: {\"k: 1\": 'v'}\n"
				   "list: [a, {name: b, size: 3}]\nnamed: {'n 1': {tags: [x, 'y, z']}, n2: {}}\n";
	struct sample s;
	struct error err;
	(void)state;

	assert_true(read_sample(yaml, &s, &err));
	char *once = conf_dump(rows, &s);
	assert_non_null(once);
	conf_release(rows, &s);
	assert_true(read_sample(once, &s, &err));
	char *twice = conf_dump(rows, &s);
	assert_string_equal(once, twice);
	assert_string_equal(s.title, "q\"\\\n\xc3\xa9: #");
	assert_int_equal(s.words.count, 0);
	assert_string_equal(s.one.items[0], "yes");
	assert_string_equal(((const struct item *)s.named.items)[0].tags.items[1], "y, z");
	conf_release(rows, &s);
	free(once);
	free(twice);
}

static void see_path(void *context, const char *path, const char *takes, const struct conf_row *row)
{
	size_t *seen = context;

	seen[0]++;
	seen[1] += !strcmp(path, "list[].name") && !strcmp(takes, "word") && row->required;
	seen[1] += !strcmp(path, "named.NAME.size");
	seen[1] += !strcmp(path, "inner.depth") && !strcmp(takes, "number 1..9");
	seen[1] += !strcmp(path, "colour") && !strcmp(takes, "red | green");
}

static void help_names_every_row_by_its_path(void **state)
{
	size_t seen[2] = { 0 };
	(void)state;

	conf_help(rows, see_path, seen);
	assert_int_equal(seen[0], 16);
	assert_int_equal(seen[1], 4);
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
		cmocka_unit_test(defaults_stand_where_the_file_is_silent),
		cmocka_unit_test(every_kind_of_setting_is_read),
		cmocka_unit_test(wrong_settings_say_what_was_expected),
		cmocka_unit_test(a_dump_reads_back_to_the_same),
		cmocka_unit_test(help_names_every_row_by_its_path),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
