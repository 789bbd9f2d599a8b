/* SPDX-License-Identifier: BSD-2-Clause
 * One line of JSON (RFC 8259) put together member by member: what the control socket answers. */
#ifndef APP_ANSWER_H
#define APP_ANSWER_H

#include "base/text.h"

struct answer {
	struct text *to;
	bool begun; /* a member stands before: a comma is due */
};

/* key NULL: an item of a list, or the outermost. open: '{' or '['; close: '}' or ']'. */
void answer_open(struct answer *a, const char *key, char open);
void answer_close(struct answer *a, char close);
void answer_uint(struct answer *a, const char *key, uint64_t v);
void answer_real(struct answer *a, const char *key, double v);
void answer_bool(struct answer *a, const char *key, bool v);
void answer_text(struct answer *a, const char *key, struct bytes v);
void answer_string(struct answer *a, const char *key, const char *v); /* NULL: "" */
void answer_time(struct answer *a, const char *key, uint64_t time_ns); /* RFC 3339 */

#endif
