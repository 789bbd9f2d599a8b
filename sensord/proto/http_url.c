/* SPDX-License-Identifier: BSD-2-Clause
 * The four forms of a request target (RFC 9112 section 3.2) as url.* fields (RFC 3986). Texts are cut so that all of
 * them fit into one record; what comes first in a URL is what is kept. */
#include "http.h"

#include "base/address.h"
#include "base/limits.h"
#include "base/text.h"

#define FULL_MAX 1536
#define PART_MAX 1024
#define HOST_MAX 255
#define EXTENSION_MAX 16

/* Size of "scheme:" in front of "//", 0 where there is none. */
static size_t scheme_size(struct bytes target)
{
	size_t n = 0;
	while (n < target.size && ((target.at[n] | 0x20) >= 'a' && (target.at[n] | 0x20) <= 'z'))
		n++;
	while (n > 0 && n < target.size && strchr("+-.0123456789", target.at[n]) && target.at[n])
		n++;
	return n > 0 && target.size - n >= 3 && memcmp(target.at + n, "://", 3) == 0 ? n : 0;
}

enum http_form http_form(bool connect, struct bytes target)
{
	if (connect)
		return HTTP_AUTHORITY;
	if (target.size == 1 && target.at[0] == '*')
		return HTTP_ASTERISK;
	return scheme_size(target) ? HTTP_ABSOLUTE : HTTP_ORIGIN;
}

/* What stands behind the last '@': the authority without its user information. */
static struct bytes behind_user(struct bytes authority)
{
	const uint8_t *at = authority.size ? memrchr(authority.at, '@', authority.size) : NULL;
	if (!at)
		return authority;
	return bytes_of(at + 1, authority.size - (size_t)(at + 1 - authority.at));
}

struct bytes http_authority(struct bytes authority, uint64_t *port)
{
	struct bytes rest = behind_user(authority);
	struct bytes host;

	if (rest.size == 0)
		return rest;
	if (rest.at[0] == '[') {
		rest = bytes_of(rest.at + 1, rest.size - 1);
		host = bytes_split(&rest, ']');
		bytes_split(&rest, ':');
	} else {
		host = bytes_split(&rest, ':');
	}
	bytes_decimal(rest, 65535, port);
	return host.size > HOST_MAX ? bytes_of(host.at, HOST_MAX) : host;
}

static void tell_authority(struct record *r, struct bytes authority, uint64_t port)
{
	struct bytes host = http_authority(authority, &port);

	if (host.size == 0)
		return;
	record_set_wire(r, FIELD_URL_DOMAIN, host);
	if (port)
		record_set_uint(r, FIELD_URL_PORT, port);
}

static void tell_address(struct record *r, struct bytes authority)
{
	uint64_t port;
	struct address ignored;
	record_set_bool(r, FIELD_TUNNEL_TARGET_IS_IP, address_parse(http_authority(authority, &port), &ignored));
}

struct bytes http_path(struct bytes target)
{
	struct bytes path = http_until(target, "#?");

	return path.size ? path : bytes_string("/");
}

static void tell_path(struct record *r, struct bytes path)
{
	path = http_until(path, "#");
	struct bytes query = path;
	path = bytes_split(&query, '?');
	if (path.size == 0)
		path = bytes_string("/");
	http_set_value(r, FIELD_URL_PATH, path, PART_MAX);
	http_set_value(r, FIELD_URL_QUERY, query, PART_MAX);

	const uint8_t *slash = memrchr(path.at, '/', path.size);
	struct bytes last = slash ? bytes_of(slash + 1, path.size - (size_t)(slash + 1 - path.at)) : path;
	const uint8_t *dot = last.size ? memrchr(last.at, '.', last.size) : NULL;
	if (!dot)
		return;
	struct bytes extension = bytes_of(dot + 1, last.size - (size_t)(dot + 1 - last.at));
	if (extension.size > 0 && extension.size <= EXTENSION_MAX)
		record_set_wire(r, FIELD_URL_EXTENSION, extension);
}

/* An absolute URL as it may be written: a password in its user information is left out. */
static struct bytes without_password(struct bytes target, struct bytes authority, struct text *room)
{
	const uint8_t *at = authority.size ? memrchr(authority.at, '@', authority.size) : NULL;
	const uint8_t *colon = at ? memchr(authority.at, ':', (size_t)(at - authority.at)) : NULL;
	if (!colon)
		return target;
	text_add(room, bytes_of(target.at, (size_t)(colon + 1 - target.at)));
	text_char(room, '*');
	text_add(room, bytes_of(at, target.size - (size_t)(at - target.at)));
	return text_bytes(room);
}

static void tell_absolute(struct record *r, struct bytes target)
{
	static const struct {
		const char *scheme;
		uint64_t port;
	} defaults[] = { { "http", 80 }, { "https", 443 }, { "ftp", 21 }, { "ws", 80 }, { "wss", 443 } };
	UNINITIALIZED char room[LIMIT_FIELD_TEXT];
	struct text t = TEXT_ON(room);
	struct bytes scheme = bytes_of(target.at, scheme_size(target));
	struct bytes rest = bytes_of(target.at + scheme.size + 3, target.size - scheme.size - 3);
	struct bytes authority = http_until(rest, "/?#");
	uint64_t port = 0;

	for (size_t i = 0; i < ARRAY_SIZE(defaults); i++)
		if (bytes_equal_nocase(scheme, bytes_string(defaults[i].scheme)))
			port = defaults[i].port;
	struct bytes shown = without_password(target, authority, &t);
	http_set_value(r, FIELD_URL_ORIGINAL, shown, LIMIT_FIELD_TEXT);
	http_set_value(r, FIELD_URL_SCHEME, scheme, 16);
	tell_authority(r, authority, port);
	http_set_value(r, FIELD_URL_FULL, shown, FULL_MAX);
	tell_path(r, bytes_of(rest.at + authority.size, rest.size - authority.size));
}

static void tell_origin(struct record *r, struct bytes target, struct bytes host)
{
	UNINITIALIZED char room[FULL_MAX];
	struct text t = TEXT_ON(room);

	http_set_value(r, FIELD_URL_ORIGINAL, target, LIMIT_FIELD_TEXT);
	if (host.size > 0) {
		record_set_string(r, FIELD_URL_SCHEME, "http");
		tell_authority(r, host, 80);
		text_string(&t, "http://");
		text_add(&t, host);
		text_add(&t, target);
		record_set_wire(r, FIELD_URL_FULL, text_bytes(&t));
	}
	tell_path(r, target);
}

void http_url_tell(struct record *r, enum http_form form, struct bytes target, struct bytes host)
{
	static const char *const names[] = { "origin", "absolute", "authority", "asterisk" };

	if (!r)
		return;
	record_set_string(r, FIELD_HTTP_REQUEST_FORM, names[form]);
	switch (form) {
	case HTTP_ABSOLUTE:
		tell_absolute(r, target);
		return;
	case HTTP_ORIGIN:
		tell_origin(r, target, host);
		return;
	case HTTP_AUTHORITY:
		http_set_value(r, FIELD_URL_ORIGINAL, target, LIMIT_FIELD_TEXT);
		tell_authority(r, target, 0);
		tell_address(r, target);
		return;
	case HTTP_ASTERISK:
		http_set_value(r, FIELD_URL_ORIGINAL, target, LIMIT_FIELD_TEXT);
		tell_authority(r, host, 80);
		return;
	}
}
