/* SPDX-License-Identifier: BSD-2-Clause */
#include "rotate.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/instant.h"
#include "base/text.h"

#define TRIES 1000          /* names, a millisecond apart, before it gives up */
#define ROTATED_MAX 65536   /* rotated files looked at */

/* "20261123T085118.123Z": names of one length sort by time, packed or not. */
static void put_stamp(struct text *t, uint64_t time_ns)
{
	char at[INSTANT_TEXT];

	instant_format(time_ns, at);
	for (size_t i = 0; i < 23; i++)
		if (at[i] != '-' && at[i] != ':')
			text_char(t, at[i]);
	text_char(t, 'Z');
}

static bool is_there(char *name, size_t size)
{
	struct stat st;
	bool there = lstat(name, &st) == 0;

	memcpy(name + size, ".gz", 4);
	there = lstat(name, &st) == 0 || there;
	name[size] = '\0';
	return there;
}

struct rotated {
	char **names;
	size_t count;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "BASE-20261123T085118.123Z" with what stands behind it. */
static bool is_rotated(const char *name, struct bytes base)
{
	struct bytes all = bytes_string(name);
	const char *stamp = name + base.size + 1;
	uint64_t n;

	return all.size >= base.size + 21 && memcmp(name, base.at, base.size) == 0 && name[base.size] == '-' &&
	       bytes_decimal(bytes_of(stamp, 8), UINT64_MAX, &n) && stamp[8] == 'T' &&
	       bytes_decimal(bytes_of(stamp + 9, 6), UINT64_MAX, &n) && stamp[15] == '.' &&
	       bytes_decimal(bytes_of(stamp + 16, 3), UINT64_MAX, &n) && stamp[19] == 'Z';
}

static void find_rotated(DIR *folder, struct bytes base, struct rotated *all)
{
	struct dirent *entry;

	while ((entry = readdir(folder)) != NULL && all->count < ROTATED_MAX) {
		if (!is_rotated(entry->d_name, base))
			continue;
		char **more = realloc(all->names, (all->count + 1) * sizeof(*more));
		if (!more)
			return;
		all->names = more;
		if ((all->names[all->count] = strdup(entry->d_name)) != NULL)
			all->count++;
	}
}

static DIR *open_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char name[ROTATE_NAME];

	snprintf(name, sizeof(name), "%.*s", slash ? (int)(slash - path + 1) : 2, slash ? path : "./");
	return opendir(name);
}

static struct bytes base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return bytes_string(slash ? slash + 1 : path);
}

static uint64_t number_at(const char *at, size_t digits)
{
	uint64_t n = 0;

	return bytes_decimal(bytes_of(at, digits), UINT64_MAX, &n) ? n : 0;
}

/* The time of a stamp, as put_stamp wrote it. */
static uint64_t stamp_time(const char *stamp)
{
	unsigned month = (unsigned)number_at(stamp + 4, 2), day = (unsigned)number_at(stamp + 6, 2);
	int64_t days = month >= 1 && month <= 12 ? instant_days((int)number_at(stamp, 4), month, day) : 0;
	uint64_t seconds = number_at(stamp + 9, 2) * 3600 + number_at(stamp + 11, 2) * 60 + number_at(stamp + 13, 2);

	return days < 0 ? 0 : (uint64_t)days * NS_PER_DAY + seconds * NS_PER_S + number_at(stamp + 16, 3) * NS_PER_MS;
}

/* A clock that was set back must not give the newest file the oldest name: names tell which file goes first, and in
 * which order a chain is checked. */
static uint64_t after_the_newest(const char *path, uint64_t now_ns)
{
	struct bytes base = base_of(path);
	DIR *folder = open_folder(path);
	struct dirent *entry;

	while (folder && (entry = readdir(folder)) != NULL) {
		uint64_t then = is_rotated(entry->d_name, base) ? stamp_time(entry->d_name + base.size + 1) : 0;
		if (now_ns / NS_PER_MS <= then / NS_PER_MS)
			now_ns = then + NS_PER_MS;
	}
	if (folder)
		closedir(folder);
	return now_ns;
}

bool rotate_rename(const char *path, uint64_t now_ns, char ret_name[ROTATE_NAME], struct error *err)
{
	now_ns = after_the_newest(path, now_ns);
	for (unsigned i = 0; i < TRIES; i++) {
		struct text name = { ret_name, ROTATE_NAME - 4, 0, false };
		text_printf(&name, "%s-", path);
		put_stamp(&name, now_ns + i * NS_PER_MS);
		text_end(&name);
		if (name.cut)
			return error_set(err, "%s: the name of the rotated file is too long", path);
		if (is_there(ret_name, name.used))
			continue;
		return rename(path, ret_name) == 0 || error_set(err, "%s: cannot rename it to %s: %s", path, ret_name, strerror(errno));
	}
	return error_set(err, "%s: there are too many rotated files of this second", path);
}

static bool pack(int from, gzFile to, const atomic_bool *stop)
{
	char room[65536];
	ssize_t n;

	while ((n = read(from, room, sizeof(room))) > 0) {
		if (stop && atomic_load(stop)) {
			errno = ECANCELED;
			return false;
		}
		if (gzwrite(to, room, (unsigned)n) != n)
			return false;
	}
	return n == 0;
}

bool rotate_pack(const char *name, const atomic_bool *stop, struct error *err)
{
	char packed[ROTATE_NAME + 4];
	int from = open(name, O_RDONLY | O_CLOEXEC), to;

	snprintf(packed, sizeof(packed), "%s.gz", name);
	to = from < 0 ? -1 : open(packed, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	int synced = to < 0 ? -1 : dup(to);
	gzFile gz = synced < 0 ? NULL : gzdopen(to, "wb6");
	bool ok = gz && pack(from, gz, stop);
	int why = errno;
	if (gz)
		ok = gzclose(gz) == Z_OK && ok;
	else if (to >= 0)
		close(to);
	if (ok && fsync(synced) != 0) { /* the plain file is the only copy on the disk until then */
		why = errno;
		ok = false;
	}
	if (synced >= 0)
		close(synced);
	if (from >= 0)
		close(from);
	if (!ok && to >= 0)
		(void)unlink(packed);
	if (!ok)
		return error_set(err, "%s: cannot pack it: %s", packed, strerror(why ? why : EIO));
	(void)unlink(name);
	return true;
}

void rotate_prune(const char *path, unsigned keep)
{
	struct rotated all = { 0 };
	DIR *folder = keep ? open_folder(path) : NULL;

	if (!folder)
		return;
	find_rotated(folder, base_of(path), &all);
	if (all.count)
		qsort(all.names, all.count, sizeof(*all.names), by_name);
	for (size_t i = 0; i < all.count; i++) {
		if (i + keep < all.count)
			(void)unlinkat(dirfd(folder), all.names[i], 0);
		free(all.names[i]);
	}
	free(all.names);
	closedir(folder);
}
