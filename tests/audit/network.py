# SPDX-License-Identifier: BSD-2-Clause
"""A small network in one capture: connections made packet by packet, with the standard library. Hosts answer with TTL 64; a filter that
answers in their name with TTL 254. The protocols are as short as their documents allow: HTTP (RFC 9112), NTLM (MS-NLMP 2.2.1), SMB 2
(MS-SMB2 2.2), Kerberos (RFC 4120 section 5.4), LDAP (RFC 4511 section 4.2), RDP (MS-RDPBCGR 2.2.1.1)."""
import base64, hashlib, ipaddress, struct

SYN, ACK, FIN, RST, PSH = 2, 16, 1, 4, 8


class Network:
    def __init__(self, start):
        self.packets, self.now, self.port = [], float(start), 20000

    def save(self, path, snap=262144, keep=lambda i, source: True):
        self.packets.sort(key=lambda p: p[0])
        with open(path, 'wb') as f:
            f.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
            for i, (when, frame, source) in enumerate(self.packets):
                if keep(i, source):
                    f.write(struct.pack('<IIII', int(when), int(when % 1 * 1e6), min(snap, len(frame)), len(frame)) + frame[:snap])

    def frame(self, source, destination, protocol, payload, ttl=64):
        a, b = ipaddress.ip_address(source), ipaddress.ip_address(destination)
        mac = lambda x: b'\x02' + hashlib.sha256(x.packed).digest()[:5]
        if a.version == 4:
            head = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 20 + len(payload), 1, 0x4000, ttl, protocol, 0, a.packed, b.packed)
            checksum = sum(struct.unpack('!10H', head))
            checksum = ~((checksum & 0xffff) + (checksum >> 16)) & 0xffff
            head = head[:10] + struct.pack('!H', checksum) + head[12:]
        else:
            head = struct.pack('!IHBB16s16s', 0x60000000, len(payload), protocol, ttl, a.packed, b.packed)
        self.packets.append((self.now, mac(b) + mac(a) + (b'\x08\x00' if a.version == 4 else b'\x86\xdd') + head + payload, source))
        self.now += 0.001

    def client_port(self):
        self.port = self.port + 1 if self.port < 60000 else 20000
        return self.port

    def segment(self, source, destination, ports, sequence, acknowledge, flags, data=b'', ttl=64):
        self.frame(source, destination, 6, struct.pack('!HHIIBBHHH', *ports, sequence, acknowledge, 5 << 4, flags, 65000, 0, 0) + data, ttl)

    def dropped(self, client, server, port, times=2):
        ports = (self.client_port(), port)
        for _ in range(times):
            self.segment(client, server, ports, 1000, 0, SYN)
            self.now += 1

    def refused(self, client, server, port, ttl):
        ports = (self.client_port(), port)
        self.segment(client, server, ports, 1000, 0, SYN)
        self.segment(server, client, ports[::-1], 0, 1001, RST | ACK, ttl=ttl)

    def tcp(self, client, server, port, talk=(), closed_by=1, hold=0.0):
        """talk: (side, bytes) or seconds to wait. The connection stays open `hold` seconds longer than the talk, with a packet now and then."""
        ports, ends, sequence = (self.client_port(), port), (client, server), [1001, 5001]
        self.segment(client, server, ports, 1000, 0, SYN)
        self.segment(server, client, ports[::-1], 5000, 1001, SYN | ACK)
        self.segment(client, server, ports, 1001, 5001, ACK)

        def send(side, flags, data=b''):
            self.segment(ends[side], ends[1 - side], ports[::1 if side == 0 else -1], sequence[side], sequence[1 - side], flags, data)
            sequence[side] += len(data) + bool(flags & FIN)
        for one in talk:
            if isinstance(one, tuple):
                send(one[0], PSH | ACK, one[1])
                send(1 - one[0], ACK)
            else:
                self.now += one
        end = self.now + hold
        while self.now + 10 < end:
            self.now += 10
            send(0, PSH | ACK, b'ping')
            send(1, ACK)
        self.now = max(self.now, end)
        send(closed_by, FIN | ACK)
        send(1 - closed_by, FIN | ACK)
        send(closed_by, ACK)

    def udp(self, client, server, port, answered, request=b'probe', answer=b'answer'):
        ports = (self.client_port(), port)
        self.frame(client, server, 17, struct.pack('!HHHH', *ports, 8 + len(request), 0) + request)
        if answered:
            self.frame(server, client, 17, struct.pack('!HHHH', *ports[::-1], 8 + len(answer), 0) + answer)

    def ping(self, client, server, answered):
        six = ':' in client
        for kind, source, destination in ((128 if six else 8, client, server), (129 if six else 0, server, client))[:2 if answered else 1]:
            self.frame(source, destination, 58 if six else 1, struct.pack('!BBHHH', kind, 0, 0, self.port, 1) + b'probe')

    # ---- protocols ----

    def proxied(self, client, proxy, port, target, status, user=None, method='GET', inside=(), **rest):
        """One request through a proxy; user: name:password. inside: what goes through the tunnel."""
        uri = target if method == 'CONNECT' else f'http://{target}/'
        credential = f'Proxy-Authorization: Basic {base64.b64encode(user.encode()).decode()}\r\n' if user else ''
        request = f'{method} {uri} HTTP/1.1\r\nHost: {target}\r\nUser-Agent: Mozilla/5.0 (test)\r\n{credential}\r\n'
        asks = 'Proxy-Authenticate: Basic realm="proxy"\r\n' if status == 407 else ''
        tunnel = method == 'CONNECT' and status == 200
        answer = f'HTTP/1.1 {status} Status\r\n{asks}' + ('\r\n' if tunnel else 'Content-Length: 2\r\n\r\nok')
        self.tcp(client, proxy, port, [(0, request.encode()), (1, answer.encode()), *inside], **rest)

    def smb(self, client, server, user, status, domain='LAB'):
        """SMB 2.1, NTLM, a session set up with this NTSTATUS."""
        negotiate = smb2(0, 0, struct.pack('<HHHHI16sQ', 36, 1, 1, 0, 0, b'c' * 16, 0) + struct.pack('<H', 0x0210), 0)
        answer = smb2(0, 0, struct.pack('<HHHH16sIIIIQQHHI', 65, 1, 0x0210, 0, b's' * 16, 0, 65536, 65536, 65536, 0, 0, 128, 0, 0), 1)
        talk = [(0, negotiate), (1, answer)]
        for i, (token, back, code) in enumerate(((ntlm_negotiate(), ntlm_challenge(), 0xc0000016), (ntlm_authenticate(user, domain), b'', status))):
            setup = struct.pack('<HBBIIHHQ', 25, 0, 1, 0, 0, 88, len(token), 0) + token
            reply = struct.pack('<HHHH', 9, 0, 72, len(back)) + back if code in (0, 0xc0000016) else struct.pack('<HBBI', 9, 0, 0, 0) + b'\0'
            talk += [(0, smb2(1, i + 1, setup, 0, session=i)), (1, smb2(1, i + 1, reply, 1, code, session=1))]
        self.tcp(client, server, 445, talk)

    def winrm(self, client, server, user, status):
        token = lambda t: base64.b64encode(t).decode()
        talk = []
        for sent, code, back in ((ntlm_negotiate(), 401, ntlm_challenge()), (ntlm_authenticate(user, 'LAB'), status, None)):
            talk.append((0, (f'POST /wsman HTTP/1.1\r\nHost: {server}:5985\r\nAuthorization: Negotiate {token(sent)}\r\n'
                             'Content-Type: application/soap+xml\r\nContent-Length: 0\r\n\r\n').encode()))
            offer = f'WWW-Authenticate: Negotiate {token(back)}\r\n' if back else 'WWW-Authenticate: Negotiate\r\n' if code == 401 else ''
            talk.append((1, f'HTTP/1.1 {code} Status\r\n{offer}Content-Length: 0\r\n\r\n'.encode()))
        self.tcp(client, server, 5985, talk)

    def rdp(self, client, server, user):
        cookie = f'Cookie: mstshash={user}\r\n'.encode() + struct.pack('<BBHI', 1, 0, 8, 1)
        request = bytes((6 + len(cookie), 0xe0, 0, 0, 0, 0, 0)) + cookie
        confirm = bytes((14, 0xd0, 0, 0, 0x12, 0x34, 0)) + struct.pack('<BBHI', 2, 0, 8, 1)
        tpkt = lambda x: struct.pack('!BBH', 3, 0, 4 + len(x)) + x
        self.tcp(client, server, 3389, [(0, tpkt(request)), (1, tpkt(confirm))])

    def ldap(self, client, server, name, code):
        bind = der(0x30, der(2, b'\1') + der(0x60, der(2, b'\3') + der(4, name.encode()) + der(0x80, b'secret')))
        result = der(0x30, der(2, b'\1') + der(0x61, der(10, bytes((code,))) + der(4, b'') + der(4, b'')))
        self.tcp(client, server, 389, [(0, bind), (1, result)])

    def kerberos(self, client, server, user, error=None, realm='LAB.EXAMPLE'):
        """An AS exchange with an encrypted timestamp; error None: a ticket is issued."""
        text, number = lambda s: der(0x1b, s.encode()), lambda n: der(2, bytes((n,)))
        name = lambda kind, *parts: der(0x30, tag(0, number(kind)) + tag(1, der(0x30, b''.join(map(text, parts)))))
        sealed = der(0x30, tag(0, number(18)) + tag(2, der(4, hashlib.sha256(f'{user}{self.now}'.encode()).digest() * 2)))
        stamp = der(0x30, tag(1, number(2)) + tag(2, der(4, sealed)))
        body = der(0x30, tag(0, der(3, b'\0\x40\x81\0\x10')) + tag(1, name(1, user)) + tag(2, text(realm)) + tag(3, name(2, 'krbtgt', realm)) +
                   tag(5, der(0x18, b'20370913024805Z')) + tag(7, der(2, b'\x12\x34\x56\x78')) + tag(8, der(0x30, number(18))))
        request = der(0x6a, der(0x30, tag(1, number(5)) + tag(2, number(10)) + tag(3, der(0x30, stamp)) + tag(4, body)))
        if error is None:
            ticket = der(0x61, der(0x30, tag(0, number(5)) + tag(1, text(realm)) + tag(2, name(2, 'krbtgt', realm)) + tag(3, sealed)))
            answer = der(0x6b, der(0x30, tag(0, number(5)) + tag(1, number(11)) + tag(3, text(realm)) + tag(4, name(1, user)) + tag(5, ticket) + tag(6, sealed)))
        else:
            answer = der(0x7e, der(0x30, tag(0, number(5)) + tag(1, number(30)) + tag(4, der(0x18, b'20261125100000Z')) + tag(5, number(0)) +
                                   tag(6, number(error)) + tag(9, text(realm)) + tag(10, name(2, 'krbtgt', realm))))
        frame = lambda x: struct.pack('!I', len(x)) + x
        self.tcp(client, server, 88, [(0, frame(request)), (1, frame(answer))])

    def dns(self, client, server, name='www.example.com'):
        question = b''.join(bytes((len(x),)) + x.encode() for x in name.split('.')) + b'\0\0\1\0\1'
        answer = b'\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xcb\0\x71\x0a'
        self.udp(client, server, 53, True, struct.pack('!HHHHHH', 7, 0x100, 1, 0, 0, 0) + question, struct.pack('!HHHHHH', 7, 0x8180, 1, 1, 0, 0) + question + answer)


