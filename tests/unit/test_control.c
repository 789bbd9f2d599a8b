/* SPDX-License-Identifier: BSD-2-Clause
 * Requests at the control socket as lines, and the socket itself in a loop of its own: answers, refusals, tails, bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "../../sensord/app/daemon/control.h"
#include "base/attributes.h"
#include "base/limits.h"

/* ---- requests ---- */

static bool parses(const char *line, struct control_request *ret, struct error *err)
{
	return control_parse(bytes_string(line), ret, err);
}

static void every_command_of_the_table_is_understood(void **state)
{
	struct control_request q;
	struct error err;

	(void)state;
	for (enum control_verb v = 0; v < CONTROL_VERBS; v++) {
		assert_true(parses(control_commands[v].name, &q, &err));
		assert_int_equal(q.verb, v);
	}
}

static void a_tail_without_options_gives_all_alerts(void **state)
{
	struct control_request q;
	struct error err;

	(void)state;
	assert_true(parses("tail", &q, &err));
	assert_int_equal(q.kinds, WATCH_ALERTS);
	assert_int_equal(q.level, LEVEL_INFORMATIONAL);
	assert_int_equal(q.measure, 0);
}

static void options_of_tail_are_taken_in_any_order_and_with_any_blanks(void **state)
{
	struct control_request q;
	struct error err;

	(void)state;
	assert_true(parses("  tail  measure=e   kind=all level=medium ", &q, &err));
	assert_int_equal(q.kinds, WATCH_ALERTS | WATCH_RECORDS);
	assert_int_equal(q.level, LEVEL_MEDIUM);
	assert_int_equal(q.measure, 'E');
}

static void what_is_no_request_is_refused_with_what_was_expected(void **state)
{
	static const struct {
		const char *line, *error;
	} cases[] = {
		{ "", "unknown command: expected status, stats, health, top, tail, reload or rotate" },
		{ "statu", "unknown command: expected status, stats, health, top, tail, reload or rotate" },
		{ "status now", "status has no such option" },
		{ "tail level=loud", "level: expected informational, low, medium, high or critical" },
		{ "tail kind", "kind: expected alerts, records or all" },
		{ "tail measure=G", "measure: expected a letter from A to F" },
		{ "tail measure=", "measure: expected a letter from A to F" },
		{ "tail =", "tail has no such option: expected [kind=alerts|records|all] [level=LEVEL] [measure=A-F]" },
	};
	struct control_request q;
	struct error err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_false(parses(cases[i].line, &q, &err));
		assert_string_equal(err.text, cases[i].error);
	}
}

/* ---- the socket ---- */

struct bench {
	char folder[64], path[96];
	struct event_base *base;
	struct control *control;
};

static bool answer(void *context, const struct control_request *q, struct answer *a, struct error *err)
{
	(void)context;
	if (q->verb == CONTROL_RELOAD)
		return error_set(err, "site.yaml:3:5: \"quote\" and \033 escape");
	answer_string(a, "verb", control_commands[q->verb].name);
	return true;
}

static int set_up(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct error err = { 0 };

	snprintf(b->folder, sizeof(b->folder), "/tmp/control-XXXXXX");
	assert_non_null(mkdtemp(b->folder));
	snprintf(b->path, sizeof(b->path), "%s/socket", b->folder);
	b->base = event_base_new();
	int fd = control_bind(b->path, &err);
	assert_true(fd >= 0);
	b->control = control_new(b->base, fd, answer, b, &err);
	assert_non_null(b->control);
	*state = b;
	return 0;
}

static int tear_down(void **state)
{
	struct bench *b = *state;

	control_free(b->control);
	event_base_free(b->base);
	unlink(b->path);
	rmdir(b->folder);
	free(b);
	return 0;
}

