/* What the native parts share. */
#pragma once
#include <stdint.h>

/* Sets of signals are 64 bits, bit n-1 for signal n. */
static inline uint64_t set_of(int signal) { return UINT64_C(1) << (signal - 1); }

void set_mask(uint64_t mask, uint64_t *old);
void set_signals(uint64_t ignored, uint64_t mask);

/* What proa was given when it was started, as the kernel gave it. */
extern char **given_argv;
extern char **given_envp;
extern uint64_t given_ignored;
extern uint64_t given_mask;
