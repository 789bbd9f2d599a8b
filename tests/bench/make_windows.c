/* SPDX-License-Identifier: BSD-2-Clause
 * The captures of a Windows network: file transfers over SMB 2 in clear and over SMB 3 encrypted (MS-SMB2), short
 * logons with NTLM (MS-NLMP), and Kerberos exchanges (RFC 4120) over UDP and TCP. */
#include "../unit/krb_sample.h"
#include "../unit/smb_wire.h"
#include "make_capture.h"

#define ROUND 256           /* conversations under way at once, packet by packet */
#define EXCHANGES 100000
#define SEGMENT 1460        /* bytes of one TCP segment */
#define CHUNK 1048576       /* bytes of one READ or WRITE */
#define SESSION 0x1122
#define MORE_PROCESSING 0xc0000016u
#define RESPONSE 9          /* response, signed */

struct talk {
	struct capture *c;
	struct ends ends;
	uint64_t time_ns;
	uint32_t next[2];
	uint64_t id;
};

static void segment(struct talk *t, bool server, unsigned flags, const void *at, size_t size)
{
	capture_tcp(t->c, t->time_ns += 1000, &t->ends, server, flags, t->next[server], flags & TCP_ACK ? t->next[!server] : 0, at, size);
	t->next[server] += (uint32_t)size + !!(flags & (TCP_SYN | TCP_FIN));
}

/* One side speaks; the other acknowledges every second segment, and the last. */
static void say(struct talk *t, bool server, const uint8_t *at, size_t size)
{
	for (size_t done = 0, n = 0; done < size; n++) {
		size_t part = size - done < SEGMENT ? size - done : SEGMENT;
		segment(t, server, part + done == size ? TCP_PSH | TCP_ACK : TCP_ACK, at + done, part);
		done += part;
		if (n % 2 || done == size)
			segment(t, !server, TCP_ACK, NULL, 0);
	}
}

static void open_tcp(struct talk *t)
{
	segment(t, false, TCP_SYN, NULL, 0);
	segment(t, true, TCP_SYN | TCP_ACK, NULL, 0);
	segment(t, false, TCP_ACK, NULL, 0);
}

static void close_tcp(struct talk *t)
{
	segment(t, false, TCP_FIN | TCP_ACK, NULL, 0);
	segment(t, true, TCP_FIN | TCP_ACK, NULL, 0);
	segment(t, false, TCP_ACK, NULL, 0);
}

/* ---- SMB 2 ---- */

static struct wire *begin(struct wire *w, struct talk *t, bool server, unsigned command, uint32_t tree, uint32_t status)
{
	w->size = 0;
	frame_begin(w);
	t->id += !server;
	smb2_head(w, (struct smb2){ command, t->id, command ? SESSION : 0, tree, status, server ? RESPONSE : 0 });
	return w;
}

static void end(struct wire *w, struct talk *t, bool server)
{
	frame_end(w);
	say(t, server, w->at, w->size);
}

static void negotiate(struct wire *w, struct talk *t, bool server)
{
	begin(w, t, server, 0, 0, 0);
	put(w, server ? 65 : 36, 2);
	put(w, server ? 1 : 2, 2);
	put(w, server ? 0x0302 : 0, 2);
	put(w, 0, server ? 58 : 30);
	if (!server)
		put(w, 0x03020210, 4);
	end(w, t, server);
}

static void setup_request(struct wire *w, struct talk *t, const char *user)
{
	begin(w, t, false, 1, 0, 0);
	put(w, 25, 2);
	put(w, 0, 10);
	put(w, 88, 2);
	size_t at = w->size;
	put(w, 0, 10);
	put_at(w, at, user ? put_ntlm_authenticate(w, user) : put_ntlm_negotiate(w), 2);
	end(w, t, false);
}

static void setup_answer(struct wire *w, struct talk *t, bool done)
{
	begin(w, t, true, 1, 0, done ? 0 : MORE_PROCESSING);
	put(w, 9, 2);
	put(w, 0, 2);
	put(w, 72, 2);
	size_t at = w->size;
	put(w, 0, 2);
	if (!done)
		put_at(w, at, put_ntlm_challenge(w), 2);
	end(w, t, true);
}

static void tree(struct wire *w, struct talk *t, bool server, const char *path)
{
	begin(w, t, server, 3, server ? 1 : 0, 0);
	if (server) {
		put(w, 16, 2);
		put(w, 1, 14);
	} else {
		put(w, 9, 4);
		put(w, 72, 2);
		put(w, 2 * strlen(path), 2);
		put_utf16(w, path);
	}
	end(w, t, server);
}

