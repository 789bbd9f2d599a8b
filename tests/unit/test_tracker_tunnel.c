/* SPDX-License-Identifier: BSD-2-Clause
 * Tunnels that come back after a cut, and what goes up in a day. */
#include <stdio.h>

#include "detect_harness.h"

static void tunnel(struct bench *b, double at, const char *action, unsigned port, const char *more)
{
	char json[1024];

	snprintf(json, sizeof(json), "{\"event.dataset\":\"tunnel\",\"event.action\":\"%s\",\"tunnel.kind\":\"connect\","
		 "\"source.ip\":\"10.1.10.11\",\"source.port\":%u,\"destination.ip\":\"10.1.250.10\",\"destination.port\":8080,"
		 "\"url.domain\":\"c2.example\",\"url.port\":443%s}", action, port, more);
	bench_record(b, at, json);
}

static const struct record *last(const struct bench *b)
{
	return bench_last(b, DATASET_TUNNEL);
}

static void reconnections_after_cuts_are_counted_in_a_row(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	tunnel(&b, 0, "opened", 50000, "");
	assert_false(record_has(last(&b), FIELD_TUNNEL_RECONNECTS));
	tunnel(&b, 600, "closed", 50000, ",\"tunnel.age\":600.0,\"tunnel.closed_by\":\"server\"");
	tunnel(&b, 659, "opened", 50001, "");
	assert_int_equal(record_uint(last(&b), FIELD_TUNNEL_RECONNECTS), 1);
	tunnel(&b, 1199, "closed", 50001, ",\"tunnel.age\":540.0,\"tunnel.closed_by\":\"server\"");
	tunnel(&b, 1200, "opened", 50002, "");
	assert_int_equal(record_uint(last(&b), FIELD_TUNNEL_RECONNECTS), 2);
	assert_true(record_real(last(&b), FIELD_TUNNEL_CUT_AGE) == 540.0);
	assert_true(record_real(last(&b), FIELD_TUNNEL_CUT_JITTER) == 0.1);
	bench_stop(&b);
}

static void a_late_return_or_a_client_that_closes_ends_the_row(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	tunnel(&b, 0, "opened", 50000, "");
	tunnel(&b, 600, "closed", 50000, ",\"tunnel.age\":600.0,\"tunnel.closed_by\":\"server\"");
	tunnel(&b, 601, "opened", 50001, "");
	assert_int_equal(record_uint(last(&b), FIELD_TUNNEL_RECONNECTS), 1);
	tunnel(&b, 1201, "closed", 50001, ",\"tunnel.age\":600.0,\"tunnel.closed_by\":\"client\"");
	tunnel(&b, 1202, "opened", 50002, "");
	assert_false(record_has(last(&b), FIELD_TUNNEL_RECONNECTS));
	tunnel(&b, 1802, "closed", 50002, ",\"tunnel.age\":600.0,\"tunnel.closed_by\":\"server\"");
	tunnel(&b, 1863, "opened", 50003, "");
	assert_false(record_has(last(&b), FIELD_TUNNEL_RECONNECTS));
	bench_stop(&b);
}

static void the_day_adds_up_what_each_record_brings_anew(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	tunnel(&b, 0, "opened", 50000, "");
	tunnel(&b, 60, "progress", 50000, ",\"source.bytes\":1000,\"destination.bytes\":100");
	tunnel(&b, 120, "progress", 50000, ",\"source.bytes\":1500,\"destination.bytes\":100");
	assert_int_equal(record_uint(last(&b), FIELD_TUNNEL_DAY_UPLOAD_BYTES), 1500);
	tunnel(&b, 130, "opened", 50001, "");
	tunnel(&b, 140, "closed", 50001, ",\"source.bytes\":700,\"destination.bytes\":0");
	assert_int_equal(record_uint(last(&b), FIELD_TUNNEL_DAY_UPLOAD_BYTES), 2200);
	assert_true(record_real(last(&b), FIELD_TUNNEL_DAY_UPLOAD_RATIO) == 22.0);
	bench_stop(&b);
}

static void a_port_used_again_starts_from_nothing(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, NULL, 8u << 20, true);
	tunnel(&b, 0, "progress", 50000, ",\"source.bytes\":1000,\"destination.bytes\":10");
	tunnel(&b, 10, "opened", 50000, "");
	tunnel(&b, 20, "closed", 50000, ",\"source.bytes\":400,\"destination.bytes\":10");
	assert_int_equal(record_uint(last(&b), FIELD_TUNNEL_DAY_UPLOAD_BYTES), 1400);
	bench_stop(&b);
}

static void the_next_day_of_the_site_begins_at_zero(void **state)
{
	struct bench b;

	(void)state;
	bench_start(&b, "site: { timezone: Asia/Tokyo }\n", 8u << 20, true);
	tunnel(&b, 0, "progress", 50000, ",\"source.bytes\":1000,\"destination.bytes\":10");
	tunnel(&b, 13 * 3600, "progress", 50000, ",\"source.bytes\":3000,\"destination.bytes\":10"); /* 23:00 in Tokyo */
	assert_int_equal(record_uint(last(&b), FIELD_TUNNEL_DAY_UPLOAD_BYTES), 3000);
	tunnel(&b, 14 * 3600 + 1, "progress", 50000, ",\"source.bytes\":3500,\"destination.bytes\":10");
	assert_int_equal(record_uint(last(&b), FIELD_TUNNEL_DAY_UPLOAD_BYTES), 500);
	bench_stop(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reconnections_after_cuts_are_counted_in_a_row),
		cmocka_unit_test(a_late_return_or_a_client_that_closes_ends_the_row),
		cmocka_unit_test(the_day_adds_up_what_each_record_brings_anew),
		cmocka_unit_test(a_port_used_again_starts_from_nothing),
		cmocka_unit_test(the_next_day_of_the_site_begins_at_zero),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
