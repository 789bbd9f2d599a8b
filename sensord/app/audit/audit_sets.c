/* SPDX-License-Identifier: BSD-2-Clause
 * The per-set minimum of MEASURES 16 as tables, and the cells that a site needs for it. */
#include "audit_sets.h"

#include <stdio.h>

#define W(n) (1u << (n))

const struct audit_egress audit_egress[AUDIT_EGRESS] = {
	{ "tcp/80", "tcp", 80, true },   { "tcp/443", "tcp", 443, true }, { "tcp/8080", "tcp", 8080, true },
	{ "tcp/53", "tcp", 53, true },   { "tcp/high", "tcp", AUDIT_HIGH_PORT, true },  { "udp/53", "udp", 53, true },
	{ "udp/443", "udp", 443, true }, { "udp/123", "udp", 123, true }, { "icmp", "icmp", 0, true },
	{ "tcp/other", "tcp", 0, false }, { "udp/other", "udp", 0, false }, { "other", NULL, 0, false },
};

const struct audit_class audit_classes[AUDIT_CLASSES] = {
	{ "ssh", { "ssh" }, { 22 }, true },
	{ "rdp", { "rdp" }, { 3389 }, true },
	{ "winrm", { "winrm" }, { 5985, 5986 }, true },
	{ "smb", { "smb" }, { 445, 139 }, true },
	{ "rpc", { "dce_rpc" }, { 135 }, true },
	{ "web", { "http" }, { 443, 80, 8080, 8443 }, true },
	{ "other", { NULL }, { 0 }, true },
	{ "icmp", { NULL }, { 0 }, false },
};

const struct audit_item audit_listener[AUDIT_LISTENER_ITEMS] = {
	[LISTENER_RIGHT] = { 'B', AUDIT_ALLOW, "right-credential", { NULL }, NULL },
	[LISTENER_WRONG] = { 'B', AUDIT_TRACE, "wrong-credential", { "B-02" }, "at least 5 wrong passwords from one terminal within 5 minutes" },
	[LISTENER_SECOND] = { 'B', AUDIT_TRACE, "second-terminal", { "B-03" }, "one account from two terminals within 15 minutes" },
	[LISTENER_HOURS] = { 'B', AUDIT_TRACE, "off-hours", { "B-04" }, "an authenticated request outside business hours" },
	[LISTENER_EXEMPT] = { 'B', AUDIT_ALLOW, "exempt-hosts", { NULL }, "a request without credentials to a host of auth_exempt_hosts" },
	[LISTENER_CONNECT] = { 'C', AUDIT_ALLOW, "connect-allowed", { NULL }, "CONNECT to an allowed port" },
	[LISTENER_RAW] = { 'C', AUDIT_TRACE, "not-tls-inside", { "C-07" }, "SSH or other clear text inside a tunnel to an allowed port" },
	[LISTENER_LONG] = { 'C', AUDIT_TRACE, "long-session", { "C-02", "C-03" }, "a tunnel held open longer than connect.max_seconds" },
	[LISTENER_CUT] = { 'C', AUDIT_DENY, "forced-cut", { "C-03" }, "a tunnel held open until the proxy cuts it" },
	[LISTENER_AGAIN] = { 'C', AUDIT_TRACE, "reconnect-after-cut", { "C-04" }, "three times: reconnect within a minute of the cut" },
};
const uint16_t audit_connect_ports[AUDIT_CONNECT_PORTS] = { 22, 25, 80, 3389, 8443 };

const char *const audit_away[AUDIT_AWAY] = { "proxy", "mail", "internet" };

const struct audit_trap audit_traps[AUDIT_TRAPS] = {
	{ "trap-smb", "smb" },   { "trap-rdp", "rdp" },          { "trap-winrm", "winrm" },
	{ "trap-ldap", "ldap" }, { "trap-proxy", "http-proxy" }, { "trap-kerberos", "kdc" },
};

