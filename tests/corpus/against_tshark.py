#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Holds what sensord tells of captures against what the tshark of this machine sees in them, where no truth is written down.

usage: against_tshark.py SENSORD RULES FOLDER...

Of every capture below the folders: each TCP connection that was asked for, each DNS question and its result code, each
ClientHello (JA3) with its ServerHello (JA3S), the identifications of SSH, the names of DHCP clients and the accounts of FTP
logons. What only tshark sees is listed; KNOWN says of which captures it is none of our faults. Closes with `N passed,
N failed`, a capture counting once.
"""
import collections, json, os, subprocess, sys
from concurrent.futures import ThreadPoolExecutor

from common import get

FIELDS = ('frame.number ip.src ipv6.src ip.dst ipv6.dst tcp.dstport udp.srcport udp.dstport tcp.flags.syn tcp.flags.ack '
          'dns.flags.response dns.flags.opcode dns.qry.name dns.flags.rcode tls.handshake.type tls.handshake.ja3 '
          'tls.handshake.ja3s ssh.protocol ftp.request.command ftp.request.arg dhcp.option.hostname').split()
FILTER = ('(dns && !mdns && !llmnr && !nbns) || tls.handshake.type==1 || tls.handshake.type==2 || ssh.protocol || '
          'ftp.request.command=="PASS" || ftp.request.command=="USER" || dhcp.option.hostname || tcp.flags.syn==1')
CODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED', 'YXDOMAIN', 'YXRRSET', 'NXRRSET', 'NOTAUTH', 'NOTZONE']
CAPTURES = ('.pcap', '.pcapng', '.cap', '.trace', '.dmp')
KNOWN = {  # end of a path: why
    'pcap__protocols__Tunnels.pcap': 'GTP-U, a tunnel that is not opened',
    'haproxy.pcap': 'behind a PROXY protocol line, which is not recognised',
    'metasploit-ms017-010-win7x64.pcap': 'behind other bytes on the same connection',
    'xscan_capture.pcap': 'a scanner: dots inside labels, answers that it sends to servers',
    'communityid.pcap': 'a response that the snap length cut in its question',
    'community-shares__http__https.pcap': 'a datagram to port 53 that is no DNS',
    'base_ftp__pcaps__client.pcap': 'a name without a password: no logon yet',
}


def facts_of(fields):
    """What one frame shows, as tuples."""
    def all_of(name):
        return [v for v in fields[name].split('\2') if v]

    def is_set(name):
        return all_of(name)[-1:] in (['1'], ['True'])

    if bool(all_of('ip.src')) == bool(all_of('ipv6.src')):
        return
    source, destination = (all_of('ip.src') or all_of('ipv6.src'))[-1], (all_of('ip.dst') or all_of('ipv6.dst'))[-1]
    names = all_of('dns.qry.name')
    ports = all_of('udp.srcport')[-1:] + all_of('udp.dstport')[-1:]
    if is_set('tcp.flags.syn') and not is_set('tcp.flags.ack'):
        yield 'flow', source, destination, int(all_of('tcp.dstport')[-1])
    if len(names) == 1 and names[0].isprintable() and names[0].isascii() and '\\' not in names[0] and '53' in ports and \
            all_of('dns.flags.opcode') == ['0']:
        response = is_set('dns.flags.response')
        ends = (destination, source) if response else (source, destination)
        yield ('question',) + ends + (names[0].lower().replace('<root>', '.'),)
        if response and all_of('dns.flags.rcode'):
            yield ('answer',) + ends + (names[0].lower().replace('<root>', '.'), int(all_of('dns.flags.rcode')[0]))
    if not ports:
        for ja3 in all_of('tls.handshake.ja3')[:1]:
            yield 'ja3', source, destination, ja3
        for ja3s in all_of('tls.handshake.ja3s')[:1]:
            yield 'ja3s', destination, source, ja3s
    for line in all_of('ssh.protocol')[:1]:
        yield ('ssh',) + tuple(sorted((source, destination))) + (line.rstrip(),)
    if all_of('ftp.request.command')[:1] == ['USER']:
        for account in all_of('ftp.request.arg')[:1]:
            yield 'ftp', source, destination, account
    for name in all_of('dhcp.option.hostname')[:1]:
        yield 'dhcp', name


def seen(path):
    """{fact: frame} by tshark."""
    command = ['tshark', '-n', '-r', path, '-Y', FILTER, '-T', 'fields', '-E', 'separator=\1', '-E', 'aggregator=\2']
    run = subprocess.run(command + [a for f in FIELDS for a in ('-e', f)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    found = {}
    for line in run.stdout.decode('utf-8', 'replace').split('\n'):
        if line:
            fields = dict(zip(FIELDS, line.split('\1')))
            for fact in facts_of(fields):
                found.setdefault(fact, fields['frame.number'])
    asked = {fact[1:3] for fact in found if fact[0] == 'ja3'}  # a ServerHello alone has no record
    return {f: n for f, n in found.items() if f[0] != 'ja3s' or f[1:3] in asked}


def told(sensord, rules, path):
    """(the same facts by sensord, could it read the file)"""
    run = subprocess.run([sensord, 'replay', '--rules', rules, '--alerts', 'none', '--events', '-', path],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    facts = set()
    for line in run.stdout.decode('utf-8').splitlines():
        r = json.loads(line)
        ends, kind = (get(r, 'source.ip'), get(r, 'destination.ip')), get(r, 'event.dataset')
        name, code = (get(r, 'dns.question.name') or '').lower(), get(r, 'dns.response_code')
        facts |= {('flow',) + ends + (get(r, 'destination.port'),), ('question',) + ends + (name,),
                  ('answer',) + ends + (name, CODES.index(code) if code in CODES else code),
                  ('ja3',) + ends + (get(r, 'tls.client.ja3'),), ('ja3s',) + ends + (get(r, 'tls.server.ja3s'),),
                  ('dhcp', get(r, 'dhcp.client.name'))}
        if kind == 'ssh':
            facts |= {('ssh',) + tuple(sorted(ends)) + (get(r, 'ssh.%s.software' % side),) for side in ('client', 'server')}
        if kind == 'auth':
            facts.add(('ftp',) + ends + (get(r, 'user.name'),))
            facts.add(('ftp',) + ends + ('%s@%s' % (get(r, 'user.name'), get(r, 'user.domain')),))
    return facts, b'not a capture file' not in run.stderr


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    sensord, rules, folders = sys.argv[1], sys.argv[2], sys.argv[3:]
    if subprocess.run(['sh', '-c', 'command -v tshark'], stdout=subprocess.DEVNULL).returncode:
        print('SKIP: against_tshark (no tshark)')
        return 77
    paths = sorted(os.path.join(d, f) for folder in folders for d, _, files in os.walk(folder) for f in files if f.endswith(CAPTURES))
    total, missing, failed = collections.Counter(), collections.Counter(), 0

    def compare(path):
        facts, readable = told(sensord, rules, path)
        return path, seen(path) if readable else {}, facts

    with ThreadPoolExecutor(2) as pool:
        for path, expected, facts in pool.map(compare, paths):
            total.update(f[0] for f in expected)
            lost = [f for f in expected if f not in facts]
            missing.update(f[0] for f in lost)
            if not lost or any(path.endswith(end) for end in KNOWN):
                continue
            failed += 1
            for fact in lost[:5]:
                print('%s: frame %s: %s' % (path, expected[fact], ' '.join(map(str, fact))), flush=True)
    print(', '.join('%s %d of %d' % (k, total[k] - missing[k], total[k]) for k in sorted(total)))
    print('%d passed, %d failed' % (len(paths) - failed, failed))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
