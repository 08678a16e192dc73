/*
 * clock FILE COMMAND ARG...: runs a program whose wall clock a test sets. FILE holds the seconds, 8 bytes, that are added to the
 * kernel's time whenever the program looks at it; all other clocks are left alone.
 *
 * It is a debugger (ptrace(2)) of the program, of its threads and of whatever they start, since a static executable has no
 * library that could be put before libc. The vDSO is hidden from them, so that every look at the clock is a system call.
 *
 * The kernel's own clock does not jump, so a wait until a time of day would go on as if nothing had happened: the first one ends
 * the run.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CLOCK_FAILED 99
#define SYSTEM_CALL (SIGTRAP | 0x80) /* PTRACE_O_TRACESYSGOOD */
#define THREADS 256

static int offset_file;

static void fail(const char *what)
{
    dprintf(2, "clock: %s: %s\n", what, strerror(errno));
    _exit(CLOCK_FAILED);
}

static int64_t offset(void)
{
    int64_t seconds;
    if (pread(offset_file, &seconds, sizeof seconds, 0) != sizeof seconds) fail("the offset");
    return seconds;
}

/* ---- The program's memory, by words. A thread may be killed at any time: what is read of it then is 0. ---- */

static uint64_t get(pid_t thread, uint64_t address)
{
    uint64_t word = 0;
    struct iovec here = { &word, sizeof word }, there = { (void *)address, sizeof word };
    if (process_vm_readv(thread, &here, 1, &there, 1, 0) < 0 && errno != ESRCH) fail("process_vm_readv");
    return word;
}

static void set(pid_t thread, uint64_t address, uint64_t word)
{
    struct iovec here = { &word, sizeof word }, there = { (void *)address, sizeof word };
    if (process_vm_writev(thread, &here, 1, &there, 1, 0) < 0 && errno != ESRCH) fail("process_vm_writev");
}

/* On the stack of a program that begins are argc, argv, the environment and the auxiliary vector. */
static void hide_vdso(pid_t thread)
{
    struct __ptrace_syscall_info info;
    if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof info, &info) < 0) return;
    uint64_t at = info.stack_pointer;
    at += 8 * (get(thread, at) + 2);
    while (get(thread, at)) at += 8;
    for (at += 8; get(thread, at) != AT_NULL; at += 16)
        if (get(thread, at) == AT_SYSINFO_EHDR) set(thread, at, AT_IGNORE);
}

/* ---- Looks at the clock ---- */

/* A thread that is at it: the kernel will write the seconds there, if that is not NULL, or return them. */
struct look {
    pid_t thread;
    uint64_t seconds;
    int returns_them;
};

static struct look looks[THREADS];

/* That of the thread; of thread 0: a free one. */
static struct look *look_of(pid_t thread)
{
    for (int i = 0; i < THREADS; i++)
        if (looks[i].thread == thread) return &looks[i];
    return NULL;
}

static void look_begins(pid_t thread, uint64_t seconds, int returns_them)
{
    struct look *look = look_of(0);
    if (!look) fail("too many threads");
    *look = (struct look) { thread, seconds, returns_them };
}

static void look_ends(pid_t thread, int64_t result)
{
    struct look *look = look_of(thread);
    if (!look) return;
    look->thread = 0;
    if (result < 0) return;
    if (look->seconds) set(thread, look->seconds, get(thread, look->seconds) + (uint64_t)offset());
#ifdef __x86_64__
    if (look->returns_them) ptrace(PTRACE_POKEUSER, thread, offsetof(struct user_regs_struct, rax), result + offset());
#endif
}

static int is_wall_clock(uint64_t clock) { return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI; }

static int is_wait_until_a_time_of_day(uint64_t call, const uint64_t *arguments)
{
    switch (call) {
    case SYS_futex: return (arguments[1] & FUTEX_CLOCK_REALTIME) && arguments[3];
    case SYS_clock_nanosleep: return is_wall_clock(arguments[0]) && (arguments[1] & TIMER_ABSTIME);
    case SYS_timer_create:
    case SYS_timerfd_create: return is_wall_clock(arguments[0]);
    default: return 0;
    }
}

static void system_call(pid_t thread)
{
    struct __ptrace_syscall_info info;
    if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, sizeof info, &info) < 0) return;
    if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
        look_ends(thread, info.exit.rval);
        return;
    }
    if (is_wait_until_a_time_of_day(info.entry.nr, (const uint64_t *)info.entry.args)) {
        dprintf(2, "clock: process %d waits until a time of day: system call %d\n", thread, (int)info.entry.nr);
        _exit(CLOCK_FAILED);
    }
    if (info.entry.nr == SYS_clock_gettime && is_wall_clock(info.entry.args[0])) look_begins(thread, info.entry.args[1], 0);
    if (info.entry.nr == SYS_gettimeofday) look_begins(thread, info.entry.args[0], 0);
#ifdef SYS_time
    if (info.entry.nr == SYS_time) look_begins(thread, info.entry.args[0], 1);
#endif
}

int main(int argc, char **argv)
{
    int go[2];
    char byte = 0;
    if (argc < 3) {
        dprintf(2, "usage: clock FILE COMMAND ARG...\n");
        return CLOCK_FAILED;
    }
    offset_file = open(argv[1], O_RDONLY | O_CLOEXEC);
    if (offset_file < 0) fail(argv[1]);
    if (pipe2(go, O_CLOEXEC) < 0) fail("pipe2");
    pid_t command = fork();
    if (command == 0) {
        close(go[1]);
        if (read(go[0], &byte, 1) != 1) _exit(CLOCK_FAILED); /* the debugger has ended */
        execvp(argv[2], argv + 2);
        fail(argv[2]);
    }
    long options = PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK;
    if (ptrace(PTRACE_SEIZE, command, 0, options) < 0 || ptrace(PTRACE_INTERRUPT, command, 0, 0) < 0) fail("ptrace");
    if (write(go[1], &byte, 1) != 1) fail("write");
    close(go[1]);

    for (;;) {
        int status, signal = 0;
        pid_t thread = waitpid(-1, &status, __WALL);
        if (thread < 0) fail("waitpid");
        if (!WIFSTOPPED(status)) {
            if (thread != command) continue;
            return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
        }
        if (WSTOPSIG(status) == SYSTEM_CALL) system_call(thread);
        else if (status >> 16 == PTRACE_EVENT_EXEC) hide_vdso(thread);
        else if (status >> 16 == 0) signal = WSTOPSIG(status);
        ptrace(PTRACE_SYSCALL, thread, 0, signal);
    }
}
