#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The sensor under load for long: captures again and again over a veth pair in a network namespace of its own, at the
highest rate at which a bare libpcap loop with the same ring loses nothing. That loop goes on beside the sensor, so that
both live through the same. Watched are memory, losses, alerts, what is in the file after kill -9, and the end.

    soak.py SENSORD PUMP BARE_LIVE SOURCE_FOLDER [FOLDER_OF_CAPTURES]...

SOAK_SECONDS (1200) is how long. Three quarters of it pass before the kill, one after it; memory must not grow after the
first quarter. SOAK_RATE: frames a second, instead of looking for the highest rate."""
import collections, json, os, pwd, re, shutil, signal, socket, subprocess, sys, tempfile, threading, time

SKIPPED = 77
# Beyond the first quarter's most: correlations and open alerts, whose windows last up to a day, and pages of a reload. What
# grew is told at the end (seen: +4.5 MiB in six minutes, of it correlations 1.7, alerts 0.9, engines 0.4; each has a ceiling).
GROWTH_KIB = 24 << 10
RELOAD_S = 60             # the site file is read again so often
RING_MIB = 64             # the sensor's default
LOSS = 0.0001             # of the frames: what counts as keeping up, as a stall of a shared machine
KINDS = (".pcap", ".pcapng", ".cap")
passed = failed = 0


def check(ok, what, more=""):
    global passed, failed
    passed, failed = passed + bool(ok), failed + (not ok)
    print("%s: %s%s" % ("PASS" if ok else "FAIL", what, "" if ok else "\n      " + str(more)[:2000]), flush=True)


def skip(why):
    print("SKIP: check-soak (%s)" % why)
    sys.exit(SKIPPED)


def soon(question, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = question()
        if answer:
            return answer
        time.sleep(0.05)
    return None


# ---- the place ----

def make_wires():
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run("ip link add so0 type veth peer name so1".split(), check=True)
    for name in ("so0", "so1"):
        with open("/proc/sys/net/ipv6/conf/%s/disable_ipv6" % name, "w") as f:
            f.write("1")
        subprocess.run(["ip", "link", "set", name, "mtu", "65535", "up"], check=True)
        subprocess.run(["ip", "link", "set", name, "arp", "off"], check=True)


def captures(folders):
    found = []
    for folder in folders:
        for path, _, names in os.walk(folder):
            found += [os.path.join(path, n) for n in names if n.endswith(KINDS)]
    return sorted(found) or [os.path.join(SOURCE, "contrib/sample/sample.pcapng")]


# ---- sender and bare loop ----

class Pump:
    def __init__(self, rate, seconds, record=None):
        command = [PUMP, "-t", str(seconds)] + (["-r", str(int(rate))] if rate else []) + (["-w", record] if record else [])
        self.process = subprocess.Popen(command + ["so0", *CAPTURES], stdout=subprocess.PIPE, text=True)

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
        out = self.process.communicate()[0]
        words = out.split()
        self.sent, self.refused, self.passes, self.seconds = int(words[0]), int(words[2]), int(words[4]), float(words[-2])
        return self

    def wait(self):
        self.process.wait()
        return self.end()


class Bare:
    def __init__(self):
        self.process = subprocess.Popen([BARE, "so1", str(RING_MIB)], stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()

    def end(self):
        time.sleep(0.3)
        self.process.terminate()
        words = self.process.communicate()[0].split()
        self.frames, self.dropped, self.cpu = int(words[0]), int(words[4]), float(words[6])
        return self


def keeps_up(rate, seconds):
    """Frames a second where the bare loop lost nothing, else 0."""
    bare = Bare()
    pump = Pump(rate, seconds).wait()
    bare.end()
    kept = bare.dropped <= LOSS * pump.sent
    print("   bare loop at %7d frames/s: %d of %d lost" % (pump.sent / pump.seconds, bare.dropped, pump.sent), flush=True)
    return pump.sent / pump.seconds if kept else 0


def highest_rate(seconds):
    most = keeps_up(0, seconds)
    if most:
        return most
    low, high = 0, 1 << 21
    while high - low > max(low, 4096) // 16:
        middle = (low + high) // 2
        reached = keeps_up(middle, seconds)
        low, high = (middle, high) if reached else (low, middle)
        if reached and reached < 0.95 * middle:  # the sender is at its end
            return reached
    return low


# ---- the far end of the syslog output ----

class Peer:
    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.lines, self.torn = 0, 0
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            connection, _ = self.socket.accept()
            rest = b""
            while part := self.read(connection):
                *whole, rest = (rest + part).split(b"\n")
                for line in whole:
                    self.take(line)

    @staticmethod
    def read(connection):
        try:
            return connection.recv(65536)
        except OSError:
            return b""

    def take(self, line):
        self.lines += 1
        try:
            json.loads(line)
        except ValueError:
            self.torn += 1


# ---- the sensor ----

class Sensor:
    def __init__(self, folder, peer):
        self.folder, self.socket = folder, os.path.join(folder, "run/control.sock")
        self.alerts = os.path.join(folder, "log/alerts.json")
        self.site = os.path.join(folder, "site.yaml")
        with open(os.path.join(SOURCE, "contrib/sample/site.yaml")) as sample, open(self.site, "w") as f:
            f.write(sample.read() + SITE.format(folder=folder, port=peer.port, user=USER))

    def start(self):
        self.err = open(os.path.join(self.folder, "stderr"), "a+")
        self.process = subprocess.Popen([SENSORD, "run", "-c", self.site, "-r", os.path.join(SOURCE, "rules")], stderr=self.err,
                                        stdout=subprocess.DEVNULL)
        return soon(lambda: self.process.poll() is not None or self.ctl("status"))

    def ctl(self, *words):
        p = subprocess.run([SENSORD, "ctl", "-S", self.socket, "--json", *words], capture_output=True, text=True)
        return json.loads(p.stdout) if p.returncode in (0, 1) and p.stdout else None

    def memory(self):
        with open("/proc/%d/status" % self.process.pid) as f:
            rows = dict(line.split(":", 1) for line in f)
        return tuple(int(rows[name].split()[0]) for name in ("VmRSS", "RssAnon"))

    def told(self):
        with open(self.err.name) as f:
            return f.read()

    def verify(self):
        p = subprocess.run([SENSORD, "verify", self.alerts], capture_output=True, text=True)
        return p.returncode, p.stdout + p.stderr

    def lines(self):
        with open(self.alerts, "rb") as f:
            whole = f.read()
        return whole.split(b"\n")


SITE = """
capture: {{ interfaces: [so1] }}
run:
  user: {user}
  control: {folder}/run/control.sock
  metrics: "127.0.0.1:9471"
