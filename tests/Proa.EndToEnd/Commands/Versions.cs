using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Commands;

public sealed partial class Versions
{
    [Fact]
    public async Task The_version_is_one_line()
    {
        Assert.Matches("^proa [0-9]+\\.[0-9]+\\.[0-9]+(\\+[0-9a-f]+)?\n$", await RunAsync("--version"));
        Assert.Equal(await RunAsync("--version"), await RunAsync("-V"));
    }

    [Fact]
    public async Task With_verbose_what_is_linked_in_follows_a_line_each()
    {
        var lines = await VerboseAsync();
        Assert.Equal(await RunAsync("--version"), lines[0] + "\n");
        Assert.Equal(5, lines.Length);
        Assert.Matches("^\\.NET [0-9]+\\.[0-9]+\\.[0-9]+$", lines[1]);
        Assert.Matches("^OpenSSL 3\\.[0-9]+\\.[0-9]+ [0-9]+ [A-Z][a-z]+ [0-9]{4}$", lines[2]);
        Assert.Matches("^glibc 2\\.[0-9]+$", lines[3]);
        Assert.Matches("^YamlDotNet [0-9]+\\.[0-9]+\\.[0-9]+", lines[4]);
    }

    [Fact]
    public async Task The_packages_versions_are_those_that_the_repository_has_pinned()
    {
        var lines = await VerboseAsync();
        var packages = Pinned()?[$"net{lines[1].Split(' ')[1].Split('.')[0]}.0"];
        Assert.SkipWhen(packages is null, "there is no lock file for this framework");
        Assert.Equal($".NET {packages["Microsoft.DotNet.ILCompiler"]!["resolved"]}", lines[1]);
        Assert.Equal($"YamlDotNet {packages["YamlDotNet"]!["resolved"]}", lines[4].Split('+')[0]);
    }

    [Fact]
    public async Task The_librarys_versions_are_those_of_the_machine_that_has_built_it()
    {
        Assert.SkipUnless(string.IsNullOrEmpty(Environment.GetEnvironmentVariable("PROA_EXECUTABLE")), "PROA_EXECUTABLE may have been built elsewhere");
        Executables.Require("openssl", "openssl");
        var lines = await VerboseAsync();
        await using var openssl = RunningProcess.Start(["openssl", "version"]);
        Assert.StartsWith(lines[2], await openssl.SucceedsAsync(), StringComparison.Ordinal);
        Assert.Equal("glibc " + Marshal.PtrToStringUTF8(gnu_get_libc_version()), lines[3]);
    }

    [Fact]
    public async Task Without_proc_it_is_told_too()
    {
        Executables.RequireRoot("change the root directory");
        using var directory = new TemporaryDirectory();
        await Copy.OfAsync(Executables.Proa, directory["proa"]);
        await using var proa = RunningProcess.Start(["unshare", $"--root={directory.Path}", "/proa", "--version", "--verbose"]);
        Assert.Equal(string.Join('\n', await VerboseAsync()) + "\n", await proa.SucceedsAsync());
    }

    [Fact]
    public async Task Verbose_alone_is_refused()
    {
        await using var proa = RunningProcess.Start([Executables.Proa, "--verbose"], RunningProcess.TextLog);
        Assert.Equal((125, "", "proa: error: --verbose goes with --version\nproa: hint: --log-level debug logs more\n"), await proa.ResultAsync());
    }

    [Fact]
    public async Task A_version_that_cannot_be_written_is_no_success()
    {
        await using var shell = RunningProcess.Start(["sh", "-c", "\"$0\" --version > /dev/full", Executables.Proa]);
        Assert.Equal(125, await shell.ExitCodeAsync());
    }

    private static async Task<string> RunAsync(params string[] options)
    {
        await using var proa = RunningProcess.Start([Executables.Proa, .. options]);
        return await proa.SucceedsAsync();
    }

    private static async Task<string[]> VerboseAsync() => (await RunAsync("--verbose", "--version")).TrimEnd('\n').Split('\n');

    /// <summary>The packages that the executable is built with, by framework; null outside of the repository.</summary>
    private static JsonNode? Pinned() =>
        Repository.Find("src/Proa/packages.lock.json") is { } path ? JsonNode.Parse(File.ReadAllText(path))!["dependencies"] : null;

    [LibraryImport("libc")]
    private static partial nint gnu_get_libc_version();
}
