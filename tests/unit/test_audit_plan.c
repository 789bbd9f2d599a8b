/* SPDX-License-Identifier: BSD-2-Clause
 * The plan of the audit: a probe for every cell that is open and for no other, the same as text and as a script. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "../../sensord/app/audit/audit_words.h"
#include "../../sensord/app/audit/audit_write.h"

static const struct audit_options once = { .attempts = 1, .coverage = 100 };

static struct audit *audit_of(const char *yaml, struct site **ret_site)
{
	struct error err = { 0 };

	*ret_site = site_parse("test", bytes_string(yaml), &err);
	if (!*ret_site)
		fail_msg("%s", err.text);
	struct audit *a = audit_new(*ret_site, &once);
	assert_non_null(a);
	audit_decide(a);
	return a;
}

static char *plan_of(const struct audit *a, bool script)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	assert_true(audit_write_plan(f, a, script));
	fclose(f);
	return text;
}

static size_t times(const char *text, const char *part)
{
	size_t n = 0;

	for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
		n++;
	return n;
}

static const char small[] = "site:\n  zones:\n    users: { networks: [10.1.0.0/24], role: user }\n    servers: { "
			    "networks: [10.2.0.0/24], role: server }\n"
			    "  policy:\n    - { from: users, to: servers, service: [dns, tcp/8443] }\n    - { from: "
			    "users, to: 10.2.0.9, service: any, action: deny }\n";

static void every_open_cell_is_named(void **state)
{
	struct site *s;
	struct audit *a = audit_of(small, &s);
	char *text = plan_of(a, false), *script = plan_of(a, true);
	size_t open = 0;

	(void)state;
	for (size_t i = 0; i < a->n_cells; i++) {
		const struct audit_cell *c = &a->cells[i];
		bool wanted = c->finding.verdict == AUDIT_NOT_EXERCISED && audit_listed(c);
		open += wanted;
		/* One scan tries several: the others add their item to its line. */
		if (wanted && (!strstr(text, c->item) || !strstr(script, c->item)))
			fail_msg("%s>%s %s is not in the plan", c->from, c->to, c->item);
		if (c->kind == AUDIT_PAPER && strstr(text, c->item))
			fail_msg("%s: no probe shows it", c->item);
	}
	char head[64];
	snprintf(head, sizeof(head), "%zu cells are still to be tried", open);
	assert_non_null(strstr(text, head));
	free(text);
	free(script);
	audit_free(a);
	site_free(s);
}

static void what_is_decided_needs_no_probe(void **state)
{
	struct site *s;
	struct audit *a = audit_of(small, &s);

	(void)state;
	for (size_t i = 0; i < a->n_cells; i++)
		a->cells[i].finding.verdict = i % 2 ? AUDIT_PROVEN : AUDIT_VIOLATED;
	char *text = plan_of(a, false), *script = plan_of(a, true);
	assert_non_null(strstr(text, "0 cells are still to be tried"));
	assert_null(strstr(script, "\ttell "));
	free(text);
	free(script);
	audit_free(a);
	site_free(s);
}

static void text_and_script_run_the_same_commands(void **state)
{
	struct site *s;
	struct audit *a = audit_of(small, &s);
	char *text = plan_of(a, false), *script = plan_of(a, true);

	(void)state;
	assert_int_equal(times(text, "\n      run: "), times(script, "\n\ttell "));
	assert_non_null(strstr(text, "nc -vz -w 5 \"${SERVERS_HOST:?a live host}\" 8443"));
	assert_non_null(strstr(script, "nc -vz -w 5 \"${SERVERS_HOST:?a live host}\" 8443"));
	assert_non_null(strstr(text, "dig +time=3 +tries=1 \"@${SERVERS_HOST:?a live host}\" example.com"));
	assert_non_null(strstr(text, "-p 22 10.2.0.9")); /* denied to one host: service by service, there */
	free(text);
	free(script);
	audit_free(a);
	site_free(s);
}

