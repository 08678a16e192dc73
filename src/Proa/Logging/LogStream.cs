using System.Diagnostics;
using System.Runtime.InteropServices;
using Proa.Linux;

namespace Proa.Logging;

/// <summary>
/// stderr, as the log writes to it: never waiting for long, as nobody may read it, and main writes to it too. What does not fit is left out.
/// </summary>
internal sealed unsafe class LogStream
{
    // What native.c says of a stderr that is not opened anew.
    private const int Socket = -2;
    private const int MayWait = -3;

    /// <summary>What a pipe or a terminal takes without waiting once it says that it takes something (PIPE_BUF, pipe(7)).</summary>
    private const int Piece = 4096;

    private const int MSG_DONTWAIT = 0x40;
    private const int MSG_NOSIGNAL = 0x4000;

    private static readonly TimeSpan _patience = TimeSpan.FromMilliseconds(100);

    private readonly int _opened = Libc.proa_open_log();
    private bool _isTorn;
    private bool _isStuck;

    /// <summary>Writes all of it, with one write(2) where it fits. False if it was left out: nobody reads, the disk is full, it is closed.</summary>
    public bool Write(ReadOnlySpan<byte> text)
    {
        if (_isTorn) text = (byte[])[(byte)'\n', .. text];
        // Who did not read the last line in time is not waited for again: a long log must not add up to a long time.
        var deadline = Stopwatch.GetTimestamp() + (_isStuck ? 0 : (long)(_patience.TotalSeconds * Stopwatch.Frequency));
        var rest = text;
        while (!rest.IsEmpty && IsWritable(deadline))
        {
            var written = WriteOnce(rest);
            if (written > 0) rest = rest[written..];
            else if (Marshal.GetLastPInvokeError() is not (Errno.EINTR or Errno.EAGAIN) || Stopwatch.GetTimestamp() > deadline) break;
        }

        _isStuck = !rest.IsEmpty;
        _isTorn = _isStuck && (rest.Length < text.Length - 1 || (rest.Length < text.Length && !_isTorn));
        return !_isStuck;
    }

    private bool IsWritable(long deadline)
    {
        var left = Math.Max(0, Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), deadline).TotalMilliseconds);
        var writable = new Libc.PollDescriptor { Descriptor = Descriptor, Events = Libc.POLLOUT };
        return Libc.poll(&writable, 1, (int)Math.Ceiling(left)) != 0;
    }

    private int WriteOnce(ReadOnlySpan<byte> text)
    {
        fixed (byte* start = text)
        {
            return (int)(_opened == Socket
                ? Libc.send(Descriptor, start, text.Length, MSG_DONTWAIT | MSG_NOSIGNAL)
                : Libc.write(Descriptor, start, _opened == MayWait ? Math.Min(text.Length, Piece) : text.Length));
        }
    }

    private int Descriptor => _opened < 0 ? Libc.StandardError : _opened;
}
