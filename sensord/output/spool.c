/* SPDX-License-Identifier: BSD-2-Clause */
#include "spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/reader.h"
#include "bytes_put.h"

#define SEGMENT_HEAD "SENSORD-SPOOL-1\n"
#define SEGMENT_HEAD_SIZE 16
#define SEGMENT_MIN (64u << 10)
#define SEGMENT_MAX (16u << 20)
#define SEGMENT_NAME 32
#define DONE_NAME "done"
#define DONE_SIZE 24
#define WINDOW (2 * SPOOL_FRAME_MAX)

struct segment {
	uint64_t number, size;
};

struct spool {
	int folder;
	int done;                 /* file of the place acknowledged */
	char *path;
	uint64_t max_bytes, segment_bytes, bytes;
	bool sync;
	struct segment segments[SPOOL_SEGMENTS]; /* oldest first */
	size_t n_segments;
	uint64_t last_number;     /* ever used */
	int writing;              /* the newest segment; -1: the next line begins one */
	int reading;              /* the segment of `read`; -1: not open */
	struct spool_place acknowledged, read;
	size_t window_used;       /* bytes in window, from file offset window_at */
	uint64_t window_at;
	uint8_t window[WINDOW];
	uint8_t frame[SPOOL_FRAME_MAX];
};

static bool failed(const struct spool *s, const char *what, struct error *err)
{
	return error_set(err, "spool %s: %s: %s", s->path, what, strerror(errno));
}

static const char *segment_name(uint64_t number, char name[SEGMENT_NAME])
{
	snprintf(name, SEGMENT_NAME, "%016llx.spool", (unsigned long long)number);
	return name;
}

static int compare(const void *a, const void *b)
{
	const struct segment *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

/* ---- the place acknowledged ---- */

static void save_done(struct spool *s)
{
	uint8_t room[DONE_SIZE];

	bytes_put_u64(room, s->acknowledged.segment);
	bytes_put_u64(room + 8, s->acknowledged.offset);
	bytes_put_u64(room + 16, hash_bytes(&(struct hash_key){ 0 }, room, 16));
	/* Where this cannot be written, lines are sent twice after a restart, which is better than not at all. */
	ssize_t n = pwrite(s->done, room, sizeof(room), 0);
	if (n == (ssize_t)sizeof(room) && s->sync)
		(void)fdatasync(s->done);
}

static struct spool_place load_done(const struct spool *s)
{
	uint8_t room[DONE_SIZE];
	ssize_t n = pread(s->done, room, sizeof(room), 0);
	struct reader r = reader_open(bytes_of(room, n > 0 ? (size_t)n : 0));
	struct spool_place place = { .segment = reader_u64(&r) };

	place.offset = reader_u64(&r);
	uint64_t sum = reader_u64(&r);
	if (!reader_ok(&r) || sum != hash_bytes(&(struct hash_key){ 0 }, room, 16))
		return (struct spool_place){ 0 };
	return place;
}

/* ---- segments ---- */

static void forget_first(struct spool *s)
{
	char name[SEGMENT_NAME];

	(void)unlinkat(s->folder, segment_name(s->segments[0].number, name), 0);
	s->bytes -= s->segments[0].size;
	s->n_segments--;
	memmove(s->segments, s->segments + 1, s->n_segments * sizeof(*s->segments));
	if (s->n_segments == 0 && s->writing >= 0) {
		close(s->writing);
		s->writing = -1;
	}
}

static void stop_reading(struct spool *s)
{
	if (s->reading >= 0)
		close(s->reading);
	s->reading = -1;
	s->window_used = 0;
}

/* Moves a place out of segments that are gone. */
static struct spool_place settled(const struct spool *s, struct spool_place p)
{
	if (s->n_segments == 0)
		return (struct spool_place){ s->last_number + 1, SEGMENT_HEAD_SIZE };
	if (p.segment < s->segments[0].number)
		return (struct spool_place){ s->segments[0].number, SEGMENT_HEAD_SIZE };
	return p;
}

static const struct segment *find(const struct spool *s, uint64_t number)
{
	return s->n_segments ? bsearch(&(struct segment){ .number = number }, s->segments, s->n_segments, sizeof(*s->segments), compare) :
			       NULL;
}

static bool scan(struct spool *s, struct error *err)
{
	int fd = dup(s->folder);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!folder) {
		if (fd >= 0)
			close(fd);
		return failed(s, "cannot list it", err);
	}
	while ((entry = readdir(folder)) != NULL) {
		struct bytes name = bytes_string(entry->d_name);
		struct stat st;
		uint64_t number;
		if (name.size != 22 || !bytes_ends_nocase(name, bytes_string(".spool")) ||
		    !bytes_hex(bytes_of(name.at, 16), UINT64_MAX, &number) || number == 0 || number > UINT64_MAX / 2 ||
		    fstatat(s->folder, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode))
			continue;
		if (s->n_segments == SPOOL_SEGMENTS) {
			closedir(folder);
			return error_set(err, "spool %s: more than %d segments", s->path, SPOOL_SEGMENTS);
		}
		s->segments[s->n_segments++] = (struct segment){ number, (uint64_t)st.st_size };
		s->bytes += (uint64_t)st.st_size;
	}
	closedir(folder);
	qsort(s->segments, s->n_segments, sizeof(*s->segments), compare);
	return true;
}

