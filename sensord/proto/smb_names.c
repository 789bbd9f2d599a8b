/* SPDX-License-Identifier: BSD-2-Clause
 * Numbers of SMB and their names: NTSTATUS (MS-ERREF section 2.3.1), dialects (MS-SMB2 section 2.2.3), control codes
 * (MS-FSCC section 2.3, MS-SMB2 section 2.2.31), dispositions, access rights. */
#include <stdio.h>
#include <stdlib.h>

#include "smb.h"

/* In order of their numbers. */
static const struct smb_number statuses[] = {
	{ 0x00000000, "STATUS_SUCCESS" },
	{ 0x00000103, "STATUS_PENDING" },
	{ 0x00000105, "STATUS_MORE_ENTRIES" },
	{ 0x00000107, "STATUS_SOME_NOT_MAPPED" },
	{ 0x0000010b, "STATUS_NOTIFY_CLEANUP" },
	{ 0x0000010c, "STATUS_NOTIFY_ENUM_DIR" },
	{ 0x80000005, "STATUS_BUFFER_OVERFLOW" },
	{ 0x80000006, "STATUS_NO_MORE_FILES" },
	{ 0x8000001a, "STATUS_NO_MORE_ENTRIES" },
	{ 0x8000002d, "STATUS_STOPPED_ON_SYMLINK" },
	{ 0xc0000001, "STATUS_UNSUCCESSFUL" },
	{ 0xc0000002, "STATUS_NOT_IMPLEMENTED" },
	{ 0xc0000003, "STATUS_INVALID_INFO_CLASS" },
	{ 0xc0000004, "STATUS_INFO_LENGTH_MISMATCH" },
	{ 0xc0000008, "STATUS_INVALID_HANDLE" },
	{ 0xc000000d, "STATUS_INVALID_PARAMETER" },
	{ 0xc000000e, "STATUS_NO_SUCH_DEVICE" },
	{ 0xc000000f, "STATUS_NO_SUCH_FILE" },
	{ 0xc0000010, "STATUS_INVALID_DEVICE_REQUEST" },
	{ 0xc0000011, "STATUS_END_OF_FILE" },
	{ 0xc0000016, "STATUS_MORE_PROCESSING_REQUIRED" },
	{ 0xc0000017, "STATUS_NO_MEMORY" },
	{ 0xc000001e, "STATUS_INVALID_LOCK_SEQUENCE" },
	{ 0xc0000022, "STATUS_ACCESS_DENIED" },
	{ 0xc0000023, "STATUS_BUFFER_TOO_SMALL" },
	{ 0xc0000024, "STATUS_OBJECT_TYPE_MISMATCH" },
	{ 0xc0000032, "STATUS_DISK_CORRUPT_ERROR" },
	{ 0xc0000033, "STATUS_OBJECT_NAME_INVALID" },
	{ 0xc0000034, "STATUS_OBJECT_NAME_NOT_FOUND" },
	{ 0xc0000035, "STATUS_OBJECT_NAME_COLLISION" },
	{ 0xc0000037, "STATUS_PORT_DISCONNECTED" },
	{ 0xc0000039, "STATUS_OBJECT_PATH_INVALID" },
	{ 0xc000003a, "STATUS_OBJECT_PATH_NOT_FOUND" },
	{ 0xc000003b, "STATUS_OBJECT_PATH_SYNTAX_BAD" },
	{ 0xc000003e, "STATUS_DATA_ERROR" },
	{ 0xc0000043, "STATUS_SHARING_VIOLATION" },
	{ 0xc0000044, "STATUS_QUOTA_EXCEEDED" },
	{ 0xc000004f, "STATUS_EAS_NOT_SUPPORTED" },
	{ 0xc0000050, "STATUS_EA_TOO_LARGE" },
	{ 0xc0000054, "STATUS_FILE_LOCK_CONFLICT" },
	{ 0xc0000055, "STATUS_LOCK_NOT_GRANTED" },
	{ 0xc0000056, "STATUS_DELETE_PENDING" },
	{ 0xc000005e, "STATUS_NO_LOGON_SERVERS" },
	{ 0xc0000060, "STATUS_NO_SUCH_PRIVILEGE" },
	{ 0xc0000061, "STATUS_PRIVILEGE_NOT_HELD" },
	{ 0xc0000064, "STATUS_NO_SUCH_USER" },
	{ 0xc000006a, "STATUS_WRONG_PASSWORD" },
	{ 0xc000006b, "STATUS_ILL_FORMED_PASSWORD" },
	{ 0xc000006c, "STATUS_PASSWORD_RESTRICTION" },
	{ 0xc000006d, "STATUS_LOGON_FAILURE" },
	{ 0xc000006e, "STATUS_ACCOUNT_RESTRICTION" },
	{ 0xc000006f, "STATUS_INVALID_LOGON_HOURS" },
	{ 0xc0000070, "STATUS_INVALID_WORKSTATION" },
	{ 0xc0000071, "STATUS_PASSWORD_EXPIRED" },
	{ 0xc0000072, "STATUS_ACCOUNT_DISABLED" },
	{ 0xc0000073, "STATUS_NONE_MAPPED" },
	{ 0xc000007e, "STATUS_RANGE_NOT_LOCKED" },
	{ 0xc000007f, "STATUS_DISK_FULL" },
	{ 0xc0000098, "STATUS_FILE_INVALID" },
	{ 0xc000009a, "STATUS_INSUFFICIENT_RESOURCES" },
	{ 0xc000009c, "STATUS_DEVICE_DATA_ERROR" },
	{ 0xc00000a2, "STATUS_MEDIA_WRITE_PROTECTED" },
	{ 0xc00000ab, "STATUS_INSTANCE_NOT_AVAILABLE" },
	{ 0xc00000ac, "STATUS_PIPE_NOT_AVAILABLE" },
	{ 0xc00000ad, "STATUS_INVALID_PIPE_STATE" },
	{ 0xc00000ae, "STATUS_PIPE_BUSY" },
	{ 0xc00000af, "STATUS_ILLEGAL_FUNCTION" },
	{ 0xc00000b0, "STATUS_PIPE_DISCONNECTED" },
	{ 0xc00000b1, "STATUS_PIPE_CLOSING" },
	{ 0xc00000b4, "STATUS_INVALID_READ_MODE" },
	{ 0xc00000b5, "STATUS_IO_TIMEOUT" },
	{ 0xc00000ba, "STATUS_FILE_IS_A_DIRECTORY" },
	{ 0xc00000bb, "STATUS_NOT_SUPPORTED" },
	{ 0xc00000bd, "STATUS_DUPLICATE_NAME" },
	{ 0xc00000be, "STATUS_BAD_NETWORK_PATH" },
	{ 0xc00000c0, "STATUS_DEVICE_DOES_NOT_EXIST" },
	{ 0xc00000c3, "STATUS_INVALID_NETWORK_RESPONSE" },
	{ 0xc00000c9, "STATUS_NETWORK_NAME_DELETED" },
	{ 0xc00000ca, "STATUS_NETWORK_ACCESS_DENIED" },
	{ 0xc00000cb, "STATUS_BAD_DEVICE_TYPE" },
	{ 0xc00000cc, "STATUS_BAD_NETWORK_NAME" },
	{ 0xc00000cd, "STATUS_TOO_MANY_NAMES" },
	{ 0xc00000ce, "STATUS_TOO_MANY_SESSIONS" },
	{ 0xc00000d0, "STATUS_REQUEST_NOT_ACCEPTED" },
	{ 0xc00000d4, "STATUS_NOT_SAME_DEVICE" },
	{ 0xc00000d5, "STATUS_FILE_RENAMED" },
	{ 0xc00000d9, "STATUS_PIPE_EMPTY" },
	{ 0xc00000dc, "STATUS_INVALID_SERVER_STATE" },
	{ 0xc00000df, "STATUS_NO_SUCH_DOMAIN" },
	{ 0xc00000e3, "STATUS_INVALID_OPLOCK_PROTOCOL" },
	{ 0xc00000e5, "STATUS_INTERNAL_ERROR" },
	{ 0xc0000101, "STATUS_DIRECTORY_NOT_EMPTY" },
	{ 0xc0000102, "STATUS_FILE_CORRUPT_ERROR" },
	{ 0xc0000103, "STATUS_NOT_A_DIRECTORY" },
	{ 0xc0000106, "STATUS_NAME_TOO_LONG" },
	{ 0xc000010a, "STATUS_PROCESS_IS_TERMINATING" },
	{ 0xc000011f, "STATUS_TOO_MANY_OPENED_FILES" },
	{ 0xc0000120, "STATUS_CANCELLED" },
	{ 0xc0000121, "STATUS_CANNOT_DELETE" },
	{ 0xc0000123, "STATUS_FILE_DELETED" },
	{ 0xc0000128, "STATUS_FILE_CLOSED" },
	{ 0xc000014b, "STATUS_PIPE_BROKEN" },
	{ 0xc000015b, "STATUS_LOGON_TYPE_NOT_GRANTED" },
	{ 0xc0000184, "STATUS_INVALID_DEVICE_STATE" },
	{ 0xc000018b, "STATUS_NO_TRUST_SAM_ACCOUNT" },
	{ 0xc000018c, "STATUS_TRUSTED_DOMAIN_FAILURE" },
	{ 0xc000018d, "STATUS_TRUSTED_RELATIONSHIP_FAILURE" },
	{ 0xc0000190, "STATUS_TRUST_FAILURE" },
	{ 0xc0000192, "STATUS_NETLOGON_NOT_STARTED" },
	{ 0xc0000193, "STATUS_ACCOUNT_EXPIRED" },
	{ 0xc0000199, "STATUS_NOLOGON_WORKSTATION_TRUST_ACCOUNT" },
	{ 0xc000019c, "STATUS_FS_DRIVER_REQUIRED" },
	{ 0xc0000203, "STATUS_USER_SESSION_DELETED" },
	{ 0xc000020c, "STATUS_CONNECTION_DISCONNECTED" },
	{ 0xc000020d, "STATUS_CONNECTION_RESET" },
	{ 0xc0000224, "STATUS_PASSWORD_MUST_CHANGE" },
	{ 0xc0000225, "STATUS_NOT_FOUND" },
	{ 0xc0000233, "STATUS_DOMAIN_CONTROLLER_NOT_FOUND" },
	{ 0xc0000234, "STATUS_ACCOUNT_LOCKED_OUT" },
	{ 0xc0000236, "STATUS_CONNECTION_REFUSED" },
	{ 0xc000023c, "STATUS_NETWORK_UNREACHABLE" },
	{ 0xc0000257, "STATUS_PATH_NOT_COVERED" },
	{ 0xc0000267, "STATUS_FILE_IS_OFFLINE" },
	{ 0xc0000275, "STATUS_NOT_A_REPARSE_POINT" },
	{ 0xc000035c, "STATUS_NETWORK_SESSION_EXPIRED" },
	{ 0xc0000388, "STATUS_DOWNGRADE_DETECTED" },
	{ 0xc0000413, "STATUS_AUTHENTICATION_FIREWALL_FAILED" },
	{ 0xc000a000, "STATUS_INVALID_SIGNATURE" },
	{ 0xc000a100, "STATUS_HASH_NOT_SUPPORTED" },
};

