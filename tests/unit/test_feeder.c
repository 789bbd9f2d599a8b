/* SPDX-License-Identifier: BSD-2-Clause
 * Fed outputs against peers of the test's own: every line arrives, in order, though the far end goes away, and what
 * happens is told once. The output's clock runs fast, so that no test waits for a pause that people would have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/instant.h"
#include "output/chain.h"
#include "output/output.h"

#define FAST 20        /* the output's seconds in one of ours */
#define PATIENCE 30000 /* the test's, in ms: only a failure needs it */

static char folder[] = "feeder-XXXXXX";
static char path[64], spool[64];

static uint64_t now(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}
static uint64_t wall(void) { return UINT64_C(1795382344) * NS_PER_S; }
static uint64_t steady(void) { return now(CLOCK_MONOTONIC) * FAST; }

static void clear(const char *of)
{
	DIR *d = opendir(of);
	struct dirent *e;

	while (d && (e = readdir(d)) != NULL)
		if (e->d_name[0] != '.' && unlinkat(dirfd(d), e->d_name, 0) != 0) {
			char below[400];
			snprintf(below, sizeof(below), "%s/%s", of, e->d_name);
			clear(below);
			rmdir(below);
		}
	if (d)
		closedir(d);
}

static int make_folder(void **state)
{
	(void)state;
	signal(SIGPIPE, SIG_IGN);
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/out", folder);
	snprintf(spool, sizeof(spool), "%s/spool", folder);
	return 0;
}

static int empty_folder(void **state)
{
	(void)state;
	clear(folder);
	return 0;
}

static int remove_folder(void **state)
{
	empty_folder(state);
	return rmdir(folder);
}

/* ---- the output ---- */

static struct output *open_output(struct output_settings s)
{
	struct error err = { .text = "" };

	s.clock = (struct output_clock){ wall, steady };
	s.spool_bytes = s.spool_bytes ? s.spool_bytes : 1 << 20;
	s.site = "head office";
	struct output *o = output_open(&s, &err);
	if (!o || !output_start(o, &err))
		fail_msg("%s", err.text);
	return o;
}

static void put(struct output *o, unsigned from, unsigned n)
{
	struct error err = { .text = "" };
	char text[64];

	for (unsigned i = from; i < from + n; i++) {
		snprintf(text, sizeof(text), "{\"n\":%u}", i);
		struct output_item item = { .line = bytes_string(text), .tag = bytes_string("E-11"), .severity = 3,
					    .time_ns = UINT64_C(1795382344123456789) };
		if (!output_put(o, &item, &err))
			fail_msg("%s", err.text);
	}
}

static void await(struct output *o, enum output_event event, const char *detail)
{
	struct output_told told;

	for (unsigned waited = 0; waited < PATIENCE; waited += 5) {
		if (!output_told(o, &told)) {
			poll(NULL, 0, 5);
			continue;
		}
		assert_string_equal(output_event_name(told.event), output_event_name(event));
		if (!strstr(told.detail, detail))
			fail_msg("told \"%s\", not \"%s\"", told.detail, detail);
		return;
	}
	fail_msg("never told: %s", output_event_name(event));
}

static struct output_stats await_sent(struct output *o, uint64_t n)
{
	struct output_stats stats;

	for (unsigned waited = 0; waited < PATIENCE; waited += 5) {
		output_stats(o, &stats);
		if (stats.sent >= n)
			return stats;
		poll(NULL, 0, 5);
	}
	fail_msg("%llu of %llu lines sent: %s", (unsigned long long)stats.sent, (unsigned long long)n, stats.last_error);
	return stats;
}

static void finish(struct output *o)
{
	struct error err = { .text = "" };
	struct output_told told;

	if (!output_finish(o, PATIENCE, &err))
		fail_msg("%s", err.text);
	while (output_told(o, &told))
		if (told.event != OUTPUT_NOTED)
			fail_msg("told besides: %s %s", output_event_name(told.event), told.detail);
	output_close(o);
}

static const char *content(const char *of)
{
	static char room[1 << 20];
	int fd = open(of, O_RDONLY);
	size_t used = 0;
	ssize_t n;

	if (fd < 0)
		return "";
	while ((n = read(fd, room + used, sizeof(room) - 1 - used)) > 0)
		used += (size_t)n;
	room[used] = '\0';
	close(fd);
	return room;
}

