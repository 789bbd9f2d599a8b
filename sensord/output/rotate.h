/* SPDX-License-Identifier: BSD-2-Clause
 * A file that is full goes under the time at which that happened: alerts.json-20261123T085118.123Z, a millisecond later
 * than the newest where the clock was set back, so that names sort in the order of writing; gzip packs it where asked for;
 * the oldest go where there are more than are kept. */
#ifndef OUTPUT_ROTATE_H
#define OUTPUT_ROTATE_H

#include <stdatomic.h>

#include "output/output.h"

#define ROTATE_NAME 4096

/* Renames path; ret_name holds the new name. The caller reopens path, then packs and removes. */
bool rotate_rename(const char *path, uint64_t now_ns, char ret_name[ROTATE_NAME], struct error *err) MUST_CHECK;
/* name becomes name.gz. The plain file stays where that fails, and where somebody sets stop (NULL: nobody) meanwhile. */
bool rotate_pack(const char *name, const atomic_bool *stop, struct error *err) MUST_CHECK;
/* Removes the oldest rotated files of path beyond `keep`. */
void rotate_prune(const char *path, unsigned keep);

#endif
