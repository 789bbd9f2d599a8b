/* SPDX-License-Identifier: BSD-2-Clause
 * The tables the other way round: the effective settings as YAML that reads back to the same, and the rows as rows of
 * documentation. Strings are always quoted (YAML 1.1 section 5.7), so no word can turn into another type. */
#include "conf/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/instant.h"
#include "base/text.h"

struct dump {
	FILE *out;
	unsigned indent; /* levels */
	bool dash;       /* the next line starts a list item */
};

static const void *member(const void *from, const struct conf_row *row) { return (const char *)from + row->offset; }

static void start_line(struct dump *d)
{
	for (unsigned i = 0; i < d->indent; i++)
		fputs(d->dash && i + 1 == d->indent ? "- " : "  ", d->out);
	d->dash = false;
}

/* Characters that YAML 1.1 takes for line breaks (or a byte order mark) and would fold, with their escapes. */
static const struct { const char *bytes, *escape; } breaks[] = {
	{ "\xc2\x85", "\\N" }, { "\xe2\x80\xa8", "\\L" }, { "\xe2\x80\xa9", "\\P" }, { "\xef\xbb\xbf", "\\uFEFF" },
};

static bool line_break(struct dump *d, const char **text)
{
	for (size_t i = 0; i < sizeof(breaks) / sizeof(breaks[0]); i++) {
		size_t size = strlen(breaks[i].bytes);
		if (strncmp(*text, breaks[i].bytes, size) != 0)
			continue;
		fputs(breaks[i].escape, d->out);
		*text += size - 1;
		return true;
	}
	return false;
}

static void quoted(struct dump *d, const char *text)
{
	fputc('"', d->out);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (c >= 0x80 && line_break(d, &text))
			continue;
		if (c == '"' || c == '\\')
			fprintf(d->out, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			fprintf(d->out, "\\x%02x", c);
		else
			fputc(c, d->out);
	}
	fputc('"', d->out);
}

static void strings(struct dump *d, const struct conf_strings *s)
{
	fputc('[', d->out);
	for (size_t i = 0; i < s->count; i++) {
		fputs(i ? ", " : "", d->out);
		quoted(d, s->items[i]);
	}
	fputc(']', d->out);
}

static void string_map(struct dump *d, const struct conf_strings *s)
{
	fputc('{', d->out);
	for (size_t i = 0; i < s->count; i++) {
		fputs(i ? ", " : "", d->out);
		quoted(d, s->items[i]);
		fputs(": ", d->out);
		quoted(d, s->items[i] + strlen(s->items[i]) + 1);
	}
	fputc('}', d->out);
}

static void scalar(struct dump *d, const struct conf_row *row, const void *at)
{
	switch (row->kind) {
	case CONF_STRING: quoted(d, *(char *const *)at); break;
	case CONF_BOOL: fputs(*(const bool *)at ? "true" : "false", d->out); break;
	case CONF_UINT: fprintf(d->out, "%" PRIu64, *(const uint64_t *)at); break;
	case CONF_DURATION: fprintf(d->out, "%" PRIu64, *(const uint64_t *)at / NS_PER_S); break;
	case CONF_CHOICE: fputs(row->choices[*(const int *)at], d->out); break;
	case CONF_STRINGS:
		if (row->max == 1)
			quoted(d, ((const struct conf_strings *)at)->items[0]);
		else
			strings(d, at);
		break;
	case CONF_STRING_MAP: string_map(d, at); break;
	default: break;
	}
}

/* Empty members say nothing: the reader leaves them empty where their key is absent. An empty list with a default must
 * be written, or the default would come back. */
static bool worth_a_line(const struct conf_row *row, const void *at)
{
	switch (row->kind) {
	case CONF_STRING: return *(char *const *)at != NULL;
	case CONF_STRINGS:
	case CONF_STRING_MAP: return (row->fallback && row->max != 1) || ((const struct conf_strings *)at)->count > 0;
	case CONF_LIST:
	case CONF_NAMED: return row->fallback || ((const struct conf_list *)at)->count > 0;
	case CONF_UINT:
	case CONF_DURATION: return row->fallback || *(const uint64_t *)at > 0;
	default: return true;
	}
}

static void dump_rows(struct dump *d, const struct conf_row *rows, const void *from);

static bool any_line(const struct conf_row *rows, const void *from)
{
	for (; rows->key; rows++)
		if (rows->kind == CONF_SECTION ? any_line(rows->rows, member(from, rows)) :
						 worth_a_line(rows, member(from, rows)))
			return true;
	return false;
}

