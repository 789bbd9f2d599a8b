/* SPDX-License-Identifier: BSD-2-Clause
 * What a site file holds, as written: the plain structs that the table of settings fills. */
#ifndef SITE_SETTINGS_H
#define SITE_SETTINGS_H

#include "conf/table.h"

struct zone_setting {
	char *name;
	struct conf_strings networks;
	int role; /* index into zone_roles */
	struct conf_place place;
};

struct proxy_setting {
	struct conf_strings address; /* one */
	struct conf_strings ports, schemes, auth_exempt_hosts, connect_ports;
	int authentication; /* 0 none, 1 required */
	struct conf_place place;
};

struct role_host_setting {
	struct conf_strings host; /* one */
	struct conf_strings allowed_rpc, allowed_shares, targets;
};

struct role_setting {
	char *name;
	struct conf_list hosts; /* struct role_host_setting */
	struct conf_place place;
};

struct account_setting {
	struct conf_strings name; /* one */
	struct conf_strings sources, targets, hours;
	char *account_class;
};

struct policy_setting {
	struct conf_strings from, to, service;
	int action; /* 0 allow, 1 deny */
	struct conf_place place;
};

struct exception_setting {
	struct conf_strings rule, from, to, port, name, user;
	struct conf_strings expires; /* one */
	char *owner, *reason;
	struct conf_place place;
};

struct long_session_setting {
	char *suffix, *owner;
	struct conf_strings expires; /* one */
};

struct window_setting {
	char *id;
	struct conf_strings accounts, from, to; /* from, to: one */
	struct conf_place place;
};

struct output_setting {
	int type;
	char *path, *target, *format, *evidence;
	char *topic, *ca, *certificate, *key, *spool;
	int what, level, framing, facility, fsync; /* indexes into output_whats … */
	bool chain, verify;
	uint64_t spool_mib, evidence_mib, evidence_days;
	struct {
		uint64_t mib, hours, keep;
		bool compress;
	} rotate;
	struct conf_place place;
};

struct settings {
	struct {
		char *name;
		struct conf_strings timezone; /* one */
		struct conf_strings business_hours, holidays;
		struct conf_list zones, proxies, roles;
		struct conf_strings domain_controllers, file_servers, admin_terminals, gateways;
		int ipv6; /* 0 expected, 1 unexpected */
		struct {
			struct conf_list trap, admin, service; /* struct account_setting */
		} accounts;
		struct {
			struct conf_strings ports;
			uint64_t max_seconds, long_seconds, force_cut_seconds;
			struct conf_list long_session_allow;
		} connect;
		struct conf_list policy, exceptions, change_windows;
	} site;
	struct {
		struct conf_strings interfaces, workers; /* workers: one */
		uint64_t ring_mib, snaplen;
		char *filter;
	} capture;
	struct {
		uint64_t memory_mib, alerts_per_minute;
	} limits;
	struct {
		uint64_t silent_hours, account_days;
	} sensor;
	struct {
		struct conf_strings paths, disable;
		struct conf_strings level; /* pairs */
	} rules;
	struct {
		char *user, *group, *control, *metrics;
		bool allow_root, landlock;
		int seccomp; /* enum site_calls */
	} run;
	struct conf_list outputs;
};

extern const struct conf_row settings_rows[];

/* Role names of zones, NULL-terminated. */
extern const char *const zone_roles[];
enum { ZONE_INTERNAL, ZONE_EXTERNAL }; /* the first of them */
/* Words of outputs, NULL-terminated. */
extern const char *const output_types[], *const output_whats[], *const output_levels[], *const output_framings[],
	*const output_facilities[], *const output_syncs[];

#endif
