using System.Runtime.InteropServices;

namespace Proa.EndToEnd.Processes;

/// <summary>What .NET has no call for.</summary>
internal static partial class Libc
{
    [LibraryImport("libc")]
    public static partial uint geteuid();

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sigqueue(int pid, int signal, nint value);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int mkfifo([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint mode);

    /// <summary>Sends a signal.</summary>
    public static void Send(int pid, int signal) => Check(kill(pid, signal), $"kill {pid} {signal}");

    /// <summary>Sends a signal to a process that may have ended.</summary>
    public static void TrySend(int pid, int signal) => _ = kill(pid, signal);

    /// <summary>Sends a signal with a value.</summary>
    public static void Send(int pid, int signal, nint value) => Check(sigqueue(pid, signal, value), $"sigqueue {pid} {signal}");

    /// <summary>Makes a named pipe.</summary>
    public static void MakePipe(string path) => Check(mkfifo(path, 0x180), path);

    private static void Check(int result, string what)
    {
        if (result != 0) throw new InvalidOperationException($"{what}: {Marshal.GetLastPInvokeErrorMessage()}");
    }
}