static const struct smb_number functions[] = {
	{ 0x00060194, "FSCTL_DFS_GET_REFERRALS" },
	{ 0x000601b0, "FSCTL_DFS_GET_REFERRALS_EX" },
	{ 0x00090000, "FSCTL_REQUEST_OPLOCK_LEVEL_1" },
	{ 0x0009003c, "FSCTL_GET_COMPRESSION" },
	{ 0x00090060, "FSCTL_FILESYSTEM_GET_STATISTICS" },
	{ 0x00090064, "FSCTL_GET_NTFS_VOLUME_DATA" },
	{ 0x0009009c, "FSCTL_GET_OBJECT_ID" },
	{ 0x000900a4, "FSCTL_SET_REPARSE_POINT" },
	{ 0x000900a8, "FSCTL_GET_REPARSE_POINT" },
	{ 0x000900ac, "FSCTL_DELETE_REPARSE_POINT" },
	{ 0x000900c0, "FSCTL_CREATE_OR_GET_OBJECT_ID" },
	{ 0x000900c4, "FSCTL_SET_SPARSE" },
	{ 0x000900d4, "FSCTL_SET_ENCRYPTION" },
	{ 0x000900eb, "FSCTL_READ_FILE_USN_DATA" },
	{ 0x000900ef, "FSCTL_WRITE_USN_CLOSE_RECORD" },
	{ 0x0009023c, "FSCTL_GET_INTEGRITY_INFORMATION" },
	{ 0x00090284, "FSCTL_QUERY_REGION_INFO" },
	{ 0x00090300, "FSCTL_QUERY_SHARED_VIRTUAL_DISK_SUPPORT" },
	{ 0x00090304, "FSCTL_SVHDX_SYNC_TUNNEL_REQUEST" },
	{ 0x00090344, "FSCTL_DUPLICATE_EXTENTS_TO_FILE" },
	{ 0x000940cf, "FSCTL_QUERY_ALLOCATED_RANGES" },
	{ 0x000980c8, "FSCTL_SET_ZERO_DATA" },
	{ 0x00098208, "FSCTL_FILE_LEVEL_TRIM" },
	{ 0x00098268, "FSCTL_OFFLOAD_WRITE" },
	{ 0x0009c040, "FSCTL_SET_COMPRESSION" },
	{ 0x00094264, "FSCTL_OFFLOAD_READ" },
	{ 0x00110018, "FSCTL_PIPE_WAIT" },
	{ 0x0011400c, "FSCTL_PIPE_PEEK" },
	{ 0x0011c017, "FSCTL_PIPE_TRANSCEIVE" },
	{ 0x00140078, "FSCTL_SRV_REQUEST_RESUME_KEY" },
	{ 0x001401d4, "FSCTL_LMR_REQUEST_RESILIENCY" },
	{ 0x001401fc, "FSCTL_QUERY_NETWORK_INTERFACE_INFO" },
	{ 0x00140204, "FSCTL_VALIDATE_NEGOTIATE_INFO" },
	{ 0x00144064, "FSCTL_SRV_ENUMERATE_SNAPSHOTS" },
	{ 0x001440f2, "FSCTL_SRV_COPYCHUNK" },
	{ 0x001441bb, "FSCTL_SRV_READ_HASH" },
	{ 0x001480f2, "FSCTL_SRV_COPYCHUNK_WRITE" },
};

