/* SPDX-License-Identifier: BSD-2-Clause
 * Whose channel is it? A session of SMB 3 may run over several connections, of other addresses too (MS-SMB2 section
 * 3.3.5.5.2): its account, shares and open files are told on one of them and used on all. They are learnt where they
 * are told and added to records of the same session that lack them.
 *
 * A session id counts within its server. Two addresses are the same server only where a channel was bound from one to
 * the other under the server's name: clients and ids alone are no proof, as servers count alike. */
#include "tracked.h"

#include "base/attributes.h"
#include "base/table.h"
#include "base/text.h"

#include <stdlib.h>

#define SESSION_ID_TEXT 16
#define FILE_ID_TEXT 32
#define ACCOUNT_BYTES 80 /* a longer name is not kept */
#define SHARE_BYTES 160
#define PATH_BYTES 320

struct channel_key {
	char session[SESSION_ID_TEXT];
	uint64_t server; /* hash of its address, or of its name */
};

/* A session; where a later one takes over its id at the same server, that is another one. */
struct session {
	char user[ACCOUNT_BYTES], domain[ACCOUNT_BYTES];
	uint32_t user_size, domain_size;
	struct address client; /* of the first channel */
	uint64_t port;
	bool logged_on, encrypted;
};

struct tree_key {
	uint64_t session;
	uint64_t tree;
};

struct tree {
	char share[SHARE_BYTES];
	uint32_t size;
	char type[8];
	bool encrypted;
};

struct file_key {
	uint64_t session;
	char file[FILE_ID_TEXT];
};

struct file {
	char path[PATH_BYTES];
	uint32_t size;
	bool pipe;
};

struct sessions {
	struct table *channels; /* channel_key: number of the session */
	struct table *sessions; /* number: struct session */
	struct table *trees, *files;
	uint64_t last; /* number */
};

static void session_stop(void *state)
{
	struct sessions *s = state;
	struct table *tables[] = { s->channels, s->sessions, s->trees, s->files };

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		if (tables[i])
			table_free(tables[i]);
	}
	free(s);
}

static void *session_start(struct tracking *t)
{
	struct sessions *s = calloc(1, sizeof(*s));
	const struct hash_key *key = tracking_key(t);
	size_t entries = tracking_entries(t) / 2;

	if (!s)
		return NULL;
	s->channels = table_new(sizeof(struct channel_key), sizeof(uint64_t), entries, key, NULL, NULL);
	s->sessions = table_new(sizeof(uint64_t), sizeof(struct session), entries, key, NULL, NULL);
	s->trees = table_new(sizeof(struct tree_key), sizeof(struct tree), entries, key, NULL, NULL);
	s->files = table_new(sizeof(struct file_key), sizeof(struct file), entries, key, NULL, NULL);
	if (s->channels && s->sessions && s->trees && s->files)
		return s;
	session_stop(s);
	return NULL;
}

/* Copies text that fits; false leaves all as it was. */
static bool keep(char *room, size_t most, uint32_t *size, struct bytes text)
{
	if (text.size == 0 || text.size > most)
		return false;
	memcpy(room, text.at, text.size);
	*size = (uint32_t)text.size;
	return true;
}

/* ---- which session ---- */

static bool key_of(const struct tracking *t, const struct record *r, bool by_name, struct channel_key *ret)
{
	struct bytes id = record_text(r, FIELD_SMB_SESSION_ID);
	const struct address *server = record_ip(r, FIELD_DESTINATION_IP);
	/* cifs/fs1.lab.example@LAB.EXAMPLE of Kerberos, fs1.lab.example of NTLM */
	struct bytes rest = record_text(r, FIELD_AUTH_TARGET);
	struct bytes service = bytes_split(&rest, '/');
	struct bytes name = rest.size ? rest : service;

	name = bytes_split(&name, '@');
	memset(ret, 0, sizeof(*ret));
	if (id.size != SESSION_ID_TEXT || (by_name ? name.size == 0 : !server))
		return false;
	memcpy(ret->session, id.at, SESSION_ID_TEXT);
	ret->server = by_name ? tracked_name(t, name) : hash_bytes(tracking_key(t), server, sizeof(*server));
	return true;
}

static uint64_t find(struct sessions *s, const struct tracking *t, const struct record *r, bool by_name)
{
	struct channel_key key;
	const uint64_t *number = key_of(t, r, by_name, &key) ? table_find(s->channels, &key, r->time_ns) : NULL;

	return number ? *number : 0;
}

static void name_it(struct sessions *s, const struct tracking *t, const struct record *r, bool by_name, uint64_t number)
{
	struct channel_key key;
	uint64_t *place = key_of(t, r, by_name, &key) ? table_make(s->channels, &key, r->time_ns, NULL) : NULL;

	if (place)
		*place = number;
}

