/* SPDX-License-Identifier: BSD-2-Clause
 * Which terminal an address is, through changes of address, and how long it was silent. */
#include "detect_harness.h"

static void lease(struct bench *b, double at, const char *address, const char *name)
{
	char json[512];

	snprintf(json, sizeof(json), "{\"event.dataset\":\"dhcp\",\"dhcp.message\":\"ack\",\"dhcp.assigned_ip\":\"%s\",\"dhcp.client.name\":\"%s\"}",
		 address, name);
	bench_record(b, at, json);
}

static const struct record *proxy(struct bench *b, double at, const char *from)
{
	char json[512];

	snprintf(json, sizeof(json), "{\"event.dataset\":\"proxy\",\"source.ip\":\"%s\",\"destination.ip\":\"10.1.250.10\"}", from);
	bench_record(b, at, json);
	return bench_last(b, DATASET_PROXY);
}

static void ntlm(struct bench *b, double at, const char *from, const char *workstation)
{
	char json[512];

	snprintf(json, sizeof(json), "{\"event.dataset\":\"auth\",\"source.ip\":\"%s\",\"auth.mechanism\":\"ntlm\",\"user.name\":\"tanaka\","
		 "\"auth.workstation\":\"%s\",\"event.outcome\":\"success\"}", from, workstation);
	bench_record(b, at, json);
}

static void an_address_is_its_own_label_until_a_name_leads_elsewhere(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	assert_true(record_text_is(proxy(&b, 0, "10.1.10.11"), FIELD_AUTH_TERMINAL, "10.1.10.11"));
	lease(&b, 1, "10.1.10.11", "pc-11.lab.example");
	lease(&b, 600, "10.1.20.7", "PC-11");
	assert_true(record_text_is(proxy(&b, 601, "10.1.20.7"), FIELD_AUTH_TERMINAL, "10.1.10.11"));
	bench_stop(&b);
}

static void the_workstation_of_a_logon_leads_too(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	ntlm(&b, 0, "10.1.10.12", "PC12");
	ntlm(&b, 60, "10.1.20.8", "PC12");
	assert_true(record_text_is(bench_last(&b, DATASET_AUTH), FIELD_AUTH_TERMINAL, "10.1.10.12"));
	bench_stop(&b);
}

/* Else all machines of a program that tells no name would be one. */
static void a_name_of_nobody_leads_nowhere(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	ntlm(&b, 0, "10.1.10.12", "WORKSTATION");
	ntlm(&b, 1, "10.1.10.13", "workstation");
	assert_true(record_text_is(bench_last(&b, DATASET_AUTH), FIELD_AUTH_TERMINAL, "10.1.10.13"));
	lease(&b, 2, "10.1.10.14", "localhost");
	assert_true(record_text_is(proxy(&b, 3, "10.1.10.14"), FIELD_AUTH_TERMINAL, "10.1.10.14"));
	bench_stop(&b);
}

/* The address of a terminal that left is given to another one. */
static void a_lease_to_another_name_ends_the_label(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	lease(&b, 0, "10.1.10.11", "pc11");
	lease(&b, 10, "10.1.10.12", "pc11");
	assert_true(record_text_is(proxy(&b, 11, "10.1.10.12"), FIELD_AUTH_TERMINAL, "10.1.10.11"));
	lease(&b, 20, "10.1.10.12", "pc99");
	assert_true(record_text_is(proxy(&b, 21, "10.1.10.12"), FIELD_AUTH_TERMINAL, "10.1.10.12"));
	bench_stop(&b);
}

static void what_ends_a_silence_says_how_long_it_was(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	assert_false(record_has(proxy(&b, 0, "10.1.10.11"), FIELD_SOURCE_SILENCE));
	assert_false(record_has(proxy(&b, 299, "10.1.10.11"), FIELD_SOURCE_SILENCE));
	assert_true(record_real(proxy(&b, 899, "10.1.10.11"), FIELD_SOURCE_SILENCE) == 600);
	assert_true(record_real(proxy(&b, 950, "10.1.10.11"), FIELD_SOURCE_SILENCE) == 600); /* the same burst */
	assert_false(record_has(proxy(&b, 970, "10.1.10.11"), FIELD_SOURCE_SILENCE));
	bench_stop(&b);
}

static void any_sound_ends_a_silence_and_one_unheard_counts_from_the_start(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	proxy(&b, 0, "10.1.10.11");
	bench_record(&b, 500, "{\"event.dataset\":\"dns\",\"source.ip\":\"10.1.10.11\",\"destination.ip\":\"10.1.100.10\"}");
	assert_false(record_has(proxy(&b, 790, "10.1.10.11"), FIELD_SOURCE_SILENCE));
	assert_true(record_real(proxy(&b, 800, "10.1.10.12"), FIELD_SOURCE_SILENCE) == 800);
	bench_stop(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_its_own_label_until_a_name_leads_elsewhere),
		cmocka_unit_test(the_workstation_of_a_logon_leads_too),
		cmocka_unit_test(a_name_of_nobody_leads_nowhere),
		cmocka_unit_test(a_lease_to_another_name_ends_the_label),
		cmocka_unit_test(what_ends_a_silence_says_how_long_it_was),
		cmocka_unit_test(any_sound_ends_a_silence_and_one_unheard_counts_from_the_start),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
