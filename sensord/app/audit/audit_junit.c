/* SPDX-License-Identifier: BSD-2-Clause
 * The audit for pipelines: JUnit XML, a suite per measure set, a test case per cell. What is open is skipped, or with
 * --strict a failure; what no wire shows and what is exempt is skipped. XML 1.0 section 2.2 says which characters may
 * stand in it. */
#include <inttypes.h>
#include <stdlib.h>

#include "audit_write.h"
#include "ledger/ledger_print.h"

#define ROOM 1024

static void escaped(FILE *to, const char *text)
{
	char clean[ROOM], room[ROOM];
	struct text c = TEXT_ON(clean), t = TEXT_ON(room);

	text_utf8(&c, bytes_string(text));
	ledger_plain(&t, text_bytes(&c));
	for (size_t i = 0; i < t.used; i++) {
		switch (room[i]) {
		case '&': fputs("&amp;", to); break;
		case '<': fputs("&lt;", to); break;
		case '>': fputs("&gt;", to); break;
		case '"': fputs("&quot;", to); break;
		default: fputc(room[i], to);
		}
	}
}

static bool fails(const struct audit *a, const struct audit_cell *c)
{
	enum audit_verdict v = c->finding.verdict;

	return v == AUDIT_VIOLATED || (a->options.strict && (v == AUDIT_NOT_EXERCISED || v == AUDIT_INCONCLUSIVE));
}

static void write_evidence(FILE *to, const struct audit *a, const struct audit_cell *c)
{
	for (unsigned e = 0; e < AUDIT_EVENTS; e++) {
		char room[ROOM];
		struct text t = TEXT_ON(room);
		if (c->count[e] == 0)
			continue;
		text_printf(&t, "%s: ", audit_event_name(e));
		audit_sight_text(a, &c->first[e], &t);
		escaped(to, text_end(&t));
		fputc('\n', to);
	}
}

static void write_case(FILE *to, const struct audit *a, const struct audit_cell *c)
{
	char id[AUDIT_ID], reason[512];
	struct text t = TEXT_ON(reason);
	bool failed = fails(a, c), proven = c->finding.verdict == AUDIT_PROVEN;

	fprintf(to, "  <testcase classname=\"sensord.audit.%c\" name=\"", c->set);
	escaped(to, audit_id(c, id, sizeof(id)));
	fprintf(to, "\">");
	text_printf(&t, "%s: ", audit_verdict_name(c->finding.verdict));
	audit_reason(a, c, &t);
	text_end(&t);
	if (!proven) {
		fprintf(to, "<%s message=\"", failed ? "failure" : "skipped");
		escaped(to, reason);
		fprintf(to, failed ? "\" type=\"%s\">" : "\"/>", audit_verdict_name(c->finding.verdict));
	}
	if (failed) {
		write_evidence(to, a, c);
		fprintf(to, "</failure>");
	} else {
		fprintf(to, "<system-out>");
		write_evidence(to, a, c);
		fprintf(to, "</system-out>");
	}
	fprintf(to, "</testcase>\n");
}

static void write_suite(FILE *to, const struct audit *a, const struct audit_cell *const *cells, size_t n)
{
	uint64_t failures = 0, skipped = 0;

	for (size_t i = 0; i < n; i++) {
		failures += fails(a, cells[i]);
		skipped += !fails(a, cells[i]) && cells[i]->finding.verdict != AUDIT_PROVEN;
	}
	fprintf(to, " <testsuite name=\"%c %s\" tests=\"%zu\" failures=\"%" PRIu64 "\" errors=\"0\" skipped=\"%" PRIu64 "\">\n", cells[0]->set,
		audit_set_names[cells[0]->set - 'A'].name.en, n, failures, skipped);
	for (size_t i = 0; i < n; i++)
		write_case(to, a, cells[i]);
	fprintf(to, " </testsuite>\n");
}

static void write_drift(FILE *to, const struct audit_drifts *d)
{
	size_t worse = 0;

	for (size_t i = 0; i < d->count; i++)
		worse += audit_drift_worse(&d->items[i]);
	fprintf(to, " <testsuite name=\"drift since the baseline\" tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\">\n", d->count, worse, d->count - worse);
	for (size_t i = 0; i < d->count; i++) {
		const struct audit_drift *one = &d->items[i];
		fprintf(to, "  <testcase classname=\"sensord.audit.drift\" name=\"");
		escaped(to, one->id);
		fprintf(to, "\"><%s message=\"was %s, now %s\"/></testcase>\n", audit_drift_worse(one) ? "failure" : "skipped",
			one->was == AUDIT_VERDICTS ? "not there" : audit_verdict_name(one->was),
			one->cell ? audit_verdict_name(one->cell->finding.verdict) : "gone");
	}
	fprintf(to, " </testsuite>\n");
}

bool audit_write_junit(FILE *to, const struct audit *a, const struct audit_drifts *d)
{
	size_t n, end;
	const struct audit_cell **cells = audit_sorted(a, &n);

	if (!cells)
		return false;
	fprintf(to, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"sensord audit\">\n");
	for (size_t i = 0; i < n; i = end) {
		for (end = i + 1; end < n && cells[end]->set == cells[i]->set; end++)
			;
		write_suite(to, a, cells + i, end - i);
	}
	if (d && d->compared)
		write_drift(to, d);
	fprintf(to, "</testsuites>\n");
	free(cells);
	return fflush(to) == 0 && !ferror(to);
}
