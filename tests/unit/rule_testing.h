/* SPDX-License-Identifier: BSD-2-Clause
 * What the tests of rules share: a set from a text, records from JSON, what fires. */
#ifndef TESTS_RULE_TESTING_H
#define TESTS_RULE_TESTING_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/instant.h"
#include "detect/rule.h"
#include "record/json.h"

/* What fired last, copied: views of a match end with the call. */
struct fired {
	size_t matches;
	const struct rule_about *rule;
	uint64_t count, first_ns;
	uint64_t evidence[16], packets[16];
	size_t n_evidence, n_values;
	char values[10][128];
	char names[1024]; /* of all that fired, each behind a space */
};

static inline void note_match(void *to, const struct match *m)
{
	struct fired *f = to;
	size_t used = strlen(f->names);

	f->matches++;
	f->rule = m->rule;
	f->count = m->count;
	f->first_ns = m->first_ns;
	f->n_evidence = m->n_evidence;
	for (size_t i = 0; i < m->n_evidence && i < 16; i++) {
		f->evidence[i] = m->evidence[i];
		f->packets[i] = m->packets[i];
	}
	f->n_values = m->n_values;
	for (size_t i = 0; i < m->n_values && i < 10; i++)
		snprintf(f->values[i], sizeof(f->values[i]), "%s", m->values[i]);
	snprintf(f->names + used, sizeof(f->names) - used, " %s", m->rule->name ? m->rule->name : m->rule->title);
}

static inline void note_error(void *to, const struct error *err)
{
	char *out = to;

	if (!out[0])
		error_format(err, out, 900);
}

static inline void show_error(void *to, const struct error *err)
{
	char line[900];

	(void)to;
	print_message("%s\n", error_format(err, line, sizeof(line)));
}

/* Values of the placeholders that the tests use; empty for "nobody", unknown otherwise. */
static inline bool give_placeholder(const void *context, const char *name, void (*see)(void *to, const char *value),
				    void *to)
{
	static const char *const values[][4] = {
		{ "admins", "administrator", "adm-*", NULL }, { "limit", "5", NULL }, { "nobody", NULL },
		{ "users", "10.1.10.0/24", "10.1.20.1-10.1.20.9", NULL }, { "traps", "LAB\\old", NULL },
		{ "dcs", "10.1.100.10", NULL },
	};

	(void)context;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if (strcmp(values[i][0], name) != 0)
			continue;
		for (size_t k = 1; values[i][k]; k++)
			see(to, values[i][k]);
		return true;
	}
	return false;
}

static inline struct rules_settings testing_settings(void)
{
	return (struct rules_settings){ .placeholder = give_placeholder, .max_state = 100 };
}

static inline struct rules *load(const char *yaml)
{
	struct rules_settings s = testing_settings();
	struct rules *r = rules_parse(&s, "t.yml", bytes_string(yaml), show_error, NULL);

	assert_non_null(r);
	return r;
}

/* A detection over http records with this `detection` section (indented by two spaces). */
static inline const char *detection_text(const char *section)
{
	static char yaml[8192];

	snprintf(yaml, sizeof(yaml), "title: t\nlogsource: {product: sensord, service: http}\ndetection:\n%s\n", section);
	return yaml;
}

/* The first error line of a set that must not load. */
static inline const char *load_error(const char *yaml)
{
	static char line[900];
	struct rules_settings s = testing_settings();
	struct rules *r;

	line[0] = '\0';
	r = rules_parse(&s, "t.yml", bytes_string(yaml), note_error, line);
	assert_null(r);
	assert_true(line[0]);
	return line;
}

static inline struct fired match_json(struct rules *r, const char *json)
{
	struct fired f = { 0 };
	struct error err = { 0 };
	struct record *record = record_new();

	assert_non_null(record);
	if (!record_from_json(bytes_string(json), record, &err))
		fail_msg("%s: %s", json, err.text);
	rules_match(r, record, note_match, &f);
	record_free(record);
	return f;
}

/* Does one http record with these members fire the detection? */
static inline bool fires(const char *section, const char *members)
{
	char json[4096];
	struct rules *r = load(detection_text(section));

	snprintf(json, sizeof(json), "{\"event.dataset\": \"http\"%s%s}", *members ? ", " : "", members);
	struct fired f = match_json(r, json);
	rules_free(r);
	return f.matches == 1;
}

/* One line in a selection. */
static inline bool line_fires(const char *line, const char *members)
{
	char section[2048];

	snprintf(section, sizeof(section), "  s:\n    %s\n  condition: s", line);
	return fires(section, members);
}

static inline const char *line_error(const char *line)
{
	char section[2048];

	snprintf(section, sizeof(section), "  s:\n    %s\n  condition: s", line);
	return load_error(detection_text(section));
}

#endif
