/* SPDX-License-Identifier: BSD-2-Clause
 * Files of one run, and the interfaces of one pcapng, may differ in their link type, and a compiled filter is for one
 * link type only: each is compiled when its first frame comes. */
#include "capture_filter.h"

#include <errno.h>
#include <pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"

#define FILTER_PROGRAMS 64 /* link types of one run */

struct program {
	int link_type;
	bool fits;
	struct bpf_program code;
	char why[PCAP_ERRBUF_SIZE];
};

struct capture_filter {
	char *expression;
	const char *why;
	size_t n_programs;
	struct program programs[FILTER_PROGRAMS];
};

static bool compile(struct program *p, int link_type, const char *expression)
{
	pcap_t *dead = pcap_open_dead_with_tstamp_precision(link_type, LIMIT_FRAME, PCAP_TSTAMP_PRECISION_NANO);

	p->link_type = link_type;
	p->fits = dead && pcap_compile(dead, &p->code, expression, 1, PCAP_NETMASK_UNKNOWN) == 0;
	if (!p->fits)
		snprintf(p->why, sizeof(p->why), "%s", dead ? pcap_geterr(dead) : strerror(ENOMEM));
	if (dead)
		pcap_close(dead);
	return p->fits;
}

static struct program *program_of(struct capture_filter *f, int link_type)
{
	for (size_t i = 0; i < f->n_programs; i++)
		if (f->programs[i].link_type == link_type)
			return &f->programs[i];
	if (f->n_programs == FILTER_PROGRAMS)
		return NULL;
	struct program *p = &f->programs[f->n_programs++];
	compile(p, link_type, f->expression);
	return p;
}

/* A slip in the expression shall be told before anything is read. The link types of the files are not known then, so an
 * expression is good if it fits one that a sensor can meet. */
struct capture_filter *capture_filter_new(const char *expression, struct error *err)
{
	static const int common[] = { DLT_EN10MB, DLT_RAW, DLT_LINUX_SLL, DLT_LINUX_SLL2, DLT_IEEE802_11_RADIO };
	struct capture_filter *f = calloc(1, sizeof(*f));

	if (f)
		f->expression = strdup(expression);
	if (!f || !f->expression) {
		error_set(err, "%s", strerror(ENOMEM));
		free(f);
		return NULL;
	}
	for (size_t i = 0; i < ARRAY_SIZE(common); i++)
		if (program_of(f, common[i])->fits)
			return f;
	error_set(err, "capture filter \"%s\": %s", expression, f->programs[0].why);
	capture_filter_free(f);
	return NULL;
}

void capture_filter_free(struct capture_filter *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n_programs; i++)
		if (f->programs[i].fits)
			pcap_freecode(&f->programs[i].code);
	free(f->expression);
	free(f);
}

enum filtered capture_filter_test(struct capture_filter *f, const struct frame *frame)
{
	struct program *p = program_of(f, frame->link_type);

	if (!p || !p->fits) {
		f->why = p ? p->why : "too many link types";
		return FILTER_UNFIT;
	}
	struct pcap_pkthdr h = { .caplen = (bpf_u_int32)frame->data.size, .len = frame->wire_size };
	return pcap_offline_filter(&p->code, &h, frame->data.at) ? FILTER_PASS : FILTER_DROP;
}

const char *capture_filter_why(const struct capture_filter *f)
{
	return f->why;
}

/* libpcap keeps its table to itself, but applies it to the header of every file it opens. */
int capture_link_type(uint16_t in_file)
{
	uint8_t header[24] = {
		0xa1, 0xb2, 0xc3, 0xd4, 0, 2, 0, 4, [17] = 1, [22] = (uint8_t)(in_file >> 8), [23] = (uint8_t)in_file,
	};
	char text[PCAP_ERRBUF_SIZE];
	FILE *file = fmemopen(header, sizeof(header), "r");

	if (!file)
		return -1;
	pcap_t *p = pcap_fopen_offline(file, text);
	if (!p) {
		fclose(file);
		return -1;
	}
	int link_type = pcap_datalink(p);
	pcap_close(p);
	return link_type;
}
