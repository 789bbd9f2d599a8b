/* SPDX-License-Identifier: BSD-2-Clause
 * Bounded text, UTF-8 made valid, base64. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "base/text.h"

/* An independent check of RFC 3629: decode, and see that the shortest form was used. */
static bool valid_utf8(struct bytes b)
{
	size_t i = 0;

	while (i < b.size) {
		uint8_t c = b.at[i++];
		int more = c < 0x80 ? 0 : c >> 5 == 6 ? 1 : c >> 4 == 14 ? 2 : c >> 3 == 30 ? 3 : -1;
		static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
		if (more < 0)
			return false;
		uint32_t scalar = more == 0 ? c : c & (0x3fu >> more);
		for (int k = 0; k < more; k++, i++) {
			if (i >= b.size || b.at[i] >> 6 != 2)
				return false;
			scalar = scalar << 6 | (b.at[i] & 63u);
		}
		if (scalar < least[more] || scalar > 0x10ffff || (scalar >= 0xd800 && scalar < 0xe000))
			return false;
	}
	return true;
}

static const char *utf8_of(const char *wire, size_t size)
{
	static char room[256];
	struct text t = TEXT_ON(room);

	text_utf8(&t, bytes_of(wire, size));
	return text_end(&t);
}

static void writes_beyond_the_end_are_dropped_and_noted(void **state)
{
	char room[8];
	struct text t = TEXT_ON(room);

	(void)state;
	text_string(&t, "12345");
	text_char(&t, '6');
	assert_false(t.cut);
	text_printf(&t, "%s", "789");
	assert_true(t.cut);
	assert_int_equal(t.used, 8);
	text_char(&t, 'x');
	assert_memory_equal(room, "12345678", 8);
	assert_string_equal(text_end(&t), "1234567");
}

static void a_text_without_room_is_survived(void **state)
{
	struct text t = { NULL, 0, 0, false };

	(void)state;
	text_string(&t, "");
	assert_false(t.cut);
	text_string(&t, "x");
	assert_true(t.cut);
	assert_string_equal(text_end(&t), "");
}

static void hexadecimal_is_lower_case(void **state)
{
	char room[32];
	struct text t = TEXT_ON(room);

	(void)state;
	text_hex_number(&t, 0xab, 4);
	text_hex_number(&t, UINT64_C(0x123456789abcdef), 16);
	assert_string_equal(text_end(&t), "00ab0123456789abcdef");
	t.used = 0;
	text_hex(&t, bytes_of("\x00\xab\xff", 3));
	assert_string_equal(text_end(&t), "00abff");
}

static void valid_utf8_passes_unchanged(void **state)
{
	static const char *const rows[] = { "", "plain", "é", "日本語", "𠀋 \xf4\x8f\xbf\xbf", "\x01\x7f", "\xed\x9f\xbf\xee\x80\x80" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_string_equal(utf8_of(rows[i], strlen(rows[i])), rows[i]);
}

static void invalid_bytes_are_read_as_latin_1(void **state)
{
	(void)state;
	assert_string_equal(utf8_of("caf\xe9", 4), "café");
	assert_string_equal(utf8_of("\xc0\xaf", 2), "À¯");         /* overlong slash */
	assert_string_equal(utf8_of("\xe0\x80\xaf", 3), "à\xc2\x80¯"); /* overlong in three */
	assert_string_equal(utf8_of("\xed\xa0\x80", 3), "í\xc2\xa0\xc2\x80"); /* a surrogate */
	assert_string_equal(utf8_of("\xf4\x90\x80\x80", 4), "ô\xc2\x90\xc2\x80\xc2\x80"); /* above U+10FFFF */
	assert_string_equal(utf8_of("\xe6\x97", 2), "æ\xc2\x97");   /* cut */
	assert_string_equal(utf8_of("\x80" "a", 2), "\xc2\x80" "a");
}

static void whatever_comes_in_valid_utf8_goes_out(void **state)
{
	uint32_t seed = 3;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char out[40];
		size_t size = (seed >> 9) % 24, room = (seed >> 20) % sizeof(out);
		uint8_t *wire = malloc(size ? size : 1);
		struct text t = { out, room, 0, false };
		for (size_t i = 0; i < size; i++) {
			seed = seed * 1103515245 + 12345;
			static const uint8_t likely_bytes[] = { 'a', 0x80, 0xbf, 0xc2, 0xe0, 0xe2, 0xed, 0xef, 0xf0, 0xf4, 0x90, 0xa0 };
			wire[i] = seed >> 31 ? (uint8_t)(seed >> 16) : likely_bytes[(seed >> 16) % sizeof(likely_bytes)];
		}
		text_utf8(&t, bytes_of(wire, size));
		assert_true(t.used <= room);
		assert_true(valid_utf8(text_bytes(&t)));
		t.used = 0;
		text_utf16le(&t, bytes_of(wire, size));
		assert_true(valid_utf8(text_bytes(&t)));
		free(wire);
		seed = seed * 1103515245 + 12345;
	}
}

