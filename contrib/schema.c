/* SPDX-License-Identifier: BSD-2-Clause
 * Writes the JSON Schema (draft 2020-12) of records or alerts, as the field registry has them: `schema record`,
 * `schema alert`. The results are committed beside this file; tests/drivers/schema.sh compares. */
#include <stdio.h>

#include "base/attributes.h"
#include "record/record.h"

static const struct choices {
	enum field field;
	const char *values[8];
} choices[] = {
	{ FIELD_EVENT_KIND, { "event", "alert", "metric" } },
	{ FIELD_EVENT_OUTCOME, { "success", "failure", "unknown" } },
	{ FIELD_RULE_LEVEL, { "informational", "low", "medium", "high", "critical" } },
	{ FIELD_IPA_MEASURE, { "A", "B", "C", "D", "E", "F" } },
	{ FIELD_ALERT_STATE, { "open", "raised", "closed", "folded" } },
};

static const struct { enum field field; const char *pattern; } patterns[] = {
	{ FIELD_TIMESTAMP, "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\\\.[0-9]{9}Z$" },
	{ FIELD_EVENT_ID, "^[0-9a-f]{16}$" },
	{ FIELD_ALERT_KEY, "^[0-9a-f]{16}$" },
	{ FIELD_ALERT_EVIDENCE, "^[0-9a-f]{16}( .+#[0-9]+)?$" },
	{ FIELD_ALERT_VISIBILITY, "^(full|partial: .+)$" },
};

static const enum field always[] = { FIELD_TIMESTAMP, FIELD_EVENT_DATASET, FIELD_EVENT_ID, FIELD_EVENT_KIND };
static const enum field always_in_alerts[] = {
	FIELD_EVENT_SEVERITY, FIELD_RULE_ID, FIELD_RULE_NAME, FIELD_RULE_LEVEL, FIELD_ALERT_KEY, FIELD_ALERT_STATE,
	FIELD_ALERT_COUNT, FIELD_ALERT_FIRST, FIELD_ALERT_LAST, FIELD_ALERT_EVIDENCE, FIELD_ALERT_VISIBILITY, FIELD_MESSAGE,
};

struct writer {
	bool alert;
	int depth;        /* open objects below the root */
	const char *open; /* name of the field written last: its prefixes are the open objects */
	bool first;       /* nothing was written into the innermost object yet */
};

static void indent(int depth)
{
	printf("\n%*s", 2 * depth, "");
}

static bool included(const struct writer *w, enum field f)
{
	return fields[f].type != FIELD_TYPE_SECRET && (w->alert || strcmp(fields[f].kinds, "alert") != 0);
}

static bool required(const struct writer *w, enum field f)
{
	for (size_t i = 0; i < ARRAY_SIZE(always); i++)
		if (always[i] == f)
			return true;
	for (size_t i = 0; w->alert && i < ARRAY_SIZE(always_in_alerts); i++)
		if (always_in_alerts[i] == f)
			return true;
	return false;
}

/* The members that an object must have: parts that follow the prefix in names of required fields, each once. */
static void write_required(const struct writer *w, const char *prefix, size_t size)
{
	const enum field *order = fields_by_name();
	const char *previous = "";
	size_t previous_size = 0, n = 0;

	for (size_t i = 0; i < FIELD_COUNT; i++) {
		const char *name = fields[order[i]].name;
		if (!required(w, order[i]) || strncmp(name, prefix, size) != 0)
			continue;
		size_t part = strcspn(name + size, ".");
		if (part == previous_size && strncmp(previous, name + size, part) == 0)
			continue;
		previous = name + size;
		previous_size = part;
		printf("%s\"%.*s\"", n++ ? ", " : " \"required\": [", (int)part, name + size);
	}
	if (n)
		printf("],");
}

