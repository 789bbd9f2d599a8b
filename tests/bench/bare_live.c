/* SPDX-License-Identifier: BSD-2-Clause
 * What reading an interface alone costs: counts frames with pcap_dispatch and a ring of the given size, as sensord would
 * open it, until SIGTERM.
 *
 *   bare_live INTERFACE RING_MIB      says "ready" when it is, and at the end what it got, what was dropped, its CPU time */
#include <pcap.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#define BLOCK_MS 100 /* as sensord's capture workers */
#define SNAP 262144

static pcap_t *capture;
static volatile sig_atomic_t told_to_end;

static void on_signal(int number)
{
	(void)number;
	told_to_end = 1;
	pcap_breakloop(capture);
}

static void count(u_char *user, const struct pcap_pkthdr *h, const u_char *data)
{
	uint64_t *counts = (uint64_t *)(void *)user;

	(void)data;
	counts[0]++;
	counts[1] += h->len;
}

static int open_ring(const char *interface, int mib)
{
	char text[PCAP_ERRBUF_SIZE];

	capture = pcap_create(interface, text);
	if (!capture) {
		fprintf(stderr, "bare_live: %s\n", text);
		return -1;
	}
	pcap_set_snaplen(capture, SNAP);
	pcap_set_promisc(capture, 1);
	pcap_set_timeout(capture, BLOCK_MS);
	pcap_set_buffer_size(capture, mib << 20);
	pcap_set_tstamp_precision(capture, PCAP_TSTAMP_PRECISION_NANO);
	if (pcap_activate(capture) >= 0)
		return 0;
	fprintf(stderr, "bare_live: %s: %s\n", interface, pcap_geterr(capture));
	return -1;
}

static double cpu_seconds(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
	struct sigaction end = { .sa_handler = on_signal };
	uint64_t counts[2] = { 0, 0 };
	struct pcap_stat s = { 0 };

	if (argc != 3 || open_ring(argv[1], atoi(argv[2])) != 0)
		return 2;
	sigaction(SIGTERM, &end, NULL);
	puts("ready");
	fflush(stdout);
	while (!told_to_end && pcap_dispatch(capture, -1, count, (u_char *)counts) != PCAP_ERROR)
		;
	pcap_stats(capture, &s);
	printf("%llu frames, %llu bytes, %u dropped, %.2f cpu s\n", (unsigned long long)counts[0], (unsigned long long)counts[1], s.ps_drop,
	       cpu_seconds());
	pcap_close(capture);
	return 0;
}
