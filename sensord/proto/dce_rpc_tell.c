/* SPDX-License-Identifier: BSD-2-Clause
 * What all records of a DCE/RPC connection have in common: carrier, account, interface, kind of authentication
 * (MS-RPCE sections 2.2.1.1.7 and 2.2.1.1.8). */
#include "base/text.h"
#include "dce_rpc.h"

void dce_tell_ends(const struct dce_rpc *rpc, struct record *r)
{
	if (rpc->turned)
		record_turn(r);
}

struct record *dce_record(struct parse *p, const struct dce_rpc *rpc, uint64_t time_ns, uint64_t packet)
{
	struct record *r = parse_record_at(p, DATASET_DCE_RPC, time_ns, packet);

	if (!r)
		return NULL;
	if (!record_has(r, FIELD_DCE_RPC_CARRIER))
		record_set_string(r, FIELD_DCE_RPC_CARRIER, parse_is_datagram(p) ? "udp" : "tcp");
	dce_tell_ends(rpc, r);
	dce_login_name(rpc, r);
	return r;
}

void dce_tell_interface(struct record *r, const struct dce_id *id)
{
	char room[DCE_UUID_TEXT];
	const struct dce_interface *i = dce_interface_find(id->uuid);

	record_set_string(r, FIELD_DCE_RPC_INTERFACE, dce_uuid_text(id->uuid, room));
	record_printf(r, FIELD_DCE_RPC_VERSION, "%u.%u", id->major, id->minor);
	if (i)
		record_set_string(r, FIELD_DCE_RPC_ENDPOINT, i->name);
}

static const char *auth_type_name(unsigned type)
{
	switch (type) {
	case 9: return "spnego";
	case 10: return "ntlm";
	case 14: return "schannel";
	case 16: return "kerberos";
	case 68: return "netlogon";
	default: return NULL;
	}
}

void dce_tell_auth(struct record *r, unsigned level, unsigned type)
{
	static const char *const levels[] = { "none", "none", "connect", "call", "packet", "integrity", "privacy" };

	if (level < ARRAY_SIZE(levels))
		record_set_string(r, FIELD_DCE_RPC_AUTH_LEVEL, levels[level]);
	else
		record_printf(r, FIELD_DCE_RPC_AUTH_LEVEL, "%u", level);
	if (type == 0)
		return;
	if (auth_type_name(type))
		record_set_string(r, FIELD_DCE_RPC_AUTH_TYPE, auth_type_name(type));
	else
		record_printf(r, FIELD_DCE_RPC_AUTH_TYPE, "%u", type);
}
