/* SPDX-License-Identifier: BSD-2-Clause
 * From a captured frame to addresses, ports and payload: link layers, VLAN, tunnels, IP, fragments, TCP, UDP, ICMP.
 * The decoder is a value that owns the IP fragments under reassembly; nothing else is kept between frames. */
#ifndef DECODE_PACKET_H
#define DECODE_PACKET_H

#include "base/address.h"
#include "base/bytes.h"

/* Link types by their libpcap DLT_ numbers (the ones that matter are written out in decode.c; pcap.h is app's). */

enum tcp_flag { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_PSH = 8, TCP_ACK = 16, TCP_URG = 32 };

enum ip_protocol {
	IP_ICMP = 1, IP_IPIP = 4, IP_TCP = 6, IP_UDP = 17, IP_IPV6 = 41, IP_GRE = 47, IP_ESP = 50, IP_AH = 51,
	IP_ICMPV6 = 58, IP_SCTP = 132
};

/* What stood around the innermost IP packet, outermost first. */
enum encapsulation {
	ENCAP_VLAN = 1, ENCAP_MPLS, ENCAP_PPPOE, ENCAP_GRE, ENCAP_ERSPAN1, ENCAP_ERSPAN2, ENCAP_ERSPAN3, ENCAP_VXLAN,
	ENCAP_GENEVE, ENCAP_IPIP, ENCAP_6IN4, ENCAP_TEREDO
};
const char *encapsulation_name(enum encapsulation e);

struct packet {
	uint64_t time_ns;
	uint64_t number;          /* in the capture file, from 1 */
	uint32_t wire_size;       /* bytes of the frame on the wire */
	bool cut;                 /* snap length took a part of this packet's payload */
	bool reassembled;         /* made of IP fragments; payload then belongs to the decoder until its next call */

	bool has_mac;
	uint8_t source_mac[6], destination_mac[6];
	uint16_t vlan[2];         /* outermost two VLAN ids */
	uint8_t n_vlan;
	uint8_t encap[8];         /* enum encapsulation, outermost first (VLAN not among them) */
	uint8_t n_encap;

	/* The innermost IP header. */
	struct address source, destination;
	uint8_t ip_version;       /* 4 or 6 */
	uint8_t protocol;         /* enum ip_protocol: the upper layer, behind IPv6 extension headers and AH */
	uint8_t ttl;              /* or hop limit */
	uint16_t ip_id;           /* IPv4 identification */

	/* The outermost IP header of an IP-in-IP, 6in4, GRE or Teredo tunnel, for what such a tunnel itself means on an
	 * inside network. Only where n_encap holds one of these. */
	bool has_outer;
	struct address outer_source, outer_destination;
	uint8_t outer_protocol;

	uint16_t source_port, destination_port; /* TCP, UDP, SCTP; 0 otherwise */
	uint32_t seq, ack;        /* TCP */
	uint8_t tcp_flags;
	uint16_t window;

	uint16_t arp_operation;   /* 1 request, 2 reply (RFC 826); 0: no ARP */
	uint8_t icmp_type, icmp_code;
	uint16_t icmp_id;         /* echo identifier */
	/* The packet that an ICMP error complains about, as far as it is quoted. */
	bool has_quoted;
	struct address quoted_source, quoted_destination;
	uint8_t quoted_protocol;
	uint16_t quoted_source_port, quoted_destination_port;

	struct bytes payload;     /* of TCP, UDP or ICMP (behind the 8-byte header) as captured; of IP for others */
	uint32_t payload_size;    /* the same on the wire: larger than payload.size where the frame was cut */
};

enum decoded {
	DECODED,            /* *ret is a packet */
	DECODED_ARP,        /* no IP, but who asks for whose link address: source, destination and arp_operation are set */
	DECODED_FRAGMENT,   /* an IP fragment that was kept; nothing to do yet */
	DECODED_OTHER,      /* no IP: LLDP, STP … */
	DECODED_MALFORMED,  /* a header lied about its size or was cut short */
	DECODED_UNKNOWN_LINK,
};

struct decoder;
struct decoder_counts {
	uint64_t frames, fragments, reassembled, fragments_dropped, fragment_overlaps, malformed, other, unknown_link;
};

struct decoder *decoder_new(void); /* NULL where there is no memory */
void decoder_free(struct decoder *d);

/* frame: the captured bytes; wire_size: its size on the wire; link_type: libpcap DLT number. ret->payload points into
 * frame, or (reassembled) into the decoder. TCP segmentation offload, a zero IP total length (TSO), padding behind the
 * IP packet and wrong checksums are normal. Overlapping fragments: the first copy of a byte wins (counted). */
enum decoded decode(struct decoder *d, int link_type, struct bytes frame, uint32_t wire_size, uint64_t time_ns,
		    struct packet *ret);
const struct decoder_counts *decoder_counts(const struct decoder *d);

#endif
