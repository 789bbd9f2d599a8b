/* SPDX-License-Identifier: BSD-2-Clause
 * SMB over TCP: frames with a four-byte head, of the NetBIOS session service (RFC 1002 section 4.3) or direct (MS-SMB2
 * section 2.1; both have zero and a length of 24 bits before a message), and the messages in them. Of each message only
 * what its command is read for has to be there; the rest is passed over without being held. */
#include "smb.h"

enum {
	FRAME_HEAD = 4,
	MAGIC = 4,
	SMB1_HEADER = 32,
	SMB2_HEADER = 64,
	TRANSFORM_HEADER = 52,
	COMPRESSION_HEADER = 16,
	START = FRAME_HEAD + SMB2_HEADER, /* what tells a frame when one is looked for */
};
enum { SESSION_MESSAGE = 0x00, SESSION_REQUEST = 0x81, KEEPALIVE = 0x85 };

static enum { NONE, SMB_1, SMB_2, TRANSFORMED, SMB_COMPRESSION } kind_of(const uint8_t *magic)
{
	if (memcmp(magic + 1, "SMB", 3) != 0)
		return NONE;
	switch (magic[0]) {
	case 0xff:
		return SMB_1;
	case 0xfe:
		return SMB_2;
	case 0xfd:
		return TRANSFORMED;
	case 0xfc:
		return SMB_COMPRESSION;
	default:
		return NONE;
	}
}

/* A session request has two encoded names of 32 letters; its answers and the keepalive are too short to be known by. */
static enum probe probe_session(struct bytes b)
{
	if (b.at[1] > 1 || (b.size > 4 && b.at[4] != 0x20))
		return PROBE_NO;
	for (size_t i = 5; i < b.size && i < 37; i++)
		if (b.at[i] < 'A' || b.at[i] > 'P')
			return PROBE_NO;
	return b.size < 37 ? PROBE_MORE : PROBE_YES;
}

static enum probe smb_probe(enum side side, struct bytes b)
{
	(void)side;
	if (b.at[0] == SESSION_REQUEST)
		return b.size < 2 ? PROBE_MORE : probe_session(b);
	if (b.at[0] >= 0x82 && b.at[0] <= KEEPALIVE) {
		if (b.size > 1 && b.at[1] != 0)
			return PROBE_NO;
		if (b.size > 3 && (b.at[2] != 0 || b.at[3] > 6))
			return PROBE_NO;
		if (b.size <= 4 || b.size <= 4u + b.at[3])
			return PROBE_MORE;
		return smb_probe(side, bytes_of(b.at + 4 + b.at[3], b.size - 4 - b.at[3]));
	}
	if (b.at[0] != SESSION_MESSAGE)
		return PROBE_NO;
	static const uint8_t smb[3] = { 'S', 'M', 'B' };
	if (b.size > 4 && (b.at[4] < 0xfc))
		return PROBE_NO;
	for (size_t i = 5; i < b.size && i < 8; i++)
		if (b.at[i] != smb[i - 5])
			return PROBE_NO;
	return b.size < 8 ? PROBE_MORE : PROBE_YES;
}

/* The flag of an answer: SMB_FLAGS_REPLY (MS-CIFS section 2.2.3.1), SMB2_FLAGS_SERVER_TO_REDIR (MS-SMB2 2.2.1.2). */
static enum speaker smb_speaker(struct bytes b)
{
	static const uint8_t one[] = { 0xff, 'S', 'M', 'B' }, two[] = { 0xfe, 'S', 'M', 'B' };
	enum { SMB1_FLAGS = 13, SMB2_FLAGS = 20 };

	if (b.size <= SMB2_FLAGS || b.at[0] != SESSION_MESSAGE)
		return SPEAKER_UNKNOWN;
	struct bytes magic = bytes_of(b.at + 4, 4);
	if (bytes_equal(magic, bytes_of(one, sizeof(one))))
		return b.at[SMB1_FLAGS] & 0x80 ? SPEAKER_SERVER : SPEAKER_CLIENT;
	if (bytes_equal(magic, bytes_of(two, sizeof(two))))
		return b.at[SMB2_FLAGS] & 1 ? SPEAKER_SERVER : SPEAKER_CLIENT;
	return SPEAKER_UNKNOWN;
}

/* ---- what was lost ---- */