static void write_text_limits(enum field f)
{
	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++)
		if (patterns[i].field == f)
			printf(", \"pattern\": \"%s\"", patterns[i].pattern);
	for (size_t i = 0; i < ARRAY_SIZE(choices); i++) {
		if (choices[i].field != f)
			continue;
		for (size_t k = 0; k < ARRAY_SIZE(choices[i].values) && choices[i].values[k]; k++)
			printf("%s\"%s\"", k ? ", " : ", \"enum\": [", choices[i].values[k]);
		printf("]");
	}
	if (f != FIELD_EVENT_DATASET)
		return;
	for (size_t d = 0; d < DATASET_COUNT; d++)
		printf("%s\"%s\"", d ? ", " : ", \"enum\": [", dataset_name((enum dataset)d));
	printf("]");
}

static void write_type(enum field f)
{
	switch (fields[f].type) {
	case FIELD_TYPE_UINT:
		printf("\"type\": \"integer\", \"minimum\": 0");
		break;
	case FIELD_TYPE_REAL:
		printf("\"type\": \"number\"");
		break;
	case FIELD_TYPE_BOOL:
		printf("\"type\": \"boolean\"");
		break;
	case FIELD_TYPE_IP:
		printf("\"type\": \"string\", \"anyOf\": [{ \"format\": \"ipv4\" }, { \"format\": \"ipv6\" }]");
		break;
	case FIELD_TYPE_TIME:
		printf("\"type\": \"string\", \"format\": \"date-time\"");
		write_text_limits(f);
		break;
	default:
		printf("\"type\": \"string\"");
		write_text_limits(f);
		break;
	}
}

static void write_description(const char *doc)
{
	printf(", \"description\": \"");
	for (; *doc; doc++)
		printf(*doc == '"' || *doc == '\\' ? "\\%c" : "%c", *doc);
	printf("\" }");
}

static void close_to(struct writer *w, int depth)
{
	for (; w->depth > depth; w->depth--) {
		indent(2 * w->depth + 1);
		printf("}");
		indent(2 * w->depth);
		printf("}");
		w->first = false;
	}
}

/* Objects that two names share. */
static int shared_depth(const char *a, const char *b)
{
	int depth = 0;

	for (; *a && *a == *b; a++, b++)
		depth += *a == '.';
	return depth;
}

static void write_field(struct writer *w, enum field f)
{
	const char *name = fields[f].name, *part = name;
	int at = 0;

	close_to(w, shared_depth(w->open, name));
	for (const char *dot; (dot = strchr(part, '.')) != NULL; part = dot + 1) {
		if (++at <= w->depth)
			continue;
		printf("%s", w->first ? "" : ",");
		indent(2 * at);
		printf("\"%.*s\": { \"type\": \"object\", \"additionalProperties\": false,", (int)(dot - part), part);
		write_required(w, name, (size_t)(dot - name) + 1);
		indent(2 * at + 1);
		printf("\"properties\": {");
		w->depth = at;
		w->first = true;
	}
	printf("%s", w->first ? "" : ",");
	indent(2 * (w->depth + 1));
	printf(fields[f].list ? "\"%s\": { \"type\": \"array\", \"items\": { " : "\"%s\": { ", part);
	write_type(f);
	printf(fields[f].list ? " }" : "");
	write_description(fields[f].doc);
	w->first = false;
	w->open = name;
}

int main(int argc, char **argv)
{
	struct writer w = { .open = "", .first = true };
	const enum field *order = fields_by_name();

	if (argc != 2 || (strcmp(argv[1], "alert") != 0 && strcmp(argv[1], "record") != 0)) {
		fprintf(stderr, "usage: schema alert|record\n");
		return 2;
	}
	w.alert = strcmp(argv[1], "alert") == 0;
	printf("{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n  \"title\": \"sensord %s\",", argv[1]);
	printf("\n  \"description\": \"One line of %s. Generated from the field registry by contrib/schema.c.\",",
	       w.alert ? "the alert output: a record with event.kind alert, and what the rule concluded" :
			 "the events output: what a protocol saw");
	printf("\n  \"type\": \"object\", \"additionalProperties\": false,");
	write_required(&w, "", 0);
	indent(1);
	printf("\"properties\": {");
	for (size_t i = 0; i < FIELD_COUNT; i++)
		if (included(&w, order[i]))
			write_field(&w, order[i]);
	close_to(&w, 0);
	printf("\n  }\n}\n");
	return ferror(stdout) || fflush(stdout) ? 2 : 0;
}
