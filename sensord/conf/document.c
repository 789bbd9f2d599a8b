/* SPDX-License-Identifier: BSD-2-Clause
 * YAML 1.1 (https://yaml.org/spec/1.1/) into a tree of nodes that know their place. libyaml scans; this file builds
 * the tree with a stack of YAML_DEPTH frames, so that nesting costs no recursion. An alias is a copy of what its anchor
 * stands on, counted like written nodes: a file cannot grow beyond YAML_NODES by referring to itself. */
#include "conf/table.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

#include "arena.h"

#define DOCUMENTS_MAX 65536
#define ANCHORS_MAX 1024

struct anchor {
	const char *name;
	const struct node *node; /* NULL until the node is complete */
};

struct document {
	struct arena arena;
	const char *name;
	const struct node **roots;
	size_t n_roots, room;
	size_t n_nodes;
};

struct frame {
	struct node *node;
	struct node *last;   /* last child */
	const char *key;     /* map: key read, its value to come */
	unsigned key_line, key_column;
	const char *anchor;
};

struct builder {
	struct document *document;
	struct error *err;
	struct frame stack[YAML_DEPTH];
	size_t depth;
	struct anchor anchors[ANCHORS_MAX];
	size_t n_anchors;
};

static unsigned mark_line(yaml_mark_t mark) { return (unsigned)mark.line + 1; }
static unsigned mark_column(yaml_mark_t mark) { return (unsigned)mark.column + 1; }

static bool fail(struct builder *b, yaml_mark_t mark, const char *text)
{
	return error_at(b->err, b->document->name, mark_line(mark), mark_column(mark), "%s", text);
}

static struct node *node_new(struct builder *b, enum node_kind kind, yaml_mark_t mark)
{
	struct node *n;

	if (b->document->n_nodes >= YAML_NODES) {
		fail(b, mark, "too many values in one file");
		return NULL;
	}
	b->document->n_nodes++;
	n = arena_take(&b->document->arena, sizeof(*n));
	if (!n) {
		fail(b, mark, "out of memory");
		return NULL;
	}
	n->kind = kind;
	n->line = mark_line(mark);
	n->column = mark_column(mark);
	return n;
}

static bool plain_null(const char *text)
{
	return !*text || !strcmp(text, "~") || !strcmp(text, "null") || !strcmp(text, "Null") || !strcmp(text, "NULL");
}

static bool take_key(struct builder *b, struct frame *f, const yaml_event_t *event)
{
	const char *text = (const char *)event->data.scalar.value;

	if (memchr(text, '\0', event->data.scalar.length))
		return fail(b, event->start_mark, "a key cannot hold a zero byte");
	f->key = arena_copy(&b->document->arena, text, event->data.scalar.length);
	if (!f->key)
		return fail(b, event->start_mark, "out of memory");
	f->key_line = mark_line(event->start_mark);
	f->key_column = mark_column(event->start_mark);
	return true;
}

static bool add_root(struct builder *b, const struct node *n)
{
	struct document *d = b->document;

	if (d->n_roots == d->room) {
		size_t room = d->room ? d->room * 2 : 8;
		const struct node **roots =
			d->n_roots < DOCUMENTS_MAX ? realloc(d->roots, room * sizeof(*roots)) : NULL;
		if (!roots)
			return error_at(b->err, d->name, n->line, n->column, "too many documents in one file");
		d->roots = roots;
		d->room = room;
	}
	d->roots[d->n_roots++] = n;
	return true;
}

/* Hangs a node under the open list or map, or makes it the root. */
static bool attach(struct builder *b, struct node *n)
{
	struct frame *f;

	if (b->depth == 0)
		return add_root(b, n);
	f = &b->stack[b->depth - 1];
	if (f->node->kind == NODE_MAP) {
		n->key = f->key;
		n->key_line = f->key_line;
		n->key_column = f->key_column;
		f->key = NULL;
	}
	if (f->last)
		f->last->next = n;
	else
		f->node->first = n;
	f->last = n;
	f->node->count++;
	return true;
}

static bool want_key(const struct builder *b)
{
	const struct frame *f = b->depth ? &b->stack[b->depth - 1] : NULL;

	return f && f->node->kind == NODE_MAP && !f->key;
}

static bool add_anchor(struct builder *b, const char *name, const struct node *n)
{
	if (b->n_anchors == ANCHORS_MAX)
		return error_at(b->err, b->document->name, n->line, n->column, "too many anchors");
	b->anchors[b->n_anchors++] = (struct anchor){ name, n };
	return true;
}

