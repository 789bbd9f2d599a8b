/* SPDX-License-Identifier: BSD-2-Clause
 * NTLM messages (MS-NLMP section 2.2.1) built here byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proto_harness.h"

extern const struct protocol protocol_ntlm;

struct message {
	uint8_t at[512];
	size_t fixed; /* end of the fixed part */
	size_t size;
};

static void put16(uint8_t *at, unsigned v)
{
	at[0] = (uint8_t)v;
	at[1] = (uint8_t)(v >> 8);
}

static void put32(uint8_t *at, uint32_t v)
{
	put16(at, v & 0xffff);
	put16(at + 2, v >> 16);
}

static void begin(struct message *m, unsigned type, size_t fixed)
{
	memset(m, 0, sizeof(*m));
	memcpy(m->at, "NTLMSSP", 8);
	put32(m->at + 8, type);
	m->fixed = m->size = fixed;
}

static void field(struct message *m, size_t place, const void *value, size_t size)
{
	put16(m->at + place, (unsigned)size);
	put16(m->at + place + 2, (unsigned)size);
	put32(m->at + place + 4, (uint32_t)m->size);
	if (size)
		memcpy(m->at + m->size, value, size);
	m->size += size;
}

static void wide(struct message *m, size_t place, const char *value)
{
	uint8_t room[128];
	size_t n = strlen(value);
	for (size_t i = 0; i < n; i++)
		put16(room + 2 * i, (uint8_t)value[i]);
	field(m, place, room, 2 * n);
}

/* Hands the first n bytes to the parser in a block of that size. */
static struct record *read_first(struct harness *h, const struct message *m, size_t n, bool *known)
{
	struct record *r = harness_scratch(h);
	*known = parse_inner(harness_parse(h), "ntlm", bytes_of(m->at, n), r);
	return r;
}

static struct record *read_all(struct harness *h, const struct message *m)
{
	bool known;
	struct record *r = read_first(h, m, m->size, &known);
	assert_true(known);
	return r;
}

static void authenticate(struct message *m, const char *user, const char *domain, size_t answer)
{
	static const uint8_t zeros[64];
	begin(m, 3, 64);
	put32(m->at + 60, 0x00000001);
	wide(m, 28, domain);
	wide(m, 36, user);
	wide(m, 44, "PC11");
	field(m, 12, zeros, 24);
	field(m, 20, zeros, answer);
	field(m, 52, zeros, 0); /* the empty key stands at the very end */
}

static void a_negotiate_names_domain_and_workstation(void **state)
{
	(void)state;
	struct harness *h = harness_new(&protocol_ntlm);
	struct message m;
	begin(&m, 1, 32);
	field(&m, 16, "LAB", 3);
	field(&m, 24, "PC11", 4);
	struct record *r = read_all(h, &m);
	assert_true(record_text_is(r, FIELD_NTLM_MESSAGE, "negotiate"));
	assert_true(record_text_is(r, FIELD_NTLM_NEGOTIATE_DOMAIN, "LAB"));
	assert_true(record_text_is(r, FIELD_NTLM_NEGOTIATE_WORKSTATION, "PC11"));
	assert_true(record_text_is(r, FIELD_AUTH_MECHANISM, "ntlm"));
	harness_free(h);
}

static void a_negotiate_may_end_after_its_flags(void **state)
{
	(void)state;
	struct harness *h = harness_new(&protocol_ntlm);
	struct message m;
	begin(&m, 1, 16);
	struct record *r = read_all(h, &m);
	assert_true(record_text_is(r, FIELD_NTLM_MESSAGE, "negotiate"));
	assert_false(record_has(r, FIELD_NTLM_NEGOTIATE_DOMAIN));
	harness_free(h);
}

static void a_challenge_names_the_target(void **state)
{
	(void)state;
	struct harness *h = harness_new(&protocol_ntlm);
	struct message m;
	static const uint8_t pairs[] = { 2, 0, 2, 0, 'D', 0, 1, 0, 2, 0, 'C', 0, 4, 0, 2, 0, 'd', 0, 3, 0, 2, 0, 'c', 0,
					 5, 0, 2, 0, 't', 0, 7, 0, 2, 0, 'x', 0, 0, 0, 0, 0, 1, 0, 2, 0, 'Z', 0 };
	begin(&m, 2, 48);
	put32(m.at + 20, 0x00000001);
	wide(&m, 12, "LAB");
	field(&m, 40, pairs, sizeof(pairs));
	struct record *r = read_all(h, &m);
	assert_true(record_text_is(r, FIELD_NTLM_MESSAGE, "challenge"));
	assert_true(record_text_is(r, FIELD_NTLM_TARGET, "LAB"));
	assert_true(record_text_is(r, FIELD_NTLM_NB_DOMAIN, "D"));
	assert_true(record_text_is(r, FIELD_NTLM_NB_COMPUTER, "C"));
	assert_true(record_text_is(r, FIELD_NTLM_DNS_DOMAIN, "d"));
	assert_true(record_text_is(r, FIELD_NTLM_DNS_COMPUTER, "c"));
	assert_true(record_text_is(r, FIELD_NTLM_DNS_TREE, "t"));
	harness_free(h);
}

