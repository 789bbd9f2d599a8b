/* SPDX-License-Identifier: BSD-2-Clause
 * SMB messages for tests: a growing buffer of little-endian numbers and UTF-16 text, and the heads of SMB 1 (MS-CIFS
 * section 2.2.3.1) and SMB 2 (MS-SMB2 section 2.2.1). Included by one test program each. */
#ifndef TESTS_SMB_WIRE_H
#define TESTS_SMB_WIRE_H

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

enum { WIRE_ROOM = 70000 };

struct wire {
	uint8_t at[WIRE_ROOM];
	size_t size;
	size_t frame; /* where the frame begins */
	size_t message;
};

static inline void put(struct wire *w, uint64_t value, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (w->size == WIRE_ROOM)
			abort();
		w->at[w->size++] = i < 8 ? (uint8_t)(value >> 8 * i) : 0;
	}
}

static inline void put_at(struct wire *w, size_t at, uint64_t value, size_t size)
{
	for (size_t i = 0; i < size; i++)
		w->at[at + i] = (uint8_t)(value >> 8 * (i & 7));
}

static inline void put_bytes(struct wire *w, const void *at, size_t size)
{
	if (size > WIRE_ROOM - w->size)
		abort();
	memcpy(w->at + w->size, at, size);
	w->size += size;
}

static inline size_t put_utf16(struct wire *w, const char *text)
{
	for (const char *c = text; *c; c++)
		put(w, (uint8_t)*c, 2);
	return 2 * strlen(text);
}

static inline void put_oem(struct wire *w, const char *text)
{
	put_bytes(w, text, strlen(text) + 1);
}

/* A frame's head; frame_end writes its length (big-endian). */
static inline void frame_begin(struct wire *w)
{
	w->frame = w->size;
	put(w, 0, 4);
	w->message = w->size;
}

static inline void frame_end(struct wire *w)
{
	size_t size = w->size - w->frame - 4;
	w->at[w->frame + 1] = (uint8_t)(size >> 16);
	w->at[w->frame + 2] = (uint8_t)(size >> 8);
	w->at[w->frame + 3] = (uint8_t)size;
}

struct smb2 {
	unsigned command;
	uint64_t id, session;
	uint32_t tree, status, flags; /* flags: 1 response, 2 async, 4 related, 8 signed */
};

static inline void smb2_head(struct wire *w, struct smb2 h)
{
	w->message = w->size;
	put_bytes(w, "\xfeSMB", 4);
	put(w, 64, 2);
	put(w, 1, 2);
	put(w, h.status, 4);
	put(w, h.command, 2);
	put(w, 1, 2);
	put(w, h.flags, 4);
	put(w, 0, 4);
	put(w, h.id, 8);
	put(w, 0, 4);
	put(w, h.tree, 4);
	put(w, h.session, 8);
	put(w, 0, 16);
}

/* Another message of the same compound. */
static inline void smb2_next(struct wire *w, struct smb2 h)
{
	while ((w->size - w->message) % 8)
		put(w, 0, 1);
	put_at(w, w->message + 20, w->size - w->message, 4);
	smb2_head(w, h);
}

struct smb1 {
	unsigned command;
	uint32_t status;
	bool reply;
	unsigned tree, process, user, id;
	unsigned flags2; /* 0x8000 Unicode, 0x4000 NTSTATUS */
};

static inline void smb1_head(struct wire *w, struct smb1 h)
{
	w->message = w->size;
	put_bytes(w, "\xffSMB", 4);
	put(w, h.command, 1);
	put(w, h.status, 4);
	put(w, h.reply ? 0x80 : 0, 1);
	put(w, h.flags2, 2);
	put(w, 0, 12);
	put(w, h.tree, 2);
	put(w, h.process, 2);
	put(w, h.user, 2);
	put(w, h.id, 2);
}

/* ---- NTLM, raw in a session setup ---- */

static inline size_t put_ntlm_negotiate(struct wire *w)
{
	put_bytes(w, "NTLMSSP\0\1\0\0\0\1\2\3\4", 16);
	put(w, 0, 16);
	return 32;
}

static inline size_t put_ntlm_challenge(struct wire *w)
{
	put_bytes(w, "NTLMSSP\0\2\0\0\0", 12);
	put(w, 6, 2);
	put(w, 6, 2);
	put(w, 48, 4);
	put(w, 1, 4);
	put(w, 0x1122334455667788, 8);
	put(w, 0, 16);
	put_utf16(w, "LAB");
	return 54;
}

static inline size_t put_ntlm_authenticate(struct wire *w, const char *user)
{
	size_t n = 2 * strlen(user);
	put_bytes(w, "NTLMSSP\0\3\0\0\0", 12);
	size_t at = 64;
	size_t sizes[] = { 0, 24, 6, n, 8, 0 };
	for (size_t i = 0; i < 6; i++) {
		put(w, sizes[i], 2);
		put(w, sizes[i], 2);
		put(w, at, 4);
		at += sizes[i];
	}
	put(w, 1, 4);
	for (int i = 0; i < 24; i++)
		put(w, 7, 1);
	put_utf16(w, "LAB");
	put_utf16(w, user);
	put_utf16(w, "PC11");
	return at;
}

#endif
