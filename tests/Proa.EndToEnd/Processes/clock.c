/*
 * clock FILE COMMAND ARG...: runs a program whose clocks a test sets. FILE holds the seconds, 8 bytes each, that are added to the
 * kernel's time whenever the program looks at it: those of the wall clock, and those of the monotonic clock.
 *
 * It is a debugger (ptrace(2)) of the program, of its threads and of whatever they start, since a static executable has no
 * library that could be put before libc. The vDSO is hidden from them, so that every look at the clock is a system call.
 *
 * The kernel's own clock does not jump, so a wait until a time of day would go on as if nothing had happened: the first one ends
 * the run. A wait until a time of the monotonic clock is moved to the kernel's; one that has begun before a jump goes on.
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

enum clock { WALL, MONOTONIC };

static int64_t offset(enum clock clock)
{
    int64_t seconds;
    if (pread(offset_file, &seconds, sizeof seconds, clock * sizeof seconds) != sizeof seconds) fail("the offset");
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

/*
 * A thread that is at it: the kernel will write the seconds there, if that is not NULL, or return them. What the program itself
 * gave is put back in any case.
 */
struct look {
    pid_t thread;
    uint64_t seconds;
    int64_t offset;
    int returns_them;
    int is_given;
};

static struct look looks[THREADS];

/* That of the thread; of thread 0: a free one. */
static struct look *look_of(pid_t thread)
{
    for (int i = 0; i < THREADS; i++)
        if (looks[i].thread == thread) return &looks[i];
    return NULL;
}

static void look_begins(struct look begun)
{
    struct look *look = look_of(0);
    if (!look) fail("too many threads");
    *look = begun;
}

static void look_ends(pid_t thread, int64_t result)
{
    struct look *look = look_of(thread);
    if (!look) return;
    look->thread = 0;
    if (result < 0 && !look->is_given) return;
    if (look->seconds) set(thread, look->seconds, get(thread, look->seconds) + (uint64_t)look->offset);
#ifdef __x86_64__
    if (look->returns_them) ptrace(PTRACE_POKEUSER, thread, offsetof(struct user_regs_struct, rax), result + look->offset);
#endif
}

static void thread_ends(pid_t thread)
{
    struct look *look = look_of(thread);
    if (look) look->thread = 0;
}

static int is_wall_clock(uint64_t clock) { return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI; }

/* Not that since the system's start, by which the ages of processes are told. */
static int is_monotonic_clock(uint64_t clock) { return clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_RAW || clock == CLOCK_MONOTONIC_COARSE; }

static void wait_begins(pid_t thread, uint64_t until)
{
    int64_t seconds = offset(MONOTONIC);
    if (!until || !seconds) return;
    set(thread, until, get(thread, until) - (uint64_t)seconds);
    look_begins((struct look) { .thread = thread, .seconds = until, .offset = seconds, .is_given = 1 });
}

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
    const uint64_t *arguments = (const uint64_t *)info.entry.args;
    if (info.entry.nr == SYS_clock_gettime && (is_wall_clock(arguments[0]) || is_monotonic_clock(arguments[0])))
        look_begins((struct look) { .thread = thread, .seconds = arguments[1], .offset = offset(is_wall_clock(arguments[0]) ? WALL : MONOTONIC) });
    if (info.entry.nr == SYS_gettimeofday) look_begins((struct look) { .thread = thread, .seconds = arguments[0], .offset = offset(WALL) });
#ifdef SYS_time
    if (info.entry.nr == SYS_time) look_begins((struct look) { .thread = thread, .seconds = arguments[0], .offset = offset(WALL), .returns_them = 1 });
#endif
    if (info.entry.nr == SYS_futex && (arguments[1] & FUTEX_CMD_MASK) == FUTEX_WAIT_BITSET) wait_begins(thread, arguments[3]);
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
            thread_ends(thread);
            if (thread != command) continue;
            return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
        }
        if (WSTOPSIG(status) == SYSTEM_CALL) system_call(thread);
        else if (status >> 16 == PTRACE_EVENT_EXEC) hide_vdso(thread);
        else if (status >> 16 == 0) signal = WSTOPSIG(status);
        ptrace(PTRACE_SYSCALL, thread, 0, signal);
    }
}
