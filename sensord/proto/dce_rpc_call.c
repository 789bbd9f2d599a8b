/* SPDX-License-Identifier: BSD-2-Clause
 * Calls (C706 sections 12.6.4.7 to 12.6.4.10): a request and its answer are one record, with the time of the request.
 * Stubs are put together from fragments only where something in them is told, and are in clear. A handle's name is
 * remembered from the call that opened it, so that "start this service" says which. */
#include <stdlib.h>

#include "dce_rpc.h"

#define ACCESS_DENIED 5u       /* Windows puts its own errors into faults (MS-RPCE section 3.1.1.5.5) */
#define SECURITY_ERROR 0x721u  /* RPC_S_SEC_PKG_ERROR: the proof was not accepted */
#define RESULT 4               /* bytes of an operation's result, the last ones of the answer */

struct dce_call *dce_call_find(struct dce_rpc *rpc, uint32_t id)
{
	for (unsigned i = 0; i < LIMIT_DCE_RPC_CALLS; i++)
		if (rpc->calls[i].used && rpc->calls[i].id == id)
			return &rpc->calls[i];
	return NULL;
}

static void stub_free(struct dce_rpc *rpc, struct dce_stub *s)
{
	rpc->held -= s->room;
	free(s->at);
	*s = (struct dce_stub){ 0 };
}

/* Keeps what has room. */
static void stub_add(struct dce_rpc *rpc, struct dce_stub *s, struct bytes b)
{
	uint32_t left = LIMIT_DCE_RPC_STUB - s->size;
	uint32_t n = b.size < left ? (uint32_t)b.size : left;

	if (n > s->room - s->size) {
		uint32_t needed = n - (s->room - s->size), more = needed;
		if (more < s->room) /* by doubling: a stub may come in thousands of pieces */
			more = s->room < LIMIT_DCE_RPC_STUB - s->room ? s->room : LIMIT_DCE_RPC_STUB - s->room;
		if (rpc->held + more > LIMIT_DCE_RPC_HOLD)
			more = needed;
		uint8_t *at = rpc->held + more <= LIMIT_DCE_RPC_HOLD ? realloc(s->at, s->room + more) : NULL;
		if (!at)
			return;
		s->at = at;
		s->room += more;
		rpc->held += more;
	}
	if (n > 0)
		memcpy(s->at + s->size, b.at, n);
	s->size += n;
}

static void forget(struct dce_rpc *rpc, struct dce_call *call)
{
	stub_free(rpc, &call->in);
	stub_free(rpc, &call->out);
	record_free(call->arguments);
	memset(call, 0, sizeof(*call));
}

void dce_calls_release(struct dce_rpc *rpc)
{
	for (unsigned i = 0; i < LIMIT_DCE_RPC_CALLS; i++)
		if (rpc->calls[i].used)
			forget(rpc, &rpc->calls[i]);
}

/* --- telling --- */

/* Of a named pipe whose bind was not captured, the pipe's name says what it usually carries. */
static const struct dce_interface *interface_of(const struct dce_call *call, const struct record *r)
{
	if (call->known)
		return dce_interface_find(call->interface.uuid);
	return dce_interface_on_pipe(record_text(r, FIELD_SMB_PIPE));
}

static struct record *begin(struct parse *p, const struct dce_rpc *rpc, const struct dce_call *call)
{
	char room[DCE_UUID_TEXT];
	struct record *r = dce_record(p, rpc, call->time_ns, call->packet);

