/* SPDX-License-Identifier: BSD-2-Clause
 * What the files of the SMB parser share: the state of one connection (all of it bounded below), the messages as they
 * are handed from the framing to the commands, and the way records are begun.
 *
 * smb_stream.c cuts the stream into messages, smb1.c and smb2.c read their headers and call one function a command.
 * A request leaves a struct smb_pending; its answer takes that and tells. What a peer never answers is told at the end
 * of the flow. File content is counted, never kept, but for the first bytes written; what crosses a named pipe is
 * handed to "dce_rpc" piece by piece. */
#ifndef PROTO_SMB_H
#define PROTO_SMB_H

#include "base/reader.h"
#include "base/text.h"
#include "proto/protocol.h"

/* Ceilings of one connection; the oldest goes for a new one. */
#define SMB_SESSIONS 32
#define SMB_TREES    64
#define SMB_FILES    512
#define SMB_LOGONS   8 /* of the requests that wait: these hold records */
#define SMB_PENDING  256
#define SMB_TEXT     1024  /* bytes of a path, share or pattern that is kept */
#define SMB_BODY     65536 /* bytes of one message that are looked at */
#define SMB_DIALECTS 512   /* bytes for the dialects that a client offers */
#define SMB_ANDX     8	   /* commands in one AndX chain */
#define SMB_MAGIC    16	   /* first bytes of a written file that are kept */

struct smb_node {
	struct smb_node *newer, *older;
	uint64_t key[2];
	size_t weight; /* bytes of the node and what it owns, when it was last weighed */
};

/* Newest first; `free` lets go of what a node owns and of the node. */
struct smb_list {
	struct smb_node *newest, *oldest;
	unsigned count;
	size_t weight; /* of all of them */
};

struct smb_session {
	struct smb_node node;	  /* session id (SMB 1: UID) */
	struct record *who;	  /* what the tokens told: user.*, auth.*, ntlm.*; NULL where nothing did */
	struct record *coming;	  /* the same of a logon that has more legs to come */
	uint64_t time_ns, packet; /* of the first leg of a logon under way; 0: none is */
	uint8_t flags;		  /* of the answer: enum smb_session_flag */
	char *native_os;	  /* of a logon under way */
	bool established;
	bool hidden; /* encrypted content was told */
};

enum smb_session_flag { SMB_GUEST = 1, SMB_NULL = 2, SMB_ENCRYPT = 4, SMB_BINDING = 0x80 };
enum smb_share_type { SMB_SHARE_UNKNOWN, SMB_SHARE_DISK, SMB_SHARE_PIPE, SMB_SHARE_PRINT };

struct smb_tree {
	struct smb_node node; /* tree id */
	enum smb_share_type type;
	bool encrypted;
	char *path;
};

struct smb_file {
	struct smb_node node; /* file id, both halves (SMB 1: FID) */
	uint64_t session, tree;
	char *path;	/* NULL where it is not known; of a pipe without \PIPE\ */
	uint64_t child; /* key of its conversation */
	uint64_t read_bytes, write_bytes, size;
	uint64_t time_ns, packet; /* of the first request that wrote */
	bool pipe, child_tried, child_open, directory, size_known;
	bool written, write_told, listed;
	uint8_t n_magic, magic[SMB_MAGIC];
};

/* What is asked, whatever the version. */
enum smb_command {
	SMB_NEGOTIATE,
	SMB_SESSION_SETUP,
	SMB_LOGOFF,
	SMB_TREE_CONNECT,
	SMB_TREE_DISCONNECT,
	SMB_CREATE,
	SMB_CLOSE,
	SMB_READ,
	SMB_WRITE,
	SMB_RENAME,
	SMB_DELETE,
	SMB_QUERY_DIRECTORY,
	SMB_IOCTL,
	SMB_TRANSACTION,
	SMB_ENCRYPTED,
	SMB_COMPRESSED,
	SMB_SESSION_REQUEST,
	SMB_COMMANDS,
};

