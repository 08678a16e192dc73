namespace Proa.Linux;

/// <summary>What waitpid(2) says of a child, decoded.</summary>
internal readonly record struct WaitStatus(int Status)
{
    private const int StoppedMark = 0x7f;

    /// <summary>The signal that stopped it, or null if it has ended.</summary>
    public int? StopSignal => (Status & 0xff) == StoppedMark ? Status >> 8 & 0xff : null;

    /// <summary>The signal that ended it, or null.</summary>
    public int? TerminationSignal => (Status & 0x7f) is not 0 and not StoppedMark ? Status & 0x7f : null;

    /// <summary>Its exit code, or 128 + signal.</summary>
    public int ExitCode => TerminationSignal is { } signal ? ExitCodes.OfSignal(signal) : Status >> 8 & 0xff;
}
