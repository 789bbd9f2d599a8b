/* SPDX-License-Identifier: BSD-2-Clause
 * Kinds file and stdout: appended lines, synced as asked for, rotated by size, age or command, chained. A line is
 * acknowledged when the buffer it stood in is written (and synced, where `fsync` is always). */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "appender.h"
#include "base/instant.h"
#include "output/chain.h"
#include "kind.h"
#include "packer.h"

#define SYNC_EVERY (5 * NS_PER_S) /* fsync: interval */

struct file {
	struct teller teller;
	struct output_clock clock;
	enum output_sync sync;
	uint64_t rotate_bytes, rotate_ns, size, opened_ns, synced_ns;
	unsigned keep;
	bool compress, unsynced;
	struct chain *chain;
	struct packer packer;
	uint64_t buffered, acknowledged; /* lines since connect */
	uint64_t before;                 /* of buffered: the rest of a line of before, acknowledged then */
	uint64_t chained;                /* of buffered: so many the chain has kept */
	char sealed_room[OUTPUT_LINE_MAX + CHAIN_ROOM];
	struct appender appender;
};

static void file_close(void *k)
{
	struct file *f = k;

	packer_stop(&f->packer);
	chain_close(f->chain);
	appender_release(&f->appender);
	free(f);
}

/* Could it be written? Nothing is made. */
static bool may_write(const char *path, struct error *err)
{
	char folder[4096];
	struct stat st;

	if (stat(path, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return error_set(err, "%s: is a folder", path);
		return access(path, W_OK) == 0 || error_set(err, "%s: %s", path, strerror(errno));
	}
	const char *slash = strrchr(path, '/');
	snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path + 1) : 1, slash ? path : ".");
	return access(folder, W_OK) == 0 || error_set(err, "%s: %s: %s", path, folder, strerror(errno));
}

static void *file_open(const struct output_settings *s, const struct teller *teller, bool dry, struct error *err)
{
	bool standard = strcmp(s->type, "stdout") == 0;
	struct file *f;

	if (!standard && (!s->path || !*s->path)) {
		error_set(err, "an output of type file needs `path`");
		return NULL;
	}
	if (dry && !standard && !may_write(s->path, err))
		return NULL;
	f = calloc(1, sizeof(*f));
	if (!f || !appender_init(&f->appender, standard ? "-" : s->path, err)) {
		free(f);
		error_set(err, "out of memory");
		return NULL;
	}
	f->teller = *teller;
	f->clock = s->clock;
	f->sync = s->sync;
	f->rotate_bytes = standard ? 0 : s->rotate_bytes;
	f->rotate_ns = standard ? 0 : s->rotate_ns;
	f->keep = s->rotate_keep;
	f->compress = s->rotate_compress;
	f->appender.impatient = true;
	if (dry)
		return f;
	/* Opened now, while there may be privileges to do it. */
	if (!appender_open(&f->appender, false, err) ||
	    (s->chain && !standard && (f->chain = chain_open(s->path, teller, err)) == NULL)) {
		file_close(f);
		return NULL;
	}
	return f;
}

/* Since when the file is: a sensor that is started anew each day would never come to the end of its day otherwise. */
static uint64_t begun(const struct file *f)
{
	uint64_t now_ns = f->clock.wall(), born_ns = 0;
	struct statx st;

	if (f->appender.regular && statx(f->appender.fd, "", AT_EMPTY_PATH, STATX_BTIME, &st) == 0 && (st.stx_mask & STATX_BTIME))
		born_ns = (uint64_t)st.stx_btime.tv_sec * NS_PER_S + st.stx_btime.tv_nsec;
	return born_ns && born_ns < now_ns ? born_ns : now_ns;
}

static bool file_connect(void *k, const struct waiter *w, struct error *err)
{
	struct file *f = k;
	struct stat st;

	(void)w;
	if (f->appender.fd < 0 && !appender_open(&f->appender, false, err))
		return false;
	if (f->chain && !chain_ready(f->chain, err))
		return false;
	f->size = fstat(f->appender.fd, &st) == 0 ? (uint64_t)st.st_size : 0;
	if (f->opened_ns == 0)
		f->opened_ns = begun(f);
	f->before = f->buffered = f->chained = f->appender.used > 0;
	f->acknowledged = 0;
	return true;
}

static enum sent file_send(void *k, const struct output_item *item, struct error *err)
{
	struct file *f = k;
	struct bytes line = item->line;

	(void)err;
	if (!appender_has_room(&f->appender, line.size + (f->chain ? CHAIN_ROOM : 0))) {
		if (f->appender.used)
			return SENT_FULL;
		error_set(err, "a line of %zu bytes is too long", line.size);
		return SENT_REFUSED;
	}
	if (f->chain) {
		struct text sealed = TEXT_ON(f->sealed_room);
		if (!chain_seal(f->chain, line, &sealed, err))
			return SENT_REFUSED;
		line = text_bytes(&sealed);
	}
	appender_add(&f->appender, line);
	f->size += line.size + 1;
	f->buffered++;
	return SENT;
}

