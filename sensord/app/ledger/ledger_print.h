/* SPDX-License-Identifier: BSD-2-Clause
 * The rows of the ledger as a table, CSV (RFC 4180) or JSON (one object a line). */
#ifndef APP_LEDGER_PRINT_H
#define APP_LEDGER_PRINT_H

#include <stdio.h>

#include "base/text.h"

enum ledger_format { LEDGER_TABLE, LEDGER_CSV, LEDGER_JSON };

enum ledger_column {
	LEDGER_DAY, LEDGER_ACCOUNT, LEDGER_SOURCE, LEDGER_DESTINATION, LEDGER_SPN, LEDGER_METHOD, LEDGER_OUTCOME,
	LEDGER_FIRST, LEDGER_LAST, LEDGER_COUNT,
	LEDGER_STATUS, LEDGER_RECORD, /* only where an operations record was given */
	LEDGER_COLUMNS
};

/* Every value as text, "" where there is none. */
struct ledger_line {
	const char *cells[LEDGER_COLUMNS];
};

/* n_columns: LEDGER_COLUMNS, or LEDGER_STATUS without an operations record. */
struct ledger_printer {
	FILE *to;
	enum ledger_format format;
	size_t n_columns;
	size_t widths[LEDGER_COLUMNS];
};

/* The table only: called with every line before the first is printed. */
void ledger_measure(struct ledger_printer *p, const struct ledger_line *line);
void ledger_head(struct ledger_printer *p);
void ledger_print(struct ledger_printer *p, const struct ledger_line *line);

/* One cell; what begins like a formula of a spreadsheet (= + - @, tab, return) gets a quote in front. */
void ledger_csv_cell(struct text *out, struct bytes cell);
/* A JSON string with its quotes, what ledger_plain takes out escaped, so that it is one of YAML too; the cell is valid
 * UTF-8. */
void ledger_json_string(struct text *out, struct bytes cell);
/* For a terminal: control and direction characters become "?". Returns the characters. */
size_t ledger_plain(struct text *out, struct bytes cell);

#endif
