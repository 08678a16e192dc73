using System.Text;
using Proa.Http;
using Proa.Net;

namespace Proa.Unit.Tests.Net;

public sealed class HttpOriginTests
{
    private const string Hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    private const string World = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nworld";

    [Theory]
    [InlineData(Hello, "hello")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n", "hello")]
    [InlineData("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello", "hello")]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "")]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", "")]
    [InlineData("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello")]
    public async Task A_connection_is_kept_and_used_again(string answer, string body)
    {
        await using var server = new KeepingServer(answer, World, answer);
        using var origin = Origin(server);
        Assert.Equal((body, "world", body), (await GetAsync(origin), await GetAsync(origin), await GetAsync(origin)));
        Assert.Equal((1, 3), (server.Connections, server.Requests));
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello")]
    [InlineData("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")]
    [InlineData(Hello + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")]
    [InlineData(Hello + "\n")]
    public async Task A_connection_that_nothing_should_be_read_from_any_more_is_closed(string answer)
    {
        await using var server = new KeepingServer(answer, World);
        using var origin = Origin(server);
        Assert.Equal("hello", await GetAsync(origin));
        await server.ClosedAsync(0);
        Assert.Equal("world", await GetAsync(origin));
        Assert.Equal((2, 2), (server.Connections, server.Requests));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public async Task A_body_that_was_not_read_to_its_end_closes_the_connection(int length)
    {
        await using var server = new KeepingServer(Hello, World);
        using var origin = Origin(server);
        using (var response = await SendAsync(origin))
            if (length > 0) Assert.Equal(length, await response.ReadAsync(new byte[length], TestContext.Current.CancellationToken));
        await server.ClosedAsync(0);
        Assert.Equal("world", await GetAsync(origin));
        Assert.Equal(2, server.Connections);
    }

    [Fact]
    public async Task A_kept_connection_that_the_server_has_closed_is_not_used()
    {
        await using var server = new KeepingServer(Hello, World);
        using var origin = Origin(server);
        Assert.Equal("hello", await GetAsync(origin));
        await server.CloseAsync(0);
        Assert.Equal("world", await GetAsync(origin));
        Assert.Equal((2, 2), (server.Connections, server.Requests));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("HTTP/1.1 200 OK\r\nCont")]
    public async Task A_kept_connection_that_the_server_closes_at_this_moment_leads_to_one_new_one(string? answer)
    {
        await using var server = new KeepingServer(Hello, answer, World);
        using var origin = Origin(server);
        Assert.Equal("hello", await GetAsync(origin));
        var second = GetAsync(origin);
        if (answer is not null)
        {
            while (server.Requests < 2) await Task.Delay(1, TestContext.Current.CancellationToken);
            await server.CloseAsync(0);
        }

        Assert.Equal("world", await second);
        Assert.Equal((2, 3), (server.Connections, server.Requests));
    }

    [Fact]
    public async Task A_new_connection_that_the_server_closes_leads_to_no_other()
    {
        await using var server = new KeepingServer(Hello, null, null, World);
        using var origin = Origin(server);
        Assert.Equal("hello", await GetAsync(origin));
        await Assert.ThrowsAsync<EndOfStreamException>(() => GetAsync(origin));
        Assert.Equal((2, 3), (server.Connections, server.Requests));
        Assert.Equal("world", await GetAsync(origin));
    }

    [Fact]
    public async Task What_a_server_says_without_a_request_is_not_the_answer_to_the_next()
    {
        await using var server = new KeepingServer(Hello, World);
        using var origin = Origin(server);
        Assert.Equal("hello", await GetAsync(origin));
        await server.SayAsync(0, "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n");
        Assert.Equal("world", await GetAsync(origin));
        Assert.Equal((2, 2), (server.Connections, server.Requests));
    }

    [Fact]
    public async Task Who_does_not_speak_HTTP_is_asked_once()
    {
        await using var server = new KeepingServer(Hello, "SSH-2.0-OpenSSH\r\n", World);
        using var origin = Origin(server);
        Assert.Equal("hello", await GetAsync(origin));
        await Assert.ThrowsAsync<InvalidDataException>(() => GetAsync(origin));
        await server.ClosedAsync(0);
        Assert.Equal("world", await GetAsync(origin));
    }

    [Fact]
    public async Task A_response_that_is_let_go_of_twice_gives_its_connection_back_once()
    {
        await using var server = new KeepingServer(Hello, World, Hello);
        using var origin = Origin(server);
        var first = await SendAsync(origin);
        Assert.Equal("hello", await BodyAsync(first));
        first.Dispose();
        using var second = await SendAsync(origin);
        first.Dispose();
        using var third = await SendAsync(origin);
        Assert.Equal(("world", "hello"), (await BodyAsync(second), await BodyAsync(third)));
        Assert.Equal(2, server.Connections);
    }

    [Fact]
    public async Task One_idle_connection_is_kept_and_none_when_nothing_will_be_asked_any_more()
    {
        await using var server = new KeepingServer(Hello, World, Hello);
        var origin = Origin(server);
        var first = await SendAsync(origin);
        var second = await SendAsync(origin);
        var third = await SendAsync(origin);
        foreach (var response in (HttpResponse[])[first, second, third]) await BodyAsync(response);
        first.Dispose();
        second.Dispose();
        await server.ClosedAsync(0);
        origin.Dispose();
        await server.ClosedAsync(1);
        third.Dispose();
        await server.ClosedAsync(2);
    }

    [Fact]
    public async Task A_request_that_is_given_up_closes_its_connection()
    {
        await using var server = new KeepingServer(Hello, "", World);
        using var origin = Origin(server);
        Assert.Equal("hello", await GetAsync(origin));
        using var patience = new CancellationTokenSource();
        var second = origin.SendAsync(Request(server.Url), patience.Token);
        while (server.Requests < 2) await Task.Delay(1, TestContext.Current.CancellationToken);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        await server.ClosedAsync(0);
        Assert.Equal("world", await GetAsync(origin));
    }

    private static HttpOrigin Origin(KeepingServer server) => new(server.Url, tls: null, serverName: null, TimeSpan.FromMinutes(1));

    private static byte[] Request(Uri url) => RequestText.Write("GET", url, "/");

    private static Task<HttpResponse> SendAsync(HttpOrigin origin) => origin.SendAsync(Request(new("http://a/")), TestContext.Current.CancellationToken);

    private static async Task<string> GetAsync(HttpOrigin origin)
    {
        using var response = await SendAsync(origin);
        return await BodyAsync(response);
    }

    private static async Task<string> BodyAsync(HttpResponse response)
    {
        var body = new StringBuilder();
        var into = new byte[100];
        for (int length; (length = await response.ReadAsync(into, TestContext.Current.CancellationToken)) > 0;)
            body.Append(Encoding.ASCII.GetString(into, 0, length));
        return body.ToString();
    }
}
