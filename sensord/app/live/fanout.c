/* SPDX-License-Identifier: BSD-2-Clause
 * The program is written with labels, since classic BPF counts its jumps in instructions, forward only. X is where the
 * IP header begins (M[1] keeps it), M[2] is where the payload of IPv4 begins. What cannot be read ends the program with
 * 0: the first worker. Tunnels are opened once (IP in IP, GRE and ERSPAN II, VXLAN, GENEVE). */
#include "fanout.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>

#include "base/attributes.h"

#ifndef PACKET_FANOUT_CBPF
#define PACKET_FANOUT_CBPF 6
#endif
#ifndef PACKET_FANOUT_DATA
#define PACKET_FANOUT_DATA 22
#endif
#ifndef PACKET_FANOUT_FLAG_UNIQUEID
#define PACKET_FANOUT_FLAG_UNIQUEID 0x2000
#endif

_Static_assert(sizeof(struct fanout_code) == sizeof(struct sock_filter), "the same instruction");

enum label {
	NEXT, /* falls through */
	TAGGED, TYPED, IP4, IP6, PAIR4, PAIR6, PAIR_INNER4, PAIR_INNER6, ICMP4, ICMP6, QUOTED4, QUOTED6, UDP4, VXLAN, GENEVE,
	GRE4, GRE_CHECKSUM, GRE_KEY, GRE_SEQUENCE, GRE_TYPE, GRE_ETHERNET, GRE_MIRROR, ETHERNET, ETHERNET_TYPE, WITHIN4, WITHIN6, ZERO, LABELS
};

struct instruction {
	uint16_t code;
	uint32_t k;
	uint8_t to_true, to_false; /* enum label */
	uint8_t here;              /* label of this instruction; NEXT: none */
	bool net;                  /* k is an offset behind the network header's start */
};

/* clang-format off */
#define AT(size, off) { .code = BPF_LD | (size) | BPF_IND, .k = (off), .net = true }
#define OP(what, value) { .code = (what), .k = (value) }
#define IF(what, value, yes, no) { .code = BPF_JMP | (what) | BPF_K, .k = (value), .to_true = (yes), .to_false = (no) }
#define GO(label) { .code = BPF_JMP | BPF_JA, .to_true = (label) }
#define L(label, ...) { .here = (label), .code = BPF_ALU | BPF_ADD | BPF_K, .k = 0 }, __VA_ARGS__
#define XOR(off) OP(BPF_ST, 0), AT(BPF_W, off), OP(BPF_STX, 3), OP(BPF_LDX | BPF_MEM, 0), OP(BPF_ALU | BPF_XOR | BPF_X, 0), OP(BPF_LDX | BPF_MEM, 3)
#define HASH OP(BPF_ALU | BPF_MUL | BPF_K, 0x9e3779b1), OP(BPF_ALU | BPF_RSH | BPF_K, 16), OP(BPF_RET | BPF_A, 0)
#define MORE_X(n) OP(BPF_MISC | BPF_TXA, 0), OP(BPF_ALU | BPF_ADD | BPF_K, (n)), OP(BPF_MISC | BPF_TAX, 0)

