/* SPDX-License-Identifier: BSD-2-Clause
 * The verdict on one cell from what was counted (MEASURES 16): a pure function. */
#ifndef APP_AUDIT_VERDICT_H
#define APP_AUDIT_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

enum audit_verdict {
	AUDIT_PROVEN, AUDIT_VIOLATED, AUDIT_NOT_EXERCISED, AUDIT_INCONCLUSIVE, AUDIT_NOT_VISIBLE, AUDIT_EXEMPT, AUDIT_VERDICTS
};

enum audit_kind {
	AUDIT_DENY,    /* has to be tried and stopped */
	AUDIT_ALLOW,   /* has to be tried and succeed */
	AUDIT_TRACE,   /* has to be done, and the rules have to tell it */
	AUDIT_PAPER,   /* no wire shows it: a document has to */
	AUDIT_MISSING, /* the site file does not declare what would have to be shown */
};

/* What one sight counts as. */
enum audit_event {
	AUDIT_SUCCEEDED, /* it came through */
	AUDIT_OPEN,      /* refused by the host itself: nothing filtered the path (MEASURES 4.3) */
	AUDIT_STOPPED,
	AUDIT_DEAD,      /* not answered, and the target gave no sign of life: nothing follows */
	AUDIT_UNCLEAR,   /* refused by nobody knows whom; begun before the capture */
	AUDIT_TOLD,      /* a rule told it */
	AUDIT_EXEMPTED,  /* a dated exception covers it */
	AUDIT_EVENTS
};

struct audit_facts {
	enum audit_kind kind;
	uint64_t count[AUDIT_EVENTS];
	unsigned minimum;    /* stopped attempts that are enough */
	bool alarm;          /* one of the rules has to tell it as well */
	bool exempt;         /* a dated exception covers all of it */
	bool wire_missing;   /* the wire that shows it was not mirrored */
	bool weak;           /* what is unclear are refusals that a wrong password explains as well */
	bool source_seen;    /* any packet of the source's network is there */
	bool one_sided;      /* answers to it could not be seen */
	bool lossy;          /* the captures lack 0.1 percent or more */
	bool control_missing; /* the allowed path beside it was not seen to work */
	bool way_missing;    /* of several ways to do it one was not tried */
};

enum audit_why {
	WHY_STOPPED, WHY_CAME_THROUGH, WHY_PATH_OPEN, WHY_NEVER_TRIED, WHY_SOURCE_UNSEEN, WHY_TOO_FEW, WHY_DEAD, WHY_UNCLEAR, WHY_WEAK,
	WHY_ONE_SIDED, WHY_LOSS, WHY_NO_CONTROL, WHY_NO_ALARM, WHY_WORKS, WHY_FAILS, WHY_TOLD, WHY_BELOW_RULE, WHY_NO_WIRE,
	WHY_DOCUMENT, WHY_EXCEPTION, WHY_NOT_DECLARED, WHY_WAY_MISSING, WHY_COUNT
};

struct audit_finding {
	enum audit_verdict verdict;
	enum audit_why why;
};

struct audit_finding audit_judge(const struct audit_facts *f);

const char *audit_verdict_name(enum audit_verdict v);    /* "PROVEN" */
const char *audit_verdict_name_ja(enum audit_verdict v); /* of MEASURES 16 */
/* The verdict of that name, AUDIT_VERDICTS where there is none. */
enum audit_verdict audit_verdict_find(struct bytes name);
const char *audit_why_name(enum audit_why w); /* "path-open": for programs */
const char *audit_why_text(enum audit_why w); /* a sentence */
const char *audit_why_text_ja(enum audit_why w);
const char *audit_event_name(enum audit_event e);

#endif
