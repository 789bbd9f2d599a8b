/* SPDX-License-Identifier: BSD-2-Clause
 * The table of services. Ports after the IANA registry (Service Name and Transport Protocol Port Number Registry); the
 * dynamic range of RPC is that of Windows since 2008 (RFC 6335 section 6: 49152-65535). */
#include "services.h"

#include "conf/table.h"

#define PORTS_MAX 8
#define DYNAMIC_PORTS 49152 /* nobody owns those */

struct service {
	const char *name;
	const char *protocols[2]; /* names of network.protocol */
	struct port_span ports[PORTS_MAX];
};

#define T(port) { "tcp", port, port }
#define U(port) { "udp", port, port }
#define B(port) T(port), U(port)

static const struct service services[] = {
	{ "smb", { "smb" }, { T(445), T(139) } },
	{ "netbios", { "nbns", "nbdgm" }, { U(137), U(138), T(139) } },
	{ "kerberos", { "kerberos" }, { B(88) } },
	{ "kpasswd", { "kpasswd" }, { B(464) } },
	{ "ldap", { "ldap", "cldap" }, { B(389), T(636), T(3268), T(3269) } },
	{ "dns", { "dns" }, { B(53) } },
	{ "mdns", { "mdns" }, { U(5353) } },
	{ "http", { "http" }, { T(80), T(8080) } },
	{ "https", { "tls", "quic" }, { B(443) } },
	{ "proxy", { "http", "socks" }, { T(3128), T(8080), T(1080) } },
	{ "ssh", { "ssh" }, { T(22) } },
	{ "telnet", { "telnet" }, { T(23) } },
	{ "ftp", { "ftp" }, { T(21) } },
	{ "rdp", { "rdp" }, { B(3389) } },
	{ "vnc", { "vnc" }, { { "tcp", 5900, 5909 } } },
	{ "winrm", { "winrm" }, { T(5985), T(5986) } },
	{ "rpc", { "dce_rpc" }, { T(135), { "tcp", 49152, 65535 } } },
	{ "ntp", { "ntp" }, { U(123) } },
	{ "dhcp", { "dhcp" }, { U(67), U(68), U(546), U(547) } },
	{ "smtp", { "smtp" }, { T(25), T(465), T(587) } },
	{ "imap", { "imap" }, { T(143), T(993) } },
	{ "pop3", { "pop3" }, { T(110), T(995) } },
	{ "syslog", { "syslog" }, { B(514), T(6514) } },
	{ "snmp", { "snmp" }, { U(161), U(162) } },
	{ "mssql", { "mssql", "tds" }, { T(1433), U(1434) } },
	{ "mysql", { "mysql" }, { T(3306) } },
	{ "postgresql", { "postgresql" }, { T(5432) } },
	{ "oracle", { "oracle", "tns" }, { T(1521) } },
	{ "nfs", { "nfs" }, { B(2049), B(111) } },
	{ "print", { "ipp", "lpd" }, { T(515), T(631), T(9100) } },
	{ "wsus", { NULL }, { T(8530), T(8531) } },
	{ "radius", { "radius" }, { U(1812), U(1813) } },
	{ "icmp", { "icmp" }, { { "icmp", 0, 0 }, { "ipv6-icmp", 0, 0 } } },
};

static bool speaks(const struct service *s, const char *protocol)
{
	for (size_t i = 0; i < ARRAY_SIZE(s->protocols) && s->protocols[i]; i++)
		if (!strcmp(protocol, s->protocols[i]))
			return true;
	return false;
}

bool port_span_parse(struct bytes word, struct port_span *ret)
{
	struct bytes rest = word, head = bytes_split(&rest, '-');
	uint64_t first, last;

	if (!bytes_decimal(head, 65535, &first) || first == 0)
		return false;
	last = first;
	if (head.size < word.size && (!bytes_decimal(rest, 65535, &last) || last < first))
		return false;
	*ret = (struct port_span){ NULL, (uint16_t)first, (uint16_t)last };
	return true;
}

