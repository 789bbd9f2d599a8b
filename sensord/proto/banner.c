/* SPDX-License-Identifier: BSD-2-Clause
 * Protocols known by their greeting, because it matters that they run somewhere (inside a tunnel, on a port that is not
 * theirs): SMTP (RFC 5321 sections 4.1.1.1, 4.2), FTP (RFC 959), POP3 (RFC 1939), IMAP (RFC 9051). The flow gets its
 * name; the dialogue is followed as far as it may turn to TLS (RFC 3207, RFC 4217, RFC 2595), which is handed over, and
 * up to the logon with a password, which is told as an `auth` record. SMTP and FTP both greet with 220: their greeting
 * names them, or the client's first command is one that the other does not have, or the port decides. */
#include "base/limits.h"
#include "base/text.h"
#include "proto/protocol.h"

#define LINE_BYTES 1024 /* of a line of the dialogue; a longer one ends what is followed */
#define LINES_MAX 256   /* lines of both sides that are followed */
#define USER_BYTES 128

/* SMTP: what the client's next line is, after AUTH (RFC 4954). */
enum due { DUE_COMMAND, DUE_PLAIN, DUE_NAME, DUE_PASSWORD };

struct dialogue {
	uint16_t lines;
	bool asked; /* for TLS, and not answered yet */
	bool password; /* sent for the user, and not answered yet */
	enum due due;
	uint64_t time_ns, packet; /* of the user's name */
	uint16_t user_size;
	char user[USER_BYTES];
};

/* What turns a dialogue to TLS, and what ends all interest in it. Words stand at the start of a line, or (tagged, as in
 * IMAP) behind its first word. */
struct manners {
	const char *ask[3];
	const char *agree, *refuse[2];
	const char *enough[4];
	bool tagged;
};

/* How the first bytes of `start` compare with `mark`, without regard to case. */
static enum probe starts_with(struct bytes start, const char *mark)
{
	struct bytes all = bytes_string(mark);

	if (start.size < all.size)
		return bytes_starts_nocase(all, start) ? PROBE_MORE : PROBE_NO;
	return bytes_starts_nocase(start, all) ? PROBE_YES : PROBE_NO;
}

/* The best answer that one of the marks gives. */
static enum probe any_start(struct bytes start, const char *const *marks)
{
	enum probe best = PROBE_NO;

	for (; *marks; marks++) {
		enum probe answer = starts_with(start, *marks);
		if (answer > best)
			best = answer;
	}
	return best;
}

static bool contains_nocase(struct bytes hay, const char *needle)
{
	struct bytes n = bytes_string(needle);

	for (size_t i = 0; i + n.size <= hay.size; i++)
		if (bytes_starts_nocase(bytes_of(hay.at + i, hay.size - i), n))
			return true;
	return false;
}

/* "220 " or "220-", then one of the words within the first line or what is seen of it. Many greet without: the port decides. */
static enum probe greets_as(struct bytes start, const char *const *words)
{
	static const char *const marks[] = { "220 ", "220-", NULL };
	enum probe answer = any_start(start, marks);

	if (answer != PROBE_YES)
		return answer;
	const uint8_t *end = memchr(start.at, '\n', start.size);
	struct bytes line = end ? bytes_of(start.at, (size_t)(end - start.at)) : start;
	for (; *words; words++)
		if (contains_nocase(line, *words))
			return PROBE_YES;
	return end || start.size >= LIMIT_PROBE ? PROBE_ON_PORT : PROBE_MORE;
}

static enum probe smtp_probe(enum side side, struct bytes start)
{
	static const char *const marks[] = { "EHLO ", "HELO ", "LHLO ", NULL };
	static const char *const words[] = { "SMTP", NULL };

	return side == CLIENT ? any_start(start, marks) : greets_as(start, words);
}

static enum probe ftp_probe(enum side side, struct bytes start)
{
	static const char *const marks[] = { "AUTH TLS\r", "AUTH SSL\r", "FEAT\r", "USER anonymous", "USER ftp\r",
					     NULL };
	static const char *const words[] = { "FTP", "FileZilla Server", NULL };

