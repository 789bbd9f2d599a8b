/* SPDX-License-Identifier: BSD-2-Clause
 * The site file of an office, and short questions to a site. Included by one test program each, after cmocka. */
#ifndef TESTS_UNIT_SITE_OFFICE_H
#define TESTS_UNIT_SITE_OFFICE_H

#include <stdio.h>
#include <stdlib.h>

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

static inline int make(void **state)
{
	struct error err = { 0 };
	struct site *s = site_parse("office.yaml", bytes_string(office), &err);

	if (!s)
		fprintf(stderr, "%u:%u: %s\n", err.line, err.column, err.text);
	*state = s;
	return s ? 0 : -1;
}

static inline int drop(void **state)
{
	site_free(*state);
	return 0;
}

static inline struct address addr(const char *text)
{
	struct address a;

	assert_true(address_parse(bytes_string(text), &a));
	return a;
}

static inline const char *role(const struct site *s, const char *text)
{
	struct address a = addr(text);
	assert_ptr_equal(site_host(s, &a).role, site_role(s, &a));
	return site_role(s, &a);
}

static inline const char *zone(const struct site *s, const char *text)
{
	struct address a = addr(text);
	const char *name = site_zone(s, &a);
	assert_ptr_equal(site_host(s, &a).zone, name);
	return name ? name : "-";
}

static inline bool external(const struct site *s, const char *text)
{
	struct address a = addr(text);
	assert_true(site_host(s, &a).external == site_is_external(s, &a));
	return site_is_external(s, &a);
}

static inline enum account_class class_of(const struct site *s, const char *user, const char *domain)
{
	return site_account(s, bytes_string(user), bytes_string(domain));
}

static inline enum policy ask(const struct site *s, const char *from, const char *to, const char *service,
		       const char *transport, uint16_t port)
{
	struct address a = addr(from), b = addr(to);
	return site_policy(s, &a, &b, service, transport, port);
}

static inline void collect(void *context, const char *value)
{
	struct text *t = context;
	text_printf(t, "%s%s", t->used ? " " : "", value);
}

static inline const char *values(const struct site *s, const char *name)
{
	static char room[1024];
	struct text t = TEXT_ON(room);

	return site_placeholder(s, name, collect, &t) ? text_end(&t) : NULL;
}

#define ON_OFFICE(test) cmocka_unit_test_setup_teardown(test, make, drop)

#endif
