/* SPDX-License-Identifier: BSD-2-Clause
 * Sigma 2.1 rules: loaded, checked against the field registry, compiled once, matched against records (DESIGN 5).
 * What fires is reported to the caller; making an alert of it is detect/alert's work. */
#ifndef DETECT_RULE_H
#define DETECT_RULE_H

#include "base/error.h"
#include "base/hash.h"
#include "record/contact.h"
#include "record/interest.h"

struct rules; /* the compiled set, with the state of its correlations */

enum level { LEVEL_INFORMATIONAL, LEVEL_LOW, LEVEL_MEDIUM, LEVEL_HIGH, LEVEL_CRITICAL };
const char *level_name(enum level l);
bool level_find(const char *name, enum level *ret);

/* What a document says of itself. Strings live as long as the rules. */
struct rule_about {
	const char *rule_id;       /* ours: "A-01", the first four characters of name; foreign: the name, or the UUID */
	const char *name;          /* Sigma name: "A-01", or "A-01-many" for a further document of the same rule */
	const char *uuid, *title, *description, *status, *author;
	enum level level;
	const char *const *tags; size_t n_tags;
	const char *const *falsepositives; size_t n_falsepositives;
	const char *measure;       /* "A" … "F" from the tag ipa.a; NULL for foreign rules */
	const char *basis;         /* from the tag basis.guide …; NULL for foreign rules */
	const char *const *techniques; size_t n_techniques; /* "T1071.001", from attack.t… */
	/* Fields that make two matches the same alert, from the custom attribute `alert_by` (list of field names); for a
	 * correlation its group-by. Empty: source.ip and destination.ip. */
	const enum field *group; size_t n_group;
	uint64_t suppress_ns;      /* custom attribute `suppress` (timespan), default 10 minutes */
	bool is_correlation, enabled;
	const char *file; unsigned line;
	uint32_t datasets;         /* kinds of record it looks at */
};

/* Why a rule fired. Views are valid during the call. */
struct match {
	const struct rule_about *rule;
	const struct record *record;           /* the record that completed it */
	uint64_t count;                        /* correlation: events in the window; else 1 */
	uint64_t first_ns;                     /* first event of the window */
	const uint64_t *evidence; size_t n_evidence;       /* ids of records behind it, oldest first, at most 16 */
	const uint64_t *packets;               /* their packet numbers (0 unknown), same order */
	const char *const *files;              /* and capture files (NULL unknown); may be NULL */
	const char *const *values; size_t n_values;        /* value_count: distinct values, at most 10 */
};
typedef void match_sink(void *context, const struct match *m);

struct rules_settings {
	const char *const *paths; size_t n_paths;       /* files and folders (read in name order) */
	/* Fills a placeholder: calls see for each value; false where the name is unknown. */
	bool (*placeholder)(const void *context, const char *name, void (*see)(void *to, const char *value), void *to);
	const void *placeholder_context;
	const char *const *disabled; size_t n_disabled; /* rule ids or names */
	const char *const *levels; size_t n_levels;     /* pairs: rule id or name, level */
	size_t max_state;                               /* ceiling of correlation groups, all rules together */
	struct hash_key key;                            /* of the table of groups, whose keys the network chooses */
};

/* Loads everything; each problem goes to complain (NULL: dropped). NULL where any document has an error. */
struct rules *rules_load(const struct rules_settings *s, void (*complain)(void *to, const struct error *err), void *to);
/* The same with one more file whose text is at hand; name stands in its error lines. */
struct rules *rules_parse(const struct rules_settings *s, const char *name, struct bytes yaml,
			  void (*complain)(void *to, const struct error *err), void *to);
void rules_free(struct rules *r);
/* The same compiled rules for rules_interest on another thread, with room of its own. NULL where there is no memory. */
struct rules *rules_view_new(const struct rules *r);
void rules_view_free(struct rules *view);
/* After rules_adopt, for a view made before it. */
void rules_view_renew(struct rules *view, const struct rules *r);
/* Takes over what the correlations of `before` hold, where this set has the same correlation: same name and UUID, same
 * text (level and switch of the site file aside), same rules behind it with the same text. The values that placeholders
 * stand for may have changed: what was counted under the old ones stays counted. The others begin anew; `before` can
 * only be asked rules_may_match and be freed afterwards. Needs no memory. */
void rules_adopt(struct rules *now, struct rules *before, uint64_t now_ns);
/* The enabled rule that goes by the same name (or UUID, or title where it has neither); NULL where there is none. */
const struct rule_about *rules_same(const struct rules *r, const struct rule_about *about);
size_t rules_count(const struct rules *r);
const struct rule_about *rules_about(const struct rules *r, size_t index); /* sorted by name, then title */
/* Kinds of record that any enabled rule looks at (DATASET_BITs). */
uint32_t rules_datasets(const struct rules *r);
/* True where any enabled rule reads this field: trackers need not compute what nobody reads. */
bool rules_read_field(const struct rules *r, enum field f);
/* Could any rule match a record of this kind that has, of the fields `known` (n of them), exactly the values that
 * `partial` has, whatever its other fields are? 0: none could. INTEREST_RECORD: some may. Other bits: those that match
 * only count who reaches whom, and rules_contact is enough for them. */
uint64_t rules_interest(struct rules *r, const struct record *partial, const enum field *known, size_t n);
/* The greatest number that any rule compares this field with: beyond it they tell no values apart. */
uint64_t rules_greatest(const struct rules *r, enum field f);
/* Counts a contact for what its `feeds` say. False where a count that a rule waits for would be reached: nothing has been
 * counted, and its record must be matched instead. */
bool rules_contact(struct rules *r, const struct contact *c);
/* Matches one record against all rules. Records come in time order, give or take the reorder of capture files. */
void rules_match(struct rules *r, const struct record *record, match_sink *sink, void *context);
/* Correlations whose window ends are swept; nothing fires from here. */
void rules_expire(struct rules *r, uint64_t now_ns);
/* Windows of correlations, and about how many bytes they take. */
void rules_held(const struct rules *r, size_t *ret_windows, size_t *ret_bytes);

#endif
