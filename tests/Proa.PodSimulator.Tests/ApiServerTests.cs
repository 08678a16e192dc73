using System.Net;
using System.Text.Json.Nodes;

namespace Proa.PodSimulator.Tests;

public sealed class ApiServerTests : IAsyncLifetime
{
    private ApiServer _api = null!;
    private string _token = "";

    public async ValueTask InitializeAsync()
    {
        _api = await ApiServer.StartAsync();
        _api.Rbac.AllowPods("lab", "watcher", "get", "list", "watch", "delete");
        _token = _api.IssueToken("lab", "watcher", "mi", "uid-1");
        _api.Store.Put(Pod("mi"));
    }

    public ValueTask DisposeAsync() => _api.DisposeAsync();

    [Theory]
    [InlineData("401.http", "/api/v1/namespaces/lab/pods/mi", false)]
    [InlineData("403.http", "/api/v1/namespaces/default/pods/x", true)]
    [InlineData("404.http", "/api/v1/namespaces/lab/pods/nope", true)]
    public async Task Failures_have_the_bodies_a_real_API_server_sends(string fixture, string path, bool known)
    {
        using var client = new ApiClient(_api, known ? _token : "unknown");
        using var response = await client.GetAsync(path);
        var recorded = File.ReadAllText(Fixture(fixture));
        var expected = JsonNode.Parse(recorded[recorded.IndexOf('{', StringComparison.Ordinal)..])!;
        Assert.Equal(expected["code"]!.GetValue<int>(), (int)response.StatusCode);
        Assert.Equal(expected.ToJsonString(), (await ApiClient.JsonOfAsync(response)).ToJsonString());
    }

    [Fact]
    public async Task A_missing_token_is_unauthorized_and_a_revoked_one_too()
    {
        using var anonymous = new ApiClient(_api, null);
        using var client = new ApiClient(_api, _token);
        using var first = await anonymous.GetAsync("/api/v1/namespaces/lab/pods/mi");
        Assert.Equal(HttpStatusCode.Unauthorized, first.StatusCode);
        using var second = await client.GetAsync("/api/v1/namespaces/lab/pods/mi");
        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        Assert.True(_api.RevokeToken(_token));
        using var third = await client.GetAsync("/api/v1/namespaces/lab/pods/mi");
        Assert.Equal(HttpStatusCode.Unauthorized, third.StatusCode);
    }

    [Fact]
    public void A_tokens_payload_tells_the_Pod()
    {
        var part = _token.Split('.')[1];
        var payload = JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(part))!;
        Assert.Equal("lab", payload["kubernetes.io"]!["namespace"]!.ToString());
        Assert.Equal("mi", payload["kubernetes.io"]!["pod"]!["name"]!.ToString());
        Assert.Equal("uid-1", payload["kubernetes.io"]!["pod"]!["uid"]!.ToString());
        Assert.Equal("system:serviceaccount:lab:watcher", payload["sub"]!.ToString());
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 0)]
    public async Task Both_HTTP_versions_work_and_are_logged(int major, int minor)
    {
        using var client = new ApiClient(_api, _token, new Version(major, minor));
        var pod = await client.GetJsonAsync("/api/v1/namespaces/lab/pods/mi");
        Assert.Equal("mi", pod["metadata"]!["name"]!.ToString());
        var request = await _api.WaitForRequestAsync(r => r.Verb == "get" && r.Completed.IsCompleted, cancellationToken: ApiClient.Cancelled);
        Assert.Equal(major == 1 ? "HTTP/1.1" : "HTTP/2", request.Protocol);
        Assert.Equal(200, request.Status);
        Assert.True(request.BytesWritten > 0);
        Assert.Equal("system:serviceaccount:lab:watcher", request.User);
        Assert.DoesNotContain("Authorization", request.Headers.Keys, StringComparer.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task An_access_review_answers_from_the_same_rules()
    {
        using var client = new ApiClient(_api, _token);
        Assert.True(await AllowedAsync("watch"));
        Assert.False(await AllowedAsync("update"));
        _api.Rbac.Override("watch", allowed: false);
        Assert.False(await AllowedAsync("watch"));

        async Task<bool> AllowedAsync(string verb)
        {
            using var response = await client.PostAsync("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                $$$$"""{"spec":{"resourceAttributes":{"namespace":"lab","verb":"{{{{verb}}}}","resource":"pods"}}}""");
            Assert.Equal(HttpStatusCode.Created, response.StatusCode);
            return (await ApiClient.JsonOfAsync(response))["status"]!["allowed"]!.GetValue<bool>();
        }
    }

    [Fact]
    public async Task Deletion_marks_the_Pod_and_grace_zero_removes_it()
    {
        using var client = new ApiClient(_api, _token);
        using var marked = await client.DeleteAsync("/api/v1/namespaces/lab/pods/mi?gracePeriodSeconds=7");
        var metadata = _api.Store.Get("lab", "mi")!["metadata"]!;
        Assert.Equal(7, metadata["deletionGracePeriodSeconds"]!.GetValue<int>());
        Assert.NotNull(metadata["deletionTimestamp"]);
        using var removed = await client.DeleteAsync("/api/v1/namespaces/lab/pods/mi?gracePeriodSeconds=0");
        Assert.Null(_api.Store.Get("lab", "mi"));
    }

    [Theory]
    [InlineData(ServerCertificateKind.Valid, true)]
    [InlineData(ServerCertificateKind.Expired, false)]
    [InlineData(ServerCertificateKind.WrongName, false)]
    [InlineData(ServerCertificateKind.UnknownAuthority, false)]
    public async Task A_bad_certificate_is_one_that_a_client_refuses(ServerCertificateKind kind, bool good)
    {
        await using var api = await ApiServer.StartAsync(new ApiServerOptions { Certificate = kind });
        using var client = new ApiClient(api, null);
        if (good)
        {
            using var response = await client.GetAsync("/healthz");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
        else
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("/healthz"));
        }
    }

    [Fact]
    public async Task IPv6_has_the_same_port()
    {
        Assert.SkipUnless(System.Net.Sockets.Socket.OSSupportsIPv6, "no IPv6");
        await using var api = await ApiServer.StartAsync(new ApiServerOptions { ListenOnIPv6 = true });
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(IPAddress.IPv6Loopback, api.Port, ApiClient.Cancelled);
        await api.WaitForAcceptedConnectionsAsync(1, ApiClient.Cancelled);
    }

    [Fact]
    public void A_recording_is_played_state_by_state()
    {
        var recorded = RecordedWatch.Load(Fixture("deleted.watch.jsonl"));
        var left = recorded.Left;
        Assert.True(recorded.PushNext(_api.Store));
        Assert.Equal(left - 1, recorded.Left);
        Assert.Equal(recorded.PodUid, _api.Store.Get(recorded.Namespace, recorded.PodName)!["metadata"]!["uid"]!.ToString());
        recorded.PushUntil(_api.Store, pod => pod["metadata"]!["deletionTimestamp"] is not null);
        Assert.NotNull(_api.Store.Get(recorded.Namespace, recorded.PodName)!["metadata"]!["deletionTimestamp"]);
        recorded.PushAll(_api.Store);
        Assert.Null(_api.Store.Get(recorded.Namespace, recorded.PodName));
    }

    internal static string Fixture(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", "kubernetes-1.36", name);

    internal static JsonObject Pod(string name) => JsonNode.Parse($$$"""
        {"metadata":{"namespace":"lab","name":"{{{name}}}"},"spec":{"containers":[{"name":"main"}]},"status":{"phase":"Pending"}}
        """)!.AsObject();
}
