/* SPDX-License-Identifier: BSD-2-Clause
 * A writer of DCE/RPC PDUs (C706 chapter 12) for tests, in either order of octets. Included after cmocka. */
#ifndef TESTS_DCE_RPC_MAKER_H
#define TESTS_DCE_RPC_MAKER_H

#include <stdio.h>

#include "proto_harness.h"

#define SVCCTL "367abb81-9844-35f1-ad32-98f038001003"
#define NDR "8a885d04-1ceb-11c9-9fe8-08002b104860"
#define NDR64 "71710533-beba-4937-8319-b5dbef9ccc36"

struct made {
	uint8_t at[70000];
	size_t size;
	bool big;
};

static inline void put(struct made *m, uint64_t v, size_t width)
{
	for (size_t i = 0; i < width; i++)
		m->at[m->size + i] = (uint8_t)(v >> 8 * (m->big ? width - 1 - i : i));
	m->size += width;
}

static inline void put_bytes(struct made *m, const void *at, size_t n)
{
	memcpy(m->at + m->size, at, n);
	m->size += n;
}

static inline void put_uuid(struct made *m, const char *text)
{
	unsigned a, b, c, d[8];

	assert_int_equal(sscanf(text, "%8x-%4x-%4x-%2x%2x-%2x%2x%2x%2x%2x%2x", &a, &b, &c, &d[0], &d[1], &d[2], &d[3], &d[4], &d[5],
				&d[6], &d[7]), 11);
	put(m, a, 4);
	put(m, b, 2);
	put(m, c, 2);
	for (int i = 0; i < 8; i++)
		m->at[m->size++] = (uint8_t)d[i];
}

/* Returns where the PDU begins. */
static inline size_t begin(struct made *m, unsigned type, unsigned flags, uint32_t call)
{
	size_t start = m->size;

	put(m, 5, 1);
	put(m, 0, 1);
	put(m, type, 1);
	put(m, flags, 1);
	put_bytes(m, m->big ? "\0\0\0\0" : "\x10\0\0\0", 4);
	put(m, 0, 2);
	put(m, 0, 2);
	put(m, call, 4);
	return start;
}

static inline void end(struct made *m, size_t start, size_t auth)
{
	size_t size = m->size;

	m->size = start + 8;
	put(m, size - start, 2);
	put(m, auth, 2);
	m->size = size;
}

static inline void put_trailer(struct made *m, unsigned type, unsigned level, const void *token, size_t size)
{
	put(m, type, 1);
	put(m, level, 1);
	put(m, 0, 2);
	put(m, 77, 4);
	put_bytes(m, token, size);
}

static inline void put_context(struct made *m, unsigned id, const char *uuid, unsigned version, const char *syntax)
{
	put(m, id, 2);
	put(m, 1, 1);
	put(m, 0, 1);
	put_uuid(m, uuid);
	put(m, version, 4);
	put_uuid(m, syntax);
	put(m, 2, 4);
}

static inline size_t bind_head(struct made *m, unsigned type, unsigned contexts)
{
	size_t start = begin(m, type, 3, 1);

	put(m, 4280, 2);
	put(m, 4280, 2);
	put(m, 0, 4);
	put(m, contexts, 1);
	put(m, 0, 3);
	return start;
}

static inline void bind(struct made *m, const char *uuid, unsigned version, const char *syntax)
{
	size_t start = bind_head(m, 11, 1);

	put_context(m, 0, uuid, version, syntax);
	end(m, start, 0);
}

static inline void bind_ack_in(struct made *m, unsigned n, const unsigned *results, const char *syntax)
{
	size_t start = begin(m, 12, 3, 1);

	put(m, 4280, 2);
	put(m, 4280, 2);
	put(m, 0, 4);
	put(m, 4, 2); /* secondary address "135", padded */
	put_bytes(m, "135\0\0\0", 6);
	put(m, n, 1);
	put(m, 0, 3);
	for (unsigned i = 0; i < n; i++) {
		put(m, results[i], 2);
		put(m, 0, 2);
		put_uuid(m, syntax);
		put(m, 2, 4);
	}
	end(m, start, 0);
}

static inline void bind_ack(struct made *m, unsigned n, const unsigned *results)
{
	bind_ack_in(m, n, results, NDR);
}

static inline size_t request(struct made *m, unsigned flags, uint32_t call, unsigned opnum)
{
	size_t start = begin(m, 0, flags, call);

	put(m, 0, 4);
	put(m, 0, 2);
	put(m, opnum, 2);
	return start;
}

static inline size_t response(struct made *m, unsigned flags, uint32_t call)
{
	size_t start = begin(m, 2, flags, call);

	put(m, 0, 4);
	put(m, 0, 4);
	return start;
}

static inline void fault(struct made *m, uint32_t call, uint32_t status)
{
	size_t start = begin(m, 3, 3, call);

	put(m, 0, 8);
	put(m, status, 4);
	put(m, 0, 4);
	end(m, start, 0);
}

static inline void align(struct made *m, size_t stub, size_t to)
{
	while ((m->size - stub) % to)
		put(m, 0, 1);
}

static inline void put_text(struct made *m, size_t stub, const char *text, bool wide)
{
	size_t n = strlen(text) + 1, word = wide ? 8 : 4;

	align(m, stub, word);
	put(m, n, word);
	put(m, 0, word);
	put(m, n, word);
	for (size_t i = 0; i < n; i++)
		put(m, (uint8_t)text[i], 2);
}

static inline void put_handle(struct made *m, uint8_t fill)
{
	for (int i = 0; i < 20; i++)
		put(m, fill, 1);
}

/* CreateServiceW without its end: what comes behind the command is not read. */
static inline void create_service(struct made *m, size_t stub, const char *name, const char *command, bool wide)
{
	put_handle(m, 0x11);
	put_text(m, stub, name, wide);
	align(m, stub, wide ? 8 : 4);
	put(m, 0x20000, wide ? 8 : 4);
	put_text(m, stub, "shown", wide);
	align(m, stub, 4);
	for (int i = 0; i < 4; i++)
		put(m, 3, 4);
	put_text(m, stub, command, wide);
}

static inline void say(struct harness *h, enum side side, struct made *m)
{
	harness_feed(h, side, bytes_of(m->at, m->size), 0, 0);
	m->size = 0;
}

static inline void open_svcctl(struct harness *h, struct made *m)
{
	bind(m, SVCCTL, 2, NDR);
	say(h, CLIENT, m);
	bind_ack(m, 1, (unsigned[]){ 0 });
	say(h, SERVER, m);
}

/* One request of an interface, with that stub; its record. */
static inline const struct record *one_call(struct harness *h, const char *uuid, unsigned opnum, const struct made *stub)
{
	static struct made m;

	m.size = 0;
	bind(&m, uuid, 1, NDR);
	say(h, CLIENT, &m);
	size_t start = request(&m, 3, 2, opnum);
	put_bytes(&m, stub->at, stub->size);
	end(&m, start, 0);
	say(h, CLIENT, &m);
	harness_close(h, ENDED_FIN);
	for (size_t i = 0; i < harness_count(h); i++)
		if (record_text_is(harness_record(h, i), FIELD_EVENT_ACTION, "call"))
			return harness_record(h, i);
	return NULL;
}

#endif