static void an_oem_challenge_names_the_target_too(void **state)
{
	(void)state;
	struct harness *h = harness_new(&protocol_ntlm);
	struct message m;
	begin(&m, 2, 32);
	field(&m, 12, "OLD", 3);
	assert_true(record_text_is(read_all(h, &m), FIELD_NTLM_TARGET, "OLD"));
	harness_free(h);
}

static void an_authenticate_names_the_account(void **state)
{
	(void)state;
	struct harness *h = harness_new(&protocol_ntlm);
	struct message m;
	authenticate(&m, "tanaka", "LAB", 48);
	struct record *r = read_all(h, &m);
	assert_true(record_text_is(r, FIELD_NTLM_MESSAGE, "authenticate"));
	assert_true(record_text_is(r, FIELD_USER_NAME, "tanaka"));
	assert_true(record_text_is(r, FIELD_USER_DOMAIN, "LAB"));
	assert_true(record_text_is(r, FIELD_AUTH_WORKSTATION, "PC11"));
	assert_true(record_text_is(r, FIELD_NTLM_RESPONSE, "v2"));
	harness_free(h);
}

static void an_empty_field_may_point_anywhere(void **state)
{
	(void)state;
	struct harness *h = harness_new(&protocol_ntlm);
	struct message m;
	authenticate(&m, "tanaka", "LAB", 48);
	put32(m.at + 56, 0xffffffff);
	assert_true(record_text_is(read_all(h, &m), FIELD_USER_NAME, "tanaka"));
	harness_free(h);
}

static void the_kind_of_response_is_told_by_its_size(void **state)
{
	(void)state;
	static const struct {
		size_t size;
		const char *kind;
	} table[] = { { 0, "empty" }, { 24, "v1" }, { 25, "v2" }, { 60, "v2" } };
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct harness *h = harness_new(&protocol_ntlm);
		struct message m;
		authenticate(&m, "u", "d", table[i].size);
		assert_true(record_text_is(read_all(h, &m), FIELD_NTLM_RESPONSE, table[i].kind));
		harness_free(h);
	}
}

static void a_principal_name_without_a_domain_is_split(void **state)
{
	(void)state;
	struct harness *h = harness_new(&protocol_ntlm);
	struct message m;
	authenticate(&m, "sato@lab.example", "", 48);
	struct record *r = read_all(h, &m);
	assert_true(record_text_is(r, FIELD_USER_NAME, "sato"));
	assert_true(record_text_is(r, FIELD_USER_DOMAIN, "lab.example"));
	authenticate(&m, "sato@lab.example", "LAB", 48);
	r = read_all(h, &m);
	assert_true(record_text_is(r, FIELD_USER_NAME, "sato@lab.example"));
	harness_free(h);
}

static void a_field_outside_of_the_message_is_left_out(void **state)
{
	(void)state;
	struct harness *h = harness_new(&protocol_ntlm);
	struct message m;
	authenticate(&m, "tanaka", "LAB", 48);
	put32(m.at + 28 + 4, 500);
	struct record *r = read_all(h, &m);
	assert_false(record_has(r, FIELD_USER_DOMAIN));
	assert_true(record_text_is(r, FIELD_USER_NAME, "tanaka"));
	harness_free(h);
}

static void what_is_not_ntlm_is_refused(void **state)
{
	(void)state;
	struct harness *h = harness_new(&protocol_ntlm);
	struct message m;
	bool known;
	begin(&m, 4, 64);
	read_first(h, &m, m.size, &known);
	assert_false(known);
	begin(&m, 1, 32);
	m.at[0] = 'X';
	read_first(h, &m, m.size, &known);
	assert_false(known);
	harness_free(h);
}

static void every_truncation_is_survived(void **state)
{
	(void)state;
	struct harness *h = harness_new(&protocol_ntlm);
	struct message m;
	authenticate(&m, "tanaka", "LAB", 48);
	for (unsigned type = 1; type <= 3; type++) {
		put32(m.at + 8, type);
		for (size_t n = 0; n < m.size; n++) {
			bool known;
			read_first(h, &m, n, &known);
			assert_int_equal(known, n >= 12);
		}
	}
	harness_free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_negotiate_names_domain_and_workstation),
		cmocka_unit_test(a_negotiate_may_end_after_its_flags),
		cmocka_unit_test(a_challenge_names_the_target),
		cmocka_unit_test(an_oem_challenge_names_the_target_too),
		cmocka_unit_test(an_authenticate_names_the_account),
		cmocka_unit_test(an_empty_field_may_point_anywhere),
		cmocka_unit_test(the_kind_of_response_is_told_by_its_size),
		cmocka_unit_test(a_principal_name_without_a_domain_is_split),
		cmocka_unit_test(a_field_outside_of_the_message_is_left_out),
		cmocka_unit_test(what_is_not_ntlm_is_refused),
		cmocka_unit_test(every_truncation_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
