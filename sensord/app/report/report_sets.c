/* SPDX-License-Identifier: BSD-2-Clause
 * The six measure sets at a glance: state, what was seen, what risk is left, what to do. "No alert" is said to be no
 * proof, and a set of whose traffic nothing was seen is not judged (MEASURES 16: absence of alerts is never proof). */
#include <string.h>

#include "base/attributes.h"
#include "report.h"
#include "report_words.h"

#define RESPONSES_MAX 3 /* first responses named for a set */

enum state { STATE_BAD, STATE_WARN, STATE_DENIED, STATE_QUIET, STATE_UNKNOWN };

#define FACTS_MAX 3

static const struct set {
	enum word name, risk;
	struct {
		enum fact fact;
		enum word word; /* WORD_COUNT ends them */
	} facts[FACTS_MAX + 1];
} sets[] = {
	{ WORD_SET_A, WORD_RISK_A,
	  { { FACT_DIRECT_OPEN, WORD_FACT_DIRECT_OPEN }, { FACT_DIRECT_STOPPED, WORD_FACT_DIRECT_STOPPED }, { 0, WORD_COUNT } } },
	{ WORD_SET_B, WORD_RISK_B,
	  { { FACT_PROXY_REQUESTS, WORD_FACT_PROXY_REQUESTS }, { FACT_PROXY_KNOWN, WORD_FACT_PROXY_KNOWN },
	    { FACT_PROXY_ASKED, WORD_FACT_PROXY_ASKED }, { 0, WORD_COUNT } } },
	{ WORD_SET_C, WORD_RISK_C, { { FACT_TUNNELS, WORD_FACT_TUNNELS }, { 0, WORD_COUNT } } },
	{ WORD_SET_D, WORD_RISK_D,
	  { { FACT_ADMIN_SESSIONS, WORD_FACT_ADMIN_SESSIONS }, { FACT_DENIED_OPEN, WORD_FACT_DENIED_OPEN },
	    { FACT_DENIED_STOPPED, WORD_FACT_DENIED_STOPPED }, { 0, WORD_COUNT } } },
	{ WORD_SET_E, WORD_RISK_E, { { FACT_SMB, WORD_FACT_SMB }, { FACT_SMB_TERMINALS, WORD_FACT_SMB_TERMINALS }, { 0, WORD_COUNT } } },
	{ WORD_SET_F, WORD_RISK_F, { { FACT_LOGONS, WORD_FACT_LOGONS }, { FACT_ADMIN_LOGONS, WORD_FACT_ADMIN_LOGONS }, { 0, WORD_COUNT } } },
};

/* risk: WORD_COUNT where each set has its own. todo: WORD_COUNT where the alerts say it. */
static const struct {
	const char *class;
	enum word word, risk, todo;
} states[] = {
	[STATE_BAD] = { "bad", WORD_STATE_BAD, WORD_COUNT, WORD_COUNT },
	[STATE_WARN] = { "warn", WORD_STATE_WARN, WORD_RISK_WARN, WORD_COUNT },
	[STATE_DENIED] = { "warn", WORD_STATE_WARN, WORD_RISK_DENIED, WORD_TODO_DENIED },
	[STATE_QUIET] = { "good", WORD_STATE_QUIET, WORD_RISK_QUIET, WORD_TODO_QUIET },
	[STATE_UNKNOWN] = { "unknown", WORD_STATE_UNKNOWN, WORD_RISK_UNKNOWN, WORD_TODO_UNKNOWN },
};

static enum state state_of(const struct gathered *all, size_t set)
{
	const uint64_t *n = all->by_set[set];
	bool seen = false;

	if (n[LEVEL_HIGH] || n[LEVEL_CRITICAL])
		return STATE_BAD;
	if (n[LEVEL_LOW] || n[LEVEL_MEDIUM])
		return STATE_WARN;
	for (size_t i = 0; sets[set].facts[i].word != WORD_COUNT; i++) {
		if (sets[set].facts[i].fact == FACT_DENIED_OPEN && all->fact[FACT_DENIED_OPEN])
			return STATE_DENIED;
		seen = seen || all->fact[sets[set].facts[i].fact];
	}
	return seen ? STATE_QUIET : STATE_UNKNOWN;
}

