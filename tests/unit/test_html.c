/* SPDX-License-Identifier: BSD-2-Clause
 * What the wire brings into a page stays text there, and can be seen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "../../sensord/app/html/html.h"
#include "base/attributes.h"

typedef void html_put(struct html *h, struct bytes text);

static void assert_put(html_put *put, struct bytes in, const char *expected)
{
	char *out = NULL;
	size_t size = 0;
	struct html h = { open_memstream(&out, &size) };

	assert_non_null(h.to);
	put(&h, in);
	fclose(h.to);
	assert_string_equal(out, expected);
	assert_int_equal(size, strlen(expected));
	free(out);
}

static void markup_in_a_text_is_no_markup(void **state)
{
	(void)state;
	assert_put(html_text, bytes_string("</script><img src=x onerror=\"alert('&')\">"),
		   "&lt;/script&gt;&lt;img src=x onerror=&quot;alert(&#39;&amp;&#39;)&quot;&gt;");
}

static void what_cannot_be_seen_is_shown(void **state)
{
	(void)state;
	assert_put(html_text, bytes_string("a\xe2\x80\xae" "b"), "a\xe2\x80\xb9U+202E\xe2\x80\xba" "b");
	assert_put(html_text, bytes_string("\xe2\x80\xa8\xe2\x80\x8b\xef\xbb\xbf"),
		   "\xe2\x80\xb9U+2028\xe2\x80\xba\xe2\x80\xb9U+200B\xe2\x80\xba\xe2\x80\xb9U+FEFF\xe2\x80\xba");
	assert_put(html_text, bytes_string("\xf3\xa0\x81\x81"), "\xe2\x80\xb9U+E0041\xe2\x80\xba");
	assert_put(html_text, bytes_of("\0\r\n\x7f", 4), "\xe2\x90\x80\xe2\x90\x8d\xe2\x90\x8a\xe2\x90\xa1");
	assert_put(html_text, bytes_string("\xc2\x85"), "\xe2\x80\xb9U+0085\xe2\x80\xba");
}

static void bytes_that_are_no_utf8_become_replacement_characters(void **state)
{
	(void)state;
	assert_put(html_text, bytes_string("\xff<\xc0\xbc\xe2\x80"),
		   "\xef\xbf\xbd&lt;\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	assert_put(html_text, bytes_string("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"); /* a surrogate */
	assert_put(html_text, bytes_string("\xf0\x80\x80\xbc"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"); /* overlong */
}

static void other_scripts_pass_unchanged(void **state)
{
	(void)state;
	assert_put(html_text, bytes_string("日本語 ñ 🂡 ع"), "日本語 ñ 🂡 ع");
}

static void json_cannot_end_its_script_element(void **state)
{
	(void)state;
	assert_put(html_json, bytes_string("{\"a\":\"</script><!--&\"}"), "{\"a\":\"\\u003c/script\\u003e\\u003c!--\\u0026\"}");
	assert_put(html_json, bytes_string("\"\xe2\x80\xa9\xe2\x80\xae\xf3\xa0\x81\x81\""), "\"\\u2029\\u202e\\udb40\\udc41\"");
}

static void put_attribute(struct html *h, struct bytes text)
{
	html_attribute(h, "title", text);
}

static void an_attribute_cannot_be_left(void **state)
{
	(void)state;
	assert_put(put_attribute, bytes_string("\" onfocus=\"x"), " title=\"&quot; onfocus=&quot;x\"");
}

static void put_wire(struct html *h, struct bytes text)
{
	html_wire(h, "td", "code", text);
}

static void wire_text_keeps_its_direction_to_itself(void **state)
{
	(void)state;
	assert_put(put_wire, bytes_string("<b>"), "<td class=\"code\"><bdi>&lt;b&gt;</bdi></td>");
}

static void put_words(struct html *h, struct bytes text)
{
	html_words(h, "p", NULL, (struct words){ "one", (const char *)text.at });
}

static void words_stand_in_both_languages(void **state)
{
	(void)state;
	assert_put(put_words, bytes_string("一"), "<p><span lang=\"en\">one</span><span lang=\"ja\">一</span></p>");
}

static void put_number(struct html *h, struct bytes text)
{
	uint64_t n = 0;

	assert_true(bytes_decimal(text, UINT64_MAX, &n));
	html_number(h, n);
}

static void numbers_are_grouped_by_thousands(void **state)
{
	(void)state;
	assert_put(put_number, bytes_string("0"), "0");
	assert_put(put_number, bytes_string("999"), "999");
	assert_put(put_number, bytes_string("1000"), "1,000");
	assert_put(put_number, bytes_string("18446744073709551615"), "18,446,744,073,709,551,615");
}

static void put_page(struct html *h, struct bytes text)
{
	html_begin(h, (struct words){ "t", "t" });
	html_text(h, text);
	assert_true(html_end(h, bytes_string("{\"x\":\"<!--<script>\"}")));
}

static void a_page_has_a_policy_that_names_its_script_and_style(void **state)
{
	char *out = NULL;
	size_t size = 0;
	struct html h = { open_memstream(&out, &size) };

	(void)state;
	put_page(&h, bytes_string("<script>"));
	fclose(h.to);
	assert_non_null(strstr(out, "default-src 'none'"));
	assert_non_null(strstr(out, "style-src 'sha256-"));
	assert_non_null(strstr(out, "script-src 'sha256-"));
	assert_null(strstr(out, "unsafe-inline"));
	assert_null(strstr(out, "http://"));
	assert_null(strstr(out, "https://"));
	assert_non_null(strstr(out, "&lt;script&gt;"));
	assert_non_null(strstr(out, "{\"x\":\"\\u003c!--\\u003cscript\\u003e\"}"));
	free(out);
}

static void a_page_that_cannot_be_written_is_told(void **state)
{
	struct html h = { fopen("/dev/full", "w") };

	(void)state;
	if (!h.to)
		skip();
	html_begin(&h, (struct words){ "t", "t" });
	assert_false(html_end(&h, bytes_string("")));
	fclose(h.to);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(markup_in_a_text_is_no_markup),
		cmocka_unit_test(what_cannot_be_seen_is_shown),
		cmocka_unit_test(bytes_that_are_no_utf8_become_replacement_characters),
		cmocka_unit_test(other_scripts_pass_unchanged),
		cmocka_unit_test(json_cannot_end_its_script_element),
		cmocka_unit_test(an_attribute_cannot_be_left),
		cmocka_unit_test(wire_text_keeps_its_direction_to_itself),
		cmocka_unit_test(words_stand_in_both_languages),
		cmocka_unit_test(numbers_are_grouped_by_thousands),
		cmocka_unit_test(a_page_has_a_policy_that_names_its_script_and_style),
		cmocka_unit_test(a_page_that_cannot_be_written_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
