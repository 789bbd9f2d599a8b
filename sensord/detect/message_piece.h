/* SPDX-License-Identifier: BSD-2-Clause
 * A compiled template: what message_compile.c makes and message.c writes out. */
#ifndef DETECT_MESSAGE_PIECE_H
#define DETECT_MESSAGE_PIECE_H

#include "message.h"

enum style { STYLE_PLAIN, STYLE_SIZE, STYLE_SPAN, STYLE_PERCENT };

enum source { FROM_FIELD, FROM_TEXT, FROM_SPAN };

struct choice {
	enum source source;
	enum style style;
	enum field field;
	struct bytes text;
};

struct piece {
	unsigned part;     /* number of the optional part it stands in; 0: none */
	size_t n_choices;  /* 0: a literal */
	struct bytes text; /* literal */
	struct choice choices[MESSAGE_CHOICES];
};

struct message {
	enum language language;
	char *template; /* literals are views of it */
	struct piece *pieces;
	size_t n_pieces, room;
};

#endif
