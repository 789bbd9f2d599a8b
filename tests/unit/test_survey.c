/* SPDX-License-Identifier: BSD-2-Clause
 * A site file walked through as a whole: zones and hosts that stand for them, listeners, rulings by row and word. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "site/survey.h"

#include "base/attributes.h"

static const char yaml[] = "site:\n"
			   "  timezone: Asia/Tokyo\n"
			   "  zones:\n"
			   "    users:   { networks: [10.1.0.0/24, \"2001:db8:1::/64\"], role: user }\n"
			   "    servers: { networks: [10.2.0.0/24, 10.2.1.5], role: server }\n"
			   "    inner:   { networks: [10.1.0.0/25], role: admin }\n"
			   "  domain_controllers: [10.2.0.1, 10.2.0.2]\n"
			   "  proxies:\n"
			   "    - { address: 10.5.0.10, ports: [8080, 9000-9010], authentication: required, "
			   "auth_exempt_hosts: [update.example] }\n"
			   "    - { address: \"2001:db8:5::10\", ports: [3128], authentication: none }\n"
			   "  accounts:\n"
			   "    admin: [{ name: a, class: domain_admin }, b, { name: c, class: domain_admin }, { name: "
			   "d, class: operator }]\n"
			   "  connect: { force_cut_seconds: 7200 }\n"
			   "  policy:\n"
			   "    - { from: users, to: [servers, \"role:dc\"], service: [ssh, smb], action: deny }\n"
			   "    - { from: [servers, users], to: servers, service: [tcp/1, dns] }\n";

static struct site *site;

static int read_site(void **state)
{
	struct error err = { 0 };

	(void)state;
	site = site_parse("test", bytes_string(yaml), &err);
	return site ? 0 : -1;
}

static int free_site(void **state)
{
	(void)state;
	site_free(site);
	return 0;
}

static struct address at(const char *text)
{
	struct address_range r;

	assert_true(address_range_parse(bytes_string(text), &r));
	return r.first;
}

static void is_at(const struct address *a, const char *text)
{
	struct address wanted = at(text);

	assert_true(address_equal(a, &wanted));
}

static void zones_are_told_as_they_are_written(void **state)
{
	(void)state;
	assert_int_equal(site_zones(site), 3);
	struct site_zone_view z = site_zone_view(site, 1);
	assert_string_equal(z.name, "servers");
	assert_string_equal(z.role, "server");
	assert_int_equal(z.n_networks, 2);
	assert_string_equal(z.networks[1], "10.2.1.5");
}

/* The first address is the network's own; those after it are domain controllers, or belong to a zone inside. */
static void a_host_that_stands_for_a_zone_has_no_role_of_its_own(void **state)
{
	struct address a;

	(void)state;
	assert_true(site_zone_sample(site, 1, 0, &a));
	is_at(&a, "10.2.0.3");
	assert_true(site_zone_sample(site, 1, 1, &a)); /* a network of one address */
	is_at(&a, "10.2.1.5");
	assert_true(site_zone_sample(site, 0, 0, &a));
	is_at(&a, "10.1.0.128");
	assert_true(site_zone_sample(site, 0, 1, &a));
	is_at(&a, "2001:db8:1::1");
}

static void every_port_of_every_proxy_is_a_listener(void **state)
{
	(void)state;
	assert_int_equal(site_listeners(site), 3);
	struct site_listener l = site_listener(site, 1);
	assert_string_equal(l.address, "10.5.0.10");
	assert_int_equal(l.first, 9000);
	assert_int_equal(l.last, 9010);
	assert_true(l.auth_required);
	assert_int_equal(l.n_exempt, 1);
	l = site_listener(site, 2);
	assert_int_equal(l.first, 3128);
	assert_false(l.auth_required);
	assert_int_equal(l.n_exempt, 0);
}

static struct site_ruling ruling(const char *from, const char *to, const char *service, const char *transport,
				 uint16_t port)
{
	struct address a = at(from), b = at(to);

	return site_ruling(site, &a, &b, service, transport, port);
}

static void a_ruling_names_the_row_and_the_words_that_fit_first(void **state)
{
	struct site_ruling r = ruling("10.1.0.200", "10.2.0.1", NULL, "tcp", 445);

	(void)state;
	assert_int_equal(r.action, POLICY_DENY);
	assert_int_equal(r.row, 0);
	assert_int_equal(r.to, 0); /* a domain controller is in the zone too */
	assert_int_equal(r.service, 1);
	r = ruling("10.1.0.200", "10.2.0.9", NULL, "udp", 53);
	assert_int_equal(r.action, POLICY_ALLOW);
	assert_int_equal(r.row, 1);
	assert_int_equal(r.from, 1);
	assert_int_equal(r.service, 1);
	r = ruling("10.2.0.9", "10.1.0.200", NULL, "tcp", 445); /* no row: denied between zones */
	assert_int_equal(r.action, POLICY_DENY);
	assert_int_equal(r.row, -1);
	r = ruling("10.1.0.200", "10.1.0.201", NULL, "tcp", 445);
	assert_int_equal(r.action, POLICY_SILENT);
}

static void a_word_stands_for_the_versions_of_its_hosts(void **state)
{
	static const struct {
		const char *word;
		unsigned versions;
	} words[] = {
		{ "users", SURVEY_V4 | SURVEY_V6 },
		{ "zone:servers", SURVEY_V4 },
		{ "role:user", SURVEY_V4 | SURVEY_V6 },
		{ "role:dc", SURVEY_V4 },
		{ "role:mail", 0 },
		{ "any", SURVEY_V4 | SURVEY_V6 },
		{ "internet", SURVEY_V4 | SURVEY_V6 },
		{ "2001:db8::/32", SURVEY_V6 },
		{ "192.0.2.1", SURVEY_V4 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (site_word_versions(site, words[i].word) != words[i].versions)
			fail_msg("%s: %u", words[i].word, site_word_versions(site, words[i].word));
}

static void each_kind_of_administrator_is_told_once(void **state)
{
	(void)state;
	assert_string_equal(site_admin_class(site, 0), "domain_admin");
	assert_string_equal(site_admin_class(site, 1), "");
	assert_string_equal(site_admin_class(site, 2), "operator");
	assert_null(site_admin_class(site, 3));
}

static void hours_and_cuts_are_those_of_the_file(void **state)
{
	struct error err = { 0 };
	struct site *none = site_parse("test", bytes_string("site: { name: x }\n"), &err);

	(void)state;
	assert_int_equal(site_forced_cut_seconds(site), 7200);
	assert_true(site_hours_known(site));
	assert_non_null(none);
	assert_int_equal(site_forced_cut_seconds(none), 0);
	assert_false(site_hours_known(none));
	assert_int_equal(site_zones(none) + site_listeners(none) + site_policy_rows(none), 0);
	site_free(none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zones_are_told_as_they_are_written),
		cmocka_unit_test(a_host_that_stands_for_a_zone_has_no_role_of_its_own),
		cmocka_unit_test(every_port_of_every_proxy_is_a_listener),
		cmocka_unit_test(a_ruling_names_the_row_and_the_words_that_fit_first),
		cmocka_unit_test(a_word_stands_for_the_versions_of_its_hosts),
		cmocka_unit_test(each_kind_of_administrator_is_told_once),
		cmocka_unit_test(hours_and_cuts_are_those_of_the_file),
	};

	return cmocka_run_group_tests(tests, read_site, free_site);
}
