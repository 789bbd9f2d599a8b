/* SPDX-License-Identifier: BSD-2-Clause
 * Negotiation of the dialect: SMB 1 (MS-CIFS section 2.2.4.52, MS-SMB section 2.2.4.5), SMB 2 and 3 (MS-SMB2 sections
 * 2.2.3, 2.2.4), and the SMB 1 request that an SMB 2 server answers (section 3.3.5.3.1). */
#include <stdlib.h>

#include "smb.h"

#define OFFERS 32 /* dialects of one request that are read */

void smb_offer_begin(struct parse *p, struct smb *s)
{
	free(s->dialects);
	s->dialects = NULL;
	s->dialects_size = 0;
	s->negotiating = true;
	s->negotiate_ns = parse_time_ns(p);
	s->negotiate_packet = parse_packet(p);
}

void smb_offer(struct smb *s, struct bytes name)
{
	if (!s->dialects)
		s->dialects = malloc(SMB_DIALECTS);
	if (!s->dialects || name.size == 0 || name.size + 1 > SMB_DIALECTS - s->dialects_size)
		return;
	memcpy(s->dialects + s->dialects_size, name.at, name.size);
	s->dialects_size += name.size;
	s->dialects[s->dialects_size++] = '\0';
}

static struct bytes next_offer(struct smb *s, size_t *at)
{
	struct bytes name = bytes_of(s->dialects + *at, strnlen(s->dialects + *at, s->dialects_size - *at));

	*at += name.size + 1;
	return name;
}

static void tell(struct parse *p, struct smb *s, const struct smb_message *m)
{
	struct smb_pending q = { .time_ns = s->negotiate_ns, .packet = s->negotiate_packet };
	struct record *r = smb_begin(p, s, SMB_NEGOTIATE, s->negotiating ? &q : NULL, m);

	for (size_t at = 0; r && s->dialects && at < s->dialects_size;)
		record_add_text(r, FIELD_SMB_DIALECTS, next_offer(s, &at));
	if (!m)
		record_set_string(r, FIELD_EVENT_OUTCOME, "unknown");
	parse_emit(p, r);
}

/* The answer is there, or (m NULL) never came. */
void smb_negotiated(struct parse *p, struct smb *s, const struct smb_message *m)
{
	if (!m && !s->negotiating)
		return;
	tell(p, s, m);
	s->negotiating = false;
	free(s->dialects);
	s->dialects = NULL;
	s->dialects_size = 0;
}

static void smb2_offered(struct parse *p, struct smb *s, struct reader *r)
{
	reader_skip(r, 2);
	unsigned n = reader_u16_le(r);
	reader_skip(r, 32);
	smb_offer_begin(p, s);
	for (unsigned i = 0; i < n && i < OFFERS; i++) {
		char room[16];
		uint16_t dialect = reader_u16_le(r);
		if (!reader_ok(r))
			return;
		struct text t = TEXT_ON(room);
		const char *name = smb_dialect_name(dialect);
		if (!name)
			text_printf(&t, "0x%04x", dialect);
		smb_offer(s, name ? bytes_string(name) : text_bytes(&t));
	}
}

void smb2_negotiate(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *r)
{
	if (m->request) {
		smb2_offered(p, s, r);
		return;
	}
	reader_skip(r, 4);
	uint16_t dialect = reader_u16_le(r);
	if (m->status == 0 && reader_ok(r) && dialect != 0x02ff)
		s->version = smb_dialect_name(dialect);
	smb_negotiated(p, s, m);
}

/* ---- SMB 1 ---- */

static void smb1_offered(struct parse *p, struct smb *s, struct reader *bytes)
{
	smb_offer_begin(p, s);
	for (unsigned i = 0; i < OFFERS && reader_left(bytes) > 0; i++) {
		if (reader_u8(bytes) != 2) /* BufferFormat: dialect */
			return;
		struct bytes rest = reader_rest(bytes);
		const uint8_t *end = rest.size ? memchr(rest.at, 0, rest.size) : NULL;
		size_t n = end ? (size_t)(end - rest.at) : rest.size;
		smb_offer(s, reader_take(bytes, n));
		if (end)
			reader_skip(bytes, 1);
	}
}

void smb1_negotiate(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words,
		    struct reader *bytes)
{
	if (m->request) {
		smb1_offered(p, s, bytes);
		return;
	}
	unsigned index = reader_u16_le(words);
	if (!reader_ok(words) || m->status != 0) {
		smb_negotiated(p, s, m);
		return;
	}
	struct text t = TEXT_ON(s->version_room);
	size_t at = 0;
	for (unsigned i = 0; s->dialects && at < s->dialects_size; i++) {
		struct bytes name = next_offer(s, &at);
		if (i == index)
			text_utf8(&t, name);
	}
	if (t.used > 0)
		s->version = text_end(&t);
	else if (index != 0xffff && !s->version)
		s->version = "NT LM 0.12"; /* nobody speaks an older one where the offer was not captured */
	smb_negotiated(p, s, m);
}
