/* SPDX-License-Identifier: BSD-2-Clause
 * Maps of a document into plain structs, one table row a setting. Every kind of value has one reader; defaults go
 * through the same readers as the file, so a default cannot say what a file may not. */
#include "conf/table.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

#define KEYS_MAX 64 /* rows of one table */

static void *member(void *into, const struct conf_row *row) { return (char *)into + row->offset; }

static const char *kind_name(const struct node *n)
{
	switch (n->kind) {
	case NODE_NULL: return "nothing";
	case NODE_LIST: return "a list";
	case NODE_MAP: return "a map";
	default: return "a word";
	}
}

static bool expected(const struct document *d, const struct node *n, const char *key, const char *what,
		     struct error *err)
{
	if (n->kind == NODE_SCALAR)
		return node_error(d, n, err, "`%s`: expected %s, found `%s`", key, what, n->text);
	return node_error(d, n, err, "`%s`: expected %s, found %s", key, what, kind_name(n));
}

static char *copy(const char *text, size_t size)
{
	char *at = malloc(size + 1);

	if (!at)
		return NULL;
	if (size)
		memcpy(at, text, size);
	at[size] = '\0';
	return at;
}

static bool scalar_ok(const struct document *d, const struct node *n, const char *key, const char *what,
		      struct error *err)
{
	if (n->kind != NODE_SCALAR)
		return expected(d, n, key, what, err);
	if (memchr(n->text, '\0', n->size))
		return node_error(d, n, err, "`%s`: a value cannot hold a zero byte", key);
	return true;
}

static bool no_memory(const struct document *d, const struct node *n, struct error *err)
{
	return node_error(d, n, err, "out of memory");
}

static bool read_string(const struct document *d, const struct node *n, const struct conf_row *row, char **into,
			struct error *err)
{
	char *text;

	if (!scalar_ok(d, n, row->key, "a word", err))
		return false;
	text = copy(n->text, n->size);
	if (!text)
		return no_memory(d, n, err);
	free(*into);
	*into = text;
	return true;
}

static bool read_bool(const struct document *d, const struct node *n, const struct conf_row *row, bool *into,
		      struct error *err)
{
	static const char *const words[] = { "false", "true", "no", "yes", "off", "on" };

	if (!scalar_ok(d, n, row->key, "true or false", err))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (bytes_equal_nocase(bytes_string(n->text), bytes_string(words[i]))) {
			*into = i % 2;
			return true;
		}
	}
	return expected(d, n, row->key, "true or false", err);
}

static bool in_range(const struct conf_row *row, uint64_t value)
{
	return value >= row->min && (row->max == 0 || value <= row->max);
}

static bool read_uint(const struct document *d, const struct node *n, const struct conf_row *row, uint64_t *into,
		      struct error *err)
{
	uint64_t value;

	if (!scalar_ok(d, n, row->key, "a number", err))
		return false;
	if (!bytes_decimal(bytes_of(n->text, n->size), UINT64_MAX, &value))
		return expected(d, n, row->key, "a number", err);
	if (!in_range(row, value) && row->max)
		return node_error(d, n, err, "`%s`: %s is not within %llu to %llu", row->key, n->text,
				  (unsigned long long)row->min, (unsigned long long)row->max);
	if (!in_range(row, value))
		return node_error(d, n, err, "`%s`: %s is less than %llu", row->key, n->text,
				  (unsigned long long)row->min);
	*into = value;
	return true;
}

static bool read_duration(const struct document *d, const struct node *n, const struct conf_row *row, uint64_t *into,
			  struct error *err)
{
	static const char what[] = "a duration such as 90, 10s, 5m, 2h30m or 1d";
	uint64_t value;

	if (!scalar_ok(d, n, row->key, what, err))
		return false;
	if (!conf_duration(bytes_of(n->text, n->size), &value))
		return expected(d, n, row->key, what, err);
	if (!in_range(row, value))
		return node_error(d, n, err, "`%s`: %s is out of range", row->key, n->text);
	*into = value;
	return true;
}

static bool read_choice(const struct document *d, const struct node *n, const struct conf_row *row, int *into,
			struct error *err)
{
	char room[256];
	struct text all = TEXT_ON(room);
	const char *near;

	for (int i = 0; row->choices[i]; i++)
		text_printf(&all, "%s%s", i == 0 ? "" : row->choices[i + 1] ? ", " : " or ", row->choices[i]);
	if (!scalar_ok(d, n, row->key, text_end(&all), err))
		return false;
	for (int i = 0; row->choices[i]; i++) {
		if (!strcmp(row->choices[i], n->text)) {
			*into = i;
			return true;
		}
	}
	near = conf_suggest(n->text, row->choices);
	if (near)
		return node_error(d, n, err, "`%s`: expected %s, found `%s`; did you mean `%s`?", row->key,
				  text_end(&all), n->text, near);
	return expected(d, n, row->key, text_end(&all), err);
}

static void strings_release(struct conf_strings *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->items[i]);
	free(s->items);
	free(s->lines);
	free(s->columns);
	*s = (struct conf_strings){ 0 };
}

