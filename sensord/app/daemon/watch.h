/* SPDX-License-Identifier: BSD-2-Clause
 * What the detection thread lets others see of its work: counts by dataset and by rule, the busiest sources, and, for
 * who tails them, the lines themselves. It never waits for a reader: lines nobody fetched are dropped and counted. Calls
 * of the two sides may come from two threads. */
#ifndef APP_WATCH_H
#define APP_WATCH_H

#include "detect/detect.h"
#include "record/record.h"

#define WATCH_RULES 1024          /* rules counted one by one; those beyond are together "other" */
#define WATCH_SOURCES 4096        /* addresses counted; the one unseen for longest goes */
#define WATCH_PAIRS 2048          /* rule and source of alerts, likewise */
#define WATCH_BYTES (4u << 20)    /* lines that wait to be fetched */
#define WATCH_TOP 10

enum watch_kind { WATCH_ALERTS = 1, WATCH_RECORDS = 2 };

struct watch_rule {
	char id[32];
	char measure; /* 'A' to 'F'; '-' where the rule belongs to none */
	enum level level;
	uint64_t alerts, last_ns;
};

struct watch_source {
	struct address address;
	uint64_t records, alerts, last_ns;
};

struct watch_pair {
	char rule[32];
	struct address source;
	uint64_t alerts, last_ns;
};

struct watch_top {
	struct watch_source sources[WATCH_TOP];
	struct watch_rule rules[WATCH_TOP];
	struct watch_pair alerts[WATCH_TOP];
	size_t n_sources, n_rules, n_alerts;
};

struct watch_line {
	struct watch_line *next;
	enum watch_kind kind;
	enum level level;     /* alerts */
	char measure;         /* alerts */
	enum dataset dataset; /* records */
	size_t size;
	char text[];          /* JSON without newline */
};

struct watch;

struct watch *watch_new(void);
void watch_free(struct watch *w);

/* ---- the detection thread ---- */
void watch_record(struct watch *w, const struct record *r);
/* line: the alert as it is written. */
void watch_alert(struct watch *w, const struct record *alert, struct bytes line);

/* ---- the loop's thread ---- */
/* Kinds whose lines are kept; 0: none. */
void watch_ask(struct watch *w, unsigned kinds);
/* Readable where lines wait. */
int watch_fd(const struct watch *w);
/* Everything that waits, first come first, freed by the caller; *ret_lost: lines dropped since the last call. */
struct watch_line *watch_take(struct watch *w, uint64_t *ret_lost);
void watch_datasets(struct watch *w, uint64_t ret_counts[DATASET_COUNT]);
/* Copies at most max counted rules; returns how many. */
size_t watch_rules(struct watch *w, struct watch_rule *ret, size_t max);
void watch_top(struct watch *w, struct watch_top *ret);
/* Addresses and pairs counted, and the bytes of their tables and of the lines that wait. */
void watch_held(struct watch *w, size_t *ret_entries, size_t *ret_bytes);

#endif
