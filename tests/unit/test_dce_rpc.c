/* SPDX-License-Identifier: BSD-2-Clause
 * DCE/RPC: binds, calls and their answers, arguments, logons, the endpoint mapper, datagrams; limits reached. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/limits.h"
#include "proto_harness.h"
#include "proto_sweep.h"

#define SVCCTL "367abb81-9844-35f1-ad32-98f038001003"
#define NDR "8a885d04-1ceb-11c9-9fe8-08002b104860"
#define NDR64 "71710533-beba-4937-8319-b5dbef9ccc36"

extern const struct protocol protocol_dce_rpc;

/* --- a writer of PDUs --- */

struct made {
	uint8_t at[70000];
	size_t size;
	bool big;
};

static void put(struct made *m, uint64_t v, size_t width)
{
	for (size_t i = 0; i < width; i++)
		m->at[m->size + i] = (uint8_t)(v >> 8 * (m->big ? width - 1 - i : i));
	m->size += width;
}

static void put_bytes(struct made *m, const void *at, size_t n)
{
	memcpy(m->at + m->size, at, n);
	m->size += n;
}

static void put_uuid(struct made *m, const char *text)
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
static size_t begin(struct made *m, unsigned type, unsigned flags, uint32_t call)
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

static void end(struct made *m, size_t start, size_t auth)
{
	size_t size = m->size;

	m->size = start + 8;
	put(m, size - start, 2);
	put(m, auth, 2);
	m->size = size;
}

static void put_trailer(struct made *m, unsigned type, unsigned level, const void *token, size_t size)
{
	put(m, type, 1);
	put(m, level, 1);
	put(m, 0, 2);
	put(m, 77, 4);
	put_bytes(m, token, size);
}

static void put_context(struct made *m, unsigned id, const char *uuid, unsigned version, const char *syntax)
{
	put(m, id, 2);
	put(m, 1, 1);
	put(m, 0, 1);
	put_uuid(m, uuid);
	put(m, version, 4);
	put_uuid(m, syntax);
	put(m, 2, 4);
}

static size_t bind_head(struct made *m, unsigned type, unsigned contexts)
{
	size_t start = begin(m, type, 3, 1);

	put(m, 4280, 2);
	put(m, 4280, 2);
	put(m, 0, 4);
	put(m, contexts, 1);
	put(m, 0, 3);
	return start;
}

static void bind(struct made *m, const char *uuid, unsigned version, const char *syntax)
{
	size_t start = bind_head(m, 11, 1);

	put_context(m, 0, uuid, version, syntax);
	end(m, start, 0);
}

static void bind_ack(struct made *m, unsigned n, const unsigned *results)
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
		put_uuid(m, NDR);
		put(m, 2, 4);
	}
	end(m, start, 0);
}

static size_t request(struct made *m, unsigned flags, uint32_t call, unsigned opnum)
{
	size_t start = begin(m, 0, flags, call);

	put(m, 0, 4);
	put(m, 0, 2);
	put(m, opnum, 2);
	return start;
}

static size_t response(struct made *m, unsigned flags, uint32_t call)
{
	size_t start = begin(m, 2, flags, call);

	put(m, 0, 4);
	put(m, 0, 4);
	return start;
}

static void fault(struct made *m, uint32_t call, uint32_t status)
{
	size_t start = begin(m, 3, 3, call);

	put(m, 0, 8);
	put(m, status, 4);
	put(m, 0, 4);
	end(m, start, 0);
}

static void align(struct made *m, size_t stub, size_t to)
{
	while ((m->size - stub) % to)
		put(m, 0, 1);
}

static void put_text(struct made *m, size_t stub, const char *text, bool wide)
{
	size_t n = strlen(text) + 1, word = wide ? 8 : 4;

	align(m, stub, word);
	put(m, n, word);
	put(m, 0, word);
	put(m, n, word);
	for (size_t i = 0; i < n; i++)
		put(m, (uint8_t)text[i], 2);
}

static void put_handle(struct made *m, uint8_t fill)
{
	for (int i = 0; i < 20; i++)
		put(m, fill, 1);
}

/* CreateServiceW without its end: what comes behind the command is not read. */
static void create_service(struct made *m, size_t stub, const char *name, const char *command, bool wide)
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

static void say(struct harness *h, enum side side, struct made *m)
{
	harness_feed(h, side, bytes_of(m->at, m->size), 0, 0);
	m->size = 0;
}

static void open_svcctl(struct harness *h, struct made *m)
{
	bind(m, SVCCTL, 2, NDR);
	say(h, CLIENT, m);
	bind_ack(m, 1, (unsigned[]){ 0 });
	say(h, SERVER, m);
}

/* --- binds --- */