static struct session *begin(struct sessions *s, const struct tracking *t, const struct record *r, uint64_t *ret)
{
	const struct address *client = record_ip(r, FIELD_SOURCE_IP);
	uint64_t number = s->last + 1;
	struct session *session = client ? table_make(s->sessions, &number, r->time_ns, NULL) : NULL;

	if (!session)
		return NULL;
	s->last = *ret = number;
	session->client = *client;
	session->port = record_uint(r, FIELD_SOURCE_PORT);
	name_it(s, t, r, false, number);
	return session;
}

static bool is_binding(const struct record *r)
{
	for (const struct value *v = record_get(r, FIELD_SMB_SESSION_FLAGS); v; v = record_next(r, v))
		if (bytes_equal(value_text(r, v), bytes_string("binding")))
			return true;
	return false;
}

static bool same_channel(const struct session *session, const struct record *r)
{
	const struct address *client = record_ip(r, FIELD_SOURCE_IP);

	return client && address_equal(client, &session->client) && session->port == record_uint(r, FIELD_SOURCE_PORT);
}

/* ---- what is learnt ---- */

/* A logon of its own, on another connection, begins another session under the id; one that is bound goes on. */
static struct session *see_logon(struct sessions *s, const struct tracking *t, const struct record *r, uint64_t *number)
{
	struct session *session = *number ? table_find(s->sessions, number, r->time_ns) : NULL;

	if (is_binding(r)) {
		if (!session && (*number = find(s, t, r, true)) != 0) {
			session = table_find(s->sessions, number, r->time_ns);
			name_it(s, t, r, false, *number);
		}
		return session;
	}
	if (!session || (session->logged_on && !same_channel(session, r)))
		session = begin(s, t, r, number);
	if (!session)
		return NULL;
	name_it(s, t, r, true, *number);
	session->logged_on = true;
	session->encrypted = record_bool(r, FIELD_SMB_ENCRYPTED);
	session->domain_size = 0;
	if (keep(session->user, ACCOUNT_BYTES, &session->user_size, record_text(r, FIELD_USER_NAME)))
		keep(session->domain, ACCOUNT_BYTES, &session->domain_size, record_text(r, FIELD_USER_DOMAIN));
	return session;
}

static void learn_tree(struct sessions *s, const struct record *r, uint64_t number)
{
	struct tree_key key = { number, record_uint(r, FIELD_SMB_TREE_ID) };
	struct bytes share = record_text(r, FIELD_SMB_SHARE), type = record_text(r, FIELD_SMB_SHARE_TYPE);
	struct tree *tree = share.size ? table_make(s->trees, &key, r->time_ns, NULL) : NULL;

	if (!tree || !keep(tree->share, SHARE_BYTES, &tree->size, share))
		return;
	memset(tree->type, 0, sizeof(tree->type));
	if (type.size && type.size < sizeof(tree->type))
		memcpy(tree->type, type.at, type.size);
	tree->encrypted = record_bool(r, FIELD_SMB_ENCRYPTED);
}

static bool file_key_of(const struct record *r, uint64_t number, struct file_key *ret)
{
	struct bytes id = record_text(r, FIELD_SMB_FILE_ID);

	memset(ret, 0, sizeof(*ret));
	if (id.size != FILE_ID_TEXT)
		return false;
	ret->session = number;
	memcpy(ret->file, id.at, FILE_ID_TEXT);
	return true;
}

static void learn_file(struct sessions *s, const struct record *r, uint64_t number)
{
	bool pipe = record_has(r, FIELD_SMB_PIPE);
	struct bytes path = record_text(r, pipe ? FIELD_SMB_PIPE : FIELD_FILE_PATH);
	struct file_key key;

	if (path.size == 0 || !file_key_of(r, number, &key))
		return;
	struct file *file = table_make(s->files, &key, r->time_ns, NULL);
	if (!file)
		return;
	file->size = 0; /* the id may have been another file's */
	file->pipe = pipe;
	keep(file->path, PATH_BYTES, &file->size, path);
}

/* ---- what is added ---- */

static void add_account(const struct session *session, struct record *r)
{
	if (record_has(r, FIELD_USER_NAME) || session->user_size == 0)
		return;
	record_set_text(r, FIELD_USER_NAME, bytes_of(session->user, session->user_size));
	if (session->domain_size)
		record_set_text(r, FIELD_USER_DOMAIN, bytes_of(session->domain, session->domain_size));
	record_set_string(r, FIELD_AUTH_ATTRIBUTED_BY, "session");
}

/* What a create names in the share of pipes is a pipe; the channel could not know. */
static void turn_into_pipe(struct record *r)
{
	struct bytes path = record_text(r, FIELD_FILE_PATH);
	char room[PATH_BYTES];

	if (path.size == 0 || path.size > sizeof(room))
		return;
	memcpy(room, path.at, path.size);
	record_unset(r, FIELD_FILE_PATH);
	record_unset(r, FIELD_FILE_NAME);
	record_unset(r, FIELD_FILE_EXTENSION);
	record_unset(r, FIELD_FILE_SIZE);
	record_set_text(r, FIELD_SMB_PIPE, bytes_of(room, path.size));
}

