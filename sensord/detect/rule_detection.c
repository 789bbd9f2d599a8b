/* SPDX-License-Identifier: BSD-2-Clause
 * The section `detection` (or `filter`): search identifiers and their condition (Sigma rules specification 2.1,
 * "Detection"). A map is an AND of its fields; a list is an OR of maps and keywords. */
#include <stdlib.h>

#include "rule_private.h"

/* Room for n pointers to parts; at least one. NULL with the error set. */
static const struct expr **parts_new(struct compile *c, size_t n)
{
	const struct expr **parts = calloc(n ? n : 1, sizeof(*parts));

	if (!parts)
		compile_memory(c);
	return parts;
}

static const struct expr *map_compile(struct compile *c, const struct node *map)
{
	const struct expr **parts, *all = NULL;
	size_t n = 0;

	if (!map->first) {
		node_error(c->document, map, c->err, "the selection is empty");
		return NULL;
	}
	parts = parts_new(c, map->count);
	if (!parts)
		return NULL;
	for (const struct node *line = map->first; line; line = line->next) {
		parts[n] = item_compile(c, line);
		if (!parts[n++])
			goto done;
	}
	all = expr_join(c, EXPR_AND, parts, n);
done:
	free(parts);
	return all;
}

static const struct expr *alternative_compile(struct compile *c, const struct node *n)
{
	if (n->kind == NODE_MAP)
		return map_compile(c, n);
	if (n->kind == NODE_SCALAR)
		return keyword_compile(c, n, false);
	node_error(c->document, n, c->err, "expected a map of fields or a keyword");
	return NULL;
}

static bool all_scalars(const struct node *list)
{
	for (const struct node *n = list->first; n; n = n->next)
		if (n->kind != NODE_SCALAR)
			return false;
	return true;
}

static const struct expr *list_compile(struct compile *c, const struct node *list)
{
	const struct expr **parts, *any = NULL;
	size_t n = 0;

	if (!list->first) {
		node_error(c->document, list, c->err, "the selection is empty");
		return NULL;
	}
	if (all_scalars(list))
		return keyword_compile(c, list, false);
	parts = parts_new(c, list->count);
	if (!parts)
		return NULL;
	for (const struct node *one = list->first; one; one = one->next) {
		parts[n] = alternative_compile(c, one);
		if (!parts[n++])
			goto done;
	}
	any = expr_join(c, EXPR_OR, parts, n);
done:
	free(parts);
	return any;
}

static const struct expr *selection_compile(struct compile *c, const struct node *n)
{
	return n->kind == NODE_LIST ? list_compile(c, n) : alternative_compile(c, n);
}

/* Keys of the section that are no search identifiers. */
static bool is_identifier(const struct node *n)
{
	return strcmp(n->key, "condition") != 0 && strcmp(n->key, "timeframe") != 0;
}

static bool selections_compile(struct compile *c, const struct node *map, struct selection *all, size_t *count)
{
	for (const struct node *n = map->first; n; n = n->next) {
		if (!is_identifier(n) || (strcmp(n->key, "rules") == 0 && strcmp(map->key, "filter") == 0))
			continue;
		all[*count].name = n->key;
		all[*count].expr = selection_compile(c, n);
		if (!all[(*count)++].expr)
			return false;
	}
	return true;
}

const struct expr *detection_compile(struct compile *c, const struct node *map)
{
	const struct node *condition = node_get(map, "condition");
	const struct expr *e = NULL;
	struct selection *all;
	size_t count = 0;

	if (map->kind != NODE_MAP || !condition) {
		node_error(c->document, map, c->err, "'%s' needs selections and a condition", map->key);
		return NULL;
	}
	if (node_get(map, "timeframe")) {
		node_error(c->document, node_get(map, "timeframe"), c->err,
			   "'timeframe' is obsolete: write a correlation");
		return NULL;
	}
	all = calloc(map->count, sizeof(*all));
	if (!all) {
		compile_memory(c);
		return NULL;
	}
	if (selections_compile(c, map, all, &count))
		e = condition_compile(c, condition, all, count);
	free(all);
	return e;
}
