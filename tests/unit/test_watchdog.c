/* SPDX-License-Identifier: BSD-2-Clause
 * The watchdog is fed while everything gets on, and withheld as soon as one part hangs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "../../sensord/app/daemon/watchdog.h"

static struct live_stats stats; /* large */

static void begin(struct watchdog *w, size_t workers)
{
	*w = (struct watchdog){ 0 };
	stats = (struct live_stats){ .n_workers = workers, .turns = 1 };
	for (size_t i = 0; i < workers; i++)
		stats.worker[i].turns = 1;
	assert_true(watchdog_feeds(w, &stats));
}

static void a_sensor_that_has_not_begun_is_not_fed(void **state)
{
	struct watchdog w = { 0 };

	(void)state;
	stats = (struct live_stats){ .n_workers = 1 };
	assert_false(watchdog_feeds(&w, &stats));
}

static void it_is_fed_while_all_get_on(void **state)
{
	struct watchdog w;

	(void)state;
	begin(&w, 2);
	for (int i = 0; i < 10; i++) {
		stats.turns++;
		stats.worker[0].turns += 3;
		stats.worker[1].turns++;
		assert_true(watchdog_feeds(&w, &stats));
	}
}

static void detection_that_hangs_withholds_it(void **state)
{
	struct watchdog w;

	(void)state;
	begin(&w, 1);
	for (int i = 0; i < 10; i++) {
		stats.worker[0].turns++;
		assert_false(watchdog_feeds(&w, &stats));
	}
	stats.turns++; /* it was only slow */
	assert_true(watchdog_feeds(&w, &stats));
}

static void one_worker_of_many_that_hangs_withholds_it(void **state)
{
	struct watchdog w;

	(void)state;
	for (size_t hangs = 0; hangs < LIVE_WORKERS_MAX; hangs += LIVE_WORKERS_MAX - 1) {
		begin(&w, LIVE_WORKERS_MAX);
		for (int turn = 0; turn < 3; turn++) {
			stats.turns++;
			for (size_t i = 0; i < LIVE_WORKERS_MAX; i++)
				stats.worker[i].turns += i != hangs;
			assert_false(watchdog_feeds(&w, &stats));
		}
		stats.worker[hangs].turns++;
		assert_true(watchdog_feeds(&w, &stats));
	}
}

static void parts_may_get_on_one_after_the_other(void **state)
{
	struct watchdog w;

	(void)state;
	begin(&w, 1);
	stats.turns++;
	assert_false(watchdog_feeds(&w, &stats));
	stats.worker[0].turns++;
	assert_true(watchdog_feeds(&w, &stats));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sensor_that_has_not_begun_is_not_fed),
		cmocka_unit_test(it_is_fed_while_all_get_on),
		cmocka_unit_test(detection_that_hangs_withholds_it),
		cmocka_unit_test(one_worker_of_many_that_hangs_withholds_it),
		cmocka_unit_test(parts_may_get_on_one_after_the_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
