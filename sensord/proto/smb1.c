/* SPDX-License-Identifier: BSD-2-Clause
 * SMB 1 messages (MS-CIFS section 2.2.3): the header, and the chain of AndX commands behind it (section 2.2.3.4), each
 * with its words and bytes. */
#include "smb.h"

enum {
	HEADER = 32,
	REPLY = 0x80,
	SIGNED = 0x0004,
	EXTENDED = 0x0800,
	NT_STATUS = 0x4000,
	UNICODE = 0x8000,
	END = 0xff
};

static const struct command {
	void (*see)(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words,
		    struct reader *bytes);
	bool andx;
} commands[256] = {
	[0x01] = { smb1_delete, false }, /* DELETE_DIRECTORY */
	[0x02] = { smb1_open_old, false },
	[0x03] = { smb1_open_old, false }, /* CREATE */
	[0x04] = { smb1_close, false },
	[0x06] = { smb1_delete, false },
	[0x07] = { smb1_rename, false },
	[0x0a] = { smb1_read, false },
	[0x0b] = { smb1_write, false },
	[0x0f] = { smb1_open_old, false }, /* CREATE_NEW */
	[0x24] = { NULL, true },	   /* LOCKING_ANDX */
	[0x25] = { smb1_transaction, false },
	[0x26] = { smb1_transaction, false }, /* TRANSACTION_SECONDARY */
	[0x2d] = { smb1_open, true },
	[0x2e] = { smb1_read, true },
	[0x2f] = { smb1_write, true },
	[0x32] = { smb1_transaction2, false },
	[0x70] = { smb1_tree_connect_old, false },
	[0x71] = { smb1_tree_disconnect, false },
	[0x72] = { smb1_negotiate, false },
	[0x73] = { smb1_session_setup, true },
	[0x74] = { smb1_logoff, true },
	[0x75] = { smb1_tree_connect, true },
	[0xa2] = { smb1_create, true },
	[0xa5] = { smb1_rename, false }, /* NT_RENAME */
};

/* Reads and writes are looked at up to where their content begins, and its first bytes. */
size_t smb1_wants(const struct parse *p, struct bytes start, uint64_t size)
{
	uint8_t command = start.size > 9 ? start.at[4] : 0;
	bool reply = !smb_is_request(p, start.size > 9 && start.at[9] & REPLY);
	bool bulk = (command == 0x2e && reply) || (command == 0x0a && reply) ||
		    ((command == 0x2f || command == 0x0b) && !reply);
	size_t most = bulk ? 96 : commands[command].see || commands[command].andx ? SMB_BODY : HEADER;

	return size < most ? (size_t)size : most;
}

static void read_header(const struct parse *p, struct reader *r, struct smb_message *m)
{
	reader_skip(r, 4);
	m->command = reader_u8(r);
	m->status = reader_u32_le(r);
	unsigned flags = reader_u8(r);
	unsigned flags2 = reader_u16_le(r);
	uint64_t pid_high = reader_u16_le(r);
	reader_skip(r, 10);
	m->tree = reader_u16_le(r);
	uint64_t pid = reader_u16_le(r);
	m->session = reader_u16_le(r);
	uint64_t mid = reader_u16_le(r);
	m->id[0] = pid_high << 32 | pid << 16 | mid;
	m->request = smb_is_request(p, flags & REPLY);
	m->side = m->request ? CLIENT : SERVER;
	m->signed_ = flags2 & SIGNED;
	m->unicode = flags2 & UNICODE;
	m->extended = flags2 & EXTENDED;
	m->status_dos = !(flags2 & NT_STATUS);
	if (m->request)
		m->status = 0;
}

/* Some servers give back another process number than they were sent. */
static void pair(struct smb *s, struct smb_message *m)
{
	const struct smb_pending *q = smb_pending_find(s, m->id);

	if (!q)
		q = smb_pending_like(s, m->id, 0xffff);
	if (q)
		m->id[0] = q->node.key[0];
}

/* Offsets of a chain must go forward: a loop ends there. */
static void see_chain(struct parse *p, struct smb *s, struct smb_message *m)
{
	size_t offset = HEADER;

	for (int i = 0; i < SMB_ANDX; i++) {
		struct reader r = reader_open(m->all);
		reader_skip(&r, offset);
		size_t n_words = reader_u8(&r);
		struct reader words = reader_sub(&r, 2 * n_words);
		size_t n_bytes = reader_u16_le(&r);
		if (!reader_ok(&r))
			return;
		struct reader bytes = reader_sub(&r, n_bytes < reader_left(&r) ? n_bytes : reader_left(&r));
		const struct command *c = &commands[m->command];
		uint8_t next = END;
		size_t next_offset = 0;
		if (c->andx) {
			next = reader_u8(&words);
			reader_skip(&words, 1);
			next_offset = reader_u16_le(&words);
			if (!reader_ok(&words)) /* an answer that is an error has none */
				next = END;
		}
		m->id[1] = m->command == 0x26 ? 0x25 : m->command;
		if (!m->request)
			pair(s, m);
		if (c->see)
			c->see(p, s, m, &words, &bytes);
		if (next == END || next_offset <= offset)
			return;
		m->command = next;
		offset = next_offset;
	}
}

void smb1_message(struct parse *p, struct smb *s, struct bytes all, uint64_t size)
{
	struct reader r = reader_open(all);
	struct smb_message m = { .all = all, .size = size };

	read_header(p, &r, &m);
	if (reader_ok(&r))
		see_chain(p, s, &m);
}

struct bytes smb1_string(const struct smb_message *m, struct reader *bytes, bool utf16)
{
	size_t n = 0;

	if (utf16 && (bytes->at - m->all.at) % 2 != 0)
		reader_skip(bytes, 1);
	struct bytes rest = reader_rest(bytes);
	if (!utf16) {
		n = strnlen((const char *)rest.at, rest.size);
		struct bytes text = reader_take(bytes, n);
		reader_skip(bytes, n < rest.size ? 1 : 0);
		return text;
	}
	while (n + 1 < rest.size && (rest.at[n] || rest.at[n + 1]))
		n += 2;
	struct bytes text = reader_take(bytes, n);
	reader_skip(bytes, rest.size - n < 2 ? rest.size - n : 2);
	return text;
}
