/* SPDX-License-Identifier: BSD-2-Clause
 * Least privilege, in two steps. sandbox_become, before anything is opened, turns root into the sensor's user with
 * CAP_NET_RAW and nothing else: whatever is opened afterwards is opened with the rights that a reopen will have months
 * later. sandbox_close, once captures and outputs are open and before the first thread starts (threads inherit it),
 * gives up the last capability, then all files but the named (Landlock), then all system calls but the listed
 * (seccomp). No step can be taken back. */
#ifndef APP_SANDBOX_H
#define APP_SANDBOX_H

#include <sys/types.h>

#include "base/error.h"
#include "site/site.h"

enum sandbox_layer { SANDBOX_USER, SANDBOX_CAPABILITIES, SANDBOX_FILES, SANDBOX_CALLS, SANDBOX_LAYERS };
enum sandbox_state { SANDBOX_OFF, SANDBOX_FAILED, SANDBOX_PARTLY, SANDBOX_ON };

#define SANDBOX_PLACES_MAX 160

/* A file or a folder with what is below it. One that is not there is left out. */
struct sandbox_place {
	char path[512];
	bool writable;
};

struct sandbox_settings {
	const char *user, *group; /* NULL or "": the user sensord where it exists, and that user's group */
	bool allow_root;
	bool landlock;
	enum site_calls calls;
	/* Made for the user, where it is missing and root may: the folder of the sockets. NULL or "": none. */
	const char *folder;
};

struct sandbox_told {
	enum sandbox_state state;
	char why[200]; /* what the layer could not do; "" where nothing */
};

struct sandbox {
	struct sandbox_settings settings;
	struct sandbox_told layer[SANDBOX_LAYERS];
	uid_t uid;
	gid_t gid;
	struct sandbox_place places[SANDBOX_PLACES_MAX];
	size_t n_places;
	struct opener *opener; /* opens packet sockets from now on */
};

const char *sandbox_layer_name(enum sandbox_layer l);
const char *sandbox_state_name(enum sandbox_state s);

/* False: the sensor must not go on (root without leave, no such user); err says what to do. s is kept. */
bool sandbox_become(struct sandbox *b, const struct sandbox_settings *s, struct error *err) MUST_CHECK;
/* Names what stays reachable; a NULL or empty path is nothing. sandbox_add_folder_of takes the folder of a file. */
void sandbox_add(struct sandbox *b, const char *path, bool writable);
void sandbox_add_folder_of(struct sandbox *b, const char *path, bool writable);
/* What is read again later, a folder or a file. Whoever renews a file puts a new one in its place, which Landlock, that
 * knows files and not names, would not let be read: the folder is named too, and that of the file behind a link. */
void sandbox_add_read_again(struct sandbox *b, const char *path);
/* False: a capability or the user could not be given up. What the kernel does not have is told in layer[]. */
bool sandbox_close(struct sandbox *b, struct error *err) MUST_CHECK;
/* Ends the process that opens packet sockets. */
void sandbox_release(struct sandbox *b);

#endif
