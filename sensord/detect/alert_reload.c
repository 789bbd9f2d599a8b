/* SPDX-License-Identifier: BSD-2-Clause
 * Alerts over a change of rules, site and catalogue: what was told stays told. A group belongs to a rule by its name;
 * an analyst who edits the rule does not hear of the same thing again, and still gets the closing line. */
#include <stdlib.h>

#include "alert.h"

struct alerts_change {
	const struct site *site;
	struct catalogue *catalogue;
	size_t *exceptions, n_exceptions;
	uint64_t per_minute;
};

struct alerts_change *alerts_prepare(const struct site *site, const char *catalogue, uint64_t per_minute, struct error *err)
{
	struct alerts_change *c = calloc(1, sizeof(*c));

	if (!c) {
		error_set(err, "out of memory");
		return NULL;
	}
	c->site = site;
	c->per_minute = per_minute;
	c->n_exceptions = site ? site_exceptions(site) : 0;
	c->exceptions = calloc(c->n_exceptions + 1, sizeof(*c->exceptions));
	c->catalogue = c->exceptions ? catalogue_read(catalogue, err) : NULL;
	if (!c->exceptions)
		error_set(err, "out of memory");
	if (c->catalogue)
		return c;
	alerts_change_free(c);
	return NULL;
}

void alerts_change_free(struct alerts_change *c)
{
	if (!c)
		return;
	catalogue_free(c->catalogue);
	free(c->exceptions);
	free(c);
}

/* An exception that stands in both site files goes on counting. */
static void keep_hits(const struct alerts *a, struct alerts_change *c)
{
	uint64_t ends_ns;

	for (size_t i = 0; i < c->n_exceptions; i++) {
		const char *text = site_exception_text(c->site, i, &ends_ns);

		for (size_t k = 0; k < a->n_exceptions && text; k++) {
			const char *old = site_exception_text(a->site, k, &ends_ns);
			if (!old || strcmp(old, text) != 0)
				continue;
			c->exceptions[i] += a->exceptions[k];
			a->exceptions[k] = 0;
		}
	}
}

/* The suppression time may be another one: the deadline is looked up only when it comes, so it must not be late. */
static bool keep_group(struct alerts *a, struct group *g, const struct rule_about *about)
{
	bool shorter = about->suppress_ns < g->about->suppress_ns;

	g->about = about;
	g->entry = catalogue_find(a->catalogue, about->name, about->rule_id);
	return !shorter || deadline_set(&a->deadlines, &g->deadline, alerts_group_end(g));
}

/* The same document among the new rules; looked for once, however many groups it has. */
static const struct rule_about *next_of(struct alerts *a, const struct rule_about *about, const struct rules *rules)
{
	struct document_memo *memo = table_peek(a->groups.memos, &about);

	if (!memo)
		return rules_same(rules, about);
	if (!memo->next_known)
		memo->next = rules_same(rules, about);
	memo->next_known = true;
	return memo->next;
}

static void close_orphans(struct alerts *a, const struct rules *rules)
{
	for (struct group *g = a->groups.oldest, *newer; g; g = newer) {
		newer = g->newer;
		if (!next_of(a, g->about, rules))
			alerts_close(a, g, g->last_ns);
	}
}

void alerts_adopt(struct alerts *a, struct alerts_change *c, const struct rules *rules)
{
	close_orphans(a, rules); /* while their texts are there */
	folds_tell_all(a, UINT64_MAX);
	keep_hits(a, c);
	catalogue_free(a->catalogue);
	free(a->exceptions);
	a->site = c->site;
	a->folds.per_minute = c->per_minute;
	a->catalogue = c->catalogue;
	a->exceptions = c->exceptions;
	a->n_exceptions = c->n_exceptions;
	free(c);
	for (struct group *g = a->groups.oldest, *newer; g; g = newer) {
		newer = g->newer;
		if (!keep_group(a, g, next_of(a, g->about, rules)))
			alerts_close(a, g, g->last_ns);
	}
	folds_tell_all(a, UINT64_MAX);
	groups_forget(&a->groups);
}
