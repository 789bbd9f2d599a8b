/* SPDX-License-Identifier: BSD-2-Clause
 * The order of the page: for the one who has a minute (the six sets), for the one on duty (alerts, zones, accounts), for
 * the one who has to swear to it (hosts, evidence, the capture's own quality). */
#include "report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attributes.h"
#include "report_words.h"
#include "replay/when.h"

static const struct part {
	const char *id;
	enum word title;
	void (*put)(struct html *h, const struct report *r);
} parts[] = {
	{ "sets", WORD_PART_SETS, report_sets },	{ "time", WORD_PART_TIME, report_timeline },
	{ "alerts", WORD_PART_ALERTS, report_alerts },	{ "zones", WORD_PART_ZONES, report_zones },
	{ "graph", WORD_PART_GRAPH, report_graph },	{ "hosts", WORD_PART_HOSTS, report_hosts },
	{ "accounts", WORD_PART_ACCOUNTS, report_accounts }, { "capture", WORD_PART_CAPTURE, report_capture },
};

/* ---- which alerts are shown ---- */

static int worst_first(const void *left, const void *right)
{
	const struct gather_alert *a = *(const struct gather_alert *const *)left, *b = *(const struct gather_alert *const *)right;

	if (a->level != b->level)
		return a->level > b->level ? -1 : 1;
	return (a > b) - (a < b); /* they stand by time */
}

static int by_time(const void *left, const void *right)
{
	const struct gather_alert *a = *(const struct gather_alert *const *)left, *b = *(const struct gather_alert *const *)right;

	return (a > b) - (a < b);
}

static bool choose_alerts(struct report *r)
{
	size_t n = r->all->n_alerts;

	r->alerts = calloc(n + 1, sizeof(struct gather_alert *));
	if (!r->alerts)
		return false;
	for (size_t i = 0; i < n; i++)
		r->alerts[i] = &r->all->alerts[i];
	qsort(r->alerts, n, sizeof(struct gather_alert *), worst_first);
	r->n_alerts = n < REPORT_ALERTS ? n : REPORT_ALERTS;
	qsort(r->alerts, r->n_alerts, sizeof(struct gather_alert *), by_time);
	return true;
}

/* ---- the head ---- */

static void put_count(struct html *h, uint64_t n, enum word w, const char *between)
{
	html_raw(h, between);
	html_number(h, n);
	html_raw(h, " ");
	html_words(h, NULL, NULL, word(w));
}

static void put_period(struct html *h, const struct report *r)
{
	char last[WHEN_TEXT];

	html_words(h, "dt", NULL, word(WORD_PERIOD));
	html_raw(h, "<dd>");
	if (r->counts.frames) {
		report_time(h, r, r->counts.first_ns);
		html_raw(h, " \xe2\x80\x93 ");
		report_time(h, r, r->counts.last_ns);
		when_format(r->site, r->counts.last_ns, last);
		fprintf(h->to, " (UTC%s) ", strcmp(last + 19, "Z") == 0 ? "" : last + 19);
		html_words(h, "span", "faint small", word(WORD_PERIOD_NOTE));
	}
	html_raw(h, "</dd>\n");
}

static void put_head(struct html *h, const struct report *r)
{
	html_words(h, "h1", NULL, word(WORD_TITLE));
	html_raw(h, "<dl class=\"facts\">\n");
	html_words(h, "dt", NULL, word(WORD_SITE));
	if (site_is_default(r->site))
		html_words(h, "dd", NULL, word(WORD_NO_SITE));
	else
		html_wire(h, "dd", NULL, bytes_string(site_name(r->site)));
	put_period(h, r);
	html_words(h, "dt", NULL, word(WORD_READ));
	html_raw(h, "<dd>");
	put_count(h, r->counts.frames, WORD_PACKETS, "");
	put_count(h, r->counts.bytes, WORD_SIZE, ", ");
	put_count(h, r->counts.engine->flows, WORD_FLOWS, ", ");
	put_count(h, r->counts.n_rules, WORD_RULES, ", ");
	html_raw(h, "</dd>\n");
	if (r->chosen[0]) {
		html_words(h, "dt", NULL, word(WORD_CHOSEN));
		html_raw(h, "<dd>");
		html_words(h, NULL, NULL, word(WORD_CHOSEN_NOTE));
		html_raw(h, " ");
		html_wire(h, "span", "code", bytes_string(r->chosen));
		html_raw(h, "</dd>\n");
	}
	html_words(h, "dt", NULL, word(WORD_BY));
	html_element(h, "dd", NULL, "sensord " PACKAGE_VERSION);
	html_raw(h, "</dl>\n<nav class=\"parts\"><ul>\n");
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		fprintf(h->to, "<li><a href=\"#%s\">", parts[i].id);
		html_words(h, NULL, NULL, word(parts[i].title));
		html_raw(h, "</a></li>\n");
	}
	html_raw(h, "</ul></nav>\n");
}

static bool put_page(struct html *h, const struct report *r)
{
	size_t size = 0;
	char *data = report_json(r, &size);

	html_begin(h, word(WORD_TITLE));
	put_head(h, r);
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		parts[i].put(h, r);
	bool fine = html_end(h, bytes_of(data, data ? size : 0));
	free(data);
	return fine;
}

/* ---- the file ---- */

static bool put_into(const struct report *r, const char *path)
{
	struct html h = { fopen(path, "w") };
	bool fine = h.to != NULL;

	if (h.to) {
		fine = put_page(&h, r);
		fine = fclose(h.to) == 0 && fine;
	}
	return fine;
}

/* Under another name first: a page that is there is whole. */
static bool put_whole(const struct report *r, const char *path)
{
	char *other = NULL;

	if (asprintf(&other, "%s.new", path) < 0)
		return false;
	bool fine = put_into(r, other) && rename(other, path) == 0;
	int why = errno;
	if (!fine)
		unlink(other);
	errno = why;
	free(other);
	return fine;
}

/* Devices, pipes and links stay what they are. */
static bool put_file(const struct report *r, const char *path, struct error *err)
{
	struct stat is;
	bool other = lstat(path, &is) == 0 && !S_ISREG(is.st_mode);

	return (other ? put_into(r, path) : put_whole(r, path)) ||
	       error_at(err, path, 0, 0, "the report cannot be written: %s", strerror(errno));
}

bool report_write(struct report *r, const char *path, struct error *err)
{
	bool fine;

	if (!choose_alerts(r))
		return error_set(err, "out of memory");
	if (strcmp(path, "-") == 0)
		fine = put_page(&(struct html){ stdout }, r) || error_set(err, "standard output: cannot write");
	else
		fine = put_file(r, path, err);
	free(r->alerts);
	r->alerts = NULL;
	return fine;
}
