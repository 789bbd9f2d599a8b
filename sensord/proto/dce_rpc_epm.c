/* SPDX-License-Identifier: BSD-2-Clause
 * The endpoint mapper (C706 appendix O: ept_lookup is 2, ept_map is 3): which interface was asked for, and where it is
 * said to live. An address is a tower of floors (appendix L, appendix I for their protocol identifiers). */
#include "base/text.h"
#include "dce_rpc.h"

#define TOWERS 500 /* of one answer, as many as clients ask for */
#define FLOORS 8   /* of one tower */
#define ANNOTATION 64

enum { EPT_LOOKUP = 2, EPT_MAP = 3 };
enum floor {
	TCP = 0x07,
	UDP = 0x08,
	IP = 0x09,
	INTERFACE = 0x0d,
	PIPE = 0x0f,
	LOCAL = 0x10,
	NETBIOS = 0x11,
	HTTP = 0x1f,
};

struct place {
	uint8_t interface[DCE_UUID];
	const char *transport;
	uint16_t port;
	struct bytes pipe, host;
	uint8_t ip[4];
	bool has_ip;
};

static void read_floor(unsigned number, struct reader left, struct reader right, struct place *ret)
{
	uint8_t kind = reader_u8(&left);

	if (number == 0 && kind == INTERFACE)
		dce_uuid(&left, false, ret->interface);
	if (kind == TCP || kind == UDP || kind == HTTP) {
		ret->transport = kind == TCP ? "ncacn_ip_tcp" : kind == UDP ? "ncadg_ip_udp" : "ncacn_http";
		ret->port = reader_u16(&right);
	}
	if (kind == PIPE || kind == LOCAL) {
		ret->transport = kind == PIPE ? "ncacn_np" : "ncalrpc";
		ret->pipe = reader_rest(&right);
	}
	if (kind == NETBIOS)
		ret->host = reader_rest(&right);
	if (kind == IP && reader_left(&right) >= 4) {
		memcpy(ret->ip, reader_rest(&right).at, 4);
		ret->has_ip = true;
	}
}

/* Towers are little-endian whatever the stub is. */
static bool read_tower(struct bytes tower, struct place *ret)
{
	struct reader r = reader_open(tower);
	unsigned n = reader_u16_le(&r);

	*ret = (struct place){ 0 };
	for (unsigned i = 0; i < n && i < FLOORS; i++) {
		size_t left_size = reader_u16_le(&r);
		struct reader left = reader_sub(&r, left_size);
		size_t right_size = reader_u16_le(&r);
		struct reader right = reader_sub(&r, right_size);
		if (!reader_ok(&r))
			return false;
		read_floor(i, left, right, ret);
	}
	return n > 0 && !dce_uuid_none(ret->interface);
}

static struct bytes take_tower(struct ndr *n)
{
	uint64_t room = ndr_word(n);
	uint32_t size = ndr_u32(n);

	if (size > room)
		reader_fail(&n->r);
	return reader_take(&n->r, size);
}

static void tell_interface(const uint8_t uuid[DCE_UUID], struct record *r)
{
	char room[DCE_UUID_TEXT];
	const struct dce_interface *i = dce_interface_find(uuid);

	record_set_string(r, FIELD_DCE_RPC_MAPPED_INTERFACE, dce_uuid_text(uuid, room));
	if (i)
		record_set_string(r, FIELD_DCE_RPC_MAPPED_ENDPOINT, i->name);
}

static struct bytes without_zero(struct bytes b)
{
	size_t n = 0;

	while (n < b.size && b.at[n])
		n++;
	return bytes_of(b.at, n);
}

/* A string binding (C706 section 3.1) behind the interface that it leads to. */
static void tell_place(const struct place *place, struct record *r)
{
	char uuid[DCE_UUID_TEXT], room[512];
	struct text t = TEXT_ON(room);

	if (!place->transport)
		return;
	text_printf(&t, "%s@%s:", dce_uuid_text(place->interface, uuid), place->transport);
	if (place->has_ip)
		text_printf(&t, "%u.%u.%u.%u", place->ip[0], place->ip[1], place->ip[2], place->ip[3]);
	else
		text_utf8(&t, without_zero(place->host));
	text_char(&t, '[');
	if (place->pipe.size)
		text_utf8(&t, without_zero(place->pipe));
	else
		text_printf(&t, "%u", place->port);
	text_char(&t, ']');
	record_add_text(r, FIELD_DCE_RPC_MAPPED_BINDINGS, text_bytes(&t));
	if (strcmp(place->transport, "ncacn_ip_tcp") == 0 && !record_has(r, FIELD_DCE_RPC_MAPPED_PORT))
		record_set_uint(r, FIELD_DCE_RPC_MAPPED_PORT, place->port);
}

/* object (pointer to UUID), map_tower (pointer), then a handle and how many towers may come back. */
void dce_epm_asked(struct ndr *n, struct record *r)
{
	struct place place;

	if (ndr_word(n))
		reader_skip(&n->r, DCE_UUID);
	if (ndr_word(n) && read_tower(take_tower(n), &place) && reader_ok(&n->r))
		tell_interface(place.interface, r);
}

/* entry_handle, num_towers, then an array of pointers and what they point to. */
static void read_map(struct ndr *n, struct record *r)
{
	ndr_word(n); /* room of the array */
	ndr_word(n); /* its offset */
	uint64_t count = ndr_word(n);
	uint64_t present = 0;

	for (uint64_t i = 0; i < count && i < TOWERS && reader_ok(&n->r); i++)
		present += ndr_word(n) != 0;
	for (uint64_t i = 0; i < present; i++) {
		struct place place;
		struct bytes tower = take_tower(n);
		if (!reader_ok(&n->r))
			return;
		if (!read_tower(tower, &place))
			continue;
		if (!record_has(r, FIELD_DCE_RPC_MAPPED_INTERFACE))
			tell_interface(place.interface, r);
		tell_place(&place, r);
	}
}

static void tell_towers(struct ndr *n, uint64_t count, bool local, struct record *r)
{
	for (uint64_t i = 0; i < count; i++) {
		struct place place;
		struct bytes tower = take_tower(n);
		if (!reader_ok(&n->r))
			return;
		if (read_tower(tower, &place) && place.transport && (strcmp(place.transport, "ncalrpc") == 0) == local)
			tell_place(&place, r);
	}
}

/* As above; an entry is an object, a pointer to a tower and an annotation. */
static void read_lookup(struct ndr *n, struct record *r)
{
	ndr_word(n);
	ndr_word(n);
	uint64_t count = ndr_word(n);
	uint64_t present = 0;

	for (uint64_t i = 0; i < count && i < TOWERS && reader_ok(&n->r); i++) {
		ndr_align(n, n->wide ? 8 : 4);
		reader_skip(&n->r, DCE_UUID);
		present += ndr_word(n) != 0;
		ndr_word(n); /* the annotation's offset: a varying string */
		uint64_t size = ndr_word(n);
		reader_skip(&n->r, size <= ANNOTATION ? (size_t)size : SIZE_MAX);
	}
	/* First what can be reached from elsewhere: a record has its limits. */
	struct ndr again = *n;
	tell_towers(n, present, false, r);
	tell_towers(&again, present, true, r);
}

void dce_epm_answer(unsigned opnum, struct bytes stub, bool big, bool wide, struct record *r)
{
	struct ndr n = { reader_open(stub), big, wide };

	reader_skip(&n.r, DCE_HANDLE);
	ndr_u32(&n);
	if (opnum == EPT_MAP)
		read_map(&n, r);
	else if (opnum == EPT_LOOKUP)
		read_lookup(&n, r);
}
