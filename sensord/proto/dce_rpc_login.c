/* SPDX-License-Identifier: BSD-2-Clause
 * Logons inside DCE/RPC (MS-RPCE section 3.3.1.5.2): tokens ride in the trailers of bind, bind_ack, alter_context and
 * auth3. A logon is told once: a success when the server goes on with what was sent under it, a failure when it answers
 * with "access denied", unknown where the connection ends before. A new bind, or another context of authentication,
 * begins a new one. */
#include "dce_rpc.h"

enum { SPNEGO = 9, NTLM = 10, KERBEROS = 16 };

/* Sets every value of from in into, also those that into has already. */
static void override(struct record *into, const struct record *from)
{
	for (uint16_t i = 0; i < from->n_values; i++)
		record_unset(into, (enum field)from->values[i].field);
	record_merge(into, from);
}

static void forget(struct dce_login *login)
{
	record_free(login->known);
	memset(login, 0, sizeof(*login));
}

void dce_login_done(struct parse *p, struct dce_rpc *rpc, const char *outcome, uint32_t error)
{
	struct dce_login *login = &rpc->login;

	if (!login->known || !login->ready || login->told)
		return;
	login->told = true;
	struct record *r = parse_record_at(p, DATASET_AUTH, login->time_ns, login->packet);
	if (!r)
		return;
	dce_tell_ends(rpc, r);
	record_unset(r, FIELD_USER_NAME); /* an SMB session around it has an account of its own */
	record_unset(r, FIELD_USER_DOMAIN);
	override(r, login->known);
	record_set_string(r, FIELD_AUTH_CARRIER, "dce_rpc");
	record_set_string(r, FIELD_EVENT_OUTCOME, outcome);
	if (record_has(r, FIELD_USER_NAME))
		record_set_string(r, FIELD_AUTH_ATTRIBUTED_BY, "wire");
	if (strcmp(outcome, "failure") == 0)
		record_printf(r, FIELD_AUTH_ERROR, "0x%08x", error);
	parse_emit(p, r);
}

/* The client's last word: NTLM's AUTHENTICATE, or Kerberos' first. */
static bool is_proof(const struct record *r)
{
	return record_text_is(r, FIELD_NTLM_MESSAGE, "authenticate") || record_text_is(r, FIELD_AUTH_MECHANISM, "kerberos");
}

static void proven(struct parse *p, struct dce_login *login)
{
	if (login->ready)
		return;
	login->ready = true;
	login->time_ns = parse_time_ns(p);
	login->packet = parse_packet(p);
}

void dce_login_used(struct parse *p, struct dce_rpc *rpc, const struct dce_pdu *pdu)
{
	if (pdu->auth_type && rpc->login.known && pdu->auth_context == rpc->login.context)
		proven(p, &rpc->login);
}

static void learn(struct parse *p, struct dce_rpc *rpc, const struct dce_pdu *pdu, struct record *r)
{
	struct dce_login *login = &rpc->login;

	record_clear(r, DATASET_AUTH, parse_time_ns(p));
	if (login->known)
		record_merge(r, login->known);
	record_unset(r, FIELD_NTLM_MESSAGE);
	if (!parse_inner(p, pdu->auth_type == NTLM ? "ntlm" : "gss", pdu->token, r))
		return;
	if (dce_side(p, rpc) == CLIENT && is_proof(r))
		proven(p, login);
	record_free(login->known);
	login->known = record_copy(r);
}

void dce_login_token(struct parse *p, struct dce_rpc *rpc, const struct dce_pdu *pdu)
{
	struct dce_login *login = &rpc->login;

	if (pdu->token.size == 0 || (pdu->auth_type != SPNEGO && pdu->auth_type != NTLM && pdu->auth_type != KERBEROS))
		return;
	if (dce_side(p, rpc) == CLIENT && (pdu->type == DCE_BIND || pdu->auth_context != login->context)) {
		dce_login_done(p, rpc, "unknown", 0);
		forget(login);
	}
	login->context = pdu->auth_context;
	struct record *r = parse_record(p, DATASET_AUTH);
	if (!r)
		r = parse_record(p, DATASET_DCE_RPC);
	if (r)
		learn(p, rpc, pdu, r);
}

void dce_login_name(const struct dce_rpc *rpc, struct record *r)
{
	const struct record *known = rpc->login.known;

	if (!rpc->login.ready || !record_has(known, FIELD_USER_NAME))
		return;
	record_set_text(r, FIELD_USER_NAME, record_text(known, FIELD_USER_NAME));
	record_unset(r, FIELD_USER_DOMAIN);
	if (record_has(known, FIELD_USER_DOMAIN))
		record_set_text(r, FIELD_USER_DOMAIN, record_text(known, FIELD_USER_DOMAIN));
}
