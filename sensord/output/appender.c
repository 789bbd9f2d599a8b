/* SPDX-License-Identifier: BSD-2-Clause */
#include "appender.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

bool appender_fail(const struct appender *a, const char *what, struct error *err)
{
	return error_set(err, "%s: %s: %s", a->path ? a->path : "standard output", what, strerror(errno));
}

#define PIPE_PART 4096 /* what a pipe takes without waiting once it is writable */

/* Writes as much as can be; false with errno set where it stopped before the end. */
static bool write_all(struct appender *a, size_t *ret_written)
{
	size_t done = 0, size = a->used;
	bool parts = a->impatient && !a->regular;
	int fd = a->fd;

	a->full = false;
	while (done < size) {
		struct pollfd ready = { .fd = fd, .events = POLLOUT };
		if (parts && poll(&ready, 1, 0) == 0) {
			a->full = true;
			errno = EAGAIN;
			break;
		}
		ssize_t n = write(fd, a->buffer + done, parts && size - done > PIPE_PART ? PIPE_PART : size - done);
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

static bool take_back(const struct appender *a, size_t size)
{
	struct stat st;

	if (!a->regular || fstat(a->fd, &st) < 0 || st.st_size < (off_t)size)
		return false;
	return ftruncate(a->fd, st.st_size - (off_t)size) == 0;
}

/* Forgets what is written of the buffer, up to a line's end. What is behind that is taken back; where that cannot be,
 * the rest of the begun line is owed. */
static void account(struct appender *a, size_t written, bool whole)
{
	size_t end = whole ? 0 : written;

	while (end > 0 && a->buffer[end - 1] != '\n')
		end--;
	a->owed = end ? 0 : a->owed; /* nothing went: what was owed before still is */
	if (written > end && !take_back(a, written - end)) {
		const char *stop = memchr(a->buffer + written, '\n', a->used - written);
		end = written;
		if (written && a->buffer[written - 1] != '\n')
			a->owed = stop ? (size_t)(stop + 1 - (a->buffer + written)) : 0;
	}
	a->used -= end;
	memmove(a->buffer, a->buffer + end, a->used);
}

bool appender_flush(struct appender *a, bool whole, struct error *err)
{
	size_t written = 0;

	if (a->used == 0)
		return true;
	bool ok = write_all(a, &written);
	int why = errno;
	account(a, written, whole && !ok);
	errno = why;
	return ok || appender_fail(a, "cannot write", err);
}

void appender_add(struct appender *a, struct bytes line)
{
	if (line.size)
		memcpy(a->buffer + a->used, line.at, line.size);
	a->used += line.size;
	a->buffer[a->used++] = '\n';
}

void appender_forget(struct appender *a)
{
	a->used = a->owed;
}

/* Does the text end inside of a JSON object? */
static bool json_cut(struct bytes text)
{
	unsigned depth = 0;
	bool quoted = false;

	if (text.size == 0 || text.at[0] != '{')
		return false;
	for (size_t i = 0; i < text.size; i++) {
		uint8_t c = text.at[i];
		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && c == '{')
			depth++;
		else if (!quoted && c == '}' && --depth == 0)
			return false;
	}
	return true;
}

/* The last line of a file that does not end with a line feed; false where it cannot be read or is too long to be ours. */
static bool last_line(int fd, off_t size, char *room, size_t room_size, struct bytes *ret)
{
	size_t want = size < (off_t)room_size ? (size_t)size : room_size;
	ssize_t n = pread(fd, room, want, size - (off_t)want);

	if (n != (ssize_t)want)
		return false;
	size_t start = want;
	while (start > 0 && room[start - 1] != '\n')
		start--;
	*ret = bytes_of(room + start, want - start);
	return start > 0 || want == (size_t)size;
}

static bool mend_end(struct appender *a, int fd)
{
	struct stat st;
	struct bytes last;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size == 0 || a->used ||
	    !last_line(fd, st.st_size, a->buffer, sizeof(a->buffer), &last))
		return true;
	if (last.size == 0)
		return true;
	if (json_cut(last) && ftruncate(fd, st.st_size - (off_t)last.size) == 0)
		return true;
	/* Where nothing can be taken back (chattr +a), the torn line stands alone. */
	return write(fd, "\n", 1) == 1;
}

static int open_path(struct appender *a, int flags)
{
	int fd = open(a->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | flags, 0640);

	if (fd < 0 && (errno == EACCES || errno == EINVAL)) /* write-only places: no last byte to look at */
		return open(a->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | flags, 0640);
	if (fd >= 0 && !mend_end(a, fd)) {
		close(fd);
		return -1;
	}
	return fd;
}

bool appender_open(struct appender *a, bool fresh, struct error *err)
{
	struct stat st;
	int fd = a->path ? open_path(a, fresh ? O_TRUNC : 0) : STDOUT_FILENO;

	if (fd < 0)
		return appender_fail(a, "cannot open", err);
	appender_close(a);
	a->fd = fd;
	a->regular = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	return true;
}

bool appender_init(struct appender *a, const char *dest, struct error *err)
{
	bool standard = strcmp(dest, "-") == 0;

	a->fd = -1;
	a->used = a->owed = 0;
	a->impatient = a->full = false;
	a->path = standard ? NULL : strdup(dest);
	return standard || a->path || error_set(err, "out of memory");
}

void appender_close(struct appender *a)
{
	if (a->path && a->fd >= 0)
		close(a->fd);
	a->fd = -1;
}

void appender_release(struct appender *a)
{
	appender_close(a);
	free(a->path);
}