	if (side == SERVER)
		return greets_as(start, words);
	enum probe sure = any_start(start, marks), user = starts_with(start, "USER ");
	return sure == PROBE_NO && user == PROBE_YES ? PROBE_ON_PORT : sure > user ? sure : user;
}

static enum probe pop3_probe(enum side side, struct bytes start)
{
	static const char *const marks[] = { "+OK ", "+OK\r\n", NULL };

	return side == CLIENT ? PROBE_NO : any_start(start, marks);
}

static enum probe imap_probe(enum side side, struct bytes start)
{
	static const char *const marks[] = { "* OK ", "* PREAUTH ", NULL };

	return side == CLIENT ? PROBE_NO : any_start(start, marks);
}

/* --- dialogues --- */

static bool begins_with_any(struct bytes line, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n && words[i]; i++)
		if (bytes_starts_nocase(line, bytes_string(words[i])))
			return true;
	return false;
}

/* One line of either side. True where TLS begins behind it. */
static bool turns_to_tls(struct parse *p, struct dialogue *d, const struct manners *m, struct bytes line)
{
	if (m->tagged)
		bytes_split(&line, ' ');
	if (parse_side(p) == CLIENT) {
		d->asked |= begins_with_any(line, m->ask, ARRAY_SIZE(m->ask));
		if (begins_with_any(line, m->enough, ARRAY_SIZE(m->enough)))
			parse_finish(p, true);
		return false;
	}
	if (!d->asked)
		return false;
	if (bytes_starts_nocase(line, bytes_string(m->agree)))
		return true;
	d->asked = !begins_with_any(line, m->refuse, ARRAY_SIZE(m->refuse));
	return false;
}

static enum parsed follow(struct parse *p, struct reader *r, const struct manners *m,
			  void (*see)(struct parse *p, struct dialogue *d, struct bytes line))
{
	struct dialogue *d = parse_state(p);
	struct bytes line;

	if (!d)
		return PARSE_NOT_MINE;
	if (d->lines == 0)
		parse_confirm(p);
	d->lines += d->lines == 0;
	while (reader_line(r, LINE_BYTES, &line)) {
		if (see)
			see(p, d, line);
		if (turns_to_tls(p, d, m, line)) {
			parse_handover(p);
			return PARSED;
		}
		if (++d->lines > LINES_MAX)
			reader_fail(r);
	}
	if (!reader_ok(r))
		parse_finish(p, true);
	return PARSED;
}

/* --- logons --- */

static void tell_logon(struct parse *p, struct dialogue *d, const char *carrier, const char *outcome, struct bytes reply)
{
	struct record *r = d->user_size ? parse_record_at(p, DATASET_AUTH, d->time_ns, d->packet) : NULL;

	if (r) {
		record_set_wire(r, FIELD_USER_NAME, bytes_of(d->user, d->user_size));
		record_printf(r, FIELD_AUTH_MECHANISM, "%s-password", carrier);
		record_set_string(r, FIELD_AUTH_CARRIER, carrier);
		record_set_string(r, FIELD_AUTH_ATTRIBUTED_BY, "wire");
		record_set_string(r, FIELD_EVENT_OUTCOME, outcome);
		if (reply.size > 0)
			record_set_wire(r, FIELD_AUTH_ERROR, reply);
		parse_emit(p, r);
	}
	d->user_size = 0;
	d->password = false;
}

static void keep_user(struct parse *p, struct dialogue *d, struct bytes name)
{
	d->user_size = (uint16_t)(name.size < USER_BYTES ? name.size : USER_BYTES);
	if (d->user_size > 0)
		memcpy(d->user, name.at, d->user_size);
	d->time_ns = parse_time_ns(p);
	d->packet = parse_packet(p);
}

static void succeeded(struct parse *p, struct dialogue *d, const char *carrier)
{
	tell_logon(p, d, carrier, "success", (struct bytes){ 0 });
	parse_finish(p, true);
}

/* What stands behind a word and a space at the start of the line; *ret is untouched where it does not start so. */
static bool behind(struct bytes line, const char *word, struct bytes *ret)
{
	size_t n = strlen(word);

	if (!bytes_starts_nocase(line, bytes_string(word)))
		return false;
	*ret = bytes_trim(bytes_of(line.at + n, line.size - n));
	return true;
}

