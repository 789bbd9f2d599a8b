/* SPDX-License-Identifier: BSD-2-Clause
 * SMB 1 files: open, create, close, read, write, delete, rename (MS-CIFS section 2.2.4, MS-SMB section 2.2.4). */
#include "smb.h"

enum {
	DELETE_ON_CLOSE = 0x1000,
	DIRECTORY = 0x10,
	RESOURCE_DISK = 0,
	RESOURCE_BYTE_PIPE = 1,
	RESOURCE_MESSAGE_PIPE = 2
};

/* Section 2.2.4.2.1: the low bits of AccessMode. */
static uint32_t old_access(unsigned mode)
{
	static const uint32_t access[] = { 0x80000000, 0x40000000, 0xc0000000, 0xa0000000 };

	return access[mode & 3];
}

/* Section 2.2.4.41.1: what OpenMode asks for, as the numbers of NT_CREATE. */
static uint8_t old_disposition(unsigned mode)
{
	static const uint8_t made[] = { 2, 3, 5, 3 }, found[] = { 1, 1, 4, 1 };

	return mode & 0x10 ? made[mode & 3] : found[mode & 3];
}

static char *path_text(struct bytes name, bool utf16)
{
	size_t unit = utf16 ? 2 : 1;

	while (name.size >= unit && name.at[0] == '\\' && (!utf16 || name.at[1] == 0))
		name = bytes_of(name.at + unit, name.size - unit);
	return smb_text(name, utf16);
}

static struct smb_pending *ask(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *bytes,
			       enum smb_command c)
{
	struct smb_pending *q = smb_pending_make(p, s, m, c);

	if (q)
		q->text = path_text(smb1_string(m, bytes, m->unicode), m->unicode);
	return q;
}

struct opened {
	bool known;
	uint64_t id, size;
	uint32_t action, attributes;
	unsigned resource;
};

static void answered(struct parse *p, struct smb *s, const struct smb_message *m, const struct opened *o)
{
	struct smb_pending *q = smb_pending_take(s, m->id);
	bool fine = m->status == 0 && o->known;
	bool directory = fine && o->attributes & DIRECTORY;
	uint64_t id[2] = { o->id, 0 };

	if (q && (q->tree == 0 || q->tree == 0xffff)) { /* the tree came with the same chain */
		q->tree = m->tree;
		q->session = m->session;
	}
	bool pipe = (q && smb_is_pipe(s, q->tree, q->text)) ||
		    (fine && (o->resource == RESOURCE_BYTE_PIPE || o->resource == RESOURCE_MESSAGE_PIPE));
	if (fine)
		smb_file_opened(p, s, m, q, id, pipe, directory, pipe ? NULL : &o->size);
	struct record *r = smb_begin(p, s, SMB_CREATE, q, m);
	if (fine) {
		record_set_string(r, FIELD_SMB_ACTION, smb_action_name(o->action));
		if (directory)
			record_set_bool(r, FIELD_FILE_DIRECTORY, true);
		else if (!pipe)
			record_set_uint(r, FIELD_FILE_SIZE, o->size);
	}
	if (q) {
		const struct smb_file *f = fine ? smb_file_find(s, id) : NULL;
		smb_set_path(r, f ? f->path : q->text, pipe);
		smb_set_create(r, q);
	}
	parse_emit(p, r);
	smb_pending_free(q);
}

/* NT_CREATE_ANDX: MS-CIFS section 2.2.4.64 */
void smb1_create(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words,
		 struct reader *bytes)
{
	struct opened o = { .known = true };

