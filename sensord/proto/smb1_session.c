/* SPDX-License-Identifier: BSD-2-Clause
 * SMB 1 sessions and trees: MS-CIFS sections 2.2.4.50 to 2.2.4.55, MS-SMB sections 2.2.4.6 and 2.2.4.7. */
#include <stdlib.h>

#include "smb.h"

enum { WORDS_EXTENDED = 24 - 4, WORDS_NT = 26 - 4 }; /* bytes of words behind the AndX ones */
#define V1_RESPONSE 24				     /* bytes of an NTLMv1 response */

static void set_name(struct record *r, enum field f, struct bytes wire, bool utf16)
{
	if (wire.size == 0)
		return;
	if (utf16)
		record_set_utf16(r, f, wire);
	else
		record_set_wire(r, f, wire);
}

/* The challenge was in the negotiation; names and answer stand in the request itself. */
static void plain_logon(struct parse *p, const struct smb_message *m, struct smb_pending *q, size_t answer,
			struct reader *bytes)
{
	struct record *r = smb_blank(p);
	struct bytes account = smb1_string(m, bytes, m->unicode);
	struct bytes domain = smb1_string(m, bytes, m->unicode);

	record_set_string(r, FIELD_AUTH_MECHANISM, "ntlm");
	record_set_string(r, FIELD_NTLM_RESPONSE, answer <= 1 ? "empty" : answer <= V1_RESPONSE ? "v1" : "v2");
	set_name(r, FIELD_USER_NAME, account, m->unicode);
	set_name(r, FIELD_USER_DOMAIN, domain, m->unicode);
	q->who = r ? record_copy(r) : NULL;
	q->target = smb_text(smb1_string(m, bytes, m->unicode), m->unicode);
}

static void setup_request(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words,
			  struct reader *bytes)
{
	size_t kind = reader_left(words);

	reader_skip(words, 10);
	size_t first = reader_u16_le(words);
	size_t second = kind == WORDS_NT ? reader_u16_le(words) : 0;
	if (!reader_ok(words))
		return;
	struct smb_pending *q = smb_pending_make(p, s, m, SMB_SESSION_SETUP);
	if (!q)
		return;
	struct bytes secret = reader_take(bytes, first);
	reader_skip(bytes, second);
	if (!reader_ok(bytes))
		return;
	if (kind == WORDS_EXTENDED) {
		smb_logon_request(p, s, q, secret);
		q->target = smb_text(smb1_string(m, bytes, m->unicode), m->unicode);
	} else {
		plain_logon(p, m, q, second ? second : first, bytes);
	}
}

static bool is_null(const struct smb_pending *q)
{
	return q && q->who && !record_has(q->who, FIELD_USER_NAME) &&
	       record_text_is(q->who, FIELD_NTLM_RESPONSE, "empty");
}

void smb1_session_setup(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words,
			struct reader *bytes)
{
	if (m->request) {
		setup_request(p, s, m, words, bytes);
		return;
	}
	struct smb_pending *q = smb_pending_take(s, m->id);
	struct bytes token = { 0 };
	bool extended = reader_left(words) >= 4;
	unsigned action = reader_u16_le(words);
	size_t size = extended ? reader_u16_le(words) : 0;
	if (extended)
		token = reader_take(bytes, size);
	if (!reader_ok(words))
		action = 0;
	smb_logon_answer(p, s, m, q, token,
			 (action & 1 ? SMB_GUEST : 0) | (is_null(q) && m->status == 0 ? SMB_NULL : 0));
	smb_pending_free(q);
}

void smb1_logoff(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words,
		 struct reader *bytes)
{
	(void)words;
	(void)bytes;
	smb_logged_off(p, s, m);
}

/* Service names: MS-CIFS section 2.2.4.50.1. */
static enum smb_share_type service_type(struct bytes service)
{
	static const struct {
		const char *name;
		enum smb_share_type type;
	} services[] = { { "A:", SMB_SHARE_DISK }, { "IPC", SMB_SHARE_PIPE }, { "LPT1:", SMB_SHARE_PRINT } };

	for (size_t i = 0; i < ARRAY_SIZE(services); i++)
		if (bytes_equal(service, bytes_string(services[i].name)))
			return services[i].type;
	return SMB_SHARE_UNKNOWN;
}

static void connected(struct parse *p, struct smb *s, const struct smb_message *m, struct smb_pending *q, uint64_t id,
		      enum smb_share_type type)
{
	struct smb_tree *t = m->status == 0 ? smb_tree_make(s, id) : NULL;

	if (t) {
		t->type = type;
		t->path = q && q->text ? strdup(q->text) : NULL;
	}
	if (q) { /* in a chain the session is known by the answer only */
		q->session = m->session;
		q->tree = m->status == 0 ? id : UINT64_MAX;
	}
	struct record *r = smb_begin(p, s, SMB_TREE_CONNECT, q, m);
	if (q)
		record_set_string(r, FIELD_SMB_SHARE, q->text);
	parse_emit(p, r);
}

static struct smb_pending *ask_tree(struct parse *p, struct smb *s, const struct smb_message *m, struct bytes path,
				    bool utf16)
{
	struct smb_pending *q = smb_pending_make(p, s, m, SMB_TREE_CONNECT);

	if (q)
		q->text = smb_text(path, utf16);
	return q;
}

void smb1_tree_connect(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words,
		       struct reader *bytes)
{
	if (m->request) {
		reader_skip(words, 2);
		size_t password = reader_u16_le(words);
		reader_skip(bytes, password);
		struct bytes path = smb1_string(m, bytes, m->unicode);
		if (reader_ok(words))
			ask_tree(p, s, m, path, m->unicode);
		return;
	}
	struct smb_pending *q = smb_pending_take(s, m->id);
	connected(p, s, m, q, m->tree, service_type(smb1_string(m, bytes, false)));
	smb_pending_free(q);
}

/* Section 2.2.4.50: strings have a format byte before them; the answer has the tree id in its words. */
void smb1_tree_connect_old(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words,
			   struct reader *bytes)
{
	if (m->request) {
		reader_skip(bytes, 1);
		struct bytes path = smb1_string(m, bytes, m->unicode);
		reader_skip(bytes, 1);
		smb1_string(m, bytes, m->unicode); /* password */
		reader_skip(bytes, 1);
		struct bytes service = smb1_string(m, bytes, false);
		struct smb_pending *q = ask_tree(p, s, m, path, m->unicode);
		if (q)
			q->function = service_type(service);
		return;
	}
	struct smb_pending *q = smb_pending_take(s, m->id);
	reader_skip(words, 2);
	uint64_t id = reader_u16_le(words);
	connected(p, s, m, q, reader_ok(words) ? id : m->tree,
		  q ? (enum smb_share_type)q->function : SMB_SHARE_UNKNOWN);
	smb_pending_free(q);
}

void smb1_tree_disconnect(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words,
			  struct reader *bytes)
{
	(void)p;
	(void)words;
	(void)bytes;
	if (!m->request && m->status == 0)
		smb_tree_drop(s, m->tree);
}
