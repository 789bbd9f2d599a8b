/* SPDX-License-Identifier: BSD-2-Clause
 * The alerts: a row each, and inside of it the evidence, what the wire showed, and the first response. What is only
 * informational stands in a table of its own, folded. */
#include <string.h>

#include "base/attributes.h"
#include "report.h"
#include "report_words.h"

#define PACKETS_MAX 16 /* packets named in the display filter */

/* Fields of an alert that have a place of their own, or say nothing to a person here. */
static bool has_own_place(enum field f)
{
	static const enum field placed[] = {
		FIELD_SOURCE_IP, FIELD_SOURCE_PORT, FIELD_SOURCE_ZONE, FIELD_SOURCE_ROLE, FIELD_SOURCE_DOMAIN, FIELD_DESTINATION_IP,
		FIELD_DESTINATION_PORT, FIELD_DESTINATION_ZONE, FIELD_DESTINATION_ROLE, FIELD_DESTINATION_DOMAIN, FIELD_USER_NAME,
		FIELD_USER_DOMAIN, FIELD_USER_CLASS, FIELD_MESSAGE, FIELD_MESSAGE_JA, FIELD_RELATED_IP, FIELD_RELATED_USER,
		FIELD_OBSERVER_NAME, FIELD_SENSOR_CAPTURE_FILE, FIELD_SENSOR_PACKET, FIELD_EVENT_SEVERITY, FIELD_EVENT_START,
		FIELD_NETWORK_TYPE, FIELD_THREAT_TECHNIQUE_ID, FIELD_SITE_PROXY_KNOWN,
	};
	for (size_t i = 0; i < ARRAY_SIZE(placed); i++)
		if (placed[i] == f)
			return true;
	return strncmp(fields[f].name, "alert.", 6) == 0 || strncmp(fields[f].name, "rule.", 5) == 0 ||
	       strncmp(fields[f].name, "ipa.", 4) == 0;
}

static void term(struct html *h, enum word w)
{
	html_words(h, "dt", NULL, word(w));
	html_raw(h, "<dd>");
}

static void put_end(struct html *h, const struct report *r, const struct record *a, enum word name, enum field ip, enum field port,
		    enum field domain, enum field zone, enum field role)
{
	if (!record_ip(a, ip))
		return;
	term(h, name);
	report_host(h, r, record_ip(a, ip));
	if (record_has(a, port))
		fprintf(h->to, " <span class=\"code\">:%u</span>", (unsigned)record_uint(a, port));
	for (size_t i = 0; i < 3; i++) {
		struct bytes text = record_text(a, i == 0 ? domain : i == 1 ? zone : role);
		if (text.size == 0)
			continue;
		html_raw(h, " \xc2\xb7 ");
		html_wire(h, "span", i ? "faint" : NULL, text);
	}
	html_raw(h, "</dd>\n");
}

static void put_account(struct html *h, const struct report *r, const struct record *a)
{
	char name[LEDGER_NAME];

	if (record_text(a, FIELD_USER_NAME).size == 0)
		return;
	term(h, WORD_ACCOUNT);
	report_account(h, r, ledger_account(record_text(a, FIELD_USER_NAME), name));
	for (size_t i = 0; i < 2; i++) {
		struct bytes text = record_text(a, i ? FIELD_USER_CLASS : FIELD_USER_DOMAIN);
		if (text.size == 0)
			continue;
		html_raw(h, " \xc2\xb7 ");
		html_wire(h, "span", "faint", text);
	}
	html_raw(h, "</dd>\n");
}

