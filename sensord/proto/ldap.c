/* SPDX-License-Identifier: BSD-2-Clause
 * LDAP over TCP and CLDAP over UDP (RFC 4511; MS-ADTS 3.1.1.3.1 and 6.3.3) as byte streams: where messages begin and
 * end. Entries are counted, never held. After a SASL bind messages may be wrapped (RFC 4422 section 3.7): what is only
 * signed is read on, what is encrypted is said once. StartTLS (RFC 4511 section 4.14) hands the stream over. */
#include "ldap.h"

#include "base/limits.h"

#define MESSAGE_MAX (64u << 10) /* bytes of a message that is read whole; of a larger one only its kind is told */
#define WRAPPED_MAX (16u << 20) /* bytes of a SASL buffer that anybody sends */
#define GARBAGE_MAX (16u << 20) /* bytes looked through for the next message before a side is given up */
#define HEAD_MAX 17             /* bytes in front of the content of the protocolOp: two heads of 6, an id of 5 */
#define LAST_ID 0x7fffffff      /* RFC 4511 section 4.1.1 */

enum go { GO_ON, GO_WAIT, GO_BROKEN };

struct head {
	uint64_t size; /* of the whole message */
	size_t at;     /* offset of the content of its protocolOp */
	size_t op_size;
	uint32_t id;
	uint8_t tag;
};

static bool is_operation(uint8_t tag)
{
	static const uint8_t tags[] = {
		LDAP_BIND, LDAP_BIND_RESPONSE, LDAP_UNBIND, LDAP_SEARCH, LDAP_ENTRY, LDAP_SEARCH_DONE, LDAP_MODIFY,
		LDAP_MODIFY_RESPONSE, LDAP_ADD, LDAP_ADD_RESPONSE, LDAP_DELETE, LDAP_DELETE_RESPONSE, LDAP_MODIFY_DN,
		LDAP_MODIFY_DN_RESPONSE, LDAP_COMPARE, LDAP_COMPARE_RESPONSE, LDAP_ABANDON, LDAP_REFERENCE,
		LDAP_EXTENDED, LDAP_EXTENDED_RESPONSE, LDAP_INTERMEDIATE,
	};

	return memchr(tags, tag, sizeof(tags)) != NULL;
}

/* Judges the start of a message as far as it is there. */
static enum probe read_head(struct bytes b, struct head *ret)
{
	struct reader r = reader_open(b);
	size_t size, id_size;

	if (b.size > 0 && b.at[0] != BER_SEQUENCE)
		return PROBE_NO;
	ber_head(&r, &size);
	if (!reader_ok(&r))
		return b.size >= 6 || (b.size > 1 && (b.at[1] == 0x80 || b.at[1] > 0x84)) ? PROBE_NO : PROBE_MORE;
	size_t front = reader_offset(&r);
	if (reader_left(&r) > 0 && reader_peek(&r) != BER_INTEGER)
		return PROBE_NO;
	struct bytes rest = reader_rest(&r);
	if (rest.size < 2)
		return PROBE_MORE;
	id_size = rest.at[1];
	if (id_size == 0 || id_size > 5)
		return PROBE_NO;
	if (rest.size < 2 + id_size + 1)
		return PROBE_MORE;
	uint64_t id = ber_number(&r, BER_INTEGER);
	if (id > LAST_ID || !is_operation(reader_peek(&r)))
		return PROBE_NO;
	struct bytes op = reader_rest(&r);
	ret->tag = ber_head(&r, &ret->op_size);
	if (!reader_ok(&r))
		return op.size >= 6 || (op.size > 1 && (op.at[1] == 0x80 || op.at[1] > 0x84)) ? PROBE_NO : PROBE_MORE;
	ret->id = (uint32_t)id;
	ret->at = reader_offset(&r);
	ret->size = front + (uint64_t)size;
	return ret->at + (uint64_t)ret->op_size <= ret->size ? PROBE_YES : PROBE_NO;
}

static enum probe ldap_probe(enum side side, struct bytes start)
{
	struct head h;

	(void)side;
	return read_head(start, &h);
}

/* --- messages --- */

static void confirm(struct parse *p, struct ldap *l)
{
	if (!l->confirmed)
		parse_confirm(p);
	l->confirmed = true;
}