	if (!r)
		return NULL;
	const struct dce_interface *i = interface_of(call, r);
	record_set_string(r, FIELD_EVENT_ACTION, "call");
	if (call->known)
		dce_tell_interface(r, &call->interface);
	else if (i)
		record_set_string(r, FIELD_DCE_RPC_ENDPOINT, i->name);
	record_set_uint(r, FIELD_DCE_RPC_OPNUM, call->opnum);
	record_set_string(r, FIELD_DCE_RPC_OPERATION, dce_operation(i, call->opnum));
	dce_tell_auth(r, call->auth_level, call->auth_type);
	record_set_bool(r, FIELD_DCE_RPC_ENCRYPTED, call->auth_level == DCE_PRIVACY);
	if (call->has_object && !dce_uuid_none(call->object))
		record_set_string(r, FIELD_DCE_RPC_OBJECT, dce_uuid_text(call->object, room));
	if (call->arguments)
		record_merge(r, call->arguments);
	return r;
}

static void tell_unanswered(struct parse *p, struct dce_rpc *rpc, struct dce_call *call)
{
	struct record *r = begin(p, rpc, call);

	record_set_string(r, FIELD_EVENT_OUTCOME, call->answered ? "success" : "unknown");
	parse_emit(p, r);
	forget(rpc, call);
}

void dce_calls_close(struct parse *p, struct dce_rpc *rpc)
{
	for (unsigned i = 0; i < LIMIT_DCE_RPC_CALLS; i++)
		if (rpc->calls[i].used)
			tell_unanswered(p, rpc, &rpc->calls[i]);
}

struct dce_call *dce_call_make(struct parse *p, struct dce_rpc *rpc, uint32_t id)
{
	struct dce_call *call = dce_call_find(rpc, id);

	for (unsigned i = 0; i < LIMIT_DCE_RPC_CALLS && !call; i++)
		if (!rpc->calls[i].used)
			call = &rpc->calls[i];
	if (!call) {
		call = &rpc->calls[0];
		for (unsigned i = 1; i < LIMIT_DCE_RPC_CALLS; i++)
			if (rpc->calls[i].packet < call->packet)
				call = &rpc->calls[i];
	}
	if (call->used)
		tell_unanswered(p, rpc, call);
	*call = (struct dce_call){ .used = true, .id = id, .time_ns = parse_time_ns(p), .packet = parse_packet(p),
				   .logged_on = rpc->login.ready };
	return call;
}

/* --- handles --- */

static const enum field named[] = { FIELD_DCE_RPC_ARG_SERVICE, FIELD_DCE_RPC_ARG_KEY, FIELD_DCE_RPC_ARG_NAME };

/* An operation that opens something gives back a handle and its result as the last of the answer. */
static void remember(struct dce_rpc *rpc, const struct dce_call *call, struct bytes stub)
{
	struct bytes name = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(named) && name.size == 0; i++)
		name = record_text(call->arguments, named[i]);
	if (name.size == 0 || stub.size < DCE_HANDLE + RESULT)
		return;
	struct dce_object *o = &rpc->objects[rpc->next_object];
	rpc->next_object = (uint16_t)((rpc->next_object + 1) % LIMIT_DCE_RPC_OBJECTS);
	memcpy(o->handle, stub.at + stub.size - RESULT - DCE_HANDLE, DCE_HANDLE);
	size_t n = name.size < sizeof(o->name) ? name.size : sizeof(o->name) - 1;
	memcpy(o->name, name.at, n);
	o->name[n] = '\0';
}

static const char *name_of(const struct dce_rpc *rpc, struct bytes handle)
{
	for (unsigned i = 0; i < LIMIT_DCE_RPC_OBJECTS; i++)
		if (rpc->objects[i].name[0] && bytes_equal(handle, bytes_of(rpc->objects[i].handle, DCE_HANDLE)))
			return rpc->objects[i].name;
	return NULL;
}

static void tell_handle(const struct dce_rpc *rpc, const struct dce_interface *i, struct bytes handle, struct record *r)
{
	const char *name = handle.size ? name_of(rpc, handle) : NULL;

	if (!name)
		return;
	if (strcmp(i->name, "svcctl") == 0 && !record_has(r, FIELD_DCE_RPC_ARG_SERVICE))
		record_set_string(r, FIELD_DCE_RPC_ARG_SERVICE, name);
	else if (strcmp(i->name, "winreg") == 0 && !record_has(r, FIELD_DCE_RPC_ARG_KEY))
		record_set_string(r, FIELD_DCE_RPC_ARG_KEY, name);
}

