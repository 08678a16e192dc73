using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Proa.PodSimulator;

/// <summary>Runs the probes of one life of a container.</summary>
internal sealed class ProbeRunner(JsonObject container, ContainerProcess process, Func<double, CancellationToken, Task> waitSeconds)
{
    private static readonly HttpClient s_http = new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        PooledConnectionLifetime = TimeSpan.Zero,
#pragma warning disable CA5359 // The kubelet's HTTPS probes verify no certificate either.
        SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
#pragma warning restore CA5359
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Waits until the startup probe has succeeded.</summary>
    /// <returns>False if it has failed too often.</returns>
    public async Task<bool> WaitForStartupAsync(CancellationToken cancellationToken)
    {
        if (container.Object("startupProbe") is not { } probe) return true;
        var success = false;
        await RunAsync(probe, result => { success = result; return false; }, initial: null, cancellationToken).ConfigureAwait(false);
        return success;
    }

    /// <summary>Runs the readiness probe until cancelled; without one the container is ready at once.</summary>
    public async Task WatchReadinessAsync(Action<bool> ready, CancellationToken cancellationToken)
    {
        if (container.Object("readinessProbe") is not { } probe) ready(true);
        else await RunAsync(probe, result => { ready(result); return true; }, initial: false, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs the liveness probe until cancelled or until it has failed too often.</summary>
    /// <returns>Whether it has failed.</returns>
    public async Task<bool> WatchLivenessAsync(CancellationToken cancellationToken)
    {
        var failed = false;
        if (container.Object("livenessProbe") is { } probe)
        {
            await RunAsync(probe, result => { failed = !result; return result; }, initial: true, cancellationToken).ConfigureAwait(false);
        }

        return failed;
    }

    // changed is called when a threshold is reached and the result is another than before; it says whether to go on.
    private async Task RunAsync(JsonObject probe, Func<bool, bool> changed, bool? initial, CancellationToken cancellationToken)
    {
        var (current, last, run) = (initial, (bool?)null, 0);
        await waitSeconds(probe.Number("initialDelaySeconds") ?? 0, cancellationToken).ConfigureAwait(false);
        while (true)
        {
            var success = await ProbeAsync(probe, cancellationToken).ConfigureAwait(false);
            run = success == last ? run + 1 : 1;
            last = success;
            var threshold = success ? probe.Number("successThreshold") ?? 1 : probe.Number("failureThreshold") ?? 3;
            if (run >= threshold && current != success)
            {
                current = success;
                if (!changed(success)) return;
            }

            await waitSeconds(probe.Number("periodSeconds") ?? 10, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<bool> ProbeAsync(JsonObject probe, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(TimeSpan.FromSeconds(probe.Number("timeoutSeconds") ?? 1));
        try
        {
            if (probe.Object("exec") is { } exec) return (await process.ExecAsync(exec.Texts("command"), timeout.Token).ConfigureAwait(false)).ExitCode == 0;
            if (probe.Object("tcpSocket") is { } tcp)
            {
                using var client = new TcpClient();
                await client.ConnectAsync(tcp.Text("host") ?? PodStatus.PodIP, Port(tcp), timeout.Token).ConfigureAwait(false);
                return true;
            }

            var http = probe.Object("httpGet")!;
            using var request = new HttpRequestMessage(
                HttpMethod.Get,
                $"{(http.Text("scheme") ?? "HTTP").ToLowerInvariant()}://{http.Text("host") ?? PodStatus.PodIP}:{Port(http)}{http.Text("path") ?? "/"}");
            request.Headers.TryAddWithoutValidation("User-Agent", "kube-probe/1.36");
            request.Headers.ConnectionClose = true;
            foreach (var header in http.Objects("httpHeaders")) request.Headers.TryAddWithoutValidation(header.Text("name")!, header.Text("value"));
            using var response = await s_http.SendAsync(request, timeout.Token).ConfigureAwait(false);
            return response.StatusCode is >= HttpStatusCode.OK and < HttpStatusCode.BadRequest;
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or HttpRequestException or IOException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }
    }

    private int Port(JsonObject action) => action.Number("port")
        ?? container.Objects("ports").FirstOrDefault(port => port.Text("name") == action.Text("port")).Number("containerPort")
        ?? throw new ContainerStartException($"container {container.Text("name")} has no port named {action.Text("port")}");
}