/* A place where a frame may begin: the head, the magic, and what every header has the same. */
static bool is_start(const uint8_t *at, size_t size)
{
	if (size < START || at[0] != SESSION_MESSAGE)
		return false;
	uint32_t frame = (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
	switch (kind_of(at + FRAME_HEAD)) {
	case SMB_1:
		return frame >= SMB1_HEADER + 3;
	case SMB_2:
		return frame >= SMB2_HEADER + 2 && at[8] == 64 && at[9] == 0;
	case TRANSFORMED:
		return frame > TRANSFORM_HEADER;
	default:
		return false;
	}
}

/* True where a frame was found; what stands before it is consumed. */
static bool look_for_start(struct reader *r)
{
	for (;;) {
		struct bytes rest = reader_rest(r);
		size_t at = bytes_find(rest, bytes_of("SMB", 3));
		if (at == SIZE_MAX) {
			reader_skip(r, rest.size > 7 ? rest.size - 7 : 0);
			return false;
		}
		if (at >= 5 && rest.size - (at - 5) < START) {
			reader_skip(r, at - 5);
			return false;
		}
		if (at >= 5 && is_start(rest.at + at - 5, rest.size - (at - 5))) {
			reader_skip(r, at - 5);
			return true;
		}
		reader_skip(r, at + 3);
	}
}

static bool smb_gap(struct parse *p, uint64_t size)
{
	struct smb *s = parse_state(p);

	(void)size;
	if (!s)
		return false;
	s->lanes[parse_side(p)] = (struct smb_lane){ .lost = true };
	return true;
}

/* ---- what is not taken whole ---- */

static size_t pass(struct reader *r, uint64_t size)
{
	size_t n = size < reader_left(r) ? (size_t)size : reader_left(r);

	reader_skip(r, n);
	return n;
}

/* True where nothing is left of the message before; false: more bytes must come. */
static bool finish_message(struct parse *p, struct smb *s, struct smb_lane *lane, struct reader *r)
{
	lane->before -= pass(r, lane->before);
	if (lane->before)
		return false;
	if (lane->payload) {
		struct bytes rest = reader_rest(r);
		size_t n = lane->payload < rest.size ? (size_t)lane->payload : rest.size;
		reader_skip(r, n);
		lane->payload -= n;
		smb_pipe_bytes(p, s, lane->pipe, lane->pipe_side, bytes_of(rest.at, n));
	}
	if (lane->payload)
		return false;
	uint64_t after = lane->after;
	uint64_t here = pass(r, after);
	lane->after = 0;
	if (here < after)
		parse_skip(p, after - here);
	return here == after;
}

/* ---- frames ---- */

/* RFC 1002 section 4.1: a name of 16 bytes, each as two letters; the last byte is the kind of the name. */
static struct bytes netbios_name(struct reader *r, char room[16])
{
	struct reader label = reader_sub8(r);
	size_t n = 0;

	for (int i = 0; i < 15; i++) {
		uint8_t high = reader_u8(&label);
		uint8_t low = reader_u8(&label);
		if (!reader_ok(&label))
			return (struct bytes){ 0 };
		room[i] = (char)((high - 'A') << 4 | ((low - 'A') & 15));
		if (room[i] != ' ' && room[i] != '\0')
			n = (size_t)i + 1;
	}
	reader_skip(&label, reader_left(&label));
	while (reader_left(r) > 0 && reader_peek(r) != 0) /* a scope */
		(void)reader_take8(r);
	reader_skip(r, 1);
	return bytes_of(room, n);
}

static void session_request(struct parse *p, struct smb *s, struct reader body)
{
	char called[16], calling[16];
	struct record *r = smb_begin(p, s, SMB_SESSION_REQUEST, NULL, NULL);
	struct bytes to = netbios_name(&body, called);
	struct bytes from = netbios_name(&body, calling);

	if (to.size)
		record_set_wire(r, FIELD_SMB_CALLED, to);
	if (from.size)
		record_set_wire(r, FIELD_SMB_CALLING, from);
	parse_emit(p, r);
}

enum step { MORE, NEXT, BROKEN };

static enum step frame(struct parse *p, struct smb *s, struct smb_lane *lane, struct reader *r)
{
	struct reader ahead = *r;
	uint8_t type = reader_u8(&ahead);
	uint64_t size = reader_u24(&ahead);

	if (!reader_ok(&ahead)) {
		parse_need(p, FRAME_HEAD);
		return MORE;
	}
	if (type == SESSION_MESSAGE) {
		*r = ahead;
		lane->frame = size;
		lane->begun = false;
		return NEXT;
	}
	if (type < SESSION_REQUEST || type > KEEPALIVE || size > 1024)
		return BROKEN;
	if (reader_left(&ahead) < size) {
		parse_need(p, FRAME_HEAD + (size_t)size);
		return MORE;
	}
	struct reader body = reader_sub(&ahead, (size_t)size);
	*r = ahead;
	if (type == SESSION_REQUEST) {
		parse_confirm(p);
		session_request(p, s, body);
	}
	return NEXT;
}

static void compressed(struct parse *p, struct smb *s)
{
	if (s->compressed_told)
		return;
	s->compressed_told = true;
	parse_emit(p, smb_begin(p, s, SMB_COMPRESSED, NULL, NULL));
}

/* Size of this message in its frame (MS-SMB2 section 2.2.1: NextCommand counts to the next), 0 where it cannot be. */
static uint64_t message_size(const struct smb_lane *lane, struct bytes header)
{
	struct reader r = reader_open(header);

	reader_skip(&r, 20);
	uint64_t next = reader_u32_le(&r);
	if (!reader_ok(&r) || next == 0)
		return lane->frame;
	return next < SMB2_HEADER || next > lane->frame || next % 8 ? 0 : next;
}

static enum step take(struct parse *p, struct smb *s, struct smb_lane *lane, struct reader *r, uint64_t size,
		      size_t wanted, void (*see)(struct parse *p, struct smb *s, struct bytes all, uint64_t size))
{
	if (wanted > size)
		wanted = (size_t)size;
	if (reader_left(r) < wanted) {
		parse_need(p, wanted);
		return MORE;
	}
	struct bytes all = reader_take(r, wanted);
	lane->frame -= size;
	lane->begun = true;
	s->seen = true;
	see(p, s, all, size);
	uint64_t behind = lane->before + lane->payload;
	lane->after = size - wanted > behind ? size - wanted - behind : 0;
	return NEXT;
}

/* What has no content that can be read: the rest of the frame goes. */
static void drop_frame(struct smb_lane *lane)
{
	lane->after = lane->frame;
	lane->frame = 0;
}

static enum step message(struct parse *p, struct smb *s, struct smb_lane *lane, struct reader *r)
{
	struct bytes rest = reader_rest(r);
	size_t header = lane->frame < SMB2_HEADER ? (size_t)lane->frame : SMB2_HEADER;

	if (lane->frame < SMB1_HEADER + 3) {
		if (lane->frame >= MAGIC && rest.size < MAGIC)
			return MORE;
		bool known = s->seen || (lane->frame >= COMPRESSION_HEADER && kind_of(rest.at) == SMB_COMPRESSION);
		drop_frame(lane);
		return known || lane->after < MAGIC ? NEXT : BROKEN;
	}
	if (rest.size < header) {
		parse_need(p, header);
		return MORE;
	}
	switch (kind_of(rest.at)) {
	case SMB_1:
		parse_confirm(p);
		return take(p, s, lane, r, lane->frame, smb1_wants(p, rest, lane->frame), smb1_message);
	case SMB_2: {
		uint64_t size = header == SMB2_HEADER ? message_size(lane, rest) : 0;
		if (size == 0)
			return BROKEN;
		if (!lane->begun)
			s->related_known = false;
		parse_confirm(p);
		return take(p, s, lane, r, size, smb2_wants(p, rest), smb2_message);
	}
	case TRANSFORMED:
		parse_confirm(p);
		smb2_hidden(p, s, bytes_of(rest.at, header)); /* of this frame, however much is there */
		drop_frame(lane);
		return NEXT;
	case SMB_COMPRESSION:
		parse_confirm(p);
		compressed(p, s);
		drop_frame(lane);
		return NEXT;
	default:
		break;
	}
	if (!s->seen)
		return BROKEN;
	drop_frame(lane); /* raw writes and reads have no header (MS-CIFS section 2.2.4.22) */
	return NEXT;
}

/* A stream that lost its way is searched for the next frame, once it is known to be SMB. */
static enum parsed read_messages(struct parse *p, struct smb *s, struct reader *r)
{
	struct smb_lane *lane = &s->lanes[parse_side(p)];
	while (reader_left(r) > 0) {
		if (lane->lost && !look_for_start(r))
			return PARSED;
		lane->lost = false;
		if (!finish_message(p, s, lane, r) || reader_left(r) == 0)
			return PARSED;
		enum step step = lane->frame ? message(p, s, lane, r) : frame(p, s, lane, r);
		smb_weigh(s);
		if (step == MORE)
			return PARSED;
		if (step == BROKEN && !parse_midstream(p))
			return PARSE_MALFORMED;
		if (step == BROKEN)
			*lane = (struct smb_lane){ .lost = true };
	}
	finish_message(p, s, lane, r);
	return PARSED;
}

static enum parsed smb_parse(struct parse *p, struct reader *r)
{
	struct smb *s = parse_state(p);

	if (!s) {
		parse_finish(p, true);
		return PARSED;
	}
	enum parsed result = read_messages(p, s, r);
	smb_charge(p, s);
	return result;
}

static void smb_close(struct parse *p, enum ending how)
{
	struct smb *s = parse_state(p);

	(void)how;
	if (!s)
		return;
	while (s->pending.oldest) {
		struct smb_pending *q = smb_pending_take(s, s->pending.oldest->key);
		smb_tell_unanswered(p, s, q);
		smb_pending_free(q);
	}
	smb_logon_unfinished(p, s);
	smb_negotiated(p, s, NULL);
	while (s->files.oldest)
		smb_file_drop(p, s, (struct smb_file *)s->files.oldest);
}

static void smb_free(void *state)
{
	smb_release(state);
}

static const struct port_hint ports[] = { { 445, false }, { 139, false }, { 0, false } };

extern const struct protocol protocol_smb;
const struct protocol protocol_smb = {
	.name = "smb",
	.about = "MS-SMB2, MS-SMB, MS-CIFS, RFC 1001, 1002",
	.ports = ports,
	.stream = true,
	.state_size = sizeof(struct smb),
	.probe = smb_probe,
	.speaker = smb_speaker,
	.parse = smb_parse,
	.gap = smb_gap,
	.close = smb_close,
	.release = smb_free,
};
