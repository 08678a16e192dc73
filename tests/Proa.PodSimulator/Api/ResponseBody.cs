using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Proa.PodSimulator;

/// <summary>Writes an answer's body, one event (or the whole object) at a time, with the request's fault applied.</summary>
internal sealed class ResponseBody(HttpContext context, ApiRequest request, Faults faults)
{
    private static readonly TimeSpan s_sendTime = TimeSpan.FromMilliseconds(20);

    private readonly FaultAction? _fault = request.Fault?.Action;
    private int _events;
    private bool _garbageSent;

    private CancellationToken Aborted => context.RequestAborted;

    /// <summary>Sends the head at once, as the API server does for a watch.</summary>
    public async Task StartAsync()
    {
        await context.Response.Body.FlushAsync(Aborted).ConfigureAwait(false);
        if (_fault?.Kind is FaultKind.SilentWatch) await request.Fault!.Released.WaitAsync(Aborted).ConfigureAwait(false);
        if (_fault?.Kind is FaultKind.EndlessLine) await WriteEndlessLineAsync(_fault.Count).ConfigureAwait(false);
        await WriteGarbageAsync().ConfigureAwait(false);
    }

    /// <summary>Whether the fault wants the watch to end now.</summary>
    public bool MustEnd => _fault?.Kind is FaultKind.EndWatch && _events >= _fault.AfterEvents;

    public Task WriteAsync(JsonObject item)
    {
        if (_fault?.Kind is FaultKind.HugePod) item = Padded(item);
        return WriteAsync(Encoding.UTF8.GetBytes(item.ToLine() + "\n"));
    }

    /// <returns>A task that ends with <see cref="EndOfResponseException"/> where the fault ends the answer.</returns>
    public async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        switch (_fault?.Kind)
        {
            case FaultKind.Trickle or FaultKind.Split:
                for (var start = 0; start < bytes.Length; start += _fault.Count)
                {
                    await SendAsync(bytes[start..Math.Min(start + _fault.Count, bytes.Length)]).ConfigureAwait(false);
                    if (_fault.Delay > TimeSpan.Zero) await Task.Delay(_fault.Delay, Aborted).ConfigureAwait(false);
                }

                break;
            case FaultKind.CloseMidEvent or FaultKind.ResetMidEvent when _events >= _fault.AfterEvents:
                await SendAsync(bytes[..(bytes.Length / 2)]).ConfigureAwait(false);
                // Kestrel sends in the background, and an abort would overtake what was written before it.
                if (!_fault.Cleanly) await Task.Delay(s_sendTime, Aborted).ConfigureAwait(false);
                BreakOff();
                throw new EndOfResponseException();
            default:
                await SendAsync(bytes).ConfigureAwait(false);
                break;
        }

        _events++;
        await WriteGarbageAsync().ConfigureAwait(false);
    }

    private async Task WriteGarbageAsync()
    {
        if (_fault?.Kind is not FaultKind.GarbageLine || _garbageSent || _events < _fault.AfterEvents) return;
        _garbageSent = true;
        await SendAsync(Encoding.UTF8.GetBytes(_fault.Text + "\n")).ConfigureAwait(false);
    }

    private async Task WriteEndlessLineAsync(int bytes)
    {
        await SendAsync("{\"type\":\"ADDED\",\"object\":\""u8.ToArray()).ConfigureAwait(false);
        var filler = new byte[64 * 1024];
        filler.AsSpan().Fill((byte)'x');
        for (var left = bytes; left > 0; left -= filler.Length)
        {
            await SendAsync(filler.AsMemory(0, Math.Min(left, filler.Length))).ConfigureAwait(false);
        }

        await request.Fault!.Released.WaitAsync(Aborted).ConfigureAwait(false);
        throw new EndOfResponseException();
    }

    private void BreakOff()
    {
        if (_fault!.Kind == FaultKind.ResetMidEvent) faults.ResetConnection(request.ConnectionId);
        else if (!_fault.Cleanly) context.Abort();
    }

    private async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        await context.Response.Body.WriteAsync(bytes, Aborted).ConfigureAwait(false);
        await context.Response.Body.FlushAsync(Aborted).ConfigureAwait(false);
        request.Wrote(bytes.Length);
    }

    private JsonObject Padded(JsonObject item)
    {
        if (item.Text("kind") == "Pod") return _fault!.Pad(item);
        if (item.Object("object") is not { } inner || inner.Text("kind") != "Pod" || item.Text("type") == "BOOKMARK") return item;
        return new JsonObject { ["type"] = item["type"]!.DeepClone(), ["object"] = _fault!.Pad(inner) };
    }
}
