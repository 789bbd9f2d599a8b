/* SPDX-License-Identifier: BSD-2-Clause
 * Detections: modifiers, wildcards, types, null and absence, keywords (Sigma rules specification 2.1). */
#include "rule_testing.h"

#define UA "user_agent.original"
#define AGENT(text) "\"user_agent.original\": \"" text "\""

static void equality_ignores_case_unless_cased(void **state)
{
	(void)state;
	assert_true(line_fires(UA ": Curl/8", AGENT("cURL/8")));
	assert_false(line_fires(UA ": Curl/8", AGENT("cURL/8.1")));
	assert_false(line_fires(UA "|cased: Curl/8", AGENT("cURL/8")));
	assert_true(line_fires(UA "|cased: Curl/8", AGENT("Curl/8")));
	assert_false(line_fires(UA ": Curl/8", ""));
}

static void search_modifiers_look_where_they_say(void **state)
{
	(void)state;
	assert_true(line_fires(UA "|contains: EVIL", AGENT("an evil one")));
	assert_false(line_fires(UA "|contains: evill", AGENT("an evil one")));
	assert_true(line_fires(UA "|startswith: AN", AGENT("an evil one")));
	assert_false(line_fires(UA "|startswith: evil", AGENT("an evil one")));
	assert_true(line_fires(UA "|endswith: ONE", AGENT("an evil one")));
	assert_false(line_fires(UA "|endswith: evil", AGENT("an evil one")));
	assert_false(line_fires(UA "|contains|cased: EVIL", AGENT("an evil one")));
	assert_false(line_fires(UA "|endswith: longer than the text", AGENT("text")));
}

static void lists_are_or_and_all_makes_them_and(void **state)
{
	(void)state;
	assert_true(line_fires(UA "|contains: [nope, evil]", AGENT("evil")));
	assert_false(line_fires(UA "|contains|all: [nope, evil]", AGENT("evil")));
	assert_true(line_fires(UA "|contains|all: [nope, evil]", AGENT("evil nope")));
	assert_non_null(strstr(line_error(UA "|contains|all: evil"), "t.yml:5:"));
}

static void wildcards_stand_for_one_and_for_any(void **state)
{
	(void)state;
	assert_true(line_fires(UA ": 'a?c*e'", AGENT("abcde")));
	assert_true(line_fires(UA ": 'a?c*e'", AGENT("AXCe")));
	assert_false(line_fires(UA ": 'a?c*e'", AGENT("ace")));
	assert_false(line_fires(UA ": 'a?c*e'", AGENT("abcdef")));
	assert_true(line_fires(UA ": '*b*b*c'", AGENT("abbabac bc")));
	assert_false(line_fires(UA ": '*b*b*c'", AGENT("abac")));
	assert_true(line_fires(UA ": '*evil*'", AGENT("an evil one")));
	assert_true(line_fires(UA ": '*'", AGENT("")));
	assert_false(line_fires(UA ": '*'", ""));
	assert_true(line_fires(UA "|contains: 'a*c'", AGENT("xxabcxx")));
	assert_true(line_fires(UA ": '?'", AGENT("\xc3\xa9"))); /* one character, two bytes */
	assert_false(line_fires(UA ": '?'", AGENT("ab")));
}

static void a_backslash_escapes_wildcards_and_itself(void **state)
{
	(void)state;
	assert_true(line_fires(UA ": 'a\\*b'", AGENT("a*b")));
	assert_false(line_fires(UA ": 'a\\*b'", AGENT("axb")));
	assert_true(line_fires(UA ": 'a\\?b'", AGENT("a?b")));
	assert_true(line_fires(UA ": 'a\\b'", AGENT("a\\\\b")));
	assert_true(line_fires(UA ": 'a\\\\b'", AGENT("a\\\\b")));
	assert_true(line_fires(UA ": 'a\\\\*'", AGENT("a\\\\xyz"))); /* a, backslash, anything */
	assert_false(line_fires(UA ": 'a\\\\*'", AGENT("axyz")));
	assert_true(line_fires(UA ": 'a\\\\\\*'", AGENT("a\\\\*"))); /* a, backslash, star */
	assert_false(line_fires(UA ": 'a\\\\\\*'", AGENT("a\\\\x")));
	assert_true(line_fires(UA ": 'a\\\\\\\\b'", AGENT("a\\\\\\\\b"))); /* four are two */
	assert_true(line_fires(UA "|endswith: '\\'", AGENT("a\\\\")));
}

