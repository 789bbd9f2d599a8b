/* SPDX-License-Identifier: BSD-2-Clause
 * From a match to an alert (DESIGN section 6): grouping by rule and group fields, suppression with a count, one closing
 * alert with the total, a sentence in English and Japanese, evidence, related accounts and addresses. */
#ifndef DETECT_ALERT_H
#define DETECT_ALERT_H

#include "base/hash.h"
#include "detect/rule.h"
#include "site/site.h"

struct alerts;

struct alerts_settings {
	const struct site *site;
	const char *catalogue;          /* YAML: rule name -> title_ja, response, response_ja, message, message_ja; NULL: none */
	size_t max_open;                /* groups under suppression at once; the oldest is closed early beyond that */
	struct hash_key key;
	uint64_t per_minute;            /* lines of one rule and level told in a minute; more are folded into one; 0: no ceiling */
};

/* write: receives alert records, valid during the call. Rules (rule_about) outlive the alerts, or are replaced by
 * alerts_adopt before they go. */
struct alerts *alerts_new(const struct alerts_settings *s, void (*write)(void *context, const struct record *alert),
			  void *context, struct error *err);
void alerts_free(struct alerts *a);

/* Site, catalogue and rules are replaced: prepare does all that may fail (and touches no alerts), adopt the rest. Open
 * groups stay under suppression where a rule of the same name is still there, whatever its text now says; those of
 * rules that are gone or switched off are closed, with their closing line. */
struct alerts_change;
struct alerts_change *alerts_prepare(const struct site *site, const char *catalogue, uint64_t per_minute, struct error *err);
void alerts_change_free(struct alerts_change *c);
/* Takes c. rules: the new ones. Nothing of the old site, catalogue and rules is looked at afterwards. */
void alerts_adopt(struct alerts *a, struct alerts_change *c, const struct rules *rules);
/* Tells ("open"), counts, or tells again ("raised") what has a higher level or succeeds at last. Closes first what is due
 * at the record's time. */
void alerts_match(struct alerts *a, const struct match *m);
/* Packet clock: groups that nothing has matched for their rule's suppression time, or that are a day old, are closed. */
void alerts_tick(struct alerts *a, uint64_t now_ns);
/* Closes everything, by time of opening. */
void alerts_finish(struct alerts *a, uint64_t now_ns);

/* by_level: each alert once, at the highest level it reached. folded: lines; what they would have told is counted in the others. */
struct alerts_counts { uint64_t opened, suppressed, excepted, folded, by_level[LEVEL_CRITICAL + 1], by_measure[6]; };
const struct alerts_counts *alerts_counts(const struct alerts *a);
/* Open groups, and about how many bytes they take. */
void alerts_held(const struct alerts *a, size_t *ret_groups, size_t *ret_bytes);
size_t alerts_exceptions_hit(const struct alerts *a, size_t index); /* matches that site exception silenced */

#endif
