#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Replays the laboratory's captures and holds the alerts against what was done there.

usage: lab.py SENSORD LAB [--only TEXT] [--verbose]

LAB is a folder of NAME.pcap with NAME.truth.json: events with measure set, source, destination, span of time, and whether
an alert is expected. For each capture:
  - an event with expected=alert has an alert of its measure set (through a relay: of any set) between its two hosts, told
    in its span;
  - no alert is opened twice with the same rule and key;
  - an event with expected=none has no alert above informational between its two hosts, but for those that belong to
    another event with expected=alert;
  - benign_day has no alert above informational at all.
Where packets are missing (midstream, cut short, one way, lost) the evidence may be gone: those only report.
Closes with `N passed, N failed`, a capture counting once.
"""
import argparse, glob, json, os, subprocess, sys
from datetime import datetime, timezone
from ipaddress import ip_address, ip_network

HERE = os.path.dirname(os.path.abspath(__file__))
REPORT_ONLY = ('x_midstream', 'x_snap96', 'x_oneway', 'x_loss')
SLACK = 1.0          # seconds; the times of the events are those of the commands
RELAYED = 'b_socks'  # what goes through the relay is seen from the relay too


def seconds(stamp):
    whole, _, part = stamp.rstrip('Z').partition('.')
    start = datetime.strptime(whole, '%Y-%m-%dT%H:%M:%S').replace(tzinfo=timezone.utc)
    return start.timestamp() + float('0.' + (part or '0'))


class Alert:
    """An alert with what its closing line added."""

    def __init__(self, line):
        self.rule, self.level = line['rule']['id'], line['rule']['level']
        self.measure = line['ipa']['measure'] if 'ipa' in line else ''
        self.key = (self.rule, line['alert']['key'])
        self.pair = (line.get('source', {}).get('ip'), line.get('destination', {}).get('ip'))
        self.first, self.last = seconds(line['alert']['first']), seconds(line['alert']['last'])
        self.message = line['message']

    def within(self, event):
        return self.first <= event['t_end'] + SLACK and self.last >= event['t_approx'] - SLACK

    def loud(self):
        return self.level != 'informational'

    def __str__(self):
        return f'{self.rule} {self.level}: {self.message}'


def replay(sensord, capture):
    command = [sensord, 'replay', '-r', os.path.join(HERE, '..', '..', 'rules'), '-c', os.path.join(HERE, 'site.yaml'), capture]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=300)
    problems = [] if done.returncode == 0 else [f'status {done.returncode}: {done.stderr.decode(errors="replace").strip()}']
    alerts = {}
    for line in done.stdout.decode().splitlines():
        line = json.loads(line)
        alert = Alert(line)
        if line['alert']['state'] == 'open':
            if alert.key in alerts:
                problems.append(f'opened twice: {alert}')
            alerts[alert.key] = alert
        elif alert.key in alerts:
            known = alerts[alert.key]
            known.first, known.last = min(known.first, alert.first), max(known.last, alert.last)
        else:
            problems.append(f'closed, but never opened: {alert}')
    return list(alerts.values()), problems


def pairs(name, event):
    """The hosts of an event: from, to; of what is relayed, the second half of the way too."""
    found = [(event['src'], event['dst'])]
    if RELAYED in name:
        found += [tuple(p.split(' > ')) for p in event.get('verify', {}).get('wire_pairs', [])]
    return found


def between(name, alert, event):
    """The destination of an event may be a network: what was swept."""
    return any(alert.pair[0] == src and (alert.pair[1] == dst or '/' in dst and alert.pair[1] and
                                         ip_address(alert.pair[1]) in ip_network(dst)) for src, dst in pairs(name, event))


def belongs(name, alert, event, any_set=False):
    return (event['expected'] == 'alert' and between(name, alert, event) and alert.within(event)
            and (any_set or alert.measure == event['measure_set'] or RELAYED in name))


def judge(name, events, alerts):
    problems = []
    for event in events:
        event.setdefault('t_end', event['t_approx'])
        if event['expected'] == 'alert' and not any(belongs(name, a, event) for a in alerts):
            problems.append(f'missing: {event["measure_set"]} {event["what"]}, {event["src"]} > {event["dst"]}')
    for event in events:
        if event['expected'] == 'none':
            problems += [f'not expected at "{event["what"]}": {a}' for a in alerts
                         if a.loud() and a.pair == (event['src'], event['dst']) and a.within(event)
                         and not any(belongs(name, a, e, True) for e in events)]
    if 'benign' in name:
        problems += [f'not expected on a benign day: {a}' for a in alerts if a.loud()]
    return problems


def wanted(name):
    return name[1:2] == '_' or name == 'benign_day'


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument('sensord')
    arguments.add_argument('lab')
    arguments.add_argument('--only', default='')
    arguments.add_argument('--verbose', action='store_true')
    o = arguments.parse_args()
    passed = failed = reported = 0
    for path in sorted(glob.glob(os.path.join(o.lab, '*.truth.json'))):
        name = os.path.basename(path)[:-len('.truth.json')]
        captures = [p for p in glob.glob(os.path.join(o.lab, name + '.*')) if not p.endswith('.truth.json')]
        if not wanted(name) or o.only not in name or not captures:
            continue
        alerts, problems = replay(o.sensord, captures[0])
        with open(path) as f:
            events = [e for e in json.load(f)['events'] if e.get('expected') in ('alert', 'none')]
        problems += judge(name, events, alerts)
        must = not name.startswith(REPORT_ONLY)
        reported += not must
        passed += must and not problems
        failed += must and bool(problems)
        verdict = 'REPORT' if not must else 'FAIL' if problems else 'PASS'
        print(f'{verdict}: {name} ({sum(e["expected"] == "alert" for e in events)} expected, {len(alerts)} told)')
        for line in problems + ([f'told: {a}' for a in alerts] if o.verbose else []):
            print(f'    {line}')
    if not passed + failed:
        sys.exit(f'{o.lab}: no captures with truth files')
    print(f'{reported} with missing packets, only reported')
    print(f'{passed} passed, {failed} failed')
    sys.exit(failed > 0)


main()