	if (m->request) {
		reader_skip(words, 11);
		uint32_t access = reader_u32_le(words);
		reader_skip(words, 16);
		uint32_t disposition = reader_u32_le(words);
		uint32_t options = reader_u32_le(words);
		struct smb_pending *q = reader_ok(words) ? ask(p, s, m, bytes, SMB_CREATE) : NULL;
		if (!q)
			return;
		q->access = access;
		q->disposition = (uint8_t)(disposition > 255 ? 255 : disposition);
		q->delete_on_close = options & DELETE_ON_CLOSE;
		return;
	}
	reader_skip(words, 1);
	o.id = reader_u16_le(words);
	o.action = reader_u32_le(words);
	reader_skip(words, 32);
	o.attributes = reader_u32_le(words);
	reader_skip(words, 8);
	o.size = reader_u64_le(words);
	o.resource = reader_u16_le(words);
	o.known = reader_ok(words);
	answered(p, s, m, &o);
}

/* OPEN_ANDX: MS-CIFS section 2.2.4.41 */
void smb1_open(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words, struct reader *bytes)
{
	struct opened o = { 0 };

	if (m->request) {
		reader_skip(words, 2);
		unsigned access = reader_u16_le(words);
		reader_skip(words, 8);
		unsigned mode = reader_u16_le(words);
		struct smb_pending *q = reader_ok(words) ? ask(p, s, m, bytes, SMB_CREATE) : NULL;
		if (!q)
			return;
		q->access = old_access(access);
		q->disposition = old_disposition(mode);
		return;
	}
	o.id = reader_u16_le(words);
	o.attributes = reader_u16_le(words);
	reader_skip(words, 4);
	o.size = reader_u32_le(words);
	reader_skip(words, 2);
	o.resource = reader_u16_le(words);
	reader_skip(words, 2);
	o.action = reader_u16_le(words) & 3;
	o.known = reader_ok(words);
	answered(p, s, m, &o);
}

/* OPEN, CREATE and CREATE_NEW: MS-CIFS sections 2.2.4.3, 2.2.4.4, 2.2.4.16 */
void smb1_open_old(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words,
		   struct reader *bytes)
{
	bool opens = m->command == 0x02;
	struct opened o = { .action = opens ? 1 : 2, .resource = RESOURCE_DISK };

	if (m->request) {
		unsigned access = opens ? reader_u16_le(words) : 2;
		reader_skip(bytes, 1);
		struct smb_pending *q = reader_ok(words) ? ask(p, s, m, bytes, SMB_CREATE) : NULL;
		if (!q)
			return;
		q->access = old_access(access);
		q->disposition = opens ? 1 : m->command == 0x03 ? 5 : 2;
		return;
	}
	o.id = reader_u16_le(words);
	o.known = reader_ok(words);
	if (opens) {
		o.attributes = reader_u16_le(words);
		reader_skip(words, 4);
		o.size = reader_u32_le(words);
	}
	answered(p, s, m, &o);
}

void smb1_close(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words, struct reader *bytes)
{
	(void)bytes;
	if (m->request) {
		uint64_t id = reader_u16_le(words);
		struct smb_pending *q = reader_ok(words) ? smb_pending_make(p, s, m, SMB_CLOSE) : NULL;
		if (q)
			q->file[0] = id;
		return;
	}
	struct smb_pending *q = smb_pending_take(s, m->id);
	if (q && m->status == 0)
		smb_file_closed(p, s, q->file, NULL);
	smb_pending_free(q);
}

/* ---- names ---- */

static void named(struct parse *p, struct smb *s, const struct smb_message *m)
{
	struct smb_pending *q = smb_pending_take(s, m->id);
	struct record *r = q ? smb_begin(p, s, q->command, q, m) : NULL;

	if (q) {
		smb_set_path(r, q->text, false);
		record_set_string(r, FIELD_SMB_TARGET, q->target);
	}
	parse_emit(p, r);
	smb_pending_free(q);
}

void smb1_delete(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words,
		 struct reader *bytes)
{
	(void)words;
	if (!m->request) {
		named(p, s, m);
		return;
	}
	reader_skip(bytes, 1);
	ask(p, s, m, bytes, SMB_DELETE);
}

