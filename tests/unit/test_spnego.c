/* SPDX-License-Identifier: BSD-2-Clause
 * GSS-API tokens: SPNEGO round NTLM and Kerberos, built here in DER from the inside out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proto_harness.h"

extern const struct protocol protocol_gss;

static const uint8_t spnego_oid[] = { 6, 6, 0x2b, 6, 1, 5, 5, 2 };
static const uint8_t kerberos_oid[] = { 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2 };
static const uint8_t ntlm_negotiate[16] = { 'N', 'T', 'L', 'M', 'S', 'S', 'P', 0, 1 };

struct der {
	uint8_t at[512];
	size_t size;
};

static void add(struct der *d, const void *at, size_t size)
{
	memcpy(d->at + d->size, at, size);
	d->size += size;
}

/* Puts what d holds from `from` on into an element; lengths in the long form where `wide`. */
static void wrap(struct der *d, size_t from, uint8_t tag, bool wide)
{
	size_t size = d->size - from;
	uint8_t head[4] = { tag };
	size_t n = 2;
	if (wide || size > 127) {
		head[1] = 0x82;
		head[2] = (uint8_t)(size >> 8);
		head[3] = (uint8_t)size;
		n = 4;
	} else {
		head[1] = (uint8_t)size;
	}
	memmove(d->at + from + n, d->at + from, size);
	memcpy(d->at + from, head, n);
	d->size += n;
}

static void add_string(struct der *d, const char *text)
{
	size_t from = d->size;
	add(d, text, strlen(text));
	wrap(d, from, 0x1b, false);
}

static void add_number(struct der *d, uint8_t context, uint8_t value)
{
	size_t from = d->size;
	uint8_t number[] = { 2, 1, value };
	add(d, number, sizeof(number));
	wrap(d, from, context, false);
}

/* AP-REQ for HTTP/prx1.lab.example@LAB.EXAMPLE. */
static void add_ap_req(struct der *d)
{
	size_t from = d->size;
	add_number(d, 0xa0, 5);
	add_number(d, 0xa1, 14);
	size_t ticket = d->size;
	add_number(d, 0xa0, 5);
	size_t realm = d->size;
	add_string(d, "LAB.EXAMPLE");
	wrap(d, realm, 0xa1, false);
	size_t sname = d->size;
	add_number(d, 0xa0, 2);
	size_t names = d->size;
	add_string(d, "HTTP");
	add_string(d, "prx1.lab.example");
	wrap(d, names, 0x30, false);
	wrap(d, names, 0xa1, false);
	wrap(d, sname, 0x30, false);
	wrap(d, sname, 0xa2, false);
	wrap(d, ticket, 0x30, false);
	wrap(d, ticket, 0x61, true);
	wrap(d, ticket, 0xa3, true);
	wrap(d, from, 0x30, true);
	wrap(d, from, 0x6e, true);
}

/* GSS frame round a Kerberos AP-REQ. */
static void add_kerberos(struct der *d)
{
	size_t from = d->size;
	add(d, kerberos_oid, sizeof(kerberos_oid));
	add(d, "\x01\x00", 2);
	add_ap_req(d);
	wrap(d, from, 0x60, true);
}

/* negTokenInit (or Resp) with a token, in its GSS frame (Init). */
static void wrap_spnego(struct der *d, bool init)
{
	size_t from = 0;
	wrap(d, from, 0x04, true);
	wrap(d, from, 0xa2, true);
	struct der inner = *d;
	d->size = 0;
	if (init) {
		static const uint8_t types[] = { 0xa0, 13, 0x30, 11, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2 };
		add(d, spnego_oid, sizeof(spnego_oid));
		from = d->size;
		add(d, types, sizeof(types));
	} else {
		static const uint8_t state_incomplete[] = { 0xa0, 3, 0x0a, 1, 1 };
		add(d, state_incomplete, sizeof(state_incomplete));
	}
	add(d, inner.at, inner.size);
	wrap(d, from, 0x30, true);
	wrap(d, from, init ? 0xa0 : 0xa1, true);
	if (init)
		wrap(d, 0, 0x60, true);
}

static struct record *read_first(struct harness *h, const struct der *d, size_t n, bool *known)
{
	struct record *r = harness_scratch(h);
	*known = parse_inner(harness_parse(h), "gss", bytes_of(d->at, n), r);
	return r;
}

static void is_kerberos(const struct der *d)
{
	struct harness *h = harness_new(&protocol_gss);
	bool known;
	struct record *r = read_first(h, d, d->size, &known);
	assert_true(known);
	assert_true(record_text_is(r, FIELD_AUTH_MECHANISM, "kerberos"));
	assert_true(record_text_is(r, FIELD_AUTH_TARGET, "HTTP/prx1.lab.example@LAB.EXAMPLE"));
	harness_free(h);
}

