/* SPDX-License-Identifier: BSD-2-Clause
 * What the audit says, in Japanese: the words of its tables and of what it saw. */
#ifndef APP_AUDIT_WORDS_H
#define APP_AUDIT_WORDS_H

#include "audit.h"
#include "html/html.h"

/* A place or a hint of audit_sets.c in both languages; what is a name of the site file stays what it is. */
struct words audit_words(const char *en);
/* The sight of audit_evidence.c and audit_logons.c. */
void audit_sight_ja(const struct audit *a, const struct audit_sight *s, struct text *out);
/* As audit_reason. */
void audit_reason_ja(const struct audit_cell *c, struct text *out);
struct words audit_event_words(enum audit_event e);

#endif
