/* SPDX-License-Identifier: BSD-2-Clause
 * The entries of several rings in the order of their places. */
#ifndef APP_MERGE_H
#define APP_MERGE_H

#include "ring.h"

#define MERGE_RINGS 64

struct merge {
	struct ring *rings[MERGE_RINGS];
	size_t n;
	size_t from;    /* ring of the entry that merge_next gave */
	uint64_t until; /* nothing with a smaller major is left or will come, where merge_next gave NULL */
	bool waiting;   /* it gave NULL though an entry is there: a ring whose mark is behind may still put one before it */
	bool in_a_run;  /* entries of that ring come next as long as they are before `others` */
	struct place others;
};

/* The entry that is next, valid until merge_drop; NULL where none is, or none may be given yet. impatient: does not wait
 * for rings that are empty. Equal places go in the order of the rings. */
const struct entry *merge_next(struct merge *m, bool impatient);
void merge_drop(struct merge *m);

#endif
