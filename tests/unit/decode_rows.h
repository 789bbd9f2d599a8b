/* SPDX-License-Identifier: BSD-2-Clause
 * One and the same packet behind every link layer and in every encapsulation, for the tests of the decoder. */
#ifndef TESTS_UNIT_DECODE_ROWS_H
#define TESTS_UNIT_DECODE_ROWS_H

#include "decode_harness.h"

struct row {
	const char *name;
	int link;
	const char *frame;
	uint8_t version;          /* which of the two packets is inside */
	uint8_t encap[3];
	uint16_t vlan[2];
	bool has_mac, has_outer;
};

static const struct row rows[] = {
	{ "ethernet", ETHERNET, ETHER4 IP4_HELLO, 4, { 0 }, { 0 }, true, false },
	{ "ethernet, IPv6", ETHERNET, ETHER6 IP6_HELLO, 6, { 0 }, { 0 }, true, false },
	{ "802.3 with SNAP", ETHERNET, MACS "0035 aaaa03 000000 0800 " IP4_HELLO, 4, { 0 }, { 0 }, true, false },
	{ "802.3 with SNAP, 802.1H", ETHERNET, MACS "0035 aaaa03 0000f8 0800 " IP4_HELLO, 4, { 0 }, { 0 }, true,
	  false },
	{ "802.3 with IP's access point", ETHERNET, MACS "0030 060603 " IP4_HELLO, 4, { 0 }, { 0 }, true, false },
	{ "802.1Q", ETHERNET, MACS "8100 600a 0800 " IP4_HELLO, 4, { 0 }, { 10 }, true, false },
	{ "802.1ad", ETHERNET, MACS "88a8 0064 8100 000a 0800 " IP4_HELLO, 4, { 0 }, { 100, 10 }, true, false },
	{ "QinQ 9100, three tags", ETHERNET, MACS "9100 0064 8100 000a 8100 000b 86dd " IP6_HELLO, 6, { 0 },
	  { 100, 10 }, true, false },
	{ "priority tag", ETHERNET, MACS "8100 a000 0800 " IP4_HELLO, 4, { 0 }, { 0 }, true, false },
	{ "VN-tag", ETHERNET, MACS "8926 00000000 8100 000a 0800 " IP4_HELLO, 4, { 0 }, { 10 }, true, false },
	{ "E-tag", ETHERNET, MACS "893f 000000000000 0800 " IP4_HELLO, 4, { 0 }, { 0 }, true, false },
	{ "tag and SNAP", ETHERNET, MACS "8100 000a 0035 aaaa03 000000 0800 " IP4_HELLO, 4, { 0 }, { 10 }, true,
	  false },
	{ "SLL", SLL, "0000 0001 0006 02000000000a 0000 0800 " IP4_HELLO, 4, { 0 }, { 0 }, false, false },
	{ "SLL with a tag", SLL, "0000 0001 0006 02000000000a 0000 8100 000a 86dd " IP6_HELLO, 6, { 0 }, { 10 }, false,
	  false },
	{ "SLL2", SLL2, "86dd 0000 00000003 0001 00 06 02000000000a 0000 " IP6_HELLO, 6, { 0 }, { 0 }, false, false },
	{ "raw, v4", RAW, IP4_HELLO, 4, { 0 }, { 0 }, false, false },
	{ "raw, v6", RAW, IP6_HELLO, 6, { 0 }, { 0 }, false, false },
	{ "raw of OpenBSD", 14, IP4_HELLO, 4, { 0 }, { 0 }, false, false },
	{ "raw as in files", 101, IP6_HELLO, 6, { 0 }, { 0 }, false, false },
	{ "IPv4 only", IP4, IP4_HELLO, 4, { 0 }, { 0 }, false, false },
	{ "IPv6 only", IP6, IP6_HELLO, 6, { 0 }, { 0 }, false, false },
	{ "null, little endian", NULLS, "02000000 " IP4_HELLO, 4, { 0 }, { 0 }, false, false },
	{ "null, big endian", NULLS, "00000002 " IP4_HELLO, 4, { 0 }, { 0 }, false, false },
	{ "null, Darwin's IPv6", NULLS, "1e000000 " IP6_HELLO, 6, { 0 }, { 0 }, false, false },
	{ "loop", LOOP, "00000018 " IP6_HELLO, 6, { 0 }, { 0 }, false, false },
	{ "PPP", PPP, "0021 " IP4_HELLO, 4, { 0 }, { 0 }, false, false },
	{ "PPP, compressed protocol", PPP, "57 " IP6_HELLO, 6, { 0 }, { 0 }, false, false },
	{ "PPP in HDLC framing", HDLC, "ff03 0021 " IP4_HELLO, 4, { 0 }, { 0 }, false, false },
	{ "Cisco HDLC", 104, "0f00 0800 " IP4_HELLO, 4, { 0 }, { 0 }, false, false },
	{ "PPP with direction", 166, "0003 0021 " IP4_HELLO, 4, { 0 }, { 0 }, false, false },
	{ "PPPoE in Ethernet", ETHERNET, MACS "8864 1100 0001 002f 0021 " IP4_HELLO, 4, { ENCAP_PPPOE }, { 0 }, true,
	  false },
	{ "PPPoE alone", PPPOE, "1100 0001 0043 0057 " IP6_HELLO, 6, { ENCAP_PPPOE }, { 0 }, false, false },
	{ "802.11 to the network", WIFI, "0801 0000 0200000000cc 02000000000a 02000000000b 0000 aaaa03 000000 0800 "
	  IP4_HELLO,
	  4, { 0 }, { 0 }, true, false },
	{ "802.11 with QoS, from the network", RADIOTAP, "0000 0800 00000000 "
	  "8802 0000 02000000000b 0200000000cc 02000000000a 0000 0000 aaaa03 000000 86dd " IP6_HELLO, 6, { 0 }, { 0 },
	  true, false },
	{ "802.11 between stations", WIFI, "0800 0000 02000000000b 02000000000a 0200000000cc 0000 aaaa03 000000 0800 "
	  IP4_HELLO, 4, { 0 }, { 0 }, true, false },
	{ "802.11 between bridges", WIFI, "0803 0000 0200000000cc 0200000000dd 02000000000b 0000 02000000000a "
	  "aaaa03 000000 0800 " IP4_HELLO, 4, { 0 }, { 0 }, true, false },
	{ "MPLS, two labels", ETHERNET, MACS "8847 00010040 00011140 " IP4_HELLO, 4, { ENCAP_MPLS }, { 0 }, true,
	  false },
	{ "MPLS, IPv6", ETHERNET, MACS "8848 00011140 " IP6_HELLO, 6, { ENCAP_MPLS }, { 0 }, true, false },
	{ "MPLS, pseudowire", ETHERNET, OUTER_MACS "8847 00011140 " ETHER4 IP4_HELLO, 4, { ENCAP_MPLS }, { 0 }, true,
	  false },
	{ "MPLS, pseudowire with control word", ETHERNET, OUTER_MACS "8847 00011140 00000000 " MACS "8100 000a 0800 "
	  IP4_HELLO, 4, { ENCAP_MPLS }, { 10 }, true, false },
	{ "GRE", ETHERNET, ETHER4 OUT("0045", "2f") "0000 0800 " IP4_HELLO, 4, { ENCAP_GRE }, { 0 }, true, true },
	{ "GRE with checksum, key, sequence", RAW, OUT("0065", "2f") "b000 86dd 00000000 00000001 00000002 "
	  IP6_HELLO, 6,
	  { ENCAP_GRE }, { 0 }, false, true },
	{ "GRE over IPv6", RAW, OUT6("0031", "2f") "0000 0800 " IP4_HELLO, 4, { ENCAP_GRE }, { 0 }, false, true },
	{ "GRE with MPLS", RAW, OUT("0049", "2f") "0000 8847 00011140 " IP4_HELLO, 4, { ENCAP_GRE, ENCAP_MPLS }, { 0 },
	  false, true },
	{ "GRE, transparent bridging", ETHERNET, OUTER_MACS "8100 0005 0800 " OUT("0053", "2f") "0000 6558 " ETHER4
	  IP4_HELLO, 4, { ENCAP_GRE }, { 0 }, true, true },
	{ "PPTP", RAW, OUT("0055", "2f") "3081 880b 0031 0001 00000001 00000001 ff03 0021 " IP4_HELLO, 4, { ENCAP_GRE },
	  { 0 }, false, true },
	{ "ERSPAN I", ETHERNET, OUTER_MACS "0800 " OUT("0053", "2f") "0000 88be " ETHER4 IP4_HELLO, 4,
	  { ENCAP_ERSPAN1 },
	  { 0 }, true, false },
	{ "ERSPAN II, tag taken off", ETHERNET, OUTER_MACS "0800 " OUT("005f", "2f")
	  "1000 88be 00000001 1014 0001 00000000 " ETHER4 IP4_HELLO, 4, { ENCAP_ERSPAN2 }, { 20 }, true, false },
	{ "ERSPAN II, tag kept", ETHERNET, OUTER_MACS "0800 " OUT("0063", "2f")
	  "1000 88be 00000001 1014 1801 00000000 " MACS "8100 000a 0800 " IP4_HELLO, 4, { ENCAP_ERSPAN2 }, { 10 }, true,
	  false },
	{ "ERSPAN III", ETHERNET, OUTER_MACS "0800 " OUT("0063", "2f")
	  "1000 22eb 00000001 2000 0001 00000000 0000 0000 " ETHER4 IP4_HELLO, 4, { ENCAP_ERSPAN3 }, { 0 }, true,
	  false },
	{ "ERSPAN III, subheader", ETHERNET, OUTER_MACS "0800 " OUT("007f", "2f")
	  "1000 22eb 00000001 2014 0001 00000000 0000 0001 0000000000000000 " ETHER6 IP6_HELLO, 6, { ENCAP_ERSPAN3 },
	  { 20 }, true, false },
	{ "ERSPAN III of IP", RAW, OUT("0055", "2f") "1000 22eb 00000001 2000 0001 00000000 0000 0800 " IP4_HELLO, 4,
	  { ENCAP_ERSPAN3 }, { 0 }, false, false },
	{ "VXLAN", ETHERNET, OUTER_MACS "0800 " OUT("005f", "11") "c000 12b5 004b 0000 08000000 00000100 "
	  ETHER4 IP4_HELLO,
	  4, { ENCAP_VXLAN }, { 0 }, true, false },
	{ "VXLAN with group policy, Linux' port", ETHERNET, OUTER_MACS "0800 " OUT("0077", "11")
	  "c000 2118 0063 0000 88000003 00000100 " MACS "8100 0007 86dd " IP6_HELLO "0000 ", 6, { ENCAP_VXLAN },
	  { 7 }, true, false },
	{ "VXLAN-GPE", RAW, OUT("0051", "11") "c000 12b6 003d 0000 0c000001 00000100 " IP4_HELLO, 4, { ENCAP_VXLAN },
	  { 0 },
	  false, false },
	{ "GENEVE with options", ETHERNET, OUTER_MACS "0800 " OUT("0067", "11")
	  "c000 17c1 0053 0000 0240 6558 00000100 0102030401020304 " ETHER4 IP4_HELLO, 4, { ENCAP_GENEVE }, { 0 }, true,
	  false },
	{ "GENEVE without Ethernet", RAW, OUT("0065", "11") "c000 17c1 0051 0000 0000 86dd 00000100 " IP6_HELLO, 6,
	  { ENCAP_GENEVE }, { 0 }, false, false },
	{ "IP in IP", RAW, OUT("0041", "04") IP4_HELLO, 4, { ENCAP_IPIP }, { 0 }, false, true },
	{ "6in4", RAW, OUT("0055", "29") IP6_HELLO, 6, { ENCAP_6IN4 }, { 0 }, false, true },
	{ "4in6", RAW, OUT6("002d", "04") IP4_HELLO, 4, { ENCAP_IPIP }, { 0 }, false, true },
	{ "6in6", RAW, OUT6("0041", "29") IP6_HELLO, 6, { ENCAP_IPIP }, { 0 }, false, true },
	{ "Teredo", RAW, OUT("005d", "11") "c000 0dd8 0049 0000 "
	  "60000000 0019 06 40 20010000 00000000 00000000 0000000a " B6 TCP_HELLO, 0, { ENCAP_TEREDO }, { 0 }, false,
	  true },
	{ "Teredo with indications and a trailer", RAW, OUT("0076", "11") "0dd8 c000 0062 0000 "
	  "0001 0000 0000000000000000 00 0000 c000 c0000201 "
	  "60000000 0019 06 40 " A6 "20010000 00000000 00000000 0000000b " TCP_HELLO "01020000 ", 0, { ENCAP_TEREDO },
	  { 0 }, false, true },
	{ "VXLAN, in it IP in IP, in it GRE", RAW, OUT("008b", "11") "c000 12b5 0077 0000 08000000 00000100 " ETHER4
	  OUT("0059", "04") OUT("0045", "2f") "0000 0800 " IP4_HELLO, 4, { ENCAP_VXLAN, ENCAP_IPIP, ENCAP_GRE },
	  { 0 }, true,
	  true },
};

#endif