static void names_of_the_site_file_run_nothing(void **state)
{
	struct site *s;
	struct audit *a = audit_of("site:\n  zones:\n    \"a'; rm x; '\": { networks: [10.1.0.0/24], role: user }\n    "
				   "\"$(rm y)\\n`rm z`\": { networks: [10.2.0.0/24], role: server }\n"
				   "    \"\xe5\x96\xb6\xe6\xa5\xad\": { networks: [10.3.0.0/24], role: dmz }\n    "
				   "\"\xe7\xb5\x8c\xe7\x90\x86\": { networks: [10.4.0.0/24], role: dmz }\n"
				   "  policy:\n    - { from: 10.9.9.9, to: any, service: ssh }\n",
				   &s);
	char *script = plan_of(a, true);

	(void)state;
	assert_null(strstr(script, "'a'; rm")); /* the quote is broken up */
	assert_non_null(strstr(script, "a'\\''; rm x; '\\''"));
	assert_null(strstr(script, "\n`rm z`")); /* no line of its own */
	assert_non_null(
		strstr(script, "\"${ZONE_3_HOST:?a live host}\"")); /* two names that differ in no ASCII letter */
	assert_non_null(strstr(script, "\"${ZONE_4_HOST:?a live host}\""));
	free(script);
	audit_free(a);
	site_free(s);
}

static void a_row_that_denies_everything_has_a_cell_for_each_pair_and_service(void **state)
{
	struct site *s;
	struct audit *a = audit_of("site:\n  zones:\n    users: { networks: [10.1.0.0/24], role: user }\n    servers: "
				   "{ networks: [10.2.0.0/24], role: server }\n"
				   "  policy:\n    - { from: users, to: servers, service: dns }\n    - { from: any, "
				   "to: any, service: any, action: deny }\n",
				   &s);
	bool ssh = false, all = false;

	(void)state;
	for (size_t i = 0; i < a->n_cells; i++) {
		const struct audit_cell *c = &a->cells[i];
		ssh |= strcmp(c->from, "servers") == 0 && strcmp(c->to, "users") == 0 && strcmp(c->item, "ssh") == 0;
		all |= strcmp(c->item, "any") == 0;
	}
	assert_true(ssh);
	assert_false(all);
	audit_free(a);
	site_free(s);
}

/* Nothing proven is no pass, however little was asked for. */
static void without_a_proof_nothing_is_passed(void **state)
{
	struct site *s;
	struct audit *a = audit_of(small, &s);

	(void)state;
	for (size_t i = 0; i < a->n_cells; i++)
		a->cells[i].finding.verdict = AUDIT_NOT_VISIBLE;
	assert_false(audit_passed(a));
	a->cells[0].finding.verdict = AUDIT_PROVEN;
	assert_true(audit_passed(a));
	a->quality.problems = 1;
	assert_false(audit_passed(a));
	audit_free(a);
	site_free(s);
}

static void every_place_and_hint_has_its_japanese(void **state)
{
	struct site *s;
	struct audit *a =
		audit_of("site:\n  zones:\n    u: { networks: [10.1.0.0/24, 10.3.0.0/24], role: user }\n    s: { "
			 "networks: [10.2.0.0/24], role: server }\n    m: { networks: [10.9.0.0/24], role: admin }\n"
			 "  proxies:\n    - { address: 10.2.0.8, ports: [8080], authentication: required, "
			 "auth_exempt_hosts: [x.example] }\n  file_servers: [10.2.0.9]\n"
			 "  accounts: { trap: [t], admin: [a] }\n  connect: { force_cut_seconds: 60 }\n  policy:\n    "
			 "- { from: u, to: s, service: dns }\n",
			 &s);
	static const char *const names[] = { "u", "s", "m", "dns" };

	(void)state;
	for (size_t i = 0; i < a->n_cells; i++) {
		const struct audit_cell *c = &a->cells[i];
		struct words hint = audit_words(c->hint ? c->hint : "users"), from = audit_words(c->from);
		bool named = strchr(c->from, ' ') && strchr(c->from, '/');
		for (size_t k = 0; k < ARRAY_SIZE(names); k++)
			named |= strcmp(c->from, names[k]) == 0;
		if (hint.en == hint.ja)
			fail_msg("no Japanese: %s", hint.en);
		if (from.en == from.ja && !named)
			fail_msg("no Japanese: %s", from.en);
	}
	audit_free(a);
	site_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_open_cell_is_named),
		cmocka_unit_test(what_is_decided_needs_no_probe),
		cmocka_unit_test(text_and_script_run_the_same_commands),
		cmocka_unit_test(names_of_the_site_file_run_nothing),
		cmocka_unit_test(a_row_that_denies_everything_has_a_cell_for_each_pair_and_service),
		cmocka_unit_test(without_a_proof_nothing_is_passed),
		cmocka_unit_test(every_place_and_hint_has_its_japanese),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
