using System.Text;
using Proa.Ending;
using Proa.Identity;
using Proa.Pods;
using Proa.Tests.Support;
using Proa.Waiting;

namespace Proa.Tests.Pods;

public sealed class ReadingRegressionTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData("""{"spec":{}}""")]
    [InlineData("""{"spec":{"terminationGracePeriodSeconds":null}}""")]
    public void A_Pod_that_does_not_say_its_grace_period_has_30_s(string json)
    {
        Assert.True(PodReader.TryReadPod(Encoding.UTF8.GetBytes(json), out var pod));
        Assert.Null(pod.Spec.TerminationGracePeriodSeconds);
        Assert.Equal(TimeSpan.FromSeconds(30), ShutdownPlan.Decide(pod, Given.Main, 0, EndingRule.Of(new())).Budget);
    }

    [Fact]
    public void A_grace_period_of_0_is_not_an_absent_one()
    {
        Assert.True(PodReader.TryReadPod("""{"spec":{"terminationGracePeriodSeconds":0}}"""u8, out var pod));
        Assert.Equal(TimeSpan.Zero, ShutdownPlan.Decide(pod, Given.Main, 0, EndingRule.Of(new())).Budget);
    }

    [Fact]
    public void Null_for_ready_and_restartCount_is_read_and_is_not_ready()
    {
        Assert.True(PodReader.TryReadPod(
            """
            {"metadata":{"name":"p"},"spec":{"containers":[{"name":"main"},{"name":"a"}],"terminationGracePeriodSeconds":null,"hostPID":null,"shareProcessNamespace":null},
             "status":{"containerStatuses":[{"name":"a","ready":null,"restartCount":null,"containerID":null,"state":{"running":{}}}]}}
            """u8,
            out var pod));
        var verdict = ReadinessVerdict.Decide(pod, Given.Main, SidecarChoice.Of(new()));
        Assert.Equal((Readiness.Wait, "a: running, not ready"), (verdict.Readiness, verdict.Why));
    }

    [Theory]
    [InlineData("""{"type":"MODIFIED","object":{"metadata":{"name":"p"}}} x""")]
    [InlineData("""{"type":"MODIFIED","object":{"metadata":{"name":"p"}}}{"type":"MODIFIED","object":{"metadata":{"name":"p"}}}""")]
    [InlineData("""{"type":"MODIFIED","object":{"metadata":{"name":"p"}}}}""")]
    [InlineData("""{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}},""")]
    [InlineData("""{"type":"ERROR","object":{"code":410}}null""")]
    public void What_has_something_behind_it_is_no_event(string line) => Assert.Equal(WatchEventKind.Garbage, Read(line).Kind);

    [Theory]
    [InlineData("""{"type":"MODIFIED","object":{"metadata":{"name":"p"}}} """)]
    [InlineData("{\"type\":\"MODIFIED\",\"object\":{\"metadata\":{\"name\":\"p\"}}}\r")]
    public void White_space_behind_an_event_does_no_harm(string line) => Assert.Equal(WatchEventKind.Changed, Read(line).Kind);

    [Theory]
    [InlineData("""{"type":"ERROR","object":{}}""")]
    [InlineData("""{"type":"ERROR","object":{"kind":"Status","status":"Failure","message":"later"}}""")]
    [InlineData("""{"type":"ERROR","object":{"code":0}}""")]
    [InlineData("""{"type":"ERROR","object":{"code":-1}}""")]
    [InlineData("""{"type":"ERROR","object":{"code":null}}""")]
    public void An_error_without_a_code_is_garbage(string line) => Assert.Equal(WatchEventKind.Garbage, Read(line).Kind);

    [Theory]
    [InlineData("123456\n")]
    [InlineData("1\n123456\n")]
    [InlineData("1\n123456\n2\n")]
    [InlineData("\n\n1234567890123456789\n")]
    public void A_line_that_is_too_long_is_refused_though_it_ends_in_the_piece_it_begins_in(string piece)
    {
        var splitter = new LineSplitter(longest: 5);
        Assert.Throws<InvalidDataException>(() =>
        {
            splitter.Append(Encoding.UTF8.GetBytes(piece));
            while (splitter.TryRead(out var line)) Assert.InRange(line.Length, 0, 5);
        });
    }

    [Fact]
    public void A_long_piece_of_short_lines_is_not_a_long_line()
    {
        var splitter = new LineSplitter(longest: 5);
        splitter.Append("12345\n12345\n12345\n123"u8);
        var lines = 0;
        while (splitter.TryRead(out _)) lines++;
        Assert.Equal(3, lines);
    }

    [Theory]
    [InlineData("""{"identity":{}}""")]
    [InlineData("""{"identity":{"names":null}}""")]
    [InlineData("""{"identity":{"names":[]}}""")]
    [InlineData("""{"identity":{"namespace":"lab"},"pod":{}}""")]
    public void Knowledge_without_a_name_to_look_up_is_none(string json) => Assert.Null(Handover.FromBytes(Encoding.UTF8.GetBytes(json)));

    private static WatchEvent Read(string line) => WatchEvent.Read(Encoding.UTF8.GetBytes(line));
}
