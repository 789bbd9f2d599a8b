/* SPDX-License-Identifier: BSD-2-Clause
 * Kerberos: a logon as captured (krb_sample.h), and messages built here where the sample has no such thing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "krb_sample.h"
#include "proto_harness.h"
#include "proto_sweep.h"

#define BYTES(array) bytes_of(array, sizeof(array))
#define MESSAGE(array) bytes_of((array) + 4, sizeof(array) - 4) /* without the length of the stream */

static struct harness *kdc(bool datagram)
{
	struct harness *h = harness_new(NULL);
	harness_set_datagram(h, datagram);
	harness_set_server_port(h, 88);
	return h;
}

static void say(struct harness *h, enum side side, struct bytes b)
{
	harness_feed(h, side, b, 0, 0);
}

static bool has(const struct record *r, enum field f, const char *text)
{
	for (const struct value *v = record_get(r, f); v; v = record_next(r, v))
		if (bytes_equal(value_text(r, v), bytes_string(text)))
			return true;
	return false;
}

static const struct step logon[] = {
	{ CLIENT, { krb_as_req, sizeof(krb_as_req) }, 0 },
	{ SERVER, { krb_preauth_required, sizeof(krb_preauth_required) }, 0 },
	{ CLIENT, { krb_as_req_proof, sizeof(krb_as_req_proof) }, 0 },
	{ SERVER, { krb_as_rep, sizeof(krb_as_rep) }, 0 },
	{ CLIENT, { krb_tgs_req, sizeof(krb_tgs_req) }, 0 },
	{ SERVER, { krb_tgs_rep, sizeof(krb_tgs_rep) }, 0 },
};

/* ---- messages made to order ---- */

struct der {
	uint8_t at[2048];
	size_t size;
};

static void add(struct der *d, const void *at, size_t size)
{
	memcpy(d->at + d->size, at, size);
	d->size += size;
}

/* Puts what d holds from `from` on into an element. */
static void wrap(struct der *d, size_t from, uint8_t tag)
{
	size_t size = d->size - from;
	uint8_t head[4] = { tag, 0x82, (uint8_t)(size >> 8), (uint8_t)size };

	memmove(d->at + from + 4, d->at + from, size);
	memcpy(d->at + from, head, 4);
	d->size += 4;
}

static void add_number(struct der *d, uint8_t context, int value)
{
	uint8_t n[] = { context, 4, 2, 2, (uint8_t)(value >> 8), (uint8_t)value };

	if (value >= 0 && value < 128) /* as DER wants it: the shortest form */
		add(d, (uint8_t[]){ context, 3, 2, 1, (uint8_t)value }, 5);
	else
		add(d, n, sizeof(n));
}

static void add_string(struct der *d, const char *text)
{
	size_t from = d->size;

	add(d, text, strlen(text));
	wrap(d, from, 0x1b);
}

/* PrincipalName as member: one component, and another unless it is NULL. */
static void add_name(struct der *d, uint8_t context, int type, const char *a, const char *b)
{
	size_t from = d->size;

	add_number(d, 0xa0, type);
	size_t names = d->size;
	add_string(d, a);
	if (b)
		add_string(d, b);
	wrap(d, names, 0x30);
	wrap(d, names, 0xa1);
	wrap(d, from, 0x30);
	wrap(d, from, context);
}

static void add_text(struct der *d, uint8_t context, const char *text)
{
	size_t from = d->size;

	add_string(d, text);
	wrap(d, from, context);
}

static void add_sealed(struct der *d, uint8_t context, int etype, const char *cipher)
{
	size_t from = d->size;

	add_number(d, 0xa0, etype);
	size_t octets = d->size;
	add(d, cipher, strlen(cipher));
	wrap(d, octets, 4);
	wrap(d, octets, 0xa2);
	wrap(d, from, 0x30);
	wrap(d, from, context);
}

