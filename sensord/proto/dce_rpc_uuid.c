/* SPDX-License-Identifier: BSD-2-Clause
 * UUIDs as DCE/RPC sends them: the first three parts in the sender's order of integers, the rest as octets (C706
 * appendix A). Here they are kept in the order of their text. */
#include "base/text.h"
#include "dce_rpc.h"

static void put(uint8_t *at, uint32_t v, int n)
{
	for (int i = 0; i < n; i++)
		at[i] = (uint8_t)(v >> 8 * (n - 1 - i));
}

void dce_uuid(struct reader *r, bool big, uint8_t ret[DCE_UUID])
{
	uint32_t low = dce_u32(r, big);
	uint16_t middle = dce_u16(r, big);
	uint16_t high = dce_u16(r, big);
	struct bytes rest = reader_take(r, 8);

	memset(ret, 0, DCE_UUID);
	put(ret, low, 4);
	put(ret + 4, middle, 2);
	put(ret + 6, high, 2);
	if (rest.size == 8)
		memcpy(ret + 8, rest.at, 8);
}

const char *dce_uuid_text(const uint8_t uuid[DCE_UUID], char room[DCE_UUID_TEXT])
{
	static const uint8_t parts[] = { 4, 2, 2, 2, 6 };
	struct text t = { room, DCE_UUID_TEXT, 0, false };

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (i > 0)
			text_char(&t, '-');
		text_hex(&t, bytes_of(uuid, parts[i]));
		uuid += parts[i];
	}
	return text_end(&t);
}

bool dce_uuid_none(const uint8_t uuid[DCE_UUID])
{
	static const uint8_t none[DCE_UUID];

	return memcmp(uuid, none, DCE_UUID) == 0;
}
