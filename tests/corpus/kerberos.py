# SPDX-License-Identifier: BSD-2-Clause
"""Kerberos, at the KDC and in tokens."""
from common import get, text, same

ETYPES = {1: 'des-cbc-crc', 2: 'des-cbc-md4', 3: 'des-cbc-md5', 5: 'des3-cbc-md5', 16: 'des3-cbc-sha1', 17: 'aes128-cts-hmac-sha1-96',
          18: 'aes256-cts-hmac-sha1-96', 19: 'aes128-cts-hmac-sha256-128', 20: 'aes256-cts-hmac-sha384-192', 23: 'rc4-hmac',
          24: 'rc4-hmac-exp', 25: 'camellia128-cts-cmac', 26: 'camellia256-cts-cmac', -128: 'rc4-md4', -133: 'rc4-hmac-old',
          -135: 'rc4-hmac-old-exp'}
PADATA = {1: 'tgs-req', 2: 'enc-timestamp', 16: 'pk-as-req', 128: 'pac-request', 129: 'for-user', 130: 's4u-x509-user',
          133: 'fx-cookie', 136: 'fx-fast', 149: 'req-enc-pa-rep', 150: 'as-freshness', 165: 'supported-enctypes',
          167: 'pac-options'}
OPTIONS = {1: 'forwardable', 2: 'forwarded', 3: 'proxiable', 4: 'proxy', 5: 'allow-postdate', 6: 'postdated', 8: 'renewable',
           11: 'opt-hardware-auth', 14: 'cname-in-addl-tkt', 15: 'canonicalize', 16: 'request-anonymous',
           26: 'disable-transited-check', 27: 'renewable-ok', 28: 'enc-tkt-in-skey', 30: 'renew', 31: 'validate'}


def etype(number):
    return None if number in (None, 0) else ETYPES.get(number, 'etype-%d' % number)


def is_options(record, shown):
    bits = int(text(shown).replace(':', '') or '0', 16)
    return [name for bit, name in OPTIONS.items() if bits >> 31 - bit & 1] == (get(record, 'kerberos.options') or [])


def is_kdc_request(kind):
    def check(record, d):
        return (get(record, 'kerberos.type') == kind and is_options(record, d.get('kdc_options'))
                and ('cname' not in d or same(d['cname'], get(record, 'kerberos.client')))
                and same(d.get('realm'), get(record, 'kerberos.realm')) and same(d.get('sname'), get(record, 'kerberos.service'))
                and list(dict.fromkeys(etype(e) for e in d.get('etypes', []))) == (get(record, 'kerberos.etypes') or [])
                and list(dict.fromkeys(PADATA.get(p, 'padata-%d' % p) for p in d.get('padata', []))) == (get(record, 'kerberos.preauth') or [])
                and etype(d.get('pa_enc_etype')) == get(record, 'kerberos.preauth_etype')
                and same(d.get('tgt_realm'), get(record, 'kerberos.ticket_realm'))
                and etype(d.get('tgt_etype')) == get(record, 'kerberos.ticket_etype')
                and ('for_user' not in d or same(d['for_user'].split('/')[0], get(record, 'kerberos.for_user')))
                and all(any(a.upper().startswith(own.upper()) for own in get(record, 'kerberos.addresses') or []) for a in d.get('hostaddr', [])))
    return check


def is_kdc_reply(kind):
    def check(record, d):
        return (get(record, 'kerberos.type') == kind and get(record, 'event.outcome') == 'success'
                and text(d.get('cname')) in (text(get(record, 'kerberos.client')), text(get(record, 'user.name')))
            and text(d.get('crealm')).lower() == text(get(record, 'kerberos.client_realm') or get(record, 'kerberos.realm')).lower()
            and text(d.get('ticket_sname')).lower() == text(get(record, 'kerberos.issued_service') or get(record, 'kerberos.service')).lower()
                and text(d.get('ticket_realm')).lower() == text(get(record, 'kerberos.issued_realm') or get(record, 'kerberos.realm')).lower()
                and etype(d.get('ticket_etype')) == get(record, 'kerberos.etype')
                and etype(d.get('enc_etype')) == get(record, 'kerberos.reply_etype'))
    return check


def is_krb_error(record, d):
    kdc = get(record, 'event.dataset') == 'kerberos'
    return (d.get('code') == get(record, 'kerberos.error')
            and (not kdc or not d.get('cname') or same(d['cname'], get(record, 'kerberos.client')))
            and (not kdc or not d.get('sname') or text(d['sname']).lower() == text(get(record, 'kerberos.service')).lower()))


def is_ap_request(record, d):
    return (same(d.get('ticket_sname'), get(record, 'kerberos.service')) and same(d.get('ticket_realm'), get(record, 'kerberos.ticket_realm'))
            and etype(d.get('ticket_etype')) == get(record, 'kerberos.ticket_etype')
            and etype(d.get('auth_etype')) == get(record, 'kerberos.authenticator_etype') and get(record, 'kerberos.ticket') is not None)


def is_ap_reply(record, d):
    return get(record, 'kerberos.mutual') is True


KDC = {'kerberos'}
WEB = {'http', 'proxy'}
CHECKS = {
    ('kerberos', 'as-req'): (KDC, True, is_kdc_request('AS')), ('kerberos', 'tgs-req'): (KDC, True, is_kdc_request('TGS')),
    ('kerberos', 'as-rep'): (KDC, False, is_kdc_reply('AS')), ('kerberos', 'tgs-rep'): (KDC, False, is_kdc_reply('TGS')),
    ('kerberos', 'krb-error', 'tcp'): (KDC, False, is_krb_error), ('kerberos', 'krb-error', 'udp'): (KDC, False, is_krb_error),
    ('kerberos', 'krb-error', 'http'): (WEB, False, is_krb_error), ('kerberos', 'krb-error', 'ldap'): ({'ldap'}, False, is_krb_error),
    ('kerberos', 'ap-req', 'http'): (WEB, True, is_ap_request), ('kerberos', 'ap-rep', 'http'): (WEB, False, is_ap_reply),
    ('kerberos', 'ap-req', 'ldap'): ({'ldap'}, True, is_ap_request), ('kerberos', 'ap-rep', 'ldap'): ({'ldap'}, False, is_ap_reply),
}
for carrier, kinds in (('smb1', {'smb', 'auth'}), ('smb2', {'smb', 'auth'}), ('dcerpc', {'dce_rpc', 'auth'})):
    either = None if carrier == 'dcerpc' else False    # a third leg is an AP-REP of the client (MS-KILE 3.4.5.1)
    CHECKS.update({('kerberos', 'ap-req', carrier): (kinds, True, is_ap_request), ('kerberos', 'ap-rep', carrier): (kinds, either, is_ap_reply),
                   ('kerberos', 'krb-error', carrier): (kinds, False, is_krb_error)})