/* RFC 959 section 5.4 */
static void see_ftp(struct parse *p, struct dialogue *d, struct bytes line)
{
	struct bytes code = bytes_of(line.at, line.size < 3 ? line.size : 3), name;

	if (parse_side(p) == CLIENT && behind(line, "USER ", &name))
		keep_user(p, d, name);
	else if (parse_side(p) == CLIENT)
		d->password |= bytes_starts_nocase(line, bytes_string("PASS "));
	else if (bytes_equal(code, bytes_string("230")) && d->user_size > 0)
		succeeded(p, d, "ftp");
	else if (bytes_equal(code, bytes_string("530")) || bytes_equal(code, bytes_string("430")))
		tell_logon(p, d, "ftp", "failure", code);
}

/* RFC 1939 section 7: USER and PASS; APOP sends a digest for the password. */
static void see_pop3(struct parse *p, struct dialogue *d, struct bytes line)
{
	struct bytes name;

	if (parse_side(p) == CLIENT && behind(line, "USER ", &name)) {
		keep_user(p, d, name);
	} else if (parse_side(p) == CLIENT && behind(line, "APOP ", &name)) {
		keep_user(p, d, bytes_split(&name, ' '));
		d->password = true;
	} else if (parse_side(p) == CLIENT) {
		d->password |= bytes_starts_nocase(line, bytes_string("PASS "));
	} else if (d->password && bytes_starts_nocase(line, bytes_string("+OK"))) {
		succeeded(p, d, "pop3");
	} else if (d->password && bytes_starts_nocase(line, bytes_string("-ERR"))) {
		tell_logon(p, d, "pop3", "failure", bytes_string("-ERR"));
	}
}

/* RFC 9051 section 6.2.3: LOGIN with a name as it is, or in quotes. A name sent as a literal is not followed. */
static void see_imap(struct parse *p, struct dialogue *d, struct bytes line)
{
	struct bytes tag = bytes_split(&line, ' '), name;

	if (parse_side(p) == CLIENT && behind(line, "LOGIN ", &name) && name.size > 0 && name.at[0] != '{') {
		bool quoted = name.at[0] == '"';
		if (quoted)
			name = bytes_of(name.at + 1, name.size - 1);
		keep_user(p, d, bytes_split(&name, quoted ? '"' : ' '));
		d->password = true;
	} else if (parse_side(p) == SERVER && d->password && !bytes_equal(tag, bytes_string("*"))) {
		if (bytes_starts_nocase(line, bytes_string("OK")))
			succeeded(p, d, "imap");
		else
			tell_logon(p, d, "imap", "failure", bytes_split(&line, ' '));
	}
}

/* RFC 4616: an identity to act as, the name, the password, with zeros between them. */
static void keep_plain(struct parse *p, struct dialogue *d, struct bytes encoded)
{
	uint8_t room[512];
	struct bytes all = bytes_of(room, base64_decode(encoded, room, sizeof(room)));

	bytes_split(&all, '\0');
	keep_user(p, d, bytes_split(&all, '\0'));
	d->password = true;
	d->due = DUE_COMMAND;
	explicit_bzero(room, sizeof(room));
}

static void see_smtp_client(struct parse *p, struct dialogue *d, struct bytes line)
{
	uint8_t room[USER_BYTES];
	struct bytes given;

	if (d->due == DUE_PLAIN) {
		keep_plain(p, d, line);
	} else if (d->due == DUE_NAME) {
		keep_user(p, d, bytes_of(room, base64_decode(line, room, sizeof(room))));
		d->due = DUE_PASSWORD;
	} else if (d->due == DUE_PASSWORD) {
		d->password = true;
		d->due = DUE_COMMAND;
	} else if (behind(line, "AUTH PLAIN", &given)) {
		d->due = DUE_PLAIN;
		if (given.size > 0)
			keep_plain(p, d, given);
	} else if (behind(line, "AUTH LOGIN", &given)) {
		d->due = DUE_NAME;
	} else if (behind(line, "AUTH ", &given)) {
		parse_finish(p, true); /* nothing readable */
	}
}

