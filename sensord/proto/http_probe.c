/* SPDX-License-Identifier: BSD-2-Clause
 * Is this HTTP/1.x? By the start line (RFC 9112 section 3): a method, a target and "HTTP/1.", or "HTTP/1." and a
 * status. Protocols with the same shape (SIP, RTSP, ICAP) differ in the version and in the scheme of the target. */
#include "http.h"

#include "base/attributes.h"
#include "base/limits.h"

#define METHOD_MAX 24    /* bytes of a method that is not in the list */
#define RESYNC_TAIL 2048 /* bytes of a lost stream that may be the start of a request line */

static const char *const methods[] = {
	"GET", "POST", "HEAD", "CONNECT", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH",
	/* RFC 4918, 3253, 3744, 5323, 4791 */
	"PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "REPORT", "ACL", "SEARCH",
	"MKCALENDAR",
	/* UPnP; [MS-RPCH], [MS-BITS], System Center, Exchange */
	"NOTIFY", "SUBSCRIBE", "UNSUBSCRIBE", "M-SEARCH", "RPC_IN_DATA", "RPC_OUT_DATA", "BITS_POST", "CCM_POST",
	"SMS_POST", "POLL", "BPROPFIND", "BPROPPATCH", "BCOPY", "BMOVE", "BDELETE", "X-MS-ENUMATTS", "PURGE", "MERGE",
};

/* RFC 9110 section 5.6.2, without what no method ever has. */
static bool is_method_char(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

static bool is_known(struct bytes method)
{
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
		if (bytes_equal(method, bytes_string(methods[i])))
			return true;
	return false;
}

static bool is_start_of_known(struct bytes start)
{
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
		if (bytes_starts(bytes_string(methods[i]), start))
			return true;
	return false;
}

/* The target alone settles it for a known method: nobody else asks for a path or a web address. */
static bool is_web_target(struct bytes target)
{
	static const char *const starts[] = { "/", "http://", "https://", "ftp://", "ws://", "wss://" };
	for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
		if (bytes_starts_nocase(target, bytes_string(starts[i])))
			return true;
	return false;
}

/* A whole request line: does it end in HTTP/1.x, or in nothing at all (HTTP/0.9)? */
static bool line_is_http(struct bytes method, struct bytes line)
{
	struct bytes rest = line;
	bytes_split(&rest, ' ');
	struct bytes target = bytes_split(&rest, ' ');
	rest = bytes_trim(rest);
	if (target.size == 0)
		return false;
	if (rest.size == 0)
		return bytes_equal(method, bytes_string("GET")) && target.at[0] == '/';
	return rest.size >= 8 && memcmp(rest.at + rest.size - 8, "HTTP/", 5) == 0 &&
	       (rest.at[rest.size - 3] == '1' || rest.at[rest.size - 3] == '0') && rest.at[rest.size - 2] == '.';
}

enum probe http_probe_request(struct bytes start)
{
	while (start.size > 0 && (*start.at == '\r' || *start.at == '\n'))
		start = bytes_of(start.at + 1, start.size - 1);
	size_t n = 0;
	while (n < start.size && n <= METHOD_MAX && is_method_char(start.at[n]))
		n++;
	struct bytes method = bytes_of(start.at, n);
	if (n == start.size)
		return n == 0 || is_start_of_known(method) || n < METHOD_MAX ? PROBE_MORE : PROBE_NO;
	if (n == 0 || n > METHOD_MAX || start.at[n] != ' ')
		return PROBE_NO;

	struct bytes behind = bytes_of(start.at + n + 1, start.size - n - 1);
	const uint8_t *lf = behind.size ? memchr(behind.at, '\n', behind.size) : NULL;
	if (lf) {
		size_t size = (size_t)(lf - start.at);
		if (start.at[size - 1] == '\r')
			size--;
		return line_is_http(method, bytes_of(start.at, size)) ||
		       (is_known(method) && is_web_target(behind)) ? PROBE_YES : PROBE_NO;
	}
	if (is_known(method) && is_web_target(behind))
		return PROBE_YES;
	if (start.size < LIMIT_PROBE)
		return PROBE_MORE;
	/* Long authorities: their line does not end within what a probe sees. */
	bool authority = bytes_equal(method, bytes_string("CONNECT")) && !memchr(behind.at, '/', behind.size);
	return authority ? PROBE_YES : PROBE_NO;
}

enum probe http_probe_response(struct bytes start)
{
	while (start.size > 0 && (*start.at == '\r' || *start.at == '\n'))
		start = bytes_of(start.at + 1, start.size - 1);
	struct bytes sign = bytes_string("HTTP/1.");
	if (start.size < sign.size)
		return bytes_starts(sign, start) ? PROBE_MORE : PROBE_NO;
	return bytes_starts(start, sign) ? PROBE_YES : PROBE_NO;
}

/* Where the request line starts that has " HTTP/1." at `version`: a method, one space, a target without spaces. */
static size_t line_start(struct bytes b, size_t version)
{
	size_t target = version;
	while (target > 0 && version - target < LIMIT_HTTP_LINE && b.at[target - 1] > ' ' && b.at[target - 1] < 0x7f)
		target--;
	if (target < 2 || target == version || b.at[target - 1] != ' ')
		return SIZE_MAX;
	size_t longest = 0;
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		size_t n = strlen(methods[i]);
		if (n > longest && n <= target - 1 && memcmp(b.at + target - 1 - n, methods[i], n) == 0)
			longest = n;
	}
	return longest ? target - 1 - longest : SIZE_MAX;
}

size_t http_find_request(struct bytes b, size_t *keep)
{
	struct bytes sign = bytes_string(" HTTP/1.");
	size_t from = 0;

	*keep = b.size < RESYNC_TAIL ? b.size : RESYNC_TAIL;
	for (;;) {
		size_t at = bytes_find(bytes_of(b.at + from, b.size - from), sign);
		if (at == SIZE_MAX)
			return SIZE_MAX;
		size_t start = line_start(b, from + at);
		if (start != SIZE_MAX)
			return start;
		from += at + sign.size;
	}
}

size_t http_find_response(struct bytes b, size_t *keep)
{
	struct bytes sign = bytes_string("HTTP/1.");
	size_t from = 0;

	*keep = b.size < 12 ? b.size : 12;
	for (;;) {
		size_t at = bytes_find(bytes_of(b.at + from, b.size - from), sign);
		if (at == SIZE_MAX)
			return SIZE_MAX;
		at += from;
		if (b.size - at < 12) {
			*keep = b.size - at;
			return SIZE_MAX;
		}
		if (b.at[at + 8] == ' ' && b.at[at + 9] >= '1' && b.at[at + 9] <= '5')
			return at;
		from = at + sign.size;
	}
}
