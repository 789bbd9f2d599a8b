/* SPDX-License-Identifier: BSD-2-Clause
 * Public holidays of Japan by law. */
#ifndef SITE_HOLIDAYS_H
#define SITE_HOLIDAYS_H

#include <stdbool.h>
#include <stdint.h>

/* A day off by the Act on National Holidays (Act 178 of 1948 as amended), substitute and citizens' holidays included.
 * Years 1949 to 2150; false outside. days: since 1970-01-01. */
bool holiday_japan(int64_t days);

#endif
