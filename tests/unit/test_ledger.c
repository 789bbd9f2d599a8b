/* SPDX-License-Identifier: BSD-2-Clause
 * The operations record of the ledger: its CSV, its times, what a line covers; the cells that are written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../sensord/app/ledger/ledger_match.h"
#include "../../sensord/app/ledger/ledger_print.h"
#include "base/attributes.h"
#include "base/instant.h"

struct complaints {
	unsigned lines[8];
	char last[512];
	size_t count;
};

static void complain(void *to, const struct error *err)
{
	struct complaints *c = to;

	assert_string_equal(err->file, "work.csv");
	if (c->count < ARRAY_SIZE(c->lines))
		c->lines[c->count] = err->line;
	c->count++;
	snprintf(c->last, sizeof(c->last), "%s", err->text);
}

static struct complaints read_works(struct works *w, const char *csv)
{
	struct complaints c = { 0 };

	works_parse(w, "work.csv", bytes_string(csv), complain, &c);
	assert_int_equal(w->problems, c.count);
	return c;
}

static int64_t seconds(const char *time)
{
	struct when t;
	unsigned unit;

	assert_true(when_parse(bytes_string(time), &t, &unit));
	return t.seconds;
}

/* Whether "work.csv" covers a logon in UTC+9 at this wall clock time. Returns the id or NULL. */
static const char *covered(struct works *w, const char *account, const char *at, const char *from, const char *to,
			   const char *target, bool at_kdc)
{
	char name[LEDGER_NAME];
	struct address source, destination;
	int64_t local = seconds(at);

	assert_true(address_parse(bytes_string(from), &source));
	assert_true(address_parse(bytes_string(to), &destination));
	struct logon logon = { ledger_account(bytes_string(account), name), &source, &destination, bytes_string(target),
			       at_kdc, local - 9 * 3600, local };
	const struct work *got = works_match(w, &logon);
	return got ? got->id : NULL;
}

static void an_account_is_the_same_in_every_form(void **state)
{
	static const char *const forms[] = { "LAB\\Adm-Kato", "ADM-KATO@LAB.EXAMPLE", "adm-kato", "lab\\adm-kato@x" };
	char out[LEDGER_NAME];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++)
		assert_string_equal(ledger_account(bytes_string(forms[i]), out), "adm-kato");
}

static void times_are_instants_or_wall_clock(void **state)
{
	static const char *const wrong[] = { "", "2026-02-30T09:00", "2026-11-23T", "2026-11-23T24:00", "2026-11-23T09:00x",
					     "2026-11-23T09:00+9", "2026-13-01T00:00", "2026-11-23T09:00:00.Z", "23/11/2026 09:00" };
	struct when t;
	unsigned unit;

	(void)state;
	assert_true(when_parse(bytes_string("2026-11-23T09:00"), &t, &unit));
	assert_true(t.local);
	assert_int_equal(t.seconds, instant_days(2026, 11, 23) * 86400 + 9 * 3600);
	assert_int_equal(unit, 60);
	assert_true(when_parse(bytes_string("2026-11-23T09:00:30.25+09:00"), &t, &unit));
	assert_false(t.local);
	assert_int_equal(t.seconds, instant_days(2026, 11, 23) * 86400 + 30);
	assert_int_equal(unit, 1);
	assert_true(when_parse(bytes_string("2026-11-23"), &t, &unit));
	assert_int_equal(unit, 86400);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_false(when_parse(bytes_string(wrong[i]), &t, &unit));
}

static void csv_is_read_with_quotes_marks_and_line_ends_of_any_system(void **state)
{
	struct works w;
	struct complaints c = read_works(&w, "\xef\xbb\xbf" "To,\"From\",ticket,ACCOUNT,description\r\n"
		"2026-11-23T10:00,2026-11-23T09:00,,kato,\"first, \"\"second\"\"\nthird\"\r\n\r\n"
		"2026-11-23T10:00,2026-11-23T09:00,7,\"LAB\\mori\"");

	(void)state;
	assert_int_equal(c.count, 0);
	assert_int_equal(w.count, 2);
	assert_string_equal(w.lines[0].id, "first, \"second\"\nthird");
	assert_int_equal(w.lines[0].line, 2);
	assert_string_equal(w.lines[1].account, "mori");
	assert_string_equal(w.lines[1].id, "line 5");
	works_release(&w);
}

