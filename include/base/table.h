/* SPDX-License-Identifier: BSD-2-Clause
 * A table with a ceiling: fixed-size keys and values, oldest use evicted first when full. What the detection side
 * remembers per client, per pair, per tunnel lives in one of these.
 *
 * Keys are compared as bytes: a key struct must be zeroed before it is filled. Values are zeroed when made; pointers
 * to values stay valid until the entry goes. Growth is on demand up to the ceiling. */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"

struct table;

/* max: most entries ever held (at least 1). drop: called before an entry goes (evicted, removed, expired, freed); may
 * be NULL. NULL where there is no memory. */
struct table *table_new(size_t key_size, size_t value_size, size_t max, const struct hash_key *key,
			void (*drop)(void *context, const void *key, void *value), void *context);
void table_free(struct table *t);

/* The value under key, marked as used at now_ns; NULL where there is none. */
void *table_find(struct table *t, const void *key, uint64_t now_ns);
/* The same without marking it as used. */
void *table_peek(const struct table *t, const void *key);
/* The value under key, made (zeroed) where there is none; NULL without memory. When the table is full the entry unused
 * for longest goes. ret_new may be NULL. */
void *table_make(struct table *t, const void *key, uint64_t now_ns, bool *ret_new);
void table_remove(struct table *t, const void *key);
/* Removes entries last used before before_ns, oldest first. Returns how many. */
size_t table_expire(struct table *t, uint64_t before_ns);
/* Removes the entry unused for longest, for callers with a ceiling of their own; false where the table is empty. */
bool table_evict(struct table *t);
/* Walks all entries, oldest use first; see may not change the table. */
void table_walk(const struct table *t, void (*see)(void *context, const void *key, void *value), void *context);
/* Removes the entries that keep says no to. Returns how many. */
size_t table_prune(struct table *t, bool (*keep)(void *context, const void *key, void *value), void *context);

size_t table_count(const struct table *t);
size_t table_bytes(const struct table *t); /* without what its values point to */
uint64_t table_evicted(const struct table *t); /* entries that had to go because the table was full */

#endif
