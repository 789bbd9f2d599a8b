/* SPDX-License-Identifier: BSD-2-Clause
 * The frames of one capture file, whatever its format. */
#ifndef APP_CAPTURE_FILE_H
#define APP_CAPTURE_FILE_H

#include "capture.h"
#include "capture_filter.h"
#include "capture_source.h"

struct capture_file;

#define CAPTURE_FILE_PROBLEM 400 /* room for capture_file_problem with its zero */

/* s and filter (NULL: all frames) are kept by the caller. NULL where there is no memory; a file that is no capture is
 * one without frames and with a problem. */
struct capture_file *capture_file_open(struct capture_source *s, struct capture_filter *filter);
void capture_file_close(struct capture_file *f);
/* Everything of *ret but the file; views are valid until the next call. False at the end. */
bool capture_file_next(struct capture_file *f, struct frame *ret);
/* What is wrong with the file, without its name: "cut short after 12 packets (…)". False where nothing is, which is
 * certain only behind the last frame. */
bool capture_file_problem(const struct capture_file *f, char out[CAPTURE_FILE_PROBLEM]);
/* Bytes taken from the source. */
uint64_t capture_file_position(const struct capture_file *f);

#endif
