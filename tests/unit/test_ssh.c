/* SPDX-License-Identifier: BSD-2-Clause
 * SSH identification lines, and the protocols that are known by their greeting only. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto_harness.h"
#include "proto_sweep.h"

static const struct step both[] = {
	SAY(SERVER, "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"),
	SAY(CLIENT, "SSH-2.0-PuTTY_Release_0.78\r\n"),
	SAY(CLIENT, "\x00\x00\x05\xdc\x04\x14"),
	SAY(SERVER, "\x00\x00\x05\xdc\x04\x14"),
};

static void both_identifications_are_one_record(void **state)
{
	struct harness *h = harness_new(NULL);
	harness_run(h, both, ARRAY_SIZE(both), 0, 0);
	const struct record *r = harness_find(h, DATASET_SSH, 0);

	(void)state;
	assert_int_equal(harness_count(h), 1);
	assert_int_equal(r->time_ns, HARNESS_START_NS);
	assert_true(record_text_is(r, FIELD_SSH_SERVER, "SSH-2.0-OpenSSH_9.2p1 Debian-2"));
	assert_true(record_text_is(r, FIELD_SSH_CLIENT, "SSH-2.0-PuTTY_Release_0.78"));
	assert_false(harness_malformed(h, CLIENT));
	harness_free(h);
}

static void one_identification_is_told_at_the_end(void **state)
{
	struct harness *h = harness_new(NULL);

	(void)state;
	harness_feed(h, SERVER, both[0].bytes, 0, 0);
	assert_int_equal(harness_count(h), 0);
	harness_close(h, ENDED_TIMEOUT);
	assert_int_equal(harness_count(h), 1);
	assert_false(record_has(harness_record(h, 0), FIELD_SSH_CLIENT));
	harness_free(h);
}

static void a_line_without_end_is_not_ssh(void **state)
{
	char endless[400];
	struct harness *h = harness_new(NULL);

	(void)state;
	memset(endless, 'a', sizeof(endless));
	memcpy(endless, "SSH-2.0-", 8);
	harness_feed(h, CLIENT, bytes_of(endless, sizeof(endless)), 0, 0);
	assert_null(harness_confirmed(h));
	harness_free(h);
}

static void an_answer_that_is_no_identification_is_malformed(void **state)
{
	struct harness *h = harness_new(NULL);

	(void)state;
	harness_feed(h, SERVER, both[0].bytes, 0, 0);
	harness_feed(h, CLIENT, bytes_string("GET / HTTP/1.1\r\n\r\n"), 0, 0);
	assert_true(harness_malformed(h, CLIENT));
	harness_free(h);
}

static void any_segmentation_tells_the_same(void **state)
{
	(void)state;
	sweep_cuts(both, ARRAY_SIZE(both));
	assert_int_equal(sweep_prefixes(both, ARRAY_SIZE(both)), 1);
}

static void greetings_name_their_protocol(void **state)
{
	static const struct {
		struct step step;
		const char *name; /* NULL: none of them */
	} rows[] = {
		{ SAY(SERVER, "220 mx.example ESMTP Postfix\r\n"), "smtp" },
		{ SAY(CLIENT, "EHLO pc11\r\n"), "smtp" },
		{ SAY(CLIENT, "helo pc11\r\n"), "smtp" },
		{ SAY(SERVER, "220 (vsFTPd 3.0.3)\r\n"), "ftp" },
		{ SAY(SERVER, "220-Welcome to Pure-FTPd\r\n"), "ftp" },
		{ SAY(CLIENT, "AUTH TLS\r\n"), "ftp" },
		{ SAY(SERVER, "+OK Dovecot ready.\r\n"), "pop3" },
		{ SAY(SERVER, "* OK [CAPABILITY IMAP4rev1] ready\r\n"), "imap" },
		{ SAY(SERVER, "220 ready\r\n"), NULL },
		{ SAY(SERVER, "220 ready\r\nSMTP"), NULL },
		{ SAY(CLIENT, "+OK\r\n"), NULL },
		{ SAY(CLIENT, "EHLOpc11\r\n"), NULL },
		{ SAY(SERVER, "221 SMTP\r\n"), NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		static const size_t segments[] = { 0, 1, 5 };
		for (size_t k = 0; k < ARRAY_SIZE(segments); k++) {
			struct harness *h = harness_new(NULL);
			harness_run(h, &rows[i].step, 1, segments[k], 0);
			if (rows[i].name)
				assert_string_equal(harness_confirmed(h), rows[i].name);
			else
				assert_null(harness_confirmed(h));
			harness_free(h);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_identifications_are_one_record),
		cmocka_unit_test(one_identification_is_told_at_the_end),
		cmocka_unit_test(a_line_without_end_is_not_ssh),
		cmocka_unit_test(an_answer_that_is_no_identification_is_malformed),
		cmocka_unit_test(any_segmentation_tells_the_same),
		cmocka_unit_test(greetings_name_their_protocol),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
