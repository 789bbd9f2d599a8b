/* SPDX-License-Identifier: BSD-2-Clause
 * NTLM messages (MS-NLMP section 2.2.1) as inner protocol "ntlm": who logs on, from where, to what. Responses and keys
 * are measured, never kept. A field of length zero has no place (its offset may be anything); one that lies outside of
 * the message is left out, and the rest of the message counts. */
#include "base/reader.h"
#include "base/text.h"
#include "proto/protocol.h"

#define FLAG_UNICODE 0x00000001u
#define V1_RESPONSE 24 /* bytes of an NTLMv1 response; v2 is longer (sections 2.2.2.6 and 2.2.2.8) */
#define AV_PAIRS 32    /* pairs of TargetInfo that are read */

/* A field of the fixed part: length, allocated length, offset from the start of the message. */
static struct bytes payload_field(struct reader *r, struct bytes message)
{
	size_t size = reader_u16_le(r);
	reader_skip(r, 2);
	size_t offset = reader_u32_le(r);
	if (!reader_ok(r) || size == 0)
		return (struct bytes){ 0 };
	struct reader all = reader_open(message);
	reader_skip(&all, offset);
	return reader_take(&all, size);
}

static void set(struct record *into, enum field f, struct bytes value, bool unicode)
{
	if (value.size == 0)
		return;
	if (unicode)
		record_set_utf16(into, f, value);
	else
		record_set_wire(into, f, value);
}

/* The message a record is named by is the first one in it: the client's, where a pair is told. */
static void name_message(struct record *into, const char *name)
{
	if (!record_has(into, FIELD_NTLM_MESSAGE))
		record_set_string(into, FIELD_NTLM_MESSAGE, name);
	if (!record_has(into, FIELD_AUTH_MECHANISM))
		record_set_string(into, FIELD_AUTH_MECHANISM, "ntlm");
}

/* Section 2.2.1.1; names are in the OEM code page whatever the flags say. Older clients end after the flags. */
static void read_negotiate(struct reader *r, struct bytes message, struct record *into)
{
	name_message(into, "negotiate");
	reader_skip(r, 4);
	struct bytes domain = payload_field(r, message);
	struct bytes workstation = payload_field(r, message);
	set(into, FIELD_NTLM_NEGOTIATE_DOMAIN, domain, false);
	set(into, FIELD_NTLM_NEGOTIATE_WORKSTATION, workstation, false);
}

/* Section 2.2.2.1 */
static void read_target_info(struct bytes info, struct record *into)
{
	static const enum field names[] = { FIELD_COUNT, FIELD_NTLM_NB_COMPUTER, FIELD_NTLM_NB_DOMAIN,
					    FIELD_NTLM_DNS_COMPUTER, FIELD_NTLM_DNS_DOMAIN, FIELD_NTLM_DNS_TREE };
	struct reader r = reader_open(info);

	for (int i = 0; i < AV_PAIRS && reader_left(&r) > 0; i++) {
		unsigned id = reader_u16_le(&r);
		size_t size = reader_u16_le(&r);
		struct bytes value = reader_take(&r, size);
		if (!reader_ok(&r) || id == 0)
			return;
		if (id < ARRAY_SIZE(names))
			set(into, names[id], value, true);
	}
}

/* Section 2.2.1.2; without TargetInfo before Windows 2000. */
static void read_challenge(struct reader *r, struct bytes message, struct record *into)
{
	name_message(into, "challenge");
	struct bytes target = payload_field(r, message);
	uint32_t flags = reader_u32_le(r);
	reader_skip(r, 16); /* ServerChallenge, Reserved */
	struct bytes info = payload_field(r, message);
	set(into, FIELD_NTLM_TARGET, target, flags & FLAG_UNICODE);
	if (info.size > 0)
		read_target_info(info, into);
}

/* "user@realm" without a domain beside it: the two halves of a user principal name. */
static void split_principal(struct record *into)
{
	UNINITIALIZED char room[512];
	struct text t = TEXT_ON(room);
	text_add(&t, record_text(into, FIELD_USER_NAME));
	struct bytes name = text_bytes(&t);
	const uint8_t *at = name.size ? memrchr(name.at, '@', name.size) : NULL;
	if (!at || at == name.at)
		return;
	record_set_text(into, FIELD_USER_NAME, bytes_of(name.at, (size_t)(at - name.at)));
	record_set_text(into, FIELD_USER_DOMAIN, bytes_of(at + 1, name.size - (size_t)(at + 1 - name.at)));
}

/* Section 2.2.1.3; the flags are missing in the oldest form, whose names are then OEM. */
static void read_authenticate(struct reader *r, struct bytes message, struct record *into)
{
	name_message(into, "authenticate");
	reader_skip(r, 8); /* LmChallengeResponse */
	size_t answer = reader_u16_le(r);
	reader_skip(r, 6);
	struct bytes domain = payload_field(r, message);
	struct bytes user = payload_field(r, message);
	struct bytes workstation = payload_field(r, message);
	if (!reader_ok(r))
		return;
	reader_skip(r, 8); /* EncryptedRandomSessionKey */
	uint32_t flags = reader_u32_le(r);
	bool unicode = flags & FLAG_UNICODE;

	record_set_string(into, FIELD_NTLM_RESPONSE, answer == 0 ? "empty" : answer <= V1_RESPONSE ? "v1" : "v2");
	set(into, FIELD_USER_NAME, user, unicode);
	set(into, FIELD_USER_DOMAIN, domain, unicode);
	set(into, FIELD_AUTH_WORKSTATION, workstation, unicode);
	if (domain.size == 0)
		split_principal(into);
}

static bool ntlm_inner(struct parse *p, struct reader *r, struct record *into)
{
	(void)p;
	struct bytes message = reader_rest(r);
	struct bytes signature = reader_take(r, 8);
	uint32_t type = reader_u32_le(r);

	if (!reader_ok(r) || memcmp(signature.at, "NTLMSSP", 8) != 0)
		return false;
	if (type == 1)
		read_negotiate(r, message, into);
	else if (type == 2)
		read_challenge(r, message, into);
	else if (type == 3)
		read_authenticate(r, message, into);
	return type >= 1 && type <= 3;
}

extern const struct protocol protocol_ntlm;
const struct protocol protocol_ntlm = {
	.name = "ntlm",
	.about = "MS-NLMP",
	.inner = ntlm_inner,
};
