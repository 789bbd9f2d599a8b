/* SPDX-License-Identifier: BSD-2-Clause
 * SMB 2 files: create, close, read, write (MS-SMB2 sections 2.2.13 to 2.2.22). */
#include "smb.h"

enum { DELETE_ON_CLOSE = 0x1000, DIRECTORY = 0x10, FIXED_WRITE = 112 };

static void create_request(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *r)
{
	reader_skip(r, 24);
	uint32_t access = reader_u32_le(r);
	reader_skip(r, 8);
	uint32_t disposition = reader_u32_le(r);
	uint32_t options = reader_u32_le(r);
	uint64_t offset = reader_u16_le(r);
	uint64_t size = reader_u16_le(r);
	if (!reader_ok(r))
		return;
	struct smb_pending *q = smb_pending_make(p, s, m, SMB_CREATE);
	if (!q)
		return;
	struct bytes name = size ? smb_part(m, offset, size) : (struct bytes){ 0 };
	if (name.size >= 2 && name.at[0] == '\\' && name.at[1] == 0) /* some clients send one, against section 2.2.13 */
		name = bytes_of(name.at + 2, name.size - 2);
	q->text = smb_text(name, true);
	q->access = access;
	q->disposition = (uint8_t)(disposition > 255 ? 255 : disposition);
	q->delete_on_close = options & DELETE_ON_CLOSE;
	s->related = m->id[0];
	s->related_known = true;
}

static void create_answer(struct parse *p, struct smb *s, const struct smb_message *m, const struct smb_pending *q,
			  struct reader *r)
{
	reader_skip(r, 4);
	uint32_t action = reader_u32_le(r);
	reader_skip(r, 40);
	uint64_t size = reader_u64_le(r);
	uint32_t attributes = reader_u32_le(r);
	reader_skip(r, 4);
	uint64_t id[2];
	id[0] = reader_u64_le(r);
	id[1] = reader_u64_le(r);
	bool opened = m->status == 0 && reader_ok(r);
	bool pipe = q && smb_is_pipe(s, q->tree, q->text);

	if (opened) {
		smb_pending_related(s, m->id[0], id);
		smb_file_opened(p, s, m, q, id, pipe, attributes & DIRECTORY, pipe ? NULL : &size);
	}
	struct record *record = smb_begin(p, s, SMB_CREATE, q, m);
	if (opened) {
		smb_set_file_id(record, s, id);
		record_set_string(record, FIELD_SMB_ACTION, smb_action_name(action));
		if (attributes & DIRECTORY)
			record_set_bool(record, FIELD_FILE_DIRECTORY, true);
		else if (!pipe)
			record_set_uint(record, FIELD_FILE_SIZE, size);
	}
	if (q) {
		smb_set_path(record, q->text, pipe);
		smb_set_create(record, q);
	}
	parse_emit(p, record);
}

void smb2_create(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *r)
{
	if (m->request) {
		create_request(p, s, m, r);
		return;
	}
	struct smb_pending *q = smb_pending_take(s, m->id);
	create_answer(p, s, m, q, r);
	smb_pending_free(q);
}

void smb2_close(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *r)
{
	reader_skip(r, 2);
	unsigned flags = reader_u16_le(r);
	reader_skip(r, 4);
	if (m->request) {
		uint64_t persistent = reader_u64_le(r);
		uint64_t local = reader_u64_le(r);
		struct smb_pending *q = reader_ok(r) ? smb_pending_make(p, s, m, SMB_CLOSE) : NULL;
		if (q)
			smb2_file_id(s, m, q, persistent, local);
		return;
	}
	struct smb_pending *q = smb_pending_take(s, m->id);
	reader_skip(r, 40);
	uint64_t size = reader_u64_le(r);
	if (q && m->status == 0 && !q->is_related)
		smb_file_closed(p, s, q->file, reader_ok(r) && flags & 1 ? &size : NULL);
	smb_pending_free(q);
}

static void read_answer(struct parse *p, struct smb *s, const struct smb_message *m, const struct smb_pending *q,
			struct reader *r)
{
	reader_skip(r, 2);
	uint64_t offset = reader_u8(r);
	reader_skip(r, 1);
	uint32_t size = reader_u32_le(r);
	if (!reader_ok(r) || (m->status != 0 && m->status != SMB_STATUS_OVERFLOW))
		return;
	const struct smb_file *f = smb_file_find(s, q->file);
	if (f && f->pipe)
		smb_pipe_payload(p, s, m, q->file, offset, size);
	else
		smb_file_answered(p, s, m, q, size);
}

void smb2_read(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *r)
{
	if (m->request) {
		reader_skip(r, 4);
		uint32_t size = reader_u32_le(r);
		uint64_t offset = reader_u64_le(r);
		uint64_t persistent = reader_u64_le(r);
		uint64_t local = reader_u64_le(r);
		struct smb_pending *q = reader_ok(r) ? smb_pending_make(p, s, m, SMB_READ) : NULL;
		if (!q)
			return;
		q->size = size;
		q->offset = offset;
		smb2_file_id(s, m, q, persistent, local);
		return;
	}
	struct smb_pending *q = smb_pending_take(s, m->id);
	if (q)
		read_answer(p, s, m, q, r);
	smb_pending_free(q);
}

static void write_request(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *r)
{
	reader_skip(r, 2);
	uint64_t data = reader_u16_le(r);
	uint32_t size = reader_u32_le(r);
	uint64_t offset = reader_u64_le(r);
	uint64_t persistent = reader_u64_le(r);
	uint64_t local = reader_u64_le(r);
	struct smb_pending *q = reader_ok(r) ? smb_pending_make(p, s, m, SMB_WRITE) : NULL;

	if (!q)
		return;
	q->size = size;
	q->offset = offset;
	smb2_file_id(s, m, q, persistent, local);
	const struct smb_file *f = q->is_related ? NULL : smb_file_find(s, q->file);
	struct bytes start = { 0 };
	if (data >= FIXED_WRITE)
		start = smb_part(m, data, size < SMB_MAGIC ? size : SMB_MAGIC);
	bool known = f && (f->pipe || f->written || smb_tree_find(s, f->tree));
	if (known ? f->pipe : !q->is_related && smb_pipe_like(start)) {
		smb_pipe_payload(p, s, m, q->file, data, size);
		return;
	}
	smb_file_wrote(p, s, q, start);
}

void smb2_write(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *r)
{
	if (m->request) {
		write_request(p, s, m, r);
		return;
	}
	struct smb_pending *q = smb_pending_take(s, m->id);
	reader_skip(r, 4);
	uint32_t size = reader_u32_le(r);
	if (q && m->status == 0 && reader_ok(r))
		smb_file_answered(p, s, m, q, size);
	smb_pending_free(q);
}