const struct audit_remote audit_remote[AUDIT_REMOTE] = {
	{ "remote-service", { "svcctl" }, { "CreateService", "StartService", "ChangeServiceConfig", "CreateWow" }, { 445, 135 }, "E-05" },
	{ "remote-task", { "ITaskSchedulerService", "atsvc" }, { "SchRpcRegisterTask", "SchRpcRun", "SchRpcEnableTask", "NetrJobAdd" },
	  { 445, 135 }, "E-06" },
	{ "remote-wmi", { "IRemoteSCMActivator", "IWbemLevel1Login", "IWbemServices" },
	  { "RemoteCreateInstance", "NTLMLogin", "ExecMethod" }, { 135 }, "E-08" },
};

const struct audit_item audit_admin[AUDIT_ADMIN] = {
	[ADMIN_TERMINAL] = { 'F', AUDIT_ALLOW, "from-admin-terminal", { NULL }, "a logon from an admin terminal" },
	[ADMIN_PC] = { 'F', AUDIT_DENY, "from-user-pc", { "F-01", "F-02", "F-03" },
		       "the right password from a user terminal, refused by design (KDC error 12 or 18, STATUS_LOGON_TYPE_NOT_GRANTED …)" },
	[ADMIN_HOURS] = { 'F', AUDIT_TRACE, "off-hours", { "F-06" }, "a logon outside hours" },
	[ADMIN_FAILURES] = { 'F', AUDIT_TRACE, "failures", { "F-08" }, "three wrong passwords" },
};

const struct audit_item audit_site[AUDIT_SITE] = {
	[SITE_AUTOCOMPLETE] = { 'B', AUDIT_PAPER, "autocomplete-off", { NULL }, "audit of the group policy: browsers do not keep passwords" },
	[SITE_OUTSIDE] = { 'A', AUDIT_PAPER, "outside-the-firewall", { NULL }, "compare with a capture outside the firewall (W3), where addresses are translated" },
	[SITE_DEVICE] = { 'D', AUDIT_TRACE, "unknown-device", { "D-08" }, "connect a device that is not listed to the admin segment (D-08 ships informational)" },
	[SITE_SAMPLE] = { 'E', AUDIT_DENY, "trap-present", { "E-11" },
			  "the trap's right password over SMB at a tenth of the PCs, at least 30: STATUS_LOGON_TYPE_NOT_GRANTED or _ACCOUNT_DISABLED" },
	[SITE_INTERACTIVE] = { 'F', AUDIT_DENY, "interactive-on-pc", { "F-04", "F-01" }, "log on at a user terminal with an administrator's account" },
	[SITE_LEDGER] = { 'F', AUDIT_PAPER, "reconciliation", { NULL }, "sensord ledger --records of one cycle, without unmatched rows" },
	[SITE_CACHE] = { 'F', AUDIT_PAPER, "credential-cache", { NULL }, "host audit: CachedLogonsCount, Protected Users, deny-logon rights" },
	[SITE_NO_ZONES] = { 'A', AUDIT_MISSING, "zones", { NULL }, "site.zones: no zone of role user, server or admin" },
	[SITE_NO_POLICY] = { 'D', AUDIT_MISSING, "policy", { NULL }, "site.policy: no row, so that nothing is denied" },
	[SITE_NO_PROXY] = { 'B', AUDIT_MISSING, "proxies", { NULL }, "site.proxies: no proxy" },
	[SITE_NO_PROXY_C] = { 'C', AUDIT_MISSING, "proxies", { NULL }, "site.proxies: no proxy" },
	[SITE_NO_TRAP] = { 'E', AUDIT_MISSING, "trap-accounts", { NULL }, "site.accounts.trap: no account" },
	[SITE_NO_ADMIN] = { 'F', AUDIT_MISSING, "administrators", { NULL }, "site.accounts.admin: no account" },
};

const char *audit_version_name(uint8_t version) { return version == 4 ? "ipv4" : version == 6 ? "ipv6" : "any"; }

unsigned audit_egress_of(const char *transport, uint16_t port)
{
	unsigned i = 0;

	if (transport && strcmp(transport, "ipv6-icmp") == 0)
		transport = "icmp";
	for (; i + 1 < AUDIT_EGRESS; i++) {
		const struct audit_egress *e = &audit_egress[i];
		bool high = e->port == AUDIT_HIGH_PORT && port >= AUDIT_HIGH_FIRST;
		if (transport && strcmp(e->transport, transport) == 0 && (e->port == 0 || e->port == port || high))
			break;
	}
	return i;
}

