using Proa.Http;

namespace Proa.Net;

/// <summary>A response: its head, and its body, which is read once.</summary>
/// <param name="connection">What it arrives on.</param>
/// <param name="head">Its head.</param>
/// <param name="keep">Is given the connection if another request can be made on it; null: it is closed.</param>
internal sealed class HttpResponse(HttpConnection connection, ResponseHead head, Action<HttpConnection>? keep) : IDisposable
{
    private readonly BodyDecoder _body = new(head.Framing, head.Length);

    private bool _isDisposed;

    public ResponseHead Head { get; } = head;

    /// <summary>Whether the status is 2xx.</summary>
    public bool IsSuccess => Head.Status is >= 200 and < 300;

    /// <summary>The next bytes of the body; 0: there are no more.</summary>
    /// <exception cref="EndOfStreamException">The server has closed the connection before its end.</exception>
    /// <exception cref="IOException">The connection has failed.</exception>
    /// <exception cref="InvalidDataException">It is not what the head says.</exception>
    public ValueTask<int> ReadAsync(Memory<byte> into, CancellationToken cancellation) => connection.ReadAsync(_body, into, cancellation);

    /// <summary>Only where the body has been read is the connection kept.</summary>
    public void Dispose()
    {
        // The connection may belong to another response by now.
        if (_isDisposed) return;
        _isDisposed = true;
        if (keep is not null && _body.IsComplete && !Head.IsLast && connection.IsClean) keep(connection);
        else connection.Dispose();
    }
}
