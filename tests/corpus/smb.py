# SPDX-License-Identifier: BSD-2-Clause
"""SMB 1, 2 and 3."""
from common import get, text, same, is_ntlm_logon, ntlm_checks

DIALECTS = {0x0202: '2.0.2', 0x0210: '2.1', 0x0300: '3.0', 0x0302: '3.0.2', 0x0311: '3.1.1'}
DISPOSITIONS = ['supersede', 'open', 'create', 'open_if', 'overwrite', 'overwrite_if']
ACTIONS = ['superseded', 'opened', 'created', 'overwritten']
SHARE_TYPES = {1: 'disk', 2: 'pipe', 3: 'print'}
MORE = 'STATUS_MORE_PROCESSING_REQUIRED'


def number(value):
    return int(str(value), 0)


def command_is(record, *names):
    return get(record, 'smb.command') in names


def rights(mask):
    mask = number(mask)
    has = lambda bits: mask & bits
    return ({'read'} if has(0x90000001) else set()) | ({'write'} if has(0x50000002) else set()) | ({'delete'} if has(0x10010000) else set())


def is_file(record, d, field='file'):
    """A file, a pipe or a directory's root by the name that the message gives."""
    name = text(d.get(field)).lstrip('\\')
    shown = lambda value: ''.join(c if ord(c) > 31 else '\\x%x' % ord(c) for c in text(value))
    if name.upper().startswith('PIPE\\'):
        name = name[5:]
    return (('path' not in d or same(d['path'], get(record, 'smb.share')) or not get(record, 'smb.share'))
            and (same(name, shown(get(record, 'file.path'))) or same(name, shown(get(record, 'smb.pipe')))))


def status_is(record, d):
    status = text(get(record, 'smb.status'))
    if 'status' not in d:
        return True
    if status.startswith('DOS_'):   # the fact has the code without its class
        return d['status'].startswith('0x') and number(d['status']) == int(status.split('_')[2])
    if d.get('status') == 'STATUS_PENDING':   # the final answer is told
        return True
    if d.get('status') == '0x0000':
        return status == 'STATUS_SUCCESS'
    return same(d['status'], status)


def is_offer(record, d):
    names = [DIALECTS.get(number(x), x) if text(x).startswith('0x') else x for x in d.get('dialects', []) if x]
    return command_is(record, 'negotiate') and set(names) <= set(get(record, 'smb.dialects') or [])


def is_agreed(record, d):
    if not command_is(record, 'negotiate'):
        return False
    if 'dialect_index' in d:   # the name is one of those offered in that place
        offered = get(record, 'smb.dialects') or []
        return d['dialect_index'] >= len(offered) or offered[d['dialect_index']] == get(record, 'smb.version')
    wanted = DIALECTS.get(number(d['dialect'])) if 'dialect' in d else None
    return wanted == get(record, 'smb.version')


def is_session(record, d):
    if not command_is(record, 'session_setup'):
        return False
    if d.get('status') == MORE:   # the logon is told once, with its last answer
        return True
    flags = get(record, 'smb.session_flags') or []
    bits = number(d.get('flags', 0))
    return (status_is(record, d) and ('user' not in d or same(d['user'], get(record, 'user.name')))
            and all(name in flags for bit, name in ((1, 'guest'), (2, 'null'), (4, 'encrypt')) if bits & bit))


def is_old_session(record, d):
    return (command_is(record, 'session_setup') and ('native_os' not in d or same(d['native_os'], get(record, 'smb.native_os')))
            and ('account' not in d or same(d['account'], get(record, 'user.name')))
            and ('domain' not in d or 'account' not in d or same(d['domain'], get(record, 'user.domain'))))


def is_tree(record, d):
    return (command_is(record, 'tree_connect') and ('path' not in d or same(d['path'], get(record, 'smb.share'))) and status_is(record, d)
            and ('share_type' not in d or SHARE_TYPES.get(d['share_type']) == get(record, 'smb.share_type')))


