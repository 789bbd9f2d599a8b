/* SPDX-License-Identifier: BSD-2-Clause
 * A Kerberos exchange that went on over TCP is told once. */
#include "detect_harness.h"

#define EXCHANGE(transport, client, rest) \
	"{\"event.dataset\": \"kerberos\", \"kerberos.type\": \"AS\", \"kerberos.client\": \"" client "\", \"kerberos.service\": \"krbtgt/LAB\"," \
	" \"network.transport\": \"" transport "\", \"source.ip\": \"10.1.10.11\", \"destination.ip\": \"10.1.100.10\", " rest "}"
#define TOO_BIG(client) EXCHANGE("udp", client, "\"kerberos.error\": 52, \"event.outcome\": \"unknown\"")
#define SUCCESS(client) EXCHANGE("tcp", client, "\"event.outcome\": \"success\"")

static size_t told(const struct bench *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n_seen; i++)
		n += b->seen[i]->dataset == DATASET_KERBEROS;
	return n;
}

static void an_exchange_that_goes_on_over_tcp_is_one_record(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	bench_record(&b, 0, TOO_BIG("tanaka"));
	bench_record(&b, 0.5, SUCCESS("suzuki"));
	assert_int_equal(told(&b), 1);
	assert_false(record_has(bench_last(&b, DATASET_KERBEROS), FIELD_KERBEROS_RETRIED));
	bench_record(&b, 1, SUCCESS("tanaka"));
	bench_tick(&b, 100);
	detect_finish(b.detect, 0);
	assert_int_equal(told(&b), 2);
	const struct record *r = bench_last(&b, DATASET_KERBEROS);
	assert_true(record_bool(r, FIELD_KERBEROS_RETRIED));
	assert_int_equal(record_get(r, FIELD_EVENT_START)->uint, BENCH_START * NS_PER_S);
	assert_int_equal(r->id, 3);
	bench_stop(&b);
}

static void one_that_does_not_go_on_is_told_as_it_was(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	bench_record(&b, 0, TOO_BIG("tanaka"));
	bench_tick(&b, 29);
	assert_int_equal(told(&b), 0);
	bench_tick(&b, 31);
	assert_int_equal(told(&b), 1);
	const struct record *r = bench_last(&b, DATASET_KERBEROS);
	assert_int_equal(r->id, 1);
	assert_int_equal(r->time_ns, BENCH_START * NS_PER_S);
	assert_int_equal(record_uint(r, FIELD_KERBEROS_ERROR), 52);
	bench_record(&b, 40, SUCCESS("tanaka")); /* another one */
	assert_false(record_has(bench_last(&b, DATASET_KERBEROS), FIELD_KERBEROS_RETRIED));
	bench_record(&b, 50, TOO_BIG("tanaka"));
	detect_finish(b.detect, 0);
	assert_int_equal(told(&b), 3);
	bench_stop(&b);
}

static void a_flood_of_them_is_told_early_and_not_kept(void **state)
{
	char json[512];
	struct bench b;
	unsigned n = 600; /* more than wait at once */

	(void)state;
	bench_begin(&b, NULL, "title: t\nname: T\nlogsource: {product: sensord, service: kerberos}\n"
		    "detection: {s: {kerberos.error: 52}, condition: s}\nalert_by: [kerberos.client]\nlevel: low\n", 8u << 20, false);
	for (unsigned i = 0; i < n; i++) {
		snprintf(json, sizeof(json), EXCHANGE("udp", "u%u", "\"kerberos.error\": 52"), i);
		bench_record(&b, 0.001 * i, json);
	}
	assert_int_equal(b.alerts, n - 512);
	detect_finish(b.detect, 0);
	assert_int_equal(b.alerts, n);
	bench_stop(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_exchange_that_goes_on_over_tcp_is_one_record),
		cmocka_unit_test(one_that_does_not_go_on_is_told_as_it_was),
		cmocka_unit_test(a_flood_of_them_is_told_early_and_not_kept),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
