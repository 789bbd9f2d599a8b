/* SPDX-License-Identifier: BSD-2-Clause
 * What the files of the Sigma engine share: the compiled form of a rule and the way from a document to it.
 *
 * A detection becomes a tree of `expr`; its leaves are `item`s (one line of a map: field, modifiers, values), whose
 * values are `test`s. Everything compiled lives in the store of the set and is never changed after loading. */
#ifndef DETECT_RULE_PRIVATE_H
#define DETECT_RULE_PRIVATE_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/hash.h"
#include "base/instant.h"
#include "base/limits.h"
#include "base/table.h"
#include "base/text.h"
#include "conf/table.h"
#include "detect/rule.h"
#include "record/contact.h"

#define RULE_FILES 20000         /* files of one load */
#define RULE_DEPTH 32            /* nesting of conditions */
#define RULE_CHAIN 8             /* correlations of correlations */
#define RULE_TERMS 128           /* terms of one chain of "and" or "or" */
#define RULE_VALUES 65536        /* values of one item, placeholders filled */
#define RULE_SOURCES 3           /* fields that one foreign name may stand for */
#define RULE_CHILDREN 16         /* rules of one temporal_ordered correlation */
#define RULE_THRESHOLD 65536     /* largest count that a correlation may wait for */
#define RULE_EVENTS 1024         /* events kept of a group, where the threshold does not need more */
#define RULE_EVENTS_A_GROUP 16   /* events kept on average, all groups together */
#define RULE_EVENTS_ALWAYS 8     /* events that any group may keep */
#define RULE_LATE 8              /* late events in a row that start a window anew */
#define RULE_FEEDS 54            /* rules fed with contacts; further ones get records */
#define RULE_GENERATION_SHIFT RULE_FEEDS /* above their bits: the set of rules that answered, below INTEREST_TRACKER */
#define RULE_EVIDENCE 16         /* records named in a match */
#define RULE_SHOWN_VALUES 10     /* values named in a match */
#define RULE_VALUE_TEXT 128      /* bytes kept of such a value */
#define RULE_MATCH_LIMIT 100000  /* steps of one regular expression (PCRE2 match limit) */
#define RULE_HEAP_LIMIT 1024     /* KiB of one regular expression */
#define RULE_ROOM (2 * LIMIT_FIELD_TEXT + 2)

/* ---- store ---- */

struct store_block;
struct store { struct store_block *blocks; };
/* Zeroed memory that lives as long as the store; NULL where there is none. */
void *store_take(struct store *a, size_t size);
char *store_string(struct store *a, struct bytes b);
void store_release(struct store *a);

/* ---- the compiled form ---- */

/* Fields that no record holds under one name; numbered behind the registry. */
enum { SOURCE_PATH_QUERY = FIELD_COUNT, SOURCE_ROOTED_PATH, SOURCE_COUNT };

enum test_kind { TEST_EQUAL, TEST_START, TEST_END, TEST_CONTAIN, TEST_GLOB, TEST_PRESENT, TEST_REGEX };
enum compare { COMPARE_EQ, COMPARE_LT, COMPARE_LTE, COMPARE_GT, COMPARE_GTE };
enum token { TOKEN_LITERAL, TOKEN_ANY, TOKEN_ONE, TOKEN_DASH };

struct number {
	bool whole; /* uint holds it exactly */
	uint64_t uint;
	double real;
};

struct test {
	enum test_kind kind;      /* text */
	struct bytes needle;      /* text: in lower case unless the item is cased */
	const uint8_t *tokens;    /* GLOB: an enum token for each byte of needle */
	pcre2_code *regex;
	union {
		struct number number;
		struct address_range range;
		bool boolean;
	};
};

enum item_kind {
	ITEM_TEXT, ITEM_NUMBER, ITEM_BOOL, ITEM_ADDRESS, ITEM_EXISTS, ITEM_REFERENCE, ITEM_KEYWORD,
};
enum time_part { PART_NONE, PART_MINUTE, PART_HOUR, PART_DAY, PART_WEEK, PART_MONTH, PART_YEAR };

struct item {
	enum item_kind kind;
	bool negate;                 /* neq, or `exists: false` */
	bool all;                    /* every test holds, not just one */
	bool cased;
	bool searches;               /* TEXT: what does not hold for a text does not hold for its end either */
	bool absent_too;             /* the empty value stands for an absent field as well (logs of a proxy) */
	enum time_part part;
	enum compare compare;        /* NUMBER */
	enum test_kind reference;    /* REFERENCE: EQUAL, START, END, CONTAIN */
	uint16_t other;              /* REFERENCE: the source compared with */
	uint8_t n_sources;
	uint16_t sources[RULE_SOURCES];
	const struct test *tests;
	size_t n_tests;
};

