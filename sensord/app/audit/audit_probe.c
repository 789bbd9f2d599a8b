/* SPDX-License-Identifier: BSD-2-Clause
 * The command that tries a cell, with an ordinary tool: one for each kind, and the target it is aimed at. */
#include "audit_probe.h"

#include <ctype.h>

/* How a service of the policy is tried. %s is the target. */
static const struct {
	const char *service, *command;
} services[] = {
	{ "smb", "smbclient -L \"//%s\" -U \"$USER_ACCOUNT\"" },
	{ "kerberos", "nc -vz -w 5 %s 88 && kinit \"$USER_ACCOUNT\"" },
	{ "kpasswd", "nc -vz -w 5 %s 464" },
	{ "ldap", "ldapsearch -x -H \"ldap://%s\" -s base -b '' supportedLDAPVersion" },
	{ "dns", "dig +time=3 +tries=1 \"@%s\" example.com" },
	{ "ntp", "ntpdate -q %s" },
	{ "rpc", "rpcclient -U \"$USER_ACCOUNT\" -c srvinfo %s" },
	{ "icmp", "ping -c 2 -W 3 %s" },
	{ "http", "curl -sS -m 10 -o /dev/null --noproxy '*' \"http://%s/\"" },
	{ "https", "curl -sSk -m 10 -o /dev/null --noproxy '*' \"https://%s/\"" },
	{ "ssh", "nc -vz -w 5 %s 22" },
	{ "rdp", "nc -vz -w 5 %s 3389" },
	{ "winrm", "nc -vz -w 5 %s 5985" },
	{ "smtp", "nc -vz -w 5 %s 25" },
	{ "telnet", "nc -vz -w 5 %s 23" },
	{ "ftp", "nc -vz -w 5 %s 21" },
	{ "proxy", "nc -vz -w 5 %s 8080" },
	{ "mssql", "nc -vz -w 5 %s 1433" },
	{ "wsus", "nc -vz -w 5 %s 8530" },
	{ "snmp", "snmpget -v2c -c public -t 3 -r 0 %s 1.3.6.1.2.1.1.1.0" },
	{ "print", "nc -vz -w 5 %s 9100" },
	{ "syslog", "nc -vz -w 5 %s 514" },
	{ "nfs", "nc -vz -w 5 %s 2049" },
	{ "imap", "nc -vz -w 5 %s 143" },
	{ "pop3", "nc -vz -w 5 %s 110" },
	{ "mysql", "nc -vz -w 5 %s 3306" },
	{ "postgresql", "nc -vz -w 5 %s 5432" },
	{ "oracle", "nc -vz -w 5 %s 1521" },
};

/* ---- targets ---- */

struct find {
	const struct audit *audit;
	const char *zone, *role; /* either */
	bool v6;
	struct address best;
	bool found;
};

static void consider(void *context, const void *key, void *value)
{
	struct find *f = context;
	const struct audit_host *h = value;
	const struct address *at = key;
	const char *zone = site_zone(f->audit->site, at);

	if (h->n_spans == 0 || address_is_v4(at) == f->v6 ||
	    (f->role && strcmp(site_role(f->audit->site, at), f->role) != 0) ||
	    (f->zone && (!zone || strcmp(zone, f->zone) != 0)))
		return;
	if (!f->found || address_compare(at, &f->best) < 0) {
		f->best = *at;
		f->found = true;
	}
}

static bool is_word(const char *text)
{
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && !strchr("_-.:/", *text))
			return false;
	return true;
}

/* The name of a place as that of a variable; names of other scripts stay apart by the zone's number. */
static void variable(const struct plan *p, const char *place, struct text *out)
{
	size_t zone = 0, n = site_zones(p->audit->site);

	while (zone < n && strncmp(site_zone_view(p->audit->site, zone).name, place, AUDIT_NAME - 1) != 0)
		zone++;
	if (zone < n && !is_word(place)) {
		text_printf(out, "ZONE_%zu", zone + 1);
		return;
	}
	text_string(out, isdigit((unsigned char)place[0]) ? "ZONE_" : ""); /* a name does not begin with a digit */
	for (const char *c = place; *c; c++)
		text_char(out, isalnum((unsigned char)*c) ? (char)toupper((unsigned char)*c) : '_');
}

