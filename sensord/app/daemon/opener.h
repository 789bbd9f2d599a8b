/* SPDX-License-Identifier: BSD-2-Clause
 * A process that keeps CAP_NET_RAW for one purpose: an interface that went away and came back needs a new packet socket,
 * and the sensor has given that right up. The kernel asks this process (seccomp user notification, Linux 5.9) whenever
 * the sensor calls socket(AF_PACKET, …); it opens the socket and puts the descriptor into the sensor. libpcap does not
 * notice. It reads no packet, no file and nothing of the sensor's memory: it looks at three numbers and a counter. */
#ifndef APP_OPENER_H
#define APP_OPENER_H

#include <stdbool.h>

struct opener;

/* Starts it, before capabilities are given up and before threads; NULL where that cannot be. */
struct opener *opener_start(void);
/* Gives it what the kernel asks through; the descriptor is closed here. False: it is not there. */
bool opener_listen(struct opener *o, int notify_fd);
void opener_stop(struct opener *o);

#endif
