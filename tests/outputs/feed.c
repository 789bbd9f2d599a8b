/* SPDX-License-Identifier: BSD-2-Clause
 * feed KEY=VALUE…: lines of standard input to one output, what the output tells to standard output, counters at the end.
 * Keys are those of the site file (spool_kib and rotate_kib count in KiB); pace=N: so many lines a second; patience=MS. Exit 0 where all
 * was delivered, 1 where something was left or lost. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/instant.h"
#include "output/output.h"

static uint64_t read_clock(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}
static uint64_t wall(void) { return read_clock(CLOCK_REALTIME); }
static uint64_t steady(void) { return read_clock(CLOCK_MONOTONIC); }

static bool take(struct output_settings *s, const char *key, const char *value)
{
	const struct { const char *key; const char **to; } texts[] = {
		{ "type", &s->type }, { "path", &s->path }, { "target", &s->target }, { "format", &s->format }, { "framing", &s->framing },
		{ "ca", &s->ca }, { "certificate", &s->certificate }, { "key", &s->key }, { "spool", &s->spool }, { "topic", &s->topic },
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (strcmp(texts[i].key, key) == 0) {
			*texts[i].to = value;
			return true;
		}
	unsigned long n = strtoul(value, NULL, 10);
	if (strcmp(key, "spool_kib") == 0)
		s->spool_bytes = n << 10;
	else if (strcmp(key, "rotate_kib") == 0)
		s->rotate_bytes = n << 10;
	else if (strcmp(key, "chain") == 0)
		s->chain = n != 0;
	else if (strcmp(key, "fsync") == 0)
		s->sync = strcmp(value, "always") == 0 ? OUTPUT_SYNC_ALWAYS : OUTPUT_SYNC_NEVER;
	else
		return false;
	return true;
}

static void hear(struct output *o)
{
	struct output_told told;

	while (output_told(o, &told))
		printf("%s %llu %s\n", output_event_name(told.event), (unsigned long long)told.count, told.detail);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct output_settings s = { .spool_bytes = 64 << 20, .site = "test", .clock = { wall, steady } };
	unsigned long pace = 0, patience = 3000;
	struct error err = { .text = "" };
	struct output_stats stats;
	char *line = NULL;
	size_t room = 0, n = 0;
	ssize_t size;

	signal(SIGPIPE, SIG_IGN);
	for (int i = 1; i < argc; i++) {
		char *value = strchr(argv[i], '=');
		if (!value)
			return 2;
		*value++ = '\0';
		if (strcmp(argv[i], "pace") == 0)
			pace = strtoul(value, NULL, 10);
		else if (strcmp(argv[i], "patience") == 0)
			patience = strtoul(value, NULL, 10);
		else if (!take(&s, argv[i], value))
			return 2;
	}
	struct output *o = output_open(&s, &err);
	if (!o || !output_start(o, &err)) {
		fprintf(stderr, "feed: %s\n", err.text);
		return 2;
	}
	while ((size = getline(&line, &room, stdin)) > 0) {
		size -= line[size - 1] == '\n';
		if (!output_line(o, bytes_of(line, (size_t)size), 3, &err))
			fprintf(stderr, "feed: %s\n", err.text);
		n++;
		if (pace)
			poll(NULL, 0, (int)(1000 / pace));
		if (n % 64 == 0 || pace)
			hear(o);
	}
	bool fine = output_finish(o, (unsigned)patience, &err);
	hear(o);
	output_stats(o, &stats);
	printf("sent %llu spooled %llu lost %llu refused %llu connects %llu\n", (unsigned long long)stats.sent,
	       (unsigned long long)stats.spooled, (unsigned long long)stats.lost, (unsigned long long)stats.refused,
	       (unsigned long long)stats.connects);
	if (!fine)
		fprintf(stderr, "feed: %s\n", err.text);
	output_close(o);
	free(line);
	return fine && stats.lost == 0 ? 0 : 1;
}
