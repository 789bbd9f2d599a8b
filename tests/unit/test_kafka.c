/* SPDX-License-Identifier: BSD-2-Clause
 * Lines to a Kafka cluster: librdkafka's mock of one, in this process. Built only with librdkafka. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/instant.h"
#include "output/output.h"

#define LINES 500
#define PATIENCE 30000 /* ms: only a failure needs it */

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static rd_kafka_t *client(rd_kafka_type_t type, const char *brokers)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char why[256];

	if (brokers) {
		rd_kafka_conf_set(conf, "bootstrap.servers", brokers, why, sizeof(why));
		rd_kafka_conf_set(conf, "group.id", "test", why, sizeof(why));
		rd_kafka_conf_set(conf, "auto.offset.reset", "earliest", why, sizeof(why));
	}
	rd_kafka_t *rk = rd_kafka_new(type, conf, why, sizeof(why));
	assert_non_null(rk);
	return rk;
}

/* Reads the topic until every line was there, in order, with the site's name as its key. */
static void expect_lines(const char *brokers)
{
	rd_kafka_t *reader = client(RD_KAFKA_CONSUMER, brokers);
	rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
	unsigned expected = 0;

	rd_kafka_topic_partition_list_add(topics, "alerts", RD_KAFKA_PARTITION_UA);
	assert_int_equal(rd_kafka_subscribe(reader, topics), 0);
	rd_kafka_topic_partition_list_destroy(topics);
	for (unsigned waited = 0; expected < LINES && waited < PATIENCE; waited += 100) {
		rd_kafka_message_t *m = rd_kafka_consumer_poll(reader, 100);
		unsigned n;
		if (m && !m->err) {
			assert_int_equal(m->key_len, 11);
			assert_memory_equal(m->key, "head-office", 11);
			assert_int_equal(sscanf(m->payload, "{\"n\":%u}", &n), 1);
			assert_true(n <= expected);
			expected += n == expected;
			waited = 0;
		}
		if (m)
			rd_kafka_message_destroy(m);
	}
	assert_int_equal(expected, LINES);
	rd_kafka_consumer_close(reader);
	rd_kafka_destroy(reader);
}

static void lines_are_delivered_in_order_though_a_broker_goes_away(void **state)
{
	rd_kafka_t *host = client(RD_KAFKA_PRODUCER, NULL);
	rd_kafka_mock_cluster_t *cluster = rd_kafka_mock_cluster_new(host, 1);
	struct error err = { .text = "" };
	char target[300], text[40];

	(void)state;
	assert_non_null(cluster);
	rd_kafka_mock_topic_create(cluster, "alerts", 4, 1);
	snprintf(target, sizeof(target), "kafka://%s", rd_kafka_mock_cluster_bootstraps(cluster));
	struct output_settings s = { .type = "kafka", .target = target, .topic = "alerts", .site = "head-office", .clock = { now, now } };
	struct output *o = output_open(&s, &err);
	if (!o || !output_start(o, &err))
		fail_msg("%s", err.text);
	for (unsigned i = 0; i < LINES; i++) {
		snprintf(text, sizeof(text), "{\"n\":%u}", i);
		assert_true(output_line(o, bytes_string(text), 3, &err));
		if (i == 200) {
			poll(NULL, 0, 500);
			rd_kafka_mock_broker_set_down(cluster, 1);
		} else if (i == 300) {
			poll(NULL, 0, 500);
			rd_kafka_mock_broker_set_up(cluster, 1);
		}
	}
	if (!output_finish(o, PATIENCE, &err))
		fail_msg("%s", err.text);
	struct output_stats stats;
	output_stats(o, &stats);
	assert_int_equal(stats.sent, LINES);
	assert_int_equal(stats.lost, 0);
	output_close(o);
	expect_lines(rd_kafka_mock_cluster_bootstraps(cluster));
	rd_kafka_mock_cluster_destroy(cluster);
	rd_kafka_destroy(host);
}

static void a_cluster_that_is_not_there_is_away(void **state)
{
	struct output_settings s = { .type = "kafka", .target = "kafka://127.0.0.1:1", .site = "x", .clock = { now, now } };
	struct error err = { .text = "" };
	struct output_told told;
	unsigned waited = 0;

	(void)state;
	struct output *o = output_open(&s, &err);
	assert_true(o && output_start(o, &err));
	assert_true(output_line(o, bytes_string("{}"), 3, &err));
	for (; !output_told(o, &told) && waited < PATIENCE; waited += 20)
		poll(NULL, 0, 20);
	assert_int_equal(told.event, OUTPUT_AWAY);
	assert_false(output_finish(o, 0, &err));
	assert_non_null(strstr(err.text, "1 lines could not be delivered"));
	output_close(o);
}

static void a_target_that_cannot_be_is_said(void **state)
{
	struct output_settings s = { .type = "kafka", .target = "http://x" };
	struct error err = { .text = "" };

	(void)state;
	assert_false(output_check(&s, &err));
	assert_non_null(strstr(err.text, "expected kafka://"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_delivered_in_order_though_a_broker_goes_away),
		cmocka_unit_test(a_cluster_that_is_not_there_is_away),
		cmocka_unit_test(a_target_that_cannot_be_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
