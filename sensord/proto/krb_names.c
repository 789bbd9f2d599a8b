/* SPDX-License-Identifier: BSD-2-Clause
 * Names of Kerberos numbers: encryption types (RFC 3961, 3962, 4757, 6803, 8009 and those of Windows), PA-DATA (RFC 4120
 * section 7.5.2, 4556, 6113, MS-KILE, MS-SFU), errors (RFC 4120 section 7.5.9, 4556, 6113), name types, KDC options. */
#include "krb.h"

#include "base/text.h"

struct name {
	int16_t number;
	const char *name;
};

static const char *name_of(const struct name *names, size_t n, int64_t number, const char *otherwise,
			   char room[KRB_CODE_TEXT])
{
	for (size_t i = 0; i < n; i++)
		if (names[i].number == number)
			return names[i].name;
	struct text t = { room, KRB_CODE_TEXT, 0, false };
	text_printf(&t, "%s%d", otherwise, (int)(int32_t)number);
	return text_end(&t);
}

const char *krb_etype_name(int64_t etype, char room[KRB_CODE_TEXT])
{
	static const struct name names[] = {
		{ 18, "aes256-cts-hmac-sha1-96" }, { 17, "aes128-cts-hmac-sha1-96" }, { 23, "rc4-hmac" },
		{ 24, "rc4-hmac-exp" }, { -135, "rc4-hmac-old-exp" }, { 3, "des-cbc-md5" }, { 1, "des-cbc-crc" },
		{ 20, "aes256-cts-hmac-sha384-192" }, { 19, "aes128-cts-hmac-sha256-128" }, { 16, "des3-cbc-sha1" },
		{ 25, "camellia128-cts-cmac" }, { 26, "camellia256-cts-cmac" }, { 2, "des-cbc-md4" },
		{ 5, "des3-cbc-md5" }, { 7, "des3-cbc-sha1-old" }, { 4, "des-cbc-raw" }, { 6, "des3-cbc-raw" },
		{ 8, "des-hmac-sha1" }, { 0, "null" }, { -128, "rc4-md4" }, { -129, "rc4-plain2" }, { -130, "rc4-lm" },
		{ -131, "rc4-sha" }, { -132, "des-plain" }, { -133, "rc4-hmac-old" }, { -134, "rc4-plain-old" },
		{ -136, "rc4-plain-old-exp" }, { -140, "rc4-plain" }, { -141, "rc4-plain-exp" },
		{ -148, "aes128-cts-hmac-sha1-96-plain" }, { -149, "aes256-cts-hmac-sha1-96-plain" },
	};
	return name_of(names, ARRAY_SIZE(names), etype, "etype-", room);
}

const char *krb_padata_name(int64_t type, char room[KRB_CODE_TEXT])
{
	static const struct name names[] = {
		{ 1, "tgs-req" }, { 2, "enc-timestamp" }, { 128, "pac-request" }, { 149, "req-enc-pa-rep" },
		{ 167, "pac-options" }, { 16, "pk-as-req" }, { 17, "pk-as-rep" }, { 14, "pk-as-req-old" },
		{ 15, "pk-as-rep-old" }, { 129, "for-user" }, { 130, "s4u-x509-user" }, { 133, "fx-cookie" },
		{ 136, "fx-fast" }, { 137, "fx-error" }, { 138, "encrypted-challenge" }, { 150, "as-freshness" },
		{ 151, "spake" }, { 165, "supported-enctypes" }, { 3, "pw-salt" }, { 11, "etype-info" },
		{ 19, "etype-info2" }, { 20, "svr-referral-info" }, { 132, "as-checksum" }, { 134, "auth-set-selected" },
		{ 135, "auth-set" }, { 139, "fx-fast-armor" }, { 141, "otp-challenge" }, { 142, "otp-request" },
		{ 144, "otp-pin-change" }, { 145, "epak-as-req" }, { 146, "epak-as-rep" }, { 147, "pkinit-kx" },
		{ 148, "pku2u-name" }, { 161, "key-list-req" }, { 166, "extended-error" }, { 162, "key-list-rep" },
		{ 25, "alt-principal" }, { 10, "afs3-salt" }, { 13, "sam-response" }, { 30, "sam-challenge2" },
		{ 31, "sam-response2" },
	};
	return name_of(names, ARRAY_SIZE(names), type, "padata-", room);
}

