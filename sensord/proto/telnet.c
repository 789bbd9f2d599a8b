/* SPDX-License-Identifier: BSD-2-Clause
 * Telnet (RFC 854), known by its option negotiation (RFC 855), and VNC by its version line (RFC 6143 section 7.1.1).
 * Of a Telnet session the name typed at a login prompt is told as an `auth` record, with what the server then says.
 * What is typed at any other prompt, a password above all, is never kept. */
#include "base/text.h"
#include "proto/protocol.h"

#define FOLLOWED_BYTES (64u << 10) /* of the server, in which a logon is looked for */
#define ATTEMPTS_MAX 16
#define TAIL_BYTES 64              /* last text of the server, in lower case */
#define USER_BYTES 64

enum { IAC = 255, SB = 250, SE = 240, WILL = 251, DONT = 254, OPTION_MAX = 49 };

enum phase { WATCHING, NAMING, NAMED, ASKED_PASSWORD, ANSWERED };
enum negotiation { NONE, INSIDE, BEHIND_IAC };

struct telnet {
	uint64_t time_ns, packet;
	uint32_t seen;
	uint8_t phase; /* enum phase */
	uint8_t attempts;
	uint8_t user_size, tail_size;
	uint8_t negotiation[2]; /* enum negotiation: of either side, a subnegotiation under way */
	bool confirmed;
	char user[USER_BYTES];
	char tail[TAIL_BYTES];
};

/* --- recognition --- */

static enum probe command_probe(struct bytes b)
{
	if (b.at[0] != IAC || (b.size > 1 && (b.at[1] < WILL || b.at[1] > DONT)))
		return PROBE_NO;
	if (b.size < 3)
		return PROBE_MORE;
	return b.at[2] <= OPTION_MAX ? PROBE_YES : PROBE_NO;
}

static enum probe telnet_probe(enum side side, struct bytes start)
{
	(void)side;
	return command_probe(start);
}

/* --- what is said --- */

static void tell(struct parse *p, struct telnet *t, const char *outcome)
{
	struct record *r = t->user_size ? parse_record_at(p, DATASET_AUTH, t->time_ns, t->packet) : NULL;

	if (r) {
		record_set_wire(r, FIELD_USER_NAME, bytes_of(t->user, t->user_size));
		record_set_string(r, FIELD_AUTH_MECHANISM, "telnet-login");
		record_set_string(r, FIELD_AUTH_CARRIER, "telnet");
		record_set_string(r, FIELD_AUTH_ATTRIBUTED_BY, "wire");
		record_set_string(r, FIELD_EVENT_OUTCOME, outcome);
		parse_emit(p, r);
	}
	t->user_size = 0;
	t->phase = WATCHING;
	t->tail_size = 0;
	if (strcmp(outcome, "failure") != 0 || ++t->attempts >= ATTEMPTS_MAX)
		parse_finish(p, true);
}

static bool tail_has(const struct telnet *t, const char *const *words)
{
	struct bytes tail = bytes_of(t->tail, t->tail_size);

	for (; *words; words++)
		if (bytes_find(tail, bytes_string(*words)) != SIZE_MAX)
			return true;
	return false;
}

static bool tail_is_prompt(const struct telnet *t)
{
	static const char *const prompts[] = { "$ ", "# ", "> ", "$", "#", ">" };
	struct bytes tail = bytes_of(t->tail, t->tail_size);

	for (size_t i = 0; i < ARRAY_SIZE(prompts); i++)
		if (bytes_ends_nocase(tail, bytes_string(prompts[i])))
			return true;
	return false;
}

static void server_said(struct parse *p, struct telnet *t, uint8_t c)
{
	static const char *const names[] = { "login:", "ername:", NULL };
	static const char *const passwords[] = { "assword", NULL };
	static const char *const refusals[] = { "incorrect", "failed", "denied", "invalid", "fail!", NULL };

	if (t->tail_size == TAIL_BYTES)
		memmove(t->tail, t->tail + 1, --t->tail_size);
	t->tail[t->tail_size++] = ascii_lower((char)c);
	if (t->phase == WATCHING && tail_has(t, names)) {
		t->phase = NAMING;
		t->user_size = t->tail_size = 0;
	} else if (t->phase == NAMED && tail_has(t, passwords)) {
		t->phase = ASKED_PASSWORD;
		t->tail_size = 0;
	} else if (t->phase == ANSWERED && tail_has(t, refusals)) {
		tell(p, t, "failure");
	} else if (t->phase == ANSWERED && tail_is_prompt(t)) {
		tell(p, t, "success");
	}
}

