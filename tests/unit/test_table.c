/* SPDX-License-Identifier: BSD-2-Clause
 * Tables with a ceiling. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "base/attributes.h"
#include "base/table.h"

static const struct hash_key key = { 1, 2 };

struct dropped {
	uint32_t keys[64];
	uint64_t values[64];
	size_t n;
};

static void note(void *context, const void *k, void *value)
{
	struct dropped *d = context;

	if (d->n < ARRAY_SIZE(d->keys)) {
		d->keys[d->n] = *(const uint32_t *)k;
		d->values[d->n] = *(uint64_t *)value;
	}
	d->n++;
}

static uint64_t *make(struct table *t, uint32_t k, uint64_t now)
{
	bool fresh = false;
	uint64_t *value = table_make(t, &k, now, &fresh);

	assert_non_null(value);
	if (fresh)
		assert_int_equal(*value, 0);
	*value = k * 10;
	return value;
}

static void what_was_made_is_found(void **state)
{
	struct table *t = table_new(4, 8, 100, &key, NULL, NULL);
	uint32_t k = 7, unknown = 8;
	bool fresh = true;

	(void)state;
	make(t, 7, 1);
	assert_int_equal(*(uint64_t *)table_find(t, &k, 2), 70);
	assert_ptr_equal(table_peek(t, &k), table_find(t, &k, 2));
	assert_null(table_find(t, &unknown, 2));
	assert_null(table_peek(t, &unknown));
	assert_int_equal(*(uint64_t *)table_make(t, &k, 3, &fresh), 70);
	assert_false(fresh);
	assert_int_equal(table_count(t), 1);
	table_free(t);
}

static void when_full_the_entry_unused_for_longest_goes(void **state)
{
	struct dropped d = { .n = 0 };
	struct table *t = table_new(4, 8, 3, &key, note, &d);
	uint32_t one = 1, two = 2;

	(void)state;
	make(t, 1, 1);
	make(t, 2, 2);
	make(t, 3, 3);
	assert_non_null(table_find(t, &one, 4));
	assert_non_null(table_peek(t, &two)); /* a look does not count as use */
	make(t, 4, 5);
	assert_int_equal(d.n, 1);
	assert_int_equal(d.keys[0], 2);
	assert_int_equal(d.values[0], 20);
	assert_null(table_peek(t, &two));
	assert_non_null(table_peek(t, &one));
	assert_int_equal(table_evicted(t), 1);
	assert_int_equal(table_count(t), 3);
	table_free(t);
	assert_int_equal(d.n, 4);
}

static void what_expires_is_older_and_goes_oldest_first(void **state)
{
	struct dropped d = { .n = 0 };
	struct table *t = table_new(4, 8, 100, &key, note, &d);

	(void)state;
	for (uint32_t i = 0; i < 10; i++)
		make(t, i, 100 + i);
	assert_int_equal(table_expire(t, 100), 0);
	assert_int_equal(table_expire(t, 104), 4);
	for (uint32_t i = 0; i < 4; i++)
		assert_int_equal(d.keys[i], i);
	assert_int_equal(table_count(t), 6);
	assert_int_equal(table_evicted(t), 0);
	table_free(t);
}

static void a_clock_that_steps_back_does_not_hide_the_old(void **state)
{
	struct table *t = table_new(4, 8, 100, &key, NULL, NULL);

	(void)state;
	make(t, 1, 1000);
	make(t, 2, 10); /* counts as used at 1000 */
	assert_int_equal(table_expire(t, 900), 0);
	assert_int_equal(table_expire(t, 1001), 2);
	table_free(t);
}

static void removal_spares_the_others(void **state)
{
	struct dropped d = { .n = 0 };
	struct table *t = table_new(4, 8, 2000, &key, note, &d);

	(void)state;
	for (uint32_t i = 0; i < 1000; i++)
		make(t, i, i);
	for (uint32_t i = 0; i < 1000; i += 25)
		table_remove(t, &i);
	uint32_t absent = 5000;
	table_remove(t, &absent);
	assert_int_equal(d.n, 40);
	assert_int_equal(table_count(t), 960);
	for (uint32_t i = 0; i < 1000; i++) {
		uint64_t *value = table_peek(t, &i);
		assert_true(i % 25 ? value && *value == i * 10 : !value);
	}
	table_free(t);
	assert_int_equal(d.n, 1000);
}

static void values_stay_where_they_are_while_the_table_grows(void **state)
{
	struct table *t = table_new(4, 8, 100000, &key, NULL, NULL);
	uint64_t *first = make(t, 1, 1);

	(void)state;
	for (uint32_t i = 2; i < 50000; i++)
		make(t, i, i);
	uint32_t one = 1;
	assert_ptr_equal(table_peek(t, &one), first);
	assert_int_equal(*first, 10);
	assert_int_equal((uintptr_t)first % 16, 0);
	table_free(t);
}

struct walk {
	uint32_t keys[8];
	size_t n;
};

static void see(void *context, const void *k, void *value)
{
	struct walk *w = context;

	(void)value;
	w->keys[w->n++] = *(const uint32_t *)k;
}

static void a_walk_goes_from_the_oldest_use_to_the_newest(void **state)
{
	struct table *t = table_new(4, 8, 8, &key, NULL, NULL);
	struct walk w = { .n = 0 };
	uint32_t one = 1;

	(void)state;
	for (uint32_t i = 1; i <= 3; i++)
		make(t, i, i);
	table_find(t, &one, 4);
	table_walk(t, see, &w);
	assert_int_equal(w.n, 3);
	assert_int_equal(w.keys[0], 2);
	assert_int_equal(w.keys[1], 3);
	assert_int_equal(w.keys[2], 1);
	table_free(t);
	table_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_made_is_found),
		cmocka_unit_test(when_full_the_entry_unused_for_longest_goes),
		cmocka_unit_test(what_expires_is_older_and_goes_oldest_first),
		cmocka_unit_test(a_clock_that_steps_back_does_not_hide_the_old),
		cmocka_unit_test(removal_spares_the_others),
		cmocka_unit_test(values_stay_where_they_are_while_the_table_grows),
		cmocka_unit_test(a_walk_goes_from_the_oldest_use_to_the_newest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
