using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Proa.Ending;
using Proa.Identity;

namespace Proa.Workers;

/// <summary>All that tells the sidecars to stop: once at first, again where that may help, and anew in each of their lives.</summary>
/// <param name="supervisor">The supervisor's process ID.</param>
/// <param name="handover">What is known of the Pod, or null.</param>
/// <param name="expectation">Whether a sidecar may be started or begin to listen, as it is known now.</param>
/// <param name="log">Where to say it.</param>
internal sealed class Farewell(
    ImmutableArray<ShutdownRequest> requests,
    ProcessSelection processes,
    int supervisor,
    Func<Handover?> handover,
    Func<Expectation> expectation,
    ILogger log) : IDisposable
{
    private readonly ShutdownRequests _requests = new(requests, expectation, log);
    private readonly ShutdownSignals _signals = new(processes, supervisor, handover, expectation, log);
    private CancellationTokenSource? _life;

    /// <summary>Completes when there is nothing to send again, or the budget is used up.</summary>
    public Task Retries { get; private set; } = Task.CompletedTask;

    /// <summary>Whether every sidecar that has an endpoint has been connected to, and none is asked again.</summary>
    public bool IsHeard => _requests.AreHeard;

    /// <summary>Tells each of them once.</summary>
    public async Task TellAsync(CancellationToken cancellation)
    {
        var asked = _requests.AskAsync(cancellation);
        _signals.Send();
        await asked.ConfigureAwait(false);
    }

    /// <summary>Begins to tell those that have not heard it, time and again.</summary>
    public void Retry(CancellationToken budget)
    {
        _life = CancellationTokenSource.CreateLinkedTokenSource(budget);
        Retries = Task.WhenAll(_requests.RetryAsync(_life.Token), _signals.RetryAsync(_life.Token));
    }

    /// <summary>Tells all of them again, as these have been started again.</summary>
    public async Task TellAgainAsync(ImmutableArray<string> sidecars, CancellationToken budget)
    {
        await StopAsync().ConfigureAwait(false);
        _requests.Renew();
        _signals.Renew(sidecars);
        _signals.Send();
        Retry(budget);
    }

    /// <summary>Sends those requests, too, that are new.</summary>
    public async Task AddAsync(ImmutableArray<ShutdownRequest> all, CancellationToken budget)
    {
        if (!_requests.IsNew(all)) return;
        await StopAsync().ConfigureAwait(false);
        _requests.Add(all);
        Retry(budget);
    }

    /// <summary>Sends nothing more.</summary>
    public async Task StopAsync()
    {
        if (_life is not null) await _life.CancelAsync().ConfigureAwait(false);
        await Retries.ConfigureAwait(false);
    }

    /// <summary>The time is up: says who has not answered.</summary>
    public void GiveUp() => _requests.GiveUp();

    /// <summary>Whether nobody listens at any endpoint.</summary>
    public Task<bool> NobodyListensAsync(CancellationToken cancellation) => _requests.NothingListensAsync(cancellation);

    public void Dispose()
    {
        _life?.Dispose();
        _requests.Dispose();
    }
}
