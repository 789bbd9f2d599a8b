#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What looks like proof and is none, and what looks like a breach and is none (network.py, site.yaml).

usage: traps.py SENSORD

Each trap is a small capture around one attempt and the verdict that the cell has to get. The site files are site.yaml, changed by a line.
Closes with `N passed, N failed`.
"""
import calendar, ipaddress, json, os, re, struct, subprocess, sys, tempfile, xml.etree.ElementTree

from network import ACK, Network, PSH, RST, SYN

HERE = os.path.dirname(os.path.abspath(__file__))
START = calendar.timegm((2026, 11, 25, 10, 0, 0))
PC, PC2, DC, FILES, SERVER, PROXY, ADMIN, DMZ, CANARY = ('10.1.1.11', '10.1.1.12', '10.2.0.10', '10.2.0.20', '10.2.0.30', '10.5.0.10', '10.9.0.10',
                                                         '10.5.0.20', '203.0.113.10')
USERS = 'users 10.1.1.0/24'


def alive(n):
    for host in (PC, PC2, DC, FILES, SERVER, PROXY, ADMIN, DMZ):
        n.ping(host, str(ipaddress.ip_address(int(ipaddress.ip_network(host + '/24', False)[0]) + 1)), False)
    n.ping(CANARY, '198.51.100.1', False)


def controls(n):
    """The allowed ways work."""
    n.proxied(PC, PROXY, 8080, 'www.example.com', 200, 'user:right')
    n.tcp(PC, FILES, 445)
    n.tcp(ADMIN, SERVER, 22)
    n.tcp(SERVER, FILES, 445)


def icmp_error(n, by, client, server, port, code):
    """A SYN, and a router or host that says no to it (RFC 792)."""
    n.segment(client, server, (n.client_port(), port), 1000, 0, SYN)
    inner = n.packets[-1][1][14:14 + 28]
    n.frame(by, client, 1, struct.pack('!BBHI', 3, code, 0, 0) + inner)


def half_open(n, client, server, port):
    ports = (n.client_port(), port)
    n.segment(client, server, ports, 1000, 0, SYN)
    n.segment(server, client, ports[::-1], 5000, 1001, SYN | ACK)


def late_answer(n, client, server, port):
    ports = (n.client_port(), port)
    for wait in (0, 1, 2, 4, 8):
        n.now += wait
        n.segment(client, server, ports, 1000, 0, SYN)
    n.segment(server, client, ports[::-1], 5000, 1001, SYN | ACK)
    n.segment(client, server, ports, 1001, 5001, ACK)
    n.now += 5


def answer_unseen(n, client, server, port):
    """The way back was not mirrored: the client's ACK tells that it was answered."""
    ports = (n.client_port(), port)
    n.segment(client, server, ports, 1000, 0, SYN)
    n.now += 0.01
    n.segment(client, server, ports, 1001, 5001, ACK)
    n.segment(client, server, ports, 1001, 5001, PSH | ACK, b'hello')


def begun_before(n, client, server, port):
    ports = (n.client_port(), port)
    n.segment(client, server, ports, 1001, 5001, PSH | ACK, b'hello')
    n.segment(server, client, ports[::-1], 5001, 1006, PSH | ACK, b'world')


def two_taps(n, client, server, open_port, port):
    """Each packet is seen on both wires, one hop apart: the host's own refusal is no filter's."""
    def both(source, destination, ports, sequence, acknowledge, flags):
        for ttl in (64, 63):
            n.segment(source, destination, ports, sequence, acknowledge, flags, ttl=ttl)
    ports = (n.client_port(), open_port)
    both(client, server, ports, 1000, 0, SYN)
    both(server, client, ports[::-1], 5000, 1001, SYN | ACK)
    both(client, server, ports, 1001, 5001, ACK)
    n.now += 3
    ports = (n.client_port(), port)
    both(client, server, ports, 1000, 0, SYN)
    both(server, client, ports[::-1], 0, 1001, RST | ACK)


def asleep(n):
    """Ten signs of life with long gaps: what was tried in one of them was tried at nobody."""
    for i in range(40):
        if i % 2 == 0:
            alive(n)
        if i == 21:
            n.dropped(PC, ADMIN, 22)
        n.now += 1800


def one_of_three_alive(n):
    n.dropped(PC, ADMIN, 22)
    for _ in range(2):
        n.now += 3600
        n.dropped(PC, ADMIN, 22)


