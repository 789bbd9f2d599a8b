/* SPDX-License-Identifier: BSD-2-Clause
 * A host that answers absolute-form requests or CONNECT with success, or asks for proxy credentials, is a proxy.
 * Only inner hosts count: somebody else's proxy on the internet is none of the site's. */
#include "infer.h"

#include "decode/packet.h"
#include "flow/engine.h"

static void on_record(void *context, const struct record *r)
{
	struct site *site = context;
	const struct address *server = record_ip(r, FIELD_DESTINATION_IP);
	uint64_t status = record_uint(r, FIELD_HTTP_RESPONSE_STATUS_CODE);
	bool asks = status == 407;

	if (r->dataset != DATASET_PROXY || !server || !address_is_private(server))
		return;
	if (asks || (status >= 200 && status < 400))
		site_infer_proxy(site, server, (uint16_t)record_uint(r, FIELD_DESTINATION_PORT), asks);
}

bool infer_site(struct site *site, struct capture *capture, struct error *err)
{
	struct engine_settings settings = engine_defaults;
	struct frame frame;
	struct packet packet;

	settings.datasets = DATASET_BIT(DATASET_PROXY);
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
