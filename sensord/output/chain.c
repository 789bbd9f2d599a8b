/* SPDX-License-Identifier: BSD-2-Clause */
#include "output/chain.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chain_state.h"

#define TAIL (1u << 20) /* of the file: what may be behind the state after a crash */

struct chain {
	char *path;
	int state;                    /* FILE.chain */
	struct teller teller;
	struct chain_link kept, next; /* on disk; with what is sealed */
	bool begins, begins_kept;     /* the next line carries prev */
	struct chain_link sealed[CHAIN_UNKEPT]; /* behind each line that is not kept; the last is `next` */
	size_t n_sealed;
};

static bool side_name(const char *path, const char *suffix, char room[4096], struct error *err)
{
	int n = snprintf(room, 4096, "%s%s", path, suffix);

	return (n > 0 && n < 4096) || error_set(err, "%s: the path is too long", path);
}

static bool save(struct chain *c, bool sync)
{
	uint8_t room[CHAIN_STATE];

	chain_state_write(&c->kept, room);
	bool ok = pwrite(c->state, room, sizeof(room), 0) == (ssize_t)sizeof(room);
	OPENSSL_cleanse(room, sizeof(room));
	return ok && (!sync || fdatasync(c->state) == 0);
}

/* K(1) for the one who checks: made before the first line, never overwritten. */
static bool write_key(const char *path, const uint8_t key[CHAIN_HASH], struct error *err)
{
	char name[4096], text[2 * CHAIN_HASH + 2];
	struct text t = TEXT_ON(text);

	if (!side_name(path, ".key", name, err))
		return false;
	text_hex(&t, bytes_of(key, CHAIN_HASH));
	text_char(&t, '\n');
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0400);
	bool ok = fd >= 0 && write(fd, text, t.used) == (ssize_t)t.used && fsync(fd) == 0;
	int why = errno;
	if (fd >= 0)
		close(fd);
	OPENSSL_cleanse(text, sizeof(text));
	if (ok)
		return true;
	return why == EEXIST ? error_set(err, "%s is of an older chain, and %s.chain is missing: move it away to begin a new chain", name, path) :
			       error_set(err, "%s: cannot make it: %s", name, strerror(why));
}

static bool begin(struct chain *c, struct error *err)
{
	char told[400];

	memset(&c->kept, 0, sizeof(c->kept));
	if (RAND_bytes(c->kept.key, CHAIN_HASH) != 1)
		return error_set(err, "%s: no random numbers", c->path);
	if (!write_key(c->path, c->kept.key, err))
		return false;
	if (!save(c, true))
		return error_set(err, "%s.chain: cannot write: %s", c->path, strerror(errno));
	snprintf(told, sizeof(told), "a new chain begins: move %s.key to another machine; `sensord verify --key` needs it", c->path);
	c->teller.tell(c->teller.context, OUTPUT_NOTED, 0, told);
	return true;
}

/* A line behind the state continues the chain where its mac is that of the state's key. */
static void follow(struct chain *c, struct bytes line)
{
	struct chain_member m;
	uint8_t mac[CHAIN_HASH], hash[CHAIN_HASH];

	if (!chain_read(line, &m) || m.seq != c->kept.seq + 1)
		return;
	chain_hash(c->kept.hash, m.seq, bytes_of(line.at, m.at), hash);
	chain_mac(c->kept.key, hash, mac);
	if (memcmp(hash, m.hash, CHAIN_HASH) != 0 || memcmp(mac, m.mac, CHAIN_HASH) != 0)
		return;
	c->kept.seq = m.seq;
	memcpy(c->kept.hash, hash, CHAIN_HASH);
	chain_next_key(c->kept.key);
}

static void catch_up(struct chain *c)
{
	int fd = open(c->path, O_RDONLY | O_CLOEXEC);
	uint8_t *room = malloc(TAIL);
	struct stat st;

	if (fd >= 0 && room && fstat(fd, &st) == 0) {
		off_t from = st.st_size > (off_t)TAIL ? st.st_size - (off_t)TAIL : 0;
		ssize_t n = pread(fd, room, TAIL, from);
		struct bytes rest = bytes_of(room, n > 0 ? (size_t)n : 0);
		while (rest.size)
			follow(c, bytes_split(&rest, '\n'));
	}
	if (fd >= 0)
		close(fd);
	free(room);
}

