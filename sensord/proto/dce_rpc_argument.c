/* SPDX-License-Identifier: BSD-2-Clause
 * Arguments out of a request's stub, by the layouts of dce_rpc_layout.c. A pointer among the parameters is followed by
 * what it points to at once; one inside a structure waits until the structure's end (C706 section 14.3.12). Passwords
 * and keys are in no layout. */
#include "base/text.h"
#include "dce_rpc.h"

#define NAMES 32 /* of one array */
#define WORDS 32 /* arguments of one service */
#define TEXT_MAX 2048

static enum field field_of(char letter)
{
	switch (letter) {
	case 's': return FIELD_DCE_RPC_ARG_SERVICE;
	case 'D': return FIELD_DCE_RPC_ARG_DISPLAY_NAME;
	case 'c': return FIELD_DCE_RPC_ARG_COMMAND;
	case 't': return FIELD_DCE_RPC_ARG_TASK;
	case 'a': return FIELD_DCE_RPC_ARG_ACCOUNT;
	case 'd': return FIELD_DCE_RPC_ARG_DOMAIN;
	case 'h': return FIELD_DCE_RPC_ARG_HOST;
	case 'S': return FIELD_DCE_RPC_ARG_SERVER;
	case 'r': return FIELD_DCE_RPC_ARG_SHARE;
	case 'p': return FIELD_DCE_RPC_ARG_PATH;
	case 'k': return FIELD_DCE_RPC_ARG_KEY;
	case 'v': return FIELD_DCE_RPC_ARG_VALUE;
	case 'n': return FIELD_DCE_RPC_ARG_NAME;
	default: return FIELD_COUNT;
	}
}

/* Two-octet characters of the sender's order, at most TEXT_MAX octets of them, as UTF-8. */
static void add_wide(struct text *t, struct bytes wide, bool big)
{
	uint8_t turned[TEXT_MAX];
	size_t n = wide.size < sizeof(turned) ? wide.size & ~(size_t)1 : sizeof(turned);

	if (!big) {
		text_utf16le(t, bytes_of(wide.at, n));
		return;
	}
	for (size_t i = 0; i < n; i += 2) {
		turned[i] = wide.at[i + 1];
		turned[i + 1] = wide.at[i];
	}
	text_utf16le(t, bytes_of(turned, n));
}

static void tell(struct ndr *n, struct record *r, char letter, struct bytes text, size_t width)
{
	char room[TEXT_MAX * 3 / 2];
	struct text t = TEXT_ON(room);
	enum field f = field_of(letter);

	if (!reader_ok(&n->r) || text.size == 0 || f == FIELD_COUNT)
		return;
	if (width == 2)
		add_wide(&t, text, n->big);
	else
		text_utf8(&t, text);
	if (fields[f].list)
		record_add_text(r, f, text_bytes(&t));
	else
		record_set_text(r, f, text_bytes(&t));
}

static void text_argument(struct ndr *n, struct record *r, char letter, size_t width)
{
	tell(n, r, letter, ndr_string(n, width), width);
}

/* RPC_UNICODE_STRING (MS-DTYP section 2.3.10): used and reserved octets, a pointer. True where that points to text. */
static bool counted_head(struct ndr *n)
{
	ndr_align(n, n->wide ? 8 : 4);
	ndr_u16(n);
	ndr_u16(n);
	return ndr_word(n) != 0;
}

static void counted(struct ndr *n, struct record *r, char letter, size_t width)
{
	if (counted_head(n))
		text_argument(n, r, letter, width);
}

/* A count, the array's room (and offset and count where it varies), the heads of its texts, the texts. */
static void names(struct ndr *n, struct record *r, char letter, bool varying)
{
	bool there[NAMES] = { false };
	uint64_t count = ndr_u32(n);
	uint64_t room = ndr_word(n);

	if (varying) {
		ndr_word(n);
		room = ndr_word(n);
	}
	count = count < room ? count : room;
	for (uint64_t i = 0; i < count && reader_ok(&n->r); i++) {
		bool here = counted_head(n);
		if (i < NAMES)
			there[i] = here;
	}
	for (unsigned i = 0; i < NAMES && reader_ok(&n->r); i++)
		if (there[i])
			text_argument(n, r, letter, 2);
}