static bool strings_room(struct conf_strings *s, size_t n)
{
	s->items = calloc(n + 1, sizeof(*s->items));
	s->lines = calloc(n + 1, sizeof(*s->lines));
	s->columns = calloc(n + 1, sizeof(*s->columns));
	return s->items && s->lines && s->columns;
}

static bool strings_add(struct conf_strings *s, const struct node *n, char *text)
{
	if (!text)
		return false;
	s->items[s->count] = text;
	s->lines[s->count] = n->line;
	s->columns[s->count++] = n->column;
	return true;
}

static bool read_strings(const struct document *d, const struct node *n, const struct conf_row *row,
			 struct conf_strings *into, struct error *err)
{
	const struct node *item = n->kind == NODE_LIST ? n->first : n;
	size_t count = n->kind == NODE_LIST ? n->count : 1;
	struct conf_strings all = { 0 };
	bool fine = true;

	if (n->kind == NODE_MAP || (row->max == 1 && n->kind == NODE_LIST))
		return expected(d, n, row->key, row->max == 1 ? "a word" : "a list of words", err);
	if (!in_range(row, count))
		return node_error(d, n, err, "`%s`: %zu values are too many or too few", row->key, count);
	if (!strings_room(&all, count))
		fine = no_memory(d, n, err);
	for (size_t i = 0; fine && i < count; i++, item = item->next) {
		fine = scalar_ok(d, item, row->key, "a word", err);
		if (fine && !strings_add(&all, item, copy(item->text, item->size)))
			fine = no_memory(d, item, err);
	}
	strings_release(fine ? into : &all);
	if (fine)
		*into = all;
	return fine;
}

/* "key" and "value" as one allocation, each with its zero. */
static char *pair(const char *key, const char *value)
{
	size_t n_key = strlen(key) + 1, n_value = strlen(value) + 1;
	char *at = malloc(n_key + n_value);

	if (!at)
		return NULL;
	memcpy(at, key, n_key);
	memcpy(at + n_key, value, n_value);
	return at;
}

static bool read_string_map(const struct document *d, const struct node *n, const struct conf_row *row,
			    struct conf_strings *into, struct error *err)
{
	struct conf_strings all = { 0 };
	bool fine = true;

	if (n->kind != NODE_MAP)
		return expected(d, n, row->key, "a map of words", err);
	if (!strings_room(&all, n->count))
		fine = no_memory(d, n, err);
	for (const struct node *c = n->first; fine && c; c = c->next) {
		fine = scalar_ok(d, c, c->key, "a word", err);
		if (fine && !strings_add(&all, c, pair(c->key, c->text)))
			fine = no_memory(d, c, err);
	}
	strings_release(fine ? into : &all);
	if (fine)
		*into = all;
	return fine;
}

static bool read_map(const struct document *d, const struct node *map, const struct conf_row *rows, void *into,
		     struct error *err);

static const struct conf_row *row_of(const struct conf_row *rows, const char *key)
{
	while (rows->key && strcmp(rows->key, key))
		rows++;
	return rows->key ? rows : NULL;
}

/* One item of a list or of a map of names: defaults, then what stands there. */
static bool read_item(const struct document *d, const struct node *n, const struct conf_row *row, void *item,
		      struct error *err)
{
	struct node map = { .kind = NODE_MAP, .line = n->line, .column = n->column, .count = 1 }, only = *n;

	if (row->place_offset)
		*(struct conf_place *)(void *)((char *)item + row->place_offset) =
			(struct conf_place){ n->line, n->column };
	if (row->kind == CONF_NAMED) {
		char **name = (void *)((char *)item + row->name_offset);
		*name = copy(n->key, strlen(n->key));
		if (!*name)
			return no_memory(d, n, err);
	}
	if (!row->short_key || n->kind == NODE_MAP) {
		if (n->kind != NODE_MAP && (n->kind != NODE_NULL || row->kind == CONF_LIST))
			return expected(d, n, row->key, "a map", err);
		return read_map(d, n, row->rows, item, err);
	}
	only.key = row->short_key;
	only.next = NULL;
	map.first = &only;
	return read_map(d, &map, row->rows, item, err);
}

static void list_release(const struct conf_row *row, struct conf_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		char *item = (char *)list->items + i * row->item_size;
		conf_release(row->rows, item);
		if (row->kind == CONF_NAMED)
			free(*(char **)(void *)(item + row->name_offset));
	}
	free(list->items);
	*list = (struct conf_list){ 0 };
}

static bool read_items(const struct document *d, const struct node *n, const struct conf_row *row,
		       struct conf_list *into, struct error *err)
{
	enum node_kind kind = row->kind == CONF_NAMED ? NODE_MAP : NODE_LIST;
	bool single = row->kind == CONF_LIST && row->short_key && n->kind == NODE_SCALAR;
	const struct node *item = single ? n : n->first;
	size_t count = single ? 1 : n->count;
	struct conf_list list = { 0 };
	bool fine = true;

