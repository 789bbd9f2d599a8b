/* SPDX-License-Identifier: BSD-2-Clause
 * How TLS begins: record headers, hellos, and the ClientHello of version 2 (RFC 5246 appendix E.2). */
#include "tls_stream.h"

bool tls_header_like(struct bytes b)
{
	static const struct {
		uint8_t low, high;
	} allowed[] = { { CHANGE_CIPHER_SPEC, HEARTBEAT }, { 3, 3 }, { 0, 4 }, { 0, RECORD_MAX >> 8 } };

	for (size_t i = 0; i < b.size && i < ARRAY_SIZE(allowed); i++)
		if (b.at[i] < allowed[i].low || b.at[i] > allowed[i].high)
			return false;
	if (b.size < RECORD_HEADER)
		return true;
	size_t size = (size_t)b.at[3] << 8 | b.at[4];
	return size <= RECORD_MAX && (size > 0 || b.at[0] == APPLICATION);
}

bool tls_v2_like(struct bytes start, struct tls_v2_hello *ret)
{
	struct reader r = reader_open(start);
	struct tls_v2_hello h;

	h.size = reader_u16(&r) & 0x7fff;
	uint8_t type = reader_u8(&r);
	h.version = reader_u16(&r);
	h.cipher_size = reader_u16(&r);
	h.session_size = reader_u16(&r);
	h.challenge_size = reader_u16(&r);
	if (!reader_ok(&r) || !(start.at[0] & 0x80) || type != CLIENT_HELLO)
		return false;
	if (h.version != 0x0002 && (h.version < 0x0300 || h.version > 0x0304))
		return false;
	if (h.cipher_size == 0 || h.cipher_size % 3 != 0 || (h.session_size != 0 && h.session_size != 16) ||
	    h.challenge_size < 16 || h.challenge_size > 32)
		return false;
	*ret = h;
	return h.size == (size_t)9 + h.cipher_size + h.session_size + h.challenge_size;
}

enum probe tls_probe_hello(struct bytes hello, size_t size)
{
	size_t n = hello.size < size ? hello.size : size;

	if (n > 0 && hello.at[0] != CLIENT_HELLO && hello.at[0] != SERVER_HELLO)
		return PROBE_NO;
	if (n > 1 && hello.at[1] != 0)
		return PROBE_NO;
	if (n > 4 && hello.at[4] != 3 && hello.at[4] != 0x7f)
		return PROBE_NO;
	return n > 4 || n == size ? PROBE_YES : PROBE_MORE;
}

enum probe tls_probe(enum side side, struct bytes start)
{
	struct tls_v2_hello v2;

	(void)side;
	if (start.at[0] & 0x80) {
		if (start.size >= 3 && start.at[2] != CLIENT_HELLO)
			return PROBE_NO;
		return start.size < 11 ? PROBE_MORE : tls_v2_like(start, &v2) ? PROBE_YES : PROBE_NO;
	}
	if (!tls_header_like(start))
		return PROBE_NO;
	if (start.size < RECORD_HEADER)
		return PROBE_MORE;
	size_t size = (size_t)start.at[3] << 8 | start.at[4];
	if (start.at[0] == HANDSHAKE)
		return tls_probe_hello(bytes_of(start.at + RECORD_HEADER, start.size - RECORD_HEADER), size);
	if (start.at[0] == ALERT) /* a server that refuses at once, or an encrypted one */
		return size == 2 || size >= 16 ? PROBE_YES : PROBE_NO;
	return start.at[0] == APPLICATION && size > 0 && start.at[2] > 0 ? PROBE_YES : PROBE_NO;
}

/* A hello in a record of its own kind; anything else either side may send. */
enum speaker tls_speaker(struct bytes start)
{
	if (start.size <= RECORD_HEADER || start.at[0] != HANDSHAKE || tls_probe(CLIENT, start) != PROBE_YES)
		return SPEAKER_UNKNOWN;
	if (start.at[RECORD_HEADER] == CLIENT_HELLO)
		return SPEAKER_CLIENT;
	return start.at[RECORD_HEADER] == SERVER_HELLO ? SPEAKER_SERVER : SPEAKER_UNKNOWN;
}
