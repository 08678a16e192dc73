using System.Text.Json.Nodes;

namespace Proa.PodSimulator;

/// <summary>What goes wrong. Made by the static members; given to <see cref="Faults.Add"/>.</summary>
public sealed record FaultAction
{
    private FaultAction(FaultKind kind, string text)
    {
        Kind = kind;
        Text = text;
    }

    internal FaultKind Kind { get; }

    internal string Text { get; private init; }

    internal int Count { get; private init; }

    internal int AfterEvents { get; private init; }

    internal bool Cleanly { get; private init; }

    internal TimeSpan Delay { get; private init; }

    internal IReadOnlyList<(string Name, string Value)> Headers { get; private init; } = [];

    internal bool IsForConnection => Kind is FaultKind.ResetOnAccept or FaultKind.StallBeforeTls or FaultKind.StallDuringTls;

    /// <summary>The connection is accepted and reset (RST) at once.</summary>
    public static FaultAction ResetOnAccept { get; } = new(FaultKind.ResetOnAccept, "");

    /// <summary>The connection is accepted and nothing is read from it until the fault is released.</summary>
    public static FaultAction StallBeforeTls { get; } = new(FaultKind.StallBeforeTls, "");

    /// <summary>The client's hello is read and not answered until the fault is released.</summary>
    public static FaultAction StallDuringTls { get; } = new(FaultKind.StallDuringTls, "");

    /// <summary>The request is read and not answered until the fault is released; then it is answered as usual.</summary>
    public static FaultAction NeverAnswer { get; } = new(FaultKind.NeverAnswer, "");

    /// <summary>The connection is reset (RST) instead of an answer.</summary>
    public static FaultAction ResetOnRequest { get; } = new(FaultKind.ResetOnRequest, "");

    /// <summary>A watch's head is sent, and no event and no bookmark until the fault is released.</summary>
    public static FaultAction SilentWatch { get; } = new(FaultKind.SilentWatch, "");

    /// <summary>200 with no body.</summary>
    public static FaultAction EmptyBody { get; } = new(FaultKind.EmptyBody, "");

    /// <summary>Any answer, with any body; without one there is a Status object for the code.</summary>
    public static FaultAction Respond(int status, string? body = null, params (string Name, string Value)[] headers) =>
        new(FaultKind.Respond, body ?? StatusBody.For(status).ToLine()) { Count = status, Headers = headers };

    /// <summary>429 with Retry-After, as from an API server that is busy.</summary>
    public static FaultAction TooManyRequests(int retryAfterSeconds) => Respond(429, null, ("Retry-After", $"{retryAfterSeconds}"));

    /// <summary>302 to a URL.</summary>
    public static FaultAction Redirect(string url) => Respond(302, "", ("Location", url));

    /// <summary>An ERROR event as the first of the watch, which then ends.</summary>
    public static FaultAction WatchError(int code, string? message = null) => new(FaultKind.WatchError, message ?? "") { Count = code };

    /// <summary>The answer comes in pieces of some bytes, with a pause after each.</summary>
    public static FaultAction Trickle(int bytes, TimeSpan delay) => new(FaultKind.Trickle, "") { Count = bytes, Delay = delay };

    /// <summary>The answer comes in pieces of some bytes, each a TLS record (and HTTP frame) of its own.</summary>
    public static FaultAction Split(int bytes) => new(FaultKind.Split, "") { Count = bytes };

    /// <summary>The answer breaks off in the middle of an event (or of the body), after some whole events.</summary>
    /// <param name="afterEvents">Whole events sent first, bookmarks included.</param>
    /// <param name="cleanly">True: the body ends as if it were whole. False: the request is aborted.</param>
    public static FaultAction CloseMidEvent(int afterEvents = 0, bool cleanly = false) =>
        new(FaultKind.CloseMidEvent, "") { AfterEvents = afterEvents, Cleanly = cleanly };

    /// <summary>The connection is reset (RST) in the middle of an event (or of the body), after some whole events.</summary>
    public static FaultAction ResetMidEvent(int afterEvents = 0) => new(FaultKind.ResetMidEvent, "") { AfterEvents = afterEvents };

    /// <summary>The watch ends cleanly after some events.</summary>
    public static FaultAction EndWatch(int afterEvents = 0) => new(FaultKind.EndWatch, "") { AfterEvents = afterEvents };

    /// <summary>A line that is no event is put into the watch, after some whole events; the watch goes on.</summary>
    public static FaultAction GarbageLine(string line = "}{ this is not JSON", int afterEvents = 0) =>
        new(FaultKind.GarbageLine, line) { AfterEvents = afterEvents };

    /// <summary>A line without an end: that many bytes are sent, then nothing more until the fault is released.</summary>
    public static FaultAction EndlessLine(int bytes = int.MaxValue) => new(FaultKind.EndlessLine, "") { Count = bytes };

    /// <summary>Every Pod in the answer has an annotation of that many bytes.</summary>
    public static FaultAction HugePod(int bytes) => new(FaultKind.HugePod, "") { Count = bytes };

    /// <inheritdoc/>
    public override string ToString() => Kind.ToString();

    internal JsonObject Pad(JsonObject pod)
    {
        var padded = pod.Clone();
        padded.GetOrAdd("metadata").GetOrAdd("annotations")["padding"] = new string('x', Count);
        return padded;
    }
}
