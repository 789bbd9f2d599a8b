/* SPDX-License-Identifier: BSD-2-Clause
 * Fingerprints of hello messages: JA3 and JA3S (Salesforce: MD5 of five, or three, lists in decimal) and JA4 (FoxIO,
 * technical details of JA4: a readable part, then two truncated SHA-256 of sorted lists). GREASE never counts. */
#include "tls.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <openssl/evp.h>

#define JA_TEXT 16384 /* bytes of the longest text hashed; ten times what real hellos need */
#define JA_LIST 1024  /* ciphers or extensions in a JA4 */

/* Fetching an algorithm takes a lock and a search; both are immutable afterwards and shared by all threads. */
static EVP_MD *md5, *sha256;
static pthread_once_t digests_once = PTHREAD_ONCE_INIT;

static void fetch_digests(void)
{
	md5 = EVP_MD_fetch(NULL, "MD5", "-fips"); /* a name, not a protection: allowed beside a FIPS provider */
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
}

/* Writes the first `digits` hexadecimal digits and a zero. */
static bool digest(const EVP_MD *kind, struct bytes text, size_t digits, char *ret)
{
	uint8_t sum[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	EVP_MD_CTX *context = kind ? EVP_MD_CTX_new() : NULL;
	bool ok = context && EVP_DigestInit_ex2(context, kind, NULL) == 1 &&
		  EVP_DigestUpdate(context, text.at, text.size) == 1 && EVP_DigestFinal_ex(context, sum, &n) == 1;
	EVP_MD_CTX_free(context);
	if (!ok || n * 2 < digits)
		return false;
	struct text out = { ret, digits + 1, 0, false };
	text_hex(&out, bytes_of(sum, digits / 2));
	text_end(&out);
	return true;
}

static void decimal(struct text *out, bool first, uint16_t v)
{
	if (!first)
		text_char(out, '-');
	text_decimal(out, v);
}

static void decimal_pairs(struct text *out, struct bytes list)
{
	struct reader r = reader_open(list);
	bool first = true;

	while (reader_left(&r) > 1) {
		uint16_t v = reader_u16(&r);
		if (tls_is_grease(v))
			continue;
		decimal(out, first, v);
		first = false;
	}
}

static void decimal_extensions(struct text *out, struct bytes extensions)
{
	struct reader block = reader_open(extensions);
	struct bytes body;
	uint16_t type;
	bool first = true;

	while (tls_extension(&block, &type, &body)) {
		if (tls_is_grease(type))
			continue;
		decimal(out, first, type);
		first = false;
	}
}

bool tls_ja3_text(const struct tls_hello *hello, struct text *out)
{
	text_decimal(out, hello->version);
	text_char(out, ',');
	decimal_pairs(out, hello->ciphers);
	text_char(out, ',');
	decimal_extensions(out, hello->extensions);
	text_char(out, ',');
	decimal_pairs(out, hello->groups);
	text_char(out, ',');
	for (size_t i = 0; i < hello->formats.size; i++)
		decimal(out, i == 0, hello->formats.at[i]);
	return !out->cut;
}

bool tls_ja3s_text(const struct tls_hello *hello, struct text *out)
{
	text_decimal(out, hello->version);
	text_char(out, ',');
	decimal_pairs(out, hello->ciphers);
	text_char(out, ',');
	decimal_extensions(out, hello->extensions);
	return !out->cut;
}

static bool ja3(const struct tls_hello *hello, bool (*print)(const struct tls_hello *, struct text *), char *ret)
{
	UNINITIALIZED char room[JA_TEXT];
	struct text out = TEXT_ON(room);

	pthread_once(&digests_once, fetch_digests);
	return print(hello, &out) && digest(md5, text_bytes(&out), 32, ret);
}

bool tls_ja3(const struct tls_hello *hello, char ret[JA3_TEXT])
{
	return ja3(hello, tls_ja3_text, ret);
}

bool tls_ja3s(const struct tls_hello *hello, char ret[JA3_TEXT])
{
	return ja3(hello, tls_ja3s_text, ret);
}

static int by_value(const void *a, const void *b)
{
	uint16_t left = *(const uint16_t *)a;
	uint16_t right = *(const uint16_t *)b;
	return (left > right) - (left < right);
}

struct list {
	uint16_t values[JA_LIST];
	size_t count;
	bool cut;
};

static void list_clear(struct list *list)
{
	list->count = 0;
	list->cut = false;
}

static void list_add(struct list *list, uint16_t v)
{
	if (list->count < JA_LIST)
		list->values[list->count++] = v;
	else
		list->cut = true;
}

static void list_pairs(struct list *list, struct bytes pairs)
{
	struct reader r = reader_open(pairs);

	list_clear(list);
	while (reader_left(&r) > 1) {
		uint16_t v = reader_u16(&r);
		if (!tls_is_grease(v))
			list_add(list, v);
	}
}

/* All extensions but server_name and ALPN; *ret_all counts those two as well. */
static void list_extensions(struct list *list, struct bytes extensions, size_t *ret_all)
{
	struct reader block = reader_open(extensions);
	struct bytes body;
	uint16_t type;

	*ret_all = 0;
	list_clear(list);
	while (tls_extension(&block, &type, &body)) {
		if (tls_is_grease(type))
			continue;
		++*ret_all;
		if (type != TLS_EXT_SERVER_NAME && type != TLS_EXT_ALPN)
			list_add(list, type);
	}
}

static void hex_list(struct text *out, const struct list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		if (i > 0)
			text_char(out, ',');
		text_hex_number(out, list->values[i], 4);
	}
}

