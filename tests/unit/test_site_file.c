/* SPDX-License-Identifier: BSD-2-Clause
 * Site files as files: read, dumped, explained, cut, refused with the line that is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <unistd.h>

#include "site_office.h"

static void settings_outside_of_the_site_are_handed_on(void **state)
{
	const struct site_settings *s = site_settings(*state);
	struct site_output o = site_output(*state, 1);

	assert_int_equal(s->memory_mib, 2048);
	assert_int_equal(s->n_rules_disabled, 1);
	assert_int_equal(s->n_rule_levels, 2);
	assert_string_equal(s->rule_levels[2], "C-01");
	assert_string_equal(s->rule_levels[3], "high");
	assert_int_equal(s->snaplen, 65535);
	assert_int_equal(site_outputs(*state), 2);
	assert_string_equal(site_output(*state, 0).type, "syslog");
	assert_string_equal(o.path, "a.json");
	assert_true(o.chain);
	assert_null(site_output(*state, 2).type);
}

static void a_dumped_site_reads_back_to_the_same(void **state)
{
	struct error err;
	char *once = site_dump(*state);
	assert_non_null(once);
	struct site *again = site_parse("dump", bytes_string(once), &err);

	assert_non_null(again);
	char *twice = site_dump(again);
	assert_string_equal(once, twice);
	assert_string_equal(values(again, "connect_ports"), "443 563");
	assert_string_equal(role(again, "10.1.100.51"), "scanner");
	assert_int_equal(class_of(again, "LAB\\helpdesk0", ""), ACCOUNT_TRAP);
	free(once);
	free(twice);
	site_free(again);
}

struct rows {
	size_t count, without_help;
	bool ports;
};

static void count_row(void *context, const char *path, const char *takes, const char *fallback, const char *help)
{
	struct rows *r = context;

	(void)fallback;
	r->count++;
	r->without_help += !help || !*help || !*takes;
	r->ports |= !strcmp(path, "site.proxies[].ports");
}

static void every_setting_has_its_line_of_help(void **state)
{
	struct rows r = { 0 };
	(void)state;

	site_help(count_row, &r);
	assert_true(r.count > 70);
	assert_int_equal(r.without_help, 0);
	assert_true(r.ports);
}

/* Every prefix of the file in its own exact-size block: a site or an error, nothing else. */
static void every_cut_site_file_is_survived(void **state)
{
	(void)state;

	for (size_t n = 0; n < sizeof(office); n += 3) {
		struct error err = { 0 };
		uint8_t *at = malloc(n ? n : 1);
		memcpy(at, office, n);
		struct site *s = site_parse("cut", bytes_of(at, n), &err);
		free(at);
		assert_true(s != NULL || err.text[0]);
		site_free(s);
	}
}

static const char *source_path(const char *name)
{
	static char path[4096];
	const char *root = getenv("srcdir");

	snprintf(path, sizeof(path), "%s/%s", root ? root : ".", name);
	return path;
}

static char *slurp(const char *path)
{
	FILE *file = fopen(path, "rb");
	char *text = calloc(1, 4096);

	assert_non_null(file);
	assert_non_null(text);
	size_t n = fread(text, 1, 4095, file);
	fclose(file);
	text[n && text[n - 1] == '\n' ? n - 1 : n] = '\0';
	return text;
}

/* tests/config: NAME.yaml must be refused with the line in NAME.err. */
static void wrong_files_are_refused_with_exactly_their_line(void **state)
{
	DIR *folder = opendir(source_path("tests/config"));
	unsigned cases = 0;
	(void)state;

	if (!folder)
		skip();
	for (struct dirent *e; (e = readdir(folder));) {
		char name[512], text[1024];
		struct error err = { 0 };
		size_t n = strlen(e->d_name);
		if (n < 6 || strcmp(e->d_name + n - 5, ".yaml") != 0)
			continue;
		snprintf(name, sizeof(name), "tests/config/%s", e->d_name);
		char *yaml = slurp(source_path(name));
		snprintf(name, sizeof(name), "tests/config/%.*s.err", (int)(n - 5), e->d_name);
		char *want = slurp(source_path(name));
		assert_null(site_parse(e->d_name, bytes_string(yaml), &err));
		assert_string_equal(error_format(&err, text, sizeof(text)), want);
		free(yaml);
		free(want);
		cases++;
	}
	closedir(folder);
	assert_true(cases >= 25);
}

static struct site *shipped(const char *name)
{
	struct error err = { 0 };
	struct site *s;

	if (access(source_path(name), R_OK))
		skip();
	s = site_read(source_path(name), &err);
	if (!s)
		fail_msg("%s:%u:%u: %s", name, err.line, err.column, err.text);
	return s;
}

static void the_shipped_example_is_a_site(void **state)
{
	struct site *s = shipped("contrib/sensord.yaml");
	(void)state;

	assert_string_equal(site_name(s), "head-office");
	assert_string_equal(role(s, "10.1.250.10"), "proxy");
	assert_int_equal(class_of(s, "LAB\\helpdesk0", ""), ACCOUNT_TRAP);
	assert_int_equal(ask(s, "10.1.10.5", "10.1.100.10", "kerberos", "tcp", 88), POLICY_ALLOW);
	assert_int_equal(ask(s, "10.1.10.5", "10.1.100.10", "rdp", "tcp", 3389), POLICY_DENY);
	assert_int_equal(site_outputs(s), 2);
	assert_int_equal(site_exceptions(s), 1);
	site_free(s);
}

static void the_labs_site_file_says_what_its_network_is(void **state)
{
	struct site *s = shipped("tests/lab/site.yaml");
	bool known = true;
	(void)state;

	assert_string_equal(role(s, "2001:db8:1:100::10"), "dc");
	assert_string_equal(role(s, "203.0.113.80"), "external");
	assert_string_equal(role(s, "2001:db8:f::1"), "external");
	assert_string_equal(values(s, "connect_max_seconds"), "60");
	assert_int_equal(ask(s, "10.1.100.10", "203.0.113.53", "dns", "udp", 53), POLICY_ALLOW);
	assert_int_equal(ask(s, "10.1.250.10", "203.0.113.80", NULL, "tcp", 4444), POLICY_ALLOW);
	assert_int_equal(ask(s, "10.1.10.11", "10.1.250.10", NULL, "tcp", 8080), POLICY_ALLOW);
	assert_int_equal(ask(s, "10.1.10.11", "10.1.250.10", NULL, "tcp", 3128), POLICY_DENY);
	assert_int_equal(ask(s, "10.1.100.20", "10.1.200.10", NULL, "tcp", 22), POLICY_DENY);
	assert_int_equal(ask(s, "10.1.200.10", "10.1.10.11", "smb", "tcp", 445), POLICY_ALLOW);
	assert_int_equal(class_of(s, "sqladmin", "LAB"), ACCOUNT_TRAP);
	site_off_hours(s, 0, &known);
	assert_false(known);
	site_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_OFFICE(settings_outside_of_the_site_are_handed_on),
		ON_OFFICE(a_dumped_site_reads_back_to_the_same),
		cmocka_unit_test(every_setting_has_its_line_of_help),
		cmocka_unit_test(every_cut_site_file_is_survived),
		cmocka_unit_test(wrong_files_are_refused_with_exactly_their_line),
		cmocka_unit_test(the_shipped_example_is_a_site),
		cmocka_unit_test(the_labs_site_file_says_what_its_network_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
