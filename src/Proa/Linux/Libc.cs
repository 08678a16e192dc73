using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Proa.Logging;

[assembly: DisableRuntimeMarshalling]
[assembly: SupportedOSPlatform("linux")]

namespace Proa.Linux;

/// <summary>
/// Every call that proa makes into libc and into the native sources beside this one. Pointers are NUL-terminated C strings, or arrays of
/// them that end with null.
/// </summary>
internal static unsafe partial class Libc
{
    public const int StandardInput = 0;
    public const int StandardOutput = 1;
    public const int StandardError = 2;

    public const int PrSetName = 15;
    public const int X_OK = 1;

    /// <summary>The last number that errno may have, as the kernel returns it (MAX_ERRNO).</summary>
    public const int LastErrno = 4095;

    public const int WNOHANG = 1;
    public const int WUNTRACED = 2;

    public const int PrSetDumpable = 4;
    public const int PrSetChildSubreaper = 36;
    public const int MfdCloexec = 1;
    public const int MfdNoExecSeal = 8;
    public const int OpenReadWrite = 2;
    public const int OpenCloexec = 0x80000;
    public const int SfdCloexec = 0x80000;
    public const int FDupfdCloexec = 1030;

    public const short POLLIN = 1;
    public const short POLLOUT = 4;

    public const int ClockBoottime = 7;
    public const int LongestHostName = 64; // HOST_NAME_MAX
    public const int SeekCurrent = 1;
    public const int SeekEnd = 2;

    [LibraryImport("proa_native")]
    public static partial int proa_given_argc();

    [LibraryImport("proa_native")]
    public static partial byte** proa_given_argv();

    [LibraryImport("proa_native")]
    public static partial byte** proa_given_envp();

    [LibraryImport("proa_native")]
    public static partial int proa_is_worker();

    [LibraryImport("proa_native")]
    public static partial void proa_is_running();

    [LibraryImport("proa_native")]
    public static partial Spawned proa_spawn_command(byte** paths, byte** argv, byte** shellArgv, byte** envp, int terminal);

    [LibraryImport("proa_native")]
    public static partial Spawned proa_spawn_worker(byte* path, byte** argv, byte** envp, int input, int output, byte* directory);

    [LibraryImport("proa_native")]
    public static partial int proa_signals_are_blocked();

    [LibraryImport("proa_native")]
    public static partial byte* proa_working_directory();

    [LibraryImport("proa_native")]
    public static partial void proa_leave_working_directory();

    [LibraryImport("proa_native")]
    public static partial void proa_need_threads();

    [LibraryImport("proa_native")]
    public static partial void proa_can_do_without_thread(int can);

    [LibraryImport("proa_native")]
    public static partial int proa_open_log();

    [LibraryImport("proa_native")]
    public static partial int proa_stop_self(int stopSignal);

    [LibraryImport("proa_native")]
    public static partial ulong proa_given_ignored();

    [LibraryImport("proa_native")]
    public static partial void proa_release_descriptors();

    [LibraryImport("proa_native")]
    public static partial int proa_wait_readable(int descriptor, int milliseconds, int hasRest);

    [LibraryImport("proa_native")]
    public static partial void proa_unblock_signals();

    [LibraryImport("proa_native")]
    public static partial void proa_use_own_resolver();

    [LibraryImport("proa_native")]
    public static partial int proa_file_status(byte* path, int followLink, long* size);

    [LibraryImport("proa_native", SetLastError = true)]
    public static partial int proa_open_process(int process);

