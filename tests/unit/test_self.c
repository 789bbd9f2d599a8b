/* SPDX-License-Identifier: BSD-2-Clause
 * What the sensor tells of itself from its counters: each kind once when it begins, once when it ends, and nothing where
 * nothing happened. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/instant.h"
#include "../../sensord/app/self.h"

#define START (UINT64_C(1795482000) * NS_PER_S) /* 2026-11-24 01:00 UTC, 10:00 in Tokyo */

struct bench {
	struct site *site;
	struct self *self;
	struct self_snapshot now;
	struct record *told[32];
	size_t n;
};

static void keep(void *context, const struct record *r)
{
	struct bench *b = context;

	assert_true(b->n < 32);
	b->told[b->n++] = record_copy(r);
}

static void forget(struct bench *b)
{
	while (b->n)
		record_free(b->told[--b->n]);
}

static void begin(struct bench *b)
{
	struct error err = { 0 };

	*b = (struct bench){ 0 };
	b->site = site_parse("test", bytes_string("site: { name: hq, timezone: Asia/Tokyo }\n"), &err);
	assert_non_null(b->site);
	b->self = self_new(b->site, keep, b);
	assert_non_null(b->self);
	b->now = (struct self_snapshot){ .packet_ns = START, .steady_ns = 1000 * NS_PER_S, .n_wires = 1, .n_outputs = 1,
					 .n_rules = 150, .memory_limit = 1000, .wire = { { .name = "eth1", .up = true } },
					 .output = { { .name = "tls://siem.example:6514" } } };
	self_started(b->self, &b->now, "1.2");
}

static void end(struct bench *b)
{
	forget(b);
	self_free(b->self);
	site_free(b->site);
}

static void pass(struct bench *b, uint64_t span_ns)
{
	b->now.packet_ns += span_ns;
	b->now.steady_ns += span_ns;
	self_look(b->self, &b->now);
}

static const struct record *last(const struct bench *b)
{
	return b->n ? b->told[b->n - 1] : NULL;
}

static void holds(const struct record *r, enum field f, const char *part)
{
	char text[2048];
	struct bytes b = record_text(r, f);

	snprintf(text, sizeof(text), "%.*s", (int)b.size, (const char *)b.at);
	if (!strstr(text, part))
		fail_msg("\"%s\" is not in \"%s\"", part, text);
}

static void a_start_and_a_stop_are_told_with_version_rules_and_interfaces(void **state)
{
	struct bench b;

	(void)state;
	begin(&b);
	assert_int_equal(b.n, 1);
	assert_true(record_text_is(b.told[0], FIELD_EVENT_ACTION, "started"));
	assert_true(record_text_is(b.told[0], FIELD_OBSERVER_NAME, "hq"));
	holds(b.told[0], FIELD_SENSOR_DETAIL, "1.2, 150 rules, eth1");
	holds(b.told[0], FIELD_SENSOR_DETAIL_JA, "ルール 150 件");
	self_stopped(b.self, &b.now);
	assert_true(record_text_is(last(&b), FIELD_EVENT_ACTION, "stopped"));
	assert_true(b.told[0]->id != b.told[1]->id);
	end(&b);
}

static void a_quiet_hour_tells_nothing(void **state)
{
	struct bench b;

	(void)state;
	begin(&b);
	for (int i = 0; i < 360; i++) {
		b.now.frames += 1000;
		b.now.wire[0].received += 1000;
		pass(&b, 10 * NS_PER_S);
	}
	assert_int_equal(b.n, 1);
	end(&b);
}

static void lost_packets_are_told_for_five_minutes_together(void **state)
{
	struct bench b;

	(void)state;
	begin(&b);
	for (int i = 0; i < 31; i++) {
		b.now.wire[0].received += 1000;
		b.now.wire[0].dropped += 10;
		pass(&b, 10 * NS_PER_S);
	}
	assert_int_equal(b.n, 2);
	assert_true(record_text_is(last(&b), FIELD_EVENT_ACTION, "drops"));
	assert_true(record_text_is(last(&b), FIELD_SENSOR_SUBJECT, "eth1"));
	assert_int_equal(record_uint(last(&b), FIELD_SENSOR_COUNT), 300);
	assert_int_equal(record_uint(last(&b), FIELD_SENSOR_TOTAL), 30000);
	assert_true(record_real(last(&b), FIELD_SENSOR_SHARE) > 0.0099 && record_real(last(&b), FIELD_SENSOR_SHARE) < 0.0101);
	end(&b);
}

