/* What the native parts share. */
#pragma once
#include <signal.h>
#include <stdint.h>

/* Sets of signals are 64 bits, bit n-1 for signal n. */
static inline uint64_t set_of(int signal) { return UINT64_C(1) << (signal - 1); }

/*
 * A worker waits for SIGTERM, and must not meet one before it can. A terminal that does not let the background write (stty tostop), or is
 * read by it, stops whoever does not block these.
 */
static inline uint64_t worker_mask(void) { return set_of(SIGTERM) | set_of(SIGTTOU) | set_of(SIGTTIN) | set_of(SIGTSTP); }

void set_mask(uint64_t mask, uint64_t *old);
void set_signals(uint64_t ignored, uint64_t mask);

/* What proa was given when it was started, as the kernel gave it. */
extern char **given_argv;
extern char **given_envp;
extern uint64_t given_ignored;
extern uint64_t given_mask;