static void a_bind_is_one_record_an_interface(void **state)
{
	static struct made m;
	struct harness *h = harness_new(NULL);

	(void)state;
	m.size = 0;
	size_t start = bind_head(&m, 11, 3);
	put_context(&m, 0, SVCCTL, 2, NDR);
	put_context(&m, 1, SVCCTL, 2, NDR64);
	put_context(&m, 2, "deadbeef-cafe-babe-1234-567890abcdef", 0x00010005, NDR);
	end(&m, start, 0);
	say(h, CLIENT, &m);
	assert_int_equal(harness_count(h), 0);
	bind_ack(&m, 3, (unsigned[]){ 2, 0, 2 });
	say(h, SERVER, &m);
	assert_int_equal(harness_count(h), 2);
	const struct record *r = harness_record(h, 0);
	assert_true(record_text_is(r, FIELD_EVENT_ACTION, "bind"));
	assert_true(record_text_is(r, FIELD_EVENT_OUTCOME, "success"));
	assert_true(record_text_is(r, FIELD_DCE_RPC_ENDPOINT, "svcctl"));
	assert_true(record_text_is(r, FIELD_DCE_RPC_INTERFACE, SVCCTL));
	assert_true(record_text_is(r, FIELD_DCE_RPC_VERSION, "2.0"));
	assert_true(record_text_is(r, FIELD_DCE_RPC_CARRIER, "tcp"));
	assert_true(record_text_is(r, FIELD_DCE_RPC_TRANSFER, "ndr refused"));
	assert_int_equal(r->time_ns, HARNESS_START_NS);
	r = harness_record(h, 1);
	assert_true(record_text_is(r, FIELD_EVENT_OUTCOME, "failure"));
	assert_false(record_has(r, FIELD_DCE_RPC_ENDPOINT));
	assert_true(record_text_is(r, FIELD_DCE_RPC_VERSION, "5.1"));
	assert_string_equal(harness_confirmed(h), "dce_rpc");
	harness_free(h);
}

static void a_refused_bind_says_why(void **state)
{
	static struct made m;
	struct harness *h = harness_new(NULL);

	(void)state;
	m.size = 0;
	bind(&m, SVCCTL, 2, NDR);
	say(h, CLIENT, &m);
	size_t start = begin(&m, 13, 3, 1);
	put(&m, 8, 2);
	end(&m, start, 0);
	say(h, SERVER, &m);
	assert_int_equal(harness_count(h), 1);
	assert_true(record_text_is(harness_record(h, 0), FIELD_EVENT_OUTCOME, "failure"));
	assert_true(record_text_is(harness_record(h, 0), FIELD_DCE_RPC_STATUS, "0x00000008"));
	harness_free(h);
}

static void a_bind_without_answer_is_told_at_the_end(void **state)
{
	static struct made m;
	struct harness *h = harness_new(NULL);

	(void)state;
	m.size = 0;
	bind(&m, SVCCTL, 2, NDR);
	say(h, CLIENT, &m);
	harness_close(h, ENDED_TIMEOUT);
	assert_int_equal(harness_count(h), 1);
	assert_true(record_text_is(harness_record(h, 0), FIELD_EVENT_OUTCOME, "unknown"));
	harness_free(h);
}

/* --- calls --- */

static void check_create(bool big, bool wide)
{
	static struct made m;
	struct harness *h = harness_new(NULL);

	m.size = 0;
	m.big = big;
	bind(&m, SVCCTL, 2, wide ? NDR64 : NDR);
	say(h, CLIENT, &m);
	bind_ack(&m, 1, (unsigned[]){ 0 });
	say(h, SERVER, &m);
	size_t start = request(&m, 3, 7, 12);
	create_service(&m, m.size, "evil", "cmd.exe /c calc", wide);
	end(&m, start, 0);
	say(h, CLIENT, &m);
	start = response(&m, 3, 7);
	put(&m, 0, 4);
	put_handle(&m, 0x22);
	put(&m, 0, 4);
	end(&m, start, 0);
	say(h, SERVER, &m);
	assert_int_equal(harness_count(h), 2);
	const struct record *r = harness_record(h, 1);
	assert_true(record_text_is(r, FIELD_EVENT_ACTION, "call"));
	assert_true(record_text_is(r, FIELD_EVENT_OUTCOME, "success"));
	assert_true(record_text_is(r, FIELD_DCE_RPC_OPERATION, "CreateServiceW"));
	assert_int_equal(record_uint(r, FIELD_DCE_RPC_OPNUM), 12);
	assert_true(record_text_is(r, FIELD_DCE_RPC_ARG_SERVICE, "evil"));
	assert_true(record_text_is(r, FIELD_DCE_RPC_ARG_DISPLAY_NAME, "shown"));
	assert_true(record_text_is(r, FIELD_DCE_RPC_ARG_COMMAND, "cmd.exe /c calc"));
	assert_true(record_text_is(r, FIELD_DCE_RPC_RETURN_CODE, "0x00000000"));
	assert_false(record_bool(r, FIELD_DCE_RPC_ENCRYPTED));
	harness_free(h);
	m.big = false;
}

