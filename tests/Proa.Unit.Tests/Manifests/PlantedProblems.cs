using System.Diagnostics.CodeAnalysis;

namespace Proa.Unit.Tests.Manifests;

/// <summary>Manifests with one problem each: it is found, at its line, and nothing else.</summary>
public sealed class PlantedProblems
{
    private const string Probe = "readinessProbe: {httpGet: {path: /, port: 8080}}";

    /// <summary>Name, manifest, line and the problem's beginning, remedy's part.</summary>
    [SuppressMessage("Usage", "xUnit1045", Justification = "All are texts.")]
    public static TheoryData<string, string, string, string> All => new()
    {
        {
            "nothing stops it",
            Manifest.Job($$"""
                restartPolicy: Never
                containers:
                - {name: main, command: [/proa, --], args: [work]}
                - {name: cache, image: cache, {{Probe}}}
                """),
            "12: when main exits, nothing stops cache",
            "--shutdown-http-post"
        },
        {
            "its endpoint is off",
            Manifest.Job("""
                restartPolicy: Never
                containers:
                - {name: main, command: [/proa, --, work]}
                - name: cloud-sql-proxy
                  image: example.org/cloud-sql-proxy:2
                  args: [--health-check, "a:b:c"]
                  readinessProbe: {httpGet: {path: /readiness, port: 9090}}
                """),
            "12: when main exits, nothing stops cloud-sql-proxy (cloud-sql, by its name and its options: its shutdown endpoint is off)",
            "--quitquitquit"
        },
        {
            "one URL for two",
            Manifest.Job($$"""
                restartPolicy: Never
                containers:
                - {name: main, command: [/proa, -p, "http://localhost:1/", --, work]}
                - {name: a, {{Probe}}}
                - {name: b, {{Probe}}}
                """),
            "12: when main exits, not all of a, b are asked to stop",
            "--ignore"
        },
        {
            "TERM makes it exit with 143",
            Manifest.Job("""
                restartPolicy: Never
                shareProcessNamespace: true
                containers:
                - {name: main, command: [/proa, --kill, container/sql, --, work]}
                - name: sql
                  image: example.org/cloud-sql-proxy:2
                  readinessProbe: {tcpSocket: {port: 5432}}
                """),
            "13: SIGTERM makes sql exit with 143, so the Pod fails",
            "ask it over HTTP"
        },
        {
            "TERM ends a program without a handler, and the kubelet starts it again",
            Manifest.Job($$"""
                restartPolicy: OnFailure
                shareProcessNamespace: true
                containers:
                - {name: main, command: [/proa, --kill-all, --, work]}
                - {name: idle, command: [/bin/sleep, infinity], {{Probe}}}
                """),
            "13: SIGTERM makes idle exit with 143, and the kubelet restarts it (restartPolicy OnFailure)",
            "ask it over HTTP"
        },
        {
            "KILL is no good end",
            Manifest.Job($$"""
                restartPolicy: Never
                shareProcessNamespace: true
                containers:
                - {name: main, command: [/proa, --kill, envoy, --kill-signal, KILL, --, work]}
                - {name: proxy, command: [/usr/bin/envoy], {{Probe}}}
                """),
            "13: SIGKILL makes proxy exit with 137, so the Pod fails",
            "ask it over HTTP"
        },
        {
            "no shared PID namespace",
            Manifest.Job($$"""
                restartPolicy: Never
                containers:
                - name: main
                  command: [/proa, --kill, container/cache, --, work]
                - {name: cache, {{Probe}}}
                """),
            "12: --kill would signal no process: the Pod's containers do not see each other's processes",
            "set shareProcessNamespace: true"
        },
        {
            "no readinessProbe",
            Manifest.Job("""
                restartPolicy: Never
                containers:
                - {name: main, command: [/proa, -g, "http://localhost:1/quit", --, work]}
                - {name: cache}
                """),
            "12: cache has no readinessProbe",
            "--wait-for"
        },
        {
            "no permission",
            Manifest.Job("""
                restartPolicy: Never
                serviceAccountName: own
                containers:
                - {name: main, command: [/proa, --, work]}
                """).Replace(Manifest.Access, "", StringComparison.Ordinal),
            "10: nothing in these files allows service account own to get and watch pods",
            "--no-api"
        },
        {
            "get alone",
            Manifest.Job("""
                restartPolicy: Never
                containers:
                - {name: main, command: [/proa, --, work]}
                """).Replace("verbs: [get, watch]", "verbs: [get]", StringComparison.Ordinal),
            "11: nothing in these files allows service account default to watch pods",
            "verbs: [get, watch]"
        },
        {
            "no token",
            Manifest.Job("""
                restartPolicy: Never
                automountServiceAccountToken: false
                containers:
                - {name: main, command: [/proa, --, work]}
                """),
            "12: proa has no token",
            "--no-api"
        },
        {
            "a podFailurePolicy that goes by sidecars",
            Manifest.Job(
                $$"""
                restartPolicy: Never
                shareProcessNamespace: true
                containers:
                - {name: main, command: [/proa, --kill, container/log, --, work]}
                - {name: log, image: own-log, {{Probe}}}
                """,
                """
                podFailurePolicy:
                  rules:
                  - action: FailJob
                    onExitCodes: {operator: In, values: [42, 143]}
                """),
            "8: the podFailurePolicy's rule with the action FailJob also matches the exit codes of sidecars: 143 of log",
            "add containerName: main"
        },
        {
            "a podFailurePolicy for all other codes",
            Manifest.Job(
                $$"""
                restartPolicy: Never
                initContainers:
                - {name: envoy, restartPolicy: Always, {{Probe}}}
                containers:
                - {name: main, command: [/proa, --, work]}
                """,
                """
                podFailurePolicy:
                  rules:
                  - action: FailJob
                    onExitCodes: {operator: NotIn, values: [42]}
                """),
            "8: the podFailurePolicy's rule with the action FailJob also matches the exit codes of sidecars: 1 of envoy",
            "add containerName: main"
        },
        {
            "a restart of all that --kill sets off",
            Manifest.Job($$"""
                restartPolicy: Never
                shareProcessNamespace: true
                containers:
                - {name: main, command: [/proa, --kill, container/log, --, work]}
                - name: log
                  image: own-log
                  restartPolicy: Never
                  restartPolicyRules: [{action: RestartAllContainers, exitCodes: {operator: NotIn, values: [0]} }]
                  {{Probe}}
                """),
            "13: --kill may make log exit with 143, and its restart rule then makes the kubelet restart all containers of the Pod",
            "leave 143 out of the rule"
        },
        {
            "a sidecar that is probed at main's port",
            Manifest.Job("""
                restartPolicy: Never
                containers:
                - {name: main, command: [/proa, --, work], ports: [{containerPort: 8080}]}
                - name: envoy
                  image: envoyproxy/envoy:v1
                  readinessProbe: {httpGet: {port: 8080}}
                """),
            "12: main waits for envoy, which waits for main: the readinessProbe of envoy asks port 8080, which belongs to main",
            "--ignore envoy"
        },
        {
            "Dapr's probe, which waits for main's port, where proa is not to know Dapr",
            Manifest.Job("""
                restartPolicy: Never
                containers:
                - {name: main, command: [/proa, --known, "off", -p, "http://localhost:3500/v1.0/shutdown", --, work]}
                - name: daprd
                  image: daprio/daprd:1.15
                  args: [--app-port, "5000"]
                  readinessProbe: {httpGet: {path: /v1.0/healthz, port: 3500}}
                """),
            "12: main waits for daprd, which waits for main: with an app port the readinessProbe of Dapr succeeds only when main listens",
            "--ignore daprd"
        },
        {
            "two that wait for each other's readiness",
            Manifest.Job($$"""
                restartPolicy: Never
                containers:
                - {name: a, command: [/proa, --known, "off", --ignore, none, -g, "http://localhost:1/", --, work], {{Probe}}}
                - {name: b, command: [/proa, -g, "http://localhost:2/", --, work], {{Probe}}}
                """),
            "12: a waits until b is ready, and b until a is",
            "--ignore"
        },
        {
            "two that wait for each other's end",
            Manifest.Job($$"""
                restartPolicy: Never
                containers:
                - {name: a, command: [/proa, -g, "http://localhost:1/", --, work], {{Probe}}}
                - {name: b, command: [/proa, -g, "http://localhost:2/", --wait-for, c, --, work], {{Probe}}}
                - {name: c, image: envoy, {{Probe}}}
                """),
            "12: at the end a waits for b to end, and b for a",
            "--ignore"
        },
        {
            "an init container that waits for regular ones",
            Manifest.Job("""
                restartPolicy: Never
                initContainers:
                - {name: wait, command: [/proa, --wait-only]}
                containers:
                - {name: main, command: [work]}
                """),
            "11: wait is an init container",
            "--no-api"
        },
        {
            "restartPolicy Always in a Job",
            Manifest.Job("""
                restartPolicy: Always
                containers:
                - {name: main, command: [/proa, --, work]}
                """),
            "9: restartPolicy Always in a Job",
            "restartPolicy: Never"
        },
        {
            "no restartPolicy in a Job",
            Manifest.Job("""
                containers:
                - {name: main, command: [/proa, --, work]}
                """),
            "9: there is no restartPolicy",
            "restartPolicy: Never"
        },
        {
            "a grace period shorter than a native sidecar's drain",
            Manifest.Job($$"""
                restartPolicy: Never
                terminationGracePeriodSeconds: 20
                initContainers:
                - {name: envoy, restartPolicy: Always, lifecycle: {preStop: {exec: {command: [sh, -c, "sleep 25; true"]} } }, {{Probe}}}
                containers:
                - {name: main, command: [/proa, --, work]}
                """),
            "10: envoy needs 25s to end (its preStop hook), but has only 20s",
            "raise terminationGracePeriodSeconds above 25s"
        },
        {
            "a timeout shorter than a sidecar's drain",
            Manifest.Job($$"""
                restartPolicy: Never
                containers:
                - {name: main, command: [/proa, --shutdown-timeout, "10", --, work]}
                - name: consul-dataplane
                  args: [-graceful-port=20600, -shutdown-grace-period-seconds=30]
                  {{Probe}}
                """),
            "12: consul-dataplane needs 30s to end (-shutdown-grace-period-seconds), but has only 10s",
            "raise --shutdown-timeout"
        },
        {
            "an option that does not parse",
            Manifest.Job("""
                restartPolicy: Never
                containers:
                - name: main
                  command:
                  - /proa
                  - --shutdwon-timeout=5
                  - --
                  - work
                """),
            "14: main: unknown option --shutdwon-timeout",
            "did you mean --shutdown-timeout?"
        },
        {
            "a variable that does not parse",
            Manifest.Job("""
                restartPolicy: Never
                containers:
                - name: main
                  command: [/proa, --, work]
                  env:
                  - {name: PROA_READY_TIMEOUT, value: soon}
                """),
            "14: main: PROA_READY_TIMEOUT \"soon\" is not a duration",
            "write 90, 1m30s or 500ms"
        },
        {
            "an option that is known only when its variable is expanded",
            Manifest.Job("""
                restartPolicy: Never
                containers:
                - name: main
                  env: [{name: PORT, value: "0"}]
                  command: [/proa, "-ghttp://localhost:$(PORT)/", --, work]
                """),
            "13: main: --shutdown-http-get \"http://localhost:0/\" has port 0",
            "a port is a number"
        },
        {
            "a sidecar that is not there",
            Manifest.Job("""
                restartPolicy: Never
                containers:
                - {name: main, command: [/proa, --wait-for, proxy, --, work]}
                """),
            "11: --wait-for \"proxy\" names no sidecar of the Pod",
            ""
        },
        {
            "no COMMAND",
            Manifest.Job("""
                restartPolicy: Never
                containers:
                - {name: main, command: [/proa, --]}
                """),
            "11: main: no COMMAND is given",
            "usage"
        },
        {
            "a word that is no text",
            Manifest.Job("""
                restartPolicy: Never
                containers:
                - name: main
                  command: [/proa, --]
                  args:
                  - work
                  - 5
                """),
            "15: spec.containers[0].args[1] is of the wrong type",
            "put it in quotes"
        },
        {
            "a text where a list is to be",
            Manifest.Job("""
                restartPolicy: Never
                containers:
                - name: main
                  command: "/proa -- work"
                """),
            "12: spec.containers[0].command is of the wrong type",
            "kubectl explain pod.spec.containers.command"
        },
        {
            "a flag in quotes",
            Manifest.Job("""
                restartPolicy: Never
                shareProcessNamespace: "true"
                containers:
                - {name: main, command: [/proa, --, work]}
                """),
            "10: spec.shareProcessNamespace is of the wrong type",
            "kubectl explain pod.spec.shareProcessNamespace"
        },
        {
            "a variable whose value is a number",
            Manifest.Job("""
                restartPolicy: Never
                containers:
                - name: main
                  command: [/proa, --, work]
                  env:
                  - {name: HOST, value: "db"}
                  - {name: PORT, value: 5432}
                """),
            "15: spec.containers[0].env[1].value is of the wrong type",
            "put it in quotes"
        },
        {
            "an annotation that is no text",
            Manifest.Job(
                """
                restartPolicy: Never
                containers:
                - {name: main, command: [work]}
                """,
                metadata: "{annotations: {proa.dev/inject: true}}"),
            "7: metadata.annotations.proa.dev/inject is of the wrong type",
            "put it in quotes"
        },
        {
            "a Pod that is indented too little",
            """
            apiVersion: batch/v1
            kind: Job
            metadata: {name: job}
            spec:
              template:
                metadata: {}
              spec:
                containers: [{name: main, command: [/proa, --, work]}]
            """,
            "6: it has no Pod spec",
            "write spec.template.spec"
        },
        {
            "a CronJob that is written like a Job",
            """
            apiVersion: batch/v1
            kind: CronJob
            metadata: {name: job}
            spec:
              schedule: "@daily"
              template: {spec: {containers: [{name: main, command: [/proa, --, work]}]}}
            """,
            "5: it has no Pod spec",
            "write spec.jobTemplate.spec.template.spec"
        },
        {
            "an apiVersion that is another kind's",
            """
            kind: Job
            apiVersion: v1
            spec: {template: {spec: {restartPolicy: Never, containers: [{name: main, command: [/proa, --, work]}]}}}
            """,
            "2: there is no Job in v1",
            "write apiVersion: batch/v1"
        },
        {
            "no apiVersion",
            """
            kind: Deployment
            spec: {template: {spec: {containers: [{name: main, command: [/proa, --, work]}]}}}
            """,
            "1: there is no apiVersion",
            "write apiVersion: apps/v1"
        },
        {
            "a command whose words are one",
            Manifest.Job("""
                restartPolicy: Never
                containers:
                - name: main
                  command: ["/proa -- work"]
                """),
            "12: main: its command is one word with spaces in it",
            "write each word as an item of its own"
        },
        {
            "injected, without a command",
            Manifest.Job(
                """
                restartPolicy: Never
                containers:
                - {name: main, image: work}
                """,
                metadata: """{annotations: {proa.dev/inject: "true"}}"""),
            "11: main has no command, so proa cannot start it",
            "ENTRYPOINT"
        },
        {
            "injected into a container that is not there",
            Manifest.Job(
                """
                restartPolicy: Never
                containers:
                - {name: main, command: [work]}
                """,
                metadata: """{annotations: {proa.dev/inject: "true", proa.dev/container: mian}}"""),
            "7: there is no container mian for proa",
            "correct the annotation proa.dev/container"
        },
        {
            "injected, with another word than true",
            Manifest.Job(
                """
                restartPolicy: Never
                containers:
                - {name: main, command: [work]}
                """,
                metadata: """{annotations: {proa.dev/inject: "yes"}}"""),
            "7: proa.dev/inject is not \"true\"",
            "write \"true\""
        },
        {
            "the annotation at the Job in place of its Pods",
            """
            apiVersion: batch/v1
            kind: Job
            metadata:
              annotations: {proa.dev/inject: "true"}
            spec: {template: {spec: {restartPolicy: Never, containers: [{name: main, command: [work]}]}}}
            """,
            "4: proa.dev/inject is set on the Job, but the API server looks for it on its Pods",
            "write it in metadata.annotations of the Pod template"
        },
        {
            "injected beside a sidecar that is started through proa, with wrong options",
            Manifest.Job(
                """
                restartPolicy: Never
                containers:
                - {name: main, command: [work]}
                - {name: sidecar, command: [/proa, --until, main, --, serve]}
                """,
                metadata: """{annotations: {proa.dev/inject: "true", proa.dev/options: "--kil x"}}"""),
            "11: main: unknown option --kil",
            "did you mean --kill?"
        },
        {
            "injected, with wrong options",
            Manifest.Job(
                """
                restartPolicy: Never
                containers:
                - {name: main, command: [work]}
                """,
                metadata: """{annotations: {proa.dev/inject: "true", proa.dev/options: "--kil x"}}"""),
            "11: main: unknown option --kil",
            "did you mean --kill?"
        },
    };

    [Theory]
    [MemberData(nameof(All))]
    public void Is_found_at_its_line_with_its_remedy_and_nothing_else_is(string name, string manifest, string problem, string remedy)
    {
        var report = Manifest.Check(manifest);
        Assert.StartsWith(problem, Assert.Single(Manifest.Problems(report)), StringComparison.Ordinal);
        Assert.Contains(remedy, report.Templates.SelectMany(t => t.Problems).Single().Remedy, StringComparison.Ordinal);
        Assert.Equal(1, report.ExitCode);
        Assert.NotEmpty(name);
    }
}
