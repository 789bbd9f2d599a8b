/* SPDX-License-Identifier: BSD-2-Clause
 * A host that answers absolute-form requests or CONNECT with success, or asks for proxy credentials, is a proxy. Only
 * inner hosts asked by inner hosts count: somebody else's proxy on the internet is none of the site's. */
#include "infer.h"

#include "decode/packet.h"
#include "flow/engine.h"

#define HTTP_PORT 80

/* Origin servers have to take absolute targets too (RFC 9112 section 3.2.2): those of their own name say nothing. A
 * target with the very port that the server listens on is taken for its own, but for the port that every target has by
 * default. */
static bool is_own(const struct record *r)
{
	char room[ADDRESS_TEXT];
	const struct address *server = record_ip(r, FIELD_DESTINATION_IP);
	struct bytes host = record_text(r, FIELD_URL_DOMAIN);

	uint64_t port = record_uint(r, FIELD_URL_PORT);

	return (server && bytes_equal(host, bytes_string(address_format(server, room)))) ||
	       (port != HTTP_PORT && port == record_uint(r, FIELD_DESTINATION_PORT));
}

static void infer_proxy(const struct record *r, struct inference *ret)
{
	uint64_t status = record_uint(r, FIELD_HTTP_RESPONSE_STATUS_CODE);
	bool connect = record_text_is(r, FIELD_HTTP_REQUEST_METHOD, "CONNECT");

	ret->asks = status == 407;
	/* 502 to 504 tell of a server behind it; 101 is an upgrade that went through. */
	ret->proxy = ret->asks || (status >= 200 && status < 400 && (connect || !is_own(r))) ||
		     ((status == 101 || (status >= 502 && status <= 504)) && !is_own(r));
}

/* Tickets are issued, and secure channels opened (MS-NRPC 3.5.4.4), by domain controllers only. */
static bool infer_dc(const struct record *r)
{
	bool answered = record_text_is(r, FIELD_EVENT_OUTCOME, "success") || record_text_is(r, FIELD_EVENT_OUTCOME, "failure") ||
			record_has(r, FIELD_KERBEROS_ERROR);

	if (r->dataset == DATASET_KERBEROS)
		return answered && (record_text_is(r, FIELD_KERBEROS_TYPE, "AS") || record_text_is(r, FIELD_KERBEROS_TYPE, "TGS"));
	return r->dataset == DATASET_DCE_RPC && record_text_is(r, FIELD_EVENT_OUTCOME, "success") &&
	       record_text_is(r, FIELD_DCE_RPC_ENDPOINT, "netlogon") &&
	       bytes_starts(record_text(r, FIELD_DCE_RPC_OPERATION), bytes_string("NetrServerAuthenticate"));
}

struct inference infer_from(const struct record *r)
{
	struct inference ret = { 0 };

	if (r->dataset == DATASET_PROXY)
		infer_proxy(r, &ret);
	ret.dc = infer_dc(r);
	ret.dns = r->dataset == DATASET_DNS && record_text_is(r, FIELD_DNS_TYPE, "answer") &&
		  record_uint(r, FIELD_DESTINATION_PORT) == 53;
	return ret;
}

/* Between inner hosts. */
static bool is_inner(const struct record *r)
{
	const struct address *client = record_ip(r, FIELD_SOURCE_IP), *server = record_ip(r, FIELD_DESTINATION_IP);

	return server && address_is_private(server) && !address_is_group(server) && client && address_is_private(client);
}

bool infer_tells(const struct record *r)
{
	struct inference found = infer_from(r);

	return (found.proxy || found.dc || found.dns) && is_inner(r);
}

void infer_note(struct site *site, const struct record *r)
{
	const struct address *server = record_ip(r, FIELD_DESTINATION_IP);
	struct inference found = infer_from(r);

	if (!is_inner(r))
		return;
	if (found.proxy)
		site_infer_proxy(site, server, (uint16_t)record_uint(r, FIELD_DESTINATION_PORT), found.asks);
	if (found.dns)
		site_infer_role(site, server, "dns");
	if (found.dc)
		site_infer_role(site, server, "dc");
}

static void on_record(void *context, const struct record *r)
{
	infer_note(context, r);
}

bool infer_site(struct site *site, struct capture *capture, struct error *err)
{
	struct engine_settings settings = engine_defaults;
	struct frame frame;
	struct packet packet;

	settings.datasets = INFER_DATASETS;
	struct engine *engine = engine_new(&settings, on_record, site);
	struct decoder *decoder = decoder_new();
	bool ok = engine && decoder;
	while (ok && capture_next(capture, &frame) == CAPTURE_FRAME)
		if (decode(decoder, frame.link_type, frame.data, frame.wire_size, frame.time_ns, &packet) == DECODED) {
			packet.number = frame.number;
			engine_packet(engine, &packet);
		}
	if (ok)
		engine_finish(engine);
	engine_free(engine);
	decoder_free(decoder);
	return ok || error_set(err, "out of memory");
}
