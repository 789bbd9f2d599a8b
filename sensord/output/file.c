/* SPDX-License-Identifier: BSD-2-Clause
 * Lines into a file, a pipe or standard output, through a buffer. A reader never finds half a line for good: where a
 * write stops in the middle (disk full), a regular file is cut back to its last whole line and the rest waits in the
 * buffer; elsewhere what is missing of the line is the first thing written later. A file that another program left
 * without its final line feed is given one, so that the first line of ours stands alone. */
#include "kind.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BUFFER 65536 /* bytes held until a flush */

struct file {
	struct output output; /* first: the public handle */
	char *path;           /* NULL: standard output, not ours to close */
	int fd;
	size_t used;
	char buffer[FILE_BUFFER];
};

static bool failed(const struct file *f, const char *what, struct error *err)
{
	return error_set(err, "%s: %s: %s", f->path ? f->path : "standard output", what, strerror(errno));
}

/* Writes as much as can be; false with errno set where it stopped before the end. */
static bool write_all(int fd, const char *at, size_t size, size_t *ret_written)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = write(fd, at + done, size - done);
		if (n > 0) {
			done += (size_t)n;
		} else if (n < 0 && errno == EAGAIN) {
			struct pollfd wait = { .fd = fd, .events = POLLOUT };
			if (poll(&wait, 1, -1) < 0 && errno != EINTR)
				break;
		} else if (n == 0 || errno != EINTR) {
			break;
		}
	}
	*ret_written = done;
	return done == size;
}

static bool take_back(const struct file *f, size_t size)
{
	struct stat st;

	if (fstat(f->fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size < (off_t)size)
		return false;
	return ftruncate(f->fd, st.st_size - (off_t)size) == 0;
}

/* Forgets what is written of the buffer. The begun line at the end of it is taken back; where that cannot be, the rest of
 * that line stays first in the buffer. */
static void account(struct file *f, size_t written)
{
	size_t whole = written;

	while (whole > 0 && f->buffer[whole - 1] != '\n')
		whole--;
	if (written > whole && !take_back(f, written - whole))
		whole = written;
	f->used -= whole;
	memmove(f->buffer, f->buffer + whole, f->used);
}

static bool file_flush(struct output *o, struct error *err)
{
	struct file *f = (struct file *)o;
	size_t written = 0;

	if (f->used == 0)
		return true;
	bool ok = write_all(f->fd, f->buffer, f->used, &written);
	int why = errno;
	account(f, written);
	errno = why;
	return ok || failed(f, "cannot write", err);
}

static bool file_line(struct output *o, struct bytes line, int severity, struct error *err)
{
	struct file *f = (struct file *)o;

	(void)severity;
	if (line.size >= FILE_BUFFER)
		return error_set(err, "a line of %zu bytes is too long", line.size);
	if (line.size + 1 > FILE_BUFFER - f->used && !file_flush(o, err))
		if (line.size + 1 > FILE_BUFFER - f->used)
			return false;
	if (line.size)
		memcpy(f->buffer + f->used, line.at, line.size);
	f->used += line.size;
	f->buffer[f->used++] = '\n';
	return true;
}

/* Opens path; a last line without its end is ended. -1 with errno set on failure. */
static int open_path(const char *path, int flags)
{
	int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | flags, 0640);
	struct stat st;
	char last;

	if (fd < 0 && (errno == EACCES || errno == EINVAL)) /* write-only places: no last byte to look at */
		return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | flags, 0640);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size == 0)
		return fd;
	if (pread(fd, &last, 1, st.st_size - 1) == 1 && last != '\n' && write(fd, "\n", 1) != 1) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool file_reopen(struct output *o, struct error *err)
{
	struct file *f = (struct file *)o;

	if (!file_flush(o, err))
		return false;
	if (!f->path)
		return true;
	int fd = open_path(f->path, 0);
	if (fd < 0)
		return failed(f, "cannot open", err);
	close(f->fd);
	f->fd = fd;
	return true;
}

static void file_close(struct output *o)
{
	struct file *f = (struct file *)o;

	(void)file_flush(o, NULL);
	if (f->path && f->fd >= 0)
		close(f->fd);
	free(f->path);
	free(f);
}

static const struct output_kind file_kind = {
	.line = file_line, .flush = file_flush, .reopen = file_reopen, .close = file_close,
};

struct output *output_open_file(const char *dest, bool fresh, struct error *err)
{
	struct file *f = calloc(1, sizeof(*f));
	bool standard = strcmp(dest, "-") == 0;

	if (f && !standard)
		f->path = strdup(dest);
	if (!f || (!standard && !f->path)) {
		free(f);
		error_set(err, "out of memory");
		return NULL;
	}
	f->output.kind = &file_kind;
	f->fd = standard ? STDOUT_FILENO : open_path(dest, fresh ? O_TRUNC : 0);
	if (f->fd < 0) {
		failed(f, "cannot open", err);
		file_close(&f->output);
		return NULL;
	}
	return &f->output;
}
