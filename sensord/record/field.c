/* SPDX-License-Identifier: BSD-2-Clause
 * The registry's table, and how a field is found in it. */
#include "record/field.h"

#include <pthread.h>
#include <stdlib.h>

#include "record/record.h"

const struct field_row fields[FIELD_COUNT] = {
#define FIELD_AS_ROW(id, name, type, list, kinds, doc) { name, FIELD_TYPE_##type, list, kinds, doc },
	FIELDS(FIELD_AS_ROW)
#undef FIELD_AS_ROW
};

/* Order of names with the dot below everything else, so that what nests together stands together. */
static int compare_names(struct bytes a, struct bytes b)
{
	size_t i = 0;

	while (i < a.size && i < b.size && a.at[i] == b.at[i])
		i++;
	int x = i == a.size ? -1 : a.at[i] == '.' ? 0 : 1 + a.at[i], y = i == b.size ? -1 : b.at[i] == '.' ? 0 : 1 + b.at[i];
	return x < y ? -1 : x > y;
}

static int compare_fields(const void *a, const void *b)
{
	return compare_names(bytes_string(fields[*(const enum field *)a].name), bytes_string(fields[*(const enum field *)b].name));
}

static enum field by_name[FIELD_COUNT];

static void sort_fields(void)
{
	for (size_t i = 0; i < FIELD_COUNT; i++)
		by_name[i] = (enum field)i;
	qsort(by_name, FIELD_COUNT, sizeof(by_name[0]), compare_fields);
}

const enum field *fields_by_name(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, sort_fields);
	return by_name;
}

static int compare_name(const void *name, const void *field)
{
	return compare_names(*(const struct bytes *)name, bytes_string(fields[*(const enum field *)field].name));
}

enum field field_find(struct bytes name)
{
	const enum field *found = bsearch(&name, fields_by_name(), FIELD_COUNT, sizeof(*found), compare_name);

	return found ? *found : FIELD_COUNT;
}

/* Levenshtein distance, given up (64) for words beyond 63 bytes. */
static unsigned distance(struct bytes a, struct bytes b)
{
	unsigned row[64];

	if (a.size > 63 || b.size > 63)
		return 64;
	for (size_t j = 0; j <= b.size; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= a.size; i++) {
		unsigned diagonal = row[0];
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b.size; j++) {
			unsigned best = diagonal + (a.at[i - 1] != b.at[j - 1]);
			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[b.size];
}

const char *field_suggest(struct bytes name)
{
	unsigned best = 5;
	const char *suggestion = NULL;

	for (size_t i = 0; i < FIELD_COUNT; i++) {
		unsigned d = distance(name, bytes_string(fields[i].name));
		if (d < best) {
			best = d;
			suggestion = fields[i].name;
		}
	}
	return suggestion;
}

const char *field_type_name(enum field_type type)
{
	static const char *const names[] = {
		[FIELD_TYPE_TEXT] = "text", [FIELD_TYPE_UINT] = "uint", [FIELD_TYPE_REAL] = "real",
		[FIELD_TYPE_BOOL] = "bool", [FIELD_TYPE_IP] = "ip",     [FIELD_TYPE_TIME] = "time",
		[FIELD_TYPE_SECRET] = "secret",
	};
	return names[type];
}

static const char *const dataset_names[DATASET_COUNT] = {
#define DATASET_AS_NAME(id, name) [DATASET_##id] = name,
	DATASETS(DATASET_AS_NAME)
#undef DATASET_AS_NAME
};

const char *dataset_name(enum dataset d)
{
	return dataset_names[d];
}

enum dataset dataset_find(struct bytes name)
{
	for (size_t i = 0; i < DATASET_COUNT; i++)
		if (bytes_equal(name, bytes_string(dataset_names[i])))
			return (enum dataset)i;
	return DATASET_COUNT;
}