static void add_ticket(struct der *d, uint8_t context, const char *cipher)
{
	size_t from = d->size;

	add_number(d, 0xa0, 5);
	add_text(d, 0xa1, "LAB.EXAMPLE");
	add_name(d, 0xa2, 2, "cifs", "fs1");
	add_sealed(d, 0xa3, 23, cipher);
	wrap(d, from, 0x30);
	wrap(d, from, 0x61);
	wrap(d, from, context);
}

/* Closes a message that stands from `from` on. */
static void close_message(struct der *d, size_t from, uint8_t kind)
{
	wrap(d, from, 0x30);
	wrap(d, from, (uint8_t)(0x60 + kind));
}

static void add_ap_req(struct der *d, const char *cipher)
{
	size_t from = d->size;

	add_number(d, 0xa0, 5);
	add_number(d, 0xa1, 14);
	add_ticket(d, 0xa3, cipher);
	add_sealed(d, 0xa4, 18, "authenticator");
	close_message(d, from, 14);
}

/* padata: the SEQUENCE of PA-DATA where given, NULL for none. */
static struct bytes make_request(struct der *d, int kind, const struct der *padata, const char *client, int type, uint32_t options)
{
	uint8_t bits[] = { 0xa0, 7, 3, 5, 0, (uint8_t)(options >> 24), (uint8_t)(options >> 16), (uint8_t)(options >> 8),
			   (uint8_t)options };

	d->size = 0;
	add_number(d, 0xa1, 5);
	add_number(d, 0xa2, kind);
	if (padata) {
		size_t from = d->size;
		add(d, padata->at, padata->size);
		wrap(d, from, 0x30);
		wrap(d, from, 0xa3);
	}
	size_t body = d->size;
	add(d, bits, sizeof(bits));
	if (client)
		add_name(d, 0xa1, type, client, NULL);
	add_text(d, 0xa2, "LAB.EXAMPLE");
	add_name(d, 0xa3, 2, "krbtgt", "LAB.EXAMPLE");
	static const uint8_t etypes[] = { 0xa8, 9, 0x30, 7, 2, 1, 23, 2, 2, 0xff, 0x79 };
	add(d, etypes, sizeof(etypes));
	wrap(d, body, 0x30);
	wrap(d, body, 0xa4);
	close_message(d, 0, (uint8_t)kind);
	return bytes_of(d->at, d->size);
}

static struct bytes make_error(struct der *d, int code)
{
	d->size = 0;
	add_number(d, 0xa0, 5);
	add_number(d, 0xa1, 30);
	add_number(d, 0xa6, code);
	add_text(d, 0xa9, "LAB.EXAMPLE");
	add_name(d, 0xaa, 2, "krbtgt", "LAB.EXAMPLE");
	close_message(d, 0, 30);
	return bytes_of(d->at, d->size);
}

static struct bytes make_reply(struct der *d, int kind, const char *client, const char *realm, const char *cipher)
{
	d->size = 0;
	add_number(d, 0xa0, 5);
	add_number(d, 0xa1, kind);
	add_text(d, 0xa3, realm);
	add_name(d, 0xa4, 1, client, NULL);
	add_ticket(d, 0xa5, cipher);
	add_sealed(d, 0xa6, 18, "for the client");
	close_message(d, 0, (uint8_t)kind);
	return bytes_of(d->at, d->size);
}

static void add_padata(struct der *d, int type, const void *value, size_t size)
{
	size_t from = d->size;

	add_number(d, 0xa1, type);
	size_t octets = d->size;
	add(d, value, size);
	wrap(d, octets, 4);
	wrap(d, octets, 0xa2);
	wrap(d, from, 0x30);
}

/* ---- tests ---- */

