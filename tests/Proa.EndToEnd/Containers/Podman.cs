using System.Diagnostics;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Containers;

/// <summary>
/// podman with a configuration and a storage of its own, and two images FROM scratch: nothing is pulled, and nothing of the user's is
/// touched. Whether containers can run here is tried once; where they can't, the tests are skipped with podman's own words.
/// </summary>
[CollectionDefinition(nameof(Podman))]
public sealed class Podman : ICollectionFixture<Podman>, IAsyncLifetime
{
    /// <summary>The image with proa, busybox, and the puppet under two names.</summary>
    internal const string Image = "localhost/proa-test";

    /// <summary>The image with proa, and nothing else.</summary>
    internal const string ImageOfProaAlone = "localhost/proa-test-alone";

    private static readonly string[] _applets = ["dd", "nc", "sh", "sleep"];

    private readonly TemporaryDirectory _directory = new();
    private readonly Dictionary<Pids, Pod> _pods = [];
    private string? _whyNot;

    /// <summary>Skips the test where podman cannot run containers.</summary>
    internal void Require() => Assert.SkipWhen(_whyNot is not null, $"podman cannot run containers here: {_whyNot}");

    /// <summary>A Pod for tests that leave it as it was.</summary>
    internal async Task<Pod> PodAsync(Pids pids)
    {
        Require();
        return _pods.TryGetValue(pids, out var pod) ? pod : _pods[pids] = await Pod.StartAsync(this, pids);
    }

    /// <summary>Starts podman.</summary>
    internal RunningProcess Start(params string[] arguments) => RunningProcess.Start(CommandLine(arguments), Variables);

    /// <summary>Runs podman, which must succeed.</summary>
    /// <returns>What it has written to stdout.</returns>
    internal async Task<string> DoAsync(params string[] arguments)
    {
        await using var podman = Start(arguments);
        var (exitCode, output, errors) = await podman.ResultAsync();
        return exitCode == 0 ? output.Trim() : throw new PodmanException(errors.Trim());
    }

    /// <summary>Runs podman to its end, even where the test run has been cancelled.</summary>
    internal async Task CleanAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(
            Executables.Puppet,
            RunningProcess.Afresh(CommandLine(arguments))) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in Variables) start.Environment[name] = value;
        using var podman = Process.Start(start)!;
        await Task.WhenAll(podman.StandardOutput.ReadToEndAsync(), podman.StandardError.ReadToEndAsync(), podman.WaitForExitAsync());
    }

    public async ValueTask InitializeAsync()
    {
        foreach (var (program, package) in new[] { ("podman", "podman"), ("runc", "runc"), ("busybox", "busybox-static") })
            if (Executables.Find(program) is null) _whyNot ??= $"{program} is not installed (Debian package {package})";
        if (_whyNot is not null) return;
        Configure();
        try
        {
            await BuildAsync();
            var trial = await (await PodAsync(Pids.Shared)).RunAsync(Restriction.All.Options(), Image, "sh", "-c", ":");
            var (exitCode, _, errors) = await trial.Process.ResultAsync();
            if (exitCode != 0) _whyNot = errors.Trim();
        }
        catch (PodmanException e)
        {
            _whyNot = e.Message;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var pod in _pods.Values) await pod.DisposeAsync();
        if (File.Exists(Configuration)) await CleanAsync("pod", "rm", "--all", "--force", "--time=0");
        _directory.Dispose();
    }

    private string Configuration => _directory["containers.conf"];

    private Dictionary<string, string?> Variables => new() { ["CONTAINERS_CONF"] = Configuration, ["TMPDIR"] = _directory.Path };

    private string[] CommandLine(string[] arguments) => ["podman", "--root", _directory["root"], "--runroot", _directory["run"], .. arguments];

    /// <summary>
    /// runc, cgroupfs and limits of our own are for machines whose cgroups are hybrid, without systemd or CAP_SYS_RESOURCE. Locks in
    /// files, as those in shared memory are one set for all storages of a user.
    /// </summary>
    private void Configure() => _directory.Write("containers.conf", $"""
        [engine]
        runtime = "runc"
        cgroup_manager = "cgroupfs"
        events_logger = "file"
        lock_type = "file"
        tmp_dir = "{_directory["tmp"]}"

        [containers]
        default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]

        """);

    private async Task BuildAsync()
    {
        Directory.CreateDirectory(_directory["image/bin"]);
        File.Copy(Executables.Proa, _directory["image/proa"]);
        foreach (var name in new[] { "puppet", "sidecar" }) File.Copy(Executables.Puppet, _directory["image/" + name]);
        File.Copy(Executables.Find("busybox")!, _directory["image/bin/busybox"]);
        foreach (var applet in _applets) File.CreateSymbolicLink(_directory[$"image/bin/{applet}"], "busybox");
        await BuildAsync(Image, ".");
        await BuildAsync(ImageOfProaAlone, "proa");
    }

    private Task<string> BuildAsync(string image, string content) => DoAsync(
        "build", "--quiet", "--tag", image, "--file", _directory.Write("Containerfile", $"FROM scratch\nCOPY {content} /\n"), _directory["image"]);
}
