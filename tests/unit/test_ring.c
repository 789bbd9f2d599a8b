/* SPDX-License-Identifier: BSD-2-Clause
 * The ring between a worker and detection, the order of several rings, and the mailbox. */
#include "../../sensord/app/threads/ring.h"
#include "../../sensord/app/threads/bell.h"
#include "../../sensord/app/threads/mailbox.h"
#include "../../sensord/app/threads/merge.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define MANY 20000

static struct place at(uint64_t major, uint64_t minor)
{
	return (struct place){ major, minor };
}

static struct record *record_saying(const char *text, uint64_t time_ns)
{
	struct record *r = record_new();

	assert_non_null(r);
	record_clear(r, DATASET_HTTP, time_ns);
	r->id = time_ns * 3;
	record_set_string(r, FIELD_URL_FULL, text);
	record_set_uint(r, FIELD_SOURCE_PORT, 4711);
	return r;
}

static void what_is_put_comes_out_whole_and_in_order(void **state)
{
	struct ring *ring = ring_new(0);
	struct record *r = record_saying("http://example.jp/", 7);

	(void)state;
	assert_non_null(ring);
	assert_true(ring_put_record(ring, at(1, 2), r, 0));
	record_clear(r, DATASET_FLOW, 0); /* the ring has a copy */
	assert_true(ring_put_clock(ring, at(3, 4), 55));
	const struct entry *e = ring_peek(ring);
	assert_non_null(e);
	assert_int_equal(e->kind, ENTRY_RECORD);
	assert_int_equal(e->place.minor, 2);
	assert_int_equal(e->record->id, 21);
	assert_true(record_text_is(e->record, FIELD_URL_FULL, "http://example.jp/"));
	assert_int_equal(record_uint(e->record, FIELD_SOURCE_PORT), 4711);
	ring_drop(ring);
	e = ring_peek(ring);
	assert_int_equal(e->kind, ENTRY_CLOCK);
	assert_int_equal(e->time_ns, 55);
	ring_drop(ring);
	assert_null(ring_peek(ring));
	assert_int_equal(ring_used(ring), 0);
	record_free(r);
	ring_free(ring);
}

static void a_full_ring_says_no_and_goes_on_where_room_is_made(void **state)
{
	struct ring *ring = ring_new(0);
	struct record *r = record_saying("x", 1);
	size_t n = 0, taken = 0;

	(void)state;
	while (ring_put_record(ring, at(n, 0), r, 0))
		n++;
	assert_true(n > 10);
	assert_true(ring_used(ring) <= ring_size(ring));
	for (unsigned turn = 0; turn < 1000; turn++) { /* over the end of the memory again and again */
		assert_int_equal(ring_peek(ring)->place.major, taken++);
		ring_drop(ring);
		if (ring_put_record(ring, at(n, 0), r, 0))
			n++;
	}
	while (ring_peek(ring)) {
		assert_int_equal(ring_peek(ring)->place.major, taken++);
		ring_drop(ring);
	}
	assert_int_equal(taken, n);
	record_free(r);
	ring_free(ring);
}

struct producer {
	struct ring *ring;
	struct bell *bell;
	uint64_t step, first;
};

static void *produce(void *context)
{
	struct producer *p = context;
	struct record *r = record_new();

	for (uint64_t i = 0; i < MANY; i++) {
		uint64_t major = p->first + i * p->step;
		record_clear(r, DATASET_DNS, major);
		record_printf(r, FIELD_DNS_QUESTION_NAME, "name-%llu", (unsigned long long)major);
		while (!ring_put_record(p->ring, at(major, 0), r, 0))
			bell_ring(p->bell);
		if (i % 64 == 0) {
			ring_mark(p->ring, major + 1);
			bell_ring(p->bell);
		}
	}
	ring_mark(p->ring, UINT64_MAX);
	bell_ring(p->bell);
	record_free(r);
	return NULL;
}

static void rings_of_several_threads_are_merged_in_order_and_nothing_is_lost(void **state)
{
	struct merge merge = { .n = 3 };
	struct producer producers[3];
	pthread_t threads[3];
	struct bell bell;
	uint64_t last = 0, n = 0;
	char name[64];

	(void)state;
	assert_true(bell_init(&bell));
	for (unsigned i = 0; i < 3; i++) {
		merge.rings[i] = ring_new((size_t)1 << 17);
		assert_non_null(merge.rings[i]);
		producers[i] = (struct producer){ merge.rings[i], &bell, 3, i };
		assert_int_equal(pthread_create(&threads[i], NULL, produce, &producers[i]), 0);
	}
	while (n < 3 * MANY) {
		uint64_t heard = bell_heard(&bell);
		const struct entry *e = merge_next(&merge, false);
		if (!e) {
			bell_wait(&bell, heard, 1000);
			continue;
		}
		assert_true(n == 0 || e->place.major > last);
		last = e->place.major;
		int size = snprintf(name, sizeof(name), "name-%llu", (unsigned long long)last);
		assert_true(bytes_equal(record_text(e->record, FIELD_DNS_QUESTION_NAME), bytes_of(name, (size_t)size)));
		merge_drop(&merge);
		n++;
	}
	assert_null(merge_next(&merge, false));
	for (unsigned i = 0; i < 3; i++) {
		pthread_join(threads[i], NULL);
		ring_free(merge.rings[i]);
	}
	bell_release(&bell);
}