static void a_logon_is_asked_refused_proven_and_answered(void **state)
{
	struct harness *h = kdc(false);

	(void)state;
	harness_run(h, logon, 4, 0, 0);
	assert_string_equal(harness_confirmed(h), "kerberos");
	assert_int_equal(harness_count(h), 3);
	const struct record *first = harness_record(h, 0);
	assert_int_equal(record_uint(first, FIELD_KERBEROS_ERROR), 25);
	assert_true(record_text_is(first, FIELD_KERBEROS_ERROR_NAME, "KDC_ERR_PREAUTH_REQUIRED"));
	assert_true(record_text_is(first, FIELD_EVENT_OUTCOME, "unknown"));
	const struct record *second = harness_record(h, 1);
	assert_true(record_text_is(second, FIELD_KERBEROS_TYPE, "AS"));
	assert_true(record_text_is(second, FIELD_EVENT_OUTCOME, "success"));
	assert_true(record_text_is(second, FIELD_KERBEROS_CLIENT, "backupadm"));
	assert_true(record_text_is(second, FIELD_USER_NAME, "backupadm"));
	assert_true(record_text_is(second, FIELD_USER_DOMAIN, "LAB.EXAMPLE"));
	assert_true(record_text_is(second, FIELD_KERBEROS_SERVICE, "krbtgt/LAB.EXAMPLE"));
	assert_true(record_text_is(second, FIELD_KERBEROS_ETYPE, "aes256-cts-hmac-sha1-96"));
	assert_true(record_text_is(second, FIELD_KERBEROS_PREAUTH_ETYPE, "aes256-cts-hmac-sha1-96"));
	assert_true(has(second, FIELD_KERBEROS_PREAUTH, "enc-timestamp"));
	assert_true(has(second, FIELD_KERBEROS_ETYPES, "rc4-hmac"));
	assert_true(has(second, FIELD_KERBEROS_OPTIONS, "renewable-ok"));
	/* sha256sum of the cipher, its first 16 bytes */
	assert_true(record_text_is(second, FIELD_KERBEROS_NEW_TICKET, "66ee99e94778adaf34e01a468a5bab84"));
	const struct record *auth = harness_record(h, 2);
	assert_int_equal(auth->dataset, DATASET_AUTH);
	assert_true(record_text_is(auth, FIELD_AUTH_CARRIER, "kdc"));
	assert_true(record_text_is(auth, FIELD_AUTH_MECHANISM, "kerberos"));
	assert_true(record_text_is(auth, FIELD_AUTH_TARGET, "krbtgt/LAB.EXAMPLE"));
	assert_true(record_text_is(auth, FIELD_EVENT_OUTCOME, "success"));
	assert_int_equal(auth->time_ns, second->time_ns);
	harness_free(h);
}

static void the_ticket_issued_is_the_ticket_shown(void **state)
{
	struct harness *h = kdc(false);

	(void)state;
	harness_run(h, logon, ARRAY_SIZE(logon), 0, 0);
	const struct record *tgs = harness_find(h, DATASET_KERBEROS, 2);
	assert_non_null(tgs);
	assert_true(record_text_is(tgs, FIELD_KERBEROS_TYPE, "TGS"));
	assert_true(record_text_is(tgs, FIELD_KERBEROS_SERVICE, "cifs/fs1.lab.example"));
	assert_true(record_text_is(tgs, FIELD_KERBEROS_TICKET, "66ee99e94778adaf34e01a468a5bab84"));
	assert_true(record_text_is(tgs, FIELD_KERBEROS_NEW_TICKET, "f4cc03b9cc4d0e7301175c51f7b2af15"));
	assert_true(record_text_is(tgs, FIELD_KERBEROS_TICKET_REALM, "LAB.EXAMPLE"));
	assert_true(has(tgs, FIELD_KERBEROS_PREAUTH, "fx-fast"));
	assert_true(record_text_is(tgs, FIELD_USER_NAME, "backupadm"));
	assert_null(harness_find(h, DATASET_AUTH, 1)); /* no logon of its own */
	harness_free(h);
}

static void datagrams_repeated_are_told_once(void **state)
{
	struct harness *h = kdc(true);

	(void)state;
	say(h, CLIENT, MESSAGE(krb_as_req_proof));
	say(h, CLIENT, MESSAGE(krb_as_req_proof));
	say(h, SERVER, MESSAGE(krb_as_rep));
	say(h, SERVER, MESSAGE(krb_as_rep));
	say(h, CLIENT, MESSAGE(krb_as_req_proof));
	harness_close(h, ENDED_TIMEOUT);
	assert_int_equal(harness_count(h), 2);
	harness_free(h);
}

