/* SPDX-License-Identifier: BSD-2-Clause
 * Handshake content where it lies in several records (RFC 8446 section 5.1), without a copy of the stream. */
#include "tls_stream.h"

static enum tls_step next_record(struct tls_walk *w)
{
	struct bytes rest = reader_rest(&w->r);

	if (rest.size < RECORD_HEADER) /* judged as a whole, so that it does not matter how it came in pieces */
		return STEP_WAIT;
	if (!tls_header_like(rest) || rest.at[0] != HANDSHAKE)
		return STEP_BAD;
	reader_skip(&w->r, 3);
	w->left = reader_u16(&w->r);
	w->records++;
	return STEP_ON;
}

enum tls_step tls_gather(struct tls_walk *w, size_t n, uint8_t *room, struct bytes *ret)
{
	size_t have = 0;

	if (w->left >= n && reader_left(&w->r) >= n) {
		*ret = reader_take(&w->r, n);
		w->left -= (uint32_t)n;
		return STEP_ON;
	}
	while (have < n) {
		enum tls_step step = w->left == 0 ? next_record(w) : STEP_ON;
		w->missing = n - have + (step == STEP_WAIT ? RECORD_HEADER : 0);
		if (step != STEP_ON)
			return step;
		size_t part = n - have < w->left ? n - have : w->left;
		struct bytes b = reader_take(&w->r, part);
		if (!reader_ok(&w->r))
			return STEP_WAIT;
		memcpy(room + have, b.at, part);
		have += part;
		w->left -= (uint32_t)part;
	}
	*ret = bytes_of(room, n);
	return STEP_ON;
}
