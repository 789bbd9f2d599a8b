#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Runs the plan of `sensord audit --plan=sh` in a network of namespaces, with the ordinary tools, and audits what was captured.

usage: plan.py SENSORD

Every cell that the plan names a command for has to become PROVEN, but for what asks for another hour of the day. Needs root, network
namespaces and the tools (nft, tcpdump, nc, nmap, curl, dig, ping, smbclient); without them it skips (exit 77). Takes some minutes:
what is dropped is waited for. Closes with `N passed, N failed`.
"""
import base64, json, os, select, shutil, socket, subprocess, sys, tempfile, threading, time

HERE = os.path.dirname(os.path.abspath(__file__))
NAME = f'plan{os.getpid()}'
CUT = 8  # seconds after which the proxy cuts a tunnel
SITE = f'''site:
  name: plan
  timezone: UTC
  zones:
    users:   {{ networks: [10.1.1.0/24, 10.1.2.0/24], role: user }}
    servers: {{ networks: [10.2.0.0/24], role: server }}
    admin:   {{ networks: [10.9.0.0/24], role: admin }}
    dmz:     {{ networks: [10.5.0.0/24], role: dmz }}
  proxies:
    - {{ address: 10.5.0.10, ports: [8080], authentication: required, schemes: [basic] }}
  file_servers: [10.2.0.20]
  admin_terminals: [10.9.0.10]
  connect: {{ ports: [443], max_seconds: 5, force_cut_seconds: {CUT} }}
  policy:
    - {{ from: users, to: servers, service: [smb, dns, http, icmp] }}
    - {{ from: users, to: role:proxy, service: tcp/8080 }}
    - {{ from: admin, to: servers, service: [ssh, http] }}
    - {{ from: role:proxy, to: internet, service: any }}
    - {{ from: users, to: 10.2.0.30, service: any, action: deny }}
'''
# What the proxy's own limit of time would need an hour of the day for, and what has no command.
OPEN = ('/off-hours/', '/unknown-device/', '/trap-accounts/', '/administrators/')
HOSTS = {'pc1': ('u1', '10.1.1.11'), 'pc2': ('u1', '10.1.1.12'), 'pc3': ('u2', '10.1.2.21'), 'pc4': ('u2', '10.1.2.22'), 'srv': ('s', '10.2.0.30'),
         'fs': ('s', '10.2.0.20'), 'adm': ('a', '10.9.0.10'), 'dmz': ('d', '10.5.0.20'), 'px': ('d', '10.5.0.10'), 'net': ('n', '203.0.113.10')}
BRIDGES = {'u1': '10.1.1.1', 'u2': '10.1.2.1', 's': '10.2.0.1', 'a': '10.9.0.1', 'd': '10.5.0.1', 'n': '203.0.113.1'}
SERVES = {'srv': 'tcp/22 tcp/80 udp/53', 'fs': 'tcp/445 tcp/80 tcp/22 udp/53', 'px': 'proxy/8080', 'adm': 'tcp/22',
          'net': 'tcp/80 tcp/443 tcp/8080 tcp/53 tcp/50443 tcp/25 udp/53 udp/443 udp/123'}
FIREWALL = '''table inet f {
 chain forward {
  type filter hook forward priority 0; policy drop;
  ct state established,related accept
  ip saddr 10.1.0.0/16 ip daddr 10.2.0.0/24 tcp dport { 445, 139, 80 } accept
  ip saddr 10.1.0.0/16 ip daddr 10.2.0.0/24 udp dport 53 accept
  ip saddr 10.1.0.0/16 ip daddr 10.2.0.0/24 icmp type echo-request accept
  ip saddr 10.1.0.0/16 ip daddr 10.5.0.10 tcp dport 8080 accept
  ip saddr 10.9.0.0/24 ip daddr 10.2.0.0/24 tcp dport { 22, 80 } accept
  ip saddr 10.5.0.10 ip daddr 203.0.113.0/24 accept
 }
}
'''
PC_FILTER = '''table inet f {
 chain input {
  type filter hook input priority 0; policy accept;
  tcp dport { 445, 139, 135 } drop
 }
}
'''


# ---- what the hosts serve (inside of a namespace) ----

def answer(c):
    try:
        asked = c.recv(4096)
        if asked.startswith((b'GET', b'CONNECT')):
            c.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
        elif asked:
            c.sendall(asked)
        time.sleep(3 * CUT)
    except OSError:
        pass
    c.close()


def carry(c, o):
    """A tunnel, cut at its time."""
    end = time.time() + CUT
    while time.time() < end:
        for x in select.select([c, o], [], [], 0.2)[0]:
            got = x.recv(4096)
            if not got:
                return
            (o if x is c else c).sendall(got)


def proxy(c):
    say = lambda status, more='': c.sendall(f'HTTP/1.1 {status} Status\r\n{more}Content-Length: 0\r\n\r\n'.encode())
    try:
        while True:
            asked = b''
            while b'\r\n\r\n' not in asked:
                got = c.recv(4096)
                if not got:
                    return
                asked += got
            method, target = asked.split(b'\r\n')[0].decode().split(' ')[:2]
            host, _, port = (target if method == 'CONNECT' else target.split('/')[2]).partition(':')
            if method == 'CONNECT' and port != '443':
                say(403)
            elif b'Basic ' + base64.b64encode(b'user:right') not in asked:
                say(407, 'Proxy-Authenticate: Basic realm="proxy"\r\n')
            else:
                o = socket.create_connection((host, int(port or 80)), timeout=5)
                if method == 'CONNECT':
                    c.sendall(b'HTTP/1.1 200 OK\r\n\r\n')
                    carry(c, o)
                    return
                o.sendall(f'GET / HTTP/1.1\r\nHost: {host}\r\n\r\n'.encode())
                c.sendall(o.recv(4096))
                o.close()
    except OSError:
        pass
    finally:
        c.close()


def listen(address, port, serve):
    s = socket.create_server((address, port), backlog=64)
    while True:
        threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()


def echo(address, port):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((address, port))
    while True:
        asked, who = s.recvfrom(4096)
        s.sendto(asked[:2] + b'\x81\x80' + asked[4:], who)  # as the answer to a DNS question


def serve(address, *services):
    for service in services:
        kind, port = service.split('/')
        arguments = (address, int(port)) + ((proxy if kind == 'proxy' else answer,) if kind != 'udp' else ())
        threading.Thread(target=echo if kind == 'udp' else listen, args=arguments, daemon=True).start()
    time.sleep(3600)


# ---- the network ----

def run(*command, **rest):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **rest)


def inside(host, *command):
    return ('ip', 'netns', 'exec', f'{NAME}-{host}', *command)


def build():
    for host in ('r', *HOSTS):
        run('ip', 'netns', 'add', f'{NAME}-{host}')
        run(*inside(host, 'ip', 'link', 'set', 'lo', 'up'))
    run(*inside('r', 'sh', '-c', 'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 0 >/proc/sys/net/bridge/bridge-nf-call-iptables || :'))
    for name, address in BRIDGES.items():
        run(*inside('r', 'ip', 'link', 'add', f'b-{name}', 'type', 'bridge'))
        run(*inside('r', 'ip', 'addr', 'add', f'{address}/24', 'dev', f'b-{name}'))
        run(*inside('r', 'ip', 'link', 'set', f'b-{name}', 'up'))
    for host, (bridge, address) in HOSTS.items():
        run(*inside('r', 'ip', 'link', 'add', f'v-{host}', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', f'{NAME}-{host}'))
        run(*inside('r', 'ip', 'link', 'set', f'v-{host}', 'master', f'b-{bridge}', 'up'))
        run(*inside(host, 'ip', 'addr', 'add', f'{address}/24', 'dev', 'eth0'))
        run(*inside(host, 'ip', 'link', 'set', 'eth0', 'up'))
        run(*inside(host, 'ip', 'route', 'add', 'default', 'via', BRIDGES[bridge]))
    run(*inside('r', 'nft', '-f', '-'), input=FIREWALL.encode())
    for host in ('pc1', 'pc2', 'pc3', 'pc4'):
        run(*inside(host, 'nft', '-f', '-'), input=PC_FILTER.encode())


def take_down(started):
    for p in started:
        p.terminate()
        p.wait()
    for host in ('r', *HOSTS):
        subprocess.run(('ip', 'netns', 'del', f'{NAME}-{host}'), stderr=subprocess.DEVNULL)


# ---- the engineer ----

def where(place):
    return {'users 10.1.2.0/24': 'pc3', 'role:proxy': 'px'}.get(place) or {'servers': 'fs', 'admin': 'adm', 'dmz': 'dmz'}.get(place.split()[0], 'pc1')


def environment(host):
    same, other = ('10.1.2.22', '10.1.1.11') if host == 'pc3' else ('10.1.1.12', '10.1.2.21')
    return {**os.environ, 'CANARY': '203.0.113.10', 'USER_ACCOUNT': 'user%right', 'PROXY_USER': 'user:right', 'PROXY': '10.5.0.10:8080',
            'FILE_SERVER': '10.2.0.20', 'SERVER': '10.2.0.20', 'MAIL_SERVER': '10.2.0.20', 'PC': '10.1.1.12', 'PC_OF_SAME_NETWORK': same,
            'PC_OF_OTHER_NETWORK': other, 'USERS_HOST': '10.1.1.12', 'ADMIN_HOST': '10.9.0.10', 'DMZ_HOST': '10.5.0.20',
            'SERVERS_HOST': '10.2.0.30' if host == 'fs' else '10.2.0.20', 'ROLE_PROXY_HOST': '10.5.0.10', 'HOLD_SECONDS': str(CUT + 2)}


def engineer(script):
    listed = subprocess.run(('sh', script), stdout=subprocess.PIPE, text=True).stdout.splitlines()[1:]
    for line in listed:
        number, place = line.split('  ', 1)
        # "On a second terminal" is on a second terminal.
        for host in (where(place), *(('pc3',) if place == 'users' else ())):
            subprocess.run(inside(host, 'timeout', '300', 'sh', script, number), env=environment(host), stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return len(listed)


def main():
    sensord, passed, failed = os.path.abspath(sys.argv[1]), 0, 0
    missing = [t for t in ('ip', 'nft', 'tcpdump', 'nc', 'nmap', 'curl', 'dig', 'ping', 'smbclient') if not shutil.which(t)]
    if os.geteuid() != 0 or missing:
        print('SKIP: needs root' if os.geteuid() else f'SKIP: needs {", ".join(missing)}')
        sys.exit(77)
    started = []
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        site, script, capture = (os.path.join(folder, n) for n in ('site.yaml', 'plan.sh', 'plan.pcap'))
        with open(site, 'w', encoding='utf-8') as f:
            f.write(SITE)
        audit = (sensord, 'audit', '-c', site, '-r', os.path.join(HERE, '..', '..', 'rules'))
        with open(script, 'wb') as f:
            f.write(subprocess.run((*audit, '--plan=sh'), stdout=subprocess.PIPE, check=True).stdout)
        try:
            try:
                build()
            except (subprocess.CalledProcessError, OSError) as e:
                print(f'SKIP: no network of namespaces here: {getattr(e, "output", e)}')
                sys.exit(77)
            for host, services in SERVES.items():
                started.append(subprocess.Popen(inside(host, sys.executable, os.path.abspath(__file__), 'serve', HOSTS[host][1], *services.split())))
            started.append(subprocess.Popen(inside('r', 'tcpdump', '-i', 'any', '-s', '0', '-U', '-Z', 'root', '-w', capture), stderr=subprocess.DEVNULL))
            time.sleep(2)
            for host, (bridge, _) in HOSTS.items():  # a sign of life each
                subprocess.run(inside(host, 'ping', '-c', '1', '-W', '1', BRIDGES[bridge]), stdout=subprocess.DEVNULL)
            places = engineer(script)
            time.sleep(2)
        finally:
            take_down(started)
        told = json.loads(subprocess.run((*audit, '--format', 'json', capture), stdout=subprocess.PIPE).stdout)
    for c in told['cells']:
        if c['verdict'] == 'NOT_VISIBLE' or any(o in c['id'] for o in OPEN):
            continue
        passed += c['verdict'] == 'PROVEN'
        if c['verdict'] != 'PROVEN':
            failed += 1
            print(f'FAIL: {c["id"]}: {c["verdict"]}: {c["reason"]}')
    print(f'{places} places; {passed} passed, {failed} failed')
    sys.exit(failed > 0)


if sys.argv[1] == 'serve':
    serve(*sys.argv[2:])
main()
