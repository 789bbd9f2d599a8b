/* SPDX-License-Identifier: BSD-2-Clause */
#include "backlog.h"

#include <stdlib.h>

static void lose(struct backlog *b, uint64_t n)
{
	if (n)
		intake_count(b->intake, &b->intake->stats.lost, n);
}

void backlog_fetch(struct backlog *b)
{
	intake_take(b->intake, &b->fresh);
}

/* ---- to the spool ---- */

/* Memory to disk, in order; what the disk does not take stays in memory. */
static bool store(struct backlog *b, struct line *l)
{
	struct output_item item = line_item(l);
	struct error err = { 0 };
	uint64_t lost = 0;
	bool ok = spool_add(b->spool, &item, &l->end, &lost, &err);

	lose(b, lost);
	if (ok) {
		intake_count(b->intake, &b->intake->stats.spooled, 1);
	} else if (!b->spool_sick) {
		intake_remember(b->intake, &err);
		intake_tell(b->intake, OUTPUT_DAMAGED, 0, err.text);
	}
	b->spool_sick = !ok;
	return ok;
}

static bool store_under_way(struct backlog *b)
{
	for (struct line *l = b->under_way.first; l; l = l->next) {
		if (l->end.segment)
			continue;
		if (!store(b, l)) {
			l->end.segment = 0;
			return false;
		}
		spool_skip_to(b->spool, l->end);
	}
	return true;
}

void backlog_store(struct backlog *b)
{
	struct line *l;

	if (b->spool && store_under_way(b))
		while (b->fresh.first && store(b, b->fresh.first))
			free(lines_take(&b->fresh));
	if (b->fresh.first)
		b->fresh.first->end.segment = 0;
	while (b->fresh.bytes > OUTPUT_QUEUE_BYTES && (l = lines_take(&b->fresh)) != NULL) {
		free(l);
		lose(b, 1);
	}
}

/* ---- on the way ---- */

struct line *backlog_next(struct backlog *b)
{
	struct output_item item;
	struct spool_place end;
	struct error err;

	while (b->spool && !spool_empty(b->spool)) {
		enum spool_read got = spool_next(b->spool, &item, &end, &err);
		if (got == SPOOL_EMPTY)
			break;
		if (got == SPOOL_DAMAGED) {
			intake_remember(b->intake, &err);
			intake_tell(b->intake, OUTPUT_DAMAGED, 0, err.text);
			continue;
		}
		struct line *l = line_new(&item);
		if (l)
			l->end = end;
		else
			lose(b, 1);
		return l;
	}
	if (b->spool && !spool_settled(b->spool)) {
		if (b->under_way.count)
			return NULL;
		spool_forget(b->spool);
	}
	return lines_take(&b->fresh);
}

void backlog_sent(struct backlog *b, struct line *l)
{
	lines_add(&b->under_way, l);
}

void backlog_refused(struct backlog *b, struct line *l)
{
	/* Its place in the spool is acknowledged with the line before it, or now where there is none. */
	if (l->end.segment && b->under_way.last)
		b->under_way.last->end = l->end;
	else if (l->end.segment)
		spool_done(b->spool, l->end);
	free(l);
}

void backlog_put_back(struct backlog *b, struct line *l)
{
	struct lines one = { 0 };

	if (l->end.segment) {
		struct spool_place start = b->under_way.last ? b->under_way.last->end : (struct spool_place){ 0 };
		free(l);
		if (start.segment)
			spool_skip_to(b->spool, start);
		else
			spool_rewind(b->spool);
		return;
	}
	lines_add(&one, l);
	lines_prepend(&b->fresh, &one);
}

uint64_t backlog_acknowledge(struct backlog *b, uint64_t lines)
{
	struct spool_place done = { 0 };
	uint64_t n = 0;

	for (struct line *l; n < lines && (l = lines_take(&b->under_way)) != NULL; n++) {
		if (l->end.segment)
			done = l->end;
		free(l);
	}
	if (n)
		intake_count(b->intake, &b->intake->stats.sent, n);
	if (done.segment)
		spool_done(b->spool, done);
	return n;
}

void backlog_rewind(struct backlog *b)
{
	struct lines again = { 0 };
	struct line *l;

	intake_count(b->intake, &b->intake->stats.resent, b->under_way.count);
	while ((l = lines_take(&b->under_way)) != NULL) {
		if (!l->end.segment) {
			lines_add(&again, l);
			continue;
		}
		lose(b, !spool_holds(b->spool, l->end));
		free(l);
	}
	lines_prepend(&b->fresh, &again);
	if (b->spool)
		spool_rewind(b->spool);
}

/* ---- the end ---- */

bool backlog_settled(const struct backlog *b)
{
	return b->fresh.count == 0 && b->under_way.count == 0 && (!b->spool || spool_settled(b->spool));
}

uint64_t backlog_abandon(struct backlog *b)
{
	uint64_t left = b->fresh.count;

	for (const struct line *l = b->under_way.first; l; l = l->next)
		left += l->end.segment == 0;
	lines_release(&b->fresh);
	lines_release(&b->under_way);
	lose(b, left);
	return left;
}