static void a_created_service_is_named_in_every_representation(void **state)
{
	(void)state;
	check_create(false, false);
	check_create(true, false);
	check_create(false, true);
	check_create(true, true);
}

static void a_handle_says_which_service_is_started(void **state)
{
	static struct made m;
	struct harness *h = harness_new(NULL);

	(void)state;
	m.size = 0;
	open_svcctl(h, &m);
	size_t start = request(&m, 3, 2, 16);
	size_t stub = m.size;
	put_handle(&m, 0x11);
	put_text(&m, stub, "PSEXESVC", false);
	align(&m, stub, 4);
	put(&m, 0xf01ff, 4);
	end(&m, start, 0);
	say(h, CLIENT, &m);
	start = response(&m, 3, 2);
	put_handle(&m, 0x33);
	put(&m, 0, 4);
	end(&m, start, 0);
	say(h, SERVER, &m);
	start = request(&m, 3, 3, 19);
	put_handle(&m, 0x33);
	put(&m, 0, 8);
	end(&m, start, 0);
	say(h, CLIENT, &m);
	start = response(&m, 3, 3);
	put(&m, 1053, 4);
	end(&m, start, 0);
	say(h, SERVER, &m);
	const struct record *r = harness_find(h, DATASET_DCE_RPC, 2);
	assert_true(record_text_is(r, FIELD_DCE_RPC_OPERATION, "StartServiceW"));
	assert_true(record_text_is(r, FIELD_DCE_RPC_ARG_SERVICE, "PSEXESVC"));
	assert_true(record_text_is(r, FIELD_EVENT_OUTCOME, "failure"));
	assert_true(record_text_is(r, FIELD_DCE_RPC_RETURN_CODE, "0x0000041d"));
	harness_free(h);
}

static void a_fault_is_a_failure_with_its_status(void **state)
{
	static struct made m;
	struct harness *h = harness_new(NULL);

	(void)state;
	m.size = 0;
	open_svcctl(h, &m);
	end(&m, request(&m, 3, 9, 200), 0);
	say(h, CLIENT, &m);
	fault(&m, 9, 0x1c010002);
	say(h, SERVER, &m);
	const struct record *r = harness_record(h, 1);
	assert_true(record_text_is(r, FIELD_EVENT_OUTCOME, "failure"));
	assert_true(record_text_is(r, FIELD_DCE_RPC_STATUS, "0x1c010002"));
	assert_false(record_has(r, FIELD_DCE_RPC_OPERATION));
	assert_int_equal(record_uint(r, FIELD_DCE_RPC_OPNUM), 200);
	harness_free(h);
}

static void answers_find_their_calls_out_of_order(void **state)
{
	static struct made m;
	struct harness *h = harness_new(NULL);

	(void)state;
	m.size = 0;
	open_svcctl(h, &m);
	end(&m, request(&m, 3, 1, 13), 0);
	end(&m, request(&m, 3, 2, 14), 0);
	say(h, CLIENT, &m);
	end(&m, response(&m, 3, 2), 0);
	end(&m, response(&m, 3, 1), 0);
	end(&m, response(&m, 3, 55), 0);
	say(h, SERVER, &m);
	assert_int_equal(harness_count(h), 3);
	assert_int_equal(record_uint(harness_record(h, 1), FIELD_DCE_RPC_OPNUM), 14);
	assert_int_equal(record_uint(harness_record(h, 2), FIELD_DCE_RPC_OPNUM), 13);
	harness_free(h);
}

/* The stub of a request in pieces of that size, each one fragment. */
static void feed_fragments(struct harness *h, const struct made *stub, size_t piece, unsigned opnum)
{
	static struct made m;

	for (size_t at = 0; at < stub->size; at += piece) {
		size_t n = stub->size - at < piece ? stub->size - at : piece;
		unsigned flags = (at == 0 ? 1u : 0) | (at + n == stub->size ? 2u : 0);
		m.size = 0;
		size_t start = request(&m, flags, 4, opnum);
		put_bytes(&m, stub->at + at, n);
		end(&m, start, 0);
		say(h, CLIENT, &m);
	}
}

static void fragments_are_put_together(void **state)
{
	static struct made m, stub;

	(void)state;
	for (size_t piece = 1; piece < 60; piece += 7) {
		struct harness *h = harness_new(NULL);
		m.size = stub.size = 0;
		open_svcctl(h, &m);
		create_service(&stub, 0, "evil", "cmd.exe /c calc", false);
		feed_fragments(h, &stub, piece, 12);
		harness_close(h, ENDED_FIN);
		const struct record *r = harness_record(h, 1);
		assert_true(record_text_is(r, FIELD_DCE_RPC_ARG_SERVICE, "evil"));
		assert_true(record_text_is(r, FIELD_DCE_RPC_ARG_COMMAND, "cmd.exe /c calc"));
		assert_true(record_text_is(r, FIELD_EVENT_OUTCOME, "unknown"));
		harness_free(h);
	}
}

