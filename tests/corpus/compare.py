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

import dce_rpc, directory, kerberos, smb, web
from common import get

RULES = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'rules')

# proto, event[, carrier] -> kinds of record that may hold it, does its sender start the flow (None: either), test
CHECKS = {**web.CHECKS, **directory.CHECKS, **kerberos.CHECKS, **smb.CHECKS, **dce_rpc.CHECKS}


def check_of(fact):
    """The key in CHECKS, or None where nothing is asked of such a fact."""
    key = (fact['proto'], fact['event'])
    carried = key + (fact['detail'].get('carrier'),)
    if key[0] == 'dcerpc' and not dce_rpc.asked(fact):
        return None
    return carried if carried in CHECKS else key if key in CHECKS else None


def is_told(records, key, fact):
    kinds, from_client, test = CHECKS[key]
    pairs = [(fact['src'], fact['dst'])] if from_client is not False else []
    pairs += [(fact['dst'], fact['src'])] if not from_client else []
    return any(get(r, 'event.dataset') in kinds and test(r, fact['detail']) for p in pairs for r in records.get(p, []))


def compare(sensord, corpus, truth):
    """-> (capture, how many facts, [facts not found], problem)"""
    with open(os.path.join(corpus, 'truth', truth), encoding='utf-8') as f:
        facts = [json.loads(line) for line in f]
    wanted = [(check_of(fact), fact) for fact in facts if check_of(fact)]
    if not wanted:
        return None
    capture = facts[0]['file']
    run = subprocess.run([sensord, 'replay', '--rules', RULES, '--alerts', 'none', '--events', '-', os.path.join(corpus, capture)],
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if run.returncode not in (0, 2):
        return capture, len(wanted), [], 'exit code %d: %s' % (run.returncode, run.stderr.decode('utf-8', 'replace')[-300:])
    records = {}
    for line in run.stdout.decode('utf-8').splitlines():
        record = json.loads(line)
        records.setdefault((get(record, 'source.ip'), get(record, 'destination.ip')), []).append(record)
    return capture, len(wanted), [(key[:2], fact) for key, fact in wanted if not is_told(records, key, fact)], None


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
