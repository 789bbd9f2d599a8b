/* SPDX-License-Identifier: BSD-2-Clause
 * The field registry: every field of every record, once. Parsers set these, rules are type-checked against them,
 * `sensord fields` prints them, the JSON writer nests them. Names are ECS 8 wherever ECS has one.
 *
 * A row: identifier, name, type, list (may hold several values), the kinds of record that carry it ("*" for all),
 * one line of documentation. To add a field, add a row here and set it in a parser or tracker; keep rows grouped. */
#ifndef RECORD_FIELD_H
#define RECORD_FIELD_H

#include "base/bytes.h"

enum field_type {
	FIELD_TYPE_TEXT,
	FIELD_TYPE_UINT,
	FIELD_TYPE_REAL,
	FIELD_TYPE_BOOL,
	FIELD_TYPE_IP,
	FIELD_TYPE_TIME,   /* nanoseconds since the epoch, written as RFC 3339 */
	FIELD_TYPE_SECRET, /* text that rules may compare and no output ever writes */
};

/* clang-format off */
#define FIELDS(F) \
	/* every record */ \
	F(TIMESTAMP, "@timestamp", TIME, 0, "*", "Packet time of what is told (of the request, for a pair)") \
	F(EVENT_KIND, "event.kind", TEXT, 0, "*", "event, alert or metric") \
	F(EVENT_DATASET, "event.dataset", TEXT, 0, "*", "Kind of record: flow, proxy, http, tunnel, tls, auth …") \
	F(EVENT_ID, "event.id", TEXT, 0, "*", "Identifier of this record, cited by alert.evidence") \
	F(EVENT_ACTION, "event.action", TEXT, 0, "*", "What happened: attempted, rejected, established, opened, progress, closed …") \
	F(EVENT_OUTCOME, "event.outcome", TEXT, 0, "*", "success, failure or unknown") \
	F(EVENT_REASON, "event.reason", TEXT, 0, "*", "Why it is told: protocol or age (progress of a tunnel); what the wire gives as the reason") \
	F(EVENT_DURATION, "event.duration", UINT, 0, "*", "Nanoseconds from the first packet to the last") \
	F(EVENT_START, "event.start", TIME, 0, "*", "First packet of what is told") \
	F(EVENT_SEVERITY, "event.severity", UINT, 0, "alert", "0 to 100: informational 10, low 30, medium 50, high 75, critical 95") \
	F(NETWORK_TYPE, "network.type", TEXT, 0, "*", "ipv4 or ipv6") \
	F(NETWORK_TRANSPORT, "network.transport", TEXT, 0, "*", "tcp, udp, icmp, ipv6-icmp, gre …") \
	F(NETWORK_IANA_NUMBER, "network.iana_number", UINT, 0, "*", "IP protocol number") \
	F(NETWORK_PROTOCOL, "network.protocol", TEXT, 0, "*", "Application protocol recognised by content") \
	F(NETWORK_COMMUNITY_ID, "network.community_id", TEXT, 0, "*", "Community ID version 1, seed 0") \
	F(NETWORK_VLAN_ID, "network.vlan.id", UINT, 0, "*", "Outer VLAN") \
	F(NETWORK_INNER_VLAN_ID, "network.inner.vlan.id", UINT, 0, "*", "Inner VLAN of a QinQ frame") \
	F(SOURCE_IP, "source.ip", IP, 0, "*", "Who started it (the client), whichever way the packet went") \
	F(SOURCE_PORT, "source.port", UINT, 0, "*", "Port of the client") \
	F(SOURCE_MAC, "source.mac", TEXT, 0, "*", "Link address of the client side as the wire shows it") \
	F(SOURCE_BYTES, "source.bytes", UINT, 0, "*", "Payload bytes from the client") \
	F(SOURCE_PACKETS, "source.packets", UINT, 0, "*", "Packets from the client") \
	F(SOURCE_DOMAIN, "source.domain", TEXT, 0, "*", "Name of the client, where an answer of the DNS named it") \
	F(SOURCE_ZONE, "source.zone", TEXT, 0, "*", "Zone of the site file") \
	F(SOURCE_ROLE, "source.role", TEXT, 0, "*", "Role: user, server, admin, dmz, dc, file_server, proxy, external …") \
	F(DESTINATION_IP, "destination.ip", IP, 0, "*", "Who was addressed (the server)") \
	F(DESTINATION_PORT, "destination.port", UINT, 0, "*", "Port of the server") \
	F(DESTINATION_MAC, "destination.mac", TEXT, 0, "*", "Link address of the server side as the wire shows it (the next hop)") \
	F(DESTINATION_BYTES, "destination.bytes", UINT, 0, "*", "Payload bytes from the server") \
	F(DESTINATION_PACKETS, "destination.packets", UINT, 0, "*", "Packets from the server") \
	F(DESTINATION_DOMAIN, "destination.domain", TEXT, 0, "*", "Name of the server: TLS SNI, HTTP Host, or the DNS answer that named it") \
	F(DESTINATION_ZONE, "destination.zone", TEXT, 0, "*", "Zone of the site file") \
	F(DESTINATION_ROLE, "destination.role", TEXT, 0, "*", "Role, as source.role") \
	F(OBSERVER_NAME, "observer.name", TEXT, 0, "*", "Name of this sensor's site") \
	F(OBSERVER_INTERFACE, "observer.ingress.interface.name", TEXT, 0, "*", "Interface the packet came in on") \
	F(SOURCE_SILENCE, "source.silence", REAL, 0, "proxy", "Seconds for which nothing was heard of the source before this (a lower bound: since the sensor watches)") \
	F(SOURCE_ADMIN_PLACE, "source.admin_place", TEXT, 0, "*", "terminal (admin terminal or jump host), unlisted (in the admin zone, though not among the admin terminals listed), zone (in an admin zone of a site that lists none)") \
	F(POLICY_MANAGED, "policy.managed", BOOL, 0, "*", "The roles of the site file let the source do this at the destination (allowed_rpc, allowed_shares)") \
	F(POLICY_ACTION, "policy.action", TEXT, 0, "*", "allow or deny: what the site's policy says of this pair and service; absent where it says nothing") \
	F(SITE_OFF_HOURS, "site.off_hours", BOOL, 0, "*", "Outside the site's business hours") \
	F(SITE_PROXY_KNOWN, "site.proxy_known", BOOL, 0, "flow", "A site file says what may go out, or a proxy was inferred; false: whether this should have gone through one is not known") \
	F(SITE_CHANGE_WINDOW, "site.change_window", TEXT, 0, "*", "Identifier of the change window this falls into") \
	/* flow */ \
	F(FLOW_OUTCOME, "flow.outcome", TEXT, 0, "flow", "established, rejected, blocked, unanswered, replied, midstream (MEASURES 4.3)") \
	F(FLOW_REJECT, "flow.reject", TEXT, 0, "flow", "rst, or icmp with its code name") \
	F(FLOW_REJECT_BY, "flow.reject_by", IP, 0, "flow", "Address that sent the refusal") \
	F(FLOW_PATH_OPEN, "flow.path_open", BOOL, 0, "flow", "The refusal has the TTL of the host itself: nothing filtered the path") \
	F(FLOW_REJECT_TTL, "flow.reject_ttl", UINT, 0, "flow", "TTL (hop limit) of a refusal by RST, as captured") \
	F(FLOW_HOST_TTL, "flow.host_ttl", UINT, 0, "flow", "TTL (hop limit) of the server's other packets, where one was seen") \
	F(FLOW_SYN_COUNT, "flow.syn_count", UINT, 0, "flow", "Connection attempts of the client in this flow (SYN and its repeats)") \
	F(FLOW_FIRST_BYTES, "flow.first_bytes", TEXT, 0, "flow tunnel", "First payload bytes (up to 16) in hexadecimal, where no protocol was recognised") \
	F(FLOW_MISSED_BYTES, "flow.missed_bytes", UINT, 0, "flow", "Stream bytes that the capture does not hold") \
	F(FLOW_OVERLAP_CONFLICTS, "flow.overlap_conflicts", UINT, 0, "flow", "Retransmissions whose bytes differ from the first copy (the first was kept)") \
	F(FLOW_ONE_SIDED, "flow.one_sided", BOOL, 0, "flow", "Only one direction was captured") \
	F(FLOW_GATEWAY_KNOWN, "flow.gateway_known", BOOL, 0, "flow", "The next hop is a declared gateway (only where the site declares gateways)") \
	F(FLOW_ENCAPSULATION, "flow.encapsulation", TEXT, 1, "flow", "Tunnels around the packet, outermost first") \
	F(ICMP_TYPE, "icmp.type", UINT, 0, "flow", "Type of the first ICMP message") \
	F(ICMP_CODE, "icmp.code", UINT, 0, "flow", "Code of the first ICMP message") \
	F(ICMP_PAYLOAD_BYTES, "icmp.payload_bytes", UINT, 0, "flow", "Largest payload of an echo message") \
	/* http, proxy */ \
	F(HTTP_REQUEST_METHOD, "http.request.method", TEXT, 0, "http proxy", "Method as sent") \
	F(HTTP_REQUEST_FORM, "http.request.form", TEXT, 0, "http proxy", "origin, absolute, authority or asterisk (RFC 9112 section 3.2)") \
	F(HTTP_REQUEST_HOST, "http.request.host", TEXT, 0, "http proxy", "Host field as sent") \
	F(HTTP_REQUEST_REFERRER, "http.request.referrer", TEXT, 0, "http proxy", "Referer field") \
	F(HTTP_REQUEST_MIME_TYPE, "http.request.mime_type", TEXT, 0, "http proxy", "Content-Type of the request, without parameters") \
	F(HTTP_REQUEST_CUT, "http.request.cut", BOOL, 0, "http proxy", "The end of its head was not captured: fields that are missing here may have been sent") \
	F(HTTP_REQUEST_BODY_BYTES, "http.request.body.bytes", UINT, 0, "http proxy", "Size of the request's body as its Content-Length tells") \
	F(HTTP_REQUEST_PROXY_CONNECTION, "http.request.proxy_connection", TEXT, 0, "http proxy", "Proxy-Connection field") \
	F(HTTP_REQUEST_COOKIE, "http.request.cookie", SECRET, 0, "http proxy", "Cookie field: compared by rules, never written") \
	F(HTTP_RESPONSE_STATUS_CODE, "http.response.status_code", UINT, 0, "http proxy", "Status of the final response") \
	F(HTTP_RESPONSE_INTERIM, "http.response.interim_status_code", UINT, 0, "http proxy", "Latest 1xx status that came before the final one") \
	F(HTTP_RESPONSE_MIME_TYPE, "http.response.mime_type", TEXT, 0, "http proxy", "Content-Type of the response, without parameters") \
	F(HTTP_RESPONSE_BODY_BYTES, "http.response.body.bytes", UINT, 0, "http proxy", "Size of the response's body as its Content-Length tells") \
	F(HTTP_RESPONSE_SERVER, "http.response.server", TEXT, 0, "http proxy", "Server field") \
	F(HTTP_RESPONSE_PROXY_AUTHENTICATE, "http.response.proxy_authenticate", TEXT, 1, "http proxy", "Schemes offered by Proxy-Authenticate") \
	F(HTTP_RESPONSE_WWW_AUTHENTICATE, "http.response.www_authenticate", TEXT, 1, "http proxy", "Schemes offered by WWW-Authenticate") \
	F(HTTP_VERSION, "http.version", TEXT, 0, "http proxy", "Version of the request (of the response where the request was not captured): 0.9, 1.0, 1.1") \
	F(HTTP_AUTH_SCHEME, "http.auth.scheme", TEXT, 0, "http proxy", "Scheme of Authorization: basic, digest, ntlm, negotiate, or another name in lower case") \
	F(URL_ORIGINAL, "url.original", TEXT, 0, "http proxy", "Request target as sent") \
	F(URL_FULL, "url.full", TEXT, 0, "http proxy", "Whole URL: the absolute target, or built from Host") \
	F(URL_SCHEME, "url.scheme", TEXT, 0, "http proxy", "Scheme of the URL") \
	F(URL_DOMAIN, "url.domain", TEXT, 0, "http proxy tunnel socks beacon tls", "Host of the URL, of the CONNECT or of the SOCKS request") \
	F(URL_PORT, "url.port", UINT, 0, "http proxy tunnel socks beacon tls", "Port of the same") \
	F(URL_PATH, "url.path", TEXT, 0, "http proxy", "Path with its leading slash") \
	F(URL_QUERY, "url.query", TEXT, 0, "http proxy", "Query without the question mark") \
	F(URL_EXTENSION, "url.extension", TEXT, 0, "http proxy", "What follows the last dot of the path's last part") \
	F(USER_AGENT_ORIGINAL, "user_agent.original", TEXT, 0, "http proxy tunnel", "User-Agent as sent") \
	F(PROXY_AUTH_SCHEME, "proxy.auth.scheme", TEXT, 0, "proxy tunnel", "none, basic, digest, ntlm, negotiate, or another name in lower case") \
	F(PROXY_AUTH_OUTCOME, "proxy.auth.outcome", TEXT, 0, "proxy", "none, handshake, failure, success, unknown: what became of the credential in this request") \
	F(PROXY_AUTHENTICATED, "proxy.authenticated", BOOL, 0, "proxy tunnel", "The request or its connection is authenticated (MEASURES 6.2)") \
	F(PROXY_AUTH_REQUIRED, "proxy.auth.required", BOOL, 0, "proxy tunnel socks", "The site file says that this proxy asks for authentication") \
	F(PROXY_AUTH_SCHEME_DECLARED, "proxy.auth.scheme_declared", BOOL, 0, "proxy", "The site file lists this scheme for this proxy") \
	F(PROXY_AUTH_EXEMPT, "proxy.auth.exempt", BOOL, 0, "proxy tunnel", "The site file exempts this host from proxy authentication") \
	F(PROXY_DECLARED, "proxy.declared", BOOL, 0, "proxy tunnel socks flow", "Address and port are those of a declared (or inferred) proxy") \
	/* tunnel */ \
	F(TUNNEL_KIND, "tunnel.kind", TEXT, 0, "tunnel tls", "connect, socks4, socks5, websocket, upgrade") \
	F(TUNNEL_PROTOCOL, "tunnel.protocol", TEXT, 0, "tunnel", "What runs inside: tls, ssh, http, smtp, …, unknown (bytes that no parser knows), none (no byte yet)") \
	F(TUNNEL_AGE, "tunnel.age", REAL, 0, "tunnel", "Seconds since the tunnel was opened (a lower bound where tunnel.start_unknown)") \
	F(TUNNEL_CLOSED_BY, "tunnel.closed_by", TEXT, 0, "tunnel", "client, server, timeout or capture-end") \
	F(TUNNEL_FIRST_SPEAKER, "tunnel.first_speaker", TEXT, 0, "tunnel", "Who sent the first byte inside: client or server") \
	F(TUNNEL_FRAMING_BROKEN, "tunnel.framing_broken", BOOL, 0, "tunnel", "It began as TLS and later bytes are no TLS records") \
	F(TUNNEL_SEGMENTS, "tunnel.segments", UINT, 0, "tunnel", "Segments with payload, both ways") \
	F(TUNNEL_SMALL_SEGMENTS, "tunnel.small_segments", REAL, 0, "tunnel", "Share (0 to 1) of them below 600 bytes") \
	F(TUNNEL_EXCHANGES, "tunnel.exchanges", UINT, 0, "tunnel", "Bursts of the client separated by at least a second of its silence") \
	F(TUNNEL_HEARTBEAT_INTERVAL, "tunnel.heartbeat_interval", REAL, 0, "tunnel", "Mean seconds between such bursts") \
	F(TUNNEL_HEARTBEAT_JITTER, "tunnel.heartbeat_jitter", REAL, 0, "tunnel", "Standard deviation of that, relative to the mean") \
	F(TUNNEL_UPLOAD_RATIO, "tunnel.upload_ratio", REAL, 0, "tunnel", "Bytes of the client per byte of the server") \
	F(TUNNEL_DAY_UPLOAD_BYTES, "tunnel.day_upload_bytes", UINT, 0, "tunnel", "Bytes of this client to this host through tunnels, this day") \
	F(TUNNEL_DAY_UPLOAD_RATIO, "tunnel.day_upload_ratio", REAL, 0, "tunnel", "The same per byte back") \
	F(TUNNEL_CROSSED_MIDNIGHT, "tunnel.crossed_midnight", BOOL, 0, "tunnel", "Open across midnight of the site's time zone") \
	F(TUNNEL_RECONNECTS, "tunnel.reconnects", UINT, 0, "tunnel", "Times in a row this client opened the same target again within a minute of a cut by the server side") \
	F(TUNNEL_CUT_AGE, "tunnel.cut_age", REAL, 0, "tunnel", "Shortest age in seconds that one of those cut tunnels reached") \
	F(TUNNEL_CUT_JITTER, "tunnel.cut_jitter", REAL, 0, "tunnel", "How far the ages of the cut tunnels lie apart: (longest - shortest) / longest") \
	F(TUNNEL_CUT_OVERDUE, "tunnel.cut_overdue", REAL, 0, "tunnel", "Seconds a tunnel has outlived the forced cut that the site file declares, plus a tenth of it") \
	F(TUNNEL_START_CUT, "tunnel.start_cut", BOOL, 0, "tunnel", "The beginning of what it carries was not captured whole: names in it may be missing here") \
	F(TUNNEL_START_UNKNOWN, "tunnel.start_unknown", BOOL, 0, "tunnel", "The capture began inside the tunnel") \
	F(TUNNEL_LONG_ALLOWED, "tunnel.long_allowed", BOOL, 0, "tunnel", "The site file allows long sessions to this host") \
	F(TUNNEL_TARGET_IS_IP, "tunnel.target_is_ip", BOOL, 0, "tunnel proxy socks", "The target is an address, not a name") \
	F(TUNNEL_SNI_MATCHES, "tunnel.sni_matches", BOOL, 0, "tunnel", "Registrable domain of the inner SNI equals that of the target") \
	/* tls */ \
	F(TLS_CLIENT_SERVER_NAME, "tls.client.server_name", TEXT, 0, "tls tunnel flow", "SNI (RFC 6066 section 3)") \
	F(TLS_CLIENT_VERSION, "tls.client.version", TEXT, 0, "tls", "Version field of the ClientHello, as 0x0303") \
	F(TLS_CLIENT_JA3, "tls.client.ja3", TEXT, 0, "tls tunnel flow", "JA3 (MD5) of the ClientHello") \
	F(TLS_CLIENT_JA4, "tls.client.ja4", TEXT, 0, "tls tunnel flow", "JA4 of the ClientHello") \
	F(TLS_CLIENT_ALPN, "tls.client.alpn", TEXT, 1, "tls", "ALPN names offered (RFC 7301)") \
	F(TLS_CLIENT_ECH, "tls.client.encrypted_client_hello", BOOL, 0, "tls", "An encrypted ClientHello was offered: the SNI is an outer name") \
	F(TLS_CLIENT_JA4_RARE, "tls.client.ja4_rare", BOOL, 0, "tls", "New for this terminal and seen on under 0.5 percent of at least 200 terminals") \
	F(TLS_SERVER_JA3S, "tls.server.ja3s", TEXT, 0, "tls", "JA3S (MD5) of the ServerHello") \
	F(TLS_VERSION, "tls.version", TEXT, 0, "tls", "Version agreed (1.0, 1.1, 1.2, 1.3), or the highest offered where no ServerHello was seen") \
	F(TLS_VERSION_PROTOCOL, "tls.version_protocol", TEXT, 0, "tls", "tls or ssl") \
	F(TLS_CIPHER, "tls.cipher", TEXT, 0, "tls", "Cipher suite chosen, as 0x1301") \
	F(TLS_NEXT_PROTOCOL, "tls.next_protocol", TEXT, 0, "tls", "ALPN name chosen") \
	F(TLS_RESUMED, "tls.resumed", BOOL, 0, "tls", "An earlier session was resumed") \
	F(TLS_SERVER_SERIAL, "tls.server.x509.serial_number", TEXT, 0, "tls", "Serial number of the server's certificate in hexadecimal, upper case (TLS 1.2 and older)") \
	F(TLS_SERVER_SUBJECT, "tls.server.subject", TEXT, 0, "tls", "Subject of the server's certificate") \
	F(TLS_SERVER_ISSUER, "tls.server.issuer", TEXT, 0, "tls", "Issuer of the server's certificate") \
	F(TLS_SERVER_NAME_MATCHES, "tls.server.name_matches", BOOL, 0, "tls", "The certificate is for the name that the client asked for (RFC 6125); absent without either") \
	F(TLS_SERVER_NOT_BEFORE, "tls.server.not_before", TIME, 0, "tls", "Start of the certificate's life") \
	F(TLS_SERVER_NOT_AFTER, "tls.server.not_after", TIME, 0, "tls", "End of the certificate's life") \
	F(TLS_SERVER_SELF_SIGNED, "tls.server.self_signed", BOOL, 0, "tls", "Subject and issuer are the same") \
	F(TLS_SERVER_EXPIRED, "tls.server.expired", BOOL, 0, "tls", "The certificate had ended at packet time") \
	/* accounts */ \
	F(USER_NAME, "user.name", TEXT, 0, "*", "Account as the wire shows it, without domain or realm") \
	F(USER_DOMAIN, "user.domain", TEXT, 0, "*", "Domain or realm of the account") \
	F(USER_NAME_CUT, "user.name_cut", BOOL, 0, "auth", "The client may have cut the name (an RDP cookie keeps nine characters): its class is that of an account which begins so") \
	F(USER_CLASS, "user.class", TEXT, 0, "*", "trap, admin, service or other, by the site file") \
	F(USER_ADMIN_CLASS, "user.admin_class", TEXT, 0, "*", "Kind of administrator, by the site file: domain_admin, operator, break_glass …") \
	F(USER_SOURCE_ALLOWED, "user.source_allowed", BOOL, 0, "*", "This administrator may log on from the source; absent where the site file does not say") \
	F(USER_TARGET_ALLOWED, "user.target_allowed", BOOL, 0, "*", "This administrator may work at the destination; absent where the site file does not say") \
	F(USER_OFF_HOURS, "user.off_hours", BOOL, 0, "*", "Outside the hours of this administrator, or of the site where the account has none") \
	F(AUTH_MECHANISM, "auth.mechanism", TEXT, 0, "auth http proxy smb dce_rpc ldap rdp winrm", "kerberos, ntlm, basic, digest, ldap-simple, rdp-cookie, socks-password, ftp-password (pop3, imap, smtp), telnet-login, snmp-community …") \
	F(AUTH_CARRIER, "auth.carrier", TEXT, 0, "auth", "kdc, smb, http-proxy, http, ldap, dce_rpc, rdp, winrm, socks, ftp, telnet, snmp") \
	F(AUTH_WORKSTATION, "auth.workstation", TEXT, 0, "auth http proxy kerberos ldap", "Workstation named by NTLM") \
	F(AUTH_TARGET, "auth.target", TEXT, 0, "auth http proxy smb dce_rpc ldap rdp winrm", "Service, host or domain that was asked") \
	F(AUTH_SERVER, "auth.server", TEXT, 0, "auth", "The host logged on to: the name that it gives itself (NTLM), else its address; one host may have several addresses") \
	F(AUTH_ERROR, "auth.error", TEXT, 0, "auth", "Error of the carrier: HTTP status, NTSTATUS, Kerberos error …") \
	F(AUTH_ATTRIBUTED_BY, "auth.attributed_by", TEXT, 0, "kerberos auth http proxy smb dce_rpc ldap rdp winrm", "wire (the name was readable), ticket (joined by ticket fingerprint) or session (a channel bound to an SMB session whose account is known)") \
	F(AUTH_TERMINAL_USER, "auth.terminal_user", TEXT, 0, "auth", "Account last logged on at this address by other means, where it differs") \
	F(AUTH_DESKTOP_FROM, "auth.desktop_from", IP, 0, "auth", "This account asked for remote desktop of the source from there shortly before (a ticket for TERMSRV/ its name)") \
	F(AUTH_TERMINAL, "auth.terminal", TEXT, 0, "auth proxy", "Terminal of the client: the name that DHCP or NTLM gave for its address, else the address. One name for a terminal that changed its address") \
	F(AUTH_HISTORY_LOGONS, "auth.history.logons", UINT, 0, "auth", "Successful logons of this account by Kerberos or NTLM in the last 15 to 30 days, before this one") \
	F(AUTH_HISTORY_KERBEROS, "auth.history.kerberos_share", REAL, 0, "auth", "Share (0 to 1) of them that were Kerberos") \
	F(AUTH_HISTORY_AGE, "auth.history.age", REAL, 0, "auth", "Seconds since the first logon of this account was seen") \
	F(AUTH_RELATION_NEW, "auth.relation_new", BOOL, 0, "auth", "This account was not seen before from this source at this destination") \
	F(AUTH_KNOWN_WORKSTATION, "auth.known_workstation", TEXT, 0, "auth", "Name by which the source is known (its computer account, DHCP), where NTLM named another workstation") \
	F(NTLM_MESSAGE, "ntlm.message", TEXT, 0, "http proxy auth ldap", "negotiate, challenge or authenticate (MS-NLMP 2.2.1)") \
	F(NTLM_RESPONSE, "ntlm.response", TEXT, 0, "http proxy auth ldap", "v1, v2 or empty: kind of the client's answer") \
	F(NTLM_NEGOTIATE_DOMAIN, "ntlm.negotiate.domain", TEXT, 0, "http proxy auth ldap", "Domain in the NEGOTIATE message") \
	F(NTLM_NEGOTIATE_WORKSTATION, "ntlm.negotiate.workstation", TEXT, 0, "http proxy auth ldap", "Workstation in the NEGOTIATE message") \
	F(NTLM_TARGET, "ntlm.challenge.target", TEXT, 0, "http proxy auth ldap", "TargetName of the CHALLENGE") \
	F(NTLM_NB_COMPUTER, "ntlm.challenge.nb_computer", TEXT, 0, "http proxy auth ldap", "MsvAvNbComputerName (MS-NLMP 2.2.2.1)") \
	F(NTLM_NB_DOMAIN, "ntlm.challenge.nb_domain", TEXT, 0, "http proxy auth ldap", "MsvAvNbDomainName") \
	F(NTLM_DNS_COMPUTER, "ntlm.challenge.dns_computer", TEXT, 0, "http proxy auth ldap", "MsvAvDnsComputerName") \
	F(NTLM_DNS_DOMAIN, "ntlm.challenge.dns_domain", TEXT, 0, "http proxy auth ldap", "MsvAvDnsDomainName") \
	F(NTLM_DNS_TREE, "ntlm.challenge.dns_tree", TEXT, 0, "http proxy auth ldap", "MsvAvDnsTreeName") \
	/* socks, dns, ssh, beacon */ \
	F(SOCKS_VERSION, "socks.version", UINT, 0, "socks tunnel", "4 or 5") \
	F(SOCKS_COMMAND, "socks.command", TEXT, 0, "socks", "connect, bind or udp-associate (RFC 1928 section 4)") \
	F(SOCKS_AUTH, "socks.auth", TEXT, 0, "socks", "Method chosen by the server: none, gssapi, password, refused, other") \
	F(SOCKS_REPLY, "socks.reply", UINT, 0, "socks", "Reply code (version 5: 0 is success; version 4: 90 is success)") \
	F(DNS_ID, "dns.id", UINT, 0, "dns", "Transaction id") \
	F(DNS_TYPE, "dns.type", TEXT, 0, "dns", "query (never answered), answer, or announce (a host that tells its own name, or claims it)") \
	F(DNS_QUESTION_NAME, "dns.question.name", TEXT, 0, "dns", "Name asked for, without the final dot") \
	F(DNS_QUESTION_TYPE, "dns.question.type", TEXT, 0, "dns", "A, AAAA, TXT …") \
	F(DNS_RESPONSE_CODE, "dns.response_code", TEXT, 0, "dns", "NOERROR, NXDOMAIN …") \
	F(DNS_ANSWERS, "dns.answers.data", TEXT, 1, "dns", "Data of the answers as text") \
	F(DNS_RESOLVED_IP, "dns.resolved_ip", IP, 1, "dns", "Addresses among the answers") \
	F(DNS_REJECTED, "dns.rejected", BOOL, 0, "dns", "The server answered with an error and no data") \
	F(DNS_RESPONDER, "dns.responder", IP, 0, "dns", "Host that answered or announced itself (nbns, llmnr, mdns)") \
	F(DNS_Z, "dns.z", UINT, 0, "dns", "The reserved bit field of the header (RFC 1035 section 4.1.1)") \
	F(SSH_CLIENT, "ssh.client.software", TEXT, 0, "ssh", "Identification of the client (RFC 4253 section 4.2)") \
	F(SSH_SERVER, "ssh.server.software", TEXT, 0, "ssh", "Identification of the server") \
	F(BEACON_KIND, "beacon.kind", TEXT, 0, "beacon", "What repeats: flow, connect, proxy-auth, proxy-request, or challenge (requests that never answer a 407)") \
	F(BEACON_INTERVAL, "beacon.interval", REAL, 0, "beacon", "Median seconds between starts") \
	F(BEACON_JITTER, "beacon.jitter", REAL, 0, "beacon", "Median absolute deviation of that, relative to the median") \
	F(BEACON_COUNT, "beacon.count", UINT, 0, "beacon", "Starts in this run") \
	F(BEACON_SPAN, "beacon.span", REAL, 0, "beacon", "Seconds from the first start to this one") \
	F(BEACON_SUCCEEDED, "beacon.succeeded", UINT, 0, "beacon", "How many of the starts were answered") \
	F(BEACON_TARGET, "beacon.target", TEXT, 0, "beacon", "What is called: host:port, or address:port") \
	/* kerberos, smb, dce_rpc, ldap, rdp */ \
	F(KERBEROS_TYPE, "kerberos.type", TEXT, 0, "kerberos", "AS, TGS, or KPASSWD (a password change)") \
	F(KERBEROS_CLIENT, "kerberos.client", TEXT, 0, "kerberos", "Client principal as asked for; of the reply where the request does not name it") \
	F(KERBEROS_CLIENT_TYPE, "kerberos.client_type", TEXT, 0, "kerberos", "Its name type: principal, enterprise (user@domain), srv-inst, wellknown …") \
	F(KERBEROS_CLIENT_REALM, "kerberos.client_realm", TEXT, 0, "kerberos", "Realm of the client in the reply, where it is not the one asked") \
	F(KERBEROS_REALM, "kerberos.realm", TEXT, 0, "kerberos", "Realm asked") \
	F(KERBEROS_SERVICE, "kerberos.service", TEXT, 0, "kerberos auth http proxy smb dce_rpc ldap rdp winrm", "Service principal asked for; of the ticket shown, outside of kerberos records") \
	F(KERBEROS_FOR_USER, "kerberos.for_user", TEXT, 0, "kerberos", "Account on whose behalf a service asks (S4U2self, MS-SFU)") \
	F(KERBEROS_OPTIONS, "kerberos.options", TEXT, 1, "kerberos", "KDC options: forwardable, forwarded, renewable, canonicalize, cname-in-addl-tkt …") \
	F(KERBEROS_ERROR, "kerberos.error", UINT, 0, "kerberos auth http proxy smb dce_rpc ldap rdp winrm", "KRB-ERROR code (RFC 4120 section 7.5.9)") \
	F(KERBEROS_ERROR_NAME, "kerberos.error_name", TEXT, 0, "kerberos auth http proxy smb dce_rpc ldap rdp winrm", "Its name, as KDC_ERR_PREAUTH_FAILED") \
	F(KERBEROS_ETYPES, "kerberos.etypes", TEXT, 1, "kerberos", "Encryption types offered") \
	F(KERBEROS_ETYPE, "kerberos.etype", TEXT, 0, "kerberos", "Encryption type of the ticket issued") \
	F(KERBEROS_RETRIED, "kerberos.retried", BOOL, 0, "kerberos", "Asked over UDP before, at event.start, where the answer was too big (RFC 4120 section 7.2.1): the same exchange") \
	F(KERBEROS_REPLY_ETYPE, "kerberos.reply_etype", TEXT, 0, "kerberos", "Encryption type of the reply's part for the client") \
	F(KERBEROS_PREAUTH, "kerberos.preauth", TEXT, 1, "kerberos", "Kinds of pre-authentication data in the request: enc-timestamp, pk-as-req, fx-fast, pac-request …") \
	F(KERBEROS_PREAUTH_ETYPE, "kerberos.preauth_etype", TEXT, 0, "kerberos", "Encryption type of the encrypted timestamp") \
	F(KERBEROS_PAC_REQUEST, "kerberos.pac_request", BOOL, 0, "kerberos", "PA-PAC-REQUEST: whether a PAC is wanted (absent where the request does not say)") \
	F(KERBEROS_ADDRESSES, "kerberos.addresses", TEXT, 1, "kerberos", "Addresses that the ticket shall be good for; Windows gives its NetBIOS name") \
	F(KERBEROS_TICKET, "kerberos.ticket", TEXT, 0, "kerberos auth http proxy smb dce_rpc ldap rdp winrm", "Fingerprint of the ticket shown") \
	F(KERBEROS_TICKET_ETYPE, "kerberos.ticket_etype", TEXT, 0, "kerberos auth http proxy smb dce_rpc ldap rdp winrm", "Encryption type of the ticket shown") \
	F(KERBEROS_TICKET_REALM, "kerberos.ticket_realm", TEXT, 0, "kerberos auth http proxy smb dce_rpc ldap rdp winrm", "Realm named in the ticket shown") \
	F(KERBEROS_AUTHENTICATOR_ETYPE, "kerberos.authenticator_etype", TEXT, 0, "kerberos auth http proxy smb dce_rpc ldap rdp winrm", "Encryption type of the authenticator shown with it (of the session key)") \
	F(KERBEROS_MUTUAL, "kerberos.mutual", BOOL, 0, "kerberos auth http proxy smb dce_rpc ldap rdp winrm", "An AP-REP came back: the service took the ticket") \
	F(KERBEROS_ARMOR_TICKET, "kerberos.armor_ticket", TEXT, 0, "kerberos", "Fingerprint of the ticket that armors the request (RFC 6113), usually of the computer") \
	F(KERBEROS_SOURCE_AES_SEEN, "kerberos.source_aes_seen", BOOL, 0, "kerberos", "No AES is offered, though this source offered it before") \
	F(KERBEROS_CLIENT_AES_SEEN, "kerberos.client_aes_seen", BOOL, 0, "kerberos", "No AES is offered, though this account used it before") \
	F(KERBEROS_SERVICE_AES_SEEN, "kerberos.service_aes_seen", BOOL, 0, "kerberos", "The ticket is not of AES, though this service had tickets of AES before") \
	F(KERBEROS_SERVICE_IS_SOURCE, "kerberos.service_is_source", BOOL, 0, "kerberos", "A ticket for host/NAME: whether NAME is the source itself, by the name it is known by") \
	F(KERBEROS_NEW_TICKET, "kerberos.new_ticket", TEXT, 0, "kerberos", "Fingerprint of the ticket issued") \
	F(KERBEROS_ISSUED_SERVICE, "kerberos.issued_service", TEXT, 0, "kerberos", "Service in the ticket issued, where it is not the one asked for") \
	F(KERBEROS_ISSUED_REALM, "kerberos.issued_realm", TEXT, 0, "kerberos", "Realm of the ticket issued, where it is not the one asked") \
	F(KERBEROS_TICKET_MOVED, "kerberos.ticket_moved", BOOL, 0, "kerberos auth http proxy smb dce_rpc ldap rdp winrm", "The ticket was issued to another address") \
	F(KERBEROS_TICKET_ISSUED_TO, "kerberos.ticket_issued_to", IP, 0, "kerberos auth http proxy smb dce_rpc ldap rdp winrm", "That address") \
	F(KERBEROS_TICKET_FORWARDED, "kerberos.ticket_forwarded", BOOL, 0, "kerberos auth http proxy smb dce_rpc ldap rdp winrm", "The ticket was asked for to be forwarded: it may be shown from elsewhere") \
	F(KERBEROS_TICKET_UNSEEN, "kerberos.ticket_unseen", BOOL, 0, "kerberos auth http proxy smb dce_rpc ldap rdp winrm", "The ticket was never seen issued, though a KDC of its realm is watched") \
	F(KERBEROS_KDC_WATCHED, "kerberos.kdc_watched", REAL, 0, "kerberos auth http proxy smb dce_rpc ldap rdp winrm", "Seconds for which all known KDCs of the ticket's realm have been watched without loss (with ticket_unseen)") \
	F(SMB_VERSION, "smb.version", TEXT, 0, "smb auth", "Dialect agreed: 2.0.2, 2.1, 3.0, 3.0.2, 3.1.1, or the name of the SMB 1 dialect (NT LM 0.12)") \
	F(SMB_DIALECTS, "smb.dialects", TEXT, 1, "smb", "Dialects offered by the client") \
	F(SMB_COMMAND, "smb.command", TEXT, 0, "smb", "negotiate, session_setup, logoff, tree_connect, create, read, write, close, rename, delete, query_directory, ioctl, transaction; encrypted or compressed where the content is hidden; session_request (RFC 1002)") \
	F(SMB_STATUS, "smb.status", TEXT, 0, "smb", "NTSTATUS of the answer by name, or in hexadecimal") \
	F(SMB_SHARE, "smb.share", TEXT, 0, "smb dce_rpc", "Share as sent: \\\\host\\share") \
	F(SMB_SHARE_TYPE, "smb.share_type", TEXT, 0, "smb", "disk, pipe or print") \
	F(SMB_PIPE, "smb.pipe", TEXT, 0, "smb dce_rpc", "Named pipe, without \\PIPE\\") \
	F(SMB_ACCESS, "smb.access", TEXT, 1, "smb", "Access asked for: read, write, append, execute, delete … (generic rights count as what they stand for)") \
	F(SMB_DISPOSITION, "smb.disposition", TEXT, 0, "smb", "What create is to do: supersede, open, create, open_if, overwrite, overwrite_if") \
	F(SMB_ACTION, "smb.action", TEXT, 0, "smb", "What create did: superseded, opened, created, overwritten") \
	F(SMB_DELETE_ON_CLOSE, "smb.delete_on_close", BOOL, 0, "smb", "The file is to go when it is closed") \
	F(SMB_TARGET, "smb.target", TEXT, 0, "smb", "New path of a renamed file") \
	F(SMB_PATTERN, "smb.pattern", TEXT, 0, "smb", "Pattern of a directory search") \
	F(SMB_FUNCTION, "smb.function", TEXT, 0, "smb", "Control code of an ioctl by name, or in hexadecimal") \
	F(SMB_READ_BYTES, "smb.read_bytes", UINT, 0, "smb", "Bytes read from the file while it was open") \
	F(SMB_WRITE_BYTES, "smb.write_bytes", UINT, 0, "smb", "Bytes written to it") \
	F(SMB_SESSION_FLAGS, "smb.session_flags", TEXT, 1, "smb auth", "guest, null, encrypt (answer of the server), binding (a further channel of a session)") \
	F(SMB_NATIVE_OS, "smb.native_os", TEXT, 0, "smb auth", "Operating system as the SMB 1 client names itself") \
	F(SMB_CALLED, "smb.called", TEXT, 0, "smb", "NetBIOS name that the client calls (RFC 1002 section 4.3.2)") \
	F(SMB_CALLING, "smb.calling", TEXT, 0, "smb", "NetBIOS name of the client") \
	F(SMB_ENCRYPTED, "smb.encrypted", BOOL, 0, "smb auth", "The content is encrypted, or will be (session or share that asks for it)") \
	F(SMB_SIGNED, "smb.signed", BOOL, 0, "smb auth", "The answer (the request where none was seen) is signed") \
	F(SMB_SESSION_ID, "smb.session_id", TEXT, 0, "smb auth dce_rpc", "SMB 3: session id in hexadecimal, the same on all channels of a session (MS-SMB2 section 2.2.1.2)") \
	F(SMB_TREE_ID, "smb.tree_id", UINT, 0, "smb dce_rpc", "SMB 3: tree id, the same on all channels of a session") \
	F(SMB_FILE_ID, "smb.file_id", TEXT, 0, "smb dce_rpc", "SMB 3: file id in hexadecimal, the same on all channels of a session") \
	F(FILE_PATH, "file.path", TEXT, 0, "smb", "Path inside the share, without a leading backslash") \
	F(FILE_NAME, "file.name", TEXT, 0, "smb", "Last part of the path") \
	F(FILE_EXTENSION, "file.extension", TEXT, 0, "smb", "Extension in lower case") \
	F(FILE_SIZE, "file.size", UINT, 0, "smb", "Size in bytes, as the server told it last") \
	F(FILE_DIRECTORY, "file.directory", BOOL, 0, "smb", "It is a directory") \
	F(FILE_MAGIC, "file.magic", TEXT, 0, "smb", "First bytes written at the start of the file (up to 16) in hexadecimal") \
	F(FILE_EXECUTABLE, "file.executable", BOOL, 0, "smb", "These bytes begin a program: MZ, ELF or Mach-O") \
	F(DCE_RPC_ENDPOINT, "dce_rpc.endpoint", TEXT, 0, "dce_rpc", "Name of the interface") \
	F(DCE_RPC_OPERATION, "dce_rpc.operation", TEXT, 0, "dce_rpc", "Name of the operation") \
	F(DCE_RPC_INTERFACE, "dce_rpc.interface", TEXT, 0, "dce_rpc", "UUID of the interface") \
	F(DCE_RPC_OPNUM, "dce_rpc.opnum", UINT, 0, "dce_rpc", "Operation number") \
	F(DCE_RPC_CARRIER, "dce_rpc.carrier", TEXT, 0, "dce_rpc", "smb or tcp") \
	F(DCE_RPC_AUTH_LEVEL, "dce_rpc.auth_level", TEXT, 0, "dce_rpc", "none, connect, call, packet, integrity or privacy") \
	F(DCE_RPC_AUTH_TYPE, "dce_rpc.auth_type", TEXT, 0, "dce_rpc", "Security provider: spnego, ntlm, kerberos, netlogon, schannel, or its number") \
	F(DCE_RPC_ENCRYPTED, "dce_rpc.encrypted", BOOL, 0, "dce_rpc", "Arguments and answer are encrypted (level privacy)") \
	F(DCE_RPC_VERSION, "dce_rpc.version", TEXT, 0, "dce_rpc", "Version of the interface, as 2.0") \
	F(DCE_RPC_OBJECT, "dce_rpc.object", TEXT, 0, "dce_rpc", "UUID of the object called (DCOM: the IPID)") \
	F(DCE_RPC_TRANSFER, "dce_rpc.transfer", TEXT, 1, "dce_rpc", "Transfer syntaxes offered in a bind and what became of each: ndr accepted, ndr64 refused, features negotiated …") \
	F(DCE_RPC_STATUS, "dce_rpc.status", TEXT, 0, "dce_rpc", "Status of a fault, or reason of a bind_nak, as 0x00000005") \
	F(DCE_RPC_RETURN_CODE, "dce_rpc.return_code", TEXT, 0, "dce_rpc", "What the operation returned (Win32 error, NTSTATUS or HRESULT), as 0x00000000, where it is in clear") \
	F(DCE_RPC_MAPPED_INTERFACE, "dce_rpc.mapped.interface", TEXT, 0, "dce_rpc", "Interface asked of the endpoint mapper") \
	F(DCE_RPC_MAPPED_ENDPOINT, "dce_rpc.mapped.endpoint", TEXT, 0, "dce_rpc", "Its name") \
	F(DCE_RPC_MAPPED_PORT, "dce_rpc.mapped.port", UINT, 0, "dce_rpc", "TCP port that the endpoint mapper gave (the first)") \
	F(DCE_RPC_MAPPED_BINDINGS, "dce_rpc.mapped.bindings", TEXT, 1, "dce_rpc", "All that it gave, as interface@ncacn_ip_tcp:address[port]") \
	F(DCE_RPC_ARG_SERVICE, "dce_rpc.argument.service", TEXT, 0, "dce_rpc", "Service named, or named when the handle in use was opened") \
	F(DCE_RPC_ARG_DISPLAY_NAME, "dce_rpc.argument.display_name", TEXT, 0, "dce_rpc", "Display name of a service") \
	F(DCE_RPC_ARG_COMMAND, "dce_rpc.argument.command", TEXT, 0, "dce_rpc", "Command line of a service, job or task") \
	F(DCE_RPC_ARG_TASK, "dce_rpc.argument.task", TEXT, 0, "dce_rpc", "Path of a scheduled task") \
	F(DCE_RPC_ARG_ACCOUNT, "dce_rpc.argument.account", TEXT, 1, "dce_rpc", "Accounts, groups or aliases named") \
	F(DCE_RPC_ARG_DOMAIN, "dce_rpc.argument.domain", TEXT, 0, "dce_rpc", "Domain named") \
	F(DCE_RPC_ARG_HOST, "dce_rpc.argument.host", TEXT, 0, "dce_rpc", "Computer named") \
	F(DCE_RPC_ARG_SERVER, "dce_rpc.argument.server", TEXT, 0, "dce_rpc", "Server as the client names it") \
	F(DCE_RPC_ARG_SHARE, "dce_rpc.argument.share", TEXT, 0, "dce_rpc", "Share named") \
	F(DCE_RPC_ARG_PATH, "dce_rpc.argument.path", TEXT, 1, "dce_rpc", "Files named") \
	F(DCE_RPC_ARG_KEY, "dce_rpc.argument.key", TEXT, 0, "dce_rpc", "Registry key named") \
	F(DCE_RPC_ARG_VALUE, "dce_rpc.argument.value", TEXT, 0, "dce_rpc", "Registry value named") \
	F(DCE_RPC_ARG_NAME, "dce_rpc.argument.name", TEXT, 0, "dce_rpc", "Another name: printer, driver, database, secret, event log") \
	F(DCE_RPC_ARG_CLASS, "dce_rpc.argument.class", TEXT, 0, "dce_rpc", "Class of an object activated by DCOM (CLSID)") \
	F(DCE_RPC_ARG_CLASS_NAME, "dce_rpc.argument.class_name", TEXT, 0, "dce_rpc", "Its name, where it is a known one: MMC20.Application, ShellWindows, ShellBrowserWindow, WbemLevel1Login …") \
	F(LDAP_VERSION, "ldap.version", UINT, 0, "ldap", "Version of a bind (RFC 4511 section 4.2)") \
	F(LDAP_MECHANISM, "ldap.mechanism", TEXT, 0, "ldap", "How a bind is made: simple, anonymous, unauthenticated (a name without a password), sicily (MS-ADTS 5.1.1.1.3), or the SASL mechanism as sent") \
	F(LDAP_DN, "ldap.dn", TEXT, 0, "ldap", "Entry acted on: name of a bind, base of a search, entry added, modified, deleted, renamed") \
	F(LDAP_NEW_DN, "ldap.new_dn", TEXT, 0, "ldap", "New name of a renamed or moved entry") \
	F(LDAP_SCOPE, "ldap.scope", TEXT, 0, "ldap", "Scope of a search: base, one, sub, subordinate") \
	F(LDAP_FILTER, "ldap.filter", TEXT, 0, "ldap", "Filter of a search (RFC 4515)") \
	F(LDAP_ATTRIBUTES, "ldap.attributes", TEXT, 1, "ldap", "Attributes asked for, or touched by add, modify and compare; never their values") \
	F(LDAP_EXTENDED, "ldap.extended", TEXT, 0, "ldap", "Object identifier of an extended request") \
	F(LDAP_RESULT, "ldap.result", UINT, 0, "ldap", "Result code (RFC 4511 section 4.1.9): 0 success, 49 invalid credentials") \
	F(LDAP_ERROR, "ldap.error", TEXT, 0, "ldap auth", "Sub-code of Active Directory in the diagnostic message: 525 no such user, 52e wrong password, 532, 533, 701, 773, 775") \
	F(LDAP_DIAGNOSTIC, "ldap.diagnostic", TEXT, 0, "ldap", "Diagnostic message of the server (up to 256 bytes)") \
	F(LDAP_ENTRIES, "ldap.entries", UINT, 0, "ldap", "Entries that a search returned") \
	F(LDAP_BYTES, "ldap.bytes", UINT, 0, "ldap", "Bytes of the answer to a search") \
	F(LDAP_REPEATS, "ldap.repeats", UINT, 0, "ldap", "How often the same search was repeated on this connection since it was told (entries and bytes are those of the repeats)") \
	F(LDAP_SEALED, "ldap.sealed", BOOL, 0, "ldap", "What follows is wrapped by SASL and cannot be read") \
	F(RDP_COOKIE, "rdp.cookie", TEXT, 0, "rdp", "User prefix of the X.224 cookie, as sent") \
	F(RDP_TOKEN, "rdp.token", TEXT, 0, "rdp", "Routing token of a connection request (MS-RDPBCGR 2.2.1.1)") \
	F(RDP_REQUESTED, "rdp.requested", TEXT, 1, "rdp", "Security protocols that the client can do: rdp, tls, nla, rdstls, nla-ex, aad") \
	F(RDP_SECURITY, "rdp.security", TEXT, 0, "rdp", "The one that the server chose") \
	F(RDP_CLIENT_NAME, "rdp.client.name", TEXT, 0, "rdp", "Name of the client computer (only without TLS)") \
	F(RDP_CLIENT_BUILD, "rdp.client.build", UINT, 0, "rdp", "Build number of the client (only without TLS)") \
	F(RDP_KEYBOARD, "rdp.keyboard_layout", TEXT, 0, "rdp", "Keyboard layout of the client as 0x00000411 (only without TLS)") \
	F(WINRM_ACTION, "winrm.action", TEXT, 0, "winrm", "Action of the WS-Management request, its last part, where it is in clear") \
	F(WINRM_RESOURCE, "winrm.resource", TEXT, 0, "winrm", "Resource that it is for, where it is in clear") \
	F(WINRM_ENCRYPTED, "winrm.encrypted", BOOL, 0, "winrm", "The message is encrypted (MS-WSMV 2.2.9.1)") \
	F(DHCP_MESSAGE, "dhcp.message", TEXT, 0, "dhcp", "discover, offer, request, decline, ack, nak, release or inform") \
	F(DHCP_CLIENT_MAC, "dhcp.client.mac", TEXT, 0, "dhcp", "Hardware address of the client") \
	F(DHCP_CLIENT_NAME, "dhcp.client.name", TEXT, 0, "dhcp", "Name that the client gives itself (options 12 and 81)") \
	F(DHCP_REQUESTED_IP, "dhcp.requested_ip", IP, 0, "dhcp", "Address that the client asks for, or has already") \
	F(DHCP_ASSIGNED_IP, "dhcp.assigned_ip", IP, 0, "dhcp", "Address that the server gives") \
	F(DHCP_SERVER_IP, "dhcp.server_ip", IP, 0, "dhcp", "Server identifier (option 54)") \
	F(DHCP_ROUTER_IP, "dhcp.router_ip", IP, 1, "dhcp", "Routers that the server gives (option 3)") \
	F(DHCP_DNS_IP, "dhcp.dns_ip", IP, 1, "dhcp", "DNS servers that the server gives (option 6)") \
	F(DHCP_VENDOR_CLASS, "dhcp.vendor_class", TEXT, 0, "dhcp", "Vendor class identifier (option 60)") \
	F(DHCP_WPAD, "dhcp.wpad", TEXT, 0, "dhcp", "Address of a proxy configuration that the server gives (option 252)") \
	F(RELAY_KIND, "relay.kind", TEXT, 0, "relay", "accepts: passes a connection on that it accepted; connects: joins two that it opened; joins: two that it accepted") \
	F(RELAY_PEER_IP, "relay.peer.ip", IP, 0, "relay", "Far end of the other connection") \
	F(RELAY_PEER_PORT, "relay.peer.port", UINT, 0, "relay", "Port of the other connection's server") \
	F(RELAY_DELAY, "relay.delay", REAL, 0, "relay", "Seconds between the starts of the two connections") \
	F(RELAY_LIKENESS, "relay.likeness", REAL, 0, "relay", "How alike their volumes are, 0 to 1: the smaller over the greater, in the worse of the two directions") \
	F(RELAY_BYTES, "relay.bytes", UINT, 0, "relay", "Payload bytes of the other connection, in the direction that has fewer") \
	F(ARP_NETWORK, "arp.network", TEXT, 0, "arp", "The 256 addresses around the one asked for, as 10.1.10.0/24") \
	F(ARP_GATEWAY, "arp.gateway", BOOL, 0, "arp", "The asker is a declared gateway: it asks for whoever the outside looks for") \
	F(ARP_ROUTER, "arp.router", BOOL, 0, "arp", "No gateway is declared, and by the asker's link address hosts of several networks were reached that day") \
	F(ARP_UNICAST, "arp.unicast", BOOL, 0, "arp", "Asked of one link address, not of all: the asker knows the host already") \
	/* the sensor on itself */ \
	F(SENSOR_CAPTURE_FILE, "sensor.capture_file", TEXT, 0, "*", "Capture file (replay)") \
	F(SENSOR_PACKET, "sensor.packet", UINT, 0, "*", "Number of the packet in that file, from 1") \
	F(SENSOR_KIND, "sensor.kind", TEXT, 0, "sensor", "What kind of thing it speaks of: zone, proxy, domain_controller, file_server, admin_terminal, pair, account, exception, interface, output …") \
	F(SENSOR_SUBJECT, "sensor.subject", TEXT, 0, "sensor", "Its name: the zone, the interface, the output, the account …") \
	F(SENSOR_REASON, "sensor.reason", TEXT, 0, "sensor", "Which case of event.action it is, as smb_encrypted of a blind spot, never or stopped of a silence") \
	F(SENSOR_STATE, "sensor.state", TEXT, 0, "sensor", "begins, lasts or ends, where the state goes on") \
	F(SENSOR_COUNT, "sensor.count", UINT, 0, "sensor", "How many (packets dropped, connections of one side …)") \
	F(SENSOR_TOTAL, "sensor.total", UINT, 0, "sensor", "Out of how many") \
	F(SENSOR_SHARE, "sensor.share", REAL, 0, "sensor", "sensor.count of sensor.total, 0 to 1") \
	F(SENSOR_SPAN, "sensor.span", UINT, 0, "sensor", "Seconds that it has lasted, or that the clock jumped") \
	F(SENSOR_WELL, "sensor.well", BOOL, 0, "sensor", "Nothing to act upon (of the daily line)") \
	F(SENSOR_DETAIL, "sensor.detail", TEXT, 0, "sensor", "Details for people") \
	F(SENSOR_DETAIL_JA, "sensor.detail_ja", TEXT, 0, "sensor", "The same in Japanese") \
	/* alert */ \
	F(RULE_ID, "rule.id", TEXT, 0, "alert", "Rule, as E-11") \
	F(RULE_UUID, "rule.uuid", TEXT, 0, "alert", "Sigma id of the document that fired") \
	F(RULE_NAME, "rule.name", TEXT, 0, "alert", "Title") \
	F(RULE_NAME_JA, "rule.name_ja", TEXT, 0, "alert", "Title in Japanese") \
	F(RULE_DESCRIPTION, "rule.description", TEXT, 0, "alert", "What was seen and why it matters") \
	F(RULE_DESCRIPTION_JA, "rule.description_ja", TEXT, 0, "alert", "The same in Japanese") \
	F(RULE_LEVEL, "rule.level", TEXT, 0, "alert", "informational, low, medium, high, critical") \
	F(IPA_MEASURE, "ipa.measure", TEXT, 0, "alert", "Measure set, A to F") \
	F(IPA_NAME, "ipa.name", TEXT, 0, "alert", "Name of the measure set") \
	F(IPA_NAME_JA, "ipa.name_ja", TEXT, 0, "alert", "The same in Japanese") \
	F(IPA_BASIS, "ipa.basis", TEXT, 0, "alert", "guide, guide?, ipa15, jpcert, nisc, exam or beyond: where the rule comes from") \
	F(THREAT_TECHNIQUE_ID, "threat.technique.id", TEXT, 1, "alert", "ATT&CK techniques") \
	F(MESSAGE, "message", TEXT, 0, "alert", "One sentence with the values in it") \
	F(MESSAGE_JA, "message_ja", TEXT, 0, "alert", "The same in Japanese") \
	F(ALERT_KEY, "alert.key", TEXT, 0, "alert", "Stable across repeats of this rule and group") \
	F(ALERT_STATE, "alert.state", TEXT, 0, "alert", "open, raised (a higher level than told before, or success after failure), closed for the line that carries the total, or folded for one that stands for many") \
	F(ALERT_FOLDED, "alert.folded", UINT, 0, "alert", "Alerts that this line stands for, beyond limits.alerts_per_minute (state folded)") \
	F(ALERT_SOURCES, "alert.sources", UINT, 0, "alert", "Different sources of those; 1025: more than 1024") \
	F(ALERT_COUNT, "alert.count", UINT, 0, "alert", "Matches counted so far") \
	F(ALERT_FIRST, "alert.first", TIME, 0, "alert", "First match") \
	F(ALERT_LAST, "alert.last", TIME, 0, "alert", "Last match") \
	F(ALERT_EVIDENCE, "alert.evidence", TEXT, 1, "alert", "Records behind it: event.id, in replay with file#packet") \
	F(ALERT_VISIBILITY, "alert.visibility", TEXT, 0, "alert", "full, or partial with the reason") \
	F(ALERT_RESPONSE, "alert.response", TEXT, 0, "alert", "First response") \
	F(ALERT_RESPONSE_JA, "alert.response_ja", TEXT, 0, "alert", "The same in Japanese") \
	F(ALERT_VALUES, "alert.values", TEXT, 1, "alert", "Distinct values behind a value_count, up to 10") \
	F(ALERT_EVIDENCE_FILE, "alert.evidence_file", TEXT, 0, "alert", "Packets behind it: a pcapng file that is complete some seconds after the alert") \
	F(CHAIN_SEQ, "chain.seq", UINT, 0, "*", "Number of the line in the chain of its file (added by the output)") \
	F(CHAIN_PREV, "chain.prev", TEXT, 0, "*", "Hash of the line before; where a file or a run begins") \
	F(CHAIN_HASH, "chain.hash", TEXT, 0, "*", "SHA-256 over the line and the hash of the line before") \
	F(CHAIN_MAC, "chain.mac", TEXT, 0, "*", "HMAC of the hash with a key that nobody has any more but who keeps the first one") \
	F(RELATED_USER, "related.user", TEXT, 1, "*", "Accounts in the record and lately seen at its addresses") \
	F(RELATED_IP, "related.ip", IP, 1, "*", "Addresses in the records behind it")
/* clang-format on */

#define FIELD_AS_ENUM(id, name, type, list, kinds, doc) FIELD_##id,
enum field { FIELDS(FIELD_AS_ENUM) FIELD_COUNT };
#undef FIELD_AS_ENUM

struct field_row {
	const char *name;
	enum field_type type;
	bool list;         /* may hold several values */
	const char *kinds; /* names of the kinds of record that carry it, or "*" */
	const char *doc;
};
extern const struct field_row fields[FIELD_COUNT];

/* The field of that name, or FIELD_COUNT. Case matters. */
enum field field_find(struct bytes name);
/* The name nearest to what was written, for an error line; NULL where nothing is near. */
const char *field_suggest(struct bytes name);
/* "text", "uint" … */
const char *field_type_name(enum field_type type);
/* Field numbers in order of their names (what nests the JSON); FIELD_COUNT entries. */
const enum field *fields_by_name(void);

#endif
