/* SPDX-License-Identifier: BSD-2-Clause
 * The operations record: CSV (RFC 4180), times (RFC 3339, or wall clock of the site), and what a line covers. */
#include "ledger_match.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/attributes.h"
#include "base/instant.h"
#include "base/text.h"

#define CSV_FIELDS 64
#define CSV_ROW 16384 /* bytes of one row */
#define PROBLEMS_MAX 100

enum column { COLUMN_ACCOUNT, COLUMN_FROM, COLUMN_TO, COLUMN_SOURCE, COLUMN_TARGET, COLUMN_ID, COLUMN_DESCRIPTION, COLUMN_COUNT };
#define COLUMNS_REQUIRED COLUMN_SOURCE /* those before it */

static const char *const columns[COLUMN_COUNT] = { "account", "from", "to", "source", "target", "id", "description" };

const char *ledger_account(struct bytes name, char out[LEDGER_NAME])
{
	struct text t = { out, LEDGER_NAME, 0, false };
	size_t slash = bytes_find(name, bytes_string("\\"));

	if (slash != SIZE_MAX)
		name = bytes_of(name.at + slash + 1, name.size - slash - 1);
	text_utf8(&t, bytes_split(&name, '@'));
	for (size_t i = 0; i < t.used; i++)
		out[i] = ascii_lower(out[i]);
	return text_end(&t);
}

/* ---- CSV ---- */

static int csv_byte(struct csv *csv)
{
	if (csv->rest.size == 0)
		return -1;
	int c = csv->rest.at[0];
	csv->rest = bytes_of(csv->rest.at + 1, csv->rest.size - 1);
	csv->line += c == '\n';
	return c;
}

static int csv_peek(const struct csv *csv)
{
	return csv->rest.size ? csv->rest.at[0] : -1;
}

/* Behind the opening quote, up to what ends the field. False where the quote is not closed. */
static bool csv_quoted(struct csv *csv, struct text *out)
{
	for (int c; (c = csv_byte(csv)) != -1;) {
		if (c != '"')
			text_char(out, (char)c);
		else if (csv_peek(csv) == '"')
			text_char(out, (char)csv_byte(csv));
		else
			return true;
	}
	return false;
}

static bool csv_field(struct csv *csv, struct text *out, struct error *err)
{
	if (csv_peek(csv) == '"') {
		csv_byte(csv);
		if (!csv_quoted(csv, out))
			return error_set(err, "a quote is not closed");
	}
	for (int c; (c = csv_peek(csv)) != -1 && c != ',' && c != '\n';) {
		csv_byte(csv);
		if (c != '\r' || csv_peek(csv) != '\n')
			text_char(out, (char)c);
	}
	return !out->cut || error_set(err, "the line is too long (at most %u bytes)", CSV_ROW);
}

bool csv_row(struct csv *csv, char *room, size_t size, struct bytes *fields, size_t max, size_t *ret_n, struct error *err)
{
	struct text out = { room, size, 0, false };

	err->text[0] = '\0';
	*ret_n = 0;
	csv->began = csv->line;
	if (csv->rest.size == 0)
		return false;
	for (int c = ','; c == ','; c = csv_byte(csv)) {
		size_t start = out.used;
		struct error *broken = err->text[0] ? NULL : err; /* the first fault of the row is told */
		if (csv_field(csv, &out, broken) && *ret_n == max)
			error_set(broken, "too many fields (at most %zu)", max);
		if (*ret_n < max)
			fields[(*ret_n)++] = bytes_of(room + start, out.used - start);
	}
	return true;
}

/* ---- lines ---- */

struct parsing {
	struct works *works;
	const char *file;
	void (*complain)(void *to, const struct error *err);
	void *to;
	int place[COLUMN_COUNT]; /* field of each column; -1: none */
	size_t n_fields;         /* of the header */
};

static void copy(char *out, size_t size, struct bytes from)
{
	struct text t = { out, size, 0, false };

	text_utf8(&t, from);
	text_end(&t);
}

static struct bytes cell(const struct parsing *p, const struct bytes *fields, size_t n, enum column c)
{
	int at = p->place[c];

	return at >= 0 && (size_t)at < n ? bytes_trim(fields[at]) : (struct bytes){ 0 };
}

/* The next of several words that blanks or semicolons part; empty at the end. */
static struct bytes word(struct bytes *rest)
{
	size_t n = 0;

