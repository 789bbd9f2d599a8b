/* SPDX-License-Identifier: BSD-2-Clause
 * Kerberos messages made to order, where the captured sample (krb_sample.h) has no such thing. Included by one test
 * program each, after cmocka. */
#ifndef TESTS_KRB_MAKER_H
#define TESTS_KRB_MAKER_H

#include <stdint.h>
#include <stdlib.h>

#include "krb_sample.h"
#include "proto_harness.h"

#define BYTES(array) bytes_of(array, sizeof(array))
#define MESSAGE(array) bytes_of((array) + 4, sizeof(array) - 4) /* without the length of the stream */

static inline struct harness *kdc(bool datagram)
{
	struct harness *h = harness_new(NULL);
	harness_set_datagram(h, datagram);
	harness_set_server_port(h, 88);
	return h;
}

static inline void say(struct harness *h, enum side side, struct bytes b)
{
	harness_feed(h, side, b, 0, 0);
}

static inline bool has(const struct record *r, enum field f, const char *text)
{
	for (const struct value *v = record_get(r, f); v; v = record_next(r, v))
		if (bytes_equal(value_text(r, v), bytes_string(text)))
			return true;
	return false;
}

static const struct step logon[] = {
	{ CLIENT, { krb_as_req, sizeof(krb_as_req) }, 0 },
	{ SERVER, { krb_preauth_required, sizeof(krb_preauth_required) }, 0 },
	{ CLIENT, { krb_as_req_proof, sizeof(krb_as_req_proof) }, 0 },
	{ SERVER, { krb_as_rep, sizeof(krb_as_rep) }, 0 },
	{ CLIENT, { krb_tgs_req, sizeof(krb_tgs_req) }, 0 },
	{ SERVER, { krb_tgs_rep, sizeof(krb_tgs_rep) }, 0 },
};

/* ---- messages made to order ---- */

struct der {
	uint8_t at[2048];
	size_t size;
};

static inline void add(struct der *d, const void *at, size_t size)
{
	memcpy(d->at + d->size, at, size);
	d->size += size;
}

/* Puts what d holds from `from` on into an element. */
static inline void wrap(struct der *d, size_t from, uint8_t tag)
{
	size_t size = d->size - from;
	uint8_t head[4] = { tag, 0x82, (uint8_t)(size >> 8), (uint8_t)size };

	memmove(d->at + from + 4, d->at + from, size);
	memcpy(d->at + from, head, 4);
	d->size += 4;
}

static inline void add_number(struct der *d, uint8_t context, int value)
{
	uint8_t n[] = { context, 4, 2, 2, (uint8_t)(value >> 8), (uint8_t)value };

	if (value >= 0 && value < 128) /* as DER wants it: the shortest form */
		add(d, (uint8_t[]){ context, 3, 2, 1, (uint8_t)value }, 5);
	else
		add(d, n, sizeof(n));
}

static inline void add_string(struct der *d, const char *text)
{
	size_t from = d->size;

	add(d, text, strlen(text));
	wrap(d, from, 0x1b);
}

/* PrincipalName as member: one component, and another unless it is NULL. */
static inline void add_name(struct der *d, uint8_t context, int type, const char *a, const char *b)
{
	size_t from = d->size;

	add_number(d, 0xa0, type);
	size_t names = d->size;
	add_string(d, a);
	if (b)
		add_string(d, b);
	wrap(d, names, 0x30);
	wrap(d, names, 0xa1);
	wrap(d, from, 0x30);
	wrap(d, from, context);
}

static inline void add_text(struct der *d, uint8_t context, const char *text)
{
	size_t from = d->size;

	add_string(d, text);
	wrap(d, from, context);
}

static inline void add_sealed(struct der *d, uint8_t context, int etype, const char *cipher)
{
	size_t from = d->size;

	add_number(d, 0xa0, etype);
	size_t octets = d->size;
	add(d, cipher, strlen(cipher));
	wrap(d, octets, 4);
	wrap(d, octets, 0xa2);
	wrap(d, from, 0x30);
	wrap(d, from, context);
}

