/* SPDX-License-Identifier: BSD-2-Clause
 * A child goes into the sandbox as the daemon does, and tries what it may and what it may not. Needs root; without, and
 * where the kernel lacks a layer, the tests of it are skipped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../sensord/app/daemon/sandbox.h"
#include "base/attributes.h"

#define PACKET_SOCKET socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0)

struct place {
	char folder[64], other[64];
};

static bool file_written(const char *folder)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/file", folder);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool fine = fd >= 0 && write(fd, "x", 1) == 1 && ftruncate(fd, 0) == 0 && unlink(path) == 0;
	if (fd >= 0)
		close(fd);
	return fine;
}

static bool can_write_where_allowed(const struct place *p) { return file_written(p->folder); }
static bool can_write_elsewhere(const struct place *p) { return file_written(p->other); }

static bool can_read(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool can_read_shadow(const struct place *p) { (void)p; return can_read("/etc/shadow"); }
static bool can_read_elsewhere(const struct place *p) { return can_read(p->other); }
static bool can_read_accounts(const struct place *p) { (void)p; return can_read("/etc/passwd"); }

/* One that nobody named: what replaces a file is another file. */
static bool can_read_in_etc(const struct place *p) { (void)p; return access("/etc/fstab", F_OK) != 0 || can_read("/etc/fstab"); }

static bool can_look_up_a_name(const struct place *p)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG };
	struct addrinfo *all = NULL;

	(void)p;
	if (getaddrinfo("localhost", "601", &hints, &all) == 0)
		freeaddrinfo(all);
	return true; /* alive */
}

static bool can_execute(const struct place *p)
{
	char *const none[] = { NULL };

	(void)p;
	return execve("/bin/true", none, none) == 0 || errno != EPERM;
}

static bool can_fork(const struct place *p)
{
	(void)p;
	pid_t child = (pid_t)syscall(SYS_fork);
	if (child == 0)
		_exit(0);
	return child > 0;
}

static bool can_trace(const struct place *p) { (void)p; return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0; }
static bool can_mount(const struct place *p) { (void)p; return syscall(SYS_mount, "none", "/mnt", "tmpfs", 0, NULL) == 0 || errno != EPERM; }
static bool can_become_root(const struct place *p) { (void)p; return setuid(0) == 0; }
static bool can_open_packet_socket(const struct place *p) { (void)p; return PACKET_SOCKET >= 0; }
static bool can_open_raw_socket(const struct place *p) { (void)p; return socket(AF_INET, SOCK_RAW, 1) >= 0; }
static bool can_open_socket(const struct place *p) { (void)p; return socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) >= 0; }

static bool can_map_code(const struct place *p)
{
	(void)p;
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

static void *do_nothing(void *context) { return context; }

static bool can_start_thread(const struct place *p)
{
	pthread_t thread;
	void *result = NULL;

	(void)p;
	return pthread_create(&thread, NULL, do_nothing, &result) == 0 && pthread_join(thread, &result) == 0 && result == &result;
}

/* What the status file of this process says, as a number in its base. */
static bool status_is(const char *name, unsigned base, unsigned long wanted)
{
	char line[256];
	bool found = false;
	FILE *f = fopen("/proc/self/status", "re");

	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, name, strlen(name)) == 0 && line[strlen(name)] == ':')
			found = strtoul(line + strlen(name) + 1, NULL, (int)base) == wanted;
	if (f)
		fclose(f);
	return found;
}

static bool has_no_capability(const struct place *p)
{
	(void)p;
	return status_is("CapEff", 16, 0) && status_is("CapPrm", 16, 0) && status_is("CapAmb", 16, 0) && status_is("CapBnd", 16, 0) &&
	       status_is("NoNewPrivs", 10, 1);
}

static bool is_filtered(const struct place *p) { (void)p; return status_is("Seccomp", 10, 2); }
static bool is_nobody(const struct place *p) { (void)p; return status_is("Uid", 10, 65534) && geteuid() == 65534 && getegid() != 0; }

struct attempt {
	const char *name;
	bool (*can)(const struct place *p);
	bool allowed;
	enum sandbox_layer layer; /* what allows or refuses it: where the kernel lacks it, nothing is asked */
};

