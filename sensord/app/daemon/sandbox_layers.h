/* SPDX-License-Identifier: BSD-2-Clause
 * The layers of the sandbox that have a file each. */
#ifndef APP_SANDBOX_LAYERS_H
#define APP_SANDBOX_LAYERS_H

#include "sandbox.h"

/* Landlock: only the places of the sandbox. */
void sandbox_files(struct sandbox *b, struct sandbox_told *told);
/* seccomp: only the calls of the table. Where the kernel can ask somebody, opening a packet socket is asked of the
 * opener; else it is refused. */
void sandbox_calls(struct sandbox *b, struct sandbox_told *told);
/* The same in little, for the opener's own process: what it needs once it has the descriptor to listen on. */
bool sandbox_opener_calls(void);

#endif
