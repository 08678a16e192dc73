using System.Text;
using Proa.Http;
using Proa.Kubernetes;
using Proa.Net;
using Proa.Pods;
using Proa.Tests.Support;
using Proa.Watching;

namespace Proa.Fuzz;

/// <summary>The stream of a watch.</summary>
internal sealed class WatchTarget : Target
{
    private const int ShortLine = 128;
    private const string Garbage = "garbage";

    public override string Name => "watch";

    protected override int MemoryPerByte => 400;

    public override IEnumerable<byte[]> FirstInputs()
    {
        foreach (var json in Recordings.Pods()) yield return [.. "{\"type\":\"ADDED\",\"object\":"u8, .. json, .. "}\n"u8];
        foreach (var answer in Recordings.Answers()) yield return answer;
        const string changed = "{\"type\":\"MODIFIED\",\"object\":{\"metadata\":{\"name\":\"a\",\"resourceVersion\":\"1\"}}}\n";
        yield return Encoding.UTF8.GetBytes(changed + "{\"object\":{\"code\":410},\"type\":\"ERROR\"}\n");
        yield return Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(changed, 80))); // more than the first buffer
        yield return [
            .. "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"2\"}}}\n\n"u8,
            .. "{\"type\":\"DELETED\",\"object\":{\"metadata\":{\"name\":\"a\"}}}"u8,
        ];
    }

    public override IEnumerable<string> Words() =>
        Json.Names(typeof(Pod), typeof(ApiStatus))
            .Concat(((string[])["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"]).Select(type => $"\"type\":\"{type}\""))
            .Concat(["\"object\":", "\n", "\r\n"])
            .Concat(Json.Values());

    public override void Read(byte[] input)
    {
        var whole = Bounded(input, stream => Events(stream, [stream.Length]));
        Require(whole.SequenceEqual(Bounded(input, stream => Events(stream, Enumerable.Repeat(1, stream.Length)))), "byte by byte the events are others");
        Require(whole.SequenceEqual(Events(input, StreamInPieces.OwnPieces(input))), "piece by piece the events are others");

        var lines = Encoding.Latin1.GetString(input).Split('\n')[..^1];
        foreach (var line in lines.Select(Encoding.Latin1.GetBytes))
            Require(ModelOracle.Text(WatchEvent.Read(line)) == ModelOracle.Text(ModelOracle.Event(line)), "an event is not what .NET reads");
        var isTooLong = lines.Any(line => line.Length > ShortLine);
        var accepted = lines.TakeWhile(line => line.Length <= ShortLine).ToArray();
        Require(accepted.SequenceEqual(ShortLines(input, StreamInPieces.OwnPieces(input), out var refused)), "the lines are others");
        Require(refused || !isTooLong, "a line that is too long was not refused");
    }

    /// <summary>The events of a watch whose stream comes in these pieces.</summary>
    private static List<string> Events(byte[] stream, IEnumerable<int> pieces)
    {
        var untilItsEnd = new ResponseHead(200, BodyFraming.Connection, 0, IsLast: true, null);
        using var response = new HttpResponse(new(new StreamInPieces(stream, pieces)), untilItsEnd, keep: null);
        using var deadline = new CancellationTokenSource();
        using var watch = new OpenWatch(response, deadline);
        var events = new List<string>();
        // What is no event ends a watch.
        while (events is not [.., Garbage] && watch.NextAsync().GetAwaiter().GetResult() is { } next)
        {
            var holds = next.Kind switch
            {
                WatchEventKind.Changed or WatchEventKind.Deleted =>
                    next is { Pod.Metadata.Name.Length: > 0, Status: null } && next.ResourceVersion == next.Pod.Metadata.ResourceVersion,
                WatchEventKind.Bookmark => next is { Pod: null, Status: null },
                WatchEventKind.Error => next is { Pod: null, Status.Code: > 0, ResourceVersion: "" },
                WatchEventKind.Garbage => next is { Pod: null, Status: null, ResourceVersion: "" },
            };
            Require(holds, $"{next} does not hold what its kind says");
            events.Add(
                next.Kind == WatchEventKind.Garbage
                    ? Garbage
                    : next.Kind + next.ResourceVersion + ModelOracle.Text(next.Pod) + next.Status);
        }

        return events;
    }

    private static List<string> ShortLines(byte[] stream, IEnumerable<int> pieces, out bool refused)
    {
        var splitter = new LineSplitter(ShortLine);
        var lines = new List<string>();
        var at = 0;
        try
        {
            foreach (var length in pieces)
            {
                splitter.Append(stream.AsSpan(at, length));
                at += length;
                while (splitter.TryRead(out var line)) lines.Add(Encoding.Latin1.GetString(line));
            }

            refused = false;
        }
        catch (InvalidDataException)
        {
            refused = true;
        }

        return lines;
    }
}