static void a_stub_beyond_the_limit_is_cut_there(void **state)
{
	static struct made m, stub;
	struct harness *h = harness_new(NULL);

	(void)state;
	m.size = stub.size = 0;
	open_svcctl(h, &m);
	create_service(&stub, 0, "evil", "cmd.exe", false);
	while (stub.size < 60000)
		put(&stub, 0x41, 1);
	for (unsigned part = 0; part < 3; part++) {
		m.size = 0;
		size_t start = request(&m, part == 0 ? 1 : part == 2 ? 2 : 0, 4, 12);
		put_bytes(&m, stub.at, stub.size);
		end(&m, start, 0);
		say(h, CLIENT, &m);
	}
	harness_close(h, ENDED_FIN);
	assert_true(record_text_is(harness_record(h, 1), FIELD_DCE_RPC_ARG_COMMAND, "cmd.exe"));
	harness_free(h);
}

static void stubs_of_one_connection_share_a_limit(void **state)
{
	static struct made m;
	struct harness *h = harness_new(NULL);

	(void)state;
	m.size = 0;
	open_svcctl(h, &m);
	for (unsigned call = 0; call < LIMIT_DCE_RPC_CALLS; call++) {
		size_t start = request(&m, 1, call, 12); /* none of them ends */
		m.size += 60000;
		end(&m, start, 0);
		say(h, CLIENT, &m);
	}
	harness_close(h, ENDED_FIN);
	assert_int_equal(harness_count(h), 1 + LIMIT_DCE_RPC_CALLS);
	assert_false(harness_malformed(h, CLIENT));
	harness_free(h);
}

static void calls_beyond_the_limit_are_told_as_unanswered(void **state)
{
	static struct made m;
	struct harness *h = harness_new(NULL);

	(void)state;
	m.size = 0;
	open_svcctl(h, &m);
	for (unsigned call = 0; call < LIMIT_DCE_RPC_CALLS + 3; call++) {
		end(&m, request(&m, 3, call, call), 0);
		say(h, CLIENT, &m);
	}
	assert_int_equal(harness_count(h), 1 + 3);
	assert_int_equal(record_uint(harness_record(h, 1), FIELD_DCE_RPC_OPNUM), 0); /* the oldest goes first */
	assert_true(record_text_is(harness_record(h, 1), FIELD_EVENT_OUTCOME, "unknown"));
	harness_free(h);
}

static void contexts_beyond_the_limit_push_out_the_oldest(void **state)
{
	static struct made m;
	struct harness *h = harness_new(NULL);

	(void)state;
	m.size = 0;
	size_t start = bind_head(&m, 11, LIMIT_DCE_RPC_CONTEXTS);
	for (unsigned i = 0; i < LIMIT_DCE_RPC_CONTEXTS; i++)
		put_context(&m, 100 + i, "deadbeef-cafe-babe-1234-567890abcdef", 1, NDR);
	end(&m, start, 0);
	say(h, CLIENT, &m);
	start = bind_head(&m, 14, 1);
	put_context(&m, 0, SVCCTL, 2, NDR);
	end(&m, start, 0);
	end(&m, request(&m, 3, 1, 12), 0);
	say(h, CLIENT, &m);
	harness_close(h, ENDED_FIN);
	assert_int_equal(harness_count(h), 3);
	assert_true(record_text_is(harness_record(h, 2), FIELD_DCE_RPC_OPERATION, "CreateServiceW"));
	harness_free(h);
}

static void a_call_of_privacy_tells_the_operation_alone(void **state)
{
	static struct made m;
	struct harness *h = harness_new(NULL);

	(void)state;
	m.size = 0;
	open_svcctl(h, &m);
	size_t start = request(&m, 3, 7, 12);
	create_service(&m, m.size, "evil", "cmd.exe /c calc", false);
	align(&m, 0, 4);
	put_trailer(&m, 10, 6, "\1\0\0\0aaaabbbbcccc", 16);
	end(&m, start, 16);
	say(h, CLIENT, &m);
	end(&m, response(&m, 3, 7), 0);
	say(h, SERVER, &m);
	const struct record *r = harness_record(h, 1);
	assert_true(record_text_is(r, FIELD_DCE_RPC_OPERATION, "CreateServiceW"));
	assert_true(record_text_is(r, FIELD_DCE_RPC_AUTH_LEVEL, "privacy"));
	assert_true(record_text_is(r, FIELD_DCE_RPC_AUTH_TYPE, "ntlm"));
	assert_true(record_bool(r, FIELD_DCE_RPC_ENCRYPTED));
	assert_false(record_has(r, FIELD_DCE_RPC_ARG_SERVICE));
	assert_false(record_has(r, FIELD_DCE_RPC_RETURN_CODE));
	harness_free(h);
}

/* One request of an interface, with that stub; its record. */
static const struct record *one_call(struct harness *h, const char *uuid, unsigned opnum, const struct made *stub)
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

