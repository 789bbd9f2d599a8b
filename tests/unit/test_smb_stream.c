/* SPDX-License-Identifier: BSD-2-Clause
 * SMB 2 and 3: what is told after loss and however a stream is cut, and the ceilings of the tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "proto_sweep.h"
#include "smb2_talk.h"

static void a_stream_that_begins_in_the_middle_is_read_from_the_next_frame(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	tree_connect(t, "\\\\fs1\\share", 1, 0);
	create(t, "a.txt", 7, 0);
	struct harness *h = harness_new(NULL);
	harness_set_midstream(h, true);
	harness_feed(h, CLIENT, t->steps[2].bytes, 0, 0);
	harness_feed(h, SERVER, t->steps[3].bytes, 0, 0);
	harness_close(h, ENDED_FIN);
	assert_true(record_text_is(told(h, "create"), FIELD_FILE_PATH, "a.txt"));
	assert_false(record_has(told(h, "create"), FIELD_SMB_SHARE));
	done(h, t);
}

static void after_a_gap_the_next_frame_is_found(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	tree_connect(t, "\\\\fs1\\share", 1, 0);
	create(t, "a.txt", 7, 0);
	struct harness *h = harness_new(NULL);
	harness_feed(h, CLIENT, t->steps[0].bytes, 0, 0);
	harness_feed(h, SERVER, t->steps[1].bytes, 0, 0);
	harness_gap(h, CLIENT, 1000);
	harness_feed(h, CLIENT, bytes_string("rest of something SMB lost"), 0, 0);
	harness_feed(h, CLIENT, t->steps[2].bytes, 5, 0);
	harness_feed(h, SERVER, t->steps[3].bytes, 0, 0);
	harness_close(h, ENDED_FIN);
	assert_true(record_text_is(told(h, "create"), FIELD_FILE_PATH, "a.txt"));
	assert_true(record_text_is(told(h, "create"), FIELD_EVENT_OUTCOME, "success"));
	done(h, t);
}

static void content_that_was_lost_is_no_gap(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	uint8_t big[5000] = "MZ";
	tree_connect(t, "\\\\fs1\\share", 1, 0);
	create(t, "a.exe", 7, 0);
	write_file(t, 7, big, sizeof(big), 0);
	struct harness *h = harness_new(NULL);
	for (size_t i = 0; i < t->n; i++) {
		struct bytes b = t->steps[i].bytes;
		if (i != 4) {
			harness_feed(h, t->steps[i].side, b, 0, 0);
			continue;
		}
		harness_feed(h, CLIENT, bytes_of(b.at, 1000), 0, 0);
		harness_gap(h, CLIENT, b.size - 1000);
	}
	harness_close(h, ENDED_FIN);
	assert_true(record_bool(told(h, "write"), FIELD_FILE_EXECUTABLE));
	assert_int_equal(record_uint(told(h, "write"), FIELD_SMB_WRITE_BYTES), 5000);
	done(h, t);
}

static void a_client_that_sets_the_flag_of_answers_is_read_as_a_client(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	frame_begin(&t->wire);
	smb2_head(&t->wire, (struct smb2){ 5, 1, SESSION, TREE, 0, RESPONSE });
	create_body(&t->wire, "evade.exe", 2, 2, 0);
	say(t, CLIENT);
	struct harness *h = run(t);
	assert_true(record_text_is(told(h, "create"), FIELD_FILE_PATH, "evade.exe"));
	done(h, t);
}

/* ---- limits ---- */

/* Feeds one message many times, with a number in it counted up. */
static struct harness *flood(struct talk *t, size_t n, size_t first, size_t last,
			     void (*change)(struct step *s, size_t i))
{
	struct harness *h = harness_new(NULL);
	for (size_t i = 0; i < first; i++)
		harness_feed(h, t->steps[i].side, t->steps[i].bytes, 0, 0);
	for (size_t i = 0; i < n; i++) {
		for (size_t k = first; k < last; k++) {
			change(&t->steps[k], i);
			harness_feed(h, t->steps[k].side, t->steps[k].bytes, 0, 0);
		}
	}
	return h;
}

static void number(struct step *s, size_t at, size_t i)
{
	uint8_t *b = (uint8_t *)(uintptr_t)s->bytes.at;
	b[4 + at] = (uint8_t)i;
	b[4 + at + 1] = (uint8_t)(i >> 8);
}

static void next_id(struct step *s, size_t i)
{
	number(s, 24, i);
}
static void next_session(struct step *s, size_t i)
{
	number(s, 40, i + 1);
}
static void next_tree(struct step *s, size_t i)
{
	next_id(s, i);
	if (s->side == SERVER)
		number(s, 36, i + 1);
}
static void next_file(struct step *s, size_t i)
{
	next_id(s, i);
	if (s->side == SERVER)
		number(s, 64 + 64, i + 1);
}

