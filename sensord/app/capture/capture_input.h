/* SPDX-License-Identifier: BSD-2-Clause
 * The bytes of a capture from its start to its end, unpacked where they are packed. */
#ifndef APP_CAPTURE_INPUT_H
#define APP_CAPTURE_INPUT_H

#include "capture_source.h"

enum input_state {
	INPUT_FINE,
	INPUT_CUT,        /* packed data ended in the middle */
	INPUT_DAMAGED,    /* packed data is not what its format asks for */
	INPUT_UNREADABLE, /* the system said no */
};

struct capture_input;

/* Reads s from its start; s is kept by the caller and outlives the input. NULL where there is no memory. */
struct capture_input *capture_input_open(struct capture_source *s);
void capture_input_close(struct capture_input *in);
/* Up to size bytes (0 only for size 0 or at the end); -1 where the source cannot be read. Damage is an end. */
ssize_t capture_input_read(struct capture_input *in, void *to, size_t size);
/* Reads until size bytes are there or the end; returns how many. */
size_t capture_input_fill(struct capture_input *in, void *to, size_t size);
enum input_state capture_input_state(const struct capture_input *in);
/* What happened, for people; "" for INPUT_FINE. */
const char *capture_input_damage(const struct capture_input *in);
/* Bytes taken from the source. */
uint64_t capture_input_position(const struct capture_input *in);

#endif
