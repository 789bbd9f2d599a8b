/* SPDX-License-Identifier: BSD-2-Clause
 * Civil dates after Howard Hinnant, "chrono-compatible low-level date algorithms". */
#include "base/instant.h"

#include <string.h>

void instant_civil(int64_t days, int *ret_year, unsigned *ret_month, unsigned *ret_day)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	unsigned doe = (unsigned)(z - era * 146097);
	unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	unsigned mp = (5 * doy + 2) / 153;

	*ret_day = doy - (153 * mp + 2) / 5 + 1;
	*ret_month = mp < 10 ? mp + 3 : mp - 9;
	*ret_year = (int)(yoe + era * 400) + (*ret_month <= 2);
}

int64_t instant_days(int year, unsigned month, unsigned day)
{
	int64_t y = year - (month <= 2);
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	unsigned yoe = (unsigned)(y - era * 400);
	unsigned doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return era * 146097 + doe - 719468;
}

static void digits(char *out, unsigned n, uint64_t v)
{
	while (n > 0) {
		out[--n] = (char)('0' + v % 10);
		v /= 10;
	}
}

const char *instant_format(uint64_t time_ns, char out[INSTANT_TEXT])
{
	static const char pattern[] = "0000-00-00T00:00:00.000000000Z";
	uint64_t seconds = time_ns / NS_PER_S, second = seconds % 86400;
	int year;
	unsigned month, day;

	instant_civil((int64_t)(seconds / 86400), &year, &month, &day);
	memcpy(out, pattern, sizeof(pattern));
	digits(out, 4, (uint64_t)year);
	digits(out + 5, 2, month);
	digits(out + 8, 2, day);
	digits(out + 11, 2, second / 3600);
	digits(out + 14, 2, second / 60 % 60);
	digits(out + 17, 2, second % 60);
	digits(out + 20, 9, time_ns % NS_PER_S);
	return out;
}
