/* SPDX-License-Identifier: BSD-2-Clause */
#include "report_words.h"

struct words word(enum word w)
{
#define WORD_AS_ROW(id, en, ja) { en, ja },
	static const struct words table[] = { REPORT_WORDS(WORD_AS_ROW) };
#undef WORD_AS_ROW

	return table[w];
}