static const struct attempt attempts[] = {
	{ "has no capability", has_no_capability, true, SANDBOX_CAPABILITIES },
	{ "is nobody", is_nobody, true, SANDBOX_USER },
	{ "is filtered", is_filtered, true, SANDBOX_CALLS },
	{ "writes where it may", can_write_where_allowed, true, SANDBOX_FILES },
	{ "writes elsewhere", can_write_elsewhere, false, SANDBOX_FILES },
	{ "reads elsewhere", can_read_elsewhere, false, SANDBOX_FILES },
	{ "reads /etc/passwd", can_read_accounts, true, SANDBOX_FILES },
	{ "reads what is new in /etc", can_read_in_etc, true, SANDBOX_FILES },
	{ "reads /etc/shadow", can_read_shadow, false, SANDBOX_USER },
	{ "executes a program", can_execute, false, SANDBOX_CALLS },
	{ "forks", can_fork, false, SANDBOX_CALLS },
	{ "traces", can_trace, false, SANDBOX_CALLS },
	{ "mounts", can_mount, false, SANDBOX_CALLS },
	{ "becomes root again", can_become_root, false, SANDBOX_USER },
	{ "opens a raw socket", can_open_raw_socket, false, SANDBOX_CAPABILITIES },
	{ "opens a socket", can_open_socket, true, SANDBOX_CALLS },
	{ "maps memory that is written and executed", can_map_code, false, SANDBOX_CALLS },
	{ "starts a thread", can_start_thread, true, SANDBOX_CALLS },
};

static void make_places(struct place *p)
{
	snprintf(p->folder, sizeof(p->folder), "/tmp/sandbox-XXXXXX");
	snprintf(p->other, sizeof(p->other), "/tmp/sandbox-XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	assert_non_null(mkdtemp(p->other));
	assert_int_equal(chown(p->folder, 65534, 65534), 0);
	assert_int_equal(chown(p->other, 65534, 65534), 0);
}

static void remove_places(const struct place *p)
{
	rmdir(p->folder);
	rmdir(p->other);
}

/* In the child: into the sandbox, then all attempts; names of those that went wrong go to the pipe. */
_Noreturn static void try_all(const struct place *p, const struct sandbox_settings *settings, bool opener, const struct attempt *list,
			      size_t n, int told)
{
	struct sandbox b;
	struct error err = { 0 };

	if (!sandbox_become(&b, settings, &err)) {
		dprintf(told, "become: %s", err.text);
		_exit(1);
	}
	if (!opener)
		sandbox_release(&b);
	sandbox_add(&b, p->folder, true);
	if (!sandbox_close(&b, &err)) {
		dprintf(told, "close: %s", err.text);
		_exit(1);
	}
	for (size_t i = 0; i < n; i++) {
		enum sandbox_state state = b.layer[list[i].layer].state;
		if (state < SANDBOX_PARTLY)
			dprintf(told, "not asked: %s (%s)\n", list[i].name, b.layer[list[i].layer].why);
		else if (list[i].can(p) != list[i].allowed)
			dprintf(told, "WRONG: %s\n", list[i].name);
	}
	_exit(0);
}

static void in_sandbox(const struct sandbox_settings *settings, bool opener, const struct attempt *list, size_t n, int *ret_status)
{
	struct place p;
	char told[4096];
	size_t used = 0;
	ssize_t got;
	int ends[2];

	if (geteuid() != 0)
		skip();
	make_places(&p);
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	if (child == 0) {
		close(ends[0]);
		try_all(&p, settings, opener, list, n, ends[1]);
	}
	close(ends[1]);
	while (used < sizeof(told) - 1 && (got = read(ends[0], told + used, sizeof(told) - 1 - used)) > 0)
		used += (size_t)got;
	told[used] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(child, ret_status, 0), child);
	remove_places(&p);
	if (strstr(told, "WRONG") || strstr(told, "become:") || strstr(told, "close:"))
		fail_msg("%s", told);
	print_message("%s", told);
}

static const struct sandbox_settings as_nobody = { .user = "nobody", .landlock = true };