static inline void add_ticket(struct der *d, uint8_t context, const char *cipher)
{
	size_t from = d->size;

	add_number(d, 0xa0, 5);
	add_text(d, 0xa1, "LAB.EXAMPLE");
	add_name(d, 0xa2, 2, "cifs", "fs1");
	add_sealed(d, 0xa3, 23, cipher);
	wrap(d, from, 0x30);
	wrap(d, from, 0x61);
	wrap(d, from, context);
}

/* Closes a message that stands from `from` on. */
static inline void close_message(struct der *d, size_t from, uint8_t kind)
{
	wrap(d, from, 0x30);
	wrap(d, from, (uint8_t)(0x60 + kind));
}

static inline void add_ap_req(struct der *d, const char *cipher)
{
	size_t from = d->size;

	add_number(d, 0xa0, 5);
	add_number(d, 0xa1, 14);
	add_ticket(d, 0xa3, cipher);
	add_sealed(d, 0xa4, 18, "authenticator");
	close_message(d, from, 14);
}

/* padata: the SEQUENCE of PA-DATA where given, NULL for none. */
static inline struct bytes make_request(struct der *d, int kind, const struct der *padata, const char *client, int type, uint32_t options)
{
	uint8_t bits[] = { 0xa0, 7, 3, 5, 0, (uint8_t)(options >> 24), (uint8_t)(options >> 16), (uint8_t)(options >> 8),
			   (uint8_t)options };

	d->size = 0;
	add_number(d, 0xa1, 5);
	add_number(d, 0xa2, kind);
	if (padata) {
		size_t from = d->size;
		add(d, padata->at, padata->size);
		wrap(d, from, 0x30);
		wrap(d, from, 0xa3);
	}
	size_t body = d->size;
	add(d, bits, sizeof(bits));
	if (client)
		add_name(d, 0xa1, type, client, NULL);
	add_text(d, 0xa2, "LAB.EXAMPLE");
	add_name(d, 0xa3, 2, "krbtgt", "LAB.EXAMPLE");
	static const uint8_t etypes[] = { 0xa8, 9, 0x30, 7, 2, 1, 23, 2, 2, 0xff, 0x79 };
	add(d, etypes, sizeof(etypes));
	wrap(d, body, 0x30);
	wrap(d, body, 0xa4);
	close_message(d, 0, (uint8_t)kind);
	return bytes_of(d->at, d->size);
}

static inline struct bytes make_error(struct der *d, int code)
{
	d->size = 0;
	add_number(d, 0xa0, 5);
	add_number(d, 0xa1, 30);
	add_number(d, 0xa6, code);
	add_text(d, 0xa9, "LAB.EXAMPLE");
	add_name(d, 0xaa, 2, "krbtgt", "LAB.EXAMPLE");
	close_message(d, 0, 30);
	return bytes_of(d->at, d->size);
}

static inline struct bytes make_reply(struct der *d, int kind, const char *client, const char *realm, const char *cipher)
{
	d->size = 0;
	add_number(d, 0xa0, 5);
	add_number(d, 0xa1, kind);
	add_text(d, 0xa3, realm);
	add_name(d, 0xa4, 1, client, NULL);
	add_ticket(d, 0xa5, cipher);
	add_sealed(d, 0xa6, 18, "for the client");
	close_message(d, 0, (uint8_t)kind);
	return bytes_of(d->at, d->size);
}

static inline void add_padata(struct der *d, int type, const void *value, size_t size)
{
	size_t from = d->size;

	add_number(d, 0xa1, type);
	size_t octets = d->size;
	add(d, value, size);
	wrap(d, octets, 4);
	wrap(d, octets, 0xa2);
	wrap(d, from, 0x30);
}

#endif
