/* SPDX-License-Identifier: BSD-2-Clause
 * The class of an object that DCOM is asked to activate: RemoteActivation (MS-DCOM section 3.1.2.5.2.3.1), which names
 * it, and RemoteGetClassObject and RemoteCreateInstance (3.1.2.5.2.3.2, 3.1.2.5.2.3.3), which bury it in activation
 * properties (2.2.22): an OBJREF_CUSTOM around a blob of serialized structures, one of them the InstantiationInfo. */
#include "base/text.h"
#include "dce_rpc.h"

#define PROPERTIES 16     /* of one activation that are looked at; a dozen kinds exist */
#define SERIAL_HEADER 16  /* common and private header of type serialization (MS-RPCE section 2.2.6) */
#define OBJREF_MARK 0x574f454du /* "MEOW" */
#define OBJREF_CUSTOM 4
#define CLASS_INSTANTIATION "000001ab-0000-0000-c000-000000000046"

/* Classes by which programs are started on other machines, and what else an analyst meets daily. */
static const struct {
	const char *uuid, *name;
} classes[] = {
	{ "00020812-0000-0000-c000-000000000046", "Excel.Application" },
	{ "00020820-0000-0000-c000-000000000046", "Excel.Sheet" },
	{ "00021a20-0000-0000-c000-000000000046", "Visio.Application" },
	{ "00024500-0000-0000-c000-000000000046", "Excel.Application" },
	{ "0002df01-0000-0000-c000-000000000046", "InternetExplorer.Application" },
	{ "0006f03a-0000-0000-c000-000000000046", "Outlook.Application" },
	{ "000209ff-0000-0000-c000-000000000046", "Word.Application" },
	{ "000c101c-0000-0000-c000-000000000046", "Msi.Server" },
	{ "0f87369f-a4e5-4cfc-bd3e-73e6154572dd", "Schedule.Service" },
	{ "3050f4d8-98b5-11cf-bb82-00aa00bdce0b", "htafile" },
	{ "49b2791a-b1ae-4c90-9b8e-e860ba07f889", "MMC20.Application" },
	{ "4cb43d7f-7eee-4906-8698-60da1c38f2fe", "Microsoft.Update.Session" },
	{ "674b6698-ee92-11d0-ad71-00c04fd8fdff", "WbemContext" },
	{ "72c24dd5-d70a-438b-8a42-98424b88afb8", "WScript.Shell" },
	{ "73a4c9c1-d68d-11d0-98bf-00a0c90dc8d9", "Access.Application" },
	{ "8bc3f05e-d86b-11d0-a075-00c04fb68820", "WbemLevel1Login" },
	{ "91493441-5a91-11cf-8700-00aa0060263b", "PowerPoint.Application" },
	{ "9ba05972-f6a8-11cf-a442-00a0c90a8f39", "ShellWindows" },
	{ "c08afd90-f2a1-11d1-8455-00a0c91f3880", "ShellBrowserWindow" },
	{ "d99e6e74-fc88-11d0-b498-00a0c90312f3", "CertificateAuthority.Request" },
};

static void tell_class(struct record *r, const uint8_t uuid[DCE_UUID])
{
	char room[DCE_UUID_TEXT];
	const char *text = dce_uuid_text(uuid, room);

	if (dce_uuid_none(uuid))
		return;
	record_set_string(r, FIELD_DCE_RPC_ARG_CLASS, text);
	for (size_t i = 0; i < ARRAY_SIZE(classes); i++)
		if (strcmp(classes[i].uuid, text) == 0)
			record_set_string(r, FIELD_DCE_RPC_ARG_CLASS_NAME, classes[i].name);
}

/* ORPCTHIS (MS-DCOM section 2.2.13.3): version, flags, reserved, causality, extensions. Extensions are rare, and where
 * they stand the rest is not looked for. */