/* Both ends are the client's to choose: the tickets it shows, the data it appends. */
static void requests_that_differ_in_the_middle_are_two(void **state)
{
	struct harness *h = kdc(true);
	uint8_t other[sizeof(krb_tgs_req)];

	(void)state;
	memcpy(other, krb_tgs_req, sizeof(other));
	assert_true(sizeof(other) > 4 + 2 * 192 + 8);
	other[sizeof(other) / 2] ^= 1; /* in a cipher */
	say(h, CLIENT, MESSAGE(krb_tgs_req));
	say(h, CLIENT, MESSAGE(other));
	harness_close(h, ENDED_TIMEOUT);
	assert_int_equal(harness_count(h), 2);
	harness_free(h);
}

static void a_request_without_answer_is_told_at_the_end(void **state)
{
	struct harness *h = kdc(true);

	(void)state;
	say(h, CLIENT, MESSAGE(krb_as_req));
	assert_int_equal(harness_count(h), 0);
	harness_close(h, ENDED_TIMEOUT);
	assert_int_equal(harness_count(h), 2);
	assert_true(record_text_is(harness_record(h, 0), FIELD_EVENT_OUTCOME, "unknown"));
	assert_true(record_text_is(harness_record(h, 1), FIELD_USER_NAME, "backupadm"));
	harness_free(h);
}

static void an_answer_without_its_request_is_told(void **state)
{
	struct harness *h = kdc(false);

	(void)state;
	harness_set_midstream(h, true);
	say(h, SERVER, BYTES(krb_as_rep));
	assert_int_equal(harness_count(h), 2);
	assert_true(record_text_is(harness_record(h, 0), FIELD_KERBEROS_CLIENT, "backupadm"));
	assert_true(record_text_is(harness_record(h, 0), FIELD_KERBEROS_SERVICE, "krbtgt/LAB.EXAMPLE"));
	harness_free(h);
}

static const struct record *refused(struct harness *h, int code)
{
	struct der d = { .size = 0 }, e = { .size = 0 };

	say(h, CLIENT, make_request(&d, 10, NULL, "tanaka", 1, 0));
	say(h, SERVER, make_error(&e, code));
	return harness_find(h, DATASET_KERBEROS, 0);
}

static void errors_are_failures_but_for_those_that_ask_for_more(void **state)
{
	static const struct {
		int code;
		const char *name, *outcome;
	} cases[] = { { 6, "KDC_ERR_C_PRINCIPAL_UNKNOWN", "failure" }, { 12, "KDC_ERR_POLICY", "failure" },
		      { 18, "KDC_ERR_CLIENT_REVOKED", "failure" },     { 23, "KDC_ERR_KEY_EXPIRED", "failure" },
		      { 24, "KDC_ERR_PREAUTH_FAILED", "failure" },     { 37, "KRB_AP_ERR_SKEW", "failure" },
		      { 200, "error-200", "failure" },		       { 25, "KDC_ERR_PREAUTH_REQUIRED", NULL },
		      { 52, "KRB_ERR_RESPONSE_TOO_BIG", NULL },	       { 68, "KDC_ERR_WRONG_REALM", NULL } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct harness *h = kdc(true);
		const struct record *r = refused(h, cases[i].code);
		assert_non_null(r);
		assert_true(record_text_is(r, FIELD_KERBEROS_ERROR_NAME, cases[i].name));
		assert_true(record_text_is(r, FIELD_EVENT_OUTCOME, cases[i].outcome ? cases[i].outcome : "unknown"));
		const struct record *auth = harness_find(h, DATASET_AUTH, 0);
		assert_int_equal(auth != NULL, cases[i].outcome != NULL);
		if (auth)
			assert_true(record_text_is(auth, FIELD_AUTH_ERROR, cases[i].name));
		harness_free(h);
	}
}

