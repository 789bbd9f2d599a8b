/* SPDX-License-Identifier: BSD-2-Clause
 * Open files of an SMB connection: what was read and written is summed up, told once when the first write is answered
 * and once at the end; never a record a READ. */
#include "smb.h"

static bool ends_with_ipc(const char *share)
{
	return bytes_ends_nocase(bytes_string(share), bytes_string("IPC$"));
}

bool smb_is_pipe(struct smb *s, uint64_t tree, const char *path)
{
	const struct smb_tree *t = smb_tree_find(s, tree);

	if (!path)
		return false;
	if (t && t->type != SMB_SHARE_UNKNOWN)
		return t->type == SMB_SHARE_PIPE;
	return t && t->path && ends_with_ipc(t->path);
}

/* \PIPE\x, \x and x are the same pipe (MS-CIFS section 2.2.4.64.1 wants the second, some clients send the first). */
const char *smb_pipe_name(const char *path)
{
	static const char prefix[] = "PIPE\\";

	while (path && *path == '\\')
		path++;
	if (path && bytes_starts_nocase(bytes_string(path), bytes_string(prefix)) && path[sizeof(prefix) - 1])
		return path + sizeof(prefix) - 1;
	return path;
}

static char *copy(const char *text)
{
	return text ? strdup(text) : NULL;
}

void smb_file_opened(struct parse *p, struct smb *s, const struct smb_message *m, const struct smb_pending *q,
		     const uint64_t id[2], bool pipe, bool directory, const uint64_t *size)
{
	struct smb_file *f = smb_file_make(p, s, id);

	if (!f)
		return;
	f->session = q ? q->session : m->session;
	f->tree = q ? q->tree : m->tree;
	f->path = q ? copy(pipe ? smb_pipe_name(q->text) : q->text) : NULL;
	f->pipe = pipe;
	f->directory = directory;
	if (size) {
		f->size = *size;
		f->size_known = true;
	}
}

static void note_written(struct smb_file *f, const struct smb_pending *q)
{
	if (f->written)
		return;
	f->written = true;
	f->time_ns = q->time_ns;
	f->packet = q->packet;
}

void smb_file_wrote(struct parse *p, struct smb *s, const struct smb_pending *q, struct bytes start)
{
	struct smb_file *f = smb_file_find(s, q->file);

	if (!f && !(q->is_related)) { /* opened before the capture began */
		f = smb_file_make(p, s, q->file);
		if (!f)
			return;
		f->session = q->session;
		f->tree = q->tree;
	}
	if (!f || f->pipe)
		return;
	note_written(f, q);
	if (q->offset == 0 && f->n_magic == 0 && start.size > 0) {
		f->n_magic = (uint8_t)(start.size < SMB_MAGIC ? start.size : SMB_MAGIC);
		memcpy(f->magic, start.at, f->n_magic);
	}
}

static bool is_program(struct bytes b)
{
	static const struct {
		const char *at;
		size_t size;
	} starts[] = {
		{ "MZ", 2 },
		{ "\x7f"
		  "ELF",
		  4 },
		{ "\xfe\xed\xfa\xce", 4 },
		{ "\xfe\xed\xfa\xcf", 4 },
		{ "\xce\xfa\xed\xfe", 4 },
		{ "\xcf\xfa\xed\xfe", 4 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
		if (bytes_starts(b, bytes_of(starts[i].at, starts[i].size)))
			return true;
	return false;
}

static void set_file(struct record *r, const struct smb *s, const struct smb_file *f)
{
	struct bytes magic = bytes_of(f->magic, f->n_magic);

	smb_set_file_id(r, s, f->node.key);
	smb_set_path(r, f->path, f->pipe);
	if (f->size_known)
		record_set_uint(r, FIELD_FILE_SIZE, f->size);
	if (f->read_bytes)
		record_set_uint(r, FIELD_SMB_READ_BYTES, f->read_bytes);
	if (f->written)
		record_set_uint(r, FIELD_SMB_WRITE_BYTES, f->write_bytes);
	if (magic.size) {
		record_set_hex(r, FIELD_FILE_MAGIC, magic);
		record_set_bool(r, FIELD_FILE_EXECUTABLE, is_program(magic));
	}
}

static void tell_write(struct parse *p, struct smb *s, const struct smb_message *m, struct smb_file *f)
{
	struct smb_pending q = { .session = f->session, .tree = f->tree, .time_ns = f->time_ns, .packet = f->packet };
	struct record *r = smb_begin(p, s, SMB_WRITE, &q, m);

	f->write_told = true;
	if (!m)
		record_set_string(r, FIELD_EVENT_OUTCOME, "unknown");
	set_file(r, s, f);
	parse_emit(p, r);
}

void smb_file_answered(struct parse *p, struct smb *s, const struct smb_message *m, const struct smb_pending *q,
		       uint32_t bytes)
{
	struct smb_file *f = smb_file_find(s, q->file);

	if (!f && q->command == SMB_READ && !q->is_related && bytes) { /* opened before the capture began */
		f = smb_file_make(p, s, q->file);
		if (!f)
			return;
		f->session = q->session;
		f->tree = q->tree;
	}
	if (!f || f->pipe)
		return;
	if (q->command == SMB_READ) {
		f->read_bytes += bytes;
		return;
	}
	f->write_bytes += bytes;
	note_written(f, q);
	if (!f->write_told)
		tell_write(p, s, m, f);
}

void smb_file_tell(struct parse *p, struct smb *s, struct smb_file *f)
{
	struct smb_pending q = {
		.session = f->session, .tree = f->tree, .time_ns = parse_time_ns(p), .packet = parse_packet(p)
	};

	if (f->pipe)
		return;
	if (f->written && !f->write_told)
		tell_write(p, s, NULL, f);
	if (!f->written && !f->read_bytes)
		return;
	struct record *r = smb_begin(p, s, f->written ? SMB_CLOSE : SMB_READ, &q, NULL);
	record_unset(r, FIELD_SMB_SIGNED);
	record_set_string(r, FIELD_EVENT_OUTCOME, f->write_bytes || f->read_bytes ? "success" : "unknown");
	set_file(r, s, f);
	parse_emit(p, r);
	f->written = false;
	f->read_bytes = 0;
}

void smb_file_closed(struct parse *p, struct smb *s, const uint64_t id[2], const uint64_t *size)
{
	struct smb_file *f = smb_file_find(s, id);

	if (!f)
		return;
	if (size && !f->pipe) {
		f->size = *size;
		f->size_known = true;
	}
	smb_file_drop(p, s, f);
}
