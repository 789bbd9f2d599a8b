/* SPDX-License-Identifier: BSD-2-Clause
 * The folder of evidence files: their names, which sort by time, and their ceilings. Only files with our names are
 * counted and removed. */
#ifndef APP_EVIDENCE_FOLDER_H
#define APP_EVIDENCE_FOLDER_H

#include "base/bytes.h"
#include "base/error.h"

#define EVIDENCE_NAME 96
#define EVIDENCE_UNFINISHED ".unfinished.pcapng"

struct evidence_folder;

/* Makes the folder where it is not there. */
struct evidence_folder *evidence_folder_open(const char *path, uint64_t max_bytes, uint64_t max_age_ns, struct error *err) MUST_CHECK;
void evidence_folder_close(struct evidence_folder *f);
int evidence_folder_fd(const struct evidence_folder *f);
/* "20261123T085118Z-E-11-0123456789abcdef.pcapng" */
void evidence_folder_name(uint64_t time_ns, struct bytes rule, uint64_t id, char ret[EVIDENCE_NAME]);
/* A file is there; older ones go where there are too many. */
void evidence_folder_add(struct evidence_folder *f, const char *name, uint64_t size, uint64_t now_ns);

#endif
