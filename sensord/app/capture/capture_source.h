/* SPDX-License-Identifier: BSD-2-Clause
 * The raw bytes of one path: a regular file, or a pipe that can be kept for a second reading. */
#ifndef APP_CAPTURE_SOURCE_H
#define APP_CAPTURE_SOURCE_H

#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct capture_source;

/* "-" is standard input. keep: what a pipe gives is written to an unlinked temporary file too. */
struct capture_source *capture_source_open(const char *path, bool keep, struct error *err);
void capture_source_close(struct capture_source *s);
/* Up to size bytes from offset `at` on; 0 at the end, -1 with errno. A pipe that is not kept gives only what follows
 * the last byte it gave (ESPIPE otherwise). */
ssize_t capture_source_read(struct capture_source *s, uint64_t at, void *to, size_t size);
/* True where any offset can be read at any time; false for a pipe, kept or not. */
bool capture_source_is_file(const struct capture_source *s);

#endif
