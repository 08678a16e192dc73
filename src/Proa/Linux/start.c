/*
 * Before the runtime starts, and where it cannot.
 *
 * The runtime ignores SIGPIPE and starts threads, and a signal that arrives meanwhile would be lost (as PID 1) or end proa. So the
 * dispositions and the mask that proa was given are noted, and every signal is blocked, before any of it. The runtime also reads
 * variables that are meant for the command's: it gets an environment without them.
 */
#define _GNU_SOURCE
#include "native.h"
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LAST_SIGNAL 64
#define FIRST_OF_LIBC 32
#define WORKER_TITLE "proa: " /* Workers/WorkerTitle.cs */

/* ExitCodes.cs */
#define WORKER_FAILED 70
#define CANNOT_RUN 125
#define NOT_EXECUTABLE 126
#define NOT_FOUND 127

/*
 * The kernel is asked itself: libc's functions leave out 32 and 33, which are its own, but the command may have been given those blocked or
 * ignored too.
 */
struct kernel_action {
    void (*handler)(int);
    unsigned long flags;
    void (*restorer)(void);
    uint64_t mask;
};

char **given_argv;
char **given_envp;
uint64_t given_ignored;
uint64_t given_mask;
static int given_argc;
static int is_worker;
static int is_running;

int proa_given_argc(void) { return given_argc; }
char **proa_given_argv(void) { return given_argv; }
char **proa_given_envp(void) { return given_envp; }
uint64_t proa_given_ignored(void) { return given_ignored; }
int proa_is_worker(void) { return is_worker; }
void proa_is_running(void) { is_running = 1; }

void set_mask(uint64_t mask, uint64_t *old) { syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, old, sizeof mask); }

static void set_action(int signal, void (*handler)(int))
{
    struct kernel_action action = { .handler = handler };
    syscall(SYS_rt_sigaction, signal, &action, NULL, sizeof action.mask); /* fails for KILL and STOP */
}

void set_signals(uint64_t ignored, uint64_t mask)
{
    for (int signal = 1; signal <= LAST_SIGNAL; signal++)
        set_action(signal, ignored & set_of(signal) ? SIG_IGN : SIG_DFL);
    set_mask(mask, NULL);
}

static int begins_with(const char *text, const char *beginning) { return strncmp(text, beginning, strlen(beginning)) == 0; }

/* A process may have such a name by chance, but then not its parent's process ID as its first argument. (PID 1 has no parent: 0.) */
static int is_worker_of_parent(void)
{
    long supervisor = given_argc > 1 && begins_with(given_argv[0], WORKER_TITLE) ? strtol(given_argv[1], NULL, 10) : 0;
    return supervisor > 0 && supervisor == getppid();
}

/* ---- The runtime's environment ---- */

static int is_for_command_alone(const char *variable)
{
    /* The .NET runtime's settings, OpenSSL's, and the loader's. */
    return begins_with(variable, "DOTNET_") || begins_with(variable, "COMPlus_") || begins_with(variable, "OPENSSL_")
        || begins_with(variable, "SSLKEYLOGFILE=") || begins_with(variable, "LD_");
}

/* The command gets the environment as it is. */
static void give_runtime_its_environment(void)
{
    size_t count = 0, kept = 0;
    for (; given_envp[count]; count++)
        kept += !is_for_command_alone(given_envp[count]);
    if (kept == count)
        return;

    static char *none[] = { NULL };
    char **own = malloc((kept + 1) * sizeof *own);
    environ = own ? own : none;
    if (!own)
        return;
    for (char **variable = given_envp; *variable; variable++)
        if (!is_for_command_alone(*variable))
            *own++ = *variable;
    *own = NULL;
}

/*
 * Threads with 1.5 MiB of stack, as .NET has them on musl, whatever ulimit -s is, and one heap of libc for all: each would reserve 64 MiB.
 * The address space and the memory that a limit counts are then those that proa needs.
 */
static void save_address_space(void)
{
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) == 0) {
        if (pthread_attr_setstacksize(&attributes, 3 << 19) == 0)
            pthread_setattr_default_np(&attributes);
        pthread_attr_destroy(&attributes);
    }
    mallopt(M_ARENA_MAX, 1);
}

/* ---- Before everything, OpenSSL's look at its variables included ---- */

