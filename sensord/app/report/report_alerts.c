/* SPDX-License-Identifier: BSD-2-Clause
 * The alerts: a row each, and inside of it the evidence, what the wire showed, and the first response. What is only
 * informational stands in a table of its own, folded. */
#include <string.h>

#include "base/attributes.h"
#include "base/instant.h"
#include "report.h"
#include "report_words.h"

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

/* "ID FILE#PACKET", or "ID" alone: a record behind the alert. */
struct evidence {
	struct bytes id, file, packet;
};

static struct evidence evidence_of(struct bytes text)
{
	struct evidence e = { .id = bytes_split(&text, ' ') };
	size_t mark = text.size;

	while (mark > 0 && text.at[mark - 1] != '#') /* the last one: a file name may hold any */
		mark--;
	if (mark > 0) {
		e.file = bytes_of(text.at, mark - 1);
		e.packet = bytes_of(text.at + mark, text.size - mark);
	}
	return e;
}

/* A file once, with what to type into a packet viewer to see all of its packets. */
static void put_packets(struct html *h, const struct record *a, const struct value *first)
{
	struct bytes file = evidence_of(value_text(a, first)).file;
	uint64_t number;
	bool any = false;

	for (const struct value *v = record_get(a, FIELD_ALERT_EVIDENCE); v != first; v = record_next(a, v))
		if (bytes_equal(evidence_of(value_text(a, v)).file, file))
			return;
	if (file.size == 0)
		return;
	html_raw(h, "<li>");
	html_wire(h, "span", "code", file);
	html_raw(h, " <code>frame.number in {");
	for (const struct value *v = first; v; v = record_next(a, v)) {
		struct evidence e = evidence_of(value_text(a, v));
		if (!bytes_equal(e.file, file) || !bytes_decimal(e.packet, UINT64_MAX, &number))
			continue;
		fprintf(h->to, "%s%llu", any ? ", " : "", (unsigned long long)number);
		any = true;
	}
	html_raw(h, "}</code></li>\n");
}

static void put_evidence(struct html *h, const struct record *a)
{
	if (!record_has(a, FIELD_ALERT_EVIDENCE))
		return;
	term(h, WORD_EVIDENCE);
	html_raw(h, "<ul class=\"plain\">\n");
	for (const struct value *v = record_get(a, FIELD_ALERT_EVIDENCE); v; v = record_next(a, v))
		put_packets(h, a, v);
	html_raw(h, "</ul></dd>\n");
	term(h, WORD_RECORDS);
	for (const struct value *v = record_get(a, FIELD_ALERT_EVIDENCE); v; v = record_next(a, v)) {
		html_wire(h, "span", "code", evidence_of(value_text(a, v)).id);
		html_raw(h, v->next ? " " : "");
	}
	html_raw(h, "</dd>\n");
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

static void put_value(struct html *h, const struct record *a, enum field f, const struct value *v)
{
	char room[64];

	if (f != FIELD_EVENT_DURATION) {
		html_wire(h, "span", "code", record_show(a, f, v, room, sizeof(room)));
		return;
	}
	snprintf(room, sizeof(room), "%.3f s", (double)v->uint / (double)NS_PER_S);
	html_element(h, "span", "code", room);
}

static void put_more(struct html *h, const struct record *a)
{
	html_words(h, "h4", NULL, word(WORD_MORE_FIELDS));
	html_raw(h, "<dl class=\"fields small\">\n");
	for (enum field f = 0; f < FIELD_COUNT; f++) {
		if (!record_has(a, f) || has_own_place(f))
			continue;
		html_raw(h, "<div>");
		html_element(h, "dt", "code", fields[f].name);
		html_raw(h, "<dd>");
		for (const struct value *v = record_get(a, f); v; v = record_next(a, v)) {
			put_value(h, a, f, v);
			html_raw(h, v->next ? ", " : "");
		}
		html_raw(h, "</dd></div>\n");
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
	html_words_wire(h, record_text(a, FIELD_RULE_DESCRIPTION), record_text(a, FIELD_RULE_DESCRIPTION_JA));
	html_raw(h, "</p>\n<dl class=\"facts small\">\n");
	term(h, WORD_RULE);
	html_text(h, record_text(a, FIELD_RULE_ID));
	html_raw(h, " ");
	html_words_wire(h, record_text(a, FIELD_RULE_NAME), record_text(a, FIELD_RULE_NAME_JA));
	html_raw(h, "</dd>\n");
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

	html_raw(h, "<table class=\"alerts\">\n");
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
