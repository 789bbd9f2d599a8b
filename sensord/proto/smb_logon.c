/* SPDX-License-Identifier: BSD-2-Clause
 * Logons: the tokens of all legs of a session setup (MS-SMB2 section 3.2.4.2.3) are read into one record, kept with the
 * request and then with the session; the last answer makes the auth record and the session's own. */
#include "smb.h"

/* Reads a token with what is known already; returns what is known then, or NULL. known stays the caller's. */
static struct record *learn(struct parse *p, const struct record *known, struct bytes token, enum side from)
{
	struct record *r = smb_blank(p);

	if (!r)
		return NULL;
	if (known)
		record_merge(r, known);
	if (from == CLIENT)
		record_unset(r, FIELD_NTLM_MESSAGE); /* named by the client's last message, not by its first */
	bool had = record_has(r, FIELD_AUTH_MECHANISM);
	bool read = parse_inner(p, "gss", token, r);
	return read || had ? record_copy(r) : NULL;
}

void smb_logon_request(struct parse *p, struct smb *s, struct smb_pending *q, struct bytes token)
{
	const struct smb_session *session = smb_session_find(s, q->session);

	q->who = learn(p, session ? session->coming : NULL, token, CLIENT);
	if (session && session->packet) { /* the logon began with its first leg */
		q->time_ns = session->time_ns;
		q->packet = session->packet;
	}
}

/* Every leg has it, or only the first. */
static const char *native_os(struct smb *s, const struct smb_pending *q)
{
	const struct smb_session *session = q && !q->target ? smb_session_find(s, q->session) : NULL;

	return session ? session->native_os : q ? q->target : NULL;
}

/* The account of SMB 1 may stand in the request itself; both kinds end here. */
static void set_logon(struct smb *s, struct record *r, const struct record *who, const struct smb_pending *q,
		      unsigned flags)
{
	if (who)
		record_merge(r, who);
	record_set_string(r, FIELD_AUTH_CARRIER, "smb");
	record_set_string(r, FIELD_SMB_VERSION, s->version);
	record_set_string(r, FIELD_SMB_NATIVE_OS, native_os(s, q));
	smb_set_session_flags(r, flags);
	if (flags & SMB_ENCRYPT)
		record_set_bool(r, FIELD_SMB_ENCRYPTED, true);
	if (record_has(r, FIELD_AUTH_TARGET))
		return;
	enum field names[] = { FIELD_NTLM_DNS_COMPUTER, FIELD_NTLM_NB_COMPUTER, FIELD_NTLM_TARGET };
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!record_has(r, names[i]))
			continue;
		UNINITIALIZED char room[256];
		struct text t = TEXT_ON(room);
		text_utf8(&t, record_text(r, names[i]));
		record_set_text(r, FIELD_AUTH_TARGET, text_bytes(&t));
		return;
	}
}

static void tell_auth(struct parse *p, struct smb *s, const struct smb_message *m, const struct smb_pending *q,
		      const struct record *who, unsigned flags, const char *outcome)
{
	char room[16];
	struct record *r =
		parse_record_at(p, DATASET_AUTH, q ? q->time_ns : parse_time_ns(p), q ? q->packet : parse_packet(p));

	if (!r)
		return;
	set_logon(s, r, who, q, flags);
	smb_set_ids(r, s, m && m->session ? m->session : q ? q->session : 0, 0);
	record_set_string(r, FIELD_EVENT_OUTCOME, outcome);
	if (m)
		record_set_bool(r, FIELD_SMB_SIGNED, m->signed_);
	if (m && m->status_dos && m->status)
		record_printf(r, FIELD_AUTH_ERROR, "DOS_%u_%u", m->status & 0xff, m->status >> 16);
	else if (m && m->status)
		record_set_string(r, FIELD_AUTH_ERROR, smb_status_name(m->status, room));
	parse_emit(p, r);
}

static void tell_session(struct parse *p, struct smb *s, const struct smb_message *m, const struct smb_pending *q,
			 const struct record *who, unsigned flags, const char *outcome)
{
	struct record *r = smb_begin(p, s, SMB_SESSION_SETUP, q, m);

	if (!r)
		return;
	record_unset(r, FIELD_SMB_SHARE);
	record_unset(r, FIELD_SMB_SHARE_TYPE);
	smb_set_who(r, who);
	record_unset(r, FIELD_SMB_SESSION_FLAGS);
	smb_set_session_flags(r, flags);
	if (flags & SMB_ENCRYPT)
		record_set_bool(r, FIELD_SMB_ENCRYPTED, true);
	record_set_string(r, FIELD_SMB_NATIVE_OS, native_os(s, q));
	record_set_string(r, FIELD_EVENT_OUTCOME, outcome);
	parse_emit(p, r);
}

