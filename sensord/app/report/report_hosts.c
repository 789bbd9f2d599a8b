/* SPDX-License-Identifier: BSD-2-Clause
 * A section for each host and each account: what it did, what was done to it, which alerts name it. */
#include <string.h>

#include "base/attributes.h"
#include "report.h"
#include "report_words.h"

#define TOUCHES_MAX 12 /* named in one section */

static void term(struct html *h, enum word w)
{
	html_words(h, "dt", NULL, word(w));
	html_raw(h, "<dd>");
}

/* One more word of a heading; nothing where it is empty. */
static void put_faint(struct html *h, const char *text)
{
	if (!text[0])
		return;
	html_raw(h, " ");
	html_wire(h, "span", "faint", bytes_string(text));
}

/* The end of an entry's heading, and its first facts. */
static void open_inside(struct html *h, const struct report *r, const uint32_t alerts[GATHER_LEVELS], uint64_t first_ns, uint64_t last_ns)
{
	html_raw(h, " <span class=\"faint\">");
	html_words(h, NULL, NULL, word(WORD_PART_ALERTS));
	html_raw(h, ": ");
	report_levels(h, alerts);
	html_raw(h, "</span></summary>\n<div class=\"inside\"><dl class=\"facts small\">\n");
	term(h, WORD_SPAN);
	report_time(h, r, first_ns);
	html_raw(h, " \xe2\x80\x93 ");
	report_time(h, r, last_ns);
	html_raw(h, "</dd>\n");
}

static void close_inside(struct html *h, const struct report *r, bool (*fits)(const struct gather_alert *a, const void *by), const void *by)
{
	html_raw(h, "</dl>\n");
	report_alert_links(h, r, fits, by);
	html_raw(h, "</div></details>\n");
}

/* Of the logons, those of a host or account, and how one is told there. */
struct side {
	enum word title;
	bool (*is_of)(const struct gather_touch *t, const void *whose);
	void (*put)(struct html *h, const struct report *r, const struct gather_touch *t);
};

static void put_touches(struct html *h, const struct report *r, const struct side *side, const void *whose)
{
	size_t n = 0;

	for (size_t i = 0; i < r->all->n_touches; i++) {
		const struct gather_touch *t = r->all->touches[i];
		if (!side->is_of(t, whose) || n++ >= TOUCHES_MAX)
			continue;
		if (n == 1)
			term(h, side->title);
		html_raw(h, n > 1 ? "; " : "");
		side->put(h, r, t);
	}
	if (n > TOUCHES_MAX)
		fprintf(h->to, "; +%zu", n - TOUCHES_MAX);
	html_raw(h, n ? "</dd>\n" : "");
}

/* ---- hosts ---- */

static bool is_from(const struct gather_touch *t, const void *whose) { return address_equal(&t->source, whose); }
static bool is_to(const struct gather_touch *t, const void *whose) { return address_equal(&t->destination, whose); }

static void put_outward(struct html *h, const struct report *r, const struct gather_touch *t)
{
	report_account(h, r, t->account);
	html_raw(h, " \xe2\x86\x92 ");
	report_host(h, r, &t->destination);
}

static void put_inward(struct html *h, const struct report *r, const struct gather_touch *t)
{
	report_account(h, r, t->account);
	html_raw(h, " \xe2\x86\x90 ");
	report_host(h, r, &t->source);
}

static bool alert_of_host(const struct gather_alert *a, const void *by)
{
	const struct address *from = record_ip(a->record, FIELD_SOURCE_IP), *to = record_ip(a->record, FIELD_DESTINATION_IP);

	return (from && address_equal(from, by)) || (to && address_equal(to, by));
}

