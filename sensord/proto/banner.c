/* SPDX-License-Identifier: BSD-2-Clause
 * Protocols known by their greeting only, because it matters that they run somewhere (inside a tunnel, on a port that is
 * not theirs): SMTP (RFC 5321 sections 4.1.1.1, 4.2), FTP (RFC 959), POP3 (RFC 1939), IMAP (RFC 9051). They make no
 * records; the flow gets its name. SMTP and FTP both greet with 220, so their greeting must name them, or the client's
 * first command must be one that only the other does not have. */
#include "base/limits.h"
#include "proto/protocol.h"

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

/* "220 " or "220-", then the word within the first line or what is seen of it. */
static enum probe greets_as(struct bytes start, const char *word)
{
	static const char *const marks[] = { "220 ", "220-", NULL };
	enum probe answer = any_start(start, marks);

	if (answer != PROBE_YES)
		return answer;
	const uint8_t *end = memchr(start.at, '\n', start.size);
	struct bytes line = end ? bytes_of(start.at, (size_t)(end - start.at)) : start;
	if (contains_nocase(line, word))
		return PROBE_YES;
	return end || start.size >= LIMIT_PROBE ? PROBE_NO : PROBE_MORE;
}

static enum probe smtp_probe(enum side side, struct bytes start)
{
	static const char *const marks[] = { "EHLO ", "HELO ", "LHLO ", NULL };

	return side == CLIENT ? any_start(start, marks) : greets_as(start, "SMTP");
}

static enum probe ftp_probe(enum side side, struct bytes start)
{
	static const char *const marks[] = { "AUTH TLS\r", "AUTH SSL\r", "FEAT\r", "USER anonymous", "USER ftp\r", NULL };

	return side == CLIENT ? any_start(start, marks) : greets_as(start, "FTP");
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

static enum parsed banner_parse(struct parse *p, struct reader *r)
{
	(void)r;
	parse_confirm(p);
	parse_finish(p, true);
	return PARSED;
}

static const struct port_hint smtp_ports[] = { { 25, false }, { 587, false }, { 0, false } };
static const struct port_hint ftp_ports[] = { { 21, false }, { 0, false } };
static const struct port_hint pop3_ports[] = { { 110, false }, { 0, false } };
static const struct port_hint imap_ports[] = { { 143, false }, { 0, false } };

const struct protocol protocol_smtp = {
	.name = "smtp", .about = "RFC 5321: greeting only", .ports = smtp_ports, .stream = true,
	.probe = smtp_probe, .parse = banner_parse,
};

const struct protocol protocol_ftp = {
	.name = "ftp", .about = "RFC 959: greeting only", .ports = ftp_ports, .stream = true,
	.probe = ftp_probe, .parse = banner_parse,
};

const struct protocol protocol_pop3 = {
	.name = "pop3", .about = "RFC 1939: greeting only", .ports = pop3_ports, .stream = true,
	.probe = pop3_probe, .parse = banner_parse,
};

const struct protocol protocol_imap = {
	.name = "imap", .about = "RFC 9051: greeting only", .ports = imap_ports, .stream = true,
	.probe = imap_probe, .parse = banner_parse,
};
