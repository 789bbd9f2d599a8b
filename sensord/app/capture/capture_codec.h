/* SPDX-License-Identifier: BSD-2-Clause
 * Packed captures: gzip (RFC 1952), zstd (RFC 8878) and lz4 frames, known by their first bytes, unpacked in pieces. */
#ifndef APP_CAPTURE_CODEC_H
#define APP_CAPTURE_CODEC_H

#include "base/bytes.h"

enum unpacked {
	UNPACKED,         /* went on: wants input or room where nothing was made */
	UNPACKED_MEMBER,  /* this member or frame is complete; another one may follow */
	UNPACKED_DAMAGED,
};

struct codec {
	const char *name;
	bool (*is)(struct bytes head);
	void *(*start)(void); /* NULL where there is no memory */
	void (*end)(void *state);
	/* Consumes from *in, writes at most size bytes to out. *why is set to static text for UNPACKED_DAMAGED. */
	enum unpacked (*step)(void *state, struct bytes *in, uint8_t *out, size_t size, size_t *ret_made,
			      const char **why);
};

#define CODEC_HEAD 4 /* bytes that codec_find looks at */

/* The codec whose data starts like head; NULL where none does. */
const struct codec *codec_find(struct bytes head);

#endif