static int class_by_protocol(const char *protocol)
{
	for (int i = 0; protocol && i < AUDIT_CLASSES; i++)
		if (audit_classes[i].protocols[0] && strcmp(audit_classes[i].protocols[0], protocol) == 0)
			return i;
	return -1;
}

/* The content tells more than the port, but for HTTP, which carries others. */
unsigned audit_class_of(const char *protocol, const char *transport, uint16_t port)
{
	int known = class_by_protocol(protocol);

	if (transport && (strcmp(transport, "icmp") == 0 || strcmp(transport, "ipv6-icmp") == 0))
		return AUDIT_CLASSES - 1;
	if (known >= 0 && strcmp(protocol, "http") != 0)
		return (unsigned)known;
	for (unsigned i = 0; transport && strcmp(transport, "tcp") == 0 && i < AUDIT_CLASSES; i++)
		for (size_t k = 0; k < ARRAY_SIZE(audit_classes[i].ports); k++)
			if (port && audit_classes[i].ports[k] == port)
				return i;
	return known >= 0 ? (unsigned)known : AUDIT_CLASSES - 2;
}

/* ---- cells ---- */

static struct audit_cell *make(struct audit *a, struct audit_key key, const struct audit_item *item, uint8_t wires,
			       const char *from, const char *to)
{
	struct audit_cell *c = audit_make(a, &key, true);

	if (!c)
		return NULL;
	c->set = item->set;
	c->kind = item->kind;
	c->version = (uint8_t)key.version;
	c->wires = wires;
	c->hint = item->hint;
	memcpy(c->rules, item->rules, sizeof(c->rules));
	snprintf(c->from, sizeof(c->from), "%s", from);
	snprintf(c->to, sizeof(c->to), "%s", to);
	snprintf(c->item, sizeof(c->item), "%s", item->item);
	return c;
}

static struct audit_cell *make_site(struct audit *a, unsigned item, uint8_t wires)
{
	return make(a, (struct audit_key){ .what = CELL_SITE, .a = (uint16_t)item }, &audit_site[item], wires, "site as a whole", "site as a whole");
}

static bool zone_is(const struct audit *a, const struct audit_subnet *s, const char *role)
{
	return strcmp(site_zone_view(a->site, s->zone).role, role) == 0;
}

/* "users 10.1.10.0/24" */
static void subnet_name(const struct audit *a, const struct audit_subnet *s, char out[AUDIT_NAME])
{
	snprintf(out, AUDIT_NAME, "%.40s %.38s", site_zone_view(a->site, s->zone).name, s->text);
}

static bool reaches_proxy(const struct audit *a, const struct audit_subnet *s)
{
	for (size_t i = 0; i < site_listeners(a->site); i++) {
		struct site_listener l = site_listener(a->site, i);
		if (s->has_sample && s->v6 != address_is_v4(&l.range.first) && site_policy(a->site, &s->sample, &l.range.first, NULL, "tcp", l.first) != POLICY_DENY)
			return true;
	}
	return false;
}

static void build_egress(struct audit *a, size_t subnet)
{
	const struct audit_subnet *s = &a->subnets[subnet];
	static const char *const roles[] = { "user", "server", "admin", "dc" };
	char from[AUDIT_NAME];
	bool wanted = false;

	for (size_t i = 0; i < ARRAY_SIZE(roles); i++)
		wanted |= zone_is(a, s, roles[i]);
	subnet_name(a, s, from);
	for (unsigned i = 0; wanted && i < AUDIT_EGRESS; i++) {
		struct audit_key key = { CELL_EGRESS, s->v6 ? 6 : 4, (uint16_t)subnet, (uint16_t)i, 0, 0 };
		const struct audit_item item = { 'A', AUDIT_DENY, audit_egress[i].item, { "A-01", "A-02", "A-04" }, NULL };
		struct audit_cell *c = make(a, key, &item, W(1) | W(2), from, "internet");
		if (!c)
			return;
		c->required = audit_egress[i].required;
		c->subnet = (int16_t)subnet;
		c->control = zone_is(a, s, "user") && reaches_proxy(a, s) ? CONTROL_PROXY : audit_zone_may(a, s) ? CONTROL_SUBNET : CONTROL_NONE;
	}
}