static void drop_settled(struct spool *s)
{
	while (s->n_segments && (s->segments[0].number < s->acknowledged.segment ||
				 (s->segments[0].number == s->acknowledged.segment &&
				  s->segments[0].size <= s->acknowledged.offset)))
		forget_first(s);
}

static bool prepare(struct spool *s, const char *folder, struct error *err)
{
	if (mkdir(folder, 0700) < 0 && errno != EEXIST)
		return failed(s, "cannot make the folder", err);
	s->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->folder < 0)
		return failed(s, "cannot open", err);
	s->done = openat(s->folder, DONE_NAME, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (s->done < 0)
		return failed(s, "cannot write there", err);
	if (flock(s->done, LOCK_EX | LOCK_NB) < 0)
		return error_set(err, "spool %s: another sensord is using it", folder);
	if (!scan(s, err))
		return false;
	s->acknowledged = load_done(s);
	s->last_number = s->n_segments ? s->segments[s->n_segments - 1].number : 0;
	if (s->acknowledged.segment > s->last_number && s->acknowledged.segment < UINT64_MAX / 2)
		s->last_number = s->acknowledged.segment;
	drop_settled(s);
	s->acknowledged = settled(s, s->acknowledged);
	s->read = s->acknowledged;
	return true;
}

struct spool *spool_open(const char *folder, uint64_t max_bytes, bool sync, struct error *err)
{
	struct spool *s = calloc(1, sizeof(*s));

	if (!s || !(s->path = strdup(folder))) {
		free(s);
		error_set(err, "out of memory");
		return NULL;
	}
	s->folder = s->done = s->writing = s->reading = -1;
	s->max_bytes = max_bytes;
	s->segment_bytes = max_bytes / 8 < SEGMENT_MIN ? SEGMENT_MIN : max_bytes / 8 > SEGMENT_MAX ? SEGMENT_MAX : max_bytes / 8;
	s->sync = sync;
	if (!prepare(s, folder, err)) {
		spool_close(s);
		return NULL;
	}
	return s;
}

void spool_close(struct spool *s)
{
	if (!s)
		return;
	stop_reading(s);
	if (s->writing >= 0)
		close(s->writing);
	if (s->done >= 0)
		close(s->done);
	if (s->folder >= 0)
		close(s->folder);
	free(s->path);
	free(s);
}

/* ---- writing ---- */

/* Lines in the oldest segment that were not read. */
static uint64_t unread_in_first(struct spool *s)
{
	struct spool_place kept = s->read, end;
	struct output_item item;
	uint64_t n = 0;

	if (s->read.segment > s->segments[0].number)
		return 0;
	while (s->read.segment == kept.segment && spool_next(s, &item, &end, NULL) == SPOOL_LINE)
		n += end.segment == s->segments[0].number;
	stop_reading(s);
	s->read = kept;
	return n;
}

static void make_room(struct spool *s, size_t size, uint64_t *lost)
{
	while (s->n_segments && (s->bytes + size > s->max_bytes || s->n_segments == SPOOL_SEGMENTS)) {
		*lost += unread_in_first(s);
		forget_first(s);
		stop_reading(s);
		s->read = settled(s, s->read);
		s->acknowledged = settled(s, s->acknowledged);
		save_done(s);
	}
}

static bool begin_segment(struct spool *s, struct error *err)
{
	char name[SEGMENT_NAME];
	uint64_t number = s->last_number + 1;
	int fd = openat(s->folder, segment_name(number, name), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);

	if (fd < 0)
		return failed(s, "cannot begin a segment", err);
	if (write(fd, SEGMENT_HEAD, SEGMENT_HEAD_SIZE) != SEGMENT_HEAD_SIZE) {
		failed(s, "cannot write", err);
		close(fd);
		(void)unlinkat(s->folder, name, 0);
		return false;
	}
	if (s->writing >= 0)
		close(s->writing);
	s->writing = fd;
	s->last_number = number;
	s->segments[s->n_segments++] = (struct segment){ number, SEGMENT_HEAD_SIZE };
	s->bytes += SEGMENT_HEAD_SIZE;
	s->read = settled(s, s->read);
	s->acknowledged = settled(s, s->acknowledged);
	return true;
}

bool spool_add(struct spool *s, const struct output_item *item, struct spool_place *ret_end, uint64_t *lost,
	       struct error *err)
{
	size_t size = spool_frame_write(item, s->frame);