enum expr_kind { EXPR_ITEM, EXPR_AND, EXPR_OR, EXPR_NOT };
struct expr {
	enum expr_kind kind;
	unsigned cost; /* estimated; cheap parts are asked first */
	const struct item *item;
	const struct expr **parts;
	size_t n_parts;
};

struct field_set { uint64_t bits[(FIELD_COUNT + 63) / 64]; };
static inline void field_set_add(struct field_set *s, enum field f) { s->bits[f / 64] |= UINT64_C(1) << (f % 64); }
static inline bool field_set_has(const struct field_set *s, enum field f) { return s->bits[f / 64] >> (f % 64) & 1; }

enum correlation_kind {
	CORRELATION_EVENT_COUNT, CORRELATION_VALUE_COUNT, CORRELATION_VALUE_SUM, CORRELATION_VALUE_AVG,
	CORRELATION_TEMPORAL, CORRELATION_TEMPORAL_ORDERED,
};

/* The condition of a correlation: conjunction of comparisons. */
struct bounds {
	bool has[6];
	double value[6]; /* indexed by enum compare; the sixth is neq */
};
#define BOUND_NEQ 5

struct correlation {
	enum correlation_kind kind;
	uint64_t timespan_ns;
	struct bounds bounds;
	struct rule **children;
	size_t n_children;
	enum field *group;        /* n_children rows of n_group fields: aliases differ from rule to rule */
	size_t n_group;
	enum field *values;       /* of value_count, value_sum, value_avg */
	size_t n_values;
	size_t max_events;
	bool generate;            /* what it refers to fires as well */
	/* Counts of the same values in the same groups of one rule, which differ in their numbers, share the windows of the
	 * first of them, the family. A number of its own otherwise. */
	struct rule *family, *next_member;
	uint64_t since_ns;        /* what the windows hold of before is not its: it came, or changed, then */
	uint64_t family_ns;       /* longest timespan in the family */
	size_t family_events;
};

struct parent { struct rule *rule; size_t child; }; /* a correlation, and which of its rules this one is */

struct rule {
	struct rule_about about;
	const struct expr *expr;           /* detections */
	struct correlation *correlation;   /* correlations */
	struct parent *parents;
	size_t n_parents;
	uint64_t feed;                     /* its bit in the mask of those that are fed with contacts; 0: it needs records */
	bool silent;                       /* feeds a correlation that does not ask for it to fire by itself */
	uint8_t visit;                     /* search for cycles: 1 open, 2 done */
	uint32_t number;                   /* place in the set */
	uint64_t text;                     /* hash of what the document says, filters included (rule_keep.c) */
	uint64_t identity;                 /* the same with its name, and what it is made of */
	uint64_t window_identity;          /* keys its windows */
	const struct document *document;   /* while loading: where it stands */
	const struct node *root;
	const struct foreign_source *foreign;
	bool generated;                    /* some correlation lets it fire by itself */
	struct field_set reads;
};

#define CANDIDATE_RULES 512   /* rules of one kind of record; beyond that each is tried */
#define VERDICT_FIELDS 32     /* fields read by the rules of a class; beyond that nothing is remembered */
#define VERDICT_RULES 3       /* rules that hold for one record; more are tried each time */
#define CANDIDATE_CLASSES 1024 /* classes of records remembered */

/* Rules that records of a class may match: those that do not fail by action and roles alone. */
struct candidates {
	uint64_t class;
	bool known;
	uint64_t rules[CANDIDATE_RULES / 64]; /* bits by place in by_dataset */
	/* What those rules read (rule_verdict.c). */
	bool remembers;
	uint8_t n_fields;
	uint16_t fields[VERDICT_FIELDS];
	uint32_t n_tried, n_known;
};

/* The rules that held, by place in by_dataset and in its order. */
struct verdict {
	uint64_t hash; /* 0: none */
	uint16_t n;
	uint16_t rules[VERDICT_RULES];
};

#define WINDOW_TEXTS 1u /* bit of a window identity: its events carry texts */

/* What the correlations hold; goes over to the next set of rules when they are replaced. */
struct windows {
	struct table *table;
	struct hash_key key;               /* of groups and values, which the network chooses */
	size_t n_events, max_events;       /* held in all windows */
	char **files;                      /* capture files that events stand in */
	size_t n_files;
};

