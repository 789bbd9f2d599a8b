/* SPDX-License-Identifier: BSD-2-Clause
 * Characters of the wire that must not reach an eye or a terminal as they are: those that leave no mark of their own, or
 * move the marks of others (C1 controls, bidirectional and zero-width characters, line separators, private use). */
#ifndef APP_UNSEEN_H
#define APP_UNSEEN_H

#include "base/bytes.h"

/* The character that *rest, which is not empty, begins with, moved behind it; U+FFFD for a byte that begins none
 * (RFC 3629). */
uint32_t unseen_next(struct bytes *rest);
/* C0 controls and DEL are not asked about: writers have their own pictures of them. */
bool unseen_is(uint32_t c);

#endif
