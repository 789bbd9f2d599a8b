#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Writes the packets of a pcapng file that contrib/sample/merge.py made (one interface, nanoseconds) as pcap.

usage: to_pcap.py IN.pcapng OUT.pcap [FIRST [LAST]]     packet numbers from 1
"""
import struct, sys


def blocks(data):
    at = 0
    while at < len(data):
        kind, size = struct.unpack_from('<II', data, at)
        yield kind, data[at + 8:at + size - 4]
        at += size


def main(source, target, first='1', last='1000000000'):
    number, link = 0, 1
    with open(source, 'rb') as f, open(target, 'wb') as out:
        out.write(struct.pack('<IHHiIII', 0xa1b23c4d, 2, 4, 0, 0, 262144, link))
        for kind, body in blocks(f.read()):
            if kind != 6:
                continue
            number += 1
            _, high, low, captured, length = struct.unpack_from('<IIIII', body)
            when = high << 32 | low
            if int(first) <= number <= int(last):
                out.write(struct.pack('<IIII', when // 10**9, when % 10**9, captured, length) + body[20:20 + captured])


main(*sys.argv[1:])