struct rules {
	struct candidates *candidates;
	struct verdict *verdicts;
	struct store store;
	struct rule **list;
	size_t n_list, max_list;
	struct rule **by_dataset[DATASET_COUNT];
	size_t n_by_dataset[DATASET_COUNT];
	uint32_t datasets;
	struct field_set reads;
	pcre2_code **codes;
	size_t n_codes, max_codes;
	pcre2_match_data *match_data;
	pcre2_match_context *match_context;
	const struct rule *feeds[RULE_FEEDS];
	size_t n_feeds;
	uint8_t generation;                /* of sets that followed one another: others' masks are not ours */
	struct hash_key key;               /* of classes of records, which the network chooses */
	struct windows *windows;
	struct known { uint64_t identity; struct rule *rule; } *known; /* correlations that are live, by identity */
	uint64_t *kept;                    /* the identities of their windows, sorted */
	size_t n_known;
	uint64_t longest_ns;               /* longest timespan */
	/* Room for one value made or folded; a set is matched by one thread. */
	char room[RULE_ROOM], other_room[RULE_ROOM], folded[RULE_ROOM];
	struct bytes folded_from;          /* what `folded` holds; empty: nothing */
};

/* ---- from document to rule ---- */

struct foreign_source; /* a log source that is not ours */

struct compile {
	struct rules *rules;
	const struct rules_settings *settings;
	const struct document *document;
	const struct foreign_source *foreign; /* NULL: our own field names only */
	uint32_t datasets;
	struct field_set *reads;
	struct error *err;
	unsigned depth; /* of correlations being linked */
};

/* What a field name of a rule stands for. */
struct operand {
	uint8_t n_sources;
	uint16_t sources[RULE_SOURCES];
	double scale;                          /* of numbers; 0: as they are */
	const struct foreign_word *words;      /* vocabulary that differs; NULL: none */
	bool absent_is_empty, hexadecimal;
};

/* One word of a foreign vocabulary and what it is in ours (NULL-terminated; none: nothing we see). */
struct foreign_word { const char *word; const char *ours[4]; };

/* Modifiers of one item, as written. */
struct modifiers {
	uint32_t bits;
	enum compare compare;
	enum time_part part;
	unsigned n_encodings;
	uint8_t encodings[8];
};
enum {
	MOD_CONTAINS = 1u << 0,
	MOD_STARTSWITH = 1u << 1,
	MOD_ENDSWITH = 1u << 2,
	MOD_ALL = 1u << 3,
	MOD_RE = 1u << 4,
	MOD_RE_I = 1u << 5,
	MOD_RE_M = 1u << 6,
	MOD_RE_S = 1u << 7,
	MOD_CIDR = 1u << 8,
	MOD_EXISTS = 1u << 9,
	MOD_CASED = 1u << 10,
	MOD_NEQ = 1u << 11,
	MOD_FIELDREF = 1u << 12,
	MOD_EXPAND = 1u << 13,
	MOD_WINDASH = 1u << 14,
	MOD_COMPARE = 1u << 15,
	MOD_PART = 1u << 16,
	MOD_ENCODE = 1u << 17,
};
enum encoding { ENCODING_BASE64, ENCODING_BASE64OFFSET, ENCODING_UTF16LE, ENCODING_UTF16BE, ENCODING_UTF16 };

/* Values as written, placeholders filled; grows by values_add. */
struct values { const char **items; const struct node **nodes; size_t count, max; };
void values_release(struct values *v);

/* rule_modifier.c: "field|mod|mod"; the bytes before the first bar go to *ret_field. */
bool modifiers_parse(struct compile *c, const struct node *n, struct bytes *ret_field, struct modifiers *ret);

/* rule_value.c: the scalars of a value (scalar or list) as text, placeholders filled where asked. wildcards: values
 * of placeholders keep their wildcards but their backslashes are plain. */
bool values_read(struct compile *c, const struct node *n, const struct modifiers *m, bool wildcards,
		 struct values *ret);

/* rule_text.c: tests on text. */
bool tests_text(struct compile *c, const struct modifiers *m, const struct operand *o, const struct values *v,
		struct item *ret);
/* rule_search.c: one test of an item on one text. */
/* Bytes of a dash at the start of s: '-', '/', U+2013, U+2014, U+2015; 0 where there is none. */
size_t dash_size(struct bytes s);
bool test_holds(struct rules *r, const struct test *t, bool cased, struct bytes text);

/* Is text equal to, beginning with, ending in, or holding the other one? */
bool text_relates(enum test_kind how, bool cased, struct bytes text, struct bytes other);

/* rule_typed.c: tests on numbers, truth values, addresses. */
bool tests_number(struct compile *c, const struct operand *o, const struct values *v, struct item *ret);
bool truth_parse(const char *text, bool *ret);
bool tests_bool(struct compile *c, const struct values *v, struct item *ret);
bool tests_address(struct compile *c, const struct modifiers *m, const struct values *v, struct item *ret);