/* "ID FILE#PACKET": id and place of a record behind the alert. */
static void put_evidence(struct html *h, const struct record *a)
{
	uint64_t packets[PACKETS_MAX], packet;
	size_t n = 0;

	if (!record_has(a, FIELD_ALERT_EVIDENCE))
		return;
	term(h, WORD_EVIDENCE);
	html_raw(h, "<ul class=\"plain\">");
	for (const struct value *v = record_get(a, FIELD_ALERT_EVIDENCE); v; v = record_next(a, v)) {
		struct bytes text = value_text(a, v), rest = text;
		html_wire(h, "li", "code", text);
		while (bytes_find(rest, bytes_string("#")) != SIZE_MAX)
			bytes_split(&rest, '#');
		if (n < PACKETS_MAX && rest.size < text.size && bytes_decimal(rest, UINT64_MAX, &packet))
			packets[n++] = packet;
	}
	html_raw(h, "</ul></dd>\n");
	if (n == 0)
		return;
	term(h, WORD_EVIDENCE_FILTER);
	html_raw(h, "<code>frame.number in {");
	for (size_t i = 0; i < n; i++)
		fprintf(h->to, "%s%llu", i ? ", " : "", (unsigned long long)packets[i]);
	html_raw(h, "}</code></dd>\n");
}

static void put_list(struct html *h, const struct record *a, enum word name, enum field f)
{
	char room[64];

	if (!record_has(a, f))
		return;
	term(h, name);
	for (const struct value *v = record_get(a, f); v; v = record_next(a, v)) {
		html_wire(h, "span", "code", record_show(a, f, v, room, sizeof(room)));
		html_raw(h, v->next ? ", " : "");
	}
	html_raw(h, "</dd>\n");
}

static void put_more(struct html *h, const struct record *a)
{
	char room[64];

	html_words(h, "h4", NULL, word(WORD_MORE_FIELDS));
	html_raw(h, "<dl class=\"facts small\">\n");
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		if (!record_has(a, f) || has_own_place(f))
			continue;
		html_element(h, "dt", "code", fields[f].name);
		html_raw(h, "<dd>");
		for (const struct value *v = record_get(a, f); v; v = record_next(a, v)) {
			html_wire(h, "span", "code", record_show(a, f, v, room, sizeof(room)));
			html_raw(h, v->next ? ", " : "");
		}
		html_raw(h, "</dd>\n");
	}
	html_raw(h, "</dl>\n");
}

static void put_inside(struct html *h, const struct report *r, const struct gather_alert *g)
{
	const struct record *a = g->record;

	html_raw(h, "<div class=\"inside\">\n");
	html_words(h, "h4", NULL, word(WORD_RESPONSE));
	html_raw(h, "<p>");
	html_words_wire(h, record_text(a, FIELD_ALERT_RESPONSE), record_text(a, FIELD_ALERT_RESPONSE_JA));
	html_raw(h, "</p>\n");
	html_words(h, "h4", NULL, word(WORD_WHY));
	html_raw(h, "<p class=\"small\">");
	html_text(h, record_text(a, FIELD_RULE_DESCRIPTION));
	html_raw(h, "</p>\n<dl class=\"facts small\">\n");
	put_end(h, r, a, WORD_FROM, FIELD_SOURCE_IP, FIELD_SOURCE_PORT, FIELD_SOURCE_DOMAIN, FIELD_SOURCE_ZONE, FIELD_SOURCE_ROLE);
	put_end(h, r, a, WORD_TO, FIELD_DESTINATION_IP, FIELD_DESTINATION_PORT, FIELD_DESTINATION_DOMAIN, FIELD_DESTINATION_ZONE,
		FIELD_DESTINATION_ROLE);
	put_account(h, r, a);
	term(h, WORD_SPAN);
	report_time(h, r, g->first_ns);
	html_raw(h, " \xe2\x80\x93 ");
	report_time(h, r, g->last_ns);
	html_raw(h, "</dd>\n");
	put_evidence(h, a);
	put_list(h, a, WORD_VISIBILITY, FIELD_ALERT_VISIBILITY);
	put_list(h, a, WORD_RELATED_USERS, FIELD_RELATED_USER);
	put_list(h, a, WORD_RELATED_HOSTS, FIELD_RELATED_IP);
	put_list(h, a, WORD_TECHNIQUES, FIELD_THREAT_TECHNIQUE_ID);
	put_list(h, a, WORD_BASIS, FIELD_IPA_BASIS);
	html_raw(h, "</dl>\n");
	put_more(h, a);
	html_raw(h, "</div>\n");
}

