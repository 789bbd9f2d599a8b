/* SPDX-License-Identifier: BSD-2-Clause
 * Folders become the files below them. A folder that leads back to itself over a link is noticed by its device and
 * inode; depth and number of files are bounded. */
#include "capture_paths.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PATHS_DEPTH 16       /* folders in folders */
#define PATHS_MAX 1000000u   /* files of one run */

struct folder {
	const struct folder *above;
	size_t depth;
	dev_t device;
	ino_t inode;
};

/* path and problem are copied. */
static bool append(struct capture_paths *p, const char *path, const char *problem, uint64_t size)
{
	if (p->n == p->room) {
		size_t room = p->room ? 2 * p->room : 16;
		struct capture_path *more = realloc(p->at, room * sizeof(*more));
		if (!more)
			return false;
		p->at = more;
		p->room = room;
	}
	struct capture_path next = { strdup(path), problem ? strdup(problem) : NULL, size };
	if (!next.path || (problem && !next.problem)) {
		free(next.path);
		free(next.problem);
		return false;
	}
	p->at[p->n++] = next;
	return true;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int not_dots(const struct dirent *d)
{
	return strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0;
}

static bool is_inside_itself(const struct folder *f)
{
	for (const struct folder *up = f->above; up; up = up->above)
		if (up->device == f->device && up->inode == f->inode)
			return true;
	return false;
}

static bool add(struct capture_paths *p, const char *path, const struct folder *above);

static bool add_below(struct capture_paths *p, const char *path, const char *name, const struct folder *f)
{
	char *below = NULL;
	size_t size = strlen(path);
	const char *slash = size > 0 && path[size - 1] == '/' ? "" : "/";

	if (asprintf(&below, "%s%s%s", path, slash, name) < 0)
		return false;
	bool fine = add(p, below, f);
	free(below);
	return fine;
}

static bool add_folder(struct capture_paths *p, const char *path, const struct folder *f)
{
	struct dirent **names;
	bool fine = true;

	if (is_inside_itself(f))
		return append(p, path, "a link back to a folder above it", 0);
	if (f->depth > PATHS_DEPTH)
		return append(p, path, "too many folders inside each other", 0);
	int n = scandir(path, &names, not_dots, by_bytes);
	if (n < 0)
		return append(p, path, strerror(errno), 0);
	if (n == 0 && !f->above)
		fine = append(p, path, "an empty folder", 0);
	for (int i = 0; i < n; i++) {
		if (p->n < PATHS_MAX)
			fine = fine && add_below(p, path, names[i]->d_name, f);
		else if (p->n == PATHS_MAX)
			fine = fine && append(p, path, "too many files: the rest is left out", 0);
		free(names[i]);
	}
	free(names);
	return fine;
}

static bool add(struct capture_paths *p, const char *path, const struct folder *above)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return append(p, path, strerror(errno), 0);
	if (S_ISDIR(st.st_mode)) {
		struct folder f = { above, above ? above->depth + 1 : 0, st.st_dev, st.st_ino };
		return add_folder(p, path, &f);
	}
	if (S_ISREG(st.st_mode))
		return append(p, path, NULL, st.st_size > 0 ? (uint64_t)st.st_size : 0);
	/* A pipe that somebody names is meant; one found in a folder would wait for ever. */
	return append(p, path, above ? "neither a file nor a folder" : NULL, 0);
}

bool capture_paths_add(struct capture_paths *p, const char *path)
{
	if (strcmp(path, "-") != 0)
		return add(p, path, NULL);
	struct stat st;
	bool is_file = fstat(0, &st) == 0 && S_ISREG(st.st_mode);
	return append(p, path, NULL, is_file && st.st_size > 0 ? (uint64_t)st.st_size : 0);
}

void capture_paths_release(struct capture_paths *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->at[i].path);
		free(p->at[i].problem);
	}
	free(p->at);
	*p = (struct capture_paths){ 0 };
}
