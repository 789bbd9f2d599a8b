/* SPDX-License-Identifier: BSD-2-Clause
 * JA3, JA3S and JA4 against published values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../sensord/proto/tls.h"

#define VIEW(array) bytes_of(array, sizeof(array))

/* README of JA3: 769,4-5-10-9-100-98-3-6-19-18-99,,, */
static void ja3_of_a_hello_without_extensions(void **state)
{
	static const uint8_t ciphers[] = { 0, 4, 0, 5, 0, 10, 0, 9, 0, 100, 0, 98, 0, 3, 0, 6, 0, 19, 0, 18, 0, 99 };
	struct tls_hello h = { .version = 0x0301, .ciphers = VIEW(ciphers) };
	char got[JA3_TEXT];

	(void)state;
	assert_true(tls_ja3(&h, got));
	assert_string_equal(got, "de350869b8c85de67a350c8d186f11e6");
}

/* README of JA3: 769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,0-10-11,23-24-25,0; GREASE put in between. */
static void ja3_leaves_grease_out(void **state)
{
	static const uint8_t ciphers[] = { 0x0a, 0x0a, 0, 47, 0, 53, 0, 5, 0, 10, 0xc0, 0x09, 0xc0, 0x0a,
					   0xc0, 0x13, 0xc0, 0x14, 0, 50, 0, 56, 0, 19, 0, 4 };
	static const uint8_t extensions[] = { 0, 0, 0, 0, 0x1a, 0x1a, 0, 1, 0, 0, 10, 0, 0, 0, 11, 0, 0 };
	static const uint8_t groups[] = { 0xfa, 0xfa, 0, 23, 0, 24, 0, 25 };
	static const uint8_t formats[] = { 0 };
	struct tls_hello h = { .version = 0x0301, .ciphers = VIEW(ciphers), .extensions = VIEW(extensions),
			       .groups = VIEW(groups), .formats = VIEW(formats) };
	char got[JA3_TEXT];

	(void)state;
	assert_true(tls_ja3(&h, got));
	assert_string_equal(got, "ada70206e40642a3e4461f35503241d5");
}

/* MD5 of 769,47,65281-0-11-35-5-16 */
static void ja3s_of_a_server_hello(void **state)
{
	static const uint8_t cipher[] = { 0, 47 };
	static const uint8_t extensions[] = { 0xff, 1, 0, 1, 0, 0, 0, 0, 0, 0, 11, 0, 0, 0, 35, 0, 0, 0, 5, 0, 0, 0, 16, 0, 0 };
	struct tls_hello h = { .version = 0x0301, .ciphers = VIEW(cipher), .extensions = VIEW(extensions) };
	char got[JA3_TEXT];

	(void)state;
	assert_true(tls_ja3s(&h, got));
	assert_string_equal(got, "836ce314215654b5b1f85f97c73e506f");
}

static const uint8_t chrome_ciphers[] = { 0x2a, 0x2a, 0x13, 0x01, 0x13, 0x02, 0x13, 0x03, 0xc0, 0x2b, 0xc0,
					  0x2f, 0xc0, 0x2c, 0xc0, 0x30, 0xcc, 0xa9, 0xcc, 0xa8, 0xc0, 0x13,
					  0xc0, 0x14, 0x00, 0x9c, 0x00, 0x9d, 0x00, 0x2f, 0x00, 0x35 };
static const uint8_t chrome_extensions[] = {
	0x3a, 0x3a, 0, 0, 0x00, 0x1b, 0, 0, 0x00, 0x00, 0, 0, 0x00, 0x33, 0, 0, 0x00, 0x10, 0, 0, 0x44, 0x69, 0, 0, 0x00,
	0x17, 0,    0, 0x00, 0x2d, 0, 0, 0x00, 0x0d, 0, 0, 0x00, 0x05, 0, 0, 0x00, 0x23, 0, 0, 0x00, 0x12, 0, 0, 0x00, 0x2b,
	0,    0,    0xff, 0x01, 0, 0, 0x00, 0x0b, 0, 0, 0x00, 0x0a, 0, 0, 0x00, 0x15, 0, 0,
};
static const uint8_t chrome_signatures[] = { 4, 3, 8, 4, 4, 1, 5, 3, 8, 5, 5, 1, 8, 6, 6, 1 };