struct smb_pending {
	struct smb_node node; /* message id; SMB 1: MID and PID, then the place in the AndX chain */
	enum smb_command command;
	uint64_t session, tree, file[2];
	uint64_t time_ns, packet;
	uint64_t related; /* message id of the create that will give the file id */
	bool is_related, signed_, delete_on_close, pipe, binding, has_token;
	uint64_t offset;
	uint32_t size; /* of a write or read */
	uint32_t access, function;
	uint8_t disposition; /* SMB2 numbers */
	char *text;	     /* path, share or pattern */
	char *target;	     /* new path; native OS of a session setup */
	struct record *who;  /* session setup: what is known with this leg's token */
};

/* What is left of a message that is not taken whole. */
struct smb_lane {
	uint64_t frame;	   /* bytes of the frame not consumed yet */
	uint64_t before;   /* bytes before the payload of a pipe */
	uint64_t payload;  /* bytes of it that are still to be handed on */
	uint64_t after;	   /* bytes to pass over before the next message */
	uint64_t pipe[2];  /* file that the payload belongs to */
	bool begun;	   /* a message of this frame was read */
	enum side pipe_side;
	bool lost; /* look for the start of a frame */
};

struct smb {
	struct smb_list sessions, trees, files, pending;
	struct smb_lane lanes[2];
	const char *version;   /* NULL: not agreed */
	char version_room[32]; /* of an SMB 1 dialect that the table does not have */
	char *dialects;	       /* offered: SMB_DIALECTS bytes, each name ended by a zero */
	size_t dialects_size;
	uint64_t negotiate_ns, negotiate_packet;
	uint64_t related;		  /* message id of the create in the compound under way */
	uint64_t last_session, last_tree; /* of the message before in the compound */
	size_t charged; /* of the weights */
	bool related_known;
	bool seen; /* a message was read */
	bool negotiating, compressed_told, encrypted_told;
};

/* One message, or one command of an AndX chain. */
struct smb_message {
	enum side side; /* who would send it: requests are the client's */
	bool request;
	uint16_t command;
	uint32_t status;
	bool status_dos; /* SMB 1: class and code instead of NTSTATUS */
	bool signed_, related, async, unicode, extended;
	uint64_t id[2]; /* of the pending request */
	uint64_t session, tree;
	struct bytes all; /* from the start of the header: what is there */
	uint64_t size;	  /* bytes of the whole message */
};

#define SMB_STATUS_PENDING  0x00000103u
#define SMB_STATUS_MORE	    0xc0000016u /* MORE_PROCESSING_REQUIRED */
#define SMB_STATUS_OVERFLOW 0x80000005u /* BUFFER_OVERFLOW: the data is there, and there is more */

/* smb_state.c */
struct smb_session *smb_session_find(struct smb *s, uint64_t id);
/* One whose logon is under way when it has to go is told. */
struct smb_session *smb_session_make(struct parse *p, struct smb *s, uint64_t id);
void smb_session_drop(struct smb *s, uint64_t id);
struct smb_tree *smb_tree_find(struct smb *s, uint64_t id);
struct smb_tree *smb_tree_make(struct smb *s, uint64_t id);
void smb_tree_drop(struct smb *s, uint64_t id);
struct smb_file *smb_file_find(struct smb *s, const uint64_t id[2]);
/* A new one under that id; the oldest goes with its conversation closed. */
struct smb_file *smb_file_make(struct parse *p, struct smb *s, const uint64_t id[2]);
void smb_file_drop(struct parse *p, struct smb *s, struct smb_file *f);
/* A request that waits; NULL without memory. One that had the same id goes. */
struct smb_pending *smb_pending_make(struct parse *p, struct smb *s, const struct smb_message *m, enum smb_command c);
/* Takes it out of the list: the caller frees it. */
struct smb_pending *smb_pending_take(struct smb *s, const uint64_t id[2]);
struct smb_pending *smb_pending_find(struct smb *s, const uint64_t id[2]);
/* The same by the bits of the id that are in mask: servers that give another process number back. */
struct smb_pending *smb_pending_like(struct smb *s, const uint64_t id[2], uint64_t mask);
void smb_pending_free(struct smb_pending *q);
/* A create was answered: requests of its compound that came before the answer get the file id. */
void smb_pending_related(struct smb *s, uint64_t create, const uint64_t file[2]);
void smb_release(struct smb *s);
/* Behind each message: weighs what it may have touched, the newest of each list. */
void smb_weigh(struct smb *s);
/* Tells the engine what the connection owns now. */
void smb_charge(struct parse *p, struct smb *s);
/* A copy of wire text as UTF-8 that malloc made, at most SMB_TEXT bytes: of longer ones the end. NULL where empty. */
char *smb_text(struct bytes wire, bool utf16);

