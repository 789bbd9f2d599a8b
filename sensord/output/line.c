/* SPDX-License-Identifier: BSD-2-Clause */
#include "line.h"

#include <stdlib.h>

struct line *line_new(const struct output_item *item)
{
	struct line *l = malloc(sizeof(*l) + item->line.size);
	size_t tag = item->tag.size < OUTPUT_TAG ? item->tag.size : OUTPUT_TAG;

	if (!l)
		return NULL;
	*l = (struct line){ .time_ns = item->time_ns, .size = item->line.size, .tag_size = (uint8_t)tag };
	l->severity = (uint8_t)(item->severity < 0 ? 0 : item->severity > 7 ? 7 : item->severity);
	if (tag)
		memcpy(l->tag, item->tag.at, tag);
	if (l->size)
		memcpy(l->at, item->line.at, l->size);
	return l;
}

struct output_item line_item(const struct line *l)
{
	return (struct output_item){ .line = bytes_of(l->at, l->size), .tag = bytes_of(l->tag, l->tag_size),
				     .time_ns = l->time_ns, .severity = l->severity };
}

size_t line_memory(const struct line *l)
{
	return sizeof(*l) + l->size;
}

void lines_add(struct lines *all, struct line *l)
{
	l->next = NULL;
	if (all->last)
		all->last->next = l;
	else
		all->first = l;
	all->last = l;
	all->count++;
	all->bytes += line_memory(l);
}

struct line *lines_take(struct lines *all)
{
	struct line *l = all->first;

	if (!l)
		return NULL;
	all->first = l->next;
	if (!all->first)
		all->last = NULL;
	all->count--;
	all->bytes -= line_memory(l);
	l->next = NULL;
	return l;
}

void lines_append(struct lines *to, struct lines *from)
{
	if (!from->first)
		return;
	if (to->last)
		to->last->next = from->first;
	else
		to->first = from->first;
	to->last = from->last;
	to->count += from->count;
	to->bytes += from->bytes;
	*from = (struct lines){ 0 };
}

void lines_prepend(struct lines *to, struct lines *from)
{
	lines_append(from, to);
	*to = *from;
	*from = (struct lines){ 0 };
}

void lines_release(struct lines *all)
{
	struct line *l;

	while ((l = lines_take(all)) != NULL)
		free(l);
}
