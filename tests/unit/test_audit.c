/* SPDX-License-Identifier: BSD-2-Clause
 * Verdicts of the audit (MEASURES 16) as a table, and the cells of a small site. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../sensord/app/audit/audit.h"

static const struct audit_facts tried = { .kind = AUDIT_DENY, .count = { [AUDIT_STOPPED] = 1 }, .minimum = 1, .source_seen = true };

static void expect(const struct audit_facts *f, enum audit_verdict verdict, enum audit_why why)
{
	struct audit_finding found = audit_judge(f);

	assert_string_equal(audit_verdict_name(found.verdict), audit_verdict_name(verdict));
	assert_string_equal(audit_why_name(found.why), audit_why_name(why));
}

static void stopped_attempts_prove_a_forbidden_cell(void **state)
{
	(void)state;
	expect(&tried, AUDIT_PROVEN, WHY_STOPPED);
}

static void absence_is_never_proof(void **state)
{
	struct audit_facts f = tried;

	(void)state;
	f.count[AUDIT_STOPPED] = 0;
	expect(&f, AUDIT_NOT_EXERCISED, WHY_NEVER_TRIED);
	f.source_seen = false;
	expect(&f, AUDIT_NOT_EXERCISED, WHY_SOURCE_UNSEEN);
	f.kind = AUDIT_ALLOW;
	expect(&f, AUDIT_NOT_EXERCISED, WHY_SOURCE_UNSEEN);
	f.kind = AUDIT_TRACE;
	expect(&f, AUDIT_NOT_EXERCISED, WHY_SOURCE_UNSEEN);
}

static void one_breach_outweighs_every_stop(void **state)
{
	struct audit_facts f = tried;

	(void)state;
	f.count[AUDIT_STOPPED] = 1000;
	f.lossy = f.one_sided = f.control_missing = true;
	f.count[AUDIT_OPEN] = 1;
	expect(&f, AUDIT_VIOLATED, WHY_PATH_OPEN);
	f.count[AUDIT_SUCCEEDED] = 1;
	expect(&f, AUDIT_VIOLATED, WHY_CAME_THROUGH);
}

/* Each alone takes the proof away. */
static void what_weakens_the_evidence_makes_it_inconclusive(void **state)
{
	(void)state;
	struct audit_facts f = tried;
	f.one_sided = true;
	expect(&f, AUDIT_INCONCLUSIVE, WHY_ONE_SIDED);
	f = tried;
	f.lossy = true;
	expect(&f, AUDIT_INCONCLUSIVE, WHY_LOSS);
	f = tried;
	f.control_missing = true;
	expect(&f, AUDIT_INCONCLUSIVE, WHY_NO_CONTROL);
	f = tried;
	f.minimum = 2;
	expect(&f, AUDIT_INCONCLUSIVE, WHY_TOO_FEW);
	f = tried;
	f.count[AUDIT_UNCLEAR] = 1;
	expect(&f, AUDIT_INCONCLUSIVE, WHY_UNCLEAR);
	f.weak = true;
	expect(&f, AUDIT_INCONCLUSIVE, WHY_WEAK);
	f = tried;
	f.count[AUDIT_STOPPED] = 0;
	f.count[AUDIT_DEAD] = 5;
	expect(&f, AUDIT_INCONCLUSIVE, WHY_DEAD);
}

static void dead_targets_beside_live_ones_do_not_matter(void **state)
{
	struct audit_facts f = tried;

	(void)state;
	f.count[AUDIT_DEAD] = 200;
	expect(&f, AUDIT_PROVEN, WHY_STOPPED);
}

static void a_trap_that_nobody_hears_is_not_proven(void **state)
{
	struct audit_facts f = tried;

	(void)state;
	f.alarm = true;
	expect(&f, AUDIT_INCONCLUSIVE, WHY_NO_ALARM);
	f.count[AUDIT_TOLD] = 1;
	expect(&f, AUDIT_PROVEN, WHY_STOPPED);
}

