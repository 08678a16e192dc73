/*
 * The program that the tests run as main, and what they run proa with: one verb does one thing, and says on stdout what happened,
 * a line each time, so that a test waits for a line and never for a while. Signals are numbers. libc keeps 32 and 33 to itself,
 * so signals are handled with the kernel's own calls here.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define PUPPET_FAILED 99
#define LAST_SIGNAL 64
#define FIRST_REAL_TIME 35

extern char **environ;

static void fail(const char *what)
{
    dprintf(2, "puppet: %s: %s\n", what, strerror(errno));
    _exit(PUPPET_FAILED);
}

static void say(const char *format, ...)
{
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (write(1, line, (size_t)length) != length) _exit(PUPPET_FAILED);
}

/* ---- The kernel's signals ---- */

typedef uint64_t signals;

struct disposition {
    void (*handler)(int);
    unsigned long flags;
    void (*restorer)(void);
    signals mask;
};

static signals bit(int number) { return UINT64_C(1) << (number - 1); }

static signals set_mask(int how, signals set)
{
    signals before;
    syscall(SYS_rt_sigprocmask, how, &set, &before, sizeof set);
    return before;
}

static void set_disposition(int number, void (*handler)(int))
{
    struct disposition disposition = { .handler = handler };
    syscall(SYS_rt_sigaction, number, &disposition, NULL, sizeof(signals));
}

static int next_signal(signals set, siginfo_t *info)
{
    int number;
    do number = (int)syscall(SYS_rt_sigtimedwait, &set, info, NULL, sizeof set);
    while (number < 0 && errno == EINTR);
    return number;
}

/* "all", or numbers with commas */
static signals parse_signals(const char *text)
{
    if (strcmp(text, "all") == 0) return ~UINT64_C(0);
    signals set = 0;
    while (*text) {
        char *end;
        set |= bit((int)strtol(text, &end, 10));
        text = *end == ',' ? end + 1 : end;
    }
    return set;
}

/* ---- report FILE: everything that a process can see of how it was started ---- */

static FILE *report_file;

static void field(const char *name, const char *format, ...)
{
    va_list arguments;
    fprintf(report_file, "%s=", name);
    va_start(arguments, format);
    vfprintf(report_file, format, arguments);
    va_end(arguments);
    fputc('\n', report_file);
}

static void field_hex(const char *name, int index, const char *bytes)
{
    fprintf(report_file, "%s[%d]=", name, index);
    for (; *bytes; bytes++) fprintf(report_file, "%02x", (unsigned char)*bytes);
    fputc('\n', report_file);
}

static void field_file(const char *name, const char *path)
{
    FILE *file = fopen(path, "r");
    char line[4096];
    for (int i = 0; file && fgets(line, sizeof line, file); i++) {
        line[strcspn(line, "\n")] = 0;
        fprintf(report_file, "%s[%d]=%s\n", name, i, line);
    }
    if (file) fclose(file);
}

static void field_link(const char *name, const char *path)
{
    char target[4096];
    ssize_t length = readlink(path, target, sizeof target - 1);
    target[length < 0 ? 0 : length] = 0;
    field(name, "%s", length < 0 ? strerror(errno) : target);
}

/* Of /proc/self/status: all that does not say which process this is, or how much memory it uses. */
static void field_status(void)
{
    static const char *const other[] = { "Tgid", "Ngid", "Pid", "PPid", "NStgid", "NSpid", "NSpgid", "NSsid", "Vm", "Rss", "Hugetlb", "SigQ",
        "voluntary", "nonvoluntary", "FDSize", "State", NULL };
    FILE *file = fopen("/proc/self/status", "r");
    char line[4096];
    while (file && fgets(line, sizeof line, file)) {
        int skip = 0;
        for (int i = 0; other[i]; i++) skip |= strncmp(line, other[i], strlen(other[i])) == 0;
        if (!skip) fprintf(report_file, "status.%s", line);
    }
    if (file) fclose(file);
}

