/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "../../sensord/app/threads/rounds.h"

static struct rounds rounds;

static int setup(void **state)
{
	(void)state;
	return rounds_init(&rounds, 2) ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	rounds_release(&rounds);
	return 0;
}

static void each_worker_finds_its_own_and_what_is_everybodys_in_order(void **state)
{
	struct round *round = rounds_begin(&rounds);

	(void)state;
	for (uint64_t i = 0; i < 6; i++) {
		struct item *item = round_add(round);
		item->sequence = i;
		if (i % 3 == 2)
			round_give_all(round, item, 2);
		else
			round_give(round, item, i % 3);
	}
	rounds_hand_over(&rounds);
	static const uint64_t expected[2][4] = { { 0, 2, 3, 5 }, { 1, 2, 4, 5 } };
	for (size_t w = 0; w < 2; w++) {
		const struct round *got = rounds_next(&rounds, w);
		assert_int_equal(got->n_mine[w], 4);
		for (size_t i = 0; i < 4; i++)
			assert_int_equal(got->items[got->mine[w][i]].sequence, expected[w][i]);
		assert_int_equal(rounds_done_by_all(&rounds), 0);
		rounds_set_done(&rounds, w);
	}
	assert_int_equal(rounds_done_by_all(&rounds), 1);
}

static void a_round_is_full_while_the_largest_frame_still_fits(void **state)
{
	struct round *round = rounds_begin(&rounds);
	size_t n = 0;

	(void)state;
	for (; round_has_room(round); n++) {
		uint8_t *bytes = round_take(round, LIMIT_FRAME);
		memset(bytes, 1, LIMIT_FRAME);
		assert_true(bytes + LIMIT_FRAME <= round->data + sizeof(round->data));
		for (size_t i = 0; i < ROUND_FRAME_ITEMS; i++)
			round_give_all(round, round_add(round), 2);
	}
	assert_true(n > 1);
	round = rounds_begin(&rounds);
	for (n = 0; round_has_room(round); n++)
		round_give_all(round, round_add(round), 2);
	assert_true(n > ROUND_ITEMS - ROUND_FRAME_ITEMS - 1 && n <= ROUND_ITEMS);
}

static void a_round_holds_the_chunks_of_its_frames_until_it_is_used_again(void **state)
{
	struct chunk *chunk = chunk_new(100);

	(void)state;
	assert_non_null(chunk);
	round_hold(rounds_begin(&rounds), chunk, 10);
	round_hold(rounds.ring[0], chunk, 10); /* the same again is no second hold */
	assert_int_equal(chunk->holders, 2);
	rounds_hand_over(&rounds);
	rounds_set_done(&rounds, 0);
	rounds_set_done(&rounds, 1);
	for (size_t i = 1; i < ROUNDS; i++) {
		rounds_begin(&rounds);
		rounds_hand_over(&rounds);
	}
	assert_int_equal(chunk->holders, 2);
	rounds_begin(&rounds);
	assert_int_equal(chunk->holders, 1);
	chunk_let_go(chunk);
}

static void a_round_with_frames_of_too_many_chunks_is_full(void **state)
{
	struct round *round = rounds_begin(&rounds);
	size_t n = 0;

	(void)state;
	for (; round_has_room(round); n++) {
		struct chunk *chunk = chunk_new(1);
		assert_non_null(chunk);
		round_hold(round, chunk, 1);
		chunk_let_go(chunk); /* the round's alone now: released with it */
	}
	assert_int_equal(n, ROUND_CHUNKS);
}

static void as_much_of_the_chunks_is_held_as_of_copies(void **state)
{
	struct round *round = rounds_begin(&rounds);
	struct chunk *chunk = chunk_new(1);
	size_t n = 0;

	(void)state;
	assert_non_null(chunk);
	for (; round_has_room(round); n++)
		round_hold(round, chunk, 1 << 16);
	assert_int_equal(n, ROUND_BYTES / (1 << 16) + 1);
	chunk_let_go(chunk);
}

#define ROUNDS_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ROUNDS_TEST(each_worker_finds_its_own_and_what_is_everybodys_in_order),
		ROUNDS_TEST(a_round_is_full_while_the_largest_frame_still_fits),
		ROUNDS_TEST(a_round_holds_the_chunks_of_its_frames_until_it_is_used_again),
		ROUNDS_TEST(a_round_with_frames_of_too_many_chunks_is_full),
		ROUNDS_TEST(as_much_of_the_chunks_is_held_as_of_copies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