def tunnel(n, status, to=443, user=None, client=PC):
    n.proxied(client, PROXY, 8080, f'www.example.com:{to}', status, user, method='CONNECT', inside=[(0, b'\x16\x03\x01\0\x01\0')] if status == 200 else ())


def get(n, status, user=None, client=PC, target='www.example.com'):
    n.proxied(client, PROXY, 8080, target, status, user)


def preauth_first(n, user, error):
    """What every client does: asked for pre-authentication first (KDC error 25), which is no logon."""
    n.kerberos(PC, DC, user, 25)
    n.kerberos(PC, DC, user, error)


DENY_ALL = '    - { from: any, to: any, service: any, action: deny }\n'
ADMIN_ANY = '    - { from: admin, to: any, service: any }\n'
DENY_TELNET = '    - { from: any, to: any, service: telnet, action: deny }\n'
DENY_ROLE = '    - { from: role:dc, to: admin, service: any, action: deny }\n'
SSH, RDP = 'D/users>admin/ssh/ipv4', 'D/users>admin/rdp/ipv4'
LISTENER = 'proxy 10.5.0.10:8080'
TRAPS = [
    # name, cell, verdict, what is tried, {site: changes}
    ('a drop before a live host is proof', SSH, 'PROVEN', lambda n: n.dropped(PC, ADMIN, 22)),
    ('an answer without the end of the handshake came through', SSH, 'VIOLATED', lambda n: half_open(n, PC, ADMIN, 22)),
    ('an answer that was long in coming came through', SSH, 'VIOLATED', lambda n: late_answer(n, PC, ADMIN, 22)),
    ('an answer that only the ACK tells of came through', SSH, 'VIOLATED', lambda n: answer_unseen(n, PC, ADMIN, 22)),
    ('begun before the capture: who knows', SSH, 'INCONCLUSIVE', lambda n: begun_before(n, PC, ADMIN, 22)),
    ('RST of a host that answers from as far', SSH, 'VIOLATED', lambda n: (n.tcp(PC, ADMIN, 3389), n.refused(PC, ADMIN, 22, 64))),
    ('RST of a filter nearer by', SSH, 'PROVEN', lambda n: (n.tcp(ADMIN, SERVER, 22), n.tcp(SERVER, ADMIN, 443), n.refused(PC, ADMIN, 22, 63))),
    ('RST of a host seen on two wires', SSH, 'VIOLATED', lambda n: two_taps(n, PC, ADMIN, 3389, 22)),
    ('RST, and nothing to compare it with', SSH, 'INCONCLUSIVE', lambda n: n.refused(PC, ADMIN, 22, 63)),
    ('a router of ours that prohibits', SSH, 'PROVEN', lambda n: icmp_error(n, '10.1.1.1', PC, ADMIN, 22, 13)),
    ('the host itself: port unreachable', SSH, 'VIOLATED', lambda n: icmp_error(n, ADMIN, PC, ADMIN, 22, 3)),
    ('between networks a filter on the host separates nothing', SSH, 'VIOLATED', lambda n: icmp_error(n, ADMIN, PC, ADMIN, 22, 13)),
    ('between PCs a filter on the host is the measure', f'E/{USERS}>PCs of the same network/smb/ipv4', 'PROVEN', lambda n: icmp_error(n, PC2, PC, PC2, 445, 10)),
    ('between PCs a closed port is no measure', f'E/{USERS}>PCs of the same network/smb/ipv4', 'VIOLATED', lambda n: icmp_error(n, PC2, PC, PC2, 445, 3)),
    ('a router outside that prohibits: it had left', f'A/{USERS}>internet/tcp/443/ipv4', 'INCONCLUSIVE', lambda n: icmp_error(n, '198.51.100.1', PC, CANARY, 443, 13)),
    ('the border prohibits', f'A/{USERS}>internet/tcp/443/ipv4', 'PROVEN', lambda n: icmp_error(n, '10.1.1.1', PC, CANARY, 443, 13)),
    ('a host that is asleep proves nothing', SSH, 'INCONCLUSIVE', asleep),
    ('port 25 outside says nothing of the high ports', f'A/{USERS}>internet/tcp/high/ipv4', 'NOT_EXERCISED', lambda n: n.dropped(PC, CANARY, 25)),
    ('a high port outside', f'A/{USERS}>internet/tcp/high/ipv4', 'PROVEN', lambda n: n.dropped(PC, CANARY, 4433)),
    # policies that deny by name
    ('denied by name: one service says nothing of another', 'D/users>admin/rdp/ipv4', 'NOT_EXERCISED', lambda n: n.dropped(PC, ADMIN, 22), DENY_ALL),
    ('denied by name: the one that was tried', 'D/users>admin/ssh/ipv4', 'PROVEN', lambda n: n.dropped(PC, ADMIN, 22), DENY_ALL),
    ('denied by name: the one that came through', 'D/users>admin/ssh/ipv4', 'VIOLATED', lambda n: n.tcp(PC, ADMIN, 22), DENY_ALL),
    ('denied by name between all: each pair for itself', 'D/dmz>admin/telnet/ipv4', 'NOT_EXERCISED', lambda n: n.dropped(PC, ADMIN, 23), DENY_TELNET),
    ('denied by name between all: the pair that was tried', 'D/users>admin/telnet/ipv4', 'PROVEN', lambda n: n.dropped(PC, ADMIN, 23), DENY_TELNET),
    ('denied to a role: each service for itself', 'D/role:dc>admin/rdp/ipv4', 'NOT_EXERCISED', lambda n: n.dropped(DC, ADMIN, 22), DENY_ROLE),
    ('denied to a role: the one that was tried', 'D/role:dc>admin/ssh/ipv4', 'PROVEN', lambda n: n.dropped(DC, ADMIN, 22), DENY_ROLE),
    ('a row alone is no proof where nothing allowed was seen', 'D/users>servers/telnet/ipv4', 'INCONCLUSIVE', lambda n: n.dropped('10.1.2.21', SERVER, 23),
     '    - { from: users, to: servers, service: telnet, action: deny }\n', False),
    ('administration anywhere is not the internet', 'A/admin 10.9.0.0/24>internet/tcp/443/ipv4', 'VIOLATED', lambda n: n.tcp(ADMIN, CANARY, 443), ADMIN_ANY),
    ('administration anywhere is not the internet: set D', 'D/admin>internet/internet/any', 'VIOLATED', lambda n: n.tcp(ADMIN, CANARY, 443), ADMIN_ANY),
    # exceptions
    ('an exception for one host leaves the rest to be tried', SSH, 'NOT_EXERCISED', lambda n: None, None, True,
     '    - { rule: "D-*", from: 10.1.1.1, to: 10.9.0.1, port: 22, owner: net, reason: one, expires: 2099-12-31 }\n'),
    ('an exception for the zones covers the cell', SSH, 'EXEMPT', lambda n: None, None, True,
     '    - { rule: "D-*", from: users, to: admin, port: 22, owner: net, reason: all, expires: 2099-12-31 }\n'),
    ('an exception for one port leaves the other ports of the service', 'D/users>admin/web/ipv4', 'NOT_EXERCISED', lambda n: None, None, True,
     '    - { rule: "D-*", from: users, to: admin, port: 443, owner: net, reason: all, expires: 2099-12-31 }\n'),
    ('an exception that has ended covers nothing', SSH, 'VIOLATED', lambda n: n.tcp(PC, ADMIN, 22), None, True,
     '    - { rule: "D-*", from: users, to: admin, port: 22, owner: net, reason: over, expires: 2026-11-01 }\n'),
    # proxies
    ('407 is what a request without credentials gets', f'B/{USERS}>{LISTENER}/no-credential/ipv4', 'PROVEN', lambda n: get(n, 407)),
    ('403 may be of the server behind', f'B/{USERS}>{LISTENER}/no-credential/ipv4', 'INCONCLUSIVE', lambda n: get(n, 403)),
    ('404 is of the server behind', f'B/{USERS}>{LISTENER}/no-credential/ipv4', 'VIOLATED', lambda n: get(n, 404)),
    ('asked for GET only: nothing is shown for CONNECT', f'B/{USERS}>{LISTENER}/no-credential-connect/ipv4', 'NOT_EXERCISED', lambda n: get(n, 407)),
    ('asked for GET only: CONNECT came through', f'B/{USERS}>{LISTENER}/no-credential-connect/ipv4', 'VIOLATED', lambda n: (get(n, 407), tunnel(n, 200))),
    ('CONNECT to a forbidden port says nothing of credentials', f'B/{USERS}>{LISTENER}/no-credential-connect/ipv4', 'INCONCLUSIVE', lambda n: tunnel(n, 403, 22)),
    ('CONNECT refused by the proxy', f'C/users>{LISTENER}/connect-22/ipv4', 'PROVEN', lambda n: tunnel(n, 403, 22, 'user:right')),
    ('CONNECT tried by the proxy, and nobody was there', f'C/users>{LISTENER}/connect-22/ipv4', 'INCONCLUSIVE', lambda n: tunnel(n, 503, 22, 'user:right')),
    ('CONNECT that came through', f'C/users>{LISTENER}/connect-22/ipv4', 'VIOLATED', lambda n: tunnel(n, 200, 22, 'user:right')),
    ('an admin terminal that was served an error page of outside', 'D/admin>proxies/proxy/any', 'VIOLATED', lambda n: get(n, 404, 'user:right', ADMIN)),
    ('an admin terminal that the proxy refused', 'D/admin>proxies/proxy/any', 'PROVEN', lambda n: get(n, 403, 'user:right', ADMIN)),
    ('a server asked for itself in the absolute form is no proxy', 'B/any>undeclared proxies, port 8888/undeclared-proxy/ipv4', None,
     lambda n: n.proxied(PC, SERVER, 8888, f'{SERVER}:8888', 200)),
    ('a proxy that nobody declared', 'B/any>undeclared proxies, port 8888/undeclared-proxy/ipv4', 'VIOLATED',
     lambda n: n.proxied(PC, SERVER, 8888, 'www.example.com', 200)),
    # remote control
    ('a service may be made over 135 as well', 'E/PCs>PCs/remote-service/any', 'NOT_EXERCISED', lambda n: n.dropped(PC, PC2, 445)),
    ('a service stopped both ways', 'E/PCs>PCs/remote-service/any', 'PROVEN', lambda n: (n.dropped(PC, PC2, 445), n.dropped(PC, PC2, 135))),
    # logons
    ('a trap refused after the usual question', 'E/any host>logons/trap-kerberos/any', 'PROVEN', lambda n: preauth_first(n, 'localadm01', 24)),
    ('a question alone is no refusal', 'E/any host>logons/trap-kerberos/any', 'NOT_EXERCISED', lambda n: n.kerberos(PC, DC, 'localadm01', 25)),
    ('an administrator who is locked out everywhere proves nothing', 'F/domain_admin>any/from-user-pc/any', 'INCONCLUSIVE', lambda n: n.kerberos(PC, DC, 'adm-mori', 18)),
    ('an administrator who may log on where he should', 'F/domain_admin>any/from-user-pc/any', 'PROVEN',
     lambda n: (n.kerberos(ADMIN, DC, 'adm-mori'), n.kerberos(PC, DC, 'adm-mori', 12))),
    ('another administrator proves nothing for this class', 'F/operator>any/from-user-pc/any', 'NOT_EXERCISED',
     lambda n: (n.kerberos(ADMIN, DC, 'adm-mori'), n.kerberos(PC, DC, 'adm-mori', 12))),
    ('a wrong password is no refusal by design', 'F/domain_admin>any/from-user-pc/any', 'INCONCLUSIVE',
     lambda n: (n.kerberos(ADMIN, DC, 'adm-mori'), n.kerberos(PC, DC, 'adm-mori', 24))),
]


