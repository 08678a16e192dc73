/*
 * Which functions of a program a run of it enters, those of its workers included: writes their addresses in the order in which they are entered
 * first. For x86-64 and executables at a fixed address. Each function begins with a breakpoint, which is taken away where it is met.
 *
 *   entries FILE ADDRESSES COMMAND...
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FIRST = 0x400000, END = 0x2000000, BREAK = 0xcc };

static unsigned char original[END - FIRST], is_entry[END - FIRST], has_been[END - FIRST];
static char executable[PATH_MAX];

static int memory_of(pid_t process)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/mem", process);
    return open(path, O_RDWR | O_CLOEXEC);
}

static int is_program(pid_t process)
{
    char path[64], target[PATH_MAX] = "";
    snprintf(path, sizeof path, "/proc/%d/exe", process);
    return readlink(path, target, sizeof target - 1) > 0 && strcmp(target, executable) == 0;
}

/* A function at a time: not all that lies between them is there. */
static void arm(pid_t process)
{
    int memory = memory_of(process);
    unsigned char instruction = BREAK;
    for (size_t i = 0; i < END - FIRST; i++)
        if (is_entry[i] && !has_been[i] && pread(memory, &original[i], 1, (off_t)(FIRST + i)) == 1)
            (void)!pwrite(memory, &instruction, 1, (off_t)(FIRST + i));
    close(memory);
}

/* Whether the thread stands behind a breakpoint; then it goes on where that was. */
static int has_entered(pid_t thread, FILE *out)
{
    struct user_regs_struct registers;
    if (ptrace(PTRACE_GETREGS, thread, NULL, &registers) < 0)
        return 0;
    unsigned long long at = registers.rip - 1;
    if (at < FIRST || at >= END || !is_entry[at - FIRST])
        return 0;
    int memory = memory_of(thread);
    (void)!pwrite(memory, &original[at - FIRST], 1, (off_t)at);
    close(memory);
    registers.rip = at;
    ptrace(PTRACE_SETREGS, thread, NULL, &registers);
    if (!has_been[at - FIRST]++)
        fprintf(out, "%llx\n", at);
    return 1;
}

int main(int argc, char **argv)
{
    FILE *out = argc > 3 ? fopen(argv[1], "w") : NULL, *addresses = argc > 3 ? fopen(argv[2], "r") : NULL;
    unsigned long address;
    if (!out || !addresses || !realpath(argv[3], executable))
        return 2;
    while (fscanf(addresses, "%lx", &address) == 1)
        if (address >= FIRST && address < END)
            is_entry[address - FIRST] = 1;

    pid_t program = fork();
    if (program == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        execv(argv[3], argv + 3);
        _exit(127);
    }
    int status, exit_status = -1;
    waitpid(program, &status, 0);
    ptrace(PTRACE_SETOPTIONS, program, NULL,
        (long)(PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE));
    ptrace(PTRACE_CONT, program, NULL, NULL);
    for (pid_t thread; (thread = waitpid(-1, &status, __WALL)) > 0;) {
        if (!WIFSTOPPED(status)) {
            if (thread == program)
                exit_status = status;
            continue;
        }
        int event = status >> 16, signal = WSTOPSIG(status);
        if (event == PTRACE_EVENT_EXEC && !is_program(thread)) {
            ptrace(PTRACE_DETACH, thread, NULL, NULL);
            continue;
        }
        if (event == PTRACE_EVENT_EXEC)
            arm(thread);
        /* SIGSTOP is how a new thread comes. */
        if (event || signal == SIGSTOP || (signal == SIGTRAP && has_entered(thread, out)))
            signal = 0;
        ptrace(PTRACE_CONT, thread, NULL, (long)signal);
    }
    return fclose(out) != 0 || exit_status != 0;
}
