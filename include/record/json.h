/* SPDX-License-Identifier: BSD-2-Clause
 * Records as JSON (RFC 8259), nested at the dots of the field names, keys in a fixed order: the same record always
 * gives the same bytes. Control characters, U+2028/2029 and DEL are escaped; SECRET fields are never written. */
#ifndef RECORD_JSON_H
#define RECORD_JSON_H

#include "base/error.h"
#include "base/text.h"
#include "record/record.h"

#define JSON_LINE 65536 /* room that holds any record */

/* One line without its newline, appended to out. */
void record_json(const struct record *r, struct text *out);

/* Reads a record from a JSON object (nested or with dotted keys), as in the examples of the rules. Unknown fields and
 * wrong types are errors. r is cleared first. */
bool record_from_json(struct bytes json, struct record *r, struct error *err) MUST_CHECK;

#endif
