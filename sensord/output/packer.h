/* SPDX-License-Identifier: BSD-2-Clause
 * Packs a rotated file in a thread of its own: gzip takes seconds for a large one, and the lines of that time would find
 * the memory full. One file at a time. */
#ifndef OUTPUT_PACKER_H
#define OUTPUT_PACKER_H

#include <pthread.h>
#include <stdatomic.h>

#include "rotate.h"

struct packer {
	pthread_t thread;
	bool busy;        /* begun, and not yet collected */
	atomic_bool done, stop;
	char name[ROTATE_NAME];
	const char *path; /* the caller's, which outlives it */
	unsigned keep;
	bool fine;
	struct error err;
};

/* Packs name, a rotated file of path, then removes the oldest beyond `keep`. Waits for the one before. */
void packer_start(struct packer *p, const char *name, const char *path, unsigned keep);
/* True where one has ended since the last look: *ret_fine, and err where it failed. */
bool packer_ended(struct packer *p, bool *ret_fine, struct error *err);
/* What is not packed by now stays as it was. */
void packer_stop(struct packer *p);

#endif
