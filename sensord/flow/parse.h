/* SPDX-License-Identifier: BSD-2-Clause
 * One call of a protocol: made by layer.c and child.c, served by parse.c. */
#ifndef FLOW_PARSE_H
#define FLOW_PARSE_H

#include "flow.h"

struct parse {
	struct engine *engine;
	struct flow *flow;
	struct layer *layer;
	enum side side;
	bool datagram;
	bool finish[2];
	bool opened;   /* a tunnel */
	uint64_t skip;
	uint32_t need;
	unsigned inner_depth;
	struct bytes left; /* parse_left */
	struct child *child; /* whose call this is, NULL for the flow's own */
};

/* layer.c */
bool layer_adopt(struct engine *e, struct flow *f, struct layer *l, const struct protocol *protocol);
void layer_abandon(struct engine *e, struct flow *f, struct layer *l);

#endif
