# SPDX-License-Identifier: BSD-2-Clause
"""HTTP, proxies, SOCKS, TLS."""
from common import get, text, same, account, is_ntlm, ntlm_checks

def credential(record, scheme_field, expected):
    if not expected:
        return True
    scheme = text(get(record, scheme_field)).lower()
    wanted = expected.get('scheme', '').lower()
    if scheme != wanted:
        return False
    return 'user' not in expected or expected['user'] in account(record) or not expected['user']


def is_request(record, d):
    return (same(d.get('method'), get(record, 'http.request.method')) and same(d.get('uri'), get(record, 'url.original'))
            and same(d.get('form'), get(record, 'http.request.form'))
            and same(d.get('version', '').replace('HTTP/', ''), get(record, 'http.version'))
            and same(d.get('host'), get(record, 'http.request.host')) and same(d.get('user_agent'), get(record, 'user_agent.original'))
            and same(d.get('proxy_connection'), get(record, 'http.request.proxy_connection'))
            and credential(record, 'proxy.auth.scheme', d.get('proxy_auth')) and credential(record, 'http.auth.scheme', d.get('auth')))


def schemes(record, name):
    return [s.lower() for s in get(record, name) or []]


def is_response(record, d):
    wanted = lambda key: {s.lower().rstrip(',') for s in d.get(key, [])}
    if d['status'] < 200 and d['status'] == get(record, 'http.response.interim_status_code'):
        return True
    return (d['status'] == get(record, 'http.response.status_code')
            and ('method' not in d or same(d['method'], get(record, 'http.request.method')))
            and ('uri' not in d or same(d['uri'], get(record, 'url.original')))
            and same(d.get('server'), get(record, 'http.response.server'))
            and wanted('proxy_authenticate') <= set(schemes(record, 'http.response.proxy_authenticate'))
            and wanted('www_authenticate') <= set(schemes(record, 'http.response.www_authenticate')))


def is_connect(record, d):
    return (get(record, 'http.request.method') == 'CONNECT' and same(d['target'], get(record, 'url.original'))
            and d['status'] == get(record, 'http.response.status_code')
            and same(d.get('user_agent'), get(record, 'user_agent.original'))
            and credential(record, 'proxy.auth.scheme', d.get('proxy_auth')))


def is_socks(record, d):
    command = {1: 'connect', 2: 'bind', 3: 'udp-associate'}.get(d.get('command'), text(d.get('command')))
    host = text(d.get('host'))
    return (d.get('version') == get(record, 'socks.version') and command == get(record, 'socks.command')
            and same(host, get(record, 'url.domain')) and d.get('port') == get(record, 'url.port')
            and ('user' not in d or not d['user'] or same(d['user'], get(record, 'user.name'))))


def is_hello(record, d):
    return same(d.get('sni'), get(record, 'tls.client.server_name')) and same(d.get('version'), get(record, 'tls.client.version'))


WEB = {'http', 'proxy'}
CHECKS = {
    ('http', 'request'): (WEB, True, is_request), ('http', 'response'): (WEB, False, is_response),
    ('http', 'connect'): (WEB, True, is_connect), ('socks', 'request'): ({'socks'}, True, is_socks),
    ('tls', 'client_hello'): ({'tls'}, True, is_hello),
    **ntlm_checks('http', WEB, is_ntlm),
}
