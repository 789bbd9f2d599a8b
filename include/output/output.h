/* SPDX-License-Identifier: BSD-2-Clause
 * Where alerts and records go. An output takes finished lines; it never looks into a record. The program ignores
 * SIGPIPE, so that a reader gone is an error like any other.
 *
 * Two ways of life. Synchronous (output_open_file; replay): a line is written by the caller's thread, byte for byte, and
 * an error is the caller's. Fed (output_open, output_start; run): a thread of the output's own takes lines from a bounded
 * queue; output_put never waits for a disk or a socket and never fails on one. While the far end is away lines wait in
 * memory, and on disk where a spool is given; afterwards they go out in the order they came. A line is forgotten when it
 * is acknowledged: written (and synced, where `fsync` is always) for a file; taken by the peer's kernel on a connection
 * that goes on living for TCP and TLS, which know no better; reported delivered by Kafka. What was not acknowledged when
 * a connection died is sent again, so that a peer may see a line twice, and never misses one that it could have had. */
#ifndef OUTPUT_OUTPUT_H
#define OUTPUT_OUTPUT_H

#include "base/bytes.h"
#include "base/error.h"

#define OUTPUT_LINE_MAX 65535u            /* bytes of one line, without its end */
#define OUTPUT_QUEUE_BYTES (16u << 20)    /* lines of one output in memory, at most; the oldest goes first */
#define OUTPUT_TAG 32                     /* bytes of a tag */

struct output;

enum output_what { OUTPUT_ALERTS = 1, OUTPUT_RECORDS = 2 };
enum output_sync { OUTPUT_SYNC_NEVER, OUTPUT_SYNC_INTERVAL, OUTPUT_SYNC_ALWAYS };

/* Nanoseconds: since 1970 (names of rotated files), and of a clock that never jumps (pauses). */
struct output_clock {
	uint64_t (*wall)(void);
	uint64_t (*steady)(void);
};

/* One output as the site file describes it; texts are the caller's until output_open returns. */
struct output_settings {
	const char *type;              /* a row of the table of kinds: file, stdout, syslog, kafka */
	const char *path;              /* file */
	const char *target;            /* syslog: local[:PATH], udp://HOST[:PORT], tcp://, tls://; kafka://HOST:PORT[,…] */
	const char *format;            /* syslog: rfc5424 (default), cee, json */
	const char *site;              /* HOSTNAME of syslog, key of Kafka */
	const char *topic;             /* kafka */
	const char *framing;           /* syslog over tcp and tls: octets (default) or lines */
	const char *facility;          /* syslog; default local0 */
	const char *ca, *certificate, *key; /* tls: PEM files; ca NULL: those of the system */
	bool unverified;               /* tls: anybody may answer */
	const char *spool;             /* folder where lines wait; NULL: in memory only */
	uint64_t spool_bytes;
	enum output_sync sync;
	uint64_t rotate_bytes, rotate_ns; /* file: begin a new one at this size or age; 0: never */
	unsigned rotate_keep;          /* rotated files that stay; 0: all */
	bool rotate_compress;
	bool chain;                    /* file */
	unsigned what;                 /* enum output_what together; 0: alerts */
	uint64_t min_severity;         /* event.severity of alerts */
	struct output_clock clock;
};

/* One line, without its end, and what a header may say of it. */
struct output_item {
	struct bytes line;
	struct bytes tag;   /* rule id, or kind of record; cut at OUTPUT_TAG */
	uint64_t time_ns;   /* of the packet; 0 unknown */
	int severity;       /* of syslog, 0 to 7 */
	enum output_what what;
	uint64_t event_severity;
};

enum output_event {
	OUTPUT_AWAY,    /* it does not go on: detail says why; once an outage */
	OUTPUT_BACK,    /* it goes on; count: lines lost meanwhile */
	OUTPUT_LOST,    /* memory and spool are full, the oldest lines go; once an outage */
	OUTPUT_REFUSED, /* a line that this output can never carry; the first of them only */
	OUTPUT_ROTATE_FAILED,
	OUTPUT_DAMAGED, /* spool or chain: what was found on disk is not what was left there */
	OUTPUT_NOTED    /* nothing is wrong; for the log */
};
const char *output_event_name(enum output_event e);

struct output_told {
	enum output_event event;
	uint64_t count;
	char detail[400];
};

struct output_stats {
	char name[128];            /* "file /var/log/sensord/alerts.json" */
	bool away;
	uint64_t lines;            /* taken from the caller */
	uint64_t sent;             /* acknowledged */
	uint64_t resent;           /* sent again because a connection died */
	uint64_t spooled;          /* lines written to the spool */
	uint64_t lost, refused;
	uint64_t connects;         /* times it was opened or connected */
	uint64_t waiting_lines;    /* in memory, the ones on their way included */
	uint64_t waiting_bytes, spool_bytes;
	char last_error[400];
};

/* dest: "-" is standard output; anything else a file, opened for appending (replay: truncated where `fresh`). */
struct output *output_open_file(const char *dest, bool fresh, struct error *err) MUST_CHECK;

/* Checks the settings, reads keys and certificates, opens files, folders and spools: what needs privileges. A far end that
 * is away is no error. Lines may be put from now on. */
struct output *output_open(const struct output_settings *s, struct error *err) MUST_CHECK;
/* The same checks without leaving anything open or made; used by `sensord check`. */
bool output_check(const struct output_settings *s, struct error *err) MUST_CHECK;
/* Starts the thread of a fed output. Privileges may have been dropped in between. */
bool output_start(struct output *o, struct error *err) MUST_CHECK;
bool output_wants(const struct output *o, enum output_what what, uint64_t event_severity);
/* One line. Synchronous: written whole or not at all; false: err says why (disk full, reader gone). Fed: false only for
 * what is no line. */
bool output_put(struct output *o, const struct output_item *item, struct error *err) MUST_CHECK;
bool output_line(struct output *o, struct bytes line, int severity, struct error *err) MUST_CHECK;
/* A new file: renamed away where `rotate` is set up, reopened under its name where it is not (logrotate). Fed: asks for
 * it; what comes of it is told. */
bool output_reopen(struct output *o, struct error *err) MUST_CHECK;
/* Synchronous: writes what is buffered. Fed: nothing to do. */
bool output_flush(struct output *o, struct error *err) MUST_CHECK;
/* What has happened since, oldest first; false where there is nothing more. Any thread. */
bool output_told(struct output *o, struct output_told *ret);
void output_stats(struct output *o, struct output_stats *ret); /* any thread */
/* Fed: waits up to patience_ms for the far end; what is left then goes to the spool. False where lines are lost: err
 * says how many. */
bool output_finish(struct output *o, unsigned patience_ms, struct error *err);
/* What is still buffered is written if it can be: flush or finish before, to know. */
void output_close(struct output *o);

/* Syslog severity (2 critical … 6 informational) of an event.severity of 0 to 100. */
int output_severity(uint64_t event_severity);

#endif
