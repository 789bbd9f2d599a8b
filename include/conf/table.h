/* SPDX-License-Identifier: BSD-2-Clause
 * YAML in, plain structs out, driven by tables (only user of libyaml). One row of a table is one setting: it is what
 * parses it, checks its range, gives its default, prints it back, and documents it.
 *
 * Also a plain YAML document tree for what has no fixed table (Sigma rules): every node knows its line and column. */
#ifndef CONF_TABLE_H
#define CONF_TABLE_H

#include "base/bytes.h"
#include "base/error.h"

/* ---- documents ---- */

enum node_kind { NODE_NULL, NODE_SCALAR, NODE_LIST, NODE_MAP };

struct node {
	enum node_kind kind;
	bool quoted;            /* scalar written in quotes or as a block: text whatever it looks like */
	unsigned line, column;  /* from 1 */
	const char *text;       /* scalar: its value, terminated */
	size_t size;            /* scalar: bytes of text */
	const char *key;        /* this node's key where it stands in a map; NULL elsewhere */
	unsigned key_line, key_column;
	struct node *first;     /* list, map: first child, in document order */
	struct node *next;      /* sibling */
	size_t count;           /* list, map: children */
};

struct document; /* all YAML documents of one file; owns its nodes */

#define YAML_DEPTH 32          /* deepest nesting accepted */
#define YAML_NODES 1000000     /* most nodes in one file */
#define YAML_SIZE (16u << 20)  /* bytes of one file */

/* Reads a file, or text (name is for error lines). Duplicate keys, aliases to come, wrong indentation: errors with
 * line and column. NULL on error. */
struct document *document_read(const char *path, struct error *err) MUST_CHECK;
struct document *document_parse(const char *name, struct bytes yaml, struct error *err) MUST_CHECK;
void document_free(struct document *d);
size_t document_count(const struct document *d);
const struct node *document_root(const struct document *d, size_t index); /* NULL beyond the count */
const char *document_name(const struct document *d);
/* The value under key of a map; NULL where absent or node is no map. */
const struct node *node_get(const struct node *map, const char *key);
/* Sets err to this node's place; always false. */
bool node_error(const struct document *d, const struct node *n, struct error *err, const char *format, ...)
	PRINTF(4, 5);

/* ---- tables ---- */

enum conf_kind {
	CONF_STRING,   /* char * , malloc'd */
	CONF_BOOL,     /* bool */
	CONF_UINT,     /* uint64_t, within min..max */
	CONF_DURATION, /* uint64_t nanoseconds; "10s", "5m", "2h", "1d", or plain seconds */
	CONF_CHOICE,   /* int: index into choices */
	CONF_STRINGS,  /* struct conf_strings; a single scalar is a list of one */
	CONF_LIST,     /* list of maps read through `rows`: struct conf_list of items */
	CONF_NAMED,    /* map of maps: like LIST, the key goes into the item's member at name_offset (char *) */
	CONF_SECTION,  /* map read through `rows` into the same struct, at offset */
	CONF_STRING_MAP, /* map of scalars: struct conf_strings of "key\0value" pairs, see items */
};

struct conf_strings { char **items; size_t count; unsigned *lines, *columns; };
struct conf_list { void *items; size_t count; };

struct conf_row {
	const char *key;           /* NULL ends a table */
	enum conf_kind kind;
	size_t offset;             /* of the member */
	const char *fallback;      /* default, written as in YAML; NULL: zero / empty */
	uint64_t min, max; /* UINT, DURATION; STRINGS: of the count, 1: a word whose place is kept (max 0: none) */
	const char *const *choices; /* CHOICE: NULL-terminated */
	const struct conf_row *rows; /* SECTION, LIST, NAMED */
	size_t item_size;          /* LIST, NAMED */
	size_t name_offset;        /* NAMED */
	bool required;
	const char *help;          /* one line for the manual page */
	size_t place_offset; /* LIST, NAMED: where an item keeps its struct conf_place; 0: nowhere (put it not first) */
	const char *short_key; /* LIST, NAMED: an item that is no map is the value of this key; NULL: must be a map */
};
struct conf_place { unsigned line, column; };

/* Fills *into (zeroed by the caller) from a map: defaults first, then the file. Unknown keys are errors with the
 * nearest known key suggested; wrong types and ranges say what was expected. On error *into is released. */
bool conf_read(const struct document *d, const struct node *map, const struct conf_row *rows, void *into,
	       struct error *err) MUST_CHECK;
/* Defaults only. */
bool conf_defaults(const struct conf_row *rows, void *into) MUST_CHECK;
void conf_release(const struct conf_row *rows, void *into);
/* The members as YAML text that conf_read takes back to the same; malloc'd, NULL without memory. Empty
 * members are left out, defaults are written. */
char *conf_dump(const struct conf_row *rows, const void *from) MUST_CHECK;
/* Calls see for every row, sections before what is in them: the path ("proxies[].ports", "zones.NAME.role"), what it
 * takes ("number 1..65535"), and the row. */
void conf_help(const struct conf_row *rows, void (*see)(void *context, const char *path, const char *takes,
							 const struct conf_row *row), void *context);
/* The nearest of the candidates (NULL-terminated) to word by edit distance, or NULL where none is near. */
const char *conf_suggest(const char *word, const char *const *candidates);
/* Nanoseconds of "90", "10s", "5m", "2h30m", "1d". */
bool conf_duration(struct bytes text, uint64_t *ret_ns);

#endif
