/* SPDX-License-Identifier: BSD-2-Clause
 * Which capture worker a frame belongs to: a classic BPF program (Linux, PACKET_FANOUT_CBPF) whose answer, modulo the
 * workers, is the worker. It hashes the two addresses, without their order and without ports, so that both directions,
 * all fragments, and the ICMP errors that quote a packet of a flow meet in one place. The hash of the kernel's own mode
 * is of the addresses in front: errors, VXLAN and the like would go astray. */
#ifndef APP_FANOUT_H
#define APP_FANOUT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define FANOUT_PROGRAM 192 /* room, in instructions */

struct fanout_code { uint16_t code; uint8_t jump_true, jump_false; uint32_t k; }; /* struct sock_filter, bpf_insn */

/* in_kernel: offsets as the kernel knows them (SKF_NET_OFF), else those of an Ethernet frame, for tests. Returns the
 * number of instructions. */
size_t fanout_program(struct fanout_code *out, bool in_kernel);
/* Makes the packet socket a member of a group, all of one interface. -1: of a new one, whose number is returned. */
bool fanout_join(int fd, int *group, struct error *err);

#endif
