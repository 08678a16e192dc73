using System.Reflection;
using System.Text.RegularExpressions;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Examples;

/// <summary>Every example works as it is. Their ports are their own, so these tests run one at a time.</summary>
[Collection(nameof(Examples))]
public sealed partial class Jobs
{
    /// <summary>A sidecar that is ready when the test says so, and a main, under the service account of rbac.yaml.</summary>
    private const string PodSpec = "{serviceAccountName: proa, restartPolicy: Never, terminationGracePeriodSeconds: 0, " +
        "initContainers: [{name: sidecar, image: any, restartPolicy: Always, command: [sleep, infinity], " +
        $"readinessProbe: {{exec: {{command: [test, -e, {StandIn.ReadyFile}]}}, periodSeconds: 1}}}}], " +
        "containers: [{name: main, image: any, command: [/proa, --], args: [echo, main runs]}]}";

    [Fact]
    [Runs("job.yaml")]
    public async Task The_Job_waits_for_its_sidecar_uses_it_and_ends_it()
    {
        await using var example = await Example.StartAsync(Example.PresentText);
        await example.SucceedsAsync();
        Assert.Equal(["the sidecar says: hello from the sidecar"], example.Said("main"));
        Assert.Equal(["starting, which takes 0.5 s", "serving", "asked to shut down", "ended"], example.Said("sidecar"));
    }

    [Fact]
    [Runs("kill.yaml")]
    public async Task A_sidecar_without_an_endpoint_is_ended_by_a_signal_when_main_has_exited()
    {
        Executables.RequireRoot("run containers as another user");
        await using var example = await Example.StartAsync(Example.PresentText);
        var outcome = await example.SucceedsAsync();
        Assert.Equal(["following main's log", "main wrote: the last line", "told to end"], example.Said("log-forwarder"));
        Assert.Equal(0, outcome.Container("log-forwarder").ExitCode);
    }

    [Fact]
    [Runs("until.yaml")]
    public async Task A_sidecar_without_an_endpoint_and_without_shared_processes_ends_with_main_and_does_not_fail_the_Job()
    {
        Executables.RequireRoot("run containers as another user");
        await using var example = await Example.StartAsync(Example.PresentText);
        var outcome = await example.SucceedsAsync();
        Assert.Equal(["main wrote: the last line", "told to end"], example.Said("log-forwarder"));
        Assert.Equal(0, outcome.Container("log-forwarder").ExitCode);
    }