/* Twelve digits of the digest of the sorted list, of `tail` too where there is one; zeros for an empty list. */
static bool sorted_digest(struct list *list, const struct list *tail, char ret[13])
{
	UNINITIALIZED char room[JA_TEXT];
	struct text out = TEXT_ON(room);

	if (list->count == 0) {
		memcpy(ret, "000000000000", 13);
		return true;
	}
	qsort(list->values, list->count, sizeof(list->values[0]), by_value);
	hex_list(&out, list);
	if (tail && tail->count > 0) {
		text_char(&out, '_');
		hex_list(&out, tail);
	}
	return !out.cut && digest(sha256, text_bytes(&out), 12, ret);
}

static const char *ja4_version(uint16_t version)
{
	static const struct {
		uint16_t version;
		char name[3];
	} names[] = { { 0x0304, "13" }, { 0x0303, "12" }, { 0x0302, "11" }, { 0x0301, "10" }, { 0x0300, "s3" },
		      { 0x0002, "s2" }, { 0xfeff, "d1" }, { 0xfefd, "d2" }, { 0xfefc, "d3" } };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].version == version)
			return names[i].name;
	return "00";
}

static bool is_alphanumeric(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* First and last character of the first ALPN name, or of its hexadecimal form where one of them is no letter or digit. */
static void ja4_alpn(struct bytes alpn, char ret[3])
{
	static const char hex[] = "0123456789abcdef";
	struct reader list = reader_open(alpn);
	struct bytes name = { 0 };

	memcpy(ret, "00", 3);
	if (!tls_alpn(&list, &name) || name.size == 0)
		return;
	uint8_t first = name.at[0];
	uint8_t last = name.at[name.size - 1];
	bool plain = is_alphanumeric(first) && is_alphanumeric(last);
	ret[0] = plain ? (char)first : hex[first >> 4];
	ret[1] = plain ? (char)last : hex[last & 15];
}

bool tls_ja4(const struct tls_hello *hello, char carrier, char ret[JA4_TEXT])
{
	UNINITIALIZED struct list ciphers, extensions, signatures;
	size_t n_extensions;
	char alpn[3], cipher_digest[13], extension_digest[13];

	pthread_once(&digests_once, fetch_digests);
	list_pairs(&ciphers, hello->ciphers);
	list_extensions(&extensions, hello->extensions, &n_extensions);
	list_pairs(&signatures, hello->signatures);
	if (ciphers.cut || extensions.cut || signatures.cut)
		return false;
	ja4_alpn(hello->alpn, alpn);
	if (!sorted_digest(&ciphers, NULL, cipher_digest) || !sorted_digest(&extensions, &signatures, extension_digest))
		return false;
	snprintf(ret, JA4_TEXT, "%c%s%c%02u%02u%s_%s_%s", carrier, ja4_version(hello->top_version),
		 hello->has_server_name ? 'd' : 'i', (unsigned)(ciphers.count > 99 ? 99 : ciphers.count),
		 (unsigned)(n_extensions > 99 ? 99 : n_extensions), alpn, cipher_digest, extension_digest);
	return true;
}
