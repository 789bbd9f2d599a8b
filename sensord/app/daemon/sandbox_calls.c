/* SPDX-License-Identifier: BSD-2-Clause
 * System calls, by seccomp (seccomp(2), libseccomp): what is not in the table is refused with EPERM, or kills. Refused
 * calls are in the kernel's audit log. Each row says who needs it. */
#include "sandbox_layers.h"

#include <errno.h>
#include <linux/prctl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "base/attributes.h"
#include "opener.h"

#ifdef HAVE_SECCOMP
#include <seccomp.h>

struct call {
	const char *name;
	/* With compare: only where this argument (masked, or as a whole) is, or is not, the value. */
	unsigned argument;
	enum { ANY, IS, MASKED, IS_NOT } compare;
	uint64_t value, mask;
};

#define ALL(name) { name, 0, ANY, 0, 0 }
#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#endif

static const struct call calls[] = {
	/* files: outputs, spools, evidence, site file and rules at a reload, zone information, certificates */
	ALL("openat"), ALL("open"), ALL("close"), ALL("read"), ALL("readv"), ALL("pread64"), ALL("write"), ALL("writev"),
	ALL("pwrite64"), ALL("pwritev"), ALL("lseek"), ALL("fstat"), ALL("stat"), ALL("lstat"), ALL("newfstatat"), ALL("statx"),
	ALL("access"), ALL("faccessat"), ALL("faccessat2"), ALL("readlink"), ALL("readlinkat"), ALL("getdents64"), ALL("getcwd"),
	ALL("fsync"), ALL("fdatasync"), ALL("ftruncate"), ALL("fallocate"), ALL("fadvise64"), ALL("flock"), ALL("rename"),
	ALL("renameat"), ALL("renameat2"), ALL("unlink"), ALL("unlinkat"), ALL("mkdir"), ALL("mkdirat"), ALL("rmdir"),
	ALL("statfs"), ALL("fstatfs"), ALL("umask"), ALL("fchmod"), ALL("fcntl"), ALL("dup"), ALL("dup2"), ALL("dup3"),
	ALL("sync_file_range"), ALL("copy_file_range"), ALL("sendfile"),
	/* TIOCSTI would type into the terminal that sensord was started on; libpcap asks interfaces with others */
	{ "ioctl", 1, IS_NOT, TIOCSTI, 0 },
	/* memory: never writable and executable at once, never made executable later; shared libraries (name services) are */
	ALL("brk"), ALL("munmap"), ALL("mremap"), ALL("madvise"), ALL("membarrier"),
	{ "mmap", 2, MASKED, 0, PROT_EXEC }, { "mmap", 2, MASKED, 0, PROT_WRITE },
	{ "mprotect", 2, MASKED, 0, PROT_EXEC },
	/* threads of capture, detection and outputs; never a process */
	{ "clone", 0, MASKED, CLONE_THREAD | CLONE_VM, CLONE_THREAD | CLONE_VM }, ALL("set_robust_list"), ALL("rseq"),
	ALL("set_tid_address"), ALL("futex"), ALL("futex_waitv"), ALL("sched_yield"), ALL("sched_getaffinity"),
	ALL("sched_setaffinity"), ALL("gettid"), ALL("getcpu"), ALL("exit"), ALL("exit_group"), ALL("restart_syscall"),
	/* signals: handlers, and abort() */
	ALL("rt_sigaction"), ALL("rt_sigprocmask"), ALL("rt_sigreturn"), ALL("sigaltstack"), ALL("rt_sigtimedwait"),
	ALL("tgkill"), ALL("signalfd4"),
	/* time and waiting: the event loop, the rings, the queues of the outputs */
	ALL("clock_gettime"), ALL("clock_getres"), ALL("gettimeofday"), ALL("time"), ALL("nanosleep"), ALL("clock_nanosleep"),
	ALL("poll"), ALL("ppoll"), ALL("select"), ALL("pselect6"), ALL("epoll_create1"), ALL("epoll_ctl"), ALL("epoll_wait"),
	ALL("epoll_pwait"), ALL("epoll_pwait2"), ALL("eventfd2"), ALL("pipe"), ALL("pipe2"), ALL("timerfd_create"),
	ALL("timerfd_settime"), ALL("timerfd_gettime"),
	/* sockets: syslog and Kafka, control and metrics, libpcap's questions; packet sockets go to the opener, below */
	{ "socket", 0, IS, AF_UNIX, 0 }, { "socket", 0, IS, AF_INET, 0 }, { "socket", 0, IS, AF_INET6, 0 },
	ALL("socketpair"), ALL("bind"), ALL("connect"), ALL("listen"), ALL("accept4"), ALL("accept"),
	ALL("shutdown"), ALL("getsockname"), ALL("getpeername"), ALL("getsockopt"), ALL("setsockopt"), ALL("sendto"),
	ALL("sendmsg"), ALL("sendmmsg"), ALL("recvfrom"), ALL("recvmsg"), ALL("recvmmsg"),
	/* oneself: random numbers, memory and processor time for the metrics, names of threads */
	ALL("getrandom"), ALL("getpid"), ALL("getppid"), ALL("getuid"), ALL("geteuid"), ALL("getgid"), ALL("getegid"),
	ALL("getrusage"), ALL("uname"), ALL("sysinfo"), ALL("times"), ALL("getrlimit"),
	{ "prctl", 0, IS, PR_SET_NAME, 0 }, { "prctl", 0, IS, PR_GET_NAME, 0 }, { "prctl", 0, IS, PR_SET_VMA, 0 },
	{ "prctl", 0, IS, PR_CAPBSET_READ, 0 },
	{ "prlimit64", 2, IS, 0, 0 }, /* asking, not setting */
};

