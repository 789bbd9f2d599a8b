/* SPDX-License-Identifier: BSD-2-Clause
 * Sentences with the values of a record in them, and the catalogue they stand in. Format: see message_compile.c, catalogue.c. */
#ifndef DETECT_MESSAGE_H
#define DETECT_MESSAGE_H

#include "base/error.h"
#include "base/text.h"
#include "record/record.h"

#define MESSAGE_SIZE 1024     /* bytes of one finished sentence */
#define MESSAGE_VALUE 200     /* bytes of one value in it */
#define MESSAGE_TEMPLATE 2000 /* bytes of one template */
#define MESSAGE_PIECES 100    /* literal pieces and placeholders of one template */
#define MESSAGE_CHOICES 4     /* alternatives of one placeholder */
#define MESSAGE_LISTED 5      /* values of a list that are spelled out */

enum language { LANGUAGE_EN, LANGUAGE_JA };

struct message; /* a compiled template */

/* Compiles a template. NULL where it is malformed: err has the text, and the column inside the template. */
struct message *message_compile(struct bytes template, enum language language, struct error *err) MUST_CHECK;
void message_free(struct message *m);
/* Appends the sentence. r is the finished alert record, so that counts and spans are known. */
void message_render(const struct message *m, const struct record *r, struct text *out);
/* Appends one value: control and direction characters escaped, at most MESSAGE_VALUE bytes, whole characters. */
void message_value(struct text *out, struct bytes value);
/* Appends a span of time: "350 ms", "45 s", "12 min", "3 h 5 min", "2 d". */
void message_span(struct text *out, uint64_t span_ns, enum language language);
/* Takes off a character that was cut in two at the end of the text. */
void message_whole(struct text *out);

/* What the catalogue says of one rule. Members are NULL where it says nothing. */
struct entry {
	char *name;
	char *title_ja, *description_ja, *response, *response_ja;
	struct message *message, *message_ja;
};

struct catalogue;

/* NULL path: an empty catalogue. NULL on error (err has file, line and column). */
struct catalogue *catalogue_read(const char *path, struct error *err) MUST_CHECK;
void catalogue_free(struct catalogue *c);
/* The entry of this document name, else of the rule id; NULL where there is neither. */
const struct entry *catalogue_find(const struct catalogue *c, const char *name, const char *rule_id);

#endif
