/* SPDX-License-Identifier: BSD-2-Clause
 * DCE/RPC: what its files share. Documents: C706 chapter 12 (PDUs) and 14 (NDR), MS-RPCE, MS-DCOM; a connection's
 * state is bounded by the LIMIT_DCE_RPC lines of base/limits.h. */
#ifndef PROTO_DCE_RPC_H
#define PROTO_DCE_RPC_H

#include "base/limits.h"
#include "base/reader.h"
#include "proto/protocol.h"

enum dce_type {
	DCE_REQUEST = 0,
	DCE_RESPONSE = 2,
	DCE_FAULT = 3,
	DCE_REJECT = 6, /* connectionless only */
	DCE_BIND = 11,
	DCE_BIND_ACK = 12,
	DCE_BIND_NAK = 13,
	DCE_ALTER = 14,
	DCE_ALTER_RESPONSE = 15,
	DCE_AUTH3 = 16,
	DCE_SHUTDOWN = 17,
	DCE_CANCEL = 18,
	DCE_ORPHANED = 19,
};

#define DCE_FIRST 0x01u
#define DCE_LAST 0x02u
#define DCE_OBJECT 0x80u
#define DCE_UUID 16       /* bytes */
#define DCE_UUID_TEXT 37  /* with its end */
#define DCE_HANDLE 20     /* bytes of a context handle (C706 section 14.2.16.6) */
#define DCE_NAME 96       /* bytes of an object's name that a handle keeps */
#define DCE_PRIVACY 6     /* authentication level at which the stub is encrypted (MS-RPCE section 2.2.1.1.8) */

/* How an operation says what became of it: the last four bytes of its answer. */
enum dce_result { DCE_NO_RESULT, DCE_WIN32, DCE_NTSTATUS, DCE_HRESULT };

struct dce_interface {
	const char *uuid;              /* lower case */
	const char *name;
	const char *pipe;              /* usual named pipe; NULL: none */
	const char *const *operations; /* by number; NULL: not known */
	uint16_t n_operations;
	enum dce_result result;
};

/* One PDU behind its common header. */
struct dce_pdu {
	enum dce_type type;
	uint8_t flags;
	bool big;                      /* integers are big-endian */
	uint8_t auth_type, auth_level; /* 0: no trailer */
	uint32_t call_id, auth_context;
	struct bytes token; /* of the trailer */
	struct bytes body;  /* without padding and trailer */
};

enum dce_syntax { DCE_OTHER_SYNTAX, DCE_NDR, DCE_NDR64, DCE_FEATURES };

struct dce_id {
	uint8_t uuid[DCE_UUID]; /* in the order of its text */
	uint16_t major, minor;
};

struct dce_context {
	struct dce_id interface;
	uint16_t id;
	uint8_t syntax; /* enum dce_syntax: the one that the server took, before that the first known one offered */
};

struct dce_stub {
	uint8_t *at;
	uint32_t size, room;
};

struct dce_call {
	uint64_t time_ns, packet;
	uint32_t id;
	uint16_t opnum;
	bool used, big, wide;       /* wide: NDR64 */
	bool known;                 /* the interface is known */
	bool complete;              /* the whole request was seen */
	bool logged_on;             /* sent after the logon under way was complete */
	bool has_object;
	bool turned;                /* of a datagram: see struct dce_rpc */
	bool answered;              /* some of the answer was seen */
	uint8_t auth_level, auth_type;
	struct dce_id interface;
	uint8_t object[DCE_UUID];
	struct dce_stub in, out;
	struct record *arguments;
};

struct dce_offer {
	struct dce_id interface;
	uint16_t id; /* of its context */
	uint8_t syntax;
};

/* A bind or alter_context that waits for its answer. */
struct dce_bind {
	bool used;
	uint64_t time_ns, packet;
	uint8_t auth_level, auth_type;
	uint8_t n;
	struct dce_offer offers[LIMIT_DCE_RPC_CONTEXTS];
};

struct dce_object {
	uint8_t handle[DCE_HANDLE];
	char name[DCE_NAME];
};

struct dce_login {
	struct record *known; /* what its tokens said so far */
	uint64_t time_ns, packet;
	uint32_t context;
	bool ready; /* the client's proof was sent */
	bool told;
};

struct dce_rpc {
	struct dce_context contexts[LIMIT_DCE_RPC_CONTEXTS];
	struct dce_call calls[LIMIT_DCE_RPC_CALLS];
	struct dce_bind bind;
	struct dce_login login;
	struct dce_object objects[LIMIT_DCE_RPC_OBJECTS];
	uint32_t held; /* bytes of stubs */
	size_t charged; /* bytes that the engine knows of */
	uint16_t n_contexts, next_context;
	uint16_t next_object;
	uint8_t auth_level, auth_type; /* agreed in the latest bind */
	bool confirmed;
	bool turned;                   /* the flow's server is the client here: its start was not captured */
	bool lost[2];                  /* bytes of that side are missing: look for the next PDU */
};

/* Integers in the order of the sender. */
static inline uint16_t dce_u16(struct reader *r, bool big)
{
	return big ? reader_u16(r) : reader_u16_le(r);
}

static inline uint32_t dce_u32(struct reader *r, bool big)
{
	return big ? reader_u32(r) : reader_u32_le(r);
}

/* dce_rpc_uuid.c: the wire's order of bytes (C706 appendix A) as that of the text. */
void dce_uuid(struct reader *r, bool big, uint8_t ret[DCE_UUID]);
const char *dce_uuid_text(const uint8_t uuid[DCE_UUID], char room[DCE_UUID_TEXT]);
bool dce_uuid_none(const uint8_t uuid[DCE_UUID]);

