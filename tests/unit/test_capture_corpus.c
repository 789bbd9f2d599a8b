/* SPDX-License-Identifier: BSD-2-Clause
 * The real captures of the corpus: as many packets as its index says (0 for those that tshark
 * finds damaged). SENSORD_CORPUS names the folder; without it, and without ../shared/corpus beside the sources, the
 * test is skipped. */
#include "../../sensord/app/capture/capture.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Columns of INDEX.tsv, from 0. */
enum { COLUMN_FILE = 0, COLUMN_PACKETS = 9 };

/* Formats that Wireshark reads and we do not; they must be told as such. */
static bool is_told(const char *problem)
{
	return strstr(problem, "not a capture file (Microsoft Network Monitor") ||
	       strstr(problem, "not a capture file (Sun snoop)");
}

static bool check(const char *path, unsigned long long expected)
{
	struct error err;
	struct frame f;
	unsigned long long n = 0;
	struct capture *c = capture_open(&path, 1, NULL, &err);

	if (!c)
		return false;
	while (capture_next(c, &f) == CAPTURE_FRAME)
		n++;
	const char *problem = capture_problem(c, 0);
	bool fine = n == expected || (n == 0 && is_told(problem)) ||
		    (expected == 0 && strstr(problem, ": damaged after "));
	if (!fine)
		printf("%s: %llu packets instead of %llu; %s\n", path, n, expected, problem);
	capture_close(c);
	return fine;
}

static const char *column(char *line, unsigned at)
{
	const char *found = NULL;

	for (unsigned i = 0; i <= at; i++)
		found = strsep(&line, "\t");
	return found;
}

static int check_all(const char *folder, FILE *index)
{
	char *line = NULL, path[8192];
	size_t room = 0;
	unsigned n = 0, wrong = 0;

	while (getline(&line, &room, index) > 0) {
		char *again = strdup(line);
		const char *packets = again ? column(again, COLUMN_PACKETS) : NULL;
		unsigned long long expected = packets ? strtoull(packets, NULL, 10) : 0;
		snprintf(path, sizeof(path), "%s/%s", folder, column(line, COLUMN_FILE));
		free(again);
		if (n++ > 0) /* the first line names the columns */
			wrong += !check(path, expected);
	}
	free(line);
	printf("%u captures, %u differ\n", n ? n - 1 : 0, wrong);
	return wrong || n < 2;
}

int main(void)
{
	const char *source = getenv("srcdir");
	const char *folder = getenv("SENSORD_CORPUS");
	char beside[4096], path[8192];

	snprintf(beside, sizeof(beside), "%s/../shared/corpus", source ? source : ".");
	folder = folder ? folder : beside;
	snprintf(path, sizeof(path), "%s/INDEX.tsv", folder);
	FILE *index = fopen(path, "r");
	if (!index)
		return 77;
	int result = check_all(folder, index);
	fclose(index);
	return result;
}
