/* SPDX-License-Identifier: BSD-2-Clause
 * Records of kind smb: what each of them carries, and requests that were never answered. */
#include "base/text.h"
#include "smb.h"

struct record *smb_blank(struct parse *p)
{
	static const enum dataset kinds[] = { DATASET_AUTH, DATASET_SMB, DATASET_DCE_RPC };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (parse_wants(p, kinds[i]))
			return parse_blank(p);
	return NULL;
}

void smb_set_who(struct record *r, const struct record *who)
{
	static const enum field names[] = { FIELD_USER_NAME, FIELD_USER_DOMAIN, FIELD_KERBEROS_TICKET };

	for (size_t i = 0; who && i < ARRAY_SIZE(names); i++)
		if (record_has(who, names[i]))
			record_set_text(r, names[i], record_text(who, names[i]));
}

static void set_extension(struct record *r, struct bytes name)
{
	char room[24];
	struct text t = TEXT_ON(room);
	const uint8_t *dot = memrchr(name.at, '.', name.size);

	if (!dot || dot == name.at || (size_t)(name.at + name.size - dot) > sizeof(room))
		return;
	for (const uint8_t *c = dot + 1; c < name.at + name.size; c++)
		text_char(&t, ascii_lower((char)*c));
	if (t.used > 0)
		record_set_text(r, FIELD_FILE_EXTENSION, text_bytes(&t));
}

void smb_set_path(struct record *r, const char *path, bool pipe)
{
	struct bytes b = bytes_string(path);

	if (!r || b.size == 0)
		return;
	if (pipe) {
		record_set_text(r, FIELD_SMB_PIPE, b);
		return;
	}
	record_set_text(r, FIELD_FILE_PATH, b);
	const uint8_t *slash = memrchr(b.at, '\\', b.size);
	struct bytes name = slash ? bytes_of(slash + 1, (size_t)(b.at + b.size - slash - 1)) : b;
	if (name.size == 0)
		return;
	record_set_text(r, FIELD_FILE_NAME, name);
	set_extension(r, name);
}

/* Not where the dialect is known to have no channels (MS-SMB2 section 3.3.5.5.2: 3.0 and later). */
static bool has_channels(const struct smb *s)
{
	return !s->version || s->version[0] == '3';
}

/* 16 hexadecimal digits a word. */
static void set_number(struct record *r, enum field f, const uint64_t *words, size_t n)
{
	char room[32];
	struct text t = TEXT_ON(room);

	for (size_t i = 0; i < n; i++)
		text_hex_number(&t, words[i], 16);
	record_set_text(r, f, text_bytes(&t));
}

void smb_set_ids(struct record *r, const struct smb *s, uint64_t session, uint64_t tree)
{
	if (!has_channels(s) || session == 0)
		return;
	set_number(r, FIELD_SMB_SESSION_ID, &session, 1);
	if ((uint32_t)tree)
		record_set_uint(r, FIELD_SMB_TREE_ID, (uint32_t)tree);
}

void smb_set_file_id(struct record *r, const struct smb *s, const uint64_t id[2])
{
	if (has_channels(s) && (id[0] || id[1]) && !(id[0] == UINT64_MAX && id[1] == UINT64_MAX))
		set_number(r, FIELD_SMB_FILE_ID, id, 2);
}

static void set_share(struct smb *s, struct record *r, uint64_t tree)
{
	static const char *const types[] = { NULL, "disk", "pipe", "print" };
	const struct smb_tree *t = smb_tree_find(s, tree);

	if (!t)
		return;
	record_set_string(r, FIELD_SMB_SHARE, t->path);
	record_set_string(r, FIELD_SMB_SHARE_TYPE, types[t->type]);
	if (t->encrypted)
		record_set_bool(r, FIELD_SMB_ENCRYPTED, true);
}

/* Could anybody want the record of such a command? Those that only make and end a session touch no share and no file. */
static bool is_asked(const struct parse *p, enum smb_command c)
{
	static const enum field untouched[] = { FIELD_SMB_SHARE, FIELD_SMB_SHARE_TYPE, FIELD_SMB_PIPE, FIELD_FILE_PATH, FIELD_FILE_NAME,
						FIELD_FILE_EXTENSION, FIELD_FILE_DIRECTORY, FIELD_FILE_EXECUTABLE };
	bool session = c == SMB_NEGOTIATE || c == SMB_SESSION_SETUP || c == SMB_LOGOFF;

	return parse_wants_text(p, DATASET_SMB, FIELD_SMB_COMMAND, bytes_string(smb_command_name(c)), session ? untouched : NULL,
				session ? ARRAY_SIZE(untouched) : 0);
}

