/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/attributes.h"
#include "proto_assert.h"
#include "proto_sweep.h"
#include "rdp_sample.h"

static void the_cookie_names_an_account_and_tls_is_handed_over(void **state)
{
	const struct step steps[] = { SAY(CLIENT, RDP_REQUEST), SAY(SERVER, RDP_CONFIRM_NLA), SAY(CLIENT, "SSH-2.0-x\r\n") };
	(void)state;
	struct harness *h = PLAY(steps, 3389);
	const struct record *rdp = harness_find(h, DATASET_RDP, 0);
	assert_text(rdp, FIELD_RDP_COOKIE, "CORP\\suzu");
	assert_text(rdp, FIELD_RDP_SECURITY, "nla");
	assert_text(rdp, FIELD_EVENT_OUTCOME, "success");
	assert_string_equal(harness_confirmed(h), "rdp");
	assert_true(harness_handed_over(h));
	assert_string_equal(harness_protocol(h), "ssh");
	const struct record *auth = harness_find(h, DATASET_AUTH, 0);
	assert_text(auth, FIELD_USER_NAME, "suzu");
	assert_text(auth, FIELD_USER_DOMAIN, "CORP");
	assert_true(record_bool(auth, FIELD_USER_NAME_CUT)); /* nine characters in all */
	assert_text(auth, FIELD_AUTH_MECHANISM, "rdp-cookie");
	assert_text(auth, FIELD_AUTH_CARRIER, "rdp");
	assert_text(auth, FIELD_EVENT_OUTCOME, "unknown");
	harness_free(h);
}

static void what_the_client_can_do_is_listed(void **state)
{
	const struct step steps[] = { SAY(CLIENT, RDP_REQUEST), SAY(SERVER, RDP_CONFIRM_NLA) };
	static const char *const expected[] = { "rdp", "tls", "nla", "nla-ex" };
	(void)state;
	struct harness *h = PLAY(steps, 3389);
	const struct record *r = harness_find(h, DATASET_RDP, 0);
	const struct value *v = record_get(r, FIELD_RDP_REQUESTED);
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++, v = record_next(r, v))
		assert_true(v && bytes_equal(value_text(r, v), bytes_string(expected[i])));
	assert_null(v);
	harness_free(h);
}

static void without_tls_the_client_tells_its_name(void **state)
{
	const struct step steps[] = { SAY(CLIENT, RDP_REQUEST_TOKEN), SAY(SERVER, RDP_CONFIRM_RDP), SAY(CLIENT, RDP_MCS) };
	(void)state;
	struct harness *h = PLAY(steps, 3389);
	const struct record *r = harness_find(h, DATASET_RDP, 0);
	assert_text(r, FIELD_RDP_TOKEN, "Cookie: msts=3640205228.15629.0000");
	assert_text(r, FIELD_RDP_SECURITY, "rdp");
	assert_text(r, FIELD_RDP_CLIENT_NAME, "PC11");
	assert_text(r, FIELD_RDP_CLIENT_BUILD, "19041");
	assert_text(r, FIELD_RDP_KEYBOARD, "0x00000411");
	assert_null(harness_find(h, DATASET_AUTH, 0));
	harness_free(h);
}

static void the_oldest_clients_are_known_by_their_second_frame(void **state)
{
	const struct step steps[] = { SAY(CLIENT, RDP_REQUEST_BARE), SAY(SERVER, RDP_CONFIRM_BARE), SAY(CLIENT, RDP_MCS) };
	const struct step other[] = { SAY(CLIENT, RDP_REQUEST_BARE), SAY(SERVER, RDP_CONFIRM_BARE), SAY(CLIENT, "\3\0\0\x08\2\xf0\x80\x32") };
	(void)state;
	struct harness *h = PLAY(steps, 3389);
	assert_text(harness_find(h, DATASET_RDP, 0), FIELD_RDP_CLIENT_NAME, "PC11");
	harness_free(h);
	h = PLAY(other, 3389);
	assert_null(harness_find(h, DATASET_RDP, 0));
	assert_null(harness_confirmed(h));
	harness_free(h);
}

static void a_refusal_is_a_failure(void **state)
{
	const struct step steps[] = { SAY(CLIENT, RDP_REQUEST), SAY(SERVER, RDP_FAILURE) };
	(void)state;
	struct harness *h = PLAY(steps, 3389);
	assert_text(harness_find(h, DATASET_RDP, 0), FIELD_EVENT_OUTCOME, "failure");
	assert_false(harness_handed_over(h));
	harness_free(h);
}

static void no_answer_is_told_at_the_end(void **state)
{
	const struct step steps[] = { SAY(CLIENT, RDP_REQUEST) };
	(void)state;
	struct harness *h = PLAY(steps, 3389);
	assert_text(harness_find(h, DATASET_RDP, 0), FIELD_EVENT_OUTCOME, "unknown");
	harness_free(h);
}

static void other_users_of_x224_are_left_alone(void **state)
{
	const struct step steps[] = { SAY(CLIENT, S7_REQUEST) };
	(void)state;
	struct harness *h = PLAY(steps, 102);
	assert_null(harness_confirmed(h));
	assert_int_equal(harness_count(h), 0);
	harness_free(h);
}

static const struct step tls[] = { SAY(CLIENT, RDP_REQUEST), SAY(SERVER, RDP_CONFIRM_NLA), SAY(CLIENT, "SSH-2.0-x\r\n") };
static const struct step clear[] = { SAY(CLIENT, RDP_REQUEST_TOKEN), SAY(SERVER, RDP_CONFIRM_RDP), SAY(CLIENT, RDP_MCS) };

static void cuts_change_nothing(void **state)
{
	(void)state;
	sweep_cuts(tls, ARRAY_SIZE(tls));
	sweep_cuts(clear, ARRAY_SIZE(clear));
}

static void prefixes_do_no_harm(void **state)
{
	(void)state;
	assert_true(sweep_prefixes(tls, ARRAY_SIZE(tls)) >= 2);
	assert_true(sweep_prefixes(clear, ARRAY_SIZE(clear)) >= 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_cookie_names_an_account_and_tls_is_handed_over),
		cmocka_unit_test(what_the_client_can_do_is_listed),
		cmocka_unit_test(without_tls_the_client_tells_its_name),
		cmocka_unit_test(the_oldest_clients_are_known_by_their_second_frame),
		cmocka_unit_test(a_refusal_is_a_failure),
		cmocka_unit_test(no_answer_is_told_at_the_end),
		cmocka_unit_test(other_users_of_x224_are_left_alone),
		cmocka_unit_test(cuts_change_nothing),
		cmocka_unit_test(prefixes_do_no_harm),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
