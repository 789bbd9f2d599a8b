/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/attributes.h"
#include "ldap_sample.h"
#include "proto_assert.h"
#include "proto_sweep.h"


static void a_simple_bind_names_the_account_of_a_dn_a_upn_and_a_down_level_name(void **state)
{
	const struct { struct step bind; const char *user, *domain; } cases[] = {
		{ SAY(CLIENT, BIND_SIMPLE), "admin", "example.com" },
		{ SAY(CLIENT, BIND_UPN), "suzuki", "corp.example" },
		{ SAY(CLIENT, BIND_DOWNLEVEL), "suzuki", "CORP" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct step steps[] = { cases[i].bind, SAY(SERVER, BIND_OK) };
		struct harness *h = PLAY(steps, 389);
		const struct record *auth = harness_find(h, DATASET_AUTH, 0);
		assert_text(auth, FIELD_USER_NAME, cases[i].user);
		assert_text(auth, FIELD_USER_DOMAIN, cases[i].domain);
		assert_text(auth, FIELD_AUTH_MECHANISM, "ldap-simple");
		assert_text(auth, FIELD_AUTH_CARRIER, "ldap");
		assert_text(auth, FIELD_EVENT_OUTCOME, "success");
		assert_text(harness_find(h, DATASET_LDAP, 0), FIELD_EVENT_ACTION, "bind");
		assert_null(strstr(harness_text(h), "s3cret"));
		harness_free(h);
	}
}

static void a_refused_bind_tells_the_sub_code_of_the_directory(void **state)
{
	const struct step steps[] = { SAY(CLIENT, BIND_SIMPLE), SAY(SERVER, BIND_REFUSED) };
	(void)state;
	struct harness *h = PLAY(steps, 389);
	const struct record *auth = harness_find(h, DATASET_AUTH, 0);
	assert_text(auth, FIELD_EVENT_OUTCOME, "failure");
	assert_text(auth, FIELD_AUTH_ERROR, "invalidCredentials");
	assert_text(auth, FIELD_LDAP_ERROR, "52e");
	const struct record *ldap = harness_find(h, DATASET_LDAP, 0);
	assert_int_equal(record_uint(ldap, FIELD_LDAP_RESULT), 49);
	assert_text(ldap, FIELD_LDAP_ERROR, "52e");
	harness_free(h);
}

static void an_anonymous_bind_is_no_logon_and_a_name_without_password_proves_nothing(void **state)
{
	const struct step anonymous[] = { SAY(CLIENT, BIND_ANONYMOUS), SAY(SERVER, BIND_OK) };
	const struct step nameonly[] = { SAY(CLIENT, BIND_NAME_ONLY), SAY(SERVER, BIND_OK) };
	(void)state;
	struct harness *h = PLAY(anonymous, 389);
	assert_null(harness_find(h, DATASET_AUTH, 0));
	assert_text(harness_find(h, DATASET_LDAP, 0), FIELD_LDAP_MECHANISM, "anonymous");
	harness_free(h);
	h = PLAY(nameonly, 389);
	assert_text(harness_find(h, DATASET_AUTH, 0), FIELD_EVENT_OUTCOME, "unknown");
	assert_text(harness_find(h, DATASET_LDAP, 0), FIELD_LDAP_MECHANISM, "unauthenticated");
	harness_free(h);
}

static void ntlm_in_sasl_is_one_attempt_over_its_legs(void **state)
{
	const struct step steps[] = { SAY(CLIENT, SASL_NTLM_1), SAY(SERVER, SASL_NTLM_2), SAY(CLIENT, SASL_NTLM_3),
				      SAY(SERVER, SASL_NTLM_NO) };
	(void)state;
	struct harness *h = PLAY(steps, 389);
	const struct record *auth = harness_find(h, DATASET_AUTH, 0);
	assert_text(auth, FIELD_AUTH_MECHANISM, "ntlm");
	assert_text(auth, FIELD_USER_NAME, "suzuki");
	assert_text(auth, FIELD_USER_DOMAIN, "CORP");
	assert_text(auth, FIELD_AUTH_WORKSTATION, "PC11");
	assert_text(auth, FIELD_NTLM_TARGET, "CORP");
	assert_text(auth, FIELD_NTLM_MESSAGE, "authenticate");
	assert_text(auth, FIELD_EVENT_OUTCOME, "failure");
	assert_text(auth, FIELD_LDAP_ERROR, "775");
	assert_null(harness_find(h, DATASET_AUTH, 1));
	assert_text(harness_find(h, DATASET_LDAP, 0), FIELD_EVENT_OUTCOME, "unknown");
	assert_text(harness_find(h, DATASET_LDAP, 1), FIELD_EVENT_OUTCOME, "failure");
	harness_free(h);
}

static void sicily_binds_are_ntlm_with_the_challenge_in_the_matched_name(void **state)
{
	const struct step steps[] = { SAY(CLIENT, SICILY_1), SAY(SERVER, SICILY_2), SAY(CLIENT, SICILY_3),
				      SAY(SERVER, SASL_NTLM_4) };
	(void)state;
	struct harness *h = PLAY(steps, 389);
	const struct record *auth = harness_find(h, DATASET_AUTH, 0);
	assert_text(auth, FIELD_USER_NAME, "suzuki");
	assert_text(auth, FIELD_NTLM_TARGET, "CORP");
	assert_text(auth, FIELD_EVENT_OUTCOME, "success");
	assert_null(harness_find(h, DATASET_AUTH, 1));
	harness_free(h);
}

static void sasl_plain_names_the_account_and_hides_the_password(void **state)
{
	const struct step steps[] = { SAY(CLIENT, SASL_PLAIN), SAY(SERVER, SASL_PLAIN_OK) };
	(void)state;
	struct harness *h = PLAY(steps, 389);
	assert_text(harness_find(h, DATASET_AUTH, 0), FIELD_USER_NAME, "suzuki");
	assert_text(harness_find(h, DATASET_AUTH, 0), FIELD_AUTH_MECHANISM, "plain");
	assert_null(strstr(harness_text(h), "s3cret"));
	harness_free(h);
}

static void a_search_is_told_with_its_filter_and_what_it_returned(void **state)
{
	const struct step steps[] = { SAY(CLIENT, BIND_UPN), SAY(SERVER, BIND_OK), SAY(CLIENT, SEARCH),
				      SAY(SERVER, ENTRY ENTRY SEARCH_DONE) };
	(void)state;
	struct harness *h = PLAY(steps, 389);
	const struct record *r = harness_find(h, DATASET_LDAP, 1);
	assert_text(r, FIELD_LDAP_DN, "dc=example,dc=com");
	assert_text(r, FIELD_LDAP_SCOPE, "sub");
	assert_text(r, FIELD_LDAP_FILTER,
		    "(&(objectClass=person)(!(uid=a\\2ab\\28c\\29\\5c))(cn=ad*mi*n)(mail=*)"
		    "(userAccountControl:1.2.840.113556.1.4.803:=2))");
	assert_text(r, FIELD_LDAP_ATTRIBUTES, "cn");
	assert_int_equal(record_uint(r, FIELD_LDAP_ENTRIES), 2);
	assert_int_equal(record_uint(r, FIELD_LDAP_BYTES), sizeof(ENTRY ENTRY SEARCH_DONE) - 1);
	assert_text(r, FIELD_USER_NAME, "suzuki");
	harness_free(h);
}

static void the_same_search_again_is_folded(void **state)
{
	const struct step steps[] = { SAY(CLIENT, SEARCH), SAY(SERVER, ENTRY SEARCH_DONE), SAY(CLIENT, SEARCH_AGAIN),
				      SAY(SERVER, ENTRY_AGAIN SEARCH_AGAIN_DONE), SAY(CLIENT, SEARCH),
				      SAY(SERVER, ENTRY SEARCH_DONE) };
	(void)state;
	struct harness *h = PLAY(steps, 389);
	assert_int_equal(record_uint(harness_find(h, DATASET_LDAP, 0), FIELD_LDAP_ENTRIES), 1);
	const struct record *again = harness_find(h, DATASET_LDAP, 1);
	assert_non_null(again);
	assert_int_equal(record_uint(again, FIELD_LDAP_REPEATS), 2);
	assert_int_equal(record_uint(again, FIELD_LDAP_ENTRIES), 2);
	assert_null(harness_find(h, DATASET_LDAP, 2));
	harness_free(h);
}

/* The same entries, and this time their passwords. */
static void a_search_for_other_attributes_is_another(void **state)
{
	static char other[sizeof(SEARCH)];
	const struct step steps[] = { SAY(CLIENT, SEARCH), SAY(SERVER, ENTRY SEARCH_DONE),
				      { CLIENT, { (const uint8_t *)other, sizeof(other) - 1 }, 0 },
				      SAY(SERVER, ENTRY SEARCH_DONE) };
	(void)state;
	memcpy(other, SEARCH, sizeof(other));
	char *cn = memmem(other, sizeof(other) - 1, "\x04\x02" "cn", 4);
	for (char *next = cn; next; next = memmem(next + 1, (size_t)(other + sizeof(other) - 2 - next), "\x04\x02" "cn", 4))
		cn = next; /* the last: the attribute's, not the filter's */
	assert_non_null(cn);
	memcpy(cn + 2, "pw", 2);
	struct harness *h = PLAY(steps, 389);
	assert_text(harness_find(h, DATASET_LDAP, 0), FIELD_LDAP_ATTRIBUTES, "cn");
	assert_text(harness_find(h, DATASET_LDAP, 1), FIELD_LDAP_ATTRIBUTES, "pw");
	assert_false(record_has(harness_find(h, DATASET_LDAP, 1), FIELD_LDAP_REPEATS));
	harness_free(h);
}

static void changes_tell_what_was_touched_and_never_the_values(void **state)
{
	const struct { struct step steps[2]; const char *action, *dn, *attribute, *outcome; } cases[] = {
		{ { SAY(CLIENT, ADD), SAY(SERVER, ADD_OK) }, "add", "cn=new,dc=example,dc=com", "objectClass", "success" },
		{ { SAY(CLIENT, MODIFY), SAY(SERVER, MODIFY_NO) }, "modify", "cn=Domain Admins,dc=example,dc=com", "member", "failure" },
		{ { SAY(CLIENT, DELETE), SAY(SERVER, DELETE_OK) }, "delete", "cn=new,dc=example,dc=com", NULL, "success" },
		{ { SAY(CLIENT, MODIFY_DN), SAY(SERVER, MODIFY_DN_OK) }, "modify_dn", "cn=a,dc=example,dc=com", NULL, "success" },
		{ { SAY(CLIENT, COMPARE), SAY(SERVER, COMPARE_TRUE) }, "compare", "cn=a,dc=example,dc=com", "mail", "success" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct harness *h = PLAY(cases[i].steps, 389);
		const struct record *r = harness_find(h, DATASET_LDAP, 0);
		assert_text(r, FIELD_EVENT_ACTION, cases[i].action);
		assert_text(r, FIELD_LDAP_DN, cases[i].dn);
		assert_text(r, FIELD_LDAP_ATTRIBUTES, cases[i].attribute);
		assert_text(r, FIELD_EVENT_OUTCOME, cases[i].outcome);
		assert_null(strstr(harness_text(h), "s3cret"));
		harness_free(h);
	}
}

static void a_moved_entry_has_its_new_name(void **state)
{
	const struct step steps[] = { SAY(CLIENT, MODIFY_DN), SAY(SERVER, MODIFY_DN_OK) };
	(void)state;
	struct harness *h = PLAY(steps, 389);
	assert_text(harness_find(h, DATASET_LDAP, 0), FIELD_LDAP_NEW_DN, "cn=b,ou=x,dc=example,dc=com");
	harness_free(h);
}

static void an_abandoned_search_is_told_as_such(void **state)
{
	const struct step steps[] = { SAY(CLIENT, SEARCH), SAY(SERVER, ENTRY), SAY(CLIENT, ABANDON UNBIND) };
	(void)state;
	struct harness *h = PLAY(steps, 389);
	assert_text(harness_find(h, DATASET_LDAP, 0), FIELD_EVENT_ACTION, "abandon");
	assert_text(harness_find(h, DATASET_LDAP, 1), FIELD_EVENT_REASON, "abandoned");
	assert_int_equal(record_uint(harness_find(h, DATASET_LDAP, 1), FIELD_LDAP_ENTRIES), 1);
	assert_text(harness_find(h, DATASET_LDAP, 2), FIELD_EVENT_ACTION, "unbind");
	harness_free(h);
}

static void start_tls_hands_the_stream_over_only_where_the_server_agrees(void **state)
{
	const struct step yes[] = { SAY(CLIENT, STARTTLS), SAY(SERVER, STARTTLS_OK), SAY(CLIENT, "SSH-2.0-x\r\n") };
	const struct step no[] = { SAY(CLIENT, STARTTLS), SAY(SERVER, STARTTLS_NO), SAY(CLIENT, UNBIND) };
	(void)state;
	struct harness *h = PLAY(yes, 389);
	assert_true(harness_handed_over(h));
	assert_string_equal(harness_protocol(h), "ssh");
	assert_text(harness_find(h, DATASET_LDAP, 0), FIELD_LDAP_EXTENDED, "1.3.6.1.4.1.1466.20037");
	harness_free(h);
	h = PLAY(no, 389);
	assert_false(harness_handed_over(h));
	assert_text(harness_find(h, DATASET_LDAP, 1), FIELD_EVENT_ACTION, "unbind");
	harness_free(h);
}

static void what_sasl_only_signs_is_read_and_what_it_seals_is_said_once(void **state)
{
	const struct step steps[] = { SAY(CLIENT, SASL_NTLM_1), SAY(SERVER, SASL_NTLM_2), SAY(CLIENT, SASL_NTLM_3),
				      SAY(SERVER, SASL_NTLM_4), SAY(CLIENT, SIGNED_SEARCH), SAY(SERVER, SEALED SEALED),
				      SAY(CLIENT, SEALED) };
	(void)state;
	struct harness *h = PLAY(steps, 389);
	assert_text(harness_find(h, DATASET_LDAP, 2), FIELD_EVENT_ACTION, "sealed");
	assert_true(record_bool(harness_find(h, DATASET_LDAP, 2), FIELD_LDAP_SEALED));
	assert_text(harness_find(h, DATASET_LDAP, 2), FIELD_USER_NAME, "suzuki");
	assert_text(harness_find(h, DATASET_LDAP, 3), FIELD_LDAP_SCOPE, "sub");
	assert_null(harness_find(h, DATASET_LDAP, 4));
	harness_free(h);
}

static void a_datagram_pair_is_cldap(void **state)
{
	(void)state;
	struct harness *h = harness_new(NULL);
	harness_set_datagram(h, true);
	harness_set_server_port(h, 389);
	harness_feed(h, CLIENT, bytes_of(PING, sizeof(PING) - 1), 0, 0);
	harness_feed(h, SERVER, bytes_of(PONG, sizeof(PONG) - 1), 0, 0);
	harness_close(h, ENDED_TIMEOUT);
	assert_string_equal(harness_confirmed(h), "ldap");
	const struct record *r = harness_find(h, DATASET_LDAP, 0);
	assert_text(r, FIELD_LDAP_FILTER, "(&(DnsDomain=corp.example)(NtVer=\\16\\00\\00\\00))");
	assert_int_equal(record_uint(r, FIELD_LDAP_ENTRIES), 1);
	harness_free(h);
}

static void a_filter_nested_too_deeply_ends_where_the_limit_is(void **state)
{
	const struct step steps[] = { SAY(CLIENT, DEEP), SAY(SERVER, SEARCH_DONE) };
	(void)state;
	struct harness *h = PLAY(steps, 389);
	const struct record *r = harness_find(h, DATASET_LDAP, 0);
	assert_non_null(r);
	assert_true(record_text(r, FIELD_LDAP_FILTER).size > 60);
	assert_true(bytes_find(record_text(r, FIELD_LDAP_FILTER), bytes_string("a=b")) == SIZE_MAX);
	assert_false(harness_malformed(h, CLIENT));
	harness_free(h);
}

static void behind_a_gap_the_next_message_is_found(void **state)
{
	const struct step steps[] = { SAY(CLIENT, BIND_UPN), SAY(SERVER, BIND_OK), LOSE(CLIENT, 100),
				      SAY(CLIENT, "half of a message " SEARCH), SAY(SERVER, SEARCH_DONE) };
	(void)state;
	struct harness *h = PLAY(steps, 389);
	assert_text(harness_find(h, DATASET_LDAP, 1), FIELD_EVENT_ACTION, "search");
	harness_free(h);
}

static void more_requests_than_are_kept_are_told_without_answer(void **state)
{
	(void)state;
	struct harness *h = harness_new(NULL);
	uint8_t message[] = { 0x30, 8, 2, 1, 0, 0x4a, 3, 'a', '=', 'b' };
	for (unsigned i = 0; i < 100; i++) {
		message[4] = (uint8_t)i;
		harness_feed(h, CLIENT, bytes_of(message, sizeof(message)), 0, 0);
	}
	assert_int_equal(harness_count(h), 100 - 16);
	harness_close(h, ENDED_FIN);
	assert_int_equal(harness_count(h), 100);
	assert_text(harness_record(h, 99), FIELD_EVENT_OUTCOME, "unknown");
	harness_free(h);
}

static void a_message_that_lies_about_its_size_is_malformed(void **state)
{
	const struct step steps[] = { SAY(CLIENT, BIND_UPN), SAY(SERVER, BIND_OK), SAY(CLIENT, "\x30\x05\x02\x01\x09\x4a\x09zzzzzzzzz") };
	(void)state;
	struct harness *h = PLAY(steps, 389);
	assert_true(harness_malformed(h, CLIENT));
	harness_free(h);
}

static const struct step everything[] = {
	SAY(CLIENT, BIND_SIMPLE), SAY(SERVER, BIND_REFUSED), SAY(CLIENT, SASL_NTLM_1), SAY(SERVER, SASL_NTLM_2),
	SAY(CLIENT, SASL_NTLM_3), SAY(SERVER, SASL_NTLM_4), SAY(CLIENT, SIGNED_SEARCH), SAY(SERVER, ENTRY SEARCH_DONE),
	SAY(CLIENT, ADD MODIFY), SAY(SERVER, ADD_OK MODIFY_NO), SAY(CLIENT, SEARCH_AGAIN ABANDON),
	SAY(SERVER, SEALED), SAY(CLIENT, SEALED),
};

static void cuts_change_nothing(void **state)
{
	(void)state;
	sweep_cuts(everything, ARRAY_SIZE(everything));
}

static void prefixes_do_no_harm(void **state)
{
	(void)state;
	assert_true(sweep_prefixes(everything, ARRAY_SIZE(everything)) >= 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_simple_bind_names_the_account_of_a_dn_a_upn_and_a_down_level_name),
		cmocka_unit_test(a_refused_bind_tells_the_sub_code_of_the_directory),
		cmocka_unit_test(an_anonymous_bind_is_no_logon_and_a_name_without_password_proves_nothing),
		cmocka_unit_test(ntlm_in_sasl_is_one_attempt_over_its_legs),
		cmocka_unit_test(sicily_binds_are_ntlm_with_the_challenge_in_the_matched_name),
		cmocka_unit_test(sasl_plain_names_the_account_and_hides_the_password),
		cmocka_unit_test(a_search_is_told_with_its_filter_and_what_it_returned),
		cmocka_unit_test(the_same_search_again_is_folded),
		cmocka_unit_test(a_search_for_other_attributes_is_another),
		cmocka_unit_test(changes_tell_what_was_touched_and_never_the_values),
		cmocka_unit_test(a_moved_entry_has_its_new_name),
		cmocka_unit_test(an_abandoned_search_is_told_as_such),
		cmocka_unit_test(start_tls_hands_the_stream_over_only_where_the_server_agrees),
		cmocka_unit_test(what_sasl_only_signs_is_read_and_what_it_seals_is_said_once),
		cmocka_unit_test(a_datagram_pair_is_cldap),
		cmocka_unit_test(a_filter_nested_too_deeply_ends_where_the_limit_is),
		cmocka_unit_test(behind_a_gap_the_next_message_is_found),
		cmocka_unit_test(more_requests_than_are_kept_are_told_without_answer),
		cmocka_unit_test(a_message_that_lies_about_its_size_is_malformed),
		cmocka_unit_test(cuts_change_nothing),
		cmocka_unit_test(prefixes_do_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
