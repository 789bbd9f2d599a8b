/* SPDX-License-Identifier: BSD-2-Clause
 * The one table of settings of the site file: it parses, checks, gives defaults, prints back and documents. */
#include "settings.h"

const char *const zone_roles[] = { "internal", "external", "user", "server", "admin", "dmz",   "dc",
				   "proxy",    "guest",	   "iot",  "printer", "mgmt",  NULL };
const char *const output_types[] = { "file", "syslog", "stdout", "kafka", NULL };
const char *const output_whats[] = { "alerts", "records", "both", NULL };
const char *const output_levels[] = { "informational", "low", "medium", "high", "critical", NULL };
const char *const output_framings[] = { "octets", "lines", NULL };
const char *const output_syncs[] = { "never", "interval", "always", NULL };
const char *const output_facilities[] = { "kern",   "user",   "mail",   "daemon", "auth",   "syslog", "lpr",    "news",   "uucp",
					  "cron",   "authpriv", "ftp",  "ntp",    "audit",  "alert",  "clock",  "local0", "local1",
					  "local2", "local3", "local4", "local5", "local6", "local7", NULL };
static const char *const authentications[] = { "none", "required", NULL };
static const char *const actions[] = { "allow", "deny", NULL };
static const char *const call_modes[] = { "refuse", "kill", "off", NULL }; /* enum site_calls */
static const char *const expectations[] = { "expected", "unexpected", NULL };

#define END { .key = NULL }

#define AT(member) .offset = offsetof(struct zone_setting, member)
static const struct conf_row zone_rows[] = {
	{ "networks", CONF_STRINGS, AT(networks), .required = true,
	  .help = "Networks of the zone: address, CIDR or first-last, IPv4 and IPv6" },
	{ "role", CONF_CHOICE, AT(role), "internal", .choices = zone_roles, .help = "What the hosts of this zone are" },
	END
};
#undef AT

#define AT(member) .offset = offsetof(struct proxy_setting, member)
static const struct conf_row proxy_rows[] = {
	{ "address", CONF_STRINGS, AT(address), .max = 1, .required = true, .help = "Address of the proxy" },
	{ "ports", CONF_STRINGS, AT(ports), .required = true, .help = "Ports it listens on for clients" },
	{ "authentication", CONF_CHOICE, AT(authentication), "required", .choices = authentications,
	  .help = "Whether clients must authenticate" },
	{ "schemes", CONF_STRINGS, AT(schemes),
	  .help = "Authentication schemes it may be asked with (negotiate, ntlm, digest, basic); none listed: any" },
	{ "auth_exempt_hosts", CONF_STRINGS, AT(auth_exempt_hosts),
	  .help = "Hosts and domains reached through it without authentication" },
	{ "connect_ports", CONF_STRINGS, AT(connect_ports),
	  .help = "Ports that CONNECT may name, added to connect.ports" },
	END
};
#undef AT

#define AT(member) .offset = offsetof(struct role_host_setting, member)
static const struct conf_row role_host_rows[] = {
	{ "host", CONF_STRINGS, AT(host), .max = 1, .required = true, .help = "Address or network" },
	{ "allowed_rpc", CONF_STRINGS, AT(allowed_rpc), .help = "RPC interfaces this host may call on its targets" },
	{ "allowed_shares", CONF_STRINGS, AT(allowed_shares), .help = "Shares this host may open on its targets" },
	{ "targets", CONF_STRINGS, AT(targets), .help = "Where it may do so" },
	END
};
#undef AT

#define AT(member) .offset = offsetof(struct role_setting, member)
static const struct conf_row role_rows[] = {
	{ "hosts", CONF_LIST, AT(hosts),
	  .rows = role_host_rows, .item_size = sizeof(struct role_host_setting), .short_key = "host",
	  .help = "Hosts with this role" },
	END
};
#undef AT