static int report(const char *path, char **argv)
{
    /* Before anything opens a descriptor. */
    enum { DESCRIPTORS = 4096 };
    static char targets[DESCRIPTORS][256];
    static int flags[DESCRIPTORS][2];
    struct rlimit nofile;
    getrlimit(RLIMIT_NOFILE, &nofile);
    for (int fd = 0; fd < DESCRIPTORS; fd++) {
        char link[64];
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        if (readlink(link, targets[fd], sizeof targets[fd] - 1) < 0) targets[fd][0] = 0;
        flags[fd][0] = fcntl(fd, F_GETFD);
        flags[fd][1] = fcntl(fd, F_GETFL);
    }

    signals mask = set_mask(SIG_BLOCK, 0);
    mode_t mask_of_files = umask(0);
    umask(mask_of_files);
    report_file = fopen(path, "we");
    if (!report_file) fail(path);

    for (int i = 0; argv[i]; i++) field_hex("argv", i, argv[i]);
    for (int i = 0; environ[i]; i++) field_hex("environ", i, environ[i]);
    for (int fd = 0; fd < DESCRIPTORS; fd++) {
        char name[32];
        snprintf(name, sizeof name, "descriptor %d", fd);
        if (targets[fd][0]) field(name, "%s close-on-exec %d flags %o", targets[fd], flags[fd][0], flags[fd][1]);
    }

    field("execfn", "%s", (const char *)getauxval(AT_EXECFN));
    field_link("exe", "/proc/self/exe");
    field_link("cwd", "/proc/self/cwd");
    field_link("root", "/proc/self/root");
    field("umask", "%o", mask_of_files);
    field("mask", "%016llx", (unsigned long long)mask);
    for (int n = 1; n <= LAST_SIGNAL; n++) {
        struct disposition disposition;
        if (syscall(SYS_rt_sigaction, n, NULL, &disposition, sizeof(signals)) == 0 && disposition.handler == SIG_IGN) field("ignored", "%d", n);
    }
    field("session", "%d", getsid(0));
    field("leads its process group", "%d", getpgrp() == getpid());
    field("parent death signal", "%d", ({ int n = -1; prctl(PR_GET_PDEATHSIG, &n); n; }));
    field("nice", "%d", getpriority(PRIO_PROCESS, 0));
    field("scheduler", "%d", sched_getscheduler(0));
    field("ioprio", "%ld", syscall(SYS_ioprio_get, 1, 0));
    field("personality", "%x", personality(0xffffffff));
    field("timer slack", "%d", prctl(PR_GET_TIMERSLACK));
    field("securebits", "%d", prctl(PR_GET_SECUREBITS));
    field("dumpable", "%d", prctl(PR_GET_DUMPABLE));
    field("subreaper", "%d", ({ int n = -1; prctl(PR_GET_CHILD_SUBREAPER, &n); n; }));
    for (int i = 0; i < RLIM_NLIMITS; i++) {
        struct rlimit limit;
        char name[32];
        snprintf(name, sizeof name, "limit %d", i);
        if (getrlimit(i, &limit) == 0) field(name, "%llu %llu", (unsigned long long)limit.rlim_cur, (unsigned long long)limit.rlim_max);
    }
    field_status();
    field_file("oom_score_adj", "/proc/self/oom_score_adj");
    field_file("cgroup", "/proc/self/cgroup");
    field_file("comm", "/proc/self/comm");
    field_file("coredump_filter", "/proc/self/coredump_filter");
    field_file("loginuid", "/proc/self/loginuid");
    static const char *const namespaces[] = { "cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts", NULL };
    for (int i = 0; namespaces[i]; i++) {
        char link[64];
        snprintf(link, sizeof link, "/proc/self/ns/%s", namespaces[i]);
        field_link(namespaces[i], link);
    }
    int terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    field("controlling terminal", "%s", terminal < 0 ? strerror(errno) : tcgetpgrp(terminal) == getpgrp() ? "in the foreground" : "in the background");
    fclose(report_file);
    return 0;
}

/* ---- under SETTING... -- COMMAND...: changes itself, then becomes the command ---- */

static char *unhex(const char *hex)
{
    size_t length = strlen(hex) / 2;
    char *bytes = calloc(length + 1, 1);
    for (size_t i = 0; i < length; i++) {
        unsigned value;
        sscanf(hex + 2 * i, "%2x", &value);
        bytes[i] = (char)value;
    }
    return bytes;
}

