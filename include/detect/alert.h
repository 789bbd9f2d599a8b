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
	const char *catalogue;          /* YAML: rule name -> title_ja, description_ja, response, response_ja, message, message_ja */
	size_t max_open;                /* groups under suppression at once; the oldest is closed early beyond that */
	struct hash_key key;
};

/* write: receives alert records, valid during the call. */
struct alerts *alerts_new(const struct alerts_settings *s, void (*write)(void *context, const struct record *alert),
			  void *context, struct error *err);
void alerts_free(struct alerts *a);
/* Accounts lately seen at an address, for related.user: called by the identity tracker's owner. */
void alerts_match(struct alerts *a, const struct match *m);
void alerts_tick(struct alerts *a, uint64_t now_ns);
void alerts_finish(struct alerts *a, uint64_t now_ns);

struct alerts_counts { uint64_t opened, suppressed, excepted, by_level[LEVEL_CRITICAL + 1], by_measure[6]; };
const struct alerts_counts *alerts_counts(const struct alerts *a);
size_t alerts_exceptions_hit(const struct alerts *a, size_t index); /* matches that site exception silenced */

#endif
