/* SPDX-License-Identifier: BSD-2-Clause
 * SMB 2 sessions and trees: MS-SMB2 sections 2.2.5 to 2.2.12. */
#include "smb.h"

void smb2_session_setup(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *r)
{
	if (m->request) {
		reader_skip(r, 2);
		uint8_t flags = reader_u8(r);
		reader_skip(r, 9);
		uint64_t offset = reader_u16_le(r);
		uint64_t size = reader_u16_le(r);
		if (!reader_ok(r))
			return;
		struct smb_pending *q = smb_pending_make(p, s, m, SMB_SESSION_SETUP);
		if (!q)
			return;
		q->binding = flags & 1;
		smb_logon_request(p, s, q, smb_part(m, offset, size));
		return;
	}
	struct smb_pending *q = smb_pending_take(s, m->id);
	struct bytes token = { 0 };
	unsigned flags = 0;
	if (m->status == 0 || m->status == SMB_STATUS_MORE) {
		reader_skip(r, 2);
		flags = reader_u16_le(r) & (SMB_GUEST | SMB_NULL | SMB_ENCRYPT);
		uint64_t offset = reader_u16_le(r);
		uint64_t size = reader_u16_le(r);
		if (reader_ok(r))
			token = smb_part(m, offset, size);
	}
	smb_logon_answer(p, s, m, q, token, flags);
	smb_pending_free(q);
}

void smb2_logoff(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *r)
{
	(void)r;
	smb_logged_off(p, s, m);
}

/* Section 2.2.9: a flag moves the path behind a context (3.1.1); its offset then counts from there. */
static struct bytes share_path(const struct smb_message *m, struct reader *r)
{
	struct reader body = *r;

	reader_skip(r, 2);
	unsigned flags = reader_u16_le(r);
	uint64_t offset = reader_u16_le(r);
	uint64_t size = reader_u16_le(r);
	if (!reader_ok(r))
		return (struct bytes){ 0 };
	if (flags & 4) {
		reader_skip(&body, 8);
		return smb_part(m, reader_offset(&body) + offset, size);
	}
	return smb_part(m, offset, size);
}

static void tree_answered(struct parse *p, struct smb *s, const struct smb_message *m, struct smb_pending *q,
			  struct reader *r)
{
	struct smb_tree *t = m->status == 0 ? smb_tree_make(s, m->tree) : NULL;
	reader_skip(r, 2);
	unsigned type = reader_u8(r);
	reader_skip(r, 1);
	uint32_t flags = reader_u32_le(r);

	if (t) {
		t->type = reader_ok(r) && type <= SMB_SHARE_PRINT ? (enum smb_share_type)type : SMB_SHARE_UNKNOWN;
		t->encrypted = reader_ok(r) && flags & 0x8000;
		t->path = q && q->text ? strdup(q->text) : NULL;
	}
	if (q)
		q->tree = m->tree;
	struct record *record = smb_begin(p, s, SMB_TREE_CONNECT, q, m);
	if (q)
		record_set_string(record, FIELD_SMB_SHARE, q->text);
	parse_emit(p, record);
}

void smb2_tree_connect(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *r)
{
	if (m->request) {
		struct bytes path = share_path(m, r);
		struct smb_pending *q = smb_pending_make(p, s, m, SMB_TREE_CONNECT);
		if (q) {
			q->text = smb_text(path, true);
			q->tree = 0;
		}
		return;
	}
	struct smb_pending *q = smb_pending_take(s, m->id);
	tree_answered(p, s, m, q, r);
	smb_pending_free(q);
}

void smb2_tree_disconnect(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *r)
{
	(void)p;
	(void)r;
	if (!m->request && m->status == 0)
		smb_tree_drop(s, m->tree);
}