static const char *const commands[SMB_COMMANDS] = {
	[SMB_NEGOTIATE] = "negotiate",
	[SMB_SESSION_SETUP] = "session_setup",
	[SMB_LOGOFF] = "logoff",
	[SMB_TREE_CONNECT] = "tree_connect",
	[SMB_TREE_DISCONNECT] = "tree_disconnect",
	[SMB_CREATE] = "create",
	[SMB_CLOSE] = "close",
	[SMB_READ] = "read",
	[SMB_WRITE] = "write",
	[SMB_RENAME] = "rename",
	[SMB_DELETE] = "delete",
	[SMB_QUERY_DIRECTORY] = "query_directory",
	[SMB_IOCTL] = "ioctl",
	[SMB_TRANSACTION] = "transaction",
	[SMB_ENCRYPTED] = "encrypted",
	[SMB_COMPRESSED] = "compressed",
	[SMB_SESSION_REQUEST] = "session_request",
};

/* Rights of MS-SMB2 section 2.2.13.1, generic ones under the names of what they stand for. */
static const struct smb_number rights[] = {
	{ 0x00000001 | 0x80000000 | 0x10000000, "read" },
	{ 0x00000002 | 0x40000000 | 0x10000000, "write" },
	{ 0x00000004, "append" },
	{ 0x00000020 | 0x20000000 | 0x10000000, "execute" },
	{ 0x00010000 | 0x10000000, "delete" },
	{ 0x00000040, "delete_child" },
	{ 0x00000080, "read_attributes" },
	{ 0x00000100, "write_attributes" },
	{ 0x00000008, "read_ea" },
	{ 0x00000010, "write_ea" },
	{ 0x00020000, "read_control" },
	{ 0x00040000, "write_dac" },
	{ 0x00080000, "write_owner" },
	{ 0x01000000, "system_security" },
	{ 0x02000000, "maximum_allowed" },
};

