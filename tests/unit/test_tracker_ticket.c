/* SPDX-License-Identifier: BSD-2-Clause
 * Whose ticket it is, where it was issued to, and whether anybody issued it. */
#include <stdio.h>

#include "detect_harness.h"

#define TGT "0123456789abcdef0123456789abcdef"
#define SERVICE "fedcba9876543210fedcba9876543210"
#define STRANGE "00000000000000000000000000000000"

/* An exchange with the KDC; more: further members, with their comma in front. */
static void exchange(struct bench *b, double at, const char *from, const char *type, const char *new_ticket, const char *more)
{
	char json[1024];

	snprintf(json, sizeof(json), "{\"event.dataset\":\"kerberos\",\"kerberos.type\":\"%s\",\"source.ip\":\"%s\","
		 "\"destination.ip\":\"10.1.100.10\",\"kerberos.realm\":\"LAB.EXAMPLE\",\"event.outcome\":\"success\","
		 "\"kerberos.new_ticket\":\"%s\"%s}", type, from, new_ticket, more);
	bench_record(b, at, json);
}

static void tanaka_logs_on(struct bench *b, double at)
{
	exchange(b, at, "10.1.10.11", "AS", TGT, ",\"user.name\":\"tanaka\",\"user.domain\":\"LAB.EXAMPLE\"");
}

static const struct record *show(struct bench *b, double at, const char *kind, const char *from, const char *ticket)
{
	char json[1024];

	snprintf(json, sizeof(json), "{\"event.dataset\":\"%s\",\"source.ip\":\"%s\",\"destination.ip\":\"10.1.100.20\","
		 "\"kerberos.ticket\":\"%s\",\"kerberos.ticket_realm\":\"lab.example\"}", kind, from, ticket);
	bench_record(b, at, json);
	return bench_last(b, dataset_find(bytes_string(kind)));
}

static void a_ticket_names_the_account_wherever_it_is_shown(void **state)
{
	static const char *const kinds[] = { "auth", "smb", "http", "proxy", "dce_rpc", "ldap" };
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	tanaka_logs_on(&b, 0);
	exchange(&b, 1, "10.1.10.11", "TGS", SERVICE, ",\"kerberos.ticket\":\"" TGT "\"");
	const struct record *tgs = bench_last(&b, DATASET_KERBEROS);
	assert_true(record_text_is(tgs, FIELD_USER_NAME, "tanaka"));
	assert_true(record_text_is(tgs, FIELD_AUTH_ATTRIBUTED_BY, "ticket"));
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const struct record *r = show(&b, 2, kinds[i], "10.1.10.11", SERVICE);
		assert_true(record_text_is(r, FIELD_USER_NAME, "tanaka"));
		assert_true(record_text_is(r, FIELD_USER_DOMAIN, "LAB.EXAMPLE"));
		assert_true(record_text_is(r, FIELD_AUTH_ATTRIBUTED_BY, "ticket"));
		assert_true(record_text_is(r, FIELD_USER_CLASS, "other"));
		assert_false(record_has(r, FIELD_KERBEROS_TICKET_MOVED));
		assert_false(record_has(r, FIELD_KERBEROS_TICKET_UNSEEN));
	}
	bench_stop(&b);
}

static void the_class_of_an_account_found_so_is_the_sites(void **state)
{
	static const char site[] = "site:\n  accounts:\n    trap: [tanaka]\n";
	struct bench b;

	(void)state;
	bench_start(&b, site, 8u << 20, true);
	tanaka_logs_on(&b, 0);
	assert_true(record_text_is(show(&b, 1, "smb", "10.1.10.11", TGT), FIELD_USER_CLASS, "trap"));
	bench_stop(&b);
}

static void a_name_on_the_wire_is_kept(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	tanaka_logs_on(&b, 0);
	bench_record(&b, 1, "{\"event.dataset\":\"auth\",\"source.ip\":\"10.1.10.11\",\"user.name\":\"suzuki\","
			    "\"auth.attributed_by\":\"wire\",\"kerberos.ticket\":\"" TGT "\"}");
	const struct record *r = bench_last(&b, DATASET_AUTH);
	assert_true(record_text_is(r, FIELD_USER_NAME, "suzuki"));
	assert_true(record_text_is(r, FIELD_AUTH_ATTRIBUTED_BY, "wire"));
	bench_stop(&b);
}

static void a_ticket_shown_from_elsewhere_has_moved(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	tanaka_logs_on(&b, 0);
	const struct record *r = show(&b, 1, "smb", "10.1.10.66", TGT);
	struct address home;
	assert_true(address_parse(bytes_string("10.1.10.11"), &home));
	assert_true(record_bool(r, FIELD_KERBEROS_TICKET_MOVED));
	assert_true(address_equal(record_ip(r, FIELD_KERBEROS_TICKET_ISSUED_TO), &home));
	assert_true(record_text_is(r, FIELD_USER_NAME, "tanaka"));
	bench_stop(&b);
}

/* KDCs are often asked over IPv4 where the service is then reached over IPv6. */
static void the_other_family_is_the_same_host_until_it_changes(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	tanaka_logs_on(&b, 0);
	assert_false(record_has(show(&b, 1, "smb", "2001:db8:1:10::11", TGT), FIELD_KERBEROS_TICKET_MOVED));
	assert_false(record_has(show(&b, 2, "smb", "2001:db8:1:10::11", TGT), FIELD_KERBEROS_TICKET_MOVED));
	assert_true(record_bool(show(&b, 3, "smb", "2001:db8:1:10::66", TGT), FIELD_KERBEROS_TICKET_MOVED));
	bench_stop(&b);
}

