#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Replays the named attack captures with no site file: each must lead an analyst to the rules listed in attacks.txt.

usage: attacks.py SENSORD CORPUS [--only TEXT] [--verbose]

Closes with `N passed, N failed`, a capture counting once. Captures that are not there are skipped.
"""
import argparse, json, os, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))


def expectations():
    with open(os.path.join(HERE, 'attacks.txt'), encoding='utf-8') as f:
        for line in f:
            line = line.strip()
            if line and not line.startswith('#') and not line.endswith(':'):
                capture, rules = line.rsplit(' ', 1)
                yield capture, set(rules.split(','))


def replay(sensord, capture):
    """Rule id to the sentence told first, without what is informational."""
    done = subprocess.run([sensord, 'replay', '-r', os.path.join(HERE, '..', '..', 'rules'), capture], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, timeout=300)
    told = {}
    for line in done.stdout.decode().splitlines():
        alert = json.loads(line)
        if alert['rule']['level'] != 'informational':
            told.setdefault(alert['rule']['id'], f'{alert["rule"]["level"]}: {alert["message"]}')
    return told


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument('sensord')
    arguments.add_argument('corpus')
    arguments.add_argument('--only', default='')
    arguments.add_argument('--verbose', action='store_true')
    o = arguments.parse_args()
    passed = failed = skipped = 0
    for name, rules in expectations():
        capture = os.path.join(o.corpus, name)
        if o.only not in name:
            continue
        if not os.path.exists(capture):
            skipped += 1
            continue
        told = replay(o.sensord, capture)
        missing = sorted(rules - told.keys())
        passed += not missing
        failed += bool(missing)
        if missing or o.verbose:
            print(f'{"FAIL" if missing else "PASS"}: {name}' + (f', missing {" ".join(missing)}' if missing else ''))
            for rule in sorted(told) if o.verbose or missing else []:
                print(f'    {rule} {told[rule]}')
    if skipped:
        print(f'{skipped} captures are not there')
    print(f'{passed} passed, {failed} failed')
    sys.exit(failed > 0 or passed == 0)


main()
