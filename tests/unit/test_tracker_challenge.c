/* SPDX-License-Identifier: BSD-2-Clause
 * Which challenges of a proxy are given up and which are only the opening of a handshake. */
#include <stdio.h>

#include "detect_harness.h"

static void request(struct bench *b, double at, unsigned port, const char *agent, const char *scheme, unsigned status)
{
	char json[1024];

	snprintf(json, sizeof(json), "{\"event.dataset\":\"proxy\",\"http.request.method\":\"GET\",\"source.ip\":\"10.1.10.11\","
		 "\"source.port\":%u,\"destination.ip\":\"10.1.250.10\",\"destination.port\":8080,\"url.domain\":\"c2.example\","
		 "\"url.port\":80,\"user_agent.original\":\"%s\",\"proxy.auth.scheme\":\"%s\",\"http.response.status_code\":%u,"
		 "\"proxy.authenticated\":%s}", port, agent, scheme, status, status == 407 ? "false" : "true");
	bench_record(b, at, json);
}

static size_t given_up(const struct bench *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n_seen; i++)
		n += record_text_is(b->seen[i], FIELD_EVENT_ACTION, "gave-up");
	return n;
}

static void a_challenge_without_answer_is_told_after_the_wait(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	request(&b, 0, 50000, "tool", "none", 407);
	bench_tick(&b, 29);
	assert_int_equal(given_up(&b), 0);
	bench_tick(&b, 31);
	assert_int_equal(given_up(&b), 1);
	const struct record *r = bench_last(&b, DATASET_PROXY);
	assert_true(record_text_is(r, FIELD_URL_DOMAIN, "c2.example"));
	assert_int_equal(r->time_ns, BENCH_START * NS_PER_S);
	bench_stop(&b);
}

static void the_end_of_the_capture_decides_what_waits(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	request(&b, 0, 50000, "tool", "none", 407);
	request(&b, 1, 50001, "tool", "none", 407);
	detect_finish(b.detect, 0);
	assert_int_equal(given_up(&b), 2);
	bench_stop(&b);
}

static void a_credential_takes_away_all_that_waits(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	for (unsigned i = 0; i < 12; i++)
		request(&b, 0.01 * i, 50000 + i, "browser", "none", 407);
	request(&b, 0.5, 50000, "browser", "ntlm", 407); /* the opening of the handshake already is a credential */
	detect_finish(b.detect, 0);
	assert_int_equal(given_up(&b), 0);
	bench_stop(&b);
}

static void a_credential_much_later_answers_nothing(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	request(&b, 0, 50000, "tool", "none", 407);
	request(&b, 8, 50001, "tool", "none", 407);
	request(&b, 15, 50002, "tool", "ntlm", 200);
	detect_finish(b.detect, 0);
	assert_int_equal(given_up(&b), 1);
	bench_stop(&b);
}

static void a_credential_told_late_answers_for_its_own_time(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	request(&b, 0, 50000, "browser", "none", 407);
	bench_tick(&b, 25);
	request(&b, 0.1, 50000, "browser", "negotiate", 200); /* the server took 25 seconds */
	request(&b, 24, 50001, "browser", "none", 407);
	detect_finish(b.detect, 0);
	assert_int_equal(given_up(&b), 1); /* that of second 24 */
	bench_stop(&b);
}

static void challenges_soon_after_a_credential_are_ordinary(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	request(&b, 0, 50000, "browser", "basic", 200);
	request(&b, 9, 50001, "browser", "none", 407);
	request(&b, 11, 50002, "browser", "none", 407);
	detect_finish(b.detect, 0);
	assert_int_equal(given_up(&b), 1);
	bench_stop(&b);
}

static void another_program_of_the_same_terminal_does_not_answer_for_it(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	request(&b, 0, 50000, "tool", "none", 407);
	request(&b, 0.2, 50001, "browser", "none", 407);
	request(&b, 0.3, 50001, "browser", "negotiate", 200);
	detect_finish(b.detect, 0);
	assert_int_equal(given_up(&b), 1);
	assert_true(record_text_is(bench_last(&b, DATASET_PROXY), FIELD_USER_AGENT_ORIGINAL, "tool"));
	bench_stop(&b);
}

static void more_challenges_than_room_are_told_early_and_none_is_lost(void **state)
{
	struct bench b;
	size_t n = 0;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	for (unsigned i = 0; i < 5000; i++) {
		request(&b, 0.001 * i, 10000 + i, "tool", "none", 407);
		n += given_up(&b);
		bench_forget(&b);
	}
	assert_int_equal(n, 5000 - 4096);
	bench_stop(&b); /* what still waits is freed */
}

static void the_pace_of_what_is_given_up_is_told(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	for (unsigned i = 0; i < 6; i++)
		request(&b, 120 * i, 50000 + i, "tool", "none", 407);
	detect_finish(b.detect, 0);
	const struct record *r = bench_last(&b, DATASET_BEACON);
	assert_non_null(r);
	assert_true(record_text_is(r, FIELD_BEACON_KIND, "challenge"));
	assert_true(record_text_is(r, FIELD_BEACON_TARGET, "c2.example:80"));
	assert_true(record_real(r, FIELD_BEACON_INTERVAL) == 120.0);
	bench_stop(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_challenge_without_answer_is_told_after_the_wait),
		cmocka_unit_test(the_end_of_the_capture_decides_what_waits),
		cmocka_unit_test(a_credential_takes_away_all_that_waits),
		cmocka_unit_test(a_credential_much_later_answers_nothing),
		cmocka_unit_test(a_credential_told_late_answers_for_its_own_time),
		cmocka_unit_test(challenges_soon_after_a_credential_are_ordinary),
		cmocka_unit_test(another_program_of_the_same_terminal_does_not_answer_for_it),
		cmocka_unit_test(more_challenges_than_room_are_told_early_and_none_is_lost),
		cmocka_unit_test(the_pace_of_what_is_given_up_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
