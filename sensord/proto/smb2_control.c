/* SPDX-License-Identifier: BSD-2-Clause
 * SMB 2 control codes, directory searches, renaming and deleting: MS-SMB2 sections 2.2.31 to 2.2.34 and 2.2.39, with
 * the information classes of MS-FSCC section 2.4. */
#include "smb.h"

#define PIPE_TRANSCEIVE 0x0011c017u

enum { RENAME = 10, DISPOSITION = 13, DISPOSITION_EX = 64, RENAME_EX = 65, INFO_FILE = 1 };

static void ioctl_request(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *r)
{
	reader_skip(r, 4);
	uint32_t function = reader_u32_le(r);
	uint64_t persistent = reader_u64_le(r);
	uint64_t local = reader_u64_le(r);
	uint64_t offset = reader_u32_le(r);
	uint64_t size = reader_u32_le(r);
	struct smb_pending *q = reader_ok(r) ? smb_pending_make(p, s, m, SMB_IOCTL) : NULL;

	if (!q)
		return;
	q->function = function;
	smb2_file_id(s, m, q, persistent, local);
	if (function != PIPE_TRANSCEIVE || q->is_related)
		return;
	q->pipe = true;
	smb_pipe_payload(p, s, m, q->file, offset, size);
}

static void ioctl_answer(struct parse *p, struct smb *s, const struct smb_message *m, const struct smb_pending *q,
			 struct reader *r)
{
	char room[16];
	bool data = m->status == 0 || m->status == SMB_STATUS_OVERFLOW;

	reader_skip(r, 32);
	uint64_t offset = reader_u32_le(r);
	uint64_t size = reader_u32_le(r);
	if (q->pipe && data) {
		if (reader_ok(r))
			smb_pipe_payload(p, s, m, q->file, offset, size);
		return;
	}
	struct record *record = smb_begin(p, s, SMB_IOCTL, q, m);
	const struct smb_file *f = smb_file_find(s, q->file);
	record_set_string(record, FIELD_SMB_FUNCTION, smb_function_name(q->function, room));
	if (f)
		smb_set_path(record, f->path, f->pipe);
	parse_emit(p, record);
}

void smb2_ioctl(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *r)
{
	if (m->request) {
		ioctl_request(p, s, m, r);
		return;
	}
	struct smb_pending *q = smb_pending_take(s, m->id);
	if (q)
		ioctl_answer(p, s, m, q, r);
	smb_pending_free(q);
}

/* A search goes on through many requests: it is told by its first. */
void smb2_query_directory(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *r)
{
	if (m->request) {
		reader_skip(r, 8);
		uint64_t persistent = reader_u64_le(r);
		uint64_t local = reader_u64_le(r);
		uint64_t offset = reader_u16_le(r);
		uint64_t size = reader_u16_le(r);
		struct smb_pending *q = reader_ok(r) ? smb_pending_make(p, s, m, SMB_QUERY_DIRECTORY) : NULL;
		if (!q)
			return;
		smb2_file_id(s, m, q, persistent, local);
		q->text = smb_text(smb_part(m, offset, size), true);
		return;
	}
	struct smb_pending *q = smb_pending_take(s, m->id);
	struct smb_file *f = q ? smb_file_find(s, q->file) : NULL;
	if (q && !(f && f->listed)) {
		struct record *record = smb_begin(p, s, SMB_QUERY_DIRECTORY, q, m);
		record_set_string(record, FIELD_SMB_PATTERN, q->text);
		if (f)
			smb_set_path(record, f->path, false);
		parse_emit(p, record);
	}
	if (f)
		f->listed = true;
	smb_pending_free(q);
}

/* FileRenameInformation for SMB 2 (MS-FSCC section 2.4.43.2): flags, 7 reserved, root directory, length, name. */
static char *rename_target(struct bytes info)
{
	struct reader r = reader_open(info);

	reader_skip(&r, 16);
	size_t size = reader_u32_le(&r);
	return smb_text(reader_take(&r, size), true);
}

static void set_info_request(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *r)
{
	reader_skip(r, 2);
	unsigned type = reader_u8(r);
	unsigned class = reader_u8(r);
	uint64_t size = reader_u32_le(r);
	uint64_t offset = reader_u16_le(r);
	reader_skip(r, 6);
	uint64_t persistent = reader_u64_le(r);
	uint64_t local = reader_u64_le(r);
	struct bytes info = smb_part(m, offset, size);
	bool renames = class == RENAME || class == RENAME_EX;
	bool deletes = (class == DISPOSITION || class == DISPOSITION_EX) && info.size > 0 && info.at[0] & 1;

	if (!reader_ok(r) || type != INFO_FILE || !(renames || deletes))
		return;
	struct smb_pending *q = smb_pending_make(p, s, m, renames ? SMB_RENAME : SMB_DELETE);
	if (!q)
		return;
	smb2_file_id(s, m, q, persistent, local);
	if (renames)
		q->target = rename_target(info);
}

void smb2_set_info(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *r)
{
	if (m->request) {
		set_info_request(p, s, m, r);
		return;
	}
	struct smb_pending *q = smb_pending_take(s, m->id);
	if (q) {
		struct record *record = smb_begin(p, s, q->command, q, m);
		const struct smb_file *f = smb_file_find(s, q->file);
		if (f)
			smb_set_path(record, f->path, false);
		record_set_string(record, FIELD_SMB_TARGET, q->target);
		parse_emit(p, record);
	}
	smb_pending_free(q);
}