static void bad_lines_are_told_with_their_number_and_the_others_read(void **state)
{
	struct works w;
	struct complaints c = read_works(&w, "account,from,to,source\n"
		",2026-11-23T09:00,2026-11-23T10:00,\n"
		"a,2026-11-23T09:00,2026-11-23T08:59,\n"
		"a,2026-11-23T09:00,2026-11-23T10:00,10.0.0.0/8 pc1\n"
		"a,2026-11-23T09:00,2026-11-23T10:00,,\n"
		"good,2026-11-23T09:00,2026-11-23T10:00\n"
		"a,soon,2026-11-23T10:00,\n"
		"\"a,2026-11-23T09:00,2026-11-23T10:00,\n");
	static const unsigned lines[] = { 2, 3, 4, 5, 7, 8 };

	(void)state;
	assert_int_equal(c.count, ARRAY_SIZE(lines));
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		assert_int_equal(c.lines[i], lines[i]);
	assert_string_equal(c.last, "a quote is not closed");
	assert_int_equal(w.count, 1);
	assert_string_equal(w.lines[0].account, "good");
	works_release(&w);
}

static void a_header_must_name_what_is_needed(void **state)
{
	static const struct { const char *csv, *text; } rows[] = {
		{ "", "no header (account,from,to,…)" },
		{ "account,from\nx,y\n", "the header has no column \"to\"" },
		{ "account,from,to,from\n", "the header names \"from\" twice" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct works w;
		struct complaints c = read_works(&w, rows[i].csv);
		assert_int_equal(c.count, 1);
		assert_int_equal(c.lines[0], 1);
		assert_string_equal(c.last, rows[i].text);
		works_release(&w);
	}
}

static void a_line_covers_account_time_source_and_target(void **state)
{
	struct works w;
	struct complaints c = read_works(&w, "account,from,to,source,target,id\n"
		"LAB\\kato,2026-11-23T09:00,2026-11-23T10:00,10.1.200.10 10.1.201.0/24,fs1;cifs/pc1.lab.example,C1\n"
		"mori,2026-11-23T00:00:00Z,2026-11-23T00:59:59Z,,10.1.100.0/24,C2\n");

	(void)state;
	assert_int_equal(c.count, 0);
#define COVERED(...) covered(&w, __VA_ARGS__)
	assert_string_equal(COVERED("KATO", "2026-11-23T09:00:00", "10.1.200.10", "10.1.100.20", "cifs/fs1.lab.example@LAB", false), "C1");
	assert_string_equal(COVERED("kato", "2026-11-23T10:00:59", "10.1.201.7", "10.1.100.20", "FS1.lab.example", false), "C1");
	assert_null(COVERED("kato", "2026-11-23T08:59:59", "10.1.200.10", "10.1.100.20", "fs1", false));
	assert_null(COVERED("kato", "2026-11-23T10:01:00", "10.1.200.10", "10.1.100.20", "fs1", false));
	assert_null(COVERED("kato", "2026-11-23T09:30:00", "10.1.200.11", "10.1.100.20", "fs1", false));
	assert_null(COVERED("kato", "2026-11-23T09:30:00", "10.1.200.10", "10.1.100.20", "fs2.lab.example", false));
	assert_null(COVERED("katos", "2026-11-23T09:30:00", "10.1.200.10", "10.1.100.20", "fs1", false));
	/* A whole service principal covers that service only. */
	assert_string_equal(COVERED("kato", "2026-11-23T09:30:00", "10.1.200.10", "10.1.1.1", "CIFS/pc1.lab.example@LAB", true), "C1");
	assert_null(COVERED("kato", "2026-11-23T09:30:00", "10.1.200.10", "10.1.1.1", "host/pc1.lab.example", true));
	/* The first ticket belongs to any work; the others name the host. */
	assert_string_equal(COVERED("kato", "2026-11-23T09:30:00", "10.1.200.10", "10.1.1.1", "krbtgt/LAB", true), "C1");
	/* Instants, and addresses as targets. */
	assert_string_equal(COVERED("mori", "2026-11-23T09:59:59", "10.9.9.9", "10.1.100.5", "", false), "C2");
	assert_null(COVERED("mori", "2026-11-23T10:00:00", "10.9.9.9", "10.1.100.5", "", false));
	assert_null(COVERED("mori", "2026-11-23T09:30:00", "10.9.9.9", "10.1.101.5", "", false));
	assert_string_equal(COVERED("mori", "2026-11-23T09:30:00", "10.9.9.9", "10.1.1.1", "cifs/any", true), "C2");
#undef COVERED
	works_release(&w);
}

static void lines_without_a_logon_stay_unused(void **state)
{
	struct works w;

	(void)state;
	read_works(&w, "account,from,to,id\na,2026-11-23T09:00,2026-11-23T10:00,1\na,2026-11-23T09:00,2026-11-23T11:00,2\n"
		       "b,2026-11-23T09:00,2026-11-23T10:00,3\n");
	assert_string_equal(covered(&w, "a", "2026-11-23T09:30", "10.0.0.1", "10.0.0.2", "x", false), "1");
	assert_true(w.lines[0].used);
	assert_true(w.lines[1].used);
	assert_false(w.lines[2].used);
	works_release(&w);
}

static void any_beginning_of_a_record_is_read_without_harm(void **state)
{
	static const char csv[] = "account,from,to,source,id\n\"a\"\"b\",2026-11-23T09:00Z,2026-11-23T10:00:01.5+09:00,::1 10.0.0.0/8,\"x\n\"\n";

	(void)state;
	for (size_t n = 0; n < sizeof(csv); n++) {
		char *block = malloc(n ? n : 1);
		struct works w;
		struct complaints c = { 0 };
		assert_non_null(block);
		memcpy(block, csv, n);
		works_parse(&w, "work.csv", bytes_of(block, n), complain, &c);
		assert_true(w.count + w.problems <= 2);
		works_release(&w);
		free(block);
	}
}

static void cells_have_no_say_over_spreadsheets_terminals_and_lines(void **state)
{
	static const struct { const char *cell, *csv, *json, *plain; } rows[] = {
		{ "kato", "kato", "\"kato\"", "kato" },
		{ "=1+1", "\"'=1+1\"", "\"=1+1\"", "=1+1" },
		{ "-x", "\"'-x\"", "\"-x\"", "-x" },
		{ "+x", "\"'+x\"", "\"+x\"", "+x" },
		{ "@x", "\"'@x\"", "\"@x\"", "@x" },
		{ "a,\"b\"", "\"a,\"\"b\"\"\"", "\"a,\\\"b\\\"\"", "a,\"b\"" },
		{ "a\n\x1b[1m\xe2\x80\xae", "\"a\n\x1b[1m\xe2\x80\xae\"", "\"a\\u000a\\u001b[1m\\u202e\"", "a??[1m?" },
		{ "\xc2\x85\xe2\x80\xa8\xef\xbf\xbe\xd8\x9c", "\xc2\x85\xe2\x80\xa8\xef\xbf\xbe\xd8\x9c", "\"\\u0085\\u2028\\ufffe\\u061c\"", "????" },
		{ "\xe5\xb1\xb1\\", "\xe5\xb1\xb1\\", "\"\xe5\xb1\xb1\\\\\"", "\xe5\xb1\xb1\\" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char a[64], b[64], c[64];
		struct text csv = TEXT_ON(a), json = TEXT_ON(b), plain = TEXT_ON(c);
		ledger_csv_cell(&csv, bytes_string(rows[i].cell));
		ledger_json_string(&json, bytes_string(rows[i].cell));
		ledger_plain(&plain, bytes_string(rows[i].cell));
		assert_string_equal(text_end(&csv), rows[i].csv);
		assert_string_equal(text_end(&json), rows[i].json);
		assert_string_equal(text_end(&plain), rows[i].plain);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_account_is_the_same_in_every_form),
		cmocka_unit_test(times_are_instants_or_wall_clock),
		cmocka_unit_test(csv_is_read_with_quotes_marks_and_line_ends_of_any_system),
		cmocka_unit_test(bad_lines_are_told_with_their_number_and_the_others_read),
		cmocka_unit_test(a_header_must_name_what_is_needed),
		cmocka_unit_test(a_line_covers_account_time_source_and_target),
		cmocka_unit_test(lines_without_a_logon_stay_unused),
		cmocka_unit_test(any_beginning_of_a_record_is_read_without_harm),
		cmocka_unit_test(cells_have_no_say_over_spreadsheets_terminals_and_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