static void append(char ***list, char *item)
{
    size_t count = 0;
    while ((*list)[count]) count++;
    char **longer = calloc(count + 2, sizeof *longer);
    memcpy(longer, *list, count * sizeof *longer);
    longer[count] = item;
    *list = longer;
}

static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, text, strlen(text)) < 0) fail(path);
    close(fd);
}

static void move_to(int from, int to)
{
    if (from < 0) fail("open");
    if (from == to) return;
    if (dup2(from, to) < 0) fail("dup2");
    close(from);
}

static void apply(const char *setting, char ***command)
{
    char *value = strchr(setting, '=');
    size_t length = value ? (size_t)(value - setting) : strlen(setting);
    if (value) value++;
#define IS(name) (length == sizeof name - 1 && strncmp(setting, name, length) == 0)
    if (IS("ignore") || IS("default")) {
        signals set = parse_signals(value);
        for (int n = 1; n <= LAST_SIGNAL; n++)
            if (set & bit(n)) set_disposition(n, IS("ignore") ? SIG_IGN : SIG_DFL);
    } else if (IS("block")) {
        set_mask(SIG_BLOCK, parse_signals(value));
    } else if (IS("pending")) {
        signals set = parse_signals(value);
        for (int n = 1; n <= LAST_SIGNAL; n++)
            if (set & bit(n)) kill(getpid(), n);
    } else if (IS("umask")) {
        umask((mode_t)strtol(value, NULL, 8));
    } else if (IS("nice")) {
        if (nice(atoi(value)) == -1) fail("nice");
    } else if (IS("limit")) {
        int which;
        long long soft, hard;
        sscanf(value, "%d:%lld:%lld", &which, &soft, &hard);
        struct rlimit limit = { .rlim_cur = (rlim_t)soft, .rlim_max = (rlim_t)hard };
        if (setrlimit(which, &limit) < 0) fail("setrlimit");
    } else if (IS("read") || IS("write")) {
        char *path = strchr(value, ':') + 1;
        move_to(open(path, IS("read") ? O_RDONLY : O_WRONLY | O_CREAT | O_APPEND, 0600), atoi(value));
    } else if (IS("close")) {
        close(atoi(value));
    } else if (IS("close-from")) {
        syscall(SYS_close_range, atoi(value), ~0U, 0);
    } else if (IS("cwd")) {
        if (chdir(value) < 0) fail(value);
    } else if (IS("deleted-cwd")) {
        if (mkdir(value, 0700) < 0 || chdir(value) < 0 || rmdir(value) < 0) fail(value);
    } else if (IS("oom-score-adj")) {
        write_file("/proc/self/oom_score_adj", value);
    } else if (IS("coredump-filter")) {
        write_file("/proc/self/coredump_filter", value);
    } else if (IS("no-new-privs")) {
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    } else if (IS("timer-slack")) {
        prctl(PR_SET_TIMERSLACK, atoi(value));
    } else if (IS("no-huge-pages")) {
        prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
    } else if (IS("batch")) {
        struct sched_param none = { 0 };
        if (sched_setscheduler(0, SCHED_BATCH, &none) < 0) fail("sched_setscheduler");
    } else if (IS("cpu")) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(atoi(value), &set);
        if (sched_setaffinity(0, sizeof set, &set) < 0) fail("sched_setaffinity");
    } else if (IS("idle-io")) {
        if (syscall(SYS_ioprio_set, 1, 0, 3 << 13) < 0) fail("ioprio_set");
    } else if (IS("personality")) {
        personality(ADDR_NO_RANDOMIZE);
    } else if (IS("user")) {
        gid_t group = (gid_t)atoi(value);
        if (syscall(SYS_setgroups, 1, &group) < 0 || setresgid(group, group, group) < 0 || setresuid(group, group, group) < 0) fail("user");
    } else if (IS("session")) {
        if (setsid() < 0) fail("setsid");
    } else if (IS("alarm")) {
        struct itimerval timer = { .it_value.tv_usec = 1000 * atoi(value) };
        setitimer(ITIMER_REAL, &timer, NULL);
    } else if (IS("argument")) {
        append(command, unhex(value));
    } else if (IS("no-variables")) {
        static char *none[] = { NULL };
        environ = none;
    } else if (IS("variable")) {
        append(&environ, unhex(value));
    } else if (IS("variables-of-size")) {
        /* The kernel takes 128 KiB for one string. */
        for (long left = atol(value); left > 2;) {
            long size = left > 100000 ? 100000 : left;
            char *variable = malloc((size_t)size);
            memset(variable, 'x', (size_t)size);
            memcpy(variable, "V=", 2);
            variable[size - 1] = 0;
            append(&environ, variable);
            left -= size;
        }
    } else if (IS("say")) {
        say("%s\n", value);
    } else if (IS("wait-for-line")) {
        char byte;
        while (read(0, &byte, 1) == 1 && byte != '\n');
    } else {
        errno = EINVAL;
        fail(setting);
    }
}