static void regular_expressions_have_their_flags(void **state)
{
	(void)state;
	assert_true(line_fires(UA "|re: '^b[ao]t\\d+$'", AGENT("bot42")));
	assert_false(line_fires(UA "|re: '^b[ao]t\\d+$'", AGENT("BOT42")));
	assert_true(line_fires(UA "|re|i: '^b[ao]t\\d+$'", AGENT("BOT42")));
	assert_false(line_fires(UA "|re: '^b$'", AGENT("a\\nb\\nc")));
	assert_true(line_fires(UA "|re|m: '^b$'", AGENT("a\\nb\\nc")));
	assert_false(line_fires(UA "|re: 'a.b'", AGENT("a\\nb")));
	assert_true(line_fires(UA "|re|s: 'a.b'", AGENT("a\\nb")));
	assert_true(line_fires(UA "|re: '(?i)BOT'", AGENT("robot")));
	assert_true(line_fires(UA "|re: '^$'", AGENT("")));
	assert_non_null(strstr(line_error(UA "|re: 'a(b'"), "regular expression"));
	assert_non_null(strstr(line_error(UA "|i: 'a'"), "needs 're'"));
}

static void a_regular_expression_that_explodes_gives_up(void **state)
{
	(void)state;
	assert_false(line_fires(UA "|re: '^(a+)+$'", AGENT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab")));
}

static void networks_hold_addresses_of_both_families(void **state)
{
	(void)state;
	assert_true(line_fires("source.ip|cidr: 10.0.0.0/8", "\"source.ip\": \"10.200.1.1\""));
	assert_false(line_fires("source.ip|cidr: 10.0.0.0/8", "\"source.ip\": \"11.0.0.1\""));
	assert_true(line_fires("source.ip|cidr: ['10.0.0.0/8', '2001:db8::/32']", "\"source.ip\": \"2001:db8::1\""));
	assert_false(line_fires("source.ip|cidr: '2001:db8::/32'", "\"source.ip\": \"2001:db9::1\""));
	assert_true(line_fires("source.ip: '2001:DB8::1'", "\"source.ip\": \"2001:db8:0::1\""));
	assert_true(line_fires("source.ip|startswith: '10.1.'", "\"source.ip\": \"10.1.2.3\""));
	assert_true(line_fires("source.ip: '10.1.*'", "\"source.ip\": \"10.1.2.3\""));
	assert_non_null(strstr(line_error("source.ip|cidr: 10.0.0.0/40"), "'10.0.0.0/40' is no network"));
	assert_non_null(strstr(line_error("source.ip: 10.0.0.0/8"), "modifier 'cidr'"));
	assert_non_null(strstr(line_error("source.ip: host"), "no IP address"));
	assert_non_null(strstr(line_error(UA "|cidr: 10.0.0.0/8"), "needs a field of type ip"));
}

static void numbers_compare_as_numbers(void **state)
{
	const char *status = "\"http.response.status_code\": 404";

	(void)state;
	assert_true(line_fires("http.response.status_code: 404", status));
	assert_true(line_fires("http.response.status_code: '0x194'", status));
	assert_true(line_fires("http.response.status_code: [200, 404]", status));
	assert_true(line_fires("http.response.status_code|gte: 404", status));
	assert_false(line_fires("http.response.status_code|gt: 404", status));
	assert_true(line_fires("http.response.status_code|lte: 404", status));
	assert_false(line_fires("http.response.status_code|lt: 404", status));
	assert_true(line_fires("http.response.status_code|gt: 403.5", status));
	assert_true(line_fires("http.response.status_code|gt: -1", status));
	assert_true(line_fires("http.response.status_code: '4*'", status));
	assert_true(line_fires("http.response.status_code|startswith: 4", status));
	assert_false(line_fires("http.response.status_code|gt: 1", ""));
	assert_non_null(strstr(line_error("http.response.status_code: many"), "t.yml:5:32: 'many' is not a number"));
	assert_non_null(strstr(line_error(UA "|gt: 5"), "need a number"));
}

static void neq_is_true_where_the_value_differs(void **state)
{
	(void)state;
	assert_true(line_fires("http.response.status_code|neq: 200", "\"http.response.status_code\": 404"));
	assert_false(line_fires("http.response.status_code|neq: [200, 404]", "\"http.response.status_code\": 404"));
	assert_true(line_fires(UA "|neq: a", AGENT("b")));
	assert_false(line_fires(UA "|neq: A", AGENT("a")));
	assert_false(line_fires(UA "|contains|neq: b", AGENT("abc")));
}

static void truth_values_are_true_or_false(void **state)
{
	(void)state;
	assert_true(line_fires("site.off_hours: true", "\"site.off_hours\": true"));
	assert_true(line_fires("site.off_hours: 'false'", "\"site.off_hours\": false"));
	assert_false(line_fires("site.off_hours: false", ""));
	assert_non_null(strstr(line_error("site.off_hours: maybe"), "neither true nor false"));
	assert_non_null(strstr(line_error("site.off_hours|contains: tr"), "true or false"));
}

static void absence_emptiness_and_existence_are_three_things(void **state)
{
	(void)state;
	assert_true(line_fires(UA ": null", ""));
	assert_false(line_fires(UA ": null", AGENT("")));
	assert_true(line_fires(UA ": ''", AGENT("")));
	assert_false(line_fires(UA ": ''", ""));
	assert_false(line_fires(UA ": ''", AGENT("x")));
	assert_true(line_fires(UA "|exists: true", AGENT("")));
	assert_false(line_fires(UA "|exists: true", ""));
	assert_true(line_fires(UA "|exists: false", ""));
	assert_true(line_fires(UA "|neq: null", AGENT("x")));
	assert_non_null(strstr(line_error(UA ": [a, null]"), "null"));
	assert_non_null(strstr(line_error(UA "|exists: perhaps"), "true or false"));
}

static void fields_compare_with_fields(void **state)
{
	const char *same = "\"url.domain\": \"Example.com\", \"http.request.host\": \"example.COM\"";
	const char *port = "\"url.domain\": \"example.com\", \"http.request.host\": \"example.com:8080\"";

	(void)state;
	assert_true(line_fires("http.request.host|fieldref: url.domain", same));
	assert_false(line_fires("http.request.host|fieldref|cased: url.domain", same));
	assert_false(line_fires("http.request.host|fieldref: url.domain", port));
	assert_true(line_fires("http.request.host|fieldref|startswith: url.domain", port));
	assert_false(line_fires("http.request.host|fieldref|endswith: url.domain", port));
	assert_true(line_fires("http.request.host|fieldref|contains: url.domain", port));
	assert_true(line_fires("http.request.host|fieldref|neq: url.domain", port));
	assert_false(line_fires("http.request.host|fieldref: url.domain", ""));
	assert_true(line_fires("source.ip|fieldref: destination.ip",
			       "\"source.ip\": \"10.0.0.1\", \"destination.ip\": \"10.0.0.1\""));
	assert_non_null(strstr(line_error("url.domain|fieldref: url.domian"), "did you mean 'url.domain'?"));
}

static void placeholders_become_their_values(void **state)
{
	(void)state;
	assert_true(line_fires("user.name|expand: '%admins%'", "\"user.name\": \"ADM-kato\""));
	assert_true(line_fires("user.name|expand: ['%admins%', root]", "\"user.name\": \"root\""));
	assert_false(line_fires("user.name|expand: '%admins%'", "\"user.name\": \"kato\""));
	assert_true(line_fires("user.name|expand: 'x-%admins%-%limit%'", "\"user.name\": \"x-administrator-5\""));
	assert_true(line_fires("user.name|expand: '\\%plain%admins%'", "\"user.name\": \"%plainadministrator\""));
	assert_true(line_fires("user.name: '%admins%'", "\"user.name\": \"%admins%\""));
	assert_true(line_fires("user.name|expand: '%traps%'", "\"user.name\": \"lab\\\\OLD\""));
	assert_true(line_fires("http.response.status_code|gte|expand: '%limit%'", "\"http.response.status_code\": 5"));
	assert_false(line_fires("http.response.status_code|gt|expand: '%limit%'", "\"http.response.status_code\": 5"));
	assert_true(line_fires("source.ip|cidr|expand: '%users%'", "\"source.ip\": \"10.1.20.5\""));
	assert_true(line_fires("source.ip|expand: '%dcs%'", "\"source.ip\": \"10.1.100.10\""));
	assert_non_null(strstr(line_error("user.name|expand: '%who%'"), "unknown placeholder '%who%'"));
}

static void a_placeholder_without_values_matches_nothing(void **state)
{
	(void)state;
	assert_false(line_fires("user.name|expand: '%nobody%'", "\"user.name\": \"root\""));
	assert_false(line_fires("user.name|contains|all|expand: '%nobody%'", "\"user.name\": \"root\""));
	assert_false(
		line_fires("http.response.status_code|gte|expand: '%nobody%'", "\"http.response.status_code\": 5"));
	assert_true(line_fires("user.name|expand: ['%nobody%', root]", "\"user.name\": \"root\""));
}

static void windash_takes_every_dash(void **state)
{
	(void)state;
	assert_true(line_fires(UA "|windash|contains: ' -f'", AGENT("cmd /F")));
	assert_true(line_fires(UA "|windash|contains: ' -f'", AGENT("cmd \xe2\x80\x93" "f")));
	assert_true(line_fires(UA "|windash|contains: ' /f -g'", AGENT("cmd -f \xe2\x80\x95g")));
	assert_false(line_fires(UA "|windash|contains: ' -f'", AGENT("cmd +f")));
}

static void encodings_change_the_constant(void **state)
{
	(void)state;
	assert_true(line_fires(UA "|base64: 'foobar'", AGENT("Zm9vYmFy")));
	assert_true(line_fires(UA "|base64: 'foob'", AGENT("Zm9vYg==")));
	/* "cmd" in UTF-16LE is 63 00 6d 00 64 00 */
	assert_true(line_fires(UA "|utf16le|base64: cmd", AGENT("YwBtAGQA")));
	assert_true(line_fires(UA "|wide|base64: cmd", AGENT("YwBtAGQA")));
	assert_true(line_fires(UA "|utf16be|base64: cmd", AGENT("AGMAbQBk")));
	assert_true(line_fires(UA "|utf16|base64: cmd", AGENT("//5jAG0AZAA=")));
	/* "http://" at each of the three offsets */
	assert_true(line_fires(UA "|base64offset|contains: 'http://'", AGENT("aHR0cDovL3g=")));
	assert_true(line_fires(UA "|base64offset|contains: 'http://'", AGENT("IGh0dHA6Ly94")));
	assert_true(line_fires(UA "|base64offset|contains: 'http://'", AGENT("ICBodHRwOi8veA==")));
	assert_false(line_fires(UA "|base64offset|contains: 'http://'", AGENT("aHR0cHM6Ly94")));
	assert_non_null(strstr(line_error(UA "|base64: 'a*'"), "cannot be encoded"));
	assert_non_null(strstr(line_error(UA "|base64offset|wide: 'a'"), "last"));
}

static void parts_of_the_time_are_numbers_in_utc(void **state)
{
	const char *when = "\"@timestamp\": \"2026-11-23T08:51:18Z\"";

	(void)state;
	assert_true(line_fires("'@timestamp|hour': 8", when));
	assert_true(line_fires("'@timestamp|hour|lt': 9", when));
	assert_false(line_fires("'@timestamp|hour|gte': 9", when));
	assert_true(line_fires("'@timestamp|minute': 51", when));
	assert_true(line_fires("'@timestamp|day': 23", when));
	assert_true(line_fires("'@timestamp|month': [1, 11]", when));
	assert_true(line_fires("'@timestamp|year': 2026", when));
	assert_true(line_fires("'@timestamp|week': 48", when));
	assert_true(line_fires("'@timestamp|week': 53", "\"@timestamp\": \"2027-01-01T00:00:00Z\""));
	assert_non_null(strstr(line_error(UA "|hour: 8"), "needs a field of type time"));
}

static void fields_of_the_struct_are_found(void **state)
{
	(void)state;
	assert_true(line_fires("event.dataset: HTTP", ""));
	assert_false(line_fires("event.dataset: dns", ""));
	assert_true(line_fires("event.kind: event", ""));
}

static void any_value_of_a_list_may_hold(void **state)
{
	const char *offers = "\"http.response.www_authenticate\": [\"negotiate\", \"ntlm\"]";

	(void)state;
	assert_true(line_fires("http.response.www_authenticate: NTLM", offers));
	assert_true(line_fires("http.response.www_authenticate|all: [ntlm, negotiate]", offers));
	assert_false(line_fires("http.response.www_authenticate: basic", offers));
}

static void keywords_are_searched_in_every_text(void **state)
{
	(void)state;
	assert_true(fires("  k: [mimi, 'evil*one']\n  condition: k", AGENT("an EVIL last one")));
	assert_true(fires("  k: [mimi, evil]\n  condition: k", "\"url.path\": \"/mimikatz\""));
	assert_false(fires("  k: [mimi, evil]\n  condition: k", AGENT("good")));
	assert_true(fires("  k:\n    '|all': [a1, b2]\n  condition: k", "\"url.path\": \"/a1\", " AGENT("b2")));
	assert_false(fires("  k:\n    '|all': [a1, b2]\n  condition: k", "\"url.path\": \"/a1\""));
}

static void maps_are_and_lists_of_maps_are_or(void **state)
{
	const char *s = "  s:\n    - url.path: /a\n      url.query: b\n    - url.path: /c\n  condition: s";

	(void)state;
	assert_true(fires(s, "\"url.path\": \"/a\", \"url.query\": \"b\""));
	assert_false(fires(s, "\"url.path\": \"/a\""));
	assert_true(fires(s, "\"url.path\": \"/c\""));
}

static void secrets_are_compared(void **state)
{
	(void)state;
	assert_true(line_fires("http.request.cookie|endswith: 'x=1'", "\"http.request.cookie\": \"a=2; x=1\""));
}

static void mistakes_are_told_with_their_place(void **state)
{
	(void)state;
	assert_string_equal(line_error("url.pth: /a"), "t.yml:5:5: unknown field 'url.pth', did you mean 'url.path'?");
	assert_string_equal(line_error("url.path|contians: /a"),
			    "t.yml:5:14: unknown modifier 'contians', did you mean 'contains'?");
	assert_non_null(strstr(line_error("url.path|contains|re: a"), "do not go together"));
	assert_non_null(strstr(line_error("url.path|contains|contains: a"), "stands twice"));
	assert_non_null(strstr(line_error("dns.question.name: a"), "carry no 'dns.question.name'"));
	assert_non_null(strstr(line_error("url.path: []"), "empty"));
	assert_non_null(strstr(line_error("url.path: {a: b}"), "expected a value, not a map"));
}

static bool may_match(const char *section, const char *members)
{
	static const enum field known[] = { FIELD_HTTP_REQUEST_METHOD, FIELD_URL_PORT };
	struct rules *r = load(detection_text(section));
	struct record *partial = record_new();
	struct error err = { 0 };
	char json[512];

	assert_non_null(partial);
	snprintf(json, sizeof(json), "{\"event.dataset\": \"http\"%s%s}", members[0] ? ", " : "", members);
	assert_true(record_from_json(bytes_string(json), partial, &err));
	bool may = rules_interest(r, partial, known, sizeof(known) / sizeof(known[0]));
	record_free(partial);
	rules_free(r);
	return may;
}

/* Known are the method and the port. */
static void what_depends_on_unknown_fields_may_match(void **state)
{
	static const char both[] = "  a: { http.request.method: GET, url.domain: evil }\n  condition: a";
	static const char either[] = "  a: { http.request.method: GET }\n  b: { url.domain: evil }\n  condition: a or b";
	static const char neither[] = "  a: { http.request.method: GET }\n  b: { url.domain: evil }\n  condition: not (a or b)";
	static const char absent[] = "  a: { url.port|exists: false }\n  condition: a";
	static const char unless[] = "  a: { url.port|gte: 1024 }\n  b: { url.domain: good }\n  condition: a and not b";
	static const char word[] = "  a: [evil]\n  condition: a";

	(void)state;
	assert_true(may_match(both, "\"http.request.method\": \"GET\""));
	assert_false(may_match(both, "\"http.request.method\": \"PUT\""));
	assert_true(may_match(either, "\"http.request.method\": \"PUT\""));
	assert_true(may_match(neither, "\"http.request.method\": \"PUT\""));
	assert_false(may_match(neither, "\"http.request.method\": \"GET\""));
	assert_true(may_match(absent, ""));
	assert_false(may_match(absent, "\"url.port\": 80"));
	assert_true(may_match(unless, "\"url.port\": 8080"));
	assert_false(may_match(unless, "\"url.port\": 80"));
	assert_true(may_match(word, ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equality_ignores_case_unless_cased),
		cmocka_unit_test(search_modifiers_look_where_they_say),
		cmocka_unit_test(lists_are_or_and_all_makes_them_and),
		cmocka_unit_test(wildcards_stand_for_one_and_for_any),
		cmocka_unit_test(a_backslash_escapes_wildcards_and_itself),
		cmocka_unit_test(regular_expressions_have_their_flags),
		cmocka_unit_test(a_regular_expression_that_explodes_gives_up),
		cmocka_unit_test(networks_hold_addresses_of_both_families),
		cmocka_unit_test(numbers_compare_as_numbers),
		cmocka_unit_test(neq_is_true_where_the_value_differs),
		cmocka_unit_test(truth_values_are_true_or_false),
		cmocka_unit_test(absence_emptiness_and_existence_are_three_things),
		cmocka_unit_test(fields_compare_with_fields),
		cmocka_unit_test(placeholders_become_their_values),
		cmocka_unit_test(a_placeholder_without_values_matches_nothing),
		cmocka_unit_test(windash_takes_every_dash),
		cmocka_unit_test(encodings_change_the_constant),
		cmocka_unit_test(parts_of_the_time_are_numbers_in_utc),
		cmocka_unit_test(fields_of_the_struct_are_found),
		cmocka_unit_test(any_value_of_a_list_may_hold),
		cmocka_unit_test(keywords_are_searched_in_every_text),
		cmocka_unit_test(maps_are_and_lists_of_maps_are_or),
		cmocka_unit_test(secrets_are_compared),
		cmocka_unit_test(mistakes_are_told_with_their_place),
		cmocka_unit_test(what_depends_on_unknown_fields_may_match),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
