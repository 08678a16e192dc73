using Proa.EndToEnd.Processes;
using Proa.PodSimulator;

namespace Proa.EndToEnd.Examples;

/// <summary>
/// The Pods that other products make, by the recipes in docs/recipes.md: what they write around proa's command line, with programs in the place of their own
/// containers. The real products were not run.
/// </summary>
[Collection(nameof(Examples))]
public sealed class Recipes
{
    private const string Mesh = "metadata: {labels: {sidecar.istio.io/inject: 'true'}}";

    [Fact]
    public async Task A_CronJobs_Job_completes_so_that_the_next_can_run()
    {
        var words = Says("CronJobs", """["/proa", "--"]""");
        await using var recipe = await StartAsync(Job("report", $"{{name: report, image: any, command: {words}, args: [echo, report]}}"));
        await ReadyAsync(recipe);
        await recipe.SucceedsAsync();
        Assert.Equal(["report"], recipe.Said("report"));
        Assert.Contains("POST /quitquitquit 200", recipe.Said("istio-proxy"));
    }

    [Fact]
    public async Task A_Helm_hook_runs_before_there_is_any_permission()
    {
        var words = Says("Helm hooks", """["/proa", "--no-api", "--known", "istio", "--"]""");
        await using var recipe = await StartAsync(Job("migrate", $"{{name: migrate, image: any, command: {words}, args: [echo, migrated]}}"), isAllowed: false);
        await ReadyAsync(recipe);
        await recipe.SucceedsAsync();
        Assert.Equal(["migrated"], recipe.Said("migrate"));
        Assert.Contains("POST /quitquitquit 200", recipe.Said("istio-proxy"));
        Assert.Empty(recipe.Simulator.Api.Requests);
    }

    [Fact]
    public async Task Argos_wait_container_ends_after_main_and_is_not_awaited()
    {
        var words = Says("Argo Workflows", """["/proa", "--"]""").Trim('[', ']');
        // The emissary starts the command as its child, and writes the exit code for the container wait.
        const string emissary = "\"$@\"; code=$?; echo $code > /var/run/argo/exitcode; exit $code";
        const string wait = "until [ -e /var/run/argo/exitcode ]; do sleep 0.1; done; echo main ended with $(cat /var/run/argo/exitcode)";
        await using var recipe = await StartAsync($$"""
            apiVersion: v1
            kind: Pod
            metadata:
              name: step
              labels: {sidecar.istio.io/inject: "true"}
              annotations: {kubectl.kubernetes.io/default-container: main}
            spec:
              restartPolicy: Never
              volumes: [{name: var-run-argo, emptyDir: {} }]
              containers:
              - name: wait
                image: quay.io/argoproj/argoexec:v3.6.0
                command: [sh, -c, '{{wait}}']
                volumeMounts: [{name: var-run-argo, mountPath: /var/run/argo}]
              - name: main
                image: any
                command: [sh, -c, '{{emissary}}', argoexec, {{words}}, sh, -c, "echo work; exit 3"]
                volumeMounts: [{name: var-run-argo, mountPath: /var/run/argo}]
            """);
        await ReadyAsync(recipe);
        var outcome = await recipe.EndsAsync();
        Assert.Equal(["main ended with 3"], recipe.Said("wait"));
        Assert.Equal((3, 0, 0), (outcome.Container("main").ExitCode, outcome.Container("wait").ExitCode, outcome.Container("istio-proxy").ExitCode));
    }

