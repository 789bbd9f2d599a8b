/* SPDX-License-Identifier: BSD-2-Clause
 * DCE/RPC: logons, the endpoint mapper, losses, probing, datagrams, any segmentation and any damage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dce_rpc_maker.h"
#include "proto_sweep.h"

extern const struct protocol protocol_dce_rpc;

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
