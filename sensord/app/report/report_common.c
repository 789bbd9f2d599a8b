/* SPDX-License-Identifier: BSD-2-Clause
 * What the parts of the report share: times, levels, links. */
#include <string.h>

#include "base/instant.h"
#include "report.h"
#include "report_words.h"
#include "replay/when.h"

void report_time(struct html *h, const struct report *r, uint64_t time_ns)
{
	char exact[INSTANT_TEXT], local[WHEN_TEXT];

	when_format(r->site, time_ns, local);
	local[10] = ' ';
	local[19] = '\0'; /* the offset stands in the head of the page */
	html_raw(h, "<time");
	html_attribute(h, "datetime", bytes_string(instant_format(time_ns, exact)));
	html_raw(h, ">");
	html_string(h, local);
	html_raw(h, "</time>");
}

static enum word level_word(enum level level)
{
	return (enum word)(WORD_LEVEL_INFORMATIONAL + (int)level);
}

void report_level(struct html *h, enum level level)
{
	char class[32];

	snprintf(class, sizeof(class), "level %s", level_name(level));
	html_words(h, "span", class, word(level_word(level)));
}

void report_levels(struct html *h, const uint32_t alerts[GATHER_LEVELS])
{
	bool any = false;

	for (int l = LEVEL_CRITICAL; l >= LEVEL_INFORMATIONAL; l--) {
		if (!alerts[l])
			continue;
		html_raw(h, any ? ", " : "");
		html_number(h, alerts[l]);
		html_raw(h, " ");
		html_words(h, "span", level_name((enum level)l), word(level_word((enum level)l)));
		any = true;
	}
	if (!any)
		html_words(h, NULL, NULL, word(WORD_NONE));
}

bool report_has_host(const struct report *r, const struct address *a)
{
	for (size_t i = 0; i < r->all->n_hosts && i < REPORT_HOSTS; i++)
		if (address_equal(&r->all->hosts[i]->address, a))
			return true;
	return false;
}

size_t report_account_place(const struct report *r, const char *name)
{
	for (size_t i = 0; i < r->all->n_accounts && i < REPORT_ACCOUNTS; i++)
		if (strcmp(r->all->accounts[i]->name, name) == 0)
			return i;
	return REPORT_ACCOUNTS;
}

void report_host(struct html *h, const struct report *r, const struct address *a)
{
	char text[ADDRESS_TEXT];

	address_format(a, text);
	if (report_has_host(r, a))
		fprintf(h->to, "<a class=\"code\" href=\"#host-%s\">%s</a>", text, text);
	else
		html_element(h, "span", "code", text);
}

void report_account(struct html *h, const struct report *r, const char *name)
{
	size_t i = report_account_place(r, name);

	if (i < REPORT_ACCOUNTS)
		fprintf(h->to, "<a href=\"#account-%zu\">", i);
	html_wire(h, "span", "code", bytes_string(name));
	html_raw(h, i < REPORT_ACCOUNTS ? "</a>" : "");
}

void report_alert_links(struct html *h, const struct report *r, bool (*fits)(const struct gather_alert *a, const void *by),
			const void *by)
{
	bool any = false;

	for (size_t i = 0; i < r->n_alerts; i++) {
		if (!fits(r->alerts[i], by))
			continue;
		fprintf(h->to, "%s<li>", any ? "" : "<ul class=\"plain\">");
		report_time(h, r, r->alerts[i]->first_ns);
		html_raw(h, " ");
		report_level(h, r->alerts[i]->level);
		fprintf(h->to, " <a href=\"#alert-%zu\">", i);
		html_text(h, record_text(r->alerts[i]->record, FIELD_RULE_ID));
		html_raw(h, "</a> ");
		html_words_wire(h, record_text(r->alerts[i]->record, FIELD_MESSAGE), record_text(r->alerts[i]->record, FIELD_MESSAGE_JA));
		html_raw(h, "</li>\n");
		any = true;
	}
	html_raw(h, any ? "</ul>" : "");
}

void report_cut(struct html *h, uint64_t n, int what)
{
	if (n == 0)
		return;
	html_raw(h, "<p class=\"cut\">");
	html_number(h, n);
	html_raw(h, " ");
	html_words(h, NULL, NULL, word((enum word)what));
	html_raw(h, "</p>\n");
}

void report_section(struct html *h, const char *id, int title)
{
	fprintf(h->to, "<section id=\"%s\" aria-labelledby=\"%s-title\">\n<h2 id=\"%s-title\">", id, id, id);
	html_words(h, NULL, NULL, word((enum word)title));
	html_raw(h, "</h2>\n");
}

void report_reach(struct html *h, const uint64_t flows[REACH_COUNT])
{
	static const enum word names[] = { [REACH_OPEN] = WORD_OPEN, [REACH_STOPPED] = WORD_STOPPED,
					   [REACH_UNANSWERED] = WORD_UNANSWERED, [REACH_MIDSTREAM] = WORD_MIDSTREAM };
	bool any = false;

	for (size_t i = 0; i < REACH_COUNT; i++) {
		if (!flows[i])
			continue;
		html_raw(h, any ? ", " : "");
		html_number(h, flows[i]);
		html_raw(h, " ");
		html_words(h, NULL, NULL, word(names[i]));
		any = true;
	}
	if (!any)
		html_words(h, NULL, NULL, word(WORD_NONE));
}