static void an_allowed_path_has_to_be_seen_working(void **state)
{
	struct audit_facts f = { .kind = AUDIT_ALLOW, .count = { [AUDIT_SUCCEEDED] = 1 }, .source_seen = true };

	(void)state;
	expect(&f, AUDIT_PROVEN, WHY_WORKS);
	f.count[AUDIT_STOPPED] = 3;
	expect(&f, AUDIT_PROVEN, WHY_WORKS);
	f.count[AUDIT_SUCCEEDED] = 0;
	expect(&f, AUDIT_INCONCLUSIVE, WHY_FAILS);
}

static void a_trace_has_to_be_told_by_its_rule(void **state)
{
	struct audit_facts f = { .kind = AUDIT_TRACE, .count = { [AUDIT_STOPPED] = 2 }, .source_seen = true };

	(void)state;
	expect(&f, AUDIT_NOT_EXERCISED, WHY_BELOW_RULE);
	f.count[AUDIT_TOLD] = 1;
	expect(&f, AUDIT_PROVEN, WHY_TOLD);
}

static void what_no_wire_shows_stays_not_visible(void **state)
{
	struct audit_facts f = tried;

	(void)state;
	f.kind = AUDIT_PAPER;
	expect(&f, AUDIT_NOT_VISIBLE, WHY_DOCUMENT);
	f = tried;
	f.count[AUDIT_STOPPED] = 0;
	f.wire_missing = true;
	expect(&f, AUDIT_NOT_VISIBLE, WHY_NO_WIRE);
	f.count[AUDIT_SUCCEEDED] = 1; /* seen all the same */
	expect(&f, AUDIT_VIOLATED, WHY_CAME_THROUGH);
}

static void an_exception_exempts_only_what_was_not_tried_beside_it(void **state)
{
	struct audit_facts f = tried;

	(void)state;
	f.count[AUDIT_EXEMPTED] = 1;
	expect(&f, AUDIT_PROVEN, WHY_STOPPED);
	f.count[AUDIT_STOPPED] = 0;
	expect(&f, AUDIT_EXEMPT, WHY_EXCEPTION);
	f.count[AUDIT_SUCCEEDED] = 1;
	expect(&f, AUDIT_VIOLATED, WHY_CAME_THROUGH);
}

static void every_reason_and_verdict_has_its_words(void **state)
{
	(void)state;
	for (enum audit_why w = 0; w < WHY_COUNT; w++) {
		assert_non_null(audit_why_name(w));
		assert_non_null(audit_why_text(w));
		assert_non_null(audit_why_text_ja(w));
	}
	for (enum audit_verdict v = 0; v < AUDIT_VERDICTS; v++)
		assert_int_equal(audit_verdict_find(bytes_string(audit_verdict_name(v))), v);
	assert_int_equal(audit_verdict_find(bytes_string("FINE")), AUDIT_VERDICTS);
}

/* ---- cells ---- */

static struct site *parse(const char *yaml)
{
	struct error err = { 0 };
	struct site *s = site_parse("test", bytes_string(yaml), &err);

	if (!s)
		fail_msg("%s", err.text);
	return s;
}

static const struct audit_cell *cell(const struct audit *a, const char *id)
{
	char room[AUDIT_ID];

	for (size_t i = 0; i < a->n_cells; i++)
		if (strcmp(audit_id(&a->cells[i], room, sizeof(room)), id) == 0)
			return &a->cells[i];
	return NULL;
}

static const struct audit_options once = { .attempts = 1, .coverage = 100 };

