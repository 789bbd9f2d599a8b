/* SPDX-License-Identifier: BSD-2-Clause
 * The merge of several captures by time. Of each file the first packet's time is read ahead; a file is opened when the
 * merge has come to that time and closed at its end, so that only files that overlap are open. Within a file its own
 * order is the truth, so the merge compares the packets that stand next in each file. */
#include "capture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture_file.h"
#include "capture_paths.h"

#define OPEN_FILES 128 /* captures open at a time, about 130 KiB each (pcapng 400 KiB) */

struct entry {
	const char *path;
	const char *listed_problem; /* of the path itself */
	uint64_t size;
	size_t index;
	struct capture_source *source; /* a pipe's stays open from one reading to the next */
	struct capture_file *file;     /* NULL where it is not open */
	struct frame head;             /* the next frame, where it is open */
	bool looked, has_first;        /* has the first packet been looked for, was there one? */
	uint64_t first_ns;
	bool late;                     /* could not be opened in time: OPEN_FILES */
	uint64_t read;                 /* bytes, of the readings that are over */
	uint64_t frames;               /* handed out */
	char *problem;
};

struct capture {
	struct capture_paths paths;
	struct capture_filter *filter;
	bool again;
	struct entry *entries;      /* in the order of the paths */
	size_t n_entries;
	struct entry **waiting;     /* not opened yet, by first packet */
	size_t n_waiting, next_waiting;
	struct entry *heap[OPEN_FILES]; /* open, by next packet */
	size_t n_heap;
	struct entry *current;      /* whose frame was handed out last */
	uint64_t from_ns, last_ns; /* what lies outside is passed over */
	char line[8192];
};

static void set_problem(struct entry *e, const char *text)
{
	free(e->problem);
	e->problem = strdup(text); /* without memory the line is lost, the frames are not */
}

static bool open_source(struct capture *c, struct entry *e)
{
	struct error err;
	char text[sizeof(err.text) + 32];

	if (!e->source)
		e->source = capture_source_open(e->path, c->again, &err);
	if (e->source)
		return true;
	snprintf(text, sizeof(text), "cannot be opened: %s", err.text);
	set_problem(e, text);
	return false;
}

static bool open_file(struct capture *c, struct entry *e, struct capture_filter *filter)
{
	if (!open_source(c, e))
		return false;
	e->file = capture_file_open(e->source, filter);
	if (!e->file)
		set_problem(e, strerror(ENOMEM));
	return e->file != NULL;
}

static void close_file(struct entry *e)
{
	if (e->file)
		e->read = capture_file_position(e->file);
	capture_file_close(e->file);
	e->file = NULL;
	if (e->source && capture_source_is_file(e->source)) {
		capture_source_close(e->source);
		e->source = NULL;
	}
}

static void finish(struct entry *e)
{
	char text[CAPTURE_FILE_PROBLEM];

	if (capture_file_problem(e->file, text))
		set_problem(e, text);
	else if (e->late)
		set_problem(e, "out of order: too many captures overlap in time, its packets come behind later ones");
	close_file(e);
}

/* At the end of the file e is finished and false returned. */
static bool read_frame(struct entry *e, struct frame *ret)
{
	if (likely(capture_file_next(e->file, ret))) {
		ret->file = e->path;
		return true;
	}
	finish(e);
	return false;
}

static bool advance(struct entry *e)
{
	return read_frame(e, &e->head);
}

/* Finds out when e begins. A pipe stays open with its first frame, since it cannot be read twice. */
static void look(struct capture *c, struct entry *e)
{
	e->looked = true;
	if (!open_source(c, e))
		return;
	bool is_file = capture_source_is_file(e->source);
	if (!open_file(c, e, is_file ? NULL : c->filter) || !advance(e)) {
		close_file(e);
		return;
	}
	e->has_first = true;
	e->first_ns = e->head.time_ns;
	if (is_file) {
		close_file(e);
		e->read = 0;
	}
}

static bool before(uint64_t a_ns, const struct entry *a, uint64_t b_ns, const struct entry *b)
{
	return a_ns != b_ns ? a_ns < b_ns : a->index < b->index;
}

