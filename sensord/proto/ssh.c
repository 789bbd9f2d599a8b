/* SPDX-License-Identifier: BSD-2-Clause
 * SSH: the identification lines of both sides (RFC 4253 section 4.2), and nothing behind them. One `ssh` record per
 * connection, told when both lines are known, or one of them at the end. */
#include "base/limits.h"
#include "proto/protocol.h"

#define SSH_LINE 255 /* RFC 4253 section 4.2, with CR LF */

struct ssh {
	struct record *pending; /* with the line of the side that spoke first */
	uint64_t time_ns, packet;
	bool seen[2];
};

static void tell(struct parse *p, struct ssh *s, enum field f, struct bytes line)
{
	struct record *r = parse_record_at(p, DATASET_SSH, s->time_ns, s->packet);

	if (r && s->pending)
		record_merge(r, s->pending);
	if (line.size > 0)
		record_set_wire(r, f, line);
	if (r)
		parse_emit(p, r);
	parse_charge_record(p, NULL, s->pending);
	record_free(s->pending);
	s->pending = NULL;
}

static void identified(struct parse *p, struct ssh *s, struct bytes line)
{
	enum side side = parse_side(p);
	enum field f = side == CLIENT ? FIELD_SSH_CLIENT : FIELD_SSH_SERVER;

	s->seen[side] = true;
	if (s->seen[!side]) {
		tell(p, s, f, line);
		return;
	}
	parse_confirm(p);
	s->time_ns = parse_time_ns(p);
	s->packet = parse_packet(p);
	struct record *r = parse_record(p, DATASET_SSH);
	if (!r)
		return;
	record_set_wire(r, f, line);
	s->pending = record_copy(r);
	parse_charge_record(p, s->pending, NULL);
}

static enum probe ssh_probe(enum side side, struct bytes start)
{
	static const char mark[] = "SSH-";
	struct bytes all = bytes_of(mark, sizeof(mark) - 1);

	(void)side;
	if (!bytes_starts(start.size < all.size ? all : start, start.size < all.size ? start : all))
		return PROBE_NO;
	if (start.size < all.size + 2)
		return PROBE_MORE;
	return (start.at[4] == '1' || start.at[4] == '2') && start.at[5] == '.' ? PROBE_YES : PROBE_NO;
}

static enum parsed ssh_parse(struct parse *p, struct reader *r)
{
	struct ssh *s = parse_state(p);
	struct bytes line;

	if (!s)
		return PARSE_NOT_MINE;
	if (!reader_line(r, SSH_LINE, &line)) {
		bool bad = !reader_ok(r) || ssh_probe(parse_side(p), reader_rest(r)) == PROBE_NO;
		return !bad ? PARSED : s->seen[CLIENT] || s->seen[SERVER] ? PARSE_MALFORMED : PARSE_NOT_MINE;
	}
	if (ssh_probe(parse_side(p), line) != PROBE_YES)
		return s->seen[CLIENT] || s->seen[SERVER] ? PARSE_MALFORMED : PARSE_NOT_MINE;
	identified(p, s, line);
	parse_finish(p, false);
	return PARSED;
}

static void ssh_close(struct parse *p, enum ending how)
{
	struct ssh *s = parse_state(p);

	(void)how;
	if (s && s->pending)
		tell(p, s, FIELD_SSH_CLIENT, (struct bytes){ 0 });
}

static void ssh_release(void *state)
{
	struct ssh *s = state;

	record_free(s->pending);
}

static const struct port_hint ssh_ports[] = { { 22, false }, { 2222, false }, { 0, false } };

const struct protocol protocol_ssh = {
	.name = "ssh",
	.about = "RFC 4253",
	.ports = ssh_ports,
	.stream = true,
	.state_size = sizeof(struct ssh),
	.probe = ssh_probe,
	.parse = ssh_parse,
	.close = ssh_close,
	.release = ssh_release,
};