    [LibraryImport("proa_native", SetLastError = true)]
    public static partial int proa_signal_process(int descriptor, int process, int signal);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int signalfd(int fd, ulong* mask, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint read(int fd, void* buffer, nint count);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint write(int fd, void* buffer, nint count);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint pread(int fd, void* buffer, nint count, nint offset);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint pwrite(int fd, void* buffer, nint count, nint offset);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint send(int fd, void* buffer, nint count, int flags);

    [LibraryImport("libc")]
    public static partial int close(int fd);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int poll(PollDescriptor* descriptors, nuint count, int timeoutMilliseconds);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fcntl(int fd, int command, nint argument);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int open(byte* path, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int memfd_create(byte* name, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint lseek(int fd, nint offset, int whence);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int ftruncate(int fd, nint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int prctl(int option, nuint argument2, nuint argument3, nuint argument4, nuint argument5);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int waitpid(int pid, int* status, int options);

    [LibraryImport("libc", SetLastError = true)]
    public static partial void _exit(int status);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int kill(int pid, int signal);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int sigqueue(int pid, int signal, nint value);

    [LibraryImport("libc")]
    public static partial int access(byte* path, int mode);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint readlink(byte* path, byte* target, nint size);

    [LibraryImport("libc")]
    public static partial int getpid();

    [LibraryImport("libc")]
    public static partial int getppid();

    [LibraryImport("libc")]
    public static partial uint geteuid();

    [LibraryImport("libc")]
    public static partial int getpgrp();

    [LibraryImport("libc")]
    public static partial int getpgid(int pid);

    [LibraryImport("libc")]
    public static partial int tcgetpgrp(int fd);

    [LibraryImport("libc")]
    public static partial int tcsetpgrp(int fd, int processGroup);

    [LibraryImport("libc")]
    public static partial int isatty(int fd);

    [LibraryImport("libc")]
    public static partial int gethostname(byte* name, nuint size);

    [LibraryImport("libc")]
    public static partial int clock_gettime(int clock, TimeSpecification* time);

    [LibraryImport("libc")]
    public static partial uint alarm(uint seconds);

    [LibraryImport("libc")]
    public static partial int sigpending(ulong* set);

    [LibraryImport("libc")]
    public static partial int sigwait(ulong* mask, int* signal);

    [LibraryImport("libc")]
    public static partial byte* strerror(int errno);

    [LibraryImport("libc")]
    public static partial byte* gnu_get_libc_version();

    /// <summary>OpenSSL's, which is linked in as libc is.</summary>
    [LibraryImport("proa_native")]
    public static partial byte* OpenSSL_version(int what);

    /// <summary>struct pollfd</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Occurred;
    }

    /// <summary>struct timespec</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpecification
    {
        public nint Seconds;
        public nint Nanoseconds;
    }

    /// <summary>struct spawned of native.c</summary>
    /// <param name="Process">The process ID, or 0 where it could not be started.</param>
    /// <param name="Errno">Why it could not be started: of vfork(2), or as execvp(3) gives it.</param>
    /// <param name="IsWithoutProcess">Not 0 where there could not even be a process, whatever program it was to run.</param>
    [StructLayout(LayoutKind.Sequential)]
    public readonly record struct Spawned(int Process, int Errno, int IsWithoutProcess)
    {
        public bool HasNoProcess => IsWithoutProcess != 0;
    }

    /// <summary>The host name, whole: .NET cuts it at the first dot.</summary>
    public static string HostName()
    {
        var name = stackalloc byte[LongestHostName + 1];
        return gethostname(name, LongestHostName + 1) == 0 ? Marshal.PtrToStringUTF8((nint)name)! : "";
    }

    /// <summary>The time since the system's start, which processes' start times are of too.</summary>
    public static TimeSpan TimeSinceBoot()
    {
        TimeSpecification time;
        return clock_gettime(ClockBoottime, &time) == 0
            ? TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromMicroseconds(time.Nanoseconds / 1000)
            : TimeSpan.Zero;
    }

    /// <summary>What <paramref name="errno"/> means, as libc says it, with a small first letter.</summary>
    public static string ErrorText(int errno)
    {
        return Wording.WithSmallInitial(Marshal.PtrToStringUTF8((nint)strerror(errno)) ?? "");
    }
}