static void put_facts(struct html *h, const struct gathered *all, const struct set *set)
{
	uint64_t sum = 0;

	for (size_t i = 0; set->facts[i].word != WORD_COUNT; i++)
		sum += all->fact[set->facts[i].fact];
	html_raw(h, "<p class=\"small\">");
	if (sum == 0)
		html_words(h, NULL, NULL, word(WORD_SEEN_NOTHING));
	for (size_t i = 0; sum && set->facts[i].word != WORD_COUNT; i++) {
		html_raw(h, i ? "; <strong>" : "<strong>");
		html_number(h, all->fact[set->facts[i].fact]);
		html_raw(h, "</strong> ");
		html_words(h, NULL, NULL, word(set->facts[i].word));
	}
	html_raw(h, "</p>\n");
}

/* Of the alerts of a set and level, the rules whose first response was not named yet. */
static size_t put_responses_of(struct html *h, const struct gathered *all, size_t set, enum level level, struct bytes *named, size_t n)
{
	for (size_t i = 0; i < all->n_alerts && n < RESPONSES_MAX; i++) {
		const struct gather_alert *a = &all->alerts[i];
		struct bytes rule = record_text(a->record, FIELD_RULE_ID);
		bool known = a->set != set || a->level != level || !record_has(a->record, FIELD_ALERT_RESPONSE);
		for (size_t j = 0; j < n && !known; j++)
			known = bytes_equal(named[j], rule);
		if (known)
			continue;
		named[n++] = rule;
		html_raw(h, "<li>");
		html_text(h, rule);
		html_raw(h, ": ");
		html_words_wire(h, record_text(a->record, FIELD_ALERT_RESPONSE), record_text(a->record, FIELD_ALERT_RESPONSE_JA));
		html_raw(h, "</li>\n");
	}
	return n;
}

static void put_todo(struct html *h, const struct gathered *all, size_t set, enum state state)
{
	struct bytes named[RESPONSES_MAX];
	size_t n = 0;

	if (states[state].todo != WORD_COUNT) {
		html_words(h, "p", "small", word(states[state].todo));
		return;
	}
	html_raw(h, "<ul class=\"small\">\n");
	for (int l = LEVEL_CRITICAL; l >= LEVEL_LOW; l--)
		n = put_responses_of(h, all, set, (enum level)l, named, n);
	html_raw(h, "</ul>\n");
}

static void put_set(struct html *h, const struct gathered *all, size_t i)
{
	enum state state = state_of(all, i);
	char class[24];
	uint32_t alerts[GATHER_LEVELS];

	for (size_t l = 0; l < GATHER_LEVELS; l++)
		alerts[l] = (uint32_t)all->by_set[i][l];
	fprintf(h->to, "<article class=\"set %s\">\n<header><span class=\"letter\">%c</span>", states[state].class, (char)('A' + i));
	html_words(h, "h3", NULL, word(sets[i].name));
	snprintf(class, sizeof(class), "state %s", states[state].class);
	html_raw(h, "<span class=\"count\">");
	html_words(h, "span", class, word(states[state].word));
	html_raw(h, "</span></header>\n<p class=\"small\">");
	html_words(h, NULL, NULL, word(WORD_PART_ALERTS));
	html_raw(h, ": ");
	report_levels(h, alerts);
	html_raw(h, "</p>\n");
	html_words(h, "h4", NULL, word(WORD_SEEN));
	put_facts(h, all, &sets[i]);
	html_words(h, "h4", NULL, word(WORD_RISK));
	html_words(h, "p", "small", word(states[state].risk == WORD_COUNT ? sets[i].risk : states[state].risk));
	html_words(h, "h4", NULL, word(WORD_TODO));
	put_todo(h, all, i, state);
	html_raw(h, "</article>\n");
}

void report_sets(struct html *h, const struct report *r)
{
	report_section(h, "sets", WORD_PART_SETS);
	html_raw(h, "<div class=\"sets\">\n");
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
		put_set(h, r->all, i);
	html_raw(h, "</div>\n");
	html_words(h, "p", "faint small", word(WORD_DISCLAIMER));
	html_raw(h, "</section>\n");
}
