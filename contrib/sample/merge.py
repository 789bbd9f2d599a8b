#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Puts capture files (pcap, microseconds or nanoseconds, either byte order) into one pcapng file, in time order.

usage: merge.py OUT.pcapng IN.pcap...

This made sample.pcapng. Nothing but the packets goes into the result: no names of files, machines or programs.
"""
import struct, sys

MAGICS = {0xa1b2c3d4: 1000, 0xa1b23c4d: 1}


def packets(path):
    """Yields (time in ns, link type, bytes on the wire, captured bytes)."""
    with open(path, 'rb') as f:
        header = f.read(24)
        for order in '<>':
            scale = MAGICS.get(struct.unpack(order + 'I', header[:4])[0])
            if scale:
                break
        else:
            sys.exit(f'{path}: no pcap file')
        link = struct.unpack(order + 'I', header[20:])[0]
        while len(head := f.read(16)) == 16:
            seconds, part, captured, length = struct.unpack(order + 'IIII', head)
            data = f.read(captured)
            if len(data) < captured:
                sys.exit(f'{path}: ends within a packet')
            yield seconds * 10**9 + part * scale, link, length, data


def block(kind, body):
    body += bytes(-len(body) % 4)
    return struct.pack('<II', kind, len(body) + 12) + body + struct.pack('<I', len(body) + 12)


def main(out, *inputs):
    all_packets = sorted((p for path in inputs for p in packets(path)), key=lambda p: p[0])
    links = sorted({p[1] for p in all_packets})
    with open(out, 'wb') as f:
        f.write(block(0x0a0d0d0a, struct.pack('<IHHq', 0x1a2b3c4d, 1, 0, -1)))
        for link in links:      # option 9: units of 10^-9 seconds
            f.write(block(1, struct.pack('<HHI', link, 0, 0) + struct.pack('<HHB3xHH', 9, 1, 9, 0, 0)))
        for when, link, length, data in all_packets:
            head = struct.pack('<IIIII', links.index(link), when >> 32, when & 0xffffffff, len(data), length)
            f.write(block(6, head + data))


if len(sys.argv) < 3:
    sys.exit(__doc__)
main(*sys.argv[1:])