static int under(char **argv)
{
    char **command = argv;
    while (*command && strcmp(*command, "--") != 0) command++;
    if (!*command) return PUPPET_FAILED;
    char **settings = argv, **end = command;
    command++;
    for (; settings < end; settings++) apply(*settings, &command);
    execvp(command[0], command);
    fail(command[0]);
    return 0;
}

/* execvp COMMAND...: what libc's execvp makes of it, with the exit code that env(1) has for its errors */
static int become(char **argv)
{
    execvp(argv[0], argv);
    int error = errno;
    dprintf(2, "%s\n", strerrorname_np(error));
    return error == ENOENT ? 127 : 126;
}

/* afresh PATH COMMAND...: the program at PATH as the command, with default dispositions and an empty mask, however the tests were started:
 * nohup(1) and a shell's background leave signals ignored. */
static int afresh(const char *path, char **command)
{
    for (int n = 1; n <= LAST_SIGNAL; n++) set_disposition(n, SIG_DFL);
    set_mask(SIG_SETMASK, 0);
    execv(path, command);
    fail(path);
    return 0;
}

/* ---- signals [UNTIL]: says each signal that comes; exits with 0 after this one ---- */

static int receive_signals(int until)
{
    set_mask(SIG_BLOCK, ~UINT64_C(0));
    say("ready %d\n", getpid());
    for (;;) {
        siginfo_t info;
        int number = next_signal(~UINT64_C(0), &info);
        if (info.si_code == SI_QUEUE) say("signal %d value %ld\n", number, (long)(intptr_t)info.si_value.sival_ptr);
        else say("signal %d\n", number);
        if (number == until) return 0;
    }
}

/* die NUMBER: ends by this signal */
static int die(int number)
{
    struct rlimit none = { 0 };
    setrlimit(RLIMIT_CORE, &none);
    set_disposition(number, SIG_DFL);
    set_mask(SIG_SETMASK, 0);
    kill(getpid(), number);
    return PUPPET_FAILED;
}

/* Real-time signals until there have been so many, and says each. */
static int receive_real_time_signals(int count)
{
    say("receiving\n");
    for (; count > 0; count--) {
        siginfo_t info;
        int number = next_signal(~UINT64_C(0) << (FIRST_REAL_TIME - 1), &info);
        say("signal %d value %ld\n", number, (long)(intptr_t)info.si_value.sival_ptr);
    }
    return 0;
}

/* storm COUNT WINDOW PID: sends real-time signals to proa, whose main says each on what is stdin here, never more than WINDOW of them on
 * the way, and checks that each comes once, and those of one number in order. */
static int storm(int count, int window, pid_t proa)
{
    enum { NUMBERS = LAST_SIGNAL - FIRST_REAL_TIME + 1 };
    long last[LAST_SIGNAL + 1];
    for (int n = 0; n <= LAST_SIGNAL; n++) last[n] = -1;
    char *seen = calloc((size_t)count, 1), line[256];
    int sent = 0, received = 0;
    while (received < count) {
        while (sent < count && sent - received < window) {
            union sigval value = { .sival_ptr = (void *)(intptr_t)sent };
            if (sigqueue(proa, FIRST_REAL_TIME + sent % NUMBERS, value) < 0) fail("sigqueue");
            sent++;
        }
        int number;
        long value;
        if (!fgets(line, sizeof line, stdin)) fail("main has ended");
        if (sscanf(line, "signal %d value %ld", &number, &value) != 2 || value < 0 || value >= count || seen[value] || value <= last[number]
            || number != FIRST_REAL_TIME + value % NUMBERS) {
            dprintf(2, "puppet: unexpected: %s", line);
            return 1;
        }
        seen[value] = 1;
        last[number] = value;
        received++;
    }
    return 0;
}

