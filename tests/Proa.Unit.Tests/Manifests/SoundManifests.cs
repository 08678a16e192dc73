namespace Proa.Unit.Tests.Manifests;

/// <summary>Manifests as users of these products write them, with proa in them: none has a problem.</summary>
public sealed class SoundManifests
{
    private const string Probe = "readinessProbe: {httpGet: {path: /, port: 8080}}";

    /// <summary>Name, manifest, and what is foretold of the success.</summary>
    public static TheoryData<string, string, string> All => new()
    {
        {
            "a Job in an Istio mesh, rendered by istioctl",
            Manifest.Job("""
                restartPolicy: Never
                initContainers:
                - {name: istio-init, image: istio/proxyv2:1.26, args: [istio-iptables, -p, "15001"]}
                containers:
                - name: istio-proxy
                  image: istio/proxyv2:1.26
                  ports: [{containerPort: 15090, name: http-envoy-prom}]
                  startupProbe: {httpGet: {path: /healthz/ready, port: 15021}}
                  readinessProbe: {httpGet: {path: /healthz/ready, port: 15021}}
                - {name: report, image: report, command: [/proa, --], args: [report, --all]}
                """),
            "POST http://localhost:15020/quitquitquit; waits up to 30s for istio-proxy to end"
        },
        {
            "a Job in a Linkerd mesh, which its webhook completes",
            Manifest.Job(
                """
                restartPolicy: OnFailure
                containers: [{name: work, command: [/proa, --, work]}]
                """,
                metadata: "{annotations: {linkerd.io/inject: enabled, config.linkerd.io/proxy-admin-shutdown: enabled}}"),
            "there are no sidecars to stop"
        },
        {
            "the Cloud SQL operator's Pod",
            Manifest.Job("""
                restartPolicy: Never
                terminationGracePeriodSeconds: 60
                containers:
                - name: migrate
                  command: [/proa, --, bundle, exec, rake]
                  env: [{name: DATABASE_URL, valueFrom: {secretKeyRef: {name: db, key: url}}}]
                - name: csql-default-main
                  image: gcr.io/cloud-sql-connectors/cloud-sql-proxy:2.15.1
                  args: [--port=5432, --http-port=9801, --http-address=0.0.0.0, --health-check, --quitquitquit, --exit-zero-on-sigterm, p:r:i]
                  ports: [{containerPort: 9801}]
                  startupProbe: {httpGet: {path: /startup, port: 9801}}
                """),
            "POST http://localhost:9091/quitquitquit; waits up to 1m for csql-default-main to end"
        },
        {
            "a native sidecar and a log forwarder that is signalled",
            Manifest.Job(
                $$"""
                restartPolicy: Never
                shareProcessNamespace: true
                initContainers:
                - {name: install, image: proa, command: [/proa, --install, /proa-bin/proa]}
                - {name: otel, image: otel/opentelemetry-collector:1, restartPolicy: Always, {{Probe}}}
                containers:
                - {name: work, command: [/proa-bin/proa, --kill=container/log, --wait-for=otel, --, work]}
                - {name: log, image: fluent/fluent-bit:3}
                """,
                """
                podFailurePolicy:
                  rules:
                  - action: FailJob
                    onExitCodes: {containerName: work, operator: NotIn, values: [42]}
                  - action: Ignore
                    onPodConditions: [{type: DisruptionTarget, status: "True"}]
                """),
            "SIGTERM to container/log; waits up to 30s for log to end"
        },
        {
            "a Deployment, which never ends by itself",
            $$"""
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: web}
            spec:
              selector: {matchLabels: {app: web} }
              template:
                metadata: {labels: {app: web} }
                spec:
                  serviceAccountName: web
                  containers:
                  - {name: web, command: [/proa, --, serve], ports: [{containerPort: 80}], readinessProbe: {httpGet: {port: 80} } }
                  - {name: daprd, image: daprio/daprd:1.15, readinessProbe: {httpGet: {path: /v1.0/healthz, port: 3500} } }
                  - {name: cache, image: redis, {{Probe}} }

            """ + Manifest.Access,
            "the sidecars keep running: the kubelet will restart web (restartPolicy Always)"
        },
        {
            "a StatefulSet that needs no API server",
            """
            apiVersion: apps/v1
            kind: StatefulSet
            metadata: {name: db}
            spec:
              template:
                spec:
                  automountServiceAccountToken: false
                  containers:
                  - {name: db, command: [/proa, --no-api, --wait-tcp, "localhost:1234", --, serve]}
                  - {name: agent, image: agent}
            """,
            "the sidecars keep running: no shutdown request is given"
        },
        {
            "a CronJob of Vault's and Datadog's users, with anchors, as YAML 1.1 has them",
            """
            apiVersion: batch/v1
            kind: CronJob
            metadata: {name: nightly}
            spec:
              schedule: "0 1 * * *"
              jobTemplate:
                spec:
                  template:
                    metadata:
                      annotations: {vault.hashicorp.com/agent-inject: "true", vault.hashicorp.com/agent-enable-quit: "true"}
                    spec:
                      restartPolicy: Never
                      containers:
                      - &container
                        name: nightly
                        image: nightly
                        command: [/proa, --, nightly]
                        resources: &resources {limits: {memory: 64Mi, cpu: 0.5}}
                      - name: vault-agent
                        image: hashicorp/vault:1.18
                        <<: {resources: *resources}
                      - {name: datadog-agent-injected, image: agent, tty: no, volumeMounts: []}

            """ + Manifest.Access,
            "POST http://localhost:8200/agent/v1/quit; waits up to 30s for vault-agent to end"
        },
        {
            "proa in the image's ENTRYPOINT",
            Manifest.Job($$"""
                restartPolicy: Never
                containers:
                - name: work
                  image: work
                  args: [work, --fast]
                  env: [{name: PORT, value: "1"}, {name: PROA_SHUTDOWN_HTTP_POST, value: "http://localhost:$(PORT)/quit"}]
                - {name: helper, {{Probe}}}
                """),
            "POST http://localhost:1/quit; waits up to 30s for helper to end"
        },
        {
            "injected by the policy",
            Manifest.Job(
                $$"""
                restartPolicy: Never
                containers:
                - {name: istio-proxy, image: proxyv2, {{Probe}}}
                - {name: work, command: [work], args: [fast]}
                """,
                metadata: """
                    {annotations: {proa.dev/inject: "true", kubectl.kubernetes.io/default-container: work, proa.dev/options: "--shutdown-timeout 5"}}
                    """.Trim()),
            "POST http://localhost:15020/quitquitquit; waits up to 5s for istio-proxy to end"
        },
        {
            "an Argo workflow's Pod, as kubectl shows it",
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: step, namespace: lab, ownerReferences: [{kind: Workflow, name: w}]}
            spec:
              restartPolicy: Never
              initContainers: [{name: init, image: argoexec, command: [argoexec, init]}]
              containers:
              - {name: wait, image: quay.io/argoproj/argoexec:v3.6.0, command: [argoexec, wait]}
              - {name: main, command: [/var/run/argo/argoexec, emissary, --loglevel, info, --, /proa, --shutdown-timeout=5, --, work]}
              - {name: istio-proxy, image: proxyv2, readinessProbe: {httpGet: {port: 15021}}}
            status: {phase: Running}

            """ + Manifest.Access,
            "POST http://localhost:15020/quitquitquit; waits up to 5s for istio-proxy to end"
        },
        {
            "a Tekton task's Pod",
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: run}
            spec:
              restartPolicy: Never
              containers:
              - {name: step-build, command: [/tekton/bin/entrypoint, -entrypoint, make, --, all]}
              - name: step-deploy
                command: [/tekton/bin/entrypoint]
                args: [-wait_file, /tekton/run/0/out, -entrypoint, /proa, --, --ignore=step-build, --, deploy]
              - {name: istio-proxy, image: proxyv2, readinessProbe: {httpGet: {port: 15021}}}

            """ + Manifest.Access,
            "POST http://localhost:15020/quitquitquit; waits up to 30s for istio-proxy to end"
        },
        {
            "a chart's scheduler with helpers that share its volumes, as Airflow's, with comments, folded texts and what other kinds have",
            """
            ---
            # Source: airflow/templates/configmap.yaml
            apiVersion: v1
            kind: ConfigMap
            metadata:
              name: airflow-config
            data:
              airflow.cfg: |-
                [core]
                dags_folder = {{ not_a_template }}
              pod_template_file.yaml: |
                kind: Pod
                spec: {containers: []}
            ---
            # Source: airflow/templates/empty.yaml
            ---
            # Source: airflow/templates/scheduler.yaml
            apiVersion: apps/v1
            kind: StatefulSet
            metadata:
              name: airflow-scheduler
              labels: {tier: airflow, chart: "airflow-1.16.0", heritage: Helm}
              annotations:
                checksum/config: "0123456789"
            spec:
              serviceName: airflow-scheduler
              replicas: 1
              revisionHistoryLimit: ~
              template:
                metadata:
                  labels: {component: scheduler}
                  annotations: {cluster-autoscaler.kubernetes.io/safe-to-evict: "true"}
                spec:
                  nodeSelector:
                    {}
                  affinity:
                  tolerations: []
                  terminationGracePeriodSeconds: 10
                  restartPolicy: Always
                  serviceAccountName: airflow-scheduler
                  securityContext: {runAsUser: 50000, fsGroup: 0}
                  initContainers:
                  - name: wait-for-airflow-migrations
                    image: apache/airflow:2.10.5
                    args: [airflow, db, check-migrations, --migration-wait-timeout=60]
                    envFrom:
                      []
                    env:
                    - {name: AIRFLOW__CORE__LOAD_EXAMPLES, value: "False"}
                  containers:
                  - name: scheduler
                    image: apache/airflow:2.10.5
                    command: [/proa, --ignore=scheduler-log-groomer, --]
                    args: ["bash", "-c", "exec airflow scheduler"]
                    livenessProbe:
                      initialDelaySeconds: 10
                      exec: {command: [sh, -c, "CONNECTION_CHECK_MAX_COUNT=0 exec /entrypoint airflow jobs check"]}
                    env:
                    - name: AIRFLOW__CORE__FERNET_KEY
                      valueFrom: {secretKeyRef: {name: airflow-fernet-key, key: fernet-key}}
                    - name: EMPTY
                      value:
                    resources: {}
                  - name: scheduler-log-groomer
                    image: apache/airflow:2.10.5
                    args: ["bash", "/clean-logs"]
                  - name: git-sync
                    image: registry.k8s.io/git-sync/git-sync:v4.3.0
                    env: [{name: GITSYNC_PERIOD, value: 5s}]
                    readinessProbe: {httpGet: {path: /, port: 1234}}
                  volumes:
                  - {name: dags, emptyDir: {sizeLimit: 0.5Gi}}

            """ + Manifest.Access,
            "the sidecars keep running: no shutdown request is given"
        },
        {
            "an init container that waits for a port",
            Manifest.Job("""
                restartPolicy: Never
                initContainers:
                - {name: database, command: [/proa, --no-api, --wait-only, --wait-tcp, "db:5432"]}
                containers:
                - {name: work, command: [/proa, --, work]}
                """),
            "there are no sidecars to stop"
        },
    };

    [Theory]
    [MemberData(nameof(All))]
    public void Has_no_problem_and_is_foretold(string name, string manifest, string end)
    {
        var report = Manifest.Check(manifest);
        Assert.Equal((name, ""), (name, string.Join('\n', Manifest.Problems(report))));
        var text = Checking.Manifests.ManifestText.Write(report.Templates[0]);
        Assert.Contains("on success   " + end + "\n", text, StringComparison.Ordinal);
        Assert.Equal(0, report.ExitCode);
    }

    [Fact]
    public void Nor_has_any_of_the_examples() => Assert.All(Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "examples"), "*.yaml"), file =>
    {
        var report = Manifest.Check(File.ReadAllText(file));
        Assert.Empty(Manifest.Problems(report));
        Assert.All(report.Templates, t => Assert.True(t.Lives.Length > 0 || t.Notes.Any(n => n.Contains("proa stops it when", StringComparison.Ordinal))));
    });

    [Fact]
    public void A_Job_without_proa_is_no_problem_but_a_note() => Assert.Equal(
        ["no container is started through proa: the Job completes only when a and b have ended"],
        Manifest.Check(Manifest.Job("{restartPolicy: Never, containers: [{name: a, command: [a]}, {name: b, command: [sh, -c, proa]}]}")).Templates[0].Notes);

    [Theory]
    [InlineData("[sh, -c, 'set -e; exec /proa -- work']", true)]
    [InlineData("[sh, -c, 'ls /opt/proa']", false)]
    public void A_proa_that_a_shell_starts_is_a_note(string command, bool isNoted)
    {
        var report = Manifest.Check(Manifest.Job($"{{restartPolicy: Never, containers: [{{name: a, command: {command}}}]}}"));
        Assert.Equal(isNoted, report.Templates[0].Notes.Any(n => n.StartsWith("a: proa is part of a longer text", StringComparison.Ordinal)));
        Assert.Empty(Manifest.Problems(report));
    }

    [Theory]
    [InlineData("{apiVersion: serving.knative.dev/v1, kind: Deployment, spec: {}}")]
    [InlineData("{apiVersion: batch.volcano.sh/v1alpha1, kind: Job, spec: {tasks: []}}")]
    public void A_kind_of_the_same_name_of_another_product_is_passed_over(string manifest) => Assert.Empty(Manifest.Check(manifest).Templates);

    [Fact]
    public void What_a_webhook_will_add_is_a_note_with_what_it_needs() => Assert.Equal(
        [
            "Linkerd adds linkerd-proxy on the cluster, whose shutdown endpoint is off: unless it is a native sidecar, "
                + "annotate the Pod with config.linkerd.io/proxy-admin-shutdown: enabled",
        ],
        Manifest.Check(Manifest.Job(
            "{restartPolicy: Never, containers: [{name: a, command: [/proa, a]}]}",
            metadata: "{annotations: {linkerd.io/inject: enabled}}")).Templates[0].Notes);

    [Fact]
    public void An_option_whose_value_is_elsewhere_is_not_judged()
    {
        var report = Manifest.Check(Manifest.Job("""
            restartPolicy: Never
            containers:
            - {name: a, command: [/proa, "-g$(URL)", --, a], env: [{name: URL, valueFrom: {configMapKeyRef: {name: c, key: u}}}]}
            """));
        Assert.Empty(Manifest.Problems(report));
        Assert.Equal(["a: options of proa come from variables whose values are not in the manifest"], report.Templates[0].Notes);
    }

    [Theory]
    [InlineData("{kind: RoleBinding, roleRef: {kind: ClusterRole, name: view}, subjects: [{kind: ServiceAccount, name: default}]}", true)]
    [InlineData("{kind: RoleBinding, roleRef: {kind: Role, name: elsewhere}, subjects: [{kind: ServiceAccount, name: default}]}", true)] // not ours to judge
    [InlineData("{kind: ClusterRoleBinding, roleRef: {kind: ClusterRole, name: admin}, subjects: [{kind: Group, name: system:authenticated}]}", true)]
    [InlineData("{kind: RoleBinding, roleRef: {kind: ClusterRole, name: view}, subjects: [{kind: ServiceAccount, name: other}]}", false)]
    [InlineData("{kind: RoleBinding, roleRef: {kind: ClusterRole, name: view}, subjects: [{kind: Group, name: system:serviceaccounts:other}]}", false)]
    [InlineData(
        "{kind: RoleBinding, metadata: {namespace: other}, roleRef: {kind: ClusterRole, name: edit}, subjects: [{kind: ServiceAccount, name: default}]}",
        false)]
    [InlineData("{kind: RoleBinding, roleRef: {kind: Role, name: named}, subjects: [{kind: ServiceAccount, name: default}]}", false)]
    public void Permission_comes_by_any_binding_of_the_account(string binding, bool isAllowed)
    {
        var report = Manifest.Check($$"""
            apiVersion: batch/v1
            kind: Job
            metadata: {namespace: lab}
            spec: {template: {spec: {restartPolicy: Never, containers: [{name: main, command: [/proa, work]}] } } }
            ---
            {{binding}}
            ---
            {kind: Role, metadata: {name: named, namespace: lab}, rules: [{apiGroups: [""], resources: [pods], resourceNames: [x], verbs: ["*"]}]}
            """);
        Assert.Equal(isAllowed, Manifest.Problems(report).Length == 0);
    }
}
