using Proa.Kubernetes;
using Proa.Logging;
using Proa.Sidecars;

namespace Proa.Workers;

/// <summary>Where the Pod's spec cannot be read, known sidecars are told by who answers at their usual ports.</summary>
internal static class KnownOnLocalhost
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);

    /// <summary>The hint of this exception; where the API server cannot be asked, with what to write for the sidecars that are here.</summary>
    public static async Task<string> HintAsync(CannotRunException e) =>
        e.IsWithoutAccess ? KnownSidecarsText.WithoutApi(await FindAsync().ConfigureAwait(false), e.Hint) : e.Hint;

    /// <summary>The kinds that answer, ready or not yet. Who only accepts connections may be anybody.</summary>
    private static async Task<string[]> FindAsync()
    {
        KnownSidecar[] all = [.. KnownSidecars.All.Where(k => k.Ready?.Default.Url is not null).DistinctBy(k => k.Ready!.Default.ToString())];
        var answer = await Task.WhenAll(all.Select(k => AnswersAsync(k.Ready!.Default))).ConfigureAwait(false);
        return [.. all.Select((k, i) => answer[i] ? k.Kind : null).OfType<string>()];
    }

    private static async Task<bool> AnswersAsync(ReadyTest test)
    {
        using var condition = new HttpCondition("", test.Url!, TimeProvider.System, Log.None);
        return await condition.StatusAsync(_patience).ConfigureAwait(false) is (>= 200 and < 300) or 503;
    }
}