static void is_ntlm(const struct der *d)
{
	struct harness *h = harness_new(&protocol_gss);
	bool known;
	struct record *r = read_first(h, d, d->size, &known);
	assert_true(known);
	assert_true(record_text_is(r, FIELD_NTLM_MESSAGE, "negotiate"));
	assert_true(record_text_is(r, FIELD_AUTH_MECHANISM, "ntlm"));
	harness_free(h);
}

static void kerberos_in_spnego_names_the_service(void **state)
{
	(void)state;
	struct der d = { .size = 0 };
	add_kerberos(&d);
	wrap_spnego(&d, true);
	is_kerberos(&d);
}

static void kerberos_in_its_own_frame_names_the_service(void **state)
{
	(void)state;
	struct der d = { .size = 0 };
	add_kerberos(&d);
	is_kerberos(&d);
}

static void a_bare_ap_req_names_the_service(void **state)
{
	(void)state;
	struct der d = { .size = 0 };
	add_ap_req(&d);
	is_kerberos(&d);
}

static void ntlm_in_spnego_is_handed_on(void **state)
{
	(void)state;
	for (int init = 0; init < 2; init++) {
		struct der d = { .size = 0 };
		add(&d, ntlm_negotiate, sizeof(ntlm_negotiate));
		wrap_spnego(&d, init);
		is_ntlm(&d);
	}
}

static void bare_ntlm_is_handed_on(void **state)
{
	(void)state;
	struct der d = { .size = 0 };
	add(&d, ntlm_negotiate, sizeof(ntlm_negotiate));
	is_ntlm(&d);
}

static void tokens_inside_each_other_have_an_end(void **state)
{
	(void)state;
	struct harness *h = harness_new(&protocol_gss);
	struct der d = { .size = 0 };
	bool known;
	add(&d, ntlm_negotiate, sizeof(ntlm_negotiate));
	for (int i = 0; i < 12; i++)
		wrap_spnego(&d, false);
	struct record *r = read_first(h, &d, d.size, &known);
	assert_true(known); /* SPNEGO it is */
	assert_false(record_has(r, FIELD_NTLM_MESSAGE));
	harness_free(h);
}

static void lengths_that_lie_are_refused(void **state)
{
	(void)state;
	static const struct der table[] = {
		{ { 0x60, 0x84, 0xff, 0xff, 0xff, 0xff, 6, 1 }, 8 }, /* more than there is */
		{ { 0x60, 0x80, 6, 6, 0x2b, 6, 1, 5, 5, 2, 0, 0 }, 12 }, /* the indefinite form is not DER */
		{ { 0x60, 0x85, 0, 0, 0, 0, 1, 6 }, 8 }, /* five octets of length */
		{ { 0x60, 2, 6, 9 }, 4 },
		{ { 0xa1, 0 }, 2 },
		{ { 0x05, 0 }, 2 },
		{ { 0 }, 0 },
	};
	struct harness *h = harness_new(&protocol_gss);
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		bool known;
		struct record *r = read_first(h, &table[i], table[i].size, &known);
		assert_false(known);
		assert_false(record_has(r, FIELD_AUTH_MECHANISM));
	}
	harness_free(h);
}

static void every_truncation_is_survived(void **state)
{
	(void)state;
	struct harness *h = harness_new(&protocol_gss);
	struct der d = { .size = 0 };
	add_kerberos(&d);
	wrap_spnego(&d, true);
	for (size_t n = 0; n < d.size; n++) {
		bool known;
		struct record *r = read_first(h, &d, n, &known);
		assert_false(record_has(r, FIELD_AUTH_TARGET));
	}
	harness_free(h);
}

static void every_changed_byte_is_survived(void **state)
{
	(void)state;
	struct harness *h = harness_new(&protocol_gss);
	struct der d = { .size = 0 };
	add_kerberos(&d);
	wrap_spnego(&d, true);
	for (size_t i = 0; i < d.size; i++)
		for (unsigned bit = 0; bit < 8; bit++) {
			bool known;
			d.at[i] ^= (uint8_t)(1u << bit);
			struct record *r = read_first(h, &d, d.size, &known);
			assert_true(record_text(r, FIELD_AUTH_TARGET).size <= 64);
			d.at[i] ^= (uint8_t)(1u << bit);
		}
	harness_free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kerberos_in_spnego_names_the_service),
		cmocka_unit_test(kerberos_in_its_own_frame_names_the_service),
		cmocka_unit_test(a_bare_ap_req_names_the_service),
		cmocka_unit_test(ntlm_in_spnego_is_handed_on),
		cmocka_unit_test(bare_ntlm_is_handed_on),
		cmocka_unit_test(tokens_inside_each_other_have_an_end),
		cmocka_unit_test(lengths_that_lie_are_refused),
		cmocka_unit_test(every_truncation_is_survived),
		cmocka_unit_test(every_changed_byte_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