static void add_share(struct sessions *s, struct record *r, uint64_t number)
{
	struct tree_key key = { number, record_uint(r, FIELD_SMB_TREE_ID) };
	const struct tree *tree = key.tree ? table_find(s->trees, &key, r->time_ns) : NULL;

	if (!tree || tree->size == 0)
		return;
	record_set_text(r, FIELD_SMB_SHARE, bytes_of(tree->share, tree->size));
	if (r->dataset != DATASET_SMB)
		return;
	if (tree->type[0])
		record_set_string(r, FIELD_SMB_SHARE_TYPE, tree->type);
	if (tree->encrypted)
		record_set_bool(r, FIELD_SMB_ENCRYPTED, true);
	if (strcmp(tree->type, "pipe") == 0)
		turn_into_pipe(r);
}

static void set_file(struct record *r, struct bytes path)
{
	struct bytes rest = path, name = path;
	char extension[24];
	struct text t = TEXT_ON(extension);

	record_set_text(r, FIELD_FILE_PATH, path);
	while (rest.size)
		name = bytes_split(&rest, '\\');
	if (name.size == 0)
		return;
	record_set_text(r, FIELD_FILE_NAME, name);
	const uint8_t *dot = memrchr(name.at, '.', name.size);
	if (!dot || dot == name.at || (size_t)(name.at + name.size - dot) > sizeof(extension))
		return;
	for (const uint8_t *c = dot + 1; c < name.at + name.size; c++)
		text_char(&t, ascii_lower((char)*c));
	if (t.used)
		record_set_text(r, FIELD_FILE_EXTENSION, text_bytes(&t));
}

static void add_file(struct sessions *s, struct record *r, uint64_t number)
{
	struct file_key key;
	const struct file *file = file_key_of(r, number, &key) ? table_find(s->files, &key, r->time_ns) : NULL;

	if (!file || file->size == 0)
		return;
	struct bytes path = bytes_of(file->path, file->size);
	if (file->pipe)
		record_set_text(r, FIELD_SMB_PIPE, path);
	else if (r->dataset == DATASET_SMB)
		set_file(r, path);
}

static void add(struct sessions *s, const struct session *session, struct record *r, uint64_t number)
{
	add_account(session, r);
	if (session->encrypted && r->dataset == DATASET_SMB)
		record_set_bool(r, FIELD_SMB_ENCRYPTED, true);
	if (record_has(r, FIELD_SMB_TREE_ID) && !record_has(r, FIELD_SMB_SHARE))
		add_share(s, r, number);
	if (record_has(r, FIELD_SMB_FILE_ID) && !record_has(r, FIELD_FILE_PATH) && !record_has(r, FIELD_SMB_PIPE))
		add_file(s, r, number);
}

static void session_see(void *state, struct tracking *t, struct record *r)
{
	struct sessions *s = state;
	bool success = record_text_is(r, FIELD_EVENT_OUTCOME, "success");

	if (!record_has(r, FIELD_SMB_SESSION_ID))
		return;
	uint64_t number = find(s, t, r, false);
	struct session *session = number ? table_find(s->sessions, &number, r->time_ns) : NULL;
	if (r->dataset == DATASET_AUTH)
		session = success ? see_logon(s, t, r, &number) : NULL;
	else if (!session && success && record_has(r, FIELD_SMB_SHARE)) /* its logon was not captured */
		session = begin(s, t, r, &number);
	if (!session)
		return;
	add(s, session, r, number);
	if (!success || r->dataset != DATASET_SMB)
		return;
	if (record_text_is(r, FIELD_SMB_COMMAND, "tree_connect"))
		learn_tree(s, r, number);
	else if (record_text_is(r, FIELD_SMB_COMMAND, "create"))
		learn_file(s, r, number);
}

static const enum field session_sets[] = {
	FIELD_USER_NAME, FIELD_USER_DOMAIN, FIELD_AUTH_ATTRIBUTED_BY, FIELD_SMB_SHARE, FIELD_SMB_SHARE_TYPE, FIELD_SMB_ENCRYPTED,
	FIELD_SMB_PIPE, FIELD_FILE_PATH, FIELD_FILE_NAME, FIELD_FILE_EXTENSION, FIELD_COUNT,
};

const struct tracker tracker_session = {
	.name = "session",
	.n_tables = 4,
	.reads = DATASET_BIT(DATASET_AUTH),
	.touches = DATASET_BIT(DATASET_SMB) | DATASET_BIT(DATASET_DCE_RPC),
	.sets = session_sets,
	.start = session_start,
	.see = session_see,
	.stop = session_stop,
};