static void the_sandbox_leaves_what_is_needed_and_refuses_the_rest(void **state)
{
	int status;

	(void)state;
	in_sandbox(&as_nobody, true, attempts, ARRAY_SIZE(attempts), &status);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void a_root_that_may_stay_reaches_no_more_files(void **state)
{
	static const struct sandbox_settings as_root = { .user = "root", .allow_root = true, .landlock = true };
	static const struct attempt list[] = {
		{ "has no capability", has_no_capability, true, SANDBOX_CAPABILITIES },
		{ "reads /etc/shadow", can_read_shadow, false, SANDBOX_FILES },
		{ "writes elsewhere", can_write_elsewhere, false, SANDBOX_FILES },
	};
	int status;

	(void)state;
	in_sandbox(&as_root, true, list, ARRAY_SIZE(list), &status);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void a_packet_socket_is_opened_by_the_opener_alone(void **state)
{
	static const struct attempt with[] = { { "opens a packet socket", can_open_packet_socket, true, SANDBOX_CALLS } };
	static const struct attempt without[] = { { "opens a packet socket", can_open_packet_socket, false, SANDBOX_CAPABILITIES } };
	int status, probe = PACKET_SOCKET;

	(void)state;
	in_sandbox(&as_nobody, false, without, 1, &status);
	if (probe < 0)
		skip();
	close(probe);
	in_sandbox(&as_nobody, true, with, 1, &status);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void a_forbidden_call_kills_where_the_site_says_so(void **state)
{
	static const struct sandbox_settings kill = { .user = "nobody", .landlock = true, .calls = SITE_CALLS_KILL };
	static const struct attempt list[] = { { "forks", can_fork, false, SANDBOX_CALLS } };
	int status;

	(void)state;
	in_sandbox(&kill, true, list, 1, &status);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
}

static void a_name_can_be_looked_up_where_forbidden_calls_kill(void **state)
{
	static const struct sandbox_settings kill = { .user = "nobody", .landlock = true, .calls = SITE_CALLS_KILL };
	static const struct attempt list[] = { { "looks up a name", can_look_up_a_name, true, SANDBOX_CALLS } };
	int status;

	(void)state;
	in_sandbox(&kill, true, list, 1, &status);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static bool has_place(const struct sandbox *b, const char *path)
{
	for (size_t i = 0; i < b->n_places; i++)
		if (strcmp(b->places[i].path, path) == 0)
			return !b->places[i].writable;
	return false;
}

static void what_replaces_a_file_can_be_read_again(void **state)
{
	char folder[] = "/tmp/sandbox-XXXXXX", other[] = "/tmp/sandbox-XXXXXX", file[64], link[64];
	struct sandbox b = { 0 };

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_non_null(mkdtemp(other));
	snprintf(file, sizeof(file), "%s/ca-1.pem", other);
	snprintf(link, sizeof(link), "%s/ca.pem", folder);
	close(open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	assert_int_equal(symlink(file, link), 0);
	sandbox_add_read_again(&b, link);
	sandbox_add_read_again(&b, "rules.yaml");
	sandbox_add_read_again(&b, "");
	sandbox_add_read_again(&b, NULL);
	assert_true(has_place(&b, link) && has_place(&b, folder) && has_place(&b, other));
	assert_true(has_place(&b, "rules.yaml") && has_place(&b, "."));
	assert_int_equal(b.n_places, 5);
	sandbox_add_read_again(&b, folder); /* a folder is enough of itself, and once is enough */
	assert_int_equal(b.n_places, 5);
	unlink(link);
	unlink(file);
	rmdir(folder);
	rmdir(other);
}

static void root_is_refused_without_leave(void **state)
{
	static const struct sandbox_settings root = { .user = "root" }, nowhere = { .user = "no-such-user" };
	struct sandbox b;
	struct error err = { 0 };

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_false(sandbox_become(&b, &root, &err));
	assert_non_null(strstr(err.text, "--allow-root"));
	assert_false(sandbox_become(&b, &nowhere, &err));
	assert_string_equal(err.text, "run: there is no user \"no-such-user\"");
}

static void the_folder_of_a_file_is_added(void **state)
{
	struct sandbox b = { 0 };

	(void)state;
	sandbox_add_folder_of(&b, "/var/log/sensord/alerts.json", true);
	sandbox_add_folder_of(&b, "alerts.json", true);
	sandbox_add_folder_of(&b, "/alerts.json", false);
	sandbox_add_folder_of(&b, "", false);
	sandbox_add_folder_of(&b, NULL, false);
	assert_int_equal(b.n_places, 3);
	assert_string_equal(b.places[0].path, "/var/log/sensord");
	assert_string_equal(b.places[1].path, ".");
	assert_string_equal(b.places[2].path, "/");
	assert_true(b.places[0].writable && !b.places[2].writable);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_folder_of_a_file_is_added),
		cmocka_unit_test(root_is_refused_without_leave),
		cmocka_unit_test(the_sandbox_leaves_what_is_needed_and_refuses_the_rest),
		cmocka_unit_test(a_root_that_may_stay_reaches_no_more_files),
		cmocka_unit_test(a_packet_socket_is_opened_by_the_opener_alone),
		cmocka_unit_test(a_forbidden_call_kills_where_the_site_says_so),
		cmocka_unit_test(a_name_can_be_looked_up_where_forbidden_calls_kill),
		cmocka_unit_test(what_replaces_a_file_can_be_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
