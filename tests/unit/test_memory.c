/* SPDX-License-Identifier: BSD-2-Clause
 * What protocols remember counts towards the engine's ceiling: hostile connections that open, ask and begin without end
 * drive out the oldest flows, which are told, and never more memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/instant.h"
#include "base/limits.h"
#include "flow_wire.h"

#define CEILING (4u << 20)
#define NAME 500 /* characters of a path */

struct bytes_made {
	uint8_t at[8192];
	size_t size;
};

static void put(struct bytes_made *m, uint64_t v, size_t width)
{
	for (size_t i = 0; i < width; i++)
		m->at[m->size++] = i < 8 ? (uint8_t)(v >> 8 * i) : 0;
}

/* A NetBIOS frame with an SMB 2 request (MS-SMB2 section 2.2.1.2) in front of body. */
static void smb2(struct bytes_made *m, unsigned command, uint64_t id, const struct bytes_made *body)
{
	size_t size = 64 + body->size;

	m->size = 0;
	put(m, size >> 8 << 16 | (size & 0xff) << 24, 4); /* big-endian */
	memcpy(m->at + m->size, "\xfeSMB", 4);
	m->size += 4;
	put(m, 64, 2);
	put(m, 0, 6);
	put(m, command, 2);
	put(m, 0, 10);
	put(m, id, 8);
	put(m, 0, 4);
	put(m, 1, 4);
	put(m, 7, 8);
	put(m, 0, 16);
	memcpy(m->at + m->size, body->at, body->size);
	m->size += body->size;
}

static void say(struct wire *w, const struct bytes_made *m)
{
	wire_tcp(w, 0, TCP_ACK | TCP_PSH, (const char *)m->at, m->size);
}

static void open_connection(struct wire *w, unsigned n)
{
	static char source[32];

	snprintf(source, sizeof(source), "10.9.%u.%u", n >> 8 & 255, n & 255);
	w->addresses[0] = source;
	w->next[0] = w->next[1] = 1000;
	wire_handshake(w);
}

static void negotiate(struct wire *w)
{
	struct bytes_made body = { .size = 0 }, m;

	put(&body, 36, 2);
	put(&body, 1, 2);
	put(&body, 0, 32);
	put(&body, 0x0210, 2);
	smb2(&m, 0, 0, &body);
	say(w, &m);
}

/* MS-SMB2 section 2.2.13, with a path of NAME characters. */
static void create(struct wire *w, uint64_t id)
{
	struct bytes_made body = { .size = 0 }, m;

	put(&body, 57, 2);
	put(&body, 0, 42);
	put(&body, 120, 2);
	put(&body, 2 * NAME, 2);
	put(&body, 0, 8);
	for (unsigned i = 0; i < NAME; i++)
		put(&body, 'a', 2);
	smb2(&m, 5, id, &body);
	say(w, &m);
}

static void what_waits_on_an_smb_connection_is_charged_and_given_back(void **state)
{
	struct wire w;

	(void)state;
	wire_start(&w, NULL);
	open_connection(&w, 1);
	negotiate(&w);
	size_t before = engine_counts(w.engine)->memory_bytes;
	for (uint64_t id = 1; id <= 100; id++)
		create(&w, id);
	size_t grown = engine_counts(w.engine)->memory_bytes - before;
	assert_in_range(grown, 100 * NAME, 100 * (NAME + 400));
	wire_finish(&w);
	assert_int_equal(wire_count(&w, DATASET_SMB, NULL), 101); /* each asked, none answered */
	assert_true(engine_counts(w.engine)->memory_bytes < before);
	wire_stop(&w);
}

static void hostile_smb_state_stays_below_the_ceiling(void **state)
{
	struct engine_settings settings = engine_defaults;
	struct wire w;

	(void)state;
	settings.memory_bytes = CEILING;
	wire_start(&w, &settings);
	for (unsigned n = 0; n < 100; n++) {
		open_connection(&w, n);
		negotiate(&w);
		for (uint64_t id = 1; id <= 250; id++) {
			create(&w, id);
			assert_true(engine_counts(w.engine)->memory_bytes < CEILING + (64u << 10));
		}
	}
	assert_in_range(engine_counts(w.engine)->flows_evicted, 30, 99);
	assert_true(wire_count(&w, DATASET_SMB, NULL) > 2000); /* what they waited for was told */
	wire_stop(&w);
}

/* C706 section 12.6.4.9: a first fragment, and never a last one. */
static void fragment(struct wire *w, unsigned type, unsigned flags, uint32_t call, size_t stub)
{
	struct bytes_made m = { .size = 0 };

	put(&m, 0x0005, 2);
	put(&m, type, 1);
	put(&m, flags, 1);
	put(&m, 0x10, 4);
	put(&m, 24 + stub, 2);
	put(&m, 0, 2);
	put(&m, call, 4);
	put(&m, stub, 4);
	put(&m, 0, 2);
	put(&m, 12, 2);
	for (size_t i = 0; i < stub; i++)
		put(&m, 'x', 1);
	say(w, &m);
}

static void hostile_dce_rpc_fragments_stay_below_the_ceiling(void **state)
{
	struct engine_settings settings = engine_defaults;
	struct wire w;

	(void)state;
	settings.memory_bytes = CEILING;
	wire_start(&w, &settings);
	for (unsigned n = 0; n < 200; n++) {
		open_connection(&w, n);
		for (uint32_t i = 0; i < 40; i++) {
			fragment(&w, 0, i % 20 ? 0 : 1, 1 + i / 20, 4000);
			assert_true(engine_counts(w.engine)->memory_bytes < CEILING + (64u << 10));
		}
	}
	assert_true(engine_counts(w.engine)->flows_evicted > 100);
	wire_stop(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_waits_on_an_smb_connection_is_charged_and_given_back),
		cmocka_unit_test(hostile_smb_state_stays_below_the_ceiling),
		cmocka_unit_test(hostile_dce_rpc_fragments_stay_below_the_ceiling),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
