using Proa.Net;
using Proa.Pods;

namespace Proa.Kubernetes;

/// <summary>A watch that the server has opened.</summary>
/// <param name="response">Its response.</param>
/// <param name="deadline">When it is given up: the server ends it earlier, unless the connection is dead.</param>
internal sealed class OpenWatch(HttpResponse response, CancellationTokenSource deadline) : IDisposable
{
    private readonly LineSplitter _lines = new();
    private readonly byte[] _buffer = new byte[16 * 1024];

    /// <summary>The next event, or null when the server has ended the watch.</summary>
    public async Task<WatchEvent?> NextAsync()
    {
        while (true)
        {
            if (TryNext() is { } next) return next;
            var read = await response.ReadAsync(_buffer, deadline.Token).ConfigureAwait(false);
            if (read == 0) return null;
            _lines.Append(_buffer.AsSpan(0, read));
        }
    }

    private WatchEvent? TryNext() => _lines.TryRead(out var line) ? WatchEvent.Read(line) : null;

    public void Dispose()
    {
        response.Dispose();
        deadline.Dispose();
    }
}