static void a_forwarded_ticket_and_a_proxys_are_not_moved(void **state)
{
	static const char site[] = "site:\n  proxies:\n    - { address: 10.1.250.10, ports: [8080] }\n";
	struct bench b;

	(void)state;
	bench_start(&b, site, 8u << 20, true);
	exchange(&b, 0, "10.1.10.11", "TGS", SERVICE, ",\"user.name\":\"tanaka\",\"kerberos.options\":[\"forwardable\",\"forwarded\"]");
	const struct record *r = show(&b, 1, "auth", "10.1.100.20", SERVICE);
	assert_true(record_bool(r, FIELD_KERBEROS_TICKET_FORWARDED));
	assert_false(record_has(r, FIELD_KERBEROS_TICKET_MOVED));
	tanaka_logs_on(&b, 2);
	assert_false(record_has(show(&b, 3, "http", "10.1.250.10", TGT), FIELD_KERBEROS_TICKET_MOVED));
	bench_stop(&b);
}

static void a_ticket_nobody_issued_is_told_with_how_long_that_was_watched(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	const struct record *r = show(&b, 0, "smb", "10.1.10.11", STRANGE);
	assert_false(record_has(r, FIELD_KERBEROS_TICKET_UNSEEN)); /* no KDC of that realm is known */
	tanaka_logs_on(&b, 10);
	r = show(&b, 3610, "smb", "10.1.10.11", STRANGE);
	assert_true(record_bool(r, FIELD_KERBEROS_TICKET_UNSEEN));
	assert_true(record_real(r, FIELD_KERBEROS_KDC_WATCHED) == 3600.0);
	assert_false(record_has(r, FIELD_USER_NAME));
	bench_stop(&b);
}

static void a_further_kdc_begins_the_watch_anew(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	tanaka_logs_on(&b, 0);
	bench_record(&b, 600, "{\"event.dataset\":\"kerberos\",\"kerberos.type\":\"AS\",\"source.ip\":\"10.1.10.12\","
			      "\"destination.ip\":\"10.1.100.11\",\"kerberos.realm\":\"LAB.EXAMPLE\",\"kerberos.new_ticket\":\"" SERVICE "\"}");
	tanaka_logs_on(&b, 700);
	assert_true(record_real(show(&b, 900, "smb", "10.1.10.11", STRANGE), FIELD_KERBEROS_KDC_WATCHED) == 300.0);
	bench_stop(&b);
}

static void a_ticket_of_the_day_before_yesterday_is_forgotten(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	tanaka_logs_on(&b, 0);
	show(&b, 23 * 3600, "smb", "10.1.10.11", TGT);
	assert_true(record_text_is(bench_last(&b, DATASET_SMB), FIELD_USER_NAME, "tanaka"));
	const struct record *r = show(&b, 25 * 3600, "smb", "10.1.10.11", TGT);
	assert_false(record_has(r, FIELD_USER_NAME));
	assert_false(record_has(r, FIELD_KERBEROS_TICKET_UNSEEN));
	bench_stop(&b);
}

static void a_ticket_on_behalf_of_somebody_is_theirs(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	exchange(&b, 0, "10.1.100.30", "AS", TGT, ",\"user.name\":\"svc_web\",\"user.domain\":\"LAB.EXAMPLE\"");
	exchange(&b, 1, "10.1.100.30", "TGS", SERVICE, ",\"kerberos.ticket\":\"" TGT "\",\"kerberos.client\":\"suzuki\","
							"\"kerberos.for_user\":\"suzuki\"");
	assert_true(record_text_is(bench_last(&b, DATASET_KERBEROS), FIELD_USER_NAME, "svc_web"));
	assert_true(record_text_is(show(&b, 2, "smb", "10.1.100.30", SERVICE), FIELD_USER_NAME, "suzuki"));
	bench_stop(&b);
}

/* The table has its ceiling: the oldest tickets go, the newest are known. */
static void too_many_tickets_push_out_the_oldest(void **state)
{
	char ticket[40];
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 0, true);
	tanaka_logs_on(&b, 0);
	for (unsigned i = 0; i < 1100; i++) {
		snprintf(ticket, sizeof(ticket), "%032x", i);
		exchange(&b, 1 + i, "10.1.10.12", "AS", ticket, ",\"user.name\":\"sato\"");
		bench_forget(&b);
	}
	assert_true(record_text_is(show(&b, 2000, "smb", "10.1.10.12", ticket), FIELD_USER_NAME, "sato"));
	const struct record *r = show(&b, 2001, "smb", "10.1.10.11", TGT);
	assert_false(record_has(r, FIELD_USER_NAME));
	/* It was issued once: what is no longer known is not watched for longer than that. */
	assert_true(record_real(r, FIELD_KERBEROS_KDC_WATCHED) < 1000);
	bench_stop(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ticket_names_the_account_wherever_it_is_shown),
		cmocka_unit_test(the_class_of_an_account_found_so_is_the_sites),
		cmocka_unit_test(a_name_on_the_wire_is_kept),
		cmocka_unit_test(a_ticket_shown_from_elsewhere_has_moved),
		cmocka_unit_test(the_other_family_is_the_same_host_until_it_changes),
		cmocka_unit_test(a_forwarded_ticket_and_a_proxys_are_not_moved),
		cmocka_unit_test(a_ticket_nobody_issued_is_told_with_how_long_that_was_watched),
		cmocka_unit_test(a_further_kdc_begins_the_watch_anew),
		cmocka_unit_test(a_ticket_of_the_day_before_yesterday_is_forgotten),
		cmocka_unit_test(a_ticket_on_behalf_of_somebody_is_theirs),
		cmocka_unit_test(too_many_tickets_push_out_the_oldest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