/* ---- orphans COUNT [EXIT-CODE]: makes orphans, and waits until none of them is there any more ---- */

struct adoptions { int by_parent, by_others; };

static int children_of(pid_t parent)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", parent, parent);
    FILE *file = fopen(path, "re");
    if (!file) fail(path);
    int count = 0, pid;
    while (fscanf(file, "%d", &pid) == 1) count++;
    fclose(file);
    return count;
}

static void make_orphan(struct adoptions *adoptions, pid_t adopter)
{
    pid_t parent = fork();
    if (parent < 0) fail("fork");
    if (parent == 0) {
        pid_t between = getpid();
        /* The kernel sends this when the orphan has got its new parent. */
        set_mask(SIG_BLOCK, bit(SIGUSR1));
        pid_t orphan = fork();
        if (orphan != 0) _exit(orphan < 0);
        prctl(PR_SET_PDEATHSIG, SIGUSR1);
        siginfo_t info;
        if (getppid() == between) next_signal(bit(SIGUSR1), &info);
        __atomic_fetch_add(getppid() == adopter ? &adoptions->by_parent : &adoptions->by_others, 1, __ATOMIC_SEQ_CST);
        _exit(0);
    }
    int status;
    if (waitpid(parent, &status, 0) != parent || status != 0) fail("an orphan's parent");
}

static int orphans(int count, int exit_code)
{
    struct adoptions *adoptions = mmap(NULL, sizeof *adoptions, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t adopter = getppid();
    for (int i = 0; i < count; i++) {
        make_orphan(adoptions, adopter);
        while (exit_code < 0 && i % 200 == 199 && children_of(adopter) > 200) sched_yield();
    }
    /* With an exit code: exits in the middle of them. */
    if (exit_code >= 0) return exit_code;
    while (adoptions->by_parent + adoptions->by_others < count || children_of(adopter) > 1) sched_yield();
    say("%d adopted by the parent, %d by others, all reaped\n", adoptions->by_parent, adoptions->by_others);
    return 0;
}

/* serve: does what the lines on stdin say, "orphans COUNT" and "signals COUNT", until their end */
static int serve(void)
{
    char line[64];
    int count;
    set_mask(SIG_BLOCK, ~UINT64_C(0));
    while (fgets(line, sizeof line, stdin)) {
        if (sscanf(line, "orphans %d", &count) == 1) orphans(count, -1);
        else if (sscanf(line, "signals %d", &count) == 1) receive_real_time_signals(count);
        else return PUPPET_FAILED;
    }
    return 0;
}

/* linger EXIT-CODE: leaves a process behind that never ends, says its number, and exits */
static int linger(int exit_code)
{
    pid_t child = fork();
    if (child == 0) {
        /* Whoever reads what we write is not to wait for this one. */
        syscall(SYS_close_range, 0, ~0U, 0);
        for (;;) pause();
    }
    say("left %d\n", child);
    return exit_code;
}

/* family: a child in the same process group; both say each signal that comes, until 15 */
static int family(void)
{
    set_mask(SIG_BLOCK, ~UINT64_C(0) & ~bit(SIGCHLD));
    int ready[2];
    if (pipe(ready) < 0) fail("pipe");
    pid_t child = fork();
    if (child == 0) say("child ready\n");
    if (child == 0 && write(ready[1], "", 1) != 1) fail("write");
    char byte;
    if (child != 0) {
        if (read(ready[0], &byte, 1) != 1) fail("read");
        say("main ready\n");
    }
    for (;;) {
        siginfo_t info;
        int number = next_signal(~UINT64_C(0) & ~bit(SIGCHLD), &info);
        say("%s signal %d\n", child ? "main" : "child", number);
        if (number != SIGTERM) continue;
        /* Where only main is told. */
        if (child) kill(child, SIGKILL);
        return 0;
    }
}

/* leave-group STAYERS: goes over to its parent's process group, from which a process may be left in its own; says each signal that comes to
 * it or to the one that is left, until 15 */
static int leave_group(int stayers)
{
    set_mask(SIG_BLOCK, ~UINT64_C(0));
    pid_t child = stayers > 0 ? fork() : -1;
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (siginfo_t info;;) say("stayer signal %d\n", next_signal(~UINT64_C(0) & ~bit(SIGCHLD), &info));
    }
    if (setpgid(0, getpgid(getppid())) < 0) fail("setpgid");
    say("ready %d\n", getpid());
    for (siginfo_t info;;) {
        int number = next_signal(~UINT64_C(0) & ~bit(SIGCHLD), &info);
        say("main signal %d\n", number);
        if (number == SIGTERM) return 0;
    }
}

