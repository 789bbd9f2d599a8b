/* SPDX-License-Identifier: BSD-2-Clause
 * What was read, byte for byte (SHA-256), and how far it can be trusted: damage, loss, one-sided and encrypted traffic,
 * and what was not there at all. */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/attributes.h"
#include "report.h"
#include "report_words.h"

#define BLOCK 65536

static bool hash_stream(FILE *f, EVP_MD_CTX *c, unsigned char *block, char out[2 * EVP_MAX_MD_SIZE + 1])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned size = 0;
	size_t n;

	if (!EVP_DigestInit_ex(c, EVP_sha256(), NULL))
		return false;
	while ((n = fread(block, 1, BLOCK, f)) > 0)
		if (!EVP_DigestUpdate(c, block, n))
			return false;
	if (ferror(f) || !EVP_DigestFinal_ex(c, digest, &size))
		return false;
	for (unsigned i = 0; i < size; i++)
		snprintf(out + 2 * i, 3, "%02x", digest[i]);
	return true;
}

static bool hash_file(const char *path, char out[2 * EVP_MAX_MD_SIZE + 1])
{
	FILE *f = fopen(path, "rb");
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	unsigned char *block = malloc(BLOCK);
	bool fine = f && c && block && hash_stream(f, c, block, out);

	if (f)
		fclose(f);
	EVP_MD_CTX_free(c);
	free(block);
	return fine;
}

static void put_file(struct html *h, const struct capture_told *f)
{
	char hash[2 * EVP_MAX_MD_SIZE + 1];

	html_raw(h, "<tr>");
	html_wire(h, "td", "code", bytes_string(f->path));
	html_raw(h, "<td class=\"number\">");
	html_number(h, f->frames);
	html_raw(h, "</td><td class=\"number\">");
	html_number(h, f->size);
	html_raw(h, "</td><td>");
	if (!f->size)
		html_words(h, NULL, NULL, word(WORD_NOT_HASHED));
	else if (hash_file(f->path, hash))
		html_element(h, "span", "code", hash);
	else
		html_words(h, NULL, NULL, word(WORD_UNREADABLE));
	html_raw(h, "</td>");
	html_wire(h, "td", "high", bytes_string(f->problem));
	html_raw(h, "</tr>\n");
}

static void put_files(struct html *h, const struct report *r)
{
	static const enum word heads[] = { WORD_FILE, WORD_PACKETS, WORD_SIZE, WORD_SHA256, WORD_PROBLEM };
	size_t all = capture_files(r->capture), n = all < REPORT_FILES ? all : REPORT_FILES;

	html_raw(h, "<table>\n");
	html_words(h, "caption", NULL, word(WORD_FILES_CAPTION));
	html_raw(h, "<thead><tr>");
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		html_raw(h, i == 1 || i == 2 ? "<th scope=\"col\" class=\"number\">" : "<th scope=\"col\">");
		html_words(h, NULL, NULL, word(heads[i]));
		html_raw(h, "</th>");
	}
	html_raw(h, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < n; i++) {
		struct capture_told f = capture_file_told(r->capture, i);
		put_file(h, &f);
	}
	html_raw(h, "</tbody></table>\n");
	report_cut(h, all - n, WORD_CUT_MORE);
}

static bool put_weakness(struct html *h, uint64_t n, enum word w)
{
	if (n == 0)
		return false;
	html_raw(h, "<li><strong>");
	html_number(h, n);
	html_raw(h, "</strong> ");
	html_words(h, NULL, NULL, word(w));
	html_raw(h, "</li>\n");
	return true;
}

static uint64_t partial_alerts(const struct gathered *all)
{
	uint64_t n = 0;

	for (size_t i = 0; i < all->n_alerts; i++)
		n += bytes_starts(record_text(all->alerts[i].record, FIELD_ALERT_VISIBILITY), bytes_string("partial"));
	return n;
}

