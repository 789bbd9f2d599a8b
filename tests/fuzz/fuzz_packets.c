/* SPDX-License-Identifier: BSD-2-Clause
 * Frames through the decoder, the engine with all its protocols, and the JSON writer. The first byte picks the link type;
 * then each frame has two bytes of size and one of milliseconds in front of it. */
#include <stdlib.h>

#include "base/instant.h"
#include "base/reader.h"
#include "flow/engine.h"
#include "record/community.h"
#include "record/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size);

struct told {
	struct record *copy;
	struct community *community;
	char line[JSON_LINE];
};

static void on_record(void *context, const struct record *r)
{
	struct told *t = context;
	struct text out = TEXT_ON(t->line);

	record_clear(t->copy, r->dataset, r->time_ns);
	record_merge(t->copy, r);
	community_identify(t->community, t->copy);
	record_json(t->copy, &out);
	if (out.used < 2 || out.cut || out.at[0] != '{' || out.at[out.used - 1] != '}')
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
	static const int link_types[] = { 1, 0, 12, 113, 276, 9, 101, 108 };
	static struct told told;
	struct engine_settings settings = engine_defaults;
	struct reader all = reader_open(bytes_of(at, size));
	uint64_t now_ns = UINT64_C(1795382127) * NS_PER_S, number = 0;

	told.copy = record_new();
	told.community = community_new();
	settings.memory_bytes = 1 << 20;
	struct engine *engine = engine_new(&settings, on_record, &told);
	struct decoder *decoder = decoder_new();
	uint8_t kind = reader_u8(&all);
	while (reader_left(&all) > 0 && number < 2000) {
		struct packet packet;
		struct bytes frame;
		uint16_t length = reader_u16(&all);
		now_ns += reader_u8(&all) * NS_PER_MS;
		frame = reader_take(&all, length < reader_left(&all) ? length : reader_left(&all));
		uint8_t *exact = malloc(frame.size ? frame.size : 1);
		if (!exact)
			break;
		if (frame.size)
			memcpy(exact, frame.at, frame.size);
		enum decoded decoded = decode(decoder, link_types[kind % ARRAY_SIZE(link_types)], bytes_of(exact, frame.size),
					      (uint32_t)frame.size, now_ns, &packet);
		if (decoded == DECODED || decoded == DECODED_ARP) {
			packet.number = ++number;
			engine_packet(engine, &packet);
		}
		free(exact);
	}
	engine_finish(engine);
	if (engine_counts(engine)->live_flows != 0)
		abort();
	engine_free(engine);
	decoder_free(decoder);
	community_free(told.community);
	record_free(told.copy);
	return 0;
}
