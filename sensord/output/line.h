/* SPDX-License-Identifier: BSD-2-Clause
 * Lines in memory: a list that knows its size. */
#ifndef OUTPUT_LINE_H
#define OUTPUT_LINE_H

#include "output/output.h"
#include "spool.h"

struct line {
	struct line *next;
	struct spool_place end; /* behind this line in the spool; segment 0: it is not there */
	uint64_t time_ns;
	size_t size;
	uint8_t severity, tag_size;
	char tag[OUTPUT_TAG];
	uint8_t at[];
};

struct lines {
	struct line *first, *last;
	size_t count, bytes; /* bytes: of memory */
};

/* NULL without memory. */
struct line *line_new(const struct output_item *item);
struct output_item line_item(const struct line *l);
size_t line_memory(const struct line *l);
void lines_add(struct lines *all, struct line *l);
/* The oldest, taken out; NULL where there is none. */
struct line *lines_take(struct lines *all);
/* Moves all of `from` behind, or before, all of `to`. */
void lines_append(struct lines *to, struct lines *from);
void lines_prepend(struct lines *to, struct lines *from);
void lines_release(struct lines *all);

#endif
