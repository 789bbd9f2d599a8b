/* SPDX-License-Identifier: BSD-2-Clause
 * Runs a fuzz target over its seeds where there is no fuzzer: fuzz_X over $srcdir/tests/fuzz/seeds/X, or over the files
 * and folders named as arguments. Each seed stands in a block of its exact size. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size);

static unsigned n_seeds;

static void run_file(const char *path, size_t size)
{
	FILE *f = fopen(path, "rb");
	uint8_t *at = malloc(size);

	if (f && at && fread(at, 1, size, f) == size) {
		LLVMFuzzerTestOneInput(at, size);
		n_seeds++;
	}
	free(at);
	if (f)
		fclose(f);
}

static void run(const char *path)
{
	char below[4096];
	struct stat st;
	DIR *folder;

	if (stat(path, &st) != 0)
		return;
	if (S_ISREG(st.st_mode))
		run_file(path, (size_t)st.st_size);
	folder = S_ISDIR(st.st_mode) ? opendir(path) : NULL;
	if (!folder)
		return;
	for (const struct dirent *e = readdir(folder); e; e = readdir(folder))
		if (e->d_name[0] != '.' && snprintf(below, sizeof(below), "%s/%s", path, e->d_name) < (int)sizeof(below) &&
		    stat(below, &st) == 0 && S_ISREG(st.st_mode))
			run_file(below, (size_t)st.st_size);
	closedir(folder);
}

int main(int n, char **arguments)
{
	const char *source = getenv("srcdir");
	const char *name = strrchr(arguments[0], '/');
	char path[4096];

	name = name ? name + 1 : arguments[0];
	if (n > 1) {
		for (int i = 1; i < n; i++)
			run(arguments[i]);
	} else if (strncmp(name, "fuzz_", 5) == 0) {
		snprintf(path, sizeof(path), "%s/tests/fuzz/seeds/%s", source ? source : ".", name + 5);
		run(path);
	}
	printf("%s: %u seeds\n", name, n_seeds);
	return n_seeds ? 0 : 1;
}
