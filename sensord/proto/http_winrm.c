/* SPDX-License-Identifier: BSD-2-Clause
 * WinRM: WS-Management (DSP0226, MS-WSMV 2.2) is SOAP over HTTP at paths under /wsman. Messages are mostly encrypted
 * (multipart/encrypted, MS-WSMV 2.2.9.1); where they are in clear the envelope's action and resource are read. A pair
 * has a `winrm` record beside its `http` one. */
#include "http.h"

#define ENVELOPE_MAX (32u << 10) /* bytes of an envelope that is read */
#define VALUE_MAX 256

bool http_winrm_target(struct bytes target)
{
	return bytes_starts_nocase(target, bytes_string("/wsman"));
}

bool http_is_winrm(const struct http_request *q)
{
	return !q->proxy && http_winrm_target(record_text(q->record, FIELD_URL_PATH));
}

bool http_winrm_reads(const struct http_request *q, struct http_framing framing)
{
	return framing.body == HTTP_SIZED && framing.size > 0 && framing.size <= ENVELOPE_MAX && http_is_winrm(q) &&
	       record_text_is(q->record, FIELD_HTTP_REQUEST_MIME_TYPE, "application/soap+xml");
}

/* The text of the first element of that local name, whatever its prefix. */
static struct bytes element_text(struct bytes xml, const char *name)
{
	struct bytes wanted = bytes_string(name);

	for (size_t at; (at = bytes_find(xml, wanted)) != SIZE_MAX;) {
		bool opens = at > 0 && (xml.at[at - 1] == ':' || xml.at[at - 1] == '<');
		xml = bytes_of(xml.at + at + wanted.size, xml.size - at - wanted.size);
		if (!opens || xml.size == 0 || (xml.at[0] != ' ' && xml.at[0] != '>'))
			continue;
		bytes_split(&xml, '>');
		return bytes_trim(bytes_split(&xml, '<'));
	}
	return (struct bytes){ 0 };
}

static void set_value(struct record *r, enum field f, struct bytes value)
{
	if (value.size > 0)
		record_set_wire(r, f, bytes_of(value.at, value.size < VALUE_MAX ? value.size : VALUE_MAX));
}

void http_winrm_envelope(struct parse *p, struct http_request *q, struct bytes xml)
{
	struct record *r = parse_wants(p, DATASET_WINRM) ? parse_record(p, DATASET_WINRM) : NULL;
	struct bytes action = element_text(xml, "Action");

	if (!r)
		return;
	for (const uint8_t *cut; action.size > 0 && (cut = memchr(action.at, '/', action.size));)
		action = bytes_of(cut + 1, action.size - (size_t)(cut + 1 - action.at));
	set_value(r, FIELD_WINRM_ACTION, action);
	set_value(r, FIELD_WINRM_RESOURCE, element_text(xml, "ResourceURI"));
	struct record *copy = record_copy(r);
	parse_charge_record(p, copy, q->envelope);
	record_free(q->envelope);
	q->envelope = copy;
}

void http_winrm_tell(struct parse *p, const struct http *http, const struct http_request *q,
		     const enum http_verdict verdicts[HTTP_DOORS], unsigned status)
{
	static const enum field taken[] = { FIELD_USER_NAME, FIELD_USER_DOMAIN };
	struct record *r = http_is_winrm(q) ? parse_record_at(p, DATASET_WINRM, q->time_ns, q->packet) : NULL;

	if (!r)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(taken); i++)
		if (record_has(q->record, taken[i]))
			record_set_text(r, taken[i], record_text(q->record, taken[i]));
	http_login_tell(http, q, verdicts, status, r);
	if (q->envelope) {
		set_value(r, FIELD_WINRM_ACTION, record_text(q->envelope, FIELD_WINRM_ACTION));
		set_value(r, FIELD_WINRM_RESOURCE, record_text(q->envelope, FIELD_WINRM_RESOURCE));
	}
	if (record_uint(q->record, FIELD_HTTP_REQUEST_BODY_BYTES) > 0)
		record_set_bool(r, FIELD_WINRM_ENCRYPTED,
				record_text_is(q->record, FIELD_HTTP_REQUEST_MIME_TYPE, "multipart/encrypted"));
	record_set_string(r, FIELD_EVENT_OUTCOME, status == 0 ? "unknown" : status / 100 == 2 ? "success" : "failure");
	parse_emit(p, r);
}
