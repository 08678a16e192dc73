using System.Runtime.InteropServices;

namespace Proa.Linux;

/// <summary>A signal that has arrived.</summary>
/// <param name="Number">1 to 64.</param>
/// <param name="IsQueued">Whether it was sent by sigqueue(3), with a value.</param>
/// <param name="Value">That value.</param>
internal readonly record struct ArrivedSignal(int Number, bool IsQueued, nint Value);

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

    private const int SetSize = 16; // sizeof(sigset_t) / 8

    private const int BrokenPipe = 13;
    private const int FileTooLarge = 25;

    // Thread cancellation and setuid(2) in libc; the runtime suspends threads with SIGRTMIN. Theirs are left to them.
    private const int FirstOfLibc = 32;
    private const int SecondOfLibc = 33;
    private const int OfRuntime = 34;

    private readonly int _self = Libc.getpid();
    private readonly ulong _ignored = Libc.proa_given_ignored();
    private readonly int _descriptor;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(AtOnce * InfoSize, pinned: true);

    public SignalQueue()
    {
        if (Libc.proa_signals_are_blocked() == 0) throw new InvalidOperationException("sigprocmask(2) does not block signals: does the seccomp profile deny it?");
        var ours = ~(SetOf(FirstOfLibc) | SetOf(SecondOfLibc) | SetOf(OfRuntime));
        _descriptor = Descriptors.AboveStandard(Libc.signalfd(-1, &ours, Libc.SfdCloexec));
        if (_descriptor < 0) throw new InvalidOperationException("signalfd(2): " + Libc.ErrorText(Marshal.GetLastPInvokeError()));
    }

    /// <summary>Whether proa was started with this signal ignored, as under nohup(1): then it is none that ends anything.</summary>
    public bool IsIgnored(int signal) => (_ignored & SetOf(signal)) != 0;

    /// <summary>Waits for signals and takes all that have arrived, up to a number; none after this time, or where it is null waits on.</summary>
    public void Take(List<ArrivedSignal> arrived, TimeSpan? atMost)
    {
        arrived.Clear();
        if (atMost is { } limit)
        {
            var readable = new Libc.PollDescriptor { Descriptor = _descriptor, Events = Libc.POLLIN };
            if (Libc.poll(&readable, 1, (int)limit.TotalMilliseconds) == 0) return;
        }

        fixed (byte* buffer = _buffer)
        {
            nint length;
            do length = Libc.read(_descriptor, buffer, _buffer.Length);
            while (length < 0 && Marshal.GetLastPInvokeError() == Errno.EINTR);

            for (var info = buffer; info < buffer + length; info += InfoSize)
            {
                // A log line that meets a closed pipe or a full quota raises SIGPIPE or SIGXFSZ: proa's own, not main's.
                if (*(int*)info is BrokenPipe or FileTooLarge && *(int*)(info + SenderOffset) == _self) continue;
                arrived.Add(new(*(int*)info, *(int*)(info + CodeOffset) == SentByQueue, *(nint*)(info + ValueOffset)));
            }
        }
    }

    /// <summary>
    /// Of the signals that end a program, the first that has arrived where all are blocked; null: none. What was ignored when proa was
    /// started ends nothing.
    /// </summary>
    public static int? PendingEnd()
    {
        var pending = stackalloc ulong[SetSize];
        _ = Libc.sigpending(pending);
        foreach (var signal in (ReadOnlySpan<int>)[1, 2, 3, Signals.Terminate]) // HUP, INT, QUIT
        {
            if ((pending[0] & ~Libc.proa_given_ignored() & SetOf(signal)) != 0) return signal;
        }

        return null;
    }

    /// <summary>Waits, in a worker, for SIGTERM, which is blocked there from the start.</summary>
    public static void WaitForTerminate()
    {
        var mask = SetOf(Signals.Terminate);
        int signal;
        _ = Libc.sigwait(&mask, &signal);
    }

    /// <summary>Ends that waiting, if the seccomp profile allows a signal to oneself.</summary>
    public static void WakeFromTerminate(Action otherwise)
    {
        if (Libc.kill(Libc.getpid(), Signals.Terminate) != 0) otherwise();
    }

    private static ulong SetOf(int signal) => 1UL << (signal - 1);
}
