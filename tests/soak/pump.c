/* SPDX-License-Identifier: BSD-2-Clause
 * Sends the frames of captures over an interface, from memory, again and again, at a rate that is held.
 *
 *   pump [-r FRAMES_A_SECOND] [-t SECONDS] [-w RECORD.pcap] INTERFACE CAPTURE…
 *   -r   without it, as fast as the kernel takes them
 *   -t   so long, from the beginning again where all were sent; without it, each frame once
 *   -w   writes down the first pass, each frame with the time it was sent at
 * SIGTERM ends it. Closes with one line: what was sent, what the kernel refused, and in what time. Captures that are not
 * Ethernet, or no captures, are left out. */
#include <errno.h>
#include <getopt.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <pcap.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#define FRAME_MOST 65549                 /* 65,535 and a header of Ethernet */
#define BYTES_MOST ((size_t)512 << 20)   /* of all captures */
#define FRAMES_MOST ((size_t)8 << 20)
#define BATCH 64                         /* frames a call */
#define TURN_NS 1000000                  /* what is due is sent this often */
#define S_NS 1000000000ULL

struct pump {
	struct iovec *frames;
	size_t n_frames, n_room;
	size_t bytes;
	int socket;
	uint64_t rate, until_ns, began_ns;
	uint64_t sent, refused;
	pcap_dumper_t *record;
	struct mmsghdr batch[BATCH];
};

static volatile sig_atomic_t told_to_end;

static void on_signal(int number)
{
	(void)number;
	told_to_end = 1;
}

static uint64_t now_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * S_NS + (uint64_t)t.tv_nsec;
}

/* ---- what is sent ---- */

static bool keep(struct pump *p, const uint8_t *frame, size_t size)
{
	if (p->n_frames == FRAMES_MOST || p->bytes + size > BYTES_MOST)
		return false;
	if (p->n_frames == p->n_room) {
		size_t room = p->n_room ? 2 * p->n_room : 4096;
		struct iovec *more = reallocarray(p->frames, room, sizeof(*more));
		if (!more)
			return false;
		p->frames = more;
		p->n_room = room;
	}
	void *copy = malloc(size);
	if (!copy)
		return false;
	memcpy(copy, frame, size);
	p->frames[p->n_frames++] = (struct iovec){ copy, size };
	p->bytes += size;
	return true;
}

static bool load(struct pump *p, const char *path)
{
	char why[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *h;
	const u_char *frame;
	pcap_t *capture = pcap_open_offline(path, why);
	bool room = true;

	while (capture && pcap_datalink(capture) == DLT_EN10MB && room && pcap_next_ex(capture, &h, &frame) == 1)
		if (h->caplen >= 14 && h->caplen <= FRAME_MOST)
			room = keep(p, frame, h->caplen);
	if (capture)
		pcap_close(capture);
	return room;
}

/* ---- sending ---- */

static bool open_socket(struct pump *p, const char *interface)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(interface) };
	int size = 16 << 20;

	p->socket = socket(AF_PACKET, SOCK_RAW, 0);
	if (p->socket < 0 || to.sll_ifindex == 0 || bind(p->socket, (struct sockaddr *)&to, sizeof(to)) != 0) {
		fprintf(stderr, "pump: %s: %s\n", interface, strerror(errno));
		return false;
	}
	setsockopt(p->socket, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	return true;
}

static void write_down(struct pump *p, const struct iovec *frames, size_t n)
{
	uint64_t ns = now_ns(CLOCK_REALTIME);

	for (size_t i = 0; i < n; i++) {
		struct pcap_pkthdr h = { .caplen = (bpf_u_int32)frames[i].iov_len, .len = (bpf_u_int32)frames[i].iov_len };
		h.ts.tv_sec = (time_t)(ns / S_NS);
		h.ts.tv_usec = (suseconds_t)(ns % S_NS); /* the file's are nanoseconds */
		pcap_dump((u_char *)p->record, &h, frames[i].iov_base);
	}
}

/* Returns how many frames are done with: sent, or refused for good. */
static size_t send_some(struct pump *p, struct iovec *frames, size_t n)
{
	static const struct timespec nap = { 0, 100000 };

	for (size_t i = 0; i < n; i++)
		p->batch[i].msg_hdr = (struct msghdr){ .msg_iov = &frames[i], .msg_iovlen = 1 };
	int done = sendmmsg(p->socket, p->batch, (unsigned)n, 0);
	if (done > 0) {
		p->sent += (uint64_t)done;
		if (p->record)
			write_down(p, frames, (size_t)done);
		return (size_t)done;
	}
	if (errno == ENOBUFS || errno == EAGAIN || errno == EINTR) {
		nanosleep(&nap, NULL);
		return 0;
	}
	p->refused++;
	return 1;
}

static uint64_t due(const struct pump *p)
{
	return p->rate ? (now_ns(CLOCK_MONOTONIC) - p->began_ns) / 1000 * p->rate / 1000000 : UINT64_MAX;
}

/* False where time is over. */
static bool one_pass(struct pump *p)
{
	static const struct timespec turn = { 0, TURN_NS };

	for (size_t i = 0; i < p->n_frames && !told_to_end;) {
		uint64_t done = p->sent + p->refused, wanted = due(p);
		if (p->until_ns && now_ns(CLOCK_MONOTONIC) >= p->until_ns)
			return false;
		if (wanted <= done) {
			nanosleep(&turn, NULL);
			continue;
		}
		size_t n = p->n_frames - i < BATCH ? p->n_frames - i : BATCH;
		i += send_some(p, p->frames + i, wanted - done < n ? (size_t)(wanted - done) : n);
	}
	return p->until_ns && !told_to_end;
}

static int run(struct pump *p, double seconds)
{
	unsigned passes = 0;

	p->began_ns = now_ns(CLOCK_MONOTONIC);
	p->until_ns = seconds > 0 ? p->began_ns + (uint64_t)(seconds * (double)S_NS) : 0;
	for (bool more = true; more; passes++) {
		more = one_pass(p);
		if (p->record)
			pcap_dump_close(p->record);
		p->record = NULL;
	}
	printf("%llu sent, %llu refused, %u passes of %zu frames (%zu bytes), %.3f s\n", (unsigned long long)p->sent,
	       (unsigned long long)p->refused, passes, p->n_frames, p->bytes,
	       (double)(now_ns(CLOCK_MONOTONIC) - p->began_ns) / (double)S_NS);
	return 0;
}

int main(int argc, char **argv)
{
	static struct pump p;
	const char *record = NULL;
	double seconds = 0;
	int option;

	while ((option = getopt(argc, argv, "r:t:w:")) != -1) {
		if (option == 'r')
			p.rate = strtoull(optarg, NULL, 10);
		else if (option == 't')
			seconds = strtod(optarg, NULL);
		else if (option == 'w')
			record = optarg;
		else
			return 2;
	}
	if (argc - optind < 2 || !open_socket(&p, argv[optind]))
		return 2;
	signal(SIGTERM, on_signal);
	for (int i = optind + 1; i < argc && load(&p, argv[i]); i++)
		;
	if (p.n_frames == 0) {
		fprintf(stderr, "pump: no Ethernet frames\n");
		return 2;
	}
	if (record) {
		pcap_t *dead = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, 262144, PCAP_TSTAMP_PRECISION_NANO);
		p.record = pcap_dump_open(dead, record);
		pcap_close(dead);
		if (!p.record)
			return 2;
	}
	return run(&p, seconds);
}
