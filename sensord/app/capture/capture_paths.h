/* SPDX-License-Identifier: BSD-2-Clause
 * The list of files that the named paths stand for. */
#ifndef APP_CAPTURE_PATHS_H
#define APP_CAPTURE_PATHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct capture_path {
	char *path;
	char *problem; /* why it will not be read, without its name; NULL: it will */
	uint64_t size; /* bytes of a regular file */
};

struct capture_paths {
	struct capture_path *at;
	size_t n, room;
};

/* Appends the file, pipe or "-" named by path, or everything below it where it is a folder: names in bytewise order, a
 * folder where its name stands. False where there is no memory; what was appended stays. */
bool capture_paths_add(struct capture_paths *p, const char *path);
void capture_paths_release(struct capture_paths *p);

#endif
