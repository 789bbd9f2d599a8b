/* SPDX-License-Identifier: BSD-2-Clause
 * What SMB 2 peers say to each other: each request with its answer. Included by one test program each, after cmocka. */
#ifndef TESTS_SMB2_TALK_H
#define TESTS_SMB2_TALK_H

#include "smb_talk.h"

enum { SESSION = 0x41, TREE = 5, RESPONSE = 1, ASYNC = 2, RELATED = 4, SIGNED = 8 };
#define MORE	0xc0000016u
#define PENDING 0x103u

static inline struct wire *ask(struct talk *t, unsigned command, uint32_t tree)
{
	frame_begin(&t->wire);
	smb2_head(&t->wire, (struct smb2){ .command = command, .id = ++t->id, .session = SESSION, .tree = tree });
	return &t->wire;
}

static inline struct wire *reply(struct talk *t, unsigned command, uint32_t tree, uint32_t status)
{
	frame_begin(&t->wire);
	smb2_head(&t->wire, (struct smb2){ command, t->id, SESSION, tree, status, RESPONSE | SIGNED });
	return &t->wire;
}

static inline void error_body(struct wire *w)
{
	put(w, 9, 2);
	put(w, 0, 7);
}

static inline void negotiate(struct talk *t, uint16_t dialect)
{
	struct wire *w = ask(t, 0, 0);
	put(w, 36, 2);
	put(w, 2, 2);
	put(w, 0, 32);
	put(w, 0x0210, 2);
	put(w, 0x0311, 2);
	say(t, CLIENT);
	w = reply(t, 0, 0, 0);
	put(w, 65, 2);
	put(w, 1, 2);
	put(w, dialect, 2);
	put(w, 0, 58);
	say(t, SERVER);
}

static inline void setup_request(struct talk *t, const char *user, uint8_t flags)
{
	struct wire *w = ask(t, 1, 0);
	put(w, 25, 2);
	put(w, flags, 1);
	put(w, 0, 9);
	put(w, 88, 2);
	size_t at = w->size;
	put(w, 0, 2);
	put(w, 0, 8);
	size_t size = user ? put_ntlm_authenticate(w, user) : put_ntlm_negotiate(w);
	put_at(w, at, size, 2);
	say(t, CLIENT);
}

static inline void setup_answer(struct talk *t, uint32_t status, uint16_t flags)
{
	struct wire *w = reply(t, 1, 0, status);
	if (status != 0 && status != MORE) {
		error_body(w);
		say(t, SERVER);
		return;
	}
	put(w, 9, 2);
	put(w, flags, 2);
	put(w, 72, 2);
	size_t at = w->size;
	put(w, 0, 2);
	if (status == MORE)
		put_at(w, at, put_ntlm_challenge(w), 2);
	say(t, SERVER);
}

static inline void logon(struct talk *t, const char *user, uint32_t status, uint16_t flags)
{
	setup_request(t, NULL, 0);
	setup_answer(t, MORE, 0);
	setup_request(t, user, 0);
	setup_answer(t, status, flags);
}

static inline void tree_connect(struct talk *t, const char *path, unsigned type, uint32_t status)
{
	struct wire *w = ask(t, 3, 0);
	put(w, 9, 2);
	put(w, 0, 2);
	put(w, 72, 2);
	put(w, 2 * strlen(path), 2);
	put_utf16(w, path);
	say(t, CLIENT);
	w = reply(t, 3, status ? 0 : TREE, status);
	if (status) {
		error_body(w);
	} else {
		put(w, 16, 2);
		put(w, type, 2);
		put(w, 0, 12);
	}
	say(t, SERVER);
}

static inline void create_body(struct wire *w, const char *name, uint32_t access, uint32_t disposition, uint32_t options)
{
	put(w, 57, 2);
	put(w, 0, 22);
	put(w, access, 4);
	put(w, 0, 8);
	put(w, disposition, 4);
	put(w, options, 4);
	put(w, 120, 2);
	put(w, 2 * strlen(name), 2);
	put(w, 0, 8);
	put_utf16(w, name);
}