/* RStartServiceW (MS-SCMR section 3.1.4.19): argc, and a pointer to an array of pointers to texts. The first is the
 * service's name by custom. */
static void start_arguments(struct ndr *n, struct record *r)
{
	char room[TEXT_MAX];
	struct text t = TEXT_ON(room);
	uint32_t count = ndr_u32(n);
	unsigned present = 0;

	if (ndr_word(n) == 0)
		return;
	uint64_t in_array = ndr_word(n);
	for (uint64_t i = 0; i < count && i < in_array && reader_ok(&n->r); i++)
		present += ndr_word(n) != 0;
	for (unsigned i = 0; i < present && i < WORDS; i++) {
		struct bytes word = ndr_string(n, 2);
		if (!reader_ok(&n->r))
			break;
		if (i > 0)
			text_char(&t, ' ');
		add_wide(&t, word, n->big);
	}
	if (t.used)
		record_set_text(r, FIELD_DCE_RPC_ARG_COMMAND, text_bytes(&t));
}

/* AT_INFO (MS-TSCH section 2.3.4): time, days of month, days of week, flags, command. */
static void job(struct ndr *n, struct record *r)
{
	ndr_align(n, n->wide ? 8 : 4);
	ndr_u32(n);
	ndr_u32(n);
	reader_skip(&n->r, 2);
	if (ndr_word(n))
		text_argument(n, r, 'c', 2);
}

/* DRIVER_CONTAINER (MS-RPRN section 2.2.1.2.3): level, the same again as the union's switch, a pointer. All levels that
 * are in use begin as DRIVER_INFO_2 does: version, then name, environment, driver, data and configuration file. */
static void driver(struct ndr *n, struct record *r)
{
	static const char letters[] = { 'n', '.', 'p', 'p', 'p' };
	bool there[ARRAY_SIZE(letters)];

	uint32_t level = ndr_u32(n);
	ndr_u32(n);
	if (ndr_word(n) == 0 || level != 2)
		return;
	ndr_u32(n);
	for (size_t i = 0; i < ARRAY_SIZE(letters); i++)
		there[i] = ndr_word(n) != 0;
	for (size_t i = 0; i < ARRAY_SIZE(letters); i++)
		if (there[i])
			text_argument(n, r, letters[i], 2);
}

/* Level, SHARE_INFO (MS-SRVS section 2.2.3.6): level again, pointer; level 2 and 502 are name, type, remark,
 * permissions, two counts, path, password … */
static void share(struct ndr *n, struct record *r)
{
	uint32_t level = ndr_u32(n);

	ndr_u32(n);
	if (ndr_word(n) == 0 || (level != 2 && level != 502))
		return;
	bool name = ndr_word(n) != 0;
	ndr_u32(n);
	bool remark = ndr_word(n) != 0;
	ndr_u32(n);
	ndr_u32(n);
	ndr_u32(n);
	bool path = ndr_word(n) != 0;
	ndr_word(n); /* password */
	if (level == 502) {
		ndr_u32(n);
		ndr_word(n);
	}
	if (name)
		text_argument(n, r, 'r', 2);
	if (remark)
		text_argument(n, r, '.', 2);
	if (path)
		text_argument(n, r, 'p', 2);
}

/* --- the XML of a task (MS-TSCH section 2.5) --- */

static size_t wide_find(struct bytes in, const char *word, bool big)
{
	size_t n = strlen(word);

	for (size_t at = 0; at + 2 * n <= in.size; at += 2) {
		size_t i = 0;
		while (i < n && in.at[at + 2 * i + big] == (uint8_t)word[i] && in.at[at + 2 * i + !big] == 0)
			i++;
		if (i == n)
			return at;
	}
	return SIZE_MAX;
}

/* What stands between the tags, which have no attributes there. */
static struct bytes element(struct bytes xml, const char *open, const char *close, bool big)
{
	size_t start = wide_find(xml, open, big);