	while (rest->size && strchr(" ;\t", rest->at[0]) && rest->at[0])
		*rest = bytes_of(rest->at + 1, rest->size - 1);
	while (n < rest->size && (rest->at[n] == '\0' || !strchr(" ;\t", rest->at[n])))
		n++;
	struct bytes got = bytes_of(rest->at, n);
	*rest = bytes_of(rest->at + n, rest->size - n);
	return got;
}

static bool parse_sources(struct work *w, struct bytes text, struct error *err)
{
	for (struct bytes one; (one = word(&text)).size;) {
		if (w->n_sources == WORK_PLACES)
			return error_set(err, "source: more than %u addresses", WORK_PLACES);
		if (!address_range_parse(one, &w->sources[w->n_sources++]))
			return error_set(err, "source: \"%.*s\" is no address or network", (int)(one.size < 80 ? one.size : 80), one.at);
	}
	return true;
}

static bool parse_time(const char *name, struct bytes text, struct when *ret, unsigned *ret_unit, struct error *err)
{
	return when_parse(text, ret, ret_unit) ||
	       error_set(err, "%s: \"%.*s\" is no time (2026-11-23T09:00, or with an offset as RFC 3339 has it, or a day)", name,
			 (int)(text.size < 40 ? text.size : 40), text.at);
}

static bool parse_work(const struct parsing *p, const struct bytes *fields, size_t n, struct work *w, struct error *err)
{
	struct bytes from = cell(p, fields, n, COLUMN_FROM), to = cell(p, fields, n, COLUMN_TO);
	struct bytes target = cell(p, fields, n, COLUMN_TARGET), id = cell(p, fields, n, COLUMN_ID);
	unsigned unit;

	if (n > p->n_fields)
		return error_set(err, "%zu fields, though the header has %zu", n, p->n_fields);
	ledger_account(cell(p, fields, n, COLUMN_ACCOUNT), w->account);
	if (!w->account[0])
		return error_set(err, "account: empty");
	if (!parse_time("from", from, &w->from, &unit, err) || !parse_time("to", to, &w->to, &unit, err))
		return false;
	if (w->from.local == w->to.local && w->to.seconds < w->from.seconds)
		return error_set(err, "to: before from");
	w->to.seconds += unit;
	if (target.size >= sizeof(w->targets))
		return error_set(err, "target: longer than %zu bytes", sizeof(w->targets) - 1);
	copy(w->from_text, sizeof(w->from_text), from);
	copy(w->to_text, sizeof(w->to_text), to);
	copy(w->targets, sizeof(w->targets), target);
	copy(w->id, sizeof(w->id), id.size ? id : cell(p, fields, n, COLUMN_DESCRIPTION));
	if (!w->id[0])
		snprintf(w->id, sizeof(w->id), "line %u", w->line);
	return parse_sources(w, cell(p, fields, n, COLUMN_SOURCE), err);
}

static void wrong(struct parsing *p, unsigned line, const struct error *err)
{
	struct error told = *err;

	snprintf(told.file, sizeof(told.file), "%s", p->file);
	told.line = line;
	told.column = 0;
	p->works->problems++;
	p->complain(p->to, &told);
}

static bool parse_header(struct parsing *p, const struct bytes *fields, size_t n, struct error *err)
{
	p->n_fields = n;
	for (size_t c = 0; c < COLUMN_COUNT; c++) {
		p->place[c] = -1;
		for (size_t i = 0; i < n; i++) {
			if (!bytes_equal_nocase(bytes_trim(fields[i]), bytes_string(columns[c])))
				continue;
			if (p->place[c] >= 0)
				return error_set(err, "the header names \"%s\" twice", columns[c]);
			p->place[c] = (int)i;
		}
		if (p->place[c] < 0 && c < COLUMNS_REQUIRED)
			return error_set(err, "the header has no column \"%s\"", columns[c]);
	}
	return true;
}

static bool add_work(struct works *works, const struct work *w, struct error *err)
{
	if (works->count == WORKS_MAX)
		return error_set(err, "more than %u lines", WORKS_MAX);
	if ((works->count & (works->count - 1)) == 0) { /* full at every power of two */
		struct work *more = realloc(works->lines, (works->count ? works->count * 2 : 1) * sizeof(*more));
		if (!more)
			return error_set(err, "out of memory");
		works->lines = more;
	}
	works->lines[works->count++] = *w;
	return true;
}

