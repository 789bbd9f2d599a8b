/* SPDX-License-Identifier: BSD-2-Clause
 * A record: what a protocol saw, with typed fields (DESIGN section 4). It owns its text, so it may be kept and may
 * cross threads. Secrets (passwords, NTLM answers, tickets) never enter one: fingerprints only.
 *
 * Two ways of life: a scratch record (record_new) is filled again and again by its owner; record_copy makes a compact
 * one of exactly the size needed, freed with record_free. Both are read, and written while there is room, alike.
 * Setting a field twice replaces the value (lists: record_add_* appends). What does not fit is dropped and noted in
 * `cut`; text longer than LIMIT_FIELD_TEXT is cut there. Every setter accepts a NULL record and does nothing. */
#ifndef RECORD_RECORD_H
#define RECORD_RECORD_H

#include "base/address.h"
#include "base/attributes.h"
#include "base/bytes.h"
#include "record/field.h"

#define DATASETS(D) \
	D(FLOW, "flow") D(PROXY, "proxy") D(HTTP, "http") D(TUNNEL, "tunnel") D(TLS, "tls") D(AUTH, "auth") \
	D(KERBEROS, "kerberos") D(SMB, "smb") D(DCE_RPC, "dce_rpc") D(LDAP, "ldap") D(RDP, "rdp") D(WINRM, "winrm") \
	D(SOCKS, "socks") D(DNS, "dns") D(SSH, "ssh") D(BEACON, "beacon") D(DHCP, "dhcp") D(ARP, "arp") D(RELAY, "relay") \
	D(SENSOR, "sensor")
#define DATASET_AS_ENUM(id, name) DATASET_##id,
enum dataset { DATASETS(DATASET_AS_ENUM) DATASET_COUNT };
#undef DATASET_AS_ENUM

const char *dataset_name(enum dataset d);
/* The kind of record of that name, or DATASET_COUNT. */
enum dataset dataset_find(struct bytes name);
#define DATASET_BIT(d) (UINT32_C(1) << (d))
#define DATASETS_ALL (DATASET_BIT(DATASET_COUNT) - 1)

enum record_kind { RECORD_EVENT, RECORD_ALERT, RECORD_METRIC };

struct value {
	uint16_t field;
	uint16_t next; /* list: 1 + index of the next value of the field; 0 ends */
	uint32_t size; /* text: bytes */
	union {
		uint64_t uint; /* UINT, TIME */
		double real;
		bool boolean;
		uint32_t text; /* offset into the record's text */
		struct address ip;
	};
};

struct record {
	uint64_t time_ns;
	uint64_t id;             /* event.id; written as 16 hexadecimal digits */
	enum dataset dataset;
	enum record_kind kind;
	bool cut;                /* something did not fit */
	bool partial;            /* part of the evidence was not captured: loss, snap length, one side only */
	uint16_t n_values, max_values;
	uint32_t text_used, text_max;
	struct value *values;
	char *text;
	uint8_t slot[FIELD_COUNT]; /* 1 + index of the field's first value; 0: absent */
};

/* A scratch record of full capacity; NULL where there is no memory. */
struct record *record_new(void);
/* A compact copy; NULL where there is no memory. */
struct record *record_copy(const struct record *r);
void record_free(struct record *r);
/* The same in storage of the caller, aligned for any type and of at least record_packed_size(r) bytes; not to be freed. */
size_t record_packed_size(const struct record *r);
struct record *record_pack(void *storage, const struct record *r);
/* Bytes of memory that this record takes. */
size_t record_memory(const struct record *r);
/* Empties a scratch record for a new use. */
void record_clear(struct record *r, enum dataset dataset, uint64_t time_ns);
/* Makes a scratch record the same as another one, id and all. */
void record_assign(struct record *r, const struct record *from);
/* Takes over every value of from that into does not have yet. */
void record_merge(struct record *into, const struct record *from);

void record_set_text(struct record *r, enum field f, struct bytes text);
void record_set_string(struct record *r, enum field f, const char *s); /* NULL s: nothing is set */
void record_printf(struct record *r, enum field f, const char *format, ...) PRINTF(3, 4);
/* Wire text, made valid UTF-8 on the way (text_utf8), or from UTF-16LE. */
void record_set_wire(struct record *r, enum field f, struct bytes wire);
void record_set_utf16(struct record *r, enum field f, struct bytes wire);
void record_set_hex(struct record *r, enum field f, struct bytes b);
void record_set_mac(struct record *r, enum field f, const uint8_t mac[6]); /* "02-00-00-00-00-01", as ECS wants it */
void record_set_uint(struct record *r, enum field f, uint64_t v);          /* UINT and TIME fields */
void record_set_real(struct record *r, enum field f, double v);
void record_set_bool(struct record *r, enum field f, bool v);
void record_set_ip(struct record *r, enum field f, const struct address *a);
void record_add_text(struct record *r, enum field f, struct bytes text); /* lists: appended; equal values once */
void record_add_ip(struct record *r, enum field f, const struct address *a);
void record_unset(struct record *r, enum field f);
/* Source and destination change places: addresses, ports and link addresses. */
void record_turn(struct record *r);

/* First value of a field, or NULL; record_next goes on through a list. TIMESTAMP, EVENT_KIND, EVENT_DATASET and
 * EVENT_ID live in the struct and are not found here. */
static inline const struct value *record_get(const struct record *r, enum field f)
{
	return r && r->slot[f] ? &r->values[r->slot[f] - 1] : NULL;
}
static inline const struct value *record_next(const struct record *r, const struct value *v)
{
	return v->next ? &r->values[v->next - 1] : NULL;
}
static inline bool record_has(const struct record *r, enum field f) { return r && r->slot[f] != 0; }
static inline struct bytes value_text(const struct record *r, const struct value *v)
{
	return bytes_of(r->text + v->text, v->size);
}
/* Text of a field; the empty view where it is absent. */
struct bytes record_text(const struct record *r, enum field f);
uint64_t record_uint(const struct record *r, enum field f);         /* 0 where absent */
double record_real(const struct record *r, enum field f);           /* 0 where absent; UINT fields are converted */
bool record_bool(const struct record *r, enum field f);             /* false where absent */
const struct address *record_ip(const struct record *r, enum field f); /* NULL where absent */
bool record_text_is(const struct record *r, enum field f, const char *s);
/* The same as a C string in the caller's room; NULL where it is absent, empty, or longer than the room. */
const char *record_string(const struct record *r, enum field f, char *room, size_t size);

/* Any value as text, the way the JSON writer would show it, without quotes; what rules compare and messages print.
 * Serves TIMESTAMP, EVENT_KIND, EVENT_DATASET and EVENT_ID as well. Writes into room where it has to be made. */
struct bytes record_show(const struct record *r, enum field f, const struct value *v, char *room, size_t size);

#endif
