/* SPDX-License-Identifier: BSD-2-Clause
 * Live capture: what can be told without an interface, and on the loopback where capturing is allowed. */
#include "../../sensord/app/capture/capture_live.h"

#include <setjmp.h>
#include <stdarg.h>
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define DATAGRAMS 5
#define SIZE 333 /* found again in the wire size: Ethernet, IPv4, UDP headers and this */

static struct capture_live_settings loopback = {
	.interface = "lo", .filter = "udp and less 500", .snap_length = 100, .buffer_mib = 2,
};

static void an_interface_that_is_none_is_refused_by_name(void **state)
{
	struct capture_live_settings settings = { .interface = "nothere0", .snap_length = 65535 };
	struct error err = { 0 };

	(void)state;
	assert_null(capture_live_open(&settings, &err));
	assert_non_null(strstr(err.text, "nothere0: "));
}

static void an_interface_name_that_is_too_long_is_refused(void **state)
{
	struct capture_live_settings settings = { .interface =
		"a-name-that-is-longer-than-any-interface-name-could-possibly-be-on-any-system" };
	struct error err = { 0 };

	(void)state;
	assert_null(capture_live_open(&settings, &err));
	assert_non_null(strstr(err.text, "no such interface"));
}

static void a_filter_that_is_none_is_refused(void **state)
{
	struct capture_live_settings settings = loopback;
	struct error err = { 0 };

	(void)state;
	settings.filter = "udp and and";
	assert_null(capture_live_open(&settings, &err));
	assert_non_null(strstr(err.text, "lo: ")); /* without privileges the permission is what is told */
}

struct counted {
	unsigned n, whole;
	uint64_t number, time_ns;
};

static void count(void *context, const struct frame *f)
{
	struct counted *c = context;

	assert_null(f->file);
	assert_string_equal(f->interface, "lo");
	if (f->wire_size != 14 + 20 + 8 + SIZE)
		return;
	c->n++;
	c->whole += f->data.size == 100;
	assert_true(f->number > c->number && f->time_ns >= c->time_ns);
	c->number = f->number;
	c->time_ns = f->time_ns;
}

static void send_to_self(void)
{
	static const uint8_t what[SIZE];
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (unsigned i = 0; i < DATAGRAMS; i++)
		(void)!sendto(fd, what, sizeof(what), 0, (struct sockaddr *)&to, sizeof(to));
	close(fd);
}

static void frames_of_the_loopback_come_bounded_and_counted(void **state)
{
	struct error err = { 0 };
	struct counted seen = { 0 };
	struct capture_live_stats stats;
	struct capture_live *l = capture_live_open(&loopback, &err);

	(void)state;
	if (!l)
		skip(); /* no right to capture, or no loopback */
	assert_in_range(capture_live_read(l, 1, count, &seen, &err), 0, 1); /* does not wait */
	assert_true(capture_live_fd(l) >= 0);
	send_to_self();
	struct pollfd wait = { .fd = capture_live_fd(l), .events = POLLIN };
	for (unsigned i = 0; i < 100 && seen.n < DATAGRAMS && poll(&wait, 1, 1000) > 0; i++)
		assert_in_range(capture_live_read(l, 2, count, &seen, &err), 0, 2);
	assert_true(seen.n >= DATAGRAMS); /* a loopback packet may be seen going out and coming in */
	assert_int_equal(seen.whole, seen.n);
	assert_true(capture_live_stats(l, &stats));
	assert_true(stats.received >= DATAGRAMS);
	capture_live_close(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_interface_that_is_none_is_refused_by_name),
		cmocka_unit_test(an_interface_name_that_is_too_long_is_refused),
		cmocka_unit_test(a_filter_that_is_none_is_refused),
		cmocka_unit_test(frames_of_the_loopback_come_bounded_and_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