#define AT(member) .offset = offsetof(struct account_setting, member)
static const struct conf_row account_rows[] = {
	{ "name", CONF_STRINGS, AT(name), .max = 1, .required = true,
	  .help = "Account: user, DOMAIN\\user or user@realm; * stands for any text" },
	{ "class", CONF_STRING, AT(account_class),
	  .help = "Kind of administrator (domain_admin, operator, break_glass)" },
	{ "sources", CONF_STRINGS, AT(sources), .help = "Where it may log on from" },
	{ "targets", CONF_STRINGS, AT(targets), .help = "What it may log on to" },
	{ "hours", CONF_STRINGS, AT(hours), .help = "When, as business_hours" },
	END
};
#undef AT

#define AT(member) .offset = offsetof(struct settings, site.accounts.member)
#define ACCOUNTS .rows = account_rows, .item_size = sizeof(struct account_setting), .short_key = "name"
static const struct conf_row accounts_rows[] = {
	{ "trap", CONF_LIST, AT(trap), ACCOUNTS, .help = "Accounts that nobody uses: any use is an alert" },
	{ "admin", CONF_LIST, AT(admin), ACCOUNTS, .help = "Administrators" },
	{ "service", CONF_LIST, AT(service), ACCOUNTS, .help = "Accounts of services" },
	END
};
#undef AT

#define AT(member) .offset = offsetof(struct long_session_setting, member)
static const struct conf_row long_session_rows[] = {
	{ "suffix", CONF_STRING, AT(suffix), .required = true, .help = "Host or domain whose tunnels may stay open" },
	{ "owner", CONF_STRING, AT(owner), .required = true, .help = "Who answers for it" },
	{ "expires", CONF_STRINGS, AT(expires), .max = 1, .required = true,
	  .help = "Last day (2026-12-31) or end (2026-12-31T18:00), local time" },
	END
};
#undef AT

#define AT(member) .offset = offsetof(struct settings, site.connect.member)
#define DAY_S 86400
static const struct conf_row connect_rows[] = {
	{ "ports", CONF_STRINGS, AT(ports),
	  .help = "Ports that CONNECT may name; 443 where neither this nor a proxy's connect_ports is given" },
	{ "max_seconds", CONF_UINT, AT(max_seconds), "3600", .min = 1, .max = 365 * DAY_S,
	  .help = "Age at which a tunnel is long" },
	{ "long_seconds", CONF_UINT, AT(long_seconds), "28800", .min = 1, .max = 365 * DAY_S,
	  .help = "Age at which a tunnel is far too long" },
	{ "force_cut_seconds", CONF_UINT, AT(force_cut_seconds), "0", .max = 365 * DAY_S,
	  .help = "Age at which the proxy cuts tunnels; 0: it does not" },
	{ "long_session_allow", CONF_LIST, AT(long_session_allow),
	  .rows = long_session_rows, .item_size = sizeof(struct long_session_setting),
	  .help = "Destinations whose tunnels may stay open" },
	END
};
#undef AT

#define AT(member) .offset = offsetof(struct policy_setting, member)
static const struct conf_row policy_rows[] = {
	{ "from", CONF_STRINGS, AT(from), .required = true,
	  .help = "Who opens: zone, role:NAME, address, network, internal, external (internet) or any" },
	{ "to", CONF_STRINGS, AT(to), .required = true, .help = "To whom: as from" },
	{ "service", CONF_STRINGS, AT(service), "any",
	  .help = "Services by name, tcp/PORT, udp/PORT, PORT, FIRST-LAST or any" },
	{ "action", CONF_CHOICE, AT(action), "allow", .choices = actions, .help = "The first row that fits decides" },
	END
};
#undef AT

#define AT(member) .offset = offsetof(struct exception_setting, member)
static const struct conf_row exception_rows[] = {
	{ "rule", CONF_STRINGS, AT(rule), .required = true, .help = "Rule ids; * stands for any text" },
	{ "from", CONF_STRINGS, AT(from), .help = "Source, as in policy" },
	{ "to", CONF_STRINGS, AT(to), .help = "Destination, as in policy" },
	{ "port", CONF_STRINGS, AT(port), .help = "Destination ports or FIRST-LAST" },
	{ "name", CONF_STRINGS, AT(name), .help = "Host name or TLS server name, or a domain above it" },
	{ "user", CONF_STRINGS, AT(user), .help = "Accounts" },
	{ "owner", CONF_STRING, AT(owner), .required = true, .help = "Who answers for it" },
	{ "reason", CONF_STRING, AT(reason), .required = true, .help = "Why" },
	{ "expires", CONF_STRINGS, AT(expires), .max = 1, .required = true,
	  .help = "Last day (2026-12-31) or end (2026-12-31T18:00), local time" },
	END
};
#undef AT

