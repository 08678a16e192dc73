using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using CsCheck;
using Proa.Identity;
using Proa.Pods;
using Proa.Tests.Support;

namespace Proa.Tests.Pods;

/// <summary>What proa's own reader makes of a text is what .NET's serializer makes of it: the same values, or none.</summary>
public sealed class ModelOracleTests
{
    private const int Many = 3_000;

    [Theory]
    [MemberData(nameof(Recordings.Names), MemberType = typeof(Recordings))]
    public void A_recorded_watch_reads_alike(string recording)
    {
        foreach (var line in Lines(recording)) SameEvent(line);
    }

    [Theory]
    [InlineData("200-get-head")]
    [InlineData("401")]
    [InlineData("403")]
    [InlineData("404")]
    [InlineData("410-watch")]
    [InlineData("future-rv-watch")]
    public void A_recorded_answer_reads_alike(string file)
    {
        SamePod(Recordings.Body(file));
        SameStatus(Recordings.Body(file));
    }

    [Fact]
    public void Any_Pod_reads_alike()
    {
        var accepted = 0;
        Gen.Int.Sample(
            seed =>
            {
                if (SamePod(ModelJson.Of(typeof(Pod), seed))) Interlocked.Increment(ref accepted);
            },
            iter: Many);
        Assert.InRange(accepted, Many / 4, Many * 9 / 10);
    }

    [Fact]
    public void Any_Pod_is_handed_over_unaltered() => Gen.Int.Sample(
        seed =>
        {
            var json = ModelJson.Of(typeof(Pod), seed | 1); // the others are refused more often
            if (PodReader.TryReadPod(json, out var pod))
                Same(pod, Handover.FromBytes(new Handover(new("lab", ["a"], "", "", ""), null, pod).ToBytes())?.Pod, json);
        },
        iter: Many);

    [Fact]
    public void Any_status_reads_alike() => Gen.Int.Sample(seed => SameStatus(ModelJson.Of(typeof(ApiStatus), seed)), iter: Many);

    [Fact]
    public void Any_token_reads_alike() => Gen.Int.Sample(
        seed =>
        {
            var payload = ModelJson.Of(typeof(TokenPayload), seed);
            Same(ModelOracle.Token(payload), ServiceAccountToken.Read("a." + Base64Url.EncodeToString(payload) + ".b"), payload);
        },
        iter: Many);

    [Fact]
    public void Any_event_reads_alike() => Gen.Select(Gen.Int, Gen.OneOf("ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR", "OTHER")).Sample(
        (seed, type) =>
        {
            var of = type switch { "BOOKMARK" => typeof(Bookmark), "ERROR" => typeof(ApiStatus), _ => typeof(Pod) };
            SameEvent([.. Encoding.UTF8.GetBytes($"{{\"type\":\"{type}\",\"object\":"), .. ModelJson.Of(of, seed), .. "}"u8]);
        },
        iter: Many);

    [Fact]
    public void A_recorded_Pod_in_which_something_is_changed_reads_alike()
    {
        byte[][] pods = [.. Recordings.Names.SelectMany(name => Lines(name.Data)).Select(Object)];
        var words = (string[])["null", "true", "1", "1.5", "\"a\"", "{}", "[]", "[null]", "\"", "{", "}", "[", "]", ",", ":", "\\u0061", "\\ud800", "\\", "\0"];
        var insertion = Gen.OneOf(Gen.OneOf(words).Select(Encoding.UTF8.GetBytes), Gen.Byte.Select(b => (byte[])[b]));
        Gen.Select(Gen.OneOf(pods), Gen.Select(Gen.Int[0, 1_000_000], Gen.Int[0, 6], insertion).Array[1, 3]).Sample(
            (pod, changes) =>
            {
                foreach (var (place, length, insert) in changes)
                {
                    var at = place % pod.Length;
                    pod = [.. pod[..at], .. insert, .. pod[Math.Min(at + length, pod.Length)..]];
                }

                SamePod(pod);
            },
            iter: Many);
    }

    [Fact]
    public void A_recorded_Pod_with_a_value_of_another_type_reads_alike()
    {
        byte[][] pods = [.. Recordings.Names.Select(name => Object(Lines(name.Data).Last(line => Find(line).Type != "BOOKMARK")))];
        foreach (var pod in pods)
        {
            foreach (var (start, end) in Values(pod))
            {
                foreach (var other in (string[])["null", "1", "\"1\"", "true", "{}", "[]"])
                    SamePod([.. pod[..start], .. Encoding.UTF8.GetBytes(other), .. pod[end..]]);
            }
        }
    }

    /// <summary>Whether it is accepted.</summary>
    private static bool SamePod(byte[] json)
    {
        var expected = ModelOracle.Pod(json);
        // Where it is no JSON at all, or its texts are none, there is no field to name.
        if (expected is null && IsTextThroughout(json)) Assert.Equal(ModelOracle.Wrong(json), PodReader.WrongField(json));
        Same(expected, PodReader.TryReadPod(json, out var pod) ? pod : null, json);
        return expected is not null;
    }

    private static void SameStatus(byte[] json) =>
        Same(ModelOracle.Status(json), PodReader.TryReadStatus(json, out var status) ? status : null, json);

    private static void SameEvent(byte[] line) => Same(ModelOracle.Event(line), WatchEvent.Read(line), line);

    private static void Same<T>(T? expected, T? read, byte[] json)
    {
        var (one, other) = (ModelOracle.Text(expected), ModelOracle.Text(read));
        if (one != other) Assert.Fail($"{Encoding.Latin1.GetString(json)}\nis to be\n{one}\nand is\n{other}");
    }

    /// <summary>Whether it is JSON, as deep as it may be, and all its names and texts are UTF-8.</summary>
    private static bool IsTextThroughout(byte[] json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, new() { MaxDepth = 1000 });
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String) _ = reader.GetString();
            }

            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static IEnumerable<byte[]> Lines(string recording) =>
        Encoding.Latin1.GetString(Recordings.Stream(recording)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Encoding.Latin1.GetBytes);

    private static (string Type, Range Payload) Find(byte[] line)
    {
        Assert.True(WatchEvent.TryFindParts(line, out var type, out var payload));
        return (type, payload);
    }

    private static byte[] Object(byte[] line) => line[Find(line).Payload];

    private static List<(int Start, int End)> Values(byte[] json)
    {
        var reader = new Utf8JsonReader(json);
        var values = new List<(int, int)>();
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.EndObject
                or JsonTokenType.EndArray) continue;
            var whole = reader;
            whole.Skip();
            values.Add(((int)reader.TokenStartIndex, (int)whole.BytesConsumed));
        }

        return values;
    }
}