static void an_overload_begins_once_and_ends_after_a_calm_time(void **state)
{
	struct bench b;

	(void)state;
	begin(&b);
	for (int i = 0; i < 10; i++) {
		b.now.records_lost += 5;
		b.now.streams_cut += 1;
		pass(&b, 10 * NS_PER_S);
	}
	assert_int_equal(b.n, 2);
	assert_true(record_text_is(last(&b), FIELD_EVENT_ACTION, "overload"));
	assert_true(record_text_is(last(&b), FIELD_SENSOR_REASON, "records"));
	assert_true(record_text_is(last(&b), FIELD_SENSOR_STATE, "begins"));
	for (int i = 0; i < 31; i++)
		pass(&b, 10 * NS_PER_S);
	assert_int_equal(b.n, 3);
	assert_true(record_text_is(last(&b), FIELD_SENSOR_STATE, "ends"));
	holds(last(&b), FIELD_SENSOR_DETAIL, "records 50, streams 10"); /* in the order in which they go */
	end(&b);
}

static void the_memory_limit_is_an_overload_of_flows(void **state)
{
	struct bench b;

	(void)state;
	begin(&b);
	b.now.flows_evicted = 7;
	pass(&b, 10 * NS_PER_S);
	assert_int_equal(b.n, 2);
	assert_true(record_text_is(last(&b), FIELD_SENSOR_REASON, "flows"));
	assert_int_equal(record_uint(last(&b), FIELD_SENSOR_COUNT), 7);
	end(&b);
}

static void an_interface_that_goes_and_comes_back_is_told_with_the_time_between(void **state)
{
	struct bench b;

	(void)state;
	begin(&b);
	b.now.wire[0].up = false;
	pass(&b, 10 * NS_PER_S);
	pass(&b, 10 * NS_PER_S);
	assert_int_equal(b.n, 2);
	assert_true(record_text_is(last(&b), FIELD_SENSOR_STATE, "begins"));
	b.now.wire[0].up = true;
	pass(&b, 20 * NS_PER_S);
	assert_int_equal(b.n, 3);
	assert_true(record_text_is(last(&b), FIELD_SENSOR_STATE, "ends"));
	assert_int_equal(record_uint(last(&b), FIELD_SENSOR_SPAN), 30);
	end(&b);
}

static void a_clock_set_ahead_or_back_is_told_once(void **state)
{
	struct bench b;

	(void)state;
	begin(&b);
	b.now.packet_ns += 2 * NS_PER_HOUR;
	pass(&b, 10 * NS_PER_S);
	pass(&b, 10 * NS_PER_S);
	assert_int_equal(b.n, 2);
	assert_true(record_text_is(last(&b), FIELD_SENSOR_REASON, "forward"));
	assert_int_equal(record_uint(last(&b), FIELD_SENSOR_SPAN), 7200);
	b.now.packet_ns -= 2 * NS_PER_HOUR;
	pass(&b, 10 * NS_PER_S);
	assert_int_equal(b.n, 3);
	assert_true(record_text_is(last(&b), FIELD_SENSOR_REASON, "back"));
	end(&b);
}

/* Detection's clock does not go back: it waits until the packets have caught up. */
static void a_clock_that_stands_still_was_set_back(void **state)
{
	struct bench b;

	(void)state;
	begin(&b);
	for (int i = 0; i < 60; i++) {
		b.now.steady_ns += 10 * NS_PER_S;
		self_look(b.self, &b.now);
	}
	assert_true(b.n >= 2);
	assert_true(record_text_is(b.told[1], FIELD_SENSOR_REASON, "back"));
	end(&b);
}

static void a_slow_clock_that_is_steered_tells_nothing(void **state)
{
	struct bench b;

	(void)state;
	begin(&b);
	for (int i = 0; i < 2000; i++) {
		b.now.packet_ns -= NS_PER_S / 10;
		pass(&b, 10 * NS_PER_S);
	}
	assert_int_equal(b.n, 1);
	end(&b);
}

