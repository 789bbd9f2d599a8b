/* SPDX-License-Identifier: BSD-2-Clause
 * Kind syslog: RFC 5424 messages over UDP (RFC 5426), TCP (RFC 6587) or TLS (RFC 5425); on the local socket what syslog(3)
 * writes there (the form of RFC 3164 section 4.1 without a host name), since its readers take nothing else as it is meant.
 *
 * HOSTNAME is the site's name, APP-NAME sensord, MSGID the rule or the kind of record, TIMESTAMP that of the packet; the
 * line is MSG, as UTF-8 without the byte order mark that few receivers of JSON expect. A line is sent whole or not at
 * all, since half a JSON object helps nobody: what no datagram holds is refused.
 *
 * Syslog acknowledges nothing. On a stream a line counts as acknowledged when the peer's kernel has confirmed its bytes and
 * the connection is still there GRACE_NS later (a receiver that dies resets, or closes, at once); over UDP when no ICMP
 * error came within that time; on the local socket when the datagram was taken. */
#include <poll.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/instant.h"
#include "base/text.h"
#include "kind.h"
#include "peer.h"

#define HEAD_MAX 512
#define DATAGRAM_MAX 65000u /* bytes over UDP with IPv4: 65,507, less what tunnels take */
#define GRACE_NS (500 * NS_PER_MS)
#define MARKS 64
#define MARK_EVERY_NS (GRACE_NS / 32)
#define HOSTNAME_MAX 255 /* RFC 5424 section 6 */

enum syslog_format { FORMAT_RFC5424, FORMAT_CEE, FORMAT_JSON, FORMAT_LOCAL };
static const char *const formats[] = { "rfc5424", "cee", "json", "local" };

static const char *const facilities[] = { "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron",
					  "authpriv", "ftp", "ntp", "audit", "alert", "clock", "local0", "local1", "local2",
					  "local3", "local4", "local5", "local6", "local7" };

/* So many lines, and bytes, were in the kernel at that time. */
struct mark { uint64_t lines, bytes, time_ns; };

struct syslog {
	struct peer *peer;
	struct output_clock clock;
	enum syslog_format format;
	unsigned facility;
	bool counted;            /* octet counting, else a line feed ends a message */
	char host[HOSTNAME_MAX + 1];
	uint64_t lines;          /* taken since connect */
	uint64_t acknowledged;
	struct mark marks[MARKS];
	size_t first_mark, n_marks;
	size_t used, done;       /* of message */
	char message[HEAD_MAX + OUTPUT_LINE_MAX + 32];
};

static bool choose(const char *key, const char *value, const char *const *words, size_t n, unsigned fallback, unsigned *ret,
		   struct error *err)
{
	if (!value || !*value) {
		*ret = fallback;
		return true;
	}
	for (*ret = 0; *ret < n; ++*ret)
		if (strcmp(words[*ret], value) == 0)
			return true;
	return error_set(err, "`%s`: `%s` is not known to an output of type syslog", key, value);
}

static bool read_settings(struct syslog *s, const struct output_settings *from, struct error *err)
{
	static const char *const framings[] = { "octets", "lines" };
	unsigned format, framing;

	bool local = !from->target || !*from->target || strncmp(from->target, "local", 5) == 0;

	if (!choose("format", from->format, formats, ARRAY_SIZE(formats), local ? FORMAT_LOCAL : FORMAT_RFC5424, &format, err) ||
	    !choose("framing", from->framing, framings, ARRAY_SIZE(framings), 0, &framing, err) ||
	    !choose("facility", from->facility, facilities, ARRAY_SIZE(facilities), 16, &s->facility, err))
		return false;
	s->format = (enum syslog_format)format;
	s->counted = framing == 0;
	const char *site = from->site && *from->site ? from->site : "-";
	size_t i = 0;
	for (; site[i] && i < HOSTNAME_MAX; i++) /* PRINTUSASCII without spaces */
		s->host[i] = site[i] > 0x20 && site[i] < 0x7f ? site[i] : '_';
	s->host[i] = '\0';
	s->clock = from->clock;
	s->peer = peer_new(from, err);
	return s->peer != NULL;
}

static void *syslog_open(const struct output_settings *from, const struct teller *teller, bool dry, struct error *err)
{
	struct syslog *s = calloc(1, sizeof(*s));

	(void)teller;
	(void)dry; /* connecting comes later, reading certificates is what has to be checked */
	if (!s) {
		error_set(err, "out of memory");
		return NULL;
	}
	if (read_settings(s, from, err))
		return s;
	free(s);
	return NULL;
}

static void syslog_close(void *k)
{
	struct syslog *s = k;

	peer_free(s->peer);
	free(s);
}

static bool syslog_connect(void *k, const struct waiter *w, struct error *err)
{
	struct syslog *s = k;

	s->lines = s->acknowledged = 0;
	s->first_mark = s->n_marks = s->used = s->done = 0;
	return peer_connect(s->peer, w, err);
}

/* TIMESTAMP has at most six digits behind the point (RFC 5424 section 6.2.3). */
static void put_time(struct text *t, uint64_t time_ns)
{
	char at[INSTANT_TEXT];

	if (time_ns == 0) {
		text_char(t, '-');
		return;
	}
	instant_format(time_ns, at);
	text_add(t, bytes_of(at, 26));
	text_char(t, 'Z');
}