static void an_enterprise_name_is_taken_apart_and_the_kdc_knows_better(void **state)
{
	struct harness *h = kdc(true);
	struct der d = { .size = 0 };

	(void)state;
	say(h, CLIENT, make_request(&d, 10, NULL, "t.tanaka@corp.example", 10, 0x00010000));
	harness_close(h, ENDED_TIMEOUT);
	const struct record *r = harness_record(h, 0);
	assert_true(record_text_is(r, FIELD_KERBEROS_CLIENT, "t.tanaka@corp.example"));
	assert_true(record_text_is(r, FIELD_KERBEROS_CLIENT_TYPE, "enterprise"));
	assert_true(record_text_is(r, FIELD_USER_NAME, "t.tanaka"));
	assert_true(record_text_is(r, FIELD_USER_DOMAIN, "corp.example"));
	assert_true(has(r, FIELD_KERBEROS_OPTIONS, "canonicalize"));
	harness_free(h);

	h = kdc(true);
	say(h, CLIENT, make_request(&d, 10, NULL, "t.tanaka@corp.example", 10, 0x00010000));
	say(h, SERVER, make_reply(&d, 11, "tanaka", "CORP.EXAMPLE", "sealed"));
	r = harness_record(h, 0);
	assert_true(record_text_is(r, FIELD_USER_NAME, "tanaka"));
	assert_true(record_text_is(r, FIELD_USER_DOMAIN, "CORP.EXAMPLE"));
	assert_true(record_text_is(r, FIELD_KERBEROS_CLIENT_REALM, "CORP.EXAMPLE"));
	assert_true(record_text_is(r, FIELD_KERBEROS_ISSUED_SERVICE, "cifs/fs1"));
	assert_true(record_text_is(r, FIELD_KERBEROS_ETYPE, "rc4-hmac"));
	harness_free(h);
}

static void pre_authentication_data_is_named_and_opened(void **state)
{
	static const uint8_t no_pac[] = { 0x30, 5, 0xa0, 3, 1, 1, 0 };
	struct harness *h = kdc(true);
	struct der d = { .size = 0 }, all = { .size = 0 }, armor = { .size = 0 }, sealed = { .size = 0 };

	(void)state;
	add_ap_req(&armor, "of the computer");
	wrap(&armor, 0, 4);
	wrap(&armor, 0, 0xa1);
	struct der choice = { .size = 0 };
	add_number(&choice, 0xa0, 1);
	add(&choice, armor.at, armor.size);
	wrap(&choice, 0, 0x30);
	wrap(&choice, 0, 0xa0);
	wrap(&choice, 0, 0x30);
	wrap(&choice, 0, 0xa0);
	add_sealed(&sealed, 0x30, 23, "time");
	add_padata(&all, 128, no_pac, sizeof(no_pac));
	add_padata(&all, 16, "signed", 6);
	add_padata(&all, 136, choice.at, choice.size);
	add_padata(&all, 777, "", 0);
	add_padata(&all, 2, sealed.at + 4, sealed.size - 4);
	say(h, CLIENT, make_request(&d, 10, &all, "tanaka", 1, 0));
	harness_close(h, ENDED_TIMEOUT);
	const struct record *r = harness_record(h, 0);
	assert_true(record_has(r, FIELD_KERBEROS_PAC_REQUEST));
	assert_false(record_bool(r, FIELD_KERBEROS_PAC_REQUEST));
	assert_true(has(r, FIELD_KERBEROS_PREAUTH, "pk-as-req"));
	assert_true(has(r, FIELD_KERBEROS_PREAUTH, "fx-fast"));
	assert_true(has(r, FIELD_KERBEROS_PREAUTH, "padata-777"));
	assert_true(has(r, FIELD_KERBEROS_ETYPES, "rc4-hmac-old-exp"));
	assert_true(record_text_is(r, FIELD_KERBEROS_PREAUTH_ETYPE, "rc4-hmac"));
	assert_int_equal(record_text(r, FIELD_KERBEROS_ARMOR_TICKET).size, 32);
	assert_false(record_has(r, FIELD_KERBEROS_TICKET));
	harness_free(h);
}

