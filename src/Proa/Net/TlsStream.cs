using System.Runtime.InteropServices;
using Proa.Linux;

namespace Proa.Net;

/// <summary>TLS on a connection. Whoever uses it reads or writes, one at a time.</summary>
internal sealed class TlsStream : Stream
{
    private readonly Stream _transport;
    private readonly byte[] _arrived = new byte[16 * 1024];
    private readonly byte[] _toSend = new byte[4 * 1024];
    private readonly Lock _gate = new();
    private nint _session;

    private TlsStream(Stream transport) => _transport = transport;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <param name="transport">The connection, which then belongs to the result.</param>
    /// <param name="server">The name or address that the server's certificate must have.</param>
    /// <exception cref="TlsException">The server is not trusted, or offers nothing that proa takes.</exception>
    /// <exception cref="EndOfStreamException">The server has closed the connection.</exception>
    public static async Task<TlsStream> OpenAsync(Stream transport, TlsContext context, string server, CancellationToken cancellation)
    {
        var stream = new TlsStream(transport);
        try
        {
            stream._session = context.Open(server);
            if (await stream.StepAsync(new(Step.Handshake, default), cancellation).ConfigureAwait(false) == 0) throw new EndOfStreamException();
            return stream;
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        buffer.IsEmpty ? new(0) : StepAsync(new(Step.Read, buffer), cancellationToken);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var rest = MemoryMarshal.AsMemory(buffer);
        while (!rest.IsEmpty)
        {
            var written = await StepAsync(new(Step.Write, rest), cancellationToken).ConfigureAwait(false);
            if (written == 0) throw new EndOfStreamException();
            rest = rest[written..];
        }
    }

    protected override void Dispose(bool disposing)
    {
        lock (_gate)
        {
            NativeTls.proa_tls_free(_session);
            _session = 0;
        }

        if (disposing) _transport.Dispose();
        base.Dispose(disposing);
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private enum Step
    {
        Handshake,
        Read,
        Write,
    }

    private readonly record struct Work(Step Step, Memory<byte> Bytes);

    /// <summary>Works on until there is a result, and sends and receives for it.</summary>
    private async ValueTask<int> StepAsync(Work work, CancellationToken cancellation)
    {
        while (true)
        {
            // What is to be sent tells a server why it has been refused, too.
            var result = Take(work, out var failure);
            for (int length; (length = Drain()) > 0;)
                await _transport.WriteAsync(_toSend.AsMemory(0, length), cancellation).ConfigureAwait(false);
            if (failure is not null) throw failure;
            if (result != NativeTls.WantsInput) return result;
            Feed(await _transport.ReadAsync(_arrived, cancellation).ConfigureAwait(false));
        }
    }

    private unsafe int Take(Work work, out TlsException? failure)
    {
        failure = null;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_session == 0, this);
            fixed (byte* bytes = work.Bytes.Span)
            {
                var result = work.Step switch
                {
                    Step.Handshake => NativeTls.proa_tls_handshake(_session),
                    Step.Read => NativeTls.proa_tls_read(_session, bytes, work.Bytes.Length),
                    _ => NativeTls.proa_tls_write(_session, bytes, work.Bytes.Length),
                };
                if (result < NativeTls.WantsInput) failure = Failure();
                return result;
            }
        }
    }

    private static unsafe TlsException Failure()
    {
        NativeTls.Failure failure;
        NativeTls.proa_tls_failure(&failure);
        return new(
            failure.Verification,
            Marshal.PtrToStringUTF8((nint)(&failure.Text)) ?? "",
            DateTimeOffset.FromUnixTimeSeconds(failure.ValidFrom),
            DateTimeOffset.FromUnixTimeSeconds(failure.ValidUntil));
    }

    private unsafe int Drain()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_session == 0, this);
            fixed (byte* bytes = _toSend) return NativeTls.proa_tls_drain(_session, bytes, _toSend.Length);
        }
    }

    private unsafe void Feed(int length)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_session == 0, this);
            fixed (byte* bytes = _arrived)
                if (NativeTls.proa_tls_feed(_session, bytes, length) == 0) throw new InsufficientMemoryException();
        }
    }
}
