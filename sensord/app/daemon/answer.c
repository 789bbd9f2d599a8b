/* SPDX-License-Identifier: BSD-2-Clause */
#include "answer.h"

#include "base/instant.h"

/* Valid UTF-8 with what JSON escapes; DEL and C1 too, so that no terminal takes them for commands. */
static void quoted(struct text *to, struct bytes v)
{
	char room[2048];
	struct text clean = TEXT_ON(room);

	text_utf8(&clean, v);
	text_char(to, '"');
	for (size_t i = 0; i < clean.used; i++) {
		unsigned char c = (unsigned char)clean.at[i];
		if (c == '"' || c == '\\')
			text_char(to, '\\');
		if (c < 0x20 || c == 0x7f)
			text_printf(to, "\\u%04x", c);
		else if (c == 0xc2 && i + 1 < clean.used && (unsigned char)clean.at[i + 1] < 0xa0)
			text_printf(to, "\\u%04x", (unsigned char)clean.at[++i]);
		else
			text_char(to, (char)c);
	}
	text_char(to, '"');
}

static void name(struct answer *a, const char *key)
{
	if (a->begun)
		text_char(a->to, ',');
	a->begun = true;
	if (!key)
		return;
	quoted(a->to, bytes_string(key));
	text_char(a->to, ':');
}

void answer_open(struct answer *a, const char *key, char open)
{
	name(a, key);
	text_char(a->to, open);
	a->begun = false;
}

void answer_close(struct answer *a, char close)
{
	text_char(a->to, close);
	a->begun = true;
}

void answer_uint(struct answer *a, const char *key, uint64_t v)
{
	name(a, key);
	text_decimal(a->to, v);
}

void answer_real(struct answer *a, const char *key, double v)
{
	name(a, key);
	text_printf(a->to, "%.3f", v);
}

void answer_bool(struct answer *a, const char *key, bool v)
{
	name(a, key);
	text_string(a->to, v ? "true" : "false");
}

void answer_text(struct answer *a, const char *key, struct bytes v)
{
	name(a, key);
	quoted(a->to, v);
}

void answer_string(struct answer *a, const char *key, const char *v)
{
	answer_text(a, key, bytes_string(v));
}

void answer_time(struct answer *a, const char *key, uint64_t time_ns)
{
	char room[INSTANT_TEXT];

	answer_string(a, key, instant_format(time_ns, room));
}
