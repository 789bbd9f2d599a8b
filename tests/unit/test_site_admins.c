/* SPDX-License-Identifier: BSD-2-Clause
 * Administrators and management hosts of a site file: where from, where to, when, and what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>

#include "base/instant.h"
#include "site/site.h"

static const char office[] =
	"site:\n"
	"  timezone: Asia/Tokyo\n"
	"  zones:\n"
	"    users:   { networks: [10.1.10.0/24], role: user }\n"
	"    servers: { networks: [10.1.100.0/24], role: server }\n"
	"    admin:   { networks: [10.1.200.0/24], role: admin }\n"
	"  admin_terminals: [10.1.200.10]\n"
	"  roles:\n"
	"    jump: [10.1.100.40]\n"
	"    mgmt: { hosts: [{ host: 10.1.100.30, allowed_rpc: [svcctl], allowed_shares: [\"ADMIN$\"], targets: [users] }] }\n"
	"  accounts:\n"
	"    admin:\n"
	"      - administrator\n"
	"      - { name: \"adm-*\", class: operator, targets: [users], hours: \"Mon-Fri 09:00-17:00\" }\n"
	"      - { name: adm-root, class: domain_admin, sources: [10.1.100.50] }\n";

static int make(void **state)
{
	struct error err = { 0 };

	*state = site_parse("office.yaml", bytes_string(office), &err);
	if (!*state)
		print_error("%u:%u: %s\n", err.line, err.column, err.text);
	return *state ? 0 : -1;
}

static int drop(void **state)
{
	site_free(*state);
	return 0;
}

static struct address addr(const char *text)
{
	struct address a;

	assert_true(address_parse(bytes_string(text), &a));
	return a;
}

static struct site_admin admin(const struct site *s, const char *user)
{
	struct site_admin a;

	assert_true(site_admin(s, bytes_string(user), (struct bytes){ 0 }, &a));
	return a;
}

static bool from(const struct site *s, const char *user, const char *address)
{
	struct site_admin a = admin(s, user);
	struct address at = addr(address);
	bool known;
	bool may = site_admin_from(s, &a, &at, &known);

	assert_true(known);
	return may;
}

static void an_exact_name_comes_before_a_pattern(void **state)
{
	struct site_admin a;

	assert_string_equal(admin(*state, "LAB\\ADM-ROOT").admin_class, "domain_admin");
	assert_string_equal(admin(*state, "adm-kato@lab.example").admin_class, "operator");
	assert_null(admin(*state, "Administrator").admin_class);
	assert_false(site_admin(*state, bytes_string("tanaka"), (struct bytes){ 0 }, &a));
}

static void without_sources_administration_sits_where_the_site_says(void **state)
{
	assert_true(from(*state, "administrator", "10.1.200.10"));
	assert_true(from(*state, "administrator", "10.1.200.77"));
	assert_true(from(*state, "administrator", "10.1.100.40"));
	assert_false(from(*state, "administrator", "10.1.10.11"));
	assert_false(from(*state, "administrator", "10.1.100.20"));
}

static void sources_of_an_account_are_its_only_ones(void **state)
{
	assert_true(from(*state, "adm-root", "10.1.100.50"));
	assert_false(from(*state, "adm-root", "10.1.200.10"));
}

static void nothing_is_known_where_the_site_says_nothing(void **state)
{
	static const char bare[] = "site: { accounts: { admin: [administrator] } }\n";
	struct site *s = site_parse("bare", bytes_string(bare), NULL);
	struct address a = addr("10.1.10.11");
	bool known = true;

	(void)state;
	assert_non_null(s);
	struct site_admin who = admin(s, "administrator");
	(void)site_admin_from(s, &who, &a, &known);
	assert_false(known);
	known = true;
	(void)site_admin_to(s, &who, &a, &known);
	assert_false(known);
	known = true;
	(void)site_admin_off_hours(s, &who, 0, &known);
	assert_false(known);
	site_free(s);
}

static void targets_and_hours_are_those_of_the_account(void **state)
{
	struct site_admin kato = admin(*state, "adm-kato"), root = admin(*state, "adm-root");
	struct address pc = addr("10.1.10.11"), server = addr("10.1.100.20");
	uint64_t evening = UINT64_C(1795507200) * NS_PER_S; /* Tuesday 2026-11-24 17:00 in Tokyo */
	bool known;

	assert_true(site_admin_to(*state, &kato, &pc, &known) && known);
	assert_false(site_admin_to(*state, &kato, &server, &known));
	assert_true(site_admin_off_hours(*state, &kato, evening, &known) && known);
	assert_false(site_admin_off_hours(*state, &kato, evening - NS_PER_MIN, &known));
	assert_false(site_admin_off_hours(*state, &root, evening, &known)); /* the site's own hours end at 22 */
}

static void a_management_host_may_what_it_lists_where_it_lists_it(void **state)
{
	struct address host = addr("10.1.100.30"), pc = addr("10.1.10.11"), server = addr("10.1.100.20");

	assert_true(site_managed_by(*state, &host, &pc, MANAGED_RPC, bytes_string("svcctl")));
	assert_true(site_managed_by(*state, &host, &pc, MANAGED_SHARE, bytes_string("admin$")));
	assert_true(site_managed_by(*state, &host, &pc, MANAGED_ANY, (struct bytes){ 0 }));
	assert_false(site_managed_by(*state, &host, &pc, MANAGED_RPC, bytes_string("winreg")));
	assert_false(site_managed_by(*state, &host, &pc, MANAGED_SHARE, bytes_string("svcctl")));
	assert_false(site_managed_by(*state, &host, &server, MANAGED_RPC, bytes_string("svcctl")));
	assert_false(site_managed_by(*state, &pc, &pc, MANAGED_ANY, (struct bytes){ 0 }));
}

static void places_of_administration_are_told_apart(void **state)
{
	struct address terminal = addr("10.1.200.10"), other = addr("10.1.200.11");
	struct address jump = addr("10.1.100.40"), pc = addr("10.1.10.11");

	assert_string_equal(site_admin_place(*state, &terminal), "terminal");
	assert_string_equal(site_admin_place(*state, &jump), "terminal");
	assert_string_equal(site_admin_place(*state, &other), "unlisted");
	assert_null(site_admin_place(*state, &pc));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_exact_name_comes_before_a_pattern),
		cmocka_unit_test(without_sources_administration_sits_where_the_site_says),
		cmocka_unit_test(sources_of_an_account_are_its_only_ones),
		cmocka_unit_test(nothing_is_known_where_the_site_says_nothing),
		cmocka_unit_test(targets_and_hours_are_those_of_the_account),
		cmocka_unit_test(a_management_host_may_what_it_lists_where_it_lists_it),
		cmocka_unit_test(places_of_administration_are_told_apart),
	};

	return cmocka_run_group_tests(tests, make, drop);
}
