#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""sensord run as a daemon, from outside: on a veth pair in a network namespace of its own, it is asked over the control
socket, its metrics are scraped and held to the text format, it is reloaded with good and bad files, it gets signals at
any time, what it tells a service manager is listened to, and what it may still do is read from /proc.

    daemon.py SENSORD RULES      needs root, ip(8) and unshare(1); prints `N passed, N failed`
"""
import contextlib
import ctypes
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

WAIT_S = 60  # for what comes soon; a busy machine with sanitizers may take long
CLONE_NEWNET = 0x40000000
GOOD = """site:
  name: {name}
  zones: {{ users: {{ networks: [10.9.0.0/24], role: user }} }}
  accounts: {{ trap: [svc_old] }}
capture: {{ interfaces: [dm0], ring_mib: 2, workers: "1" }}
run:
  user: nobody
  control: {folder}/run/control.sock
  metrics: "127.0.0.1:9470"
outputs:
  - {{ type: file, path: {folder}/log/alerts.json }}
"""


class Failed(Exception):
    pass


def need(truth, what):
    if not truth:
        raise Failed(what)


def soon(question, what, seconds=WAIT_S):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = question()
        if answer:
            return answer
        time.sleep(0.05)
    raise Failed("not in time: " + what)


class Daemon:
    """A running sensord with its folder, its notify socket and its control socket."""

    def __init__(self, program, rules, folder, leaks=False):
        self.program, self.rules, self.folder = program, rules, folder
        self.site = os.path.join(folder, "site.yaml")
        self.socket = os.path.join(folder, "run", "control.sock")
        self.messages = []
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        path = os.path.join(folder, "notify.%d" % time.monotonic_ns())
        self.notify.bind(path)
        os.chmod(path, 0o777)
        self.notify.setblocking(False)
        env = dict(os.environ, NOTIFY_SOCKET=path, WATCHDOG_USEC="4000000")
        env.pop("WATCHDOG_PID", None)
        if not leaks:
            env["ASAN_OPTIONS"] = env.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        self.err = open(os.path.join(folder, "stderr"), "w+")
        self.process = subprocess.Popen([program, "run", "-c", self.site, "-r", rules], env=env, cwd=folder,
                                        stdout=subprocess.DEVNULL, stderr=self.err)

    def heard(self):
        with contextlib.suppress(BlockingIOError):
            while True:
                self.messages.append(self.notify.recv(4096).decode())
        return self.messages

    def told(self):
        self.err.flush()
        with open(self.err.name) as f:
            return f.read()

    def ready(self):
        def is_ready():
            if self.process.poll() is not None:
                raise Failed("ended with %d: %s" % (self.process.returncode, self.told()))
            return any(m.startswith("READY=1") for m in self.heard())
        soon(is_ready, "READY=1")
        return self

    def ctl(self, *words):
        p = subprocess.run([self.program, "ctl", "-S", self.socket, *words], capture_output=True, text=True, timeout=WAIT_S)
        return p.returncode, p.stdout, p.stderr

    def ask(self, *words):
        code, out, err = self.ctl("--json", *words)
        need(code in (0, 1), "ctl %s: %d %s" % (" ".join(words), code, err))
        return json.loads(out)

    def end(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(WAIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Failed("did not end on signal %d" % number)


def status_of(pid):
    with open("/proc/%d/status" % pid) as f:
        return dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)


def children_of(pid):
    with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
        return [int(p) for p in f.read().split()]


def connect_out(n, port=4444):
    """Attempts of a user zone's terminal towards the internet, past any proxy: rule A-01 or A-02 tells of them."""
    for i in range(n):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as s:
            s.setblocking(False)
            s.connect_ex(("198.51.100.%d" % (i % 200 + 1), port))


# ---- the tests ----

