/* SPDX-License-Identifier: BSD-2-Clause
 * What an SMB connection remembers: sessions, trees, open files, requests without their answer (MS-SMB2 section 3.3.1
 * has the server's view of the same). Lists with a ceiling, the last used first; the oldest goes for a new one. */
#include <stdlib.h>

#include "smb.h"

#define TAIL_UNITS 1360 /* UTF-16 units of a long name that are converted: three bytes each at most */

static void unlink_node(struct smb_list *l, struct smb_node *n)
{
	*(n->newer ? &n->newer->older : &l->newest) = n->older;
	*(n->older ? &n->older->newer : &l->oldest) = n->newer;
	l->count--;
	l->weight -= n->weight;
}

static void link_node(struct smb_list *l, struct smb_node *n)
{
	n->newer = NULL;
	n->older = l->newest;
	*(l->newest ? &l->newest->newer : &l->oldest) = n;
	l->newest = n;
	l->count++;
	l->weight += n->weight;
}

static inline bool is(const struct smb_node *n, uint64_t k0, uint64_t k1)
{
	return n->key[0] == k0 && n->key[1] == k1;
}

/* Moves what it finds to the front. */
static void *find(struct smb_list *l, uint64_t k0, uint64_t k1)
{
	struct smb_node *n = l->newest;

	while (n && !is(n, k0, k1))
		n = n->older;
	if (n && n != l->newest) {
		unlink_node(l, n);
		link_node(l, n);
	}
	return n;
}

static void *make(struct smb_list *l, uint64_t k0, uint64_t k1, size_t size)
{
	struct smb_node *n = calloc(1, size);

	if (!n)
		return NULL;
	n->key[0] = k0;
	n->key[1] = k1;
	n->weight = size;
	link_node(l, n);
	return n;
}

/* ---- sessions ---- */

static void session_free(struct smb *s, struct smb_node *n)
{
	struct smb_session *x = (struct smb_session *)n;

	unlink_node(&s->sessions, n);
	record_free(x->who);
	record_free(x->coming);
	free(x->native_os);
	free(x);
}

struct smb_session *smb_session_find(struct smb *s, uint64_t id)
{
	return find(&s->sessions, id, 0);
}

struct smb_session *smb_session_make(struct parse *p, struct smb *s, uint64_t id)
{
	struct smb_session *x = find(&s->sessions, id, 0);

	if (x)
		return x;
	if (s->sessions.count >= SMB_SESSIONS) {
		struct smb_node *oldest = s->sessions.oldest;
		smb_logon_abandoned(p, s, (struct smb_session *)oldest);
		session_free(s, oldest);
	}
	return make(&s->sessions, id, 0, sizeof(*x));
}

void smb_session_drop(struct smb *s, uint64_t id)
{
	struct smb_node *n = find(&s->sessions, id, 0);

	if (n)
		session_free(s, n);
}

/* ---- trees ---- */

static void tree_free(struct smb *s, struct smb_node *n)
{
	struct smb_tree *x = (struct smb_tree *)n;

	unlink_node(&s->trees, n);
	free(x->path);
	free(x);
}

struct smb_tree *smb_tree_find(struct smb *s, uint64_t id)
{
	return find(&s->trees, id, 0);
}

struct smb_tree *smb_tree_make(struct smb *s, uint64_t id)
{
	smb_tree_drop(s, id);
	if (s->trees.count >= SMB_TREES)
		tree_free(s, s->trees.oldest);
	return make(&s->trees, id, 0, sizeof(struct smb_tree));
}

void smb_tree_drop(struct smb *s, uint64_t id)
{
	struct smb_node *n = find(&s->trees, id, 0);

	if (n)
		tree_free(s, n);
}

/* ---- files ---- */

static void file_free(struct smb *s, struct smb_file *f)
{
	unlink_node(&s->files, &f->node);
	free(f->path);
	free(f);
}

struct smb_file *smb_file_find(struct smb *s, const uint64_t id[2])
{
	return find(&s->files, id[0], id[1]);
}

struct smb_file *smb_file_make(struct parse *p, struct smb *s, const uint64_t id[2])
{
	struct smb_file *old = find(&s->files, id[0], id[1]);

	if (old)
		smb_file_drop(p, s, old);
	if (s->files.count >= SMB_FILES)
		smb_file_drop(p, s, (struct smb_file *)s->files.oldest);
	return make(&s->files, id[0], id[1], sizeof(struct smb_file));
}

void smb_file_drop(struct parse *p, struct smb *s, struct smb_file *f)
{
	smb_file_tell(p, s, f);
	if (f->child_open)
		parse_child_close(p, f->child);
	file_free(s, f);
}

/* ---- requests ---- */

void smb_pending_free(struct smb_pending *q)
{
	if (!q)
		return;
	free(q->text);
	free(q->target);
	record_free(q->who);
	free(q);
}

/* Answers mostly come in the order of the requests: the search begins at the oldest. */
struct smb_pending *smb_pending_find(struct smb *s, const uint64_t id[2])
{
	struct smb_node *n = s->pending.oldest;

	while (n && !is(n, id[0], id[1]))
		n = n->newer;
	return (struct smb_pending *)n;
}

struct smb_pending *smb_pending_like(struct smb *s, const uint64_t id[2], uint64_t mask)
{
	struct smb_node *n = s->pending.oldest;