static void before_the_runtime(int argc, char **argv, char **envp)
{
    given_argc = argc;
    given_argv = argv;
    given_envp = envp;
    is_worker = is_worker_of_parent();

    for (int signal = 1; signal <= LAST_SIGNAL; signal++) {
        struct kernel_action action;
        if (syscall(SYS_rt_sigaction, signal, NULL, &action, sizeof action.mask) == 0 && action.handler == SIG_IGN)
            given_ignored |= set_of(signal);
    }

    /* In the supervisor every signal waits for signalfd. */
    set_mask(is_worker ? worker_mask() : ~UINT64_C(0), &given_mask);

    /* An ignored SIGCHLD makes the kernel reap for us, and the command's status is lost. */
    set_action(SIGCHLD, SIG_DFL);

    /* The first thread that is started unblocks libc's own two again, and of those it handles only the second. */
    set_action(FIRST_OF_LIBC, SIG_IGN);

    if (is_worker)
        prctl(PR_SET_DUMPABLE, 0); /* it has the token in memory */
    save_address_space();
    give_runtime_its_environment();
}

__attribute__((section(".preinit_array"), used)) static void (*const first)(int, char **, char **) = before_the_runtime;

/* ---- Where the runtime cannot start ---- */

/* What it needs at least, with some room: below this it ends without a word, or crashes. */
#define MIB (UINT64_C(1) << 20)
static const struct {
    int resource;
    uint64_t least;
    const char *problem, *hint;
} needed[] = {
    { RLIMIT_AS, 128 * MIB, "the limit of the address space is too low", "raise it (ulimit -v): proa needs 128 MiB, but only reserves most of it" },
    { RLIMIT_DATA, 8 * MIB, "the limit of data is too low", "raise it (ulimit -d): proa needs 8 MiB, and more while it waits" },
};

static void *nothing(void *none) { return none; }

/* What errno means, as Linux/Libc.ErrorText says it. */
static const char *reason(int error)
{
    static char text[128];
    const char *description = strerrordesc_np(error);
    snprintf(text, sizeof text, "%s", description ? description : "?");
    text[0] = (char)tolower(text[0]);
    return text;
}

static const char *thread_hint(int error)
{
    return error == EAGAIN ? "raise the limit of processes: the Pod's (podPidsLimit) or the user's (ulimit -u), or of memory (ulimit -d, -v)"
        : "does the container's seccomp profile deny clone(2)?";
}

/* Finds out why the runtime could not start: it does not say. */
static void explain(char *problem, size_t size, const char **hint)
{
    pthread_t thread;
    int error = pthread_create(&thread, NULL, nothing, NULL);
    if (error == 0) {
        pthread_join(thread, NULL);
        snprintf(problem, size, "the .NET runtime in proa cannot start");
        *hint = "is a limit of memory too low (ulimit -a), or does a seccomp profile deny a system call that others may use?";
        return;
    }

    snprintf(problem, size, "proa cannot start a second thread: %s", reason(error));
    *hint = thread_hint(error);
}

/* An empty argv has not even a name in it. */
static char **arguments(void) { return given_argc > 0 ? given_argv + 1 : given_argv; }

static int is_set(const char *variable)
{
    const char *value = getenv(variable);
    return value && (strcasecmp(value, "true") == 0 || strcasecmp(value, "yes") == 0 || strcasecmp(value, "on") == 0 || strcmp(value, "1") == 0);
}

/* The value of "--name=value" or "--name value", or NULL. */
static const char *value_of(char *const *argument, const char *name)
{
    size_t length = strlen(name);
    if (strncmp(*argument, name, length) != 0)
        return NULL;
    return (*argument)[length] == '=' ? *argument + length + 1 : (*argument)[length] == 0 ? argument[1] : NULL;
}

static int logs_text(void)
{
    const char *format = getenv("PROA_LOG_FORMAT");
    for (char **argument = arguments(); *argument && strcmp(*argument, "--") != 0; argument++) {
        const char *value = value_of(argument, "--log-format");
        format = value ? value : format;
    }
    return format && *format ? strcasecmp(format, "text") == 0 : isatty(STDERR_FILENO);
}

/* As Logging/LogLine.cs. The texts have nothing in them that JSON would escape. */
static void say(const char *level, const char *problem, const char *hint)
{
    const char *form = logs_text() ? "proa: %s: %s\nproa: hint: %s\n" : "{\"level\":\"%s\",\"msg\":\"%s\",\"hint\":\"%s\"}\n";
    char line[1024];
    int length = snprintf(line, sizeof line, form, level, problem, hint);
    struct pollfd writable = { .fd = STDERR_FILENO, .events = POLLOUT };
    if (poll(&writable, 1, 100) > 0)
        (void)!write(STDERR_FILENO, line, (size_t)length);
}