def what_it_may_do(d):
    d.ready()
    nobody = " ".join(["65534"] * 4)
    tasks = os.listdir("/proc/%d/task" % d.process.pid)
    need(len(tasks) >= 3, "threads run: %d" % len(tasks))
    for task in tasks:
        s = status_of(int(task))
        need(s["Uid"].replace("\t", " ") == nobody, "task %s: Uid %s" % (task, s["Uid"]))
        for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            need(int(s[name], 16) == 0, "task %s: %s %s" % (task, name, s[name]))
        need(s["NoNewPrivs"] == "1", "no new privileges")
        need(s["Seccomp"] == "2", "seccomp filter")
    (opener,) = children_of(d.process.pid)
    s = status_of(opener)
    need(int(s["CapEff"], 16) == 1 << 13, "the opener has CAP_NET_RAW alone: " + s["CapEff"])
    need(s["Uid"].replace("\t", " ") == nobody and s["Seccomp"] == "2", "the opener is confined")
    need(all(layer["state"] == "on" for layer in d.ask("status")["privileges"]), "all layers: %s" % d.ask("status"))
    need(d.end() == 0, "ends with 0: " + d.told())
    soon(lambda: not os.path.exists("/proc/%d" % opener), "the opener ends with the sensor")
    need(not os.path.exists(d.socket), "the control socket is removed")


def what_a_service_manager_hears(d):
    d.ready()
    soon(lambda: any("WATCHDOG=1" in m for m in d.heard()), "WATCHDOG=1")
    soon(lambda: any(m.startswith("STATUS=1 interface(s)") for m in d.heard()), "a status line")
    d.process.send_signal(signal.SIGHUP)
    reloading = soon(lambda: [m for m in d.heard() if m.startswith("RELOADING=1")], "RELOADING=1")[0]
    need(re.search(r"^MONOTONIC_USEC=[0-9]+$", reloading, re.M), "the time of it: " + reloading)
    soon(lambda: sum(m.startswith("READY=1") for m in d.heard()) == 2, "READY=1 again")
    d.end()
    need(any(m.startswith("STOPPING=1") for m in d.heard()), "STOPPING=1")


