#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What goes wrong around a running sensor while packets come: reload storms, a flood of invented flows at the least
memory, an interface that is removed, a full disk, a client that never reads, threads that hang. The sensor is the one of
every day: another user, no capabilities, confined; of it only the workers are said (four).

    faults.py SENSORD RULES PUMP SENDER CAPTURE [TEST]...      needs root; prints `N passed, N failed`

SENSORD_INSTRUMENTED=1: the program is many times slower and larger than it is (ThreadSanitizer); what it loses and how
much it holds is not judged then.
"""
import contextlib
import ctypes
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time

import daemon
from daemon import need, soon

SITE = """site:
  name: faults
  zones: {{ users: {{ networks: [10.1.10.0/24, 10.1.20.0/24], role: user }} }}
capture: {{ interfaces: [dm0], ring_mib: 64, workers: "4" }}
limits: {{ memory_mib: {memory} }}
run: {{ user: nobody, control: {folder}/run/control.sock, metrics: "127.0.0.1:9470" }}
outputs:
  - {{ type: file, path: {folder}/log/alerts.json, chain: true }}
"""
RESIDENT_MIB = 64 + 2 * 64 + 96  # memory_mib at its least, rings of the kernel and to detection, program and rules
PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_DETACH, WAIT_ALL = 0x4206, 0x4207, 17, 0x40000000
JUDGED = "SENSORD_INSTRUMENTED" not in os.environ
PUMP = SENDER = CAPTURE = None


def configure(d, memory=2048):
    with open(d.site, "w") as f:
        f.write(SITE.format(folder=d.folder, memory=memory))


def start(d, memory=2048):
    """The harness has begun one already, with its own site file."""
    d.end(signal.SIGKILL)
    configure(d, memory)
    d.__init__(d.program, d.rules, d.folder)
    return d.ready()


@contextlib.contextmanager
def traffic(rate=20000, seconds=120):
    p = subprocess.Popen([PUMP, "-r", str(rate), "-t", str(seconds), "dm1", CAPTURE], stdout=subprocess.PIPE, text=True)
    p.sent = -1
    try:
        yield p
    finally:
        p.terminate()
        p.sent = int(p.communicate()[0].split()[0])


def send(program, *words):
    subprocess.run([program, *words], check=False, stdout=subprocess.DEVNULL)


def seen(d):
    return sum(w["packets"] for w in d.ask("stats")["workers"])


def interface(d):
    return d.ask("stats")["interfaces"][0]


def alerts(d, having=b""):
    """Of the file, where the line has this; each is whole but for the last, which may be on its way."""
    try:
        with open(d.folder + "/log/alerts.json", "rb") as f:
            return [json.loads(line) for line in f if having in line and line.endswith(b"\n")]
    except FileNotFoundError:
        return []


def rules(d):
    return {a["rule"]["id"] for a in alerts(d)}


def resident_mib(d):
    return int(daemon.status_of(d.process.pid)["VmRSS"].split()[0]) >> 10


def whole(d):
    p = subprocess.run([d.program, "verify", d.folder + "/log/alerts.json"], capture_output=True, text=True)
    need(p.returncode == 0, "the file is whole: " + p.stdout + p.stderr)


# ---- the tests ----

def reloads_and_signals_under_traffic_lose_no_packet(d):
    start(d)
    numbers = random.Random(1)
    before = seen(d)
    with traffic() as pump:
        for _ in range(60 if JUDGED else 20):
            d.process.send_signal(numbers.choice((signal.SIGHUP, signal.SIGHUP, signal.SIGUSR1)))
            time.sleep(numbers.random() / 10)
            if numbers.random() < 0.2:
                need(d.ctl("reload")[0] == 0, "reload by command")
    JUDGED and soon(lambda: seen(d) - before >= pump.sent, "all %d frames" % pump.sent, 10)
    stats, status = d.ask("stats"), d.ask("status")
    lost = stats["interfaces"][0]["dropped"] + sum(w["ring_lost"] for w in stats["workers"])
    need(lost == 0 or not JUDGED, "nothing is lost: %s" % stats)
    need(status["reloads"] > 5 and status["reloads_refused"] == 0, "reloads: %s" % status)
    need(d.end() == 0, "ends well: " + d.told())
    ordinary = {r for r in rules(d) if not r.startswith("S-")}
    need(len(ordinary) > 5, "ordinary alerts: %s" % ordinary)
    whole(d)


def a_million_invented_flows_at_the_least_memory(d):
    start(d, 64)
    send(SENDER, "-f", "1000000", "dm1", "-")
    need(soon(lambda: sum(w["evicted"] for w in d.ask("stats")["workers"]) > 0, "flows are let go of"), "evicted")
    most = resident_mib(d)
    need(most < RESIDENT_MIB, "%d MiB are resident, at most %d are wanted" % (most, RESIDENT_MIB))
    overload = soon(lambda: alerts(d, b'"id":"S-09"'), "an alert of the overload")
    need("flows" in json.dumps(overload[0]["sensor"]), "what was let go of: %s" % overload[0]["sensor"])
    need(not alerts(d, b'"id":"C-07"'), "nothing else yet")
    send(PUMP, "-r", "20000", "dm1", CAPTURE)
    soon(lambda: alerts(d, b'"id":"C-07"'), "ordinary alerts after it")
    need(d.end() == 0, "ends well: " + d.told())
    whole(d)


def an_interface_removed_under_traffic(d):
    start(d)
    for turn in range(3):
        with traffic():
            soon(lambda: seen(d) > 0, "packets")
            subprocess.run(["ip", "link", "del", "dm0"], check=True)
            soon(lambda: d.ask("status")["interfaces"][0]["state"] == "away", "it is away")
        daemon.make_wires()
        soon(lambda: d.ask("status")["interfaces"][0]["state"] == "up", "it is back: %s" % d.told())
        before = seen(d)
        with traffic():
            soon(lambda: seen(d) > before + 5000, "both workers see packets again, turn %d" % turn)
    soon(lambda: "S-11" in rules(d), "the alert of it: %s" % rules(d))
    need(d.end() == 0, "ends well: " + d.told())
    whole(d)


def a_full_disk_under_traffic(d):
    d.end(signal.SIGKILL)
    log = d.folder + "/log"
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=777", "tmpfs", log], stderr=subprocess.DEVNULL).returncode:
        return
    try:
        start(d)
        fill = log + "/fill"
        with traffic():
            soon(lambda: len(alerts(d)) > 5, "alerts")
            with open(fill, "wb", buffering=0) as f, contextlib.suppress(OSError):
                while True:
                    f.write(b"x" * 4096)
            for _ in range(5):  # others tell of what is new to them
                time.sleep(0.3)
                d.process.send_signal(signal.SIGHUP)
            soon(lambda: d.ask("stats")["outputs"][0]["state"] == "away", "the output is away: %s" % d.ask("stats")["outputs"])
            before = seen(d)
            soon(lambda: seen(d) > before + 5000, "packets are still seen")
            need(not d.ask("health")["healthy"], "health says so")
            os.unlink(fill)
        soon(lambda: d.ask("stats")["outputs"][0]["state"] == "up", "the output is back")
        soon(lambda: "S-10" in rules(d), "the alert of it: %s" % rules(d))
        need(d.end() == 0, "ends well: " + d.told())
        whole(d)
    finally:
        subprocess.run(["umount", "-l", log], check=False)


def a_client_that_never_reads(d):
    start(d, 64)  # small rings to detection: that they are used for the first time is no growth
    with socket.socket(socket.AF_UNIX) as mute, traffic():
        mute.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        mute.connect(d.socket)
        mute.sendall(b"tail kind=all\n")
        soon(lambda: seen(d) > 20000, "packets")
        begin = resident_mib(d)
        before = seen(d)
        soon(lambda: seen(d) > before + 200000, "packets go on")
        need(resident_mib(d) < begin + 32 or not JUDGED, "what it does not read is not kept: %d MiB, then %d" % (begin, resident_mib(d)))
        need(d.ctl("status")[0] == 0 and "sensord_build_info" in daemon.scrape(), "others are answered")
    need(interface(d)["dropped"] == 0 or not JUDGED, "nothing is dropped: %s" % interface(d))
    need(d.end() == 0, "ends well: " + d.told())
    need(len(rules(d)) > 5, "alerts: %s" % rules(d))


def thread_of(pid, name):
    for task in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/comm" % (pid, task)) as f:
            if f.read().strip() == name:
                return int(task)
    raise daemon.Failed("no thread " + name)


def ptrace(request, thread):
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    return libc.ptrace(request, thread, None, None) == 0


def a_thread_that_hangs_withholds_the_watchdog(d):
    start(d)
    for name in ("detection", "capture-1"):
        soon(lambda: "WATCHDOG=1" in d.heard(), "it is fed before")
        thread = thread_of(d.process.pid, name)
        if not ptrace(PTRACE_SEIZE, thread):
            return  # this machine lets nobody stop a thread
        try:
            need(ptrace(PTRACE_INTERRUPT, thread), "stopped")
            os.waitpid(thread, WAIT_ALL)
            time.sleep(1.5)
            d.heard()
            d.messages.clear()
            time.sleep(3.5)
            fed = "WATCHDOG=1" in d.heard()
        finally:
            ptrace(PTRACE_DETACH, thread)
        need(not fed, "fed though %s hangs" % name)
        d.messages.clear()
        soon(lambda: "WATCHDOG=1" in d.heard(), "fed again once %s gets on" % name)
    need(d.end() == 0, "ends well: " + d.told())


def started_as_the_unit_starts_it(d):
    """User, one ambient capability, nothing else in the bounding set: so it opens captures, and gives up the rest."""
    if not shutil.which("setpriv"):
        return
    d.end(signal.SIGKILL)
    only = "-all,+net_raw"
    wrapper, program = d.folder + "/as-the-unit", d.program
    with open(wrapper, "w") as f:
        f.write("#!/bin/sh\nexec setpriv --reuid nobody --regid nogroup --clear-groups --no-new-privs --inh-caps %s --ambient-caps %s "
                "--bounding-set %s %s \"$@\"\n" % (only, only, only, program))
    os.chmod(wrapper, 0o755)
    d.program = wrapper
    start(d)
    d.program = program
    for name in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
        need(int(daemon.status_of(d.process.pid)[name], 16) == 0, name)
    need(all(layer["state"] == "on" for layer in d.ask("status")["privileges"]), "all layers: %s" % d.ask("status"))
    with traffic():
        soon(lambda: len(rules(d)) > 3, "alerts")
        need(d.ctl("reload")[0] == 0 and d.ctl("rotate")[0] == 0, "reload and rotate")
    subprocess.run(["ip", "link", "del", "dm0"], check=True)
    soon(lambda: d.ask("status")["interfaces"][0]["state"] == "away", "it is away")
    daemon.make_wires()
    soon(lambda: d.ask("status")["interfaces"][0]["state"] == "up", "it is back: %s" % d.told())
    before = seen(d)
    with traffic():
        soon(lambda: seen(d) > before + 5000, "packets are seen again")
    need(d.end() == 0, "ends well: " + d.told())
    whole(d)


TESTS = [reloads_and_signals_under_traffic_lose_no_packet, a_million_invented_flows_at_the_least_memory,
         an_interface_removed_under_traffic, a_full_disk_under_traffic, a_client_that_never_reads,
         a_thread_that_hangs_withholds_the_watchdog, started_as_the_unit_starts_it]

if __name__ == "__main__":
    PUMP, SENDER, CAPTURE = (os.path.abspath(p) for p in sys.argv[3:6])
    sys.exit(daemon.main("check-daemon, faults", TESTS, sys.argv[1], sys.argv[2], sys.argv[6:]))