static const struct name errors[] = {
	{ 0, "KDC_ERR_NONE" }, { 1, "KDC_ERR_NAME_EXP" }, { 2, "KDC_ERR_SERVICE_EXP" }, { 3, "KDC_ERR_BAD_PVNO" },
	{ 4, "KDC_ERR_C_OLD_MAST_KVNO" }, { 5, "KDC_ERR_S_OLD_MAST_KVNO" }, { 6, "KDC_ERR_C_PRINCIPAL_UNKNOWN" },
	{ 7, "KDC_ERR_S_PRINCIPAL_UNKNOWN" }, { 8, "KDC_ERR_PRINCIPAL_NOT_UNIQUE" }, { 9, "KDC_ERR_NULL_KEY" },
	{ 10, "KDC_ERR_CANNOT_POSTDATE" }, { 11, "KDC_ERR_NEVER_VALID" }, { 12, "KDC_ERR_POLICY" },
	{ 13, "KDC_ERR_BADOPTION" }, { 14, "KDC_ERR_ETYPE_NOSUPP" }, { 15, "KDC_ERR_SUMTYPE_NOSUPP" },
	{ 16, "KDC_ERR_PADATA_TYPE_NOSUPP" }, { 17, "KDC_ERR_TRTYPE_NOSUPP" }, { 18, "KDC_ERR_CLIENT_REVOKED" },
	{ 19, "KDC_ERR_SERVICE_REVOKED" }, { 20, "KDC_ERR_TGT_REVOKED" }, { 21, "KDC_ERR_CLIENT_NOTYET" },
	{ 22, "KDC_ERR_SERVICE_NOTYET" }, { 23, "KDC_ERR_KEY_EXPIRED" }, { 24, "KDC_ERR_PREAUTH_FAILED" },
	{ 25, "KDC_ERR_PREAUTH_REQUIRED" }, { 26, "KDC_ERR_SERVER_NOMATCH" }, { 27, "KDC_ERR_MUST_USE_USER2USER" },
	{ 28, "KDC_ERR_PATH_NOT_ACCEPTED" }, { 29, "KDC_ERR_SVC_UNAVAILABLE" }, { 31, "KRB_AP_ERR_BAD_INTEGRITY" },
	{ 32, "KRB_AP_ERR_TKT_EXPIRED" }, { 33, "KRB_AP_ERR_TKT_NYV" }, { 34, "KRB_AP_ERR_REPEAT" },
	{ 35, "KRB_AP_ERR_NOT_US" }, { 36, "KRB_AP_ERR_BADMATCH" }, { 37, "KRB_AP_ERR_SKEW" },
	{ 38, "KRB_AP_ERR_BADADDR" }, { 39, "KRB_AP_ERR_BADVERSION" }, { 40, "KRB_AP_ERR_MSG_TYPE" },
	{ 41, "KRB_AP_ERR_MODIFIED" }, { 42, "KRB_AP_ERR_BADORDER" }, { 44, "KRB_AP_ERR_BADKEYVER" },
	{ 45, "KRB_AP_ERR_NOKEY" }, { 46, "KRB_AP_ERR_MUT_FAIL" }, { 47, "KRB_AP_ERR_BADDIRECTION" },
	{ 48, "KRB_AP_ERR_METHOD" }, { 49, "KRB_AP_ERR_BADSEQ" }, { 50, "KRB_AP_ERR_INAPP_CKSUM" },
	{ 51, "KRB_AP_PATH_NOT_ACCEPTED" }, { 52, "KRB_ERR_RESPONSE_TOO_BIG" }, { 60, "KRB_ERR_GENERIC" },
	{ 61, "KRB_ERR_FIELD_TOOLONG" }, { 62, "KDC_ERR_CLIENT_NOT_TRUSTED" }, { 63, "KDC_ERR_KDC_NOT_TRUSTED" },
	{ 64, "KDC_ERR_INVALID_SIG" }, { 65, "KDC_ERR_KEY_TOO_WEAK" }, { 66, "KRB_AP_ERR_USER_TO_USER_REQUIRED" },
	{ 67, "KRB_AP_ERR_NO_TGT" }, { 68, "KDC_ERR_WRONG_REALM" }, { 69, "KRB_AP_ERR_USER_TO_USER_REQUIRED" },
	{ 70, "KDC_ERR_CANT_VERIFY_CERTIFICATE" }, { 71, "KDC_ERR_INVALID_CERTIFICATE" },
	{ 72, "KDC_ERR_REVOKED_CERTIFICATE" }, { 73, "KDC_ERR_REVOCATION_STATUS_UNKNOWN" },
	{ 74, "KDC_ERR_REVOCATION_STATUS_UNAVAILABLE" }, { 75, "KDC_ERR_CLIENT_NAME_MISMATCH" },
	{ 76, "KDC_ERR_KDC_NAME_MISMATCH" }, { 77, "KDC_ERR_INCONSISTENT_KEY_PURPOSE" },
	{ 78, "KDC_ERR_DIGEST_IN_CERT_NOT_ACCEPTED" }, { 79, "KDC_ERR_PA_CHECKSUM_MUST_BE_INCLUDED" },
	{ 80, "KDC_ERR_DIGEST_IN_SIGNED_DATA_NOT_ACCEPTED" }, { 81, "KDC_ERR_PUBLIC_KEY_ENCRYPTION_NOT_SUPPORTED" },
	{ 85, "KRB_AP_ERR_IAKERB_KDC_NOT_FOUND" }, { 86, "KRB_AP_ERR_IAKERB_KDC_NO_RESPONSE" },
	{ 90, "KDC_ERR_PREAUTH_EXPIRED" }, { 91, "KDC_ERR_MORE_PREAUTH_DATA_REQUIRED" },
	{ 92, "KDC_ERR_PREAUTH_BAD_AUTHENTICATION_SET" }, { 93, "KDC_ERR_UNKNOWN_CRITICAL_FAST_OPTIONS" },
};

