/* SPDX-License-Identifier: BSD-2-Clause
 * Every maximum of the program, one line each. Memory-dependent ceilings are shares of limits.memory_mib. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

#define LIMIT_FRAME 262144             /* bytes of one captured frame */
#define LIMIT_ENCAPSULATION 8          /* headers (VLAN, tunnel, IP in IP) opened in one frame */
#define LIMIT_FRAGMENTS 4096           /* IP datagrams under reassembly */
#define LIMIT_FRAGMENT_BYTES (16u << 20) /* bytes held for them */
#define LIMIT_FRAGMENT_PARTS 64        /* fragments of one datagram */

#define LIMIT_STREAM_HOLD (256u << 10) /* bytes held of one side of one flow: out of order, or an unfinished message */
#define LIMIT_STREAM_SEGMENTS 2048     /* out-of-order segments held of one side */
#define LIMIT_PROBE 64                 /* bytes after which a side that no protocol knows stays unknown */
#define LIMIT_CHILDREN 32              /* conversations inside one flow (named pipes) */
#define LIMIT_CHILD_HOLD (128u << 10)  /* bytes held of one side of one of them */
#define LIMIT_LAYERS 3                 /* protocols inside each other in one flow (proxy, tunnel, inner) */

#define LIMIT_RECORD_VALUES 160        /* values in one record: an alert adds up to 90 to those of the record behind it */
#define LIMIT_RECORD_TEXT 8192         /* bytes of text in one record */
#define LIMIT_FIELD_TEXT 2048          /* bytes of one text value */

#define LIMIT_HTTP_LINE 16384          /* bytes of one start line or header field line */
#define LIMIT_HTTP_HEADERS 65536       /* bytes of one message head */
#define LIMIT_HTTP_PIPELINE 64         /* requests without their response on one connection */

#define LIMIT_DCE_RPC_CONTEXTS 64      /* presentation contexts of one connection, and of one bind */
#define LIMIT_DCE_RPC_CALLS 16         /* calls without their answer on one connection */
#define LIMIT_DCE_RPC_OBJECTS 8        /* handles of one connection whose names are kept */
#define LIMIT_DCE_RPC_STUB (64u << 10) /* bytes held of one fragmented request or answer */
#define LIMIT_DCE_RPC_HOLD (128u << 10) /* bytes held of all of those of one connection */

#define LIMIT_CONTROL_CLIENTS 16       /* at the control socket at a time */
#define LIMIT_CONTROL_LINE 1024        /* bytes of one request there */
#define LIMIT_CONTROL_WAITING (512u << 10) /* bytes that wait for one client; a line of `tail` beyond is lost to it */
#define LIMIT_METRICS_CLIENTS 8        /* connections that ask for metrics at a time */
#define LIMIT_METRICS_REQUEST 4096     /* bytes of the head of such a request */

#endif
