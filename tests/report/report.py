# SPDX-License-Identifier: BSD-2-Clause
"""The HTML report, held against what a page that stands alone has to be: well-formed, without network, without a way
out of its texts for what the wire brings, bounded, the same twice; then opened in a headless browser where there is one.
    report.py SENSORD SOURCE        REPORT_SHOTS: folder for screenshots and the print
Ends with `N passed, N failed`."""
import base64
import html.parser
import json
import os
import re
import subprocess
import sys
import tempfile

import browser
import wire

sensord, source = sys.argv[1], sys.argv[2]
shots = os.environ.get("REPORT_SHOTS")
HOSTILE = "</script><svg onload=window.pwned=1>\"'><img src=x onerror=window.pwned=1>\u202e\u2028<!--"
passed = failed = 0


def check(name, fine, detail=""):
    global passed, failed
    passed, failed = passed + bool(fine), failed + (not fine)
    if not fine:
        print("FAIL: %s %s" % (name, detail))


def replay(report, captures, *options):
    site = ["-c", source + "/contrib/sample/site.yaml"] if "--no-site" not in options else []
    options = [o for o in options if o != "--no-site"]
    command = [sensord, "replay", "-r", source + "/rules", *site, "-a", "none", "--report", report, *options, *captures]
    return subprocess.run(command, capture_output=True, text=True)


class Page(html.parser.HTMLParser):
    VOID = {"meta", "link", "input", "br"}

    def __init__(self, text):
        super().__init__()
        self.open, self.wrong, self.ids, self.links, self.headings = [], [], [], [], []
        self.tags, self.scripts, self.tables, self.captions, self.languages = {}, [], 0, 0, {}
        self.feed(text)
        self.close()
        if self.open:
            self.wrong.append("not closed: %s" % self.open[-3:])

    def handle_starttag(self, tag, attributes):
        self.tags[tag] = self.tags.get(tag, 0) + 1
        given = dict(attributes)
        if len(given) != len(attributes):
            self.wrong.append("an attribute twice in <%s>" % tag)
        for name, value in attributes:
            if name.startswith("on") or name == "style":
                self.wrong.append("<%s %s>" % (tag, name))
            if name in ("src", "href", "action", "data") and value and not value.startswith(("#", "data:,")):
                self.wrong.append("<%s %s=%s>" % (tag, name, value))
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a":
            self.links.append(given.get("href", ""))
        if tag in ("h1", "h2", "h3", "h4"):
            self.headings.append(int(tag[1]))
        if tag == "script":
            self.scripts.append(given)
        if tag == "span" and "lang" in given:
            self.languages[given["lang"]] = self.languages.get(given["lang"], 0) + 1
        self.tables += tag == "table"
        self.captions += tag == "caption"
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append("</%s> closes nothing" % tag)