static struct tls_hello chrome(void)
{
	static const uint8_t alpn[] = { 2, 'h', '2', 8, 'h', 't', 't', 'p', '/', '1', '.', '1' };

	return (struct tls_hello){ .version = 0x0303, .top_version = 0x0304, .has_server_name = true, .alpn = VIEW(alpn),
				   .ciphers = VIEW(chrome_ciphers), .extensions = VIEW(chrome_extensions),
				   .signatures = VIEW(chrome_signatures) };
}

/* FoxIO's technical details, "Example". */
static void ja4_of_the_published_example(void **state)
{
	struct tls_hello h = chrome();
	char got[JA4_TEXT];

	(void)state;
	assert_true(tls_ja4(&h, 't', got));
	assert_string_equal(got, "t13d1516h2_8daaf6152771_e5627efa2ab1");
	assert_true(tls_ja4(&h, 'q', got));
	assert_int_equal(got[0], 'q');
}

/* The same document: without signature algorithms nothing follows the extensions. */
static void ja4_without_signature_algorithms(void **state)
{
	struct tls_hello h = chrome();
	char got[JA4_TEXT];

	(void)state;
	h.signatures = bytes_of(NULL, 0);
	assert_true(tls_ja4(&h, 't', got));
	assert_string_equal(got, "t13d1516h2_8daaf6152771_6d807ffa2a79");
}

static void ja4_of_nothing_shows_zeros(void **state)
{
	struct tls_hello h = { .version = 0x0300, .top_version = 0x0300 };
	char got[JA4_TEXT];

	(void)state;
	assert_true(tls_ja4(&h, 't', got));
	assert_string_equal(got, "ts3i000000_000000000000_000000000000");
}

/* The same document, "ALPN Extension Value". */
static void ja4_writes_odd_alpn_names_in_hexadecimal(void **state)
{
	static const struct {
		uint8_t alpn[8];
		size_t size;
		const char *expected;
	} rows[] = {
		{ { 1, 0xab }, 2, "ab" },
		{ { 2, 0xab, 0xcd }, 3, "ad" },
		{ { 2, 0x30, 0xab }, 3, "3b" },
		{ { 4, 0x30, 0x31, 0xab, 0xcd }, 5, "3d" },
		{ { 4, 0x30, 0xab, 0xcd, 0x31 }, 5, "01" },
		{ { 1, 'x' }, 2, "xx" },
		{ { 0 }, 1, "00" },
		{ { 9, 'h' }, 2, "00" },
	};
	struct tls_hello h = chrome();
	char got[JA4_TEXT];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		h.alpn = bytes_of(rows[i].alpn, rows[i].size);
		assert_true(tls_ja4(&h, 't', got));
		assert_memory_equal(got + 8, rows[i].expected, 2);
	}
}

static void ja4_counts_end_at_99(void **state)
{
	uint8_t ciphers[240];
	struct tls_hello h = { .version = 0x0303, .top_version = 0x0303, .ciphers = VIEW(ciphers) };
	char got[JA4_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(ciphers); i++)
		ciphers[i] = (uint8_t)(i % 2 ? i : 0x11);
	assert_true(tls_ja4(&h, 't', got));
	assert_memory_equal(got, "t12i9900", 8);
}

static void a_hello_too_large_has_no_fingerprint(void **state)
{
	static uint8_t ciphers[65534];
	struct tls_hello h = { .version = 0x0303, .top_version = 0x0303, .ciphers = VIEW(ciphers) };
	char got[JA4_TEXT];

	(void)state;
	assert_false(tls_ja3(&h, got));
	assert_false(tls_ja4(&h, 't', got));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ja3_of_a_hello_without_extensions),
		cmocka_unit_test(ja3_leaves_grease_out),
		cmocka_unit_test(ja3s_of_a_server_hello),
		cmocka_unit_test(ja4_of_the_published_example),
		cmocka_unit_test(ja4_without_signature_algorithms),
		cmocka_unit_test(ja4_of_nothing_shows_zeros),
		cmocka_unit_test(ja4_writes_odd_alpn_names_in_hexadecimal),
		cmocka_unit_test(ja4_counts_end_at_99),
		cmocka_unit_test(a_hello_too_large_has_no_fingerprint),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
