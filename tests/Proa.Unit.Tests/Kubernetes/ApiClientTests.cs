using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Proa.Kubernetes;
using Proa.Pods;
using Proa.Watching;
using static Proa.Unit.Tests.Kubernetes.LoopbackServer;

namespace Proa.Unit.Tests.Kubernetes;

public sealed class ApiClientTests : IDisposable
{
    private const string Pod = """{"metadata":{"name":"p","namespace":"lab","resourceVersion":"7"}}""";
    private const int Largest = LineSplitter.LongestEvent;

    private readonly FakeTimeProvider _time = new(new(2026, 11, 22, 12, 26, 17, TimeSpan.Zero));
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("api-client-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task The_Pod_is_asked_for_by_name_with_the_token_and_whose_request_it_is()
    {
        await using var server = new LoopbackServer(Answer(200, Pod));
        using var api = Client($"http://{server.Authority}", Inline("s3cret\n"));
        Assert.Equal("7", (await GetAsync(api)).Metadata.ResourceVersion);
        var request = Assert.Single(server.Requests);
        Assert.StartsWith("GET /api/v1/namespaces/lab/pods/p HTTP/1.1\n", request, StringComparison.Ordinal);
        Assert.Contains("\nAuthorization: Bearer s3cret\n", request, StringComparison.Ordinal);
        Assert.Contains("\nAccept: application/json\n", request, StringComparison.Ordinal);
        Assert.Matches("\nUser-Agent: proa/[0-9]+\\.[0-9]+\\.[0-9]+\n", request);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/k8s/clusters/c-1")]
    [InlineData("/k8s/clusters/c-1/")]
    public async Task A_path_in_the_servers_URL_stands_before_that_of_the_request(string path)
    {
        await using var server = new LoopbackServer(Answer(200, Pod));
        using var api = Client($"http://{server.Authority}{path}");
        await GetAsync(api);
        Assert.StartsWith($"GET {path.TrimEnd('/')}/api/v1/namespaces/lab/pods/p ", Assert.Single(server.Requests), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_token_none_is_sent()
    {
        await using var server = new LoopbackServer(Answer(200, Pod));
        using var api = Client($"http://{server.Authority}");
        await GetAsync(api);
        Assert.DoesNotContain("Authorization", Assert.Single(server.Requests), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watch_begins_at_the_version_and_its_events_are_read_until_the_server_ends_it()
    {
        const string events = """
            {"type":"MODIFIED","object":{"metadata":{"name":"p"}}}
            {"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}}

            """;
        await using var server = new LoopbackServer(Answer(200, events));
        using var api = Client($"http://{server.Authority}");
        using var watch = await api.WatchPodAsync("lab", "p", "7", TestContext.Current.CancellationToken);
        Assert.Equal(WatchEventKind.Changed, (await watch.NextAsync())!.Kind);
        Assert.Equal("9", (await watch.NextAsync())!.ResourceVersion);
        Assert.Null(await watch.NextAsync());
        Assert.StartsWith(
            "GET /api/v1/namespaces/lab/pods?watch=1&allowWatchBookmarks=true&fieldSelector=metadata.name%3Dp&resourceVersion=7&timeoutSeconds=60 ",
            Assert.Single(server.Requests),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401, "Unauthorized")]
    [InlineData(403, "Forbidden")]
    [InlineData(404, "NotFound")]
    [InlineData(410, "Expired")]
    [InlineData(429, "Transient")]
    [InlineData(503, "Transient")]
    [InlineData(302, "Refused")]
    [InlineData(201, "Refused")]
    public async Task Any_other_status_than_200_is_a_failure_with_the_message_of_the_Status_object(int status, string kind)
    {
        var failure = await FailureAsync(Answer(status, $$"""{"kind":"Status","message":"so it is","code":{{status}}}""", "Location: http://127.0.0.1:1/"));
        Assert.Equal((kind, $"the API server answered {status}: so it is"), (failure.Kind.ToString(), failure.Message));
        Assert.False(failure.IsUnreachable);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>Bad Gateway</html>")]
    public async Task Where_the_body_is_no_Status_object_the_status_is_all(string body) =>
        Assert.Equal("the API server answered 502", (await FailureAsync(Answer(502, body))).Message);

    [Theory]
    [InlineData("Retry-After: 7", 0, 7)]
    [InlineData("Retry-After: Sun, 22 Nov 2026 12:26:47 GMT", 0, 30)]
    [InlineData("Retry-After: Sun, 22 Nov 2026 12:26:07 GMT", 0, -10)] // a clock that is fast
    [InlineData("Retry-After: 7", 3, 7)]
    [InlineData("Retry-After: soon", 3, 3)]
    [InlineData("X: y", 3, 3)]
    [InlineData("X: y", 0, null)]
    public async Task When_to_come_again_is_a_delay_or_a_date_in_the_header_or_a_delay_in_the_body(string header, int inBody, int? seconds)
    {
        var failure = await FailureAsync(Answer(429, $$$"""{"details":{"retryAfterSeconds":{{{inBody}}}}}""", header));
        Assert.Equal(seconds, failure.RetryAfter?.TotalSeconds);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("<html>Welcome</html>")]
    public async Task A_200_with_another_body_than_a_Pod_passes_by_itself_perhaps(string body)
    {
        var failure = await FailureAsync(Answer(200, body));
        Assert.Equal((ApiFailureKind.Transient, "the API server's answer is not a Pod, or takes too much memory"), (failure.Kind, failure.Message));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_largest_body_is_read_to_its_end(bool saysLength)
    {
        await using var server = new LoopbackServer(Answer(200, Pod.PadRight(Largest), saysLength ? [$"Content-Length: {Largest}"] : []));
        using var api = Client($"http://{server.Authority}");
        Assert.Equal("p", (await GetAsync(api)).Metadata.Name);
    }

    [Theory]
    [InlineData(200, false)]
    [InlineData(200, true)]
    [InlineData(500, false)]
    public async Task A_byte_more_is_not_read(int status, bool saysLength)
    {
        var failure = await FailureAsync(Answer(status, Pod.PadRight(Largest + 1), saysLength ? [$"Content-Length: {Largest + 1}"] : []));
        Assert.Equal(ApiFailureKind.Transient, failure.Kind);
        Assert.Contains($"the API server's answer is longer than {Largest} bytes", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_is_closed_without_an_answer_has_been_made()
    {
        // .NET makes another one, and some more.
        await using var server = new LoopbackServer([.. Enumerable.Repeat(Array.Empty<byte>(), 10)]);
        using var api = Client($"http://{server.Authority}");
        var failure = await FailureAsync(api);
        Assert.Equal((ApiFailureKind.Transient, $"the API server {server.Authority} closed the connection"), (failure.Kind, failure.Message));
        Assert.False(failure.IsUnreachable);
    }

    [Fact]
    public async Task A_body_that_breaks_off_is_no_answer()
    {
        var failure = await FailureAsync(Answer(200, Pod, "Content-Length: 1000"));
        Assert.Equal(ApiFailureKind.Transient, failure.Kind);
        Assert.EndsWith("closed the connection", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nobody_listens_the_server_is_unreachable()
    {
        // Bound and not listening, a port is nobody else's.
        using var reservation = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        reservation.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var api = Client($"http://{reservation.LocalEndPoint}");
        var failure = await FailureAsync(api);
        Assert.Equal($"cannot reach the API server {reservation.LocalEndPoint}: connection refused", failure.Message);
        Assert.True(failure.IsUnreachable);
    }

    [Fact]
    public async Task A_token_that_was_replaced_is_sent_when_the_old_one_is_not_accepted()
    {
        await using var server = new LoopbackServer(Answer(401, ""), Answer(200, Pod));
        using var api = Client($"http://{server.Authority}", Write("token", "old"));
        Write("token", "new");
        Assert.Equal("p", (await GetAsync(api)).Metadata.Name);
        Assert.Equal(["old", "new"], server.Requests.Select(Bearer));
    }

    [Fact]
    public async Task A_token_that_is_still_the_same_is_not_sent_a_second_time()
    {
        await using var server = new LoopbackServer(Answer(401, ""), Answer(200, Pod));
        using var api = Client($"http://{server.Authority}", Write("token", "old"));
        Assert.Equal(ApiFailureKind.Unauthorized, (await FailureAsync(api)).Kind);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_token_is_read_again_when_it_is_more_than_a_minute_old()
    {
        await using var server = new LoopbackServer(Answer(200, Pod), Answer(200, Pod));
        using var api = Client($"http://{server.Authority}", Write("token", "old"));
        Write("token", "new");
        _time.Advance(TimeSpan.FromMinutes(1));
        await GetAsync(api);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await GetAsync(api);
        Assert.Equal(["old", "new"], server.Requests.Select(Bearer));
    }

    [Fact]
    public async Task A_token_that_cannot_be_read_any_more_is_kept()
    {
        await using var server = new LoopbackServer(Answer(200, Pod));
        using var api = Client($"http://{server.Authority}", Write("token", "old"));
        File.Delete(Path.Combine(_directory.FullName, "token"));
        _time.Advance(TimeSpan.FromMinutes(2));
        await GetAsync(api);
        Assert.Equal("old", Bearer(Assert.Single(server.Requests)));
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("a\nb")]
    [InlineData("a\u007f")]
    public void A_token_with_anything_in_it_that_no_header_may_have_is_refused(string token)
    {
        var refusal = Assert.Throws<CannotRunException>(() => Client("http://127.0.0.1:1", Inline(token)));
        Assert.Equal("the token in the test contains a space or a line break", refusal.Message);
    }

    [Fact]
    public void A_token_that_is_not_there_is_named()
    {
        var refusal = Assert.Throws<CannotRunException>(() => Client("http://127.0.0.1:1", Credential.File("/nowhere/token")));
        Assert.Equal("cannot read the service account token /nowhere/token: no such file", refusal.Message);
    }

    private ApiClient Client(string server, Credential? token = null) => new(new(new(server), null, token, null, null, false, "lab", "the test"), _time);

    private static Credential Inline(string token) => new(null, System.Text.Encoding.UTF8.GetBytes(token));

    private Credential Write(string name, string text)
    {
        var path = Path.Combine(_directory.FullName, name);
        File.WriteAllText(path, text);
        return Credential.File(path);
    }

    private static Task<Pod> GetAsync(ApiClient api) => api.GetPodAsync("lab", "p", TestContext.Current.CancellationToken);

    private static async Task<ApiFailure> FailureAsync(ApiClient api) => (await Assert.ThrowsAsync<ApiException>(() => GetAsync(api))).Failure;

    private async Task<ApiFailure> FailureAsync(byte[] answer)
    {
        await using var server = new LoopbackServer(answer);
        using var api = Client($"http://{server.Authority}");
        return await FailureAsync(api);
    }

    private static string Bearer(string request) =>
        request.Split('\n').Single(line => line.StartsWith("Authorization: ", StringComparison.Ordinal)).Split(' ')[^1];
}