static void put_host(struct html *h, const struct report *r, const struct gather_host *host)
{
	static const struct side outward = { WORD_ACCOUNTS_USED, is_from, put_outward }, inward = { WORD_ACCOUNTS_HERE, is_to, put_inward };
	char text[ADDRESS_TEXT];

	address_format(&host->address, text);
	fprintf(h->to, "<details class=\"entry\" id=\"host-%s\"><summary><strong class=\"code\">%s</strong> ", text, text);
	put_faint(h, host->name);
	put_faint(h, host->zone);
	put_faint(h, host->role);
	open_inside(h, r, host->alerts, host->first_ns, host->last_ns);
	term(h, WORD_OUTWARD);
	report_reach(h, host->out);
	html_raw(h, "</dd>\n");
	term(h, WORD_INWARD);
	report_reach(h, host->in);
	html_raw(h, "</dd>\n");
	term(h, WORD_BYTES);
	html_number(h, host->sent);
	html_raw(h, " / ");
	html_number(h, host->received);
	html_raw(h, "</dd>\n");
	term(h, WORD_AS_TARGET);
	report_levels(h, host->aimed_at);
	html_raw(h, "</dd>\n");
	put_touches(h, r, &outward, &host->address);
	put_touches(h, r, &inward, &host->address);
	close_inside(h, r, alert_of_host, &host->address);
}

void report_hosts(struct html *h, const struct report *r)
{
	size_t n = r->all->n_hosts < REPORT_HOSTS ? r->all->n_hosts : REPORT_HOSTS;

	report_section(h, "hosts", WORD_PART_HOSTS);
	html_words(h, "p", "faint small", word(WORD_HOSTS_NOTE));
	for (size_t i = 0; i < n; i++)
		put_host(h, r, r->all->hosts[i]);
	report_cut(h, r->all->n_hosts - n, WORD_CUT_MORE);
	report_cut(h, r->all->left_out, WORD_LEFT_OUT);
	html_raw(h, "</section>\n");
}

/* ---- accounts ---- */

static bool is_by(const struct gather_touch *t, const void *whose) { return strcmp(t->account, whose) == 0; }

static void put_way(struct html *h, const struct report *r, const struct gather_touch *t)
{
	report_host(h, r, &t->source);
	html_raw(h, " \xe2\x86\x92 ");
	report_host(h, r, &t->destination);
	put_faint(h, t->how);
}

static bool alert_of_account(const struct gather_alert *a, const void *by)
{
	char name[LEDGER_NAME];

	return record_has(a->record, FIELD_USER_NAME) && strcmp(ledger_account(record_text(a->record, FIELD_USER_NAME), name), by) == 0;
}

static void put_logons(struct html *h, const struct gather_account *a)
{
	static const enum word names[] = { WORD_SUCCESSES, WORD_FAILURES, WORD_UNKNOWN };
	const uint64_t counts[] = { a->successes, a->failures, a->unknown };

	term(h, WORD_LOGONS);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		html_raw(h, i ? ", " : "");
		html_words(h, NULL, NULL, word(names[i]));
		html_raw(h, " ");
		html_number(h, counts[i]);
	}
	html_raw(h, "</dd>\n");
}

static void put_account(struct html *h, const struct report *r, size_t i)
{
	static const struct side ways = { WORD_USED_FROM, is_by, put_way };
	const struct gather_account *a = r->all->accounts[i];

	fprintf(h->to, "<details class=\"entry\" id=\"account-%zu\"><summary>", i);
	html_wire(h, "strong", "code", bytes_string(a->name));
	put_faint(h, a->domain);
	put_faint(h, a->class);
	open_inside(h, r, a->alerts, a->first_ns, a->last_ns);
	put_logons(h, a);
	put_touches(h, r, &ways, a->name);
	close_inside(h, r, alert_of_account, a->name);
}

void report_accounts(struct html *h, const struct report *r)
{
	size_t n = r->all->n_accounts < REPORT_ACCOUNTS ? r->all->n_accounts : REPORT_ACCOUNTS;

	report_section(h, "accounts", WORD_PART_ACCOUNTS);
	html_words(h, "p", "faint small", word(n ? WORD_ACCOUNTS_NOTE : WORD_GRAPH_NONE));
	for (size_t i = 0; i < n; i++)
		put_account(h, r, i);
	report_cut(h, r->all->n_accounts - n, WORD_CUT_MORE);
	html_raw(h, "</section>\n");
}