static inline void created_body(struct wire *w, uint64_t id, uint32_t action, uint64_t size)
{
	put(w, 89, 2);
	put(w, 0, 2);
	put(w, action, 4);
	put(w, 0, 40);
	put(w, size, 8);
	put(w, 0x20, 4);
	put(w, 0, 4);
	put(w, id, 8);
	put(w, id, 8);
	put(w, 0, 8);
}

static inline void create(struct talk *t, const char *name, uint64_t id, uint32_t status)
{
	create_body(ask(t, 5, TREE), name, 0x40000000, 5, 0);
	say(t, CLIENT);
	struct wire *w = reply(t, 5, TREE, status);
	if (status)
		error_body(w);
	else
		created_body(w, id, 2, 0);
	say(t, SERVER);
}

static inline void write_body(struct wire *w, uint64_t id, const void *at, size_t size, uint64_t offset)
{
	put(w, 49, 2);
	put(w, 112, 2);
	put(w, size, 4);
	put(w, offset, 8);
	put(w, id, 8);
	put(w, id, 8);
	put(w, 0, 16);
	put_bytes(w, at, size);
}

static inline void write_file(struct talk *t, uint64_t id, const void *at, size_t size, uint64_t offset)
{
	write_body(ask(t, 9, TREE), id, at, size, offset);
	say(t, CLIENT);
	struct wire *w = reply(t, 9, TREE, 0);
	put(w, 17, 2);
	put(w, 0, 2);
	put(w, size, 4);
	put(w, 0, 8);
	say(t, SERVER);
}

static inline void read_file(struct talk *t, uint64_t id, const void *at, size_t size)
{
	struct wire *w = ask(t, 8, TREE);
	put(w, 49, 2);
	put(w, 0, 2);
	put(w, size, 4);
	put(w, 0, 8);
	put(w, id, 8);
	put(w, id, 8);
	put(w, 0, 17);
	say(t, CLIENT);
	w = reply(t, 8, TREE, 0);
	put(w, 17, 2);
	put(w, 80, 2);
	put(w, size, 4);
	put(w, 0, 8);
	put_bytes(w, at, size);
	say(t, SERVER);
}

static inline void close_body(struct wire *w, uint64_t id)
{
	put(w, 24, 2);
	put(w, 0, 6);
	put(w, id, 8);
	put(w, id, 8);
}

static inline void close_file(struct talk *t, uint64_t id)
{
	close_body(ask(t, 6, TREE), id);
	say(t, CLIENT);
	struct wire *w = reply(t, 6, TREE, 0);
	put(w, 60, 2);
	put(w, 0, 58);
	say(t, SERVER);
}

static inline void transceive(struct talk *t, uint64_t id, const char *in, const char *out)
{
	struct wire *w = ask(t, 11, TREE);
	put(w, 57, 4);
	put(w, 0x0011c017, 4);
	put(w, id, 8);
	put(w, id, 8);
	put(w, 120, 4);
	put(w, strlen(in), 4);
	put(w, 0, 4);
	put(w, 0, 20);
	put_bytes(w, in, strlen(in));
	say(t, CLIENT);
	w = reply(t, 11, TREE, 0);
	put(w, 49, 4);
	put(w, 0x0011c017, 4);
	put(w, id, 8);
	put(w, id, 8);
	put(w, 112, 4);
	put(w, 0, 4);
	put(w, 112, 4);
	put(w, strlen(out), 4);
	put(w, 0, 8);
	put_bytes(w, out, strlen(out));
	say(t, SERVER);
}

static inline void pipe_talk(struct talk *t)
{
	logon(t, "tanaka", 0, 0);
	tree_connect(t, "\\\\fs1\\IPC$", 2, 0);
	create(t, "svcctl", 6, 0);
	write_file(t, 6, "bind", 4, 0);
	read_file(t, 6, "ack", 3);
	transceive(t, 6, "request-request-request", "response");
	close_file(t, 6);
}

#endif
