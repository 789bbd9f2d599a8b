/* SPDX-License-Identifier: BSD-2-Clause
 * Inside of an output: what each kind does. */
#ifndef OUTPUT_KIND_H
#define OUTPUT_KIND_H

#include "output/output.h"

struct output_kind {
	bool (*line)(struct output *o, struct bytes line, int severity, struct error *err);
	bool (*flush)(struct output *o, struct error *err);
	bool (*reopen)(struct output *o, struct error *err);
	void (*close)(struct output *o);
};

/* Every kind's struct begins with this. */
struct output {
	const struct output_kind *kind;
};

#endif