/* Line ends in the first `size` bytes of the buffer. */
static uint64_t count_lines(const char *at, size_t size)
{
	uint64_t n = 0;

	for (const char *end; size && (end = memchr(at, '\n', size)) != NULL; n++) {
		size -= (size_t)(end + 1 - at);
		at = end + 1;
	}
	return n;
}

static bool sync_now(struct file *f, struct error *err)
{
	f->unsynced = false;
	f->synced_ns = f->clock.steady();
	if (!f->appender.regular || fdatasync(f->appender.fd) == 0)
		return true;
	return appender_fail(&f->appender, "cannot sync", err);
}

/* What stands in the file stands in the chain, whether it is acknowledged or not: who sends a line again seals it anew. */
static void keep_chain(struct file *f, uint64_t done)
{
	if (!f->chain || done <= f->chained)
		return;
	chain_keep(f->chain, done - f->chained, f->sync == OUTPUT_SYNC_ALWAYS);
	f->chained = done;
}

static bool write_out(struct file *f, struct error *err)
{
	bool written = appender_flush(&f->appender, true, err);
	uint64_t done = f->buffered - count_lines(f->appender.buffer, f->appender.used);

	if (!written && !f->appender.full && f->appender.owed) /* begun: the rest of it goes first, whatever comes */
		done++;
	written = written || f->appender.full;
	bool synced = !written || f->sync != OUTPUT_SYNC_ALWAYS || sync_now(f, err);
	f->unsynced = written && f->sync == OUTPUT_SYNC_INTERVAL;
	if (synced) /* also what stays in the file where the rest of it does not go in */
		f->acknowledged = done > f->before ? done - f->before : 0;
	keep_chain(f, done);
	return written && synced;
}

static bool file_rotate(void *k, struct error *err)
{
	struct file *f = k;
	char name[ROTATE_NAME];

	if (!f->appender.path || !f->appender.regular)
		return true;
	/* Where nothing has the name any more, another program moved the file: there is only a new one to open. */
	bool rename_it = (f->rotate_bytes || f->rotate_ns) && access(f->appender.path, F_OK) == 0;
	f->opened_ns = f->clock.wall();
	if (rename_it && !rotate_rename(f->appender.path, f->opened_ns, name, err))
		return false;
	if (f->sync != OUTPUT_SYNC_NEVER)
		(void)fdatasync(f->appender.fd);
	if (!appender_open(&f->appender, false, err)) /* the old file serves on, under its new name */
		return false;
	struct stat st;
	f->size = fstat(f->appender.fd, &st) == 0 ? (uint64_t)st.st_size : 0;
	if (f->chain)
		chain_new_file(f->chain);
	if (rename_it && f->compress)
		packer_start(&f->packer, name, f->appender.path, f->keep);
	else if (rename_it)
		rotate_prune(f->appender.path, f->keep);
	return true;
}

static void rotate_if_due(struct file *f)
{
	bool large = f->rotate_bytes && f->size >= f->rotate_bytes;
	bool old = f->rotate_ns && f->size && f->clock.wall() >= f->opened_ns + f->rotate_ns;
	struct error err;
	bool packed;

	if (packer_ended(&f->packer, &packed, &err) && !packed)
		f->teller.tell(f->teller.context, OUTPUT_ROTATE_FAILED, 0, err.text);
	if (!large && !old)
		return;
	if (!file_rotate(f, &err)) {
		f->teller.tell(f->teller.context, OUTPUT_ROTATE_FAILED, 0, err.text);
		f->size = 0; /* tried again when as much has come again */
	}
}

static bool file_settle(void *k, uint64_t *ret_acknowledged, struct error *err)
{
	struct file *f = k;

	bool fine = f->appender.used == 0 || write_out(f, err);

	*ret_acknowledged = f->acknowledged;
	if (!fine)
		return false;
	if (f->sync == OUTPUT_SYNC_INTERVAL && f->unsynced && f->clock.steady() >= f->synced_ns + SYNC_EVERY &&
	    !sync_now(f, err))
		return false;
	if (f->appender.used == 0)
		rotate_if_due(f);
	return true;
}

static int file_descriptor(void *k, short *ret_events)
{
	struct file *f = k;

	*ret_events = POLLOUT;
	return f->appender.used ? f->appender.fd : -1;
}

static void file_disconnect(void *k)
{
	struct file *f = k;

	if (f->chain)
		chain_back(f->chain);
	appender_forget(&f->appender);
	if (f->appender.path && f->appender.used == 0)
		appender_close(&f->appender); /* a folder that came back may hold another file of this name */
}

const struct output_kind kind_file = {
	.type = "file", .open = file_open, .connect = file_connect, .send = file_send, .settle = file_settle,
	.descriptor = file_descriptor, .disconnect = file_disconnect, .rotate = file_rotate, .close = file_close,
};
const struct output_kind kind_standard = {
	.type = "stdout", .open = file_open, .connect = file_connect, .send = file_send, .settle = file_settle,
	.descriptor = file_descriptor, .disconnect = file_disconnect, .close = file_close,
};
