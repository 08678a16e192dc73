/*
 * Between vfork and exec no managed code can run: posix_spawn cannot make a child ignore a signal, which is needed to give SIGCHLD
 * and SIGPIPE back as they were. The rest is what managed code cannot do as well.
 */
#define _GNU_SOURCE
#include "native.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <nss.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Whether signals could be blocked; else those that arrive would go by signalfd(2), and be lost. */
int proa_signals_are_blocked(void)
{
    uint64_t mask = 0;
    return syscall(SYS_rt_sigprocmask, SIG_SETMASK, NULL, &mask, sizeof mask) == 0 && (mask & set_of(SIGCHLD));
}

/* For a mode in which proa does not become an init: Ctrl-C ends it, like any program. */
void proa_unblock_signals(void) { set_mask(given_mask, NULL); }

/*
 * Opens a process, so that what is then read of it and the signal that follows are of the same one, whatever becomes of its ID.
 * Returns -1 with errno ENOSYS or EPERM where the kernel (before 5.3) or the runtime's seccomp profile does not have it.
 */
int proa_open_process(int process) { return (int)syscall(SYS_pidfd_open, process, 0); }

/* Signals the process that was opened, or, without a descriptor, by its ID. */
int proa_signal_process(int descriptor, int process, int signal)
{
    return descriptor < 0 ? kill(process, signal) : (int)syscall(SYS_pidfd_send_signal, descriptor, signal, NULL, 0);
}

/* The file's type, S_IFMT of st_mode, and its size; or -errno. */
int proa_file_status(const char *path, int follow_link, int64_t *size)
{
    struct stat status;
    if ((follow_link ? stat(path, &status) : lstat(path, &status)) < 0)
        return -errno;
    *size = status.st_size;
    return (int)(status.st_mode & S_IFMT);
}

/*
 * Host names are looked up by what is linked in, /etc/hosts and DNS, whatever /etc/nsswitch.conf says: a module of the image's own
 * glibc, loaded into this one, would end the process.
 */
void proa_use_own_resolver(void) { __nss_configure_lookup("hosts", "files dns"); }

/* As execvp(3) goes on to the next directory of PATH, or does not. */
static int try_next_directory(int error)
{
    return error == EACCES || error == ENOENT || error == ENOTDIR || error == ESTALE || error == ENODEV || error == ETIMEDOUT;
}

/* Tries the paths in order as execvp(3) does: a file that is no program is given to the shell, and a file that may not be
 * executed is remembered while the search goes on. Returns errno. */
__attribute__((noinline)) static int exec_first(char *const paths[], char *const argv[], char **shell_argv, char *const envp[])
{
    int denied = 0;
    errno = ENOENT;
    for (int i = 0; paths[i] != NULL; i++) {
        execve(paths[i], argv, envp);
        if (errno == ENOEXEC) {
            shell_argv[1] = paths[i];
            execve(shell_argv[0], shell_argv, envp);
        }
        if (errno == EACCES)
            denied = 1;
        if (!try_next_directory(errno))
            return errno;
    }
    return denied ? EACCES : errno;
}

/* Libc.Spawned: the process; or 0, errno, and whether that was for want of a process. One that could not become the program is left to be reaped. */
struct spawned {
    int process, error, has_no_process;
};

static struct spawned spawned(pid_t child, int error)
{
    if (child < 0)
        return (struct spawned){ 0, errno, 1 };
    return (struct spawned){ error ? 0 : child, error, 0 };
}

/*
 * Starts the command: in a process group of its own, which is made the terminal's foreground group if terminal is not -1, with the
 * signals as proa was given them. shell_argv is the shell, room for the script's path, and argv from argv[1].
 */
struct spawned proa_spawn_command(char *const paths[], char *const argv[], char **shell_argv, char *const envp[], int terminal)
{
    volatile int error = 0;
    pid_t child = vfork();
    if (child == 0) {
        setpgid(0, 0);
        if (terminal >= 0)
            tcsetpgrp(terminal, getpid()); /* SIGTTOU is blocked here */
        set_signals(given_ignored, given_mask);
        error = exec_first(paths, argv, shell_argv, envp);
        _exit(127);
    }
    return spawned(child, error);
}

