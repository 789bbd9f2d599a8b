/* SPDX-License-Identifier: BSD-2-Clause
 * Lines appended to a file, a pipe or standard output, through a buffer. A reader never finds half a line for good: where
 * a write stops in the middle (disk full), a regular file is cut back, to its last whole line or to where the buffer
 * began; elsewhere what is missing of the line is the first thing written later. What a crash left of a JSON line at the
 * end of a file is cut off: nobody was told that it was written. Any other last line without its end (another program's)
 * is ended, so that the first line of ours stands alone. */
#ifndef OUTPUT_APPENDER_H
#define OUTPUT_APPENDER_H

#include "output/output.h"

#define APPENDER_BUFFER 65536 /* bytes held until a flush */

struct appender {
	char *path;      /* NULL: standard output, not ours to close */
	int fd;          /* -1: not open */
	bool regular;
	bool impatient;  /* a pipe that takes nothing now is not waited for: appender_flush fails, full is set */
	bool full;
	size_t used, owed; /* owed: bytes at the start of the buffer that complete a begun line */
	char buffer[APPENDER_BUFFER];
};

/* dest "-": standard output. fd is -1 afterwards. False without memory. */
bool appender_init(struct appender *a, const char *dest, struct error *err) MUST_CHECK;
/* Opens the file, or the one that has its name now; the old one serves on where that cannot be. */
bool appender_open(struct appender *a, bool fresh, struct error *err) MUST_CHECK;
void appender_close(struct appender *a);
void appender_release(struct appender *a);
static inline bool appender_has_room(const struct appender *a, size_t line)
{
	return line < APPENDER_BUFFER - a->used;
}
/* The line must have room. */
void appender_add(struct appender *a, struct bytes line);
/* Writes the buffer. whole: all of it or nothing, where the file is regular. */
bool appender_flush(struct appender *a, bool whole, struct error *err) MUST_CHECK;
/* Forgets what is not written, but for what is owed. */
void appender_forget(struct appender *a);
bool appender_fail(const struct appender *a, const char *what, struct error *err);

#endif