void smb1_rename(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words,
		 struct reader *bytes)
{
	(void)words;
	if (!m->request) {
		named(p, s, m);
		return;
	}
	reader_skip(bytes, 1);
	struct smb_pending *q = ask(p, s, m, bytes, SMB_RENAME);
	reader_skip(bytes, 1);
	if (q)
		q->target = path_text(smb1_string(m, bytes, m->unicode), m->unicode);
}

/* ---- content ---- */

static bool is_pipe_file(struct smb *s, const uint64_t id[2])
{
	const struct smb_file *f = smb_file_find(s, id);

	return f && f->pipe;
}

static void read_request(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words)
{
	uint64_t id = reader_u16_le(words);
	struct smb_pending *q = reader_ok(words) ? smb_pending_make(p, s, m, SMB_READ) : NULL;

	if (q)
		q->file[0] = id;
}

void smb1_read(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words, struct reader *bytes)
{
	if (m->request) {
		read_request(p, s, m, words);
		return;
	}
	struct smb_pending *q = smb_pending_take(s, m->id);
	uint64_t size, offset;
	if (m->command == 0x2e) { /* READ_ANDX: MS-CIFS section 2.2.4.42 */
		reader_skip(words, 6);
		size = reader_u16_le(words);
		offset = reader_u16_le(words);
		size |= (uint64_t)reader_u16_le(words) << 16;
	} else { /* READ: section 2.2.4.11; format byte and length are before the content */
		size = reader_u16_le(words);
		offset = (uint64_t)(bytes->at - m->all.at) + 3;
	}
	if (q && reader_ok(words) && (m->status == 0 || m->status == SMB_STATUS_OVERFLOW)) {
		if (is_pipe_file(s, q->file))
			smb_pipe_payload(p, s, m, q->file, offset, size);
		else
			smb_file_answered(p, s, m, q, (uint32_t)size);
	}
	smb_pending_free(q);
}

struct content {
	uint64_t file, place, size, offset; /* place in the file; offset from the header */
};

/* WRITE_ANDX: MS-CIFS section 2.2.4.43; WRITE: section 2.2.4.12 */
static struct content written(const struct smb_message *m, struct reader *words, const struct reader *bytes)
{
	struct content c = { 0 };

	c.file = reader_u16_le(words);
	if (m->command == 0x0b) {
		c.size = reader_u16_le(words);
		c.place = reader_u32_le(words);
		c.offset = (uint64_t)(bytes->at - m->all.at) + 3;
		return c;
	}
	c.place = reader_u32_le(words);
	reader_skip(words, 8);
	uint64_t high = reader_u16_le(words);
	c.size = reader_u16_le(words) | high << 16;
	c.offset = reader_u16_le(words);
	if (reader_left(words) >= 4)
		c.place |= (uint64_t)reader_u32_le(words) << 32;
	return c;
}

static void write_answered(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words)
{
	struct smb_pending *q = smb_pending_take(s, m->id);
	uint32_t size = reader_u16_le(words);

	if (m->command == 0x2f) {
		reader_skip(words, 2);
		size |= (uint32_t)reader_u16_le(words) << 16;
	}
	if (q && m->status == 0 && reader_ok(words))
		smb_file_answered(p, s, m, q, size);
	smb_pending_free(q);
}

void smb1_write(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words, struct reader *bytes)
{
	if (!m->request) {
		write_answered(p, s, m, words);
		return;
	}
	struct content c = written(m, words, bytes);
	struct smb_pending *q = reader_ok(words) ? smb_pending_make(p, s, m, SMB_WRITE) : NULL;
	if (!q)
		return;
	q->file[0] = c.file;
	q->offset = c.place;
	const struct smb_file *f = smb_file_find(s, q->file);
	struct bytes start = smb_part(m, c.offset, c.size < SMB_MAGIC ? c.size : SMB_MAGIC);
	if (f ? f->pipe : smb_pipe_like(start)) {
		smb_pipe_payload(p, s, m, q->file, c.offset, c.size);
		return;
	}
	smb_file_wrote(p, s, q, start);
}
