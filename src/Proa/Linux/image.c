/*
 * Nothing of the image that proa happens to be in becomes part of it, nor decides how it works: no library, no module, no
 * configuration. A static executable that loads a library of another libc crashes, and proa has a token in memory. The linker puts
 * these functions in the place of those of the libraries (build/native.props).
 */
#include <errno.h>
#include <stddef.h>

/* OpenSSL's engines and providers, what .NET looks for, and, by libc's own name for it, modules of the name service and of iconv. */
void *__wrap_dlopen(const char *file, int mode);
void *__wrap___libc_dlopen_mode(const char *file, int mode);

void *__wrap_dlopen(const char *file, int mode)
{
    (void)file;
    (void)mode;
    return NULL;
}

void *__wrap___libc_dlopen_mode(const char *file, int mode) { return __wrap_dlopen(file, mode); }

/* OPENSSL_CONF, or the openssl.cnf that the image has: success, as of an empty one. */
int __wrap_CONF_modules_load_file_ex(void *context, const char *file, const char *application, unsigned long flags);

int __wrap_CONF_modules_load_file_ex(void *context, const char *file, const char *application, unsigned long flags)
{
    (void)context;
    (void)file;
    (void)application;
    (void)flags;
    return 1;
}

/*
 * Threads are made with clone(2), which libc goes back to where there is no clone3(2): older seccomp profiles deny what they do not
 * know with EPERM, and then libc gives up.
 */
int __wrap___clone3(void *arguments, size_t size, int (*function)(void *), void *argument);

int __wrap___clone3(void *arguments, size_t size, int (*function)(void *), void *argument)
{
    (void)arguments;
    (void)size;
    (void)function;
    (void)argument;
    errno = ENOSYS;
    return -1;
}
