/* SPDX-License-Identifier: BSD-2-Clause
 * The metrics' text (Prometheus text format 0.0.4), the requests they answer to, and where they may be offered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../../sensord/app/daemon/metrics.h"
#include "../../sensord/app/daemon/metrics_http.h"

static char *text_of(const struct metrics_view *v)
{
	char *room = malloc(METRICS_ROOM);
	struct text t = { room, METRICS_ROOM, 0, false };

	metrics_text(v, &t);
	assert_false(t.cut);
	text_end(&t);
	return room;
}

static struct metrics_view *a_view(void)
{
	struct metrics_view *v = calloc(1, sizeof(*v));

	v->live.n_wires = 1;
	snprintf(v->live.wire[0].interface, sizeof(v->live.wire[0].interface), "eth\"1\\\n");
	v->live.wire[0].received = UINT64_C(9007199254740991);
	v->live.started_ns = UINT64_C(1500000000);
	v->live.n_workers = 2;
	v->live.worker[1].engine.live_flows = 7;
	v->n_rules = 1;
	v->rules[0] = (struct watch_rule){ .id = "E-11", .measure = 'E', .level = LEVEL_HIGH, .alerts = 3 };
	v->n_held = 1;
	v->held[0] = (struct detect_held){ "evidence", 3, 67108864 };
	v->live.detect.folded = 5400;
	v->n_outputs = 1;
	snprintf(v->outputs[0].name, sizeof(v->outputs[0].name), "file /a");
	return v;
}

static void each_value_stands_with_its_labels(void **state)
{
	static const char *const lines[] = {
		"\nsensord_interface_packets_total{interface=\"eth\\\"1\\\\\\n\"} 9007199254740991\n",
		"\nsensord_start_time_seconds 1.500000\n",
		"\nsensord_live_flows{worker=\"0\"} 0\nsensord_live_flows{worker=\"1\"} 7\n",
		"\nsensord_alerts_total{rule=\"E-11\",measure=\"E\",level=\"high\"} 3\n",
		"\nsensord_table_entries{table=\"evidence\"} 3\n",
		"\nsensord_table_bytes{table=\"evidence\"} 67108864\n",
		"\nsensord_folded_total 5400\n",
		"\nsensord_output_up{output=\"file /a\"} 0\n",
		"\n# HELP sensord_alerts_total Alerts told.\n# TYPE sensord_alerts_total counter\n",
		"\nsensord_records_total{dataset=\"dce_rpc\"} 0\n",
		"\nsensord_sandbox_on{layer=\"calls\",state=\"off\"} 0\n",
	};
	struct metrics_view *v = a_view();
	char *text = text_of(v);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		if (!strstr(text, lines[i]))
			fail_msg("missing: %s", lines[i]);
	free(text);
	free(v);
}

static bool ends(const char *word, size_t size, const char *end)
{
	return size >= strlen(end) && memcmp(word + size - strlen(end), end, strlen(end)) == 0;
}

static void names_keep_to_the_conventions_and_stand_once(void **state)
{
	struct metrics_view *v = a_view();
	char *text = text_of(v), again[256];
	size_t families = 0;

	(void)state;
	for (const char *at = text; (at = strstr(at, "# TYPE ")) != NULL; families++) {
		at += 7;
		size_t size = strcspn(at, " ");
		bool counter = strncmp(at + size, " counter\n", 9) == 0;
		assert_true(counter == ends(at, size, "_total"));
		assert_int_equal(strspn(at, "abcdefghijklmnopqrstuvwxyz_"), size);
		snprintf(again, sizeof(again), "# TYPE %.*s ", (int)size, at);
		assert_null(strstr(at, again));
	}
	assert_true(families > 40);
	free(text);
	free(v);
}

static void the_greatest_view_fits_into_the_room(void **state)
{
	struct metrics_view *v = calloc(1, sizeof(*v));

	(void)state;
	v->live.n_wires = LIVE_WIRES_MAX;
	v->live.n_workers = LIVE_WORKERS_MAX;
	v->n_rules = WATCH_RULES;
	v->n_outputs = METRICS_OUTPUTS;
	v->n_held = METRICS_HELD;
	for (size_t i = 0; i < METRICS_HELD; i++)
		v->held[i] = (struct detect_held){ "a_tracker_with_a_long_name", SIZE_MAX, SIZE_MAX };
	for (size_t i = 0; i < WATCH_RULES; i++) {
		memset(v->rules[i].id, '"', sizeof(v->rules[i].id) - 1);
		v->rules[i].alerts = UINT64_MAX;
		v->rules[i].last_ns = UINT64_MAX;
		v->rules[i].measure = 'A';
	}
	free(text_of(v));
	free(v);
}

static void a_request_is_served_or_refused_by_its_head(void **state)
{
	static const struct {
		const char *head;
		unsigned status;
	} cases[] = {
		{ "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", 200 }, { "GET /metrics?x=1 HTTP/1.0\r\n\r\n", 200 },
		{ "GET / HTTP/1.1\r\n\r\n", 404 },		     { "GET /metricsx HTTP/1.1\r\n\r\n", 404 },
		{ "POST /metrics HTTP/1.1\r\n\r\n", 405 },	     { "GET metrics HTTP/1.1\r\n\r\n", 400 },
		{ "GET /metrics\r\n\r\n", 400 },		     { "\r\n\r\n", 400 },
		{ "", 400 },					     { "GET  HTTP/1.1\r\n\r\n", 400 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(metrics_request(bytes_string(cases[i].head)), cases[i].status);
}

/* A port that nobody had a moment ago. */
static unsigned free_port(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (const struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &size), 0);
	close(fd);
	return ntohs(a.sin_port);
}

static void metrics_are_offered_on_loopback_or_a_unix_socket_only(void **state)
{
	static const char *const refused[] = { "0.0.0.0:9470", "192.0.2.1:9470", "[::]:9470", "localhost:9470", "9470", "unix:" };
	struct error err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		assert_int_equal(metrics_bind(refused[i], &err), -1);
	char where[32];
	snprintf(where, sizeof(where), "127.0.0.1:%u", free_port());
	int fd = metrics_bind(where, &err);
	assert_true(fd >= 0);
	assert_int_equal(metrics_bind(where, &err), -1);
	assert_non_null(strstr(err.text, where));
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_value_stands_with_its_labels),
		cmocka_unit_test(names_keep_to_the_conventions_and_stand_once),
		cmocka_unit_test(the_greatest_view_fits_into_the_room),
		cmocka_unit_test(a_request_is_served_or_refused_by_its_head),
		cmocka_unit_test(metrics_are_offered_on_loopback_or_a_unix_socket_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