/* smb_names.c */
struct smb_number {
	uint32_t number;
	const char *name;
};
const char *smb_status_name(uint32_t status, char room[16]);
const char *smb_function_name(uint32_t function, char room[16]);
const char *smb_command_name(enum smb_command c);
/* NULL where the number is none. */
const char *smb_dialect_name(uint16_t dialect);
const char *smb_disposition_name(uint8_t disposition);
const char *smb_action_name(uint32_t action);
void smb_set_access(struct record *r, uint32_t access);
void smb_set_session_flags(struct record *r, unsigned flags);

/* smb_record.c */
/* parse_blank, or NULL where nobody asks for what it could be part of. */
struct record *smb_blank(struct parse *p);
/* A record of kind smb with the version, command, account and share; NULL where nobody asks. */
struct record *smb_begin(struct parse *p, struct smb *s, enum smb_command c, const struct smb_pending *q,
			 const struct smb_message *m);
/* What a further channel of the session has in common with the first: SMB 3 only, where there are such. */
void smb_set_ids(struct record *r, const struct smb *s, uint64_t session, uint64_t tree);
void smb_set_file_id(struct record *r, const struct smb *s, const uint64_t id[2]);
void smb_set_path(struct record *r, const char *path, bool pipe);
/* What a create asked for. */
void smb_set_create(struct record *r, const struct smb_pending *q);
void smb_set_who(struct record *r, const struct record *who);
void smb_set_answer(struct record *r, const struct smb_message *m);
/* A request that nobody answered, in a flow that is over (or in a table that is full). */
void smb_tell_unanswered(struct parse *p, struct smb *s, struct smb_pending *q);

/* smb_logon.c */
/* What a session setup request brings: its token is read together with what earlier legs told. */
void smb_logon_request(struct parse *p, struct smb *s, struct smb_pending *q, struct bytes token);
/* Its answer, with the token of the server. Tells where it is the last leg. q may be NULL. */
void smb_logon_answer(struct parse *p, struct smb *s, const struct smb_message *m, struct smb_pending *q,
		      struct bytes token, unsigned flags);
void smb_logon_unanswered(struct parse *p, struct smb *s, const struct smb_pending *q);
/* A session ends before its logon was decided. */
void smb_logon_abandoned(struct parse *p, struct smb *s, struct smb_session *x);
/* A logoff, its request or its answer. */
void smb_logged_off(struct parse *p, struct smb *s, const struct smb_message *m);
/* Logons that were never decided, in a flow that is over. */
void smb_logon_unfinished(struct parse *p, struct smb *s);

/* smb_file.c */
/* The name without its \PIPE\ */
const char *smb_pipe_name(const char *path);
bool smb_is_pipe(struct smb *s, uint64_t tree, const char *path);
void smb_file_opened(struct parse *p, struct smb *s, const struct smb_message *m, const struct smb_pending *q,
		     const uint64_t id[2], bool pipe, bool directory, const uint64_t *size);
void smb_file_wrote(struct parse *p, struct smb *s, const struct smb_pending *q, struct bytes start);
void smb_file_answered(struct parse *p, struct smb *s, const struct smb_message *m, const struct smb_pending *q,
		       uint32_t bytes);
/* Tells what was done with it, closes its conversation and forgets it. size: as the server told it last, or NULL. */
void smb_file_closed(struct parse *p, struct smb *s, const uint64_t id[2], const uint64_t *size);
void smb_file_tell(struct parse *p, struct smb *s, struct smb_file *f);

