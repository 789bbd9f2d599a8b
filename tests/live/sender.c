/* SPDX-License-Identifier: BSD-2-Clause
 * Sends the frames of a capture over an interface and writes down what it sent with the time it did, so that a replay of
 * that sees what a sensor on the other end saw.
 *
 *   sender INTERFACE RECORD.pcap CAPTURE… [options]
 *   -s FACTOR   keeps the pace of the capture, so much faster (default: as fast as 20,000 frames a second)
 *   -v VLAN     puts a tag into every frame
 *   -f N        sends N SYNs from as many invented hosts too, as fast as it can */
#include <errno.h>
#include <getopt.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pcap.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <linux/if_packet.h>
#include <time.h>
#include <unistd.h>

#define FRAME_MAX 262144
#define PACE_NS 50000 /* without -s */

struct sender {
	int socket;
	pcap_dumper_t *record;
	double factor;
	unsigned vlan;
	unsigned long sent, refused;
	uint64_t first_ns, began_ns; /* of this capture: its own time, ours */
	uint8_t frame[FRAME_MAX + 4];
};

static uint64_t now_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void sleep_until(uint64_t ns)
{
	struct timespec t = { (time_t)(ns / 1000000000), (long)(ns % 1000000000) };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

static int open_socket(const char *interface)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_protocol = 0 };
	int s = socket(AF_PACKET, SOCK_RAW, 0), size = 64 << 20;

	to.sll_ifindex = (int)if_nametoindex(interface);
	if (s < 0 || to.sll_ifindex == 0 || bind(s, (struct sockaddr *)&to, sizeof(to)) != 0) {
		fprintf(stderr, "sender: %s: %s\n", interface, strerror(errno));
		exit(2);
	}
	setsockopt(s, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	return s;
}

static void put(struct sender *s, const uint8_t *frame, size_t size)
{
	struct pcap_pkthdr h = { .caplen = (bpf_u_int32)size, .len = (bpf_u_int32)size };

	while (send(s->socket, frame, size, 0) < 0) {
		if (errno == ENOBUFS || errno == EAGAIN || errno == EINTR) {
			usleep(100);
			continue;
		}
		s->refused++;
		return;
	}
	uint64_t ns = now_ns(CLOCK_REALTIME);
	h.ts.tv_sec = (time_t)(ns / 1000000000);
	h.ts.tv_usec = (suseconds_t)(ns % 1000000000); /* the file's are nanoseconds */
	s->sent++;
	if (s->record)
		pcap_dump((u_char *)s->record, &h, frame);
}

static void send_frame(struct sender *s, const uint8_t *frame, size_t size)
{
	if (size < 14 || size > FRAME_MAX)
		return;
	if (!s->vlan) {
		put(s, frame, size);
		return;
	}
	memcpy(s->frame, frame, 12);
	s->frame[12] = 0x81;
	s->frame[13] = 0;
	s->frame[14] = (uint8_t)(s->vlan >> 8);
	s->frame[15] = (uint8_t)s->vlan;
	memcpy(s->frame + 16, frame + 12, size - 12);
	put(s, s->frame, size + 4);
}

static bool send_capture(struct sender *s, const char *path)
{
	char why[PCAP_ERRBUF_SIZE];
	pcap_t *p = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, why);
	struct pcap_pkthdr *h;
	const u_char *frame;

	if (!p || pcap_datalink(p) != DLT_EN10MB) {
		fprintf(stderr, "sender: %s: %s\n", path, p ? "not Ethernet" : why);
		return false;
	}
	s->began_ns = now_ns(CLOCK_MONOTONIC);
	for (uint64_t n = 0; pcap_next_ex(p, &h, &frame) == 1; n++) {
		uint64_t ns = (uint64_t)h->ts.tv_sec * 1000000000 + (uint64_t)h->ts.tv_usec;
		if (n == 0)
			s->first_ns = ns;
		uint64_t after = s->factor > 0 ? (uint64_t)((double)(ns > s->first_ns ? ns - s->first_ns : 0) / s->factor) : n * PACE_NS;
		sleep_until(s->began_ns + after);
		send_frame(s, frame, h->caplen);
	}
	pcap_close(p);
	return true;
}

/* SYNs of hosts that are none; what answers them is nobody. */
static void flood(struct sender *s, unsigned long n)
{
	uint8_t frame[60] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, 6 };

	frame[30] = 203;
	frame[32] = 113;
	frame[33] = 9;
	frame[37] = 80; /* destination port */
	frame[46] = 0x50;
	frame[47] = 2;
	for (unsigned long i = 0; i < n; i++) {
		frame[26] = 10;
		frame[27] = (uint8_t)(i >> 16);
		frame[28] = (uint8_t)(i >> 8);
		frame[29] = (uint8_t)i;
		frame[34] = (uint8_t)(4 + (i >> 24));
		put(s, frame, sizeof(frame));
	}
}

int main(int argc, char **argv)
{
	static struct sender s;
	unsigned long invented = 0;
	pcap_t *dead = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, FRAME_MAX, PCAP_TSTAMP_PRECISION_NANO);
	int option;
	bool ok = true;

	while ((option = getopt(argc, argv, "s:v:f:")) != -1) {
		if (option == 's')
			s.factor = strtod(optarg, NULL);
		else if (option == 'v')
			s.vlan = (unsigned)strtoul(optarg, NULL, 10);
		else if (option == 'f')
			invented = strtoul(optarg, NULL, 10);
		else
			return 2;
	}
	if (argc - optind < 2)
		return 2;
	s.socket = open_socket(argv[optind]);
	if (strcmp(argv[optind + 1], "-") != 0)
		s.record = pcap_dump_open(dead, argv[optind + 1]);
	for (int i = optind + 2; i < argc; i++)
		ok = send_capture(&s, argv[i]) && ok;
	flood(&s, invented);
	if (s.record)
		pcap_dump_close(s.record);
	pcap_close(dead);
	close(s.socket);
	printf("%lu sent, %lu refused\n", s.sent, s.refused);
	return ok && s.refused == 0 ? 0 : 1;
}