	while (n && ((n->key[0] ^ id[0]) & mask || n->key[1] != id[1]))
		n = n->newer;
	return (struct smb_pending *)n;
}

struct smb_pending *smb_pending_take(struct smb *s, const uint64_t id[2])
{
	struct smb_pending *q = smb_pending_find(s, id);

	if (q)
		unlink_node(&s->pending, &q->node);
	return q;
}

/* The one that has to go for a new request: the same id, the oldest logon of too many, the oldest of all. */
static struct smb_pending *superseded(struct smb *s, const uint64_t id[2], enum smb_command c)
{
	struct smb_pending *q = smb_pending_find(s, id), *logon = NULL;
	unsigned logons = 0;

	if (q)
		return q;
	for (struct smb_node *n = s->pending.newest; n && c == SMB_SESSION_SETUP; n = n->older) {
		if (((struct smb_pending *)n)->command != SMB_SESSION_SETUP)
			continue;
		logons++;
		logon = (struct smb_pending *)n;
	}
	if (logons >= SMB_LOGONS)
		return logon;
	return s->pending.count >= SMB_PENDING ? (struct smb_pending *)s->pending.oldest : NULL;
}

struct smb_pending *smb_pending_make(struct parse *p, struct smb *s, const struct smb_message *m, enum smb_command c)
{
	struct smb_pending *old = superseded(s, m->id, c);

	if (old) {
		unlink_node(&s->pending, &old->node);
		smb_tell_unanswered(p, s, old);
	}
	smb_pending_free(old);
	struct smb_pending *q = make(&s->pending, m->id[0], m->id[1], sizeof(*q));
	if (!q)
		return NULL;
	q->command = c;
	q->session = m->session;
	q->tree = m->tree;
	q->signed_ = m->signed_;
	q->time_ns = parse_time_ns(p);
	q->packet = parse_packet(p);
	return q;
}

void smb_pending_related(struct smb *s, uint64_t create, const uint64_t file[2])
{
	for (struct smb_node *n = s->pending.oldest; n; n = n->newer) {
		struct smb_pending *q = (struct smb_pending *)n;
		if (!q->is_related || q->related != create)
			continue;
		q->is_related = false;
		q->file[0] = file[0];
		q->file[1] = file[1];
	}
}

/* ---- all ---- */

static size_t text_size(const char *text)
{
	return text ? strlen(text) + 1 : 0;
}

static size_t record_size(const struct record *r)
{
	return r ? record_memory(r) : 0;
}

static void weigh(struct smb_list *l, size_t weight)
{
	l->weight += weight - l->newest->weight;
	l->newest->weight = weight;
}

void smb_weigh(struct smb *s)
{
	const struct smb_session *session = (struct smb_session *)s->sessions.newest;
	const struct smb_tree *tree = (struct smb_tree *)s->trees.newest;
	const struct smb_file *file = (struct smb_file *)s->files.newest;
	const struct smb_pending *q = (struct smb_pending *)s->pending.newest;

	if (session)
		weigh(&s->sessions, sizeof(*session) + record_size(session->who) + record_size(session->coming) + text_size(session->native_os));
	if (tree)
		weigh(&s->trees, sizeof(*tree) + text_size(tree->path));
	if (file)
		weigh(&s->files, sizeof(*file) + text_size(file->path));
	if (q)
		weigh(&s->pending, sizeof(*q) + text_size(q->text) + text_size(q->target) + record_size(q->who));
}

void smb_charge(struct parse *p, struct smb *s)
{
	size_t owned = s->sessions.weight + s->trees.weight + s->files.weight + s->pending.weight + (s->dialects ? SMB_DIALECTS : 0);

	if (owned != s->charged)
		parse_charge(p, owned, s->charged);
	s->charged = owned;
}

void smb_release(struct smb *s)
{
	while (s->sessions.oldest)
		session_free(s, s->sessions.oldest);
	while (s->trees.oldest)
		tree_free(s, s->trees.oldest);
	while (s->files.oldest)
		file_free(s, (struct smb_file *)s->files.oldest);
	while (s->pending.oldest) {
		struct smb_pending *q = (struct smb_pending *)s->pending.oldest;
		unlink_node(&s->pending, &q->node);
		smb_pending_free(q);
	}
	free(s->dialects);
	s->dialects = NULL;
}

/* Of a path that is too long the end is kept: it has the name and the extension. */
char *smb_text(struct bytes wire, bool utf16)
{
	UNINITIALIZED char room[3 * TAIL_UNITS + 16];
	struct text t = TEXT_ON(room);
	size_t most = utf16 ? 2 * TAIL_UNITS : TAIL_UNITS;

	if (wire.size > most) {
		size_t off = (wire.size - most + 1) & ~(size_t)1;
		wire = bytes_of(wire.at + off, wire.size - off);
	}
	if (utf16)
		text_utf16le(&t, wire);
	else
		text_utf8(&t, wire);
	struct bytes b = text_bytes(&t);
	if (b.size > SMB_TEXT)
		b = bytes_of(b.at + (b.size - SMB_TEXT), SMB_TEXT);
	while (b.size > 0 && (*b.at & 0xc0) == 0x80)
		b = bytes_of(b.at + 1, b.size - 1);
	return b.size ? strndup((const char *)b.at, b.size) : NULL;
}