/* Lines `from` on; a line that came before may come again. Returns the number behind the last one. */
static unsigned in_order(const char *text, unsigned from)
{
	unsigned n;

	while ((text = strstr(text, "{\"n\":")) != NULL && sscanf(text, "{\"n\":%u}", &n) == 1) {
		if (n > from)
			fail_msg("line %u came where %u is missing", n, from);
		if (n == from)
			from++;
		text++;
	}
	return from;
}

/* ---- file ---- */

static void a_file_gets_every_line(void **state)
{
	struct output *o = open_output((struct output_settings){ .type = "file", .path = path });

	(void)state;
	put(o, 0, 10000);
	finish(o);
	assert_int_equal(in_order(content(path), 0), 10000);
}

static void a_full_disk_is_told_once_and_all_arrives_later(void **state)
{
	char away[80];
	struct output *o;

	(void)state;
	mkdir(path, 0700);
	snprintf(away, sizeof(away), "%s/x", path);
	o = open_output((struct output_settings){ .type = "file", .path = away, .spool = spool });
	put(o, 0, 10);
	await_sent(o, 10);
	unlink(away);
	assert_int_equal(output_reopen(o, NULL), true);
	for (int i = 0; i < 2000 && access(away, F_OK) != 0; i++) /* its thread does it: not later, when the folder is gone */
		poll(NULL, 0, 5);
	/* What cannot be opened stands for what cannot be written; root may write everywhere. */
	clear(path);
	assert_int_equal(rmdir(path), 0);
	assert_true(output_reopen(o, NULL));
	await(o, OUTPUT_ROTATE_FAILED, "cannot open");
	put(o, 10, 10);
	await_sent(o, 20);
	mkdir(path, 0700);
	assert_true(output_reopen(o, NULL));
	put(o, 20, 10);
	finish(o);
	assert_int_equal(in_order(content(away), 20), 30);
}

static void rotation_by_size_keeps_whole_lines_and_the_newest_files(void **state)
{
	struct output *o = open_output((struct output_settings){ .type = "file", .path = path, .rotate_bytes = 1000, .rotate_keep = 3,
								 .rotate_compress = true });
	unsigned files = 0;
	DIR *d;

	(void)state;
	for (unsigned i = 0; i < 50; i++) {
		put(o, i * 20, 20);
		await_sent(o, (i + 1) * 20);
	}
	finish(o);
	d = opendir(folder);
	for (struct dirent *e; (e = readdir(d)) != NULL;)
		files += strncmp(e->d_name, "out-20261122T", 13) == 0 && strstr(e->d_name, ".gz");
	closedir(d);
	assert_int_equal(files, 3);
	assert_true(strlen(content(path)) < 1300);
}

static uint64_t in_two_hours(void) { return now(CLOCK_REALTIME) + 2 * NS_PER_HOUR; }

static void a_file_is_as_old_as_it_is_and_not_as_its_program(void **state)
{
	struct output_settings s = { .type = "file", .path = path, .rotate_ns = NS_PER_HOUR, .clock = { in_two_hours, steady } };
	struct error err = { .text = "" };
	struct statx st;
	struct dirent *e;
	bool rotated = false;

	(void)state;
	close(open(path, O_WRONLY | O_CREAT, 0600));
	if (statx(AT_FDCWD, path, 0, STATX_BTIME, &st) != 0 || !(st.stx_mask & STATX_BTIME))
		skip();
	struct output *o = output_open(&s, &err);
	assert_non_null(o);
	assert_true(output_start(o, &err));
	put(o, 0, 1);
	await_sent(o, 1);
	put(o, 1, 1);
	finish(o);
	DIR *d = opendir(folder);
	while ((e = readdir(d)) != NULL)
		rotated = rotated || strncmp(e->d_name, "out-", 4) == 0;
	closedir(d);
	assert_true(rotated);
}

/* chattr +a: what is written cannot be taken back. False where the file system has no such thing. */
static bool only_append(const char *of, bool on)
{
	int fd = open(of, O_RDONLY | O_CREAT | O_CLOEXEC, 0600), flags = 0;

	bool ok = fd >= 0 && ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0;
	flags = on ? flags | FS_APPEND_FL : flags & ~FS_APPEND_FL;
	ok = ok && ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0;
	close(fd);
	return ok;
}

