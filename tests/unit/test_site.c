/* SPDX-License-Identifier: BSD-2-Clause
 * What a site file says of addresses, accounts, connections and times. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/instant.h"
#include "site_office.h"

static void the_most_specific_zone_counts(void **state)
{
	assert_string_equal(zone(*state, "10.1.10.199"), "users");
	assert_string_equal(zone(*state, "10.1.10.200"), "printers");
	assert_string_equal(zone(*state, "10.1.10.220"), "printers");
	assert_string_equal(zone(*state, "10.1.10.221"), "users");
	assert_string_equal(zone(*state, "2001:db8:1:10::5"), "users");
	assert_string_equal(zone(*state, "2001:db8:1:11::5"), "-");
	assert_string_equal(zone(*state, "10.1.30.1"), "-");
	assert_string_equal(zone(*state, "203.0.113.15"), "dmz");
	assert_string_equal(zone(*state, "203.0.113.16"), "-");
}

static void a_hosts_own_role_comes_before_that_of_its_zone(void **state)
{
	assert_string_equal(role(*state, "10.1.10.11"), "user");
	assert_string_equal(role(*state, "10.1.100.9"), "server");
	assert_string_equal(role(*state, "10.1.100.10"), "dc");
	assert_string_equal(role(*state, "10.1.100.20"), "file_server");
	assert_string_equal(role(*state, "10.1.100.51"), "scanner");
	assert_string_equal(role(*state, "203.0.113.5"), "proxy");
	assert_string_equal(role(*state, "10.1.200.11"), "admin_terminal");
	assert_string_equal(role(*state, "10.1.200.12"), "internal");
	assert_string_equal(role(*state, "203.0.113.6"), "internal");
	assert_string_equal(role(*state, "198.51.100.1"), "external");
	assert_string_equal(role(*state, "239.1.1.1"), "group");
	assert_string_equal(role(*state, "ff02::1"), "group");
}

static void zones_decide_what_is_external(void **state)
{
	assert_false(external(*state, "203.0.113.5"));
	assert_true(external(*state, "203.0.113.16"));
	assert_true(external(*state, "172.20.1.1")); /* private, but the zone says external */
	assert_false(external(*state, "172.21.1.1"));
	assert_false(external(*state, "255.255.255.255"));
}

static void proxies_are_known_by_address_and_port(void **state)
{
	struct address a = addr("203.0.113.5"), b = addr("10.1.100.40"), c = addr("10.1.100.41");
	bool declared;

	assert_true(site_proxy(*state, &a, 8080).declared);
	assert_true(site_proxy(*state, &a, 9010).declared);
	assert_false(site_proxy(*state, &a, 3128).declared);
	assert_true(site_proxy(*state, &a, 3128).host_declared);
	assert_true(site_proxy(*state, &a, 3128).auth_required);
	assert_false(site_proxy(*state, &b, 3128).auth_required);
	assert_false(site_proxy(*state, &c, 3128).host_declared);
	assert_true(site_proxy_scheme(*state, &a, bytes_string("NTLM"), &declared));
	assert_true(declared);
	assert_false(site_proxy_scheme(*state, &a, bytes_string("basic"), &declared));
	assert_true(site_proxy_scheme(*state, &b, bytes_string("basic"), &declared));
	assert_false(declared);
	assert_true(site_auth_exempt(*state, bytes_string("a.Update.example")));
	assert_true(site_auth_exempt(*state, bytes_string("update.example.")));
	assert_false(site_auth_exempt(*state, bytes_string("badupdate.example")));
	assert_false(site_auth_exempt(*state, bytes_string("")));
}

static void long_tunnels_are_allowed_until_their_end(void **state)
{
	uint64_t end = (uint64_t)(instant_days(2026, 4, 1) * 86400 - 9 * 3600) * NS_PER_S; /* local midnight */

	assert_true(site_long_tunnel_allowed(*state, bytes_string("w.chat.example")));
	assert_false(site_long_tunnel_allowed(*state, bytes_string("chat.example.net")));
	assert_true(site_long_tunnel_allowed_at(*state, bytes_string("w.chat.example"), end - 1));
	assert_false(site_long_tunnel_allowed_at(*state, bytes_string("w.chat.example"), end));
}

static void gateways_are_known_by_their_mac(void **state)
{
	const uint8_t one[6] = { 2, 0, 0, 0, 1, 10 }, other[6] = { 2, 0, 0, 0, 1, 11 };
	bool any = false;

	assert_true(site_gateway(*state, one, &any));
	assert_true(any);
	assert_false(site_gateway(*state, other, &any));
}