def site_file(folder, row, exception):
    with open(os.path.join(HERE, 'site.yaml'), encoding='utf-8') as f:
        text = f.read()
    if row:
        text = text.replace('  exceptions:\n', row + '  exceptions:\n')
    if exception:
        text += exception
    path = os.path.join(folder, 'site.yaml')
    with open(path, 'w', encoding='utf-8') as f:
        f.write(text)
    return path


def audit(sensord, folder, make, row=None, with_controls=True, exception=None, options=()):
    n = Network(START)
    alive(n)
    if with_controls:
        controls(n)
    make(n)
    path = os.path.join(folder, 'trap.pcap')
    n.save(path)
    command = [sensord, 'audit', '-c', site_file(folder, row, exception), '-r', os.path.join(HERE, '..', '..', 'rules'), '--format', 'json', *options, path]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=60)
    if done.returncode == 2:
        return None, done.stderr.decode()
    return json.loads(done.stdout), None


HOSTILE = '''site:
  name: "x\\u202e<script>alert(1)</script>]]>\\uFFFE\\uFFFF\\u0001\\n$(touch pwned)"
  zones:
    "u'; touch pwned; '": { networks: [10.1.1.0/24], role: user }
    "$(touch pwned)\\n`touch pwned`": { networks: [10.2.0.0/24], role: server }
    "営業": { networks: [10.9.0.0/24], role: admin }
    "経理": { networks: [10.5.0.0/24], role: dmz }
    "a}\\"; touch pwned #\\uFFFE<&\\"'>": { networks: [10.6.0.0/24], role: server }
  accounts:
    trap: [t]
    admin: [{ name: a, class: "c'$(touch pwned)\\n</testcase>" }]
  policy:
    - { from: "営業", to: any, service: ssh }
'''


