/* SPDX-License-Identifier: BSD-2-Clause
 * The catalogue: texts about rules beside the rules themselves, one YAML map (format: message.c). Read once, sorted by
 * name, then only asked. */
#include "message.h"

#include <stdio.h>
#include <stdlib.h>

#include "conf/table.h"

#define CATALOGUE_ENTRIES 4096 /* most entries read */

struct catalogue {
	struct entry *entries; /* sorted by name */
	size_t count;
};

static const char *const members[] = { "title_ja", "description_ja", "message", "message_ja", "response", "response_ja", NULL };

static void entry_release(struct entry *e)
{
	free(e->name);
	free(e->title_ja);
	free(e->description_ja);
	free(e->response);
	free(e->response_ja);
	message_free(e->message);
	message_free(e->message_ja);
}

void catalogue_free(struct catalogue *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->count; i++)
		entry_release(&c->entries[i]);
	free(c->entries);
	free(c);
}

static bool read_text(const struct document *d, const struct node *n, char **ret, struct error *err)
{
	if (n->kind != NODE_SCALAR)
		return node_error(d, n, err, "%s: a text is expected", n->key);
	*ret = strdup(n->text);
	return *ret || error_set(err, "out of memory");
}

static bool read_message(const struct document *d, const struct node *n, enum language language, struct message **ret,
			 struct error *err)
{
	struct error inner = { .text = "" };

	if (n->kind != NODE_SCALAR)
		return node_error(d, n, err, "%s: a text is expected", n->key);
	*ret = message_compile(bytes_of(n->text, n->size), language, &inner);
	return *ret || node_error(d, n, err, "%s: %s (at character %u of the text)", n->key, inner.text, inner.column);
}

static bool read_member(const struct document *d, const struct node *n, struct entry *e, struct error *err)
{
	if (strcmp(n->key, "title_ja") == 0)
		return read_text(d, n, &e->title_ja, err);
	if (strcmp(n->key, "description_ja") == 0)
		return read_text(d, n, &e->description_ja, err);
	if (strcmp(n->key, "response") == 0)
		return read_text(d, n, &e->response, err);
	if (strcmp(n->key, "response_ja") == 0)
		return read_text(d, n, &e->response_ja, err);
	if (strcmp(n->key, "message") == 0)
		return read_message(d, n, LANGUAGE_EN, &e->message, err);
	if (strcmp(n->key, "message_ja") == 0)
		return read_message(d, n, LANGUAGE_JA, &e->message_ja, err);
	const char *near = conf_suggest(n->key, members);
	return node_error(d, n, err, "unknown key %s%s%s%s", n->key, near ? ", did you mean " : "", near ? near : "",
			  near ? "?" : "");
}

static bool read_entry(const struct document *d, const struct node *map, struct entry *e, struct error *err)
{
	e->name = strdup(map->key);
	if (!e->name)
		return error_set(err, "out of memory");
	if (map->kind != NODE_MAP)
		return node_error(d, map, err, "%s: a map of texts is expected", map->key);
	for (const struct node *n = map->first; n; n = n->next)
		if (!read_member(d, n, e, err))
			return false;
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static bool read_entries(const struct document *d, struct catalogue *c, struct error *err)
{
	const struct node *root = document_root(d, 0);

	if (!root || root->kind == NODE_NULL)
		return true;
	if (root->kind != NODE_MAP)
		return node_error(d, root, err, "a map of rule names is expected");
	if (root->count > CATALOGUE_ENTRIES)
		return node_error(d, root, err, "more than %d entries", CATALOGUE_ENTRIES);
	c->entries = calloc(root->count ? root->count : 1, sizeof(*c->entries));
	if (!c->entries)
		return error_set(err, "out of memory");
	for (const struct node *n = root->first; n && c->count < root->count; n = n->next)
		if (!read_entry(d, n, &c->entries[c->count++], err))
			return false;
	qsort(c->entries, c->count, sizeof(*c->entries), by_name);
	return true;
}

struct catalogue *catalogue_read(const char *path, struct error *err)
{
	struct catalogue *c = calloc(1, sizeof(*c));

	if (!c) {
		error_set(err, "out of memory");
		return NULL;
	}
	if (!path)
		return c;
	struct document *d = document_read(path, err);
	bool ok = d && read_entries(d, c, err);
	document_free(d);
	if (ok)
		return c;
	catalogue_free(c);
	return NULL;
}

static const struct entry *find(const struct catalogue *c, const char *name)
{
	struct entry wanted = { .name = (char *)(uintptr_t)name };

	if (!name || c->count == 0)
		return NULL;
	return bsearch(&wanted, c->entries, c->count, sizeof(*c->entries), by_name);
}

const struct entry *catalogue_find(const struct catalogue *c, const char *name, const char *rule_id)
{
	const struct entry *e = find(c, name);

	return e ? e : find(c, rule_id);
}
