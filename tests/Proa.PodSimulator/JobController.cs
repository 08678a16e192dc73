using System.Text.Json.Nodes;

namespace Proa.PodSimulator;

/// <summary>Makes the Pods of one Job, one at a time, until one succeeds or the Job has failed.</summary>
internal sealed class JobController(JsonObject job, Simulator simulator)
{
    private const int DefaultBackoffLimit = 6;

    private readonly string _name = job.Object("metadata").Text("name")!;
    private readonly string _uid = Guid.NewGuid().ToString();

    private JsonObject Spec => job.Object("spec")!;

    /// <returns>Whether the Job succeeded, and the reason its condition would give.</returns>
    public async Task<(bool Succeeded, string Reason)> RunAsync(CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var deadline = Spec.Number("activeDeadlineSeconds") is { } seconds
            ? Task.Delay(TimeSpan.FromSeconds(seconds), over.Token) : Task.Delay(Timeout.Infinite, over.Token);
        try
        {
            return await RunPodsAsync(deadline, over.Token).ConfigureAwait(false);
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
        }
    }

    private async Task<(bool, string)> RunPodsAsync(Task deadline, CancellationToken cancellationToken)
    {
        var limit = Spec.Number("backoffLimit") ?? DefaultBackoffLimit;
        for (var failures = 0; ;)
        {
            var pod = simulator.Run(NewPod());
            var exhausted = WaitForRestartsAsync(pod, limit, cancellationToken);
            var first = await Task.WhenAny(pod.Ended, deadline, exhausted).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            if (first != pod.Ended)
            {
                await simulator.DeleteAsync(pod, null).ConfigureAwait(false);
                return (false, first == deadline ? "DeadlineExceeded" : "BackoffLimitExceeded");
            }

            await pod.Ended.ConfigureAwait(false);
            if (pod.FinalPhase == "Succeeded") return (true, "Completed");
            if (++failures > limit) return (false, "BackoffLimitExceeded");
            var delay = pod.WaitAsync(Math.Min(360, 10 * Math.Pow(2, failures - 1)), cancellationToken);
            if (await Task.WhenAny(delay, deadline).ConfigureAwait(false) == deadline) return (false, "DeadlineExceeded");
            await delay.ConfigureAwait(false);
        }
    }

    // In a Pod that is restarted in place the restarts of all its containers count.
    private async Task WaitForRestartsAsync(PodRunner pod, int limit, CancellationToken cancellationToken)
    {
        if (pod.Spec.Text("restartPolicy") != "OnFailure") await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(false);
        await simulator.Api.Store.WaitForPodAsync(pod.Namespace, pod.Name, state =>
        {
            var status = state.Object("status");
            var restarts = status.Objects("containerStatuses").Concat(status.Objects("initContainerStatuses"))
                .Sum(container => container.Number("restartCount") ?? 0);
            return limit == 0 ? restarts > 0 : restarts >= limit && Failing(status);
        }, cancellationToken).ConfigureAwait(false);

        // The last allowed restart may still succeed: only its failure is one too many.
        static bool Failing(JsonObject? status) => status.Objects("containerStatuses").Any(container =>
            container.Object("state").Object("waiting").Text("reason") == "CrashLoopBackOff");
    }

    private JsonObject NewPod()
    {
        var template = Spec.Object("template")!.Clone();
        var metadata = template.GetOrAdd("metadata");
        metadata["name"] = $"{_name}-{PodDefaults.RandomSuffix()}";
        metadata["generateName"] = $"{_name}-";
        if (job.Object("metadata").Text("namespace") is { } ns) metadata["namespace"] = ns;
        var labels = metadata.GetOrAdd("labels");
        foreach (var prefix in (string[])["batch.kubernetes.io/", ""])
        {
            labels[prefix + "controller-uid"] = _uid;
            labels[prefix + "job-name"] = _name;
        }

        metadata["ownerReferences"] = new JsonArray(new JsonObject
        {
            ["apiVersion"] = "batch/v1",
            ["kind"] = "Job",
            ["name"] = _name,
            ["uid"] = _uid,
            ["controller"] = true,
            ["blockOwnerDeletion"] = true,
        });
        return template;
    }
}
