/* SPDX-License-Identifier: BSD-2-Clause
 * User and capabilities: capabilities(7), credentials(7). Raw system calls, so that no library is needed for it. */
#include "sandbox.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/attributes.h"
#include "opener.h"
#include "sandbox_layers.h"

#define DEFAULT_USER "sensord"
#define CAPABILITIES 64 /* numbers that are tried when the bounding set is emptied */

const char *sandbox_layer_name(enum sandbox_layer l)
{
	static const char *const names[] = { "user", "capabilities", "files", "calls" };

	return names[l];
}

const char *sandbox_state_name(enum sandbox_state s)
{
	static const char *const names[] = { "off", "failed", "partly", "on" };

	return names[s];
}

/* Permitted and effective alike; nothing inheritable. */
static bool set_capabilities(uint64_t mask)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct sets[2] = {
		{ .effective = (uint32_t)mask, .permitted = (uint32_t)mask },
		{ .effective = (uint32_t)(mask >> 32), .permitted = (uint32_t)(mask >> 32) },
	};

	return syscall(SYS_capset, &head, sets) == 0;
}

static uint64_t get_permitted(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct sets[2] = { 0 };

	if (syscall(SYS_capget, &head, sets) != 0)
		return UINT64_MAX;
	return sets[0].permitted | (uint64_t)sets[1].permitted << 32;
}

#define BIT(capability) (UINT64_C(1) << (capability))

/* What the process has and may keep for now; a capability that it never had cannot be asked for. */
static bool keep_only(uint64_t wanted)
{
	return set_capabilities(get_permitted() & wanted);
}

/* ---- the user ---- */

static bool find_group(const char *name, gid_t *ret, struct error *err)
{
	const struct group *g;

	if (!name || !*name)
		return true;
	g = getgrnam(name);
	if (!g)
		return error_set(err, "run: there is no group \"%s\"", name);
	*ret = g->gr_gid;
	return true;
}

/* The user to become; *ret_name NULL where the process stays who it is. */
static bool find_user(struct sandbox *b, const char **ret_name, struct error *err)
{
	const struct sandbox_settings *s = &b->settings;
	bool named = s->user && *s->user;
	const struct passwd *p = getpwnam(named ? s->user : DEFAULT_USER);

	*ret_name = NULL;
	b->uid = geteuid();
	b->gid = getegid();
	if (b->uid != 0 && named && (!p || p->pw_uid != b->uid))
		return error_set(err, "run: only root can become the user \"%s\"", s->user);
	if (b->uid != 0)
		return true;
	if (!p && named)
		return error_set(err, "run: there is no user \"%s\"", s->user);
	if (!p && s->allow_root)
		return find_group(s->group, &b->gid, err);
	if (!p)
		return error_set(err, "run: will not stay root: create the user " DEFAULT_USER
				      " (systemd-sysusers, or useradd --system), name another with --user, or give --allow-root");
	if (p->pw_uid == 0 && !s->allow_root)
		return error_set(err, "run: the user \"%s\" is root: --allow-root is needed for that", p->pw_name);
	b->uid = p->pw_uid;
	b->gid = p->pw_gid;
	*ret_name = p->pw_name;
	return find_group(s->group, &b->gid, err);
}

/* Where no service manager has made it. */
static bool make_folder(const struct sandbox *b, struct error *err)
{
	const char *folder = b->settings.folder;

	if (geteuid() != 0 || !folder || !*folder || mkdir(folder, 0750) != 0)
		return true; /* what is missing then is told by who needs it */
	return chown(folder, b->uid, b->gid) == 0 || error_set(err, "%s: %s", folder, strerror(errno));
}

static bool change_user(const struct sandbox *b, const char *name, struct error *err)
{
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0 || initgroups(name, b->gid) != 0 ||
	    setresgid(b->gid, b->gid, b->gid) != 0 || setresuid(b->uid, b->uid, b->uid) != 0)
		return error_set(err, "run: cannot become the user %s: %s", name, strerror(errno));
	if (b->uid != 0 && setuid(0) == 0)
		return error_set(err, "run: the user root could not be given up for good");
	return true;
}

