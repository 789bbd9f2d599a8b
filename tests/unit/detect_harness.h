/* SPDX-License-Identifier: BSD-2-Clause
 * A detection over a small site for tests of trackers and enrichment: records are made from JSON, what comes out of
 * enrichment and trackers is kept. */
#ifndef TESTS_DETECT_HARNESS_H
#define TESTS_DETECT_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/attributes.h"
#include "base/instant.h"
#include "detect/detect.h"
#include "record/json.h"

#define BENCH_KEPT 256 /* records kept */

struct bench {
	struct site *site;
	struct rules *rules;
	struct detect *detect;
	struct record *scratch;
	struct record *seen[BENCH_KEPT];
	size_t n_seen;
	unsigned alerts;
	struct record *alert; /* the latest one */
	uint64_t next_id;
};

static inline void bench_keep(void *context, struct record *r)
{
	struct bench *b = context;

	if (b->n_seen < BENCH_KEPT)
		b->seen[b->n_seen++] = record_copy(r);
}

static inline void bench_alert(void *context, const struct record *r)
{
	struct bench *b = context;

	b->alerts++;
	record_free(b->alert);
	b->alert = record_copy(r);
}

static inline bool bench_fill(const void *context, const char *name, void (*see)(void *to, const char *value), void *to)
{
	return site_placeholder(context, name, see, to);
}

static const char bench_rule[] = "title: any flow\nid: 3f0c2a52-2b39-4a9e-9a52-6b0d6c8a5a01\nname: T-01\n"
				 "logsource: { product: sensord, service: flow }\n"
				 "detection: { selection: { event.action: odd }, condition: selection }\nlevel: low\n";

/* yaml: the site file, NULL for the default site; show: all records are shown, so that all trackers run. */
static inline void bench_begin(struct bench *b, const char *yaml, const char *rules_yaml, size_t memory, bool show)
{
	struct error err = { 0 };
	struct rules_settings rules = { .placeholder = bench_fill, .max_state = 1024 };

	*b = (struct bench){ 0 };
	b->site = yaml ? site_parse("test", bytes_string(yaml), &err) : site_default();
	if (!b->site)
		print_error("%u:%u: %s\n", err.line, err.column, err.text);
	assert_non_null(b->site);
	rules.placeholder_context = b->site;
	b->rules = rules_parse(&rules, "test", bytes_string(rules_yaml), NULL, NULL);
	assert_non_null(b->rules);
	struct detect_settings s = { b->site, b->rules, NULL, memory, 0 };
	b->detect = detect_new(&s, bench_alert, show ? bench_keep : NULL, b, &err);
	assert_non_null(b->detect);
	b->scratch = record_new();
	assert_non_null(b->scratch);
}

static inline void bench_start(struct bench *b, const char *yaml, size_t memory, bool show)
{
	bench_begin(b, yaml, bench_rule, memory, show);
}

static inline void bench_forget(struct bench *b)
{
	for (size_t i = 0; i < b->n_seen; i++)
		record_free(b->seen[i]);
	b->n_seen = 0;
}

static inline void bench_stop(struct bench *b)
{
	bench_forget(b);
	detect_free(b->detect);
	rules_free(b->rules);
	site_free(b->site);
	record_free(b->scratch);
	record_free(b->alert);
}

/* Seconds since a Tuesday morning, 2026-11-24 01:00 UTC. */
#define BENCH_START UINT64_C(1795482000)

static inline void bench_record(struct bench *b, double at, const char *json)
{
	struct error err = { 0 };

	if (!record_from_json(bytes_string(json), b->scratch, &err))
		print_error("%s\n", err.text);
	b->scratch->time_ns = BENCH_START * NS_PER_S + (uint64_t)(at * (double)NS_PER_S);
	b->scratch->id = ++b->next_id;
	detect_record(b->detect, b->scratch);
}

static inline void bench_tick(struct bench *b, double at)
{
	detect_tick(b->detect, BENCH_START * NS_PER_S + (uint64_t)(at * (double)NS_PER_S));
}

/* The latest record shown of that kind, or NULL. */
static inline const struct record *bench_last(const struct bench *b, enum dataset d)
{
	for (size_t i = b->n_seen; i > 0; i--) {
		if (b->seen[i - 1]->dataset == d)
			return b->seen[i - 1];
	}
	return NULL;
}

static inline size_t bench_count(const struct bench *b, enum dataset d)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n_seen; i++)
		n += b->seen[i]->dataset == d;
	return n;
}

#endif