static void unanswered_requests_have_a_ceiling(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	create_body(ask(t, 5, TREE), "x", 1, 1, 0);
	say(t, CLIENT);
	struct harness *h = flood(t, 300, 0, 1, next_id);
	assert_int_equal(harness_count(h), 300 - 256); /* those that had to go were told */
	harness_close(h, ENDED_FIN);
	assert_int_equal(harness_count(h), 300);
	done(h, t);
}

static void logons_without_an_answer_have_one_of_their_own(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	setup_request(t, "guess", 0);
	struct harness *h = flood(t, 30, 0, 1, next_id);
	assert_int_equal(count(h, "session_setup"), 30 - 8);
	harness_close(h, ENDED_FIN);
	assert_int_equal(count(h, "session_setup"), 30);
	done(h, t);
}

static void sessions_have_a_ceiling(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	setup_request(t, NULL, 0);
	setup_answer(t, MORE, 0);
	struct harness *h = flood(t, 100, 0, 2, next_session);
	harness_close(h, ENDED_FIN);
	assert_int_equal(count(h, "session_setup"), 100);
	done(h, t);
}

static void trees_have_a_ceiling(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	tree_connect(t, "\\\\fs1\\share", 1, 0);
	struct harness *h = flood(t, 100, 0, 2, next_tree);
	create_body(ask(t, 5, 1), "old.txt", 1, 1, 0); /* tree 1 went long ago */
	say(t, CLIENT);
	create_body(ask(t, 5, 100), "new.txt", 1, 1, 0);
	say(t, CLIENT);
	harness_feed(h, CLIENT, t->steps[2].bytes, 0, 0);
	harness_feed(h, CLIENT, t->steps[3].bytes, 0, 0);
	harness_close(h, ENDED_FIN);
	assert_false(record_has(harness_record(h, 100), FIELD_SMB_SHARE));
	assert_true(record_text_is(harness_record(h, 101), FIELD_SMB_SHARE, "\\\\fs1\\share"));
	done(h, t);
}

static void open_files_have_a_ceiling_and_are_told_when_they_go(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	tree_connect(t, "\\\\fs1\\share", 1, 0);
	create(t, "f.txt", 1, 0);
	write_file(t, 1, "MZ", 2, 0);
	struct harness *h = harness_new(NULL);
	for (size_t i = 0; i < 6; i++)
		harness_feed(h, t->steps[i].side, t->steps[i].bytes, 0, 0);
	assert_int_equal(count(h, "close"), 0);
	for (size_t i = 1; i <= 600 && count(h, "close") == 0; i++) {
		next_file(&t->steps[2], i);
		next_file(&t->steps[3], i);
		harness_feed(h, CLIENT, t->steps[2].bytes, 0, 0);
		harness_feed(h, SERVER, t->steps[3].bytes, 0, 0);
	}
	assert_int_equal(count(h, "close"), 1); /* the oldest went, and said what was written */
	done(h, t);
}

/* Without a ceiling: each has its 64 bytes, and what stands behind many harmless messages counts as well. */
static void a_compound_is_read_to_its_end(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	ask(t, 2, 0);
	put(&t->wire, 4, 4);
	for (int i = 0; i < 100; i++) {
		smb2_next(&t->wire, (struct smb2){ 2, ++t->id, SESSION, 0, 0, 0 });
		put(&t->wire, 4, 4);
	}
	say(t, CLIENT);
	struct harness *h = run(t);
	assert_int_equal(count(h, "logoff"), 101);
	done(h, t);
}

/* ---- sweeps ---- */

static void every_cut_tells_the_same(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	negotiate(t, 0x0300);
	pipe_talk(t);
	create(t, "f.exe", 8, 0);
	write_file(t, 8, "MZ-a program of some size", 25, 0);
	close_file(t, 8);
	sweep_cuts(t->steps, t->n);
	free(t);
}

static void every_truncation_is_survived(void **state)
{
	(void)state;
	struct talk *t = talk_new();
	negotiate(t, 0x0300);
	pipe_talk(t);
	assert_true(sweep_prefixes(t->steps, t->n) >= 5);
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stream_that_begins_in_the_middle_is_read_from_the_next_frame),
		cmocka_unit_test(after_a_gap_the_next_frame_is_found),
		cmocka_unit_test(content_that_was_lost_is_no_gap),
		cmocka_unit_test(a_client_that_sets_the_flag_of_answers_is_read_as_a_client),
		cmocka_unit_test(unanswered_requests_have_a_ceiling),
		cmocka_unit_test(logons_without_an_answer_have_one_of_their_own),
		cmocka_unit_test(sessions_have_a_ceiling),
		cmocka_unit_test(trees_have_a_ceiling),
		cmocka_unit_test(open_files_have_a_ceiling_and_are_told_when_they_go),
		cmocka_unit_test(a_compound_is_read_to_its_end),
		cmocka_unit_test(every_cut_tells_the_same),
		cmocka_unit_test(every_truncation_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