static void empty_bounding_set(void)
{
	for (unsigned c = 0; c < CAPABILITIES; c++)
		prctl(PR_CAPBSET_DROP, c, 0, 0, 0); /* numbers that do not exist, and a want of CAP_SETPCAP, are no harm */
}

bool sandbox_become(struct sandbox *b, const struct sandbox_settings *s, struct error *err)
{
	struct sandbox_told *told = &b->layer[SANDBOX_USER];
	const char *name;

	*b = (struct sandbox){ .settings = *s };
	if (!find_user(b, &name, err) || !make_folder(b, err))
		return false;
	empty_bounding_set();
	if (name && !change_user(b, name, err))
		return false;
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (!keep_only(BIT(CAP_NET_RAW)))
		return error_set(err, "run: cannot give up capabilities: %s", strerror(errno));
	told->state = b->uid != 0 ? SANDBOX_ON : SANDBOX_OFF;
	if (b->uid == 0)
		snprintf(told->why, sizeof(told->why), "still root, as --allow-root says");
	b->opener = opener_start();
	return true;
}

/* ---- what stays reachable ---- */

void sandbox_add(struct sandbox *b, const char *path, bool writable)
{
	for (size_t i = 0; path && i < b->n_places; i++)
		if (strcmp(b->places[i].path, path) == 0 && b->places[i].writable >= writable)
			return;
	if (!path || !*path || b->n_places >= SANDBOX_PLACES_MAX)
		return;
	struct sandbox_place *p = &b->places[b->n_places];
	if (snprintf(p->path, sizeof(p->path), "%s", path) < (int)sizeof(p->path)) {
		p->writable = writable;
		b->n_places++;
	}
}

void sandbox_add_folder_of(struct sandbox *b, const char *path, bool writable)
{
	char folder[512];
	const char *slash;

	if (!path || !*path)
		return;
	slash = strrchr(path, '/');
	size_t size = !slash ? 0 : slash == path ? 1 : (size_t)(slash - path);
	snprintf(folder, sizeof(folder), "%.*s", size ? (int)(size < sizeof(folder) ? size : sizeof(folder) - 1) : 1,
		 size ? path : ".");
	sandbox_add(b, folder, writable);
}

void sandbox_add_read_again(struct sandbox *b, const char *path)
{
	char real[PATH_MAX];
	struct stat st;

	sandbox_add(b, path, false);
	if (!path || !*path || (stat(path, &st) == 0 && S_ISDIR(st.st_mode)))
		return;
	sandbox_add_folder_of(b, path, false);
	if (lstat(path, &st) == 0 && S_ISLNK(st.st_mode) && realpath(path, real))
		sandbox_add_folder_of(b, real, false);
}

/* ---- the end of all privileges ---- */

static bool drop_capabilities(struct sandbox_told *told, struct error *err)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return error_set(err, "run: no_new_privs: %s", strerror(errno));
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (!set_capabilities(0) || get_permitted() != 0)
		return error_set(err, "run: the capabilities could not be given up: %s", strerror(errno));
	told->state = SANDBOX_ON;
	return true;
}

bool sandbox_close(struct sandbox *b, struct error *err)
{
	if (!drop_capabilities(&b->layer[SANDBOX_CAPABILITIES], err))
		return false;
	if (b->settings.landlock)
		sandbox_files(b, &b->layer[SANDBOX_FILES]);
	else
		snprintf(b->layer[SANDBOX_FILES].why, sizeof(b->layer->why), "run.landlock is false");
	if (b->settings.calls != SITE_CALLS_OFF)
		sandbox_calls(b, &b->layer[SANDBOX_CALLS]);
	else
		snprintf(b->layer[SANDBOX_CALLS].why, sizeof(b->layer->why), "run.seccomp is off");
	return true;
}

void sandbox_release(struct sandbox *b)
{
	opener_stop(b->opener);
	b->opener = NULL;
}
