/* SPDX-License-Identifier: BSD-2-Clause
 * Kerberos: a logon as captured, its exchanges, their names, pre-authentication and errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "krb_maker.h"

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

/* A KDC passes over what it does not know, however much of it there is. */
static void a_ticket_behind_many_decoys_is_seen(void **state)
{
	struct harness *h = kdc(true);
	static struct der d, all, ap;

	(void)state;
	for (int i = 0; i < 60; i++)
		add_padata(&all, 700 + i, "", 0);
	add_ap_req(&ap, "of the user");
	add_padata(&all, 1, ap.at, ap.size);
	say(h, CLIENT, make_request(&d, 12, &all, NULL, 1, 0));
	harness_close(h, ENDED_TIMEOUT);
	const struct record *r = harness_record(h, 0);
	assert_int_equal(record_text(r, FIELD_KERBEROS_TICKET).size, 32);
	assert_true(has(r, FIELD_KERBEROS_PREAUTH, "tgs-req"));
	assert_true(has(r, FIELD_KERBEROS_PREAUTH, "padata-731"));
	assert_false(has(r, FIELD_KERBEROS_PREAUTH, "padata-732"));
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
		cmocka_unit_test(a_ticket_behind_many_decoys_is_seen),
		cmocka_unit_test(a_service_asking_for_somebody_is_not_that_account),
		cmocka_unit_test(an_anonymous_client_is_no_account),
		cmocka_unit_test(only_logons_are_told_where_only_they_are_asked_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