static int client(const struct bench *b)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	memcpy(a.sun_path, b->path, strlen(b->path));
	assert_int_equal(connect(fd, (const struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static void turn(const struct bench *b)
{
	for (unsigned i = 0; i < 8; i++)
		event_base_loop(b->base, EVLOOP_NONBLOCK);
}

/* Sends, lets the loop run, and gives back what came. */
static const char *ask(const struct bench *b, int fd, const char *request, char *room, size_t size)
{
	ssize_t n;

	assert_int_equal(send(fd, request, strlen(request), MSG_NOSIGNAL), (ssize_t)strlen(request));
	turn(b);
	n = recv(fd, room, size - 1, 0);
	room[n > 0 ? n : 0] = '\0';
	return room;
}

static void each_line_is_answered_with_a_line_of_json(void **state)
{
	struct bench *b = *state;
	char room[1024];
	int fd = client(b);

	assert_string_equal(ask(b, fd, "status\nstats\r\n", room, sizeof(room)),
			    "{\"ok\":true,\"verb\":\"status\"}\n{\"ok\":true,\"verb\":\"stats\"}\n");
	assert_string_equal(ask(b, fd, "sta", room, sizeof(room)), "");
	assert_string_equal(ask(b, fd, "tus\n", room, sizeof(room)), "{\"ok\":true,\"verb\":\"status\"}\n");
	close(fd);
}

static void a_refusal_is_json_whatever_it_says(void **state)
{
	struct bench *b = *state;
	char room[1024];
	int fd = client(b);

	assert_string_equal(ask(b, fd, "reload\n", room, sizeof(room)),
			    "{\"ok\":false,\"error\":\"site.yaml:3:5: \\\"quote\\\" and \\u001b escape\"}\n");
	close(fd);
}

static void a_line_beyond_the_limit_is_refused_and_the_next_is_served(void **state)
{
	struct bench *b = *state;
	char room[1024], longer[LIMIT_CONTROL_LINE + 64];
	int fd = client(b);

	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_string_equal(ask(b, fd, longer, room, sizeof(room)), "{\"ok\":false,\"error\":\"a request has at most 1024 bytes\"}\n");
	assert_string_equal(ask(b, fd, "status\n", room, sizeof(room)), "{\"ok\":true,\"verb\":\"status\"}\n");
	close(fd);
}

static void who_shuts_down_after_asking_still_gets_the_answer(void **state)
{
	struct bench *b = *state;
	char room[1024];
	int fd = client(b);

	assert_int_equal(send(fd, "status\n", 7, 0), 7);
	shutdown(fd, SHUT_WR);
	turn(b);
	assert_true(recv(fd, room, sizeof(room), 0) > 0);
	assert_int_equal(recv(fd, room, sizeof(room), 0), 0);
	assert_int_equal(control_clients(b->control), 0);
	close(fd);
}

static void clients_beyond_the_limit_are_sent_away(void **state)
{
	struct bench *b = *state;
	int fds[LIMIT_CONTROL_CLIENTS], more;
	char room[256] = "";

	for (size_t i = 0; i < LIMIT_CONTROL_CLIENTS; i++)
		fds[i] = client(b);
	turn(b);
	assert_int_equal(control_clients(b->control), LIMIT_CONTROL_CLIENTS);
	more = client(b);
	turn(b);
	assert_true(recv(more, room, sizeof(room) - 1, 0) > 0);
	assert_non_null(strstr(room, "too many clients"));
	close(more);
	close(fds[0]);
	turn(b);
	fds[0] = client(b);
	assert_non_null(strstr(ask(b, fds[0], "status\n", room, sizeof(room)), "true"));
	for (size_t i = 0; i < LIMIT_CONTROL_CLIENTS; i++)
		close(fds[i]);
}

static void tell(const struct bench *b, enum watch_kind kind, enum level level, char measure, const char *text)
{
	struct watch_line *l = calloc(1, sizeof(*l) + strlen(text));

	*l = (struct watch_line){ .kind = kind, .level = level, .measure = measure, .size = strlen(text) };
	memcpy(l->text, text, l->size);
	control_tell(b->control, l);
	free(l);
}

static void a_tail_gets_what_it_asked_for_and_nothing_else(void **state)
{
	struct bench *b = *state;
	char room[1024];
	int fd = client(b), other = client(b);

	ask(b, fd, "tail level=high measure=E\n", room, sizeof(room));
	ask(b, other, "status\n", room, sizeof(room));
	assert_int_equal(control_wants(b->control), WATCH_ALERTS);
	tell(b, WATCH_ALERTS, LEVEL_HIGH, 'E', "{\"a\":1}");
	tell(b, WATCH_ALERTS, LEVEL_LOW, 'E', "{\"a\":2}");
	tell(b, WATCH_ALERTS, LEVEL_CRITICAL, 'A', "{\"a\":3}");
	tell(b, WATCH_RECORDS, LEVEL_INFORMATIONAL, '-', "{\"a\":4}");
	tell(b, WATCH_ALERTS, LEVEL_CRITICAL, 'E', "{\"a\":5}");
	assert_string_equal(ask(b, fd, "", room, sizeof(room)), "{\"a\":1}\n{\"a\":5}\n");
	assert_string_equal(ask(b, other, "", room, sizeof(room)), "");
	close(fd);
	close(other);
	turn(b);
	assert_int_equal(control_wants(b->control), 0);
}

static void a_slow_reader_loses_lines_and_is_told_how_many(void **state)
{
	struct bench *b = *state;
	size_t size = LIMIT_CONTROL_WAITING / 4, all = 0, lines = 0;
	char *line = malloc(size + 1), *room = malloc(4 * LIMIT_CONTROL_WAITING), *lost;
	int fd = client(b);
	ssize_t n;

	memset(line, 'x', size);
	line[size] = '\0';
	ask(b, fd, "tail\n", room, 1024);
	for (unsigned i = 0; i < 20; i++)
		tell(b, WATCH_ALERTS, LEVEL_HIGH, 'A', line);
	for (unsigned i = 0; i < 100; i++) {
		turn(b);
		while ((n = recv(fd, room + all, 4 * LIMIT_CONTROL_WAITING - all - 1, 0)) > 0)
			all += (size_t)n;
	}
	room[all] = '\0';
	lost = strstr(room, "{\"lost\":");
	assert_non_null(lost);
	for (const char *at = room; (at = strchr(at, '\n')) != NULL; at++)
		lines++;
	assert_int_equal(lines - 1 + strtoul(lost + 8, NULL, 10), 20);
	assert_int_equal(control_clients(b->control), 1);
	free(line);
	free(room);
	close(fd);
}

static void who_asks_without_reading_is_answered_no_further(void **state)
{
	struct bench *b = *state;
	char many[700];
	int fd = client(b);

	for (size_t i = 0; i < 100; i++)
		memcpy(many + 7 * i, "status\n", 7);
	for (unsigned i = 0; i < 2000; i++) {
		if (send(fd, many, sizeof(many), MSG_NOSIGNAL) < 0)
			break;
		event_base_loop(b->base, EVLOOP_NONBLOCK);
	}
	assert_int_equal(send(fd, many, sizeof(many), MSG_NOSIGNAL), -1);
	assert_int_equal(errno, EAGAIN);
	close(fd);
}

static void a_socket_of_a_sensor_that_was_killed_is_replaced(void **state)
{
	struct bench *b = *state;
	char path[128];
	struct error err;
	struct stat st;
	int fd, again;

	snprintf(path, sizeof(path), "%s/other", b->folder);
	fd = control_bind(path, &err);
	assert_true(fd >= 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	assert_int_equal(control_bind(path, &err), -1);
	assert_non_null(strstr(err.text, "another sensord listens there"));
	close(fd);
	again = control_bind(path, &err);
	assert_true(again >= 0);
	close(again);
	unlink(path);
	close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	assert_int_equal(control_bind(path, &err), -1);
	assert_non_null(strstr(err.text, "is there and is no socket"));
	unlink(path);
}

#define ON_A_SOCKET(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_command_of_the_table_is_understood),
		cmocka_unit_test(a_tail_without_options_gives_all_alerts),
		cmocka_unit_test(options_of_tail_are_taken_in_any_order_and_with_any_blanks),
		cmocka_unit_test(what_is_no_request_is_refused_with_what_was_expected),
		ON_A_SOCKET(each_line_is_answered_with_a_line_of_json),
		ON_A_SOCKET(a_refusal_is_json_whatever_it_says),
		ON_A_SOCKET(a_line_beyond_the_limit_is_refused_and_the_next_is_served),
		ON_A_SOCKET(who_shuts_down_after_asking_still_gets_the_answer),
		ON_A_SOCKET(clients_beyond_the_limit_are_sent_away),
		ON_A_SOCKET(a_tail_gets_what_it_asked_for_and_nothing_else),
		ON_A_SOCKET(a_slow_reader_loses_lines_and_is_told_how_many),
		ON_A_SOCKET(who_asks_without_reading_is_answered_no_further),
		ON_A_SOCKET(a_socket_of_a_sensor_that_was_killed_is_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
