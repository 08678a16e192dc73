using System.Runtime.InteropServices;

namespace Proa.PodSimulator;

/// <summary>The C library calls the simulator needs.</summary>
internal static partial class Libc
{
    public const int SigKill = 9;
    public const int SigTerm = 15;

    /// <summary>Sends a signal. A process that has gone is not an error.</summary>
    /// <returns>False if there is no such process or it is not ours.</returns>
    public static bool Kill(int pid, int signal) => KillNative(pid, signal) == 0;

    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUserId();

    /// <summary>Makes a named pipe for its owner.</summary>
    public static void MakeFifo(string path)
    {
        if (MakeFifoNative(path, 0b110_000_000) != 0) throw new IOException($"mkfifo {path}: error {Marshal.GetLastPInvokeError()}");
    }

    /// <summary>Renames a file or link, replacing what was there.</summary>
    public static void Rename(string from, string to)
    {
        if (RenameNative(from, to) != 0) throw new IOException($"rename {from} to {to}: error {Marshal.GetLastPInvokeError()}");
    }

    /// <summary>Makes sure that programs started from here inherit no descriptors but 0, 1 and 2, whatever this process was given itself.</summary>
    public static void KeepDescriptorsToOurselves()
    {
        const int SetDescriptorFlags = 2, CloseOnExec = 1;
        foreach (var path in Directory.EnumerateFileSystemEntries("/proc/self/fd"))
        {
            if (int.TryParse(Path.GetFileName(path), out var descriptor) && descriptor > 2) _ = FileControl(descriptor, SetDescriptorFlags, CloseOnExec);
        }
    }

    /// <summary>Gives the calling thread an empty signal mask.</summary>
    public static void UnblockSignals()
    {
        const int SetMask = 2, SizeOfSet = 128;
        _ = SignalMask(SetMask, new byte[SizeOfSet], 0);
    }

    [LibraryImport("libc", EntryPoint = "pthread_sigmask")]
    private static partial int SignalMask(int how, byte[] set, nint old);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int FileControl(int descriptor, int command, nint argument);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameNative(string from, string to);

    [LibraryImport("libc", EntryPoint = "mkfifo", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFifoNative(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int KillNative(int pid, int signal);

    /// <summary>A signal's number by its name, with or without SIG; as on every Linux of x64 and arm64.</summary>
    public static int SignalNumber(string name) => (name.StartsWith("SIG", StringComparison.Ordinal) ? name[3..] : name) switch
    {
        "HUP" => 1,
        "INT" => 2,
        "QUIT" => 3,
        "ABRT" => 6,
        "KILL" => SigKill,
        "USR1" => 10,
        "USR2" => 12,
        "PIPE" => 13,
        "ALRM" => 14,
        "TERM" => SigTerm,
        "WINCH" => 28,
        _ when name.StartsWith("SIGRTMIN+", StringComparison.Ordinal) && int.TryParse(name["SIGRTMIN+".Length..], out var offset) => 34 + offset,
        _ => throw new ArgumentException($"'{name}' is no signal the simulator knows.", nameof(name)),
    };
}