static void accounts_are_known_in_every_form_of_the_wire(void **state)
{
	assert_int_equal(class_of(*state, "Administrator", ""), ACCOUNT_ADMIN);
	assert_int_equal(class_of(*state, "LAB\\ADMINISTRATOR", ""), ACCOUNT_ADMIN);
	assert_int_equal(class_of(*state, "administrator@LAB.EXAMPLE", ""), ACCOUNT_ADMIN);
	assert_int_equal(class_of(*state, "administrator  ", "LAB"), ACCOUNT_ADMIN);
	assert_int_equal(class_of(*state, "adm-kato", "LAB"), ACCOUNT_ADMIN);
	assert_int_equal(class_of(*state, "adm", "LAB"), ACCOUNT_OTHER);
	assert_int_equal(class_of(*state, "op-suzuki", ""), ACCOUNT_ADMIN);
	assert_int_equal(class_of(*state, "svc_backup_old", ""), ACCOUNT_TRAP); /* not service: exact comes first */
	assert_int_equal(class_of(*state, "svc_sql", ""), ACCOUNT_SERVICE);
	assert_int_equal(class_of(*state, "adm-trap", ""), ACCOUNT_TRAP);
	assert_int_equal(class_of(*state, "", ""), ACCOUNT_OTHER);
	assert_string_equal(account_class_name(ACCOUNT_TRAP), "trap");
}