static void dump_items(struct dump *d, const struct conf_row *row, const struct conf_list *list)
{
	fputs(list->count ? "\n" : row->kind == CONF_NAMED ? " {}\n" : " []\n", d->out);
	d->indent++;
	for (size_t i = 0; i < list->count; i++) {
		const char *item = (const char *)list->items + i * row->item_size;
		bool filled = any_line(row->rows, item);
		d->dash = row->kind == CONF_LIST;
		if (row->kind == CONF_NAMED || !filled) {
			start_line(d);
			if (row->kind == CONF_NAMED) {
				quoted(d, *(char *const *)(const void *)(item + row->name_offset));
				fputc(':', d->out);
			}
			fputs(filled ? "\n" : " {}\n", d->out);
		}
		d->indent += row->kind == CONF_NAMED;
		dump_rows(d, row->rows, item);
		d->indent -= row->kind == CONF_NAMED;
	}
	d->indent--;
}

static void dump_rows(struct dump *d, const struct conf_row *rows, const void *from)
{
	for (; rows->key; rows++) {
		const void *at = member(from, rows);
		if (rows->kind == CONF_SECTION ? !any_line(rows->rows, at) : !worth_a_line(rows, at))
			continue;
		start_line(d);
		fprintf(d->out, "%s:", rows->key);
		if (rows->kind == CONF_LIST || rows->kind == CONF_NAMED) {
			dump_items(d, rows, at);
		} else if (rows->kind == CONF_SECTION) {
			fputc('\n', d->out);
			d->indent++;
			dump_rows(d, rows->rows, at);
			d->indent--;
		} else {
			fputc(' ', d->out);
			scalar(d, rows, at);
			fputc('\n', d->out);
		}
	}
}

char *conf_dump(const struct conf_row *rows, const void *from)
{
	char *text = NULL;
	size_t size = 0;
	struct dump d = { .out = open_memstream(&text, &size) };
	bool failed;

	if (!d.out)
		return NULL;
	if (any_line(rows, from))
		dump_rows(&d, rows, from);
	else
		fputs("{}\n", d.out);
	failed = ferror(d.out);
	if (fclose(d.out) || failed) {
		free(text);
		return NULL;
	}
	return text;
}

static const char *takes(const struct conf_row *row, char *room, size_t size)
{
	struct text t = { room, size, 0, false };

	switch (row->kind) {
	case CONF_STRING: text_string(&t, "word"); break;
	case CONF_BOOL: text_string(&t, "true or false"); break;
	case CONF_UINT:
		text_string(&t, "number");
		if (row->max)
			text_printf(&t, " %" PRIu64 "..%" PRIu64, row->min, row->max);
		break;
	case CONF_DURATION: text_string(&t, "duration"); break;
	case CONF_CHOICE:
		for (size_t i = 0; row->choices[i]; i++)
			text_printf(&t, "%s%s", i ? " | " : "", row->choices[i]);
		break;
	case CONF_STRINGS: text_string(&t, row->max == 1 ? "word" : "list of words"); break;
	case CONF_STRING_MAP: text_string(&t, "map of words"); break;
	case CONF_LIST: text_string(&t, "list"); break;
	case CONF_NAMED: text_string(&t, "map of names"); break;
	case CONF_SECTION: text_string(&t, "map"); break;
	}
	return text_end(&t);
}

static void help_rows(const struct conf_row *rows, const char *prefix,
		      void (*see)(void *, const char *, const char *, const struct conf_row *), void *context)
{
	for (; rows->key; rows++) {
		char path[256], room[256];
		int n = snprintf(path, sizeof(path), "%s%s", prefix, rows->key);
		if (n < 0 || (size_t)n >= sizeof(path))
			continue;
		see(context, path, takes(rows, room, sizeof(room)), rows);
		if (!rows->rows)
			continue;
		snprintf(path + n, sizeof(path) - (size_t)n, "%s",
			 rows->kind == CONF_LIST ? "[]." : rows->kind == CONF_NAMED ? ".NAME." : ".");
		help_rows(rows->rows, path, see, context);
	}
}

void conf_help(const struct conf_row *rows,
	       void (*see)(void *context, const char *path, const char *takes, const struct conf_row *row),
	       void *context)
{
	help_rows(rows, "", see, context);
}
