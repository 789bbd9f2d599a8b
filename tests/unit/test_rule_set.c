/* SPDX-License-Identifier: BSD-2-Clause
 * Sets of rules: files and folders, what documents say of themselves, overrides, filters, references. */
#include <sys/stat.h>
#include <unistd.h>

#include "rule_testing.h"

#define DETECTION(extra, path) \
	"title: Title of " path "\n" extra "logsource: {product: sensord, service: http}\n" \
	"detection: {s: {url.path: " path "}, condition: s}\n"

static const struct rule_about *find(const struct rules *r, const char *name)
{
	for (size_t i = 0; i < rules_count(r); i++)
		if (rules_about(r, i)->name && strcmp(rules_about(r, i)->name, name) == 0)
			return rules_about(r, i);
	fail_msg("no rule %s", name);
	return NULL;
}

static void a_document_tells_of_itself(void **state)
{
	struct rules *r = load(DETECTION(
		"name: A-01-many\nid: 5638f7c0-ac70-491d-8465-2a65075e0d86\nstatus: test\nauthor: me\ndescription: d\n"
		"level: high\nfalsepositives: [one, two]\nsuppress: 1h\nalert_by: [source.ip, url.domain]\n"
		"related: [{id: x, type: similar}]\nlicense: MIT\nreferences: [a]\ndate: 2026-01-01\nfields: [x]\nscope: [s]\n"
		"tags: [ipa.a, 'basis.guide?', attack.t1071.001, attack.t1090, attack.command-and-control]\n", "/x"));
	const struct rule_about *a = rules_about(r, 0);

	(void)state;
	assert_int_equal(rules_count(r), 1);
	assert_null(rules_about(r, 1));
	assert_string_equal(a->rule_id, "A-01");
	assert_string_equal(a->name, "A-01-many");
	assert_string_equal(a->uuid, "5638f7c0-ac70-491d-8465-2a65075e0d86");
	assert_string_equal(a->title, "Title of /x");
	assert_int_equal(a->level, LEVEL_HIGH);
	assert_string_equal(a->measure, "A");
	assert_string_equal(a->basis, "guide?");
	assert_int_equal(a->n_tags, 5);
	assert_int_equal(a->n_techniques, 2);
	assert_string_equal(a->techniques[0], "T1071.001");
	assert_string_equal(a->techniques[1], "T1090");
	assert_int_equal(a->n_falsepositives, 2);
	assert_string_equal(a->falsepositives[1], "two");
	assert_int_equal(a->suppress_ns, NS_PER_HOUR);
	assert_int_equal(a->n_group, 2);
	assert_int_equal(a->group[1], FIELD_URL_DOMAIN);
	assert_string_equal(a->file, "t.yml");
	assert_int_equal(a->line, 1);
	assert_true(a->enabled);
	assert_false(a->is_correlation);
	assert_int_equal(a->datasets, DATASET_BIT(DATASET_HTTP));
	rules_free(r);
}

static void a_foreign_rule_is_known_by_name_or_uuid(void **state)
{
	struct rules *r = load(DETECTION("id: 5638f7c0-ac70-491d-8465-2a65075e0d86\n", "/x") "---\n"
			       DETECTION("name: something\n", "/y"));

	(void)state;
	assert_string_equal(rules_about(r, 0)->rule_id, "5638f7c0-ac70-491d-8465-2a65075e0d86");
	assert_string_equal(rules_about(r, 1)->rule_id, "something");
	assert_null(rules_about(r, 0)->measure);
	assert_null(rules_about(r, 0)->basis);
	assert_int_equal(rules_about(r, 0)->level, LEVEL_MEDIUM);
	assert_int_equal(rules_about(r, 0)->suppress_ns, 10 * NS_PER_MIN);
	assert_int_equal(rules_about(r, 0)->n_group, 0);
	rules_free(r);
}

static void levels_have_names(void **state)
{
	enum level l = LEVEL_LOW;

	(void)state;
	assert_true(level_find("critical", &l));
	assert_int_equal(l, LEVEL_CRITICAL);
	assert_false(level_find("urgent", &l));
	assert_string_equal(level_name(LEVEL_INFORMATIONAL), "informational");
	assert_non_null(strstr(load_error(DETECTION("level: urgent\n", "/x")), "a level is one of"));
}

static void a_disabled_rule_reads_and_matches_nothing(void **state)
{
	struct rules *r = load(DETECTION("name: A-01\nenabled: false\n", "/x"));

	(void)state;
	assert_false(rules_about(r, 0)->enabled);
	assert_int_equal(rules_datasets(r), 0);
	assert_false(rules_read_field(r, FIELD_URL_PATH));
	assert_int_equal(match_json(r, "{\"event.dataset\": \"http\", \"url.path\": \"/x\"}").matches, 0);
	rules_free(r);
}