static int by_first(const void *a, const void *b)
{
	const struct entry *const *x = a, *const *y = b;

	return before((*x)->first_ns, *x, (*y)->first_ns, *y) ? -1 : 1;
}

static bool head_before(const struct entry *a, const struct entry *b)
{
	return before(a->head.time_ns, a, b->head.time_ns, b);
}

static void heap_down(struct capture *c)
{
	size_t at = 0;

	for (;;) {
		size_t child = 2 * at + 1;
		if (child + 1 < c->n_heap && head_before(c->heap[child + 1], c->heap[child]))
			child++;
		if (child >= c->n_heap || !head_before(c->heap[child], c->heap[at]))
			return;
		struct entry *e = c->heap[at];
		c->heap[at] = c->heap[child];
		c->heap[child] = e;
		at = child;
	}
}

static void heap_push(struct capture *c, struct entry *e)
{
	size_t at = c->n_heap++;

	while (at > 0 && head_before(e, c->heap[(at - 1) / 2])) {
		c->heap[at] = c->heap[(at - 1) / 2];
		at = (at - 1) / 2;
	}
	c->heap[at] = e;
}

static void heap_pop(struct capture *c)
{
	c->heap[0] = c->heap[--c->n_heap];
	heap_down(c);
}

/* Lists what is to be read, by first packet. One file alone needs no look ahead. */
static void begin(struct capture *c)
{
	c->n_waiting = 0;
	c->next_waiting = 0;
	c->n_heap = 0;
	c->current = NULL;
	for (size_t i = 0; i < c->n_entries; i++) {
		struct entry *e = &c->entries[i];
		if (e->listed_problem)
			continue;
		if (c->n_entries > 1 && !e->looked)
			look(c, e);
		if (c->n_entries == 1 || e->has_first)
			c->waiting[c->n_waiting++] = e;
	}
	if (c->n_waiting > 1)
		qsort(c->waiting, c->n_waiting, sizeof(c->waiting[0]), by_first);
}

/* Opens the files that begin before the packet that would be next. */
static void open_due(struct capture *c)
{
	while (c->next_waiting < c->n_waiting) {
		struct entry *e = c->waiting[c->next_waiting];
		if (c->n_heap > 0 && !before(e->first_ns, e, c->heap[0]->head.time_ns, c->heap[0]))
			return;
		if (c->n_heap == OPEN_FILES) {
			e->late = true;
			return;
		}
		c->next_waiting++;
		if (e->file || (open_file(c, e, c->filter) && advance(e)))
			heap_push(c, e);
	}
}

static enum capture_result next(struct capture *c, struct frame *ret)
{
	bool alone = c->n_heap == 1 && c->next_waiting == c->n_waiting;

	if (likely(c->current)) {
		if (likely(alone && read_frame(c->current, ret)))
			return CAPTURE_FRAME; /* nothing to compare it with: no need for its copy in the head */
		if (alone || unlikely(!advance(c->current)))
			heap_pop(c);
		else
			heap_down(c);
		c->current = NULL;
	}
	if (c->next_waiting < c->n_waiting)
		open_due(c);
	if (c->n_heap == 0)
		return CAPTURE_END;
	c->current = c->heap[0];
	*ret = c->current->head;
	return CAPTURE_FRAME;
}

enum capture_result capture_next(struct capture *c, struct frame *ret)
{
	while (next(c, ret) == CAPTURE_FRAME) {
		if (unlikely(ret->time_ns < c->from_ns || ret->time_ns > c->last_ns))
			continue;
		c->current->frames++;
		return CAPTURE_FRAME;
	}
	return CAPTURE_END;
}

void capture_set_span(struct capture *c, uint64_t from_ns, uint64_t last_ns)
{
	c->from_ns = from_ns;
	c->last_ns = last_ns;
}

