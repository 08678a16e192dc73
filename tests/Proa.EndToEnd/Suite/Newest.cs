using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Suite;

/// <summary>build/newest, which build/publish links by: with an apt that a test plays, which has version 2 of a package where 1 is installed.</summary>
public sealed class Newest : IDisposable
{
    private const string Upgraded = "build: upgrading with apt: libssl-dev\n";
    private readonly TemporaryDirectory _directory = new();

    public Newest()
    {
        _directory.Write("version", "1");
        Play("dpkg-query", $"cat {_directory["version"]}");
        Play("apt-cache", "echo '  Candidate: 2'");
        Play("sudo", "shift; exec \"$@\"");
    }

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_older_package_is_upgraded_and_its_new_version_is_told(bool isRelease)
    {
        Play("apt-get", $"case \"$*\" in *install*libssl-dev) echo 2 >{_directory["version"]}; esac");
        Assert.Equal((0, "libssl-dev 2\n", Upgraded), await RunAsync(isRelease));
    }

    [Theory]
    [InlineData("case \"$*\" in *install*) echo 'E: no network'; exit 100; esac", "E: no network\n", "apt cannot upgrade libssl-dev")]
    [InlineData(":", "", "older than Debian's newest: libssl-dev")]
    public async Task One_that_cannot_be_upgraded_is_linked_after_a_warning_and_a_release_is_refused(string apt, string reason, string problem)
    {
        Play("apt-get", apt);
        Assert.Equal((1, "", $"{Upgraded}{reason}build: {problem}: a release links the newest libraries only\n"), await RunAsync(isRelease: true));
        var (exitCode, output, errors) = await RunAsync(isRelease: false);
        Assert.Equal((0, "libssl-dev 1\n"), (exitCode, output));
        Assert.StartsWith($"{Upgraded}{reason}build: warning: {problem}: proa is linked with what is installed\n", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_release_is_refused_where_apt_cannot_say_what_is_new()
    {
        Play("apt-get", "echo noise; echo 'E: no network'; exit 100");
        Assert.Equal(
            (1, "", "E: no network\nbuild: apt cannot be asked for new versions: a release links the newest libraries only\n"),
            await RunAsync(isRelease: true));
    }

    private void Play(string program, string script) => _directory.WriteProgram($"bin/{program}", $"#!/bin/sh\n{script}\n");

    private async Task<(int ExitCode, string Output, string Errors)> RunAsync(bool isRelease)
    {
        var script = Repository.Find("build/newest");
        Assert.SkipWhen(script is null, "this is not the repository");
        Executables.Require("dpkg", "dpkg");
        await using var newest = RunningProcess.Start(
            ["bash", script!, "libssl-dev"],
            new Dictionary<string, string?>
            {
                ["PATH"] = $"{_directory["bin"]}:{Environment.GetEnvironmentVariable("PATH")}",
                ["PROA_RELEASE"] = isRelease ? "true" : null,
            });
        return await newest.ResultAsync();
    }
}
