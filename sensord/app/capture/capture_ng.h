/* SPDX-License-Identifier: BSD-2-Clause
 * Frames out of the blocks of a pcapng file (draft-ietf-opsawg-pcapng). */
#ifndef APP_CAPTURE_NG_H
#define APP_CAPTURE_NG_H

#include "capture.h"
#include "capture_input.h"

struct capture_ng;

enum ng_result {
	NG_FRAME,
	NG_END,     /* the input ended between two blocks */
	NG_CUT,     /* the input ended inside a block */
	NG_DAMAGED, /* capture_ng_damage says how */
};

/* True where a file starts like a pcapng section. */
bool capture_ng_is(struct bytes head);
/* head: bytes already read from in, at most CAPTURE_NG_HEAD; copied. NULL where there is no memory. */
#define CAPTURE_NG_HEAD 32
struct capture_ng *capture_ng_open(struct capture_input *in, struct bytes head);
void capture_ng_close(struct capture_ng *ng);
/* Everything of *ret but the file. Views are valid until the next call. Another result than NG_FRAME comes again. */
enum ng_result capture_ng_next(struct capture_ng *ng, struct frame *ret);
const char *capture_ng_damage(const struct capture_ng *ng);

#endif