/* As Workers/TerminationMessage.cs; --check and its like are a person's, and not how the container ended. */
static void leave_termination_message(const char *problem, const char *hint)
{
    static const char *const others[] = { "--check", "--install", "--help", "-h", "--version", "-V" };
    for (char **argument = arguments(); *argument && strcmp(*argument, "--") != 0; argument++)
        for (size_t i = 0; i < sizeof others / sizeof *others; i++)
            if (begins_with(*argument, others[i]))
                return;
    int file = open("/dev/termination-log", O_WRONLY | O_TRUNC | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return;
    dprintf(file, "proa: %s\n%s", problem, hint);
    close(file);
}

/* The command, if nothing else is asked for than to run it: the options say so beyond doubt. */
static char **only_command(void)
{
    static const char *const idle[] = { "--log-level", "--log-format", "--pod", "--namespace", "--container" };
    static const char *const more[] = {
        "PROA_SHUTDOWN_", "PROA_KILL", "PROA_ENV_FILE=", "PROA_STOP_ON=", "PROA_UNTIL=", "PROA_MAP_SIGNAL=", "PROA_EXIT_ZERO=",
    };
    int no_wait = is_set("PROA_NO_WAIT");
    for (char **variable = given_envp; *variable; variable++) {
        const char *value = strchr(*variable, '=');
        for (size_t i = 0; i < sizeof more / sizeof *more; i++)
            if (begins_with(*variable, more[i]) && value && value[1])
                return NULL;
    }

    char **argument = arguments();
    for (; *argument && **argument == '-' && (*argument)[1]; argument++) {
        if (strcmp(*argument, "--") == 0) {
            argument++;
            break;
        }
        if (strcmp(*argument, "--no-wait") == 0) {
            no_wait = 1;
            continue;
        }
        if (strcmp(*argument, "--signal-group") == 0)
            continue;
        const char *value = NULL;
        for (size_t i = 0; i < sizeof idle / sizeof *idle && !value; i++)
            value = value_of(argument, idle[i]);
        if (!value)
            return NULL;
        argument += value == argument[1];
    }
    return no_wait && *argument ? argument : NULL;
}

/* Says why, and ends; where the command alone is wanted, it takes proa's place, and lacks an init process as without proa. */
__attribute__((noreturn)) static void give_up(const char *problem, const char *hint)
{
    char text[512];
    if (is_worker || is_running) {
        say("error", problem, hint);
        if (is_worker && strcmp(given_argv[0], WORKER_TITLE "wait") != 0)
            _exit(WORKER_FAILED);
        leave_termination_message(problem, hint);
        _exit(CANNOT_RUN);
    }

    int exit_code = CANNOT_RUN;
    char **command = only_command();
    if (command) {
        snprintf(text, sizeof text, "main replaces proa, and has no init process: %s", problem);
        say("warning", text, hint);
        set_signals(given_ignored, given_mask);
        execvpe(command[0], command, given_envp);
        exit_code = errno == ENOENT ? NOT_FOUND : NOT_EXECUTABLE;
        snprintf(text, sizeof text, "cannot start main: %s", reason(errno));
        problem = text;
        hint = "is its path right, and may this user execute it?";
    }

    say("error", problem, hint);
    leave_termination_message(problem, hint);
    _exit(exit_code);
}

int __real_main(int argc, char **argv);

/* Around the runtime's own main, which returns -1 where it cannot start (build/native.props). */
int __wrap_main(int argc, char **argv)
{
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        struct rlimit limit;
        if (getrlimit(needed[i].resource, &limit) == 0 && limit.rlim_cur < needed[i].least)
            give_up(needed[i].problem, needed[i].hint);
    }

    int exit_code = __real_main(argc, argv);
    if (is_running)
        return exit_code;

    char problem[256];
    const char *hint;
    explain(problem, sizeof problem, &hint);
    give_up(problem, hint);
}

/* ---- Where it cannot go on ---- */

static int needs_threads;
static _Thread_local int can_do_without;

/* From here on a thread that cannot be started ends this process. */
void proa_need_threads(void) { needs_threads = 1; }

/* Whether that holds of those that the calling thread starts: meanwhile the runtime starts its own from others. */
void proa_can_do_without_thread(int can) { can_do_without = can; }

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument);

/* The runtime, where it gets a thread too few for its timers, sockets or pool, hangs or crashes without a word. */
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument)
{
    int error = __real_pthread_create(thread, attributes, start, argument);
    if (error && needs_threads && !can_do_without) {
        char problem[256];
        snprintf(problem, sizeof problem, "proa cannot start another thread: %s", reason(error));
        give_up(problem, thread_hint(error));
    }
    return error;
}