/* A host that was seen alive, else a variable to be filled in: a probe at a dead address shows nothing. */
void audit_probe_target(const struct plan *p, const char *place, uint8_t version, struct text *out)
{
	bool role = strncmp(place, "role:", 5) == 0;
	struct find f = {
		.audit = p->audit, .zone = role ? NULL : place, .role = role ? place + 5 : NULL, .v6 = version == 6
	};
	struct address_range range;
	char room[ADDRESS_TEXT];

	if (strncmp(place, "zone:", 5) == 0)
		f.zone = place + 5;
	if (address_range_parse(bytes_string(place), &range) && address_equal(&range.first, &range.last)) {
		text_string(out, address_format(&range.first, room));
		return;
	}
	if (strcmp(place, "internet") == 0 || strcmp(place, "external") == 0) {
		text_string(out, version == 6 ? "\"$CANARY6\"" : "\"$CANARY\"");
		return;
	}
	table_walk(p->audit->hosts, consider, &f);
	if (f.found) {
		text_string(out, address_format(&f.best, room));
		return;
	}
	text_string(out, "\"${");
	variable(p, place, out);
	text_string(out, version == 6 ? "_HOST6:?a live host" : "_HOST:?a live host");
	text_string(out, "}\"");
}

/* ---- commands ---- */

/* The listener as curl and nc take it: address:port. */
static void listener(const struct plan *p, const struct audit_cell *c, struct text *out)
{
	struct site_listener l = site_listener(p->audit->site, (size_t)c->listener);
	char room[ADDRESS_TEXT];

	text_printf(out, address_is_v4(&l.range.first) ? "%s:%u" : "[%s]:%u", address_format(&l.range.first, room),
		    l.first);
}

static void egress(const struct audit_cell *c, struct text *out)
{
	const struct audit_egress *e = &audit_egress[c->key.b];
	const char *to = c->version == 6 ? "\"$CANARY6\"" : "\"$CANARY\"";

	if (strcmp(e->transport, "icmp") == 0)
		text_printf(out, "ping -c 2 -W 3 %s", to);
	else if (strcmp(e->transport, "udp") == 0 && e->port == 53)
		text_printf(out, "dig +time=3 +tries=1 @%s example.com", to);
	else if (strcmp(e->transport, "udp") == 0)
		text_printf(out, "printf probe | nc -u -w 3 %s %u", to, e->port);
	else
		text_printf(out, "nc -vz -w 5 %s %u", to, e->port);
}

static void service(const struct plan *p, const struct audit_cell *c, struct text *out)
{
	char room[256];
	struct text to = TEXT_ON(room);
	const char *slash = strchr(c->item, '/'), *digits = slash ? slash + 1 : c->item;

	audit_probe_target(p, c->to, c->version, &to);
	text_end(&to);
	for (size_t i = 0; i < ARRAY_SIZE(services); i++) {
		const char *at = strstr(services[i].command, "%s");
		if (strcmp(services[i].service, c->item) != 0)
			continue;
		/* Inside of double quotes the variable's own go. */
		bool inner = at != services[i].command && strchr("/@", at[-1]);
		struct bytes name =
			to.used > 2 && inner && room[0] == '"' ? bytes_of(room + 1, to.used - 2) : text_bytes(&to);
		text_add(out, bytes_of(services[i].command, (size_t)(at - services[i].command)));
		text_add(out, name);
		text_string(out, at + 2);
		return;
	}
	bool udp = strncmp(c->item, "udp", 3) == 0, numbers = isdigit((unsigned char)digits[0]);
	char port[8] = "443";
	for (size_t i = 0; numbers && i < 5 && isdigit((unsigned char)digits[i]); i++)
		port[i] = digits[i], port[i + 1] = '\0';
	text_printf(out, udp ? "printf probe | nc -u -w 3 %s %s" : "nc -vz -w 5 %s %s", room, port);
	if (!numbers)
		text_string(out, "  # any service that listens there");
}

static void pair(const struct plan *p, const struct audit_cell *c, struct text *out)
{
	const struct audit_class *class =
		&audit_classes[c->key.what == CELL_ROW ? c->key.d & ~AUDIT_BY_CLASS : c->key.c];
	bool icmp = strcmp(class->item, "icmp") == 0;

	text_string(out, icmp		   ? "ping -c 2 -W 3 "
			 : c->version == 6 ? "nmap -6 -n -Pn -sT --max-retries 1 -p "
					   : "nmap -n -Pn -sT --max-retries 1 -p ");
	if (!icmp && class->ports[0])
		text_printf(out, "%u ", class->ports[0]);
	else if (!icmp)
		text_string(out, "23,1433,5900,8443 ");
	audit_probe_target(p, c->to, c->version, out);
}