/* TIMESTAMP and TAG of RFC 3164 sections 4.1.2 and 4.1.3; the time is the local one, as there is nothing to name another. */
static void put_local_head(const struct syslog *s, const struct output_item *item, struct text *t)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t seconds = (time_t)(item->time_ns / NS_PER_S);
	struct tm local;

	localtime_r(&seconds, &local);
	text_printf(t, "<%u>%.3s %2d %02d:%02d:%02d sensord[%d]: ", s->facility * 8 + (unsigned)item->severity,
		    months + 3 * local.tm_mon, local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec, (int)getpid());
}

static void put_head(const struct syslog *s, const struct output_item *item, struct text *t)
{
	text_printf(t, "<%u>1 ", s->facility * 8 + (unsigned)item->severity);
	put_time(t, item->time_ns);
	text_printf(t, " %s sensord %d ", s->host, (int)getpid());
	if (item->tag.size)
		for (size_t i = 0; i < item->tag.size && i < OUTPUT_TAG; i++)
			text_char(t, item->tag.at[i] > 0x20 && item->tag.at[i] < 0x7f ? (char)item->tag.at[i] : '_');
	else
		text_char(t, '-');
	text_string(t, s->format == FORMAT_CEE ? " - @cee: " : " - ");
}

static void put_message(struct syslog *s, const struct output_item *item)
{
	bool stream = peer_kind(s->peer) >= PEER_TCP;
	char head_room[HEAD_MAX];
	struct text head = TEXT_ON(head_room), t = TEXT_ON(s->message);

	if (s->format == FORMAT_LOCAL)
		put_local_head(s, item, &head);
	else if (s->format != FORMAT_JSON)
		put_head(s, item, &head);
	if (stream && s->counted)
		text_printf(&t, "%zu ", head.used + item->line.size);
	text_add(&t, text_bytes(&head));
	text_add(&t, item->line);
	if (stream && !s->counted)
		text_char(&t, '\n');
	s->used = t.used;
	s->done = 0;
}

static void mark(struct syslog *s, uint64_t now)
{
	uint64_t lines = s->lines - (s->done < s->used);
	struct mark *last = s->n_marks ? &s->marks[(s->first_mark + s->n_marks - 1) % MARKS] : NULL;

	if (lines == (last ? last->lines : s->acknowledged) || s->n_marks == MARKS || (last && now < last->time_ns + MARK_EVERY_NS))
		return;
	s->marks[(s->first_mark + s->n_marks++) % MARKS] = (struct mark){ lines, peer_written(s->peer), now };
}

static enum sent write_message(struct syslog *s, struct error *err)
{
	while (s->done < s->used) {
		bool refused;
		ssize_t n = peer_write(s->peer, bytes_of(s->message + s->done, s->used - s->done), &refused, err);
		if (n < 0)
			return refused ? SENT_REFUSED : SENT_AWAY;
		if (n == 0)
			return SENT_FULL;
		s->done += (size_t)n;
	}
	return SENT;
}

static enum sent syslog_send(void *k, const struct output_item *item, struct error *err)
{
	struct syslog *s = k;
	enum peer_kind kind = peer_kind(s->peer);

	if (s->done < s->used) { /* the rest of the line before */
		enum sent before = write_message(s, err);
		if (before != SENT)
			return before;
	}
	put_message(s, item);
	if (kind == PEER_UDP && s->used > DATAGRAM_MAX) {
		s->used = 0;
		error_set(err, "%s: a line of %zu bytes is too long for a datagram (use tcp or tls)", peer_name(s->peer), item->line.size);
		return SENT_REFUSED;
	}
	enum sent sent = write_message(s, err);
	if (sent == SENT_FULL && (kind >= PEER_TCP)) /* begun or not, it stands in the buffer */
		sent = SENT;
	if (sent != SENT) {
		s->used = s->done = 0;
		return sent;
	}
	s->lines++;
	return SENT;
}

static bool syslog_settle(void *k, uint64_t *ret_acknowledged, struct error *err)
{
	struct syslog *s = k;
	uint64_t now = s->clock.steady();
	bool stream = peer_kind(s->peer) >= PEER_TCP;

	if (s->done < s->used && write_message(s, err) == SENT_AWAY)
		return false;
	if (!peer_lives(s->peer, err))
		return false;
	if (peer_kind(s->peer) == PEER_LOCAL) {
		*ret_acknowledged = s->acknowledged = s->lines;
		return true;
	}
	mark(s, now);
	uint64_t confirmed = stream && s->n_marks ? peer_confirmed(s->peer) : 0;
	while (s->n_marks) {
		const struct mark *m = &s->marks[s->first_mark];
		if (now < m->time_ns + GRACE_NS || (stream && m->bytes > confirmed))
			break;
		s->acknowledged = m->lines;
		s->first_mark = (s->first_mark + 1) % MARKS;
		s->n_marks--;
	}
	*ret_acknowledged = s->acknowledged;
	return true;
}

static int syslog_descriptor(void *k, short *ret_events)
{
	struct syslog *s = k;

	*ret_events = (short)(POLLIN | (s->done < s->used ? POLLOUT : 0));
	return peer_kind(s->peer) == PEER_LOCAL ? -1 : peer_fd(s->peer);
}

static void syslog_disconnect(void *k)
{
	struct syslog *s = k;

	peer_disconnect(s->peer);
}

const struct output_kind kind_syslog = {
	.type = "syslog", .open = syslog_open, .connect = syslog_connect, .send = syslog_send, .settle = syslog_settle,
	.descriptor = syslog_descriptor, .disconnect = syslog_disconnect, .close = syslog_close,
};
