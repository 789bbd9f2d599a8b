/* SPDX-License-Identifier: BSD-2-Clause
 * The grammar of conditions: binding, quantifiers, lists, and errors with their place. */
#include "rule_testing.h"

/* Selections a, b, c and _d hold where url.path, url.query, url.scheme and url.domain are "1". */
static const char *section(const char *condition)
{
	static char text[2048];

	snprintf(text, sizeof(text), "  a: {url.path: 1}\n  b: {url.query: 1}\n  sel_c: {url.scheme: 1}\n"
		 "  _d: {url.domain: 1}\n  condition: %s", condition);
	return text;
}

static bool holds(const char *condition, const char *set)
{
	char members[256];

	snprintf(members, sizeof(members),
		 "\"url.path\": \"%d\", \"url.query\": \"%d\", \"url.scheme\": \"%d\", \"url.domain\": \"%d\"",
		 strchr(set, 'a') != NULL, strchr(set, 'b') != NULL, strchr(set, 'c') != NULL, strchr(set, 'd') != NULL);
	return fires(section(condition), members);
}

static void not_binds_before_and_before_or(void **state)
{
	(void)state;
	assert_true(holds("a or b and sel_c", "a"));
	assert_false(holds("(a or b) and sel_c", "a"));
	assert_true(holds("not a and b", "b"));
	assert_false(holds("not a and b", ""));
	assert_false(holds("not (a or b)", "b"));
	assert_true(holds("not a or b", "ab"));
	assert_true(holds("not not a", "a"));
	assert_true(holds("a and not b or sel_c and not a", "c"));
}

static void operators_may_be_upper_case(void **state)
{
	(void)state;
	assert_true(holds("a AND NOT b", "a"));
	assert_true(holds("a OR b", "b"));
}

static void quantifiers_count_the_selections(void **state)
{
	(void)state;
	assert_true(holds("1 of them", "b"));
	assert_false(holds("1 of them", "d")); /* names with an underscore are left out */
	assert_true(holds("all of them", "abc"));
	assert_false(holds("all of them", "ab"));
	assert_true(holds("1 of sel_*", "c"));
	assert_false(holds("1 of sel_*", "ab"));
	assert_true(holds("all of *", "abcd"));
	assert_false(holds("all of *", "abc"));
	assert_true(holds("1 of _*", "d"));
	assert_true(holds("a and not 1 of sel_*", "a"));
	assert_true(holds("all of s*_c or b", "b"));
}

static void a_list_of_conditions_is_or(void **state)
{
	(void)state;
	assert_true(holds("[a and b, sel_c]", "c"));
	assert_true(holds("[a and b, sel_c]", "ab"));
	assert_false(holds("[a and b, sel_c]", "a"));
}

static void errors_name_line_and_column(void **state)
{
	(void)state;
	assert_string_equal(load_error(detection_text(section("a and sel_d"))),
			    "t.yml:8:20: expected the name of a selection (did you mean 'sel_c'?), not 'sel_d'");
	assert_string_equal(load_error(detection_text(section("(a and b"))), "t.yml:8:22: expected ')' at the end of the condition");
	assert_string_equal(load_error(detection_text(section("'a b'"))), "t.yml:8:17: expected 'and' or 'or', not 'b'");
	assert_string_equal(load_error(detection_text(section("a or"))),
			    "t.yml:8:18: expected a selection, 'not' or '(' at the end of the condition");
	assert_non_null(strstr(load_error(detection_text(section("1 of x*"))), "t.yml:8:19: expected a pattern that some"));
	assert_non_null(strstr(load_error(detection_text(section("a | count() by b"))), "obsolete"));
	assert_non_null(strstr(load_error(detection_text(section("{a: b}"))), "a condition is a text"));
	assert_non_null(strstr(load_error(detection_text(section("''"))), "expected a selection"));
}

static void deep_nesting_is_refused(void **state)
{
	char condition[512];

	(void)state;
	memset(condition, '(', 200);
	snprintf(condition + 200, sizeof(condition) - 200, "a");
	assert_non_null(strstr(load_error(detection_text(section(condition))), "nested too deeply"));
}

static void a_detection_needs_its_parts(void **state)
{
	(void)state;
	assert_non_null(strstr(load_error("title: t\nlogsource: {product: sensord}\ndetection: {a: {url.path: 1}}\n"), "condition"));
	assert_non_null(strstr(load_error("logsource: {product: sensord}\ndetection: {a: {url.path: 1}, condition: a}\n"), "'title'"));
	assert_non_null(strstr(load_error("title: t\ndetection: {a: {url.path: 1}, condition: a}\n"), "'logsource'"));
	assert_non_null(strstr(load_error("title: t\nlogsource: {product: windows}\ndetection: {a: {x: 1}, condition: a}\n"),
			       "nothing on the wire"));
	assert_non_null(strstr(load_error("title: t\nlogsource: {product: sensord, service: htpp}\n"
					  "detection: {a: {x: 1}, condition: a}\n"), "did you mean 'http'?"));
	assert_non_null(strstr(load_error("action: global\ntitle: t\n"), "obsolete"));
	assert_non_null(strstr(load_error("title: t\n"), "none"));
	assert_non_null(strstr(load_error("- a\n"), "a rule is a map"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(not_binds_before_and_before_or),
		cmocka_unit_test(operators_may_be_upper_case),
		cmocka_unit_test(quantifiers_count_the_selections),
		cmocka_unit_test(a_list_of_conditions_is_or),
		cmocka_unit_test(errors_name_line_and_column),
		cmocka_unit_test(deep_nesting_is_refused),
		cmocka_unit_test(a_detection_needs_its_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
