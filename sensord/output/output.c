/* SPDX-License-Identifier: BSD-2-Clause
 * Outputs of any kind: what is the same for all of them. Severities: MEASURES 4.6, numbers of RFC 5424 section 6.2.1. */
#include "kind.h"

bool output_line(struct output *o, struct bytes line, int severity, struct error *err)
{
	if (line.size && memchr(line.at, '\n', line.size))
		return error_set(err, "a line feed inside of a line");
	return o->kind->line(o, line, severity < 0 ? 0 : severity > 7 ? 7 : severity, err);
}

bool output_flush(struct output *o, struct error *err)
{
	return o->kind->flush(o, err);
}

bool output_reopen(struct output *o, struct error *err)
{
	return o->kind->reopen(o, err);
}

void output_close(struct output *o)
{
	if (o)
		o->kind->close(o);
}

int output_severity(uint64_t event_severity)
{
	static const struct { uint64_t from; int severity; } steps[] = { { 95, 2 }, { 75, 3 }, { 50, 4 }, { 30, 5 } };

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		if (event_severity >= steps[i].from)
			return steps[i].severity;
	return 6;
}
