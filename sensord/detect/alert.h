/* SPDX-License-Identifier: BSD-2-Clause
 * Inside of alert making: groups (alert_group.c), what an alert says (alert_record.c), when it says it (alert.c), and how
 * many lines a minute (alert_fold.c). */
#ifndef DETECT_ALERT_PRIVATE_H
#define DETECT_ALERT_PRIVATE_H

#include "base/deadline.h"
#include "base/instant.h"
#include "base/table.h"
#include "detect/alert.h"

#include "alert_fold.h"
#include "message.h"

#define GROUP_FIELDS 8            /* fields that make a group; further ones are not looked at */
#define GROUP_SHAPES 8            /* different sets of them under one rule id */
#define GROUP_SCAN 4096           /* open groups of a rule compared when only some fields are shared */
#define GROUP_IDENT 4096          /* bytes of the values that make a group; what is beyond is not compared */
#define ALERT_EVIDENCE 16         /* records cited */
#define ALERT_RELATED 16          /* accounts, and addresses */
#define ALERT_VALUES 10           /* distinct values of a value_count */
#define ALERT_MAXIMA 8             /* counters of which the highest value is kept */
#define ALERT_TEXT 256            /* bytes of one related account or value */
#define ALERT_FILES 4096          /* capture files that evidence may name */
#define ALERT_LIFE (24 * NS_PER_HOUR) /* a group is closed then, however often it matches */

/* A set of fields, in order of their numbers. */
struct shape {
	enum field fields[GROUP_FIELDS];
	size_t count;
};

/* A rule id: its documents share their groups. */
struct family {
	struct family *next;
	char *rule_id;
	struct shape shapes[GROUP_SHAPES];
	size_t n_shapes;
	struct group *newest; /* open groups, linked by family_older */
};

/* One rule document, looked up by its address. */
struct document_memo {
	struct family *family;
	size_t shape;
	const struct entry *entry; /* of the catalogue; may be NULL */
	const struct rule_about *next; /* while rules are replaced: the same document among the new ones */
	bool next_known;
};

/* Up to a few short texts, each once. */
struct words {
	char **items;
	size_t count, max;
};

struct evidence {
	uint64_t id, packet;
	const char *file; /* interned; NULL where unknown */
};

struct group {
	struct deadline deadline; /* first: the heap gives this back */
	struct group *chain;
	struct group *older, *newer;               /* all, by opening */
	struct group *family_older, *family_newer;
	struct family *family;
	size_t shape;
	uint64_t hash;
	uint8_t *ident; /* values of the shape's fields */
	size_t ident_size;
	/* what is told */
	const struct rule_about *about; /* the highest document so far */
	const struct entry *entry;
	enum level level;               /* after lowering for partial sight */
	uint64_t key;                   /* alert.key */
	uint64_t opened_ns, first_ns, last_ns;
	uint64_t count, written;        /* matches, and how many the last line told of */
	uint64_t last_id;               /* record counted last: two documents may fire on one */
	struct record *base;            /* record behind the last line; NULL where memory was short */
	struct evidence evidence[ALERT_EVIDENCE];
	size_t n_evidence;
	uint64_t maxima[ALERT_MAXIMA];
	struct words users, values;
	struct address *ips;            /* room for ALERT_RELATED */
	size_t n_ips;
	uint64_t folded, folded_new, sources, ceiling; /* a line for so many others, openings among them: alert_fold.c */
};

struct groups {
	struct group **buckets;
	size_t n_buckets, count;
	struct group *oldest, *newest;
	struct family *families;
	struct table *memos; /* const struct rule_about * -> struct document_memo */
	struct hash_key key;
};

bool groups_init(struct groups *all, const struct hash_key *key);
/* Every group must have been closed. */
void groups_release(struct groups *all);
/* NULL without memory. */
struct document_memo *groups_memo(struct groups *all, const struct rule_about *about, const struct catalogue *catalogue);
/* The open group this record belongs to: of the same values, else the newest of those that list fewer fields or more,
 * and agree in what both list. */
struct group *groups_find(struct groups *all, const struct document_memo *memo, const struct record *r, enum level level);
/* A new group, not yet told of; NULL without memory. */
struct group *groups_open(struct groups *all, const struct document_memo *memo, const struct record *r);
/* From now on the group takes whatever agrees in the fields that it shares with this document. */
void groups_widen(struct groups *all, struct group *g, const struct document_memo *memo);
void groups_close(struct groups *all, struct group *g);
size_t group_bytes(const struct group *g);
/* Of a group that is in no index; NULL is fine. */
void group_free(struct group *g);
/* The rules are others: what was remembered of their documents is forgotten, and families without open groups go. */
void groups_forget(struct groups *all);
/* alert.key: the same in every run and every version that knows these field names. */
uint64_t group_key(const struct document_memo *memo, const struct record *r);

void words_add(struct words *w, size_t max, struct bytes word);

/* Shared by alert.c and alert_reload.c. */
struct alerts {
	const struct site *site;
	struct catalogue *catalogue;
	size_t max_open;
	struct groups groups;
	struct deadlines deadlines;
	struct folds folds;
	struct record *line, *view; /* scratch */
	void (*write)(void *context, const struct record *alert);
	void *context;
	struct alerts_counts counts;
	size_t *exceptions, n_exceptions; /* matches silenced, by number of the exception */
	char **files;
	size_t n_files;
};

/* Closes a group, with its closing line where there is more to tell. at_ns: the present, for the ceiling of lines. */
void alerts_close(struct alerts *a, struct group *g, uint64_t at_ns);
/* The line for what was folded. */
void alerts_tell_sum(struct alerts *a, struct group *sum, uint64_t at_ns);
/* When it is due to be closed. */
uint64_t alerts_group_end(const struct group *g);

/* Takes the facts of a match into the group (evidence, accounts, addresses); counting is the caller's. file: the
 * capture file of the match's own record, interned, or NULL. */
void group_learn(struct group *g, const struct match *m, const char *file);
void group_learn_address(struct group *g, const struct address *a);
/* The level this match speaks with, lowered where the sight was partial (MEASURES 4.6). */
enum level match_level(const struct match *m);

/* Writes the alert into line; view is a scratch record too. source: record whose values it carries, may be NULL. */
void alert_compose(struct record *line, struct record *view, const struct group *g, const char *state, uint64_t time_ns,
		   const struct record *source);

#endif