    [Fact]
    public async Task Airflows_sidecar_is_ended_by_Airflow_after_main_has_ended()
    {
        Says("Airflow's KubernetesPodOperator", """cmds=["/proa", "--"]""");
        await using var recipe = await StartAsync("""
            apiVersion: v1
            kind: Pod
            metadata: {name: report, labels: {sidecar.istio.io/inject: "true"}}
            spec:
              restartPolicy: Never
              volumes: [{name: xcom, emptyDir: {} }]
              containers:
              - name: base
                image: any
                command: ["/proa", "--"]
                args: [sh, -c, "echo 7 > /airflow/xcom/return.json"]
                volumeMounts: [{name: xcom, mountPath: /airflow/xcom}]
              - name: airflow-xcom-sidecar
                image: alpine
                command: [sh, -c, 'trap "exit 0" INT; while true; do sleep 0.1; done;']
                volumeMounts: [{name: xcom, mountPath: /airflow/xcom}]
            """);
        await ReadyAsync(recipe);
        // As the operator: it reads the result when base has ended, and ends the sidecar.
        await recipe.WritesAsync(line => line.Text.StartsWith("base: exit code 0", StringComparison.Ordinal));
        var result = await recipe.Simulator.ExecAsync("airflow-xcom-sidecar", ["cat", "/airflow/xcom/return.json"], TestContext.Current.CancellationToken);
        Assert.Equal("7", result.Output.Trim());
        recipe.Simulator.SignalContainer("airflow-xcom-sidecar", Signal.INT);
        await recipe.SucceedsAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_Tektons_steps_the_earlier_ones_have_ended_and_are_named(bool areNamed)
    {
        var words = Says("Tekton", """["/proa", "--ignore=step-build", "--"]""").Trim('[', ']');
        if (!areNamed) words = words.Replace("\"--ignore=step-build\", ", "", StringComparison.Ordinal);
        const string entrypoint = "until [ -e /tekton/run/0 ]; do sleep 0.1; done; sleep 0.5; exec \"$@\"";
        await using var recipe = await StartAsync($$"""
            apiVersion: v1
            kind: Pod
            metadata: {name: run, labels: {sidecar.istio.io/inject: "true"} }
            spec:
              restartPolicy: Never
              volumes: [{name: run, emptyDir: {} }]
              containers:
              - name: step-build
                image: any
                command: [sh, -c, "echo built; touch /tekton/run/0"]
                volumeMounts: [{name: run, mountPath: /tekton/run}]
              - name: step-deploy
                image: any
                command: [sh, -c, '{{entrypoint}}', entrypoint, {{words}}, echo, deployed]
                volumeMounts: [{name: run, mountPath: /tekton/run}]
            """);
        if (areNamed) await ReadyAsync(recipe);
        var outcome = await recipe.EndsAsync();
        Assert.Equal(areNamed ? 0 : 125, outcome.Container("step-deploy").ExitCode);
        Assert.Equal(areNamed ? ["deployed"] : [], recipe.Said("step-deploy"));
        Assert.Equal(0, outcome.Container("istio-proxy").ExitCode);
    }

    [Fact]
    public async Task Sparks_driver_has_proa_in_its_images_ENTRYPOINT()
    {
        var entrypoint = Says("Spark", """["/proa", "--", "/opt/entrypoint.sh"]""");
        Says("Spark", "spark.kubernetes.driverEnv.PROA_SHUTDOWN_TIMEOUT=20");
        using var image = new TemporaryDirectory();
        var program = image.WriteProgram("entrypoint.sh", "#!/bin/sh\necho \"$@\"\n");
        await using var recipe = await StartAsync(
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: spark-driver, labels: {sidecar.istio.io/inject: "true"}}
            spec:
              restartPolicy: Never
              containers:
              - {name: spark-kubernetes-driver, image: spark, args: [driver, --class, Pi], env: [{name: PROA_SHUTDOWN_TIMEOUT, value: "20"}]}
            """,
            change: options => options with
            {
                Executables = new Dictionary<string, string>(options.Executables) { ["/opt/entrypoint.sh"] = program },
                ImageEntrypoints = new Dictionary<string, IReadOnlyList<string>>(options.ImageEntrypoints)
                {
                    ["spark"] = entrypoint.Trim('[', ']').Split(", ").Select(word => word.Trim('"')).ToArray(),
                },
            });
        await ReadyAsync(recipe);
        await recipe.SucceedsAsync();
        Assert.Equal(["driver --class Pi"], recipe.Said("spark-kubernetes-driver"));
    }

    [Fact]
    public async Task A_runner_starts_when_Dockers_socket_is_there_and_needs_no_token()
    {
        var words = Says(
            "GitHub's Actions Runner Controller", """["/proa", "--no-api", "--wait-file=/var/run/docker.sock", "--ready-timeout=2m", "--"]""");
        const string dockerd = "import os, socket, time; time.sleep(0.5); socket.socket(socket.AF_UNIX).bind('/var/run/docker.sock'); time.sleep(1000)";
        await using var recipe = await StartAsync(
            $$"""
            apiVersion: v1
            kind: Pod
            metadata: {name: runner}
            spec:
              restartPolicy: Never
              automountServiceAccountToken: false
              terminationGracePeriodSeconds: 0
              volumes: [{name: sock, emptyDir: {} }]
              initContainers:
              - name: dind
                image: docker:dind
                restartPolicy: Always
                command: [python3, -c, "{{dockerd}}"]
                volumeMounts: [{name: sock, mountPath: /var/run}]
              containers:
              - name: runner
                image: any
                command: {{words}}
                args: [sh, -c, "test -S /var/run/docker.sock && echo docker is there"]
                volumeMounts: [{name: sock, mountPath: /var/run}]
            """,
            isAllowed: false);
        await recipe.SucceedsAsync();
        Assert.Equal(["docker is there"], recipe.Said("runner"));
        Assert.Empty(recipe.Simulator.Api.Requests);
    }

    private static Task<Example> StartAsync(string yaml, bool isAllowed = true, Func<SimulatorOptions, SimulatorOptions>? change = null) =>
        Example.StartAsync(yaml, StandIn.Istio, options =>
        {
            options = options with { AllowPodAccess = isAllowed, Admit = Inject };
            return change?.Invoke(options) ?? options;
        });

    /// <summary>Lets the proxy be ready when it has been asked once.</summary>
    private static Task ReadyAsync(Example recipe) => recipe.BecomesReadyAsync(StandIn.Istio, native: true);

    private static void Inject(System.Text.Json.Nodes.JsonObject pod)
    {
        if (pod["metadata"]!["labels"] is not null) StandIn.InjectIstio(pod, native: false);
    }

    private static string Job(string name, string container) => $"""
        apiVersion: batch/v1
        kind: Job
        metadata: {"{"}name: {name}{"}"}
        spec:
          backoffLimit: 0
          template:
            {Mesh}
            spec:
              restartPolicy: Never
              containers:
              - {container}
        """;

    /// <summary>A text that the recipe must have, for the test to be of what is written there.</summary>
    private static string Says(string recipe, string text)
    {
        var document = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "docs", "recipes.md"));
        var section = document[document.IndexOf($"\n## {recipe}\n", StringComparison.Ordinal)..];
        var end = section.IndexOf("\n## ", 1, StringComparison.Ordinal);
        Assert.Contains(text, end < 0 ? section : section[..end], StringComparison.Ordinal);
        return text;
    }
}
