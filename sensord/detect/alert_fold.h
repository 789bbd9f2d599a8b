/* SPDX-License-Identifier: BSD-2-Clause
 * The ceiling of lines a minute. A flood of invented sources makes an alert of every one of them, and nobody reads 130,000
 * lines. Of one rule and level at most so many lines are told in a minute; those beyond it are folded, and when the
 * minute is over one line ("folded") says how many there were, from how many sources, and when. Rules and levels do not
 * take room from each other, so that no flood of low alerts hides a high one. Minutes begin with a line and go by the
 * packet clock. */
#ifndef DETECT_ALERT_FOLD_H
#define DETECT_ALERT_FOLD_H

#include "base/deadline.h"
#include "base/hash.h"
#include "detect/rule.h"

#define FOLD_SOURCES 1024 /* different sources counted in one minute; beyond that there are "more than" so many */

struct alerts;
struct fold;
struct group;

struct folds {
	struct fold *all;
	struct deadlines due;  /* of those that hold something */
	struct hash_key key;
	uint64_t per_minute;   /* 0: no ceiling */
};

/* A line of this group would be told now: true where it may be. Else it is folded: matches is what it would have told
 * that no line told before. What cannot be folded, for want of memory, is told. */
bool fold_allows(struct alerts *a, const struct group *g, uint64_t matches, uint64_t at_ns);
/* When the first minute with something folded is over; UINT64_MAX: there is none. */
uint64_t folds_due(const struct folds *f);
/* Tells of that minute. */
void folds_tell_first(struct alerts *a, uint64_t now_ns);
/* Tells of all that is folded, in order: at the end, and before rules go. */
void folds_tell_all(struct alerts *a, uint64_t now_ns);
void folds_release(struct folds *f);

#endif
