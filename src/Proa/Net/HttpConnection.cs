using System.Net.Sockets;
using Proa.Http;

namespace Proa.Net;

/// <summary>A connection that requests are made on, one after the other.</summary>
/// <param name="stream">It.</param>
/// <param name="socket">What it ends in, or null.</param>
internal sealed class HttpConnection(Stream stream, Socket? socket = null) : IDisposable
{
    private byte[] _buffer = new byte[4 * 1024];
    private int _start;
    private int _end;

    private ReadOnlySpan<byte> Received => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Whether nothing has arrived that belongs to no response.</summary>
    public bool IsClean => _start == _end;

    /// <summary>
    /// Whether anything has arrived since the last response, or the server has closed the connection: it may have said that nothing was asked for
    /// too long (408). That is no answer to the next request (RFC 9112 section 9.2).
    /// </summary>
    public bool IsStale => socket?.Poll(0, SelectMode.SelectRead) is true;

    /// <summary>Sends a request, and reads the head of the response. Where that fails, the connection is closed.</summary>
    /// <param name="keep">See <see cref="HttpResponse"/>.</param>
    /// <exception cref="EndOfStreamException">The server has closed the connection.</exception>
    /// <exception cref="IOException">The connection has failed.</exception>
    /// <exception cref="InvalidDataException">It is no response that proa understands.</exception>
    public async Task<HttpResponse> SendAsync(ReadOnlyMemory<byte> request, Action<HttpConnection>? keep, CancellationToken cancellation)
    {
        try
        {
            await stream.WriteAsync(request, cancellation).ConfigureAwait(false);
            return new(this, await ReadHeadAsync(cancellation).ConfigureAwait(false), keep);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>For <see cref="HttpResponse"/>.</summary>
    /// <returns>0: the body is complete, or there is no room.</returns>
    public async ValueTask<int> ReadAsync(BodyDecoder body, Memory<byte> into, CancellationToken cancellation)
    {
        // Without room, what arrives would be kept here, and be more and more.
        while (!into.IsEmpty)
        {
            if (Decode(body, into.Span) is > 0 and var written) return written;
            if (body.IsComplete) return 0;
            if (await ReceiveAsync(cancellation).ConfigureAwait(false) == 0) return body.MayEndHere ? 0 : throw new EndOfStreamException();
        }

        return 0;
    }

    private async Task<ResponseHead> ReadHeadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            if (TryReadHead() is { } head)
            {
                if (!head.IsInterim) return head;
            }
            else if (await ReceiveAsync(cancellation).ConfigureAwait(false) == 0)
            {
                throw new EndOfStreamException();
            }
        }
    }

    private ResponseHead? TryReadHead()
    {
        var head = ResponseHead.Read(Received, out var length);
        if (head is not null) _start += length;
        return head;
    }

    private int Decode(BodyDecoder body, Span<byte> into)
    {
        var rest = Received;
        var written = body.Decode(ref rest, into);
        _start = _end - rest.Length;
        return written;
    }

    private async ValueTask<int> ReceiveAsync(CancellationToken cancellation)
    {
        var pending = Received.Length;
        if (_start > 0) Received.CopyTo(_buffer);
        (_start, _end) = (0, pending);
        if (_end == _buffer.Length) Array.Resize(ref _buffer, 2 * _buffer.Length);
        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellation).ConfigureAwait(false);
        _end += read;
        return read;
    }

    public void Dispose() => stream.Dispose();
}
