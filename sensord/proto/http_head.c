/* SPDX-License-Identifier: BSD-2-Clause
 * The head of an HTTP/1.x message: start line and field lines (RFC 9112 sections 2.2 and 5). Lenient as receivers are:
 * bare LF ends a line, folds go on, a line without a colon is passed over. */
#include "http.h"

#include "base/limits.h"
#include "base/text.h"

#define LONGEST_NAME 19 /* Proxy-Authorization */

size_t http_head_size(struct bytes b, uint32_t *scanned)
{
	size_t at = *scanned;

	while (at < b.size) {
		const uint8_t *lf = memchr(b.at + at, '\n', b.size - at);
		if (!lf) {
			*scanned = (uint32_t)b.size;
			return 0;
		}
		at = (size_t)(lf - b.at);
		*scanned = (uint32_t)at;
		if (at + 1 == b.size)
			return 0;
		if (b.at[at + 1] == '\n')
			return at + 2;
		if (b.at[at + 1] == '\r') {
			if (at + 2 == b.size)
				return 0;
			if (b.at[at + 2] == '\n')
				return at + 3;
		}
		at++;
	}
	return 0;
}

/* The field of that name, or HTTP_FIELDS. Its length leaves at most three candidates. */
static enum http_field field_of(struct bytes name)
{
	static const struct {
		const char *name;
		enum http_field field;
	} wanted[LONGEST_NAME + 1][3] = {
		[4] = { { "host", HTTP_HOST } },
		[6] = { { "cookie", HTTP_COOKIE }, { "server", HTTP_SERVER } },
		[7] = { { "referer", HTTP_REFERER }, { "upgrade", HTTP_UPGRADE } },
		[10] = { { "user-agent", HTTP_USER_AGENT } },
		[12] = { { "content-type", HTTP_CONTENT_TYPE } },
		[13] = { { "authorization", HTTP_AUTHORIZATION } },
		[14] = { { "content-length", HTTP_CONTENT_LENGTH } },
		[16] = { { "www-authenticate", HTTP_WWW_AUTHENTICATE }, { "proxy-connection", HTTP_PROXY_CONNECTION } },
		[17] = { { "transfer-encoding", HTTP_TRANSFER_ENCODING } },
		[18] = { { "proxy-authenticate", HTTP_PROXY_AUTHENTICATE } },
		[19] = { { "proxy-authorization", HTTP_PROXY_AUTHORIZATION } },
	};
	if (name.size > LONGEST_NAME)
		return HTTP_FIELDS;
	for (size_t i = 0; i < 3 && wanted[name.size][i].name; i++)
		if ((name.at[0] | 0x20) == wanted[name.size][i].name[0] &&
		    bytes_equal_nocase(name, bytes_of(wanted[name.size][i].name, name.size)))
			return wanted[name.size][i].field;
	return HTTP_FIELDS;
}

static void add_challenge(struct http_head *head, enum http_door door, struct bytes value)
{
	if (head->n_challenges[door] < HTTP_CHALLENGES)
		head->challenges[door][head->n_challenges[door]++] = value;
}

static void read_line(struct http_head *head, struct bytes line)
{
	/* White space before the colon is not allowed (RFC 9112 section 5.1), yet servers take it. */
	size_t reach = line.size < LONGEST_NAME + 8 ? line.size : LONGEST_NAME + 8;
	const uint8_t *colon = reach ? memchr(line.at, ':', reach) : NULL;
	if (!colon || line.size > LIMIT_HTTP_LINE)
		return;
	size_t name_size = (size_t)(colon - line.at);
	enum http_field field = field_of(bytes_trim(bytes_of(line.at, name_size)));
	if (field == HTTP_FIELDS)
		return;
	struct bytes value = bytes_trim(bytes_of(colon + 1, line.size - name_size - 1));
	if (field == HTTP_PROXY_AUTHENTICATE)
		add_challenge(head, HTTP_PROXY_DOOR, value);
	else if (field == HTTP_WWW_AUTHENTICATE)
		add_challenge(head, HTTP_SERVER_DOOR, value);
	else if (!head->values[field].at)
		head->values[field] = value;
	else if (field == HTTP_CONTENT_LENGTH)
		head->lengths_differ |= !bytes_equal(head->values[field], value);
}

/* The next line of *rest without its end, folded lines with it (but for the start line); moves *rest behind it. */
static struct bytes next_line(struct bytes *rest, bool folds)
{
	size_t at = 0;
	size_t end;

	do {
		const uint8_t *lf = memchr(rest->at + at, '\n', rest->size - at);
		end = lf ? (size_t)(lf - rest->at) : rest->size;
		at = lf ? end + 1 : end;
	} while (folds && at < rest->size && (rest->at[at] == ' ' || rest->at[at] == '\t'));

	struct bytes line = bytes_of(rest->at, end);
	*rest = bytes_of(rest->at + at, rest->size - at);
	if (line.size && line.at[line.size - 1] == '\r')
		line.size--;
	return line;
}

void http_head_read(struct bytes whole, struct http_head *ret)
{
	memset(ret->values, 0, sizeof(ret->values));
	memset(ret->n_challenges, 0, sizeof(ret->n_challenges));
	ret->lengths_differ = false;
	ret->start = next_line(&whole, false);
	while (whole.size > 0)
		read_line(ret, next_line(&whole, true));
}

static bool is_fold(uint8_t c) { return c == '\r' || c == '\n' || c == ' ' || c == '\t'; }

static void set_folded(struct record *r, enum field f, struct bytes value)
{
	UNINITIALIZED char room[LIMIT_FIELD_TEXT];
	struct text t = TEXT_ON(room);

	for (size_t i = 0; i < value.size; i++) {
		size_t from = i;
		while (i < value.size && is_fold(value.at[i]))
			i++;
		bool fold = memchr(value.at + from, '\n', i - from);
		if (fold)
			text_char(&t, ' ');
		else
			text_add(&t, bytes_of(value.at + from, i - from));
		if (i < value.size)
			text_char(&t, (char)value.at[i]);
	}
	record_set_wire(r, f, text_bytes(&t));
}

void http_set_value(struct record *r, enum field f, struct bytes value, size_t max)
{
	if (value.size == 0 || !r)
		return;
	if (value.size > max)
		value.size = max;
	if (memchr(value.at, '\n', value.size))
		set_folded(r, f, value);
	else
		record_set_wire(r, f, value);
}

struct bytes http_until(struct bytes b, const char *stops)
{
	for (size_t i = 0; i < b.size; i++)
		if (b.at[i] == '\0' ? false : strchr(stops, b.at[i]) != NULL)
			return bytes_of(b.at, i);
	return b;
}