def hostile(sensord, folder):
    """Names that would like to be something else, and a path longer than any room: every form stays what it is, the plan runs nothing of them."""
    site, path = os.path.join(folder, 'hostile.yaml'), os.path.join(folder, *['d' * 200] * 11, '<&"\'>\n\ufffe.pcap')
    os.makedirs(os.path.dirname(path))
    with open(site, 'w', encoding='utf-8') as f:
        f.write(HOSTILE)
    n = Network(START)
    n.dropped(PC, SERVER, 22)
    n.proxied(PC, SERVER, 8888, 'a"<b>.example', 200)
    n.kerberos(PC, SERVER, "a'<script>\x1b[31m", 24)
    n.save(path)
    run = lambda *o: subprocess.run([sensord, 'audit', '-c', site, '-r', os.path.join(HERE, '..', '..', 'rules'), *o, path], cwd=folder, stdout=subprocess.PIPE).stdout
    try:
        if not json.loads(run('--format', 'json'))['files']:
            yield 'json: no path'
        xml.etree.ElementTree.fromstring(run('--format', 'junit'))
    except ValueError as e:
        yield f'json: {e}'
    except xml.etree.ElementTree.ParseError as e:
        yield f'junit: {e}'
    if b'<script>alert(1)' in run('--format', 'html'):
        yield 'html: a script of somebody else'
    plan = run('--plan=sh')
    if subprocess.run(['/bin/sh', '-n'], input=plan).returncode:
        yield 'plan: no script'
    names = {'PATH': '/nowhere', **{name.decode(): 'x' for name in re.findall(rb'[$]{([A-Z][A-Z0-9_]*):', plan)}}
    for place in range(1, plan.count(b'\nplace_') + 1):
        subprocess.run(['/bin/sh', '-s', str(place)], input=plan, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=names, cwd=folder)
    if os.path.exists(os.path.join(folder, 'pwned')):
        yield 'plan: ran what a name said'
    if not {'ZONE_3_HOST', 'ZONE_4_HOST'} <= names.keys():
        yield 'plan: places share a name'