	if (start == SIZE_MAX)
		return (struct bytes){ 0 };
	start += 2 * strlen(open);
	struct bytes rest = bytes_of(xml.at + start, xml.size - start);
	size_t end = wide_find(rest, close, big);
	return end == SIZE_MAX ? (struct bytes){ 0 } : bytes_of(rest.at, end);
}

/* The five entities of XML (section 4.6) as what they stand for. */
static void add_plain(struct text *t, struct bytes xml)
{
	static const char *const entities[][2] = {
		{ "&amp;", "&" }, { "&lt;", "<" }, { "&gt;", ">" }, { "&quot;", "\"" }, { "&apos;", "'" },
	};

	while (xml.size > 0) {
		size_t n = 1;
		const char *plain = NULL;
		for (size_t i = 0; i < ARRAY_SIZE(entities) && !plain; i++) {
			if (!bytes_starts(xml, bytes_string(entities[i][0])))
				continue;
			plain = entities[i][1];
			n = strlen(entities[i][0]);
		}
		if (plain)
			text_string(t, plain);
		else
			text_add(t, bytes_of(xml.at, 1));
		xml = bytes_of(xml.at + n, xml.size - n);
	}
}

/* The first action's command with its arguments, or the class that it has run. */
static void task(struct ndr *n, struct record *r)
{
	char room[TEXT_MAX], plain_room[TEXT_MAX];
	struct text t = TEXT_ON(room), plain = TEXT_ON(plain_room);
	struct bytes xml = ndr_string(n, 2);
	struct bytes command = element(xml, "<Command>", "</Command>", n->big);
	struct bytes arguments = element(xml, "<Arguments>", "</Arguments>", n->big);
	struct bytes class_id = element(xml, "<ClassId>", "</ClassId>", n->big);

	add_wide(&t, command.size ? command : class_id, n->big);
	if (command.size && arguments.size) {
		text_char(&t, ' ');
		add_wide(&t, arguments, n->big);
	}
	add_plain(&plain, text_bytes(&t));
	if (plain.used)
		record_set_text(r, FIELD_DCE_RPC_ARG_COMMAND, text_bytes(&plain));
}

/* --- a layout --- */

static bool has_field(char letter)
{
	return strchr("wWaAuUoOnN", letter) != NULL;
}

static void named(struct ndr *n, struct record *r, char what, char letter)
{
	switch (what) {
	case 'w': text_argument(n, r, letter, 2); break;
	case 'a': text_argument(n, r, letter, 1); break;
	case 'u': counted(n, r, letter, 2); break;
	case 'o': counted(n, r, letter, 1); break;
	case 'n': names(n, r, letter, false); break;
	case 'N': names(n, r, letter, true); break;
	default: /* upper case: a pointer to the same in lower case */
		if (ndr_word(n))
			named(n, r, ascii_lower(what), letter);
	}
}

static struct bytes take_handle(struct ndr *n)
{
	ndr_align(n, 4);
	return reader_take(&n->r, DCE_HANDLE);
}

static void other(struct ndr *n, struct record *r, char what)
{
	switch (what) {
	case '4': ndr_u32(n); break;
	case 'e': ndr_enum(n); break;
	case 'v': start_arguments(n, r); break;
	case 'j': job(n, r); break;
	case 'd': driver(n, r); break;
	case 's': share(n, r); break;
	case 'x': task(n, r); break;
	case 'm': dce_epm_asked(n, r); break;
	case 'i': dce_activation(n, r, true); break;
	case 'g': dce_activation(n, r, false); break;
	case 'b': dce_activation_old(n, r); break;
	default: /* 'C' */
		if (ndr_word(n))
			ndr_u16(n);
	}
}

void dce_arguments(const char *layout, struct bytes stub, bool big, bool wide, struct record *r, struct bytes *handle)
{
	struct ndr n = { reader_open(stub), big, wide };

	for (const char *at = layout; *at && reader_ok(&n.r); at++) {
		if (*at == 'h') {
			struct bytes h = take_handle(&n);
			if (handle && handle->size == 0)
				*handle = h;
		} else if (has_field(*at)) {
			named(&n, r, at[0], at[1]);
			at++;
		} else {
			other(&n, r, *at);
		}
	}
}
