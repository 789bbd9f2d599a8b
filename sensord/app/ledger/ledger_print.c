/* SPDX-License-Identifier: BSD-2-Clause
 * Table, CSV (RFC 4180) and JSON (RFC 8259) of the ledger. Names come from the network: they get no say over terminals,
 * spreadsheets or the form of a line. */
#include "ledger_print.h"

#define CELL_ROOM 4096

static const char *const titles[LEDGER_COLUMNS] = {
	"day", "account", "source", "destination", "target", "method", "outcome", "first", "last", "count", "status", "record",
};

void ledger_csv_cell(struct text *out, struct bytes cell)
{
	bool formula = cell.size && cell.at[0] && strchr("=+-@\t\r", cell.at[0]);
	bool quoted = formula;

	for (size_t i = 0; i < cell.size; i++)
		quoted |= cell.at[i] < ' ' || cell.at[i] == '"' || cell.at[i] == ',';
	if (quoted)
		text_char(out, '"');
	if (formula)
		text_char(out, '\'');
	for (size_t i = 0; i < cell.size; i++) {
		if (cell.at[i] == '"')
			text_char(out, '"');
		text_char(out, (char)cell.at[i]);
	}
	if (quoted)
		text_char(out, '"');
}

/* Bytes of the character at the start of b. */
static size_t character(struct bytes b)
{
	size_t n = 1;

	while (n < b.size && (b.at[n] & 0xc0) == 0x80)
		n++;
	return n;
}

/* C0, DEL, C1 (U+0080 to U+009F), marks of direction (U+061C, U+200E, U+200F, U+2028 to U+202E, U+2066 to U+2069), and
 * what no YAML and no XML may hold: U+FEFF, U+FFFE and U+FFFF (YAML 1.2 section 5.1, XML 1.0 section 2.2). */
static bool unprintable(struct bytes c)
{
	if (c.size == 1)
		return c.at[0] < ' ' || c.at[0] == 0x7f;
	if (c.size == 2)
		return (c.at[0] == 0xc2 && c.at[1] < 0xa0) || (c.at[0] == 0xd8 && c.at[1] == 0x9c);
	if (c.size == 3 && c.at[0] == 0xef)
		return (c.at[1] == 0xbf && c.at[2] >= 0xbe) || (c.at[1] == 0xbb && c.at[2] == 0xbf);
	if (c.size != 3 || c.at[0] != 0xe2)
		return false;
	return (c.at[1] == 0x80 && (c.at[2] == 0x8e || c.at[2] == 0x8f || (c.at[2] >= 0xa8 && c.at[2] <= 0xae))) ||
	       (c.at[1] == 0x81 && c.at[2] >= 0xa6 && c.at[2] <= 0xa9);
}

/* Of one to three bytes (RFC 3629 section 3). */
static unsigned code_point(struct bytes c)
{
	static const uint8_t lead[] = { 0, 0x7f, 0x1f, 0x0f };
	unsigned code = c.at[0] & lead[c.size];

	for (size_t i = 1; i < c.size; i++)
		code = code << 6 | (c.at[i] & 0x3f);
	return code;
}

void ledger_json_string(struct text *out, struct bytes cell)
{
	text_char(out, '"');
	while (cell.size) {
		struct bytes one = bytes_of(cell.at, character(cell));
		if (unprintable(one))
			text_printf(out, "\\u%04x", code_point(one));
		else if (one.size == 1 && (one.at[0] == '"' || one.at[0] == '\\'))
			text_printf(out, "\\%c", one.at[0]);
		else
			text_add(out, one);
		cell = bytes_of(cell.at + one.size, cell.size - one.size);
	}
	text_char(out, '"');
}

size_t ledger_plain(struct text *out, struct bytes cell)
{
	size_t n = 0;

	for (size_t size; cell.size; n++) {
		size = character(cell);
		struct bytes one = bytes_of(cell.at, size);
		text_add(out, unprintable(one) ? bytes_string("?") : one);
		cell = bytes_of(cell.at + size, cell.size - size);
	}
	return n;
}

void ledger_measure(struct ledger_printer *p, const struct ledger_line *line)
{
	char room[CELL_ROOM];

	for (size_t i = 0; i < p->n_columns; i++) {
		struct text t = TEXT_ON(room);
		size_t n = ledger_plain(&t, bytes_string(line->cells[i]));
		size_t least = strlen(titles[i]);
		n = n < least ? least : n;
		p->widths[i] = n > p->widths[i] ? n : p->widths[i];
	}
}

static void print_table(struct ledger_printer *p, const struct ledger_line *line)
{
	char room[CELL_ROOM];

	for (size_t i = 0; i < p->n_columns; i++) {
		struct text t = TEXT_ON(room);
		size_t n = ledger_plain(&t, bytes_string(line->cells[i]));
		size_t pad = p->widths[i] > n ? p->widths[i] - n : 0;
		if (i == LEDGER_COUNT)
			fprintf(p->to, "%*s", (int)pad, "");
		fwrite(room, 1, t.used, p->to);
		if (i + 1 == p->n_columns)
			fputc('\n', p->to);
		else
			fprintf(p->to, "%*s", (int)(i == LEDGER_COUNT ? 2 : pad + 2), "");
	}
}

static void print_csv(struct ledger_printer *p, const struct ledger_line *line)
{
	char room[CELL_ROOM];

	for (size_t i = 0; i < p->n_columns; i++) {
		struct text t = TEXT_ON(room);
		ledger_csv_cell(&t, bytes_string(line->cells[i]));
		fwrite(room, 1, t.used, p->to);
		fputs(i + 1 == p->n_columns ? "\r\n" : ",", p->to);
	}
}

static void print_json(struct ledger_printer *p, const struct ledger_line *line)
{
	char room[CELL_ROOM];

	for (size_t i = 0; i < p->n_columns; i++) {
		struct text t = TEXT_ON(room);
		if (i == LEDGER_COUNT)
			text_string(&t, line->cells[i]);
		else
			ledger_json_string(&t, bytes_string(line->cells[i]));
		fprintf(p->to, "%s\"%s\":", i ? "," : "{", titles[i]);
		fwrite(room, 1, t.used, p->to);
	}
	fputs("}\n", p->to);
}

void ledger_head(struct ledger_printer *p)
{
	struct ledger_line head;

	memcpy(head.cells, titles, sizeof(titles));
	if (p->format == LEDGER_TABLE) {
		ledger_measure(p, &head);
		print_table(p, &head);
	} else if (p->format == LEDGER_CSV) {
		print_csv(p, &head);
	}
}

void ledger_print(struct ledger_printer *p, const struct ledger_line *line)
{
	if (p->format == LEDGER_TABLE)
		print_table(p, line);
	else if (p->format == LEDGER_CSV)
		print_csv(p, line);
	else
		print_json(p, line);
}
