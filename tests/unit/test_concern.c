/* SPDX-License-Identifier: BSD-2-Clause
 * Which records are shown where a host or an account is asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "../../sensord/app/replay/concern.h"
#include "base/attributes.h"

static struct record *r;

static int setup(void **state)
{
	(void)state;
	r = record_new();
	return r ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	record_free(r);
	return 0;
}

static void begin(void)
{
	struct address a;

	record_clear(r, DATASET_AUTH, 1);
	assert_true(address_parse(bytes_string("10.1.10.11"), &a));
	record_set_ip(r, FIELD_SOURCE_IP, &a);
	assert_true(address_parse(bytes_string("2001:db8::5"), &a));
	record_set_ip(r, FIELD_DESTINATION_IP, &a);
	assert_true(address_parse(bytes_string("10.9.9.9"), &a));
	record_add_ip(r, FIELD_RELATED_IP, &a);
}

static bool host(const char *text)
{
	struct concern c = { 0 };
	struct error err;

	assert_true(concern_add_host(&c, text, &err));
	return concern_is(&c, r);
}

static bool account(const char *text)
{
	struct concern c = { 0 };
	struct error err;

	assert_true(concern_add_account(&c, text, &err));
	return concern_is(&c, r);
}

static void hosts_are_found_by_address_network_and_range(void **state)
{
	(void)state;
	begin();
	assert_true(host("10.1.10.11"));
	assert_true(host("10.1.0.0/16"));
	assert_true(host("10.1.10.9-10.1.10.12"));
	assert_true(host("2001:db8::/32"));
	assert_true(host("10.9.9.9")); /* among the related ones */
	assert_false(host("10.1.10.12"));
	assert_false(host("10.2.0.0/16"));
}

static void hosts_are_found_by_name_wherever_it_stands(void **state)
{
	(void)state;
	begin();
	record_set_string(r, FIELD_AUTH_TARGET, "cifs/FS1.lab.example");
	record_set_string(r, FIELD_SMB_SHARE, "\\\\PC13\\C$");
	record_set_string(r, FIELD_BEACON_TARGET, "c2.example.org:443");
	assert_true(host("fs1"));
	assert_true(host("fs1.LAB.example"));
	assert_true(host("pc13"));
	assert_true(host("c2.example.org"));
	assert_true(host("*.example.org"));
	assert_true(host("pc1?"));
	assert_false(host("fs"));
	assert_false(host("lab.example"));
	assert_false(host("example.org"));
}

static void accounts_are_found_in_every_form(void **state)
{
	(void)state;
	begin();
	record_set_string(r, FIELD_USER_NAME, "Adm-Kato");
	record_set_string(r, FIELD_USER_DOMAIN, "LAB.EXAMPLE");
	record_add_text(r, FIELD_RELATED_USER, bytes_string("OTHER\\suzuki"));
	assert_true(account("adm-kato"));
	assert_true(account("adm-*"));
	assert_true(account("LAB\\adm-kato"));
	assert_true(account("adm-kato@lab.example"));
	assert_true(account("suzuki"));
	assert_true(account("other\\suzuki"));
	assert_false(account("kato"));
	assert_false(account("OTHER\\adm-kato"));
	assert_false(account("LAB\\suzuki"));
}

static void a_short_domain_on_the_wire_is_the_long_one_asked_for(void **state)
{
	(void)state;
	begin();
	record_set_string(r, FIELD_USER_NAME, "kato");
	record_set_string(r, FIELD_USER_DOMAIN, "LAB");
	assert_true(account("kato@lab.example"));
	assert_false(account("kato@labor.example"));
	record_set_string(r, FIELD_USER_DOMAIN, "*"); /* what the wire says is never a pattern */
	assert_false(account("kato@lab.example"));
}

static void host_and_account_must_both_fit(void **state)
{
	struct concern c = { 0 };
	struct error err;

	(void)state;
	begin();
	record_set_string(r, FIELD_USER_NAME, "kato");
	assert_false(concern_is_any(&c));
	assert_true(concern_is(&c, r));
	assert_true(concern_add_host(&c, "10.1.10.11", &err));
	assert_true(concern_add_host(&c, "10.7.7.7", &err)); /* any of the hosts */
	assert_true(concern_is_any(&c));
	assert_true(concern_is(&c, r));
	assert_true(concern_add_account(&c, "mori", &err));
	assert_false(concern_is(&c, r));
	assert_true(concern_add_account(&c, "kato", &err));
	assert_true(concern_is(&c, r));
}

static void what_is_neither_address_nor_name_is_refused(void **state)
{
	static const char *const wrong[] = { "", "10.1.10.999", "10.0.0.0/33", "10.0.0.9-10.0.0.1", "http://x", "a b" };
	struct concern c = { 0 };
	struct error err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_false(concern_add_host(&c, wrong[i], &err));
	assert_false(concern_add_account(&c, "", &err));
	for (size_t i = 0; i < CONCERNS_MAX; i++)
		assert_true(concern_add_account(&c, "x", &err));
	assert_false(concern_add_account(&c, "x", &err));
}

static void long_values_of_the_wire_are_survived(void **state)
{
	char text[2000];

	(void)state;
	begin();
	memset(text, 'a', sizeof(text));
	record_set_text(r, FIELD_AUTH_TARGET, bytes_of(text, sizeof(text)));
	record_set_text(r, FIELD_USER_NAME, bytes_of(text, sizeof(text)));
	assert_false(host("pc*"));
	assert_true(account("a*"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hosts_are_found_by_address_network_and_range),
		cmocka_unit_test(hosts_are_found_by_name_wherever_it_stands),
		cmocka_unit_test(accounts_are_found_in_every_form),
		cmocka_unit_test(a_short_domain_on_the_wire_is_the_long_one_asked_for),
		cmocka_unit_test(host_and_account_must_both_fit),
		cmocka_unit_test(what_is_neither_address_nor_name_is_refused),
		cmocka_unit_test(long_values_of_the_wire_are_survived),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
