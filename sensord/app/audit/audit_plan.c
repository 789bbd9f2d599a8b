/* SPDX-License-Identifier: BSD-2-Clause
 * What is still to be tried, from where, and with which ordinary tool: as text, or as a script that an engineer reads,
 * fills in and runs on a host of each place. sensord itself never sends a packet. Names of the site file stand in the
 * script in single quotes (POSIX.1-2017 XCU 2.2.2) or in comments, and nowhere else. */
#include <ctype.h>
#include <stdlib.h>

#include "audit_evidence.h"
#include "audit_write.h"
#include "ledger/ledger_print.h"

#define COMMAND_ROOM 1024

struct plan {
	FILE *to;
	const struct audit *audit;
	bool script;
	const struct audit_cell **cells;
	size_t n_cells;
};

/* How a service of the policy is tried. %s is the target. */
static const struct { const char *service, *command; } services[] = {
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
	{ "ssh", "nc -vz -w 5 %s 22" }, { "rdp", "nc -vz -w 5 %s 3389" }, { "winrm", "nc -vz -w 5 %s 5985" },
	{ "smtp", "nc -vz -w 5 %s 25" }, { "telnet", "nc -vz -w 5 %s 23" }, { "ftp", "nc -vz -w 5 %s 21" },
	{ "proxy", "nc -vz -w 5 %s 8080" }, { "mssql", "nc -vz -w 5 %s 1433" }, { "wsus", "nc -vz -w 5 %s 8530" },
	{ "snmp", "snmpget -v2c -c public -t 3 -r 0 %s 1.3.6.1.2.1.1.1.0" }, { "print", "nc -vz -w 5 %s 9100" },
	{ "syslog", "nc -vz -w 5 %s 514" }, { "nfs", "nc -vz -w 5 %s 2049" }, { "imap", "nc -vz -w 5 %s 143" },
	{ "pop3", "nc -vz -w 5 %s 110" }, { "mysql", "nc -vz -w 5 %s 3306" }, { "postgresql", "nc -vz -w 5 %s 5432" },
	{ "oracle", "nc -vz -w 5 %s 1521" },
};

/* ---- quoting ---- */

/* For a comment: one line, nothing that a terminal obeys. */
static void comment(FILE *to, const char *text)
{
	char clean[COMMAND_ROOM], room[COMMAND_ROOM];
	struct text c = TEXT_ON(clean), t = TEXT_ON(room);

	text_utf8(&c, bytes_string(text));
	ledger_plain(&t, text_bytes(&c));
	fwrite(room, 1, t.used, to);
}