#define AT(member) .offset = offsetof(struct window_setting, member)
static const struct conf_row window_rows[] = {
	{ "id", CONF_STRING, AT(id), .required = true, .help = "Number of the work order" },
	{ "accounts", CONF_STRINGS, AT(accounts), .help = "Accounts it covers; none listed: all" },
	{ "from", CONF_STRINGS, AT(from), .max = 1, .required = true, .help = "Start, 2026-02-01T22:00, local time" },
	{ "to", CONF_STRINGS, AT(to), .max = 1, .required = true, .help = "End, as from" },
	END
};
#undef AT

#define PLACE(type) .item_size = sizeof(struct type), .place_offset = offsetof(struct type, place)
#define AT(member) .offset = offsetof(struct settings, site.member)
static const struct conf_row site_rows[] = {
	{ "name", CONF_STRING, AT(name), "site", .help = "Name of this site in alerts" },
	{ "timezone", CONF_STRINGS, AT(timezone), .max = 1,
	  .help = "UTC, +09:00 or a name such as Asia/Tokyo; without it, hours are not judged" },
	{ "business_hours", CONF_STRINGS, AT(business_hours),
	  .help = "Spans such as \"Mon-Fri 08:00-20:00\", or always; Mon-Fri 07:00-22:00 where only the time zone "
	          "is given" },
	{ "holidays", CONF_STRINGS, AT(holidays), .help = "jp (public holidays of Japan by law) and dates" },
	{ "zones", CONF_NAMED, AT(zones),
	  .rows = zone_rows, PLACE(zone_setting), .name_offset = offsetof(struct zone_setting, name),
	  .short_key = "networks",
	  .help = "Parts of the network" },
	{ "proxies", CONF_LIST, AT(proxies), .rows = proxy_rows, PLACE(proxy_setting),
	  .help = "HTTP and SOCKS proxies; inferred in replay where none is given" },
	{ "domain_controllers", CONF_STRINGS, AT(domain_controllers), .help = "Addresses of domain controllers" },
	{ "file_servers", CONF_STRINGS, AT(file_servers), .help = "Addresses of file servers" },
	{ "admin_terminals", CONF_STRINGS, AT(admin_terminals), .help = "Addresses of terminals for administration" },
	{ "roles", CONF_NAMED, AT(roles),
	  .rows = role_rows, PLACE(role_setting), .name_offset = offsetof(struct role_setting, name),
	  .short_key = "hosts",
	  .help = "Further roles of hosts: wsus, mgmt, jump, scanner, backup, print, mail, dns, ntp …" },
	{ "gateways", CONF_STRINGS, AT(gateways), .help = "MAC addresses of the routers towards the internet" },
	{ "ipv6", CONF_CHOICE, AT(ipv6), "expected", .choices = expectations,
	  .help = "Whether IPv6 to the internet belongs to this network" },
	{ "accounts", CONF_SECTION, 0, .rows = accounts_rows, .help = "Accounts with a meaning" },
	{ "connect", CONF_SECTION, 0, .rows = connect_rows, .help = "What CONNECT through the proxies may do" },
	{ "policy", CONF_LIST, AT(policy), .rows = policy_rows, PLACE(policy_setting),
	  .help = "Who may open connections to whom; between zones what is not listed is denied" },
	{ "exceptions", CONF_LIST, AT(exceptions), .rows = exception_rows, PLACE(exception_setting),
	  .help = "What silences an alert, by whom, why and until when" },
	{ "change_windows", CONF_LIST, AT(change_windows), .rows = window_rows, PLACE(window_setting),
	  .help = "Planned work" },
	END
};
#undef AT

