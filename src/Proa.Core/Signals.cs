using System.Globalization;

namespace Proa;

/// <summary>The numbers and names of Linux's signals on x86-64 and arm64, see signal(7).</summary>
internal static class Signals
{
    public const int Hangup = 1;
    public const int Interrupt = 2;
    public const int Quit = 3;
    public const int Kill = 9;
    public const int BrokenPipe = 13;
    public const int Terminate = 15;
    public const int Child = 17;
    public const int Continue = 18;
    public const int StopAlways = 19;
    public const int TerminalStop = 20;
    public const int TerminalInput = 21;
    public const int TerminalOutput = 22;
    public const int FileTooLarge = 25;

    /// <summary>Thread cancellation in libc.</summary>
    public const int FirstOfLibc = 32;

    /// <summary>setuid(2) in libc.</summary>
    public const int SecondOfLibc = 33;

    /// <summary>SIGRTMIN as glibc counts (musl: 35).</summary>
    public const int FirstRealTime = 34;
    public const int Last = 64;

    private static readonly string[] _names =
    [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT",
        "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

    /// <summary>How a kubelet, a terminal and a shell end a process.</summary>
    public static ReadOnlySpan<int> Stop => [Hangup, Interrupt, Quit, Terminate];

    /// <summary>Whether proa forwards it to main: KILL and STOP cannot be caught, CHLD is proa's own, the others are libc's and the runtime's.</summary>
    public static bool IsForwarded(int signal) =>
        signal is >= 1 and <= Last and not (Kill or StopAlways or Child or FirstOfLibc or SecondOfLibc or FirstRealTime);

    /// <summary>The name with SIG in front; for real-time signals <c>SIGRTMIN+n</c>.</summary>
    /// <param name="signal">1 to 64; others are given as a number.</param>
    public static string Of(int signal) => signal switch
    {
        > 0 when signal < _names.Length => "SIG" + _names[signal],
        FirstRealTime => "SIGRTMIN",
        > FirstRealTime and <= Last => "SIGRTMIN+" + (signal - FirstRealTime).ToString(CultureInfo.InvariantCulture),
        _ => signal.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>Reads <c>TERM</c>, <c>SIGTERM</c>, <c>term</c>, <c>15</c>, <c>RTMIN+1</c> or <c>RTMAX-1</c>.</summary>
    public static bool TryParse(string text, out int signal)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out signal)) return signal is >= 1 and <= Last;

        var name = text.ToUpperInvariant();
        if (name.StartsWith("SIG", StringComparison.Ordinal)) name = name[3..];
        if (name.Length == 0) return false;
        signal = Array.IndexOf(_names, name);
        if (signal > 0) return true;

        signal = name switch { "RTMIN" => FirstRealTime, "RTMAX" => Last, "IOT" => 6, "POLL" => 29, _ => 0 };
        if (signal > 0) return true;
        if (name.StartsWith("RTMIN+", StringComparison.Ordinal) && Offset(name[6..], out var up)) signal = FirstRealTime + up;
        if (name.StartsWith("RTMAX-", StringComparison.Ordinal) && Offset(name[6..], out var down)) signal = Last - down;
        return signal > 0;

        static bool Offset(string digits, out int offset) =>
            int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out offset) && offset <= Last - FirstRealTime;
    }
}
