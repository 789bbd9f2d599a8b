/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "../../sensord/site/ranges.h"
#include "../../sensord/site/services.h"
#include "base/instant.h"
#include "base/text.h"
#include "site/site.h"

static const char office[] =
	"site:\n"
	"  timezone: +09:00\n"
	"  business_hours: Mon-Fri 08:00-20:00\n"
	"  holidays: [jp, 2026-12-29]\n"
	"  zones:\n"
	"    users:   { networks: [10.1.10.0/24, 10.1.20.0/24, '2001:db8:1:10::/64'], role: user }\n"
	"    servers: { networks: [10.1.100.0/24], role: server }\n"
	"    printers: { networks: [10.1.10.200-10.1.10.220], role: printer }\n"
	"    partner: { networks: [172.20.0.0/16], role: external }\n"
	"    dmz: [203.0.113.0/28]\n"
	"  proxies:\n"
	"    - { address: 203.0.113.5, ports: [8080, 9000-9010], schemes: [negotiate, ntlm], connect_ports: [443, "
	"563],\n"
	"        auth_exempt_hosts: [update.example] }\n"
	"    - { address: 10.1.100.40, ports: 3128, authentication: none }\n"
	"  domain_controllers: [10.1.100.10]\n"
	"  file_servers: [10.1.100.10, 10.1.100.20]\n"
	"  admin_terminals: [10.1.200.11]\n"
	"  roles: { dns: [10.1.100.10], scanner: [{host: 10.1.100.50-10.1.100.52, targets: [role:user, zone:dmz]}] }\n"
	"  gateways: ['02:00:00:00:01:0a']\n"
	"  ipv6: unexpected\n"
	"  accounts:\n"
	"    trap: [svc_backup_old, 'LAB\\helpdesk0', '*-trap']\n"
	"    admin: [administrator, 'adm-*', {name: op-suzuki, class: operator, sources: [10.1.200.0/24], hours: "
	"always}]\n"
	"    service: ['svc_*']\n"
	"  connect: { force_cut_seconds: 7200, long_session_allow: [{suffix: chat.example, owner: it, expires: "
	"2026-03-31}] }\n"
	"  policy:\n"
	"    - { from: users, to: role:dns, service: [dns, kerberos] }\n"
	"    - { from: users, to: servers, service: [https, tcp/8443, icmp], action: allow }\n"
	"    - { from: users, to: users, service: smb, action: deny }\n"
	"    - { from: role:file_server, to: internet, service: any, action: deny }\n"
	"  exceptions:\n"
	"    - { rule: A-01, from: users, to: 198.51.100.0/24, port: 123, owner: net, reason: NTP, expires: 2026-12-31 "
	"}\n"
	"    - { rule: ['C-*', B-02], name: meet.example, user: tanaka, owner: it, reason: calls, expires: "
	"2026-06-30T12:00 }\n"
	"  change_windows:\n"
	"    - { id: CHG-101, accounts: [adm-yamada], from: '2026-02-01T22:00', to: '2026-02-02T04:00' }\n"
	"rules: { disable: [A-05], level: { A-06: low, C-01: high } }\n"
	"outputs: [{ type: syslog, target: local, format: rfc5424 }, { type: file, path: a.json, chain: yes }]\n";

