/* SPDX-License-Identifier: BSD-2-Clause
 * SMB 2 and 3 messages (MS-SMB2 section 2.2.1): the header, which command reads how much, pairing with the request. */
#include "smb.h"

enum {
	FLAG_RESPONSE = 0x1,
	FLAG_ASYNC = 0x2,
	FLAG_RELATED = 0x4,
	FLAG_SIGNED = 0x8,
	HEADER = 64,
	HIDDEN_SESSION = 44, /* offset of the session id in the transform header (section 2.2.41) */
};

#define WHOLE SMB_BODY

/* A row a command; sizes are those of the fixed parts, 0 where nothing is read of the message. */
static const struct command {
	void (*see)(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *r);
	uint32_t request, response;
} commands[] = {
	[0x00] = { smb2_negotiate, WHOLE, HEADER + 64 },
	[0x01] = { smb2_session_setup, WHOLE, WHOLE },
	[0x02] = { smb2_logoff, HEADER, HEADER },
	[0x03] = { smb2_tree_connect, WHOLE, HEADER + 16 },
	[0x04] = { smb2_tree_disconnect, HEADER, HEADER },
	[0x05] = { smb2_create, WHOLE, HEADER + 88 },
	[0x06] = { smb2_close, HEADER + 24, HEADER + 60 },
	[0x08] = { smb2_read, HEADER + 48, HEADER + 16 },
	[0x09] = { smb2_write, HEADER + 48 + SMB_MAGIC, HEADER + 16 },
	[0x0b] = { smb2_ioctl, HEADER + 56, HEADER + 48 },
	[0x0e] = { smb2_query_directory, WHOLE, HEADER },
	[0x11] = { smb2_set_info, WHOLE, HEADER },
};

size_t smb2_wants(const struct parse *p, struct bytes header)
{
	struct reader r = reader_open(header);

	reader_skip(&r, 12);
	unsigned command = reader_u16_le(&r);
	reader_skip(&r, 2);
	uint32_t flags = reader_u32_le(&r);
	if (!reader_ok(&r) || command >= ARRAY_SIZE(commands) || !commands[command].see)
		return HEADER;
	return smb_is_request(p, flags & FLAG_RESPONSE) ? commands[command].request : commands[command].response;
}

static void read_header(const struct parse *p, struct reader *r, struct smb_message *m)
{
	reader_skip(r, 8);
	m->status = reader_u32_le(r);
	m->command = reader_u16_le(r);
	reader_skip(r, 2);
	uint32_t flags = reader_u32_le(r);
	reader_skip(r, 4);
	m->id[0] = reader_u64_le(r);
	reader_skip(r, 4);
	uint32_t tree = reader_u32_le(r);
	m->session = reader_u64_le(r);
	reader_skip(r, 16);
	m->request = smb_is_request(p, flags & FLAG_RESPONSE);
	m->side = m->request ? CLIENT : SERVER;
	m->signed_ = flags & FLAG_SIGNED;
	m->related = flags & FLAG_RELATED;
	m->async = flags & FLAG_ASYNC;
	if (m->request)
		m->status = 0;
	/* A tree id counts within its session; an asynchronous answer has none (section 2.2.1.1). */
	if (!m->async)
		m->tree = (m->session ^ m->session >> 32) << 32 | tree;
}

void smb2_message(struct parse *p, struct smb *s, struct bytes all, uint64_t size)
{
	struct reader r = reader_open(all);
	struct smb_message m = { .all = all, .size = size, .unicode = true };

	read_header(p, &r, &m);
	if (m.related && m.session == UINT64_MAX) { /* section 3.2.4.1.4: the one of the message before */
		m.session = s->last_session;
		m.tree = s->last_tree;
	}
	s->last_session = m.session;
	s->last_tree = m.tree;
	if (!reader_ok(&r) || m.command >= ARRAY_SIZE(commands) || !commands[m.command].see)
		return;
	if (!m.request && m.status == SMB_STATUS_PENDING)
		return; /* the answer is still to come (section 3.2.5.1.5) */
	commands[m.command].see(p, s, &m, &r);
}

struct bytes smb_part(const struct smb_message *m, uint64_t offset, uint64_t size)
{
	if (offset > m->all.size || size > m->all.size - offset)
		return (struct bytes){ 0 };
	return bytes_of(m->all.at + offset, (size_t)size);
}

/* Section 3.3.5.2.7.2: all ones in a related request stand for the file of the create before it in the compound. */
void smb2_file_id(struct smb *s, const struct smb_message *m, struct smb_pending *q, uint64_t persistent,
		  uint64_t local)
{
	q->file[0] = persistent;
	q->file[1] = local;
	if (!m->related || persistent != UINT64_MAX || local != UINT64_MAX || !s->related_known)
		return;
	q->is_related = true;
	q->related = s->related;
}

/* Section 2.2.41: what stays readable of an encrypted message is its session. */
void smb2_hidden(struct parse *p, struct smb *s, struct bytes header)
{
	struct reader r = reader_open(header);

	reader_skip(&r, HIDDEN_SESSION);
	uint64_t id = reader_u64_le(&r);
	struct smb_session *session = smb_session_find(s, id);
	bool *told = session ? &session->hidden : &s->encrypted_told;
	if (*told)
		return;
	*told = true;
	struct smb_message m = { .request = true, .session = id };
	struct record *record = smb_begin(p, s, SMB_ENCRYPTED, NULL, &m);
	record_unset(record, FIELD_SMB_SIGNED);
	record_set_bool(record, FIELD_SMB_ENCRYPTED, true);
	parse_emit(p, record);
}
