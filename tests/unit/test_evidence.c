/* SPDX-License-Identifier: BSD-2-Clause
 * Evidence: the last packets of a worker, those of an alert's flow before and after it, the ceilings of memory and folder. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../sensord/app/evidence/evidence.h"
#include "../../sensord/app/evidence/evidence_folder.h"
#include "base/instant.h"

#define T0 (UINT64_C(1795382344) * NS_PER_S)

static char folder[] = "evidence-XXXXXX";

static size_t files(bool and_remove)
{
	DIR *d = opendir(folder);
	size_t n = 0;

	for (struct dirent *e; (e = readdir(d)) != NULL;)
		if (e->d_name[0] != '.') {
			n++;
			if (and_remove)
				unlinkat(dirfd(d), e->d_name, 0);
		}
	closedir(d);
	return n;
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}
static int empty_folder(void **state)
{
	(void)state;
	files(true);
	return 0;
}
static int remove_folder(void **state)
{
	empty_folder(state);
	return rmdir(folder);
}

static struct address host(uint8_t last)
{
	const uint8_t octets[4] = { 10, 0, 0, last };
	return address_v4(octets);
}

/* A packet of so many bytes, all of them `mark`. */
static void add(struct recent *r, uint64_t time_ns, uint8_t from, uint16_t from_port, uint8_t to, uint16_t to_port, uint8_t mark, size_t size)
{
	static uint8_t room[2000];
	struct packet p = { .source = host(from), .destination = host(to), .source_port = from_port, .destination_port = to_port, .protocol = IP_TCP };

	memset(room, mark, size);
	recent_add(r, &(struct frame){ .data = bytes_of(room, size), .wire_size = (uint32_t)size, .link_type = 1, .time_ns = time_ns }, &p);
}

static struct record *alert_of(uint64_t time_ns, uint64_t id, bool one)
{
	struct record *r = record_new();
	struct address a = host(1), b = host(2);

	record_clear(r, DATASET_FLOW, time_ns);
	r->kind = RECORD_ALERT;
	r->id = id;
	record_set_string(r, FIELD_RULE_ID, "E-11");
	record_set_string(r, FIELD_ALERT_STATE, "open");
	record_set_string(r, FIELD_NETWORK_TRANSPORT, "tcp");
	record_set_ip(r, FIELD_SOURCE_IP, &a);
	record_set_ip(r, FIELD_DESTINATION_IP, &b);
	record_set_uint(r, FIELD_SOURCE_PORT, 1000);
	record_set_uint(r, FIELD_DESTINATION_PORT, 445);
	record_add_text(r, FIELD_ALERT_EVIDENCE, bytes_string("1"));
	if (!one)
		record_add_text(r, FIELD_ALERT_EVIDENCE, bytes_string("2"));
	return r;
}

static struct evidence *open_evidence(uint64_t max_bytes, bool thread)
{
	struct error err = { .text = "" };
	struct evidence_settings s = { .folder = folder, .max_bytes = max_bytes, .thread = thread };
	struct evidence *e = evidence_new(&s, &err);

	if (!e || !evidence_start(e, &err))
		fail_msg("%s", err.text);
	return e;
}

/* First bytes of the packets in the file that the alert names, as text; "" where there is no such file. */
static const char *marks(const struct record *alert)
{
	static char text[5000];
	static uint8_t room[3 << 20];
	struct bytes name = record_text(alert, FIELD_ALERT_EVIDENCE_FILE);
	char path[300];
	size_t n = 0;
	uint32_t head[7];

	snprintf(path, sizeof(path), "%.*s", (int)name.size, (const char *)name.at);
	int fd = open(path, O_RDONLY);
	ssize_t size = fd < 0 ? 0 : read(fd, room, sizeof(room));
	if (fd >= 0)
		close(fd);
	for (size_t at = 0; at + sizeof(head) < (size_t)size; at += head[1]) {
		memcpy(head, room + at, sizeof(head));
		if (head[0] == 6)
			text[n++] = (char)room[at + sizeof(head)];
	}
	text[n] = '\0';
	return text;
}

