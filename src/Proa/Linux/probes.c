/*
 * What .NET's runtime and libc ask of the machine at each start, and what proa has no use for. Without these looks into /proc and /sys a start
 * takes a fifth less. The linker puts these functions in the place of theirs (build/native.props); build/publish fails where a new version has
 * other names for them, for then they would ask again.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

/*
 * Limits of the cgroup, for the size of the heap and the number of threads: both are the same everywhere. The number of processors is then the
 * node's: where .NET is told of one alone, its threads wait in another way, and no gain was measured.
 */
void __wrap__Z16InitializeCGroupv(void);
void __wrap__Z19InitializeCpuCGroupv(void);

void __wrap__Z16InitializeCGroupv(void) {}
void __wrap__Z19InitializeCpuCGroupv(void) {}

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

/* How many processors there may be: asked for twice, and read from a file each time. */
int __real_minipal_get_cpu_max_possible_count(void);
int __wrap_minipal_get_cpu_max_possible_count(void);

int __wrap_minipal_get_cpu_max_possible_count(void)
{
    static int count;
    if (count == 0)
        count = __real_minipal_get_cpu_max_possible_count();
    return count;
}

/*
 * Where the first thread's stack is: libc reads the map of all memory for it. It ends with the name that was executed (execve(2)), and may
 * grow to its limit; without a limit libc is asked.
 */
int __real_pthread_getattr_np(pthread_t thread, pthread_attr_t *attributes);
int __wrap_pthread_getattr_np(pthread_t thread, pthread_attr_t *attributes);

int __wrap_pthread_getattr_np(pthread_t thread, pthread_attr_t *attributes)
{
    const char *name = (const char *)getauxval(AT_EXECFN);
    struct rlimit limit;
    if (name && getpid() == gettid() && pthread_equal(thread, pthread_self()) && getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur <= UINT32_MAX) {
        uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), here = (uintptr_t)__builtin_frame_address(0);
        uintptr_t end = ((uintptr_t)name + strlen(name) + page) & ~(page - 1), size = limit.rlim_cur & ~(page - 1);
        if (end - size < here && here < end && pthread_attr_init(attributes) == 0)
            return pthread_attr_setstack(attributes, (void *)(end - size), size);
    }
    return __real_pthread_getattr_np(thread, attributes);
}

/* Where the executable lies, for libraries beside it, of which there are none. */
const char *__wrap__dl_get_origin(void);

const char *__wrap__dl_get_origin(void) { return (const char *)-1; }