static void a_registered_task_tells_path_and_command(void **state)
{
	static struct made stub;
	struct harness *h = harness_new(NULL);

	(void)state;
	stub.size = 0;
	put(&stub, 0x20000, 4);
	put_text(&stub, 0, "\\evil", false);
	put_text(&stub, 0, "<Task><Exec><Command>cmd.exe</Command><Arguments>/c calc</Arguments></Exec></Task>", false);
	const struct record *r = one_call(h, "86d35949-83c9-4044-b424-db363231fd0c", 1, &stub);
	assert_true(record_text_is(r, FIELD_DCE_RPC_OPERATION, "SchRpcRegisterTask"));
	assert_true(record_text_is(r, FIELD_DCE_RPC_ENDPOINT, "ITaskSchedulerService"));
	assert_true(record_text_is(r, FIELD_DCE_RPC_ARG_TASK, "\\evil"));
	assert_true(record_text_is(r, FIELD_DCE_RPC_ARG_COMMAND, "cmd.exe /c calc"));
	harness_free(h);
}

static void a_job_tells_its_command(void **state)
{
	static struct made stub;
	struct harness *h = harness_new(NULL);

	(void)state;
	stub.size = 0;
	put(&stub, 0, 4);
	put(&stub, 1234, 4);
	put(&stub, 0, 8);
	put(&stub, 0x20000, 4);
	put_text(&stub, 0, "at.bat", false);
	const struct record *r = one_call(h, "1ff70682-0a51-30e8-076d-740be8cee98b", 0, &stub);
	assert_true(record_text_is(r, FIELD_DCE_RPC_OPERATION, "NetrJobAdd"));
	assert_true(record_text_is(r, FIELD_DCE_RPC_ARG_COMMAND, "at.bat"));
	harness_free(h);
}

static void looked_up_names_are_a_list(void **state)
{
	static struct made stub;
	struct harness *h = harness_new(NULL);
	const struct value *v;

	(void)state;
	stub.size = 0;
	put_handle(&stub, 1);
	put(&stub, 2, 4);
	put(&stub, 1000, 4);
	put(&stub, 0, 4);
	put(&stub, 2, 4);
	for (int i = 0; i < 2; i++) {
		put(&stub, 6, 2);
		put(&stub, 6, 2);
		put(&stub, 0x20000, 4);
	}
	put_text(&stub, 0, "bob", false);
	put_text(&stub, 0, "eve", false);
	const struct record *r = one_call(h, "12345778-1234-abcd-ef00-0123456789ac", 17, &stub);
	assert_true(record_text_is(r, FIELD_DCE_RPC_OPERATION, "SamrLookupNamesInDomain"));
	v = record_get(r, FIELD_DCE_RPC_ARG_ACCOUNT);
	assert_true(bytes_equal(value_text(r, v), bytes_string("bob")));
	v = record_next(r, v);
	assert_true(bytes_equal(value_text(r, v), bytes_string("eve")));
	harness_free(h);
}

/* --- logons --- */

static const uint8_t ntlm_negotiate[32] = "NTLMSSP\0\1\0\0\0\7\2";

static size_t ntlm_authenticate(uint8_t *at)
{
	static const uint8_t head[64] = { 'N', 'T', 'L', 'M', 'S', 'S', 'P', 0, 3, 0, 0, 0,
		0, 0, 0, 0, 64, 0, 0, 0, 24, 0, 24, 0, 84, 0, 0, 0, 4, 0, 4, 0, 64, 0, 0, 0,
		6, 0, 6, 0, 68, 0, 0, 0, 4, 0, 4, 0, 74, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0 };

	memcpy(at, head, 64);
	memset(at + 64, 0, 48);
	memcpy(at + 64, "A\0D\0b\0o\0b\0P\0C\0", 14);
	return 108;
}

static void log_on(struct harness *h, struct made *m)
{
	uint8_t token[128];

	size_t start = bind_head(m, 11, 1);
	put_context(m, 0, SVCCTL, 2, NDR);
	put_trailer(m, 10, 5, ntlm_negotiate, sizeof(ntlm_negotiate));
	end(m, start, sizeof(ntlm_negotiate));
	say(h, CLIENT, m);
	bind_ack(m, 1, (unsigned[]){ 0 });
	say(h, SERVER, m);
	size_t n = ntlm_authenticate(token);
	start = begin(m, 16, 3, 1);
	put(m, 0, 4);
	put_trailer(m, 10, 5, token, n);
	end(m, start, n);
	end(m, request(m, 3, 2, 15), 0);
	say(h, CLIENT, m);
}

