/* SPDX-License-Identifier: BSD-2-Clause
 * What the files of the capture maker share. */
#ifndef MAKE_CAPTURE_H
#define MAKE_CAPTURE_H

#include <pcap.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define CAPTURE_START_NS (UINT64_C(1700000000) * 1000000000)

struct capture {
	pcap_dumper_t *out;
	uint64_t packets, bytes; /* bytes on the wire */
	uint64_t file_size;
};

enum { TCP_FIN = 1, TCP_SYN = 2, TCP_PSH = 8, TCP_ACK = 16 };

struct ends {
	uint32_t client, server; /* IPv4 addresses */
	uint16_t client_port, server_port;
};

/* One packet of a connection; payload of at most 1,900 bytes, may be NULL. */
void capture_tcp(struct capture *c, uint64_t time_ns, const struct ends *e, bool from_server, unsigned flags, uint32_t seq,
		 uint32_t ack, const void *payload, size_t size);
void capture_udp(struct capture *c, uint64_t time_ns, const struct ends *e, bool from_server, const void *payload, size_t size);
void capture_write(struct capture *c, uint64_t time_ns, const uint8_t *bytes, uint32_t size, uint32_t wire_size);
/* False where none of the captures is of use. */
bool make_mixed(struct capture *c, uint64_t size, char **paths, size_t n);
/* One SMB connection that writes and reads until the file has this size. */
void make_bulk(struct capture *c, uint64_t size, bool encrypted);
/* 100,000 of: "kerberos-udp", "kerberos-tcp", "logons". */
void make_exchanges(struct capture *c, const char *kind);

#endif
