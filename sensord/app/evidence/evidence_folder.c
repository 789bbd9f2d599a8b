/* SPDX-License-Identifier: BSD-2-Clause */
#include "evidence_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/instant.h"
#include "base/text.h"
#include "evidence.h"

#define STAMP 16 /* "20261123T085118Z" */

struct kept {
	char name[EVIDENCE_NAME];
	uint64_t size;
};

struct evidence_folder {
	int fd;
	uint64_t max_bytes, max_age_ns, bytes;
	size_t count;
	struct kept kept[EVIDENCE_FILES + 1]; /* in the order of their names, which is that of time */
};

static void put_stamp(struct text *t, uint64_t time_ns)
{
	char at[INSTANT_TEXT];

	instant_format(time_ns, at);
	for (const char *c = at; *c && *c != '.'; c++)
		if (*c != '-' && *c != ':')
			text_char(t, *c);
	text_char(t, 'Z');
}

void evidence_folder_name(uint64_t time_ns, struct bytes rule, uint64_t id, char ret[EVIDENCE_NAME])
{
	struct text t = { ret, EVIDENCE_NAME, 0, false };

	put_stamp(&t, time_ns);
	text_char(&t, '-');
	for (size_t i = 0; i < rule.size && i < 32; i++) {
		char c = (char)rule.at[i], lower = ascii_lower(c);
		text_char(&t, (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ? c : '-');
	}
	text_printf(&t, "-%016llx.pcapng", (unsigned long long)id);
	text_end(&t);
}

static bool is_ours(const char *name)
{
	struct bytes all = bytes_string(name);
	uint64_t n;

	return all.size > STAMP + 24 && all.size < EVIDENCE_NAME && name[8] == 'T' && name[15] == 'Z' && name[16] == '-' &&
	       bytes_decimal(bytes_of(name, 8), UINT64_MAX, &n) && bytes_decimal(bytes_of(name + 9, 6), UINT64_MAX, &n) &&
	       bytes_ends_nocase(all, bytes_string(".pcapng"));
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct kept *)a)->name, ((const struct kept *)b)->name);
}

static void remove_first(struct evidence_folder *f)
{
	(void)unlinkat(f->fd, f->kept[0].name, 0);
	f->bytes -= f->kept[0].size;
	f->count--;
	memmove(f->kept, f->kept + 1, f->count * sizeof(f->kept[0]));
}

static void prune(struct evidence_folder *f, uint64_t now_ns)
{
	char oldest[STAMP + 1];
	struct text t = TEXT_ON(oldest);
	bool aged = f->max_age_ns && now_ns > f->max_age_ns;

	put_stamp(&t, aged ? now_ns - f->max_age_ns : 0);
	while (f->count > 1 && (f->count > EVIDENCE_FILES || (f->max_bytes && f->bytes > f->max_bytes) ||
				(aged && memcmp(f->kept[0].name, oldest, STAMP) < 0)))
		remove_first(f);
}

/* After this many names the rest is left for the next start. */
static bool scan(struct evidence_folder *f)
{
	int fd = dup(f->fd);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	struct stat st;

	if (!d) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	while (f->count < EVIDENCE_FILES && (entry = readdir(d)) != NULL) {
		if (!is_ours(entry->d_name) || fstatat(f->fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode))
			continue;
		struct kept *k = &f->kept[f->count++];
		memcpy(k->name, entry->d_name, strlen(entry->d_name) + 1);
		k->size = (uint64_t)st.st_size;
		f->bytes += k->size;
	}
	closedir(d);
	qsort(f->kept, f->count, sizeof(f->kept[0]), by_name);
	return true;
}

struct evidence_folder *evidence_folder_open(const char *path, uint64_t max_bytes, uint64_t max_age_ns, struct error *err)
{
	struct evidence_folder *f = calloc(1, sizeof(*f));

	if (!f) {
		error_set(err, "out of memory");
		return NULL;
	}
	f->max_bytes = max_bytes;
	f->max_age_ns = max_age_ns;
	f->fd = mkdir(path, 0750) < 0 && errno != EEXIST ? -1 : open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->fd >= 0 && scan(f))
		return f;
	error_set(err, "evidence %s: cannot open the folder: %s", path, strerror(errno));
	evidence_folder_close(f);
	return NULL;
}

void evidence_folder_close(struct evidence_folder *f)
{
	if (f && f->fd >= 0)
		close(f->fd);
	free(f);
}

int evidence_folder_fd(const struct evidence_folder *f) { return f->fd; }

void evidence_folder_add(struct evidence_folder *f, const char *name, uint64_t size, uint64_t now_ns)
{
	size_t at = f->count;

	while (at > 0 && strcmp(f->kept[at - 1].name, name) > 0)
		at--;
	if (at > 0 && strcmp(f->kept[at - 1].name, name) == 0) { /* written anew, by a replay of the same */
		f->bytes += size - f->kept[at - 1].size;
		f->kept[at - 1].size = size;
	} else {
		memmove(f->kept + at + 1, f->kept + at, (f->count - at) * sizeof(f->kept[0]));
		memcpy(f->kept[at].name, name, strlen(name) + 1);
		f->kept[at].size = size;
		f->bytes += size;
		f->count++;
	}
	prune(f, now_ns);
}
