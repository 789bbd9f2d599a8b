/* SPDX-License-Identifier: BSD-2-Clause
 * Named pipes (MS-RPCE section 2.1.1.2): what is written to and read from one is a conversation of its own, which
 * belongs to "dce_rpc". The bytes are handed on as they come, however large the message is. */
#include "smb.h"

static uint64_t mix(uint64_t x)
{
	x ^= x >> 31;
	x *= UINT64_C(0x9e3779b97f4a7c15);
	return x ^ x >> 29;
}

/* Session, tree and file make the key: file ids of different sessions may be alike. */
static uint64_t child_key(const struct smb_file *f)
{
	uint64_t key = mix(f->session);

	key = mix(key ^ f->tree);
	key = mix(key ^ f->node.key[0]);
	return mix(key ^ f->node.key[1]);
}

static void open_child(struct parse *p, struct smb *s, struct smb_file *f)
{
	struct record *r = smb_blank(p);
	const struct smb_session *session = smb_session_find(s, f->session);
	const struct smb_tree *tree = smb_tree_find(s, f->tree);

	f->child_tried = true;
	f->child = child_key(f);
	record_set_string(r, FIELD_SMB_VERSION, s->version);
	record_set_string(r, FIELD_SMB_PIPE, f->path ? smb_pipe_name(f->path) : NULL);
	smb_set_ids(r, s, f->session, f->tree);
	smb_set_file_id(r, s, f->node.key);
	record_set_string(r, FIELD_SMB_SHARE, tree ? tree->path : NULL);
	record_set_string(r, FIELD_DCE_RPC_CARRIER, "smb");
	if (session)
		smb_set_who(r, session->who);
	/* A copy: to open one may close another, which then tells in the same record. */
	struct record *common = r ? record_copy(r) : NULL;
	f->child_open = parse_child_open(p, f->child, "dce_rpc", common);
	record_free(common);
}

void smb_pipe_bytes(struct parse *p, struct smb *s, const uint64_t id[2], enum side side, struct bytes b)
{
	struct smb_file *f = smb_file_find(s, id);

	if (b.size == 0)
		return;
	if (!f) { /* opened before the capture began */
		f = smb_file_make(p, s, id);
		if (!f)
			return;
		f->pipe = true;
	}
	f->pipe = true;
	if (!f->child_tried)
		open_child(p, s, f);
	if (!f->child_open || parse_child_bytes(p, f->child, side, b))
		return;
	open_child(p, s, f); /* it had to make room for other pipes: the name still says what it carries */
	if (f->child_open)
		parse_child_bytes(p, f->child, side, b);
}

/* The head of a DCE/RPC call (C706 section 12.6.3.1): version 5, its kind, whole, ASCII and IEEE numbers, some size. */
bool smb_pipe_like(struct bytes start)
{
	return start.size >= 16 && start.at[0] == 5 && start.at[1] <= 1 && start.at[2] <= 19 && start.at[4] == 0x10 &&
	       start.at[5] == 0 && start.at[6] == 0 && start.at[7] == 0;
}

void smb_pipe_named(struct parse *p, struct smb *s, const struct smb_pending *q)
{
	const char *name = smb_pipe_name(q->text);

	if (smb_file_find(s, q->file) || !name || !*name ||
	    bytes_equal_nocase(bytes_string(name), bytes_string("PIPE\\")))
		return;
	struct smb_file *f = smb_file_make(p, s, q->file);
	if (!f)
		return;
	f->pipe = true;
	f->session = q->session;
	f->tree = q->tree;
	f->path = strdup(name);
}

void smb_pipe_payload(struct parse *p, struct smb *s, const struct smb_message *m, const uint64_t id[2],
		      uint64_t offset, uint64_t size)
{
	struct smb_lane *lane = &s->lanes[parse_side(p)];
	uint64_t there = m->all.size;

	if (offset > m->size || offset == 0)
		return;
	if (size > m->size - offset)
		size = m->size - offset;
	if (!smb_file_find(s, id)) { /* opened before the capture began, or on another channel of the session */
		struct smb_file *f = smb_file_make(p, s, id);
		if (!f)
			return;
		f->pipe = true;
		f->session = m->session;
		f->tree = m->tree;
	}
	uint64_t now = offset < there ? there - offset : 0;
	if (now > size)
		now = size;
	lane->before = offset > there ? offset - there : 0;
	lane->payload = size - now;
	lane->pipe[0] = id[0];
	lane->pipe[1] = id[1];
	lane->pipe_side = m->side;
	if (now > 0)
		smb_pipe_bytes(p, s, id, m->side, bytes_of(m->all.at + offset, (size_t)now));
}