static void note(void *to, const struct recent_packet *p, const uint8_t *data)
{
	uint64_t *sum = to;

	(void)data;
	sum[0]++;
	if (sum[1] && p->order != sum[1])
		fail_msg("packet %llu came where %llu was next", (unsigned long long)p->order, (unsigned long long)sum[1]);
	sum[1] = p->order + 1;
}

static void the_last_packets_are_kept_in_order(void **state)
{
	struct recent *r = recent_new(4 * RECENT_BLOCK);
	uint64_t sum[2] = { 0 };

	(void)state;
	assert_int_equal(recent_walk(r, 0, note, sum), 0);
	for (unsigned i = 0; i < 2000; i++)
		add(r, T0, 1, 1, 2, 2, 'x', 1000);
	assert_int_equal(recent_walk(r, 0, note, sum), 2000);
	assert_true(sum[0] > 600 && sum[0] < 2000);
	sum[0] = sum[1] = 0;
	assert_int_equal(recent_walk(r, 1990, note, sum), 2000);
	assert_int_equal(sum[0], 10);
	recent_free(r);
}

static void a_file_has_the_flow_before_and_after(void **state)
{
	struct evidence *e = open_evidence(0, false);
	struct recent *one = evidence_recent(e, 0, 2), *two = evidence_recent(e, 1, 2);
	struct record *alert = alert_of(T0 + 3, 7, true);

	(void)state;
	add(one, T0, 1, 1000, 2, 445, 'a', 100);
	add(one, T0 + 1, 1, 1001, 2, 445, 'X', 100); /* another port */
	add(two, T0 + 2, 2, 445, 1, 1000, 'b', 100); /* seen by another worker */
	add(one, T0 + 3, 3, 1000, 2, 445, 'X', 100); /* another host */
	evidence_alert(e, alert);
	assert_string_equal(marks(alert), "");
	add(one, T0 + 4, 1, 1000, 2, 445, 'c', 101);
	evidence_tick(e, T0 + 4);
	assert_string_equal(marks(alert), "");
	evidence_tick(e, T0 + 3 + EVIDENCE_AFTER_NS);
	assert_string_equal(marks(alert), "abc");
	assert_true(evidence_finish(e, NULL));
	evidence_free(e);
	record_free(alert);
}

static void an_alert_of_several_records_gets_the_traffic_of_the_pair(void **state)
{
	struct evidence *e = open_evidence(0, false);
	struct record *alert = alert_of(T0 + 3, 7, false);

	(void)state;
	add(evidence_recent(e, 0, 1), T0, 1, 1000, 2, 445, 'a', 100);
	add(evidence_recent(e, 0, 1), T0 + 1, 1, 1001, 2, 445, 'b', 100);
	add(evidence_recent(e, 0, 1), T0 + 2, 3, 1000, 2, 445, 'X', 100);
	evidence_alert(e, alert);
	assert_true(evidence_finish(e, NULL));
	assert_string_equal(marks(alert), "ab");
	evidence_free(e);
	record_free(alert);
}

static void a_closing_alert_names_no_file(void **state)
{
	struct evidence *e = open_evidence(0, false);
	struct record *alert = alert_of(T0, 7, true);

	(void)state;
	record_set_string(alert, FIELD_ALERT_STATE, "closed");
	evidence_alert(e, alert);
	assert_false(record_has(alert, FIELD_ALERT_EVIDENCE_FILE));
	assert_true(evidence_finish(e, NULL));
	assert_int_equal(files(false), 0);
	evidence_free(e);
	record_free(alert);
}