static void client_typed(struct parse *p, struct telnet *t, uint8_t c)
{
	bool ends = c == '\r' || c == '\n';

	if (t->phase == NAMING && ends && t->user_size > 0) {
		t->phase = NAMED;
		t->tail_size = 0;
		t->time_ns = parse_time_ns(p);
		t->packet = parse_packet(p);
	} else if (t->phase == NAMING && (c == 8 || c == 127)) {
		t->user_size -= t->user_size > 0;
	} else if (t->phase == NAMING && c >= ' ' && t->user_size < USER_BYTES) {
		t->user[t->user_size++] = (char)c;
	} else if (t->phase == ASKED_PASSWORD && ends) {
		t->phase = ANSWERED;
		t->tail_size = 0;
	}
}

/* --- bytes --- */

/* Passes over the command that stands next. False where it is not whole yet. */
static bool pass_command(struct reader *r, uint8_t *negotiation)
{
	struct reader try = *r;
	reader_skip(&try, 1);
	uint8_t command = reader_u8(&try);

	if (command >= WILL && command <= DONT)
		reader_skip(&try, 1);
	if (!reader_ok(&try))
		return false;
	*negotiation = command == SB ? INSIDE : NONE;
	*r = try;
	return true;
}

/* RFC 855: up to IAC SE; IAC IAC is a byte of its content. */
static void pass_negotiation(struct reader *r, uint8_t *negotiation)
{
	while (reader_left(r) > 0 && *negotiation != NONE) {
		uint8_t c = reader_u8(r);
		if (*negotiation == BEHIND_IAC)
			*negotiation = c == SE ? NONE : INSIDE;
		else if (c == IAC)
			*negotiation = BEHIND_IAC;
	}
}

static enum parsed telnet_parse(struct parse *p, struct reader *r)
{
	struct telnet *t = parse_state(p);

	if (!t)
		return PARSE_NOT_MINE;
	if (!t->confirmed)
		parse_confirm(p);
	t->confirmed = true;
	uint8_t *negotiation = &t->negotiation[parse_side(p)];
	while (reader_left(r) > 0) {
		if (*negotiation != NONE) {
			pass_negotiation(r, negotiation);
			continue;
		}
		if (reader_peek(r) == IAC) {
			if (!pass_command(r, negotiation))
				break;
			continue;
		}
		uint8_t c = reader_u8(r);
		if (parse_side(p) == CLIENT)
			client_typed(p, t, c);
		else
			server_said(p, t, c);
		t->seen += parse_side(p) == SERVER;
	}
	if (t->seen > FOLLOWED_BYTES)
		parse_finish(p, true);
	return PARSED;
}

static void telnet_close(struct parse *p, enum ending how)
{
	struct telnet *t = parse_state(p);

	(void)how;
	if (t && t->phase >= NAMED)
		tell(p, t, "unknown");
}

static const struct port_hint telnet_ports[] = { { 23, false }, { 0, false } };

extern const struct protocol protocol_telnet, protocol_vnc;
const struct protocol protocol_telnet = {
	.name = "telnet",
	.about = "RFC 854, 855",
	.ports = telnet_ports,
	.stream = true,
	.state_size = sizeof(struct telnet),
	.probe = telnet_probe,
	.parse = telnet_parse,
	.close = telnet_close,
};

/* --- VNC --- */

static enum probe vnc_probe(enum side side, struct bytes start)
{
	static const char form[] = "RFB 000.000\n";

	(void)side;
	for (size_t i = 0; i < sizeof(form) - 1; i++) {
		if (i == start.size)
			return PROBE_MORE;
		bool digit = start.at[i] >= '0' && start.at[i] <= '9';
		if (form[i] == '0' ? !digit : start.at[i] != (uint8_t)form[i])
			return PROBE_NO;
	}
	return PROBE_YES;
}

static enum parsed vnc_parse(struct parse *p, struct reader *r)
{
	(void)r;
	parse_confirm(p);
	parse_finish(p, true);
	return PARSED;
}

static const struct port_hint vnc_ports[] = { { 5900, false }, { 5901, false }, { 0, false } };

const struct protocol protocol_vnc = {
	.name = "vnc",
	.about = "RFC 6143: version line only",
	.ports = vnc_ports,
	.stream = true,
	.probe = vnc_probe,
	.parse = vnc_parse,
};
