# SPDX-License-Identifier: BSD-2-Clause
"""LDAP and RDP."""
import re

from common import get, text, same, account, is_ntlm, ntlm_checks

def is_bind(record, d):
    mechanism = text(get(record, 'ldap.mechanism'))
    simple = mechanism in ('simple', 'anonymous', 'unauthenticated')
    kind = 'ntlm' if mechanism == 'sicily' else 'simple' if simple else 'sasl'
    if get(record, 'event.action') != 'bind' or d.get('auth') != kind:
        return False
    return same(d.get('mechanism'), mechanism if kind == 'sasl' else None) and (
        same(d.get('name'), get(record, 'ldap.dn')) or kind == 'ntlm' and d.get('name') in account(record))


def is_bind_response(record, d):
    return get(record, 'event.action') == 'bind' and d['result'] == get(record, 'ldap.result')


def ldap_filter(value):
    """The items of a filter in order: the dissector nests what is a flat list on the wire, leaves out lists of one, and
    writes values beyond ASCII as a list of octets that may be cut short."""
    def plain(item):
        octets = re.fullmatch(r'([^=]*=)((?:[0-9a-f]{2}:)+(?:[0-9a-f]{2})?)\u2026?', item)
        if octets:
            item = octets[1] + bytes.fromhex(octets[2].replace(':', '')).decode('utf-8', 'ignore')
        return re.sub(r'[^!-\[\]-~]', '', re.sub(r'\\[0-9a-fA-F]{2}', '', item))
    return [plain(i) for i in re.split(r'[()]+[&|!]?', text(value)) if i]


def is_search(record, d):
    scope = {0: 'base', 1: 'one', 2: 'sub', 3: 'subordinate'}.get(d.get('scope'))
    return (get(record, 'event.action') == 'search' and same(scope, get(record, 'ldap.scope')) and same(d.get('base'), get(record, 'ldap.dn'))
            and (same(d.get('filter'), get(record, 'ldap.filter')) or ldap_filter(d.get('filter')) == ldap_filter(get(record, 'ldap.filter'))))


def is_cookie(record, d):
    return same(d['value'], 'mstshash=' + text(get(record, 'rdp.cookie')))


CHECKS = {
    ('ldap', 'bind'): ({'ldap'}, True, is_bind), ('ldap', 'bind_response'): ({'ldap'}, False, is_bind_response),
    ('ldap', 'search'): ({'ldap'}, True, is_search), ('rdp', 'cookie'): ({'rdp'}, True, is_cookie),
    **ntlm_checks('ldap', {'ldap'}, is_ntlm),
}
