using System.Text;
using Proa.Ending;
using Proa.Identity;
using Proa.Pods;
using Proa.Sidecars;
using Proa.Tests.Support;
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
            if (Pod(json) is { } pod) yield return Encoding.UTF8.GetBytes(ModelOracle.Text(pod)); // only what proa reads
        }

        foreach (var answer in Recordings.Answers()) yield return answer;
        yield return Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"spec\":", 6000)));
        yield return new Handover(new("lab", ["a", "b"], "1", "watcher", "--pod"), new("main", "--container"), new() { Metadata = new() { Name = "a" } })
            .ToBytes();
    }

    public override IEnumerable<string> Words() => Json.Names(typeof(Pod), typeof(ApiStatus), typeof(Handover)).Concat(Json.Values());

    public override void Read(byte[] input)
    {
        var (pod, status) = (Bounded(input, Pod), Bounded(input, Status));
        Require(ModelOracle.Text(pod) == ModelOracle.Text(ModelOracle.Pod(input)), "the Pod is not what .NET reads");
        Require(ModelOracle.Text(status) == ModelOracle.Text(ModelOracle.Status(input)), "the Status is not what .NET reads");
        if (pod is not null)
        {
            Survive(new(new("lab", ["a"], "", "", ""), null, pod));
            Judge(pod);
        }

        if (Bounded(input, Knowledge) is { } knowledge) Survive(knowledge);
    }

    /// <summary>Written and read again, it is the same; except that a variable that many arguments refer to may make them too much to be kept.</summary>
    private static void Survive(Handover knowledge)
    {
        var written = knowledge.ToBytes();
        var again = Knowledge(written);
        if (again is null && written.Length > JsonFields.Most / 8) return;
        Require(ModelOracle.Text(again) == ModelOracle.Text(knowledge), "the knowledge is another one when it is written and read again");
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