const char *krb_error_name(int64_t code, char room[KRB_CODE_TEXT])
{
	return name_of(errors, ARRAY_SIZE(errors), code, "error-", room);
}

bool krb_error_goes_on(int64_t code)
{
	return code == KDC_ERR_PREAUTH_REQUIRED || code == KRB_ERR_RESPONSE_TOO_BIG || code == KDC_ERR_WRONG_REALM ||
	       code == KDC_ERR_MORE_PREAUTH_DATA_REQUIRED;
}

const char *krb_name_type(int64_t type, char room[KRB_CODE_TEXT])
{
	static const struct name names[] = {
		{ 1, "principal" }, { 10, "enterprise" }, { 2, "srv-inst" }, { 3, "srv-hst" }, { 0, "unknown" },
		{ 11, "wellknown" }, { 4, "srv-xhst" }, { 5, "uid" }, { 6, "x500-principal" }, { 7, "smtp-name" },
		{ -128, "ms-principal" }, { -129, "ms-principal-and-id" }, { -130, "ent-principal-and-id" },
	};
	return name_of(names, ARRAY_SIZE(names), type, "name-type-", room);
}

const char *krb_option_name(unsigned bit)
{
	static const char *const names[32] = {
		[1] = "forwardable", [2] = "forwarded", [3] = "proxiable", [4] = "proxy", [5] = "allow-postdate",
		[6] = "postdated", [8] = "renewable", [11] = "opt-hardware-auth", [14] = "cname-in-addl-tkt",
		[15] = "canonicalize", [16] = "request-anonymous", [26] = "disable-transited-check",
		[27] = "renewable-ok", [28] = "enc-tkt-in-skey", [30] = "renew", [31] = "validate",
	};
	return bit < 32 ? names[bit] : NULL;
}