def each_command(d):
    d.ready()
    for command in ("status", "stats", "top", "health"):
        code, out, err = d.ctl(command)
        need(code == 0 and out and not err, "%s: %d %s" % (command, code, err))
        need(d.ask(command)["ok"] is True, command)
    need(d.ask("status")["site"] == "first", "the site's name")
    need(d.ask("status")["interfaces"][0]["interface"] == "dm0", "the interface")
    tables = {row["table"]: row["bytes"] for row in d.ask("stats")["memory"]}
    need(all(tables.get(t) for t in ("alerts", "correlations", "counters", "history", "hosts")) and "engines" in tables, "tables: %s" % tables)
    need("evidence" not in tables and d.ask("status")["memory_tables"] >= sum(tables.values()) // 2, "their sum")
    code, out, err = d.ctl("nonsense")
    need(code == 2 and "unknown command" in err, "nonsense: " + err)
    d.socket = "/nowhere"
    code, out, err = d.ctl("status")
    need(code == 2 and "no sensord listens there" in err, "no sensor there: " + err)
    d.end()


def alerts_come_to_the_file_the_tail_and_the_top(d):
    d.ready()
    tail = subprocess.Popen([d.program, "ctl", "-S", d.socket, "--json", "tail", "kind=all"], stdout=subprocess.PIPE, text=True)
    time.sleep(0.5)
    connect_out(20)
    soon(lambda: d.ask("stats")["detection"]["alerts"] > 0, "an alert")
    os.set_blocking(tail.stdout.fileno(), False)
    lines = []

    def an_alert():
        lines.extend(tail.stdout.readlines())
        return any('"kind":"alert"' in line for line in lines)
    soon(an_alert, "an alert in the tail: %s" % lines[:2])
    tail.kill()
    tail.wait()
    tail.stdout.close()
    need(all(json.loads(line) for line in lines), "lines of JSON")
    top = d.ask("top")
    need(top["sources"][0]["source"] == "10.9.0.1" and top["rules"][0]["rule"].startswith("A-"), "top: %s" % top)
    need(soon(lambda: os.path.getsize(d.folder + "/log/alerts.json"), "the file") > 0, "the file")
    need("measure=\"A\"" in scrape(), "alerts in the metrics")
    d.end()


def rotation(d):
    d.ready()
    connect_out(20)
    path = d.folder + "/log/alerts.json"
    soon(lambda: os.path.exists(path) and os.path.getsize(path), "alerts in the file")
    for how in ("signal", "command"):
        os.rename(path, path + "." + how)
        if how == "signal":
            d.process.send_signal(signal.SIGUSR1)
        else:
            need(d.ctl("rotate")[0] == 0, "rotate")
        soon(lambda: os.path.exists(path), "a new file after the " + how)
    need(d.process.poll() is None, "it goes on")
    d.end()


def reload_with_good_and_bad_files(d):
    d.ready()
    write_site(d.folder, "second")
    code, out, err = d.ctl("reload")
    need(code == 0, "a good file is taken: " + err)
    need(d.ask("status")["reloads"] == 1, "it is counted")
    with open(d.site, "a") as f:
        f.write("nonsense: 1\n")
    code, out, err = d.ctl("reload")
    need(code == 2 and re.search(r"site\.yaml:\d+:\d+: ", err), "a bad file is refused with its line: " + err)
    d.process.send_signal(signal.SIGHUP)
    soon(lambda: d.ask("status")["reloads_refused"] == 2, "by signal too")
    health = d.ask("health")
    need(not health["healthy"] and health["problems"][0]["what"] == "reload refused", "health: %s" % health)
    need(d.ctl("health")[0] == 1, "health exits with 1")
    need("sensord_reload_successful 0" in scrape(), "the metrics say so")
    write_site(d.folder, "third")
    need(d.ctl("reload")[0] == 0 and d.ask("health")["healthy"], "a good one again")
    d.end()


def files_that_were_put_in_place_of_others_are_read(d):
    """As editors, package managers and certbot do it; a rule file of its own, where only that file was named."""
    d.end(signal.SIGKILL)
    rules = tempfile.mkdtemp(prefix="sensord-rules-") # not below the site file's folder
    os.chmod(rules, 0o755)
    path = os.path.join(rules, "one.yml")
    shutil.copy(os.path.join(d.rules, "s", "s-12-reload.yml"), path)
    one = Daemon(d.program, path, d.folder)
    try:
        one.ready()
        for name in ("second", "third"):
            shutil.copy(path, path + ".new")
            os.rename(path + ".new", path)
            write_site(d.folder, name)
            code, _, err = one.ctl("reload")
            need(code == 0, "a reload: " + err)
            need(one.ask("status")["site"] == name, "the name of the site: " + one.ask("status")["site"])
        need(one.end() == 0, "ends well: " + one.told())
    finally:
        one.process.kill()
        one.process.wait()
        shutil.rmtree(rules)


def evidence_is_written_though_an_output_is_away(d):
    """The packets of an alert come a moment after it; the end may come in between, and lines may find no way out."""
    d.end(signal.SIGKILL)
    shutil.rmtree(d.folder + "/run")
    os.mkdir(d.folder + "/run")
    os.chown(d.folder + "/run", 65534, 65534)
    with open(d.site) as f:
        text = f.read().replace("alerts.json }", "alerts.json, evidence: %s/log/pcap }" % d.folder)
    with open(d.site, "w") as f:
        f.write(text + '  - { type: syslog, target: "tcp://127.0.0.1:9", format: json }\n')
    one = Daemon(d.program, d.rules, d.folder)
    try:
        one.ready()
        connect_out(5)
        soon(lambda: one.ask("stats")["alerts_by_measure"]["A"] > 0, "an alert with packets behind it")
        need(one.end() == 2 and "could not be delivered" in one.told(), "lines were lost: " + one.told())
        with open(d.folder + "/log/alerts.json") as f:
            named = {json.loads(line)["alert"].get("evidence_file") for line in f} - {None}
        need(named and all(os.path.exists(name) for name in named), "not there: %s" % [n for n in named if not os.path.exists(n)])
    finally:
        one.process.kill()
        one.process.wait()


def descriptors(d):
    return len(os.listdir("/proc/%d/fd" % d.process.pid))


def nothing_stays_open(d):
    d.ready()
    d.ctl("reload")
    d.ctl("rotate")
    before = descriptors(d)
    for i in range(100):
        need(d.ctl(("reload", "rotate")[i % 10 != 0])[0] == 0, "reload or rotate")
        scrape()
    soon(lambda: descriptors(d) <= before, "%d descriptors, %d before" % (descriptors(d), before))
    d.end()


def a_storm_of_reloads_loses_nothing(d):
    d.ready()
    connect_out(5)
    for i in range(30):
        d.process.send_signal((signal.SIGHUP, signal.SIGUSR1)[i % 3 == 2])
        time.sleep(0.02)
        if i % 10 == 0:
            connect_out(5, 5000 + i)
    need(d.ask("status")["reloads"] > 0, "reloads were made")
    need(d.ask("health")["healthy"], "healthy: %s" % d.ask("health"))
    need(d.end() == 0, "ends well: " + d.told())


def signals_at_any_time(d):
    """From the first instant on, whatever is being opened."""
    d.end(signal.SIGKILL)
    for delay in (0, 0.01, 0.05, 0.1, 0.3, 0.6, 1, 2):
        one = Daemon(d.program, d.rules, d.folder)
        time.sleep(delay)
        # Before the program has taken hold of signals (the first instructions), their default is to end it.
        expected = (0, -signal.SIGTERM, -signal.SIGUSR1, -signal.SIGHUP) if delay < 0.3 else (0,)
        for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGTERM):
            if one.process.poll() is None:
                one.process.send_signal(number)
        code = one.end()
        need(code in expected, "after %s s: %d %s" % (delay, code, one.told()))


