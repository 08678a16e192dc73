namespace Proa.EndToEnd.Processes;

/// <summary>signal(7)</summary>
internal static class Signal
{
    public const int HUP = 1;
    public const int INT = 2;
    public const int QUIT = 3;
    public const int KILL = 9;
    public const int USR1 = 10;
    public const int SEGV = 11;
    public const int USR2 = 12;
    public const int PIPE = 13;
    public const int TERM = 15;
    public const int CHLD = 17;
    public const int CONT = 18;
    public const int STOP = 19;
    public const int TSTP = 20;
    public const int TTIN = 21;
    public const int TTOU = 22;
    public const int Last = 64;

    /// <summary>The first of the real-time signals that are forwarded.</summary>
    public const int RealTime = 35;

    /// <summary>What libc and the .NET runtime keep to themselves.</summary>
    public static readonly int[] Reserved = [32, 33, 34];

    /// <summary>Every signal that is forwarded.</summary>
    public static readonly int[] Forwarded = [.. Enumerable.Range(1, Last).Except([KILL, CHLD, STOP, .. Reserved])];

    /// <summary>Those that end a process that does nothing about them.</summary>
    public static readonly int[] Lethal = [.. Enumerable.Range(1, Last).Except([CHLD, CONT, STOP, TSTP, TTIN, TTOU, 23, 28, 32, 33])];
}