static void a_service_asking_for_somebody_is_not_that_account(void **state)
{
	struct harness *h = kdc(true);
	struct der d = { .size = 0 }, ap = { .size = 0 }, all = { .size = 0 }, who = { .size = 0 };

	(void)state;
	add_ap_req(&ap, "of the service");
	add_name(&who, 0xa0, 1, "suzuki", NULL);
	wrap(&who, 0, 0x30);
	add_padata(&all, 1, ap.at, ap.size);
	add_padata(&all, 129, who.at, who.size);
	say(h, CLIENT, make_request(&d, 12, &all, NULL, 0, 0));
	say(h, SERVER, make_reply(&d, 13, "suzuki", "LAB.EXAMPLE", "sealed"));
	const struct record *r = harness_record(h, 0);
	assert_true(record_text_is(r, FIELD_KERBEROS_FOR_USER, "suzuki"));
	assert_true(record_text_is(r, FIELD_KERBEROS_CLIENT, "suzuki"));
	assert_false(record_has(r, FIELD_USER_NAME));
	assert_true(record_text_is(r, FIELD_KERBEROS_AUTHENTICATOR_ETYPE, "aes256-cts-hmac-sha1-96"));
	harness_free(h);
}

static void an_anonymous_client_is_no_account(void **state)
{
	struct harness *h = kdc(true);
	struct der d = { .size = 0 };

	(void)state;
	say(h, CLIENT, make_request(&d, 10, NULL, "WELLKNOWN/ANONYMOUS", 11, 0x40008000));
	say(h, SERVER, make_reply(&d, 11, "WELLKNOWN/ANONYMOUS", "WELLKNOWN:ANONYMOUS", "sealed"));
	assert_int_equal(harness_count(h), 1);
	assert_false(record_has(harness_record(h, 0), FIELD_USER_NAME));
	assert_true(has(harness_record(h, 0), FIELD_KERBEROS_OPTIONS, "request-anonymous"));
	harness_free(h);
}

static void the_oldest_of_too_many_requests_is_told_early(void **state)
{
	struct harness *h = kdc(true);
	char name[8] = "user00";
	struct der d = { .size = 0 };

	(void)state;
	for (int i = 0; i < 12; i++) {
		name[5] = (char)('a' + i);
		say(h, CLIENT, make_request(&d, 10, NULL, name, 1, 0));
	}
	assert_int_equal(harness_count(h), 8); /* four exchanges, each with its logon */
	assert_true(record_text_is(harness_record(h, 0), FIELD_USER_NAME, "user0a"));
	harness_close(h, ENDED_TIMEOUT);
	assert_int_equal(harness_count(h), 24);
	harness_free(h);
}

static void only_logons_are_told_where_only_they_are_asked_for(void **state)
{
	struct harness *h = kdc(false);

	(void)state;
	harness_set_datasets(h, DATASET_BIT(DATASET_AUTH));
	harness_run(h, logon, ARRAY_SIZE(logon), 0, 0);
	assert_int_equal(harness_count(h), 1);
	assert_true(record_text_is(harness_record(h, 0), FIELD_USER_NAME, "backupadm"));
	harness_free(h);
	h = kdc(false);
	harness_set_datasets(h, 0);
	harness_run(h, logon, ARRAY_SIZE(logon), 0, 0);
	assert_int_equal(harness_count(h), 0);
	assert_string_equal(harness_confirmed(h), "kerberos");
	harness_free(h);
}

static void after_a_loss_the_next_message_is_found(void **state)
{
	struct harness *h = kdc(false);

	(void)state;
	say(h, CLIENT, BYTES(krb_as_req));
	say(h, SERVER, bytes_of(krb_preauth_required, 100));
	harness_gap(h, SERVER, 100);
	say(h, SERVER, bytes_of(krb_preauth_required + 200, sizeof(krb_preauth_required) - 200));
	say(h, CLIENT, BYTES(krb_as_req_proof));
	say(h, SERVER, BYTES(krb_as_rep));
	harness_close(h, ENDED_FIN);
	const struct record *r = harness_find(h, DATASET_KERBEROS, 0);
	assert_true(record_has(r, FIELD_KERBEROS_NEW_TICKET));
	assert_false(harness_malformed(h, SERVER));
	harness_free(h);
}

