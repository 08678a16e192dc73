/*
 * Nothing of the image that proa happens to be in becomes part of it, nor decides how it works: no library, no module, no
 * configuration. A static executable that loads a library of another libc crashes, and proa has a token in memory. The linker puts
 * these functions in the place of those of the libraries (build/native.props).
 */
#include <errno.h>
#include <pwd.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

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

/* Who the user is does not matter: no such user, as in an image without /etc/passwd. */
int __wrap_getpwuid_r(uid_t user, struct passwd *entry, char *buffer, size_t size, struct passwd **result);

int __wrap_getpwuid_r(uid_t user, struct passwd *entry, char *buffer, size_t size, struct passwd **result)
{
    (void)user;
    (void)entry;
    (void)buffer;
    (void)size;
    *result = NULL;
    return 0;
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

/*
 * .NET reads the whole certificate store of the image, unless told that it is elsewhere. It would be told by a variable, but there are
 * threads by then, and one that reads the environment while another changes it crashes.
 */
static int leaves_authorities;

void proa_leave_system_authorities(void) { leaves_authorities = 1; }

const char *__real_CryptoNative_GetX509RootStorePath(uint8_t *is_default);
const char *__real_CryptoNative_GetX509RootStoreFile(uint8_t *is_default);
const char *__wrap_CryptoNative_GetX509RootStorePath(uint8_t *is_default);
const char *__wrap_CryptoNative_GetX509RootStoreFile(uint8_t *is_default);

static const char *nowhere(uint8_t *is_default)
{
    *is_default = 0;
    return "/dev/null/none";
}

const char *__wrap_CryptoNative_GetX509RootStorePath(uint8_t *is_default)
{
    return leaves_authorities ? nowhere(is_default) : __real_CryptoNative_GetX509RootStorePath(is_default);
}

const char *__wrap_CryptoNative_GetX509RootStoreFile(uint8_t *is_default)
{
    return leaves_authorities ? nowhere(is_default) : __real_CryptoNative_GetX509RootStoreFile(is_default);
}