static bool transport_parse(struct bytes word, struct port_span *ret)
{
	static const char *const transports[] = { "tcp", "udp", "sctp" };
	struct bytes rest = word, head = bytes_split(&rest, '/');

	for (size_t i = 0; i < ARRAY_SIZE(transports); i++) {
		if (!bytes_equal_nocase(head, bytes_string(transports[i])))
			continue;
		if (head.size == word.size) /* the transport as a whole */
			*ret = (struct port_span){ NULL, 0, 0 };
		else if (!port_span_parse(rest, ret))
			return false;
		ret->transport = transports[i];
		return true;
	}
	return false;
}

bool service_parse(struct bytes word, struct service_match *ret)
{
	struct service_match m = { 0 };
	bool found = true;

	if (bytes_equal_nocase(word, bytes_string("any"))) {
		m.any = true;
	} else if (!port_span_parse(word, &m.span) && !transport_parse(word, &m.span)) {
		for (size_t i = 0; i < ARRAY_SIZE(services) && !m.service; i++)
			if (bytes_equal_nocase(word, bytes_string(services[i].name)))
				m.service = &services[i];
		found = m.service != NULL;
	}
	if (found)
		*ret = m;
	return found;
}

static bool span_has(const struct port_span *span, const char *transport, uint16_t port)
{
	if (span->transport && transport && strcmp(span->transport, transport) != 0)
		return false;
	return span->first == 0 || (port >= span->first && port <= span->last);
}

/* Services that speak HTTP: on their ports it is theirs. */
static bool is_over_http(const struct service *s)
{
	return !strcmp(s->name, "winrm") || !strcmp(s->name, "print") || !strcmp(s->name, "wsus");
}

static bool has_port(const struct service *s, const char *transport, uint16_t port)
{
	for (size_t i = 0; i < PORTS_MAX && (s->ports[i].transport || s->ports[i].first); i++)
		if (span_has(&s->ports[i], transport, port))
			return true;
	return false;
}

/* HTTP and TLS carry other services too: on a port of theirs (WinRM's, that of LDAP in TLS) they are not the web. */
static bool is_of_another(const struct service *s, const char *protocol, const char *transport, uint16_t port)
{
	bool owned = false;

	if ((strcmp(protocol, "http") != 0 && strcmp(protocol, "tls") != 0) || has_port(s, transport, port))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(services); i++) {
		if (port >= DYNAMIC_PORTS || !has_port(&services[i], transport, port))
			continue;
		if (speaks(&services[i], protocol))
			return false;
		owned = true;
	}
	return owned;
}

bool service_fits(const struct service_match *m, const char *protocol, const char *transport, uint16_t port)
{
	if (m->any)
		return true;
	if (!m->service)
		return span_has(&m->span, transport, port);
	if (protocol && speaks(m->service, protocol))
		return !is_of_another(m->service, protocol, transport, port);
	/* TLS hides what is inside: the port must do. Any other recognised protocol is not this service. */
	if (protocol && *protocol && strcmp(protocol, "tls") != 0 && strcmp(protocol, "unknown") != 0 &&
	    !(is_over_http(m->service) && strcmp(protocol, "http") == 0))
		return false;
	return has_port(m->service, transport, port);
}

const char *service_name(const char *protocol, const char *transport, uint16_t port)
{
	for (size_t i = 0; i < ARRAY_SIZE(services); i++)
		if (service_fits(&(struct service_match){ .service = &services[i] }, protocol, transport, port))
			return services[i].name;
	return NULL;
}

const char *service_suggest(const char *word)
{
	const char *names[ARRAY_SIZE(services) + 2];
	size_t n = 0;

	for (; n < ARRAY_SIZE(services); n++)
		names[n] = services[n].name;
	names[n++] = "any";
	names[n] = NULL;
	return conf_suggest(word, names);
}