def check_page(name, path):
    """What every report has to be. Returns its data."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    page = Page(text)
    check(name + " is well-formed", not page.wrong, page.wrong[:5])
    check(name + " has each id once", len(page.ids) == len(set(page.ids)))
    dead = [l for l in page.links if l.startswith("#") and l[1:] not in set(page.ids)]
    check(name + " has no dead link", not dead, dead[:5])
    check(name + " has headings in order", page.headings[0] == 1 and page.headings.count(1) == 1 and
          all(b <= a + 1 or (a, b) == (2, 4) for a, b in zip(page.headings, page.headings[1:])), page.headings[:20])
    check(name + " has a caption for each table", page.tables == page.captions, (page.tables, page.captions))
    check(name + " says everything in both languages", page.languages.get("en") == page.languages.get("ja"), page.languages)
    check(name + " has its data and one script", len(page.scripts) == 2 and page.scripts[0].get("type") == "application/json")
    check(name + " names no address of the web", not re.search(r"https?://", re.sub(r'(?s)<script type.*?</script>', "", text)
                                                                .split("</style>")[1].split("<script>")[-1]))
    check(name + " has a policy", "default-src 'none'" in text and "unsafe" not in text.split("</head>")[0])
    check(name + " shows no invisible character", not re.search("[\u0080-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]", text))
    data = re.search(r'(?s)<script type="application/json" id="sensord-data">(.*?)</script>', text)
    try:
        return json.loads(data.group(1))
    except (ValueError, AttributeError) as e:
        check(name + " has data that can be read", False, e)
        return {"alerts": [], "hosts": [], "logons": []}


def hostile_capture(path):
    c = wire.Capture()
    evil = HOSTILE.encode()
    user = base64.b64encode(evil + b":secret")
    host = b"\"><img/src=x/onerror=window.pwned=1>.example.org"
    for port in range(40000, 40003):
        c.talk("10.1.10.11", "10.1.250.10", port, 8080, [
            (True, b"GET http://" + host + b"/<script>window.pwned=1</script> HTTP/1.1\r\nHost: " + host +
             b"\r\nUser-Agent: " + evil + b"\r\nProxy-Authorization: Basic " + user + b"\r\n\r\n"),
            (False, b"HTTP/1.1 200 OK\r\nServer: " + evil + b"\r\nContent-Length: 0\r\n\r\n")])
    c.talk("10.1.10.12", "10.1.250.10", 40100, 8080, [
        (True, b"CONNECT " + host + b":22 HTTP/1.1\r\nHost: x\r\nProxy-Authorization: Basic " + user + b"\r\n\r\n"),
        (False, b"HTTP/1.1 200 OK\r\n\r\n"), (False, b"SSH-2.0-" + evil + b"\r\n"), (True, b"SSH-2.0-x\r\n")])
    c.talk("10.1.10.13", "198.51.100.9", 40200, 80, [
        (True, b"GET / HTTP/1.1\r\nHost: " + host + b"\r\nUser-Agent: " + evil + b"\r\n\r\n"),
        (False, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")])
    c.write(path)


def big_capture(path):
    """Many hosts, each with attempts, and more than the page can show of everything."""
    c = wire.Capture()
    for i in range(60000):
        host = "10.1.10.%d" % (1 + i % 250) if i % 2 else "10.1.%d.%d" % (20 + i % 3, 1 + i // 250 % 250)
        c.syn(host, "198.51.%d.%d" % (100 + i % 40, 1 + i // 7 % 250), 20000 + i % 40000, (80, 443, 8080, 22)[i % 4], 0.02)
    for i in range(400):
        user = base64.b64encode(b"user%d:secret" % i)
        c.talk("10.1.20.%d" % (1 + i % 250), "10.1.250.10", 30000 + i, 8080, [
            (True, b"GET http://www.example.org/ HTTP/1.1\r\nHost: www.example.org\r\nProxy-Authorization: Basic " + user +
             b"\r\n\r\n"), (False, b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")])
    c.write(path)


def in_browser(b, name, path, seconds=None):
    b.open(path)
    complaints = b.complaints()
    check(name + ": the browser has nothing to complain of", not complaints, complaints[:3])
    check(name + ": nothing of the wire ran", b.value("window.pwned === undefined && document.images.length === 0"))
    check(name + ": its script ran", b.value("document.querySelector('.page').classList.contains('scripted')"))
    took = b.value("new Promise(done => setTimeout(() => { const t = performance.getEntriesByType('navigation')[0];"
                   " done(t.loadEventEnd - t.startTime) }, 50))")
    if seconds:
        check("%s: opens in under %s s" % (name, seconds), took < seconds * 1000, "%.0f ms" % took)
        print("    %s: %d KiB, %.0f ms to open" % (name, os.path.getsize(path) // 1024, took))


def shown(b, selector):
    return b.value("[...document.querySelectorAll(%s)].filter(e => e.offsetParent !== null).length" % json.dumps(selector))


def use(b):
    """Keyboard, languages, filters, links, paper: on the page that is open."""
    check("English is shown first", shown(b, "h2 [lang=en]") > 5 and shown(b, "h2 [lang=ja]") == 0)
    b.value("document.getElementById('in-en').focus()")
    b.key("ArrowRight", 39)
    check("the arrow key switches to Japanese", shown(b, "h2 [lang=ja]") > 5 and shown(b, "h2 [lang=en]") == 0)
    check("the document says its language", b.value("document.documentElement.lang") == "ja")
    b.key("ArrowLeft", 37)
    back = b.value("getComputedStyle(document.querySelector('.page')).backgroundColor")
    b.value("document.getElementById('in-other-light').focus()")
    b.key(" ", 32, " ")
    check("the space key switches light and dark",
          back != b.value("getComputedStyle(document.querySelector('.page')).backgroundColor"))
    if shots:
        b.keep(shots + "/dark.png", "Page.captureScreenshot")
    b.key(" ", 32, " ")
    rows = shown(b, "#alert-rows > tr")
    b.value("document.querySelector('#filters select[name=level]').value = '3';"
            "document.getElementById('filters').dispatchEvent(new Event('input'))")
    check("the level filter hides rows", 0 < shown(b, "#alert-rows > tr") < rows)
    b.value("document.getElementById('filters').reset(); document.getElementById('filters').dispatchEvent(new Event('input'))")
    b.value("document.querySelector('#alert-rows summary').focus()")
    b.key("Enter", 13, "\r")
    check("the Enter key opens an alert", b.value("document.querySelector('#alert-rows details').open"))
    b.value("location.hash = document.querySelector('svg.graph a').getAttribute('href')")
    check("a link opens what it leads to", b.value("new Promise(done => setTimeout(() =>"
                                                   "done(document.querySelector(':target').open), 50))"))
    b.value("document.querySelector('svg.graph a').focus()")
    check("the graph lights the paths of what has the focus", b.value("document.querySelectorAll('svg.graph .edge.on').length") > 0)
    check("nothing is wider than the window", b.value("document.documentElement.scrollWidth <= innerWidth"))
    pdf = b.ask("Page.printToPDF", preferCSSPageSize=True)["data"]
    check("it prints", base64.b64decode(pdf).startswith(b"%PDF") and b.value("[...document.querySelectorAll('details')]"
                                                                             ".every(d => d.open)"))
    if shots:
        with open(shots + "/print.pdf", "wb") as out:
            out.write(base64.b64decode(pdf))


def in_japanese(b, name, path):
    """No sentence is left in English: three words in a row that are no name, no value of the wire and no command."""
    b.open(path)
    b.value("document.getElementById('in-ja').checked = true; document.querySelectorAll('details').forEach(d => d.open = true)")
    text = b.value("""(() => { const page = document.querySelector('main').cloneNode(true);
        page.querySelectorAll('bdi, code, [lang=en], svg, .code, option').forEach(e => e.remove());
        return page.textContent; })()""")
    left = [t for t in re.findall(r"[A-Za-z][a-z]+(?: [A-Za-z]?[a-z]+){2,}", text) if not t.startswith("sensord ")]
    check(name + ": in Japanese no English sentence is left", not left, sorted(set(left))[:6])


def on_a_phone(b, name, path):
    b.ask("Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=1, mobile=False)
    b.open(path)
    wide = b.value("document.documentElement.scrollWidth")
    check(name + ": nothing is wider than a phone", wide <= 390, wide)
    b.ask("Emulation.clearDeviceMetricsOverride")


def audit_page(path, capture, *options):
    with open(path, "wb") as out:
        return subprocess.run([sensord, "audit", "-r", source + "/rules", "-c", source + "/contrib/sample/site.yaml", "--format", "html", *options, capture],
                              stdout=out, stderr=subprocess.PIPE).returncode


def use_audit(b, path):
    b.open(path)
    cells = b.value("document.querySelectorAll('a.cell').length")
    check("the audit: a cell of the matrix for each that is told of", cells == b.value("document.querySelectorAll('details.entry').length") > 20)
    b.value("document.querySelector('a.cell.open, a.cell').focus()")
    b.key("Enter", 13, "\r")
    check("the audit: the Enter key on a cell opens its evidence",
          b.value("new Promise(done => setTimeout(() => done(document.querySelector(':target').open && document.querySelector(':target').offsetParent !== null), 80))"))
    pdf = b.ask("Page.printToPDF", preferCSSPageSize=True)["data"]
    check("the audit: prints with everything open", base64.b64decode(pdf).startswith(b"%PDF") and
          b.value("[...document.querySelectorAll('details')].every(d => d.open)"))


def without_script(b, path):
    b.ask("Emulation.setScriptExecutionDisabled", value=True)
    b.open(path)
    b.ask("Emulation.setScriptExecutionDisabled", value=False)
    check("without script the alerts are there", shown(b, "#alert-rows > tr") > 5)
    check("without script there is no dead form", shown(b, "#filters") == 0)
    b.value("document.getElementById('in-en').focus()")
    b.key("ArrowRight", 39)
    check("without script the language can be switched", shown(b, "h2 [lang=ja]") > 5)


def main():
    with tempfile.TemporaryDirectory(prefix="report-") as work:
        sample, hostile, big, empty, audit = (work + "/" + n + ".html" for n in ("sample", "hostile", "big", "empty", "audit"))
        pcap = source + "/contrib/sample/sample.pcapng"
        done = replay(sample, [pcap])
        check("the sample gives a report", done.returncode == 0 and not done.stderr, done.stderr)
        data = check_page("the report of the sample", sample)
        alone = subprocess.run([sensord, "replay", "-r", source + "/rules", "-c", source + "/contrib/sample/site.yaml", pcap],
                               capture_output=True, text=True).stdout
        opened = sum(json.loads(line)["alert"]["state"] == "open" for line in alone.splitlines())
        check("its data are the alerts", opened > 20 and len(data["alerts"]) == opened, (opened, len(data["alerts"])))
        again = work + "/again.html"
        replay(again, [pcap])
        check("the same capture gives the same bytes", open(sample, "rb").read() == open(again, "rb").read())
        digest = subprocess.run(["sha256sum", pcap], capture_output=True, text=True).stdout.split()[0]
        check("the capture's SHA-256 is told", digest in open(sample).read())

        evil_pcap = work + "/\"><img src=x onerror=window.pwned=1>.pcap"
        hostile_capture(evil_pcap)
        done = replay(hostile, [evil_pcap])
        data = check_page("the report of a hostile capture", hostile)
        check("the hostile capture gives alerts and accounts", data["alerts"] and data["logons"], done.stderr)
        check("its texts come back from the data as they were", any(HOSTILE.split("<!--")[0] in json.dumps(a, ensure_ascii=False)
              or "onload=window.pwned" in json.dumps(a) for a in data["alerts"]))
        check("its account is shown as text", "&lt;svg onload=window.pwned=1&gt;" in open(hostile).read())

        big_pcap = work + "/big.pcap"
        big_capture(big_pcap)
        done = replay(big, [big_pcap])
        check_page("a big report", big)
        check("a big report is bounded", os.path.getsize(big) < 12 << 20, os.path.getsize(big))
        check("a big report says what was cut", 'class="cut"' in open(big).read())

        wire.Capture().write(work + "/empty.pcap")
        replay(empty, [work + "/empty.pcap"])
        check_page("the report of an empty capture", empty)

        check("the audit gives a page and says that not all holds", audit_page(audit, pcap) == 1)
        data = check_page("the audit", audit)
        check("the audit: its data are its cells", len(data["cells"]) == open(audit).read().count('<details class="entry"'))

        done = replay(work + "/none/there.html", [pcap])
        check("a report that cannot be written is exit 2 and a line", done.returncode == 2 and "there.html" in done.stderr, done.stderr)
        done = replay("-", [pcap])
        check("a report goes to standard output", done.returncode == 0 and done.stdout.startswith("<!doctype html>"))

        name = browser.find()
        if not name:
            print("SKIP: no chromium here: the pages were not opened in a browser")
            return
        b = browser.Browser(name)
        try:
            in_browser(b, "the report of an empty capture", empty)
            in_browser(b, "the report of a hostile capture", hostile)
            in_browser(b, "a big report", big, 2)
            in_browser(b, "the report of the sample", sample, 2)
            if shots:
                b.keep(shots + "/sample.png", "Page.captureScreenshot", captureBeyondViewport=True,
                       clip={"x": 0, "y": 0, "width": 1280, "height": 4000, "scale": 1})
            use(b)
            if shots:
                b.keep(shots + "/open.png", "Page.captureScreenshot")
            in_browser(b, "the audit", audit, 2)
            use_audit(b, audit)
            for title, path in (("the audit", audit), ("the report of the sample", sample)):
                in_japanese(b, title, path)
                on_a_phone(b, title, path)
            without_script(b, sample)
        finally:
            b.close()


main()
print("%d passed, %d failed" % (passed, failed))
sys.exit(failed > 0)
