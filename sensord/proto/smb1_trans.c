/* SPDX-License-Identifier: BSD-2-Clause
 * SMB 1 transactions: on named pipes (MS-CIFS section 2.2.5, above all TRANSACT_NMPIPE), and of TRANSACTION2 (section
 * 2.2.6) the start of a search and what renames or deletes an open file. */
#include "smb.h"

enum { TRANSACTION_SECONDARY = 0x26, TRANSACT_NMPIPE = 0x0026, WAIT_NMPIPE = 0x0053 };
enum { FIND_FIRST2 = 1, SET_FILE_INFORMATION = 8 };
enum { INFO_DISPOSITION = 0x0102, PASS_DISPOSITION = 1013, PASS_RENAME = 1010 };

struct parts {
	uint64_t param_offset, param_size, data_offset, data_size;
	unsigned setup[2], n_setup;
};

/* Sections 2.2.4.33.1 and 2.2.4.46.1: requests */
static struct parts request_parts(struct reader *words)
{
	struct parts x = { 0 };

	reader_skip(words, 18);
	x.param_size = reader_u16_le(words);
	x.param_offset = reader_u16_le(words);
	x.data_size = reader_u16_le(words);
	x.data_offset = reader_u16_le(words);
	x.n_setup = reader_u8(words);
	reader_skip(words, 1);
	for (unsigned i = 0; i < x.n_setup && i < ARRAY_SIZE(x.setup); i++)
		x.setup[i] = reader_u16_le(words);
	return x;
}

static void transaction_request(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words,
				struct reader *bytes)
{
	struct parts x = request_parts(words);
	struct smb_pending *q = reader_ok(words) ? smb_pending_make(p, s, m, SMB_TRANSACTION) : NULL;

	if (!q)
		return;
	reader_skip(words, reader_left(words));
	q->text = smb_text(smb1_string(m, bytes, m->unicode), m->unicode);
	q->function = x.setup[0];
	if (x.n_setup < 2 || x.setup[0] != TRANSACT_NMPIPE)
		return;
	q->pipe = true;
	q->file[0] = x.setup[1];
	smb_pipe_named(p, s, q);
	smb_pipe_bytes(p, s, q->file, CLIENT, smb_part(m, x.data_offset, x.data_size));
}

/* Section 2.2.4.34: more of the same request */
static void transaction_secondary(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words)
{
	struct smb_pending *q = smb_pending_find(s, m->id);

	reader_skip(words, 10);
	uint64_t size = reader_u16_le(words);
	uint64_t offset = reader_u16_le(words);
	if (q && q->pipe && reader_ok(words))
		smb_pipe_bytes(p, s, q->file, CLIENT, smb_part(m, offset, size));
}

/* A long answer comes in several messages (section 2.2.4.33.2), the last of them completes the total. */
static void transaction_answer(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words)
{
	struct smb_pending *q = smb_pending_find(s, m->id);

	reader_skip(words, 2);
	uint64_t total = reader_u16_le(words);
	reader_skip(words, 8);
	uint64_t size = reader_u16_le(words);
	uint64_t offset = reader_u16_le(words);
	uint64_t place = reader_u16_le(words);
	bool complete = reader_ok(words);
	if (!q || (!complete && m->status == 0)) /* the interim answer has no words */
		return;
	bool data = complete && (m->status == 0 || m->status == SMB_STATUS_OVERFLOW);
	if (q->pipe && data)
		smb_pipe_bytes(p, s, q->file, SERVER, smb_part(m, offset, size));
	if (data && place + size < total)
		return;
	q = smb_pending_take(s, m->id);
	if (!q->pipe || !data) {
		struct record *r = smb_begin(p, s, SMB_TRANSACTION, q, m);
		const struct smb_file *f = q->pipe ? smb_file_find(s, q->file) : NULL;
		record_set_string(r, FIELD_SMB_PIPE, f && f->path ? f->path : q->text);
		parse_emit(p, r);
	}
	smb_pending_free(q);
}

void smb1_transaction(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words,
		      struct reader *bytes)
{
	if (!m->request)
		transaction_answer(p, s, m, words);
	else if (m->command == TRANSACTION_SECONDARY)
		transaction_secondary(p, s, m, words);
	else
		transaction_request(p, s, m, words, bytes);
}

/* ---- TRANSACTION2 ---- */

static void find_first(struct parse *p, struct smb *s, const struct smb_message *m, struct reader params)
{
	struct smb_pending *q = smb_pending_make(p, s, m, SMB_QUERY_DIRECTORY);

	reader_skip(&params, 12);
	if (q)
		q->text = smb_text(smb1_string(m, &params, m->unicode), m->unicode);
}

/* MS-FSCC section 2.4.43.1, the form of SMB 1: replace, 3 reserved, root directory of 4, length, name */
static char *rename_target(struct bytes info)
{
	struct reader r = reader_open(info);

	reader_skip(&r, 8);
	size_t size = reader_u32_le(&r);
	return smb_text(reader_take(&r, size), true);
}

static void set_information(struct parse *p, struct smb *s, const struct smb_message *m, struct reader params,
			    struct bytes data)
{
	uint64_t id = reader_u16_le(&params);
	unsigned level = reader_u16_le(&params);
	bool deletes = (level == INFO_DISPOSITION || level == PASS_DISPOSITION) && data.size > 0 && data.at[0] & 1;

	if (!reader_ok(&params) || !(deletes || level == PASS_RENAME))
		return;
	struct smb_pending *q = smb_pending_make(p, s, m, deletes ? SMB_DELETE : SMB_RENAME);
	if (!q)
		return;
	const struct smb_file *f;
	q->file[0] = id;
	f = smb_file_find(s, q->file);
	q->text = f && f->path ? strdup(f->path) : NULL;
	if (!deletes)
		q->target = rename_target(data);
}

void smb1_transaction2(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words,
		       struct reader *bytes)
{
	(void)bytes;
	if (m->request) {
		struct parts x = request_parts(words);
		struct reader params = reader_open(smb_part(m, x.param_offset, x.param_size));
		if (!reader_ok(words) || x.n_setup == 0)
			return;
		if (x.setup[0] == FIND_FIRST2)
			find_first(p, s, m, params);
		else if (x.setup[0] == SET_FILE_INFORMATION)
			set_information(p, s, m, params, smb_part(m, x.data_offset, x.data_size));
		return;
	}
	struct smb_pending *q = smb_pending_take(s, m->id);
	if (!q)
		return;
	struct record *r = smb_begin(p, s, q->command, q, m);
	if (q->command == SMB_QUERY_DIRECTORY)
		record_set_string(r, FIELD_SMB_PATTERN, q->text);
	else
		smb_set_path(r, q->text, false);
	record_set_string(r, FIELD_SMB_TARGET, q->target);
	parse_emit(p, r);
	smb_pending_free(q);
}