static void utf16_is_joined_and_mended(void **state)
{
	static const struct { const char *wire; size_t size; const char *text; } rows[] = {
		{ "A\0l\0", 4, "Al" },
		{ "\xe5\x65\x2c\x67", 4, "日本" },
		{ "\x40\xd8\x0b\xdc", 4, "𠀋" },
		{ "\x40\xd8", 2, "\xef\xbf\xbd" },                 /* high alone at the end */
		{ "\x40\xd8" "A\0", 4, "\xef\xbf\xbd" "A" },       /* high alone */
		{ "\x0b\xdc" "A\0", 4, "\xef\xbf\xbd" "A" },       /* low alone */
		{ "A\0l", 3, "A" },
		{ "", 0, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char room[32];
		struct text t = TEXT_ON(room);
		text_utf16le(&t, bytes_of(rows[i].wire, rows[i].size));
		assert_string_equal(text_end(&t), rows[i].text);
	}
}

static void base64_decodes_the_vectors_of_rfc_4648(void **state)
{
	static const struct { const char *text, *plain; } rows[] = {
		{ "", "" }, { "Zg==", "f" }, { "Zm8=", "fo" }, { "Zm9v", "foo" }, { "Zm9vYg==", "foob" }, { "Zm9vYmE=", "fooba" },
		{ "Zm9vYmFy", "foobar" }, { "Zm8", "fo" }, { "Zm9v YmFy", "foo" }, { "Zm9v*", "foo" }, { "=", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint8_t room[16];
		size_t n = base64_decode(bytes_string(rows[i].text), room, sizeof(room));
		assert_int_equal(n, strlen(rows[i].plain));
		assert_memory_equal(room, rows[i].plain, n);
	}
	uint8_t *small = malloc(2);
	assert_int_equal(base64_decode(bytes_string("////"), small, 2), 2);
	assert_memory_equal(small, "\xff\xff", 2);
	assert_int_equal(base64_decode(bytes_string("+/+/"), small, 0), 0);
	free(small);
}

static void only_ascii_letters_become_lower_case(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++)
		assert_int_equal(ascii_lower((char)c), c >= 'A' && c <= 'Z' ? (char)(c + 32) : (char)c);
}

static void decimals_are_written_to_the_last_digit(void **state)
{
	char room[32];
	struct text t = TEXT_ON(room);

	(void)state;
	text_decimal(&t, 0);
	text_decimal(&t, 1090);
	text_decimal(&t, UINT64_MAX);
	assert_true(bytes_equal(text_bytes(&t), bytes_string("0109018446744073709551615")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decimals_are_written_to_the_last_digit),
		cmocka_unit_test(writes_beyond_the_end_are_dropped_and_noted),
		cmocka_unit_test(a_text_without_room_is_survived),
		cmocka_unit_test(hexadecimal_is_lower_case),
		cmocka_unit_test(valid_utf8_passes_unchanged),
		cmocka_unit_test(invalid_bytes_are_read_as_latin_1),
		cmocka_unit_test(whatever_comes_in_valid_utf8_goes_out),
		cmocka_unit_test(utf16_is_joined_and_mended),
		cmocka_unit_test(base64_decodes_the_vectors_of_rfc_4648),
		cmocka_unit_test(only_ascii_letters_become_lower_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
