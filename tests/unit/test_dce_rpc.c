/* SPDX-License-Identifier: BSD-2-Clause
 * DCE/RPC: binds, calls with their answers and arguments; limits reached. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../sensord/proto/dce_rpc.h"
#include "dce_rpc_maker.h"

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
	bind_ack_in(&m, 1, (unsigned[]){ 0 }, wide ? NDR64 : NDR);
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

/* A context may be offered in any number of transfer syntaxes; the server takes the one that it knows. */
static void an_interface_behind_many_syntaxes_is_known(void **state)
{
	static struct made m;
	struct harness *h = harness_new(NULL);

	(void)state;
	m.size = 0;
	size_t start = bind_head(&m, 11, 1);
	put(&m, 0, 2);
	put(&m, 14, 1);
	put(&m, 0, 1);
	put_uuid(&m, SVCCTL);
	put(&m, 2, 4);
	for (int i = 0; i < 12; i++) {
		put_uuid(&m, "11111111-2222-3333-4444-555555555555");
		put(&m, 2, 4);
	}
	put_uuid(&m, NDR);
	put(&m, 2, 4);
	put_uuid(&m, NDR64);
	put(&m, 1, 4);
	end(&m, start, 0);
	say(h, CLIENT, &m);
	bind_ack_in(&m, 1, (unsigned[]){ 0 }, NDR64);
	say(h, SERVER, &m);
	start = request(&m, 3, 7, 12);
	create_service(&m, m.size, "evil", "cmd.exe /c calc", true);
	end(&m, start, 0);
	say(h, CLIENT, &m);
	harness_close(h, ENDED_FIN);
	const struct record *r = harness_find(h, DATASET_DCE_RPC, 1);
	assert_true(record_text_is(r, FIELD_DCE_RPC_OPERATION, "CreateServiceW"));
	assert_true(record_text_is(r, FIELD_DCE_RPC_ARG_SERVICE, "evil"));
	harness_free(h);
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

static void a_registered_task_tells_path_and_command(void **state)
{
	static struct made stub;
	struct harness *h = harness_new(NULL);

	(void)state;
	stub.size = 0;
	put(&stub, 0x20000, 4);
	put_text(&stub, 0, "\\evil", false);
	put_text(&stub, 0, "<Task><Exec><Command>cmd.exe</Command><Arguments>/c calc &gt; &amp;x &y</Arguments></Exec></Task>", false);
	const struct record *r = one_call(h, "86d35949-83c9-4044-b424-db363231fd0c", 1, &stub);
	assert_true(record_text_is(r, FIELD_DCE_RPC_OPERATION, "SchRpcRegisterTask"));
	assert_true(record_text_is(r, FIELD_DCE_RPC_ENDPOINT, "ITaskSchedulerService"));
	assert_true(record_text_is(r, FIELD_DCE_RPC_ARG_TASK, "\\evil"));
	assert_true(record_text_is(r, FIELD_DCE_RPC_ARG_COMMAND, "cmd.exe /c calc > &x &y"));
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

#define INSTANTIATION "000001ab-0000-0000-c000-000000000046"
#define SHELL_WINDOWS "9ba05972-f6a8-11cf-a442-00a0c90a8f39"

static void put_orpc_this(struct made *m)
{
	put(m, 5, 2);
	put(m, 7, 2);
	put(m, 0, 8);
	put_uuid(m, "11111111-2222-3333-4444-555555555555");
	put(m, 0, 4);
}

/* Activation properties with the InstantiationInfo second, behind 24 octets of something else. */
static void put_activation(struct made *m, uint32_t n_kinds, const char *kind)
{
	put_orpc_this(m);
	put(m, 0, 4); /* no outer object */
	put(m, 0x20000, 4);
	put(m, 400, 4);
	put(m, 400, 4);
	put(m, 0x574f454d, 4);
	put(m, 4, 4);
	put_uuid(m, "000001a2-0000-0000-c000-000000000046");
	put_uuid(m, "00000338-0000-0000-c000-000000000046");
	put(m, 0, 8);
	put(m, 300, 4);
	put(m, 0, 4);
	size_t header = m->size;
	put(m, 0, 8);
	put(m, 0, 8); /* headers of serialization */
	put(m, 300, 4);
	size_t header_size = m->size;
	put(m, 0, 4);
	put(m, 0, 8);
	put(m, n_kinds, 4);
	put_uuid(m, "00000000-0000-0000-0000-000000000000");
	put(m, 0x20000, 4);
	put(m, 0x20004, 4);
	put(m, 0, 4);
	put(m, n_kinds, 4);
	put_uuid(m, "000001b9-0000-0000-c000-000000000046");
	put_uuid(m, kind);
	put(m, n_kinds, 4);
	put(m, 24, 4);
	put(m, 100, 4);
	m->at[header_size] = (uint8_t)(m->size - header);
	put_bytes(m, "other properties, passed", 24);
	put(m, 0, 8);
	put(m, 0, 8);
	put_uuid(m, SHELL_WINDOWS);
	while (m->size < 600)
		put(m, 0, 1);
}

static void an_activation_tells_the_class(void **state)
{
	static struct made stub;
	struct harness *h = harness_new(NULL);

	(void)state;
	stub.size = 0;
	put_activation(&stub, 2, INSTANTIATION);
	const struct record *r = one_call(h, "000001a0-0000-0000-c000-000000000046", 4, &stub);
	assert_true(record_text_is(r, FIELD_DCE_RPC_OPERATION, "RemoteCreateInstance"));
	assert_true(record_text_is(r, FIELD_DCE_RPC_ARG_CLASS, SHELL_WINDOWS));
	assert_true(record_text_is(r, FIELD_DCE_RPC_ARG_CLASS_NAME, "ShellWindows"));
	harness_free(h);
}

static void an_activation_that_lies_tells_no_class(void **state)
{
	static struct made stub;
	static const struct {
		uint32_t n_kinds;
		const char *kind;
	} rows[] = { { 2, SHELL_WINDOWS }, { 0, INSTANTIATION }, { 0xffffffff, INSTANTIATION }, { 16, INSTANTIATION } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct harness *h = harness_new(NULL);
		stub.size = 0;
		put_activation(&stub, rows[i].n_kinds, rows[i].kind);
		const struct record *r = one_call(h, "000001a0-0000-0000-c000-000000000046", 4, &stub);
		assert_false(record_has(r, FIELD_DCE_RPC_ARG_CLASS));
		harness_free(h);
	}
}

static void an_old_activation_tells_the_class(void **state)
{
	static struct made stub;
	struct harness *h = harness_new(NULL);

	(void)state;
	stub.size = 0;
	put_orpc_this(&stub);
	put_uuid(&stub, "49b2791a-b1ae-4c90-9b8e-e860ba07f889");
	const struct record *r = one_call(h, "4d9f4ab8-7d1c-11cf-861e-0020af6e7c57", 0, &stub);
	assert_true(record_text_is(r, FIELD_DCE_RPC_ARG_CLASS_NAME, "MMC20.Application"));
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

static void the_interfaces_are_sorted_and_all_found(void **state)
{
	(void)state;
	assert_true(dce_interface_count > 100);
	for (unsigned i = 0; i < dce_interface_count; i++) {
		static struct made m;
		uint8_t uuid[DCE_UUID];
		m.size = 0;
		m.big = true;
		put_uuid(&m, dce_interfaces[i].uuid);
		memcpy(uuid, m.at, sizeof(uuid));
		assert_ptr_equal(dce_interface_find(uuid), &dce_interfaces[i]);
		assert_true(i == 0 || strcmp(dce_interfaces[i - 1].uuid, dce_interfaces[i].uuid) < 0);
	}
	assert_string_equal(dce_interface_on_pipe(bytes_string("\\PIPE\\SvcCtl"))->name, "svcctl");
	assert_null(dce_interface_on_pipe(bytes_string("nothing")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bind_is_one_record_an_interface),
		cmocka_unit_test(a_refused_bind_says_why),
		cmocka_unit_test(a_bind_without_answer_is_told_at_the_end),
		cmocka_unit_test(a_created_service_is_named_in_every_representation),
		cmocka_unit_test(an_interface_behind_many_syntaxes_is_known),
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
		cmocka_unit_test(an_activation_tells_the_class),
		cmocka_unit_test(an_activation_that_lies_tells_no_class),
		cmocka_unit_test(an_old_activation_tells_the_class),
		cmocka_unit_test(looked_up_names_are_a_list),
		cmocka_unit_test(the_interfaces_are_sorted_and_all_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