static void the_policy_says_which_cells_allow_and_which_deny(void **state)
{
	struct site *s = parse("site:\n  zones:\n    users: { networks: [10.1.0.0/16], role: user }\n"
			       "    servers: { networks: [10.2.0.0/16, \"2001:db8::/64\"], role: server }\n"
			       "  policy:\n    - { from: users, to: servers, service: [smb, dns] }\n");
	struct audit *a = audit_new(s, &once);

	(void)state;
	assert_int_equal(cell(a, "D/users>servers/smb/ipv4")->kind, AUDIT_ALLOW);
	assert_int_equal(cell(a, "D/users>servers/ssh/ipv4")->kind, AUDIT_DENY);
	assert_int_equal(cell(a, "D/servers>users/smb/ipv4")->kind, AUDIT_DENY); /* the other direction is a cell of its own */
	assert_null(cell(a, "D/users>servers/smb/ipv6"));                        /* users have no IPv6 */
	assert_non_null(cell(a, "A/servers 2001:db8::/64>internet/tcp/443/ipv6"));
	assert_int_equal(cell(a, "B/site as a whole>site as a whole/proxies/any")->kind, AUDIT_MISSING);
	audit_free(a);
	site_free(s);
}

static void a_dated_exception_exempts_a_whole_cell_while_it_lasts(void **state)
{
	struct site *s = parse("site:\n  zones:\n    users: { networks: [10.1.0.0/16], role: user }\n    servers: { networks: [10.2.0.0/16], role: server }\n"
			       "  policy:\n    - { from: users, to: servers, service: dns }\n"
			       "  exceptions:\n    - { rule: D-04, from: users, to: servers, port: 22, owner: net, reason: move, expires: 2026-12-31 }\n");
	struct audit *a = audit_new(s, &once);

	(void)state;
	a->quality.last_ns = UINT64_C(1790000000) * 1000000000; /* September 2026 */
	audit_decide(a);
	assert_int_equal(cell(a, "D/users>servers/ssh/ipv4")->finding.verdict, AUDIT_EXEMPT);
	assert_int_equal(cell(a, "D/users>servers/rdp/ipv4")->finding.verdict, AUDIT_NOT_EXERCISED);
	audit_free(a);
	a = audit_new(s, &once);
	a->quality.last_ns = UINT64_C(1800000000) * 1000000000; /* 2027 */
	audit_decide(a);
	assert_int_equal(cell(a, "D/users>servers/ssh/ipv4")->finding.verdict, AUDIT_NOT_EXERCISED);
	audit_free(a);
	site_free(s);
}

static void coverage_leaves_out_what_cannot_be_decided_here(void **state)
{
	struct audit_sum sum = { .of = { [AUDIT_PROVEN] = 3, [AUDIT_VIOLATED] = 1, [AUDIT_NOT_EXERCISED] = 1, [AUDIT_NOT_VISIBLE] = 5, [AUDIT_EXEMPT] = 2 }, .all = 12 };

	(void)state;
	assert_int_equal(audit_coverage(&sum), 80);
	sum = (struct audit_sum){ 0 };
	assert_int_equal(audit_coverage(&sum), 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stopped_attempts_prove_a_forbidden_cell),
		cmocka_unit_test(absence_is_never_proof),
		cmocka_unit_test(one_breach_outweighs_every_stop),
		cmocka_unit_test(what_weakens_the_evidence_makes_it_inconclusive),
		cmocka_unit_test(dead_targets_beside_live_ones_do_not_matter),
		cmocka_unit_test(a_trap_that_nobody_hears_is_not_proven),
		cmocka_unit_test(an_allowed_path_has_to_be_seen_working),
		cmocka_unit_test(a_trace_has_to_be_told_by_its_rule),
		cmocka_unit_test(what_no_wire_shows_stays_not_visible),
		cmocka_unit_test(an_exception_exempts_only_what_was_not_tried_beside_it),
		cmocka_unit_test(every_reason_and_verdict_has_its_words),
		cmocka_unit_test(the_policy_says_which_cells_allow_and_which_deny),
		cmocka_unit_test(a_dated_exception_exempts_a_whole_cell_while_it_lasts),
		cmocka_unit_test(coverage_leaves_out_what_cannot_be_decided_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
