/* SPDX-License-Identifier: BSD-2-Clause
 * What went wrong, for people: filled by the callee in storage of the caller. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>

#include "base/attributes.h"

struct error {
	char file[256];  /* "" where the error has no file */
	unsigned line;   /* from 1; 0 where unknown */
	unsigned column; /* from 1; 0 where unknown */
	char text[512];
};

/* Sets the text only; NULL err is allowed. Always returns false, so that `return error_set(…)` reads well. */
bool error_set(struct error *err, const char *format, ...) PRINTF(2, 3);
/* Sets place and text. */
bool error_at(struct error *err, const char *file, unsigned line, unsigned column, const char *format, ...) PRINTF(5, 6);
/* "file:line:column: text", as far as known. Writes at most size bytes, terminated; returns out. */
const char *error_format(const struct error *err, char *out, unsigned long size);

#endif