static bool make_entries(struct capture *c)
{
	size_t n = c->paths.n;

	c->entries = calloc(n + 1, sizeof(c->entries[0])); /* + 1: a folder may hold nothing */
	c->waiting = calloc(n + 1, sizeof(struct entry *));
	if (!c->entries || !c->waiting)
		return false;
	c->n_entries = n;
	for (size_t i = 0; i < n; i++) {
		const struct capture_path *p = &c->paths.at[i];
		c->entries[i] = (struct entry){
			.path = p->path, .listed_problem = p->problem, .size = p->size, .index = i,
		};
	}
	return true;
}

static bool list_paths(struct capture *c, const char *const *paths, size_t n, struct error *err)
{
	size_t n_standard = 0;

	for (size_t i = 0; i < n; i++) {
		n_standard += strcmp(paths[i], "-") == 0;
		if (n_standard > 1)
			return error_set(err, "standard input (-) can be read only once");
		if (!capture_paths_add(&c->paths, paths[i]))
			return error_set(err, "%s", strerror(ENOMEM));
	}
	return make_entries(c) || error_set(err, "%s", strerror(ENOMEM));
}

struct capture *capture_open(const char *const *paths, size_t n, const struct capture_settings *settings,
			     struct error *err)
{
	struct capture *c = calloc(1, sizeof(*c));
	const char *filter = settings && settings->filter ? settings->filter : "";

	if (!c) {
		error_set(err, "%s", strerror(ENOMEM));
		return NULL;
	}
	c->again = settings && settings->again;
	c->last_ns = UINT64_MAX;
	if (filter[0])
		c->filter = capture_filter_new(filter, err);
	if ((filter[0] && !c->filter) || !list_paths(c, paths, n, err)) {
		capture_close(c);
		return NULL;
	}
	begin(c);
	return c;
}

void capture_close(struct capture *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n_entries; i++) {
		capture_file_close(c->entries[i].file);
		capture_source_close(c->entries[i].source);
		free(c->entries[i].problem);
	}
	free(c->entries);
	free(c->waiting);
	capture_filter_free(c->filter);
	capture_paths_release(&c->paths);
	free(c);
}

bool capture_rewind(struct capture *c, struct error *err)
{
	for (size_t i = 0; i < c->n_entries; i++) {
		struct entry *e = &c->entries[i];
		if (e->source && !capture_source_is_file(e->source) && !c->again)
			return error_set(err, "%s cannot be read a second time", e->path);
	}
	for (size_t i = 0; i < c->n_entries; i++) {
		struct entry *e = &c->entries[i];
		close_file(e);
		e->read = 0;
		e->frames = 0;
		e->late = false;
		if (e->looked && !e->has_first)
			continue; /* what was found out about it stands */
		free(e->problem);
		e->problem = NULL;
	}
	begin(c);
	return true;
}

static const char *problem_of(const struct entry *e)
{
	return e->listed_problem ? e->listed_problem : e->problem;
}

size_t capture_files(const struct capture *c)
{
	return c->n_entries;
}

struct capture_told capture_file_told(const struct capture *c, size_t i)
{
	const struct entry *e = &c->entries[i];

	return (struct capture_told){ e->path, problem_of(e), strcmp(e->path, "-") == 0 ? 0 : e->size, e->frames };
}

size_t capture_problems(const struct capture *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_entries; i++)
		n += problem_of(&c->entries[i]) != NULL;
	return n;
}

/* A file name may hold anything; a line is one line. */
static void make_printable(char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			*s = '?';
}

const char *capture_problem(struct capture *c, size_t i)
{
	c->line[0] = '\0';
	for (size_t at = 0; at < c->n_entries; at++) {
		const struct entry *e = &c->entries[at];
		if (!problem_of(e) || i-- > 0)
			continue;
		const char *name = strcmp(e->path, "-") == 0 ? "standard input" : e->path;
		snprintf(c->line, sizeof(c->line), "%s: %s", name, problem_of(e));
		make_printable(c->line);
		break;
	}
	return c->line;
}

void capture_progress(const struct capture *c, uint64_t *ret_read, uint64_t *ret_total)
{
	*ret_read = 0;
	*ret_total = 0;
	for (size_t i = 0; i < c->n_entries; i++) {
		const struct entry *e = &c->entries[i];
		*ret_read += e->file ? capture_file_position(e->file) : e->read;
		*ret_total += e->size;
	}
}