static void put_quality(struct html *h, const struct report *r)
{
	const uint64_t *fact = r->all->fact;
	const struct {
		uint64_t n;
		enum word word;
	} weak[] = {
		{ r->counts.engine->gap_bytes, WORD_MISSING_BYTES }, { fact[FACT_LOSSY], WORD_LOSSY_FLOWS },
		{ fact[FACT_ONE_SIDED], WORD_ONE_SIDED },            { fact[FACT_MIDSTREAM], WORD_MIDSTREAM_FLOWS },
		{ r->counts.decoder->malformed, WORD_MALFORMED },    { r->counts.decoder->unknown_link, WORD_UNKNOWN_LINK },
		{ r->counts.engine->flows_evicted, WORD_EVICTED },   { fact[FACT_SMB_ENCRYPTED], WORD_SMB_ENCRYPTED },
		{ partial_alerts(r->all), WORD_PARTIAL },
	};
	bool any = false;

	html_words(h, "h3", NULL, word(WORD_QUALITY));
	html_raw(h, "<ul>\n");
	for (size_t i = 0; i < ARRAY_SIZE(weak); i++)
		any = put_weakness(h, weak[i].n, weak[i].word) || any;
	if (!any)
		html_words(h, "li", NULL, word(capture_problems(r->capture) ? WORD_PROBLEM : WORD_QUALITY_CLEAN));
	html_raw(h, "</ul>\n");
}

/* What the sets judge and the capture does not hold: no alert there says nothing. */
static void put_blind(struct html *h, const struct gathered *all)
{
	static const struct {
		enum fact fact;
		enum word word;
	} kinds[] = {
		{ FACT_PROXY_REQUESTS, WORD_SET_B }, { FACT_TUNNELS, WORD_SET_C }, { FACT_ADMIN_SESSIONS, WORD_SET_D },
		{ FACT_SMB, WORD_SET_E },	     { FACT_LOGONS, WORD_SET_F },
	};
	bool any = false;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (all->fact[kinds[i].fact])
			continue;
		if (!any) {
			html_words(h, "h3", NULL, word(WORD_BLIND));
			html_raw(h, "<ul>\n");
		}
		html_words(h, "li", NULL, word(kinds[i].word));
		any = true;
	}
	html_raw(h, any ? "</ul>\n" : "");
}

static void put_notice(struct html *h, const struct report *r, const struct gather_notice *n)
{
	const struct record *a = n->record;

	html_raw(h, "<tr><td class=\"time\">");
	report_time(h, r, a->time_ns);
	html_raw(h, "</td>");
	html_wire(h, "td", "code", record_text(a, FIELD_EVENT_ACTION));
	html_raw(h, "<td>");
	if (record_ip(a, FIELD_SOURCE_IP))
		report_host(h, r, record_ip(a, FIELD_SOURCE_IP));
	if (record_ip(a, FIELD_DESTINATION_IP)) {
		html_raw(h, " \xe2\x86\x92 ");
		report_host(h, r, record_ip(a, FIELD_DESTINATION_IP));
	}
	html_wire(h, "span", NULL, record_text(a, FIELD_SENSOR_SUBJECT));
	html_raw(h, "</td><td>");
	if (record_has(a, FIELD_SENSOR_DETAIL)) {
		html_words_wire(h, record_text(a, FIELD_SENSOR_DETAIL), record_text(a, FIELD_SENSOR_DETAIL_JA));
	} else {
		html_wire(h, "span", "code", record_text(a, FIELD_SENSOR_KIND));
		html_raw(h, " ");
		html_wire(h, "span", "code", record_text(a, FIELD_SENSOR_REASON));
	}
	html_raw(h, "</td><td class=\"number\">");
	html_number(h, n->count);
	html_raw(h, "</td></tr>\n");
}

static void put_notices(struct html *h, const struct report *r)
{
	static const enum word heads[] = { WORD_TIME, WORD_NOTICE, WORD_SUBJECT, WORD_WHAT, WORD_TIMES };

	if (r->all->n_notices == 0)
		return;
	html_raw(h, "<table class=\"small\">\n");
	html_words(h, "caption", NULL, word(WORD_NOTICES_CAPTION));
	html_raw(h, "<thead><tr>");
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++) {
		html_raw(h, i == 4 ? "<th scope=\"col\" class=\"number\">" : "<th scope=\"col\">");
		html_words(h, NULL, NULL, word(heads[i]));
		html_raw(h, "</th>");
	}
	html_raw(h, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < r->all->n_notices; i++)
		put_notice(h, r, &r->all->notices[i]);
	html_raw(h, "</tbody></table>\n");
}

void report_capture(struct html *h, const struct report *r)
{
	report_section(h, "capture", WORD_PART_CAPTURE);
	put_files(h, r);
	put_quality(h, r);
	put_notices(h, r);
	put_blind(h, r->all);
	html_raw(h, "</section>\n");
}
