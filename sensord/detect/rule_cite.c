/* SPDX-License-Identifier: BSD-2-Clause
 * Where in which capture an event of a window stands: the packet's number below, above it the place of the file's name
 * among those seen. Files follow one another or interleave; names are few and are kept as long as the windows. */
#include <stdlib.h>

#include "rule_private.h"

#define FILE_SHIFT 44 /* packets of one file: 2 to the 44th; files: 2 to the 20th */
#define FILES_MAX 4096

_Static_assert(FILES_MAX < 1 << (64 - FILE_SHIFT), "every file has a place");

static size_t file_place(struct windows *all, struct bytes name)
{
	for (size_t i = all->n_files; i > 0; i--) /* the newest are the likely ones */
		if (bytes_equal(bytes_string(all->files[i - 1]), name))
			return i;
	if (!all->files)
		all->files = calloc(FILES_MAX, sizeof(*all->files));
	if (!all->files || all->n_files == FILES_MAX)
		return 0;
	char *copy = strndup((const char *)name.at, name.size);
	if (!copy)
		return 0;
	all->files[all->n_files++] = copy;
	return all->n_files;
}

uint64_t rule_cite(struct windows *all, struct bytes file, uint64_t packet)
{
	uint64_t place = file.size ? file_place(all, file) : 0;

	return place << FILE_SHIFT | (packet & ((UINT64_C(1) << FILE_SHIFT) - 1));
}

const char *rule_cited(const struct windows *all, uint64_t cited, uint64_t *ret_packet)
{
	uint64_t place = cited >> FILE_SHIFT;

	*ret_packet = cited & ((UINT64_C(1) << FILE_SHIFT) - 1);
	return place > 0 && place <= all->n_files ? all->files[place - 1] : NULL;
}

void rule_cites_free(struct windows *all)
{
	for (size_t i = 0; i < all->n_files; i++)
		free(all->files[i]);
	free(all->files);
}