static void the_site_disables_and_sets_levels(void **state)
{
	const char *disabled[] = { "A-01" }, *levels[] = { "B-02", "critical" };
	struct rules_settings s = { .disabled = disabled, .n_disabled = 1, .levels = levels, .n_levels = 1 };
	struct rules *r = rules_parse(&s, "t.yml", bytes_string(DETECTION("name: A-01\n", "/x") "---\n"
		DETECTION("name: A-01-more\n", "/x") "---\n" DETECTION("name: B-02\n", "/x")), NULL, NULL);

	(void)state;
	assert_non_null(r);
	assert_false(find(r, "A-01")->enabled);
	assert_false(find(r, "A-01-more")->enabled);
	assert_int_equal(find(r, "B-02")->level, LEVEL_CRITICAL);
	assert_string_equal(match_json(r, "{\"event.dataset\": \"http\", \"url.path\": \"/x\"}").names, " B-02");
	rules_free(r);
}

static void a_setting_for_no_rule_is_told_and_survived(void **state)
{
	const char *disabled[] = { "Z-99" }, *levels[] = { "A-01", "urgent" };
	struct rules_settings s = { .disabled = disabled, .n_disabled = 1 };
	char line[900] = "";
	struct rules *r = rules_parse(&s, "t.yml", bytes_string(DETECTION("name: A-01\n", "/x")), note_error, line);

	(void)state;
	assert_non_null(r);
	assert_string_equal(line, "no rule is called 'Z-99'");
	rules_free(r);
	s = (struct rules_settings){ .levels = levels, .n_levels = 1 };
	line[0] = '\0';
	assert_null(rules_parse(&s, "t.yml", bytes_string(DETECTION("name: A-01\n", "/x")), note_error, line));
	assert_string_equal(line, "'urgent' is no level of a rule");
}

static void a_correlation_that_is_off_lets_its_base_rest(void **state)
{
	struct rules *r = load("title: c\nname: c\nenabled: false\ncorrelation: {type: event_count, rules: [x], timespan: 1m,"
			       " condition: {gte: 1}}\n---\n" DETECTION("name: x\n", "/x"));

	(void)state;
	assert_int_equal(rules_datasets(r), 0);
	assert_int_equal(match_json(r, "{\"event.dataset\": \"http\", \"url.path\": \"/x\"}").matches, 0);
	assert_true(find(r, "c")->is_correlation);
	rules_free(r);
}

static void a_correlation_groups_alerts_by_its_group(void **state)
{
	struct rules *r = load("title: c\nname: c\ncorrelation: {type: event_count, rules: [x], timespan: 1m,"
			       " group-by: [user.name], condition: {gte: 1}}\n---\n" DETECTION("name: x\n", "/x"));

	(void)state;
	assert_int_equal(find(r, "c")->n_group, 1);
	assert_int_equal(find(r, "c")->group[0], FIELD_USER_NAME);
	assert_int_equal(find(r, "c")->datasets, DATASET_BIT(DATASET_HTTP));
	assert_true(rules_read_field(r, FIELD_USER_NAME));
	rules_free(r);
}

#define FILTER(rules, selection) \
	"---\ntitle: f\nlogsource: {product: sensord, service: http}\nfilter:\n  rules: " rules "\n" selection "\n"

static void a_filter_silences_what_its_condition_holds_for(void **state)
{
	struct rules *r = load(DETECTION("name: x\nid: 11\n", "'/x*'") "---\n" DETECTION("name: y\n", "'/x*'")
			       FILTER("[11]", "  selection: {user.name|startswith: adm_}\n  condition: selection"));

	(void)state;
	assert_string_equal(match_json(r, "{\"event.dataset\": \"http\", \"url.path\": \"/x\"}").names, " x y");
	assert_string_equal(match_json(r, "{\"event.dataset\": \"http\", \"url.path\": \"/x\", \"user.name\": \"ADM_a\"}").names,
			    " y");
	assert_true(rules_read_field(r, FIELD_USER_NAME));
	rules_free(r);
}

static void filters_of_mistakes_are_told(void **state)
{
	(void)state;
	assert_non_null(strstr(load_error(DETECTION("name: x\n", "/x") FILTER("[z]", "  s: {user.name: a}\n  condition: s")),
			       "no rule has the name or id 'z'"));
	assert_non_null(strstr(load_error(DETECTION("name: x\n", "/x") FILTER("[]", "  s: {user.name: a}\n  condition: s")),
			       "needs its 'rules'"));
	assert_non_null(strstr(load_error(DETECTION("name: x\n", "/x") FILTER("[x]", "  s: {user.nam: a}\n  condition: s")),
			       "unknown field"));
	assert_non_null(strstr(load_error("title: d\nname: d\nlogsource: {product: sensord, service: dns}\n"
					  "detection: {s: {dns.id: 1}, condition: s}\n"
					  FILTER("[d]", "  s: {user.name: a}\n  condition: s")), "not that of 'd'"));
}