static bool take_scalar(struct builder *b, const yaml_event_t *event)
{
	const yaml_char_t *anchor = event->data.scalar.anchor;
	struct node *n;

	if (want_key(b))
		return take_key(b, &b->stack[b->depth - 1], event);
	n = node_new(b, NODE_SCALAR, event->start_mark);
	if (!n)
		return false;
	n->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	n->size = event->data.scalar.length;
	n->text = arena_copy(&b->document->arena, (const char *)event->data.scalar.value, n->size);
	if (!n->text)
		return fail(b, event->start_mark, "out of memory");
	if (!n->quoted && plain_null(n->text))
		n->kind = NODE_NULL;
	if (anchor) {
		const char *name = arena_copy(&b->document->arena, (const char *)anchor, strlen((const char *)anchor));
		if (!name || !add_anchor(b, name, n))
			return name ? false : fail(b, event->start_mark, "out of memory");
	}
	return attach(b, n);
}

static bool open_node(struct builder *b, enum node_kind kind, const yaml_char_t *anchor, yaml_mark_t mark)
{
	struct node *n;
	struct frame *f;

	if (want_key(b))
		return fail(b, mark, "a key must be a word, not a list or a map");
	if (b->depth == YAML_DEPTH)
		return fail(b, mark, "nested too deeply");
	n = node_new(b, kind, mark);
	if (!n || !attach(b, n))
		return false;
	f = &b->stack[b->depth++];
	*f = (struct frame){ .node = n };
	if (anchor) {
		f->anchor = arena_copy(&b->document->arena, (const char *)anchor, strlen((const char *)anchor));
		if (!f->anchor)
			return fail(b, mark, "out of memory");
	}
	return true;
}

static int by_key(const void *a, const void *b)
{
	const struct node *x = *(const struct node *const *)a, *y = *(const struct node *const *)b;
	int order = strcmp(x->key, y->key);

	if (order)
		return order;
	if (x->key_line != y->key_line)
		return x->key_line < y->key_line ? -1 : 1;
	return x->key_column < y->key_column ? -1 : x->key_column > y->key_column;
}

static bool no_duplicates(struct builder *b, const struct node *map)
{
	const struct node **all, *twice = NULL;
	size_t n = 0;

	if (map->count < 2)
		return true;
	all = malloc(map->count * sizeof(*all));
	if (!all)
		return error_at(b->err, b->document->name, map->line, map->column, "out of memory");
	for (const struct node *c = map->first; c; c = c->next)
		all[n++] = c;
	qsort(all, n, sizeof(*all), by_key);
	for (size_t i = 1; i < n; i++)
		if (!strcmp(all[i - 1]->key, all[i]->key) && (!twice || all[i]->key_line < twice->key_line))
			twice = all[i];
	free(all);
	if (twice)
		return error_at(b->err, b->document->name, twice->key_line, twice->key_column, "`%s` is given twice",
				twice->key);
	return true;
}

static bool close_node(struct builder *b)
{
	struct frame *f = &b->stack[--b->depth];

	if (f->node->kind == NODE_MAP && !no_duplicates(b, f->node))
		return false;
	return !f->anchor || add_anchor(b, f->anchor, f->node);
}

/* A copy of n and what is under it at the place of the alias. depth: frames still free below. */
static struct node *copy_node(struct builder *b, const struct node *n, size_t depth, yaml_mark_t mark)
{
	struct node *copy = node_new(b, n->kind, mark), *last = NULL;

	if (!copy)
		return NULL;
	if (depth == 0 && n->first) {
		fail(b, mark, "nested too deeply");
		return NULL;
	}
	*copy = *n;
	copy->next = NULL;
	copy->first = NULL;
	for (const struct node *c = n->first; c; c = c->next) {
		struct node *child = copy_node(b, c, depth - 1, mark);
		if (!child)
			return NULL;
		if (last)
			last->next = child;
		else
			copy->first = child;
		last = child;
	}
	return copy;
}

static bool take_alias(struct builder *b, const yaml_event_t *event)
{
	const char *name = (const char *)event->data.alias.anchor;

	if (want_key(b))
		return fail(b, event->start_mark, "a key must be a word, not an alias");
	for (size_t i = b->n_anchors; i-- > 0;) { /* the last definition counts */
		if (strcmp(b->anchors[i].name, name))
			continue;
		struct node *copy = copy_node(b, b->anchors[i].node, YAML_DEPTH - b->depth, event->start_mark);
		if (!copy)
			return false;
		copy->key = NULL;
		return attach(b, copy);
	}
	return error_at(b->err, b->document->name, mark_line(event->start_mark), mark_column(event->start_mark),
			"no anchor `%s` before this alias", name);
}