#define AT(member) .offset = offsetof(struct settings, capture.member)
static const struct conf_row capture_rows[] = {
	{ "interfaces", CONF_STRINGS, AT(interfaces), .help = "Interfaces to listen on" },
	{ "ring_mib", CONF_UINT, AT(ring_mib), "64", .min = 1, .max = 4096,
	  .help = "Capture buffer of one interface, MiB" },
	{ "snaplen", CONF_UINT, AT(snaplen), "65535", .min = 96, .max = 262144, .help = "Bytes captured of a frame" },
	{ "filter", CONF_STRING, AT(filter), .help = "Filter in pcap-filter(7) syntax" },
	{ "workers", CONF_STRINGS, AT(workers), "auto", .max = 1, .help = "Capture threads: a number or auto" },
	END
};
#undef AT

static const struct conf_row limits_rows[] = {
	{ "memory_mib", CONF_UINT, offsetof(struct settings, limits.memory_mib), "2048", .min = 64, .max = 1 << 20,
	  .help = "Memory that all tables together may take, MiB" },
	{ "alerts_per_minute", CONF_UINT, offsetof(struct settings, limits.alerts_per_minute), "600", .max = 1000000,
	  .help = "Alert lines of one rule and level in a minute; those beyond it are folded into one line that counts them; "
	          "0: no ceiling" },
	END
};

#define AT(member) .offset = offsetof(struct settings, sensor.member)
static const struct conf_row sensor_rows[] = {
	{ "silent_hours", CONF_UINT, AT(silent_hours), "72", .max = 24 * 365,
	  .help = "A declared zone, proxy, domain controller, file server or admin terminal that sends nothing for so many "
	          "hours is told; 0: never" },
	{ "account_days", CONF_UINT, AT(account_days), "90", .max = 3650,
	  .help = "An administrator or service account of this file that nobody uses for so many days is told; 0: never" },
	END
};
#undef AT

#define AT(member) .offset = offsetof(struct settings, rules.member)
static const struct conf_row rules_rows[] = {
	{ "paths", CONF_STRINGS, AT(paths), .help = "Files and directories of rules; none listed: the shipped ones" },
	{ "disable", CONF_STRINGS, AT(disable), .help = "Rule ids that are not loaded" },
	{ "level", CONF_STRING_MAP, AT(level),
	  .help = "Level of a rule at this site: informational, low, medium, high or critical" },
	END
};
#undef AT

