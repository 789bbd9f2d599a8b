/* SPDX-License-Identifier: BSD-2-Clause
 * HTML pages that stand alone: no network, no framework, one file. What comes from the wire passes html_text and its
 * kin and nothing else; html_raw is for the program's own markup. Inline style attributes do not work: the page's
 * policy (Content-Security-Policy) names its one style sheet and its one script by their SHA-256; use classes of
 * page.css and presentation attributes of SVG. Both languages stand in the page; a switch without script shows one. */
#ifndef APP_HTML_H
#define APP_HTML_H

#include <stdint.h>
#include <stdio.h>

#include "base/bytes.h"

struct html {
	FILE *to;
};

/* A text of the program in both languages. */
struct words {
	const char *en, *ja;
};

/* The head of a page with style, policy and switches (language, light or dark), up to the opened <main>. */
void html_begin(struct html *h, struct words title);
/* data: one JSON value for other programs, in a script element of its own; empty: none. Ends the page. False where
 * anything could not be written (errno tells). */
bool html_end(struct html *h, struct bytes data);

/* Markup of the program, never of the wire. */
void html_raw(struct html *h, const char *markup);
/* Text or attribute value in double quotes. Markup is escaped; what cannot be seen (controls, bidirectional and
 * zero-width characters, line separators) is written visibly: a control picture, or U+202E in angle quotes. Invalid
 * UTF-8 becomes U+FFFD. */
void html_text(struct html *h, struct bytes text);
void html_string(struct html *h, const char *text);
/* With thousands apart, as people read it: "1,234,567". */
void html_number(struct html *h, uint64_t n);
/* <TAG class="CLASS">text</TAG>; class NULL: none. Wire text stands in <bdi>, so that its direction stays its own. */
void html_wire(struct html *h, const char *tag, const char *class, struct bytes text);
void html_element(struct html *h, const char *tag, const char *class, const char *text);
/* One text in both languages: <TAG class="CLASS"><span lang="en">…</span><span lang="ja">…</span></TAG>; tag NULL:
 * the spans alone. */
void html_words(struct html *h, const char *tag, const char *class, struct words w);
/* The same of texts with values of the wire in them (messages of alerts). */
void html_words_wire(struct html *h, struct bytes en, struct bytes ja);
/* ` name="text"` */
void html_attribute(struct html *h, const char *name, struct bytes text);
/* JSON as it may stand in a script element: the same value, whatever its strings hold. */
void html_json(struct html *h, struct bytes json);

#endif
