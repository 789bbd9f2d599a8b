/* SPDX-License-Identifier: BSD-2-Clause */
#include "record/community.h"

#include <stdlib.h>

#include <openssl/evp.h>

#include "base/attributes.h"
#include "base/hash.h"

#define SEEN 1024      /* flows whose identifier is remembered */
#define PACKED_SIZE 40 /* two addresses of IPv6, seed, protocol and its padding, two ports */
#define ID_SIZE 30     /* "1:" and the base64 of 20 bytes */

struct identified {
	uint8_t size; /* of packed; 0: nothing is remembered here */
	uint8_t packed[PACKED_SIZE];
	char text[ID_SIZE];
};

struct community {
	EVP_MD *sha1; /* fetching it takes a lock and a search */
	EVP_MD_CTX *context;
	struct identified seen[SEEN];
};

struct community *community_new(void)
{
	struct community *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
	c->context = EVP_MD_CTX_new();
	if (c->sha1 && c->context)
		return c;
	community_free(c);
	return NULL;
}

void community_free(struct community *c)
{
	if (!c)
		return;
	EVP_MD_CTX_free(c->context);
	EVP_MD_free(c->sha1);
	free(c);
}

/* ICMP messages with an answer: the ports of the specification are the two types (in this order). */
static const uint8_t icmp4_pairs[][2] = { { 8, 0 }, { 0, 8 }, { 10, 9 }, { 9, 10 }, { 13, 14 }, { 14, 13 }, { 15, 16 }, { 16, 15 }, { 17, 18 }, { 18, 17 } };
static const uint8_t icmp6_pairs[][2] = { { 128, 129 }, { 129, 128 }, { 133, 134 }, { 134, 133 }, { 135, 136 }, { 136, 135 },
					  { 130, 131 }, { 131, 130 }, { 144, 145 }, { 145, 144 }, { 139, 140 }, { 140, 139 } };

static bool answer_type(const uint8_t (*pairs)[2], size_t n, uint8_t type, uint8_t *ret)
{
	for (size_t i = 0; i < n; i++) {
		if (pairs[i][0] == type) {
			*ret = pairs[i][1];
			return true;
		}
	}
	return false;
}

struct tuple {
	const struct address *source, *destination;
	uint16_t source_port, destination_port;
	uint8_t protocol;
	bool one_way; /* an ICMP message without an answer keeps its direction */
};

static bool protocol_number(const struct record *r, uint8_t *ret)
{
	static const struct { const char *name; uint8_t number; } known[] = {
		{ "tcp", 6 }, { "udp", 17 }, { "icmp", 1 }, { "ipv6-icmp", 58 }, { "sctp", 132 },
	};
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (record_text_is(r, FIELD_NETWORK_TRANSPORT, known[i].name)) {
			*ret = known[i].number;
			return true;
		}
	}
	*ret = (uint8_t)record_uint(r, FIELD_NETWORK_IANA_NUMBER);
	return record_has(r, FIELD_NETWORK_IANA_NUMBER);
}

static void icmp_ports(const struct record *r, struct tuple *t)
{
	uint8_t type = (uint8_t)record_uint(r, FIELD_ICMP_TYPE), answer;
	bool v4 = t->protocol == 1;

	t->source_port = type;
	if (v4 ? answer_type(icmp4_pairs, ARRAY_SIZE(icmp4_pairs), type, &answer)
	       : answer_type(icmp6_pairs, ARRAY_SIZE(icmp6_pairs), type, &answer)) {
		t->destination_port = answer;
		return;
	}
	t->destination_port = (uint16_t)record_uint(r, FIELD_ICMP_CODE);
	t->one_way = true;
}

static size_t put_address(uint8_t *out, const struct address *a)
{
	const uint8_t *v4 = address_v4_octets(a);
	size_t size = v4 ? 4 : 16;

	memcpy(out, v4 ? v4 : a->octets, size);
	return size;
}

static size_t serialize(const struct tuple *t, uint8_t out[PACKED_SIZE])
{
	int order = memcmp(t->source, t->destination, sizeof(*t->source));
	bool swap = !t->one_way && (order > 0 || (order == 0 && t->source_port > t->destination_port));
	uint16_t first = swap ? t->destination_port : t->source_port, second = swap ? t->source_port : t->destination_port;
	size_t n = 2;

	out[0] = out[1] = 0; /* seed */
	n += put_address(out + n, swap ? t->destination : t->source);
	n += put_address(out + n, swap ? t->source : t->destination);
	out[n++] = t->protocol;
	out[n++] = 0;
	if (t->protocol != 6 && t->protocol != 17 && t->protocol != 1 && t->protocol != 58 && t->protocol != 132)
		return n;
	out[n++] = (uint8_t)(first >> 8);
	out[n++] = (uint8_t)first;
	out[n++] = (uint8_t)(second >> 8);
	out[n++] = (uint8_t)second;
	return n;
}

static bool make_id(struct community *c, struct identified *ret)
{
	uint8_t digest[EVP_MAX_MD_SIZE], encoded[4 * EVP_MAX_MD_SIZE / 3 + 4];
	unsigned size;

	if (EVP_DigestInit_ex2(c->context, c->sha1, NULL) != 1 || EVP_DigestUpdate(c->context, ret->packed, ret->size) != 1 ||
	    EVP_DigestFinal_ex(c->context, digest, &size) != 1 || EVP_EncodeBlock(encoded, digest, (int)size) != ID_SIZE - 2)
		return false;
	memcpy(ret->text, "1:", 2);
	memcpy(ret->text + 2, encoded, ID_SIZE - 2);
	return true;
}

/* What was made for it last, or is made now; NULL where it cannot be. */
static const struct identified *identify(struct community *c, const struct tuple *t)
{
	static const struct hash_key fixed_key = { 0x636f6d6d756e69, 1 }; /* who makes flows collide costs us a SHA-1 a record */
	struct identified now = { 0 };

	now.size = (uint8_t)serialize(t, now.packed);
	struct identified *place = &c->seen[hash_quick(&fixed_key, now.packed, now.size) % SEEN];
	if (place->size == now.size && memcmp(place->packed, now.packed, now.size) == 0)
		return place;
	if (!make_id(c, &now))
		return NULL;
	*place = now;
	return place;
}

void community_identify(struct community *c, struct record *r)
{
	struct tuple t = { record_ip(r, FIELD_SOURCE_IP), record_ip(r, FIELD_DESTINATION_IP),
			   (uint16_t)record_uint(r, FIELD_SOURCE_PORT), (uint16_t)record_uint(r, FIELD_DESTINATION_PORT), 0, false };

	if (record_has(r, FIELD_NETWORK_COMMUNITY_ID) || !t.source || !t.destination || !protocol_number(r, &t.protocol))
		return;
	if (t.protocol == 1 || t.protocol == 58)
		icmp_ports(r, &t);
	else if (!record_has(r, FIELD_SOURCE_PORT) && (t.protocol == 6 || t.protocol == 17))
		return; /* a conclusion over several flows, none of them in particular */
	const struct identified *id = identify(c, &t);
	if (id)
		record_set_text(r, FIELD_NETWORK_COMMUNITY_ID, bytes_of(id->text, ID_SIZE));
}