/* hold PID: holds all threads of a process as a debugger does, so that it runs no further and nobody is told; says so; until it is killed */
static int hold(pid_t process)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", process);
    DIR *threads = opendir(path);
    if (!threads) fail(path);
    for (struct dirent *entry; (entry = readdir(threads)) != NULL;) {
        pid_t thread = atoi(entry->d_name);
        if (thread == 0) continue;
        if (ptrace(PTRACE_SEIZE, thread, 0, 0) < 0 || ptrace(PTRACE_INTERRUPT, thread, 0, 0) < 0) fail("ptrace");
        waitpid(thread, NULL, __WALL);
    }
    closedir(threads);
    say("held\n");
    for (int status; waitpid(-1, &status, __WALL) > 0 || errno == EINTR;);
    return 0;
}

/* unread FREE COMMAND...: the command with a pipe as its stderr in which just so many bytes are free, and which nobody reads until the line
 * "read" comes on stdin; from then on, and when the command has ended, what is in it goes to stdout */
static int unread(int free_bytes, char **command)
{
    enum { SIZE = 65536 };
    int ends[2];
    char buffer[SIZE];
    if (pipe(ends) < 0 || fcntl(ends[1], F_SETPIPE_SZ, SIZE) < 0) fail("pipe");
    memset(buffer, '.', SIZE);
    if (write(ends[1], buffer, (size_t)(SIZE - free_bytes)) != SIZE - free_bytes) fail("write");
    pid_t child = fork();
    if (child == 0) {
        say("child %d\n", getpid()); /* before whatever the command says */
        dup2(ends[1], 2);
        syscall(SYS_close_range, 3, ~0U, 0);
        execvp(command[0], command);
        _exit(PUPPET_FAILED);
    }
    close(ends[1]);
    int end = (int)syscall(SYS_pidfd_open, child, 0);
    struct pollfd changes[2] = { { .fd = 0, .events = POLLIN }, { .fd = end, .events = POLLIN } };
    while (poll(changes, 2, -1) < 0);
    for (ssize_t length; (length = read(ends[0], buffer, SIZE)) > 0;)
        if (write(1, buffer, (size_t)length) != length) _exit(PUPPET_FAILED);
    int status;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* stop-self NUMBER: stops by this signal and says when it is continued */
static int stop_self(int number)
{
    set_disposition(number, SIG_DFL);
    set_mask(SIG_SETMASK, 0);
    say("stopping %d\n", getpid());
    kill(getpid(), number);
    say("continued\n");
    return 0;
}

/* ---- Terminals ---- */

/* foreground: whether its process group is the foreground one of the terminal on stdin */
static int foreground(void)
{
    say("%s\n", !isatty(0) ? "no terminal" : tcgetpgrp(0) == getpgrp() ? "in the foreground" : "in the background");
    return 0;
}

/* read-tty: says so, reads a line, and says it */
static int read_tty(void)
{
    char line[256];
    foreground();
    ssize_t length = read(0, line, sizeof line - 1);
    if (length < 0) say("cannot read: %s\n", strerrorname_np(errno));
    else say("read %.*s", (int)length, line);
    return length < 0;
}

/* A key that signals otherwise discards what is typed and written around it, and what a test waits for may be among that. */
static void keep_what_is_typed(void)
{
    struct termios modes;
    if (tcgetattr(0, &modes) < 0) fail("tcgetattr");
    modes.c_lflag |= NOFLSH;
    if (tcsetattr(0, TCSANOW, &modes) < 0) fail("tcsetattr");
}

/* terminal COMMAND...: runs it as the leader of a new session on a new terminal, what is typed there comes from stdin and what appears
 * there goes to stdout. Exits as the command does. */
static int terminal(char **command)
{
    int master;
    struct winsize size = { .ws_row = 24, .ws_col = 200 };
    pid_t child = forkpty(&master, NULL, NULL, &size);
    if (child < 0) fail("forkpty");
    if (child == 0) {
        keep_what_is_typed();
        set_mask(SIG_SETMASK, 0);
        for (int n = 1; n <= LAST_SIGNAL; n++) set_disposition(n, SIG_DFL);
        execvp(command[0], command);
        fail(command[0]);
    }
    struct pollfd ends[2] = { { .fd = 0, .events = POLLIN }, { .fd = master, .events = POLLIN } };
    char buffer[65536];
    /* A master is read to its end, EIO, which comes when nobody has the terminal open any more. */
    for (;;) {
        if (poll(ends, 2, -1) < 0) continue;
        if (ends[0].revents) {
            ssize_t length = read(0, buffer, sizeof buffer);
            /* The test is gone: hang up. */
            if (length <= 0 || write(master, buffer, (size_t)length) < 0) break;
        }
        if (ends[1].revents) {
            ssize_t length = read(master, buffer, sizeof buffer);
            if (length <= 0 || write(1, buffer, (size_t)length) < 0) break;
        }
    }
    close(master);
    int status;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* jobs COMMAND...: a shell's part in job control: the command in a process group of its own in the foreground; what becomes of it is said;
 * the line "fg" or "bg" that is then typed continues it. */
static int jobs(char **command)
{
    set_disposition(SIGTTOU, SIG_IGN);
    pid_t child = fork();
    if (child == 0) {
        setpgid(0, 0);
        tcsetpgrp(0, getpid());
        set_disposition(SIGTTOU, SIG_DFL);
        execvp(command[0], command);
        fail(command[0]);
    }
    setpgid(child, child);
    for (int status; waitpid(child, &status, WUNTRACED | WCONTINUED) == child;) {
        if (WIFCONTINUED(status)) {
            say("job continued\n");
            continue;
        }
        tcsetpgrp(0, getpgrp());
        if (!WIFSTOPPED(status)) return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
        say("job stopped %d\n", WSTOPSIG(status));
        char line[16];
        if (!fgets(line, sizeof line, stdin)) return PUPPET_FAILED;
        if (line[0] == 'f') tcsetpgrp(0, child);
        kill(-child, SIGCONT);
    }
    return PUPPET_FAILED;
}

int main(int argc, char **argv)
{
    const char *verb = argc > 1 ? argv[1] : "";
    int first = argc > 2 ? atoi(argv[2]) : -1;
#define VERB(name) (strcmp(verb, name) == 0)
    if (VERB("report") && argc > 2) return report(argv[2], argv);
    if (VERB("under")) return under(argv + 2);
    if (VERB("execvp")) return become(argv + 2);
    if (VERB("afresh") && argc > 3) return afresh(argv[2], argv + 3);
    if (VERB("exit")) return first;
    if (VERB("die")) return die(first);
    if (VERB("signals")) return receive_signals(first);
    if (VERB("serve")) return serve();
    if (VERB("storm") && argc > 4) return storm(first, atoi(argv[3]), atoi(argv[4]));
    if (VERB("orphans")) return orphans(first, argc > 3 ? atoi(argv[3]) : -1);
    if (VERB("linger")) return linger(first);
    if (VERB("family")) return family();
    if (VERB("leave-group")) return leave_group(first);
    if (VERB("hold")) return hold(first);
    if (VERB("unread")) return unread(first, argv + 3);
    if (VERB("stop-self")) return stop_self(first);
    if (VERB("foreground")) return foreground();
    if (VERB("read-tty")) return read_tty();
    if (VERB("terminal")) return terminal(argv + 2);
    if (VERB("jobs")) return jobs(argv + 2);
    dprintf(2, "puppet: unknown verb \"%s\"\n", verb);
    return PUPPET_FAILED;
}