	if (!single && n->kind != kind)
		return expected(d, n, row->key, kind == NODE_MAP ? "a map of names" : "a list", err);
	list.items = calloc(count ? count : 1, row->item_size);
	if (!list.items)
		return no_memory(d, n, err);
	for (; fine && list.count < count; item = item->next) {
		list.count++;
		fine = read_item(d, item, row, (char *)list.items + (list.count - 1) * row->item_size, err);
	}
	list_release(row, fine ? into : &list);
	if (fine)
		*into = list;
	return fine;
}

static bool read_value(const struct document *d, const struct node *n, const struct conf_row *row, void *into,
		       struct error *err)
{
	void *at = member(into, row);

	switch (row->kind) {
	case CONF_STRING: return read_string(d, n, row, at, err);
	case CONF_BOOL: return read_bool(d, n, row, at, err);
	case CONF_UINT: return read_uint(d, n, row, at, err);
	case CONF_DURATION: return read_duration(d, n, row, at, err);
	case CONF_CHOICE: return read_choice(d, n, row, at, err);
	case CONF_STRINGS: return read_strings(d, n, row, at, err);
	case CONF_STRING_MAP: return read_string_map(d, n, row, at, err);
	case CONF_LIST:
	case CONF_NAMED: return read_items(d, n, row, at, err);
	case CONF_SECTION:
		if (n->kind != NODE_MAP)
			return expected(d, n, row->key, "a map", err);
		return read_map(d, n, row->rows, at, err);
	}
	return false;
}

/* Members of a section that no map was given for still get their defaults. */
static bool read_default(const struct conf_row *row, void *into)
{
	struct node n = { .kind = NODE_SCALAR, .text = row->fallback };
	struct document *d;
	bool fine;

	if (row->kind == CONF_SECTION)
		return conf_defaults(row->rows, member(into, row));
	if (!row->fallback)
		return true;
	n.size = strlen(row->fallback);
	if (row->fallback[0] != '[' && row->fallback[0] != '{')
		return read_value(NULL, &n, row, into, NULL);
	d = document_parse("default", bytes_string(row->fallback), NULL);
	fine = d && read_value(d, document_root(d, 0), row, into, NULL);
	document_free(d);
	return fine;
}

static bool defaults(const struct conf_row *rows, void *into)
{
	for (; rows->key; rows++)
		if (!read_default(rows, into))
			return false;
	return true;
}

bool conf_defaults(const struct conf_row *rows, void *into)
{
	if (defaults(rows, into))
		return true;
	conf_release(rows, into);
	return false;
}

static bool unknown_key(const struct document *d, const struct node *n, const struct conf_row *rows, struct error *err)
{
	const char *keys[KEYS_MAX + 1];
	const char *near;
	size_t count = 0;

	for (; rows->key && count < KEYS_MAX; rows++)
		keys[count++] = rows->key;
	keys[count] = NULL;
	near = conf_suggest(n->key, keys);
	return error_at(err, d ? document_name(d) : NULL, n->key_line, n->key_column,
			near ? "unknown key `%s`; did you mean `%s`?" : "unknown key `%s`", n->key, near);
}

static bool required_given(const struct document *d, const struct node *map, const struct conf_row *rows,
			   struct error *err)
{
	for (; rows->key; rows++) {
		const struct node *n = rows->required ? node_get(map, rows->key) : NULL;
		if (rows->required && (!n || n->kind == NODE_NULL || (n->kind == NODE_SCALAR && n->size == 0)))
			return node_error(d, n ? n : map, err, "`%s` is missing", rows->key);
	}
	return true;
}

/* Leaves what was read in *into on failure: the outermost caller releases it. A key without a value keeps its default.
 */
static bool read_map(const struct document *d, const struct node *map, const struct conf_row *rows, void *into,
		     struct error *err)
{
	if (!defaults(rows, into))
		return no_memory(d, map, err);
	for (const struct node *c = map ? map->first : NULL; c; c = c->next) {
		const struct conf_row *row = row_of(rows, c->key);
		if (!row)
			return unknown_key(d, c, rows, err);
		if (c->kind != NODE_NULL && !read_value(d, c, row, into, err))
			return false;
	}
	return required_given(d, map, rows, err);
}

bool conf_read(const struct document *d, const struct node *map, const struct conf_row *rows, void *into,
	       struct error *err)
{
	bool fine;

	if (map && map->kind != NODE_MAP && map->kind != NODE_NULL)
		fine = node_error(d, map, err, "expected a map of settings, found %s", kind_name(map));
	else
		fine = read_map(d, map, rows, into, err);
	if (!fine)
		conf_release(rows, into);
	return fine;
}

void conf_release(const struct conf_row *rows, void *into)
{
	for (; rows->key; rows++) {
		void *at = member(into, rows);
		switch (rows->kind) {
		case CONF_STRING:
			free(*(char **)at);
			*(char **)at = NULL;
			break;
		case CONF_STRINGS:
		case CONF_STRING_MAP:
			strings_release(at);
			break;
		case CONF_LIST:
		case CONF_NAMED:
			list_release(rows, at);
			break;
		case CONF_SECTION:
			conf_release(rows->rows, at);
			break;
		default:
			break;
		}
	}
}
