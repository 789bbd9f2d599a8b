/* SPDX-License-Identifier: BSD-2-Clause
 * ClientHello and ServerHello (RFC 8446 section 4.1, RFC 5246 section 7.4.1) and the extensions that are told or
 * fingerprinted: RFC 6066 server_name, RFC 7301 ALPN, RFC 8422 groups and point formats, RFC 8446 versions. */
#include "tls.h"

bool tls_is_grease(uint16_t v)
{
	return (v & 0x0f0f) == 0x0a0a && v >> 8 == (v & 0xff);
}

const char *tls_version_name(uint16_t version)
{
	switch (version) {
	case 0x0002:
		return "2.0";
	case 0x0300:
		return "3.0";
	case 0x0301:
		return "1.0";
	case 0x0302:
		return "1.1";
	case 0x0303:
		return "1.2";
	case 0x0304:
		return "1.3";
	}
	return version >> 8 == 0x7f ? "1.3" : NULL; /* drafts of RFC 8446 */
}

bool tls_extension(struct reader *block, uint16_t *ret_type, struct bytes *ret_body)
{
	if (reader_left(block) == 0)
		return false;
	uint16_t type = reader_u16(block);
	struct bytes body = reader_take16(block);
	if (!reader_ok(block))
		return false;
	*ret_type = type;
	*ret_body = body;
	return true;
}

bool tls_alpn(struct reader *list, struct bytes *ret)
{
	if (reader_left(list) == 0)
		return false;
	struct bytes name = reader_take8(list);
	if (!reader_ok(list))
		return false;
	*ret = name;
	return true;
}

/* RFC 6066 section 3: the first entry of type host_name. */
static struct bytes host_name(struct bytes body)
{
	struct reader r = reader_open(body);
	struct reader list = reader_sub16(&r);

	while (reader_left(&list) > 0) {
		uint8_t type = reader_u8(&list);
		struct bytes name = reader_take16(&list);
		if (type == 0 && reader_ok(&list))
			return name;
	}
	return (struct bytes){ 0 };
}

static struct bytes list16(struct bytes body)
{
	struct reader r = reader_open(body);
	return reader_take16(&r);
}

static struct bytes list8(struct bytes body)
{
	struct reader r = reader_open(body);
	return reader_take8(&r);
}

/* Highest version of a supported_versions list; `otherwise` where it holds none that exists. */
static uint16_t highest(struct bytes versions, uint16_t otherwise)
{
	struct reader r = reader_open(versions);
	uint16_t top = 0;

	while (reader_left(&r) > 1) {
		uint16_t v = reader_u16(&r);
		if (!tls_is_grease(v) && v > top)
			top = v;
	}
	return top ? top : otherwise;
}

static void client_extension(struct tls_hello *h, uint16_t type, struct bytes body)
{
	switch (type) {
	case TLS_EXT_SERVER_NAME:
		h->has_server_name = true;
		h->server_name = host_name(body);
		break;
	case TLS_EXT_GROUPS:
		h->groups = list16(body);
		break;
	case TLS_EXT_POINT_FORMATS:
		h->formats = list8(body);
		break;
	case TLS_EXT_SIGNATURES:
		h->signatures = list16(body);
		break;
	case TLS_EXT_ALPN:
		h->alpn = list16(body);
		break;
	case TLS_EXT_VERSIONS:
		h->top_version = highest(list8(body), h->version);
		break;
	case TLS_EXT_PRE_SHARED_KEY:
		h->pre_shared_key = true;
		break;
	case TLS_EXT_ENCRYPTED_HELLO:
		h->encrypted_hello = true;
		break;
	}
}

static void server_extension(struct tls_hello *h, uint16_t type, struct bytes body)
{
	struct reader r = reader_open(body);

	if (type == TLS_EXT_ALPN)
		h->alpn = list16(body);
	else if (type == TLS_EXT_PRE_SHARED_KEY)
		h->pre_shared_key = true;
	else if (type == TLS_EXT_VERSIONS && body.size == 2)
		h->top_version = reader_u16(&r);
}

static void extensions(struct reader *r, struct tls_hello *h, void (*see)(struct tls_hello *, uint16_t, struct bytes))
{
	if (reader_left(r) < 2) /* before RFC 4366 a hello could end here */
		return;
	size_t size = reader_u16(r);
	struct bytes all = reader_rest(r);
	h->has_extensions = true;
	h->extensions = bytes_of(all.at, size < all.size ? size : all.size);

	struct reader block = reader_open(h->extensions);
	uint16_t type;
	struct bytes body;
	while (tls_extension(&block, &type, &body))
		see(h, type, body);
}

bool tls_hello_client(struct bytes body, struct tls_hello *ret)
{
	struct reader r = reader_open(body);
	struct tls_hello h = { 0 };

	h.version = reader_u16(&r);
	reader_skip(&r, 32);
	h.session = reader_take8(&r);
	h.ciphers = reader_take16(&r);
	struct bytes compressions = reader_take8(&r);
	if (!reader_ok(&r) || h.session.size > 32 || h.ciphers.size % 2 != 0 || compressions.size == 0)
		return false;
	h.top_version = h.version;
	extensions(&r, &h, client_extension);
	*ret = h;
	return true;
}

/* SHA-256 of "HelloRetryRequest" stands in place of the random value (RFC 8446 section 4.1.3). */
static const uint8_t retry_random[32] = {
	0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
	0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
};

bool tls_hello_server(struct bytes body, struct tls_hello *ret)
{
	struct reader r = reader_open(body);
	struct tls_hello h = { 0 };

	h.version = reader_u16(&r);
	struct bytes random = reader_take(&r, 32);
	/* Drafts of RFC 8446 before the 22nd had neither session id nor compression here. */
	bool draft = h.version >> 8 == 0x7f;
	if (!draft)
		h.session = reader_take8(&r);
	h.ciphers = reader_take(&r, 2);
	if (!draft)
		reader_skip(&r, 1);
	if (!reader_ok(&r) || h.session.size > 32)
		return false;
	h.retry = bytes_equal(random, bytes_of(retry_random, sizeof(retry_random)));
	h.top_version = h.version;
	extensions(&r, &h, server_extension);
	*ret = h;
	return true;
}