static bool take_up(struct chain *c, struct error *err)
{
	uint8_t room[CHAIN_STATE + 1];
	ssize_t n = pread(c->state, room, sizeof(room), 0);

	if (n == 0)
		return begin(c, err);
	if (!chain_state_read(bytes_of(room, n > 0 ? (size_t)n : 0), &c->kept))
		return error_set(err, "%s.chain is damaged: the chain cannot go on; move it, %s and %s.key away to begin a new one",
				 c->path, c->path, c->path);
	OPENSSL_cleanse(room, sizeof(room));
	catch_up(c);
	return true;
}

struct chain *chain_open(const char *path, const struct teller *teller, struct error *err)
{
	struct chain *c = calloc(1, sizeof(*c));
	char name[4096];

	if (!c || !(c->path = strdup(path))) {
		free(c);
		error_set(err, "out of memory");
		return NULL;
	}
	c->teller = *teller;
	c->state = -1;
	bool ok = side_name(path, ".chain", name, err);
	if (ok) {
		c->state = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		ok = c->state >= 0 || error_set(err, "%s: cannot open: %s", name, strerror(errno));
	}
	if (ok && flock(c->state, LOCK_EX | LOCK_NB) < 0)
		ok = error_set(err, "%s: another sensord is writing this chain", path);
	if (!ok || !take_up(c, err)) {
		chain_close(c);
		return NULL;
	}
	c->next = c->kept;
	c->begins = c->begins_kept = true;
	return c;
}

void chain_close(struct chain *c)
{
	if (!c)
		return;
	if (c->state >= 0)
		close(c->state);
	free(c->path);
	OPENSSL_cleanse(c, sizeof(*c));
	free(c);
}

bool chain_ready(struct chain *c, struct error *err)
{
	return save(c, false) || error_set(err, "%s.chain: cannot write: %s", c->path, strerror(errno));
}

bool chain_seal(struct chain *c, struct bytes line, struct text *to, struct error *err)
{
	uint8_t hash[CHAIN_HASH], mac[CHAIN_HASH];
	struct bytes before = bytes_of(line.at, line.size ? line.size - 1 : 0);

	if (c->n_sealed == CHAIN_UNKEPT)
		return error_set(err, "%s: too many lines wait to be written", c->path);
	if (line.size < 3 || line.at[0] != '{' || line.at[line.size - 1] != '}')
		return error_set(err, "a chain takes JSON objects only");
	uint64_t seq = c->next.seq + 1;
	chain_hash(c->next.hash, seq, before, hash);
	chain_mac(c->next.key, hash, mac);
	text_add(to, before);
	text_printf(to, CHAIN_MEMBER "%llu", (unsigned long long)seq);
	if (c->begins) {
		text_string(to, ",\"prev\":\"");
		text_hex(to, bytes_of(c->next.hash, CHAIN_HASH));
		text_string(to, "\"");
	}
	text_string(to, ",\"hash\":\"");
	text_hex(to, bytes_of(hash, CHAIN_HASH));
	text_string(to, "\",\"mac\":\"");
	text_hex(to, bytes_of(mac, CHAIN_HASH));
	text_string(to, "\"}}");
	if (to->cut)
		return error_set(err, "a line of %zu bytes is too long", line.size);
	c->next.seq = seq;
	memcpy(c->next.hash, hash, CHAIN_HASH);
	chain_next_key(c->next.key);
	c->sealed[c->n_sealed++] = c->next;
	c->begins = false;
	return true;
}

void chain_keep(struct chain *c, size_t lines, bool sync)
{
	if (lines == 0 || lines > c->n_sealed)
		return;
	c->kept = c->sealed[lines - 1];
	c->begins_kept = false;
	c->n_sealed -= lines;
	memmove(c->sealed, c->sealed + lines, c->n_sealed * sizeof(*c->sealed));
	OPENSSL_cleanse(c->sealed + c->n_sealed, lines * sizeof(*c->sealed));
	/* Where the state cannot follow now, the next start finds the lines behind it. */
	(void)save(c, sync);
}

void chain_back(struct chain *c)
{
	c->next = c->kept;
	c->begins = c->begins_kept;
	OPENSSL_cleanse(c->sealed, c->n_sealed * sizeof(*c->sealed));
	c->n_sealed = 0;
}

void chain_new_file(struct chain *c)
{
	c->begins = c->begins_kept = true;
}
