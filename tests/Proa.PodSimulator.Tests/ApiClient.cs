using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace Proa.PodSimulator.Tests;

/// <summary>A client of the simulated API server that trusts its authority only.</summary>
internal sealed class ApiClient : IDisposable
{
    private readonly HttpClient _http;

    public ApiClient(ApiServer api, string? token, Version? version = null)
    {
        var root = X509Certificate2.CreateFromPem(api.CertificateAuthorityPem);
        _http = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { root },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            },
        })
        {
            BaseAddress = api.Url,
            DefaultRequestVersion = version ?? new Version(2, 0),
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (token is not null) _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    public static CancellationToken Cancelled => Deadline.Token;

    public Task<HttpResponseMessage> GetAsync(string path) =>
        _http.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Cancelled);

    public Task<HttpResponseMessage> DeleteAsync(string path) => _http.DeleteAsync(new Uri(path, UriKind.Relative), Cancelled);

    public Task<HttpResponseMessage> PostAsync(string path, string body) =>
        _http.PostAsync(new Uri(path, UriKind.Relative), new StringContent(body), Cancelled);

    public async Task<JsonObject> GetJsonAsync(string path)
    {
        using var response = await GetAsync(path);
        return await JsonOfAsync(response);
    }

    public static async Task<JsonObject> JsonOfAsync(HttpResponseMessage response) =>
        JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancelled))!.AsObject();

    /// <summary>Opens a watch; events are read one by one.</summary>
    public async Task<Watch> WatchAsync(string query)
    {
        var response = await GetAsync($"/api/v1/namespaces/lab/pods?watch=1{query}");
        return new Watch(new StreamReader(await response.Content.ReadAsStreamAsync(Cancelled)));
    }

    public void Dispose() => _http.Dispose();

    internal sealed class Watch(StreamReader reader) : IDisposable
    {
        /// <summary>The next line; null at the end.</summary>
        public ValueTask<string?> LineAsync() => reader.ReadLineAsync(Cancelled);

        public async Task<(string Type, JsonObject Object)> NextAsync()
        {
            var parsed = JsonNode.Parse(await LineAsync() ?? throw new EndOfStreamException())!;
            return (parsed["type"]!.ToString(), parsed["object"]!.AsObject());
        }

        public void Dispose() => reader.Dispose();
    }
}