outputs:
  - {{ type: file, path: {folder}/log/alerts.json, chain: true }}
  - {{ type: syslog, target: "tcp://127.0.0.1:{port}", format: json, framing: lines, spool: {folder}/spool }}
"""


def scrape():
    with socket.create_connection(("127.0.0.1", 9471), 30) as s:
        s.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
        whole = b""
        while part := s.recv(65536):
            whole += part
    return dict(re.findall(r"^(\w+) ([0-9.e+]+)$", whole.decode(), re.M))


def wire(stats):
    w = stats["interfaces"][0]
    return w["packets"], w["dropped"] + w["missed"]


def lost_records(stats):
    return sum(w["ring_lost"] for w in stats["workers"])


class Watch:
    """One life of the sensor: memory each second, stats every five, its files read again each minute."""

    def __init__(self, sensor, pump, seconds):
        self.memory, self.stats, self.reloads, self.refused, self.unanswered = [], None, 0, 0, 0
        self.tables = []  # when, and the bytes of each
        began = time.monotonic()
        tick = 0
        while (elapsed := time.monotonic() - began) < seconds and sensor.process.poll() is None and pump.process.poll() is None:
            self.memory.append((elapsed, *sensor.memory()))
            if tick % 5 == 0:
                stats = sensor.ctl("stats")
                self.stats, self.unanswered = stats or self.stats, self.unanswered + (not stats)
                self.tables += [(elapsed, {row["table"]: row["bytes"] for row in stats["memory"]})] if stats else []
            if tick % 15 == 0:
                self.unanswered += not scrape()
            if tick % 60 == 0:
                print("   %5.0f s: %.1f MiB resident, %s of %s frames lost" % (elapsed, self.memory[-1][1] / 1024, *reversed(wire(self.stats))), flush=True)
            if tick % max(2, min(RELOAD_S, seconds // 4)) == 1:
                answer = sensor.ctl("reload")
                self.reloads, self.refused = self.reloads + 1, self.refused + (not answer or not answer.get("ok"))
            tick += 1
            time.sleep(max(0.0, began + tick - time.monotonic()))
        self.stats = sensor.ctl("stats") or self.stats


def rules_in(lines):
    return collections.Counter(json.loads(line)["rule"]["id"] for line in lines if line)


def expected(record, site):
    p = subprocess.run([SENSORD, "replay", "-c", site, "-r", os.path.join(SOURCE, "rules"), "--alerts", record + ".json", record],
                       capture_output=True, text=True)
    with open(record + ".json", "rb") as f:
        return {r for r in rules_in(f.read().split(b"\n")) if not r.startswith("S-")}, p.stderr


# ---- the soak ----

def table(rows):
    print()
    for name, value in rows:
        print("   %-34s %s" % (name, value))
    print(flush=True)


def first_life(sensor, rate, seconds, record):
    """Until kill -9. What was acknowledged is in the file, whole."""
    bare = Bare()
    pump = Pump(rate, seconds + 30, record)
    watch = Watch(sensor, pump, seconds)
    check(sensor.process.poll() is None, "it lasts %d s at %d frames/s" % (seconds, rate), sensor.told())
    sensor.process.kill()
    sensor.process.wait()
    bare.end()
    pump.end()
    acknowledged = watch.stats["outputs"][0]["sent"]
    lines = sensor.lines()
    whole = [line for line in lines[:-1]]
    check(acknowledged > 0 and len(whole) >= acknowledged and all(json.loads(line) for line in whole),
          "after kill -9 all %d acknowledged lines are in the file (%d there)" % (acknowledged, len(whole)), lines[-2:])
    return watch, pump, bare


def memory_stays(watch, seconds):
    quarter = seconds / 3
    begin = max(m[1] for m in watch.memory if m[0] <= quarter)
    later = max([m[1] for m in watch.memory if m[0] > quarter], default=0)
    check(0 < later <= begin + GROWTH_KIB, "memory: %.1f MiB at most in the first quarter, %.1f MiB afterwards" %
          (begin / 1024, later / 1024), watch.memory[::max(1, len(watch.memory) // 40)])
    return begin, later


def tables_that_grew(watch, seconds):
    """From the end of the first third to the last look: where the growth is."""
    first = next((t for when, t in watch.tables if when > seconds / 3), {})
    last = watch.tables[-1][1] if watch.tables else {}
    grew = sorted(((last[name] - first.get(name, 0), name) for name in last if last[name] > first.get(name, 0)), reverse=True)
    return ", ".join("%s %+d KiB" % (name, by / 1024) for by, name in grew if by >= 1024) or "none"


def second_life(sensor, rate, seconds):
    before = len(sensor.lines()) - 1
    check(sensor.start() and sensor.process.poll() is None, "it starts again", sensor.told())
    pump = Pump(rate, seconds)
    watch = Watch(sensor, pump, seconds)
    pump.wait()
    time.sleep(1)
    watch.stats = sensor.ctl("stats") or watch.stats
    sensor.process.send_signal(signal.SIGTERM)
    try:
        code = sensor.process.wait(60)
    except subprocess.TimeoutExpired:
        sensor.process.kill()
        code = sensor.process.wait()
    check(code == 0 and not os.path.exists(sensor.socket), "it ends in good order on SIGTERM", "%d %s" % (code, sensor.told()))
    lines = sensor.lines()
    verdict = sensor.verify()
    check(len(lines) - 1 > before and lines[-1] == b"" and verdict[0] == 0, "the chained file of both lives is whole: %s" %
          " ".join(verdict[1].split()), verdict)
    return watch, pump


def soak(seconds):
    peer = Peer()
    sensor = Sensor(TMP, peer)
    rate = float(os.environ.get("SOAK_RATE", 0)) or highest_rate(min(5, max(1, seconds / 20)))
    check(rate > 0, "the bare loop keeps up at %d frames/s" % rate)
    record = os.path.join(TMP, "first.pcap")
    began = time.monotonic()
    check(sensor.start() and sensor.process.poll() is None, "it starts as user %s" % USER, sensor.told())
    life, pump, bare = first_life(sensor, rate, 0.75 * seconds, record)
    begin, later = memory_stays(life, 0.75 * seconds)
    other, again = second_life(sensor, rate, 0.25 * seconds)
    took = time.monotonic() - began

    received, dropped = wire(life.stats)
    check(dropped <= bare.dropped + LOSS * received, "lost: %d of %d frames, the bare loop beside it %d of %d" %
          (dropped, received, bare.dropped, bare.frames))
    lost = lost_records(life.stats) + lost_records(other.stats)
    check(lost == 0, "no record was lost on the way to detection", lost)
    wanted, said = expected(record, sensor.site)
    found = rules_in(sensor.lines())
    check(wanted and not wanted - set(found), "each of the %d rules that a replay of the first pass alerts with" % len(wanted),
          "missing: %s; %s" % (sorted(wanted - set(found)), said))
    check(life.reloads > 0 and life.refused + other.refused == 0, "all %d reloads were made" % (life.reloads + other.reloads))
    check(life.unanswered + other.unanswered == 0, "control socket and metrics always answered", life.unanswered + other.unanswered)
    written = len(sensor.lines()) - 1
    arrived = soon(lambda: peer.lines >= written - (life.stats["outputs"][1]["waiting"] + 100)) is not None
    check(arrived and peer.torn == 0, "syslog over TCP: %d lines arrived (%d in the file), none torn" % (peer.lines, written), peer.torn)
    table([("seconds", "%.0f" % took), ("frames/s wanted, reached", "%.0f, %.0f" % (rate, pump.sent / pump.seconds)),
           ("passes of %d captures" % len(CAPTURES), pump.passes + again.passes), ("frames sent", pump.sent + again.sent),
           ("lost by the sensor, by the bare loop", "%d, %d" % (dropped, bare.dropped)),
           ("lost after the restart", "%d of %d" % wire(other.stats)[::-1]),
           ("processor of the bare loop", "%.1f s" % bare.cpu),
           ("resident MiB: first quarter, after, 2nd life", "%.1f, %.1f, %.1f" % (begin / 1024, later / 1024, max(m[1] for m in other.memory) / 1024)),
           ("tables that grew meanwhile", tables_that_grew(life, 0.75 * seconds)),
           ("lines in the file, by syslog", "%d, %d" % (written, peer.lines)), ("rules that alerted", len(found))])


def user():
    for name in ("sensord", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    skip("no user sensord or nobody")


def main():
    if os.geteuid() != 0 or not all(shutil.which(name) for name in ("ip", "unshare")):
        skip("root, ip and unshare are needed")
    if "SENSORD_SOAK_INSIDE" not in os.environ:
        if subprocess.run(["unshare", "-n", "true"], stderr=subprocess.DEVNULL).returncode:
            skip("no network namespaces here")
        os.execvpe("unshare", ["unshare", "-n", sys.executable, *sys.argv], dict(os.environ, SENSORD_SOAK_INSIDE="1"))
    try:
        make_wires()
    except (OSError, subprocess.CalledProcessError):
        skip("no veth pairs here")
    os.chmod(TMP, 0o755)
    for below in ("run", "log", "spool"):
        os.mkdir(os.path.join(TMP, below))
        os.chown(os.path.join(TMP, below), ACCOUNT.pw_uid, ACCOUNT.pw_gid)
    soak(float(os.environ.get("SOAK_SECONDS", "1200")))
    print("%d passed, %d failed" % (passed, failed))
    return failed > 0


if __name__ == "__main__":
    SENSORD, PUMP, BARE, SOURCE = (os.path.abspath(p) for p in sys.argv[1:5])
    CAPTURES = captures(sys.argv[5:])
    ACCOUNT = user()
    USER = ACCOUNT.pw_name
    TMP = tempfile.mkdtemp(prefix="sensord-soak-")
    try:
        code = main()
    finally:
        shutil.rmtree(TMP, ignore_errors=True)
    sys.exit(code)
