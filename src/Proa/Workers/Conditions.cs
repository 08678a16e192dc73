using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Proa.Checking;

namespace Proa.Workers;

/// <summary>The conditions that need no API server, as the options name them.</summary>
internal static class Conditions
{
    public static PolledCondition[] Of(Options options, TimeProvider time, ILogger log) =>
    [
        .. options.WaitHttp.Select(url => new HttpCondition(url, time, log)),
        .. options.WaitTcp.Select(endpoint => new TcpCondition(endpoint, time, log)),
        .. options.WaitFile.Select(path => new FileCondition(path, time, log)),
    ];

    /// <summary>Looks once at each, for <c>--check</c>.</summary>
    public static async Task<ImmutableArray<TriedCondition>> TryAsync(Options options)
    {
        var conditions = options.Waits ? Of(options, TimeProvider.System, NullLogger.Instance) : [];
        var looks = await Task.WhenAll(conditions.Select(c => c.LookOnceAsync(CancellationToken.None))).ConfigureAwait(false);
        foreach (var condition in conditions) condition.Dispose();
        return [.. conditions.Zip(looks, (condition, look) => new TriedCondition(condition.What, look))];
    }
}