    [Fact]
    [Runs("native-sidecar.yaml")]
    public async Task A_native_sidecar_is_waited_for_and_ended_by_the_kubelet()
    {
        await using var example = await Example.StartAsync(Example.PresentText);
        var outcome = await example.SucceedsAsync();
        Assert.Equal(["the sidecar says: hello from the native sidecar"], example.Said("main"));
        Assert.Equal(["started", "serving", "ended by the kubelet"], example.Said("sidecar"));
        Assert.Equal(0, outcome.Container("sidecar").RestartCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Runs("istio.yaml")]
    public async Task Istios_proxy_is_waited_for_and_ended(bool native)
    {
        await using var example = await Example.StartAsync(
            Example.PresentText,
            StandIn.Istio,
            options => options with { Admit = pod => StandIn.InjectIstio(pod, native) });
        await example.BecomesReadyAsync(StandIn.Istio, native);
        await example.SucceedsAsync();
        Assert.Equal(["Istio's proxy answers 200"], example.Said("main"));
        WasEnded(example, "istio-proxy", native ? "TERM" : "POST /quitquitquit 200");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Runs("linkerd.yaml")]
    public async Task Linkerds_proxy_is_waited_for_and_ended(bool native)
    {
        await using var example = await Example.StartAsync(
            Example.PresentText,
            StandIn.Linkerd,
            options => options with { Admit = pod => StandIn.InjectLinkerd(pod, native) });
        await example.BecomesReadyAsync(StandIn.Linkerd, native);
        await example.SucceedsAsync();
        Assert.Equal(["Linkerd's proxy is ready"], example.Said("main"));
        WasEnded(example, "linkerd-proxy", native ? "TERM" : "POST /shutdown 200");
    }

    [Fact]
    [Runs("cloud-sql.yaml")]
    public async Task The_Cloud_SQL_Auth_Proxy_is_waited_for_and_ended()
    {
        await using var example = await Example.StartAsync(Example.PresentText, StandIn.CloudSql);
        await example.BecomesReadyAsync(StandIn.CloudSql);
        await example.SucceedsAsync();
        Assert.Equal(["connected to the database's port"], example.Said("main"));
        WasEnded(example, "cloud-sql-proxy", "POST /quitquitquit 200");
    }

    [Fact]
    [Runs("rbac.yaml")]
    public async Task The_Role_is_all_that_a_Job_needs()
    {
        await using var example = await Example.StartAsync($$"""
            {{Example.PresentText}}
            ---
            apiVersion: batch/v1
            kind: Job
            metadata: {name: any}
            spec:
              template:
                spec: {{PodSpec}}
            """);
        await example.AnswersAsync(request => request is { Verb: "watch", Status: 200 });
        await example.MakeReadyAsync("sidecar");
        await example.SucceedsAsync();
        Assert.Equal(["main runs"], example.Said("main"));
        Assert.All(example.Simulator.Api.Requests, request => Assert.Equal(200, request.Status));
    }

    [Fact]
    [Runs("rbac.yaml")]
    public async Task With_its_resourceNames_the_Role_is_for_the_Pods_of_these_names_alone()
    {
        const string inactive = "# resourceNames: [my-pod-0]";
        Assert.Contains(inactive, Example.PresentText, StringComparison.Ordinal);
        await using var example = await Example.StartAsync($$"""
            {{Example.PresentText.Replace(inactive, inactive[2..], StringComparison.Ordinal)}}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: my-pod-1}
            spec: {{PodSpec}}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: my-pod-0}
            spec: {{PodSpec}}
            """);
        await example.AnswersAsync(request => request is { Verb: "watch", Status: 200 });
        await example.MakeReadyAsync("sidecar"); // that of the last Pod
        await example.WritesAsync(line => line is { Pod: "my-pod-0", Text: "main runs" });
        await example.AnswersAsync(request => request.Status == 403 && request.Path.EndsWith("/my-pod-1", StringComparison.Ordinal));
        Assert.DoesNotContain(example.Simulator.Output, line => line is { Pod: "my-pod-1", Text: "main runs" });
    }

    [Fact]
    [Runs("Dockerfile")]
    public async Task The_images_ENTRYPOINT_takes_main_from_args_and_options_from_the_environment()
    {
        var entrypoint = EntryPoint().Match(Example.PresentText).Groups["word"].Captures.Select(word => word.Value).ToArray();
        Assert.Contains($"COPY --from=proa /proa {entrypoint[0]}", Example.PresentText, StringComparison.Ordinal);
        await using var example = await Example.StartAsync("""
            apiVersion: v1
            kind: Pod
            metadata: {name: image}
            spec:
              restartPolicy: Never
              containers:
              - {name: main, image: proa-example, args: [echo, main runs], env: [{name: PROA_NO_WAIT, value: "true"}]}
            """,
            change: options => options with
            {
                Executables = new Dictionary<string, string> { [entrypoint[0]] = Executables.Proa },
                ImageEntrypoints = new Dictionary<string, IReadOnlyList<string>> { ["proa-example"] = entrypoint },
            });
        await example.SucceedsAsync();
        Assert.Equal(["main runs"], example.Said("main"));
    }

    [Fact]
    public void Every_example_is_run_by_a_test()
    {
        var run = Assembly.GetExecutingAssembly().GetTypes().SelectMany(type => type.GetMethods())
            .Select(method => method.GetCustomAttribute<RunsAttribute>()).OfType<RunsAttribute>().ToArray();
        var files = Directory.EnumerateFiles(Example.Root, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Example.Root, file));
        Assert.All(files, file => Assert.True(run.Any(test => test.Covers(file)), $"no test runs {file}"));
    }

    [Theory]
    [InlineData("istio.yaml")]
    [InlineData("linkerd.yaml")]
    [InlineData("cloud-sql.yaml")]
    public void A_known_sidecar_needs_no_option(string file) =>
        Assert.Contains("command: [\"/proa\", \"--\"]", File.ReadAllText(Path.Combine(Example.Root, file)), StringComparison.Ordinal);

    private static void WasEnded(Example example, string sidecar, string by)
    {
        string[] ends = ["POST ", "TERM"];
        Assert.Equal(by, Assert.Single(example.Said(sidecar), line => ends.Any(end => line.StartsWith(end, StringComparison.Ordinal))));
    }

    [GeneratedRegex("""^ENTRYPOINT \[("(?<word>[^"]+)"(, )?)+\]$""", RegexOptions.Multiline)]
    private static partial Regex EntryPoint();
}
