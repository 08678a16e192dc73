using System.Text;
using CsCheck;
using Proa.Pods;
using Proa.Tests.Support;
using Proa.Watching;

namespace Proa.Tests.Pods;

public sealed class WatchEventTests
{
    private const string Pod = """{"metadata":{"name":"p","resourceVersion":"7"}}""";

    [Theory]
    [InlineData("ADDED", WatchEventKind.Changed)]
    [InlineData("MODIFIED", WatchEventKind.Changed)]
    [InlineData("DELETED", WatchEventKind.Deleted)]
    internal void An_event_of_a_Pod_carries_it_and_its_version(string type, WatchEventKind kind)
    {
        var read = Read($$"""{"type":"{{type}}","object":{{Pod}}}""");
        Assert.Equal(kind, read.Kind);
        Assert.Equal("p", read.Pod?.Metadata.Name);
        Assert.Equal("7", read.ResourceVersion);
    }

    [Fact]
    public void A_bookmark_carries_only_a_version() => Assert.Equal(
        new(WatchEventKind.Bookmark, ResourceVersion: "535"),
        Read("""{"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"535"},"spec":{"containers":null},"status":{}}}"""));

    [Fact]
    public void A_bookmark_whose_Pod_cannot_be_read_is_one_all_the_same() =>
        Assert.Equal("9", Read("""{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"},"spec":"?"}}""").ResourceVersion);

    [Fact]
    public void An_error_carries_the_status()
    {
        var read = Read(
            """{"type":"ERROR","object":{"kind":"Status","code":429,"reason":"TooManyRequests","message":"later","details":{"retryAfterSeconds":3}}}""");
        Assert.Equal(WatchEventKind.Error, read.Kind);
        Assert.Equal(new ApiStatus { Code = 429, Reason = "TooManyRequests", Message = "later", Details = new() { RetryAfterSeconds = 3 } }, read.Status);
    }

    [Fact]
    public void The_recorded_end_of_a_watch_that_is_too_old_is_expired()
    {
        var read = WatchEvent.Read(Recordings.Body("410-watch"));
        Assert.Equal(WatchEventKind.Error, read.Kind);
        Assert.Equal("too old resource version: 1 (473)", read.Status?.Message);
        Assert.Equal(ApiFailureKind.Expired, ApiFailure.OfStatus(read.Status!.Code, read.Status.Message, null).Kind);
    }

