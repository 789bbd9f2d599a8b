/* SPDX-License-Identifier: BSD-2-Clause
 * Bytes of a capture file, of any kind, through the reader, twice: the second reading must give the same. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../sensord/app/capture/capture.h"
#include "base/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size);

/* Touches every byte, so that a view beyond its memory is found, and adds up what identifies the frames. */
static uint64_t read_all(struct capture *c)
{
	struct frame f;
	uint64_t sum = 0;

	while (capture_next(c, &f) == CAPTURE_FRAME) {
		if (f.data.size > LIMIT_FRAME || f.number == 0)
			abort();
		for (size_t i = 0; i < f.data.size; i++)
			sum += f.data.at[i];
		for (const char *s = f.interface; s && *s; s++)
			sum += (unsigned char)*s;
		sum = sum * 31 + f.time_ns + f.wire_size + (uint64_t)f.link_type;
	}
	for (size_t i = 0; i < capture_problems(c); i++)
		sum = sum * 31 + strlen(capture_problem(c, i));
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size)
{
	struct error err;
	char path[64];
	const char *paths[] = { path, path };
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || write(fd, at, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	struct capture *c = capture_open(paths, 1 + size % 2, NULL, &err);
	if (!c)
		abort();
	uint64_t first = read_all(c);
	if (!capture_rewind(c, &err) || read_all(c) != first)
		abort();
	capture_close(c);
	close(fd);
	return 0;
}
