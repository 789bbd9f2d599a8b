/* SPDX-License-Identifier: BSD-2-Clause
 * Kerberos: ceilings, loss, what is recognised by content, and that any cut tells the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "krb_maker.h"
#include "proto_sweep.h"

static void the_oldest_of_too_many_requests_is_told_early(void **state)
{
	struct harness *h = kdc(true);
	char name[8] = "user00";
	struct der d = { .size = 0 };

	(void)state;
	for (int i = 0; i < 12; i++) {
		name[5] = (char)('a' + i);
		say(h, CLIENT, make_request(&d, 10, NULL, name, 1, 0));
	}
	assert_int_equal(harness_count(h), 8); /* four exchanges, each with its logon */
	assert_true(record_text_is(harness_record(h, 0), FIELD_USER_NAME, "user0a"));
	harness_close(h, ENDED_TIMEOUT);
	assert_int_equal(harness_count(h), 24);
	harness_free(h);
}

static void after_a_loss_the_next_message_is_found(void **state)
{
	struct harness *h = kdc(false);

	(void)state;
	say(h, CLIENT, BYTES(krb_as_req));
	say(h, SERVER, bytes_of(krb_preauth_required, 100));
	harness_gap(h, SERVER, 100);
	say(h, SERVER, bytes_of(krb_preauth_required + 200, sizeof(krb_preauth_required) - 200));
	say(h, CLIENT, BYTES(krb_as_req_proof));
	say(h, SERVER, BYTES(krb_as_rep));
	harness_close(h, ENDED_FIN);
	const struct record *r = harness_find(h, DATASET_KERBEROS, 0);
	assert_true(record_has(r, FIELD_KERBEROS_NEW_TICKET));
	assert_false(harness_malformed(h, SERVER));
	harness_free(h);
}

static void messages_that_cannot_be_read_do_not_stop_the_next(void **state)
{
	static const uint8_t junk[] = { 0, 0, 0, 12, 0x6a, 10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
	static const uint8_t too_long[] = { 0x7f, 0xff, 0xff, 0xff };
	struct harness *h = kdc(false);

	(void)state;
	say(h, CLIENT, BYTES(krb_as_req));
	say(h, CLIENT, BYTES(junk));
	say(h, CLIENT, BYTES(krb_as_req_proof));
	say(h, CLIENT, BYTES(too_long));
	assert_true(harness_malformed(h, CLIENT));
	harness_close(h, ENDED_FIN);
	assert_non_null(harness_find(h, DATASET_KERBEROS, 1));
	harness_free(h);
}

static void other_ports_are_found_by_content_and_other_content_is_refused(void **state)
{
	static const uint8_t no_version[] = { 0x6a, 0x82, 0, 9, 0x30, 7, 0xa1, 3, 2, 1, 4, 0, 0 };
	struct harness *h = harness_new(NULL);

	(void)state;
	harness_set_server_port(h, 50088);
	harness_run(h, logon, 2, 0, 0);
	assert_int_equal(harness_count(h), 1);
	harness_free(h);
	h = kdc(true);
	say(h, CLIENT, BYTES(no_version));
	assert_null(harness_protocol(h));
	harness_free(h);
}

/* RFC 3244: length, version, length of the AP message, AP message, sealed part. */

static void records_do_not_depend_on_how_the_stream_is_cut(void **state)
{
	(void)state;
	sweep_cuts(logon, 2);
	sweep_cuts(logon, ARRAY_SIZE(logon));
}

static void a_stream_may_break_off_anywhere(void **state)
{
	(void)state;
	assert_true(sweep_prefixes(logon, ARRAY_SIZE(logon)) >= 4);
}

/* Each byte of a message in turn becomes another: nothing may break, and nothing may be read past the end. */
static void any_byte_may_be_wrong(void **state)
{
	uint8_t copy[sizeof(krb_tgs_req)];

	(void)state;
	for (size_t i = 0; i < 400; i++) {
		struct harness *h = kdc(true);
		memcpy(copy, krb_tgs_req, sizeof(copy));
		copy[i + 4] ^= 0xff;
		say(h, CLIENT, bytes_of(copy + 4, sizeof(copy) - 4));
		harness_close(h, ENDED_TIMEOUT);
		assert_true(harness_count(h) <= 2);
		harness_free(h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_oldest_of_too_many_requests_is_told_early),
		cmocka_unit_test(after_a_loss_the_next_message_is_found),
		cmocka_unit_test(messages_that_cannot_be_read_do_not_stop_the_next),
		cmocka_unit_test(other_ports_are_found_by_content_and_other_content_is_refused),
		cmocka_unit_test(records_do_not_depend_on_how_the_stream_is_cut),
		cmocka_unit_test(a_stream_may_break_off_anywhere),
		cmocka_unit_test(any_byte_may_be_wrong),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