def main():
    sensord, passed, failed = os.path.abspath(sys.argv[1]), 0, 0

    def tell(name, problem):
        nonlocal passed, failed
        passed += not problem
        failed += bool(problem)
        if problem:
            print(f'FAIL: {name}: {problem}')
    with tempfile.TemporaryDirectory() as folder:
        for name, cell, verdict, make, *rest in TRAPS:
            told, problem = audit(sensord, folder, make, *rest)
            cells = {c['id']: c for c in told['cells']} if told else {}
            found = cells.get(cell)
            tell(name, problem or (None if (found or {}).get('verdict') == verdict else
                                   f'{cell} is {found["verdict"]} ({found["reason"]}), not {verdict}' if found else f'{cell}: no such cell'))
        told, problem = audit(sensord, folder, one_of_three_alive, options=('--attempts', '3'))
        found = {c['id']: c for c in told['cells']}[SSH] if told else None
        tell('of three attempts one was at a live host', problem or (None if found['verdict'] == 'INCONCLUSIVE' and found['counts']['stopped'] == 1 else found))
        told, problem = audit(sensord, folder, lambda n: get(n, 407), options=('--attempts', '2'))
        found = {c['id']: c for c in told['cells']}[f'B/{USERS}>{LISTENER}/no-credential/ipv4'] if told else None
        tell('one request is one attempt', problem or (None if found['verdict'] == 'INCONCLUSIVE' and found['counts']['stopped'] == 1 else found))
        for problem in list(hostile(sensord, folder)) or [None]:
            tell('hostile names', problem)
    print(f'{passed} passed, {failed} failed')
    sys.exit(failed > 0)


main()
