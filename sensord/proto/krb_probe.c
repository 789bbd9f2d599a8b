/* SPDX-License-Identifier: BSD-2-Clause
 * Is it Kerberos? What the bytes at the start of a stream or a datagram say: a message for or from a KDC (RFC 4120
 * section 5), or one about a password (RFC 3244 section 2). */
#include "krb.h"

#include "base/limits.h"
#include "proto/protocol.h"

#define KRB_MESSAGE_MIN 10
#define KRB_HEADER_MAX 17 /* bytes up to the protocol's version, lengths in their longest form */
#define KPASSWD_HEADER 6

/* The header of a message: tag, SEQUENCE of exactly its size, the protocol's version in the first member. *ret_size: of
 * the whole message. */
static enum probe probe_header(struct bytes start, size_t *ret_size)
{
	static const uint8_t version[] = { 3, DER_INTEGER, 1, 5 };
	struct reader r = reader_open(start);
	unsigned kind = reader_u8(&r) - DER_APPLICATION;
	bool is_request = kind == KRB_AS_REQ || kind == KRB_TGS_REQ;

	if (!is_request && kind != KRB_AS_REP && kind != KRB_TGS_REP && kind != KRB_ERROR)
		return PROBE_NO;
	size_t size = der_length(&r);
	*ret_size = size + reader_offset(&r);
	if (reader_ok(&r) && size > LIMIT_STREAM_HOLD)
		return PROBE_NO;
	size_t before = reader_offset(&r);
	uint8_t tag = reader_u8(&r);
	if (reader_ok(&r) && tag != DER_SEQUENCE)
		return PROBE_NO;
	size_t inner = der_length(&r);
	if (reader_ok(&r) && inner != size - (reader_offset(&r) - before))
		return PROBE_NO;
	tag = reader_u8(&r);
	if (reader_ok(&r) && tag != (is_request ? DER_CONTEXT + 1 : DER_CONTEXT))
		return PROBE_NO;
	struct bytes found = reader_take(&r, sizeof(version));
	if (!reader_ok(&r)) /* too little is there, or a length is none */
		return start.size < KRB_HEADER_MAX ? PROBE_MORE : PROBE_NO;
	return memcmp(found.at, version, sizeof(version)) == 0 ? PROBE_YES : PROBE_NO;
}

/* RFC 3244: length, version, length of the AP message, and what begins as one (or, in an error, without). */
static enum probe probe_passwd(struct bytes start, size_t size)
{
	struct reader r = reader_open(start);
	size_t told = reader_u16(&r);

	if (reader_ok(&r) && told != size)
		return PROBE_NO;
	unsigned version = reader_u16(&r);
	if (reader_ok(&r) && version != 1 && version != 0xff80)
		return PROBE_NO;
	size_t ap = reader_u16(&r);
	if (reader_ok(&r) && ap > size - KPASSWD_HEADER)
		return PROBE_NO;
	uint8_t tag = reader_u8(&r);
	if (!reader_ok(&r))
		return PROBE_MORE;
	if (ap == 0)
		return tag == DER_APPLICATION + KRB_ERROR ? PROBE_YES : PROBE_NO;
	return tag == DER_APPLICATION + KRB_AP_REQ || tag == DER_APPLICATION + KRB_AP_REP ? PROBE_YES : PROBE_NO;
}

enum probe krb_probe_stream(struct bytes start)
{
	struct reader r = reader_open(start);
	size_t size = reader_u32(&r), inner = 0;

	if (!reader_ok(&r)) /* a length this large is none */
		return start.size > 0 && start.at[0] != 0 ? PROBE_NO : PROBE_MORE;
	if (size < KRB_MESSAGE_MIN || size > KRB_MESSAGE_MAX)
		return PROBE_NO;
	if (reader_left(&r) == 0)
		return PROBE_MORE;
	if (reader_peek(&r) < DER_APPLICATION)
		return probe_passwd(reader_rest(&r), size);
	enum probe found = probe_header(reader_rest(&r), &inner);
	return found == PROBE_YES && inner != size ? PROBE_NO : found;
}

enum probe krb_probe(enum side side, struct bytes start)
{
	size_t size;

	(void)side;
	if (start.size > 0 && start.at[0] >= DER_APPLICATION)
		return probe_header(start, &size);
	enum probe stream = krb_probe_stream(start);
	return stream == PROBE_NO && start.size > KRB_MESSAGE_MIN ? probe_passwd(start, start.size) : stream;
}

enum speaker krb_speaker(struct bytes start)
{
	unsigned kind = start.size > KRB_PREFIX ? start.at[KRB_PREFIX] - DER_APPLICATION : 0;

	if (krb_probe_stream(start) != PROBE_YES)
		return SPEAKER_UNKNOWN;
	return kind == KRB_AS_REQ || kind == KRB_TGS_REQ || kind == KRB_AP_REQ ? SPEAKER_CLIENT : SPEAKER_SERVER;
}