def hostile_clients(d):
    d.ready()
    clients = []
    for i in range(40):
        c = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        clients.append(c)
        c.settimeout(1)
        with contextlib.suppress(OSError):  # refused, hung up, or nobody reads any more
            c.connect(d.socket)
            c.sendall((b"\0\xff" * 4000, b"stats\n" * 500, b"tail kind=all\n", b"")[i % 4])
    connect_out(50)
    for i in range(20):
        m = socket.create_connection(("127.0.0.1", 9470), WAIT_S)
        with contextlib.suppress(OSError):
            m.sendall((b"GET /metrics", b"\0" * 9000, b"POST / HTTP/1.1\r\n\r\n", b"GET /metrics HTTP/1.1\r\n\r\n")[i % 4])
        clients.append(m)
    for c in clients:
        c.close()
    soon(lambda: d.ctl("status")[0] == 0, "it answers afterwards")
    soon(lambda: "sensord_build_info" in scrape(), "metrics come afterwards")
    need(d.end() == 0, "ends well")


def who_drips_bytes_does_not_keep_others_out(d):
    """All places of the metrics taken by clients that send a byte now and then, for ever."""
    d.ready()
    slow = [socket.create_connection(("127.0.0.1", 9470), WAIT_S) for _ in range(8)]

    def served():
        for c in slow:
            with contextlib.suppress(OSError):
                c.send(b"G")
        try:
            return "sensord_build_info" in scrape()
        except (Failed, OSError):
            time.sleep(1)
            return False
    soon(served, "metrics beside clients that drip", 25)
    for c in slow:
        c.close()
    d.end()


def strangers_are_sent_away(d):
    d.ready()
    os.chmod(d.socket, 0o777)
    os.chmod(d.folder + "/run", 0o755)

    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:  # a user and a group that have nothing to do with the sensor
        try:
            os.setgroups([])
            os.setgid(12345)
            os.setuid(12345)
            s = socket.socket(socket.AF_UNIX)
            s.connect(d.socket)
            os.write(writing, s.recv(4096))
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as f:
        answer = f.read()
    os.waitpid(child, 0)
    need("only root and members" in answer, "a stranger got %r" % answer)
    d.end()


