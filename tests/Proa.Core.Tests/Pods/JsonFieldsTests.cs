using System.Text;
using Proa.Pods;
using Proa.Tests.Support;

namespace Proa.Tests.Pods;

public sealed class JsonFieldsTests
{
    [Theory]
    [MemberData(nameof(Recordings.Names), MemberType = typeof(Recordings))]
    public void A_recorded_Pod_keeps_little(string recording)
    {
        foreach (var line in Encoding.UTF8.GetString(Recordings.Stream(recording)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var json = System.Text.Json.JsonDocument.Parse(line);
            Assert.True(Fits(json.RootElement.GetProperty("object").GetRawText(), 8 * 1024));
        }
    }

    [Theory]
    [InlineData("""{"metadata":{"managedFields":[%]}}""")]
    [InlineData("""{"metadata":{"annotations":{"a":[%]}}}""")]
    [InlineData("""{"spec":{"volumes":[%]}}""")]
    [InlineData("""{"spec":{"containers":[{"env":[%]}]}}""")]
    [InlineData("""{"spec":{"containers":[{"readinessProbe":{"exec":[%]}}]}}""")]
    [InlineData("""{"status":{"containerStatuses":[{"state":{"running":{"x":[%]}}}]}}""")]
    [InlineData("""{"x":[%]}""")]
    public void What_is_not_read_may_be_as_large_as_it_likes(string json) => Assert.True(Fits(Filled(json), JsonFields.Most));

    [Theory]
    [InlineData("""{"spec":{"containers":[%]}}""")]
    [InlineData("""{"spec":{"initContainers":[%]}}""")]
    [InlineData("""{"spec":{"containers":[{"restartPolicyRules":[%]}]}}""")]
    [InlineData("""{"status":{"containerStatuses":[%]}}""")]
    public void Millions_of_what_is_read_are_refused(string json)
    {
        Assert.False(Fits(Filled(json), JsonFields.Most));
        Assert.False(PodReader.TryReadPod(Encoding.UTF8.GetBytes(Filled(json)), out _));
    }

    [Fact]
    public void Millions_of_numbers_are_refused() =>
        Assert.False(
            Fits(
                """{"spec":{"containers":[{"restartPolicyRules":[{"exitCodes":{"values":[""" + string.Join(',', Enumerable.Repeat("0", 100_000)) + "]}}]}]}}",
                JsonFields.Most));

    [Fact]
    public void A_text_that_is_read_is_not_of_megabytes() =>
        Assert.False(Fits($$$"""{"status":{"reason":"{{{new string('x', 1_100_000)}}}"}}""", JsonFields.Most));

    [Fact]
    public void An_object_that_comes_twice_counts_twice()
    {
        const string half = "\"spec\":{\"containers\":[{},{},{},{}]}";
        Assert.True(Fits("{" + half + "}", 200));
        Assert.False(Fits("{" + half + "," + half + "}", 200));
    }

    [Fact]
    public void A_Pod_of_500_containers_is_read()
    {
        const string spec = """
            {"name":"container-123","image":"registry.example/team/image@sha256:0123456789","restartPolicy":"Always",
            "readinessProbe":{"httpGet":{"port":1}},"terminationMessagePath":"/dev/termination-log","env":[{"name":"A","value":"b"}]}
            """;
        const string status = """
            {"name":"container-123","ready":true,"restartCount":3,
            "containerID":"containerd://0123456789012345678901234567890123456789012345678901234567890123",
            "state":{"running":{"startedAt":"2026-01-01T00:00:00Z"}},"lastState":{"terminated":{"exitCode":1,"reason":"Error"}}}
            """;
        var json = """{"metadata":{"name":"pod"},"spec":{"containers":[""" + string.Join(',', Enumerable.Repeat(spec, 500))
            + """]},"status":{"containerStatuses":[""" + string.Join(',', Enumerable.Repeat(status, 500)) + "]}}";
        Assert.True(PodReader.TryReadPod(Encoding.UTF8.GetBytes(json), out var pod));
        Assert.Equal(500, pod.Spec.Containers.Length);
    }

    private static bool Fits(string json, int most) => JsonFields.Whole(Encoding.UTF8.GetBytes(json), PodFields.Read, out _, most) is not null;

    private static string Filled(string json) => json.Replace("%", string.Join(',', Enumerable.Repeat("{}", 500_000)), StringComparison.Ordinal);
}
