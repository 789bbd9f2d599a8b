/* SPDX-License-Identifier: BSD-2-Clause */
#include "alert_fold.h"

#include <stdlib.h>

#include "alert.h"

struct fold {
	struct deadline deadline; /* first: the heap gives this back */
	struct fold *next;
	char *rule_id;
	enum level level;
	uint64_t start_ns, told;  /* the present minute, and the lines told in it */
	struct group *sum;        /* what was folded in it, as a group that is in no index; NULL: nothing */
	struct table *sources;
};

static struct fold *find(struct folds *f, const struct group *g)
{
	for (struct fold *one = f->all; one; one = one->next)
		if (one->level == g->level && strcmp(one->rule_id, g->about->rule_id) == 0)
			return one;
	struct fold *one = calloc(1, sizeof(*one));
	if (!one || !(one->rule_id = strdup(g->about->rule_id))) {
		free(one);
		return NULL;
	}
	one->level = g->level;
	one->next = f->all;
	f->all = one;
	return one;
}

static void forget(struct folds *f, struct fold *one)
{
	deadline_clear(&f->due, &one->deadline);
	group_free(one->sum);
	one->sum = NULL;
	table_free(one->sources);
	one->sources = NULL;
}

void folds_release(struct folds *f)
{
	for (struct fold *one = f->all, *next; one; one = next) {
		next = one->next;
		forget(f, one);
		free(one->rule_id);
		free(one);
	}
	deadlines_release(&f->due);
	f->all = NULL;
}

/* ---- folding ---- */

/* Stable: the same rule and level have one key, whatever was folded. */
static uint64_t key_of(const struct fold *one)
{
	struct hash_key key = { UINT64_C(0x73656e736f726420), UINT64_C(0x666f6c6465642020) + one->level };

	return hash_bytes(&key, one->rule_id, strlen(one->rule_id));
}

static bool begin(struct folds *f, struct fold *one, const struct group *g)
{
	struct group *sum = calloc(1, sizeof(*sum));

	one->sum = sum;
	one->sources = table_new(sizeof(struct address), 1, FOLD_SOURCES + 1, &f->key, NULL, NULL);
	if (!sum || !one->sources || !(sum->base = record_new()) ||
	    !deadline_set(&f->due, &one->deadline, one->start_ns + NS_PER_MIN)) {
		forget(f, one);
		return false;
	}
	record_clear(sum->base, g->base ? g->base->dataset : DATASET_FLOW, g->last_ns);
	sum->about = g->about;
	sum->entry = g->entry;
	sum->level = g->level;
	sum->key = key_of(one);
	sum->first_ns = g->first_ns;
	sum->ceiling = f->per_minute;
	return true;
}

static void count_source(struct fold *one, const struct group *g)
{
	const struct address *source = g->base ? record_ip(g->base, FIELD_SOURCE_IP) : NULL;

	if (!source || one->sum->sources > FOLD_SOURCES)
		return;
	(void)table_make(one->sources, source, g->last_ns, NULL);
	one->sum->sources = table_count(one->sources);
	group_learn_address(one->sum, source);
}

static void add(struct fold *one, const struct group *g, uint64_t matches)
{
	struct group *sum = one->sum;

	sum->folded++;
	sum->folded_new += matches == g->count;
	sum->count += matches;
	sum->first_ns = g->first_ns < sum->first_ns ? g->first_ns : sum->first_ns;
	sum->last_ns = g->last_ns > sum->last_ns ? g->last_ns : sum->last_ns;
	if (g->n_evidence && sum->n_evidence < ALERT_EVIDENCE)
		sum->evidence[sum->n_evidence++] = g->evidence[0];
	for (size_t i = 0; i < g->users.count; i++)
		words_add(&sum->users, ALERT_RELATED, bytes_string(g->users.items[i]));
	count_source(one, g);
}

/* A clock that was set back by more than the minute begins another one. */
static bool is_over(const struct fold *one, uint64_t at_ns)
{
	return at_ns >= one->start_ns ? at_ns - one->start_ns >= NS_PER_MIN : one->start_ns - at_ns >= NS_PER_MIN;
}

/* The line is of the minute's end, whenever that is noticed, or of the end of everything. */
static void tell(struct alerts *a, struct fold *one, uint64_t now_ns)
{
	uint64_t end_ns = one->start_ns + NS_PER_MIN;

	if (one->sum)
		alerts_tell_sum(a, one->sum, now_ns >= one->start_ns && now_ns < end_ns ? now_ns : end_ns);
	forget(&a->folds, one);
}

bool fold_allows(struct alerts *a, const struct group *g, uint64_t matches, uint64_t at_ns)
{
	struct folds *f = &a->folds;
	struct fold *one = f->per_minute ? find(f, g) : NULL;

	if (!one)
		return true;
	if (one->told == 0 || is_over(one, at_ns)) {
		tell(a, one, at_ns);
		one->start_ns = at_ns;
		one->told = 0;
	}
	if (one->told < f->per_minute) {
		one->told++;
		return true;
	}
	if (!one->sum && !begin(f, one, g))
		return true;
	add(one, g, matches);
	a->counts.folded++;
	return false;
}

/* ---- telling ---- */

uint64_t folds_due(const struct folds *f)
{
	return f->due.count ? f->due.heap[0]->due_ns : UINT64_MAX;
}

void folds_tell_first(struct alerts *a, uint64_t now_ns)
{
	struct fold *one = (struct fold *)deadline_due(&a->folds.due, UINT64_MAX);

	if (one)
		tell(a, one, now_ns);
}

void folds_tell_all(struct alerts *a, uint64_t now_ns)
{
	while (a->folds.due.count)
		folds_tell_first(a, now_ns);
}