static void a_logon_that_is_answered_is_a_success(void **state)
{
	static struct made m;
	struct harness *h = harness_new(NULL);

	(void)state;
	m.size = 0;
	log_on(h, &m);
	assert_null(harness_find(h, DATASET_AUTH, 0));
	end(&m, response(&m, 3, 2), 0);
	end(&m, response(&m, 3, 2), 0);
	say(h, SERVER, &m);
	const struct record *r = harness_find(h, DATASET_AUTH, 0);
	assert_true(record_text_is(r, FIELD_AUTH_MECHANISM, "ntlm"));
	assert_true(record_text_is(r, FIELD_AUTH_CARRIER, "dce_rpc"));
	assert_true(record_text_is(r, FIELD_USER_NAME, "bob"));
	assert_true(record_text_is(r, FIELD_USER_DOMAIN, "AD"));
	assert_true(record_text_is(r, FIELD_AUTH_WORKSTATION, "PC"));
	assert_true(record_text_is(r, FIELD_EVENT_OUTCOME, "success"));
	harness_close(h, ENDED_FIN);
	assert_null(harness_find(h, DATASET_AUTH, 1));
	r = harness_find(h, DATASET_DCE_RPC, 1);
	assert_true(record_text_is(r, FIELD_USER_NAME, "bob"));
	harness_free(h);
}

static void a_logon_denied_is_a_failure(void **state)
{
	static struct made m;
	struct harness *h = harness_new(NULL);

	(void)state;
	m.size = 0;
	log_on(h, &m);
	fault(&m, 2, 5);
	say(h, SERVER, &m);
	const struct record *r = harness_find(h, DATASET_AUTH, 0);
	assert_true(record_text_is(r, FIELD_EVENT_OUTCOME, "failure"));
	assert_true(record_text_is(r, FIELD_AUTH_ERROR, "0x00000005"));
	harness_free(h);
}

static void a_logon_never_answered_is_unknown(void **state)
{
	static struct made m;
	struct harness *h = harness_new(NULL);

	(void)state;
	m.size = 0;
	log_on(h, &m);
	harness_close(h, ENDED_TIMEOUT);
	assert_true(record_text_is(harness_find(h, DATASET_AUTH, 0), FIELD_EVENT_OUTCOME, "unknown"));
	harness_free(h);
}

/* --- the endpoint mapper --- */

static void put_floor(struct made *m, const void *left, size_t left_size, const void *right, size_t right_size)
{
	put(m, left_size, 2);
	put_bytes(m, left, left_size);
	put(m, right_size, 2);
	put_bytes(m, right, right_size);
}

static void put_tower(struct made *m)
{
	static const uint8_t interface[] = { 0x0d, 0x81, 0xbb, 0x7a, 0x36, 0x44, 0x98, 0xf1, 0x35, 0xad, 0x32, 0x98, 0xf0, 0x38, 0,
					     0x10, 0x03, 2, 0 };
	static struct made tower;

	tower.size = 0;
	put(&tower, 5, 2);
	put_floor(&tower, interface, sizeof(interface), "\0\0", 2);
	put_floor(&tower, interface, sizeof(interface), "\0\0", 2);
	put_floor(&tower, "\x0b", 1, "\0\0", 2);
	put_floor(&tower, "\x07", 1, "\xc0\x0b", 2);
	put_floor(&tower, "\x09", 1, "\x0a\0\0\x05", 4);
	put(m, tower.size, 4);
	put(m, tower.size, 4);
	put_bytes(m, tower.at, tower.size);
}

static void the_endpoint_mapper_says_where(void **state)
{
	static struct made m;
	struct harness *h = harness_new(NULL);

	(void)state;
	m.size = 0;
	bind(&m, "e1af8308-5d1f-11c9-91a4-08002b14a0fa", 3, NDR);
	size_t start = request(&m, 3, 2, 3);
	put(&m, 0, 4);
	put(&m, 2, 4);
	put_tower(&m);
	end(&m, start, 0);
	say(h, CLIENT, &m);
	bind_ack(&m, 1, (unsigned[]){ 0 });
	start = response(&m, 3, 2);
	size_t stub = m.size;
	put_handle(&m, 0);
	put(&m, 1, 4);
	put(&m, 4, 4);
	put(&m, 0, 4);
	put(&m, 1, 4);
	put(&m, 3, 4);
	put_tower(&m);
	align(&m, stub, 4);
	put(&m, 0, 4);
	end(&m, start, 0);
	say(h, SERVER, &m);
	const struct record *r = harness_record(h, 1);
	assert_true(record_text_is(r, FIELD_DCE_RPC_OPERATION, "ept_map"));
	assert_true(record_text_is(r, FIELD_DCE_RPC_MAPPED_INTERFACE, SVCCTL));
	assert_true(record_text_is(r, FIELD_DCE_RPC_MAPPED_ENDPOINT, "svcctl"));
	assert_int_equal(record_uint(r, FIELD_DCE_RPC_MAPPED_PORT), 49163);
	assert_true(record_text_is(r, FIELD_DCE_RPC_MAPPED_BINDINGS, SVCCTL "@ncacn_ip_tcp:10.0.0.5[49163]"));
	harness_free(h);
}

/* --- losses, probing, datagrams, damage --- */