static const struct instruction program[] = {
	/* A is the type of the frame, X 0. */
	IF(BPF_JEQ, 0x8100, TAGGED, NEXT),
	IF(BPF_JEQ, 0x88a8, TAGGED, TYPED),
	L(TAGGED, AT(BPF_H, 2), OP(BPF_LDX | BPF_IMM, 4)),
	L(TYPED, IF(BPF_JEQ, 0x0800, IP4, NEXT), IF(BPF_JEQ, 0x86dd, IP6, ZERO)),

	L(IP4, OP(BPF_STX, 1)),
	AT(BPF_B, 0), OP(BPF_ALU | BPF_AND | BPF_K, 15), OP(BPF_ALU | BPF_LSH | BPF_K, 2),
	OP(BPF_ALU | BPF_ADD | BPF_X, 0), OP(BPF_ST, 2),
	AT(BPF_H, 6), IF(BPF_JSET, 0x3fff, PAIR4, NEXT), /* a fragment */
	AT(BPF_B, 9),
	OP(BPF_LDX | BPF_MEM, 2),
	IF(BPF_JEQ, 1, ICMP4, NEXT), IF(BPF_JEQ, 17, UDP4, NEXT), IF(BPF_JEQ, 47, GRE4, NEXT),
	IF(BPF_JEQ, 4, WITHIN4, NEXT), IF(BPF_JEQ, 41, WITHIN6, PAIR4),

	L(ICMP4, AT(BPF_B, 0)),
	IF(BPF_JEQ, 3, QUOTED4, NEXT), IF(BPF_JEQ, 11, QUOTED4, NEXT), IF(BPF_JEQ, 12, QUOTED4, PAIR4),
	L(QUOTED4, MORE_X(8), GO(PAIR_INNER4)),

	L(UDP4, AT(BPF_H, 2)),
	IF(BPF_JEQ, 4789, VXLAN, NEXT), IF(BPF_JEQ, 8472, VXLAN, NEXT), IF(BPF_JEQ, 6081, GENEVE, PAIR4),
	L(VXLAN, MORE_X(16), GO(ETHERNET)),
	L(GENEVE, AT(BPF_B, 8)),
	OP(BPF_ALU | BPF_AND | BPF_K, 63), OP(BPF_ALU | BPF_LSH | BPF_K, 2), OP(BPF_ALU | BPF_ADD | BPF_X, 0),
	OP(BPF_ALU | BPF_ADD | BPF_K, 16), OP(BPF_MISC | BPF_TAX, 0), GO(ETHERNET),

	/* RFC 2890: checksum, key and sequence number are there where their bits are set. M[4] keeps the type. */
	L(GRE4, AT(BPF_H, 2)),
	OP(BPF_ST, 4), AT(BPF_H, 0),
	OP(BPF_ST, 5), IF(BPF_JSET, 0x4007, PAIR4, NEXT), /* source routes, PPTP */
	MORE_X(4),
	OP(BPF_LD | BPF_MEM, 5), IF(BPF_JSET, 0x8000, NEXT, GRE_KEY), L(GRE_CHECKSUM, MORE_X(4)),
	L(GRE_KEY, OP(BPF_LD | BPF_MEM, 5)), IF(BPF_JSET, 0x2000, NEXT, GRE_SEQUENCE), MORE_X(4),
	L(GRE_SEQUENCE, OP(BPF_LD | BPF_MEM, 5)), IF(BPF_JSET, 0x1000, NEXT, GRE_TYPE), MORE_X(4),
	L(GRE_TYPE, OP(BPF_LD | BPF_MEM, 4)),
	IF(BPF_JEQ, 0x0800, WITHIN4, NEXT), IF(BPF_JEQ, 0x86dd, WITHIN6, NEXT), IF(BPF_JEQ, 0x6558, ETHERNET, NEXT),
	IF(BPF_JEQ, 0x88be, GRE_MIRROR, PAIR4),
	L(GRE_MIRROR, OP(BPF_LD | BPF_MEM, 5)), IF(BPF_JSET, 0x1000, NEXT, ETHERNET), MORE_X(8),

	L(ETHERNET, AT(BPF_H, 12)),
	IF(BPF_JEQ, 0x8100, NEXT, ETHERNET_TYPE), MORE_X(4), AT(BPF_H, 12),
	L(ETHERNET_TYPE, OP(BPF_ST, 4)), MORE_X(14), OP(BPF_LD | BPF_MEM, 4),
	IF(BPF_JEQ, 0x0800, WITHIN4, NEXT), IF(BPF_JEQ, 0x86dd, WITHIN6, PAIR4),
	L(WITHIN4, GO(PAIR_INNER4)),
	L(WITHIN6, GO(PAIR_INNER6)),

	L(IP6, OP(BPF_STX, 1)),
	AT(BPF_B, 6), IF(BPF_JEQ, 58, ICMP6, PAIR6),
	L(ICMP6, AT(BPF_B, 40)), IF(BPF_JEQ, 0, PAIR6, NEXT), IF(BPF_JGT, 4, PAIR6, QUOTED6),
	L(QUOTED6, MORE_X(48), GO(PAIR_INNER6)),

	L(PAIR4, OP(BPF_LDX | BPF_MEM, 1)),
	L(PAIR_INNER4, AT(BPF_W, 12)), XOR(16), HASH,
	L(PAIR6, OP(BPF_LDX | BPF_MEM, 1)),
	L(PAIR_INNER6, AT(BPF_W, 8)), XOR(12), XOR(16), XOR(20), XOR(24), XOR(28), XOR(32), XOR(36), HASH,
	L(ZERO, OP(BPF_RET | BPF_K, 0)),
};
/* clang-format on */

#define PREFACE 2 /* instructions in front: they differ between kernel and test */
_Static_assert(ARRAY_SIZE(program) + PREFACE <= FANOUT_PROGRAM, "room");

static uint8_t distance(const size_t *where, uint8_t label, size_t from)
{
	return label == NEXT ? 0 : (uint8_t)(where[label] - from - 1);
}

size_t fanout_program(struct fanout_code *out, bool in_kernel)
{
	uint32_t net = in_kernel ? (uint32_t)SKF_NET_OFF : 14;
	uint32_t type_at = in_kernel ? (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL) : 12;
	size_t where[LABELS] = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(program); i++)
		if (program[i].here != NEXT)
			where[program[i].here] = i;
	out[0] = (struct fanout_code){ BPF_LDX | BPF_IMM, 0, 0, 0 };
	out[1] = (struct fanout_code){ BPF_LD | BPF_H | BPF_ABS, 0, 0, type_at };
	for (size_t i = 0; i < ARRAY_SIZE(program); i++) {
		const struct instruction *from = &program[i];
		bool always = from->code == (BPF_JMP | BPF_JA);
		out[PREFACE + i] = (struct fanout_code){
			.code = from->code, .k = from->k + (from->net ? net : 0),
			.jump_true = always ? 0 : distance(where, from->to_true, i),
			.jump_false = always ? 0 : distance(where, from->to_false, i),
		};
		if (always)
			out[PREFACE + i].k = distance(where, from->to_true, i);
	}
	return PREFACE + ARRAY_SIZE(program);
}

bool fanout_join(int fd, int *group, struct error *err)
{
	struct fanout_code code[FANOUT_PROGRAM];
	struct sock_filter filter[FANOUT_PROGRAM];
	struct sock_fprog all = { .len = (unsigned short)fanout_program(code, true), .filter = filter };
	uint32_t mode = PACKET_FANOUT_CBPF | (*group < 0 ? PACKET_FANOUT_FLAG_UNIQUEID : 0);
	uint32_t argument = (*group < 0 ? 0 : (uint32_t)*group) | mode << 16;
	socklen_t size = sizeof(argument);

	memcpy(filter, code, sizeof(filter));
	if (setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &argument, sizeof(argument)) != 0)
		return error_set(err, "no packet fanout: %s", strerror(errno));
	if (setsockopt(fd, SOL_PACKET, PACKET_FANOUT_DATA, &all, sizeof(all)) != 0 ||
	    getsockopt(fd, SOL_PACKET, PACKET_FANOUT, &argument, &size) != 0)
		return error_set(err, "no packet fanout by program: %s", strerror(errno));
	*group = argument & 0xffff;
	return true;
}
