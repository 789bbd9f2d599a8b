#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Holds what sensord tells of real captures against what an independent dissector saw.

usage: compare.py SENSORD CORPUS [DIFFERENCES] [--show N] [--only TEXT]

CORPUS is a folder of captures with truth/NAME.jsonl beside them (NAME: the capture's path with / as __). Every fact of
the kinds below must be found in a record of `sensord replay --events`. DIFFERENCES lists the ones that are not, a line
each: capture <tab> event <tab> how many at most <tab> why. A listed difference that is gone is an error too, so that the
list stays true. Closes with `N passed, N failed`, a capture counting once.
"""
import argparse, json, os, subprocess, sys
from concurrent.futures import ThreadPoolExecutor

KINDS = {('http', 'request'), ('http', 'response'), ('http', 'connect'), ('socks', 'request'), ('tls', 'client_hello'),
         ('ntlmssp', 'negotiate'), ('ntlmssp', 'challenge'), ('ntlmssp', 'auth')}
SMB1 = {'negotiate', 'negotiate_response', 'session_setup', 'session_setup_response', 'tree_connect', 'tree_connect_response',
        'create', 'create_response', 'delete', 'rename', 'read', 'write', 'transaction'}
SMB2 = {'negotiate', 'negotiate_response', 'session_setup_response', 'tree_connect', 'tree_connect_response', 'create',
        'create_response', 'read', 'write', 'find', 'ioctl', 'rename', 'delete', 'logoff', 'encrypted', 'compressed'}
KINDS |= {('smb1', e) for e in SMB1} | {('smb2', e) for e in SMB2} | {('nbss', 'session_request')}


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


DIALECTS = {0x0202: '2.0.2', 0x0210: '2.1', 0x0300: '3.0', 0x0302: '3.0.2', 0x0311: '3.1.1'}
DISPOSITIONS = ['supersede', 'open', 'create', 'open_if', 'overwrite', 'overwrite_if']
ACTIONS = ['superseded', 'opened', 'created', 'overwritten']
SHARE_TYPES = {1: 'disk', 2: 'pipe', 3: 'print'}
MORE = 'STATUS_MORE_PROCESSING_REQUIRED'


def number(value):
    return int(str(value), 0)


def command_is(record, *names):
    return get(record, 'smb.command') in names


def rights(mask):
    mask = number(mask)
    has = lambda bits: mask & bits
    return ({'read'} if has(0x90000001) else set()) | ({'write'} if has(0x50000002) else set()) | ({'delete'} if has(0x10010000) else set())


def is_file(record, d, field='file'):
    """A file, a pipe or a directory's root by the name that the message gives."""
    name = text(d.get(field)).lstrip('\\')
    shown = lambda value: ''.join(c if ord(c) > 31 else '\\x%x' % ord(c) for c in text(value))
    if name.upper().startswith('PIPE\\'):
        name = name[5:]
    return (('path' not in d or same(d['path'], get(record, 'smb.share')) or not get(record, 'smb.share'))
            and (same(name, shown(get(record, 'file.path'))) or same(name, shown(get(record, 'smb.pipe')))))


def status_is(record, d):
    status = text(get(record, 'smb.status'))
    if 'status' not in d:
        return True
    if status.startswith('DOS_'):   # the fact has the code without its class
        return d['status'].startswith('0x') and number(d['status']) == int(status.split('_')[2])
    if d.get('status') == 'STATUS_PENDING':   # the final answer is told
        return True
    if d.get('status') == '0x0000':
        return status == 'STATUS_SUCCESS'
    return same(d['status'], status)


def is_offer(record, d):
    names = [DIALECTS.get(number(x), x) if text(x).startswith('0x') else x for x in d.get('dialects', []) if x]
    return command_is(record, 'negotiate') and set(names) <= set(get(record, 'smb.dialects') or [])


def is_agreed(record, d):
    if not command_is(record, 'negotiate'):
        return False
    if 'dialect_index' in d:   # the name is one of those offered in that place
        offered = get(record, 'smb.dialects') or []
        return d['dialect_index'] >= len(offered) or offered[d['dialect_index']] == get(record, 'smb.version')
    wanted = DIALECTS.get(number(d['dialect'])) if 'dialect' in d else None
    return wanted == get(record, 'smb.version')


def is_session(record, d):
    if not command_is(record, 'session_setup'):
        return False
    if d.get('status') == MORE:   # the logon is told once, with its last answer
        return True
    flags = get(record, 'smb.session_flags') or []
    bits = number(d.get('flags', 0))
    return (status_is(record, d) and ('user' not in d or same(d['user'], get(record, 'user.name')))
            and all(name in flags for bit, name in ((1, 'guest'), (2, 'null'), (4, 'encrypt')) if bits & bit))


def is_old_session(record, d):
    return (command_is(record, 'session_setup') and ('native_os' not in d or same(d['native_os'], get(record, 'smb.native_os')))
            and ('account' not in d or same(d['account'], get(record, 'user.name')))
            and ('domain' not in d or 'account' not in d or same(d['domain'], get(record, 'user.domain'))))


def is_tree(record, d):
    return (command_is(record, 'tree_connect') and same(d.get('path'), get(record, 'smb.share')) and status_is(record, d)
            and ('share_type' not in d or SHARE_TYPES.get(d['share_type']) == get(record, 'smb.share_type')))


def is_create(record, d):
    if not command_is(record, 'create') or not is_file(record, d) or not status_is(record, d):
        return False
    if 'disposition' in d and DISPOSITIONS[d['disposition']] != get(record, 'smb.disposition'):
        return False
    if 'access' in d and rights(d['access']) != set(get(record, 'smb.access') or []) & {'read', 'write', 'delete'}:
        return False
    if d.get('delete_on_close') and not get(record, 'smb.delete_on_close'):
        return False
    return 'action' not in d or d.get('status', 'STATUS_SUCCESS') != 'STATUS_SUCCESS' or ACTIONS[d['action']] == get(record, 'smb.action')


def is_content(field):
    def check(record, d):
        """Content of a file is summed up; that of a pipe is told as calls. Without a file (a create that failed in the same
        compound, or one before the capture) there is nothing to sum up."""
        if 'file' not in d and command_is(record, 'create', 'read', 'write', 'close'):
            return True
        if command_is(record, 'create') and get(record, 'smb.pipe'):
            return is_file(record, d)
        return get(record, field) is not None and is_file(record, d) or command_is(record, 'write') and field == 'smb.write_bytes' and is_file(record, d)
    return check


def is_ioctl(record, d):
    function = text(d.get('function')).split(' ')[0]
    if function == 'FSCTL_PIPE_TRANSCEIVE':
        return bool(get(record, 'smb.pipe'))
    return command_is(record, 'ioctl') and same(function, get(record, 'smb.function'))


def is_named(command):
    return lambda record, d: command_is(record, command) and is_file(record, d) and ('target' not in d or same(d['target'], get(record, 'smb.target')))


def is_find(record, d):
    return command_is(record, 'query_directory') and ('pattern' not in d or same(d['pattern'], get(record, 'smb.pattern')))


def is_transaction(record, d):
    name = text(d.get('name'))
    if name.strip('\\').upper().startswith('PIPE'):   # a call on an open pipe
        return bool(get(record, 'smb.pipe'))
    return command_is(record, 'transaction') and same(name, get(record, 'smb.pipe'))


def is_logon(event):
    check = is_ntlm(event)

    def logon(record, d):
        """All messages of a logon are in its one record."""
        if event == 'negotiate':
            return (text(get(record, 'ntlm.message')) != '' and same(d.get('domain'), get(record, 'ntlm.negotiate.domain'))
                    and same(d.get('workstation'), get(record, 'ntlm.negotiate.workstation')))
        return check(record, d)
    return logon


WEB = {'http', 'proxy'}
SMB = {'smb'}
# proto, event -> kinds of record that may hold it, does the sender of the message start the flow, test
CHECKS = {
    ('http', 'request'): (WEB, True, is_request), ('http', 'response'): (WEB, False, is_response),
    ('http', 'connect'): (WEB, True, is_connect), ('socks', 'request'): ({'socks'}, True, is_socks),
    ('tls', 'client_hello'): ({'tls'}, True, is_hello), ('ntlmssp', 'negotiate'): (WEB, True, is_ntlm('negotiate')),
    ('ntlmssp', 'challenge'): (WEB, False, is_ntlm('challenge')), ('ntlmssp', 'auth'): (WEB, True, is_ntlm('auth')),
    ('nbss', 'session_request'): (SMB, True, lambda r, d: command_is(r, 'session_request')
                                  and text(d.get('called', '')).split('<')[0].strip() == text(get(r, 'smb.called'))),
    ('smb1', 'session_setup'): (SMB, True, is_old_session), ('smb1', 'transaction'): (SMB, True, is_transaction),
    ('smb2', 'find'): (SMB, True, is_find), ('smb2', 'ioctl'): (SMB, True, is_ioctl),
    ('smb2', 'logoff'): (SMB, True, lambda r, d: command_is(r, 'logoff')),
    ('smb2', 'encrypted'): (SMB, None, lambda r, d: command_is(r, 'encrypted')),
    ('smb2', 'compressed'): (SMB, None, lambda r, d: command_is(r, 'compressed')),
}
for version in ('smb1', 'smb2'):
    CHECKS.update({
        (version, 'negotiate'): (SMB, True, is_offer), (version, 'negotiate_response'): (SMB, False, is_agreed),
        (version, 'session_setup_response'): (SMB, False, is_session), (version, 'tree_connect'): (SMB, True, is_tree),
        (version, 'tree_connect_response'): (SMB, False, is_tree), (version, 'create'): (SMB, True, is_create),
        (version, 'create_response'): (SMB, False, is_create), (version, 'read'): (SMB, True, is_content('smb.read_bytes')),
        (version, 'write'): (SMB, True, is_content('smb.write_bytes')), (version, 'delete'): (SMB, True, is_named('delete')),
        (version, 'rename'): (SMB, True, is_named('rename')),
    })
SMB_LOGON = {'negotiate': True, 'challenge': False, 'auth': True}


def facts(path):
    for line in open(path, encoding='utf-8'):
        fact = json.loads(line)
        key = (fact['proto'], fact['event'])
        carrier = fact['detail'].get('carrier')
        if key in KINDS and (key[0] != 'ntlmssp' or carrier in ('http', 'smb1', 'smb2')):
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
        if key[0] == 'ntlmssp' and fact['detail'].get('carrier') != 'http':
            kinds, from_client, test = {'auth'}, SMB_LOGON[key[1]], is_logon(key[1])
        pairs = [(fact['src'], fact['dst'])] if from_client or from_client is None else []
        pairs += [(fact['dst'], fact['src'])] if not from_client else []
        if not any(get(r, 'event.dataset') in kinds and test(r, fact['detail']) for p in pairs for r in records.get(p, [])):
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