static bool is_counted_only(uint8_t tag)
{
	return tag == LDAP_ENTRY || tag == LDAP_REFERENCE || tag == LDAP_INTERMEDIATE;
}

static enum go next_message(struct parse *p, struct ldap *l, struct reader *r)
{
	struct head h;
	struct bytes b = reader_rest(r);
	enum probe answer = read_head(b, &h);

	if (answer != PROBE_YES)
		return answer == PROBE_MORE ? GO_WAIT : GO_BROKEN;
	confirm(p, l);
	bool unread = is_counted_only(h.tag) || h.size > MESSAGE_MAX;
	if (unread) {
		struct reader nothing = reader_open((struct bytes){ 0 });
		ldap_message(p, l, h.id, h.tag, nothing, h.size);
		return parse_pass(p, r, h.size) ? GO_ON : GO_WAIT;
	}
	if (b.size < h.size) {
		parse_need(p, (size_t)h.size);
		return GO_WAIT;
	}
	struct reader message = reader_sub(r, (size_t)h.size);
	reader_skip(&message, h.at);
	ldap_message(p, l, h.id, h.tag, reader_sub(&message, h.op_size), h.size);
	return GO_ON;
}

/* --- SASL buffers --- */

/* What a GSS-API token protects, where it only signs: NTLM (MS-NLMP 2.2.2.9.1), Kerberos by RFC 4121 section 4.2.6.2
 * and by RFC 1964 section 1.2.2. Empty where it is encrypted or something else. */
static struct bytes unwrapped(struct bytes b)
{
	static const uint8_t kerberos[] = { 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2 };
	struct reader r = reader_open(b);
	struct head h;

	if (bytes_starts(b, bytes_of("\x01\0\0\0", 4))) {
		reader_skip(&r, 16);
	} else if (bytes_starts(b, bytes_of("\x05\x04", 2))) {
		reader_skip(&r, 16); /* the checksum stands behind, or (rotated) in front */
		size_t extra = b.size > 5 ? (size_t)b.at[4] << 8 | b.at[5] : 0;
		if (read_head(reader_rest(&r), &h) != PROBE_YES)
			reader_skip(&r, extra);
	} else if (reader_peek(&r) == 0x60) {
		size_t size;
		ber_head(&r, &size);
		struct bytes mechanism = reader_take(&r, sizeof(kerberos));
		reader_skip(&r, 8 + 8 + 8 + 8); /* ids and filler, sequence number, checksum, confounder */
		if (!bytes_equal(mechanism, bytes_of(kerberos, sizeof(kerberos))))
			reader_fail(&r);
	}
	struct bytes clear = reader_rest(&r);
	return read_head(clear, &h) == PROBE_YES ? clear : (struct bytes){ 0 };
}

static enum go next_buffer(struct parse *p, struct ldap *l, struct reader *r)
{
	struct reader try = *r;
	uint64_t size = reader_u32(&try);

	if (!reader_ok(&try))
		return GO_WAIT;
	if (size == 0 || size > WRAPPED_MAX)
		return GO_BROKEN;
	if (size > MESSAGE_MAX)
		return parse_pass(p, r, 4 + size) ? GO_ON : GO_WAIT;
	struct bytes buffer = reader_take(&try, (size_t)size);
	if (!reader_ok(&try)) {
		parse_need(p, 4 + (size_t)size);
		return GO_WAIT;
	}
	*r = try;
	struct bytes clear = unwrapped(buffer);
	if (clear.size == 0) {
		ldap_tell_sealed(p, l);
		parse_finish(p, true);
		return GO_WAIT;
	}
	for (struct reader inner = reader_open(clear); reader_left(&inner) > 0;) {
		struct head h;
		struct bytes rest = reader_rest(&inner);
		if (read_head(rest, &h) != PROBE_YES || h.size > rest.size)
			break;
		struct reader message = reader_sub(&inner, (size_t)h.size);
		reader_skip(&message, h.at);
		ldap_message(p, l, h.id, h.tag, reader_sub(&message, h.op_size), h.size);
	}
	return GO_ON;
}

/* --- streams --- */

/* Looks for the next message where bytes were lost. */
static enum go find_message(struct ldap *l, enum side side, struct reader *r)
{
	struct bytes b = reader_rest(r);
	size_t at = 0;