static void quoted(struct text *out, const char *text)
{
	text_char(out, '\'');
	for (; *text; text++) {
		if (*text == '\'')
			text_string(out, "'\\''");
		else if ((unsigned char)*text >= ' ' && *text != 0x7f)
			text_char(out, *text);
	}
	text_char(out, '\'');
}

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

	if (h->n_spans == 0 || address_is_v4(at) == f->v6 || (f->role && strcmp(site_role(f->audit->site, at), f->role) != 0) ||
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
static void target(const struct plan *p, const char *place, uint8_t version, struct text *out)
{
	bool role = strncmp(place, "role:", 5) == 0;
	struct find f = { .audit = p->audit, .zone = role ? NULL : place, .role = role ? place + 5 : NULL, .v6 = version == 6 };
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

	text_printf(out, address_is_v4(&l.range.first) ? "%s:%u" : "[%s]:%u", address_format(&l.range.first, room), l.first);
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

	target(p, c->to, c->version, &to);
	text_end(&to);
	for (size_t i = 0; i < ARRAY_SIZE(services); i++) {
		const char *at = strstr(services[i].command, "%s");
		if (strcmp(services[i].service, c->item) != 0)
			continue;
		/* Inside of double quotes the variable's own go. */
		bool inner = at != services[i].command && strchr("/@", at[-1]);
		struct bytes name = to.used > 2 && inner && room[0] == '"' ? bytes_of(room + 1, to.used - 2) : text_bytes(&to);
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
	const struct audit_class *class = &audit_classes[c->key.what == CELL_ROW ? c->key.d & ~AUDIT_BY_CLASS : c->key.c];
	bool icmp = strcmp(class->item, "icmp") == 0;

	text_string(out, icmp ? "ping -c 2 -W 3 " : c->version == 6 ? "nmap -6 -n -Pn -sT --max-retries 1 -p " : "nmap -n -Pn -sT --max-retries 1 -p ");
	if (!icmp && class->ports[0])
		text_printf(out, "%u ", class->ports[0]);
	else if (!icmp)
		text_string(out, "23,1433,5900,8443 ");
	target(p, c->to, c->version, out);
}

static void at_listener(const struct plan *p, const struct audit_cell *c, struct text *out)
{
	static const char *const with[AUDIT_LISTENER_ITEMS] = {
		[LISTENER_RIGHT] = "curl -sS -m 10 -o /dev/null -w '%{http_code}\\n' --proxy-anyauth -U \"$PROXY_USER\" -x ",
		[LISTENER_WRONG] = "for n in 1 2 3 4 5; do curl -sS -m 10 -o /dev/null -w '%{http_code}\\n' --proxy-basic -U \"${PROXY_USER%%:*}:wrong-$n\" -x ",
		[LISTENER_SECOND] = "curl -sS -m 10 -o /dev/null -w '%{http_code}\\n' --proxy-anyauth -U \"$PROXY_USER\" -x ",
		[LISTENER_HOURS] = "curl -sS -m 10 -o /dev/null -w '%{http_code}\\n' --proxy-anyauth -U \"$PROXY_USER\" -x ",
		[LISTENER_EXEMPT] = "curl -sS -m 10 -o /dev/null -w '%{http_code}\\n' -x ",
		[LISTENER_CONNECT] = "curl -sSk -m 10 -o /dev/null -w '%{http_connect}\\n' --proxy-anyauth -U \"$PROXY_USER\" -x ",
		[LISTENER_RAW] = "curl -sS -m 10 -p --http0.9 -o /dev/null --proxy-anyauth -U \"$PROXY_USER\" -x ",
		[LISTENER_LONG] = "curl -sS -p -m \"$HOLD_SECONDS\" --proxy-anyauth -U \"$PROXY_USER\" -x ",
		[LISTENER_CUT] = "curl -sS -p -m \"$HOLD_SECONDS\" --proxy-anyauth -U \"$PROXY_USER\" -x ",
		[LISTENER_AGAIN] = "for n in 1 2 3; do curl -sS -p -m \"$HOLD_SECONDS\" --proxy-anyauth -U \"$PROXY_USER\" -x ",
	};
	static const char *const to[AUDIT_LISTENER_ITEMS] = {
		[LISTENER_RIGHT] = " \"http://$CANARY/\"", [LISTENER_WRONG] = " \"http://$CANARY/\"; done",
		[LISTENER_SECOND] = " \"http://$CANARY/\"  # here, and within 15 minutes on a second terminal",
		[LISTENER_HOURS] = " \"http://$CANARY/\"  # outside business hours",
		[LISTENER_EXEMPT] = " \"http://$EXEMPT_HOST/\"", [LISTENER_CONNECT] = " \"https://$CANARY/\"",
		[LISTENER_RAW] = " \"http://$CANARY:443/\"  # clear text in a tunnel to 443",
		[LISTENER_LONG] = " \"telnet://$CANARY:443\"", [LISTENER_CUT] = " \"telnet://$CANARY:443\"",
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
		"curl -sS -m 10 --ntlm -u \"$TRAP_ACCOUNT:wrong\" -H 'Content-Type: application/soap+xml' -d '' \"http://$PC:5985/wsman\"",
		"ldapsearch -x -H \"ldap://$DC\" -D \"$TRAP_ACCOUNT@$REALM\" -w wrong -s base -b ''",
		"curl -sS -m 10 -o /dev/null --proxy-anyauth -U \"$TRAP_ACCOUNT:wrong\" -x \"http://$PROXY\" \"http://$CANARY/\"",
		"echo wrong | kinit \"$TRAP_ACCOUNT@$REALM\"",
	};

	(void)p;
	text_string(out, commands[c->key.a]);
}

static void remote(struct text *out, const struct audit_cell *c)
{
	static const char *const commands[AUDIT_REMOTE] = {
		"nmap -n -Pn -sT --max-retries 1 -p 135,445 \"$PC\"  # from Windows: sc.exe \\\\PC create probe binPath= C:\\Windows\\System32\\hostname.exe",
		"nmap -n -Pn -sT --max-retries 1 -p 135,445 \"$PC\"  # from Windows: schtasks /create /s PC /sc once /st 23:59 /tn probe /tr hostname",
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
		[ADMIN_FAILURES] = "for n in 1 2 3; do echo wrong | kinit \"$ADMIN_ACCOUNT\"; done  # on an admin terminal",
	};

	text_string(out, commands[c->key.b]);
}

static void away(const struct audit_cell *c, struct text *out)
{
	static const char *const commands[AUDIT_AWAY] = {
		[AWAY_PROXY] = "curl -sS -m 10 -o /dev/null -w '%{http_code}\\n' -x \"http://$PROXY\" \"http://$CANARY/\"",
		[AWAY_MAIL] = "nc -vz -w 5 \"$MAIL_SERVER\" 25",
		[AWAY_INTERNET] = "nc -vz -w 5 \"$CANARY\" 443",
	};

	text_string(out, commands[c->key.b]);
}

static void site_item(const struct audit_cell *c, struct text *out)
{
	if (c->key.a == SITE_SAMPLE)
		text_string(out, "smbclient -L \"//$PC\" -U \"$TRAP_ACCOUNT\"  # the right password, at a tenth of the PCs, at least 30");
	else if (c->key.a == SITE_INTERACTIVE)
		text_string(out, "kinit \"$ADMIN_ACCOUNT\"  # or a logon at the console of a user terminal: has to be refused");
	else
		text_string(out, ":  # no command: see what is wanted");
}

static void command(const struct plan *p, const struct audit_cell *c, struct text *out)
{
	switch ((enum audit_what)c->key.what) {
	case CELL_EGRESS: egress(c, out); break;
	case CELL_PAIR: pair(p, c, out); break;
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
		text_string(out, "curl -sS -m 10 -p -o /dev/null -w '%{http_connect}\\n' --proxy-anyauth -U \"$PROXY_USER\" -x 'http://");
		listener(p, c, out);
		text_printf(out, "' \"http://$CANARY:%u/\"", c->key.b);
		break;
	case CELL_LISTENER: at_listener(p, c, out); break;
	case CELL_AWAY: away(c, out); break;
	case CELL_PEER: text_string(out, c->key.b ? "smbclient -N -L \"//$PC_OF_OTHER_NETWORK\"" : "smbclient -N -L \"//$PC_OF_SAME_NETWORK\""); break;
	case CELL_FILES: text_string(out, "smbclient -L \"//$FILE_SERVER\" -U \"$USER_ACCOUNT\""); break;
	case CELL_TRAP: trap(p, c, out); break;
	case CELL_REMOTE: remote(out, c); break;
	case CELL_ADMIN: admin(out, c); break;
	case CELL_ROGUE:
	case CELL_SITE: site_item(c, out); break;
	}
	text_end(out);
}

/* ---- output ---- */

static bool open_cell(const struct audit_cell *c)
{
	return c->finding.verdict == AUDIT_NOT_EXERCISED || c->finding.verdict == AUDIT_INCONCLUSIVE;
}

static int by_place(const void *left, const void *right)
{
	const struct audit_cell *a = *(const struct audit_cell *const *)left, *b = *(const struct audit_cell *const *)right;
	int o = strcmp(a->from, b->from);

	o = o ? o : (a->set > b->set) - (a->set < b->set);
	return o ? o : (a > b) - (a < b);
}

/* "$PC" as "${PC:?}": a probe whose target nobody filled in says so and is left out. */
static const char *demanding(const char *command, char *room, size_t size)
{
	struct text t = { room, size, 0, false };

	while (*command) {
		bool name = command[0] == '$' && isupper((unsigned char)command[1]);
		text_char(&t, *command++);
		if (!name)
			continue;
		text_char(&t, '{');
		while (isupper((unsigned char)*command) || isdigit((unsigned char)*command) || *command == '_')
			text_char(&t, *command++);
		text_string(&t, ":?}");
	}
	return text_end(&t);
}

/* One tool tries several ports at once. */
static bool goes_with(const struct audit_cell *a, const struct audit_cell *b)
{
	bool pairs = a->key.what == CELL_PAIR && b->key.what == CELL_PAIR && a->key.c + 1 < AUDIT_CLASSES && b->key.c + 1 < AUDIT_CLASSES;
	bool ways = a->key.what == CELL_EGRESS && b->key.what == CELL_EGRESS && strcmp(audit_egress[a->key.b].transport, "tcp") == 0 &&
		    strcmp(audit_egress[b->key.b].transport, "tcp") == 0;

	return (pairs || ways) && audit_same_row(a, b);
}

static void scan(const struct plan *p, const struct audit_cell *const *cells, size_t n, struct text *out)
{
	text_string(out, cells[0]->version == 6 ? "nmap -6 -n -Pn -sT --max-retries 1 -p " : "nmap -n -Pn -sT --max-retries 1 -p ");
	for (size_t i = 0; i < n; i++) {
		uint16_t port = cells[i]->key.what == CELL_PAIR ? audit_classes[cells[i]->key.c].ports[0] : audit_egress[cells[i]->key.b].port;
		if (i)
			text_char(out, ',');
		if (port)
			text_printf(out, "%u", port);
		else
			text_string(out, cells[i]->key.what == CELL_PAIR ? "23,1433,5900,8443" : "50443");
	}
	text_char(out, ' ');
	target(p, cells[0]->to, cells[0]->version, out);
	text_end(out);
}

/* Cells that one command tries: the first is told in full, of the others what they add. */
static void write_probe(const struct plan *p, const struct audit_cell *const *cells, size_t n)
{
	const struct audit_cell *c = cells[0];
	char id[AUDIT_ID], room[COMMAND_ROOM], name[COMMAND_ROOM], asked[2 * COMMAND_ROOM];
	struct text t = TEXT_ON(room), q = TEXT_ON(name);

	audit_id(c, id, sizeof(id));
	for (size_t i = 1; i < n; i++) {
		size_t used = strlen(id);
		snprintf(id + used, sizeof(id) - used, " %s", cells[i]->item);
	}
	if (n > 1)
		scan(p, cells, n, &t);
	else
		command(p, c, &t);
	quoted(&q, id);
	text_end(&q);
	fprintf(p->to, p->script ? "\t# " : "  ");
	comment(p->to, id);
	fprintf(p->to, "\n%s", p->script ? "\t# " : "      why: ");
	comment(p->to, audit_why_text(c->finding.why));
	if (c->hint) {
		fprintf(p->to, "\n%s", p->script ? "\t# wanted: " : "      wanted: ");
		comment(p->to, c->hint);
	}
	if (p->script)
		fprintf(p->to, "\n\ttell %s %s\n\t(\n\t\t%s\n\t)\n", c->kind == AUDIT_ALLOW ? "open" : c->kind == AUDIT_DENY ? "stopped" : "told", name,
			demanding(room, asked, sizeof(asked)));
	else
		fprintf(p->to, "\n      run: %s\n", room);
}

/* What was stopped proves something beside an allowed way that works, from the same network: that is tried first. */
static bool control(const struct plan *p, const struct audit_cell *c, struct text *out)
{
	const struct audit *a = p->audit;
	const struct audit_subnet *s = c->subnet < 0 ? NULL : &a->subnets[c->subnet];
	struct audit_way way;

	if (s && c->control == CONTROL_PROXY && s->proxied == 0) {
		for (size_t i = 0; i < site_listeners(a->site); i++) {
			struct site_listener l = site_listener(a->site, i);
			if (address_is_v4(&l.range.first) == s->v6)
				continue;
			struct audit_cell at = { .listener = (int16_t)i, .key.b = LISTENER_RIGHT };
			at_listener(p, &at, out);
			text_end(out);
			return true;
		}
	}
	if (!s || c->control != CONTROL_SUBNET || s->allowed > 0 || !audit_way(a, s, &way))
		return false;
	text_string(out, "nc -vz -w 5 ");
	target(p, site_zone_view(a->site, way.zone).name, s->v6 ? 6 : 4, out);
	text_printf(out, " %u", way.port);
	text_end(out);
	return true;
}

static void write_controls(const struct plan *p, const struct audit_cell *const *cells, size_t n)
{
	char told[COMMAND_ROOM] = "", room[COMMAND_ROOM], asked[2 * COMMAND_ROOM];

	for (size_t i = 0; i < n && strcmp(cells[i]->from, cells[0]->from) == 0; i++) {
		struct text t = TEXT_ON(room);
		if (cells[i]->kind != AUDIT_DENY || !control(p, cells[i], &t) || strcmp(room, told) == 0)
			continue;
		memcpy(told, room, sizeof(told));
		if (p->script)
			fprintf(p->to, "\t# first: what is allowed works from here\n\ttell open 'the allowed way from here'\n\t(\n\t\t%s\n\t)\n",
				demanding(room, asked, sizeof(asked)));
		else
			fprintf(p->to, "  first: what is allowed works from here\n      run: %s\n", room);
	}
}

static void write_head(const struct plan *p)
{
	static const char text[] =
		"#!/bin/sh\n"
		"# What is still to be tried before this network goes live. Written by sensord, run by you: read it first.\n"
		"# Every probe is an ordinary connection; those of set E and F are failed logons and may lock accounts: mind the lock-out limit.\n"
		"# Start the capture (whole packets, both directions), then, on a host of each place: sh FILE NUMBER\n"
		"# What to set in the environment; a probe that lacks one says so and is left out:\n"
		"#   CANARY, CANARY6            a host of yours outside that answers on the ports tried; the capture has to show it alive\n"
		"#                              (what the proxy fetches from it does), or a stop says nothing of the firewall\n"
		"#   USER_ACCOUNT               an ordinary account\n"
		"#   PROXY_USER, PROXY          account:password for the proxy; its address:port\n"
		"#   TRAP_ACCOUNT, ADMIN_ACCOUNT, REALM\n"
		"#   DC, FILE_SERVER, SERVER, MAIL_SERVER, EXEMPT_HOST\n"
		"#   PC, PC_OF_SAME_NETWORK, PC_OF_OTHER_NETWORK   PCs that are switched on\n"
		"# and where no host of a place was seen, PLACE_HOST or PLACE_HOST6 (ZONE_N_HOST: of the site file's Nth zone).\n"
		": \"${HOLD_SECONDS:=3700}\"          # how long a tunnel is held\n"
		"set +e\n"
		"tell() { printf '%s  should be %s: %s\\n' \"$(date -u +%H:%M:%S)\" \"$1\" \"$2\"; }\n";

	fputs(text, p->to);
}

static void write_places(const struct plan *p, bool calls)
{
	unsigned place = 0;

	for (size_t i = 0; i < p->n_cells; i++) {
		if (i && strcmp(p->cells[i]->from, p->cells[i - 1]->from) == 0)
			continue;
		place++;
		if (calls) {
			fprintf(p->to, "%u) place_%u ;;\n", place, place);
			continue;
		}
		char room[COMMAND_ROOM];
		struct text q = TEXT_ON(room);
		quoted(&q, p->cells[i]->from);
		fprintf(p->to, "\tprintf '%%s  %%s\\n' %u %s\n", place, text_end(&q));
	}
}

static void write_all(const struct plan *p)
{
	unsigned place = 0;

	for (size_t i = 0; i < p->n_cells; i++) {
		bool first = i == 0 || strcmp(p->cells[i]->from, p->cells[i - 1]->from) != 0;
		if (first && p->script)
			fprintf(p->to, "%s\n# from ", place ? "}\n" : "");
		else if (first)
			fprintf(p->to, "\nfrom ");
		size_t n = 1;
		while (i + n < p->n_cells && goes_with(p->cells[i], p->cells[i + n]))
			n++;
		if (first) {
			comment(p->to, p->cells[i]->from);
			fprintf(p->to, "\n");
			if (p->script)
				fprintf(p->to, "place_%u() {\n", ++place);
			write_controls(p, p->cells + i, p->n_cells - i);
		}
		write_probe(p, p->cells + i, n);
		i += n - 1;
	}
	if (place && p->script)
		fprintf(p->to, "}\n");
}

bool audit_write_plan(FILE *to, const struct audit *a, bool script)
{
	struct plan p = { to, a, script, NULL, 0 };
	size_t n, open = 0;

	p.cells = audit_sorted(a, &n);
	if (!p.cells)
		return false;
	for (size_t i = 0; i < n; i++)
		if (open_cell(p.cells[i]))
			p.cells[open++] = p.cells[i];
	p.n_cells = open;
	qsort(p.cells, open, sizeof(const struct audit_cell *), by_place);
	if (script)
		write_head(&p);
	else
		fprintf(to, "%zu cells are still to be tried. Start the capture, then run each command on a host of the place named, against a target that is up;\n"
			"$NAME: fill in (--plan=sh tells what each means).\n", open);
	write_all(&p);
	if (script) {
		fprintf(to, "\ncase \"${1:-}\" in\n");
		write_places(&p, true);
		fprintf(to, "*)\n\tprintf 'usage: sh %%s NUMBER, on a host of:\\n' \"$0\"\n");
		write_places(&p, false);
		fprintf(to, "\t;;\nesac\n");
	}
	free(p.cells);
	return fflush(to) == 0 && !ferror(to);
}
