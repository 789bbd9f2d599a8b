/* SPDX-License-Identifier: BSD-2-Clause
 * The part of a host name that somebody registers: two labels, or three below a suffix of two labels such as co.jp. A
 * short list of those stands here instead of the Public Suffix List: it decides only whether two names have one owner,
 * and a wrong answer weakens one informational comparison. */
#ifndef DETECT_REGISTRABLE_H
#define DETECT_REGISTRABLE_H

#include "base/bytes.h"

/* The view of the last labels, without a final dot; the whole name where it has fewer. */
struct bytes registrable_domain(struct bytes host);

#endif
