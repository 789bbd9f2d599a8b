# SPDX-License-Identifier: BSD-2-Clause
"""DCE/RPC over TCP and over named pipes."""
from common import get, text, same, is_ntlm_logon, ntlm_checks

RPC_TYPES = {'spnego': 'spnego', 'ntlmssp': 'ntlm', 'kerberos': 'kerberos', 'netlogon': 'netlogon', 'schannel': 'schannel'}
RPC_LEVELS = {'connect': 'connect', 'call': 'call', 'packet': 'packet', 'packet integrity': 'integrity', 'packet privacy': 'privacy'}


def is_rpc(record, d, action):
    return (get(record, 'event.action') == action and ('uuid' not in d or same(d['uuid'], get(record, 'dce_rpc.interface')))
            and ('opnum' not in d or d['opnum'] == get(record, 'dce_rpc.opnum')))


def is_bind(record, d):
    kind = text(d.get('auth_type')).lower()
    return (is_rpc(record, d, 'bind') and ('ver' not in d or same(d['ver'], get(record, 'dce_rpc.version')))
            and ('auth_type' not in d or not any(k in kind for k in RPC_TYPES)
                 or any(k in kind and v == get(record, 'dce_rpc.auth_type') for k, v in RPC_TYPES.items()))
            and ('auth_level' not in d or RPC_LEVELS.get(d['auth_level'].lower(), d['auth_level']) == get(record, 'dce_rpc.auth_level')))


def is_bind_ack(record, d):
    word = {0: 'accepted', 1: 'refused by user', 2: 'refused', 3: 'negotiated'}.get(d.get('result'))
    return is_rpc(record, d, 'bind') and any(t.endswith(' ' + word) for t in get(record, 'dce_rpc.transfer') or [])


def is_bind_nak(record, d):
    return is_rpc(record, d, 'bind') and get(record, 'event.outcome') == 'failure'


def is_call(record, d):
    return is_rpc(record, d, 'call') and (not d.get('encrypted') or get(record, 'dce_rpc.encrypted') is True)


def is_fault(record, d):
    return ('uuid' not in d or is_rpc(record, d, 'call')) and same(d.get('status'), get(record, 'dce_rpc.status'))


def is_mapped(record, d):
    start, bindings = d['uuid'] + '@', get(record, 'dce_rpc.mapped.bindings') or []
    if 'pipe' in d and 'tcp_port' in d:   # two towers in one fact: the interface of the first, the port of the last
        return any(b.startswith(start) for b in bindings) and any(b.endswith('[%d]' % d['tcp_port']) for b in bindings)
    for binding in bindings:
        if (binding.startswith(start) and ('tcp_port' not in d or binding.endswith('[%d]' % d['tcp_port']))
                and ('pipe' not in d or binding.endswith('[%s]' % d['pipe'])) and ('ip' not in d or ':%s[' % d['ip'] in binding)):
            return True
    return False


def is_argument(record, d):
    wanted = text(d['value']).strip()
    for value in (get(record, 'dce_rpc.argument') or {}).values():
        if any(same(wanted, v) for v in (value if isinstance(value, list) else [value])):
            return is_rpc(record, d, 'call')
    return False


ARGUMENTS = ('svcctl.', 'samr.', 'lsarpc.', 'netlogon.', 'srvsvc.', 'wkssvc.', 'winreg.', 'efs.', 'spoolss.printername', 'spoolss.servername')


def asked(fact):
    """What else a dissector can name in a stub is not told."""
    return fact['event'] != 'arg' or fact['detail']['field'].startswith(ARGUMENTS)


RPC = {'dce_rpc'}
CHECKS = {
    ('dcerpc', 'bind'): (RPC, True, is_bind), ('dcerpc', 'bind_ack'): (RPC, False, is_bind_ack),
    ('dcerpc', 'bind_nak'): (RPC, False, is_bind_nak), ('dcerpc', 'request'): (RPC, True, is_call),
    ('dcerpc', 'fault'): (RPC, False, is_fault), ('dcerpc', 'epm_map'): (RPC, False, is_mapped),
    ('dcerpc', 'arg'): (RPC, True, is_argument),
    **ntlm_checks('dcerpc', {'auth'}, is_ntlm_logon),
}
