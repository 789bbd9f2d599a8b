#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A rule concludes the same in whatever company: what is loaded beside it, and whether records are shown, decides what is
remembered, counted without records or never made, and must decide nothing else.

usage: alone.py SENSORD LAB [--only TEXT]

Each capture of the laboratory is replayed with all rules, with all rules and every record shown (the same bytes), and with
the rules of each rule id alone (the same alerts: times, group, counts, evidence; the words of the catalogue and what
other rules' trackers add are left out). Closes with `N passed, N failed`, a capture counting once.
"""
import argparse, collections, glob, json, os, re, subprocess, sys

HERE = os.path.dirname(os.path.abspath(__file__))
RULES = os.path.join(HERE, '..', '..', 'rules')


def rule_id(name):
    return re.match(r'[A-Z]-\d+', name).group(0)


def files_by_id():
    """The files of each rule id, and those of the rules that they are made of."""
    texts, homes = {}, {}
    for path in sorted(glob.glob(os.path.join(RULES, '*', '*.yml'))):
        with open(path, encoding='utf-8') as f:
            texts[path] = f.read()
        for name in re.findall(r'^name:\s*(\S+)', texts[path], re.MULTILINE):
            homes[name] = path
    found = collections.defaultdict(set)
    for name, path in homes.items():
        found[rule_id(name)].add(path)
    for files in found.values():
        for path in list(files):
            for names in re.findall(r'^\s+rules:\s*\[(.*?)\]', texts[path], re.MULTILINE):
                files.update(homes[name.strip()] for name in names.split(','))
    return found


def replay(sensord, capture, rules, extra=()):
    command = [sensord, 'replay', '-c', os.path.join(HERE, 'site.yaml'), *extra]
    for path in rules:
        command += ['-r', path]
    done = subprocess.run(command + [capture], stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=300)
    if done.returncode > 1:
        raise SystemExit(f'{" ".join(command)}: status {done.returncode}: {done.stderr.decode(errors="replace").strip()}')
    return done.stdout


def told(line):
    a = line['alert']
    return (line['@timestamp'], line['rule']['uuid'], line['rule']['level'], a['state'], a['key'], a['count'], a['first'], a['last'],
            tuple(a.get('evidence', ())), line.get('source', {}).get('ip'), line.get('destination', {}).get('ip'))


def by_id(lines):
    found = collections.defaultdict(list)
    for line in map(json.loads, lines.splitlines()):
        found[line['rule']['id']].append(told(line))
    return found


def problems(sensord, capture, ids):
    lines = replay(sensord, capture, [RULES])
    if lines != replay(sensord, capture, [RULES], ['--events', '/dev/null']):
        yield 'other alerts where records are shown'
    together = by_id(lines)
    for one, files in sorted(ids.items()):
        alone = by_id(replay(sensord, capture, sorted(files)))[one]
        if alone != together[one]:
            extra, missing = set(alone) - set(together[one]), set(together[one]) - set(alone)
            yield f'{one} alone tells {len(alone)}, among all {len(together[one])}: ' + '; '.join(
                [f'only alone {x}' for x in sorted(extra)[:2]] + [f'only among all {x}' for x in sorted(missing)[:2]])


def main():
    arguments = argparse.ArgumentParser(usage='alone.py SENSORD LAB [--only TEXT]')
    arguments.add_argument('sensord')
    arguments.add_argument('lab')
    arguments.add_argument('--only', default='')
    given = arguments.parse_args()
    sensord, ids, passed, failed = os.path.abspath(given.sensord), files_by_id(), 0, 0
    for capture in sorted(glob.glob(os.path.join(given.lab, '*.pcap'))):
        if given.only not in os.path.basename(capture) or re.match('[xyz]_', os.path.basename(capture)) and not given.only:
            continue # the variants say the same by other packets
        bad = list(problems(sensord, capture, ids))
        print(f'{"FAIL" if bad else "PASS"}: {os.path.basename(capture)}')
        for line in bad:
            print(f'    {line}')
        passed, failed = passed + (not bad), failed + bool(bad)
    print(f'{passed} passed, {failed} failed')
    return failed > 0


sys.exit(main())