/* dce_rpc_interfaces.c: the interface of that UUID, or usual on that pipe; NULL: not known. */
const struct dce_interface *dce_interface_find(const uint8_t uuid[DCE_UUID]);
const struct dce_interface *dce_interface_on_pipe(struct bytes pipe);
/* The name of an operation, or NULL. */
const char *dce_operation(const struct dce_interface *i, unsigned opnum);
extern const struct dce_interface dce_interfaces[]; /* sorted by UUID */
extern const unsigned dce_interface_count;

/* dce_rpc_bind.c */
void dce_bind(struct parse *p, struct dce_rpc *rpc, const struct dce_pdu *pdu);
void dce_bind_answer(struct parse *p, struct dce_rpc *rpc, const struct dce_pdu *pdu);
void dce_bind_refused(struct parse *p, struct dce_rpc *rpc, const struct dce_pdu *pdu);
void dce_bind_fault(struct parse *p, struct dce_rpc *rpc, uint32_t status); /* an alter_context answered by a fault */
void dce_bind_close(struct parse *p, struct dce_rpc *rpc);
const struct dce_context *dce_context_find(const struct dce_rpc *rpc, uint16_t id);

/* dce_rpc_login.c: a token of the trailer; then what becomes of the logon. error is ignored on success. */
void dce_login_token(struct parse *p, struct dce_rpc *rpc, const struct dce_pdu *pdu);
/* A request under the logon's context: its proof must have been there, seen or not. */
void dce_login_used(struct parse *p, struct dce_rpc *rpc, const struct dce_pdu *pdu);
void dce_login_done(struct parse *p, struct dce_rpc *rpc, const char *outcome, uint32_t error);
/* Sets the account of the connection's logon in a record. */
void dce_login_name(const struct dce_rpc *rpc, struct record *r);

/* dce_rpc_call.c */
void dce_request(struct parse *p, struct dce_rpc *rpc, const struct dce_pdu *pdu);
void dce_response(struct parse *p, struct dce_rpc *rpc, const struct dce_pdu *pdu);
void dce_fault(struct parse *p, struct dce_rpc *rpc, const struct dce_pdu *pdu);
void dce_calls_close(struct parse *p, struct dce_rpc *rpc);
void dce_calls_release(struct dce_rpc *rpc);
struct dce_call *dce_call_find(struct dce_rpc *rpc, uint32_t id);
/* A blank call under that id; what waited there, or longest where the table is full, is told as unanswered. */
struct dce_call *dce_call_make(struct parse *p, struct dce_rpc *rpc, uint32_t id);
/* The whole stub of a request, in clear. */
void dce_call_arguments(struct parse *p, struct dce_rpc *rpc, struct dce_call *call, struct bytes stub);
/* Tells the call and forgets it; stub: what is known of the answer's end, in clear. */
void dce_call_answered(struct parse *p, struct dce_rpc *rpc, struct dce_call *call, struct bytes stub);
void dce_call_failed(struct parse *p, struct dce_rpc *rpc, struct dce_call *call, uint32_t status);

/* Whether the side under way asks (CLIENT) or answers, whatever the flow takes it for. */
enum side dce_side(struct parse *p, const struct dce_rpc *rpc);

/* dce_rpc_tell.c: a blank record of the connection, with carrier and account; NULL where nobody asks. */
struct record *dce_record(struct parse *p, const struct dce_rpc *rpc, uint64_t time_ns, uint64_t packet);
void dce_tell_ends(const struct dce_rpc *rpc, struct record *r); /* who asked is the source */
void dce_tell_interface(struct record *r, const struct dce_id *id);
void dce_tell_auth(struct record *r, unsigned level, unsigned type);

/* dce_rpc_layout.c: the shape of a request's arguments (see there), or NULL where nothing in it is told. */
const char *dce_layout(const struct dce_interface *i, unsigned opnum);

/* dce_rpc_argument.c: what a stub of that shape names, into fields of r. handle (may be NULL): its first context
 * handle, where it has one. */
void dce_arguments(const char *layout, struct bytes stub, bool big, bool wide, struct record *r, struct bytes *handle);

/* dce_rpc_epm.c: the endpoint mapper's towers (C706 appendices L and O). */
struct ndr;
void dce_epm_asked(struct ndr *n, struct record *r);
void dce_epm_answer(unsigned opnum, struct bytes stub, bool big, bool wide, struct record *r);

/* dce_rpc_activation.c: the class of the object that is to be activated; creates: RemoteCreateInstance. */
void dce_activation(struct ndr *n, struct record *r, bool creates);
void dce_activation_old(struct ndr *n, struct record *r);

/* dce_rpc_ndr.c: NDR and NDR64 values (C706 chapter 14, MS-RPCE section 2.2.5), aligned from the start of the stub. */
struct ndr {
	struct reader r;
	bool big, wide;
};

void ndr_align(struct ndr *n, size_t to);
uint16_t ndr_u16(struct ndr *n);
uint32_t ndr_u32(struct ndr *n);
uint32_t ndr_enum(struct ndr *n);  /* 16 bits in NDR, 32 in NDR64 */
uint64_t ndr_word(struct ndr *n);  /* a referent or a count: 32 or 64 bits */
/* The octets of a conformant and varying string of that width of character (1 or 2), without its end. */
struct bytes ndr_string(struct ndr *n, size_t width);

/* dce_rpc_datagram.c: connectionless PDUs (C706 section 12.5). */
enum probe dce_datagram_probe(struct bytes start);
enum parsed dce_datagram(struct parse *p, struct dce_rpc *rpc, struct reader *r);

#endif
