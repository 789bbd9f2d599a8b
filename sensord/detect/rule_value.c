/* SPDX-License-Identifier: BSD-2-Clause
 * Values of an item as written, placeholders filled (Sigma rules specification 2.1, "Placeholders"; modifier expand).
 * A value may become several, or none where a placeholder is empty. */
#include <stdlib.h>

#include "rule_private.h"

void values_release(struct values *v)
{
	free(v->items);
	free(v->nodes);
	*v = (struct values){ 0 };
}

static bool values_grow(struct values *v)
{
	size_t max = v->max ? v->max * 2 : 8;
	const char **items = realloc(v->items, max * sizeof(*items));

	if (!items)
		return false;
	v->items = items;

	const struct node **nodes = realloc(v->nodes, max * sizeof(*nodes));
	if (!nodes)
		return false;
	v->nodes = nodes;
	v->max = max;
	return true;
}

static bool values_add(struct compile *c, struct values *v, const struct node *n, struct bytes text)
{
	if (v->count >= RULE_VALUES)
		return node_error(c->document, n, c->err, "more than %d values", RULE_VALUES);
	if (v->count == v->max && !values_grow(v))
		return compile_memory(c);

	char *copy = store_string(&c->rules->store, text);
	if (!copy)
		return compile_memory(c);
	v->items[v->count] = copy;
	v->nodes[v->count++] = n;
	return true;
}

/* ---- placeholders ---- */

struct filling {
	struct compile *c;
	const struct node *n;
	bool wildcards;
	const struct values *heads; /* what stands before the placeholder, in each of its forms */
	struct values out;
	bool failed;
};

/* head + value; in wildcard patterns a backslash of a value is plain, so it is doubled. */
static void fill(void *to, const char *value)
{
	struct filling *f = to;
	char room[2 * LIMIT_FIELD_TEXT];

	for (size_t i = 0; i < f->heads->count && !f->failed; i++) {
		struct text t = TEXT_ON(room);

		text_string(&t, f->heads->items[i]);
		for (const char *s = value; *s; s++) {
			if (*s == '\\' && f->wildcards)
				text_char(&t, '\\');
			text_char(&t, *s);
		}
		if (t.cut)
			f->failed = !node_error(f->c->document, f->n, f->c->err,
						"the value of the placeholder is too long");
		else
			f->failed = !values_add(f->c, &f->out, f->n, text_bytes(&t));
	}
}

static bool fill_placeholder(struct filling *f, struct bytes name)
{
	const struct rules_settings *s = f->c->settings;
	char *copy = store_string(&f->c->rules->store, name);

	if (!copy)
		return compile_memory(f->c);
	if (!s->placeholder || !s->placeholder(s->placeholder_context, copy, fill, f))
		return node_error(f->c->document, f->n, f->c->err, "unknown placeholder '%%%s%%'", copy);
	return !f->failed;
}

static bool append_all(struct filling *f, struct bytes literal)
{
	char room[2 * LIMIT_FIELD_TEXT];

	for (size_t i = 0; i < f->heads->count; i++) {
		struct text t = TEXT_ON(room);

		text_string(&t, f->heads->items[i]);
		text_add(&t, literal);
		if (t.cut)
			return node_error(f->c->document, f->n, f->c->err, "the value is too long");
		if (!values_add(f->c, &f->out, f->n, text_bytes(&t)))
			return false;
	}
	return true;
}

/* Takes the next piece of a value: a placeholder (true), or what stands before one, with "\%" made plain. */
static bool next_piece(struct bytes *rest, struct text *literal, struct bytes *name)
{
	literal->used = 0;
	while (rest->size) {
		const uint8_t *end = rest->at[0] == '%' ? memchr(rest->at + 1, '%', rest->size - 1) : NULL;

		if (end && end > rest->at + 1) {
			if (literal->used)
				return false;
			*name = bytes_of(rest->at + 1, (size_t)(end - rest->at) - 1);
			*rest = bytes_of(end + 1, rest->size - name->size - 2);
			return true;
		}
		size_t skip = rest->at[0] == '\\' && rest->size > 1 && rest->at[1] == '%' ? 1 : 0;
		text_char(literal, (char)rest->at[skip]);
		*rest = bytes_of(rest->at + skip + 1, rest->size - skip - 1);
	}
	return false;
}

/* Every combination of the values of the placeholders in one scalar. */
static bool expand(struct compile *c, const struct node *n, bool wildcards, struct values *ret)
{
	char room[LIMIT_FIELD_TEXT];
	struct text literal = TEXT_ON(room);
	struct bytes rest = bytes_of(n->text, n->size), name = { 0 };
	struct values heads = { 0 };
	bool ok = values_add(c, &heads, n, (struct bytes){ 0 });

	while (ok && rest.size) {
		struct filling f = { c, n, wildcards, &heads, { 0 }, false };

		ok = next_piece(&rest, &literal, &name) ? fill_placeholder(&f, name)
							: append_all(&f, text_bytes(&literal));
		if (ok && literal.cut)
			ok = node_error(c->document, n, c->err, "the value is too long");
		values_release(&heads);
		heads = f.out;
	}
	for (size_t i = 0; ok && i < heads.count; i++)
		ok = values_add(c, ret, n, bytes_string(heads.items[i]));
	values_release(&heads);
	return ok;
}

static bool value_read(struct compile *c, const struct node *n, const struct modifiers *m, bool wildcards,
		       struct values *ret)
{
	if (n->kind == NODE_NULL)
		return node_error(c->document, n, c->err, "null cannot stand in a list of values");
	if (n->kind != NODE_SCALAR)
		return node_error(c->document, n, c->err, "expected a value, not a %s",
				  n->kind == NODE_MAP ? "map" : "list");
	if (n->size > LIMIT_FIELD_TEXT)
		return node_error(c->document, n, c->err, "the value is longer than %d bytes", LIMIT_FIELD_TEXT);
	if (m->bits & MOD_EXPAND)
		return expand(c, n, wildcards, ret);
	return values_add(c, ret, n, bytes_of(n->text, n->size));
}

bool values_read(struct compile *c, const struct node *n, const struct modifiers *m, bool wildcards, struct values *ret)
{
	if (n->kind != NODE_LIST) {
		if ((m->bits & MOD_ALL) && !(m->bits & MOD_EXPAND))
			return node_error(c->document, n, c->err, "'all' needs a list of values");
		return value_read(c, n, m, wildcards, ret);
	}
	if (!n->first)
		return node_error(c->document, n, c->err, "the list of values is empty");
	for (const struct node *v = n->first; v; v = v->next)
		if (!value_read(c, v, m, wildcards, ret))
			return false;
	return true;
}
