/* SPDX-License-Identifier: BSD-2-Clause
 * Escaping for HTML (WHATWG, 13.1) and for JSON inside a script element (13.1.3.1 "restrictions for contents"), the
 * frame of a page, and its Content Security Policy Level 3. */
#include "html.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include "html_assets.h"
#include "unseen.h"

static void put(struct html *h, const void *at, size_t size)
{
	fwrite(at, 1, size, h->to); /* errors stay in the FILE and are told at the end */
}

static const char *entity(uint32_t c)
{
	switch (c) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	case 0xfffd:
		return "\xef\xbf\xbd";
	default:
		return NULL;
	}
}

void html_text(struct html *h, struct bytes text)
{
	while (text.size > 0) {
		const uint8_t *at = text.at;
		uint32_t c = unseen_next(&text);
		const char *instead = entity(c);
		if (instead)
			fputs(instead, h->to);
		else if (c < 0x20)
			fprintf(h->to, "\xe2\x90%c", (int)(0x80 + c)); /* U+2400: a picture of the control character */
		else if (c == 0x7f)
			fputs("\xe2\x90\xa1", h->to);
		else if (unseen_is(c))
			fprintf(h->to, "\xe2\x80\xb9U+%04X\xe2\x80\xba", (unsigned)c);
		else
			put(h, at, (size_t)(text.at - at));
	}
}

void html_string(struct html *h, const char *text)
{
	html_text(h, bytes_string(text));
}

void html_raw(struct html *h, const char *markup)
{
	fputs(markup, h->to);
}

void html_number(struct html *h, uint64_t n)
{
	char digits[32];
	int size = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);

	for (int i = 0; i < size; i++) {
		if (i > 0 && (size - i) % 3 == 0)
			fputc(',', h->to);
		fputc(digits[i], h->to);
	}
}

static void open_tag(struct html *h, const char *tag, const char *class)
{
	fprintf(h->to, class ? "<%s class=\"%s\">" : "<%s>", tag, class);
}

void html_wire(struct html *h, const char *tag, const char *class, struct bytes text)
{
	open_tag(h, tag, class);
	html_raw(h, "<bdi>");
	html_text(h, text);
	fprintf(h->to, "</bdi></%s>", tag);
}

void html_element(struct html *h, const char *tag, const char *class, const char *text)
{
	open_tag(h, tag, class);
	html_string(h, text);
	fprintf(h->to, "</%s>", tag);
}

void html_words(struct html *h, const char *tag, const char *class, struct words w)
{
	if (tag)
		open_tag(h, tag, class);
	html_words_wire(h, bytes_string(w.en), bytes_string(w.ja));
	if (tag)
		fprintf(h->to, "</%s>", tag);
}

void html_words_wire(struct html *h, struct bytes en, struct bytes ja)
{
	html_raw(h, "<span lang=\"en\">");
	html_text(h, en);
	html_raw(h, "</span><span lang=\"ja\">");
	html_text(h, ja.size ? ja : en);
	html_raw(h, "</span>");
}

void html_attribute(struct html *h, const char *name, struct bytes text)
{
	fprintf(h->to, " %s=\"", name);
	html_text(h, text);
	fputc('"', h->to);
}

void html_json(struct html *h, struct bytes json)
{
	while (json.size > 0) {
		const uint8_t *at = json.at;
		uint32_t c = unseen_next(&json);
		if (c == '<' || c == '>' || c == '&' || c == 0x7f || (unseen_is(c) && c < 0x10000))
			fprintf(h->to, "\\u%04x", (unsigned)c);
		else if (unseen_is(c)) /* RFC 8259 section 7: a surrogate pair */
			fprintf(h->to, "\\u%04x\\u%04x", (unsigned)(0xd800 + ((c - 0x10000) >> 10)), (unsigned)(0xdc00 + (c & 0x3ff)));
		else if (c == 0xfffd)
			fputs("\xef\xbf\xbd", h->to);
		else
			put(h, at, (size_t)(json.at - at));
	}
}

/* ---- the frame ---- */

static void hash_source(struct html *h, const unsigned char *at, unsigned long size)
{
	unsigned char digest[SHA256_DIGEST_LENGTH], text[4 * ((SHA256_DIGEST_LENGTH + 2) / 3) + 1];

	if (!EVP_Digest(at, size, digest, NULL, EVP_sha256(), NULL))
		return; /* the page then reads without its style: nothing unsafe */
	EVP_EncodeBlock(text, digest, sizeof(digest));
	fprintf(h->to, "'sha256-%s'", (const char *)text);
}

/* Choices are radio buttons before the page: the style sheet shows one language or one colour scheme by them. */
static void put_switches(struct html *h)
{
	html_raw(h, "<input type=\"radio\" name=\"language\" id=\"in-en\" class=\"switch\" checked>\n"
		    "<input type=\"radio\" name=\"language\" id=\"in-ja\" class=\"switch\">\n"
		    "<input type=\"checkbox\" id=\"in-other-light\" class=\"switch\">\n"
		    "<div class=\"page\">\n<a class=\"skip\" href=\"#content\"><span lang=\"en\">To the content</span>"
		    "<span lang=\"ja\">本文へ</span></a>\n"
		    "<div class=\"switches\"><label for=\"in-en\">English</label><label for=\"in-ja\">日本語</label>"
		    "<label for=\"in-other-light\"><span lang=\"en\">Light / dark</span><span lang=\"ja\">明／暗</span></label></div>\n"
		    "<main id=\"content\">\n");
}

void html_begin(struct html *h, struct words title)
{
	html_raw(h, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; "
		    "style-src ");
	hash_source(h, page_css, page_css_size);
	html_raw(h, "; script-src ");
	hash_source(h, page_js, page_js_size);
	html_raw(h, "\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		    "<meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"generator\" content=\"sensord\">\n<title>");
	html_string(h, title.en);
	html_raw(h, " / ");
	html_string(h, title.ja);
	html_raw(h, "</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>");
	put(h, page_css, page_css_size);
	html_raw(h, "</style>\n</head>\n<body>\n");
	put_switches(h);
}

bool html_end(struct html *h, struct bytes data)
{
	html_raw(h, "</main>\n</div>\n");
	if (data.size) {
		html_raw(h, "<script type=\"application/json\" id=\"sensord-data\">");
		html_json(h, data);
		html_raw(h, "</script>\n");
	}
	html_raw(h, "<script>");
	put(h, page_js, page_js_size);
	html_raw(h, "</script>\n</body>\n</html>\n");
	return fflush(h->to) == 0 && !ferror(h->to);
}
