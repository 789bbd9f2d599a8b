/* SPDX-License-Identifier: BSD-2-Clause */
#include "worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct worker {
	struct decoder *decoder;
	struct engine *engine;
	struct recent *recent; /* NULL: nobody wants evidence */
	const char *file;   /* of the last frame; only compared */
	char interface[64]; /* the same */
};

struct worker *worker_new(const struct engine_settings *settings, const struct hash_key *key, record_sink *sink, void *context)
{
	struct worker *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->decoder = decoder_new();
	w->engine = engine_new(settings, sink, context);
	if (!w->decoder || !w->engine) {
		worker_free(w);
		return NULL;
	}
	if (key)
		engine_set_key(w->engine, key);
	return w;
}

void worker_free(struct worker *w)
{
	if (!w)
		return;
	engine_free(w->engine);
	decoder_free(w->decoder);
	free(w);
}

void worker_ask_for(struct worker *w, uint32_t datasets, const char *observer)
{
	engine_set_datasets(w->engine, datasets);
	engine_set_observer(w->engine, observer);
}

void worker_remember(struct worker *w, struct recent *recent)
{
	w->recent = recent;
}

static void set_source(struct worker *w, const struct frame *frame, const char *interface)
{
	engine_set_source(w->engine, frame->file, frame->interface);
	w->file = frame->file;
	snprintf(w->interface, sizeof(w->interface), "%s", interface);
}

struct engine *worker_engine(const struct worker *w)
{
	return w->engine;
}

void worker_decode(struct worker *w, const struct frame *frame)
{
	UNINITIALIZED struct packet packet; /* decode fills it */

	if (decode(w->decoder, frame->link_type, frame->data, frame->wire_size, frame->time_ns, &packet) != DECODED)
		return;
	packet.number = frame->number;
	engine_packet(w->engine, &packet);
}

void worker_frame(struct worker *w, const struct frame *frame)
{
	UNINITIALIZED struct packet packet; /* decode fills it */
	const char *interface = frame->interface ? frame->interface : "";

	enum decoded decoded = decode(w->decoder, frame->link_type, frame->data, frame->wire_size, frame->time_ns, &packet);
	if (decoded != DECODED && decoded != DECODED_ARP)
		return;
	packet.number = frame->number;
	if (w->recent)
		recent_add(w->recent, frame, &packet);
	if (unlikely(frame->file != w->file || strncmp(interface, w->interface, sizeof(w->interface) - 1) != 0))
		set_source(w, frame, interface);
	engine_packet(w->engine, &packet);
}

void worker_tick(struct worker *w, uint64_t now_ns)
{
	engine_tick(w->engine, now_ns);
}

void worker_finish(struct worker *w)
{
	engine_finish(w->engine);
}

const struct decoder_counts *worker_decoder_counts(const struct worker *w)
{
	return decoder_counts(w->decoder);
}

const struct engine_counts *worker_engine_counts(const struct worker *w)
{
	return engine_counts(w->engine);
}