static bool orpc_this(struct ndr *n)
{
	ndr_align(n, n->wide ? 8 : 4);
	reader_skip(&n->r, 12);
	reader_skip(&n->r, DCE_UUID);
	return ndr_word(n) == 0 && reader_ok(&n->r);
}

/* MInterfacePointer (section 2.2.14): a conformant structure of a count and octets. */
static struct reader interface_pointer(struct ndr *n)
{
	ndr_word(n);
	uint32_t size = ndr_u32(n);

	return reader_sub(&n->r, size);
}

/* OBJREF_CUSTOM (section 2.2.18.6): always little-endian. *r is left at the object's data. */
static bool open_custom(struct reader *r)
{
	uint32_t mark = reader_u32_le(r);
	uint32_t flags = reader_u32_le(r);

	reader_skip(r, DCE_UUID + DCE_UUID); /* interface, class that reads it */
	reader_skip(r, 8);                   /* extension, size of what follows */
	return reader_ok(r) && mark == OBJREF_MARK && flags == OBJREF_CUSTOM;
}

/* CustomHeader (section 2.2.22.1): which properties there are, and their sizes. The place of the InstantiationInfo among
 * the properties, or SIZE_MAX. */
static size_t instantiation_place(struct ndr *n, uint32_t *ret_header)
{
	uint8_t kinds[PROPERTIES][DCE_UUID];
	char room[DCE_UUID_TEXT];
	size_t place = 0, found = SIZE_MAX;

	ndr_u32(n); /* total size */
	*ret_header = ndr_u32(n);
	reader_skip(&n->r, 8); /* reserved, destination context */
	uint32_t count = ndr_u32(n);
	reader_skip(&n->r, DCE_UUID); /* class of the class's information */
	reader_skip(&n->r, 12);       /* referents: kinds, sizes, reserved */
	uint32_t in_array = ndr_u32(n);
	if (count == 0 || count > PROPERTIES || in_array != count)
		return SIZE_MAX;
	for (uint32_t i = 0; i < count; i++)
		dce_uuid(&n->r, n->big, kinds[i]);
	if (ndr_u32(n) != count) /* of the sizes */
		return SIZE_MAX;
	for (uint32_t i = 0; i < count && found == SIZE_MAX; i++) {
		uint32_t size = ndr_u32(n);
		if (strcmp(dce_uuid_text(kinds[i], room), CLASS_INSTANTIATION) == 0)
			found = place;
		place += size;
	}
	return reader_ok(&n->r) ? found : SIZE_MAX;
}

/* Activation properties (section 2.2.22): sizes, a serialized header, serialized properties one behind the other. */
static void properties(struct reader blob, struct record *r)
{
	uint8_t class_id[DCE_UUID];
	uint32_t header_size;

	reader_skip(&blob, 8);
	struct reader start = blob;
	reader_skip(&blob, SERIAL_HEADER);
	struct ndr header = { .r = reader_open(reader_rest(&blob)), .big = false, .wide = false };
	size_t place = instantiation_place(&header, &header_size);
	if (place == SIZE_MAX)
		return;
	reader_skip(&start, header_size);
	reader_skip(&start, place);
	reader_skip(&start, SERIAL_HEADER);
	dce_uuid(&start, false, class_id);
	if (reader_ok(&start))
		tell_class(r, class_id);
}

void dce_activation_old(struct ndr *n, struct record *r)
{
	uint8_t class_id[DCE_UUID];

	if (!orpc_this(n))
		return;
	dce_uuid(&n->r, n->big, class_id);
	if (reader_ok(&n->r))
		tell_class(r, class_id);
}

void dce_activation(struct ndr *n, struct record *r, bool creates)
{
	if (!orpc_this(n))
		return;
	if (creates && ndr_word(n) != 0) { /* an object to be aggregated into: never over the network */
		reader_fail(&n->r);
		return;
	}
	if (ndr_word(n) == 0)
		return;
	struct reader data = interface_pointer(n);
	if (open_custom(&data))
		properties(data, r);
}
