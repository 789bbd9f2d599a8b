/* SPDX-License-Identifier: BSD-2-Clause
 * The control socket: lines in (control_request.h), a line of JSON out for each, in the event loop. After `tail`, lines
 * go on until the client leaves; one that reads too slowly loses lines and is told how many. Clients, their input and
 * what waits for them are bounded; who may connect is decided by the socket's mode and checked again by the
 * credentials of the other side: root, the sensor's user, and members of its group. */
#ifndef APP_CONTROL_H
#define APP_CONTROL_H

#include "answer.h"
#include "base/error.h"
#include "control_request.h"
#include "watch.h"

struct event_base;
struct control;

/* Fills the answer's members; false: err goes back instead. tail is answered with what is known of the moment too. */
typedef bool control_answer(void *context, const struct control_request *q, struct answer *a, struct error *err);

/* Binds the path, mode 0660; a socket that nobody listens on any more is replaced. */
int control_bind(const char *path, struct error *err);
struct control *control_new(struct event_base *base, int listening, control_answer *answer, void *context, struct error *err);
void control_free(struct control *c);
/* A line for those who tail it. */
void control_tell(struct control *c, const struct watch_line *line);
/* Lines that nobody could take over from the detection thread in time. */
void control_lost(struct control *c, uint64_t lines);
/* Kinds of line that somebody tails. */
unsigned control_wants(const struct control *c);
size_t control_clients(const struct control *c);

#endif
