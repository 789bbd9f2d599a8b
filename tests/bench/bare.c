/* SPDX-License-Identifier: BSD-2-Clause
 * What reading alone costs: counts frames and bytes with pcap_next_ex. */
#include <pcap.h>
#include <stdint.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	char text[PCAP_ERRBUF_SIZE];
	pcap_t *p = argc == 2 ? pcap_open_offline_with_tstamp_precision(argv[1], PCAP_TSTAMP_PRECISION_NANO, text) : NULL;
	struct pcap_pkthdr *h;
	const u_char *data;
	uint64_t frames = 0, bytes = 0;

	if (!p) {
		fprintf(stderr, "bare: %s\n", argc == 2 ? text : "usage: bare CAPTURE");
		return 2;
	}
	while (pcap_next_ex(p, &h, &data) == 1) {
		frames++;
		bytes += h->len;
	}
	pcap_close(p);
	printf("%llu frames, %llu bytes\n", (unsigned long long)frames, (unsigned long long)bytes);
	return 0;
}
