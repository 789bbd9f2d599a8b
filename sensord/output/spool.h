/* SPDX-License-Identifier: BSD-2-Clause
 * Lines on disk while the far end is away: a folder of append-only segment files, oldest first, and the place up to which
 * all is acknowledged. It survives the end of the program, kind or unkind: a frame cut short at the end of a segment is
 * left alone, and a program started anew never appends to an old segment.
 *
 * Segment: "SENSORD-SPOOL-1\n", then frames: size of the body (4 bytes, big-endian), SipHash of the body with the key
 * of zeros (8), body: time in ns (8), severity (1), size of the tag (1), tag, line. Read back as hostile bytes. */
#ifndef OUTPUT_SPOOL_H
#define OUTPUT_SPOOL_H

#include "output/output.h"

#define SPOOL_SEGMENTS 4096 /* files of one spool; more: the oldest goes */
#define SPOOL_FRAME_HEAD 12
#define SPOOL_BODY_HEAD 10
#define SPOOL_FRAME_MAX (SPOOL_FRAME_HEAD + SPOOL_BODY_HEAD + OUTPUT_TAG + OUTPUT_LINE_MAX)

struct spool;

/* segment: its number, from 1; 0: nowhere. */
struct spool_place { uint64_t segment, offset; };

/* Opens, or makes, the folder; one program at a time. max_bytes: of all segments. */
struct spool *spool_open(const char *folder, uint64_t max_bytes, bool sync, struct error *err) MUST_CHECK;
void spool_close(struct spool *s);

/* Appends. Where max_bytes is reached the oldest segment goes, and the lines in it that nobody had read are added to
 * *lost. False: nothing of this line is on disk; err says why. */
bool spool_add(struct spool *s, const struct output_item *item, struct spool_place *ret_end, uint64_t *lost,
	       struct error *err) MUST_CHECK;

enum spool_read { SPOOL_LINE, SPOOL_EMPTY, SPOOL_DAMAGED };
/* The next line to send; ret_end is the place behind it. The item is valid until the next call on s. SPOOL_DAMAGED: err
 * says which segment; the rest of it was skipped, reading goes on behind. */
enum spool_read spool_next(struct spool *s, struct output_item *ret, struct spool_place *ret_end, struct error *err);
/* All up to there is acknowledged, and forgotten. */
void spool_done(struct spool *s, struct spool_place end);
/* All that is there is acknowledged, or damaged. */
void spool_forget(struct spool *s);
/* Reads again from the last place acknowledged. */
void spool_rewind(struct spool *s);
/* What was just appended needs no reading (it is on its way already). */
void spool_skip_to(struct spool *s, struct spool_place end);
/* False where that place was given up, for want of room. */
bool spool_holds(const struct spool *s, struct spool_place end);
bool spool_empty(const struct spool *s);  /* nothing unread */
bool spool_settled(const struct spool *s); /* nothing unacknowledged */
uint64_t spool_bytes(const struct spool *s);

/* One frame out of hostile bytes. */
enum spool_frame { SPOOL_FRAME_WHOLE, SPOOL_FRAME_CUT, SPOOL_FRAME_WRONG };
enum spool_frame spool_frame_read(struct bytes from, struct output_item *ret, size_t *ret_size);
/* Into at least SPOOL_FRAME_MAX bytes; returns the size. */
size_t spool_frame_write(const struct output_item *item, uint8_t *to);

#endif