/* Not the last leg: what is known goes to the session, with the answer's token. */
static void go_on(struct parse *p, struct smb *s, const struct smb_message *m, struct smb_pending *q,
		  struct bytes token)
{
	struct smb_session *session = smb_session_make(p, s, m->session);

	if (!session)
		return;
	if (!session->packet) {
		session->time_ns = q ? q->time_ns : parse_time_ns(p);
		session->packet = q ? q->packet : parse_packet(p);
	}
	if (q && q->binding)
		session->flags |= SMB_BINDING;
	if (q && q->target && !session->native_os) {
		session->native_os = q->target;
		q->target = NULL;
	}
	struct record *who = learn(p, q ? q->who : session->coming, token, SERVER);
	if (!who && q) {
		who = q->who;
		q->who = NULL;
	}
	if (who) {
		record_free(session->coming);
		session->coming = who;
	}
}

/* who is taken over. */
static void establish(struct parse *p, struct smb *s, uint64_t id, struct record *who, unsigned flags)
{
	struct smb_session *session = smb_session_make(p, s, id);

	if (!session) {
		record_free(who);
		return;
	}
	if (!who) {
		who = session->coming;
		session->coming = NULL;
	}
	if (who) {
		record_free(session->who);
		session->who = who;
	}
	record_free(session->coming);
	session->coming = NULL;
	session->flags = (uint8_t)flags;
	session->packet = 0;
	session->established = true;
}

/* A session whose second logon fails keeps the account of its first. */
static void refuse(struct smb *s, struct smb_session *session, struct record *who)
{
	record_free(who);
	if (!session)
		return;
	record_free(session->coming);
	session->coming = NULL;
	session->packet = 0;
	if (!session->established)
		smb_session_drop(s, session->node.key[0]);
}

void smb_logon_answer(struct parse *p, struct smb *s, const struct smb_message *m, struct smb_pending *q,
		      struct bytes token, unsigned flags)
{
	if (m->status == SMB_STATUS_MORE && !m->status_dos) {
		go_on(p, s, m, q, token);
		return;
	}
	struct smb_session *session = smb_session_find(s, m->session);
	const char *outcome = m->status == 0 ? "success" : "failure";
	const struct record *known = q && q->who ? q->who : session ? session->coming : NULL;
	struct record *who = token.size ? learn(p, known, token, SERVER) : NULL;

	if (!who && q) {
		who = q->who;
		q->who = NULL;
	}
	known = who ? who : session && session->coming ? session->coming : session ? session->who : NULL;
	if ((q && q->binding) || (session && session->flags & SMB_BINDING))
		flags |= SMB_BINDING;
	if (known)
		tell_auth(p, s, m, q, known, flags, outcome);
	tell_session(p, s, m, q, known, flags, outcome);
	if (m->status == 0)
		establish(p, s, m->session, who, flags);
	else
		refuse(s, session, who);
}

void smb_logon_unanswered(struct parse *p, struct smb *s, const struct smb_pending *q)
{
	unsigned flags = q->binding ? SMB_BINDING : 0;

	if (q->who)
		tell_auth(p, s, NULL, q, q->who, flags, "unknown");
	tell_session(p, s, NULL, q, q->who, flags, "unknown");
}

static struct smb_session *unfinished(struct smb *s)
{
	for (struct smb_node *n = s->sessions.oldest; n; n = n->newer)
		if (((struct smb_session *)n)->packet)
			return (struct smb_session *)n;
	return NULL;
}

static void tell_unfinished(struct parse *p, struct smb *s, struct smb_session *x)
{
	struct smb_pending q = { .session = x->node.key[0], .time_ns = x->time_ns, .packet = x->packet };
	struct smb_message m = { .status = SMB_STATUS_MORE, .session = x->node.key[0] };

	x->packet = 0;
	if (x->coming)
		tell_auth(p, s, NULL, &q, x->coming, x->flags, "unknown");
	tell_session(p, s, &m, &q, x->coming, x->flags, "unknown");
}

void smb_logon_abandoned(struct parse *p, struct smb *s, struct smb_session *x)
{
	if (x && x->packet)
		tell_unfinished(p, s, x);
}

void smb_logon_unfinished(struct parse *p, struct smb *s)
{
	struct smb_session *x;

	while ((x = unfinished(s)) != NULL)
		tell_unfinished(p, s, x);
}

void smb_logged_off(struct parse *p, struct smb *s, const struct smb_message *m)
{
	if (m->request) {
		smb_pending_make(p, s, m, SMB_LOGOFF);
		return;
	}
	struct smb_pending *q = smb_pending_take(s, m->id);
	smb_logon_abandoned(p, s, smb_session_find(s, m->session));
	parse_emit(p, smb_begin(p, s, SMB_LOGOFF, q, m));
	if (m->status == 0)
		smb_session_drop(s, m->session);
	smb_pending_free(q);
}