static void listener_name(const struct site_listener *l, char out[AUDIT_NAME])
{
	bool v6 = !address_is_v4(&l->range.first);

	if (l->first == l->last)
		snprintf(out, AUDIT_NAME, v6 ? "proxy [%.50s]:%u" : "proxy %.50s:%u", l->address, l->first);
	else
		snprintf(out, AUDIT_NAME, v6 ? "proxy [%.50s]:%u-%u" : "proxy %.50s:%u-%u", l->address, l->first, l->last);
}

static void build_no_credential(struct audit *a, size_t listener, const struct site_listener *l, const char *name)
{
	static const struct audit_item items[] = {
		{ 'B', AUDIT_DENY, "no-credential", { "B-06" }, "a request without credentials: 407 and nothing else" },
		{ 'B', AUDIT_DENY, "no-credential-connect", { "B-06" }, "CONNECT to an allowed port without credentials: 407 and nothing else" },
	};
	bool v6 = !address_is_v4(&l->range.first);
	char from[AUDIT_NAME];

	for (size_t i = 0; i < a->n_subnets; i++) {
		if (!zone_is(a, &a->subnets[i], "user") || a->subnets[i].v6 != v6)
			continue;
		subnet_name(a, &a->subnets[i], from);
		for (unsigned k = 0; k < ARRAY_SIZE(items); k++) {
			struct audit_key key = { CELL_NO_CREDENTIAL, v6 ? 6 : 4, (uint16_t)listener, (uint16_t)i, (uint16_t)k, 0 };
			struct audit_cell *c = make(a, key, &items[k], W(7) | W(1), from, name);
			if (!c)
				return;
			c->subnet = (int16_t)i;
			c->listener = (int16_t)listener;
			c->control = CONTROL_LISTENER;
		}
	}
}

static void connect_port(void *context, const char *value)
{
	const char *dash = strchr(value, '-');
	uint64_t *room = context, first = 0, last = 0;
	struct bytes v = bytes_string(value);

	/* room[0]: the port asked about, room[1]: whether it is allowed */
	if (!bytes_decimal(dash ? bytes_of(v.at, (size_t)(dash - value)) : v, 65535, &first) ||
	    !bytes_decimal(dash ? bytes_string(dash + 1) : v, 65535, &last))
		return;
	room[1] |= room[0] >= first && room[0] <= last;
}

static bool connect_allowed(const struct site *s, uint16_t port)
{
	uint64_t room[2] = { port, 0 };

	site_placeholder(s, "connect_ports", connect_port, room);
	return room[1] != 0;
}

static void build_connect(struct audit *a, size_t listener, uint8_t version, const char *name)
{
	for (unsigned i = 0; i < AUDIT_CONNECT_PORTS; i++) {
		char word[24];
		const struct audit_item item = { 'C', AUDIT_DENY, word, { "C-01" }, "CONNECT with a right credential, refused with 403" };
		if (connect_allowed(a->site, audit_connect_ports[i]))
			continue;
		snprintf(word, sizeof(word), "connect-%u", audit_connect_ports[i]);
		struct audit_key key = { CELL_CONNECT, version, (uint16_t)listener, audit_connect_ports[i], 0, 0 };
		struct audit_cell *c = make(a, key, &item, W(7) | W(1), "users", name);
		if (!c)
			return;
		c->listener = (int16_t)listener;
		c->control = CONTROL_LISTENER;
	}
}

static void build_listener(struct audit *a, size_t listener)
{
	struct site_listener l = site_listener(a->site, listener);
	uint8_t version = address_is_v4(&l.range.first) ? 4 : 6;
	char name[AUDIT_NAME];

	listener_name(&l, name);
	build_no_credential(a, listener, &l, name);
	build_connect(a, listener, version, name);
	for (unsigned i = 0; i < AUDIT_LISTENER_ITEMS; i++) {
		bool cuts = site_forced_cut_seconds(a->site) > 0;
		struct audit_key key = { CELL_LISTENER, version, (uint16_t)listener, (uint16_t)i, 0, 0 };
		if ((i == LISTENER_EXEMPT && l.n_exempt == 0) || ((i == LISTENER_CUT || i == LISTENER_AGAIN) && !cuts))
			continue;
		struct audit_cell *c = make(a, key, &audit_listener[i], W(7) | W(1), "users", name);
		if (!c)
			return;
		c->listener = (int16_t)listener;
		if (i == LISTENER_HOURS && !site_hours_known(a->site)) {
			c->kind = AUDIT_MISSING;
			c->hint = "site.timezone: without it there are no business hours";
		}
	}
}

