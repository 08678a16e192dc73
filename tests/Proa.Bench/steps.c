/*
 * Runs a program one instruction after the other, and writes where in its own code it has been: each address once, as it came there first.
 * For x86-64 and static executables at a fixed address. Children run freely.
 *
 *   steps FILE COMMAND...
 */
#include <signal.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FIRST = 0x400000, END = 0x2000000 };

static unsigned char has_been[END - FIRST];

int main(int argc, char **argv)
{
    int status;
    struct user_regs_struct registers;
    FILE *out = argc > 2 ? fopen(argv[1], "w") : NULL;
    if (!out)
        return 2;
    pid_t program = fork();
    if (program == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        execv(argv[2], argv + 2);
        _exit(127);
    }
    while (waitpid(program, &status, 0) == program && WIFSTOPPED(status)) {
        int signal = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
        if (ptrace(PTRACE_GETREGS, program, NULL, &registers) < 0)
            return 2;
        unsigned long long at = registers.rip;
        if (at >= FIRST && at < END && !has_been[at - FIRST]) {
            has_been[at - FIRST] = 1;
            fprintf(out, "%llx\n", at);
        }
        if (ptrace(PTRACE_SINGLESTEP, program, NULL, (long)signal) < 0)
            return 2;
    }
    return fclose(out) != 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}
