#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Replay by several engines gives what one gives, byte for byte: alerts, records and what is said of damage.
usage: engines.py SENSORD RULES FOLDER..."""
import os
import pathlib
import subprocess
import sys
import tempfile

JOBS = (1, 2, 3)
KINDS = {".pcap", ".pcapng", ".cap"}


def replay(sensord, rules, capture, jobs, folder):
    """What one run wrote, and said, as a tuple of bytes and the status."""
    alerts, events = folder / "alerts", folder / "events"
    run = subprocess.run([sensord, "replay", "--rules", rules, "--jobs", str(jobs), "--alerts", alerts, "--events", events, capture],
                         stderr=subprocess.PIPE, check=False)
    return run.returncode, run.stderr, alerts.read_bytes(), events.read_bytes()


def main():
    sensord, rules, folders = sys.argv[1], sys.argv[2], sys.argv[3:]
    captures = sorted(f for folder in folders for f in pathlib.Path(folder).rglob("*") if f.suffix in KINDS and f.is_file())
    passed = failed = 0
    with tempfile.TemporaryDirectory(dir=os.getcwd()) as name:
        for capture in captures:
            first, *others = (replay(sensord, rules, capture, jobs, pathlib.Path(name)) for jobs in JOBS)
            differ = [str(jobs) for jobs, other in zip(JOBS[1:], others) if other != first]
            if differ:
                print(f"FAIL {capture}: other output with --jobs {' and '.join(differ)}")
            passed, failed = passed + (not differ), failed + bool(differ)
    print(f"{passed} passed, {failed} failed")
    return failed > 0 or passed == 0


if __name__ == "__main__":
    sys.exit(main())
