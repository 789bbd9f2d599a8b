/* SPDX-License-Identifier: BSD-2-Clause
 * One link of the chain: its hash, its mac, the key after it; the member of a line and the state, read back. */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/reader.h"
#include "bytes_put.h"
#include "output/chain.h"
#include "chain_state.h"

static const char key_label[] = "sensord chain";

static void sha256(const struct bytes *parts, size_t n, uint8_t ret[CHAIN_HASH])
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	bool ok = c && EVP_DigestInit_ex(c, EVP_sha256(), NULL) == 1;

	for (size_t i = 0; ok && i < n; i++)
		ok = EVP_DigestUpdate(c, parts[i].at, parts[i].size) == 1;
	if (!ok || EVP_DigestFinal_ex(c, ret, NULL) != 1)
		memset(ret, 0, CHAIN_HASH); /* without memory: a link that verify finds broken */
	EVP_MD_CTX_free(c);
}

void chain_hash(const uint8_t prev[CHAIN_HASH], uint64_t seq, struct bytes before, uint8_t ret[CHAIN_HASH])
{
	uint8_t number[8];

	bytes_put_u64(number, seq);
	struct bytes parts[] = { bytes_of(prev, CHAIN_HASH), bytes_of(number, sizeof(number)), before, bytes_string("}") };
	sha256(parts, ARRAY_SIZE(parts), ret);
}

void chain_mac(const uint8_t key[CHAIN_HASH], const uint8_t hash[CHAIN_HASH], uint8_t ret[CHAIN_HASH])
{
	unsigned size = CHAIN_HASH;

	if (!HMAC(EVP_sha256(), key, CHAIN_HASH, hash, CHAIN_HASH, ret, &size))
		memset(ret, 0, CHAIN_HASH);
}

void chain_next_key(uint8_t key[CHAIN_HASH])
{
	uint8_t next[CHAIN_HASH];
	struct bytes parts[] = { bytes_of(key_label, sizeof(key_label)), bytes_of(key, CHAIN_HASH) };

	sha256(parts, ARRAY_SIZE(parts), next);
	memcpy(key, next, CHAIN_HASH);
	OPENSSL_cleanse(next, sizeof(next));
}

bool chain_key_parse(struct bytes text, uint8_t ret[CHAIN_HASH])
{
	text = bytes_trim(text);
	if (text.size != 2 * CHAIN_HASH)
		return false;
	for (size_t i = 0; i < CHAIN_HASH; i++) {
		uint64_t v;
		if (!bytes_hex(bytes_of(text.at + 2 * i, 2), 255, &v))
			return false;
		ret[i] = (uint8_t)v;
	}
	return true;
}

/* `"name":"64 digits"` and what stands behind it. */
static bool take_hash(struct bytes *rest, const char *name, uint8_t ret[CHAIN_HASH])
{
	struct bytes start = bytes_string(name);

	if (!bytes_starts(*rest, start) || rest->size < start.size + 2 * CHAIN_HASH + 1 ||
	    !chain_key_parse(bytes_of(rest->at + start.size, 2 * CHAIN_HASH), ret))
		return false;
	size_t used = start.size + 2 * CHAIN_HASH;
	*rest = bytes_of(rest->at + used, rest->size - used);
	return true;
}

static size_t find_last(struct bytes all, struct bytes what)
{
	for (size_t at = all.size >= what.size ? all.size - what.size + 1 : 0; at-- > 0;)
		if (memcmp(all.at + at, what.at, what.size) == 0)
			return at;
	return SIZE_MAX;
}

bool chain_read(struct bytes line, struct chain_member *ret)
{
	struct bytes start = bytes_string(CHAIN_MEMBER);
	struct bytes tail = line.size > CHAIN_ROOM ? bytes_of(line.at + line.size - CHAIN_ROOM, CHAIN_ROOM) : line;
	size_t at = find_last(tail, start);
	struct chain_member m = { 0 };

	if (at == SIZE_MAX)
		return false;
	m.at = line.size - tail.size + at;
	struct bytes rest = bytes_of(tail.at + at + start.size, tail.size - at - start.size);
	size_t digits = 0;
	while (digits < rest.size && rest.at[digits] >= '0' && rest.at[digits] <= '9')
		digits++;
	if (digits == 0 || !bytes_decimal(bytes_of(rest.at, digits), UINT64_MAX - 1, &m.seq))
		return false;
	rest = bytes_of(rest.at + digits, rest.size - digits);
	m.has_prev = take_hash(&rest, ",\"prev\":\"", m.prev) && rest.size && rest.at[0] == '"';
	if (m.has_prev)
		rest = bytes_of(rest.at + 1, rest.size - 1);
	if (!take_hash(&rest, ",\"hash\":\"", m.hash) || !take_hash(&rest, "\",\"mac\":\"", m.mac) ||
	    !bytes_equal(rest, bytes_string("\"}}")))
		return false;
	*ret = m;
	return true;
}

bool chain_state_read(struct bytes state, struct chain_link *ret)
{
	struct reader r = reader_open(state);
	struct bytes magic = reader_take(&r, CHAIN_MAGIC_SIZE);
	struct chain_link link = { .seq = reader_u64(&r) };
	struct bytes hash = reader_take(&r, CHAIN_HASH);
	struct bytes key = reader_take(&r, CHAIN_HASH);
	struct bytes sum = reader_take(&r, CHAIN_HASH);
	uint8_t expected[CHAIN_HASH];

	if (!reader_ok(&r) || reader_left(&r) || link.seq == UINT64_MAX || memcmp(magic.at, CHAIN_MAGIC, CHAIN_MAGIC_SIZE) != 0)
		return false;
	sha256(&(struct bytes){ state.at, CHAIN_STATE - CHAIN_HASH }, 1, expected);
	if (memcmp(sum.at, expected, CHAIN_HASH) != 0)
		return false;
	memcpy(link.hash, hash.at, CHAIN_HASH);
	memcpy(link.key, key.at, CHAIN_HASH);
	*ret = link;
	return true;
}

void chain_state_write(const struct chain_link *link, uint8_t to[CHAIN_STATE])
{
	memcpy(to, CHAIN_MAGIC, CHAIN_MAGIC_SIZE);
	bytes_put_u64(to + CHAIN_MAGIC_SIZE, link->seq);
	memcpy(to + CHAIN_MAGIC_SIZE + 8, link->hash, CHAIN_HASH);
	memcpy(to + CHAIN_MAGIC_SIZE + 8 + CHAIN_HASH, link->key, CHAIN_HASH);
	sha256(&(struct bytes){ to, CHAIN_STATE - CHAIN_HASH }, 1, to + CHAIN_STATE - CHAIN_HASH);
}
