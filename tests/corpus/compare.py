#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Holds what sensord tells of real captures against what an independent dissector saw.

usage: compare.py SENSORD CORPUS [DIFFERENCES] [--show N] [--only TEXT]

CORPUS is a folder of captures with truth/NAME.jsonl beside them (NAME: the capture's path with / as __). Every fact of
the kinds below must be found in a record of `sensord replay --events`. DIFFERENCES lists the ones that are not, a line
each: capture <tab> event <tab> how many at most <tab> why. A listed difference that is gone is an error too, so that the
list stays true. Closes with `N passed, N failed`, a capture counting once.
"""
import argparse, json, os, re, subprocess, sys
from concurrent.futures import ThreadPoolExecutor

KINDS = {('http', 'request'), ('http', 'response'), ('http', 'connect'), ('socks', 'request'), ('tls', 'client_hello'),
         ('ntlmssp', 'negotiate'), ('ntlmssp', 'challenge'), ('ntlmssp', 'auth'),
         ('ldap', 'bind'), ('ldap', 'bind_response'), ('ldap', 'search'), ('rdp', 'cookie')}
CARRIERS = {'http': {'http', 'proxy'}, 'ldap': {'ldap'}}    # of NTLM: the kinds of record that show it


RULES = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'rules')


def get(record, name):
    """The value under a dotted name, None where absent."""
    for part in name.split('.'):
        if not isinstance(record, dict) or part not in record:
            return None
        record = record[part]
    return record


def text(value):
    return '' if value is None else str(value)


def same(expected, got):
    """Texts as the two dissectors print them: bytes beyond ASCII are shown differently, ends are trimmed."""
    a, b = text(expected).strip(), text(got).strip()
    if a == b:
        return True
    if len(b) >= 2040 and a.startswith(b[:2000]):   # our values end at 2,048 bytes
        return True
    plain = lambda s: ''.join(c for c in s if 32 < ord(c) < 127 and c != '?')
    if any(ord(c) > 126 or ord(c) < 32 or c == '\ufffd' for c in a + b) or '\\' in a:
        return plain(a).replace('\\', '') == plain(b).replace('\\', '')
    return False


def account(record):
    name, domain = text(get(record, 'user.name')), text(get(record, 'user.domain'))
    return {name, domain + '\\' + name, name + '@' + domain}


def credential(record, scheme_field, expected):
    if not expected:
        return True
    scheme = text(get(record, scheme_field)).lower()
    wanted = expected.get('scheme', '').lower()
    known = wanted in ('basic', 'digest', 'ntlm', 'negotiate')
    if scheme != (wanted if known else 'other'):
        return False
    return 'user' not in expected or expected['user'] in account(record) or not expected['user']


def is_request(record, d):
    return (same(d.get('method'), get(record, 'http.request.method')) and same(d.get('uri'), get(record, 'url.original'))
            and same(d.get('form'), get(record, 'http.request.form'))
            and same(d.get('version', '').replace('HTTP/', ''), get(record, 'http.version'))
            and same(d.get('host'), get(record, 'http.request.host')) and same(d.get('user_agent'), get(record, 'user_agent.original'))
            and same(d.get('proxy_connection'), get(record, 'http.request.proxy_connection'))
            and credential(record, 'proxy.auth.scheme', d.get('proxy_auth')) and credential(record, 'http.auth.scheme', d.get('auth')))


def schemes(record, name):
    return [s.lower() for s in get(record, name) or []]


def is_response(record, d):
    wanted = lambda key: {s.lower().rstrip(',') for s in d.get(key, [])}
    return (d['status'] == get(record, 'http.response.status_code')
            and ('method' not in d or same(d['method'], get(record, 'http.request.method')))
            and ('uri' not in d or same(d['uri'], get(record, 'url.original')))
            and same(d.get('server'), get(record, 'http.response.server'))
            and wanted('proxy_authenticate') <= set(schemes(record, 'http.response.proxy_authenticate'))
            and wanted('www_authenticate') <= set(schemes(record, 'http.response.www_authenticate')))


def is_connect(record, d):
    return (get(record, 'http.request.method') == 'CONNECT' and same(d['target'], get(record, 'url.original'))
            and d['status'] == get(record, 'http.response.status_code')
            and same(d.get('user_agent'), get(record, 'user_agent.original'))
            and credential(record, 'proxy.auth.scheme', d.get('proxy_auth')))


def is_socks(record, d):
    command = {1: 'connect', 2: 'bind', 3: 'udp-associate'}.get(d.get('command'), text(d.get('command')))
    host = text(d.get('host'))
    return (d.get('version') == get(record, 'socks.version') and command == get(record, 'socks.command')
            and same(host, get(record, 'url.domain')) and d.get('port') == get(record, 'url.port')
            and ('user' not in d or not d['user'] or same(d['user'], get(record, 'user.name'))))


def is_hello(record, d):
    return same(d.get('sni'), get(record, 'tls.client.server_name')) and same(d.get('version'), get(record, 'tls.client.version'))


def is_ntlm(event):
    names = {'target': 'target', 'nb_computer': 'nb_computer', 'nb_domain': 'nb_domain', 'dns_computer': 'dns_computer',
             'dns_domain': 'dns_domain', 'dns_tree': 'dns_tree'}

    def check(record, d):
        if event == 'challenge':
            return all(same(d[k], get(record, 'ntlm.challenge.' + v)) for k, v in names.items() if k in d)
        if event == 'negotiate':
            return (get(record, 'ntlm.message') == 'negotiate' and same(d.get('domain'), get(record, 'ntlm.negotiate.domain'))
                    and same(d.get('workstation'), get(record, 'ntlm.negotiate.workstation')))
        return (get(record, 'ntlm.message') == 'authenticate' and same(d.get('user'), get(record, 'user.name'))
                and same(d.get('domain'), get(record, 'user.domain')) and same(d.get('workstation'), get(record, 'auth.workstation'))
                and same(d.get('response'), get(record, 'ntlm.response')))
    return check


def is_bind(record, d):
    mechanism = text(get(record, 'ldap.mechanism'))
    simple = mechanism in ('simple', 'anonymous', 'unauthenticated')
    kind = 'ntlm' if mechanism == 'sicily' else 'simple' if simple else 'sasl'
    if get(record, 'event.action') != 'bind' or d.get('auth') != kind:
        return False
    return same(d.get('mechanism'), mechanism if kind == 'sasl' else None) and (
        same(d.get('name'), get(record, 'ldap.dn')) or kind == 'ntlm' and d.get('name') in account(record))


def is_bind_response(record, d):
    return get(record, 'event.action') == 'bind' and d['result'] == get(record, 'ldap.result')


def ldap_filter(value):
    """The items of a filter in order: the dissector nests what is a flat list on the wire, leaves out lists of one, and
    writes values beyond ASCII as a list of octets that may be cut short."""
    def plain(item):
        octets = re.fullmatch(r'([^=]*=)((?:[0-9a-f]{2}:)+(?:[0-9a-f]{2})?)\u2026?', item)
        if octets:
            item = octets[1] + bytes.fromhex(octets[2].replace(':', '')).decode('utf-8', 'ignore')
        return re.sub(r'[^!-\[\]-~]', '', re.sub(r'\\[0-9a-fA-F]{2}', '', item))
    return [plain(i) for i in re.split(r'[()]+[&|!]?', text(value)) if i]


def is_search(record, d):
    scope = {0: 'base', 1: 'one', 2: 'sub', 3: 'subordinate'}.get(d.get('scope'))
    return (get(record, 'event.action') == 'search' and same(scope, get(record, 'ldap.scope')) and same(d.get('base'), get(record, 'ldap.dn'))
            and (same(d.get('filter'), get(record, 'ldap.filter')) or ldap_filter(d.get('filter')) == ldap_filter(get(record, 'ldap.filter'))))


def is_cookie(record, d):
    return same(d['value'], 'mstshash=' + text(get(record, 'rdp.cookie')))


WEB = {'http', 'proxy'}
# proto, event -> kinds of record that may hold it, does the sender of the message start the flow, test
CHECKS = {
    ('http', 'request'): (WEB, True, is_request), ('http', 'response'): (WEB, False, is_response),
    ('http', 'connect'): (WEB, True, is_connect), ('socks', 'request'): ({'socks'}, True, is_socks),
    ('tls', 'client_hello'): ({'tls'}, True, is_hello), ('ntlmssp', 'negotiate'): (WEB, True, is_ntlm('negotiate')),
    ('ntlmssp', 'challenge'): (WEB, False, is_ntlm('challenge')), ('ntlmssp', 'auth'): (WEB, True, is_ntlm('auth')),
    ('ldap', 'bind'): ({'ldap'}, True, is_bind), ('ldap', 'bind_response'): ({'ldap'}, False, is_bind_response),
    ('ldap', 'search'): ({'ldap'}, True, is_search), ('rdp', 'cookie'): ({'rdp'}, True, is_cookie),
}


def facts(path):
    for line in open(path, encoding='utf-8'):
        fact = json.loads(line)
        key = (fact['proto'], fact['event'])
        if key in KINDS and (key[0] != 'ntlmssp' or fact['detail'].get('carrier') in CARRIERS):
            yield key, fact


def compare(sensord, corpus, truth):
    """-> (capture, how many facts, [facts not found], problem)"""
    path = os.path.join(corpus, 'truth', truth)
    wanted = list(facts(path))
    with open(path, encoding='utf-8') as f:
        first = f.readline()
    if not wanted or not first:
        return None
    capture = json.loads(first)['file']
    run = subprocess.run([sensord, 'replay', '--rules', RULES, '--alerts', 'none', '--events', '-', os.path.join(corpus, capture)],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if run.returncode not in (0, 2):
        return capture, len(wanted), [], 'exit code %d: %s' % (run.returncode, run.stderr.decode('utf-8', 'replace')[-300:])
    records = {}
    for line in run.stdout.decode('utf-8').splitlines():
        record = json.loads(line)
        records.setdefault((get(record, 'source.ip'), get(record, 'destination.ip')), []).append(record)
    missing = []
    for key, fact in wanted:
        kinds, from_client, test = CHECKS[key]
        kinds = CARRIERS[fact['detail']['carrier']] if key[0] == 'ntlmssp' else kinds
        pair = (fact['src'], fact['dst']) if from_client else (fact['dst'], fact['src'])
        if not any(get(r, 'event.dataset') in kinds and test(r, fact['detail']) for r in records.get(pair, [])):
            missing.append((key, fact))
    return capture, len(wanted), missing, None


def read_differences(path):
    known = {}
    if path:
        for line in open(path, encoding='utf-8'):
            if line.strip() and not line.startswith('#'):
                capture, event, most, why = line.rstrip('\n').split('\t')
                known[(capture, event)] = int(most)
    return known


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('sensord')
    parser.add_argument('corpus')
    parser.add_argument('differences', nargs='?')
    parser.add_argument('--show', type=int, default=5)
    parser.add_argument('--only', default='')
    a = parser.parse_args()
    known = read_differences(a.differences)
    names = sorted(n for n in os.listdir(os.path.join(a.corpus, 'truth')) if n.endswith('.jsonl') and a.only in n)
    passed = failed = total = found = 0
    with ThreadPoolExecutor(2) as pool:
        for result in pool.map(lambda n: compare(a.sensord, a.corpus, n), names):
            if not result:
                continue
            capture, n, missing, problem = result
            total += n
            found += n - len(missing)
            counts = {}
            for key, fact in missing:
                counts['/'.join(key)] = counts.get('/'.join(key), 0) + 1
            wrong = [e for e, c in counts.items() if c != known.get((capture, e), 0)]
            gone = [e for (f, e) in known if f == capture and e not in counts]
            if not wrong and not gone and not problem:
                passed += 1
                continue
            failed += 1
            print('%s: %s' % (capture, problem or ' '.join('%s %d of %d listed' % (e, c, known.get((capture, e), 0)) for e, c in counts.items())
                              or 'listed differences are gone: ' + ' '.join(gone)))
            for key, fact in [m for m in missing if '/'.join(m[0]) in wrong][:a.show]:
                print('    %s %s > %s frame %s %s' % ('/'.join(key), fact['src'], fact['dst'], fact['first_frame'],
                                                      json.dumps(fact['detail'])[:400]))
    print('%d facts, %d found' % (total, found))
    print('%d passed, %d failed' % (passed, failed))
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