static void names_and_ids_are_unique(void **state)
{
	(void)state;
	assert_string_equal(load_error(DETECTION("name: x\n", "/x") "---\n" DETECTION("name: x\n", "/y")),
			    "t.yml:7:7: the name 'x' is taken by t.yml:1");
	assert_non_null(strstr(load_error(DETECTION("id: 1\n", "/x") "---\n" DETECTION("id: 1\n", "/y")), "the id '1' is taken"));
}

static void count_error(void *to, const struct error *err)
{
	(void)err;
	++*(size_t *)to;
}

static void every_broken_document_is_told(void **state)
{
	struct rules_settings s = testing_settings();
	size_t count = 0;

	(void)state;
	assert_null(rules_parse(&s, "t.yml", bytes_string(DETECTION("level: x\n", "/x") "---\n" DETECTION("suppress: y\n", "/y")),
				count_error, &count));
	assert_int_equal(count, 2);
}

static void write_file(const char *folder, const char *name, const char *text)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void folders_are_read_in_order_of_names(void **state)
{
	char folder[] = "rules-XXXXXX", inner[64], path[600];
	static const char *const files[] = { "b.yml", "a.yml", "sub/c.yml", "notes.txt", ".hidden.yml" };

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(inner, sizeof(inner), "%s/sub", folder);
	assert_int_equal(mkdir(inner, 0700), 0);
	write_file(folder, "b.yml", DETECTION("name: b\n", "/x"));
	write_file(folder, "a.yml", DETECTION("name: a\n", "/x"));
	write_file(folder, "sub/c.yml", DETECTION("name: c\n", "/x"));
	write_file(folder, "notes.txt", "not a rule");
	write_file(folder, ".hidden.yml", "not a rule");

	const char *paths[] = { folder };
	struct rules_settings s = { .paths = paths, .n_paths = 1 };
	struct rules *r = rules_load(&s, show_error, NULL);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, files[i]);
		unlink(path);
	}
	rmdir(inner);
	rmdir(folder);
	assert_non_null(r);
	assert_int_equal(rules_count(r), 3);
	assert_string_equal(rules_about(r, 2)->name, "c");
	rules_free(r);
}

static void a_missing_file_is_an_error(void **state)
{
	const char *paths[] = { "no-such-file.yml" };
	struct rules_settings s = { .paths = paths, .n_paths = 1 };
	char line[900] = "";

	(void)state;
	assert_null(rules_load(&s, note_error, line));
	assert_non_null(strstr(line, "no-such-file.yml"));
}

static void no_rules_are_a_set_too(void **state)
{
	struct rules_settings s = { 0 };
	struct rules *r = rules_load(&s, NULL, NULL);

	(void)state;
	assert_non_null(r);
	assert_int_equal(rules_count(r), 0);
	assert_int_equal(match_json(r, "{\"event.dataset\": \"http\"}").matches, 0);
	rules_expire(r, UINT64_MAX);
	rules_free(r);
}

/* Whatever the text breaks off at: an error or a set, in memory of exactly its size. */
static void a_file_may_break_off_anywhere(void **state)
{
	static const char yaml[] =
		"title: t\nname: A-01\ntags: [ipa.a]\nlogsource: {product: sensord, service: http}\ndetection:\n"
		"  a: {url.path|re|i: 'x(a|b)', source.ip|cidr: 10.0.0.0/8}\n  b: [x, 'y*z']\n"
		"  condition: a and not 1 of b* or (a)\n---\ntitle: c\ncorrelation: {type: value_count, rules: [A-01],\n"
		"  group-by: [source.ip], timespan: 1m, condition: {field: user.name, gte: 2}}\n";
	struct rules_settings s = testing_settings();

	(void)state;
	for (size_t n = 0; n < sizeof(yaml); n++) {
		char *cut = malloc(n ? n : 1);
		assert_non_null(cut);
		memcpy(cut, yaml, n);
		rules_free(rules_parse(&s, "t.yml", bytes_of(cut, n), NULL, NULL));
		free(cut);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_document_tells_of_itself),
		cmocka_unit_test(a_foreign_rule_is_known_by_name_or_uuid),
		cmocka_unit_test(levels_have_names),
		cmocka_unit_test(a_disabled_rule_reads_and_matches_nothing),
		cmocka_unit_test(the_site_disables_and_sets_levels),
		cmocka_unit_test(a_setting_for_no_rule_is_told_and_survived),
		cmocka_unit_test(a_correlation_that_is_off_lets_its_base_rest),
		cmocka_unit_test(a_correlation_groups_alerts_by_its_group),
		cmocka_unit_test(a_filter_silences_what_its_condition_holds_for),
		cmocka_unit_test(filters_of_mistakes_are_told),
		cmocka_unit_test(names_and_ids_are_unique),
		cmocka_unit_test(every_broken_document_is_told),
		cmocka_unit_test(folders_are_read_in_order_of_names),
		cmocka_unit_test(a_missing_file_is_an_error),
		cmocka_unit_test(no_rules_are_a_set_too),
		cmocka_unit_test(a_file_may_break_off_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
