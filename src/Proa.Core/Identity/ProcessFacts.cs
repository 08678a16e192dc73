using System.Collections.Immutable;

namespace Proa.Identity;

/// <summary>What /proc says of a process (proc(5)). What may not be read is empty.</summary>
/// <param name="ExecutablePath">Where /proc/PID/exe leads; unreadable for a process of another user.</param>
/// <param name="User">Its real user ID, or -1.</param>
internal sealed record ProcessFacts(ProcessStat Stat, string ExecutablePath, ImmutableArray<string> Arguments, long User, string MountInfo, string CGroup)
{
    private const string Deleted = " (deleted)";
    private const int LongestKernelName = 15; // TASK_COMM_LEN, less the NUL

    /// <summary>The file name of its executable; where that may not be read, of its first argument; else its name in the kernel.</summary>
    public string Executable
    {
        get
        {
            var path = ExecutablePath.EndsWith(Deleted, StringComparison.Ordinal) ? ExecutablePath[..^Deleted.Length] : ExecutablePath;
            if (path.Length == 0) path = (Arguments.FirstOrDefault() ?? "").TrimStart('-'); // how a login shell is called
            var name = FileName.Of(path);
            return name.Length > 0 ? name : Stat.Name;
        }
    }

    /// <summary>
    /// Whether this is its name: that of its executable, or of the link or script that it was started as, which the kernel
    /// keeps (<c>sh</c> where the executable is dash, <c>python3</c> where it is python3.11).
    /// </summary>
    public bool IsCalled(string name)
    {
        return name == Executable
            || name == Stat.Name
            || (Stat.Name.Length == LongestKernelName && Stat.Name != Executable && name.StartsWith(Stat.Name, StringComparison.Ordinal));
    }

    /// <summary>For the log: <c>envoy (process 12)</c>. A name is its owner's choice: one with a line break must not make a line of its own.</summary>
    public string Describe() => FormattableString.Invariant($"{string.Concat(Executable.Select(c => char.IsControl(c) ? '?' : c))} (process {Stat.Id})");
}

/// <summary>The fields of /proc/PID/stat that proa reads.</summary>
/// <param name="Name">Its name in the kernel, cut to 15 bytes.</param>
/// <param name="State">One letter: R, S, D, T, Z and others.</param>
/// <param name="Parent">Its parent's process ID; 0 where that is outside of the namespace.</param>
/// <param name="Flags">The kernel's PF_ flags.</param>
/// <param name="StartTime">When it was started, in clock ticks since the system's start: tells it from a later one with its ID.</param>
internal readonly record struct ProcessStat(int Id, string Name, char State, int Parent, uint Flags, ulong StartTime)
{
    /// <summary>The ID of a PID namespace's first process, pid_namespaces(7).</summary>
    public const int Init = 1;

    private const uint OfKernel = 0x0020_0000; // PF_KTHREAD

    private const int StateField = 0;
    private const int ParentField = 1;
    private const int FlagsField = 6;
    private const int StartTimeField = 19;

    /// <summary>Whether it is one of the kernel's own threads, which only the node's PID namespace shows.</summary>
    public bool IsOfKernel => (Flags & OfKernel) != 0;

    public bool HasEnded => State is 'Z' or 'X';

    /// <summary>Reads the text of the file; null if it is no such text.</summary>
    public static ProcessStat? Read(string text)
    {
        // The name is the process's own choice and may hold spaces and parentheses: the last one ends it.
        var open = text.IndexOf('(', StringComparison.Ordinal);
        var close = text.LastIndexOf(')');
        if (open < 0 || close < open || !int.TryParse(text.AsSpan(0, open).TrimEnd(), out var id)) return null;
        var fields = text[(close + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > StartTimeField
            && int.TryParse(fields[ParentField], out var parent)
            && uint.TryParse(fields[FlagsField], out var flags)
            && ulong.TryParse(fields[StartTimeField], out var startTime)
            ? new(id, text[(open + 1)..close], fields[StateField][0], parent, flags, startTime)
            : null;
    }
}
