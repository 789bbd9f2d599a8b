/* SPDX-License-Identifier: BSD-2-Clause
 * The shipped rules against their own examples: records go through the whole of detection (enrichment, trackers, rules,
 * alerts) on the site of rules_site.yaml, and the document named must alert or stay quiet. Beside each rules/X/Y.yml
 * stands Y.examples.json:
 *
 *     { "feeds": [documents that only feed a correlation],
 *       "examples": [ { "rule": document, "alerts": true or false, "what": "...", "site": "default" (no site file),
 *                       "steps": [ { "at": seconds, "repeat": times, "every": seconds, "vary": [fields counted up],
 *                                    "record": { ... } } ] } ] }
 *
 * A document that is no feed needs at least one example of either kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attributes.h"
#include "base/instant.h"
#include "detect/detect.h"
#include "record/json.h"

#define PATH_ROOM 512
#define MEMORY (8u << 20)

static struct site *sites[2]; /* of rules_site.yaml, and the default */

static const char *source(void)
{
	const char *dir = getenv("srcdir");

	return dir ? dir : ".";
}

static bool fill(const void *context, const char *name, void (*see)(void *to, const char *value), void *to)
{
	return site_placeholder(context, name, see, to);
}

static void complain(void *to, const struct error *err)
{
	char room[1024];

	(void)to;
	print_error("%s\n", error_format(err, room, sizeof(room)));
}

/* The rules of a text; what ships disabled is tried as well. */
static struct rules *load(const char *name, char *text, const struct site *site)
{
	struct rules_settings s = { .placeholder = fill, .placeholder_context = site, .max_state = 65536 };
	char rooms[6][PATH_ROOM];
	const char *paths[6];
	char *off;

	/* Chains (set x) name rules of all sets. */
	for (size_t i = 0; i < ARRAY_SIZE(paths) && strstr(name, "/x/"); i++) {
		snprintf(rooms[i], sizeof(rooms[i]), "%s/rules/%c", source(), (char)('a' + (int)i));
		paths[i] = rooms[i];
		s.n_paths = i + 1;
	}
	s.paths = paths;

	while ((off = strstr(text, "enabled: false")))
		memcpy(off, "enabled: true ", strlen("enabled: false"));
	return rules_parse(&s, name, bytes_string(text), complain, NULL);
}

static char *slurp(const char *path)
{
	FILE *f = fopen(path, "rb");
	char *text = calloc(1, 65536);

	if (!f || !text) {
		free(text);
		if (f)
			fclose(f);
		return NULL;
	}
	text[fread(text, 1, 65535, f)] = 0;
	fclose(f);
	return text;
}

/* ---- one example ---- */

struct watch {
	const char *uuid;
	unsigned alerts;
	unsigned without_text;
};

static void on_alert(void *context, const struct record *r)
{
	struct watch *w = context;

	if (record_text_is(r, FIELD_ALERT_STATE, "closed") || !record_text_is(r, FIELD_RULE_UUID, w->uuid))
		return;
	w->alerts++;
	w->without_text += !record_has(r, FIELD_MESSAGE) || !record_has(r, FIELD_MESSAGE_JA) || !record_has(r, FIELD_RULE_NAME_JA);
}

static void play_step(struct detect *d, struct record *r, json_t *step, uint64_t *now)
{
	json_int_t repeat = json_is_integer(json_object_get(step, "repeat")) ? json_integer_value(json_object_get(step, "repeat")) : 1;
	double at = json_number_value(json_object_get(step, "at"));
	double every = json_number_value(json_object_get(step, "every"));
	char *text = json_dumps(json_object_get(step, "record"), JSON_COMPACT);
	json_t *vary;
	size_t n;
	struct error err = { 0 };

	for (json_int_t i = 0; i < repeat; i++) {
		if (!record_from_json(bytes_string(text), r, &err)) {
			char room[1024];
			print_error("%s\n", error_format(&err, room, sizeof(room)));
			fail();
		}
		r->time_ns += (uint64_t)((at + every * (double)i) * (double)NS_PER_S);
		r->id = ++*now;
		json_array_foreach(json_object_get(step, "vary"), n, vary) {
			enum field f = field_find(bytes_string(json_string_value(vary)));
			record_set_uint(r, f, record_uint(r, f) + (uint64_t)i);
		}
		detect_record(d, r);
	}
	free(text);
}

/* Returns whether the example came out as it says. */
static bool play(json_t *example, const char *name, const char *text, const char *catalogue)
{
	json_t *kind = json_object_get(example, "site");
	struct site *site = sites[kind != NULL];
	char *copy = strdup(text);
	struct rules *rules = load(name, copy, site);
	struct record *r = record_new();
	struct watch watch = { 0 };
	struct error err = { 0 };
	json_t *step;
	size_t i;
	uint64_t now = 0;

	assert_non_null(rules);
	for (size_t n = 0; n < rules_count(rules); n++) {
		if (strcmp(rules_about(rules, n)->name, json_string_value(json_object_get(example, "rule"))) == 0)
			watch.uuid = rules_about(rules, n)->uuid;
	}
	assert_non_null(watch.uuid);
	struct detect_settings s = { site, rules, catalogue, MEMORY, 0 };
	struct detect *d = detect_new(&s, on_alert, NULL, &watch, &err);
	assert_non_null(d);
	json_array_foreach(json_object_get(example, "steps"), i, step)
		play_step(d, r, step, &now);
	detect_finish(d, 0);
	bool right = (watch.alerts > 0) == json_is_true(json_object_get(example, "alerts")) && watch.without_text == 0;
	if (!right)
		print_error("%s: %s: %u alerts, %u without sentences\n", json_string_value(json_object_get(example, "rule")),
			    json_string_value(json_object_get(example, "what")), watch.alerts, watch.without_text);
	detect_free(d);
	rules_free(rules);
	record_free(r);
	free(copy);
	return right;
}

