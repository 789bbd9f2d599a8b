/* SPDX-License-Identifier: BSD-2-Clause
 * The site: what this network should look like. Questions, not structs. A site is immutable once made (inference adds
 * to it before detection starts); questions are cheap enough to ask for every record. */
#ifndef SITE_SITE_H
#define SITE_SITE_H

#include "base/address.h"
#include "base/bytes.h"
#include "base/error.h"

struct site;
struct document;

/* Reads the site file. NULL with err set on error. */
struct site *site_read(const char *path, struct error *err) MUST_CHECK;
struct site *site_parse(const char *name, struct bytes yaml, struct error *err) MUST_CHECK;
/* Built-in defaults: RFC 1918 and ULA are internal (role user), the rest is the internet. */
struct site *site_default(void);
void site_free(struct site *s);
bool site_is_default(const struct site *s);
const char *site_name(const struct site *s);

/* Inference (replay without a site file): adds a proxy / domain controller / server seen in the traffic. A proxy
 * learned so has auth_required only if it was seen to ask. No-op where the site file declares that kind itself. */
void site_infer_proxy(struct site *s, const struct address *a, uint16_t port, bool asks_authentication);
void site_infer_role(struct site *s, const struct address *a, const char *role);

/* Name of the most specific zone, NULL where none. */
const char *site_zone(const struct site *s, const struct address *a);
/* Role of the host: one of its own (proxy, dc, file_server, admin terminal …) before that of its zone; "external" for
 * addresses outside of all zones that are not private, "internal" for private ones outside of all zones; "group" for
 * multicast and broadcast. */
const char *site_role(const struct site *s, const struct address *a);
bool site_is_external(const struct site *s, const struct address *a);
/* The three at once. */
struct site_host {
	const char *zone, *role;
	bool external;
};
struct site_host site_host(const struct site *s, const struct address *a);

/* Is it known that this site's way out is a proxy? True with a site file, or where a proxy was inferred. */
bool site_proxy_known(const struct site *s);
/* A number that two addresses share only where zone, role, is_external and policy are the same for both. */
uint64_t site_class(const struct site *s, const struct address *a);

struct site_proxy {
	bool declared;       /* address and port are listed */
	bool host_declared;  /* the address is listed, whatever the port */
	bool auth_required;  /* of the address */
};
struct site_proxy site_proxy(const struct site *s, const struct address *a, uint16_t port);
/* May this proxy be asked with this scheme ("basic" …)? False where the site lists schemes and this is not among them;
 * *ret_declared tells whether it lists any. */
bool site_proxy_scheme(const struct site *s, const struct address *a, struct bytes scheme, bool *ret_declared);
bool site_auth_exempt(const struct site *s, struct bytes host);      /* proxy authentication not asked for this host */
bool site_long_tunnel_allowed(const struct site *s, struct bytes host); /* whatever the end of the allowance */
bool site_long_tunnel_allowed_at(const struct site *s, struct bytes host, uint64_t time_ns); /* and it has not ended */
bool site_ipv6_expected(const struct site *s); /* IPv6 to the internet belongs to this network */

/* Gateways declared (MAC addresses); *ret_any tells whether any is. */
bool site_gateway(const struct site *s, const uint8_t mac[6], bool *ret_any);

enum account_class { ACCOUNT_OTHER, ACCOUNT_TRAP, ACCOUNT_ADMIN, ACCOUNT_SERVICE };
/* Class of an account in whatever form the wire shows it: user, DOMAIN\user, user@realm; case does not matter. */
enum account_class site_account(const struct site *s, struct bytes user, struct bytes domain);
/* The same of an account whose name begins so, where a client has cut it. */
enum account_class site_account_prefix(const struct site *s, struct bytes start, struct bytes domain);
const char *account_class_name(enum account_class c);

/* An administrator as the site file lists it; found once for several questions. */
struct site_admin {
	const struct admin_account *account;
	const char *admin_class; /* domain_admin, operator, break_glass …; NULL where the file gives none */
};
/* False where the account is no administrator of the site file. */
bool site_admin(const struct site *s, struct bytes user, struct bytes domain, struct site_admin *ret);
/* May it log on from there? Its own `sources`, or else admin zones, admin terminals and jump hosts; *ret_known is false
 * where the site says neither. */
bool site_admin_from(const struct site *s, const struct site_admin *admin, const struct address *from, bool *ret_known);
/* May it work there? *ret_known is false where it has no `targets`. */
bool site_admin_to(const struct site *s, const struct site_admin *admin, const struct address *to, bool *ret_known);
/* Outside of its own `hours`, or of those of the site. *ret_known false without a time zone. */
bool site_admin_off_hours(const struct site *s, const struct site_admin *admin, uint64_t time_ns, bool *ret_known);

/* What a host with a role may do on its targets (roles: allowed_rpc, allowed_shares, targets): call this interface,
 * open this share; an empty name or MANAGED_ANY asks whether it may do anything there. "any" and globs count. */
enum managed { MANAGED_ANY, MANAGED_RPC, MANAGED_SHARE };
bool site_managed_by(const struct site *s, const struct address *from, const struct address *to, enum managed kind,
		     struct bytes name);