static void after_a_loss_the_next_pdu_is_found(void **state)
{
	static struct made m;
	struct harness *h = harness_new(NULL);

	(void)state;
	m.size = 0;
	open_svcctl(h, &m);
	harness_gap(h, CLIENT, 100);
	put_bytes(&m, "\5\0\0\3rubbish of a cut PDU", 24);
	end(&m, request(&m, 3, 2, 15), 0);
	say(h, CLIENT, &m);
	end(&m, response(&m, 3, 2), 0);
	say(h, SERVER, &m);
	assert_int_equal(harness_count(h), 2);
	assert_true(record_text_is(harness_record(h, 1), FIELD_DCE_RPC_OPERATION, "OpenSCManagerW"));
	harness_free(h);
}

static void a_flow_taken_the_wrong_way_round_is_turned(void **state)
{
	static struct made m;
	struct harness *h = harness_new(NULL);

	(void)state;
	m.size = 0;
	harness_set_midstream(h, true);
	end(&m, request(&m, 3, 2, 15), 0);
	say(h, SERVER, &m);
	end(&m, response(&m, 3, 2), 0);
	say(h, CLIENT, &m);
	assert_int_equal(harness_count(h), 1);
	assert_true(record_text_is(harness_record(h, 0), FIELD_EVENT_OUTCOME, "success"));
	harness_free(h);
}

