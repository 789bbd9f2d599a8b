#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Holds `sensord audit` against a network that is tried cell by cell (site.yaml, network.py).

usage: audit.py SENSORD [--lab FOLDER] [--verbose]

Fully tried, every cell is PROVEN, but for what no wire shows and what is exempt. Then, for every probe: without it, exactly the cells that
nothing else tries are NOT_EXERCISED and nothing else changes; with its hole open, exactly its cells are VIOLATED and nothing else changes.
The forms (JSON against contrib/audit-schema.json, JUnit XML, HTML, the plan as a script) are read back. With a laboratory,
captures with real violations have to be called so. Closes with `N passed, N failed`.
"""
import argparse, calendar, ipaddress, json, os, re, subprocess, sys, tempfile, xml.etree.ElementTree
from concurrent.futures import ThreadPoolExecutor

from network import Network

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'drivers'))
from validate import problems as schema_problems

sys.dont_write_bytecode = True
SITE, RULES = os.path.join(HERE, 'site.yaml'), os.path.join(HERE, '..', '..', 'rules')
START = calendar.timegm((2026, 11, 25, 10, 0, 0))  # a Wednesday

DC, FILES, SERVER, PROXY, DMZ, ADMIN, CANARY = '10.2.0.10', '10.2.0.20', '10.2.0.30', '10.5.0.10', '10.5.0.20', '10.9.0.10', '203.0.113.10'
FILES6, SERVER6, CANARY6 = '2001:db8:2::20', '2001:db8:2::30', '2001:db8:f::10'
PCS = {'10.1.1.0/24': ('10.1.1.11', '10.1.1.12'), '10.1.2.0/24': ('10.1.2.21', '10.1.2.22'), '2001:db8:1::/64': ('2001:db8:1::11', '2001:db8:1::12')}
HOSTS = {('users', 4): '10.1.1.11', ('users', 6): '2001:db8:1::11', ('servers', 4): SERVER, ('servers', 6): SERVER6, ('admin', 4): ADMIN,
         ('dmz', 4): DMZ, ('role:proxy', 4): PROXY, ('role:dc', 4): DC, ('internet', 4): CANARY, ('internet', 6): CANARY6}
PORTS = {'ssh': 22, 'rdp': 3389, 'winrm': 5985, 'smb': 445, 'rpc': 135, 'web': 443, 'other': 4444, 'kerberos': 88, 'ldap': 389, 'any': 8443}
HTTP = b'GET / HTTP/1.1\r\nHost: a\r\n\r\n', b'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'
TLS = bytes.fromhex('16030100310100002d0303') + b'r' * 32 + bytes.fromhex('000002130101000000')  # a ClientHello without extensions


class Probe:
    def __init__(self, name, make, hole=None, late=False):
        self.name, self.make, self.hole, self.late = name, make, hole, late


def egress(n, host, item, came):
    kind, _, port = item.partition('/')
    to = CANARY6 if ':' in host else CANARY
    if kind == 'icmp':
        n.ping(host, to, came)
    elif kind == 'udp':
        n.udp(host, to, int(port), came)
    elif came:
        n.tcp(host, to, 50443 if port == 'high' else int(port))
    else:
        n.dropped(host, to, 50443 if port == 'high' else int(port))


def allowed(n, source, to, item):
    if item == 'icmp':
        n.ping(source, to, True)
    elif item == 'dns':
        n.dns(source, to)
    elif item.startswith('tcp/'):
        n.tcp(source, to, int(item[4:]))
    else:
        n.tcp(source, to, PORTS[item])


def denied(n, source, to, item, came):
    port = PORTS[item]
    if came and item == 'rdp' and to == SERVER:
        n.refused(source, to, port, 64)  # nobody listens, and nothing filters
    elif came:
        n.tcp(source, to, port)
    elif item == 'ssh' and to == SERVER:
        n.refused(source, to, port, 254)  # the filter answers in the server's name
    else:
        n.dropped(source, to, port)


def matrix(cell):
    """D: a cell of the zone matrix, as its id says."""
    source, to, item, version = re.fullmatch(r'D/(.*)>([^/]*)/(.*)/ipv(.)', cell['id']).groups()
    a, b = HOSTS[source, int(version)], HOSTS[to, int(version)]
    if source == to:
        b = FILES if version == '4' else FILES6
    if cell['expect'] == 'allow':
        return Probe(cell['id'], lambda n: allowed(n, a, b, item))
    return Probe(cell['id'], lambda n: denied(n, a, b, item, False), lambda n: denied(n, a, b, item, True))


def at_proxy(cell):
    source, address, port, item = re.fullmatch(r'[BC]/(.*)>proxy (.*):(\d+)/(.*)/ipv4', cell['id']).groups()
    # Alerts are grouped by terminal: each listener is tried from terminals of its own.
    port, user = int(port), f'user{port}'
    one, two = (PCS[network][port == 8081] for network in ('10.1.1.0/24', '10.1.2.0/24'))
    get = lambda status, who=one, user=None, target='www.example.com', **rest: lambda n: n.proxied(who, PROXY, port, target, status, user, **rest)
    connect = lambda status, to=443, **rest: get(status, user=f'{user}:right', target=f'www.example.com:{to}', method='CONNECT', **rest)
    if item == 'no-credential':
        pc = PCS[source.split()[1]][0]
        return Probe(cell['id'], get(407, pc), get(200, pc))
    if item == 'no-credential-connect':
        pc, bare = PCS[source.split()[1]][port == 8081], dict(target='www.example.com:443', method='CONNECT')
        return Probe(cell['id'], get(407, pc, **bare), get(200, pc, inside=[(0, TLS)], **bare))
    if item.startswith('connect-') and item != 'connect-allowed':
        return Probe(cell['id'], connect(403, int(item[8:])), connect(200, int(item[8:]), inside=[(0, TLS)]))
    many = lambda times, make: lambda n: [make(n) for _ in range(times)]
    tunnel = [(0, TLS), (1, b'\x16\x03\x03\0\x04\x02\0\0\0')]
    return {
        # Two networks, so that each has a request that was served at the other listener too.
        'right-credential': Probe(cell['id'], lambda n: (get(200, user=f'{user}a:right')(n), get(200, two, f'{user}b:right')(n))),
        'wrong-credential': Probe(cell['id'], many(6, get(407, user=f'{user}c:wrong'))),
        'second-terminal': Probe(cell['id'], lambda n: [get(200, who, f'{user}d:right')(n) for who in (one, two, one, two)]),
        'off-hours': Probe(cell['id'], get(200, user=f'{user}e:right'), late=True),
        'connect-allowed': Probe(cell['id'], connect(200, inside=tunnel)),
        'not-tls-inside': Probe(cell['id'], connect(200, inside=[(1, b'SSH-2.0-OpenSSH_9.0\r\n'), (0, b'SSH-2.0-OpenSSH_9.0\r\n')])),
        'long-session': Probe(cell['id'], connect(200, inside=tunnel, hold=80, closed_by=0)),
        'forced-cut': Probe(cell['id'], connect(200, inside=tunnel, hold=120),
                            get(200, user=f'{user}:right', target='held.example.net:443', method='CONNECT', inside=tunnel, hold=300)),
        'reconnect-after-cut': Probe(cell['id'], many(5, connect(200, inside=tunnel, hold=120))),
    }[item]


def sharing(cell):
    source, item = re.fullmatch(r'E/(.*)>.*/([^/]*)/.*', cell['id']).groups()
    if source.startswith('users '):
        one, two = PCS[source.split()[1]]
        other = '10.1.2.21' if one.startswith('10.1.1') else '10.1.1.11'
        to = (FILES6 if ':' in one else FILES) if item == 'file-server' else two if 'same' in cell['to'] else other
        return Probe(cell['id'], lambda n: n.tcp(one, to, 445)) if item == 'file-server' else \
            Probe(cell['id'], lambda n: n.dropped(one, to, 445), lambda n: n.tcp(one, to, 445))
    pc, trap, refused = '10.1.1.11', 'localadm01', 0xc000015b
    pcs = [p for both in PCS.values() for p in both if ':' not in p]
    return {
        'trap-smb': Probe(cell['id'], lambda n: n.smb(pc, FILES, trap, 0xc000006d), lambda n: n.smb(pc, FILES, trap, 0)),
        'trap-present': Probe(cell['id'], lambda n: [n.smb(ADMIN, p, trap, refused) for p in pcs], lambda n: [n.smb(ADMIN, p, trap, 0) for p in pcs]),
        'trap-rdp': Probe(cell['id'], lambda n: n.rdp(ADMIN, SERVER, trap)),
        'trap-winrm': Probe(cell['id'], lambda n: n.winrm(ADMIN, SERVER, trap, 401), lambda n: n.winrm(ADMIN, SERVER, trap, 200)),
        'trap-ldap': Probe(cell['id'], lambda n: n.ldap(pc, DC, trap, 49), lambda n: n.ldap(pc, DC, trap, 0)),
        'trap-proxy': Probe(cell['id'], lambda n: n.proxied(pc, PROXY, 8080, 'www.example.com', 407, f'{trap}:wrong'),
                            lambda n: n.proxied(pc, PROXY, 8080, 'www.example.com', 200, f'{trap}:right')),
        'trap-kerberos': Probe(cell['id'], lambda n: n.kerberos(pc, DC, trap, 18), lambda n: n.kerberos(pc, DC, trap)),
        'remote-service': None, 'remote-task': None,  # stopped where SMB between PCs is
        'remote-wmi': Probe(cell['id'], lambda n: n.dropped(pc, '10.1.1.12', 135)),
    }[item]


def administrators(cell):
    group, item = re.fullmatch(r'F/(.*)>.*/([^/]*)/any', cell['id']).groups()
    user, pc = {'domain_admin': 'adm-mori', 'operator': 'op-suzuki'}.get(group, 'adm-mori'), '10.1.2.22'
    return {
        'from-admin-terminal': Probe(cell['id'], lambda n: n.kerberos(ADMIN, DC, user)),
        'from-user-pc': Probe(cell['id'], lambda n: n.smb(pc, FILES, user, 0xc000015b), lambda n: n.smb(pc, FILES, user, 0)),
        'failures': Probe(cell['id'], lambda n: [n.kerberos(ADMIN, DC, user, 24) for _ in range(4)]),
        'off-hours': Probe(cell['id'], lambda n: n.kerberos(ADMIN, DC, user), late=True),
        'interactive-on-pc': Probe(cell['id'], lambda n: n.kerberos(pc, DC, user, 12), lambda n: n.kerberos(pc, DC, user)),
    }[item]


def probe(cell):
    name = cell['id']
    if name.startswith('A/'):
        network, item = re.fullmatch(r'A/\S+ (\S+)>internet/(.*)/ipv.', name).groups()
        host = PCS[network][0] if network in PCS else {'10.2.0.0/24': SERVER, '2001:db8:2::/64': SERVER6, '10.9.0.0/24': ADMIN}[network]
        return Probe(name, lambda n: egress(n, host, item, False), lambda n: egress(n, host, item, True))
    if name.startswith(('B/', 'C/')):
        return at_proxy(cell)
    if name.startswith('E/'):
        return sharing(cell)
    if name.startswith('F/'):
        return administrators(cell)
    return {
        'D/admin>proxies/proxy/any': Probe(name, lambda n: n.dropped(ADMIN, PROXY, 8080), lambda n: n.proxied(ADMIN, PROXY, 8080, 'www.example.com', 200, 'x:y')),
        'D/admin>any/mail/any': Probe(name, lambda n: n.dropped(ADMIN, SERVER, 25), lambda n: n.tcp(ADMIN, SERVER, 25)),
        'D/admin>internet/internet/any': Probe(name, lambda n: n.dropped(ADMIN, CANARY, 443), lambda n: n.tcp(ADMIN, CANARY, 443)),
        'D/site as a whole>site as a whole/unknown-device/any': Probe(name, lambda n: n.tcp('10.9.0.99', SERVER, 22)),
    }.get(name) or matrix(cell)


class Bench:
    def __init__(self, sensord, folder):
        self.sensord, self.folder, self.probes, self.runs = sensord, folder, [], 0

    @staticmethod
    def signs_of_life(n):
        """Everybody is up, the canaries outside too: each asks its gateway, which does not answer."""
        n.ping(CANARY6, '2001:db8:f::1', False)
        n.ping(CANARY, '198.51.100.1', False)
        for host in [p for both in PCS.values() for p in both] + [DC, FILES, SERVER, PROXY, DMZ, ADMIN, FILES6, SERVER6]:
            n.ping(host, str(ipaddress.ip_address(int(ipaddress.ip_network(host + ('/64' if ':' in host else '/24'), False)[0]) + 1)), False)

    def capture(self, path, without=(), holes=(), **rest):
        n = Network(START)
        self.signs_of_life(n)
        alive = n.now
        for late in (False, True):
            if late:
                n.now = START + 12.5 * 3600
            for p in self.probes:
                if n.now > alive + 300:
                    self.signs_of_life(n)
                    alive = n.now
                if p.late == late and p.name not in without:
                    (p.hole if p.name in holes else p.make)(n)
                    n.now += 2
        n.save(path, **rest)

    def run(self, *options, capture, site=SITE):
        return subprocess.run([self.sensord, 'audit', '-c', site, '-r', RULES, *options, capture], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              stdin=subprocess.DEVNULL, timeout=300)

    def audit(self, **changes):
        self.runs += 1
        path = os.path.join(self.folder, f'{self.runs}.pcap')
        self.capture(path, **changes)
        done = self.run('--format', 'json', capture=path)
        os.unlink(path)
        if done.returncode == 2:
            raise RuntimeError(done.stderr.decode())
        cells = {c['id']: c for c in json.loads(done.stdout)['cells']}
        return cells, done.returncode


def changed(full, cells):
    return {i for i in cells.keys() | full.keys() if cells.get(i, {}).get('verdict') != full.get(i, {}).get('verdict')}


def untouched(cell):
    return not any(cell['counts'].values())


class Report:
    def __init__(self, verbose):
        self.passed = self.failed = 0
        self.verbose = verbose

    def tell(self, name, problems):
        self.passed += not problems
        self.failed += bool(problems)
        if problems or self.verbose:
            print(f'{"FAIL" if problems else "PASS"}: {name}')
        for p in problems[:6]:
            print(f'    {p}')


def say(cells, ids):
    return [f'{i}: {cells[i]["verdict"]} ({cells[i]["why"]})' if i in cells else f'{i}: gone' for i in sorted(ids)]


def left_out(bench, full, p):
    """Exactly what nothing else tries is NOT_EXERCISED."""
    cells, _ = bench.audit(without=[p.name])
    differ = changed(full, cells)
    wrong = {i for i in differ if cells[i]['verdict'] != 'NOT_EXERCISED' or not p.name}
    hit = {i for i in cells if cells[i]['counts'] != full[i]['counts']}
    wrong |= differ - hit
    wrong |= {i for i in hit if untouched(cells[i]) and cells[i]['verdict'] != 'NOT_EXERCISED'}
    return say(cells, wrong), hit


def opened(bench, full, p):
    """Exactly what the hole is in is VIOLATED."""
    cells, code = bench.audit(holes=[p.name])
    differ = changed(full, cells)
    # A terminal that gets through is seen by the rows of the policy and by its set alike; nothing that was proven may become anything else.
    wrong = {i for i in differ if i in full and cells[i]['verdict'] != 'VIOLATED'}
    problems = say(cells, wrong)
    if cells[p.name]['verdict'] != 'VIOLATED':
        problems.append(f'{p.name} is {cells[p.name]["verdict"]} ({cells[p.name]["why"]})')
    if code != 1:
        problems.append(f'exit {code} instead of 1')
    return problems, differ


def forms(bench, report, path):
    for form in ('text', 'json', 'junit', 'html'):
        one, two = bench.run('--format', form, capture=path), bench.run('--format', form, capture=path)
        report.tell(f'{form}: the same bytes twice', [] if one.stdout == two.stdout and one.stdout else ['they differ'])
    with open(os.path.join(HERE, '..', '..', 'contrib', 'audit-schema.json'), encoding='utf-8') as f:
        schema = json.load(f)
    report.tell('json: as its schema says', list(schema_problems(schema, json.loads(bench.run('--format', 'json', '--baseline', baseline(bench, path), capture=path).stdout))))
    suites = xml.etree.ElementTree.fromstring(bench.run('--format', 'junit', '--strict', capture=path).stdout)
    cases = list(suites.iter('testcase'))
    told = sum(int(s.get('tests')) for s in suites)
    report.tell('junit: a test case for each cell', [] if cases and len(cases) == told else [f'{len(cases)} cases, {told} announced'])
    for what in ('--plan=sh', '--plan'):
        plan = bench.run(what, capture=path)
        problems = [] if plan.returncode == 0 and plan.stdout else [f'status {plan.returncode}']
        if what == '--plan=sh':
            checked = subprocess.run(['/bin/sh', '-n'], input=plan.stdout, stderr=subprocess.PIPE)
            problems += [checked.stderr.decode()] if checked.returncode else []
            # Without a number it only says what it could do.
            told = subprocess.run(['/bin/sh', '-s'], input=plan.stdout, stdout=subprocess.PIPE, env={'PATH': '/nowhere'})
            problems += [] if told.stdout.startswith(b'usage:') else ['it does something when nothing was asked']
        report.tell(f'plan: {what}', problems)


def baseline(bench, path):
    to = os.path.join(bench.folder, 'baseline.json')
    with open(to, 'wb') as f:
        f.write(bench.run('--format', 'json', capture=path).stdout)
    return to


def drift(bench, report, path):
    earlier, holed = baseline(bench, path), os.path.join(bench.folder, 'holed.pcap')
    name = 'D/users>admin/ssh/ipv4'
    bench.capture(holed, holes=[name])
    told = json.loads(bench.run('--format', 'json', '--baseline', earlier, capture=holed).stdout)['drift']
    report.tell('drift: exactly the cell that changed', [] if told == [{'id': name, 'was': 'PROVEN', 'now': 'VIOLATED', 'worse': True}] else [str(told)])
    same = json.loads(bench.run('--format', 'json', '--baseline', earlier, capture=path).stdout)['drift']
    report.tell('drift: none against itself', [str(same)] if same else [])
    for text in ('{', '[1]', '{"format": "sensord-audit-2", "cells": []}', '{"format": "sensord-audit-1", "cells": [{"id": "x"}]}', '{"format": "sensord-audit-1", "cells": [{"id": "x", "verdict": "FINE"}]}'):
        with open(earlier, 'w') as f:
            f.write(text)
        done = bench.run('--baseline', earlier, capture=path)
        report.tell(f'drift: refuses {text}', [] if done.returncode == 2 and b'baseline.json' in done.stderr else [f'status {done.returncode}: {done.stderr}'])


def quality(bench, report, full):
    """A wire that shows one direction, or loses packets, proves nothing."""
    path = os.path.join(bench.folder, 'one.pcap')
    inner = ('10.1.', '10.9.', '2001:db8:1:')
    bench.capture(path, keep=lambda i, source: source.startswith(inner))
    cells = {c['id']: c for c in json.loads(bench.run('--format', 'json', capture=path).stdout)['cells']}
    proven = [i for i in cells if cells[i]['verdict'] == 'PROVEN' and cells[i]['expect'] == 'deny' and i.startswith(('A/users', 'D/users', 'D/admin'))]
    report.tell('one direction only: no stop is proven', proven)
    blind = {c['why'] for c in cells.values() if c['id'].startswith('D/users>admin')}
    report.tell('one direction only: said to be the reason', [] if blind == {'one-sided'} else [str(blind)])
    done = bench.run('--format', 'json', '--wires', 'W4', capture=path)
    seen = {c['verdict'] for c in json.loads(done.stdout)['cells'] if c['id'].startswith('B/') and c['why'] == 'no-wire'}
    report.tell('a wire that was not mirrored: NOT_VISIBLE', [] if seen <= {'NOT_VISIBLE'} else [str(seen)])


LAB = {
    'd_admin_seg': ['D/users>admin/ssh/ipv4', 'D/servers>admin/ssh/ipv4', 'D/users>admin/rdp/ipv4', 'D/users>admin/smb/ipv4'],
    'e_svcctl': ['E/PCs>PCs/remote-service/any'],
    'e_trap_ntlm_smb': ['E/any host>logons/trap-smb/any', 'E/any host>logons/trap-winrm/any'],
    'e_trap_proxy': ['E/any host>logons/trap-proxy/any', 'E/any host>logons/trap-kerberos/any'],
    'f_admin_krb_pc': ['F/administrators>any/from-user-pc/any', 'F/site as a whole>site as a whole/interactive-on-pc/any'],
    'b_open_proxy': ['B/any>undeclared proxies, port 3128/undeclared-proxy/ipv4'],
    'a_direct_allowed': ['A/'],
    'd_admin_browse': ['D/admin>'],
    'e_pc2pc_shares': ['E/users 10.1.'],
    'f_admin_ok': [], 'benign_day': [], 'b_auth_kinds': [],
}


def laboratory(bench, report, folder):
    site = os.path.join(HERE, '..', 'lab', 'site.yaml')
    for name, violated in LAB.items():
        path = os.path.join(folder, name + '.pcap')
        if not os.path.exists(path):
            continue
        cells = json.loads(bench.run('--format', 'json', capture=path, site=site).stdout)['cells']
        found = [c['id'] for c in cells if c['verdict'] == 'VIOLATED']
        problems = [f'not violated: {v}' for v in violated if not any(f.startswith(v) for f in found)]
        if not violated:
            problems = [f'violated: {f}' for f in found]
        report.tell(f'laboratory: {name}', problems)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument('sensord')
    arguments.add_argument('--lab', default='')
    arguments.add_argument('--only', default='')
    arguments.add_argument('--verbose', action='store_true')
    o = arguments.parse_args()
    report = Report(o.verbose)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(o.sensord, folder)
        cells, _ = bench.audit()
        bench.probes = [p for c in cells.values() if c['expect'] not in ('document', 'missing') and c['verdict'] not in ('EXEMPT',)
                        for p in [probe(c)] if p]
        full, code = bench.audit()
        path = os.path.join(folder, 'full.pcap')
        bench.capture(path)
        wrong = {i for i, c in full.items() if c['verdict'] not in ('PROVEN', 'NOT_VISIBLE', 'EXEMPT')}
        report.tell(f'fully tried: {len(full)} cells', say(full, wrong) + ([] if code == 0 else [f'exit {code}']))
        paper = {i for i, c in full.items() if c['verdict'] == 'NOT_VISIBLE'}
        report.tell('not visible is only what no wire shows', [i for i in paper if full[i]['expect'] != 'document'])
        report.tell('exempt is only what an exception covers', [i for i, c in full.items() if c['verdict'] == 'EXEMPT' and i != 'D/dmz>servers/rpc/ipv4'])
        wanted = [p for p in bench.probes if o.only in p.name]
        alone = {}
        with ThreadPoolExecutor(2) as pool:
            for p, (problems, hit) in zip(wanted, pool.map(lambda p: left_out(bench, full, p), wanted)):
                report.tell(f'left out: {p.name}', problems)
                alone[p.name] = hit
            holes = [p for p in wanted if p.hole]
            for p, (problems, differ) in zip(holes, pool.map(lambda p: opened(bench, full, p), holes)):
                report.tell(f'hole: {p.name}', problems)
            # What several probes try: without all of them.
            shared = [i for i in full if o.only in i and sum(i in hit for hit in alone.values()) > 1 and not o.only]
            groups = [[name for name, hit in alone.items() if i in hit] for i in shared]
            for i, (cells, _) in zip(shared, pool.map(lambda g: bench.audit(without=g), groups)):
                report.tell(f'left out with all that try it: {i}', [] if cells[i]['verdict'] == 'NOT_EXERCISED' else say(cells, [i]))
        if not o.only:
            forms(bench, report, path)
            drift(bench, report, path)
            quality(bench, report, full)
        if o.lab:
            laboratory(bench, report, o.lab)
    print(f'{report.passed} passed, {report.failed} failed')
    sys.exit(report.failed > 0)


main()