static int compare(const void *a, const void *b)
{
	uint32_t x = ((const struct smb_number *)a)->number, y = ((const struct smb_number *)b)->number;

	return x < y ? -1 : x > y;
}

static const char *hex(uint32_t number, char room[16])
{
	snprintf(room, 16, "0x%08x", number);
	return room;
}

const char *smb_status_name(uint32_t status, char room[16])
{
	struct smb_number key = { status, NULL };
	const struct smb_number *n = bsearch(&key, statuses, ARRAY_SIZE(statuses), sizeof(*n), compare);

	return n ? n->name : hex(status, room);
}

const char *smb_function_name(uint32_t function, char room[16])
{
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++)
		if (functions[i].number == function)
			return functions[i].name;
	return hex(function, room);
}

const char *smb_command_name(enum smb_command c)
{
	return commands[c];
}

const char *smb_dialect_name(uint16_t dialect)
{
	switch (dialect) {
	case 0x0202:
		return "2.0.2";
	case 0x0210:
		return "2.1";
	case 0x0300:
		return "3.0";
	case 0x0302:
		return "3.0.2";
	case 0x0311:
		return "3.1.1";
	case 0x02ff:
		return "2.???"; /* the name that stands for "2, to be agreed" */
	default:
		return NULL;
	}
}

const char *smb_disposition_name(uint8_t disposition)
{
	static const char *const names[] = { "supersede", "open", "create", "open_if", "overwrite", "overwrite_if" };

	return disposition < ARRAY_SIZE(names) ? names[disposition] : NULL;
}

const char *smb_action_name(uint32_t action)
{
	static const char *const names[] = { "superseded", "opened", "created", "overwritten" };

	return action < ARRAY_SIZE(names) ? names[action] : NULL;
}

void smb_set_access(struct record *r, uint32_t access)
{
	for (size_t i = 0; r && i < ARRAY_SIZE(rights); i++)
		if (access & rights[i].number)
			record_add_text(r, FIELD_SMB_ACCESS, bytes_string(rights[i].name));
}

void smb_set_session_flags(struct record *r, unsigned flags)
{
	static const struct smb_number names[] = {
		{ SMB_GUEST, "guest" },
		{ SMB_NULL, "null" },
		{ SMB_ENCRYPT, "encrypt" },
		{ SMB_BINDING, "binding" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (flags & names[i].number)
			record_add_text(r, FIELD_SMB_SESSION_FLAGS, bytes_string(names[i].name));
}
