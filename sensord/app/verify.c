/* SPDX-License-Identifier: BSD-2-Clause
 * sensord verify: the tamper-evident chain of alert files (its form: sensord/output/chain.h). Files are given oldest
 * first, packed ones as they are; the chain has to go through all of them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/attributes.h"
#include "cli.h"
#include "output/chain.h"

#define LINE_ROOM (OUTPUT_LINE_MAX + CHAIN_ROOM + 2)

enum { OPTION_KEY, OPTION_STATE };

static const struct option_row options[] = {
	[OPTION_KEY] = { "key", 'k', "FILE", "first key of the chain (default: ALERTFILE.key of the last file, where it is there)" },
	[OPTION_STATE] = { "state", 's', "FILE", "state of the chain, for the end of it (default: ALERTFILE.chain of the last file)" },
	{ 0 },
};

struct verify {
	bool keyed, has_state;
	uint8_t first_key[CHAIN_HASH];
	struct chain_link state;
	struct chain_link last;     /* of the line before; key: of the next line */
	bool begun;
	uint64_t first_seq, lines;
	bool key_forged;            /* the state's key is not of this chain */
	/* Once something is wrong: */
	bool bad;
	char what[600];
	uint64_t missing;           /* looked for further on: moved, not removed; 0: nothing is */
	bool found_missing;
	char room[LINE_ROOM];
};

static void wrong(struct verify *v, const char *file, uint64_t number, const char *format, ...) PRINTF(4, 5);
static void wrong(struct verify *v, const char *file, uint64_t number, const char *format, ...)
{
	char text[400];
	va_list values;

	va_start(values, format);
	vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	v->bad = true;
	snprintf(v->what, sizeof(v->what), "%.180s:%llu: %s", file, (unsigned long long)number, text);
}

/* Keys are reached by hashing on from the first. */
static void advance_key(struct verify *v, uint64_t from, uint64_t to)
{
	for (uint64_t i = from; v->keyed && i < to; i++)
		chain_next_key(v->last.key);
}

#define KEYS_MAX UINT64_C(200000000) /* a start further on than this is not believed: minutes of hashing */

static bool begin(struct verify *v, const char *file, uint64_t number, const struct chain_member *m)
{
	v->begun = true;
	v->first_seq = m->seq;
	memcpy(v->last.key, v->first_key, CHAIN_HASH);
	if (!m->has_prev || m->seq == 0 || m->seq > KEYS_MAX) {
		wrong(v, file, number, "removed: this line is number %llu of the chain and does not begin a file; lines before it are missing",
		      (unsigned long long)m->seq);
		return false;
	}
	v->last.seq = m->seq - 1;
	memcpy(v->last.hash, m->prev, CHAIN_HASH);
	advance_key(v, 1, m->seq);
	return true;
}

static void check_link(struct verify *v, const char *file, uint64_t number, struct bytes line, const struct chain_member *m)
{
	uint8_t hash[CHAIN_HASH], mac[CHAIN_HASH];

	if (m->seq > v->last.seq + 1) {
		wrong(v, file, number, "removed: line %llu of the chain is followed by line %llu", (unsigned long long)v->last.seq,
		      (unsigned long long)m->seq);
		v->missing = v->last.seq + 1;
		return;
	}
	if (m->seq <= v->last.seq) {
		wrong(v, file, number, "reordered: line %llu of the chain stands behind line %llu", (unsigned long long)m->seq,
		      (unsigned long long)v->last.seq);
		return;
	}
	chain_hash(v->last.hash, m->seq, bytes_of(line.at, m->at), hash);
	if (memcmp(hash, m->hash, CHAIN_HASH) != 0 || (m->has_prev && memcmp(m->prev, v->last.hash, CHAIN_HASH) != 0)) {
		wrong(v, file, number, "edited: this line, or the one before it, is not what was written (number %llu of the chain)",
		      (unsigned long long)m->seq);
		return;
	}
	chain_mac(v->last.key, hash, mac);
	if (v->keyed && memcmp(mac, m->mac, CHAIN_HASH) != 0) {
		wrong(v, file, number, "edited: the hash was made anew, but not with the key (number %llu of the chain)",
		      (unsigned long long)m->seq);
		return;
	}
	v->last.seq = m->seq;
	memcpy(v->last.hash, hash, CHAIN_HASH);
	if (v->has_state && v->state.seq == m->seq && memcmp(v->state.hash, hash, CHAIN_HASH) != 0)
		wrong(v, file, number, "edited: the state of the chain knows another line %llu", (unsigned long long)m->seq);
	advance_key(v, 0, 1);
	if (v->keyed && v->has_state && v->state.seq == m->seq)
		v->key_forged = memcmp(v->state.key, v->last.key, CHAIN_HASH) != 0;
}

static void check_line(struct verify *v, const char *file, uint64_t number, struct bytes line, bool ended)
{
	struct chain_member m;
	bool linked = ended && chain_read(line, &m);

	if (v->bad) {
		v->found_missing = v->found_missing || (linked && v->missing && m.seq == v->missing);
		return;
	}
	v->lines++;
	if (!ended)
		wrong(v, file, number, "truncated: the line ends in the middle");
	else if (!linked)
		wrong(v, file, number, "foreign line: it is no link of the chain");
	else if (v->begun || begin(v, file, number, &m))
		check_link(v, file, number, line, &m);
}