static int make(void **state)
{
	struct error err = { 0 };
	struct site *s = site_parse("office.yaml", bytes_string(office), &err);

	if (!s)
		fprintf(stderr, "%u:%u: %s\n", err.line, err.column, err.text);
	*state = s;
	return s ? 0 : -1;
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

static const char *role(const struct site *s, const char *text)
{
	struct address a = addr(text);
	assert_ptr_equal(site_host(s, &a).role, site_role(s, &a));
	return site_role(s, &a);
}

static const char *zone(const struct site *s, const char *text)
{
	struct address a = addr(text);
	const char *name = site_zone(s, &a);
	assert_ptr_equal(site_host(s, &a).zone, name);
	return name ? name : "-";
}

static bool external(const struct site *s, const char *text)
{
	struct address a = addr(text);
	assert_true(site_host(s, &a).external == site_is_external(s, &a));
	return site_is_external(s, &a);
}

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

static enum account_class class_of(const struct site *s, const char *user, const char *domain)
{
	return site_account(s, bytes_string(user), bytes_string(domain));
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

static enum policy ask(const struct site *s, const char *from, const char *to, const char *service,
		       const char *transport, uint16_t port)
{
	struct address a = addr(from), b = addr(to);
	return site_policy(s, &a, &b, service, transport, port);
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

static void collect(void *context, const char *value)
{
	struct text *t = context;
	text_printf(t, "%s%s", t->used ? " " : "", value);
}

static const char *values(const struct site *s, const char *name)
{
	static char room[1024];
	struct text t = TEXT_ON(room);

	return site_placeholder(s, name, collect, &t) ? text_end(&t) : NULL;
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

static void settings_outside_of_the_site_are_handed_on(void **state)
{
	const struct site_settings *s = site_settings(*state);
	struct site_output o = site_output(*state, 1);

	assert_int_equal(s->memory_mib, 2048);
	assert_int_equal(s->n_rules_disabled, 1);
	assert_int_equal(s->n_rule_levels, 2);
	assert_string_equal(s->rule_levels[2], "C-01");
	assert_string_equal(s->rule_levels[3], "high");
	assert_int_equal(s->snaplen, 65535);
	assert_int_equal(site_outputs(*state), 2);
	assert_string_equal(site_output(*state, 0).type, "syslog");
	assert_string_equal(o.path, "a.json");
	assert_true(o.chain);
	assert_null(site_output(*state, 2).type);
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

static void a_dumped_site_reads_back_to_the_same(void **state)
{
	struct error err;
	char *once = site_dump(*state);
	assert_non_null(once);
	struct site *again = site_parse("dump", bytes_string(once), &err);

	assert_non_null(again);
	char *twice = site_dump(again);
	assert_string_equal(once, twice);
	assert_string_equal(values(again, "connect_ports"), "443 563");
	assert_string_equal(role(again, "10.1.100.51"), "scanner");
	assert_int_equal(class_of(again, "LAB\\helpdesk0", ""), ACCOUNT_TRAP);
	free(once);
	free(twice);
	site_free(again);
}

struct rows {
	size_t count, without_help;
	bool ports;
};

static void count_row(void *context, const char *path, const char *takes, const char *fallback, const char *help)
{
	struct rows *r = context;

	(void)fallback;
	r->count++;
	r->without_help += !help || !*help || !*takes;
	r->ports |= !strcmp(path, "site.proxies[].ports");
}

static void every_setting_has_its_line_of_help(void **state)
{
	struct rows r = { 0 };
	(void)state;

	site_help(count_row, &r);
	assert_true(r.count > 70);
	assert_int_equal(r.without_help, 0);
	assert_true(r.ports);
}

/* Every prefix of the file in its own exact-size block: a site or an error, nothing else. */
static void every_cut_site_file_is_survived(void **state)
{
	(void)state;

	for (size_t n = 0; n < sizeof(office); n += 3) {
		struct error err = { 0 };
		uint8_t *at = malloc(n ? n : 1);
		memcpy(at, office, n);
		struct site *s = site_parse("cut", bytes_of(at, n), &err);
		free(at);
		assert_true(s != NULL || err.text[0]);
		site_free(s);
	}
}

static uint32_t dice(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223; /* Numerical Recipes; the same numbers in every run */
	return *seed >> 8;
}

/* The narrowest range that has a, first added first, found by looking at each. */
static int by_looking(const uint8_t (*spans)[2], size_t count, uint8_t a)
{
	int best = -1;

	for (size_t i = 0; i < count; i++)
		if (a >= spans[i][0] && a <= spans[i][1] &&
		    (best < 0 || spans[i][1] - spans[i][0] < spans[best][1] - spans[best][0]))
			best = (int)i;
	return best;
}

static void cut_ranges_agree_with_looking_at_each(void **state)
{
	uint32_t seed = 1;
	(void)state;

	for (unsigned round = 0; round < 40; round++) {
		uint8_t spans[12][2];
		struct ranges all = { 0 };
		for (size_t i = 0; i < 12; i++) {
			uint8_t x = (uint8_t)dice(&seed), y = (uint8_t)dice(&seed);
			spans[i][0] = x < y ? x : y;
			spans[i][1] = x < y ? y : x;
			struct address_range r = { address_v4((uint8_t[4]){ 255, 255, 255, spans[i][0] }),
						   address_v4((uint8_t[4]){ 255, 255, 255, spans[i][1] }) };
			assert_true(ranges_add(&all, &r, (unsigned)i));
		}
		assert_true(ranges_build(&all));
		for (unsigned a = 0; a < 256; a++) {
			struct address one = address_v4((uint8_t[4]){ 255, 255, 255, (uint8_t)a });
			assert_int_equal(ranges_find(&all, &one), by_looking(spans, 12, (uint8_t)a));
		}
		ranges_release(&all);
	}
}

static void the_first_and_the_last_address_are_in_their_range(void **state)
{
	struct ranges all = { 0 };
	struct address_range r;
	struct address first = addr("::"), last = addr("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
	(void)state;

	assert_true(address_range_parse(bytes_string("::/0"), &r));
	assert_true(ranges_add(&all, &r, 5));
	assert_true(ranges_build(&all));
	assert_int_equal(ranges_find(&all, &first), 5);
	assert_int_equal(ranges_find(&all, &last), 5);
	ranges_release(&all);
}

static void a_range_becomes_the_networks_that_make_it(void **state)
{
	static const char *const cases[][2] = { { "10.0.0.1-10.0.0.6", "10.0.0.1 10.0.0.2/31 10.0.0.4/31 10.0.0.6" },
						{ "0.0.0.0-255.255.255.255", "0.0.0.0/0" },
						{ "10.0.0.0/8", "10.0.0.0/8" },
						{ "2001:db8::ff-2001:db8::101", "2001:db8::ff 2001:db8::100/127" },
						{ "::/0", "::/0" } };
	(void)state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char room[512];
		struct text t = TEXT_ON(room);
		struct address_range r;
		assert_true(address_range_parse(bytes_string(cases[i][0]), &r));
		range_networks(&r, collect, &t);
		assert_string_equal(text_end(&t), cases[i][1]);
	}
}

static void services_are_words_ports_or_transports(void **state)
{
	struct service_match m;
	struct port_span span;
	(void)state;

	assert_true(service_parse(bytes_string("LDAP"), &m));
	assert_true(service_fits(&m, "tls", "tcp", 636));
	assert_true(service_fits(&m, NULL, "udp", 389));
	assert_false(service_fits(&m, "tls", "tcp", 443));
	assert_true(service_fits(&m, "ldap", "tcp", 3890));
	assert_true(service_parse(bytes_string("http"), &m));
	assert_true(service_fits(&m, "http", "tcp", 8000));
	assert_true(service_fits(&m, "http", "tcp", 3128));
	assert_true(service_fits(&m, "http", "tcp", 50000));
	assert_false(service_fits(&m, "http", "tcp", 5985)); /* remote management rides on it */
	assert_true(service_parse(bytes_string("winrm"), &m));
	assert_true(service_fits(&m, "http", "tcp", 5985));
	assert_true(service_fits(&m, "tls", "tcp", 5986));
	assert_false(service_fits(&m, "http", "tcp", 80));
	assert_true(service_parse(bytes_string("https"), &m));
	assert_true(service_fits(&m, "tls", "tcp", 8443));
	assert_false(service_fits(&m, "tls", "tcp", 636));
	assert_false(service_fits(&m, "tls", "tcp", 3389));
	assert_false(service_fits(&m, "http", "tcp", 443));
	assert_string_equal(service_name("http", "tcp", 5985), "winrm");
	assert_true(service_parse(bytes_string("udp/100-200"), &m));
	assert_true(service_fits(&m, NULL, "udp", 200));
	assert_false(service_fits(&m, NULL, "tcp", 200));
	assert_true(service_parse(bytes_string("8000"), &m));
	assert_true(service_fits(&m, "http", "udp", 8000));
	assert_true(service_parse(bytes_string("udp"), &m));
	assert_true(service_fits(&m, NULL, "udp", 7));
	assert_false(service_fits(&m, NULL, "tcp", 7));
	assert_false(service_parse(bytes_string("tcp/"), &m));
	assert_false(service_parse(bytes_string("tcp/0"), &m));
	assert_false(service_parse(bytes_string(""), &m));
	assert_false(port_span_parse(bytes_string("200-100"), &span));
	assert_false(port_span_parse(bytes_string("65536"), &span));
}

static const char *source_path(const char *name)
{
	static char path[4096];
	const char *root = getenv("srcdir");

	snprintf(path, sizeof(path), "%s/%s", root ? root : ".", name);
	return path;
}

static char *slurp(const char *path)
{
	FILE *file = fopen(path, "rb");
	char *text = calloc(1, 4096);

	assert_non_null(file);
	assert_non_null(text);
	size_t n = fread(text, 1, 4095, file);
	fclose(file);
	text[n && text[n - 1] == '\n' ? n - 1 : n] = '\0';
	return text;
}

/* tests/config: NAME.yaml must be refused with the line in NAME.err. */
static void wrong_files_are_refused_with_exactly_their_line(void **state)
{
	DIR *folder = opendir(source_path("tests/config"));
	unsigned cases = 0;
	(void)state;

	if (!folder)
		skip();
	for (struct dirent *e; (e = readdir(folder));) {
		char name[512], text[1024];
		struct error err = { 0 };
		size_t n = strlen(e->d_name);
		if (n < 6 || strcmp(e->d_name + n - 5, ".yaml") != 0)
			continue;
		snprintf(name, sizeof(name), "tests/config/%s", e->d_name);
		char *yaml = slurp(source_path(name));
		snprintf(name, sizeof(name), "tests/config/%.*s.err", (int)(n - 5), e->d_name);
		char *want = slurp(source_path(name));
		assert_null(site_parse(e->d_name, bytes_string(yaml), &err));
		assert_string_equal(error_format(&err, text, sizeof(text)), want);
		free(yaml);
		free(want);
		cases++;
	}
	closedir(folder);
	assert_true(cases >= 25);
}

static struct site *shipped(const char *name)
{
	struct error err = { 0 };
	struct site *s;

	if (access(source_path(name), R_OK))
		skip();
	s = site_read(source_path(name), &err);
	if (!s)
		fail_msg("%s:%u:%u: %s", name, err.line, err.column, err.text);
	return s;
}

static void the_shipped_example_is_a_site(void **state)
{
	struct site *s = shipped("contrib/sensord.yaml");
	(void)state;

	assert_string_equal(site_name(s), "head-office");
	assert_string_equal(role(s, "10.1.250.10"), "proxy");
	assert_int_equal(class_of(s, "LAB\\helpdesk0", ""), ACCOUNT_TRAP);
	assert_int_equal(ask(s, "10.1.10.5", "10.1.100.10", "kerberos", "tcp", 88), POLICY_ALLOW);
	assert_int_equal(ask(s, "10.1.10.5", "10.1.100.10", "rdp", "tcp", 3389), POLICY_DENY);
	assert_int_equal(site_outputs(s), 2);
	assert_int_equal(site_exceptions(s), 1);
	site_free(s);
}

static void the_labs_site_file_says_what_its_network_is(void **state)
{
	struct site *s = shipped("tests/lab/site.yaml");
	bool known = true;
	(void)state;

	assert_string_equal(role(s, "2001:db8:1:100::10"), "dc");
	assert_string_equal(role(s, "203.0.113.80"), "external");
	assert_string_equal(role(s, "2001:db8:f::1"), "external");
	assert_string_equal(values(s, "connect_max_seconds"), "60");
	assert_int_equal(ask(s, "10.1.100.10", "203.0.113.53", "dns", "udp", 53), POLICY_ALLOW);
	assert_int_equal(ask(s, "10.1.250.10", "203.0.113.80", NULL, "tcp", 4444), POLICY_ALLOW);
	assert_int_equal(ask(s, "10.1.10.11", "10.1.250.10", NULL, "tcp", 8080), POLICY_ALLOW);
	assert_int_equal(ask(s, "10.1.10.11", "10.1.250.10", NULL, "tcp", 3128), POLICY_DENY);
	assert_int_equal(ask(s, "10.1.100.20", "10.1.200.10", NULL, "tcp", 22), POLICY_DENY);
	assert_int_equal(ask(s, "10.1.200.10", "10.1.10.11", "smb", "tcp", 445), POLICY_ALLOW);
	assert_int_equal(class_of(s, "sqladmin", "LAB"), ACCOUNT_TRAP);
	site_off_hours(s, 0, &known);
	assert_false(known);
	site_free(s);
}

#define ON_OFFICE(test) cmocka_unit_test_setup_teardown(test, make, drop)

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
		ON_OFFICE(settings_outside_of_the_site_are_handed_on),
		cmocka_unit_test(a_site_without_a_file_works_on_defaults),
		ON_OFFICE(inference_never_contradicts_the_site_file),
		ON_OFFICE(a_dumped_site_reads_back_to_the_same),
		cmocka_unit_test(every_setting_has_its_line_of_help),
		cmocka_unit_test(every_cut_site_file_is_survived),
		cmocka_unit_test(cut_ranges_agree_with_looking_at_each),
		cmocka_unit_test(the_first_and_the_last_address_are_in_their_range),
		cmocka_unit_test(a_range_becomes_the_networks_that_make_it),
		cmocka_unit_test(services_are_words_ports_or_transports),
		cmocka_unit_test(wrong_files_are_refused_with_exactly_their_line),
		cmocka_unit_test(the_shipped_example_is_a_site),
		cmocka_unit_test(the_labs_site_file_says_what_its_network_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
