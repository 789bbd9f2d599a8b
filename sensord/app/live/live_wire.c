/* SPDX-License-Identifier: BSD-2-Clause */
#include "live_wire.h"

#include <stdio.h>
#include <string.h>

void wire_group_init(struct wire_group *g)
{
	atomic_init(&g->open, 0);
	atomic_init(&g->number, -1);
	atomic_init(&g->generation, 0);
}

static void set_problem(struct wire *w, const char *why)
{
	snprintf(w->shown.problem, sizeof(w->shown.problem), "%.*s", (int)sizeof(w->shown.problem) - 1, why);
}

/* A group whose last member went has ended with it. */
static bool open_socket(struct wire *w, struct error *err)
{
	struct capture_live_settings settings = w->settings;
	int number = w->first ? -1 : atomic_load(&w->group->number);

	settings.group = w->alone ? NULL : &number;
	w->capture = capture_live_open(&settings, err);
	if (!w->capture)
		return false;
	atomic_fetch_add(&w->group->open, 1);
	if (w->first) {
		atomic_store(&w->group->number, number);
		atomic_fetch_add(&w->group->generation, 1);
	}
	w->generation = atomic_load(&w->group->generation);
	w->up = true;
	set_problem(w, "");
	return true;
}

bool wire_open(struct wire *w, struct wire_group *g, const struct capture_live_settings *settings, bool first, bool alone,
	       struct error *err)
{
	w->group = g;
	w->settings = *settings;
	w->first = first;
	w->alone = alone;
	return open_socket(w, err);
}

static void read_counters(struct wire *w)
{
	struct capture_live_stats now;

	if (!w->capture || !capture_live_stats(w->capture, &now))
		return;
	w->shown.received = w->before.received + now.received;
	w->shown.dropped = w->before.dropped + now.dropped;
	w->shown.interface_dropped = w->before.interface_dropped + now.interface_dropped;
}

void wire_close(struct wire *w)
{
	if (!w->capture)
		return;
	read_counters(w);
	w->before = (struct capture_live_stats){ w->shown.received, w->shown.dropped, w->shown.interface_dropped };
	capture_live_close(w->capture);
	w->capture = NULL;
	w->up = false;
	atomic_fetch_sub(&w->group->open, 1);
}

int wire_read(struct wire *w, int max, capture_sink *sink)
{
	struct error err;

	if (!w->up)
		return -1;
	int n = capture_live_read(w->capture, max, sink, w, &err);
	if (n >= 0)
		return n;
	w->up = false; /* until it is looked at again */
	set_problem(w, err.text);
	return -1;
}

static void come_back(struct wire *w)
{
	struct error err;

	if (w->first ? atomic_load(&w->group->open) > 0 : atomic_load(&w->group->generation) == w->generation)
		return;
	if (open_socket(w, &err))
		w->shown.came_back++;
	else
		set_problem(w, err.text);
}

void wire_look(struct wire *w)
{
	enum capture_live_state state = w->capture ? capture_live_look(w->capture) : CAPTURE_GONE;

	if (state == CAPTURE_UP && !w->up) {
		w->up = true;
		w->shown.came_back++;
		set_problem(w, "");
	} else if (state == CAPTURE_DOWN) {
		w->up = false;
		set_problem(w, "the interface is down");
	} else if (state == CAPTURE_GONE) {
		if (w->capture)
			set_problem(w, "the interface was removed");
		wire_close(w);
		come_back(w);
	}
	read_counters(w);
	w->shown.up = w->up;
}