static void one_alert_takes_no_more_than_its_share(void **state)
{
	struct evidence *e = open_evidence(0, false);
	struct recent *r = evidence_recent(e, 0, 1);
	struct record *alert = alert_of(T0, 7, true);

	(void)state;
	for (unsigned i = 0; i < 3000; i++)
		add(r, T0 + i, 1, 1000, 2, 445, i < 2000 ? 'a' : 'b', 60);
	evidence_alert(e, alert);
	for (unsigned i = 0; i < 3000; i++)
		add(r, T0 + 3000 + i, 1, 1000, 2, 445, i < 1000 ? 'c' : 'd', 60);
	assert_true(evidence_finish(e, NULL));
	const char *got = marks(alert);
	assert_int_equal(strlen(got), EVIDENCE_PACKETS);
	assert_int_equal(strspn(got, "b"), EVIDENCE_PACKETS / 2); /* the last before, the first after */
	assert_int_equal(strspn(got + EVIDENCE_PACKETS / 2, "c"), EVIDENCE_PACKETS / 2);
	evidence_free(e);
	record_free(alert);
}

static void a_full_folder_gives_up_the_oldest_file(void **state)
{
	struct evidence *e = open_evidence(4000, false);
	struct record *last = NULL;

	(void)state;
	for (unsigned i = 0; i < 20; i++) {
		uint64_t time_ns = T0 + i * NS_PER_MIN;
		record_free(last);
		last = alert_of(time_ns, i, true);
		add(evidence_recent(e, 0, 1), time_ns, 1, 1000, 2, 445, 'a', 500);
		evidence_alert(e, last);
		evidence_tick(e, time_ns + EVIDENCE_AFTER_NS);
	}
	assert_true(files(false) >= 1 && files(false) < 8);
	assert_true(*marks(last));
	evidence_free(e);
	record_free(last);
}

static void more_alerts_at_once_than_may_wait_get_no_file(void **state)
{
	struct evidence *e = open_evidence(0, false);
	unsigned named = 0;

	(void)state;
	for (unsigned i = 0; i < 2 * EVIDENCE_JOBS; i++) {
		struct record *alert = alert_of(T0, i, true);
		evidence_alert(e, alert);
		named += record_has(alert, FIELD_ALERT_EVIDENCE_FILE);
		record_free(alert);
	}
	assert_int_equal(named, EVIDENCE_JOBS);
	assert_true(evidence_finish(e, NULL));
	assert_int_equal(files(false), EVIDENCE_JOBS);
	evidence_free(e);
}

static void memory_is_kept_to_a_share(void **state)
{
	struct error err = { .text = "" };
	struct evidence_settings s = { .folder = folder, .memory = 6 << 20 };
	struct evidence *e = evidence_new(&s, &err);
	size_t alerts, bytes;
	unsigned named = 0;

	(void)state;
	assert_non_null(e);
	struct recent *r = evidence_recent(e, 0, 2);
	assert_non_null(evidence_recent(e, 1, 2));
	for (unsigned i = 0; i < 20000; i++)
		add(r, T0 + i, 1, 1000, 2, 445, 'a', 1000);
	for (unsigned i = 0; i < 10; i++) {
		struct record *alert = alert_of(T0 + 20000, i, true);
		evidence_alert(e, alert);
		named += record_has(alert, FIELD_ALERT_EVIDENCE_FILE);
		record_free(alert);
	}
	evidence_held(e, &alerts, &bytes);
	assert_int_equal(named, 3);
	assert_int_equal(alerts, 3);
	assert_true(bytes > 3u << 20 && bytes < 6u << 20);
	assert_true(evidence_finish(e, NULL));
	evidence_free(e);
}

/* A hard link in the folder must not let a file elsewhere be emptied. */
static void a_link_under_the_unfinished_name_is_not_written_to(void **state)
{
	char victim[64], link_name[96];
	struct stat st;

	(void)state;
	snprintf(victim, sizeof(victim), "%s-victim", folder);
	snprintf(link_name, sizeof(link_name), "%s/%s", folder, EVIDENCE_UNFINISHED);
	int fd = open(victim, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, "precious", 8), 8);
	close(fd);
	mkdir(folder, 0700);
	assert_int_equal(link(victim, link_name), 0);
	struct evidence *e = open_evidence(0, false);
	struct record *alert = alert_of(T0, 1, true);
	evidence_alert(e, alert);
	record_free(alert);
	assert_true(evidence_finish(e, NULL));
	assert_int_equal(files(false), 1);
	evidence_free(e);
	assert_int_equal(stat(victim, &st), 0);
	assert_int_equal(st.st_size, 8);
	unlink(victim);
}