static void reloads_are_told_with_what_was_wrong(void **state)
{
	struct bench b;

	(void)state;
	begin(&b);
	self_reloaded(b.self, &b.now, "site.yaml:3:5: unknown key");
	assert_true(record_text_is(last(&b), FIELD_SENSOR_REASON, "refused"));
	holds(last(&b), FIELD_SENSOR_DETAIL, "site.yaml:3:5");
	self_reloaded(b.self, &b.now, NULL);
	assert_true(record_text_is(last(&b), FIELD_SENSOR_REASON, "done"));
	holds(last(&b), FIELD_SENSOR_DETAIL, "150 rules");
	end(&b);
}

static void one_line_a_day_says_that_all_is_well(void **state)
{
	struct bench b;

	(void)state;
	begin(&b);
	b.now.frames = 5000;
	b.now.detect.alerts = 2;
	b.now.detect.by_measure[4] = 2;
	for (int i = 0; i < 13; i++) /* until 23:00 in Tokyo */
		pass(&b, NS_PER_HOUR);
	assert_int_equal(b.n, 1);
	pass(&b, NS_PER_HOUR + NS_PER_S);
	assert_int_equal(b.n, 2);
	assert_true(record_text_is(last(&b), FIELD_EVENT_ACTION, "health"));
	assert_int_equal(last(&b)->kind, RECORD_METRIC);
	assert_true(record_bool(last(&b), FIELD_SENSOR_WELL));
	holds(last(&b), FIELD_SENSOR_DETAIL, "All is well. In a day: 5000 packets");
	holds(last(&b), FIELD_SENSOR_DETAIL, "2 alerts (E 2)");
	holds(last(&b), FIELD_SENSOR_DETAIL_JA, "異常ありません");
	for (int i = 0; i < 24; i++)
		pass(&b, NS_PER_HOUR);
	assert_int_equal(b.n, 3);
	holds(last(&b), FIELD_SENSOR_DETAIL, " 0 packets"); /* of that day, not since the start */
	end(&b);
}

static void the_daily_line_names_all_that_needs_attention(void **state)
{
	struct bench b;

	(void)state;
	begin(&b);
	b.now.wire[0] = (struct self_wire){ "eth1", false, 10000, 500 };
	b.now.output[0].away = true;
	b.now.records_lost = 4;
	b.now.memory_bytes = 950;
	b.now.view = (struct detect_view){ .n_silent = 1, .silent = "users", .flows = 100, .one_sided = 60 };
	pass(&b, NS_PER_DAY);
	assert_true(record_text_is(last(&b), FIELD_EVENT_ACTION, "health"));
	assert_true(record_has(last(&b), FIELD_SENSOR_WELL));
	assert_false(record_bool(last(&b), FIELD_SENSOR_WELL));
	static const char *const parts[] = { "5.00 % of the packets", "eth1 is gone", "tls://siem.example:6514 is away", "4 records",
					     "not seen (users)", "60 % of the connections", "memory is at 95 %" };
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		holds(last(&b), FIELD_SENSOR_DETAIL, parts[i]);
	holds(last(&b), FIELD_SENSOR_DETAIL_JA, "要確認：パケットの 5.00 % を取りこぼし");
	end(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_start_and_a_stop_are_told_with_version_rules_and_interfaces),
		cmocka_unit_test(a_quiet_hour_tells_nothing),
		cmocka_unit_test(lost_packets_are_told_for_five_minutes_together),
		cmocka_unit_test(an_overload_begins_once_and_ends_after_a_calm_time),
		cmocka_unit_test(the_memory_limit_is_an_overload_of_flows),
		cmocka_unit_test(an_interface_that_goes_and_comes_back_is_told_with_the_time_between),
		cmocka_unit_test(a_clock_set_ahead_or_back_is_told_once),
		cmocka_unit_test(a_clock_that_stands_still_was_set_back),
		cmocka_unit_test(a_slow_clock_that_is_steered_tells_nothing),
		cmocka_unit_test(reloads_are_told_with_what_was_wrong),
		cmocka_unit_test(one_line_a_day_says_that_all_is_well),
		cmocka_unit_test(the_daily_line_names_all_that_needs_attention),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
