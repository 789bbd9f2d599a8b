/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

PRINTF(2, 0) static void fill(struct error *err, const char *format, va_list values)
{
	vsnprintf(err->text, sizeof(err->text), format, values);
}

bool error_set(struct error *err, const char *format, ...)
{
	va_list values;

	if (!err)
		return false;
	memset(err, 0, sizeof(*err));
	va_start(values, format);
	fill(err, format, values);
	va_end(values);
	return false;
}

bool error_at(struct error *err, const char *file, unsigned line, unsigned column, const char *format, ...)
{
	va_list values;

	if (!err)
		return false;
	memset(err, 0, sizeof(*err));
	snprintf(err->file, sizeof(err->file), "%s", file ? file : "");
	err->line = line;
	err->column = column;
	va_start(values, format);
	fill(err, format, values);
	va_end(values);
	return false;
}

const char *error_format(const struct error *err, char *out, unsigned long size)
{
	if (err->file[0] && err->line && err->column)
		snprintf(out, size, "%s:%u:%u: %s", err->file, err->line, err->column, err->text);
	else if (err->file[0] && err->line)
		snprintf(out, size, "%s:%u: %s", err->file, err->line, err->text);
	else if (err->file[0])
		snprintf(out, size, "%s: %s", err->file, err->text);
	else
		snprintf(out, size, "%s", err->text);
	return out;
}
