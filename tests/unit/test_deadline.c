/* SPDX-License-Identifier: BSD-2-Clause
 * Deadlines on the packet clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/deadline.h"

static void they_come_in_the_order_they_are_due(void **state)
{
	struct deadlines all = { 0 };
	struct deadline d[5] = { { 0 } };
	static const uint64_t due[] = { 50, 10, 40, 20, 30 };
	static const int order[] = { 1, 3, 4, 2, 0 };

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_true(deadline_set(&all, &d[i], due[i]));
	assert_null(deadline_due(&all, 9));
	for (int i = 0; i < 5; i++)
		assert_ptr_equal(deadline_due(&all, 50), &d[order[i]]);
	assert_null(deadline_due(&all, UINT64_MAX));
	deadlines_release(&all);
}

static void nothing_comes_before_it_is_due(void **state)
{
	struct deadlines all = { 0 };
	struct deadline d = { 0 };

	(void)state;
	assert_null(deadline_due(&all, UINT64_MAX));
	deadline_set(&all, &d, 100);
	assert_null(deadline_due(&all, 99));
	assert_ptr_equal(deadline_due(&all, 100), &d);
	assert_int_equal(d.place, 0);
	deadlines_release(&all);
}

static void equal_times_come_in_the_order_of_setting(void **state)
{
	struct deadlines all = { 0 };
	struct deadline d[100] = { { 0 } };

	(void)state;
	for (int i = 0; i < 100; i++)
		deadline_set(&all, &d[i], 7);
	deadline_set(&all, &d[0], 7); /* set again: last */
	for (int i = 1; i < 100; i++)
		assert_ptr_equal(deadline_due(&all, 7), &d[i]);
	assert_ptr_equal(deadline_due(&all, 7), &d[0]);
	deadlines_release(&all);
}

static void a_deadline_moves_both_ways(void **state)
{
	struct deadlines all = { 0 };
	struct deadline a = { 0 }, b = { 0 };

	(void)state;
	deadline_set(&all, &a, 10);
	deadline_set(&all, &b, 20);
	deadline_set(&all, &a, 30);
	assert_ptr_equal(deadline_due(&all, 25), &b);
	assert_null(deadline_due(&all, 25));
	deadline_set(&all, &a, 5);
	assert_ptr_equal(deadline_due(&all, 5), &a);
	deadlines_release(&all);
}

static void a_cleared_deadline_never_comes(void **state)
{
	struct deadlines all = { 0 };
	struct deadline d[10] = { { 0 } };

	(void)state;
	for (int i = 0; i < 10; i++)
		deadline_set(&all, &d[i], (uint64_t)i);
	for (int i = 0; i < 10; i += 2)
		deadline_clear(&all, &d[i]);
	deadline_clear(&all, &d[0]); /* twice is fine */
	for (int i = 1; i < 10; i += 2)
		assert_ptr_equal(deadline_due(&all, 100), &d[i]);
	assert_null(deadline_due(&all, 100));
	deadlines_release(&all);
}

static void any_mix_of_setting_and_clearing_stays_in_order(void **state)
{
	enum { COUNT = 500 };
	static struct deadline d[COUNT];
	struct deadlines all = { 0 };
	uint32_t seed = 1;
	uint64_t last = 0;
	size_t set = 0, come = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		seed = seed * 1103515245 + 12345;
		struct deadline *one = &d[(seed >> 8) % COUNT];
		if (seed >> 30)
			deadline_set(&all, one, seed >> 16);
		else
			deadline_clear(&all, one);
	}
	for (int i = 0; i < COUNT; i++)
		set += d[i].place != 0;
	for (struct deadline *one; (one = deadline_due(&all, UINT64_MAX)) != NULL; come++) {
		assert_true(one->due_ns >= last);
		last = one->due_ns;
	}
	assert_true(set > 0);
	assert_int_equal(come, set);
	deadlines_release(&all);
}

static void release_forgets_what_was_set(void **state)
{
	struct deadlines all = { 0 };
	struct deadline d = { 0 };

	(void)state;
	deadline_set(&all, &d, 5);
	deadlines_release(&all);
	assert_int_equal(d.place, 0);
	assert_null(deadline_due(&all, 10));
	assert_true(deadline_set(&all, &d, 6));
	assert_ptr_equal(deadline_due(&all, 10), &d);
	deadlines_release(&all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_come_in_the_order_they_are_due),
		cmocka_unit_test(nothing_comes_before_it_is_due),
		cmocka_unit_test(equal_times_come_in_the_order_of_setting),
		cmocka_unit_test(a_deadline_moves_both_ways),
		cmocka_unit_test(a_cleared_deadline_never_comes),
		cmocka_unit_test(any_mix_of_setting_and_clearing_stays_in_order),
		cmocka_unit_test(release_forgets_what_was_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
