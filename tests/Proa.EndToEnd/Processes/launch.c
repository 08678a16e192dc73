/*
 * launch [OPTION]... [--] COMMAND ARG...: becomes the command, in a place that is short of something:
 *
 *   --deny NAME=ERRNO   the system call fails with this error, from the command's start on (seccomp(2)): clone3=EPERM
 *   --limit NAME=VALUE  RLIMIT_NAME, or soft:hard; bytes, processes, seconds, or "unlimited": AS=33554432
 *   --user ID           as this user and group, with no other group and no capabilities
 *   --list              prints the names of the system calls, one a line, and exits
 *
 * Options repeat. A system call may be a number too, for one that is not in the list, and so may an error. The command's own start
 * is never denied, so that execve can be.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LAUNCH_FAILED 99
#define MOST_DENIED 64
#define LAST_ERROR 133

#ifdef __x86_64__
#define ARCHITECTURE AUDIT_ARCH_X86_64
#else
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

struct named {
    const char *name;
    int number;
};

#define CALL(name) { #name, SYS_##name }

/* What programs use, and the runtimes beneath them; some have only the later form of a call on arm64. */
static const struct named calls[] = {
    CALL(accept4), CALL(bind), CALL(brk), CALL(capget), CALL(capset), CALL(chdir), CALL(clock_getres), CALL(clock_gettime), CALL(clock_nanosleep), CALL(clone),
    CALL(clone3), CALL(close), CALL(close_range), CALL(connect), CALL(copy_file_range), CALL(dup), CALL(dup3), CALL(epoll_create1), CALL(epoll_ctl),
    CALL(epoll_pwait), CALL(eventfd2), CALL(execve), CALL(execveat), CALL(exit), CALL(exit_group), CALL(faccessat), CALL(faccessat2), CALL(fadvise64),
    CALL(fallocate), CALL(fchdir), CALL(fchmod), CALL(fchmodat), CALL(fchown), CALL(fchownat), CALL(fcntl), CALL(fdatasync), CALL(flock), CALL(fstat),
    CALL(fstatfs), CALL(fsync), CALL(ftruncate), CALL(futex), CALL(get_mempolicy), CALL(get_robust_list), CALL(getcpu), CALL(getcwd), CALL(getdents64),
    CALL(getegid), CALL(geteuid), CALL(getgid), CALL(getgroups), CALL(getitimer), CALL(getpeername), CALL(getpgid), CALL(getpid), CALL(getppid),
    CALL(getpriority), CALL(getrandom), CALL(getresgid), CALL(getresuid), CALL(getrlimit), CALL(getrusage), CALL(getsid), CALL(getsockname), CALL(getsockopt),
    CALL(gettid), CALL(gettimeofday), CALL(getuid), CALL(getxattr), CALL(inotify_add_watch), CALL(inotify_init1), CALL(ioctl), CALL(io_uring_setup),
    CALL(kcmp), CALL(kill), CALL(linkat), CALL(listen), CALL(lseek), CALL(madvise), CALL(mbind), CALL(membarrier), CALL(memfd_create), CALL(mincore),
    CALL(mkdirat), CALL(mlock), CALL(mlock2), CALL(mmap), CALL(mount), CALL(mprotect), CALL(mremap), CALL(msync), CALL(munlock), CALL(munmap),
    CALL(nanosleep), CALL(newfstatat), CALL(openat), CALL(openat2), CALL(personality), CALL(pidfd_getfd), CALL(pidfd_open), CALL(pidfd_send_signal),
    CALL(pipe2), CALL(ppoll), CALL(prctl), CALL(pread64), CALL(preadv), CALL(prlimit64), CALL(process_vm_readv), CALL(pselect6), CALL(ptrace),
    CALL(pwrite64), CALL(pwritev), CALL(read), CALL(readlinkat), CALL(readv), CALL(recvfrom), CALL(recvmmsg), CALL(recvmsg), CALL(renameat2), CALL(rseq),
    CALL(rt_sigaction), CALL(rt_sigpending), CALL(rt_sigprocmask), CALL(rt_sigqueueinfo), CALL(rt_sigreturn), CALL(rt_sigsuspend), CALL(rt_sigtimedwait),
    CALL(rt_tgsigqueueinfo), CALL(sched_getaffinity), CALL(sched_getparam), CALL(sched_getscheduler), CALL(sched_setaffinity), CALL(sched_setscheduler),
    CALL(sched_yield), CALL(seccomp), CALL(sendfile), CALL(sendmmsg), CALL(sendmsg), CALL(sendto), CALL(set_mempolicy), CALL(set_robust_list),
    CALL(set_tid_address), CALL(setgid), CALL(setgroups), CALL(setitimer), CALL(setpgid), CALL(setpriority), CALL(setresgid), CALL(setresuid),
    CALL(setrlimit), CALL(setsid), CALL(setsockopt), CALL(setuid), CALL(shutdown), CALL(sigaltstack), CALL(signalfd4), CALL(socket), CALL(socketpair),
    CALL(splice), CALL(statfs), CALL(statx), CALL(symlinkat), CALL(sysinfo), CALL(tgkill), CALL(timer_create), CALL(timer_settime), CALL(timerfd_create),
    CALL(timerfd_settime), CALL(times), CALL(tkill), CALL(truncate), CALL(umask), CALL(uname), CALL(unlinkat), CALL(unshare), CALL(utimensat),
    CALL(wait4), CALL(waitid), CALL(write), CALL(writev),
#ifdef __x86_64__
    CALL(access), CALL(alarm), CALL(arch_prctl), CALL(chmod), CALL(chown), CALL(creat), CALL(dup2), CALL(epoll_create), CALL(epoll_wait), CALL(eventfd),
    CALL(fork), CALL(getpgrp), CALL(inotify_init), CALL(lchown), CALL(link), CALL(lstat), CALL(mkdir), CALL(mknod), CALL(open), CALL(pause), CALL(pipe),
    CALL(poll), CALL(readlink), CALL(rename), CALL(rmdir), CALL(select), CALL(signalfd), CALL(stat), CALL(symlink), CALL(time), CALL(unlink), CALL(utimes),
    CALL(vfork),
#endif
    { NULL, 0 },
};

