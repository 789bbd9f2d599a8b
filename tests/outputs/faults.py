#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""faults.py FEED: what an output does when its far end fails. Drives tests/outputs/feed against peers of its own.

Each case checks the same three things of what arrived: every line that was acknowledged is there, in order (a line may
come twice, never late), none is torn; and that the outage was told once. Closes with `N passed, N failed`."""
import json, os, re, shutil, signal, socket, ssl, subprocess, sys, tempfile, threading, time

feed = os.path.abspath(sys.argv[1])
work = tempfile.mkdtemp(prefix="outputs-")
passed = failed = 0


class Wrong(Exception):
    pass


def check(fine, text):
    if not fine:
        raise Wrong(text)


def in_order(messages, total, start=0):
    """Numbers of the messages: each new one follows the one before; what came may come again."""
    expected = start
    for m in messages:
        n = json.loads(m)["n"]
        check(n <= expected, "line %d came where %d is missing" % (n, expected))
        expected = max(expected, n + 1)
    check(expected == total, "%d of %d lines arrived" % (expected, total))


class Feed:
    def __init__(self, *arguments):
        self.process = subprocess.Popen([feed, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        self.n = 0

    def put(self, count):
        for _ in range(count):
            self.process.stdin.write('{"n":%d,"text":"%s"}\n' % (self.n, "x" * 200))
            self.n += 1
        self.process.stdin.flush()

    def end(self):
        out, err = self.process.communicate(timeout=60)
        self.told = [l.split(" ", 2) for l in out.splitlines()]
        return self.process.returncode, out, err

    def kill(self):
        self.process.kill()
        self.process.wait()

    def events(self, name):
        return [t for t in self.told if t[0] == name]


class Server:
    """A syslog receiver over TCP or TLS, one message a line."""

    def __init__(self, port=0, tls=None, pause=0):
        self.messages, self.pause = [], pause
        self.socket = socket.create_server(("127.0.0.1", port), reuse_port=False)
        self.port, self.tls, self.connections, self.open = self.socket.getsockname()[1], tls, [], True
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while self.open:
            try:
                c, _ = self.socket.accept()
                if self.tls:
                    c = self.tls.wrap_socket(c, server_side=True)
            except OSError:
                continue
            self.connections.append(c)
            rest = b""
            while True:
                try:
                    got = c.recv(4096)
                except OSError:
                    break
                if not got:
                    break
                rest += got
                *whole, rest = rest.split(b"\n")
                self.messages += [w.decode() for w in whole]
                if self.pause:
                    time.sleep(self.pause)

    def stop(self):
        """Dies: connections are reset, the port is free."""
        self.open = False
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        for c in self.connections:
            try:
                c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                c.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            c.close()
        self.thread.join(5)


def wait(what, text, seconds=45):
    end = time.time() + seconds
    while not what():
        check(time.time() < end, text)
        time.sleep(0.05)


def certificates():
    def run(*a):
        subprocess.run(a, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=work)

    for ca in ("ca", "other"):
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
            "-subj", "/CN=%s" % ca, "-keyout", ca + ".key", "-out", ca + ".pem")
    for name, alternative in (("server", "DNS:localhost"), ("wrong", "DNS:elsewhere.example")):
        run("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=" + name,
            "-keyout", name + ".key", "-out", name + ".csr")
        with open(os.path.join(work, "extension"), "w") as f:
            f.write("subjectAltName=" + alternative)
        run("openssl", "x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days",
            "30", "-extfile", "extension", "-out", name + ".pem")


def context(name):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    c.load_cert_chain(os.path.join(work, name + ".pem"), os.path.join(work, name + ".key"))
    return c


def away_and_back(scheme, tls=None, *more):
    spool = os.path.join(work, "spool-" + scheme)
    server = Server(tls=tls)
    f = Feed("type=syslog", "target=%s://localhost:%d" % (scheme, server.port), "framing=lines", "format=json",
             "spool=" + spool, "patience=20000", *more)
    f.put(100)
    wait(lambda: len(server.messages) >= 100, "the first lines did not arrive")
    time.sleep(1)
    port, before = server.port, server.messages
    server.stop()
    f.put(300)
    time.sleep(2)
    server = Server(port, tls)
    f.put(100)
    status, out, err = f.end()
    check(status == 0, "feed: %d %s %s" % (status, out, err))
    server.stop()
    in_order(before + server.messages, 500)
    check(len(f.events("output_away")) == 1 and len(f.events("output_back")) == 1, "told not once: " + out)


def tcp_server_away_and_back():
    away_and_back("tcp")


def tls_server_away_and_back():
    away_and_back("tls", context("server"), "ca=" + os.path.join(work, "ca.pem"))


def refused(name, ca, why):
    server = Server(tls=context(name))
    f = Feed("type=syslog", "target=tls://localhost:%d" % server.port, "framing=lines", "format=json",
             "ca=" + os.path.join(work, ca), "patience=500")
    f.put(5)
    status, out, err = f.end()
    server.stop()
    check(not server.messages, "lines went to somebody with the wrong certificate")
    check(status == 1 and "5 lines could not be delivered" in err, "it was not said: %s %s" % (out, err))
    check(len(f.events("output_away")) == 1 and why in out, "the reason is not told: " + out)


def a_certificate_of_another_ca_is_refused():
    refused("server", "other.pem", "refused")


def a_certificate_for_another_host_is_refused():
    refused("wrong", "ca.pem", "hostname mismatch")


def a_ca_that_was_renewed_is_believed():
    """The file is another one now, under the same name: no restart."""
    ca, new = os.path.join(work, "renewed.pem"), os.path.join(work, "renewed.pem.new")
    shutil.copy(os.path.join(work, "other.pem"), ca)
    server = Server(tls=context("server"))
    f = Feed("type=syslog", "target=tls://localhost:%d" % server.port, "framing=lines", "format=json", "ca=" + ca, "patience=20000")
    f.put(5)
    time.sleep(1)
    check(not server.messages, "the server was believed before its CA was there")
    with open(new, "w") as half:
        half.write("-----BEGIN CERTIFICATE-----\n")
    os.rename(new, ca)
    time.sleep(1)
    shutil.copy(os.path.join(work, "ca.pem"), new)
    os.rename(new, ca)
    status, out, err = f.end()
    server.stop()
    check(status == 0, "feed: %d %s %s" % (status, out, err))
    in_order(server.messages, 5)


def udp_server_away_and_back():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("127.0.0.1", 0))
    port, got = s.getsockname()[1], []
    f = Feed("type=syslog", "target=udp://127.0.0.1:%d" % port, "format=json", "spool=" + os.path.join(work, "spool-udp"),
             "patience=20000", "pace=500")
    s.settimeout(5)
    f.put(50)
    while len(got) < 50:
        got.append(s.recv(4096).decode())
    time.sleep(1)
    s.close()
    f.put(100)
    time.sleep(1.5)
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    s.bind(("127.0.0.1", port))
    s.settimeout(35)
    f.put(50)
    while not got or json.loads(got[-1])["n"] < 199:
        got.append(s.recv(4096).decode())
    status, out, err = f.end()
    check(status == 0, "feed: %d %s %s" % (status, out, err))
    in_order(got, 200)
    check(len(f.events("output_away")) == 1, "told not once: " + out)


def a_slow_reader_gets_everything():
    server = Server(pause=0.002)
    f = Feed("type=syslog", "target=tcp://127.0.0.1:%d" % server.port, "framing=lines", "format=json",
             "spool=" + os.path.join(work, "spool-slow"), "patience=40000")
    began = time.time()
    f.put(40000)
    check(time.time() - began < 10, "the caller was held up")
    status, out, err = f.end()
    check(status == 0, "feed: %d %s %s" % (status, out, err))
    wait(lambda: server.messages and json.loads(server.messages[-1])["n"] == 39999, "the last line did not arrive")
    server.stop()
    in_order(server.messages, 40000)


def lines_of(path):
    with open(path, "rb") as f:
        content = f.read()
    check(content.endswith(b"\n") or not content, "the last line is torn")
    return content.decode().splitlines()


def a_full_disk_loses_and_tears_nothing():
    mount = os.path.join(work, "small")
    os.mkdir(mount)
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", mount],
                                           stderr=subprocess.DEVNULL).returncode:
        return "no tmpfs can be mounted here"
    try:
        path, fill = os.path.join(mount, "a.json"), os.path.join(mount, "fill")
        f = Feed("type=file", "path=" + path, "spool=" + os.path.join(work, "spool-disk"), "patience=20000", "chain=1")
        f.put(100)
        wait(lambda: os.path.exists(path) and len(lines_of(path)) == 100, "the first lines are not there")
        with open(fill, "wb") as full:
            try:
                full.write(b"x" * (1 << 20))
            except OSError:
                pass
        f.put(300)
        time.sleep(1.5)
        lines_of(path)
        os.unlink(fill)
        status, out, err = f.end()
        check(status == 0, "feed: %d %s %s" % (status, out, err))
        numbers = [json.loads(l) for l in lines_of(path)]
        check([n["n"] for n in numbers] == list(range(400)), "not every line once and in order")
        check([n["chain"]["seq"] for n in numbers] == list(range(1, 401)), "the chain has a gap")
        check(len(f.events("output_away")) == 1 and len(f.events("output_back")) == 1, "told not once: " + out)
        check("No space left" in out, "the reason is not told: " + out)
    finally:
        subprocess.run(["umount", mount])


def a_read_only_folder_is_waited_for():
    mount = os.path.join(work, "locked")
    os.mkdir(mount)
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", mount],
                                           stderr=subprocess.DEVNULL).returncode:
        return "no tmpfs can be mounted here"
    try:
        path = os.path.join(mount, "a.json")
        f = Feed("type=file", "path=" + path, "spool=" + os.path.join(work, "spool-locked"), "patience=20000", "rotate_kib=8")
        f.put(60)
        time.sleep(1)
        subprocess.run(["mount", "-o", "remount,ro,size=1m", mount], stderr=subprocess.DEVNULL)
        f.put(20)
        time.sleep(0.5)
        subprocess.run(["mount", "-o", "remount,rw,size=1m", mount])
        status, out, err = f.end()
        check(status == 0, "feed: %d %s %s" % (status, out, err))
        names = sorted(n for n in os.listdir(mount) if n.startswith("a.json-")) + ["a.json"]
        in_order([l for n in names for l in lines_of(os.path.join(mount, n))], 80)
    finally:
        subprocess.run(["umount", mount])


def killed_in_the_middle_a_file_has_no_torn_line():
    path, got = os.path.join(work, "killed.json"), 0
    for turn in range(5):
        f = Feed("type=file", "path=" + path, "chain=1")
        f.n = got
        f.put(20000)
        time.sleep(0.02 * turn)
        f.kill()
        # What the next start finds: a line cut in the middle goes, the chain goes on.
        f = Feed("type=file", "path=" + path, "chain=1")
        status, out, err = f.end()
        check(status == 0, "feed: %d %s %s" % (status, out, err))
        records = [json.loads(l) for l in lines_of(path)] if os.path.exists(path) else []
        check([r["chain"]["seq"] for r in records] == list(range(1, len(records) + 1)), "the chain has a gap")
        check([r["n"] for r in records] == list(range(len(records))), "lines are missing or out of order")
        got = len(records)
    check(got > 0, "nothing was written")


def killed_while_the_server_is_away_nothing_spooled_is_lost():
    server = Server()
    spool, port = os.path.join(work, "spool-killed"), server.port
    server.stop()
    arguments = ("type=syslog", "target=tcp://127.0.0.1:%d" % port, "framing=lines", "format=json", "spool=" + spool,
                 "patience=20000")
    f = Feed(*arguments)
    f.put(2000)
    frames = sum(len('{"n":%d,"text":"%s"}' % (i, "x" * 200)) + 22 for i in range(2000))
    wait(lambda: size_of(spool) >= frames, "the lines are not spooled")
    f.kill()
    server = Server(port)
    f = Feed(*arguments)
    f.n = 2000
    f.put(100)
    status, out, err = f.end()
    check(status == 0, "feed: %d %s %s" % (status, out, err))
    server.stop()
    in_order(server.messages, 2100)
    check(size_of(spool) < 100, "the spool is not emptied")


def size_of(folder):
    try:
        return sum(os.path.getsize(os.path.join(folder, n)) for n in os.listdir(folder))
    except FileNotFoundError:
        return 0


def a_full_spool_loses_the_oldest_and_says_how_many():
    server = Server()
    port = server.port
    server.stop()
    f = Feed("type=syslog", "target=tcp://127.0.0.1:%d" % port, "framing=lines", "format=json",
             "spool=" + os.path.join(work, "spool-full"), "spool_kib=512", "patience=20000")
    f.put(5000)
    time.sleep(2)
    server = Server(port)
    status, out, err = f.end()
    server.stop()
    counts = dict(zip(*[iter(out.splitlines()[-1].split())] * 2))
    lost = int(counts["lost"])
    check(status == 1 and lost > 0, "nothing is said: %s %s" % (out, err))
    check(len(f.events("output_lost")) == 1, "told not once: " + out)
    in_order(server.messages, 5000, lost)


def main():
    global passed, failed
    certificates()
    cases = [tcp_server_away_and_back, tls_server_away_and_back, a_certificate_of_another_ca_is_refused,
             a_certificate_for_another_host_is_refused, a_ca_that_was_renewed_is_believed, udp_server_away_and_back, a_slow_reader_gets_everything,
             a_full_disk_loses_and_tears_nothing, a_read_only_folder_is_waited_for,
             killed_in_the_middle_a_file_has_no_torn_line, killed_while_the_server_is_away_nothing_spooled_is_lost,
             a_full_spool_loses_the_oldest_and_says_how_many]
    for case in cases:
        if len(sys.argv) > 2 and case.__name__ not in sys.argv[2:]:
            continue
        name = case.__name__.replace("_", " ")
        try:
            skipped = case()
            print("%s: %s" % ("SKIP" if skipped else "PASS", name + (" (%s)" % skipped if skipped else "")), flush=True)
            passed += not skipped
        except (Wrong, OSError, ValueError, KeyError, subprocess.SubprocessError) as e:
            print("FAIL: %s: %s" % (name, e), flush=True)
            failed += 1
    shutil.rmtree(work, ignore_errors=True)
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


sys.exit(main())