/* False where the file cannot be read: told. */
static bool check_file(struct verify *v, const char *file)
{
	gzFile gz = gzopen(file, "rb"); /* plain files come as they are */
	uint64_t number = 0;
	int damage = Z_OK;

	if (!gz) {
		fprintf(stderr, "sensord: %s: cannot open: %s\n", file, strerror(errno));
		return false;
	}
	errno = 0;
	while (gzgets(gz, v->room, sizeof(v->room))) {
		size_t size = strlen(v->room); /* a zero byte makes a line foreign, as it should be */
		bool ended = size > 0 && v->room[size - 1] == '\n';
		check_line(v, file, ++number, bytes_of(v->room, ended ? size - 1 : size), ended);
	}
	(void)gzerror(gz, &damage);
	int why = errno;
	bool fine = damage == Z_OK || damage == Z_STREAM_END;
	if (gzclose(gz) == Z_BUF_ERROR)
		fine = false;
	if (!fine)
		fprintf(stderr, "sensord: %s: cannot read: %s\n", file, damage == Z_ERRNO ? strerror(why) : "the packed file is damaged");
	return fine;
}

static ssize_t read_small(const char *path, uint8_t *room, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, room, size);

	if (fd >= 0)
		close(fd);
	return n;
}

/* name: as given, or NULL for the default, which may be missing. False where it is there and no good: told. */
static bool load(struct verify *v, const char *name, const char *last_file, bool key)
{
	char fallback[4096];
	uint8_t room[CHAIN_STATE + 64];

	snprintf(fallback, sizeof(fallback), "%s%s", last_file, key ? ".key" : ".chain");
	ssize_t n = read_small(name ? name : fallback, room, sizeof(room));
	if (n < 0 && !name && (errno == ENOENT || errno == EACCES))
		return true;
	struct bytes got = bytes_of(room, n > 0 ? (size_t)n : 0);
	while (key && got.size && (got.at[got.size - 1] == '\n' || got.at[got.size - 1] == '\r'))
		got.size--;
	bool fine = n >= 0 && (key ? chain_key_parse(got, v->first_key) : chain_state_read(got, &v->state));
	v->keyed = v->keyed || (fine && key);
	v->has_state = v->has_state || (fine && !key);
	if (!fine)
		fprintf(stderr, "sensord: %s: %s\n", name ? name : fallback,
			n < 0 ? strerror(errno) : key ? "is no key (64 hexadecimal digits)" : "is no state of a chain, or damaged");
	return fine;
}

static void check_end(struct verify *v, const char *file)
{
	if (v->bad || !v->has_state)
		return;
	if (v->state.seq > v->last.seq)
		wrong(v, file, v->lines, "truncated: the chain goes on to line %llu, the files end with line %llu",
		      (unsigned long long)v->state.seq, (unsigned long long)v->last.seq);
	else if (v->key_forged)
		wrong(v, file, v->lines, "truncated: the state of the chain was made up (its key is not that of line %llu)",
		      (unsigned long long)v->state.seq);
	else if (v->keyed && v->begun && v->state.seq < v->first_seq && v->state.seq + 1 != v->first_seq)
		wrong(v, file, v->lines, "truncated: the state of the chain is older (line %llu) than the files", (unsigned long long)v->state.seq);
}

static enum exit_code answer(const struct verify *v, const char *file)
{
	if (v->bad) {
		printf("%s\n", v->what);
		if (v->missing)
			printf("line %llu of the chain %s\n", (unsigned long long)v->missing,
			       v->found_missing ? "stands further on: reordered" : "is not in the files");
		return EXIT_ANSWER_NO;
	}
	if (!v->begun && !v->has_state) {
		printf("%s: empty: not one line of a chain, and no state (--state) that says that there was none\n", file);
		return EXIT_ANSWER_NO;
	}
	if (v->begun)
		printf("%s: whole: lines %llu to %llu of the chain\n", file, (unsigned long long)v->first_seq, (unsigned long long)v->last.seq);
	else
		printf("%s: whole: the chain has no line yet\n", file);
	if (v->first_seq > 1)
		printf("note: lines 1 to %llu are not in the files given\n", (unsigned long long)(v->first_seq - 1));
	if (!v->keyed)
		printf("note: without the key (--key) only the plain hashes were checked, which whoever can write the file can make anew\n");
	if (!v->has_state)
		printf("note: without the state (--state) nobody can tell whether lines are missing at the end\n");
	return EXIT_FINE;
}

struct arguments {
	const char *key, *state;
	const char **files;
	size_t n, max;
};

static enum exit_code verify(const struct arguments *a)
{
	struct verify *v = calloc(1, sizeof(*v));
	const char *last = a->files[a->n - 1];
	/* The state first: a sensord that is writing leaves it behind the file, never before. */
	bool fine = v && load(v, a->key, last, true) && load(v, a->state, last, false);
	enum exit_code code = EXIT_COULD_NOT;

	for (size_t i = 0; fine && i < a->n; i++)
		fine = check_file(v, a->files[i]);
	if (fine) {
		check_end(v, last);
		code = answer(v, last);
	}
	free(v);
	return code;
}

static bool take(void *to, int option, const char *argument)
{
	struct arguments *a = to;

	if (option == OPTION_KEY)
		a->key = argument;
	else if (option == OPTION_STATE)
		a->state = argument;
	else
		return cli_add(a->files, &a->n, a->max, "files", argument);
	return true;
}

static enum exit_code run(int argc, char **argv)
{
	struct arguments a = { .files = calloc((size_t)argc + 1, sizeof(*a.files)), .max = (size_t)argc };
	enum exit_code code = EXIT_COULD_NOT;

	if (a.files && cli_read(&command_verify, argc, argv, take, &a, &code))
		code = a.n ? verify(&a) : cli_misused(&command_verify, "no alert file given");
	free(a.files);
	return code;
}

const struct command command_verify = {
	.name = "verify",
	.synopsis = "[--key FILE] [--state FILE] ALERTFILE…",
	.about = "checks that no line of chained alert files was edited, moved, added or removed",
	.options = options,
	.run = run,
};
