using System.Runtime.InteropServices;
using Proa.Identity;
using Proa.Linux;
using Proa.Logging;

namespace Proa.Supervisor;

/// <summary>The file in memory that carries what one worker hands to the next. Its offset moves as long as the worker that has it lives.</summary>
internal sealed class HandoverFile(Log log, bool isMissed)
{
    /// <summary>More than this is not carried.</summary>
    public const int Largest = 16 * 1024 * 1024;

    private const int NotYet = -1;

    private int _descriptor = NotYet;

    /// <summary>What a worker was handed, on stdin; null where that is nothing.</summary>
    public static Handover? OnInput() => Handover.FromBytes(Descriptors.ReadFile(Libc.StandardInput, Largest));

    /// <summary>The descriptor, for a worker that is to be started.</summary>
    public int ForWorker()
    {
        if (_descriptor == NotYet) _descriptor = Make();
        Descriptors.Advance(_descriptor);
        return _descriptor;
    }

    public void Empty() => Descriptors.Empty(_descriptor);

    /// <summary>What it carries, which is then in no file any more.</summary>
    public byte[] Take()
    {
        var content = Descriptors.ReadFile(_descriptor, Largest);
        Empty();
        return content;
    }

    /// <summary>
    /// What the worker changes, see <see cref="Supervision.WorkerPulse"/>: the offset, or -1 where the file has none that changes, as /dev/null.
    /// </summary>
    public long SignOfLife() => Descriptors.Offset(_descriptor) is > 0 and var offset ? offset : -1;

    /// <summary>Where there can be no such file, the next worker asks the API server again.</summary>
    private int Make()
    {
        var file = Descriptors.MemoryFile();
        if (file >= 0) return file;
        if (isMissed) log.CannotRemember(Libc.ErrorText(Marshal.GetLastPInvokeError()), "does the container's seccomp profile deny memfd_create(2)?");
        return Descriptors.EmptyFile();
    }
}
