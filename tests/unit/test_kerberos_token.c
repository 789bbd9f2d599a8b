/* SPDX-License-Identifier: BSD-2-Clause
 * Kerberos: password changes, and the tokens that other protocols carry. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "krb_maker.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_password_change_is_told_with_its_ticket),
		cmocka_unit_test(a_token_names_its_ticket_service_and_mechanism),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
