/* SPDX-License-Identifier: BSD-2-Clause
 * What tests of protocols say of records. Included after cmocka. */
#ifndef TESTS_PROTO_ASSERT_H
#define TESTS_PROTO_ASSERT_H

#include "proto_harness.h"

/* The field's text (first value), or NULL: it is not there. */
static inline void assert_text(const struct record *r, enum field f, const char *expected)
{
	assert_non_null(r);
	if (!expected) {
		assert_false(record_has(r, f));
		return;
	}
	char room[256];
	const struct value *v = record_get(r, f);
	struct bytes shown = v ? record_show(r, f, v, room, sizeof(room)) : bytes_string("(absent)");
	if (!v || !bytes_equal(shown, bytes_string(expected)))
		fail_msg("field %s is \"%.*s\", not \"%s\"", fields[f].name, (int)shown.size, (const char *)shown.at, expected);
}

/* Plays an exchange on a fresh flow to that port. */
static inline struct harness *play(const struct step *steps, size_t n, uint16_t port, bool datagram)
{
	struct harness *h = harness_new(NULL);

	harness_set_server_port(h, port);
	harness_set_datagram(h, datagram);
	harness_run(h, steps, n, 0, 0);
	return h;
}
#define PLAY(steps, port) play(steps, ARRAY_SIZE(steps), port, false)
#define PLAY_DATAGRAMS(steps, port) play(steps, ARRAY_SIZE(steps), port, true)

#endif
