/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <sched.h>

#include "../../sensord/app/threads/crew.h"

#define PIECES 2000
#define ROOM 4

/* One task makes numbers, another one adds them up as far as a third one allows: ROOM of them fit in between. */
struct line {
	struct crew crew;
	size_t adding;
	atomic_uint made, allowed, added;
	unsigned sum;           /* of the second task alone */
	unsigned numbers[ROOM];
	atomic_int making_now, adding_now, most_at_once;
};

static void enter(struct line *l, atomic_int *now)
{
	int n = atomic_fetch_add(now, 1) + 1;

	if (n > atomic_load(&l->most_at_once))
		atomic_store(&l->most_at_once, n);
	if (n == 1)
		sched_yield();
	atomic_fetch_sub(now, 1);
}

static unsigned making_wanted(const void *of)
{
	const struct line *l = of;
	unsigned made = atomic_load(&l->made);

	return made < PIECES && made - atomic_load(&l->added) < ROOM ? CREW_PIECE : 0;
}

static bool make_one(void *of)
{
	struct line *l = of;
	unsigned made = atomic_load(&l->made);

	enter(l, &l->making_now);
	l->numbers[made % ROOM] = made;
	atomic_store(&l->made, made + 1);
	return true;
}

static unsigned allowing_wanted(const void *of)
{
	const struct line *l = of;

	return atomic_load(&l->allowed) < PIECES ? CREW_PIECE : 0;
}

static bool allow_one(void *of)
{
	struct line *l = of;

	atomic_fetch_add(&l->allowed, 1);
	return true;
}

static bool could_add(const struct line *l)
{
	unsigned added = atomic_load(&l->added);

	return added < atomic_load(&l->made) && added < atomic_load(&l->allowed);
}

static unsigned adding_wanted(const void *of)
{
	const struct line *l = of;

	return could_add(l) ? CREW_PIECE : 0;
}

static bool add_one(void *of)
{
	struct line *l = of;
	unsigned added = atomic_load(&l->added);

	enter(l, &l->adding_now);
	if (!could_add(l))
		return false;
	l->sum += l->numbers[added % ROOM];
	atomic_store(&l->added, added + 1);
	return true;
}

/* The same, but it goes on until PIECES are made: for room it depends on the other task. */
static unsigned making_all_wanted(const void *of)
{
	const struct line *l = of;

	return atomic_load(&l->made) < PIECES ? CREW_PIECE : 0;
}

static bool make_all(void *of)
{
	struct line *l = of;

	while (atomic_load(&l->made) < PIECES) {
		unsigned ended = crew_ended(&l->crew);
		if (making_wanted(l))
			make_one(l);
		else
			crew_help(&l->crew, l->adding, ended);
	}
	return true;
}

static void line_run(struct line *l, const struct crew_task *making, size_t threads)
{
	const struct crew_task adding = { adding_wanted, add_one, l }, allowing = { allowing_wanted, allow_one, l };

	*l = (struct line){ 0 };
	assert_true(crew_init(&l->crew));
	l->adding = crew_add(&l->crew, &adding);
	crew_add(&l->crew, making);
	crew_add(&l->crew, &allowing);
	assert_true(crew_work(&l->crew, threads));
	crew_release(&l->crew);
	assert_int_equal(atomic_load(&l->added), PIECES);
	assert_int_equal(l->sum, PIECES * (PIECES - 1) / 2);
	assert_int_equal(atomic_load(&l->most_at_once), 1);
}

static void everything_is_done_once_whatever_the_number_of_threads(void **state)
{
	static struct line l;
	const struct crew_task making = { making_wanted, make_one, &l };

	(void)state;
	for (size_t threads = 1; threads <= 4; threads++)
		line_run(&l, &making, threads);
}

static void who_cannot_go_on_helps_the_task_it_waits_for(void **state)
{
	static struct line l;
	const struct crew_task making = { making_all_wanted, make_all, &l };

	(void)state;
	for (size_t threads = 2; threads <= 4; threads++) /* one of them is stuck in it */
		line_run(&l, &making, threads);
}

struct choice {
	unsigned wanted, left;
	unsigned *order, *n;
	unsigned name;
};

static unsigned choice_wanted(const void *of)
{
	const struct choice *c = of;

	return c->left ? c->wanted : 0;
}

static bool choice_piece(void *of)
{
	struct choice *c = of;

	c->left--;
	c->order[(*c->n)++] = c->name;
	return true;
}

static void what_is_wanted_most_comes_first_and_a_thread_stays_with_its_task(void **state)
{
	unsigned order[8], n = 0;
	struct choice some = { CREW_PIECE, 2, order, &n, 1 }, more = { CREW_PIECE + 1, 2, order, &n, 2 };
	struct choice most = { 4 * CREW_PIECE, 1, order, &n, 3 };
	struct crew crew;

	(void)state;
	assert_true(crew_init(&crew));
	crew_add(&crew, &(struct crew_task){ choice_wanted, choice_piece, &some });
	crew_add(&crew, &(struct crew_task){ choice_wanted, choice_piece, &more });
	crew_add(&crew, &(struct crew_task){ choice_wanted, choice_piece, &most });
	assert_true(crew_work(&crew, 1));
	crew_release(&crew);
	assert_int_equal(n, 5);
	assert_int_equal(order[0], 3);
	assert_int_equal(order[1], 2);
	assert_int_equal(order[2], 2);
	assert_int_equal(order[3], 1);
	assert_int_equal(order[4], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_is_done_once_whatever_the_number_of_threads),
		cmocka_unit_test(who_cannot_go_on_helps_the_task_it_waits_for),
		cmocka_unit_test(what_is_wanted_most_comes_first_and_a_thread_stays_with_its_task),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
