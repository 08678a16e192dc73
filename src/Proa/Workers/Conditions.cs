using System.Collections.Immutable;
using Proa.Checking;
using Proa.Logging;
using Proa.Sidecars;
using Proa.Waiting;

namespace Proa.Workers;

/// <summary>The conditions that need no API server, as the options name them.</summary>
internal static class Conditions
{
    public static PolledCondition[] Of(Options options, TimeProvider time, Log log) =>
    [
        .. options.WaitHttp.Select(url => new HttpCondition(url.Loggable(), url, time, log)),
        .. options.WaitTcp.Select(endpoint => new TcpCondition(endpoint.ToString(), endpoint, time, log)),
        .. options.WaitFile.Select(path => new FileCondition(path, time, log)),
        .. options.WaitKinds.Select(kind => OfTest($"{kind} ({Test(kind)})", Test(kind), time, log)),
    ];

    /// <summary>The condition that a sidecar's test succeeds.</summary>
    public static PolledCondition OfTest(string what, ReadyTest test, TimeProvider time, Log log) =>
        test.Url is { } url ? new HttpCondition(what, url, time, log) : new TcpCondition(what, test.Endpoint!, time, log);

    /// <summary>Looks once at each, for <c>--check</c>.</summary>
    /// <param name="sidecars">Those that are tested in place of the Pod's status.</param>
    public static async Task<ImmutableArray<TriedCondition>> TryAsync(Options options, ImmutableArray<SidecarTest> sidecars)
    {
        PolledCondition[] tests = [.. sidecars.Select(s => OfTest(s.What, s.Test, TimeProvider.System, Log.None))];
        PolledCondition[] conditions = [.. options.Waits ? Of(options, TimeProvider.System, Log.None) : [], .. tests];
        var looks = await Task.WhenAll(conditions.Select(c => c.LookOnceAsync(CancellationToken.None))).ConfigureAwait(false);
        foreach (var condition in conditions) condition.Dispose();
        var first = conditions.Length - tests.Length;
        return [.. conditions.Select((c, i) => new TriedCondition(c.What, looks[i]) { Sidecar = i < first ? null : sidecars[i - first] })];
    }

    private static ReadyTest Test(string kind) => KnownSidecars.Named(kind)!.Ready!.Default;
}