/* ---- one file ---- */

static bool named(json_t *list, const char *name)
{
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item) {
		if (strcmp(json_string_value(item), name) == 0)
			return true;
	}
	return false;
}

static bool has_example(json_t *examples, const char *name, bool alerts)
{
	json_t *e;
	size_t i;

	json_array_foreach(examples, i, e) {
		if (strcmp(json_string_value(json_object_get(e, "rule")), name) == 0 &&
		    json_is_true(json_object_get(e, "alerts")) == alerts)
			return true;
	}
	return false;
}

static unsigned check_documents(const char *path, char *text, json_t *all)
{
	struct rules *rules = load(path, text, sites[0]);
	json_t *examples = json_object_get(all, "examples");
	unsigned wrong = 0;

	assert_non_null(rules);
	for (size_t i = 0; i < rules_count(rules); i++) {
		const char *name = rules_about(rules, i)->name;
		if (strcmp(rules_about(rules, i)->file, path) != 0 || named(json_object_get(all, "feeds"), name))
			continue;
		if (has_example(examples, name, true) && has_example(examples, name, false))
			continue;
		print_error("%s: %s needs an example that alerts and one that stays quiet\n", path, name);
		wrong++;
	}
	rules_free(rules);
	return wrong;
}

static unsigned check_file(const char *path)
{
	char other[PATH_ROOM + 32], catalogue[PATH_ROOM];
	char *text = slurp(path);
	json_error_t err;
	json_t *example;
	size_t i;
	unsigned wrong = 0;

	assert_non_null(text);
	snprintf(other, sizeof(other), "%.*s.examples.json", (int)(strlen(path) - strlen(".yml")), path);
	snprintf(catalogue, sizeof(catalogue), "%s/rules/catalogue.yaml", source());
	json_t *all = json_load_file(other, 0, &err);
	if (!all) {
		print_error("%s:%d: %s\n", other, err.line, err.text);
		free(text);
		return 1;
	}
	char *copy = strdup(text);
	wrong += check_documents(path, copy, all);
	json_array_foreach(json_object_get(all, "examples"), i, example)
		wrong += !play(example, path, text, catalogue);
	json_decref(all);
	free(copy);
	free(text);
	return wrong;
}

static int is_rule(const struct dirent *e)
{
	size_t size = strlen(e->d_name);

	return size > 4 && strcmp(e->d_name + size - 4, ".yml") == 0;
}

static void check_set(const char *set)
{
	char dir[PATH_ROOM / 2], path[PATH_ROOM];
	struct dirent **list = NULL;
	unsigned wrong = 0;

	snprintf(dir, sizeof(dir), "%s/rules/%s", source(), set);
	int n = scandir(dir, &list, is_rule, alphasort);
	assert_true(n > 0);
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, list[i]->d_name);
		wrong += check_file(path);
		free(list[i]);
	}
	free(list);
	assert_int_equal(wrong, 0);
}

static void the_examples_of_set_a_come_out(void **state)
{
	(void)state;
	check_set("a");
}

static void the_examples_of_set_b_come_out(void **state)
{
	(void)state;
	check_set("b");
}

static void the_examples_of_set_c_come_out(void **state)
{
	(void)state;
	check_set("c");
}

static void the_examples_of_set_d_come_out(void **state)
{
	(void)state;
	check_set("d");
}

static void the_examples_of_set_e_come_out(void **state)
{
	(void)state;
	check_set("e");
}

static void the_examples_of_set_f_come_out(void **state)
{
	(void)state;
	check_set("f");
}

static void the_examples_of_the_sensor_come_out(void **state)
{
	(void)state;
	check_set("s");
}

static void the_examples_of_chains_come_out(void **state)
{
	(void)state;
	check_set("x");
}

static int set_up(void **state)
{
	char path[PATH_ROOM], room[1024];
	struct error err = { 0 };

	(void)state;
	snprintf(path, sizeof(path), "%s/tests/unit/rules_site.yaml", source());
	sites[0] = site_read(path, &err);
	if (!sites[0])
		print_error("%s\n", error_format(&err, room, sizeof(room)));
	sites[1] = site_default();
	return sites[0] && sites[1] ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	site_free(sites[0]);
	site_free(sites[1]);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_examples_of_set_a_come_out),
		cmocka_unit_test(the_examples_of_set_b_come_out),
		cmocka_unit_test(the_examples_of_set_c_come_out),
		cmocka_unit_test(the_examples_of_set_d_come_out),
		cmocka_unit_test(the_examples_of_set_e_come_out),
		cmocka_unit_test(the_examples_of_set_f_come_out),
		cmocka_unit_test(the_examples_of_the_sensor_come_out),
		cmocka_unit_test(the_examples_of_chains_come_out),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