static void *work(void *context)
{
	for (unsigned i = 0; i < 50000; i++)
		add(context, T0 + i, 1, 1000, 2, 445, 'w', 300);
	return NULL;
}

static void workers_and_detection_go_on_while_the_thread_writes(void **state)
{
	struct evidence *e = open_evidence(0, true);
	pthread_t worker;
	size_t named = 0;

	(void)state;
	assert_int_equal(pthread_create(&worker, NULL, work, evidence_recent(e, 0, 1)), 0);
	for (unsigned i = 0; i < 40; i++) {
		struct record *alert = alert_of(T0 + i, i, true);
		evidence_alert(e, alert);
		named += record_has(alert, FIELD_ALERT_EVIDENCE_FILE);
		evidence_tick(e, T0 + i + EVIDENCE_AFTER_NS);
		record_free(alert);
	}
	pthread_join(worker, NULL);
	assert_true(evidence_finish(e, NULL));
	assert_int_equal(named, 40);
	assert_int_equal(files(false), 40);
	evidence_free(e);
}

static void a_folder_that_cannot_be_is_said(void **state)
{
	struct error err = { .text = "" };
	struct evidence_settings s = { .folder = "nonexistent/folder" };

	(void)state;
	assert_null(evidence_new(&s, &err));
	assert_non_null(strstr(err.text, "nonexistent/folder"));
}

static void a_folder_that_went_away_is_told_once(void **state)
{
	struct evidence *e = open_evidence(0, false);
	struct error err = { .text = "" };

	(void)state;
	assert_int_equal(rmdir(folder), 0);
	for (unsigned i = 0; i < 2; i++) {
		struct record *alert = alert_of(T0 + i, i, true);
		evidence_alert(e, alert);
		evidence_tick(e, T0 + i + EVIDENCE_AFTER_NS);
		assert_int_equal(evidence_failed(e, &err), i == 0);
		record_free(alert);
	}
	assert_non_null(strstr(err.text, "cannot write: No such file"));
	assert_false(evidence_finish(e, &err));
	evidence_free(e);
	assert_int_equal(mkdir(folder, 0700), 0);
}

static void names_are_safe_and_sort_by_time(void **state)
{
	char name[EVIDENCE_NAME];

	(void)state;
	evidence_folder_name(T0, bytes_string("../E 11"), 0xabc, name);
	assert_string_equal(name, "20261122T211904Z----E-11-0000000000000abc.pcapng");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_packets_are_kept_in_order),
		cmocka_unit_test_setup(a_file_has_the_flow_before_and_after, empty_folder),
		cmocka_unit_test_setup(an_alert_of_several_records_gets_the_traffic_of_the_pair, empty_folder),
		cmocka_unit_test_setup(a_closing_alert_names_no_file, empty_folder),
		cmocka_unit_test_setup(one_alert_takes_no_more_than_its_share, empty_folder),
		cmocka_unit_test_setup(a_full_folder_gives_up_the_oldest_file, empty_folder),
		cmocka_unit_test_setup(more_alerts_at_once_than_may_wait_get_no_file, empty_folder),
		cmocka_unit_test_setup(memory_is_kept_to_a_share, empty_folder),
		cmocka_unit_test_setup(a_link_under_the_unfinished_name_is_not_written_to, empty_folder),
		cmocka_unit_test_setup(workers_and_detection_go_on_while_the_thread_writes, empty_folder),
		cmocka_unit_test(a_folder_that_cannot_be_is_said),
		cmocka_unit_test_setup(a_folder_that_went_away_is_told_once, empty_folder),
		cmocka_unit_test(names_are_safe_and_sort_by_time),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
