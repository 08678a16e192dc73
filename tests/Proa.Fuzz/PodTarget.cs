using System.Text;
using System.Text.Json;
using Proa.Ending;
using Proa.Identity;
using Proa.Pods;
using Proa.Sidecars;
using Proa.Waiting;

namespace Proa.Fuzz;

/// <summary>A Pod or a Status, as the body of an answer, and what one worker hands to the next.</summary>
internal sealed class PodTarget : Target
{
    public override string Name => "pod";

    protected override int MemoryPerByte => 200;

    public override IEnumerable<byte[]> FirstInputs()
    {
        foreach (var json in Recordings.Pods())
        {
            yield return json;
            if (Pod(json) is { } pod) yield return JsonSerializer.SerializeToUtf8Bytes(pod, PodJsonContext.Default.Pod); // only what proa reads
        }

        foreach (var answer in Recordings.Answers()) yield return answer;
        yield return Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"spec\":", 6000)));
        yield return new Handover(new("lab", ["a", "b"], "1", "watcher", "--pod"), new("main", "--container"), new() { Metadata = new() { Name = "a" } })
            .ToBytes();
    }

    public override IEnumerable<string> Words() => Json.Names(typeof(Pod), typeof(ApiStatus), typeof(Handover)).Concat(Json.Values());

    public override void Read(byte[] input)
    {
        if (Bounded(input, Pod) is { } pod)
        {
            Require(Json.Survives(pod, PodJsonContext.Default.Pod, Pod), "the Pod is another one when it is written and read again");
            Judge(pod);
        }

        if (Bounded(input, Status) is { } status)
            Require(Json.Survives(status, PodJsonContext.Default.ApiStatus, Status), "the Status is another one when it is written and read again");
        if (Bounded(input, Knowledge) is { } knowledge)
            Require(Json.Survives(knowledge, PodJsonContext.Default.Handover, Knowledge), "the knowledge is another one when it is written and read again");
    }

    private static Pod? Pod(byte[] json) => PodReader.TryReadPod(json, out var pod) ? pod : null;

    private static ApiStatus? Status(byte[] json) => PodReader.TryReadStatus(json, out var status) ? status : null;

    private static Handover? Knowledge(byte[] json) => Handover.FromBytes(json);

    /// <summary>Whatever can be read can be judged.</summary>
    private static void Judge(Pod pod)
    {
        var rule = EndingRule.Of(new());
        var self = pod.Spec.Containers is [var first, ..] ? first.Name : "";
        var verdict = ReadinessVerdict.Decide(pod, self, SidecarChoice.Of(new()));
        Require(verdict.Readiness == Readiness.Start == (verdict.Why.Length == 0), "a verdict other than Start has no reason, or Start has one");
        foreach (var exitCode in (int[])[0, 1])
        {
            var plan = ShutdownPlan.Decide(pod, self, exitCode, rule);
            Require(plan.Asks == (plan.Ask.Why.Length == 0), "a plan not to ask has no reason, or one to ask has one");
            Require(plan.Budget >= TimeSpan.Zero && plan.Budget < TimeSpan.FromDays(31), $"{plan.Budget} is no time to wait");
            _ = SidecarLife.Running(pod, plan.Awaited);
        }

        _ = ShutdownReport.Of(pod, self, []);
    }
}