def is_create(record, d):
    if not command_is(record, 'create') or not is_file(record, d) or not status_is(record, d):
        return False
    if 'disposition' in d and DISPOSITIONS[d['disposition']] != get(record, 'smb.disposition'):
        return False
    if 'access' in d and rights(d['access']) != set(get(record, 'smb.access') or []) & {'read', 'write', 'delete'}:
        return False
    if d.get('delete_on_close') and not get(record, 'smb.delete_on_close'):
        return False
    return 'action' not in d or d.get('status', 'STATUS_SUCCESS') != 'STATUS_SUCCESS' or ACTIONS[d['action']] == get(record, 'smb.action')


def is_content(field):
    def check(record, d):
        """Content of a file is summed up; that of a pipe is told as calls. Without a file (a create that failed in the same
        compound, or one before the capture) there is nothing to sum up."""
        if 'file' not in d and command_is(record, 'create', 'read', 'write', 'close'):
            return True
        if command_is(record, 'create') and get(record, 'smb.pipe'):
            return is_file(record, d)
        return get(record, field) is not None and is_file(record, d) or command_is(record, 'write') and field == 'smb.write_bytes' and is_file(record, d)
    return check


def is_ioctl(record, d):
    function = text(d.get('function')).split(' ')[0]
    if function == 'FSCTL_PIPE_TRANSCEIVE':
        return bool(get(record, 'smb.pipe'))
    return command_is(record, 'ioctl') and same(function, get(record, 'smb.function'))


def is_named(command):
    return lambda record, d: command_is(record, command) and is_file(record, d) and ('target' not in d or same(d['target'], get(record, 'smb.target')))


def is_find(record, d):
    return command_is(record, 'query_directory') and ('pattern' not in d or same(d['pattern'], get(record, 'smb.pattern')))


def is_transaction(record, d):
    name = text(d.get('name'))
    if name.strip('\\').upper().startswith('PIPE'):   # a call on an open pipe
        return bool(get(record, 'smb.pipe'))
    return command_is(record, 'transaction') and same(name, get(record, 'smb.pipe'))


SMB = {'smb'}
CHECKS = {
    ('nbss', 'session_request'): (SMB, True, lambda r, d: command_is(r, 'session_request')
                                  and text(d.get('called', '')).split('<')[0].strip() == text(get(r, 'smb.called'))),
    ('smb1', 'session_setup'): (SMB, True, is_old_session), ('smb1', 'transaction'): (SMB, True, is_transaction),
    ('smb2', 'find'): (SMB, True, is_find), ('smb2', 'ioctl'): (SMB, True, is_ioctl),
    ('smb2', 'logoff'): (SMB, True, lambda r, d: command_is(r, 'logoff')),
    ('smb2', 'encrypted'): (SMB, None, lambda r, d: command_is(r, 'encrypted')),
    ('smb2', 'compressed'): (SMB, None, lambda r, d: command_is(r, 'compressed')),
    **ntlm_checks('smb1', {'auth'}, is_ntlm_logon), **ntlm_checks('smb2', {'auth'}, is_ntlm_logon),
}
for version in ('smb1', 'smb2'):
    CHECKS.update({
        (version, 'negotiate'): (SMB, True, is_offer), (version, 'negotiate_response'): (SMB, False, is_agreed),
        (version, 'session_setup_response'): (SMB, False, is_session), (version, 'tree_connect'): (SMB, True, is_tree),
        (version, 'tree_connect_response'): (SMB, False, is_tree), (version, 'create'): (SMB, True, is_create),
        (version, 'create_response'): (SMB, False, is_create), (version, 'read'): (SMB, True, is_content('smb.read_bytes')),
        (version, 'write'): (SMB, True, is_content('smb.write_bytes')), (version, 'delete'): (SMB, True, is_named('delete')),
        (version, 'rename'): (SMB, True, is_named('rename')),
    })
