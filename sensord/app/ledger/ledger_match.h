/* SPDX-License-Identifier: BSD-2-Clause
 * The operations record (who was to work where, and when) and whether a logon is covered by a line of it (MEASURES 10.1,
 * F-07). Pure: text in, answers out. */
#ifndef APP_LEDGER_MATCH_H
#define APP_LEDGER_MATCH_H

#include "base/address.h"
#include "base/error.h"
#include "replay/when.h"

#define LEDGER_NAME 128   /* bytes of an account, with its zero */
#define LEDGER_TARGET 256 /* of a service or host */
#define WORKS_MAX 20000   /* lines of an operations record */
#define WORK_PLACES 8     /* sources, and targets, of one line */

struct work {
	unsigned line;
	bool used; /* covered a logon */
	char account[LEDGER_NAME], id[LEDGER_TARGET];
	char from_text[40], to_text[40];
	struct when from, to; /* `to` is the first second that is not covered any more */
	struct address_range sources[WORK_PLACES];
	size_t n_sources; /* 0: from anywhere */
	char targets[LEDGER_TARGET];
};

struct works {
	struct work *lines;
	size_t count, problems;
};

/* One logon, as far as matching asks. */
struct logon {
	const char *account; /* as ledger_account makes it */
	const struct address *source, *destination; /* may be NULL */
	struct bytes target; /* service principal, or name of the host */
	bool at_kdc;         /* a ticket was asked for: destination is the KDC, not the host to work on */
	int64_t utc, local;  /* seconds */
};

/* "DOMAIN\user", "user@realm" as "user", in lower case. Returns out. */
const char *ledger_account(struct bytes name, char out[LEDGER_NAME]);
/* Reads CSV (RFC 4180; a header names the columns account, from, to, and where wanted source, target, id, description;
 * others are ignored). `to` is covered whole: its minute, or its second. Bad lines are counted in problems and told. */
void works_parse(struct works *works, const char *file, struct bytes csv,
		 void (*complain)(void *to, const struct error *err), void *to);
void works_release(struct works *works);
/* The first line that covers the logon, or NULL; every line that does is marked as used. */
const struct work *works_match(struct works *works, const struct logon *logon);

/* One row of CSV: views into room (size bytes), at most max fields. *line counts on. False at the end of the text; err->text
 * is set where the row is broken. */
struct csv {
	struct bytes rest;
	unsigned line;  /* of the next row */
	unsigned began; /* of the row read last */
};
bool csv_row(struct csv *csv, char *room, size_t size, struct bytes *fields, size_t max, size_t *ret_n, struct error *err);

#endif
