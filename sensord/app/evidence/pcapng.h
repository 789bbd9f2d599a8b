/* SPDX-License-Identifier: BSD-2-Clause
 * A pcapng file, written (draft-ietf-opsawg-pcapng): one section with a comment, an interface block for each interface and
 * link type, enhanced packet blocks in nanoseconds. */
#ifndef APP_PCAPNG_H
#define APP_PCAPNG_H

#include <stdio.h>

#include "base/attributes.h"
#include "recent.h"

#define PCAPNG_INTERFACES 16

struct pcapng {
	FILE *to;
	bool failed;
	size_t n_interfaces;
	struct { int link_type; char name[RECENT_INTERFACE]; } interfaces[PCAPNG_INTERFACES];
};

/* Writes the section's head; the stream is the caller's. */
void pcapng_begin(struct pcapng *p, FILE *to, struct bytes comment);
void pcapng_packet(struct pcapng *p, const struct recent_packet *packet, const uint8_t *data);
/* False where something could not be written. */
bool pcapng_end(struct pcapng *p) MUST_CHECK;

#endif