/* RFC 4954 */
static void see_smtp(struct parse *p, struct dialogue *d, struct bytes line)
{
	struct bytes code = bytes_of(line.at, line.size < 3 ? line.size : 3);

	if (parse_side(p) == CLIENT)
		see_smtp_client(p, d, line);
	else if (d->password && bytes_equal(code, bytes_string("235")))
		succeeded(p, d, "smtp");
	else if (d->user_size > 0 && line.size > 0 && (line.at[0] == '4' || line.at[0] == '5')) {
		tell_logon(p, d, "smtp", "failure", code);
		d->due = DUE_COMMAND;
	}
}

/* The dialogue is over before the password was answered. */
static void close_as(struct parse *p, const char *carrier)
{
	struct dialogue *d = parse_state(p);

	if (d && d->password)
		tell_logon(p, d, carrier, "unknown", (struct bytes){ 0 });
}

static void ftp_close(struct parse *p, enum ending how)
{
	(void)how;
	close_as(p, "ftp");
}

static void pop3_close(struct parse *p, enum ending how)
{
	(void)how;
	close_as(p, "pop3");
}

static void imap_close(struct parse *p, enum ending how)
{
	(void)how;
	close_as(p, "imap");
}

static void smtp_close(struct parse *p, enum ending how)
{
	(void)how;
	close_as(p, "smtp");
}

static enum parsed smtp_parse(struct parse *p, struct reader *r)
{
	static const struct manners m = {
		.ask = { "STARTTLS" }, .agree = "220", .refuse = { "4", "5" },
		.enough = { "MAIL", "DATA", "BDAT" },
	};
	return follow(p, r, &m, see_smtp);
}

static enum parsed ftp_parse(struct parse *p, struct reader *r)
{
	static const struct manners m = {
		.ask = { "AUTH TLS", "AUTH SSL" }, .agree = "234", .refuse = { "4", "5" },
	};
	return follow(p, r, &m, see_ftp);
}

static enum parsed pop3_parse(struct parse *p, struct reader *r)
{
	static const struct manners m = {
		.ask = { "STLS" }, .agree = "+OK", .refuse = { "-ERR" }, .enough = { "AUTH ", "STAT" },
	};
	return follow(p, r, &m, see_pop3);
}

static enum parsed imap_parse(struct parse *p, struct reader *r)
{
	static const struct manners m = {
		.ask = { "STARTTLS" }, .agree = "OK", .refuse = { "NO", "BAD" },
		.enough = { "AUTHENTICATE", "SELECT" }, .tagged = true,
	};
	return follow(p, r, &m, see_imap);
}

static const struct port_hint smtp_ports[] = { { 25, false }, { 587, false }, { 0, false } };
static const struct port_hint ftp_ports[] = { { 21, false }, { 0, false } };
static const struct port_hint pop3_ports[] = { { 110, false }, { 0, false } };
static const struct port_hint imap_ports[] = { { 143, false }, { 0, false } };

const struct protocol protocol_smtp = {
	.name = "smtp", .about = "RFC 5321, 3207: up to STARTTLS", .ports = smtp_ports, .stream = true,
	.state_size = sizeof(struct dialogue), .probe = smtp_probe, .parse = smtp_parse, .close = smtp_close,
};

const struct protocol protocol_ftp = {
	.name = "ftp", .about = "RFC 959, 4217: up to the logon", .ports = ftp_ports, .stream = true,
	.state_size = sizeof(struct dialogue), .probe = ftp_probe, .parse = ftp_parse, .close = ftp_close,
};

const struct protocol protocol_pop3 = {
	.name = "pop3", .about = "RFC 1939, 2595: up to STLS", .ports = pop3_ports, .stream = true,
	.state_size = sizeof(struct dialogue), .probe = pop3_probe, .parse = pop3_parse, .close = pop3_close,
};

const struct protocol protocol_imap = {
	.name = "imap", .about = "RFC 9051: up to STARTTLS", .ports = imap_ports, .stream = true,
	.state_size = sizeof(struct dialogue), .probe = imap_probe, .parse = imap_parse, .close = imap_close,
};
