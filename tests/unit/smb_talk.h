/* SPDX-License-Identifier: BSD-2-Clause
 * An SMB exchange under construction, and what the parser told of it. Included by one test program each, after cmocka. */
#ifndef TESTS_SMB_TALK_H
#define TESTS_SMB_TALK_H

#include "proto_harness.h"
#include "smb_wire.h"

/* An exchange under construction: one buffer, cut into steps. */
struct talk {
	struct wire wire;
	struct step steps[160];
	size_t n;
	uint64_t id;
};

static inline struct talk *talk_new(void)
{
	return calloc(1, sizeof(struct talk));
}

static inline void say(struct talk *t, enum side side)
{
	frame_end(&t->wire);
	t->steps[t->n++] = (struct step){ side, bytes_of(t->wire.at + t->wire.frame, t->wire.size - t->wire.frame), 0 };
}

static inline struct harness *run(struct talk *t)
{
	struct harness *h = harness_new(NULL);
	harness_run(h, t->steps, t->n, 0, 0);
	assert_false(harness_malformed(h, CLIENT));
	assert_false(harness_malformed(h, SERVER));
	return h;
}

static inline const struct record *told(const struct harness *h, const char *command)
{
	for (size_t i = 0; i < harness_count(h); i++)
		if (record_text_is(harness_record(h, i), FIELD_SMB_COMMAND, command))
			return harness_record(h, i);
	return NULL;
}

static inline size_t count(const struct harness *h, const char *command)
{
	size_t n = 0;
	for (size_t i = 0; i < harness_count(h); i++)
		n += record_text_is(harness_record(h, i), FIELD_SMB_COMMAND, command);
	return n;
}

static inline void done(struct harness *h, struct talk *t)
{
	harness_free(h);
	free(t);
}

#endif