/* smb_pipe.c */
/* Bytes of a pipe; opens its conversation at the first ones. */
void smb_pipe_bytes(struct parse *p, struct smb *s, const uint64_t id[2], enum side side, struct bytes b);
/* Written content that can only be a pipe's: of use where the open was not captured. */
bool smb_pipe_like(struct bytes start);
/* The transaction names its pipe: of use where the open was not captured. */
void smb_pipe_named(struct parse *p, struct smb *s, const struct smb_pending *q);
/* The message has `size` bytes for a pipe at `offset` from its header: they are handed on as they come. */
void smb_pipe_payload(struct parse *p, struct smb *s, const struct smb_message *m, const uint64_t id[2],
		      uint64_t offset, uint64_t size);

/* smb1.c, smb2.c: bytes that must be there of a message (at most its size) before it is handed over, and the message.
 */
size_t smb2_wants(const struct parse *p, struct bytes header);
size_t smb1_wants(const struct parse *p, struct bytes start, uint64_t size);
/* Which way a message goes is told by who sent it: servers answer requests that carry the flag of an answer. Only where
 * the flow's beginning was not seen, and with it who is the client, the flag decides. */
static inline bool smb_is_request(const struct parse *p, bool response_flag)
{
	return parse_midstream(p) ? !response_flag : parse_side(p) == CLIENT;
}
void smb2_message(struct parse *p, struct smb *s, struct bytes all, uint64_t size);
void smb1_message(struct parse *p, struct smb *s, struct bytes all, uint64_t size);
void smb2_hidden(struct parse *p, struct smb *s, struct bytes header);

/* smb_negotiate.c */
void smb_offer_begin(struct parse *p, struct smb *s);
void smb_offer(struct smb *s, struct bytes name);
void smb_negotiated(struct parse *p, struct smb *s, const struct smb_message *m);
void smb2_negotiate(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *r);
void smb1_negotiate(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words,
		    struct reader *bytes);

/* smb2_session.c */
void smb2_session_setup(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *r);
void smb2_logoff(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *r);
void smb2_tree_connect(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *r);
void smb2_tree_disconnect(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *r);

/* smb2_file.c */
void smb2_create(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *r);
void smb2_close(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *r);
void smb2_read(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *r);
void smb2_write(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *r);

/* smb2_control.c */
void smb2_ioctl(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *r);
void smb2_query_directory(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *r);
void smb2_set_info(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *r);
/* `size` bytes at `offset` from the header, as far as they are there. */
struct bytes smb_part(const struct smb_message *m, uint64_t offset, uint64_t size);
/* Key under which the files of an SMB 2 request are found; one that belongs to a compound may have none yet. */
void smb2_file_id(struct smb *s, const struct smb_message *m, struct smb_pending *q, uint64_t persistent,
		  uint64_t local);

/* smb1_session.c, smb1_file.c, smb1_trans.c: one command of a chain, its words and bytes. */
void smb1_session_setup(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words,
			struct reader *bytes);
void smb1_logoff(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words,
		 struct reader *bytes);
void smb1_tree_connect(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words,
		       struct reader *bytes);
void smb1_tree_connect_old(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words,
			   struct reader *bytes);
void smb1_tree_disconnect(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words,
			  struct reader *bytes);
void smb1_create(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words,
		 struct reader *bytes);
void smb1_open(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words, struct reader *bytes);
void smb1_open_old(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words,
		   struct reader *bytes);
void smb1_close(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words,
		struct reader *bytes);
void smb1_delete(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words,
		 struct reader *bytes);
void smb1_rename(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words,
		 struct reader *bytes);
void smb1_read(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words, struct reader *bytes);
void smb1_write(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words,
		struct reader *bytes);
void smb1_transaction(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words,
		      struct reader *bytes);
void smb1_transaction2(struct parse *p, struct smb *s, const struct smb_message *m, struct reader *words,
		       struct reader *bytes);
/* A zero-ended string at the reader: aligned to the header where it is UTF-16. */
struct bytes smb1_string(const struct smb_message *m, struct reader *bytes, bool utf16);

#endif