void works_parse(struct works *works, const char *file, struct bytes csv,
		 void (*complain)(void *to, const struct error *err), void *to)
{
	static const struct bytes mark = { (const uint8_t *)"\xef\xbb\xbf", 3 }; /* byte order mark, as spreadsheets write it */
	struct parsing p = { .works = works, .file = file, .complain = complain, .to = to };
	struct csv text = { bytes_starts(csv, mark) ? bytes_of(csv.at + 3, csv.size - 3) : csv, 1, 1 };
	struct bytes fields[CSV_FIELDS];
	struct error err = { 0 };
	char room[CSV_ROW];
	size_t n;

	*works = (struct works){ 0 };
	while (csv_row(&text, room, sizeof(room), fields, ARRAY_SIZE(fields), &n, &err)) {
		struct work w = { .line = text.began };
		bool broken = err.text[0] != '\0';
		if (!broken && n == 1 && bytes_trim(fields[0]).size == 0)
			continue; /* an empty line */
		bool header = p.n_fields == 0;
		if (!broken && header && parse_header(&p, fields, n, &err))
			continue;
		if (broken || header || !parse_work(&p, fields, n, &w, &err) || !add_work(works, &w, &err))
			wrong(&p, text.began, &err);
		if (header || works->problems == PROBLEMS_MAX)
			return; /* nothing can be said of the rest, or it is no use */
	}
	if (p.n_fields == 0) {
		error_set(&err, "no header (account,from,to,…)");
		wrong(&p, 1, &err);
	}
}

void works_release(struct works *works)
{
	free(works->lines);
	*works = (struct works){ 0 };
}

/* ---- matching ---- */

/* The host in "cifs/fs1.lab.example:445/x@REALM", in "fs1.lab.example" and in "fs1". */
static struct bytes host_of(struct bytes target)
{
	size_t slash = bytes_find(target, bytes_string("/"));

	if (slash != SIZE_MAX)
		target = bytes_of(target.at + slash + 1, target.size - slash - 1);
	target = bytes_split(&target, '/');
	target = bytes_split(&target, '@');
	return bytes_split(&target, ':');
}

static bool same_host(struct bytes a, struct bytes b)
{
	struct bytes dot = bytes_string(".");

	if (bytes_find(a, dot) == SIZE_MAX || bytes_find(b, dot) == SIZE_MAX) { /* one of them without its domain */
		a = bytes_split(&a, '.');
		b = bytes_split(&b, '.');
	}
	return a.size && bytes_equal_nocase(a, b);
}

static bool names(struct bytes wanted, const struct logon *logon)
{
	struct bytes spn = logon->target;

	if (bytes_find(wanted, bytes_string("/")) == SIZE_MAX)
		return same_host(wanted, host_of(logon->target));
	if (bytes_find(wanted, bytes_string("@")) == SIZE_MAX)
		spn = bytes_split(&spn, '@');
	return bytes_equal_nocase(wanted, spn);
}

/* Work anywhere begins with a ticket for the KDC itself; a ticket request names hosts and never their addresses, so that
 * a line of addresses is judged by the logon that follows. */
static bool covers_target(const struct work *w, const struct logon *logon)
{
	struct bytes rest = bytes_string(w->targets);
	struct address_range range;

	if (!w->targets[0] || (logon->at_kdc && bytes_starts_nocase(logon->target, bytes_string("krbtgt/"))))
		return true;
	for (struct bytes one; (one = word(&rest)).size;) {
		bool address = address_range_parse(one, &range);
		if (address && (logon->at_kdc || (logon->destination && address_range_has(&range, logon->destination))))
			return true;
		if (!address && names(one, logon))
			return true;
	}
	return false;
}

static bool covers_source(const struct work *w, const struct address *source)
{
	for (size_t i = 0; source && i < w->n_sources; i++)
		if (address_range_has(&w->sources[i], source))
			return true;
	return w->n_sources == 0;
}

static bool covers_time(const struct work *w, const struct logon *logon)
{
	return (w->from.local ? logon->local : logon->utc) >= w->from.seconds &&
	       (w->to.local ? logon->local : logon->utc) < w->to.seconds;
}

const struct work *works_match(struct works *works, const struct logon *logon)
{
	const struct work *first = NULL;

	for (size_t i = 0; i < works->count; i++) {
		struct work *w = &works->lines[i];
		if (strcmp(w->account, logon->account) != 0 || !covers_time(w, logon) || !covers_source(w, logon->source) ||
		    !covers_target(w, logon))
			continue;
		w->used = true;
		first = first ? first : w;
	}
	return first;
}
