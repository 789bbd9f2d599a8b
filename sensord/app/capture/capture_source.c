/* SPDX-License-Identifier: BSD-2-Clause
 * The raw bytes of one path. A pipe can be read once; where it is kept, each byte goes to an unlinked temporary file as
 * it is read, so that a later reading finds it there and goes on with the pipe behind it. */
#include "capture_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct capture_source {
	int fd;
	bool is_file;
	off_t base;     /* where a regular file begins: standard input may stand behind its start */
	int kept_fd;    /* -1: not kept */
	uint64_t given; /* bytes the pipe gave so far */
};

static int temporary_file(void)
{
	const char *folder = getenv("TMPDIR");
	char path[4096];

	if (!folder || folder[0] != '/')
		folder = P_tmpdir;
	if (snprintf(path, sizeof(path), "%s/sensord-XXXXXX", folder) >= (int)sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	int fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return fd;
}

static bool prepare(struct capture_source *s, bool keep, struct error *err)
{
	struct stat st;

	if (fstat(s->fd, &st) != 0)
		return error_set(err, "%s", strerror(errno));
	if (S_ISDIR(st.st_mode))
		return error_set(err, "%s", strerror(EISDIR));
	s->is_file = S_ISREG(st.st_mode);
	if (s->is_file) {
		off_t here = lseek(s->fd, 0, SEEK_CUR);
		s->base = here > 0 ? here : 0;
		(void)posix_fadvise(s->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	} else if (keep) {
		s->kept_fd = temporary_file();
		if (s->kept_fd < 0)
			return error_set(err, "no temporary file for a second reading: %s", strerror(errno));
	}
	return true;
}

struct capture_source *capture_source_open(const char *path, bool keep, struct error *err)
{
	struct capture_source *s = calloc(1, sizeof(*s));

	if (!s) {
		error_set(err, "%s", strerror(ENOMEM));
		return NULL;
	}
	s->kept_fd = -1;
	if (strcmp(path, "-") == 0)
		s->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	else
		s->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (s->fd < 0)
		error_set(err, "%s", strerror(errno));
	else if (prepare(s, keep, err))
		return s;
	capture_source_close(s);
	return NULL;
}

void capture_source_close(struct capture_source *s)
{
	if (!s)
		return;
	if (s->fd >= 0)
		close(s->fd);
	if (s->kept_fd >= 0)
		close(s->kept_fd);
	free(s);
}

static ssize_t read_at(int fd, off_t at, void *to, size_t size)
{
	ssize_t got;

	do
		got = pread(fd, to, size, at);
	while (got < 0 && errno == EINTR);
	return got;
}

static bool write_at(int fd, off_t at, const uint8_t *from, size_t size)
{
	while (size > 0) {
		ssize_t put = pwrite(fd, from, size, at);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		from += put;
		at += put;
		size -= (size_t)put;
	}
	return true;
}

static ssize_t read_pipe(struct capture_source *s, void *to, size_t size)
{
	ssize_t got;

	do
		got = read(s->fd, to, size);
	while (got < 0 && errno == EINTR);
	if (got <= 0)
		return got;
	if (s->kept_fd >= 0 && !write_at(s->kept_fd, (off_t)s->given, to, (size_t)got))
		return -1;
	s->given += (uint64_t)got;
	return got;
}

ssize_t capture_source_read(struct capture_source *s, uint64_t at, void *to, size_t size)
{
	if (s->is_file)
		return read_at(s->fd, s->base + (off_t)at, to, size);
	if (at == s->given)
		return read_pipe(s, to, size);
	if (s->kept_fd < 0 || at > s->given) {
		errno = ESPIPE;
		return -1;
	}
	return read_at(s->kept_fd, (off_t)at, to, size < s->given - at ? size : (size_t)(s->given - at));
}

bool capture_source_is_file(const struct capture_source *s)
{
	return s->is_file;
}
