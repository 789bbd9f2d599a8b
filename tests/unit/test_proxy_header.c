/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attributes.h"
#include "proto_harness.h"

#define REQUEST "GET http://www.foo.exa/ HTTP/1.1\r\nHost: www.foo.exa\r\n\r\n"
#define ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
#define V2_SIGN "\r\n\r\n\0\r\nQUIT\n"

static const struct step version1[] = {
	SAY(CLIENT, "PROXY TCP4 192.0.2.9 10.0.0.1 50000 3128\r\n" REQUEST),
	SAY(SERVER, ANSWER),
};

static const struct step version2[] = {
	SAY(CLIENT, V2_SIGN "\x21\x11\x00\x0c\xc0\x00\x02\x09\x0a\x00\x00\x01\xc3\x50\x0c\x38" REQUEST),
	SAY(SERVER, ANSWER),
};

static const struct step twice[] = {
	SAY(CLIENT, V2_SIGN "\x20\x00\x00\x03\x04\x00\x00" "PROXY UNKNOWN\r\n" REQUEST),
	SAY(SERVER, ANSWER),
};

static void expect_request(const struct step *steps, size_t n)
{
	struct harness *h = harness_new(NULL);

	harness_run(h, steps, n, 0, 0);
	const struct record *r = harness_find(h, DATASET_PROXY, 0);
	assert_non_null(r);
	assert_true(record_text_is(r, FIELD_HTTP_REQUEST_METHOD, "GET"));
	assert_true(record_text_is(r, FIELD_URL_DOMAIN, "www.foo.exa"));
	assert_int_equal(record_uint(r, FIELD_HTTP_RESPONSE_STATUS_CODE), 200);
	harness_free(h);
	assert_true(harness_same_however_cut(NULL, steps, n, NULL));
	harness_truncate(NULL, steps, n);
}

static void a_line_in_front_is_taken_off(void **state)
{
	(void)state;
	expect_request(version1, ARRAY_SIZE(version1));
}

static void a_binary_header_in_front_is_taken_off(void **state)
{
	(void)state;
	expect_request(version2, ARRAY_SIZE(version2));
}

static void two_balancers_put_two_headers(void **state)
{
	(void)state;
	expect_request(twice, ARRAY_SIZE(twice));
}

static void an_endless_line_and_a_broken_sign_are_no_headers(void **state)
{
	static const struct step endless[] = {
		SAY(CLIENT, "PROXY TCP4 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"
			    REQUEST),
	};
	static const struct step broken[] = { SAY(CLIENT, V2_SIGN "\x31\x11\x00\x0c\xc0\x00\x02\x09\x0a\x00\x00\x01\xc3\x50\x0c\x38" REQUEST) };
	static const struct step huge[] = { SAY(CLIENT, V2_SIGN "\x21\x11\xff\xff" REQUEST) };
	static const struct { const struct step *steps; size_t n; } all[] = {
		{ endless, ARRAY_SIZE(endless) }, { broken, ARRAY_SIZE(broken) }, { huge, ARRAY_SIZE(huge) },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		struct harness *h = harness_new(NULL);
		harness_run(h, all[i].steps, all[i].n, 0, 0);
		assert_null(harness_find(h, DATASET_PROXY, 0));
		harness_free(h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_in_front_is_taken_off),
		cmocka_unit_test(a_binary_header_in_front_is_taken_off),
		cmocka_unit_test(two_balancers_put_two_headers),
		cmocka_unit_test(an_endless_line_and_a_broken_sign_are_no_headers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