	make_room(s, size + SEGMENT_HEAD_SIZE, lost);
	struct segment *newest = s->n_segments ? &s->segments[s->n_segments - 1] : NULL;
	if (s->writing < 0 || !newest || newest->size + size > s->segment_bytes) {
		if (!begin_segment(s, err))
			return false;
		newest = &s->segments[s->n_segments - 1];
	}
	ssize_t n = write(s->writing, s->frame, size);
	if (n != (ssize_t)size) {
		if (n >= 0)
			errno = ENOSPC;
		failed(s, "cannot write", err);
		if (n > 0 && ftruncate(s->writing, (off_t)newest->size) < 0) { /* a cut frame ends its segment */
			close(s->writing);
			s->writing = -1;
		}
		return false;
	}
	if (s->sync) /* where it fails the line is still in the kernel, and the next write fails too */
		(void)fdatasync(s->writing);
	newest->size += size;
	s->bytes += size;
	*ret_end = (struct spool_place){ newest->number, newest->size };
	return true;
}

/* ---- reading ---- */

static void next_segment(struct spool *s)
{
	stop_reading(s);
	for (size_t i = 0; i < s->n_segments; i++)
		if (s->segments[i].number > s->read.segment) {
			s->read = (struct spool_place){ s->segments[i].number, SEGMENT_HEAD_SIZE };
			return;
		}
	s->read = (struct spool_place){ s->last_number + 1, SEGMENT_HEAD_SIZE };
}

static bool open_reading(struct spool *s)
{
	char name[SEGMENT_NAME], head[SEGMENT_HEAD_SIZE];

	s->reading = openat(s->folder, segment_name(s->read.segment, name), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return s->reading >= 0 && pread(s->reading, head, sizeof(head), 0) == (ssize_t)sizeof(head) &&
	       memcmp(head, SEGMENT_HEAD, SEGMENT_HEAD_SIZE) == 0;
}

/* What the segment holds from the place of reading on, as much as the window takes. */
static struct bytes window(struct spool *s, bool again)
{
	uint64_t behind = s->window_at + s->window_used;

	if (again || s->read.offset < s->window_at || s->read.offset >= behind) {
		ssize_t n = pread(s->reading, s->window, sizeof(s->window), (off_t)s->read.offset);
		s->window_at = s->read.offset;
		s->window_used = n > 0 ? (size_t)n : 0;
		behind = s->window_at + s->window_used;
	}
	size_t skip = (size_t)(s->read.offset - s->window_at);
	return bytes_of(s->window + skip, s->window_used - skip);
}

static enum spool_read damaged(struct spool *s, struct error *err)
{
	error_set(err, "spool %s: segment %016llx is damaged at byte %llu; what is behind is skipped", s->path,
		  (unsigned long long)s->read.segment, (unsigned long long)s->read.offset);
	if (s->writing >= 0 && s->read.segment == s->last_number) { /* the one being written: the next line begins anew */
		close(s->writing);
		s->writing = -1;
	}
	next_segment(s);
	return SPOOL_DAMAGED;
}

enum spool_read spool_next(struct spool *s, struct output_item *ret, struct spool_place *ret_end, struct error *err)
{
	for (;;) {
		const struct segment *segment = find(s, s->read.segment);
		if (!segment) {
			if (spool_empty(s))
				return SPOOL_EMPTY;
			next_segment(s);
			continue;
		}
		if (s->read.offset >= segment->size) {
			if (segment->number == s->segments[s->n_segments - 1].number)
				return SPOOL_EMPTY;
			next_segment(s);
			continue;
		}
		if (s->reading < 0 && !open_reading(s))
			return damaged(s, err);
		size_t size = 0;
		enum spool_frame frame = spool_frame_read(window(s, false), ret, &size);
		if (frame == SPOOL_FRAME_CUT)
			frame = spool_frame_read(window(s, true), ret, &size);
		if (frame != SPOOL_FRAME_WHOLE)
			return damaged(s, err);
		s->read.offset += size;
		*ret_end = s->read;
		return SPOOL_LINE;
	}
}

static bool before(struct spool_place a, struct spool_place b)
{
	return a.segment < b.segment || (a.segment == b.segment && a.offset < b.offset);
}

void spool_done(struct spool *s, struct spool_place end)
{
	if (!before(s->acknowledged, end))
		return;
	s->acknowledged = end;
	drop_settled(s);
	s->acknowledged = settled(s, s->acknowledged);
	if (before(s->read, s->acknowledged)) {
		stop_reading(s);
		s->read = s->acknowledged;
	}
	save_done(s);
}

void spool_forget(struct spool *s)
{
	spool_done(s, (struct spool_place){ s->last_number + 1, SEGMENT_HEAD_SIZE });
}

void spool_rewind(struct spool *s)
{
	stop_reading(s);
	s->read = settled(s, s->acknowledged);
}

void spool_skip_to(struct spool *s, struct spool_place end)
{
	stop_reading(s);
	s->read = end;
}

bool spool_empty(const struct spool *s)
{
	const struct segment *newest = s->n_segments ? &s->segments[s->n_segments - 1] : NULL;

	return !newest || s->read.segment > newest->number ||
	       (s->read.segment == newest->number && s->read.offset >= newest->size);
}

bool spool_holds(const struct spool *s, struct spool_place end)
{
	return s->n_segments && end.segment >= s->segments[0].number;
}

bool spool_settled(const struct spool *s) { return s->n_segments == 0; }
uint64_t spool_bytes(const struct spool *s) { return s->bytes; }
