/* SPDX-License-Identifier: BSD-2-Clause
 * The list of protocols, in the order in which they are tried: one line each. P(x) is `const struct protocol
 * protocol_x`, defined in the protocol's own file. Those that only live inside others (no probe) stand last. */
#include "proto/protocol.h"

/* clang-format off */
#define PROTOCOLS(P) \
	P(http) \
	P(tls) \
	P(ssh) \
	P(socks) \
	P(smb) \
	P(dce_rpc) \
	P(dns) \
	P(kerberos) \
	P(smtp) \
	P(ftp) \
	P(pop3) \
	P(imap) \
	P(ldap) \
	P(rdp) \
	P(telnet) \
	P(vnc) \
	P(snmp) \
	P(nbns) \
	P(llmnr) \
	P(mdns) \
	P(dhcp) \
	P(proxy_header) \
	P(ntlm) \
	P(gss) \
	P(krb5) \
	/* end */
/* clang-format on */

#define AS_DECLARATION(x) extern const struct protocol protocol_##x;
PROTOCOLS(AS_DECLARATION)

#define AS_POINTER(x) &protocol_##x,
const struct protocol *const protocols[] = { PROTOCOLS(AS_POINTER) NULL };
