#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The sensor on live wires, in a network namespace of its own: what it tells of frames that come over a veth pair is
what a replay of the same frames tells, with one worker and with four, over several interfaces, with a tag that the
kernel takes out, after an interface went away and came back, and under a flood.

    live.py SENSORD SENDER SOURCE_FOLDER [LAB_FOLDER]"""
import collections, json, os, shutil, signal, subprocess, sys, tempfile, time

PLEASE = 77
passed = failed = 0


def skip(why):
    print("SKIP: check-live (%s)" % why)
    sys.exit(PLEASE)


def check(ok, what, more=""):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    print("%s: %s%s" % ("PASS" if ok else "FAIL", what, "" if ok else "\n      " + str(more)), flush=True)


def ip(*words):
    subprocess.run(["ip", *words], check=True, stdout=subprocess.DEVNULL)


def pair(a, b):
    ip("link", "add", a, "type", "veth", "peer", "name", b)
    for name in (a, b):
        open("/proc/sys/net/ipv6/conf/%s/disable_ipv6" % name, "w").write("1")
        ip("link", "set", name, "mtu", "65535", "up")
        ip("link", "set", name, "arp", "off")


class Sensor:
    def __init__(self, interfaces, workers, *more, site=None):
        self.folder = tempfile.mkdtemp(prefix="live-", dir=TMP)
        self.alerts_path = os.path.join(self.folder, "alerts.json")
        config = os.path.join(self.folder, "site.yaml")
        text = open(site or SITE).read()
        with open(config, "w") as f:
            f.write(text + "\ncapture: { workers: %d, ring_mib: 64 }\n"
                    "run: { allow_root: true, control: none }\n" % workers)
        command = [SENSORD, "run", "-c", config, "-r", RULES, "--alerts", self.alerts_path, *more]
        for i in interfaces:
            command += ["-i", i]
        # With the address sanitizer: what it keeps of freed memory is not the sensor's.
        environment = dict(os.environ, ASAN_OPTIONS="quarantine_size_mb=8:" + os.environ.get("ASAN_OPTIONS", ""))
        self.process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        self.said = self.process.stderr.readline()
        while self.said and "watching" not in self.said:
            self.said = self.process.stderr.readline()
        time.sleep(0.3)

    def memory_mib(self):
        for line in open("/proc/%d/status" % self.process.pid):
            if line.startswith("VmHWM"):
                return int(line.split()[1]) // 1024
        return 0

    def end(self, wait=1.0):
        time.sleep(wait)
        self.process.send_signal(signal.SIGTERM)
        try:
            rest = self.process.stderr.read()
            self.code = self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.code, rest = -1, "did not end"
        self.said = rest
        return self

    def dropped(self):
        words = self.said.split()
        return int(words[words.index("dropped,") - 1]) if "dropped," in words else -1


def key(a):
    return (a["rule"]["id"], a["rule"].get("name"), a.get("source", {}).get("ip"), a.get("destination", {}).get("ip"),
            a.get("user", {}).get("name"), a.get("alert", {}).get("state"))


def alerts(path):
    """Those of the network: what the sensor tells of itself (S) is of the run, not of the frames."""
    found = collections.Counter(key(json.loads(line)) for line in open(path))
    return collections.Counter({k: n for k, n in found.items() if not k[0].startswith("S-")})


def replayed(pcaps):
    out = os.path.join(TMP, "replay.json")
    subprocess.run([SENSORD, "replay", "-c", SITE, "-r", RULES, "--alerts", out, *pcaps], check=False,
                   stderr=subprocess.DEVNULL)
    return alerts(out)


def send(interface, record, *captures, options=()):
    return subprocess.run([SENDER, *options, interface, record, *captures], stdout=subprocess.PIPE, text=True)


def difference(a, b):
    return "only live %s, only replay %s" % (list((a - b).items())[:5], list((b - a).items())[:5])


def the_same_alerts(name, captures, workers):
    record = os.path.join(TMP, "sent.pcap")
    s = Sensor(["lb0"], workers)
    send("la0", record, *captures)
    s.end()
    live, offline = alerts(s.alerts_path), replayed([record])
    check(s.code == 0 and live == offline and sum(live.values()) > 0 and s.dropped() == 0,
          "%s, %d worker(s): the %d alerts of a replay, nothing dropped" % (name, workers, sum(offline.values())),
          "%s; exit %s, %s" % (difference(live, offline), s.code, s.said.strip()))


def several_interfaces():
    first, second = os.path.join(TMP, "first.pcap"), os.path.join(TMP, "second.pcap")
    s = Sensor(["lb0", "lb1"], 2, "--events", os.path.join(TMP, "events.json"))
    send("la0", first, SAMPLE)
    time.sleep(1)  # the same connections again: two rings are read in order only but for the time the kernel holds a block
    send("la1", second, SAMPLE)
    s.end()
    names = collections.Counter(json.loads(line).get("observer", {}).get("ingress", {}).get("interface", {}).get("name")
                                for line in open(os.path.join(TMP, "events.json")))
    check(s.code == 0 and names["lb0"] > 20 and names["lb1"] > 20, "two interfaces: records name the one they came in on", names)
    live, offline = alerts(s.alerts_path), replayed([first, second])
    check(live == offline, "two interfaces: the alerts of a replay of both", difference(live, offline))


def tags(path):
    told = (json.loads(line) for line in open(path))
    return collections.Counter(r.get("network", {}).get("vlan", {}).get("id") for r in told if r["event"]["dataset"] != "sensor")


def a_tag():
    events, again, record = (os.path.join(TMP, n) for n in ("tagged.json", "again.json", "tagged.pcap"))
    s = Sensor(["lb0"], 2, "--events", events)
    send("la0", record, SAMPLE, options=("-v", "42"))
    s.end()
    subprocess.run([SENSORD, "replay", "-c", SITE, "-r", RULES, "--alerts", "none", "--events", again, record], check=False)
    live, offline = tags(events), tags(again)
    check(live[42] > 20 and live == offline, "a VLAN tag that the kernel took out is in the records", (live, offline))


def goes_and_comes(workers, how):
    s = Sensor(["lb0"], workers)
    if how == "down":
        ip("link", "set", "lb0", "down")
        time.sleep(2.5)
        ip("link", "set", "lb0", "up")
    else:
        ip("link", "del", "lb0")
        time.sleep(2.5)
        pair("la0", "lb0")
    time.sleep(2.5)
    alive = s.process.poll() is None
    if alive:
        send("la0", "-", SAMPLE)
    s.end()
    check(alive and s.code == 0 and sum(alerts(s.alerts_path).values()) > 10,
          "%d worker(s): an interface that was %s is watched again" % (workers, how), s.said.strip())


def a_flood():
    site = os.path.join(TMP, "small.yaml")
    with open(site, "w") as f:
        f.write(open(SITE).read() + "\nlimits: { memory_mib: 256 }\n")
    s = Sensor(["lb0"], 2, site=site)
    send("la0", "-", options=("-f", "1000000"))
    alive = s.process.poll() is None
    most = s.memory_mib() if alive else -1
    if alive:
        send("la0", "-", SAMPLE)
    s.end()
    bound = 256 + 2 * 64 + 200
    check(alive and s.code == 0 and 0 < most < bound, "1,000,000 invented flows: %d MiB at most, limit kept" % most,
          "%s, bound %d" % (s.said.strip(), bound))
    found = alerts(s.alerts_path)
    check(sum(found.values()) > 10, "and afterwards it watches as before", found)


def signals_at_any_time():
    ends = []
    for wait in (0.0, 0.01, 0.05, 0.2, 0.5):
        s = Sensor(["lb0"], 4)
        sending = subprocess.Popen([SENDER, "la0", "-", SAMPLE, SAMPLE], stdout=subprocess.DEVNULL)
        ends.append(s.end(wait).code)
        sending.wait()
    check(set(ends) == {0}, "told to end at any time, it ends well", ends)


def main():
    for name in ("ip", "unshare"):
        if not shutil.which(name):
            skip("no program " + name)
    if os.geteuid() != 0:
        skip("root is needed")
    if "SENSORD_LIVE_INSIDE" not in os.environ:
        try:
            subprocess.run(["unshare", "-n", "true"], check=True, stderr=subprocess.DEVNULL)
        except subprocess.CalledProcessError:
            skip("no network namespaces here")
        os.execvpe("unshare", ["unshare", "-n", sys.executable, *sys.argv], dict(os.environ, SENSORD_LIVE_INSIDE="1"))
    try:
        pair("la0", "lb0")
        pair("la1", "lb1")
    except (OSError, subprocess.CalledProcessError):
        skip("no veth pairs here")
    for workers in (1, 4):
        the_same_alerts("sample", [SAMPLE], workers)
        if LAB:
            the_same_alerts("lab", LAB, workers)
    several_interfaces()
    a_tag()
    for workers in (1, 4):
        for how in ("down", "removed"):
            goes_and_comes(workers, how)
    signals_at_any_time()
    a_flood()
    print("%d passed, %d failed" % (passed, failed))
    return failed > 0


def lab(folder):
    wanted = ["a_direct", "b_", "c_", "d_", "e_", "f_"]
    found = []
    for start in wanted:
        names = sorted(n for n in os.listdir(folder) if n.startswith(start) and n.endswith((".pcap", ".pcapng")))
        found += [os.path.join(folder, n) for n in names[:3]]
    return [f for f in found if os.path.getsize(f) < 4 << 20]


if __name__ == "__main__":
    SENSORD, SENDER, SOURCE = (os.path.abspath(p) for p in sys.argv[1:4])
    RULES = os.path.join(SOURCE, "rules")
    SITE = os.path.join(SOURCE, "contrib/sample/site.yaml")
    SAMPLE = os.path.join(SOURCE, "contrib/sample/sample.pcapng")
    LAB = lab(sys.argv[4]) if len(sys.argv) > 4 and os.path.isdir(sys.argv[4]) else []
    TMP = tempfile.mkdtemp(prefix="sensord-live-")
    try:
        code = main()
    finally:
        shutil.rmtree(TMP, ignore_errors=True)
    sys.exit(code)