void audit_probe_listener(const struct plan *p, const struct audit_cell *c, struct text *out)
{
	static const char *const with[AUDIT_LISTENER_ITEMS] = {
		[LISTENER_RIGHT] =
			"curl -sS -m 10 -o /dev/null -w '%{http_code}\\n' --proxy-anyauth -U \"$PROXY_USER\" -x ",
		[LISTENER_WRONG] = ("for n in 1 2 3 4 5; do curl -sS -m 10 -o /dev/null -w '%{http_code}\\n' "
				   "--proxy-basic -U \"${PROXY_USER%%:*}:wrong-$n\" -x "),
		[LISTENER_SECOND] =
			"curl -sS -m 10 -o /dev/null -w '%{http_code}\\n' --proxy-anyauth -U \"$PROXY_USER\" -x ",
		[LISTENER_HOURS] =
			"curl -sS -m 10 -o /dev/null -w '%{http_code}\\n' --proxy-anyauth -U \"$PROXY_USER\" -x ",
		[LISTENER_EXEMPT] = "curl -sS -m 10 -o /dev/null -w '%{http_code}\\n' -x ",
		[LISTENER_CONNECT] =
			"curl -sSk -m 10 -o /dev/null -w '%{http_connect}\\n' --proxy-anyauth -U \"$PROXY_USER\" -x ",
		[LISTENER_RAW] = "curl -sS -m 10 -p --http0.9 -o /dev/null --proxy-anyauth -U \"$PROXY_USER\" -x ",
		[LISTENER_LONG] = "curl -sS -p -m \"$HOLD_SECONDS\" --proxy-anyauth -U \"$PROXY_USER\" -x ",
		[LISTENER_CUT] = "curl -sS -p -m \"$HOLD_SECONDS\" --proxy-anyauth -U \"$PROXY_USER\" -x ",
		[LISTENER_AGAIN] =
			"for n in 1 2 3; do curl -sS -p -m \"$HOLD_SECONDS\" --proxy-anyauth -U \"$PROXY_USER\" -x ",
	};
	static const char *const to[AUDIT_LISTENER_ITEMS] = {
		[LISTENER_RIGHT] = " \"http://$CANARY/\"",
		[LISTENER_WRONG] = " \"http://$CANARY/\"; done",
		[LISTENER_SECOND] = " \"http://$CANARY/\"  # here, and within 15 minutes on a second terminal",
		[LISTENER_HOURS] = " \"http://$CANARY/\"  # outside business hours",
		[LISTENER_EXEMPT] = " \"http://$EXEMPT_HOST/\"",
		[LISTENER_CONNECT] = " \"https://$CANARY/\"",
		[LISTENER_RAW] = " \"http://$CANARY:443/\"  # clear text in a tunnel to 443",
		[LISTENER_LONG] = " \"telnet://$CANARY:443\"",
		[LISTENER_CUT] = " \"telnet://$CANARY:443\"",
		[LISTENER_AGAIN] = " \"telnet://$CANARY:443\"; done",
	};

	text_string(out, with[c->key.b]);
	text_char(out, '\'');
	text_string(out, "http://");
	listener(p, c, out);
	text_char(out, '\'');
	text_string(out, to[c->key.b]);
}

static void trap(const struct plan *p, const struct audit_cell *c, struct text *out)
{
	static const char *const commands[AUDIT_TRAPS] = {
		"smbclient -L \"//$PC\" -U \"$TRAP_ACCOUNT%wrong\"",
		"xfreerdp /cert:ignore /auth-only \"/v:$PC\" \"/u:$TRAP_ACCOUNT\" /p:wrong",
		("curl -sS -m 10 --ntlm -u \"$TRAP_ACCOUNT:wrong\" -H 'Content-Type: application/soap+xml' -d '' "
		"\"http://$PC:5985/wsman\""),
		"ldapsearch -x -H \"ldap://$DC\" -D \"$TRAP_ACCOUNT@$REALM\" -w wrong -s base -b ''",
		("curl -sS -m 10 -o /dev/null --proxy-anyauth -U \"$TRAP_ACCOUNT:wrong\" -x \"http://$PROXY\" "
		"\"http://$CANARY/\""),
		"echo wrong | kinit \"$TRAP_ACCOUNT@$REALM\"",
	};

	(void)p;
	text_string(out, commands[c->key.a]);
}