#define LIMIT(name) { #name, RLIMIT_##name }

static const struct named limits[] = {
    LIMIT(AS), LIMIT(CORE), LIMIT(CPU), LIMIT(DATA), LIMIT(FSIZE), LIMIT(LOCKS), LIMIT(MEMLOCK), LIMIT(MSGQUEUE), LIMIT(NICE), LIMIT(NOFILE), LIMIT(NPROC),
    LIMIT(RSS), LIMIT(RTPRIO), LIMIT(RTTIME), LIMIT(SIGPENDING), LIMIT(STACK), { NULL, 0 },
};

static void fail(const char *what, const char *why)
{
    dprintf(2, "launch: %s: %s\n", what, why);
    _exit(LAUNCH_FAILED);
}

static int number(const char *text)
{
    char *end;
    long value = strtol(text, &end, 10);
    return end > text && *end == 0 && value >= 0 ? (int)value : -1;
}

static int find(const struct named *list, const char *name)
{
    for (; list->name; list++)
        if (strcmp(list->name, name) == 0) return list->number;
    int given = number(name);
    if (given < 0) fail(name, "not known");
    return given;
}

static int find_error(const char *name)
{
    for (int error = 1; error <= LAST_ERROR; error++) {
        const char *known = strerrorname_np(error);
        if (known && strcmp(known, name) == 0) return error;
    }
    int given = number(name);
    if (given < 0) fail(name, "no error");
    return given;
}

/* Cuts NAME=VALUE in two. */
static char *value_of(char *setting)
{
    char *equals = strchr(setting, '=');
    if (!equals) fail(setting, "write NAME=VALUE");
    *equals = 0;
    return equals + 1;
}

static rlim_t amount(const char *text) { return strncmp(text, "unlimited", 9) == 0 ? RLIM_INFINITY : strtoull(text, NULL, 10); }

static void set_limit(char *setting)
{
    char *value = value_of(setting), *colon = strchr(value, ':');
    struct rlimit limit = { amount(value), amount(colon ? colon + 1 : value) };
    if (setrlimit(find(limits, setting), &limit) < 0) fail(setting, strerror(errno));
}

static void become(gid_t id)
{
    if (setgroups(0, NULL) < 0 || setresgid(id, id, id) < 0 || setresuid(id, id, id) < 0) fail("--user", strerror(errno));
}

/* ---- The filter: a program for the kernel, which is given a struct seccomp_data ---- */

#define FIELD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define GO_ON_IF(value) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 1, 0)
#define SKIP_UNLESS(value, count) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, count)
#define RETURN(result) BPF_STMT(BPF_RET | BPF_K, result)

static struct named denied[MOST_DENIED];
static int denied_count;

static void deny(char *setting)
{
    if (denied_count == MOST_DENIED) fail(setting, "too many");
    char *error = value_of(setting);
    denied[denied_count++] = (struct named) { setting, find_error(error) };
}

/* What the command's own start has as its arguments no later one has: this memory is gone by then. */
static void apply_denials(char *const *command)
{
    uint64_t start = (uint64_t)(uintptr_t)command;
    struct sock_filter program[16 + 2 * MOST_DENIED] = {
        FIELD(arch), GO_ON_IF(ARCHITECTURE), RETURN(SECCOMP_RET_ALLOW),
        FIELD(nr), SKIP_UNLESS(SYS_execve, 5),
        FIELD(args[1]), SKIP_UNLESS((uint32_t)start, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1]) + 4), SKIP_UNLESS((uint32_t)(start >> 32), 1),
        RETURN(SECCOMP_RET_ALLOW),
        FIELD(nr),
    };
    unsigned short length = 11;
    for (int i = 0; i < denied_count; i++) {
        program[length++] = (struct sock_filter)SKIP_UNLESS((uint32_t)find(calls, denied[i].name), 1);
        program[length++] = (struct sock_filter)RETURN(SECCOMP_RET_ERRNO | (uint32_t)denied[i].number);
    }
    program[length++] = (struct sock_filter)RETURN(SECCOMP_RET_ALLOW);
    struct sock_fprog filter = { length, program };
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) < 0) fail("seccomp", strerror(errno));
}

int main(int argc, char **argv)
{
    int i = 1, user = -1;
    for (; i < argc && argv[i][0] == '-'; i++) {
        if (strcmp(argv[i], "--list") == 0) {
            for (const struct named *call = calls; call->name; call++) puts(call->name);
            return 0;
        }
        if (strcmp(argv[i], "--") == 0) {
            i++;
            break;
        }
        char *value = argv[i + 1];
        if (!value) fail(argv[i], "needs a value");
        if (strcmp(argv[i], "--deny") == 0) deny(value);
        else if (strcmp(argv[i], "--limit") == 0) set_limit(value);
        else if (strcmp(argv[i], "--user") == 0) user = number(value);
        else fail(argv[i], "no such option");
        i++;
    }
    if (i >= argc) fail("usage", "launch [--deny NAME=ERRNO]... [--limit NAME=VALUE]... [--user ID] [--] COMMAND ARG...");
    if (user >= 0) become((gid_t)user);
    if (denied_count > 0) apply_denials(argv + i);
    execvp(argv[i], argv + i);
    fail(argv[i], strerror(errno));
}
