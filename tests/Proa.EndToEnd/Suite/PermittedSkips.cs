using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Suite;

/// <summary>build/test fails of skipped tests that should have run: tests/permitted-skips.txt has those that need not.</summary>
public sealed class PermittedSkips
{
    private const string Permitted = "Proa.EndToEnd.RealServer.SameStory.So_it_is_of_a_Pod_that_older_versions_do_not_know(recording: \"x\")";

    [Theory]
    [InlineData("true", Permitted, "Kubernetes 1.29 is needed, and this is v1.20.2", true)]
    [InlineData("true", Permitted, "there is no kube-apiserver", false)] // another reason
    [InlineData("true", "Proa.EndToEnd.Init.Terminals.Less_works", "less is not installed (Debian package less)", false)]
    [InlineData(null, "Proa.EndToEnd.Init.Terminals.Less_works", "less is not installed (Debian package less)", true)]
    public async Task In_continuous_integration_a_skipped_test_that_is_not_listed_fails(string? ci, string test, string reason, bool passes)
    {
        using var directory = new TemporaryDirectory();
        // As xunit writes it, in colours.
        var log = directory.Write(
            "log",
            $"\u001b[0m\u001b[93m    {test} [SKIP]\n\u001b[0m\u001b[37m      {reason}\n\u001b[0m   Proa.EndToEnd  Total: 1, Errors: 0, Failed: 0, "
                + "Skipped: 1\n");
        await using var skips = RunningProcess.Start(["python3", Repository.Find("build/skips")!, log], new Dictionary<string, string?> { ["CI"] = ci });
        var (exitCode, output, errors) = await skips.ResultAsync();
        Assert.Equal((passes ? 0 : 1, $"skipped: 1: {reason}\n"), (exitCode, output));
        Assert.Equal(passes ? "" : $"build/skips: should have run: {test}: {reason}\n", errors);
    }

    [Fact]
    public void Each_that_is_listed_of_this_project_is_there()
    {
        var tests = typeof(PermittedSkips).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods().Select(method => $"{type.FullName}.{method.Name}")).ToArray();
        var listed = File.ReadLines(Repository.Find("tests/permitted-skips.txt")!).Where(line => line.StartsWith("Proa.EndToEnd.", StringComparison.Ordinal));
        Assert.All(listed, line => Assert.Contains(tests, test => test.StartsWith(line.Split(' ')[0], StringComparison.Ordinal)));
    }
}