static void limit_files(rlim_t bytes)
{
	struct rlimit limit;

	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_chain_stays_whole_on_a_full_disk_that_takes_nothing_back(void **state)
{
	struct chain_member m;
	uint64_t seq = 0;

	(void)state;
	if (!only_append(path, true))
		skip();
	signal(SIGXFSZ, SIG_IGN);
	struct output *o = open_output((struct output_settings){ .type = "file", .path = path, .chain = true });
	limit_files(100000); /* ends in the middle of a line */
	put(o, 0, 1000);
	await(o, OUTPUT_NOTED, "a new chain");
	await(o, OUTPUT_AWAY, "File too large");
	limit_files(RLIM_INFINITY);
	await(o, OUTPUT_BACK, "");
	finish(o);
	only_append(path, false);
	for (struct bytes rest = bytes_string(content(path)); rest.size;) {
		assert_true(chain_read(bytes_split(&rest, '\n'), &m));
		assert_int_equal(m.seq, ++seq);
	}
	assert_int_equal(seq, 1000);
	assert_int_equal(in_order(content(path), 0), 1000);
}

static void a_file_that_another_program_moved_is_begun_anew(void **state)
{
	struct output *o = open_output((struct output_settings){ .type = "file", .path = path, .rotate_bytes = 1 << 20 });
	char moved[80];

	(void)state;
	put(o, 0, 10);
	await_sent(o, 10);
	snprintf(moved, sizeof(moved), "%s.1", path);
	assert_int_equal(rename(path, moved), 0);
	assert_true(output_reopen(o, NULL));
	for (int i = 0; i < 2000 && access(path, F_OK) != 0; i++)
		poll(NULL, 0, 5);
	put(o, 10, 10);
	finish(o);
	assert_int_equal(in_order(content(moved), 0), 10);
	assert_int_equal(in_order(content(path), 10), 20);
}

static void a_pipe_that_nobody_reads_does_not_stop_the_caller(void **state)
{
	static char got[600000];
	char dest[32];
	int ends[2];
	size_t used = 0;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	snprintf(dest, sizeof(dest), "/dev/fd/%d", ends[1]);
	if (access(dest, W_OK) != 0)
		skip();
	struct output *o = open_output((struct output_settings){ .type = "file", .path = dest });
	put(o, 0, 20000);
	while (in_order(got, 0) < 20000) {
		ssize_t n = read(ends[0], got + used, sizeof(got) - 1 - used);
		assert_true(n > 0);
		used += (size_t)n;
	}
	await_sent(o, 20000);
	finish(o);
	close(ends[0]);
	close(ends[1]);
}

/* ---- syslog ---- */

static int listen_local(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	memcpy(address.sun_path, path, strlen(path) + 1);
	unlink(path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* before and after: of the process id. */
static void expect_message(int fd, const char *before, const char *after)
{
	char got[512] = "", want[512];
	ssize_t n = recv(fd, got, sizeof(got) - 1, 0);

	assert_true(n > 0);
	snprintf(want, sizeof(want), "%s%d%s", before, (int)getpid(), after);
	assert_string_equal(got, want);
}

static void a_line_is_one_rfc_5424_message(void **state)
{
	int fd = listen_local();
	char target[80], bare[100];

	(void)state;
	snprintf(target, sizeof(target), "local:%s", path);
	struct output *o = open_output((struct output_settings){ .type = "syslog", .target = target, .format = "rfc5424" });
	put(o, 1, 1);
	expect_message(fd, "<131>1 2026-11-22T21:19:04.123456Z head_office sensord ", " E-11 - {\"n\":1}");
	finish(o);
	o = open_output((struct output_settings){ .type = "syslog", .target = target, .format = "cee", .facility = "auth" });
	put(o, 1, 1);
	expect_message(fd, "<35>1 2026-11-22T21:19:04.123456Z head_office sensord ", " E-11 - @cee: {\"n\":1}");
	finish(o);
	o = open_output((struct output_settings){ .type = "syslog", .target = target, .format = "json" });
	put(o, 1, 1);
	assert_int_equal(recv(fd, bare, sizeof(bare), 0), 7);
	assert_memory_equal(bare, "{\"n\":1}", 7);
	finish(o);
	close(fd);
}

static void the_local_socket_gets_what_its_readers_expect(void **state)
{
	int fd = listen_local();
	char target[80];

	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	snprintf(target, sizeof(target), "local:%s", path);
	struct output *o = open_output((struct output_settings){ .type = "syslog", .target = target });
	put(o, 1, 1);
	expect_message(fd, "<131>Nov 22 21:19:04 sensord[", "]: {\"n\":1}");
	finish(o);
	close(fd);
}

static void a_receiver_started_anew_gets_what_waited(void **state)
{
	int fd = listen_local();
	char target[80], got[100];

	(void)state;
	snprintf(target, sizeof(target), "local:%s", path);
	struct output *o = open_output((struct output_settings){ .type = "syslog", .target = target, .format = "json", .spool = spool });
	put(o, 0, 1);
	await_sent(o, 1);
	close(fd);
	unlink(path);
	put(o, 1, 5);
	await(o, OUTPUT_AWAY, "cannot connect");
	put(o, 6, 5);
	fd = listen_local();
	await(o, OUTPUT_BACK, "");
	for (unsigned i = 1; i < 11; i++) {
		ssize_t n = recv(fd, got, sizeof(got) - 1, 0);
		got[n > 0 ? n : 0] = '\0';
		assert_int_equal(in_order(got, i), i + 1);
	}
	struct output_stats stats = await_sent(o, 11);
	assert_true(stats.spooled > 0);
	assert_int_equal(stats.lost, 0);
	finish(o);
	close(fd);
}

static int listen_network(int kind, uint16_t *port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(*port) };
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, kind, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	if (kind == SOCK_STREAM)
		assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	*port = ntohs(address.sin_port);
	return fd;
}

/* Reads until line number `until` was there. */
static unsigned receive(int fd, char *room, size_t size, unsigned from, unsigned until)
{
	size_t used = 0;

	room[0] = '\0';
	while (in_order(room, from) < until) {
		ssize_t n = recv(fd, room + used, size - 1 - used, 0);
		if (n <= 0)
			break;
		used += (size_t)n;
		room[used] = '\0';
	}
	return in_order(room, from);
}

static void a_tcp_peer_that_dies_misses_nothing(void **state)
{
	static char room[200000];
	char target[40];
	uint16_t port = 0;
	int fd = listen_network(SOCK_STREAM, &port), peer;

	(void)state;
	snprintf(target, sizeof(target), "tcp://127.0.0.1:%u", port);
	struct output *o = open_output((struct output_settings){ .type = "syslog", .target = target, .framing = "lines",
								 .format = "json", .spool = spool });
	put(o, 0, 100);
	peer = accept(fd, NULL, NULL);
	assert_int_equal(receive(peer, room, sizeof(room), 0, 100), 100);
	await_sent(o, 100);
	/* It takes lines into its kernel, reads none of them, and dies: a reset. */
	put(o, 100, 50);
	poll(&(struct pollfd){ .fd = peer, .events = POLLIN }, 1, PATIENCE);
	close(fd);
	close(peer);
	await(o, OUTPUT_AWAY, "Connection refused");
	put(o, 150, 50);
	fd = listen_network(SOCK_STREAM, &port);
	peer = accept(fd, NULL, NULL);
	assert_int_equal(receive(peer, room, sizeof(room), 100, 200), 200);
	await(o, OUTPUT_BACK, "");
	await_sent(o, 200);
	finish(o);
	close(peer);
	close(fd);
}

/* A full spool gives up its oldest lines, even those that are on their way to a peer that does not take them. */
static void lines_given_up_on_their_way_are_counted(void **state)
{
	static char line[60000];
	char target[40];
	uint16_t port = 0;
	int fd = listen_network(SOCK_STREAM, &port), peer;
	struct output_stats stats;
	struct error err;

	(void)state;
	memset(line, 'x', sizeof(line));
	snprintf(target, sizeof(target), "tcp://127.0.0.1:%u", port);
	struct output_settings s = { .type = "syslog", .target = target, .framing = "lines", .format = "json", .spool = spool,
				     .spool_bytes = 12 << 20 };
	close(fd);
	struct output *o = open_output(s);
	for (unsigned i = 0; i < 180; i++)
		assert_true(output_line(o, bytes_of(line, sizeof(line)), 6, &err));
	assert_true(output_finish(o, 0, &err));
	output_close(o);
	fd = listen_network(SOCK_STREAM, &port);
	o = open_output(s);
	peer = accept(fd, NULL, NULL);
	await_sent(o, 1); /* it is there: then as much goes as its kernel takes */
	for (unsigned i = 0; i < 400; i++) {
		assert_true(output_line(o, bytes_of(line, sizeof(line)), 6, &err));
		poll(NULL, 0, i % 20 == 0 ? 5 : 0);
	}
	await(o, OUTPUT_LOST, "memory and spool are full");
	close(peer);
	peer = accept(fd, NULL, NULL);
	do { /* to the end */
		static char room[1 << 20];
		(void)!recv(peer, room, sizeof(room), MSG_DONTWAIT);
		poll(NULL, 0, 1);
		output_stats(o, &stats);
	} while (stats.waiting_lines || stats.spool_bytes);
	assert_int_equal(stats.sent + stats.lost, 580);
	output_close(o);
	close(peer);
	close(fd);
}

static void octets_are_counted(void **state)
{
	char target[40], got[200] = "", *line;
	uint16_t port = 0;
	int fd = listen_network(SOCK_STREAM, &port), peer;
	unsigned long size;

	(void)state;
	snprintf(target, sizeof(target), "tcp://127.0.0.1:%u", port);
	struct output *o = open_output((struct output_settings){ .type = "syslog", .target = target });
	put(o, 1, 1);
	peer = accept(fd, NULL, NULL);
	assert_true(recv(peer, got, sizeof(got) - 1, 0) > 0);
	size = strtoul(got, &line, 10);
	assert_memory_equal(line, " <131>1 ", 8);
	assert_int_equal(strlen(line + 1), size);
	finish(o);
	close(peer);
	close(fd);
}

static void a_dead_udp_receiver_is_noticed(void **state)
{
	char target[40], got[2000];
	uint16_t port = 0;
	int fd = listen_network(SOCK_DGRAM, &port);

	(void)state;
	close(fd);
	snprintf(target, sizeof(target), "udp://127.0.0.1:%u", port);
	struct output *o = open_output((struct output_settings){ .type = "syslog", .target = target, .spool = spool });
	put(o, 0, 20);
	await(o, OUTPUT_AWAY, "Connection refused");
	fd = listen_network(SOCK_DGRAM, &port);
	for (unsigned i = 0; i < 20;) {
		ssize_t n = recv(fd, got, sizeof(got) - 1, 0);
		got[n > 0 ? n : 0] = '\0';
		i = in_order(got, i);
	}
	await(o, OUTPUT_BACK, "");
	finish(o);
	close(fd);
}

static void a_line_that_no_datagram_holds_is_refused_and_told(void **state)
{
	static char large[65400];
	struct error err = { .text = "" };
	char target[40], got[200];
	uint16_t port = 0;
	int fd = listen_network(SOCK_DGRAM, &port);

	(void)state;
	snprintf(target, sizeof(target), "udp://127.0.0.1:%u", port);
	struct output *o = open_output((struct output_settings){ .type = "syslog", .target = target });
	memset(large, 'x', sizeof(large));
	assert_true(output_line(o, bytes_of(large, sizeof(large)), 6, &err));
	put(o, 7, 1);
	ssize_t n = recv(fd, got, sizeof(got) - 1, 0);
	got[n > 0 ? n : 0] = '\0';
	assert_int_equal(in_order(got, 7), 8);
	await(o, OUTPUT_REFUSED, "too long for a datagram");
	finish(o);
	close(fd);
}

static void what_waits_survives_a_restart(void **state)
{
	char target[80];
	static char room[100000];
	struct error err;
	uint16_t port = 0;
	int fd = listen_network(SOCK_STREAM, &port);

	(void)state;
	close(fd);
	snprintf(target, sizeof(target), "tcp://127.0.0.1:%u", port);
	struct output_settings s = { .type = "syslog", .target = target, .format = "json", .framing = "lines", .spool = spool };
	struct output *o = open_output(s);
	put(o, 0, 100);
	assert_true(output_finish(o, 0, &err));
	output_close(o);
	fd = listen_network(SOCK_STREAM, &port);
	o = open_output(s);
	put(o, 100, 100);
	int peer = accept(fd, NULL, NULL);
	assert_int_equal(receive(peer, room, sizeof(room), 0, 200), 200);
	await_sent(o, 200);
	output_close(o);
	close(peer);
	close(fd);
}

/* Names of .example are not answered until the test says so; the program's own function stands before the C library's. */
static int name_server[2];

int getaddrinfo(const char *host, const char *port, const struct addrinfo *hints, struct addrinfo **ret)
{
	int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
	void *found = dlsym(RTLD_NEXT, "getaddrinfo");
	char byte;

	memcpy(&real, &found, sizeof(real));
	if (!strstr(host, ".example") || (hints->ai_flags & AI_NUMERICHOST))
		return real(host, port, hints, ret);
	(void)!read(name_server[0], &byte, 1);
	return real("127.0.0.1", port, hints, ret);
}

static void a_name_server_that_does_not_answer_holds_nothing_up(void **state)
{
	static char room[100000];
	uint16_t port = 0;
	int fd = listen_network(SOCK_STREAM, &port);
	char target[80];
	struct error err;

	(void)state;
	assert_int_equal(pipe(name_server), 0);
	snprintf(target, sizeof(target), "tcp://siem.example:%u", port);
	struct output_settings s = { .type = "syslog", .target = target, .format = "json", .framing = "lines", .spool = spool };
	struct output *o = open_output(s);
	put(o, 0, 10);
	await(o, OUTPUT_AWAY, "name servers do not answer");
	uint64_t begun = now(CLOCK_MONOTONIC);
	assert_true(output_finish(o, 100, &err));
	output_close(o);
	assert_true(now(CLOCK_MONOTONIC) - begun < 3 * NS_PER_S);
	o = open_output(s);
	put(o, 10, 10);
	await(o, OUTPUT_AWAY, "name servers do not answer");
	assert_int_equal(write(name_server[1], "xx", 2), 2); /* of the output that is gone, and of this one */
	int peer = accept(fd, NULL, NULL);
	assert_int_equal(receive(peer, room, sizeof(room), 0, 20), 20);
	await(o, OUTPUT_BACK, "");
	await_sent(o, 20);
	finish(o);
	close(peer);
	close(fd); /* the name server stays: nobody knows when the thread that was left alone is gone */
}

static uint64_t slow_steady(void) { return now(CLOCK_MONOTONIC); }

static void a_peer_that_does_not_answer_does_not_hold_up_the_end(void **state)
{
	uint16_t port = 0;
	int fd = listen_network(SOCK_STREAM, &port);
	char target[80];
	struct error err = { .text = "" };

	(void)state;
	snprintf(target, sizeof(target), "tls://127.0.0.1:%u", port);
	struct output_settings s = { .type = "syslog", .target = target, .unverified = true, .clock = { wall, slow_steady } };
	struct output *o = output_open(&s, &err);
	assert_non_null(o);
	assert_true(output_start(o, &err));
	int peer = accept(fd, NULL, NULL); /* and nothing more */
	assert_true(peer >= 0);
	uint64_t begun = now(CLOCK_MONOTONIC);
	assert_true(output_finish(o, 100, &err));
	assert_true(now(CLOCK_MONOTONIC) - begun < 3 * NS_PER_S);
	output_close(o);
	close(peer);
	close(fd);
}

static void without_a_spool_what_is_lost_is_said(void **state)
{
	char target[80];
	struct error err = { .text = "" };

	(void)state;
	snprintf(target, sizeof(target), "local:%s", path);
	struct output *o = open_output((struct output_settings){ .type = "syslog", .target = target });
	put(o, 0, 12);
	assert_false(output_finish(o, 0, &err));
	assert_non_null(strstr(err.text, "12 lines could not be delivered"));
	output_close(o);
}

static void memory_has_an_end_and_it_is_told(void **state)
{
	static char large[60000];
	char target[80];
	struct error err;
	struct output_stats stats;

	(void)state;
	snprintf(target, sizeof(target), "local:%s", path);
	struct output *o = open_output((struct output_settings){ .type = "syslog", .target = target });
	memset(large, 'x', sizeof(large));
	for (unsigned i = 0; i < 700; i++)
		assert_true(output_line(o, bytes_of(large, sizeof(large)), 6, &err));
	await(o, OUTPUT_AWAY, "cannot connect");
	await(o, OUTPUT_LOST, "no spool");
	output_stats(o, &stats);
	assert_true(stats.lost > 0 && stats.waiting_bytes <= 2u * OUTPUT_QUEUE_BYTES);
	output_close(o);
}

/* More than memory holds comes before the first attempt to connect has failed. */
static void lines_lost_before_the_outage_is_noticed_are_told(void **state)
{
	static char large[60000];
	char target[80];
	struct error err = { .text = "" };

	(void)state;
	snprintf(target, sizeof(target), "local:%s", path);
	struct output_settings s = { .type = "syslog", .target = target, .clock = { wall, steady } };
	struct output *o = output_open(&s, &err);
	assert_non_null(o);
	memset(large, 'x', sizeof(large));
	for (unsigned i = 0; i < 400; i++)
		assert_true(output_line(o, bytes_of(large, sizeof(large)), 6, &err));
	assert_true(output_start(o, &err));
	await(o, OUTPUT_AWAY, "cannot connect");
	await(o, OUTPUT_LOST, "no spool");
	output_close(o);
}

static void settings_that_cannot_be_are_said(void **state)
{
	static const struct { struct output_settings s; const char *why; } wrong[] = {
		{ { .type = "pigeon" }, "no kind of output" },
		{ { .type = "file" }, "needs `path`" },
		{ { .type = "syslog" }, "needs `target`" },
		{ { .type = "syslog", .target = "http://x" }, "expected local" },
		{ { .type = "syslog", .target = "udp://x:0" }, "expected udp://HOST" },
		{ { .type = "syslog", .target = "udp://x:99999" }, "expected udp://HOST" },
		{ { .type = "syslog", .target = "udp://[::1" }, "expected udp://HOST" },
		{ { .type = "syslog", .target = "local", .format = "xml" }, "`format`" },
		{ { .type = "syslog", .target = "tls://x", .ca = "nonexistent.pem" }, "nonexistent.pem" },
		{ { .type = "syslog", .target = "tls://x", .certificate = "nonexistent.pem" }, "nonexistent.pem" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct error err = { .text = "" };
		assert_false(output_check(&wrong[i].s, &err));
		if (!strstr(err.text, wrong[i].why))
			fail_msg("\"%s\" does not say \"%s\"", err.text, wrong[i].why);
		assert_null(output_open(&wrong[i].s, &err));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_file_gets_every_line, empty_folder),
		cmocka_unit_test_setup(a_full_disk_is_told_once_and_all_arrives_later, empty_folder),
		cmocka_unit_test_setup(rotation_by_size_keeps_whole_lines_and_the_newest_files, empty_folder),
		cmocka_unit_test_setup(a_file_is_as_old_as_it_is_and_not_as_its_program, empty_folder),
		cmocka_unit_test_setup(a_chain_stays_whole_on_a_full_disk_that_takes_nothing_back, empty_folder),
		cmocka_unit_test_setup(a_file_that_another_program_moved_is_begun_anew, empty_folder),
		cmocka_unit_test_setup(a_pipe_that_nobody_reads_does_not_stop_the_caller, empty_folder),
		cmocka_unit_test_setup(a_line_is_one_rfc_5424_message, empty_folder),
		cmocka_unit_test_setup(the_local_socket_gets_what_its_readers_expect, empty_folder),
		cmocka_unit_test_setup(a_receiver_started_anew_gets_what_waited, empty_folder),
		cmocka_unit_test_setup(a_tcp_peer_that_dies_misses_nothing, empty_folder),
		cmocka_unit_test_setup(lines_given_up_on_their_way_are_counted, empty_folder),
		cmocka_unit_test_setup(octets_are_counted, empty_folder),
		cmocka_unit_test_setup(a_dead_udp_receiver_is_noticed, empty_folder),
		cmocka_unit_test_setup(a_line_that_no_datagram_holds_is_refused_and_told, empty_folder),
		cmocka_unit_test_setup(what_waits_survives_a_restart, empty_folder),
		cmocka_unit_test_setup(a_name_server_that_does_not_answer_holds_nothing_up, empty_folder),
		cmocka_unit_test_setup(a_peer_that_does_not_answer_does_not_hold_up_the_end, empty_folder),
		cmocka_unit_test_setup(without_a_spool_what_is_lost_is_said, empty_folder),
		cmocka_unit_test_setup(memory_has_an_end_and_it_is_told, empty_folder),
		cmocka_unit_test_setup(lines_lost_before_the_outage_is_noticed_are_told, empty_folder),
		cmocka_unit_test(settings_that_cannot_be_are_said),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