/* False: no host manages another one, whatever is asked. */
bool site_manages(const struct site *s);
/* "terminal": an admin terminal or jump host; "unlisted": in an admin zone, though the site lists its admin terminals
 * and this is none; "zone": in an admin zone of a site that lists none; NULL: elsewhere. */
const char *site_admin_place(const struct site *s, const struct address *a);

enum policy { POLICY_SILENT, POLICY_ALLOW, POLICY_DENY };
/* What the policy says of `from` opening `service` (a protocol name, or port where NULL) to `to`. First match wins;
 * between two declared zones what is not listed is denied once any row is declared; to or from elsewhere it is silent.
 */
enum policy site_policy(const struct site *s, const struct address *from, const struct address *to,
			const char *service, const char *transport, uint16_t port);

/* Business hours (DESIGN section 3, MEASURES 19). False and *ret_known false where the site gives no time zone. */
bool site_off_hours(const struct site *s, uint64_t time_ns, bool *ret_known);
/* Day number and second of day in the site's time zone (UTC where none is given). */
void site_local_day(const struct site *s, uint64_t time_ns, int64_t *ret_day, uint32_t *ret_second);
/* Identifier of the change window that covers this account and time; NULL where none. */
const char *site_change_window(const struct site *s, struct bytes account, uint64_t time_ns);

/* Exceptions: does one silence this rule for this pair now? ret_index (for counting) is set where true. An expired
 * one does not silence; site_exception_expired tells of it. */
bool site_exception(const struct site *s, const char *rule, const struct address *from, const struct address *to,
		    uint16_t port, struct bytes name, struct bytes user, uint64_t time_ns, size_t *ret_index);
size_t site_exceptions(const struct site *s);
/* "A-01 users -> 203.0.113.0/24 port 123 (NTP, net)"; ends_ns 0 where it has none. */
const char *site_exception_text(const struct site *s, size_t index, uint64_t *ret_ends_ns);

bool site_exception_expired(const struct site *s, size_t index, uint64_t time_ns);

/* What the site file declares and a sensor should meet some day: zones ("zone" and its name; first in the list), and hosts
 * by their address ("proxy", "domain_controller", "file_server", "admin_terminal"). None without a site file. */
struct site_declared { const char *kind, *name; };
size_t site_declared_count(const struct site *s);
size_t site_declared_zones(const struct site *s);
struct site_declared site_declared(const struct site *s, size_t index);
/* Those that the address belongs to, its zone first; at most max. Returns how many. */
size_t site_declared_find(const struct site *s, const struct address *a, size_t *ret, size_t max);

/* Values of a Sigma placeholder (without the percent signs): trap_accounts, admin_accounts, service_accounts,
 * admin_terminals, domain_controllers, file_servers, proxies, connect_ports, connect_max_seconds,
 * connect_long_seconds, connect_force_cut_seconds (no value where the proxy does not cut), connect_long_session_allow,
 * business_hours, unexpected_networks (2000::/3 where ipv6: unexpected); zone:<name> and role:<name> give networks.
 * Accounts come without their domain, ranges as CIDR networks. False where there is no such name. Calls see for each
 * value (none for an empty list). */
bool site_placeholder(const struct site *s, const char *name, void (*see)(void *context, const char *value),
		      void *context);
/* The nearest known placeholder name to a misspelt one, or NULL. */
const char *site_placeholder_suggest(const char *name);

/* The effective site file: YAML that reads back to the same site; malloc'd, NULL without memory. */
char *site_dump(const struct site *s) MUST_CHECK;
/* Every setting for the documentation: path ("site.proxies[].ports"), what it takes, default (or NULL), one line. */
void site_help(void (*see)(void *context, const char *path, const char *takes, const char *fallback, const char *help),
	       void *context);

/* Settings outside of `site:` that other parts own. */
struct site_settings {
	uint64_t memory_mib, alerts_per_minute;
	const char *const *rule_paths; size_t n_rule_paths;
	const char *const *rules_disabled; size_t n_rules_disabled;
	/* rule id at [2 * i], its level at [2 * i + 1], i < n_rule_levels */
	const char *const *rule_levels; size_t n_rule_levels;
	const char *const *interfaces; size_t n_interfaces;
	uint64_t ring_mib, snaplen, workers; /* workers 0: auto */
	const char *filter;
	uint64_t silent_hours, account_days; /* after which silence is told; 0: never */
};
const struct site_settings *site_settings(const struct site *s);
/* How the daemon runs; texts are NULL or "" where not given. */
enum site_calls { SITE_CALLS_REFUSE, SITE_CALLS_KILL, SITE_CALLS_OFF };
struct site_run {
	const char *user, *group, *control, *metrics;
	bool allow_root, landlock;
	enum site_calls seccomp;
};
struct site_run site_run(const struct site *s);
struct site_output {
	const char *type, *path, *target, *format, *evidence, *topic, *ca, *certificate, *key, *framing, *facility;
	const char *spool;           /* NULL: none */
	const char *what;            /* alerts, records or both */
	const char *level, *fsync;
	bool chain, verify, rotate_compress;
	uint64_t spool_mib, evidence_mib, evidence_days, rotate_mib, rotate_hours, rotate_keep;
	unsigned line, column;       /* where it stands in the site file */
};
size_t site_outputs(const struct site *s);
struct site_output site_output(const struct site *s, size_t index);

#endif
