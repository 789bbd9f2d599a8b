/* SPDX-License-Identifier: BSD-2-Clause
 * An earlier audit as the baseline: which cells differ (MEASURES 16). JSON is YAML here: the reader of configuration
 * files serves, with its bounds (16 MiB, a million nodes) and its lines and columns. */
#include <stdlib.h>

#include "audit_write.h"
#include "base/hash.h"
#include "conf/table.h"

struct old_key {
	uint64_t hash[2]; /* of the id; two keyed hashes stand for it */
};
struct old {
	const char *id;
	enum audit_verdict verdict;
	bool met;
};

struct reading {
	struct document *document;
	struct table *old;
	struct audit_drifts *into;
};

static struct old_key key_of(const char *id)
{
	static const struct hash_key one = { 1, 2 }, two = { 3, 4 };
	size_t n = strlen(id);

	return (struct old_key){ { hash_bytes(&one, id, n), hash_bytes(&two, id, n) } };
}

static bool take(struct reading *r, const struct node *cell, struct error *err)
{
	const struct node *id = node_get(cell, "id"), *verdict = node_get(cell, "verdict");

	if (!id || id->kind != NODE_SCALAR || !verdict || verdict->kind != NODE_SCALAR)
		return node_error(r->document, cell, err, "a cell without id or verdict");
	struct old_key key = key_of(id->text);
	struct old old = { id->text, audit_verdict_find(bytes_of(verdict->text, verdict->size)), false };
	if (old.verdict == AUDIT_VERDICTS)
		return node_error(r->document, verdict, err, "no verdict: `%.40s`", verdict->text);
	struct old *place = table_make(r->old, &key, 0, NULL);
	if (!place)
		return error_set(err, "out of memory");
	*place = old;
	return true;
}

static bool parse(struct reading *r, const char *path, struct error *err)
{
	const struct node *root, *format, *cells;

	root = document_root(r->document, 0);
	format = root ? node_get(root, "format") : NULL;
	cells = root ? node_get(root, "cells") : NULL;
	if (format && format->kind == NODE_SCALAR && strncmp(format->text, "sensord-audit-", 14) == 0 &&
	    strcmp(format->text, "sensord-audit-1") != 0)
		return error_at(
			err, path, 0, 0,
			"`%.40s` is of another version of sensord: audit the earlier captures again with this one",
			format->text);
	if (!format || format->kind != NODE_SCALAR || strcmp(format->text, "sensord-audit-1") != 0 || !cells || cells->kind != NODE_LIST)
		return error_at(err, path, 0, 0, "not written by sensord audit --format json");
	if (cells->count > AUDIT_CELLS_MAX)
		return error_at(err, path, 0, 0, "more than %u cells", AUDIT_CELLS_MAX);
	for (const struct node *c = cells->first; c; c = c->next)
		if (!take(r, c, err))
			return false;
	return true;
}

/* The id is copied: the document goes. */
static void add(struct audit_drifts *d, const struct audit_cell *cell, const char *id, enum audit_verdict was)
{
	char *copy = strdup(id);

	if (copy)
		d->items[d->count++] = (struct audit_drift){ cell, copy, was };
}

static void add_gone(void *context, const void *key, void *value)
{
	const struct old *old = value;

	(void)key;
	if (!old->met)
		add(context, NULL, old->id, old->verdict);
}

static bool compare(struct reading *r, const struct audit *a, struct error *err)
{
	size_t n;
	const struct audit_cell **cells = audit_sorted(a, &n);
	struct audit_drifts *d = r->into;

	d->items = calloc(n + table_count(r->old) + 1, sizeof(*d->items));
	if (!cells || !d->items) {
		free(cells);
		return error_set(err, "out of memory");
	}
	for (size_t i = 0; i < n; i++) {
		char id[AUDIT_ID];
		struct old_key key = key_of(audit_id(cells[i], id, sizeof(id)));
		struct old *old = table_peek(r->old, &key);
		if (old)
			old->met = true;
		if (!old || old->verdict != cells[i]->finding.verdict)
			add(d, cells[i], id, old ? old->verdict : AUDIT_VERDICTS);
	}
	table_walk(r->old, add_gone, d);
	free(cells);
	return true;
}

/* document: taken over. */
static bool read_document(const struct audit *a, struct document *document, const char *path, struct audit_drifts *into,
			  struct error *err)
{
	static const struct hash_key fixed = { 5, 6 };
	struct reading r = { .document = document, .into = into };

	*into = (struct audit_drifts){ 0 };
	if (!document)
		return false;
	r.old = table_new(sizeof(struct old_key), sizeof(struct old), AUDIT_CELLS_MAX, &fixed, NULL, NULL);
	into->compared = r.old ? parse(&r, path, err) && compare(&r, a, err) : error_set(err, "out of memory");
	table_free(r.old);
	document_free(document);
	return into->compared;
}

bool audit_drift_read(const struct audit *a, const char *path, struct audit_drifts *into, struct error *err)
{
	return read_document(a, document_read(path, err), path, into, err);
}

bool audit_drift_parse(const struct audit *a, const char *name, struct bytes json, struct audit_drifts *into, struct error *err)
{
	return read_document(a, document_parse(name, json, err), name, into, err);
}

void audit_drift_release(struct audit_drifts *d)
{
	for (size_t i = 0; i < d->count; i++)
		free(d->items[i].id);
	free(d->items);
	*d = (struct audit_drifts){ 0 };
}

bool audit_drift_worse(const struct audit_drift *d)
{
	return d->was == AUDIT_PROVEN && d->cell && d->cell->finding.verdict == AUDIT_VIOLATED;
}
