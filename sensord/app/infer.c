/* SPDX-License-Identifier: BSD-2-Clause
 * A host that answers absolute-form requests or CONNECT with success, or asks for proxy credentials, is a proxy. Only
 * inner hosts asked by inner hosts count: somebody else's proxy on the internet is none of the site's. */
#include "infer.h"

#include "decode/packet.h"
#include "flow/engine.h"

static void infer_proxy(struct site *site, const struct record *r, const struct address *server)
{
	uint64_t status = record_uint(r, FIELD_HTTP_RESPONSE_STATUS_CODE);
	bool asks = status == 407;

	if (asks || (status >= 200 && status < 400))
		site_infer_proxy(site, server, (uint16_t)record_uint(r, FIELD_DESTINATION_PORT), asks);
}

/* Who answers Kerberos on its port issues tickets; who answers names inside may ask them outside. */
static void infer_server(struct site *site, const struct record *r, const struct address *server)
{
	uint64_t port = record_uint(r, FIELD_DESTINATION_PORT);

	if (r->dataset == DATASET_DNS && record_text_is(r, FIELD_DNS_TYPE, "answer") && port == 53)
		site_infer_role(site, server, "dns");
	if (r->dataset == DATASET_FLOW && port == 88 && record_uint(r, FIELD_DESTINATION_BYTES) > 0)
		site_infer_role(site, server, "dc");
}

static void on_record(void *context, const struct record *r)
{
	const struct address *client = record_ip(r, FIELD_SOURCE_IP), *server = record_ip(r, FIELD_DESTINATION_IP);

	if (!server || !address_is_private(server) || address_is_group(server) || !client || !address_is_private(client))
		return;
	if (r->dataset == DATASET_PROXY)
		infer_proxy(context, r, server);
	else
		infer_server(context, r, server);
}

bool infer_site(struct site *site, struct capture *capture, struct error *err)
{
	struct engine_settings settings = engine_defaults;
	struct frame frame;
	struct packet packet;

	settings.datasets = DATASET_BIT(DATASET_PROXY) | DATASET_BIT(DATASET_DNS) | DATASET_BIT(DATASET_FLOW);
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
