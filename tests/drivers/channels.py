#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Writes a capture of an SMB 3 session over two connections (MS-SMB2 section 3.3.5.5.2), each of other addresses: the
first logs on, opens a share and creates a file; the second is bound to it, writes that file and creates another.

usage: channels.py OUT.pcap
"""
import struct, sys

SESSION, TREE, MORE = 0x0000040000000041, 5, 0xc0000016
NEGOTIATE, SETUP, TREE_CONNECT, CREATE, WRITE = 0, 1, 3, 5, 9
CLIENT, SERVER = 0, 1


def utf16(text):
    return text.encode('utf-16-le')


def message(side, command, number, body, session=SESSION, tree=0, status=0):
    head = struct.pack('<HHIHHIIQIIQ', 64, 1, status, command, 1, side, 0, number, 0, tree, session)
    whole = b'\xfeSMB' + head + bytes(16) + body
    return side, struct.pack('>I', len(whole)) + whole


def ntlm_challenge(computer):
    info = struct.pack('<HH', 3, 2 * len(computer)) + utf16(computer) + bytes(4)
    domain = utf16('LAB')
    fields = struct.pack('<IHHIIQQHHI', 2, len(domain), len(domain), 48, 0x00800001, 1, 0, len(info), len(info), 48 + len(domain))
    return b'NTLMSSP\0' + fields + domain + info


def ntlm_authenticate(user):
    parts, at, fields = [b'', b'\7' * 24, utf16('LAB'), utf16(user), utf16('PC11'), b''], 64, b''
    for part in parts:
        fields += struct.pack('<HHI', len(part), len(part), at)
        at += len(part)
    return b'NTLMSSP\0' + struct.pack('<I', 3) + fields + struct.pack('<I', 1) + b''.join(parts)


def logon(bound):
    """Negotiation and both legs; bound: the flag of a further channel, whose first leg knows the session."""
    def ask(number, session, token):
        return message(CLIENT, SETUP, number, struct.pack('<HBB8xHH8x', 25, bound, 0, 88, len(token)) + token, session)

    def answer(number, status, token):
        return message(SERVER, SETUP, number, struct.pack('<HHHH', 9, 0, 72, len(token)) + token, status=status)

    return [message(CLIENT, NEGOTIATE, 1, struct.pack('<HH32xHH', 36, 2, 0x0210, 0x0311), session=0),
            message(SERVER, NEGOTIATE, 1, struct.pack('<HHH58x', 65, 1, 0x0311), session=0),
            ask(2, SESSION if bound else 0, b'NTLMSSP\0' + struct.pack('<II16x', 1, 1)),
            answer(2, MORE, ntlm_challenge('pc12.lab.example')),
            ask(3, SESSION, ntlm_authenticate('adm-kato')), answer(3, 0, b'')]


def tree_connect(number, path):
    name = utf16(path)
    return [message(CLIENT, TREE_CONNECT, number, struct.pack('<HHHH', 9, 0, 72, len(name)) + name),
            message(SERVER, TREE_CONNECT, number, struct.pack('<HH12x', 16, 1), tree=TREE)]


def create(number, path, file):
    name = utf16(path)
    ask = struct.pack('<H22xI8xIIHH8x', 57, 0x40000000, 5, 0, 120, len(name)) + name
    answer = struct.pack('<HHI40xQIIQQ8x', 89, 0, 2, 0, 0x20, 0, file, file)
    return [message(CLIENT, CREATE, number, ask, tree=TREE), message(SERVER, CREATE, number, answer, tree=TREE)]


def write(number, file, data):
    ask = struct.pack('<HHIQQQ16x', 49, 112, len(data), 0, file, file) + data
    return [message(CLIENT, WRITE, number, ask, tree=TREE),
            message(SERVER, WRITE, number, struct.pack('<HHIQ', 17, 0, len(data), 0), tree=TREE)]


def connection(client, server, port, messages):
    """Frames of Ethernet; checksums are left out, as a network card that computes them would have it."""
    ends, ports, sequence = [bytes(client), bytes(server)], [port, 445], [1000, 2000]

    def packet(side, flags, data=b''):
        tcp = struct.pack('>HHIIBBHHH', ports[side], ports[1 - side], sequence[side], sequence[1 - side], 0x50, flags, 65535, 0, 0)
        ip = struct.pack('>BBHHHBBH', 0x45, 0, 40 + len(data), 1, 0, 64, 6, 0) + ends[side] + ends[1 - side]
        sequence[side] += len(data) + (1 if flags & 2 else 0)
        return b'\2\0\0\0\0\1\2\0\0\0\0\2\x08\0' + ip + tcp + data

    return [packet(CLIENT, 0x02), packet(SERVER, 0x12), packet(CLIENT, 0x10)] + [packet(side, 0x18, data) for side, data in messages]


def main(target):
    program = b'MZ' + bytes(60)
    first = logon(0) + tree_connect(4, r'\\pc12\ADMIN$') + create(5, r'Temp\first.exe', 7)
    second = logon(1) + write(4, 7, program) + create(5, r'Temp\second.exe', 8)
    packets = connection((10, 1, 10, 11), (10, 1, 10, 12), 50001, first)
    packets += connection((10, 1, 11, 11), (10, 1, 11, 12), 50002, second)
    with open(target, 'wb') as out:
        out.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for i, packet in enumerate(packets):
            out.write(struct.pack('<IIII', 1795482000 + i // 10, i % 10 * 100000, len(packet), len(packet)) + packet)


main(*sys.argv[1:])