static bool take_event(struct builder *b, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		b->n_anchors = 0;
		return true;
	case YAML_SCALAR_EVENT:
		return take_scalar(b, event);
	case YAML_ALIAS_EVENT:
		return take_alias(b, event);
	case YAML_SEQUENCE_START_EVENT:
		return open_node(b, NODE_LIST, event->data.sequence_start.anchor, event->start_mark);
	case YAML_MAPPING_START_EVENT:
		return open_node(b, NODE_MAP, event->data.mapping_start.anchor, event->start_mark);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return close_node(b);
	default:
		return true;
	}
}

static bool parser_error(struct builder *b, const yaml_parser_t *p)
{
	const char *problem = p->problem ? p->problem : "cannot be read as YAML";

	if (p->error == YAML_READER_ERROR) /* has an offset only */
		return error_at(b->err, b->document->name, 0, 0, "%s at byte %zu", problem, p->problem_offset);
	if (p->context)
		return error_at(b->err, b->document->name, mark_line(p->problem_mark), mark_column(p->problem_mark),
				"%s %s", problem, p->context);
	return fail(b, p->problem_mark, problem);
}

static bool build(struct builder *b, struct bytes yaml)
{
	yaml_parser_t parser;
	bool going = true, fine = true;

	if (!yaml_parser_initialize(&parser))
		return error_set(b->err, "out of memory");
	yaml_parser_set_input_string(&parser, yaml.size ? yaml.at : (const unsigned char *)"", yaml.size);
	while (going && fine) {
		yaml_event_t event;
		if (!yaml_parser_parse(&parser, &event)) {
			fine = parser_error(b, &parser);
			break;
		}
		going = event.type != YAML_STREAM_END_EVENT;
		fine = take_event(b, &event);
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	return fine;
}

struct document *document_parse(const char *name, struct bytes yaml, struct error *err)
{
	struct document *d = calloc(1, sizeof(*d));
	struct builder *b = calloc(1, sizeof(*b));
	bool fine = d && b;

	if (fine)
		d->name = arena_copy(&d->arena, name, strlen(name));
	fine = fine && d->name;
	if (!fine)
		error_set(err, "out of memory");
	else if (yaml.size > YAML_SIZE)
		fine = error_at(err, name, 0, 0, "larger than %u MiB", YAML_SIZE >> 20);
	else {
		b->document = d;
		b->err = err;
		fine = build(b, yaml);
	}
	free(b);
	if (fine)
		return d;
	document_free(d);
	return NULL;
}

/* The whole file in malloc'd memory; at most YAML_SIZE + 1 bytes are read. */
static uint8_t *slurp(FILE *file, size_t *ret_size)
{
	size_t room = 4096, size = 0;
	uint8_t *at = malloc(room);

	while (at) {
		size += fread(at + size, 1, room - size, file);
		if (size < room || room > YAML_SIZE)
			break;
		room *= 2;
		uint8_t *more = realloc(at, room);
		if (!more)
			free(at);
		at = more;
	}
	*ret_size = size;
	return at;
}

struct document *document_read(const char *path, struct error *err)
{
	FILE *file = fopen(path, "rbe");
	struct document *d = NULL;
	size_t size = 0;
	uint8_t *at;

	if (!file) {
		error_at(err, path, 0, 0, "%s", strerror(errno));
		return NULL;
	}
	errno = 0;
	at = slurp(file, &size);
	if (ferror(file) || !at)
		error_at(err, path, 0, 0, "%s", errno ? strerror(errno) : "cannot be read");
	else
		d = document_parse(path, bytes_of(at, size), err);
	free(at);
	fclose(file);
	return d;
}

void document_free(struct document *d)
{
	if (!d)
		return;
	arena_release(&d->arena);
	free(d->roots);
	free(d);
}

size_t document_count(const struct document *d) { return d->n_roots; }
const char *document_name(const struct document *d) { return d->name; }

const struct node *document_root(const struct document *d, size_t index)
{
	return index < d->n_roots ? d->roots[index] : NULL;
}

const struct node *node_get(const struct node *map, const char *key)
{
	if (!map || map->kind != NODE_MAP)
		return NULL;
	for (const struct node *c = map->first; c; c = c->next)
		if (!strcmp(c->key, key))
			return c;
	return NULL;
}

bool node_error(const struct document *d, const struct node *n, struct error *err, const char *format, ...)
{
	char text[sizeof(err->text)];
	va_list values;

	va_start(values, format);
	vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	return error_at(err, d ? d->name : NULL, n ? n->line : 0, n ? n->column : 0, "%s", text);
}
