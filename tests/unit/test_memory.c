/* SPDX-License-Identifier: BSD-2-Clause
 * What protocols remember counts towards the engine's ceiling: hostile connections that open, ask and begin without end
 * drive out the oldest flows, which are told, and never more memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/attributes.h"
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

/* ---- what other protocols keep ---- */

static void talk(struct wire *w, const void *at, size_t size)
{
	wire_tcp(w, 0, TCP_ACK | TCP_PSH, at, size);
}

/* RFC 4511 section 4.5.1: a search below a name of 100 characters for objects that have a cn. */
static void ldap_search(struct wire *w, uint8_t id)
{
	uint8_t m[131] = { 0x30, 0x81, 128, 2, 1, id, 0x63, 123, 4, 100 };
	static const uint8_t rest[] = { 0x0a, 1, 2, 0x0a, 1, 0, 2, 1, 0, 2, 1, 0, 1, 1, 0, 0x87, 2, 'c', 'n', 0x30, 0 };

	memset(m + 10, 'o', 100);
	m[11] = '=';
	m[12] = (uint8_t)('a' + id); /* the same again would be folded */
	memcpy(m + 110, rest, sizeof(rest));
	talk(w, m, sizeof(m));
}

static void ldap(struct wire *w)
{
	for (uint8_t i = 1; i <= 10; i++)
		ldap_search(w, i);
}

static void ssh(struct wire *w)
{
	static const char line[] = "SSH-2.0-OpenSSH_9.9 and more\r\n";

	talk(w, line, sizeof(line) - 1);
}

/* X.224 connection request (MS-RDPBCGR section 2.2.1.1) with a cookie. */
static void rdp(struct wire *w)
{
	static const char request[] = "\x03\0\0\x2f\x2a\xe0\0\0\0\0\0Cookie: mstshash=somebody\r\n\x01\0\x08\0\x03\0\0\0";

	talk(w, request, 47);
}

/* RFC 8446 section 4.1.2, without extensions. */
static void tls(struct wire *w)
{
	struct bytes_made m = { .size = 0 };

	put(&m, 0x010316, 3);
	put(&m, 45 << 8, 2);
	put(&m, 1, 1);
	put(&m, 41 << 16, 3);
	put(&m, 0x0303, 2);
	put(&m, 0, 33);
	put(&m, 0x0200, 2);
	put(&m, 0x2f00, 2);
	put(&m, 0x0001, 2);
	talk(w, m.at, m.size);
}

static void what_other_protocols_keep_is_charged_and_given_back(void **state)
{
	static const struct {
		void (*speak)(struct wire *w);
		enum dataset kind;
		size_t records;
	} rows[] = { { ldap, DATASET_LDAP, 10 }, { ssh, DATASET_SSH, 1 }, { rdp, DATASET_RDP, 1 }, { tls, DATASET_TLS, 1 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct wire w;
		wire_start(&w, NULL);
		open_connection(&w, 1);
		size_t before = engine_counts(w.engine)->memory_bytes;
		rows[i].speak(&w);
		size_t grown = engine_counts(w.engine)->memory_bytes - before;
		assert_true(grown > rows[i].records * sizeof(struct record)); /* more than the states alone */
		wire_finish(&w);
		assert_int_equal(wire_count(&w, rows[i].kind, NULL), rows[i].records);
		assert_true(engine_counts(w.engine)->memory_bytes < before);
		wire_stop(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_waits_on_an_smb_connection_is_charged_and_given_back),
		cmocka_unit_test(hostile_smb_state_stays_below_the_ceiling),
		cmocka_unit_test(hostile_dce_rpc_fragments_stay_below_the_ceiling),
		cmocka_unit_test(what_other_protocols_keep_is_charged_and_given_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
