/* SPDX-License-Identifier: BSD-2-Clause
 * Compiler attributes used in contracts. */
#ifndef BASE_ATTRIBUTES_H
#define BASE_ATTRIBUTES_H

/* The result must be looked at. */
#define MUST_CHECK __attribute__((warn_unused_result))
/* printf-like: format is argument f, values start at argument v. */
#define PRINTF(f, v) __attribute__((format(printf, f, v)))

/* A large buffer whose unused part nobody looks at: not cleared where automatic variables are (-ftrivial-auto-var-init). */
#ifdef __has_attribute
#if __has_attribute(uninitialized)
#define UNINITIALIZED __attribute__((uninitialized))
#endif
#endif
#ifndef UNINITIALIZED
#define UNINITIALIZED
#endif

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