/* --- requests --- */

void dce_call_arguments(struct parse *p, struct dce_rpc *rpc, struct dce_call *call, struct bytes stub)
{
	struct record *r = dce_record(p, rpc, call->time_ns, call->packet);
	if (!r)
		return;
	const struct dce_interface *i = interface_of(call, r);
	const char *layout = i ? dce_layout(i, call->opnum) : NULL;
	if (!layout)
		return;
	struct bytes handle = { 0 };
	record_clear(r, DATASET_DCE_RPC, call->time_ns);
	dce_arguments(layout, stub, call->big, call->wide, r, &handle);
	tell_handle(rpc, i, handle, r);
	if (r->n_values > 0)
		call->arguments = record_copy(r);
}

static bool wants_stub(struct parse *p, const struct dce_call *call)
{
	if (call->auth_level == DCE_PRIVACY || !parse_wants(p, DATASET_DCE_RPC))
		return false;
	const struct dce_interface *i = call->known ? dce_interface_find(call->interface.uuid) : NULL;
	return !call->known || (i && dce_layout(i, call->opnum));
}

static void begin_call(const struct dce_rpc *rpc, struct dce_call *call, const struct dce_pdu *pdu, uint16_t context)
{
	const struct dce_context *c = dce_context_find(rpc, context);

	call->big = pdu->big;
	if (c) {
		call->known = true;
		call->interface = c->interface;
		call->wide = c->syntax == DCE_NDR64;
	}
	call->auth_level = pdu->auth_level;
	call->auth_type = pdu->auth_type;
	if (!pdu->auth_level && rpc->auth_level == 2) { /* connect: the calls themselves carry nothing */
		call->auth_level = rpc->auth_level;
		call->auth_type = rpc->auth_type;
	}
}

void dce_request(struct parse *p, struct dce_rpc *rpc, const struct dce_pdu *pdu)
{
	struct reader r = reader_open(pdu->body);
	reader_skip(&r, 4); /* alloc_hint */
	uint16_t context = dce_u16(&r, pdu->big);
	uint16_t opnum = dce_u16(&r, pdu->big);
	uint8_t object[DCE_UUID] = { 0 };

	if (pdu->flags & DCE_OBJECT)
		dce_uuid(&r, pdu->big, object);
	if (!reader_ok(&r))
		return;
	dce_login_used(p, rpc, pdu);
	bool first = pdu->flags & DCE_FIRST;
	struct dce_call *call = first ? dce_call_make(p, rpc, pdu->call_id) : dce_call_find(rpc, pdu->call_id);
	if (!call || call->complete)
		return;
	if (first) {
		begin_call(rpc, call, pdu, context);
		call->opnum = opnum;
		call->has_object = pdu->flags & DCE_OBJECT;
		memcpy(call->object, object, DCE_UUID);
	}
	call->complete = pdu->flags & DCE_LAST;
	if (!wants_stub(p, call))
		return;
	if (call->complete && call->in.size == 0) {
		dce_call_arguments(p, rpc, call, reader_rest(&r));
		return;
	}
	stub_add(rpc, &call->in, reader_rest(&r));
	if (!call->complete)
		return;
	dce_call_arguments(p, rpc, call, bytes_of(call->in.at, call->in.size));
	stub_free(rpc, &call->in);
}

/* --- answers --- */

/* Errors that say "there is more" or "the room was too small" are steps of an ordinary dialogue. */
static bool is_failure(enum dce_result kind, uint32_t code)
{
	static const uint32_t ordinary[] = { 0, 122, 234, 259 };

	if (kind == DCE_NTSTATUS)
		return code >> 30 == 3 && code != 0xc0000023; /* STATUS_BUFFER_TOO_SMALL */
	if (kind == DCE_HRESULT)
		return code >> 31;
	for (size_t i = 0; i < ARRAY_SIZE(ordinary); i++)
		if (code == ordinary[i])
			return false;
	return true;
}