static void create(struct wire *w, struct talk *t, bool server)
{
	begin(w, t, server, 5, 1, 0);
	if (server) {
		put(w, 89, 4);
		put(w, 2, 4);
		put(w, 0, 48);
		put(w, 0x20, 8);
		put(w, 7, 8);
		put(w, 7, 8);
		put(w, 0, 8);
	} else {
		put(w, 57, 24);
		put(w, 0x40000000, 12);
		put(w, 5, 4);
		put(w, 0, 4);
		put(w, 120, 2);
		put(w, 20, 2);
		put(w, 0, 8);
		put_utf16(w, "backup.bin");
	}
	end(w, t, server);
}

static void logoff(struct wire *w, struct talk *t, bool server)
{
	begin(w, t, server, 2, 0, 0);
	put(w, 4, 4);
	end(w, t, server);
}

/* The i-th message of a short logon; false behind the last. */
static bool logon_step(struct wire *w, struct talk *t, uint32_t n, unsigned i)
{
	char user[16];

	snprintf(user, sizeof(user), "user%u", n % 500);
	switch (i) {
	case 0: open_tcp(t); return true;
	case 1: negotiate(w, t, false); return true;
	case 2: negotiate(w, t, true); return true;
	case 3: setup_request(w, t, NULL); return true;
	case 4: setup_answer(w, t, false); return true;
	case 5: setup_request(w, t, user); return true;
	case 6: setup_answer(w, t, true); return true;
	case 7: tree(w, t, false, "\\\\fs1\\IPC$"); return true;
	case 8: tree(w, t, true, NULL); return true;
	case 9: logoff(w, t, false); return true;
	case 10: logoff(w, t, true); return true;
	case 11: close_tcp(t); return true;
	default: return false;
	}
}

/* ---- bulk ---- */

/* What the head of a frame says of its size, and a part of the payload; the rest follows as plain segments. */
static void say_big(struct wire *w, struct talk *t, bool server, size_t payload)
{
	static uint8_t filler[SEGMENT * 2];
	size_t whole = w->size - 4 + payload;

	w->at[1] = (uint8_t)(whole >> 16);
	w->at[2] = (uint8_t)(whole >> 8);
	w->at[3] = (uint8_t)whole;
	for (size_t i = 0; i < sizeof(filler); i++)
		filler[i] = (uint8_t)(i * 31 + 7);
	size_t first = SEGMENT - w->size % SEGMENT;
	if (first > payload)
		first = payload;
	put_bytes(w, filler, first);
	segment(t, server, TCP_ACK, w->at, w->size);
	for (size_t left = payload - first; left > 0;) {
		size_t part = left < SEGMENT ? left : SEGMENT;
		segment(t, server, TCP_ACK, filler + left % SEGMENT, part);
		left -= part;
		if (left / SEGMENT % 2 == 0)
			segment(t, !server, TCP_ACK, NULL, 0);
	}
}

static void transform(struct wire *w, struct talk *t, bool server, size_t payload)
{
	w->size = 0;
	put(w, 0, 4);
	put_bytes(w, "\xfdSMB", 4);
	put(w, 0x1111 * ++t->id, 16); /* signature */
	put(w, t->id, 16);            /* nonce */
	put(w, payload, 4);
	put(w, 0x00010000, 4);
	put(w, SESSION, 8);
	say_big(w, t, server, payload);
}

static void transfer_encrypted(struct wire *w, struct talk *t, bool read)
{
	transform(w, t, false, read ? 117 : CHUNK + 112);
	transform(w, t, true, read ? CHUNK + 80 : 80);
}

static void transfer(struct wire *w, struct talk *t, bool read, uint64_t offset)
{
	begin(w, t, false, read ? 8 : 9, 1, 0);
	put(w, 49, 2);
	put(w, read ? 0x50 : 112, 2);
	put(w, CHUNK, 4);
	put(w, offset, 8);
	put(w, 7, 8);
	put(w, 7, 8);
	put(w, 0, 16);
	if (read) {
		put(w, 0, 1);
		end(w, t, false);
	} else {
		say_big(w, t, false, CHUNK);
	}
	begin(w, t, true, read ? 8 : 9, 1, 0);
	put(w, 17, 2);
	put(w, read ? 80 : 0, 2);
	put(w, CHUNK, 4);
	put(w, 0, 8);
	if (read)
		say_big(w, t, true, CHUNK);
	else
		end(w, t, true);
}

