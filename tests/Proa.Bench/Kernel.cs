using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Proa.Bench;

/// <summary>What the kernel tells of a process.</summary>
internal static partial class Kernel
{
    public const int SigKill = 9;
    public const int SigWinch = 28; // which main does not heed

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [LibraryImport("libc")]
    private static partial int clock_gettime(int clock, out Timespec time);

    [LibraryImport("libc")]
    public static partial int kill(int pid, int signal);

    [StructLayout(LayoutKind.Sequential)]
    private struct Poll
    {
        public int Descriptor;
        public short Events;
        public short Occurred;
    }

    [LibraryImport("libc")]
    private static partial int poll(ref Poll descriptor, nuint count, int timeout);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);

    [LibraryImport("libc")]
    private static partial long syscall(long number, long first, long second);

    /// <summary>A descriptor that tells of the process's end.</summary>
    public static int OpenProcess(int pid)
    {
        const int PidfdOpen = 434; // of every architecture
        return (int)syscall(PidfdOpen, pid, 0);
    }

    /// <summary>Waits for the end in the kernel.</summary>
    /// <returns>When it was, by the clock of <see cref="Stopwatch"/>.</returns>
    public static long WaitForEnd(int process)
    {
        var end = new Poll { Descriptor = process, Events = 1 };
        while (poll(ref end, 1, -1) < 1)
        {
        }

        var now = Stopwatch.GetTimestamp();
        _ = close(process);
        return now;
    }

    /// <summary>CPU time of all threads of a living process, those that have ended included, in milliseconds.</summary>
    public static double CpuMilliseconds(int pid)
    {
        const int Scheduled = 2; // as clock_getcpuclockid(3) makes it
        if (clock_gettime((~pid << 3) | Scheduled, out var time) != 0) throw new InvalidOperationException($"no CPU clock for process {pid}");
        return (time.Seconds * 1e3) + (time.Nanoseconds / 1e6);
    }

    /// <summary>A number of /proc/PID/status, such as VmHWM in kB.</summary>
    public static double Status(int pid, string name) => Number($"/proc/{pid}/status", name);

    /// <summary>A number of /proc/PID/smaps_rollup, such as Pss in kB.</summary>
    public static double Rollup(int pid, string name) => Number($"/proc/{pid}/smaps_rollup", name);

    /// <summary>The process IDs of its children.</summary>
    public static int[] Children(int pid) =>
        [.. File.ReadAllText(
            $"/proc/{pid}/task/{pid}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(p => int.Parse(p, CultureInfo.InvariantCulture))];

    /// <summary>The child whose command line begins so.</summary>
    public static int Child(int pid, string title) =>
        Children(pid).First(child => File.ReadAllText($"/proc/{child}/cmdline").StartsWith(title, StringComparison.Ordinal));

    private static double Number(string path, string name)
    {
        var line = File.ReadLines(path).First(l => l.StartsWith(name + ":", StringComparison.Ordinal));
        return double.Parse(line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
