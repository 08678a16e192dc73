using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Suite;

/// <summary>build/vex says that a vulnerability does not matter only where what was linked shows it.</summary>
public sealed class Vex
{
    [Theory]
    [InlineData("glibc", "\"objects\": [\"libc.a(malloc.o)\"]", "libc.a(malloc.o) is linked in")]
    [InlineData("glibc", "\"objects\": [\"libc.a(regex.o)\", \"libc.a(regecks.o)\"]", "there is no libc.a(regecks.o)")]
    [InlineData("glibc", "\"objects\": [\"libregex.a(regex.o)\"]", "there is no libregex.a(regex.o)")]
    [InlineData("gcc-12", "\"archives\": [\"libstdc++.a\", \"libgcc.a\"]", "libgcc.a is linked in")]
    [InlineData("openssl", "\"machines\": [\"x86_64\", \"aarch64\"]", "this executable is for")]
    [InlineData("musl", "\"objects\": [\"libc.a(regex.o)\"]", "no component of the bill of materials has this name")]
    [InlineData("glibc", "\"objects\": []", "it needs a vulnerability")]
    [InlineData("glibc", "\"status\": \"fixed\"", "it needs a vulnerability")]
    public async Task A_statement_that_does_not_hold_is_refused(string component, string where, string problem)
    {
        var script = Repository.Find("build/vex");
        Assert.SkipWhen(script is null, "this is not the repository");
        Assert.SkipUnless(File.Exists(Executables.Proa + ".cdx.json"), "build/sbom has not been run");
        using var directory = new TemporaryDirectory();
        var rows = directory.Write("rows.json", $$"""[{"vulnerability": "CVE-1", "component": "{{component}}", "notes": "none", {{where}}}]""");
        await using var vex = RunningProcess.Start(["python3", script!, rows]);
        var (exitCode, output, errors) = await vex.ResultAsync();
        Assert.Equal((1, ""), (exitCode, output));
        Assert.StartsWith($"build/vex: rows.json, CVE-1 of {component}: {problem}", errors, StringComparison.Ordinal);
    }
}
