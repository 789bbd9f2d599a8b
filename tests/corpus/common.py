# SPDX-License-Identifier: BSD-2-Clause
"""What the comparisons share: values under dotted names, texts as two dissectors print them."""


def get(record, name):
    """The value under a dotted name, None where absent."""
    for part in name.split('.'):
        if not isinstance(record, dict) or part not in record:
            return None
        record = record[part]
    return record


def text(value):
    return '' if value is None else str(value)


def same(expected, got):
    """Texts as the two dissectors print them: bytes beyond ASCII are shown differently, ends are trimmed."""
    a, b = text(expected).strip(), text(got).strip()
    if a == b:
        return True
    if len(b) >= 2040 and a.startswith(b[:2000]):   # our values end at 2,048 bytes
        return True
    plain = lambda s: ''.join(c for c in s if 32 < ord(c) < 127 and c != '?')
    if any(ord(c) > 126 or ord(c) < 32 or c == '\ufffd' for c in a + b) or '\\' in a:
        return plain(a).replace('\\', '') == plain(b).replace('\\', '')
    return False


def account(record):
    name, domain = text(get(record, 'user.name')), text(get(record, 'user.domain'))
    return {name, domain + '\\' + name, name + '@' + domain}


# NTLM tokens, whatever carries them.
def is_ntlm(event):
    names = ('target', 'nb_computer', 'nb_domain', 'dns_computer', 'dns_domain', 'dns_tree')

    def check(record, d):
        if event == 'challenge':
            return all(same(d[n], get(record, 'ntlm.challenge.' + n)) for n in names if n in d)
        if event == 'negotiate':
            return (get(record, 'ntlm.message') == 'negotiate' and same(d.get('domain'), get(record, 'ntlm.negotiate.domain'))
                    and same(d.get('workstation'), get(record, 'ntlm.negotiate.workstation')))
        return (get(record, 'ntlm.message') == 'authenticate' and same(d.get('user'), get(record, 'user.name'))
                and same(d.get('domain'), get(record, 'user.domain')) and same(d.get('workstation'), get(record, 'auth.workstation'))
                and same(d.get('response'), get(record, 'ntlm.response')))
    return check


def is_ntlm_logon(event):
    """The same where one record tells of all messages of a logon."""
    check = is_ntlm(event)

    def logon(record, d):
        if event != 'negotiate':
            return check(record, d)
        return (get(record, 'ntlm.message') is not None and same(d.get('domain'), get(record, 'ntlm.negotiate.domain'))
                and same(d.get('workstation'), get(record, 'ntlm.negotiate.workstation')))
    return logon


def ntlm_checks(carrier, kinds, test):
    return {('ntlmssp', 'negotiate', carrier): (kinds, True, test('negotiate')),
            ('ntlmssp', 'challenge', carrier): (kinds, False, test('challenge')),
            ('ntlmssp', 'auth', carrier): (kinds, True, test('auth'))}
