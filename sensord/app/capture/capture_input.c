/* SPDX-License-Identifier: BSD-2-Clause
 * Source bytes through at most one codec at a time. Packed files may be several members one after the other (cat, pigz,
 * pzstd), each recognised anew; zeros behind the last one are padding. Bytes that are not packed go from the source
 * straight to the caller once those looked at for recognition are used up. */
#include "capture_input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture_codec.h"

#define INPUT_ROOM (64u << 10) /* packed bytes held */

struct capture_input {
	struct capture_source *source;
	uint64_t position;
	const struct codec *codec; /* of the member being read */
	void *codec_state;         /* NULL between members */
	bool packed;
	bool source_ended;
	enum input_state state;
	char damage[128];
	struct bytes rest;         /* of room, not used yet */
	uint8_t room[INPUT_ROOM];
};

static void damaged(struct capture_input *in, enum input_state state, const char *what, const char *why)
{
	in->state = state;
	snprintf(in->damage, sizeof(in->damage), "%s%s%s", what, why[0] ? ": " : "", why);
}

static ssize_t from_source(struct capture_input *in, void *to, size_t size)
{
	ssize_t got = in->source_ended ? 0 : capture_source_read(in->source, in->position, to, size);

	if (got <= 0)
		in->source_ended = true;
	if (got < 0)
		damaged(in, INPUT_UNREADABLE, strerror(errno), "");
	else
		in->position += (uint64_t)got;
	return got;
}

/* At least `least` bytes in rest, unless the source ends before. */
static void look_ahead(struct capture_input *in, size_t least)
{
	if (in->rest.size >= least)
		return;
	if (in->rest.size)
		memmove(in->room, in->rest.at, in->rest.size);
	in->rest.at = in->room;
	while (in->rest.size < least) {
		ssize_t got = from_source(in, in->room + in->rest.size, INPUT_ROOM - in->rest.size);
		if (got <= 0)
			return;
		in->rest.size += (size_t)got;
	}
}

struct capture_input *capture_input_open(struct capture_source *s)
{
	struct capture_input *in = malloc(sizeof(*in));

	if (!in)
		return NULL;
	memset(in, 0, offsetof(struct capture_input, room));
	in->source = s;
	in->rest = bytes_of(in->room, 0);
	look_ahead(in, CODEC_HEAD);
	in->packed = codec_find(in->rest) != NULL;
	return in;
}

static void member_end(struct capture_input *in)
{
	if (in->codec_state)
		in->codec->end(in->codec_state);
	in->codec_state = NULL;
}

void capture_input_close(struct capture_input *in)
{
	if (!in)
		return;
	member_end(in);
	free(in);
}

static bool only_zeros(struct bytes b)
{
	for (size_t i = 0; i < b.size; i++)
		if (b.at[i])
			return false;
	return true;
}

/* False at the end of the data, or where something else than a member follows. */
static bool member_start(struct capture_input *in)
{
	look_ahead(in, CODEC_HEAD);
	const struct codec *codec = codec_find(in->rest);
	while (!codec && in->rest.size > 0) {
		if (!only_zeros(in->rest)) {
			damaged(in, INPUT_DAMAGED, in->codec->name, "something else follows the packed data");
			return false;
		}
		in->rest.size = 0;
		look_ahead(in, 1);
	}
	if (!codec)
		return false;
	in->codec = codec;
	in->codec_state = codec->start();
	if (!in->codec_state)
		damaged(in, INPUT_UNREADABLE, strerror(ENOMEM), "");
	return in->codec_state != NULL;
}

static size_t unpack(struct capture_input *in, uint8_t *to, size_t size)
{
	while (in->state == INPUT_FINE && size > 0) {
		if (!in->codec_state && !member_start(in))
			return 0;
		size_t made = 0;
		const char *why = "";
		size_t before = in->rest.size;
		enum unpacked result = in->codec->step(in->codec_state, &in->rest, to, size, &made, &why);
		if (result == UNPACKED_MEMBER)
			member_end(in);
		else if (result == UNPACKED_DAMAGED)
			damaged(in, INPUT_DAMAGED, in->codec->name, why);
		else if (made == 0 && before > 0 && in->rest.size == before)
			damaged(in, INPUT_DAMAGED, in->codec->name, "unpacking does not go on");
		else if (made == 0 && in->rest.size == 0) {
			look_ahead(in, 1);
			if (in->rest.size == 0 && in->state == INPUT_FINE)
				damaged(in, INPUT_CUT, in->codec->name, "the packed data ends early");
		}
		if (made > 0)
			return made;
	}
	return 0;
}

static ssize_t as_it_is(struct capture_input *in, void *to, size_t size)
{
	if (in->rest.size == 0)
		return from_source(in, to, size);
	if (size > in->rest.size)
		size = in->rest.size;
	memcpy(to, in->rest.at, size);
	in->rest = bytes_of(in->rest.at + size, in->rest.size - size);
	return (ssize_t)size;
}

ssize_t capture_input_read(struct capture_input *in, void *to, size_t size)
{
	if (!in->packed)
		return as_it_is(in, to, size);
	size_t made = unpack(in, to, size);
	return made == 0 && in->state == INPUT_UNREADABLE ? -1 : (ssize_t)made;
}

size_t capture_input_fill(struct capture_input *in, void *to, size_t size)
{
	size_t have = 0;

	while (have < size) {
		ssize_t got = capture_input_read(in, (uint8_t *)to + have, size - have);
		if (got <= 0)
			break;
		have += (size_t)got;
	}
	return have;
}

enum input_state capture_input_state(const struct capture_input *in)
{
	return in->state;
}

const char *capture_input_damage(const struct capture_input *in)
{
	return in->damage;
}

uint64_t capture_input_position(const struct capture_input *in)
{
	return in->position - in->rest.size;
}