	for (; at < b.size; at++) {
		const uint8_t *found = memchr(b.at + at, BER_SEQUENCE, b.size - at);
		at = found ? (size_t)(found - b.at) : b.size;
		struct head h;
		enum probe answer = found ? read_head(bytes_of(found, b.size - at), &h) : PROBE_NO;
		if (answer == PROBE_NO)
			continue;
		l->lost[side] = answer != PROBE_YES;
		break;
	}
	at = at < b.size ? at : b.size;
	reader_skip(r, at);
	l->garbage[side] += (uint32_t)at;
	if (l->garbage[side] > GARBAGE_MAX)
		return GO_BROKEN;
	return l->lost[side] ? GO_WAIT : GO_ON;
}

static enum go next(struct parse *p, struct ldap *l, struct reader *r)
{
	enum side side = parse_side(p);

	if (l->lost[side])
		return find_message(l, side, r);
	if (reader_peek(r) == 0 && l->layered)
		return next_buffer(p, l, r);
	return next_message(p, l, r);
}

static enum parsed datagram(struct parse *p, struct ldap *l, struct reader *r)
{
	while (reader_left(r) > 0) {
		struct head h;
		struct bytes rest = reader_rest(r);
		if (read_head(rest, &h) != PROBE_YES || h.size > rest.size)
			return l->confirmed ? PARSE_MALFORMED : PARSE_NOT_MINE;
		confirm(p, l);
		struct reader message = reader_sub(r, (size_t)h.size);
		reader_skip(&message, h.at);
		ldap_message(p, l, h.id, h.tag, reader_sub(&message, h.op_size), h.size);
	}
	return PARSED;
}

static size_t memory_of(const struct record *r)
{
	return r ? record_memory(r) : 0;
}

/* Tells the engine what the connection owns now. */
static void charge(struct parse *p, struct ldap *l)
{
	size_t owned = memory_of(l->login) + memory_of(l->identity);

	for (size_t i = 0; i < LDAP_PENDING && l->requests[i].tag; i++)
		owned += memory_of(l->requests[i].told);
	for (size_t i = 0; i < LDAP_SEARCHES; i++)
		owned += memory_of(l->searches[i].last);
	if (owned != l->charged)
		parse_charge(p, owned, l->charged);
	l->charged = owned;
}

static enum parsed read_messages(struct parse *p, struct ldap *l, struct reader *r)
{
	if (parse_is_datagram(p))
		return datagram(p, l, r);
	while (reader_left(r) > 0) {
		enum go go = next(p, l, r);
		if (go == GO_BROKEN)
			return l->confirmed ? PARSE_MALFORMED : PARSE_NOT_MINE;
		if (l->tls) {
			l->tls = false;
			parse_handover(p);
			return PARSED;
		}
		if (go == GO_WAIT)
			return PARSED;
	}
	return PARSED;
}

static enum parsed ldap_parse(struct parse *p, struct reader *r)
{
	struct ldap *l = parse_state(p);

	if (!l)
		return PARSE_NOT_MINE;
	enum parsed result = read_messages(p, l, r);
	charge(p, l);
	return result;
}

static bool ldap_gap(struct parse *p, uint64_t size)
{
	struct ldap *l = parse_state(p);

	(void)size;
	if (!l || l->sealed)
		return false;
	l->lost[parse_side(p)] = true;
	return true;
}

static void ldap_close(struct parse *p, enum ending how)
{
	struct ldap *l = parse_state(p);

	(void)how;
	if (l)
		ldap_finish(p, l);
}

static void ldap_release(void *state)
{
	struct ldap *l = state;

	for (size_t i = 0; i < LDAP_PENDING; i++)
		record_free(l->requests[i].told);
	for (size_t i = 0; i < LDAP_SEARCHES; i++)
		record_free(l->searches[i].last);
	record_free(l->login);
	record_free(l->identity);
}

static const struct port_hint ldap_ports[] = { { 389, false }, { 389, true }, { 3268, false }, { 0, false } };

extern const struct protocol protocol_ldap;
const struct protocol protocol_ldap = {
	.name = "ldap",
	.about = "RFC 4511, 4513, MS-ADTS",
	.ports = ldap_ports,
	.stream = true,
	.datagram = true,
	.state_size = sizeof(struct ldap),
	.probe = ldap_probe,
	.parse = ldap_parse,
	.gap = ldap_gap,
	.close = ldap_close,
	.release = ldap_release,
};
