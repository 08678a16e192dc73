using System.Text.Json.Nodes;
using Proa.EndToEnd.Conditions;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Containers;

/// <summary>
/// Lives of containers under all that the restricted Pod Security Standard sets, as a user that no image knows, with the default seccomp profiles of
/// container engines: build/restricted has them in the folder that <c>PROA_SECCOMP_PROFILES</c> names.
/// </summary>
[Collection(nameof(Podman))]
public sealed class RestrictedLife(Podman podman)
{
    private const string NoProfiles = "build/restricted runs it";

    /// <summary>As OpenShift has it: one of the namespace's own users, in root's group.</summary>
    private const string User = "1000730000";

    /// <summary>Says what PID 1, which is proa, may do, and exits with 42 when a line comes on stdin.</summary>
    private const string Main = """
        while read -r name value; do case $name in Cap*|NoNewPrivs:|Seccomp:) echo "$name $value"; esac; done </proc/1/status
        echo x 2>/file && echo writable; read -r line; exit 42
        """;

    private static readonly string[] _capabilitySets = ["Inh", "Prm", "Eff", "Bnd", "Amb"];
    private static readonly string? _folder = Environment.GetEnvironmentVariable("PROA_SECCOMP_PROFILES");

    /// <summary>The names of the profiles.</summary>
    public static TheoryData<string> Profiles { get; } =
        string.IsNullOrEmpty(_folder)
            ? [NoProfiles]
            : [.. Directory.GetFiles(_folder, "*.json").Select(path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Profiles))]
    public async Task Main_waits_for_its_sidecar_and_the_sidecar_ends_after_main(string profile)
    {
        var options = Options(profile);
        await using var pod = await PodInCluster.StartAsync(podman, Pids.Own);
        var main = await pod.RunMainAsync(options, "/proa", "-g", pod.ShutdownUrl, "--", "sh", "-c", Main);
        await main.Process.ComplainsAsync("waiting for sidecar");
        var sidecar = await pod.RunServerAsync();
        pod.IsReady("sidecar", sidecar);
        await main.Process.ComplainsAsync("main started");
        await main.Process.TypeAsync("\n");
        await sidecar.Process.ComplainsAsync("GET /quit HTTP/1.1");
        Assert.Equal(0, await pod.EndsAsync("sidecar", sidecar));
        var (exitCode, output, errors) = await main.Process.ResultAsync();
        string[] expected = [.. _capabilitySets.Select(set => $"Cap{set}: 0000000000000000\n"), "NoNewPrivs: 1\n", "Seccomp: 2\n"];
        Assert.Equal((42, string.Concat(expected)), (exitCode, output));
        Assert.Contains("sidecars ended: sidecar 0", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("warning", errors, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public async Task A_sidecar_is_ended_by_a_signal_and_the_pause_process_is_left_alone(string profile)
    {
        var options = Options(profile);
        await using var pod = await PodInCluster.StartAsync(podman, Pids.Shared);
        var (sidecar, pid) = await pod.RunSidecarAsync("sidecar", options);
        var main = await pod.RunMainAsync(options, "/proa", "--kill=sidecar", "--", "sh", "-c", "exit 42");
        Assert.Equal($"signal {Signal.TERM}", await sidecar.Process.NextLineAsync());
        Assert.Equal(0, await pod.EndsAsync("sidecar", sidecar));
        var (exitCode, _, errors) = await main.Process.ResultAsync();
        Assert.Equal(42, exitCode);
        Assert.Contains($"sent SIGTERM to sidecar (process {pid}) of sidecar", errors, StringComparison.Ordinal);
        await pod.PauseHasGotNoSignalAsync();
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public async Task Without_an_API_server_a_port_is_waited_for_signals_reach_main_and_orphans_are_reaped(string profile)
    {
        var options = Options(profile);
        using var sidecar = new Place(listens: false);
        var pod = await podman.PodAsync(Pids.Own);
        var main = await pod.RunAsync(
            [.. options, "--env=PROA_LOG_FORMAT=text"], Podman.Image,
            "/proa", "--no-api", $"--wait-tcp={sidecar.Endpoint}", "--", "sh", "-c", "/puppet orphans 20 && exec /puppet signals 15");
        await main.Process.ComplainsAsync("refuses connections");
        sidecar.Open();
        Assert.Equal("0 adopted by the parent, 20 by others, all reaped", await main.Process.NextLineAsync());
        await main.Process.ReadyAsync();
        await main.SignalAsync(Signal.HUP);
        Assert.Equal($"signal {Signal.HUP}", await main.Process.NextLineAsync());
        await main.StopAsync();
        Assert.Equal($"signal {Signal.TERM}", await main.Process.NextLineAsync());
        Assert.Equal(0, await main.Process.ExitCodeAsync());
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public async Task An_init_container_puts_it_into_a_volume_and_main_starts_it_there(string profile)
    {
        var options = Options(profile);
        using var volume = new TemporaryDirectory();
        File.SetUnixFileMode(volume.Path, (UnixFileMode)0b111_111_111);
        string[] mounted = [.. options, $"--volume={volume.Path}:/volume"];
        var pod = await podman.PodAsync(Pids.Own);
        var init = await pod.RunAsync(mounted, Podman.ImageOfProaAlone, "/proa", "--install=/volume/proa");
        Assert.Equal(0, await init.Process.ExitCodeAsync());
        var main = await pod.RunAsync(mounted, Podman.Image, "/volume/proa", "--no-wait", "--", "sh", "-c", "exit 42");
        Assert.Equal((42, "", ""), await main.Process.ResultAsync());
    }

    /// <summary>So the profiles have an effect here, and these tests fail of a call that proa needs and a profile denies.</summary>
    [Theory]
    [MemberData(nameof(Profiles))]
    public async Task Where_it_denies_also_what_proa_needs_main_is_not_started(string profile)
    {
        podman.Require();
        Require(profile);
        using var directory = new TemporaryDirectory();
        var denying = JsonNode.Parse(await File.ReadAllTextAsync(PathOf(profile), TestContext.Current.CancellationToken))!;
        foreach (var rule in denying["syscalls"]!.AsArray().ToArray())
        {
            if (rule!["name"]?.ToString() == "signalfd4") rule["name"] = "signalfd";
            if (rule["names"] is JsonArray names && names.FirstOrDefault(name => name!.ToString() == "signalfd4") is { } denied) names.Remove(denied);
        }

        var path = directory.Write("denying.json", denying.ToJsonString());
        var pod = await podman.PodAsync(Pids.Own);
        var main = await pod.RunAsync(
            [.. Options(profile)[..^1], $"--security-opt=seccomp={path}"], Podman.Image, "/proa", "--no-wait", "--", "sh", "-c", "echo main runs");
        await main.Process.FailsAsync(125);
    }

    private static string PathOf(string profile) => Path.GetFullPath(Path.Combine(_folder!, $"{profile}.json"));

    private static void Require(string profile) => Assert.SkipWhen(profile == NoProfiles, NoProfiles);

    /// <summary>podman's options; the profile is the last.</summary>
    private static string[] Options(string profile)
    {
        Require(profile);
        return
        [
            .. Restriction.All.Options().Where(option => !option.StartsWith("--user=", StringComparison.Ordinal)),
            $"--user={User}:0",
            $"--security-opt=seccomp={PathOf(profile)}",
        ];
    }
}
