/* SPDX-License-Identifier: BSD-2-Clause */
#include "record/community.h"

#include <pthread.h>

#include <openssl/evp.h>

#include "base/attributes.h"

/* Fetching an algorithm takes a lock and a search; it is immutable afterwards and shared by all threads. */
static EVP_MD *sha1;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void fetch(void)
{
	sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
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

static size_t serialize(const struct tuple *t, uint8_t out[48])
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

void record_identify(struct record *r)
{
	struct tuple t = { record_ip(r, FIELD_SOURCE_IP), record_ip(r, FIELD_DESTINATION_IP),
			   (uint16_t)record_uint(r, FIELD_SOURCE_PORT), (uint16_t)record_uint(r, FIELD_DESTINATION_PORT), 0, false };
	uint8_t packed[48], digest[EVP_MAX_MD_SIZE], text[32] = "1:";
	unsigned size;

	if (record_has(r, FIELD_NETWORK_COMMUNITY_ID) || !t.source || !t.destination || !protocol_number(r, &t.protocol))
		return;
	if (t.protocol == 1 || t.protocol == 58)
		icmp_ports(r, &t);
	else if (!record_has(r, FIELD_SOURCE_PORT) && (t.protocol == 6 || t.protocol == 17))
		return; /* a conclusion over several flows, none of them in particular */
	if (pthread_once(&once, fetch) != 0 || !sha1 ||
	    EVP_Digest(packed, serialize(&t, packed), digest, &size, sha1, NULL) != 1)
		return;
	int n = EVP_EncodeBlock(text + 2, digest, (int)size);
	record_set_text(r, FIELD_NETWORK_COMMUNITY_ID, bytes_of(text, 2 + (size_t)n));
}
