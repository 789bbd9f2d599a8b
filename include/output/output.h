/* SPDX-License-Identifier: BSD-2-Clause
 * Where alerts and records go. An output takes finished lines; it never looks into a record. The program ignores
 * SIGPIPE, so that a reader gone is an error like any other. */
#ifndef OUTPUT_OUTPUT_H
#define OUTPUT_OUTPUT_H

#include "base/bytes.h"
#include "base/error.h"

struct output;

/* dest: "-" is standard output; anything else a file, opened for appending (replay: truncated where `fresh`). */
struct output *output_open_file(const char *dest, bool fresh, struct error *err) MUST_CHECK;
/* Local syslog socket (RFC 5424 header, facility local0; severity is that of the alert, 0 to 7). */
struct output *output_open_syslog(const char *socket_path, const char *tag, struct error *err) MUST_CHECK;
/* One line without its newline; written whole or not at all. False: err says why (disk full, reader gone). */
bool output_line(struct output *o, struct bytes line, int severity, struct error *err) MUST_CHECK;
/* Reopens the file under its name (log rotation). */
bool output_reopen(struct output *o, struct error *err) MUST_CHECK;
/* Writes what is buffered. */
bool output_flush(struct output *o, struct error *err) MUST_CHECK;
/* What is still buffered is written if it can be: flush before, to know. */
void output_close(struct output *o);

/* Syslog severity (2 critical … 6 informational) of an event.severity of 0 to 100. */
int output_severity(uint64_t event_severity);

#endif