static void messages_that_cannot_be_read_do_not_stop_the_next(void **state)
{
	static const uint8_t junk[] = { 0, 0, 0, 12, 0x6a, 10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
	static const uint8_t too_long[] = { 0x7f, 0xff, 0xff, 0xff };
	struct harness *h = kdc(false);

	(void)state;
	say(h, CLIENT, BYTES(krb_as_req));
	say(h, CLIENT, BYTES(junk));
	say(h, CLIENT, BYTES(krb_as_req_proof));
	say(h, CLIENT, BYTES(too_long));
	assert_true(harness_malformed(h, CLIENT));
	harness_close(h, ENDED_FIN);
	assert_non_null(harness_find(h, DATASET_KERBEROS, 1));
	harness_free(h);
}

static void other_ports_are_found_by_content_and_other_content_is_refused(void **state)
{
	static const uint8_t no_version[] = { 0x6a, 0x82, 0, 9, 0x30, 7, 0xa1, 3, 2, 1, 4, 0, 0 };
	struct harness *h = harness_new(NULL);

	(void)state;
	harness_set_server_port(h, 50088);
	harness_run(h, logon, 2, 0, 0);
	assert_int_equal(harness_count(h), 1);
	harness_free(h);
	h = kdc(true);
	say(h, CLIENT, BYTES(no_version));
	assert_null(harness_protocol(h));
	harness_free(h);
}

/* RFC 3244: length, version, length of the AP message, AP message, sealed part. */
static struct bytes make_passwd(struct der *d, const struct der *ap, const char *rest, size_t rest_size)
{
	size_t size = 6 + ap->size + rest_size;
	uint8_t head[] = { (uint8_t)(size >> 8), (uint8_t)size, 0, 1, (uint8_t)(ap->size >> 8), (uint8_t)ap->size };

	d->size = 0;
	add(d, head, sizeof(head));
	add(d, ap->at, ap->size);
	add(d, rest, rest_size);
	return bytes_of(d->at, d->size);
}

static void a_password_change_is_told_with_its_ticket(void **state)
{
	struct harness *h = kdc(true);
	struct der d = { .size = 0 }, ap = { .size = 0 }, rep = { .size = 0 }, error = { .size = 0 }, none = { .size = 0 };

	(void)state;
	harness_set_server_port(h, 464);
	add_ap_req(&ap, "for the changer");
	add_number(&rep, 0xa0, 5);
	add_sealed(&rep, 0xa2, 18, "proof");
	close_message(&rep, 0, 15);
	say(h, CLIENT, make_passwd(&d, &ap, "u\x01", 2));
	say(h, SERVER, make_passwd(&d, &rep, "u\x01", 2));
	assert_int_equal(harness_count(h), 1);
	const struct record *r = harness_record(h, 0);
	assert_true(record_text_is(r, FIELD_KERBEROS_TYPE, "KPASSWD"));
	assert_int_equal(record_text(r, FIELD_KERBEROS_TICKET).size, 32);
	assert_true(record_bool(r, FIELD_KERBEROS_MUTUAL));
	assert_true(record_text_is(r, FIELD_EVENT_OUTCOME, "unknown"));
	say(h, CLIENT, make_passwd(&d, &ap, "u\x02", 2));
	make_error(&error, 32);
	say(h, SERVER, make_passwd(&d, &none, (const char *)error.at, error.size));
	assert_int_equal(harness_count(h), 2);
	assert_true(record_text_is(harness_record(h, 1), FIELD_KERBEROS_ERROR_NAME, "KRB_AP_ERR_TKT_EXPIRED"));
	harness_free(h);
}

static void a_token_names_its_ticket_service_and_mechanism(void **state)
{
	struct harness *h = harness_new(NULL);
	struct der d = { .size = 0 };
	struct record *r = harness_scratch(h);

	(void)state;
	add(&d, "\x01\x00", 2);
	add_ap_req(&d, "sealed");
	assert_true(parse_inner(harness_parse(h), "krb5", bytes_of(d.at, d.size), r));
	assert_true(record_text_is(r, FIELD_AUTH_MECHANISM, "kerberos"));
	assert_true(record_text_is(r, FIELD_AUTH_TARGET, "cifs/fs1@LAB.EXAMPLE"));
	assert_true(record_text_is(r, FIELD_KERBEROS_SERVICE, "cifs/fs1"));
	assert_true(record_text_is(r, FIELD_KERBEROS_TICKET_ETYPE, "rc4-hmac"));
	assert_true(record_text_is(r, FIELD_KERBEROS_AUTHENTICATOR_ETYPE, "aes256-cts-hmac-sha1-96"));
	assert_int_equal(record_text(r, FIELD_KERBEROS_TICKET).size, 32);
	harness_free(h);

	h = harness_new(NULL);
	r = harness_scratch(h);
	make_error(&d, 37);
	assert_true(parse_inner(harness_parse(h), "krb5", bytes_of(d.at, d.size), r));
	assert_int_equal(record_uint(r, FIELD_KERBEROS_ERROR), 37);
	assert_false(parse_inner(harness_parse(h), "krb5", bytes_string("\x05\x04zz"), r));
	assert_false(parse_inner(harness_parse(h), "krb5", bytes_of("", 0), r));
	harness_free(h);
}

static void records_do_not_depend_on_how_the_stream_is_cut(void **state)
{
	(void)state;
	sweep_cuts(logon, 2);
	sweep_cuts(logon, ARRAY_SIZE(logon));
}

static void a_stream_may_break_off_anywhere(void **state)
{
	(void)state;
	assert_true(sweep_prefixes(logon, ARRAY_SIZE(logon)) >= 4);
}

/* Each byte of a message in turn becomes another: nothing may break, and nothing may be read past the end. */
static void any_byte_may_be_wrong(void **state)
{
	uint8_t copy[sizeof(krb_tgs_req)];

	(void)state;
	for (size_t i = 0; i < 400; i++) {
		struct harness *h = kdc(true);
		memcpy(copy, krb_tgs_req, sizeof(copy));
		copy[i + 4] ^= 0xff;
		say(h, CLIENT, bytes_of(copy + 4, sizeof(copy) - 4));
		harness_close(h, ENDED_TIMEOUT);
		assert_true(harness_count(h) <= 2);
		harness_free(h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_logon_is_asked_refused_proven_and_answered),
		cmocka_unit_test(the_ticket_issued_is_the_ticket_shown),
		cmocka_unit_test(datagrams_repeated_are_told_once),
		cmocka_unit_test(requests_that_differ_in_the_middle_are_two),
		cmocka_unit_test(a_request_without_answer_is_told_at_the_end),
		cmocka_unit_test(an_answer_without_its_request_is_told),
		cmocka_unit_test(errors_are_failures_but_for_those_that_ask_for_more),
		cmocka_unit_test(an_enterprise_name_is_taken_apart_and_the_kdc_knows_better),
		cmocka_unit_test(pre_authentication_data_is_named_and_opened),
		cmocka_unit_test(a_service_asking_for_somebody_is_not_that_account),
		cmocka_unit_test(an_anonymous_client_is_no_account),
		cmocka_unit_test(the_oldest_of_too_many_requests_is_told_early),
		cmocka_unit_test(only_logons_are_told_where_only_they_are_asked_for),
		cmocka_unit_test(after_a_loss_the_next_message_is_found),
		cmocka_unit_test(messages_that_cannot_be_read_do_not_stop_the_next),
		cmocka_unit_test(other_ports_are_found_by_content_and_other_content_is_refused),
		cmocka_unit_test(a_password_change_is_told_with_its_ticket),
		cmocka_unit_test(a_token_names_its_ticket_service_and_mechanism),
		cmocka_unit_test(records_do_not_depend_on_how_the_stream_is_cut),
		cmocka_unit_test(a_stream_may_break_off_anywhere),
		cmocka_unit_test(any_byte_may_be_wrong),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
