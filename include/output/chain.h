/* SPDX-License-Identifier: BSD-2-Clause
 * The tamper-evident chain of a file of JSON lines. Each line, a JSON object, gets one member more, at its end:
 *
 *   ,"chain":{"seq":N,"prev":"P","hash":"H","mac":"M"}}
 *
 * seq   counts from 1, over rotation and restart.
 * prev  H of line N - 1 (zeros for N = 1); only on the first line of a file or of a run of the program.
 * hash  SHA-256 over P (32 bytes), N (8 bytes, big-endian) and the line as it was without the member: a chain that
 *       anybody can check, and forge.
 * mac   HMAC-SHA256 of H with the key K(N). K(1) is random; K(N+1) = SHA-256("sensord chain\0" K(N)), and K(N) is wiped
 *       from memory and overwritten on disk when line N is written. Who takes over the machine later cannot forge what
 *       was written before: the keys are gone (forward security). Line N cannot be left out, moved or changed, for
 *       nobody can make the mac of another line for N.
 *
 * Beside FILE stand:
 *   FILE.key    K(1), 64 hexadecimal digits, made once with mode 0400. It checks everything and forges everything: move
 *               it to another machine at once; sensord never reads it again.
 *   FILE.chain  the present state, overwritten in place: magic (16 bytes), seq of the last line (8), H of it (32),
 *               K(seq + 1) (32), SHA-256 of all that (32). It tells where the chain ends, so that lines cut off at the end
 *               are found: a state of an earlier seq cannot be made up without the key of then. A file system that
 *               keeps old blocks (journal, snapshots, flash) may keep old keys: put FILE.chain where it does not.
 *
 * A crash between the line and the state: at the next start lines behind the state that continue the chain are taken. */
#ifndef OUTPUT_CHAIN_H
#define OUTPUT_CHAIN_H

#include "base/text.h"
#include "output/output.h"

#define CHAIN_ROOM 288 /* bytes that a member takes, at most */
#define CHAIN_HASH 32
#define CHAIN_UNKEPT 512 /* lines that may be sealed and not yet kept */

struct chain_link {
	uint64_t seq;               /* of the last line; 0: none */
	uint8_t hash[CHAIN_HASH];   /* of the last line */
	uint8_t key[CHAIN_HASH];    /* of the next line */
};

/* The member of a line, read back. */
struct chain_member {
	uint64_t seq;
	bool has_prev;
	uint8_t prev[CHAIN_HASH], hash[CHAIN_HASH], mac[CHAIN_HASH];
	size_t at; /* bytes of the line in front of it: without its closing brace */
};

/* ---- writing: the file output ---- */

struct chain;

/* Where an output says what is worth telling. */
struct teller {
	void (*tell)(void *context, enum output_event event, uint64_t count, const char *detail);
	void *context;
};

/* Takes up the chain of a file, or begins one. NULL: err says why. */
struct chain *chain_open(const char *path, const struct teller *teller, struct error *err) MUST_CHECK;
void chain_close(struct chain *c);
bool chain_ready(struct chain *c, struct error *err) MUST_CHECK;
/* The line with its member, into to. False where it is no JSON object, there is no room, or CHAIN_UNKEPT lines wait. */
bool chain_seal(struct chain *c, struct bytes line, struct text *to, struct error *err) MUST_CHECK;
/* The first so many of the lines sealed and not yet kept are in the file: the state on disk follows. */
void chain_keep(struct chain *c, size_t lines, bool sync);
/* What was sealed and not kept is not in the file. */
void chain_back(struct chain *c);
/* The next line begins a file. */
void chain_new_file(struct chain *c);

/* ---- checking: sensord verify ---- */

/* False where the line has no well-formed member at its end. */
bool chain_read(struct bytes line, struct chain_member *ret);
void chain_hash(const uint8_t prev[CHAIN_HASH], uint64_t seq, struct bytes before, uint8_t ret[CHAIN_HASH]);
void chain_mac(const uint8_t key[CHAIN_HASH], const uint8_t hash[CHAIN_HASH], uint8_t ret[CHAIN_HASH]);
void chain_next_key(uint8_t key[CHAIN_HASH]);
/* Hexadecimal text of a key. */
bool chain_key_parse(struct bytes text, uint8_t ret[CHAIN_HASH]);
#define CHAIN_STATE 120 /* bytes of a state file */
bool chain_state_read(struct bytes state, struct chain_link *ret);

#endif