/* True where the operation says that it failed. */
static bool tell_result(const struct dce_interface *i, const struct dce_call *call, struct bytes stub, struct record *r)
{
	if (!i || i->result == DCE_NO_RESULT || stub.size < RESULT || call->auth_level == DCE_PRIVACY)
		return false;
	struct reader end = reader_open(bytes_of(stub.at + stub.size - RESULT, RESULT));
	uint32_t code = dce_u32(&end, call->big);
	record_printf(r, FIELD_DCE_RPC_RETURN_CODE, "0x%08x", code);
	return is_failure(i->result, code);
}

static bool is_mapper(const struct dce_interface *i)
{
	return i && strcmp(i->name, "epmapper") == 0;
}

void dce_call_answered(struct parse *p, struct dce_rpc *rpc, struct dce_call *call, struct bytes stub)
{
	struct record *r = begin(p, rpc, call);
	const struct dce_interface *i = r ? interface_of(call, r) : NULL;

	if (r && is_mapper(i) && call->auth_level != DCE_PRIVACY)
		dce_epm_answer(call->opnum, stub, call->big, call->wide, r);
	bool failed = r && tell_result(i, call, stub, r);
	if (!failed && i && i->result != DCE_NO_RESULT && call->arguments && call->auth_level != DCE_PRIVACY)
		remember(rpc, call, stub);
	record_set_string(r, FIELD_EVENT_OUTCOME, failed ? "failure" : "success");
	parse_emit(p, r);
	forget(rpc, call);
}

void dce_call_failed(struct parse *p, struct dce_rpc *rpc, struct dce_call *call, uint32_t status)
{
	struct record *r = begin(p, rpc, call);

	record_set_string(r, FIELD_EVENT_OUTCOME, "failure");
	record_printf(r, FIELD_DCE_RPC_STATUS, "0x%08x", status);
	parse_emit(p, r);
	forget(rpc, call);
}

void dce_response(struct parse *p, struct dce_rpc *rpc, const struct dce_pdu *pdu)
{
	struct reader r = reader_open(pdu->body);
	struct dce_call *call = dce_call_find(rpc, pdu->call_id);

	reader_skip(&r, 8); /* alloc_hint, context, cancel count */
	if (!reader_ok(&r) || !call)
		return;
	if (call->logged_on)
		dce_login_done(p, rpc, "success", 0);
	bool first = !call->answered;
	call->answered = true;
	if (first && pdu->flags & DCE_LAST) {
		dce_call_answered(p, rpc, call, reader_rest(&r));
		return;
	}
	const struct dce_interface *i = call->known ? dce_interface_find(call->interface.uuid) : NULL;
	if (is_mapper(i) && call->auth_level != DCE_PRIVACY)
		stub_add(rpc, &call->out, reader_rest(&r));
	if (!(pdu->flags & DCE_LAST))
		return;
	dce_call_answered(p, rpc, call, is_mapper(i) ? bytes_of(call->out.at, call->out.size) : reader_rest(&r));
}

void dce_fault(struct parse *p, struct dce_rpc *rpc, const struct dce_pdu *pdu)
{
	struct reader r = reader_open(pdu->body);
	struct dce_call *call = dce_call_find(rpc, pdu->call_id);

	reader_skip(&r, 8);
	uint32_t status = dce_u32(&r, pdu->big);
	if (!reader_ok(&r))
		return;
	if (call ? call->logged_on : rpc->login.ready) {
		if (status == ACCESS_DENIED || status == SECURITY_ERROR)
			dce_login_done(p, rpc, "failure", status);
		else
			dce_login_done(p, rpc, "success", 0);
	}
	if (call)
		dce_call_failed(p, rpc, call, status);
	else if (rpc->bind.used)
		dce_bind_fault(p, rpc, status);
}