static void probing_tells_it_from_others(void **state)
{
	static const struct {
		const char *bytes;
		size_t size;
		enum probe answer;
	} rows[] = {
		{ "\5\0\x0b\3\x10\0\0\0\x48\0\0\0\1\0\0\0", 16, PROBE_YES },
		{ "\5\0\x0b\3\0\0\0\0\0\x48\0\0\0\0\0\1", 16, PROBE_YES },
		{ "\5\0\x0b\3\x10", 5, PROBE_MORE },
		{ "\5\1\0", 3, PROBE_MORE },
		{ "\5\2\0\1", 4, PROBE_NO },                                  /* SOCKS 5 */
		{ "\5\0\x0b\3\x10\0\0\1\x48\0\0\0\1\0\0\0", 16, PROBE_NO }, /* data representation */
		{ "\5\0\x0b\3\x10\0\0\0\x10\0\0\0\1\0\0\0", 16, PROBE_NO }, /* too short */
		{ "\5\0\x0b\3\x10\0\0\0\x48\0\x48\0\1\0\0\0", 16, PROBE_NO }, /* token longer than the PDU */
		{ "\5\0\x09\3\x10\0\0\0\x48\0\0\0\1\0\0\0", 16, PROBE_NO }, /* no type of a connection */
		{ "\4\1\0\x50\0\0\0\1\0", 9, PROBE_NO },                     /* SOCKS 4 */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(protocol_dce_rpc.probe(CLIENT, bytes_of(rows[i].bytes, rows[i].size)), rows[i].answer);
}

static void datagram(struct made *m, unsigned type, const char *uuid, uint32_t sequence, unsigned opnum)
{
	put(m, 4, 1);
	put(m, type, 1);
	put(m, 0, 2);
	put_bytes(m, m->big ? "\0\0\0\0" : "\x10\0\0\0", 4);
	put_uuid(m, "00000000-0000-0000-0000-000000000000");
	put_uuid(m, uuid);
	put_uuid(m, "11111111-2222-3333-4444-555555555555");
	put(m, 0, 4);
	put(m, 0x00010002, 4);
	put(m, sequence, 4);
	put(m, opnum, 2);
	put(m, 0xffff, 2);
	put(m, 0xffff, 2);
	put(m, 0, 2);
	put(m, 0, 4);
}

static void datagrams_are_paired_by_activity(void **state)
{
	static struct made m;

	(void)state;
	for (int big = 0; big < 2; big++) {
		struct harness *h = harness_new(NULL);
		harness_set_datagram(h, true);
		m.size = 0;
		m.big = big;
		datagram(&m, 0, SVCCTL, 5, 15);
		say(h, CLIENT, &m);
		datagram(&m, 0, SVCCTL, 5, 15); /* sent again */
		say(h, CLIENT, &m);
		datagram(&m, 2, SVCCTL, 5, 15);
		say(h, SERVER, &m);
		harness_close(h, ENDED_TIMEOUT);
		assert_int_equal(harness_count(h), 1);
		const struct record *r = harness_record(h, 0);
		assert_true(record_text_is(r, FIELD_DCE_RPC_OPERATION, "OpenSCManagerW"));
		assert_true(record_text_is(r, FIELD_DCE_RPC_CARRIER, "udp"));
		assert_true(record_text_is(r, FIELD_DCE_RPC_VERSION, "2.1"));
		assert_true(record_text_is(r, FIELD_EVENT_OUTCOME, "success"));
		harness_free(h);
	}
	m.big = false;
}

static void any_segmentation_tells_the_same(void **state)
{
	static struct made ask, answer;
	uint8_t token[128];
	size_t n = ntlm_authenticate(token);

	(void)state;
	ask.size = answer.size = 0;
	size_t start = bind_head(&ask, 11, 2);
	put_context(&ask, 0, SVCCTL, 2, NDR);
	put_context(&ask, 1, "deadbeef-cafe-babe-1234-567890abcdef", 1, NDR);
	put_trailer(&ask, 10, 5, ntlm_negotiate, sizeof(ntlm_negotiate));
	end(&ask, start, sizeof(ntlm_negotiate));
	bind_ack(&answer, 2, (unsigned[]){ 0, 2 });
	size_t first[2] = { ask.size, answer.size };
	start = begin(&ask, 16, 3, 1);
	put(&ask, 0, 4);
	put_trailer(&ask, 10, 5, token, n);
	end(&ask, start, n);
	start = request(&ask, 1, 2, 12);
	create_service(&ask, ask.size, "evil", "cmd.exe", false);
	end(&ask, start, 0);
	end(&ask, request(&ask, 2, 2, 12), 0);
	start = response(&answer, 3, 2);
	put(&answer, 0, 4);
	put_handle(&answer, 1);
	put(&answer, 0, 4);
	end(&answer, start, 0);
	const struct step steps[] = {
		{ CLIENT, bytes_of(ask.at, first[0]), 0 },
		{ SERVER, bytes_of(answer.at, first[1]), 0 },
		{ CLIENT, bytes_of(ask.at + first[0], ask.size - first[0]), 0 },
		{ SERVER, bytes_of(answer.at + first[1], answer.size - first[1]), 0 },
	};
	sweep_cuts(steps, ARRAY_SIZE(steps));
	assert_int_equal(sweep_prefixes(steps, ARRAY_SIZE(steps)), 4);
}

static void every_cut_stub_is_read_without_harm(void **state)
{
	static const struct {
		const char *uuid;
		unsigned opnum;
	} rows[] = { { SVCCTL, 12 }, { SVCCTL, 19 }, { SVCCTL, 27 }, { "86d35949-83c9-4044-b424-db363231fd0c", 1 },
		     { "1ff70682-0a51-30e8-076d-740be8cee98b", 0 }, { "12345778-1234-abcd-ef00-0123456789ac", 17 },
		     { "12345778-1234-abcd-ef00-0123456789ac", 55 }, { "12345778-1234-abcd-ef00-0123456789ab", 77 },
		     { "4b324fc8-1670-01d3-1278-5a47bf6ee188", 14 }, { "12345678-1234-abcd-ef00-0123456789ab", 89 },
		     { "e1af8308-5d1f-11c9-91a4-08002b14a0fa", 3 } };
	static struct made whole, stub;

	(void)state;
	for (size_t i = 0; i < 160; i++)
		put(&whole, i % 16 == 0 ? 2 : i % 4 == 0, 1); /* pointers and counts that are small */
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		for (size_t n = 0; n <= whole.size; n++) {
			struct harness *h = harness_new(NULL);
			stub.size = 0;
			put_bytes(&stub, whole.at, n);
			assert_non_null(one_call(h, rows[i].uuid, rows[i].opnum, &stub));
			harness_free(h);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bind_is_one_record_an_interface),
		cmocka_unit_test(a_refused_bind_says_why),
		cmocka_unit_test(a_bind_without_answer_is_told_at_the_end),
		cmocka_unit_test(a_created_service_is_named_in_every_representation),
		cmocka_unit_test(a_handle_says_which_service_is_started),
		cmocka_unit_test(a_fault_is_a_failure_with_its_status),
		cmocka_unit_test(answers_find_their_calls_out_of_order),
		cmocka_unit_test(fragments_are_put_together),
		cmocka_unit_test(a_stub_beyond_the_limit_is_cut_there),
		cmocka_unit_test(stubs_of_one_connection_share_a_limit),
		cmocka_unit_test(calls_beyond_the_limit_are_told_as_unanswered),
		cmocka_unit_test(contexts_beyond_the_limit_push_out_the_oldest),
		cmocka_unit_test(a_call_of_privacy_tells_the_operation_alone),
		cmocka_unit_test(a_registered_task_tells_path_and_command),
		cmocka_unit_test(a_job_tells_its_command),
		cmocka_unit_test(looked_up_names_are_a_list),
		cmocka_unit_test(a_logon_that_is_answered_is_a_success),
		cmocka_unit_test(a_logon_denied_is_a_failure),
		cmocka_unit_test(a_logon_never_answered_is_unknown),
		cmocka_unit_test(the_endpoint_mapper_says_where),
		cmocka_unit_test(after_a_loss_the_next_pdu_is_found),
		cmocka_unit_test(a_flow_taken_the_wrong_way_round_is_turned),
		cmocka_unit_test(probing_tells_it_from_others),
		cmocka_unit_test(datagrams_are_paired_by_activity),
		cmocka_unit_test(any_segmentation_tells_the_same),
		cmocka_unit_test(every_cut_stub_is_read_without_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