    [Theory]
    [MemberData(nameof(Recordings.Names), MemberType = typeof(Recordings))]
    public void Every_recorded_line_is_an_event(string recording)
    {
        var kinds = Encoding.UTF8.GetString(Recordings.Stream(recording))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => Read(line).Kind)
            .ToArray();
        Assert.Equal(WatchEventKind.Bookmark, kinds[0]);
        // A recording may end before the next bookmark.
        var changes = kinds[^1] == WatchEventKind.Bookmark ? kinds[1..^1] : kinds[1..];
        Assert.All(changes, kind => Assert.True(kind is WatchEventKind.Changed or WatchEventKind.Deleted));
    }

    [Theory]
    [InlineData("""{"object":{"metadata":{"name":"p"}},"type":"MODIFIED"}""")]
    [InlineData("""{"object":{"metadata":{"name":"p"}},"more":{"type":"x","object":[]},"type":"MODIFIED"}""")]
    [InlineData("""{"more":[1,{"object":2}],"type":"MODIFIED","more":null,"object":{"metadata":{"name":"p"}}}""")]
    [InlineData(""" { "type" : "MODIFIED" , "object" : { "metadata" : { "name" : "p" } } } """)]
    [InlineData("{\"type\":\"MODIFIED\",\"object\":{\"metadata\":{\"name\":\"p\"}}}\r")]
    [InlineData("""{"\u0074ype":"MODIFIE\u0044","\u006fbject":{"m\u0065tadata":{"name":"p"}}}""")]
    public void Order_spaces_escapes_and_unknown_properties_do_not_matter(string line) => Assert.Equal("p", Read(line).Pod?.Metadata.Name);

    [Theory]
    [InlineData("""{"type":"DELETED","type":"MODIFIED","object":{"metadata":{"name":"p"}}}""")]
    [InlineData("""{"type":"MODIFIED","object":{"metadata":{"name":"q"}},"object":{"metadata":{"name":"p"}}}""")]
    [InlineData("""{"type":"MODIFIED","object":{"metadata":{"name":"q","name":"p"}}}""")]
    public void Of_a_double_key_the_last_counts(string line)
    {
        Assert.Equal(WatchEventKind.Changed, Read(line).Kind);
        Assert.Equal("p", Read(line).Pod?.Metadata.Name);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("\"ADDED\"")]
    [InlineData("{}")]
    [InlineData("{")]
    [InlineData("<html>502 Bad Gateway</html>")]
    [InlineData("""{"type":"ADDED"}""")]
    [InlineData("""{"object":{"metadata":{"name":"p"}}}""")]
    [InlineData("""{"type":"SYNCED","object":{"metadata":{"name":"p"}}}""")]
    [InlineData("""{"type":"added","object":{"metadata":{"name":"p"}}}""")]
    [InlineData("""{"type":null,"object":{"metadata":{"name":"p"}}}""")]
    [InlineData("""{"type":"\ud800","object":{"metadata":{"name":"p"}}}""")]
    [InlineData("""{"type":{"ADDED":1},"object":{"metadata":{"name":"p"}}}""")]
    [InlineData("""{"type":"ADDED","object":null}""")]
    [InlineData("""{"type":"ADDED","object":[]}""")]
    [InlineData("""{"type":"ADDED","object":"p"}""")]
    [InlineData("""{"type":"ADDED","object":{}}""")]
    [InlineData("""{"type":"ADDED","object":{"metadata":{"name":null}}}""")]
    [InlineData("""{"type":"ADDED","object":{"metadata":{"name":7}}}""")]
    [InlineData("""{"type":"ADDED","object":{"metadata":{"name":"p"},"spec":{"containers":{}}}}""")]
    [InlineData("""{"type":"ADDED","object":{"metadata":{"name":"p"},"status":{"containerStatuses":[{"ready":"yes"}]}}}""")]
    [InlineData("""{"type":"ADDED","object":{"metadata":{"name":"p"},"status":{"containerStatuses":[{"restartCount":99999999999}]}}}""")]
    [InlineData("""{"type":"ADDED","object":{"metadata":{"name":"p"}}""")]
    [InlineData("""{"type":"ADDED","object":{"metadata":{"name":"p"}""")]
    [InlineData("""{"type":"ADDED","object":{"metadata":{"name":"p"}},}""")]
    [InlineData("""{"type":"ADDED","object":{"metadata":{"name":"\ud800"}}}""")]
    [InlineData("""{"type":"BOOKMARK","object":[]}""")]
    [InlineData("""{"type":"BOOKMARK","object":null}""")]
    [InlineData("""{"type":"ERROR","object":null}""")]
    [InlineData("""{"type":"ERROR","object":{"code":"410"}}""")]
    public void What_is_not_an_event_is_garbage(string line) => Assert.Equal(new(WatchEventKind.Garbage), Read(line));

    [Fact]
    public void Text_that_is_not_UTF_8_is_garbage() =>
        Assert.Equal(
            WatchEventKind.Garbage,
            WatchEvent.Read([.. "{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\""u8, 0xff, 0xfe, .. "\"}}}"u8]).Kind);

    [Fact]
    public void A_property_name_that_is_not_UTF_8_does_no_harm() =>
        Assert.Equal(WatchEventKind.Garbage, WatchEvent.Read([.. "{\""u8, 0xff, .. "\":1,\"type\":\"SYNCED\",\"object\":{}}"u8]).Kind);

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{\"a\":", "}")]
    public void Deep_nesting_is_garbage(string open, string close)
    {
        const int depth = 100_000;
        var deep = string.Concat(Enumerable.Repeat(open, depth)) + "1" + string.Concat(Enumerable.Repeat(close, depth));
        Assert.Equal(WatchEventKind.Garbage, Read("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"p\",\"labels\":" + deep + "}}}").Kind);
    }

    [Fact]
    public void Any_bytes_are_read_without_an_exception() =>
        Gen.Byte.Array[0, 200].Sample(line => Assert.NotNull(WatchEvent.Read(line)));

    [Fact]
    public void A_recorded_line_with_any_bytes_changed_is_read_without_an_exception()
    {
        var line = Recordings.Stream("native-sidecar").AsSpan();
        line = line[..line.LastIndexOf((byte)'\n')];
        line = line[..line.LastIndexOf((byte)'\n')];
        var original = line[(line.LastIndexOf((byte)'\n') + 1)..].ToArray();
        Assert.Equal(WatchEventKind.Changed, WatchEvent.Read(original).Kind);
        Gen.Select(Gen.Int[0, original.Length - 1], Gen.OneOf("{}[]\",:0-nt\\ \0".ToCharArray())).Array[1, 3].Sample(
            changes =>
            {
                var changed = original.ToArray();
                foreach (var (where, what) in changes) changed[where] = (byte)what;
                Assert.NotNull(WatchEvent.Read(changed));
            },
            iter: 2_000);
    }

    [Theory]
    [InlineData("""{"type":"MODIFIED","object":{"metadata":{"name":"p"}}} x""")]
    [InlineData("""{"type":"MODIFIED","object":{"metadata":{"name":"p"}}}{"type":"MODIFIED","object":{"metadata":{"name":"p"}}}""")]
    [InlineData("""{"type":"MODIFIED","object":{"metadata":{"name":"p"}}}}""")]
    [InlineData("""{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}},""")]
    [InlineData("""{"type":"ERROR","object":{"code":410}}null""")]
    public void What_has_something_behind_it_is_no_event(string line) => Assert.Equal(WatchEventKind.Garbage, Read(line).Kind);

    [Theory]
    [InlineData("""{"type":"MODIFIED","object":{"metadata":{"name":"p"}}} """)]
    [InlineData("{\"type\":\"MODIFIED\",\"object\":{\"metadata\":{\"name\":\"p\"}}}\r")]
    public void White_space_behind_an_event_does_no_harm(string line) => Assert.Equal(WatchEventKind.Changed, Read(line).Kind);

    [Theory]
    [InlineData("""{"type":"ERROR","object":{}}""")]
    [InlineData("""{"type":"ERROR","object":{"kind":"Status","status":"Failure","message":"later"}}""")]
    [InlineData("""{"type":"ERROR","object":{"code":0}}""")]
    [InlineData("""{"type":"ERROR","object":{"code":-1}}""")]
    [InlineData("""{"type":"ERROR","object":{"code":null}}""")]
    public void An_error_without_a_code_is_garbage(string line) => Assert.Equal(WatchEventKind.Garbage, Read(line).Kind);

    private static WatchEvent Read(string line) => WatchEvent.Read(Encoding.UTF8.GetBytes(line));
}