static void an_entry_waits_for_the_mark_of_a_silent_ring_and_no_longer(void **state)
{
	struct merge merge = { .n = 2 };

	(void)state;
	merge.rings[0] = ring_new(0);
	merge.rings[1] = ring_new(0);
	ring_mark(merge.rings[0], 100);
	ring_mark(merge.rings[1], 5);
	assert_true(ring_put_clock(merge.rings[0], at(90, 0), 1));
	assert_null(merge_next(&merge, false));
	assert_true(merge.waiting);
	assert_int_equal(merge.until, 5);
	assert_non_null(merge_next(&merge, true)); /* impatience */
	ring_mark(merge.rings[1], 91);
	assert_non_null(merge_next(&merge, false));
	merge_drop(&merge);
	assert_null(merge_next(&merge, false));
	assert_false(merge.waiting);
	assert_int_equal(merge.until, 91);
	ring_free(merge.rings[0]);
	ring_free(merge.rings[1]);
}

static void equal_times_go_by_packet(void **state)
{
	struct merge merge = { .n = 2 };

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		merge.rings[i] = ring_new(0);
		ring_mark(merge.rings[i], UINT64_MAX);
		assert_true(ring_put_clock(merge.rings[i], at(7, i == 0 ? 12 : 11), i));
	}
	assert_int_equal(merge_next(&merge, false)->time_ns, 1);
	merge_drop(&merge);
	assert_int_equal(merge_next(&merge, false)->time_ns, 0);
	ring_free(merge.rings[0]);
	ring_free(merge.rings[1]);
}

/* ---- mailbox ---- */

struct served {
	struct mailbox box;
	atomic_bool end;
	unsigned done;
};

static void work(void *subject, void *context)
{
	((struct served *)subject)->done++;
	*(unsigned *)context += 1;
}

static void *serve(void *context)
{
	struct served *s = context;

	while (!atomic_load(&s->end))
		mailbox_serve(&s->box, s);
	mailbox_close(&s->box, s);
	return NULL;
}

static void *post_many(void *context)
{
	struct served *s = context;
	unsigned mine = 0;

	for (unsigned i = 0; i < 1000; i++) {
		assert_true(mailbox_post(&s->box, work, &mine));
		mailbox_await(&s->box);
	}
	return NULL;
}

static void posted_work_is_done_once_by_the_other_thread(void **state)
{
	struct served s = { .done = 0 };
	pthread_t server, posters[2];
	unsigned mine = 0;

	(void)state;
	assert_true(mailbox_init(&s.box));
	atomic_init(&s.end, false);
	assert_false(mailbox_post(&s.box, work, &mine)); /* nobody takes it */
	mailbox_open(&s.box);
	assert_int_equal(pthread_create(&server, NULL, serve, &s), 0);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&posters[i], NULL, post_many, &s), 0);
	for (unsigned i = 0; i < 2; i++)
		pthread_join(posters[i], NULL);
	atomic_store(&s.end, true);
	pthread_join(server, NULL);
	assert_int_equal(s.done, 2000);
	assert_int_equal(mine, 0);
	mailbox_release(&s.box);
}

static void what_waits_when_the_box_is_closed_is_done(void **state)
{
	struct served s = { .done = 0 };
	unsigned mine = 0;

	(void)state;
	assert_true(mailbox_init(&s.box));
	mailbox_open(&s.box);
	assert_true(mailbox_post(&s.box, work, &mine));
	mailbox_close(&s.box, &s);
	mailbox_await(&s.box);
	assert_int_equal(mine, 1);
	mailbox_release(&s.box);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_comes_out_whole_and_in_order),
		cmocka_unit_test(a_full_ring_says_no_and_goes_on_where_room_is_made),
		cmocka_unit_test(rings_of_several_threads_are_merged_in_order_and_nothing_is_lost),
		cmocka_unit_test(an_entry_waits_for_the_mark_of_a_silent_ring_and_no_longer),
		cmocka_unit_test(equal_times_go_by_packet),
		cmocka_unit_test(posted_work_is_done_once_by_the_other_thread),
		cmocka_unit_test(what_waits_when_the_box_is_closed_is_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
