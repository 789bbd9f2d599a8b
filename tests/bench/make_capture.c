/* SPDX-License-Identifier: BSD-2-Clause
 * Captures for measuring, the same bytes each time:
 *   make_capture empty OUT                    a file without packets
 *   make_capture short OUT                    100,000 small TCP connections and as many DNS exchanges
 *   make_capture live OUT                     1,000,000 connections that are all open at the end
 *   make_capture mixed OUT BYTES CAPTURE…     bulk traffic: those of the captures that fit, again and again with other
 *                                             addresses inside and later times, until OUT has BYTES
 *   make_capture smb OUT BYTES                one SMB 2 connection that writes and reads; smb3: encrypted
 *   make_capture logons OUT                   100,000 connections that log on with NTLM, ask for a share, and log off
 *   make_capture kerberos-udp OUT             100,000 AS and TGS exchanges, a port each; kerberos-tcp: a connection each
 * The network is that of site.yaml beside this file. IP headers have their checksum, TCP and UDP leave it out, as
 * captures on the sending host do. */
#include <pcap.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "make_capture.h"

#define CONVERSATIONS 100000
#define LIVE 1000000
#define TICK_NS UINT64_C(1000000) /* between two connections */
#define SPACING 4                 /* ticks between two packets of a conversation */
#define STEPS 24                  /* more than any conversation has packets */

enum { SYN = TCP_SYN, ACK = TCP_ACK, FIN = TCP_FIN, PSH = TCP_PSH };

struct frame {
	uint8_t bytes[2048];
	uint32_t size;
};

static void put8(struct frame *f, unsigned v)
{
	f->bytes[f->size++] = (uint8_t)v;
}

static void put16(struct frame *f, unsigned v)
{
	put8(f, v >> 8);
	put8(f, v & 255);
}

static void put32(struct frame *f, uint32_t v)
{
	put16(f, v >> 16);
	put16(f, v & 0xffff);
}

static void put(struct frame *f, const void *at, size_t size)
{
	memcpy(f->bytes + f->size, at, size);
	f->size += (uint32_t)size;
}

static void put_text(struct frame *f, const char *s)
{
	put(f, s, strlen(s));
}

/* ---- packets ---- */

