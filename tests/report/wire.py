# SPDX-License-Identifier: BSD-2-Clause
"""Captures for the report: TCP conversations and lone SYNs as Ethernet frames in a pcap file."""
import ipaddress
import struct


def address(text):
    return ipaddress.ip_address(text).packed


def frame(source, destination, sport, dport, flags, seq, ack, payload=b""):
    tcp = struct.pack(">HHIIBBHHH", sport, dport, seq, ack, 5 << 4, flags, 65535, 0, 0) + payload
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0, address(source), address(destination))
    return b"\x02\0\0\0\0\x02\x02\0\0\0\0\x01\x08\0" + ip + tcp


class Capture:
    def __init__(self, start=1795305600):
        self.packets = []
        self.time = float(start)

    def add(self, data, step=0.001):
        self.packets.append((self.time, data))
        self.time += step

    def syn(self, source, destination, sport, dport, step=0.001):
        self.add(frame(source, destination, sport, dport, 0x02, 100, 0), step)

    def talk(self, source, destination, sport, dport, turns):
        """turns: pairs (from the client?, bytes)."""
        seq = [1000, 5000]
        self.add(frame(source, destination, sport, dport, 0x02, seq[0], 0))
        self.add(frame(destination, source, dport, sport, 0x12, seq[1], seq[0] + 1))
        seq = [seq[0] + 1, seq[1] + 1]
        self.add(frame(source, destination, sport, dport, 0x10, seq[0], seq[1]))
        for client, data in turns:
            if client:
                self.add(frame(source, destination, sport, dport, 0x18, seq[0], seq[1], data))
                seq[0] += len(data)
            else:
                self.add(frame(destination, source, dport, sport, 0x18, seq[1], seq[0], data))
                seq[1] += len(data)
        self.add(frame(source, destination, sport, dport, 0x11, seq[0], seq[1]))
        self.add(frame(destination, source, dport, sport, 0x11, seq[1], seq[0] + 1))
        self.add(frame(source, destination, sport, dport, 0x10, seq[0] + 1, seq[1] + 1))

    def write(self, path):
        with open(path, "wb") as out:
            out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
            for time, data in self.packets:
                out.write(struct.pack("<IIII", int(time), int(time % 1 * 1e6), len(data), len(data)) + data)