static void a_cut_name_has_the_class_of_the_account_that_begins_so(void **state)
{
	static const struct { const char *start, *domain; enum account_class class; } rows[] = {
		{ "svc_backu", "", ACCOUNT_TRAP }, { "SVC_BACKU", "LAB", ACCOUNT_TRAP }, { "administr", "", ACCOUNT_ADMIN },
		{ "helpd", "OTHER", ACCOUNT_OTHER }, { "helpd", "LAB", ACCOUNT_TRAP }, { "tanaka", "", ACCOUNT_OTHER },
		{ "", "", ACCOUNT_OTHER },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(site_account_prefix(*state, bytes_string(rows[i].start), bytes_string(rows[i].domain)), rows[i].class);
}

static void a_domain_in_the_site_file_must_not_contradict(void **state)
{
	assert_int_equal(class_of(*state, "helpdesk0", "LAB"), ACCOUNT_TRAP);
	assert_int_equal(class_of(*state, "helpdesk0", "LAB.EXAMPLE"), ACCOUNT_TRAP);
	assert_int_equal(class_of(*state, "helpdesk0@lab.example", ""), ACCOUNT_TRAP);
	assert_int_equal(class_of(*state, "helpdesk0", ""), ACCOUNT_TRAP);
	assert_int_equal(class_of(*state, "OTHER\\helpdesk0", ""), ACCOUNT_OTHER);
}

static void the_first_row_that_fits_decides(void **state)
{
	const char *pc = "10.1.10.11", *dc = "10.1.100.10", *server = "10.1.100.9";

	assert_int_equal(ask(*state, pc, dc, NULL, "udp", 53), POLICY_ALLOW);
	assert_int_equal(ask(*state, pc, dc, "kerberos", "tcp", 1088), POLICY_ALLOW);
	assert_int_equal(ask(*state, pc, server, NULL, "udp", 53), POLICY_DENY);
	assert_int_equal(ask(*state, pc, server, "tls", "tcp", 443), POLICY_ALLOW);
	assert_int_equal(ask(*state, pc, server, "ssh", "tcp", 443), POLICY_DENY); /* the port does not make it https */
	assert_int_equal(ask(*state, pc, server, "ssh", "tcp", 8443), POLICY_ALLOW); /* the row names the port alone */
	assert_int_equal(ask(*state, pc, server, NULL, "udp", 8443), POLICY_DENY);
	assert_int_equal(ask(*state, pc, server, NULL, "ipv6-icmp", 0), POLICY_ALLOW);
	assert_int_equal(ask(*state, pc, "10.1.20.21", "smb", "tcp", 445), POLICY_DENY);
	assert_int_equal(ask(*state, pc, "10.1.20.21", "rdp", "tcp", 3389), POLICY_SILENT); /* within one zone */
	assert_int_equal(ask(*state, server, pc, "rdp", "tcp", 3389), POLICY_DENY);
	assert_int_equal(ask(*state, pc, "198.51.100.1", NULL, "tcp", 443), POLICY_SILENT);
	assert_int_equal(ask(*state, dc, "198.51.100.1", NULL, "tcp", 443),
			 POLICY_DENY); /* a dc that is file server too */
}

static uint64_t instant(int year, unsigned month, unsigned day, unsigned hour)
{
	return ((uint64_t)instant_days(year, month, day) * 86400 + hour * 3600) * NS_PER_S;
}

static void hours_are_judged_in_the_sites_time_zone(void **state)
{
	bool known = false;
	int64_t day;
	uint32_t second;

	assert_false(site_off_hours(*state, instant(2026, 11, 24, 0), &known)); /* Tuesday 09:00 */
	assert_true(known);
	assert_true(site_off_hours(*state, instant(2026, 11, 24, 11), &known));  /* 20:00 */
	assert_true(site_off_hours(*state, instant(2026, 11, 23, 0), &known));   /* labour day */
	assert_false(site_off_hours(*state, instant(2026, 11, 23, 23), &known)); /* the next morning, 08:00 */
	assert_true(site_off_hours(*state, instant(2026, 12, 29, 3), &known));
	site_local_day(*state, instant(2026, 11, 23, 16), &day, &second);
	assert_int_equal(day, instant_days(2026, 11, 24));
	assert_int_equal(second, 3600);
}

static void exceptions_silence_their_rule_until_their_end(void **state)
{
	struct address pc = addr("10.1.10.11"), out = addr("198.51.100.7"), other = addr("198.51.101.7");
	struct bytes none = { 0 }, tanaka = bytes_string("LAB\\Tanaka");
	uint64_t now = instant(2026, 5, 1, 0), ends = 0;
	size_t i = 9;

	assert_int_equal(site_exceptions(*state), 2);
	assert_true(site_exception(*state, "A-01", &pc, &out, 123, none, none, now, &i));
	assert_int_equal(i, 0);
	assert_false(site_exception(*state, "A-01", &pc, &out, 124, none, none, now, &i));
	assert_false(site_exception(*state, "A-01", &pc, &other, 123, none, none, now, &i));
	assert_false(site_exception(*state, "A-02", &pc, &out, 123, none, none, now, &i));
	assert_false(site_exception(*state, "A-01", NULL, &out, 123, none, none, now, &i));
	assert_true(site_exception(*state, "C-11", &pc, NULL, 0, bytes_string("eu.meet.example"), tanaka, now, &i));
	assert_int_equal(i, 1);
	assert_false(site_exception(*state, "C-11", &pc, NULL, 0, none, tanaka, now, &i));
	assert_false(site_exception(*state, "C-11", &pc, NULL, 0, bytes_string("meet.example"), none, now, &i));
	assert_false(site_exception(*state, "B-02", &pc, NULL, 0, bytes_string("meet.example"), tanaka,
				    instant(2026, 6, 30, 3), &i)); /* 12:00 local */
	assert_string_equal(site_exception_text(*state, 0, &ends), "A-01 users -> 198.51.100.0/24 port 123 (NTP, net)");
	assert_int_equal(ends, instant(2026, 12, 31, 15));
	assert_true(site_exception_expired(*state, 0, ends));
	assert_false(site_exception_expired(*state, 0, ends - 1));
	assert_null(site_exception_text(*state, 2, &ends));
}

static void change_windows_cover_their_accounts_and_times(void **state)
{
	uint64_t start = instant(2026, 2, 1, 13); /* 22:00 local */

	assert_string_equal(site_change_window(*state, bytes_string("LAB\\adm-yamada"), start), "CHG-101");
	assert_null(site_change_window(*state, bytes_string("adm-yamada"), start - 1));
	assert_null(site_change_window(*state, bytes_string("adm-yamada"), start + 6 * NS_PER_HOUR));
	assert_null(site_change_window(*state, bytes_string("adm-kato"), start));
}

static void placeholders_give_the_sites_values(void **state)
{
	assert_string_equal(values(*state, "trap_accounts"), "svc_backup_old helpdesk0 *-trap");
	assert_string_equal(values(*state, "admin_accounts"), "administrator adm-* op-suzuki");
	assert_string_equal(values(*state, "admin_terminals"), "10.1.200.11");
	assert_string_equal(values(*state, "domain_controllers"), "10.1.100.10");
	assert_string_equal(values(*state, "proxies"), "203.0.113.5 10.1.100.40");
	assert_string_equal(values(*state, "connect_ports"), "443 563");
	assert_string_equal(values(*state, "connect_max_seconds"), "3600");
	assert_string_equal(values(*state, "connect_long_seconds"), "28800");
	assert_string_equal(values(*state, "connect_force_cut_seconds"), "7200");
	assert_string_equal(values(*state, "zone:users"), "10.1.10.0/24 10.1.20.0/24 2001:db8:1:10::/64");
	assert_string_equal(values(*state, "role:scanner"), "10.1.100.50/31 10.1.100.52");
	assert_string_equal(values(*state, "unexpected_networks"), "2000::/3");
	assert_string_equal(values(*state, "role:wsus"), "");
	assert_null(values(*state, "zone:nowhere"));
	assert_null(values(*state, "role:nobody"));
	assert_null(values(*state, "trap_acounts"));
	assert_string_equal(site_placeholder_suggest("trap_acounts"), "trap_accounts");
}

static void a_site_without_a_file_works_on_defaults(void **state)
{
	struct site *s = site_default();
	struct address proxy = addr("10.9.9.9"), dc = addr("10.9.9.10");
	bool known = true, any = true;
	const uint8_t mac[6] = { 0 };
	(void)state;

	assert_non_null(s);
	assert_true(site_is_default(s));
	assert_string_equal(role(s, "10.1.1.1"), "user");
	assert_string_equal(role(s, "fd00::1"), "user");
	assert_string_equal(role(s, "192.0.2.1"), "external");
	assert_string_equal(zone(s, "10.1.1.1"), "-");
	assert_int_equal(ask(s, "10.1.1.1", "10.2.2.2", "smb", "tcp", 445), POLICY_SILENT);
	assert_false(site_off_hours(s, 0, &known));
	assert_false(known);
	assert_false(site_gateway(s, mac, &any));
	assert_false(any);
	assert_string_equal(values(s, "connect_ports"), "443");
	assert_string_equal(values(s, "connect_force_cut_seconds"), "");
	assert_non_null(strstr(values(s, "role:user"), "172.16.0.0/12"));
	site_infer_role(s, &proxy, "server");
	site_infer_proxy(s, &proxy, 8080, false);
	site_infer_proxy(s, &proxy, 3128, true);
	site_infer_role(s, &dc, "server");
	site_infer_role(s, &dc, "dc");
	site_infer_role(s, &dc, "server");
	site_infer_role(s, &dc, "nonsense");
	assert_string_equal(role(s, "10.9.9.9"), "proxy");
	assert_string_equal(role(s, "10.9.9.10"), "dc");
	assert_true(site_proxy(s, &proxy, 3128).declared);
	assert_false(site_proxy(s, &proxy, 80).declared);
	assert_true(site_proxy(s, &proxy, 8080).auth_required);
	assert_false(site_proxy(s, &dc, 8080).host_declared);
	assert_string_equal(values(s, "proxies"), "10.9.9.9");
	site_free(s);
}

static void inference_never_contradicts_the_site_file(void **state)
{
	struct address a = addr("10.1.10.77");

	site_infer_proxy(*state, &a, 8080, true);
	site_infer_role(*state, &a, "dc");
	site_infer_role(*state, &a, "server");
	assert_string_equal(role(*state, "10.1.10.77"), "user");
	assert_false(site_proxy(*state, &a, 8080).host_declared);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_OFFICE(the_most_specific_zone_counts),
		ON_OFFICE(a_hosts_own_role_comes_before_that_of_its_zone),
		ON_OFFICE(zones_decide_what_is_external),
		ON_OFFICE(proxies_are_known_by_address_and_port),
		ON_OFFICE(long_tunnels_are_allowed_until_their_end),
		ON_OFFICE(gateways_are_known_by_their_mac),
		ON_OFFICE(accounts_are_known_in_every_form_of_the_wire),
		ON_OFFICE(a_cut_name_has_the_class_of_the_account_that_begins_so),
		ON_OFFICE(a_domain_in_the_site_file_must_not_contradict),
		ON_OFFICE(the_first_row_that_fits_decides),
		ON_OFFICE(hours_are_judged_in_the_sites_time_zone),
		ON_OFFICE(exceptions_silence_their_rule_until_their_end),
		ON_OFFICE(change_windows_cover_their_accounts_and_times),
		ON_OFFICE(placeholders_give_the_sites_values),
		cmocka_unit_test(a_site_without_a_file_works_on_defaults),
		ON_OFFICE(inference_never_contradicts_the_site_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