/* rule_item.c: one line of a map. NULL with c->err set on error. */
const struct expr *item_compile(struct compile *c, const struct node *n);
const struct expr *keyword_compile(struct compile *c, const struct node *n, bool all);

/* rule_expr.c */
const struct expr *expr_item(struct compile *c, const struct item *item);
/* AND, OR of n parts; parts are copied. One part alone is itself. */
const struct expr *expr_join(struct compile *c, enum expr_kind kind, const struct expr *const *parts, size_t n);
const struct expr *expr_not(struct compile *c, const struct expr *part);

/* rule_detection.c: `detection`, or `filter`: named selections and their condition. */
const struct expr *detection_compile(struct compile *c, const struct node *map);

/* rule_condition.c */
struct selection { const char *name; const struct expr *expr; };
const struct expr *condition_compile(struct compile *c, const struct node *n, const struct selection *all,
				     size_t count);

/* rule_foreign.c: the one table of foreign names. */
bool logsource_find(struct compile *c, const struct node *root, const struct expr **ret_implied);
/* at_key: the name stands in the key of the node, for the error line. */
bool operand_find(struct compile *c, const struct node *n, bool at_key, struct bytes name, struct operand *ret);

/* rule_about.c: what a document says of itself. */
bool about_read(struct compile *c, const struct node *root, struct rule *ret);
/* A scalar under key, copied; *ret is untouched where it is absent. */
bool about_string(struct compile *c, const struct node *map, const char *key, const char **ret);
/* The fields that a scalar or list names. */
bool about_fields(struct compile *c, const struct node *n, enum field **ret, size_t *ret_count);

/* rule_correlation.c: reads the section, without its references; links them; fires. */
bool correlation_read(struct compile *c, const struct node *root, struct rule *r);
bool correlation_link(struct compile *c, struct rule *r);
struct rule *rules_find(const struct rules *r, const char *name);

/* rule_filter.c: applies the filter document to the rules it names. */
bool filter_apply(struct compile *c, const struct node *root);

/* rule_match.c */
bool compare_real(enum compare how, double a, double b);
bool expr_holds(struct rules *rules, const struct expr *e, const struct record *r);
/* All rule_fire.c needs of a hit. */
struct hit {
	struct rules *rules;
	const struct record *record;
	match_sink *sink;
	void *context;
};
/* rule_fire.c: child of the correlation has matched; may fire it and those above it. */
void correlation_feed(const struct hit *h, const struct parent *p, unsigned depth);
/* rule_contact.c: families and feeds, once all rules are linked. */
void feeds_make(struct rules *r);
/* May counts of this kind share windows with others of the same rule, group and values? */
bool shares_windows(const struct correlation *k);
/* They do where this is the same: a count over minutes must begin anew when the clock was set back by hours, though one
 * over a day goes on. */
uint64_t windows_reach(const struct correlation *k);
bool windows_new(struct rules *r, const struct rules_settings *s);
void windows_free(struct windows *all);
/* Drops the windows of correlations that are not to be kept. */
void windows_prune(struct windows *all, bool (*keep)(const void *context, uint64_t identity), const void *context);
/* rule_keep.c: notes what a document, or a filter on a rule, says; once all are linked: who is who. */
void keep_text(struct rule *r, const struct node *root);
bool keep_identities(struct rules *r);
/* Is it asked about records at all? What only feeds correlations that are all switched off is not. */
bool rule_is_live(const struct rule *r);
struct bytes fold(struct rules *r, struct bytes text);
/* rule_match.c: the rule holds for this record: tells the sink and the correlations above. */
void rule_fire(const struct hit *h, struct rule *r, const struct match *m, unsigned depth);

/* Error lines; always false: out of memory; at the key of a node. */
bool compile_memory(struct compile *c);
bool key_error(struct compile *c, const struct node *n, const char *format, ...) PRINTF(3, 4);

/* Which rules of the record's kind are worth trying; NULL: all of them. */
struct candidates *rules_candidates(struct rules *r, const struct record *record);

/* rule_verdict.c. Finds out what the rules of a class read, once they are known. */
void verdict_prepare(struct rules *r, enum dataset d, struct candidates *c);
/* Where the verdict on such a record stands if its hash is *ret_hash, and may be kept if not; NULL: it is not kept. */
struct verdict *verdict_place(struct rules *r, struct candidates *c, const struct record *record, uint64_t *ret_hash);

/* rule_cite.c: packet number and capture file in one word; the file's name lasts as long as the windows, NULL: unknown. */
uint64_t rule_cite(struct windows *all, struct bytes file, uint64_t packet);
const char *rule_cited(const struct windows *all, uint64_t cited, uint64_t *ret_packet);
void rule_cites_free(struct windows *all);

#endif
