#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Holds what `sensord learn` proposes against what is really in the captures.

usage: learn.py SENSORD FOLDER TRUTH [--only TEXT] [--verbose]

Every capture in FOLDER is learned from. Each proxy and each domain controller that TRUTH (lab.txt, corpus.txt) knows of has to be
proposed, and nothing else as one: a capture that it does not name has neither. The proposal has to pass `sensord check`, and replaying
the capture with it opens none of the alerts that a row of the policy silences. Closes with `N passed, N failed`.
"""
import argparse, glob, json, os, re, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
RULES = os.path.join(HERE, '..', '..', 'rules')
# Told of connections that came to be and that the policy could have allowed.
POLICY = {'A-02', 'A-04', 'D-01', 'D-02', 'D-04'}


def truth(path):
    """Capture to (proxies, domain controllers); and those of which packets are missing."""
    rows, reported = {}, set()
    with open(path, encoding='utf-8') as f:
        for line in f:
            words = line.split('#')[0].split()
            if not words:
                continue
            proxies, controllers = rows.setdefault(words[0], (set(), set()))
            for word in words[1:]:
                if word == 'report':
                    reported.add(words[0])
                    continue
                kind, _, value = word.partition('=')
                {'proxy': proxies, 'dc': controllers}[kind].add(value)
    return rows, reported


def proposed(text):
    """What stands in the proposal outside of comments."""
    proxies, controllers, inside = set(), set(), False
    for line in text.splitlines():
        found = re.match(r'    - \{ address: "([^"]+)", ports: \[(\d+)\]', line)
        if found:
            proxies.add(f'{found[1]}:{found[2]}')
        if re.match(r'  \S', line):
            inside = line.startswith('  domain_controllers:')
        found = re.match(r'    - "([^"]+)"', line)
        if inside and found:
            controllers.add(found[1])
    return proxies, controllers


def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=300)


def judge(sensord, capture, expected, folder):
    done = run(sensord, 'learn', capture)
    text = done.stdout.decode('utf-8')
    if done.returncode and not text:
        return [] if expected == (set(), set()) else ['nothing was proposed']
    problems = []
    for what, is_, should in zip(('proxies', 'domain controllers'), proposed(text), expected):
        if is_ != should:
            problems.append(f'{what}: {sorted(is_)} instead of {sorted(should)}')
    site = os.path.join(folder, 'site.yaml')
    with open(site, 'w', encoding='utf-8') as f:
        f.write(text)
    checked = run(sensord, 'check', '-c', site, '-r', RULES)
    if checked.returncode:
        problems.append(f'check: {checked.stderr.decode().strip()}')
    if not problems:
        for line in run(sensord, 'replay', '-r', RULES, '-c', site, capture).stdout.decode().splitlines():
            alert = json.loads(line)
            if alert['rule']['id'] in POLICY and alert['alert']['state'] == 'open' and alert['rule']['level'] == 'high':
                problems.append(f'not quiet: {alert["rule"]["id"]} {alert["message"]}')
    return problems


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument('sensord')
    arguments.add_argument('folder')
    arguments.add_argument('truth')
    arguments.add_argument('--only', default='')
    arguments.add_argument('--verbose', action='store_true')
    o = arguments.parse_args()
    expected, reported = truth(o.truth)
    captures = {os.path.relpath(p, o.folder): p for p in glob.glob(os.path.join(o.folder, '**', '*'), recursive=True)
                if re.search(r'\.(pcap|pcapng|cap)(\.gz)?$', p)}
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for name in sorted(captures):
            if o.only not in name:
                continue
            problems = judge(o.sensord, captures[name], expected.get(name, (set(), set())), folder)
            passed += not problems and name not in reported
            failed += bool(problems) and name not in reported
            if problems or o.verbose:
                print(f'{"REPORT" if name in reported else "FAIL" if problems else "PASS"}: {name}')
            for line in problems[:8]:
                print(f'    {line}')
    missing = sorted(set(expected) - set(captures))
    if missing:
        print(f'not there: {", ".join(missing)}')
    print(f'{passed} passed, {failed} failed')
    sys.exit(failed > 0 or passed == 0)


main()
