/*
 * What .NET's runtime asks of the machine at each start, and what proa has no use for: the answers stand in build/native.props. Without these
 * looks into /proc and /sys a start takes an eighth less. The linker puts these functions in the place of the runtime's own; build/publish fails
 * where a new .NET has other names for them, for then they would be asked again.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

/* Limits of the cgroup, for the size of the heap and the number of threads: both are the same everywhere. */
void __wrap__Z16InitializeCGroupv(void);
void __wrap__Z19InitializeCpuCGroupv(void);
bool __wrap__Z11GetCpuLimitPj(uint32_t *processors);

void __wrap__Z16InitializeCGroupv(void) {}
void __wrap__Z19InitializeCpuCGroupv(void) {}

/* One processor, however many the node has: its number decides how many timer queues, locks and socket threads there are. */
bool __wrap__Z11GetCpuLimitPj(uint32_t *processors)
{
    *processors = 1;
    return true;
}

/* Which node of memory a heap is near to: there is one heap, used by one thread at a time. */
void __wrap__Z21NUMASupportInitializev(void);

void __wrap__Z21NUMASupportInitializev(void) {}

/* The size of the processor's caches, for when garbage is first collected: after System.GC.Gen0MaxBudget bytes, which are fewer than this. */
size_t __wrap__ZN15GCToOSInterface25GetCacheSizePerLogicalCpuEb(bool is_true_size);

size_t __wrap__ZN15GCToOSInterface25GetCacheSizePerLogicalCpuEb(bool is_true_size)
{
    (void)is_true_size;
    return 4 << 20;
}

/* Whether a core dump has the heap's unused pages: it has none that were never touched. Each would be another mapping of the kernel's. */
int __real_madvise(void *start, size_t length, int advice);
int __wrap_madvise(void *start, size_t length, int advice);

int __wrap_madvise(void *start, size_t length, int advice)
{
    return advice == MADV_DODUMP || advice == MADV_DONTDUMP ? 0 : __real_madvise(start, length, advice);
}