static void set_checksum(uint8_t *header)
{
	uint32_t sum = 0;

	for (int i = 0; i < 20; i += 2)
		sum += (uint32_t)header[i] << 8 | header[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~(sum + (sum >> 16));
	header[10] = (uint8_t)(sum >> 8);
	header[11] = (uint8_t)sum;
}

/* Ethernet and IPv4; the segment's header and payload are `size` bytes. */
static void put_ip(struct frame *f, const struct ends *e, bool from_server, unsigned protocol, size_t size)
{
	uint32_t from = from_server ? e->server : e->client, to = from_server ? e->client : e->server;

	put16(f, 0x0200);
	put32(f, to);
	put16(f, 0x0200);
	put32(f, from);
	put16(f, 0x0800);
	uint8_t *header = f->bytes + f->size;
	put16(f, 0x4500);
	put16(f, (unsigned)(20 + size));
	put32(f, 0);
	put8(f, from_server ? 63 : 128);
	put8(f, protocol);
	put16(f, 0);
	put32(f, from);
	put32(f, to);
	set_checksum(header);
}

static void put_segment(struct frame *f, const struct ends *e, bool from_server, unsigned flags, uint32_t seq, uint32_t ack,
			const void *payload, size_t size)
{
	put_ip(f, e, from_server, 6, 20 + size);
	put16(f, from_server ? e->server_port : e->client_port);
	put16(f, from_server ? e->client_port : e->server_port);
	put32(f, seq);
	put32(f, ack);
	put16(f, 0x5000 | flags);
	put16(f, 64240);
	put32(f, 0);
	if (size)
		put(f, payload, size);
}

static void put_tcp(struct frame *f, const struct ends *e, bool from_server, unsigned flags, uint32_t seq, uint32_t ack,
		    const struct frame *payload)
{
	put_segment(f, e, from_server, flags, seq, ack, payload ? payload->bytes : NULL, payload ? payload->size : 0);
}

static void put_udp(struct frame *f, const struct ends *e, bool from_server, const struct frame *payload)
{
	put_ip(f, e, from_server, 17, 8 + payload->size);
	put16(f, from_server ? e->server_port : e->client_port);
	put16(f, from_server ? e->client_port : e->server_port);
	put16(f, 8 + payload->size);
	put16(f, 0);
	put(f, payload->bytes, payload->size);
}

void capture_write(struct capture *c, uint64_t time_ns, const uint8_t *bytes, uint32_t size, uint32_t wire_size)
{
	struct pcap_pkthdr h = { .caplen = size, .len = wire_size };

	h.ts.tv_sec = (long)(time_ns / 1000000000);
	h.ts.tv_usec = (long)(time_ns % 1000000000 / 1000);
	pcap_dump((u_char *)c->out, &h, bytes);
	c->packets++;
	c->bytes += wire_size;
	c->file_size += 16 + size;
}

static void write_frame(struct capture *c, uint64_t time_ns, const struct frame *f)
{
	capture_write(c, time_ns, f->bytes, f->size, f->size);
}

void capture_tcp(struct capture *c, uint64_t time_ns, const struct ends *e, bool from_server, unsigned flags, uint32_t seq,
		 uint32_t ack, const void *payload, size_t size)
{
	struct frame f;

	f.size = 0;
	put_segment(&f, e, from_server, flags, seq, ack, payload, size);
	write_frame(c, time_ns, &f);
}

void capture_udp(struct capture *c, uint64_t time_ns, const struct ends *e, bool from_server, const void *payload, size_t size)
{
	struct frame f, inner;

	f.size = inner.size = 0;
	put(&inner, payload, size);
	put_udp(&f, e, from_server, &inner);
	write_frame(c, time_ns, &f);
}

/* ---- conversations ---- */

enum kind { PLAIN, THROUGH_PROXY, CONNECT };

/* Nine of ten go to a server inside, the rest to the proxy, every third of them as a tunnel. */
static enum kind kind_of(uint32_t n)
{
	if (n % 10)
		return PLAIN;
	return n % 30 ? THROUGH_PROXY : CONNECT;
}

static struct ends ends_of(uint32_t n)
{
	struct ends e = { .client = 0x0a010a01 + n % 200, .client_port = (uint16_t)(20000 + n / 200 % 40000) };

	e.server = kind_of(n) == PLAIN ? 0x0a016414 + n % 7 : 0x0a01fa0a; /* 10.1.100.20 …, 10.1.250.10 */
	e.server_port = kind_of(n) == PLAIN ? 80 : 8080;
	return e;
}

static void put_request(struct frame *f, uint32_t n, const char *start)
{
	char text[600];

	snprintf(text, sizeof(text),
		 "%s HTTP/1.1\r\nHost: www%u.example.com\r\nUser-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) Gecko/20100101\r\n"
		 "Accept: text/html,application/xhtml+xml\r\nAccept-Language: en\r\n%sConnection: keep-alive\r\n\r\n",
		 start, n % 50, kind_of(n) == PLAIN ? "" : "Proxy-Authorization: Basic c2F0bzpzZWNyZXQ=\r\n");
	put_text(f, text);
}

static void put_response(struct frame *f)
{
	put_text(f, "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: text/html\r\nContent-Length: 64\r\nConnection: keep-alive\r\n\r\n");
	for (int i = 0; i < 64; i++)
		put8(f, 'x');
}

/* RFC 8446 section 4.1.2: three cipher suites, a server name, version 1.3. */
static void put_client_hello(struct frame *f, uint32_t n)
{
	char name[32];
	unsigned size = (unsigned)snprintf(name, sizeof(name), "www%u.example.com", n % 50);
	unsigned extensions = 9 + size + 7, body = 2 + 32 + 1 + 8 + 2 + 2 + extensions;

	put8(f, 22);
	put16(f, 0x0301);
	put16(f, body + 4);
	put8(f, 1);
	put8(f, 0);
	put16(f, body);
	put16(f, 0x0303);
	for (unsigned i = 0; i < 8; i++)
		put32(f, n * 2654435761u + i);
	put8(f, 0);
	put16(f, 6);
	put16(f, 0x1301);
	put16(f, 0x1302);
	put16(f, 0xc02f);
	put16(f, 0x0100);
	put16(f, extensions);
	put32(f, size + 5);
	put16(f, size + 3);
	put8(f, 0);
	put16(f, size);
	put_text(f, name);
	put16(f, 43);
	put16(f, 3);
	put8(f, 2);
	put16(f, 0x0304);
}

static void put_server_hello(struct frame *f, uint32_t n)
{
	put8(f, 22);
	put16(f, 0x0303);
	put16(f, 50);
	put8(f, 2);
	put8(f, 0);
	put16(f, 46);
	put16(f, 0x0303);
	for (unsigned i = 0; i < 8; i++)
		put32(f, ~n * 2654435761u + i);
	put8(f, 0);
	put16(f, 0x1301);
	put8(f, 0);
	put16(f, 6);
	put16(f, 43);
	put16(f, 2);
	put16(f, 0x0304);
}

/* The i-th message of a conversation, client and server in turn; false behind the last. */
static bool message(uint32_t n, unsigned i, struct frame *f)
{
	char start[128];

	f->size = 0;
	if (i >= (kind_of(n) == CONNECT ? 4u : 2u))
		return false;
	switch (i) {
	case 0:
		snprintf(start, sizeof(start), kind_of(n) == PLAIN ? "GET /page/%u?id=%u" :
			 kind_of(n) == CONNECT ? "CONNECT www%u.example.com:443" : "GET http://www%u.example.com/page/%u", n % 50, n);
		put_request(f, n, start);
		return true;
	case 1:
		if (kind_of(n) == CONNECT)
			put_text(f, "HTTP/1.1 200 Connection established\r\n\r\n");
		else
			put_response(f);
		return true;
	case 2:
		put_client_hello(f, n);
		return true;
	default:
		put_server_hello(f, n);
		return true;
	}
}

/* The packet of a connection at this step: handshake, each message and its acknowledgement, FINs. */
static bool tcp_step(uint32_t n, unsigned step, struct frame *f)
{
	static const unsigned opening[] = { SYN, SYN | ACK, ACK };
	struct ends e = ends_of(n);
	uint32_t next[2] = { n * 2654435761u, n * 40503u + 7 };
	struct frame payload;

	f->size = 0;
	if (step < 3) {
		put_tcp(f, &e, step == 1, opening[step], next[step == 1] + (step == 2), step ? next[step != 1] + 1 : 0, NULL);
		return true;
	}
	next[0]++;
	next[1]++;
	step -= 3;
	for (unsigned i = 0; message(n, i, &payload); i++) {
		bool server = i & 1;
		if (step == 2 * i) {
			put_tcp(f, &e, server, PSH | ACK, next[server], next[!server], &payload);
			return true;
		}
		next[server] += payload.size;
		if (step == 2 * i + 1) {
			put_tcp(f, &e, !server, ACK, next[!server], next[server], NULL);
			return true;
		}
	}
	step -= kind_of(n) == CONNECT ? 8 : 4;
	if (step > 2)
		return false;
	put_tcp(f, &e, step == 1, step < 2 ? FIN | ACK : ACK, next[step == 1] + (step == 2), next[step != 1] + (step > 0), NULL);
	return true;
}

static void udp_step(uint32_t n, bool answer, struct frame *f)
{
	struct ends e = { 0x0a010a01 + n % 200, 0x0a01640a, (uint16_t)(20000 + n / 200 % 40000), 53 };
	struct frame payload;
	char name[16];

	payload.size = f->size = 0;
	put16(&payload, n & 0xffff);
	put16(&payload, answer ? 0x8180 : 0x0100);
	put16(&payload, 1);
	put16(&payload, answer);
	put32(&payload, 0);
	put8(&payload, (unsigned)snprintf(name, sizeof(name), "host%u", n % 5000));
	put_text(&payload, name);
	put8(&payload, 7);
	put_text(&payload, "example");
	put8(&payload, 3);
	put_text(&payload, "com");
	put8(&payload, 0);
	put32(&payload, 0x00010001);
	if (answer) {
		put16(&payload, 0xc00c);
		put32(&payload, 0x00010001);
		put32(&payload, 300);
		put16(&payload, 4);
		put32(&payload, 0xcb007100 + n % 200);
	}
	put_udp(f, &e, answer, &payload);
}

/* One connection and one DNS exchange begin at each tick; their packets stand among those of others. */
static void make_short(struct capture *c)
{
	struct frame f;

	for (uint32_t t = 0; t < CONVERSATIONS + STEPS * SPACING; t++) {
		uint64_t time_ns = CAPTURE_START_NS + t * TICK_NS;
		for (uint32_t step = STEPS; step-- > 0;) {
			uint32_t n = t - step * SPACING;
			if (t >= step * SPACING && n < CONVERSATIONS && tcp_step(n, step, &f))
				write_frame(c, time_ns + (STEPS - step) * 1000, &f);
			if (step < 2 && t >= step && t - step < CONVERSATIONS) {
				udp_step(t - step, step == 1, &f);
				write_frame(c, time_ns + (STEPS - step) * 1000, &f);
			}
		}
	}
}

static void make_live(struct capture *c)
{
	static const unsigned flags[] = { SYN, SYN | ACK, ACK };

	for (uint32_t n = 0; n < LIVE; n++) {
		struct ends e = { 0x0a020000 + n / 16, 0x0a016414 + n % 7, (uint16_t)(20000 + n % 16), 80 };
		for (unsigned step = 0; step < 3; step++) {
			struct frame f = { .size = 0 };
			put_tcp(&f, &e, step == 1, flags[step], step == 2, step != 0, NULL);
			write_frame(c, CAPTURE_START_NS + (uint64_t)n * 10000 + step * 1000, &f);
		}
	}
}

int main(int argc, char **argv)
{
	pcap_t *dead = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, 262144, PCAP_TSTAMP_PRECISION_MICRO);
	struct capture c = { 0 };
	bool fine = true;

	c.out = dead && argc >= 3 ? pcap_dump_open(dead, argv[2]) : NULL;
	if (!c.out) {
		fprintf(stderr, "make_capture: %s\n", dead && argc >= 3 ? pcap_geterr(dead) : "usage: make_capture KIND OUT …");
		return 2;
	}
	if (strcmp(argv[1], "short") == 0)
		make_short(&c);
	else if (strcmp(argv[1], "live") == 0)
		make_live(&c);
	else if (strncmp(argv[1], "smb", 3) == 0 && argc > 3)
		make_bulk(&c, strtoull(argv[3], NULL, 10), argv[1][3] == '3');
	else if (strcmp(argv[1], "logons") == 0 || strncmp(argv[1], "kerberos-", 9) == 0)
		make_exchanges(&c, argv[1]);
	else if (strcmp(argv[1], "mixed") == 0 && argc > 4)
		fine = make_mixed(&c, strtoull(argv[3], NULL, 10), argv + 4, (size_t)argc - 4);
	else
		fine = strcmp(argv[1], "empty") == 0;
	if (!fine)
		fprintf(stderr, "make_capture: nothing to make \"%s\" of\n", argv[1]);
	fine = fine && pcap_dump_flush(c.out) == 0;
	pcap_dump_close(c.out);
	pcap_close(dead);
	printf("%s: %llu packets, mean %llu bytes\n", argv[1], (unsigned long long)c.packets,
	       (unsigned long long)(c.packets ? c.bytes / c.packets : 0));
	return fine ? 0 : 2;
}