#define AT(member) .offset = offsetof(struct output_setting, member)
static const struct conf_row rotate_rows[] = {
	{ "mib", CONF_UINT, AT(rotate.mib), "0", .max = 1 << 20, .help = "Begin a new file at this size in MiB; 0: never" },
	{ "hours", CONF_UINT, AT(rotate.hours), "0", .max = 8784, .help = "Begin a new file after so many hours; 0: never" },
	{ "keep", CONF_UINT, AT(rotate.keep), "0", .max = 65536, .help = "Rotated files that stay; 0: all" },
	{ "compress", CONF_BOOL, AT(rotate.compress), "false", .help = "Rotated files are packed with gzip" },
	END
};
static const struct conf_row output_rows[] = {
	{ "type", CONF_CHOICE, AT(type), .choices = output_types, .required = true, .help = "Kind of output" },
	{ "what", CONF_CHOICE, AT(what), "alerts", .choices = output_whats,
	  .help = "What goes there; records: every record as one JSON object a line" },
	{ "level", CONF_CHOICE, AT(level), "informational", .choices = output_levels,
	  .help = "Alerts below this level do not go there" },
	{ "path", CONF_STRING, AT(path),
	  .help = "file: where lines are appended; else: the same as spool" },
	{ "target", CONF_STRING, AT(target),
	  .help = "syslog: local, local:PATH, udp://HOST:PORT, tcp://HOST:PORT or tls://HOST:PORT; kafka: "
		  "kafka://HOST:PORT,HOST:PORT or kafka+tls://HOST:PORT" },
	{ "format", CONF_STRING, AT(format),
	  .help = "syslog: rfc5424 (default over the network), local (default on the local socket: as syslog(3) writes), cee "
		  "(rfc5424 with the @cee: cookie) or json (no header)" },
	{ "framing", CONF_CHOICE, AT(framing), "octets", .choices = output_framings,
	  .help = "syslog over tcp and tls: octet counting, or a line feed behind each message" },
	{ "facility", CONF_CHOICE, AT(facility), "local0", .choices = output_facilities, .help = "syslog: facility" },
	{ "topic", CONF_STRING, AT(topic), .help = "kafka: topic (default sensord)" },
	{ "ca", CONF_STRING, AT(ca), .help = "tls: PEM file of the CAs that are believed (default: those of the system)" },
	{ "certificate", CONF_STRING, AT(certificate), .help = "tls: PEM file of our own certificate" },
	{ "key", CONF_STRING, AT(key), .help = "tls: PEM file of its key (default: it stands in the file of the certificate)" },
	{ "verify", CONF_BOOL, AT(verify), "true",
	  .help = "tls: false: whoever answers gets the alerts, whatever certificate it shows" },
	{ "spool", CONF_STRING, AT(spool),
	  .help = "Folder where lines wait while the far end is away or the disk is full (none: in memory, until it is full)" },
	{ "spool_mib", CONF_UINT, AT(spool_mib), "256", .min = 1, .max = 1 << 20,
	  .help = "Most MiB in that folder; the oldest lines go first" },
	{ "fsync", CONF_CHOICE, AT(fsync), "interval", .choices = output_syncs,
	  .help = "file: when lines are forced to the disk: by the kernel, every 5 s, or before each is acknowledged" },
	{ "rotate", CONF_SECTION, 0, .rows = rotate_rows, .help = "file: when a new file begins; also at `ctl rotate`" },
	{ "chain", CONF_BOOL, AT(chain), "false",
	  .help = "file: lines carry a hash chain that `sensord verify` checks" },
	{ "evidence", CONF_STRING, AT(evidence), .help = "Directory for the packets behind each alert" },
	{ "evidence_mib", CONF_UINT, AT(evidence_mib), "1024", .min = 1, .max = 1 << 20,
	  .help = "Most MiB in that directory; the oldest files go first" },
	{ "evidence_days", CONF_UINT, AT(evidence_days), "90", .max = 36600,
	  .help = "Files older than so many days go; 0: none does for its age" },
	END
};
#undef AT

#define AT(member) .offset = offsetof(struct settings, run.member)
static const struct conf_row run_rows[] = {
	{ "user", CONF_STRING, AT(user), .help = "User to run as once the captures are open; sensord where it exists" },
	{ "group", CONF_STRING, AT(group), .help = "Group to run as; the one of the user where none is given" },
	{ "allow_root", CONF_BOOL, AT(allow_root), "false", .help = "Stay root where there is no other user (without capabilities)" },
	{ "landlock", CONF_BOOL, AT(landlock), "true", .help = "Only the files that are needed can be reached (Landlock)" },
	{ "seccomp", CONF_CHOICE, AT(seccomp), "refuse", .choices = call_modes,
	  .help = "What becomes of a system call that is not needed: refused, kills the sensor, or (off) not looked at; "
	          "off leaves nobody to open an interface again that was removed and came back" },
	{ "control", CONF_STRING, AT(control), "/run/sensord/control.sock", .help = "Control socket for `sensord ctl`; none: no socket" },
	{ "metrics", CONF_STRING, AT(metrics),
	  .help = "Where Prometheus finds the metrics: 127.0.0.1:9470, [::1]:9470 or unix:/run/sensord/metrics.sock" },
	END
};
#undef AT

const struct conf_row settings_rows[] = {
	{ "site", CONF_SECTION, 0, .rows = site_rows, .help = "What this network should look like" },
	{ "capture", CONF_SECTION, 0, .rows = capture_rows, .help = "Live capture" },
	{ "limits", CONF_SECTION, 0, .rows = limits_rows, .help = "Ceilings" },
	{ "sensor", CONF_SECTION, 0, .rows = sensor_rows, .help = "What the sensor tells of its own sight" },
	{ "rules", CONF_SECTION, 0, .rows = rules_rows, .help = "Which rules, and how loud" },
	{ "run", CONF_SECTION, 0, .rows = run_rows, .help = "The daemon" },
	{ "outputs", CONF_LIST, offsetof(struct settings, outputs), .rows = output_rows, PLACE(output_setting),
	  .help = "Where alerts go" },
	END
};