/* The most memory that a worker may have, whatever goes wrong in it: its heap has a limit of its own (build/native.props). */
static void limit_memory(void)
{
    enum { MOST = 256 << 20 };
    struct rlimit limit;
    if (getrlimit(RLIMIT_DATA, &limit) == 0 && limit.rlim_cur > MOST) {
        limit.rlim_cur = MOST;
        setrlimit(RLIMIT_DATA, &limit);
    }
}

/*
 * Starts a worker: with input as stdin and output as stdout, clean signals, in the directory if it is still there, and with an end when
 * the supervisor ends.
 */
struct spawned proa_spawn_worker(const char *path, char *const argv[], char *const envp[], int input, int output, const char *directory)
{
    volatile int error = 0;
    pid_t supervisor = getpid();
    pid_t child = vfork();
    if (child == 0) {
        setpgid(0, 0); /* a terminal's signals are for the supervisor */
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() == supervisor && dup2(input, 0) >= 0 && dup2(output, 1) >= 0) {
            if (fcntl(STDERR_FILENO, F_GETFD) < 0)
                (void)!open("/dev/null", O_WRONLY); /* or a socket would get the number that the log goes to */
            if (directory)
                (void)!chdir(directory);
            limit_memory();
            set_signals(0, worker_mask());
            execve(path, argv, envp);
        }
        error = errno ? errno : ESRCH;
        _exit(127);
    }
    return spawned(child, error);
}

/* Whether all other threads sleep, as the runtime's own does until this one wakes it. */
static int is_only_one_awake(void)
{
    int self = gettid(), is_only_one = 0;
    DIR *threads = opendir("/proc/self/task");
    for (struct dirent *entry; threads && (entry = readdir(threads)) != NULL;) {
        char path[64], line[256];
        int thread = atoi(entry->d_name);
        is_only_one |= thread == self;
        if (thread <= 0 || thread == self)
            continue;
        snprintf(path, sizeof path, "/proc/self/task/%d/stat", thread);
        int file = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t length = read(file, line, sizeof line - 1);
        close(file);
        line[length > 0 ? length : 0] = 0;
        const char *name_end = strrchr(line, ')');
        if (!name_end || strncmp(name_end, ") S", 3) != 0) {
            is_only_one = 0;
            break;
        }
    }
    if (threads)
        closedir(threads);
    return is_only_one;
}

/*
 * Gives back those of the pages that may be written to which have not been: they are the file's still, as /proc/self/pagemap tells. Where it
 * may not be read, they stay.
 */
static void release_unwritten(uintptr_t start, uintptr_t end, uintptr_t page)
{
    enum { AT_ONCE = 128 };
    const uint64_t present = UINT64_C(1) << 63, of_file = UINT64_C(1) << 61;
    uint64_t entries[AT_ONCE];
    int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    for (uintptr_t at = start; at < end; at += AT_ONCE * page) {
        ssize_t read = pread(pagemap, entries, sizeof entries, (off_t)(at / page * sizeof *entries));
        size_t known = read > 0 ? (size_t)read / sizeof *entries : 0;
        for (size_t first = 0, next; first < known && at + first * page < end; first = next) {
            for (next = first; next < known && at + next * page < end && (entries[next] & present) && (entries[next] & of_file);)
                next++;
            if (next > first)
                madvise((void *)(at + first * page), (next - first) * page, MADV_DONTNEED);
            else
                next++;
        }
    }
    if (pagemap >= 0)
        close(pagemap);
}

static int release_segment(struct dl_phdr_info *info, size_t size, void *is_only_one)
{
    (void)size;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        uintptr_t start = info->dlpi_addr + (segment->p_vaddr & ~(page - 1)), end = info->dlpi_addr + segment->p_vaddr + segment->p_filesz;
        if (segment->p_type == PT_LOAD && !(segment->p_flags & PF_W))
            madvise((void *)start, end - start, MADV_DONTNEED);
        else if (segment->p_type == PT_LOAD && *(int *)is_only_one)
            release_unwritten(start, end, page);
    }
    return 1; /* the program itself is the first */
}