static void build_away(struct audit *a, size_t zone)
{
	struct site_zone_view z = site_zone_view(a->site, zone);

	for (unsigned i = 0; strcmp(z.role, "admin") == 0 && i < AUDIT_AWAY; i++) {
		const struct audit_item item = { 'D', AUDIT_DENY, audit_away[i], { "D-03" }, "admin terminals do no web and no mail" };
		if (i == AWAY_PROXY && site_listeners(a->site) == 0)
			continue;
		struct audit_key key = { CELL_AWAY, 0, (uint16_t)zone, (uint16_t)i, 0, 0 };
		struct audit_cell *c = make(a, key, &item, W(6) | W(2), z.name, i == AWAY_INTERNET ? "internet" : i == AWAY_PROXY ? "proxies" : "any");
		if (!c)
			return;
		c->zone = (int16_t)zone;
		c->control = CONTROL_ZONE;
	}
}

static bool has_other(const struct audit *a, const struct audit_subnet *s)
{
	for (size_t i = 0; i < a->n_subnets; i++)
		if (&a->subnets[i] != s && a->subnets[i].v6 == s->v6 && zone_is(a, &a->subnets[i], "user"))
			return true;
	return false;
}

static void build_peers(struct audit *a, size_t subnet)
{
	const struct audit_subnet *s = &a->subnets[subnet];
	char from[AUDIT_NAME];

	subnet_name(a, s, from);
	for (unsigned other = 0; other < (has_other(a, s) ? 2 : 1); other++) {
		struct audit_item item = { 'E', AUDIT_DENY, "smb", { "E-01", "E-02" }, "two PCs: \\\\pc\\c$ and \\\\pc\\share; a silent drop, no RST" };
		/* A site that lets PCs share files has to watch it instead (MEASURES 9.1). */
		if (s->has_sample && site_ruling(a->site, &s->sample, &s->sample, NULL, "tcp", 445).action == POLICY_ALLOW) {
			item.kind = AUDIT_TRACE;
			item.hint = "the policy allows sharing between PCs: each session has to be told";
		}
		struct audit_key key = { CELL_PEER, s->v6 ? 6 : 4, (uint16_t)subnet, (uint16_t)other, 0, 0 };
		struct audit_cell *c = make(a, key, &item, W(1), from, other ? "PCs of other networks" : "PCs of the same network");
		if (!c)
			return;
		c->subnet = (int16_t)subnet;
		c->control = audit_zone_may(a, s) ? CONTROL_SUBNET : CONTROL_NONE;
	}
	static const struct audit_item files = { 'E', AUDIT_ALLOW, "file-server", { NULL }, "a share of a file server" };
	struct audit_key key = { CELL_FILES, s->v6 ? 6 : 4, (uint16_t)subnet, 0, 0, 0 };
	if (site_word_versions(a->site, "role:file_server") & (s->v6 ? SURVEY_V6 : SURVEY_V4)) {
		struct audit_cell *c = make(a, key, &files, W(1) | W(5), from, "file servers");
		if (c)
			c->subnet = (int16_t)subnet;
	}
}

static void count_one(void *context, const char *value)
{
	(void)value;
	++*(size_t *)context;
}

static size_t listed(const struct audit *a, const char *placeholder)
{
	size_t n = 0;

	site_placeholder(a->site, placeholder, count_one, &n);
	return n;
}

