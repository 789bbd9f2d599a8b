/* SPDX-License-Identifier: BSD-2-Clause
 * Bulk traffic out of captures that are at hand: Ethernet, at least half a mebibyte, frames of about a kilobyte in the
 * mean and none larger than a link carries. Each round moves the IPv4 hosts inside: 10.x becomes another 10.x, 172.16.x
 * and 192.168.x stay in their networks, so that inside stays inside; the servers' network of site.yaml and everything
 * outside stay where they are. */
#include <stdlib.h>
#include <string.h>

#include "make_capture.h"

#define LEAST_BYTES (512u << 10)
#define MEAN_LEAST 700
#define MEAN_MOST 1400
#define ETHERNET 14
#define SOURCES 256

struct source {
	uint8_t *bytes; /* of all its frames */
	struct pcap_pkthdr *frames;
	size_t size, n;
};

static void source_release(struct source *s)
{
	free(s->bytes);
	free(s->frames);
	*s = (struct source){ 0 };
}

static bool append(struct source *s, const struct pcap_pkthdr *h, const uint8_t *data)
{
	if ((s->n & (s->n - 1)) == 0) {
		struct pcap_pkthdr *frames = realloc(s->frames, (s->n ? 2 * s->n : 1) * sizeof(*frames));
		if (!frames)
			return false;
		s->frames = frames;
	}
	uint8_t *bytes = realloc(s->bytes, s->size + h->caplen);
	if (!bytes)
		return false;
	s->bytes = bytes;
	memcpy(bytes + s->size, data, h->caplen);
	s->size += h->caplen;
	s->frames[s->n++] = *h;
	return true;
}

static bool is_bulk(const struct source *s)
{
	return s->size >= LEAST_BYTES && s->size / s->n >= MEAN_LEAST && s->size / s->n <= MEAN_MOST;
}

static bool source_read(struct source *s, const char *path)
{
	char text[PCAP_ERRBUF_SIZE];
	pcap_t *p = pcap_open_offline(path, text);
	struct pcap_pkthdr *h;
	const u_char *data;

	if (!p)
		return false;
	bool fine = pcap_datalink(p) == DLT_EN10MB;
	while (fine && pcap_next_ex(p, &h, &data) == 1)
		fine = append(s, h, data);
	pcap_close(p);
	if (fine && is_bulk(s))
		return true;
	source_release(s);
	return false;
}

static void move_host(uint8_t *a, unsigned round)
{
	if (a[0] == 10 && !(a[1] == 1 && a[2] >= 100))
		a[1] = (uint8_t)(a[1] + 1 + round % 250);
	else if (a[0] == 192 && a[1] == 168)
		a[2] = (uint8_t)(a[2] + round);
	else if (a[0] == 172 && a[1] >= 16 && a[1] < 32)
		a[2] = (uint8_t)(a[2] + round);
}

static uint64_t time_of(const struct pcap_pkthdr *h)
{
	return (uint64_t)h->ts.tv_sec * 1000000000 + (uint64_t)h->ts.tv_usec * 1000;
}

/* Writes all frames from start_ns on; returns the time of the last one. */
static uint64_t write_round(struct capture *c, const struct source *s, unsigned round, uint64_t start_ns)
{
	uint8_t *frame = s->bytes;
	uint64_t first_ns = time_of(&s->frames[0]), last_ns = start_ns;

	for (size_t i = 0; i < s->n; i++) {
		const struct pcap_pkthdr *h = &s->frames[i];
		bool v4 = h->caplen >= ETHERNET + 20 && frame[12] == 0x08 && frame[13] == 0x00;
		uint8_t kept[8];
		if (v4) {
			memcpy(kept, frame + ETHERNET + 12, 8);
			move_host(frame + ETHERNET + 12, round);
			move_host(frame + ETHERNET + 16, round);
		}
		if (time_of(h) >= first_ns && start_ns + time_of(h) - first_ns > last_ns)
			last_ns = start_ns + time_of(h) - first_ns;
		capture_write(c, last_ns, frame, h->caplen, h->len);
		if (v4)
			memcpy(frame + ETHERNET + 12, kept, 8);
		frame += h->caplen;
	}
	return last_ns;
}

bool make_mixed(struct capture *c, uint64_t size, char **paths, size_t n)
{
	struct source sources[SOURCES];
	size_t used = 0;
	uint64_t time_ns = CAPTURE_START_NS;

	for (size_t i = 0; i < n && used < SOURCES; i++) {
		sources[used] = (struct source){ 0 };
		if (!source_read(&sources[used], paths[i]))
			continue;
		printf("  %s\n", paths[i]);
		used++;
	}
	for (unsigned round = 0; used > 0 && c->file_size < size; round++)
		for (size_t i = 0; i < used && c->file_size < size; i++)
			time_ns = write_round(c, &sources[i], round, time_ns) + 1000000;
	for (size_t i = 0; i < used; i++)
		source_release(&sources[i]);
	return used > 0;
}
