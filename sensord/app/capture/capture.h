/* SPDX-License-Identifier: BSD-2-Clause
 * Frames out of capture files: pcap, pcapng, packed or not, from files, folders, pipes and standard input, merged in
 * time order. What cannot be read is told as one line a file; everything before it is delivered. */
#ifndef APP_CAPTURE_H
#define APP_CAPTURE_H

#include "base/bytes.h"
#include "base/error.h"

struct chunk;

struct frame {
	struct bytes data;     /* as captured, at most LIMIT_FRAME bytes */
	struct chunk *chunk;   /* where data lies, for who wants to hold on to it (chunk.h); NULL: data is gone with the next call */
	uint32_t wire_size;    /* bytes on the wire */
	int link_type;         /* libpcap DLT_ number */
	uint64_t time_ns;
	uint64_t number;       /* in its file, from 1; live: since the start */
	const char *file;      /* the path as it was found, "-" for standard input; NULL for live capture */
	const char *interface; /* where the frame was captured, NULL where the file does not say */
};

struct capture;

struct capture_settings {
	const char *filter; /* pcap-filter(7) expression; NULL or "" for all frames */
	bool again;         /* capture_rewind will be called: pipes and standard input are kept in an unlinked file */
};

enum capture_result { CAPTURE_FRAME, CAPTURE_END };

/* paths: files, folders (read through in bytewise order of the names), pipes, "-" for standard input. Their text is
 * copied. NULL, with err set, where there is no memory, the filter fits no link type, or "-" is named twice; a path
 * that cannot be read is a problem instead, so that the others are read. settings may be NULL. */
struct capture *capture_open(const char *const *paths, size_t n, const struct capture_settings *settings,
			     struct error *err);
void capture_close(struct capture *c);

/* The next frame. Frames of one file come as they stand in it; several files are merged by time, equal times in the
 * order of the files. ret->data and ret->interface are valid until the next call, ret->file until capture_close. */
enum capture_result capture_next(struct capture *c, struct frame *ret);
/* Starts again from the first frame. Problems are counted afresh. False, with err set, where that cannot be (a pipe
 * that was not kept): the capture is then good for capture_close only. */
bool capture_rewind(struct capture *c, struct error *err) MUST_CHECK;

/* From now on only frames from from_ns to last_ns, both included. Before the first frame, or after capture_rewind. */
void capture_set_span(struct capture *c, uint64_t from_ns, uint64_t last_ns);

/* A file, pipe or "-" that is read, for those who have to say what was looked at. */
struct capture_told {
	const char *path;    /* as frame.file */
	const char *problem; /* NULL: none; complete after CAPTURE_END */
	uint64_t size;       /* bytes of a regular file, which can be read again; 0 for a pipe */
	uint64_t frames;     /* handed out since the start or capture_rewind */
};
size_t capture_files(const struct capture *c);
struct capture_told capture_file_told(const struct capture *c, size_t i);

/* One line for each file that is damaged, foreign or unreadable, in the order of the files, with the number of packets
 * that were read from it: "FILE: cut short after 12 packets (…)". Complete after CAPTURE_END. */
size_t capture_problems(const struct capture *c);
/* Valid until the next call on c. */
const char *capture_problem(struct capture *c, size_t i);

/* Bytes read of the files, packed bytes where they are packed; pipes count only in ret_read. */
void capture_progress(const struct capture *c, uint64_t *ret_read, uint64_t *ret_total);

#endif
