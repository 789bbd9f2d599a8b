/* SPDX-License-Identifier: BSD-2-Clause
 * Files, by Landlock (Linux 5.13 and later; Documentation/userspace-api/landlock.rst of the kernel). The numbers stand
 * here because the headers of a distribution are older than the kernels that it runs on. Rights that this kernel's
 * Landlock does not know are left out; what is forbidden by none of them stays to the user's permissions. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/attributes.h"
#include "sandbox_layers.h"

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

#define VERSION_QUESTION 1 /* LANDLOCK_CREATE_RULESET_VERSION */
#define RULE_PATH_BENEATH 1

enum right {
	EXECUTE = 1 << 0, WRITE_FILE = 1 << 1, READ_FILE = 1 << 2, READ_DIR = 1 << 3, REMOVE_DIR = 1 << 4, REMOVE_FILE = 1 << 5,
	MAKE_CHAR = 1 << 6, MAKE_DIR = 1 << 7, MAKE_REG = 1 << 8, MAKE_SOCK = 1 << 9, MAKE_FIFO = 1 << 10, MAKE_BLOCK = 1 << 11,
	MAKE_SYM = 1 << 12, REFER = 1 << 13, TRUNCATE = 1 << 14, IOCTL_DEV = 1 << 15,
};
#define FIRST_RIGHTS 0x1fff /* version 1: all up to MAKE_SYM */
#define READING (READ_FILE | READ_DIR)
#define WRITING (READING | WRITE_FILE | REMOVE_FILE | REMOVE_DIR | MAKE_DIR | MAKE_REG | MAKE_SOCK | REFER | TRUNCATE)
#define OF_A_FILE (EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV) /* others are errors where the place is no folder */

#define NET_BIND_TCP 1        /* version 4: a new listening port */
#define SCOPE_SIGNAL 2        /* version 6: signals to processes outside */

struct ruleset { /* struct landlock_ruleset_attr: the kernel takes as much of it as it knows */
	uint64_t files, net, scoped;
};
struct beneath { /* struct landlock_path_beneath_attr, packed there */
	uint64_t rights;
	int32_t parent;
} __attribute__((packed));

/* Read by the C library, OpenSSL and libpcap behind our back: names of hosts, certificates, time zones, interfaces. */
static const char *const libraries_read[] = {
	"/etc/hosts", "/etc/resolv.conf", "/etc/nsswitch.conf", "/etc/host.conf", "/etc/gai.conf", "/etc/services",
	"/etc/protocols", "/etc/passwd", "/etc/group", "/etc/localtime", "/etc/ssl", "/etc/ca-certificates", "/etc/pki",
	"/etc/ld.so.cache", "/usr/share/ca-certificates", "/usr/share/zoneinfo", "/usr/lib", "/usr/lib64", "/lib", "/lib64",
	"/run/systemd/resolve", "/run/NetworkManager", "/run/resolvconf", "/run/connman", "/run/nscd", "/dev/urandom", "/dev/random", "/proc/self", "/proc/meminfo", "/proc/sys/net",
	"/sys/class/net", "/sys/devices",
};

/* The rights of each version beyond the first. */
static struct ruleset rights_of(long version)
{
	struct ruleset r = { .files = FIRST_RIGHTS };

	if (version >= 2)
		r.files |= REFER;
	if (version >= 3)
		r.files |= TRUNCATE;
	if (version >= 4)
		r.net = NET_BIND_TCP;
	if (version >= 5)
		r.files |= IOCTL_DEV;
	if (version >= 6)
		r.scoped = SCOPE_SIGNAL;
	return r;
}

static size_t size_of(long version)
{
	return version >= 6 ? sizeof(struct ruleset) : version >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);
}

/* False where the place is there and cannot be named. */
static bool allow(long ruleset, const char *path, uint64_t rights, uint64_t known)
{
	int fd = open(path, O_PATH | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == EACCES;
	struct beneath b = { .rights = rights & known, .parent = fd };
	if (fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode))
		b.rights &= OF_A_FILE;
	bool fine = syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &b, 0) == 0;
	close(fd);
	return fine;
}

static bool allow_all(const struct sandbox *b, long ruleset, uint64_t known, const char **ret_path)
{
	for (size_t i = 0; i < ARRAY_SIZE(libraries_read); i++)
		if (!allow(ruleset, *ret_path = libraries_read[i], READING, known))
			return false;
	/* Who renews resolv.conf or hosts puts a new file in their place, which only a right on the folder reaches. For root,
	 * from whom the files' own permissions keep nothing, names of hosts are then those of the start. */
	if (b->uid != 0 && !allow(ruleset, *ret_path = "/etc", READ_FILE, known))
		return false;
	if (!allow(ruleset, *ret_path = "/dev/null", READ_FILE | WRITE_FILE, known))
		return false;
	for (size_t i = 0; i < b->n_places; i++)
		if (!allow(ruleset, *ret_path = b->places[i].path, b->places[i].writable ? WRITING : READING, known))
			return false;
	return true;
}

void sandbox_files(struct sandbox *b, struct sandbox_told *told)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, VERSION_QUESTION);
	struct ruleset rights = rights_of(version);
	const char *path = "";

	told->state = SANDBOX_FAILED;
	if (version < 1) {
		snprintf(told->why, sizeof(told->why), "this kernel has no Landlock (%s): files are left to the user's permissions",
			 strerror(errno));
		return;
	}
	long ruleset = syscall(SYS_landlock_create_ruleset, &rights, size_of(version), 0);
	if (ruleset < 0 || !allow_all(b, ruleset, rights.files, &path) || syscall(SYS_landlock_restrict_self, ruleset, 0) != 0) {
		snprintf(told->why, sizeof(told->why), "Landlock: %.120s%s%s", path, *path ? ": " : "", strerror(errno));
	} else {
		told->state = version >= 3 ? SANDBOX_ON : SANDBOX_PARTLY;
		if (version < 3)
			snprintf(told->why, sizeof(told->why), "Landlock version %ld of this kernel cannot forbid truncation", version);
	}
	if (ruleset >= 0)
		close((int)ruleset);
}