static void build_traps(struct audit *a)
{
	if (listed(a, "trap_accounts") == 0) {
		make_site(a, SITE_NO_TRAP, 0);
		return;
	}
	for (unsigned i = 0; i < AUDIT_TRAPS; i++) {
		struct audit_item item = { 'E', AUDIT_DENY, audit_traps[i].item, { "E-11" }, "a logon with a trap account: refused, and told" };
		if (strcmp(audit_traps[i].carrier, "rdp") == 0) { /* the name crosses in clear, the refusal inside TLS */
			item.kind = AUDIT_TRACE;
			item.hint = "a logon with a trap account: told; that it is refused stands in the log of the host (4625)";
		}
		bool proxy = strcmp(audit_traps[i].carrier, "http-proxy") == 0;
		if (proxy && site_listeners(a->site) == 0)
			continue;
		struct audit_cell *c = make(a, (struct audit_key){ .what = CELL_TRAP, .a = (uint16_t)i }, &item, proxy ? W(7) | W(1) : W(1) | W(4) | W(5), "any host", "logons");
		if (c) {
			c->alarm = true; /* a trap that nobody hears is none */
			c->carrier = audit_traps[i].carrier;
		}
	}
	make_site(a, SITE_SAMPLE, W(1));
}

static void build_admins(struct audit *a)
{
	const char *class;

	if (listed(a, "admin_accounts") == 0)
		make_site(a, SITE_NO_ADMIN, 0);
	for (size_t k = 0; (class = site_admin_class(a->site, k)); k++) {
		for (unsigned i = 0; i < AUDIT_ADMIN; i++) {
			struct audit_key key = { CELL_ADMIN, 0, (uint16_t)k, (uint16_t)i, 0, 0 };
			struct audit_cell *c = make(a, key, &audit_admin[i], W(4) | W(5) | W(6), class[0] ? class : "administrators", "any");
			if (!c)
				return;
			c->alarm = audit_admin[i].kind == AUDIT_DENY;
			c->control = c->alarm ? CONTROL_ADMIN : CONTROL_NONE;
			c->class = (int16_t)k;
			if (i == ADMIN_HOURS && !site_hours_known(a->site)) {
				c->kind = AUDIT_MISSING;
				c->hint = "site.timezone: without it there are no hours";
			}
		}
	}
	struct audit_cell *console = site_admin_class(a->site, 0) ? make_site(a, SITE_INTERACTIVE, W(4)) : NULL;
	if (console)
		console->control = CONTROL_ADMIN;
	make_site(a, SITE_LEDGER, 0);
	make_site(a, SITE_CACHE, 0);
}

void audit_sets_build(struct audit *a)
{
	bool users = false, any = false;

	for (size_t i = 0; i < a->n_subnets; i++) {
		size_t before = a->n_cells;
		build_egress(a, i);
		any |= a->n_cells > before;
		users |= zone_is(a, &a->subnets[i], "user");
	}
	make_site(a, any ? SITE_OUTSIDE : SITE_NO_ZONES, 0);
	for (size_t i = 0; i < site_listeners(a->site) && i < INT16_MAX; i++)
		build_listener(a, i);
	if (site_listeners(a->site) == 0) {
		make_site(a, SITE_NO_PROXY, 0);
		make_site(a, SITE_NO_PROXY_C, 0);
	}
	make_site(a, SITE_AUTOCOMPLETE, 0);
	for (size_t i = 0; i < site_zones(a->site) && i < INT16_MAX; i++)
		build_away(a, i);
	if (site_policy_rows(a->site) == 0)
		make_site(a, SITE_NO_POLICY, 0);
	make_site(a, SITE_DEVICE, W(6));
	for (size_t i = 0; i < a->n_subnets; i++)
		if (zone_is(a, &a->subnets[i], "user"))
			build_peers(a, i);
	build_traps(a);
	for (unsigned i = 0; users && i < AUDIT_REMOTE; i++) {
		const struct audit_item item = { 'E', AUDIT_DENY, audit_remote[i].item, { audit_remote[i].rule }, "from one ordinary PC at another: PsExec, schtasks, wmic" };
		struct audit_cell *c = make(a, (struct audit_key){ .what = CELL_REMOTE, .a = (uint16_t)i }, &item, W(1), "PCs", "PCs");
		for (size_t k = 0; c && k < ARRAY_SIZE(audit_remote[i].ports); k++)
			c->ways |= (uint8_t)(audit_remote[i].ports[k] ? 1u << k : 0);
	}
	build_admins(a);
}