void make_bulk(struct capture *c, uint64_t size, bool encrypted)
{
	static struct wire w;
	struct talk t = { c, { 0x0a010a0b, 0x0a016414, 50000, 445 }, CAPTURE_START_NS, { 1, 9 }, 0 };

	for (unsigned i = 0; i < 9; i++)
		logon_step(&w, &t, 11, i);
	if (!encrypted) {
		create(&w, &t, false);
		create(&w, &t, true);
	}
	for (uint64_t offset = 0; c->file_size < size; offset += CHUNK) {
		if (encrypted)
			transfer_encrypted(&w, &t, offset / CHUNK % 2);
		else
			transfer(&w, &t, offset / CHUNK % 2, offset);
	}
	close_tcp(&t);
}

/* ---- Kerberos ---- */

/* A ticket of its own for each exchange: its cipher text begins with these bytes in the sample. */
static size_t mark(uint8_t *message, size_t size, uint32_t n)
{
	static const uint8_t cipher[] = { 0x8b, 0x0e, 0x8b, 0x96 };
	uint8_t *at = memmem(message, size, cipher, sizeof(cipher));

	if (at)
		memcpy(at + 4, &n, sizeof(n));
	return size;
}

/* Even ones ask, as another user, for the first ticket, odd ones with that of the one before. */
static size_t exchange(uint8_t *into, uint32_t n, bool answer)
{
	const uint8_t *from = answer ? (n & 1 ? krb_tgs_rep : krb_as_rep) : n & 1 ? krb_tgs_req : krb_as_req_proof;
	size_t size = answer ? (n & 1 ? sizeof(krb_tgs_rep) : sizeof(krb_as_rep)) :
			       n & 1 ? sizeof(krb_tgs_req) : sizeof(krb_as_req_proof);
	char user[16];

	memcpy(into, from, size);
	snprintf(user, sizeof(user), "user%05u", n / 2 % 500);
	for (uint8_t *at = into; (at = memmem(at, size - (size_t)(at - into), "backupadm", 9)) != NULL;)
		memcpy(at, user, 9);
	return mark(into, size, n & ~1u);
}

static bool tcp_exchange(struct talk *t, uint32_t n, unsigned i)
{
	uint8_t room[2048];

	if (i == 0)
		open_tcp(t);
	else if (i < 3)
		say(t, i == 2, room, exchange(room, n, i == 2));
	else if (i == 3)
		close_tcp(t);
	return i < 4;
}

static bool udp_exchange(struct talk *t, uint32_t n, unsigned i)
{
	uint8_t room[2048];
	size_t size = exchange(room, n, i == 1); /* over UDP without the length in front */

	if (i < 2)
		capture_udp(t->c, t->time_ns += 1000, &t->ends, i == 1, room + 4, size - 4);
	return i < 2;
}

static void start_round(struct capture *c, struct talk *all, uint32_t first, uint16_t port)
{
	for (uint32_t k = 0; k < ROUND; k++) {
		uint32_t n = first + k;
		all[k] = (struct talk){ .c = c, .ends = { 0x0a010a01 + n / 2 % 200, port == 88 ? 0x0a01640a : 0x0a016414,
							  (uint16_t)(20000 + n / 200 % 40000), port },
					.next = { n * 2654435761u, n * 40503u + 7 } };
		all[k].ends.client_port = (uint16_t)(all[k].ends.client_port + (n & 1) * 500);
	}
}

void make_exchanges(struct capture *c, const char *kind)
{
	static struct talk all[ROUND];
	static struct wire w;
	bool udp = strcmp(kind, "kerberos-udp") == 0, tcp = strcmp(kind, "kerberos-tcp") == 0;
	uint64_t time_ns = CAPTURE_START_NS;

	for (uint32_t first = 0; first < EXCHANGES; first += ROUND) {
		bool more = true;
		start_round(c, all, first, udp || tcp ? 88 : 445);
		for (unsigned i = 0; more; i++) {
			more = false;
			for (uint32_t k = 0; k < ROUND && first + k < EXCHANGES; k++) {
				all[k].time_ns = time_ns;
				more |= udp ? udp_exchange(&all[k], first + k, i) : tcp ? tcp_exchange(&all[k], first + k, i) :
										       logon_step(&w, &all[k], first + k, i);
				time_ns = all[k].time_ns;
			}
		}
		time_ns += UINT64_C(100000000);
	}
}
