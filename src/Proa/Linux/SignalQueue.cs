using System.Runtime.InteropServices;
using Proa.Supervision;

namespace Proa.Linux;

/// <summary>
/// The signals that arrive, through signalfd(2): all of them are blocked before the runtime starts (start.c), so none is
/// lost and no handler runs.
/// </summary>
internal sealed unsafe class SignalQueue
{
    private const int InfoSize = 128; // sizeof(struct signalfd_siginfo)
    private const int CodeOffset = 8;
    private const int SenderOffset = 12;
    private const int ValueOffset = 48;
    private const int SentByQueue = -1; // SI_QUEUE
    private const int AtOnce = 32;

    /// <summary>What a worker says with a SIGCHLD of its own, and its process ID, which the kernel vouches for.</summary>
    /// <param name="ExitCode">What it is about to exit with.</param>
    internal readonly record struct Verdict(int Worker, int ExitCode);

    private const int SetSize = 16; // sizeof(sigset_t) / 8

    private const int PauseMilliseconds = 1000;
    private const int WithoutEnd = -1;

    private readonly int _self = Libc.getpid();
    private readonly ulong _ignored = Libc.proa_given_ignored();
    private readonly int _descriptor;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(AtOnce * InfoSize, pinned: true);
    private readonly Signal[] _arrived = new Signal[AtOnce];

    public SignalQueue()
    {
        if (Libc.proa_signals_are_blocked() == 0)
            throw new InvalidOperationException("sigprocmask(2) does not block signals: does the seccomp profile deny it?");
        // Libc's own are left to it, and the first real-time signal to the runtime, which suspends threads with it.
        var ours = ~(SetOf(Signals.FirstOfLibc) | SetOf(Signals.SecondOfLibc) | SetOf(Signals.FirstRealTime));
        _descriptor = Descriptors.AboveStandard(Libc.signalfd(-1, &ours, Libc.SfdCloexec));
        if (_descriptor < 0) throw new InvalidOperationException("signalfd(2): " + Libc.ErrorText(Marshal.GetLastPInvokeError()));
    }

    /// <summary>The verdict among the signals that were taken last, if there is one.</summary>
    public Verdict? Said { get; private set; }

    /// <summary>
    /// Tells the supervisor, from a worker, what it will exit with: main need not wait while the kernel takes the worker's memory down. Where the
    /// signal is lost, as one is of two that arrive together, or denied, the exit itself tells. The last worker does not: proa leaves no process
    /// behind.
    /// </summary>
    /// <returns>The exit code.</returns>
    public static int Say(int exitCode)
    {
        _ = Libc.sigqueue(Libc.getppid(), Signals.Child, exitCode);
        return exitCode;
    }

    /// <summary>Whether proa was started with this signal ignored, as under nohup(1): then it is none that ends anything.</summary>
    public bool IsIgnored(int signal) => (_ignored & SetOf(signal)) != 0;

    /// <summary>
    /// Waits for signals and takes all that have arrived, up to a number; none after this time, or where it is null waits on. They are good
    /// until the next call.
    /// </summary>
    /// <param name="hasRest">Whether nothing has happened for a while, so that memory is given back first.</param>
    public ReadOnlySpan<Signal> Take(TimeSpan? atMost, bool hasRest)
    {
        Said = null;
        if (Libc.proa_wait_readable(_descriptor, atMost is { } limit ? (int)limit.TotalMilliseconds : WithoutEnd, hasRest ? 1 : 0) == 0) return [];

        fixed (byte* buffer = _buffer)
        {
            var length = Descriptors.Read(_descriptor, _buffer);
            if (length <= 0) Pause(); // it goes on as one who looks from time to time

            var count = 0;
            for (var info = buffer; info < buffer + length; info += InfoSize)
            {
                // A log line that meets a closed pipe or a full quota raises SIGPIPE or SIGXFSZ: proa's own, not the command's.
                if (*(int*)info is Signals.BrokenPipe or Signals.FileTooLarge && *(int*)(info + SenderOffset) == _self) continue;
                if (*(int*)info == Signals.Child && *(int*)(info + CodeOffset) == SentByQueue)
                    Said = new(*(int*)(info + SenderOffset), (int)*(nint*)(info + ValueOffset));
                _arrived[count++] = new(*(int*)info, *(int*)(info + CodeOffset) == SentByQueue ? *(nint*)(info + ValueOffset) : null);
            }

            return _arrived.AsSpan(0, count);
        }
    }

    /// <summary>For where there is nothing to wait for: whoever tries again at once keeps a processor busy.</summary>
    public static void Pause() => _ = Libc.poll(null, 0, PauseMilliseconds);

    /// <summary>
    /// Of the signals that end a program, the first that has arrived where all are blocked; null: none. What was ignored when proa was
    /// started ends nothing.
    /// </summary>
    public static int? PendingEnd()
    {
        var pending = stackalloc ulong[SetSize];
        _ = Libc.sigpending(pending);
        foreach (var signal in Signals.Stop)
        {
            if ((pending[0] & ~Libc.proa_given_ignored() & SetOf(signal)) != 0) return signal;
        }

        return null;
    }

    /// <summary>Waits, in a worker, for SIGTERM, which is blocked there from the start.</summary>
    public static void WaitForTerminate() => WaitFor(SetOf(Signals.Terminate));

    /// <summary>Waits, where all are blocked, for a signal that ends a program; not for one that was ignored when proa was started.</summary>
    public static int WaitForEnd() =>
        WaitFor(((SetOf(Signals.Hangup) | SetOf(Signals.Interrupt) | SetOf(Signals.Quit)) & ~Libc.proa_given_ignored()) | SetOf(Signals.Terminate));

    private static int WaitFor(ulong set)
    {
        int signal;
        _ = Libc.sigwait(&set, &signal);
        return signal;
    }

    /// <summary>Ends that waiting, if the seccomp profile allows a signal to oneself.</summary>
    public static void WakeFromWait(Action otherwise)
    {
        if (Libc.kill(Libc.getpid(), Signals.Terminate) != 0) otherwise();
    }

    private static ulong SetOf(int signal) => 1UL << (signal - 1);
}