def der(kind, content):
    size = len(content)
    return bytes((kind,)) + (bytes((size,)) if size < 128 else b'\x82' + struct.pack('!H', size)) + content


def tag(n, content):
    return der(0xa0 + n, content)


def smb2(command, message, body, response, status=0, session=0):
    head = b'\xfeSMB' + struct.pack('<HHIHHIIQIIQ16s', 64, 1, status, command, 1, response, 0, message, 0, 0, session, b'')
    return struct.pack('!I', len(head) + len(body)) + head + body


def ntlm_negotiate():
    return b'NTLMSSP\0' + struct.pack('<II', 1, 0xa2088207) + b'\0' * 16


def ntlm_challenge():
    name = 'LAB'.encode('utf-16-le')
    return b'NTLMSSP\0' + struct.pack('<IHHIIQQHHI', 2, len(name), len(name), 48, 0xa2898205, 0x1122334455667788, 0, 0, 0, 48 + len(name)) + name


def ntlm_authenticate(user, domain):
    fields = [b'\0' * 24, b'\1' * 44, domain.encode('utf-16-le'), user.encode('utf-16-le'), 'PROBE'.encode('utf-16-le'), b'']
    head, offset = b'NTLMSSP\0' + struct.pack('<I', 3), 64
    for f in fields:
        head += struct.pack('<HHI', len(f), len(f), offset)
        offset += len(f)
    return head + struct.pack('<I', 0xa2888205) + b''.join(fields)
