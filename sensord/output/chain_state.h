/* SPDX-License-Identifier: BSD-2-Clause
 * Inside of the chain: the forms on disk. */
#ifndef OUTPUT_CHAIN_STATE_H
#define OUTPUT_CHAIN_STATE_H

#include "output/chain.h"

#define CHAIN_MAGIC "SENSORD-CHAIN-1\n"
#define CHAIN_MAGIC_SIZE 16
#define CHAIN_MEMBER ",\"chain\":{\"seq\":"

void chain_state_write(const struct chain_link *link, uint8_t to[CHAIN_STATE]);

#endif