static int add_call(scmp_filter_ctx c, uint32_t action, const struct call *row)
{
	int number = seccomp_syscall_resolve_name(row->name);

	if (number == __NR_SCMP_ERROR)
		return 0; /* newer than this library, or not of this processor */
	switch (row->compare) {
	case IS:
		return seccomp_rule_add(c, action, number, 1, SCMP_CMP64(row->argument, SCMP_CMP_EQ, row->value, 0));
	case IS_NOT:
		return seccomp_rule_add(c, action, number, 1, SCMP_CMP64(row->argument, SCMP_CMP_NE, row->value, 0));
	case MASKED:
		return seccomp_rule_add(c, action, number, 1, SCMP_CMP64(row->argument, SCMP_CMP_MASKED_EQ, row->mask, row->value));
	default:
		return seccomp_rule_add(c, action, number, 0);
	}
}

static int add_calls(scmp_filter_ctx c)
{
	int failed = 0;

	for (size_t i = 0; i < ARRAY_SIZE(calls) && !failed; i++)
		failed = add_call(c, SCMP_ACT_ALLOW, &calls[i]);
	/* Its flags stand in memory, where a filter cannot look: the C library then takes clone. */
	if (!failed)
		failed = add_call(c, SCMP_ACT_ERRNO(ENOSYS), &(struct call)ALL("clone3"));
	/* The C library asks for the addresses of this machine before it looks up a name, and goes on without an answer. */
	if (!failed)
		failed = add_call(c, SCMP_ACT_ERRNO(EAFNOSUPPORT), &(struct call){ "socket", 0, IS, AF_NETLINK, 0 });
	return failed;
}

/* Whether a packet socket is asked for or refused is the one difference between the two attempts. */
static int load(enum site_calls mode, bool ask, int *ret_notify)
{
	scmp_filter_ctx c = seccomp_init(mode == SITE_CALLS_KILL ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_ERRNO(EPERM));
	const struct call packet = { "socket", 0, IS, AF_PACKET, 0 };
	int failed = c ? add_calls(c) : -ENOMEM;

	if (!failed)
		failed = add_call(c, ask ? SCMP_ACT_NOTIFY : SCMP_ACT_ERRNO(EACCES), &packet);
	if (!failed) {
		seccomp_attr_set(c, SCMP_FLTATR_CTL_LOG, 1);
		seccomp_attr_set(c, SCMP_FLTATR_CTL_OPTIMIZE, 2);
		failed = seccomp_load(c);
	}
	if (!failed && ask)
		*ret_notify = seccomp_notify_fd(c);
	seccomp_release(c);
	return failed;
}

void sandbox_calls(struct sandbox *b, struct sandbox_told *told)
{
	int notify = -1, failed = -ENOSYS;
	bool asked = b->opener && seccomp_api_get() >= 5;

	if (asked)
		failed = load(b->settings.calls, true, &notify);
	if (failed) {
		asked = false;
		failed = load(b->settings.calls, false, &notify);
	}
	told->state = failed ? SANDBOX_FAILED : SANDBOX_ON;
	if (failed) {
		snprintf(told->why, sizeof(told->why), "seccomp: %s: system calls are not restricted", strerror(-failed));
	} else if (!asked || !opener_listen(b->opener, notify)) {
		told->state = SANDBOX_PARTLY;
		snprintf(told->why, sizeof(told->why),
			 "nobody here can open packet sockets any more: after an interface was removed, sensord must be restarted");
	}
}

bool sandbox_opener_calls(void)
{
	static const char *const needed[] = { "ppoll", "poll", "ioctl", "close", "exit_group", "restart_syscall", "rt_sigreturn" };
	scmp_filter_ctx c = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	const struct call packet = { "socket", 0, IS, AF_PACKET, 0 };
	int failed = c ? add_call(c, SCMP_ACT_ALLOW, &packet) : -ENOMEM;

	for (size_t i = 0; i < ARRAY_SIZE(needed) && !failed; i++)
		failed = add_call(c, SCMP_ACT_ALLOW, &(struct call)ALL(needed[i]));
	if (!failed)
		failed = seccomp_load(c);
	seccomp_release(c);
	return failed == 0;
}

#else

void sandbox_calls(struct sandbox *b, struct sandbox_told *told)
{
	(void)b;
	told->state = SANDBOX_FAILED;
	snprintf(told->why, sizeof(told->why), "built without libseccomp: system calls are not restricted");
}

bool sandbox_opener_calls(void)
{
	return false;
}

#endif