def root_is_refused(d):
    d.end(signal.SIGKILL)
    p = subprocess.run([d.program, "run", "-c", d.site, "-r", d.rules, "--user", "root"], capture_output=True, text=True, timeout=WAIT_S)
    need(p.returncode == 2 and "--allow-root" in p.stderr, "root: %d %s" % (p.returncode, p.stderr))


def nothing_leaks(d):
    """Looked for by a build with AddressSanitizer alone; it needs ptrace, which the filter of calls forbids."""
    d.end(signal.SIGKILL)
    with open(d.site) as f:
        text = f.read().replace("user: nobody", "user: root\n  allow_root: true\n  seccomp: off")
    with open(d.site, "w") as f:
        f.write(text)
    for below in ("run", "log"):  # root without capabilities writes where root may, as anybody
        shutil.rmtree(os.path.join(d.folder, below))
        os.mkdir(os.path.join(d.folder, below))
    one = Daemon(d.program, d.rules, d.folder, leaks=True)
    try:
        one.ready()
        connect_out(20)
        for command in ("status", "top", "stats", "health", "reload", "rotate"):
            need(one.ctl(command)[0] == 0, command)
        tail = subprocess.Popen([d.program, "ctl", "-S", d.socket, "tail"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        scrape()
        soon(lambda: one.ask("stats")["detection"]["alerts"] > 0, "an alert")
        need(one.ask("status")["privileges"][3]["state"] == "off", "calls are not filtered")
        code = one.end()
        tail.wait(WAIT_S)
        need(code == 0, "ends with %d: %s" % (code, one.told()))
    finally:
        one.process.kill()
        one.process.wait()


def a_second_sensor_is_refused(d):
    d.ready()
    p = subprocess.run([d.program, "run", "-c", d.site, "-r", d.rules], capture_output=True, text=True, timeout=WAIT_S)
    need(p.returncode == 2 and "another sensord listens there" in p.stderr, "the second: %d %s" % (p.returncode, p.stderr))
    need(d.ctl("status")[0] == 0, "the first goes on")
    d.end()


def metrics_keep_to_the_format(d):
    d.ready()
    connect_out(10)
    soon(lambda: d.ask("stats")["detection"]["alerts"] > 0, "an alert")
    complaints = lint(scrape())
    need(not complaints, "; ".join(complaints[:5]))
    d.end()


def an_interface_that_comes_back_is_watched_again(d):
    d.ready()
    subprocess.run(["ip", "link", "del", "dm0"], check=True)
    soon(lambda: d.ask("status")["interfaces"][0]["state"] == "away", "it is away")
    need(not d.ask("health")["healthy"], "health says so")
    make_wires()
    soon(lambda: d.ask("status")["interfaces"][0]["state"] == "up", "it is back: %s %s" % (d.ask("status"), d.told()))
    packets = d.ask("stats")["workers"][0]["packets"]
    connect_out(20)
    soon(lambda: d.ask("stats")["workers"][0]["packets"] > packets, "packets are seen again")
    need(int(status_of(d.process.pid)["CapEff"], 16) == 0, "still without capabilities")
    d.end()


TESTS = [what_it_may_do, what_a_service_manager_hears, each_command, alerts_come_to_the_file_the_tail_and_the_top,
         rotation, reload_with_good_and_bad_files, files_that_were_put_in_place_of_others_are_read,
         nothing_stays_open, evidence_is_written_though_an_output_is_away, a_storm_of_reloads_loses_nothing,
         hostile_clients, who_drips_bytes_does_not_keep_others_out, strangers_are_sent_away, nothing_leaks,
         a_second_sensor_is_refused, metrics_keep_to_the_format, an_interface_that_comes_back_is_watched_again,
         root_is_refused, signals_at_any_time]


# ---- metrics, as promtool would read them ----

def scrape():
    with socket.create_connection(("127.0.0.1", 9470), WAIT_S) as s:
        s.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
        whole = b""
        while part := s.recv(65536):
            whole += part
    head, _, body = whole.partition(b"\r\n\r\n")
    need(head.startswith(b"HTTP/1.1 200 OK") and b"text/plain; version=0.0.4" in head, head.decode())
    need(len(body) == int(re.search(rb"Content-Length: (\d+)", head).group(1)), "the length of the body")
    return body.decode()


def lint(text):
    complaints, helped, typed, seen = [], set(), {}, set()
    family = None
    sample = re.compile(r'^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (-?[0-9.]+(?:e[+-]?\d+)?)$')
    if not text.endswith("\n"):
        complaints.append("the last line has no end")
    for line in text.splitlines():
        if line.startswith("# HELP "):
            name = line.split(" ", 3)[2]
            if name in helped:
                complaints.append("HELP twice: " + name)
            helped.add(name)
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ", 3)
            if kind not in ("counter", "gauge") or (kind == "counter") != name.endswith("_total"):
                complaints.append("type of " + name)
            typed[name] = kind
            family = name
        else:
            m = sample.match(line)
            if not m:
                complaints.append("no sample: " + line)
                continue
            if m.group(1) != family or family not in helped:
                complaints.append("outside of its family: " + line)
            if (m.group(1), m.group(2)) in seen:
                complaints.append("twice: " + line)
            seen.add((m.group(1), m.group(2)))
            if re.search(r"_(ms|milliseconds|kb|mb|minutes)(_total)?$", m.group(1)):
                complaints.append("no base unit: " + line)
    return complaints


# ---- the place ----

def make_wires():
    for words in ("link add dm0 type veth peer name dm1", "link set dm1 up", "addr add 10.9.0.1/24 dev dm0", "link set dm0 up",
                  "neigh add 10.9.0.254 lladdr 02:00:00:00:00:fe dev dm0", "route add default via 10.9.0.254 dev dm0"):
        subprocess.run(["ip", *words.split()], check=True)


def write_site(folder, name):
    path = os.path.join(folder, "site.yaml")
    with open(path + ".new", "w") as f:
        f.write(GOOD.format(name=name, folder=folder))
    os.rename(path + ".new", path)


def run(test, program, rules):
    folder = tempfile.mkdtemp(prefix="sensord-daemon-")
    os.chmod(folder, 0o755)
    for below in ("run", "log"):
        os.mkdir(os.path.join(folder, below))
        os.chown(os.path.join(folder, below), 65534, 65534)
    write_site(folder, "first")
    d = Daemon(program, rules, folder)
    try:
        test(d)
        return None
    except (Failed, subprocess.SubprocessError, OSError, ValueError, KeyError, IndexError) as e:
        return "%s: %s\n    %s" % (type(e).__name__, e, d.told().replace("\n", "\n    "))
    finally:
        if d.process.poll() is None:
            d.process.kill()
            d.process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def main(name, tests, program, rules, wanted):
    program, rules = os.path.abspath(program), os.path.abspath(rules)
    libc = ctypes.CDLL(None, use_errno=True)
    if os.geteuid() != 0 or not shutil.which("ip") or libc.unshare(CLONE_NEWNET) != 0:
        print("SKIP: %s: needs root, ip(8) and a network namespace of its own" % name)
        return 77
    try:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        make_wires()
    except (OSError, subprocess.CalledProcessError) as e:
        print("SKIP: %s: cannot make a veth pair: %s" % (name, e))
        return 77
    passed = failed = 0
    for test in tests:
        if wanted and test.__name__ not in wanted:
            continue
        began = time.monotonic()
        problem = run(test, program, rules)
        print("%s %s (%.1f s)%s" % ("FAIL" if problem else "ok  ", test.__name__.replace("_", " "), time.monotonic() - began,
                                    "\n    " + problem if problem else ""), flush=True)
        passed, failed = passed + (not problem), failed + bool(problem)
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main("check-daemon", TESTS, sys.argv[1], sys.argv[2], sys.argv[3:]))