static void put_row(struct html *h, const struct report *r, size_t i)
{
	const struct gather_alert *g = r->alerts[i];
	static const char letters[] = "ABCDEFx";

	fprintf(h->to, "<tr id=\"alert-%zu\" data-level=\"%d\" data-set=\"%c\"><td class=\"time\">", i, (int)g->level, letters[g->set]);
	report_time(h, r, g->first_ns);
	html_raw(h, "</td><td>");
	report_level(h, g->level);
	html_raw(h, "</td>");
	html_wire(h, "td", "code rule", record_text(g->record, FIELD_RULE_ID));
	html_raw(h, "<td><details><summary>");
	html_words_wire(h, record_text(g->record, FIELD_MESSAGE), record_text(g->record, FIELD_MESSAGE_JA));
	html_raw(h, "</summary>\n");
	put_inside(h, r, g);
	html_raw(h, "</details></td><td class=\"number\">");
	html_number(h, g->count);
	html_raw(h, "</td></tr>\n");
}

static void put_table(struct html *h, const struct report *r, bool informational)
{
	static const enum word heads[] = { WORD_TIME, WORD_LEVEL, WORD_RULE, WORD_WHAT, WORD_TIMES };

	html_raw(h, "<table>\n");
	html_words(h, "caption", NULL, word(informational ? WORD_INFORMATIONAL_CAPTION : WORD_ALERTS_CAPTION));
	html_raw(h, "<thead><tr>");
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		html_raw(h, "<th scope=\"col\">");
		html_words(h, NULL, NULL, word(heads[i]));
		html_raw(h, "</th>");
	}
	fprintf(h->to, "</tr></thead>\n<tbody%s>\n", informational ? "" : " id=\"alert-rows\"");
	for (size_t i = 0; i < r->n_alerts; i++)
		if ((r->alerts[i]->level == LEVEL_INFORMATIONAL) == informational)
			put_row(h, r, i);
	html_raw(h, "</tbody>\n</table>\n");
}

/* Works with script only; without it the form is not shown. Words in options cannot be switched: both stand in them. */
static void put_filters(struct html *h)
{
	static const char letters[] = "ABCDEF";

	html_raw(h, "<form id=\"filters\" class=\"filters\"><label>");
	html_words(h, NULL, NULL, word(WORD_FILTER_LEAST));
	html_raw(h, "<select name=\"level\">");
	for (int l = LEVEL_LOW; l <= LEVEL_CRITICAL; l++) {
		struct words w = word((enum word)(WORD_LEVEL_INFORMATIONAL + l));
		fprintf(h->to, "<option value=\"%d\">%s / %s</option>", l, w.en, w.ja);
	}
	html_raw(h, "</select></label><label>");
	html_words(h, NULL, NULL, word(WORD_SET));
	html_raw(h, "<select name=\"set\"><option value=\"\">A\xe2\x80\x93" "F</option>");
	for (size_t i = 0; letters[i]; i++)
		fprintf(h->to, "<option>%c</option>", letters[i]);
	html_raw(h, "</select></label><label>");
	html_words(h, NULL, NULL, word(WORD_FILTER_WORDS));
	html_raw(h, "<input name=\"words\" type=\"search\"></label><output name=\"shown\" aria-live=\"polite\"></output></form>\n");
}

void report_alerts(struct html *h, const struct report *r)
{
	size_t informational = 0;

	report_section(h, "alerts", WORD_PART_ALERTS);
	for (size_t i = 0; i < r->n_alerts; i++)
		informational += r->alerts[i]->level == LEVEL_INFORMATIONAL;
	if (informational < r->n_alerts) {
		put_filters(h);
		put_table(h, r, false);
	} else {
		html_words(h, "p", NULL, word(WORD_NO_ALERTS));
	}
	if (informational) {
		html_raw(h, "<details><summary>");
		html_words(h, NULL, NULL, word(WORD_LEVEL_INFORMATIONAL));
		fprintf(h->to, " (%zu)</summary>\n", informational);
		put_table(h, r, true);
		html_raw(h, "</details>\n");
	}
	report_cut(h, r->all->n_alerts - r->n_alerts + r->all->left_out_alerts, WORD_CUT_ALERTS);
	html_raw(h, "</section>\n");
}
