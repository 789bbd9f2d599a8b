/* SPDX-License-Identifier: BSD-2-Clause
 * main() of a fuzz target that is built without libFuzzer: each file named, or each seed in seeds/X for the program
 * fuzz_X, goes through the target once, in a block of exactly its size. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size);

static int run_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	int result = 1;

	if (!f)
		return 1;
	fseek(f, 0, SEEK_END);
	long size = ftell(f);
	rewind(f);
	uint8_t *at = size >= 0 ? malloc(size ? (size_t)size : 1) : NULL;
	if (at && fread(at, 1, (size_t)size, f) == (size_t)size) {
		LLVMFuzzerTestOneInput(at, (size_t)size);
		result = 0;
	}
	free(at);
	fclose(f);
	return result;
}

static int run_folder(const char *folder)
{
	struct dirent **names;
	int n = scandir(folder, &names, NULL, alphasort);
	int n_run = 0, failed = 0;

	for (int i = 0; i < n; i++) {
		char path[8192];
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
		if (names[i]->d_name[0] != '.') {
			failed += run_file(path);
			n_run++;
		}
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	printf("%s: %d seeds, %d could not be read\n", folder, n_run, failed);
	return n_run == 0 || failed;
}

int main(int argc, char **argv)
{
	const char *source = getenv("srcdir");
	const char *name = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
	char folder[4096];
	int failed = 0;

	for (int i = 1; i < argc; i++)
		failed += run_file(argv[i]);
	if (argc > 1)
		return failed != 0;
	name += strncmp(name, "fuzz_", 5) == 0 ? 5 : 0;
	snprintf(folder, sizeof(folder), "%s/tests/fuzz/seeds/%s", source ? source : ".", name);
	return run_folder(folder);
}