static void remote(struct text *out, const struct audit_cell *c)
{
	static const char *const commands[AUDIT_REMOTE] = {
		("nmap -n -Pn -sT --max-retries 1 -p 135,445 \"$PC\"  # from Windows: sc.exe \\\\PC create probe "
		"binPath= C:\\Windows\\System32\\hostname.exe"),
		("nmap -n -Pn -sT --max-retries 1 -p 135,445 \"$PC\"  # from Windows: schtasks /create /s PC /sc once "
		"/st 23:59 /tn probe /tr hostname"),
		"nc -vz -w 5 \"$PC\" 135  # from Windows: wmic /node:PC process call create hostname",
	};

	text_string(out, commands[c->key.a]);
}

static void admin(struct text *out, const struct audit_cell *c)
{
	static const char *const commands[AUDIT_ADMIN] = {
		[ADMIN_TERMINAL] = "kinit \"$ADMIN_ACCOUNT\" && smbclient -k -L \"//$SERVER\"  # on an admin terminal",
		[ADMIN_PC] = "kinit \"$ADMIN_ACCOUNT\"  # on a user terminal, right password: has to be refused",
		[ADMIN_HOURS] = "kinit \"$ADMIN_ACCOUNT\"  # on an admin terminal, outside hours",
		[ADMIN_FAILURES] =
			"for n in 1 2 3; do echo wrong | kinit \"$ADMIN_ACCOUNT\"; done  # on an admin terminal",
	};

	text_string(out, commands[c->key.b]);
}

static void away(const struct audit_cell *c, struct text *out)
{
	static const char *const commands[AUDIT_AWAY] = {
		[AWAY_PROXY] =
			"curl -sS -m 10 -o /dev/null -w '%{http_code}\\n' -x \"http://$PROXY\" \"http://$CANARY/\"",
		[AWAY_MAIL] = "nc -vz -w 5 \"$MAIL_SERVER\" 25",
		[AWAY_INTERNET] = "nc -vz -w 5 \"$CANARY\" 443",
	};

	text_string(out, commands[c->key.b]);
}

static void site_item(const struct audit_cell *c, struct text *out)
{
	if (c->key.a == SITE_SAMPLE)
		text_string(out, "smbclient -L \"//$PC\" -U \"$TRAP_ACCOUNT\"  # the right password, at a tenth of the "
				 "PCs, at least 30");
	else if (c->key.a == SITE_INTERACTIVE)
		text_string(
			out,
			"kinit \"$ADMIN_ACCOUNT\"  # or a logon at the console of a user terminal: has to be refused");
	else
		text_string(out, ":  # no command: see what is wanted");
}

void audit_probe(const struct plan *p, const struct audit_cell *c, struct text *out)
{
	switch ((enum audit_what)c->key.what) {
	case CELL_EGRESS:
		egress(c, out);
		break;
	case CELL_PAIR:
		pair(p, c, out);
		break;
	case CELL_ROW:
		if (c->key.d & AUDIT_BY_CLASS)
			pair(p, c, out);
		else
			service(p, c, out);
		break;
	case CELL_NO_CREDENTIAL:
		text_string(out, c->key.c ? "curl -sS -m 10 -p -o /dev/null -w '%{http_connect}\\n' -x 'http://"
					  : "curl -sS -m 10 -o /dev/null -w '%{http_code}\\n' -x 'http://");
		listener(p, c, out);
		text_string(out, c->key.c ? "' \"http://$CANARY:443/\"" : "' \"http://$CANARY/\"");
		break;
	case CELL_CONNECT:
		text_string(out, "curl -sS -m 10 -p -o /dev/null -w '%{http_connect}\\n' --proxy-anyauth -U "
				 "\"$PROXY_USER\" -x 'http://");
		listener(p, c, out);
		text_printf(out, "' \"http://$CANARY:%u/\"", c->key.b);
		break;
	case CELL_LISTENER:
		audit_probe_listener(p, c, out);
		break;
	case CELL_AWAY:
		away(c, out);
		break;
	case CELL_PEER:
		text_string(out, c->key.b ? "smbclient -N -L \"//$PC_OF_OTHER_NETWORK\""
					  : "smbclient -N -L \"//$PC_OF_SAME_NETWORK\"");
		break;
	case CELL_FILES:
		text_string(out, "smbclient -L \"//$FILE_SERVER\" -U \"$USER_ACCOUNT\"");
		break;
	case CELL_TRAP:
		trap(p, c, out);
		break;
	case CELL_REMOTE:
		remote(out, c);
		break;
	case CELL_ADMIN:
		admin(out, c);
		break;
	case CELL_ROGUE:
	case CELL_SITE:
		site_item(c, out);
		break;
	}
	text_end(out);
}