struct record *smb_begin(struct parse *p, struct smb *s, enum smb_command c, const struct smb_pending *q,
			 const struct smb_message *m)
{
	if (!is_asked(p, c))
		return NULL;
	struct record *r = q ? parse_record_at(p, DATASET_SMB, q->time_ns, q->packet) : parse_record(p, DATASET_SMB);
	if (!r)
		return NULL;
	record_set_string(r, FIELD_SMB_COMMAND, smb_command_name(c));
	record_set_string(r, FIELD_SMB_VERSION, s->version);
	if (m || q)
		record_set_bool(r, FIELD_SMB_SIGNED, m ? m->signed_ : q->signed_);
	const struct smb_session *session = smb_session_find(s, q ? q->session : m ? m->session : 0);
	if (session) {
		smb_set_who(r, session->who);
		smb_set_session_flags(r, session->flags);
	}
	uint64_t tree = q ? q->tree : m ? m->tree : 0;
	smb_set_ids(r, s, m && m->session ? m->session : q ? q->session : 0, tree);
	if (q)
		smb_set_file_id(r, s, q->file);
	if (c != SMB_NEGOTIATE && c != SMB_SESSION_SETUP && c != SMB_LOGOFF)
		set_share(s, r, tree);
	if (m)
		smb_set_answer(r, m);
	return r;
}

void smb_set_answer(struct record *r, const struct smb_message *m)
{
	char room[16];
	bool fine = m->status == 0 || m->status == SMB_STATUS_OVERFLOW || m->status >> 30 == 0;

	if (m->request)
		return;
	if (m->status_dos && m->status)
		record_printf(r, FIELD_SMB_STATUS, "DOS_%u_%u", m->status & 0xff, m->status >> 16);
	else
		record_set_string(r, FIELD_SMB_STATUS, smb_status_name(m->status, room));
	if (m->status_dos)
		fine = m->status == 0;
	record_set_string(r, FIELD_EVENT_OUTCOME, fine ? "success" : "failure");
}

static void set_question(struct smb *s, struct record *r, const struct smb_pending *q)
{
	char room[16];
	const struct smb_file *f = smb_file_find(s, q->file);

	if (f && q->command != SMB_CREATE)
		smb_set_path(r, f->path, f->pipe);
	record_set_string(r, FIELD_SMB_TARGET, q->target);
	switch (q->command) {
	case SMB_TREE_CONNECT:
		record_set_string(r, FIELD_SMB_SHARE, q->text);
		break;
	case SMB_QUERY_DIRECTORY:
		record_set_string(r, FIELD_SMB_PATTERN, q->text);
		break;
	case SMB_TRANSACTION:
		record_set_string(r, FIELD_SMB_PIPE, q->text);
		break;
	case SMB_IOCTL:
		record_set_string(r, FIELD_SMB_FUNCTION, smb_function_name(q->function, room));
		break;
	case SMB_CREATE:
		smb_set_create(r, q);
		smb_set_path(r, q->text, smb_is_pipe(s, q->tree, q->text));
		break;
	default:
		smb_set_path(r, q->text, false);
	}
}

void smb_set_create(struct record *r, const struct smb_pending *q)
{
	smb_set_access(r, q->access);
	record_set_string(r, FIELD_SMB_DISPOSITION, smb_disposition_name(q->disposition));
	if (q->delete_on_close)
		record_set_bool(r, FIELD_SMB_DELETE_ON_CLOSE, true);
}

void smb_tell_unanswered(struct parse *p, struct smb *s, struct smb_pending *q)
{
	if (q->command == SMB_SESSION_SETUP) {
		smb_logon_unanswered(p, s, q);
		return;
	}
	if (q->command == SMB_READ || q->command == SMB_WRITE || q->command == SMB_CLOSE || q->pipe)
		return; /* told with the file */
	struct record *r = smb_begin(p, s, q->command, q, NULL);
	record_set_string(r, FIELD_EVENT_OUTCOME, "unknown");
	set_question(s, r, q);
	parse_emit(p, r);
}