/*
 * Waits until there is something to read, or for so many milliseconds (-1: for ever); as poll(2). Before that, if has_rest, the pages of the
 * executable that only the start, or the last signal, needed are given back: while the command runs, for days perhaps, a few are read again
 * from the page cache when a signal arrives. Both in one, so that there is not much on the way from one to the other.
 */
int proa_wait_readable(int descriptor, int milliseconds, int has_rest)
{
    struct pollfd readable = { .fd = descriptor, .events = POLLIN };
    if (has_rest) {
        int is_only_one = is_only_one_awake();
        dl_iterate_phdr(release_segment, &is_only_one);
    }
    return poll(&readable, 1, milliseconds);
}

/* Where stdin was closed, the runtime's own /dev/urandom may have its number; all of proa's own descriptors are close-on-exec. */
static int was_given(int descriptor)
{
    int flags = fcntl(descriptor, F_GETFD);
    return flags >= 0 && !(flags & FD_CLOEXEC);
}

/*
 * Lets go of what the command has been given: as long as the supervisor holds a pipe's end too, the command's closing it ends nothing. What
 * was inherited is what would be inherited again; all of proa's own descriptors are close-on-exec. stdin stays where it is
 * the terminal, and stderr is for the log.
 */
void proa_release_descriptors(void)
{
    DIR *descriptors = opendir("/proc/self/fd");
    for (struct dirent *entry; descriptors && (entry = readdir(descriptors)) != NULL;) {
        int descriptor = atoi(entry->d_name);
        if (descriptor > STDERR_FILENO && was_given(descriptor))
            close(descriptor);
    }
    if (descriptors)
        closedir(descriptors);

    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0)
        return;
    if (was_given(STDIN_FILENO) && !isatty(STDIN_FILENO))
        dup2(null, STDIN_FILENO);
    if (was_given(STDOUT_FILENO))
        dup2(null, STDOUT_FILENO);
    if (null > STDERR_FILENO)
        close(null);
}

/* The path of the directory that proa is in, or NULL where it has none. */
char *proa_working_directory(void) { return getcwd(NULL, 0); }

void proa_leave_working_directory(void) { (void)!chdir("/"); }

/*
 * The log's own way to stderr where that is a pipe or a terminal: writes to it never wait. It is another open file, as O_NONBLOCK on the
 * one that proa was given would be the command's too. Else what stderr is: a socket, a pipe or terminal that may not be opened, anything else.
 */
enum { LOG_TO_OTHER = -1, LOG_TO_SOCKET = -2, LOG_MAY_WAIT = -3 }; /* Logging/LogStream.cs */

int proa_open_log(void)
{
    struct stat status;
    if (fstat(STDERR_FILENO, &status) < 0)
        return LOG_TO_OTHER;
    if (S_ISSOCK(status.st_mode))
        return LOG_TO_SOCKET;
    if (!S_ISFIFO(status.st_mode) && !isatty(STDERR_FILENO))
        return LOG_TO_OTHER;
    int opened = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (opened < 0)
        return LOG_MAY_WAIT;
    int descriptor = fcntl(opened, F_DUPFD_CLOEXEC, STDERR_FILENO + 1); /* a closed stdin stays closed for the command */
    close(opened);
    return descriptor < 0 ? LOG_MAY_WAIT : descriptor;
}

/*
 * Stops the supervisor as the signal would have, for the shell whose job it is. Returns 0 if that did nothing, as for PID 1 or in an
 * orphaned process group: nobody could continue it there.
 */
int proa_stop_self(int stop_signal)
{
    uint64_t mask, pending = 0;
    set_mask(~UINT64_C(0), &mask);
    raise(stop_signal);
    set_mask(~set_of(stop_signal), NULL); /* here it stops */
    set_mask(mask, NULL);
    syscall(SYS_rt_sigpending, &pending, sizeof pending);
    return (pending & set_of(SIGCONT)) != 0;
}
