using System.Text.Json.Nodes;
using Proa.EndToEnd.Policies;
using Proa.EndToEnd.Processes;
using Proa.EndToEnd.RealServer;
using Proa.PodSimulator;

namespace Proa.EndToEnd.Examples;

/// <summary>
/// The policy by which an API server puts proa in. The API server that build/apiserver makes is too old to have such policies: here the expressions are
/// evaluated by <see cref="Cel"/>, which shares nothing with proa, and the simulator runs what they make of a Pod.
/// </summary>
[Collection(nameof(Examples))]
public sealed class InjectPolicy
{
    private static string PolicyText => File.ReadAllText(Path.Combine(Example.Root, "inject-policy/policy.yaml"));

    private static AdmissionPolicies Policies => new(PolicyText);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Runs("inject-policy/job.yaml", "inject-policy")]
    public async Task An_annotated_Job_runs_under_proa_whether_the_mesh_comes_before_or_after(bool isMeshFirst)
    {
        using var image = new TemporaryDirectory();
        File.Copy(Executables.Proa, image["proa"]);
        var rights = await File.ReadAllTextAsync(Path.Combine(Example.Root, "inject-policy/rbac.yaml"), TestContext.Current.CancellationToken);
        await using var example = await Example.StartAsync(Example.PresentText + "\n---\n" + rights, StandIn.Istio, options => options with
        {
            Images = new Dictionary<string, string> { ["proa:local"] = image.Path },
            Admit = pod =>
            {
                if (isMeshFirst) StandIn.InjectIstio(pod, native: false);
                Policies.Admit(pod, "pods", isMeshFirst ? null : admitted => StandIn.InjectIstio(admitted, native: false));
            },
        });
        await example.BecomesReadyAsync(StandIn.Istio);
        await example.SucceedsAsync();
        Assert.Equal(["Istio's proxy answers 200"], example.Said("main"));
        Assert.Contains("POST /quitquitquit 200", example.Said("istio-proxy"));
    }

    [Theory]
    [InlineData("{containers: [{name: a, command: [work]}]}", "{}", 0, "/proa-bin/proa -- work")]
    [InlineData(
        "{containers: [{name: a, command: [work, -x], args: [y]}]}", "{proa.dev/options: ' --no-api  -K '}", 0, "/proa-bin/proa --no-api -K -- work -x")]
    [InlineData(
        "{containers: [{name: a, command: [work]}]}",
        "{proa.dev/options: \"--no-api\\n\\t--known istio\\n\"}",
        0,
        "/proa-bin/proa --no-api --known istio -- work")]
    [InlineData("{containers: [{name: proxy}, {name: b, command: [work]}]}", "{proa.dev/container: b}", 1, "/proa-bin/proa -- work")]
    [InlineData("{containers: [{name: proxy}, {name: b, command: [work]}]}", "{kubectl.kubernetes.io/default-container: b}", 1, "/proa-bin/proa -- work")]
    [InlineData(
        "{volumes: [{name: own, emptyDir: {}}], containers: [{name: a, command: [work], volumeMounts: [{name: own, mountPath: /own}]}]}",
        "{}",
        0,
        "/proa-bin/proa -- work")]
    public void Main_gets_proa_in_front_and_keeps_what_it_has_and_the_others_stay_as_they_are(string spec, string annotations, int main, string command)
    {
        var (pod, before) = (Pod(spec, annotations), Pod(spec, annotations));
        Policies.Admit(pod, "pods");
        var container = pod["spec"]!["containers"]![main]!;
        Assert.Equal(command, string.Join(' ', container["command"]!.AsArray()));
        Assert.Equal("""{"name":"proa-bin","mountPath":"/proa-bin","readOnly":true}""", container["volumeMounts"]!.AsArray()[^1]!.ToJsonString());
        Assert.Equal(
            """{"name":"proa-bin","image":{"reference":"proa:local","pullPolicy":"IfNotPresent"}}""", pod["spec"]!["volumes"]!.AsArray()[^1]!.ToJsonString());

        // Without what was added it is what it was.
        Remove(pod["spec"]!.AsObject(), "volumes");
        Remove(container.AsObject(), "volumeMounts");
        container["command"] = before["spec"]!["containers"]![main]!["command"]!.DeepClone();
        Assert.True(JsonNode.DeepEquals(before, pod), pod.ToJsonString());

        static void Remove(JsonObject of, string list)
        {
            of[list]!.AsArray().RemoveAt(of[list]!.AsArray().Count - 1);
            if (of[list]!.AsArray().Count == 0) of.Remove(list);
        }
    }

    [Fact]
    public void A_second_time_changes_nothing()
    {
        var pod = Pod("{containers: [{name: a, command: [work]}]}", "{}");
        Policies.Admit(pod, "pods");
        var once = pod.DeepClone();
        Policies.Admit(pod, "pods");
        Assert.True(JsonNode.DeepEquals(once, pod));
    }

    [Theory]
    [InlineData("/opt/proa")]
    [InlineData("proa")]
    public void A_container_that_is_started_through_proa_already_stays_as_it_is(string program)
    {
        var pod = Pod($"{{containers: [{{name: a, command: [{program}, --, work]}}]}}", "{}");
        var before = pod.DeepClone();
        Policies.Admit(pod, "pods");
        Assert.True(JsonNode.DeepEquals(before, pod));
    }

    [Fact]
    public void A_webhook_may_put_a_sidecar_without_a_command_first()
    {
        var pod = Pod("{containers: [{name: a, command: [work]}]}", "{}");
        Policies.Admit(pod, "pods", admitted => admitted["spec"]!["containers"]!.AsArray().Insert(0, Object("{name: linkerd-proxy, image: proxy}")));
        Assert.Equal("/proa-bin/proa -- work", string.Join(' ', pod["spec"]!["containers"]![1]!["command"]!.AsArray()));
    }

    [Fact]
    public void Where_the_policy_that_puts_proa_in_is_not_at_work_yet_a_Pod_is_refused() => Assert.Contains(
        "container a does not start proa",
        Assert.Throws<RefusedException>(() => new AdmissionPolicies(PolicyText[PolicyText.IndexOf("\n---", StringComparison.Ordinal)..])
            .Admit(Pod("{containers: [{name: a, command: [work]}]}", "{}"), "pods")).Message,
        StringComparison.Ordinal);

    [Fact]
    public void A_sidecar_with_proa_does_not_stand_for_a_main_without_a_command() => Assert.Contains(
        "container a has no command",
        Assert.Throws<RefusedException>(() => Policies.Admit(
            Pod("{containers: [{name: a}, {name: b, command: [/proa, --until, a, --, work]}]}", "{}"), "pods")).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("jobs", "spec: {template: {spec: {containers: [{name: a, command: [work]}]}}}")]
    [InlineData("cronjobs", "spec: {jobTemplate: {spec: {template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, command: [work]}]}}}}}")]
    public void An_annotation_at_the_Job_in_place_of_its_Pods_is_refused(string resource, string spec) => Assert.Equal(
        "proa.dev/inject is an annotation for Pods: write it in metadata.annotations of the Pod template",
        Assert.Throws<RefusedException>(() => Policies.Admit(Object($"{{metadata: {{annotations: {{proa.dev/inject: 'true'}}}}, {spec}}}"), resource)).Message);

    [Fact]
    public void What_is_being_deleted_is_let_go() => Policies.Admit(
        Object("""
            metadata: {deletionTimestamp: "2026-01-01T00:00:00Z"}
            spec: {template: {metadata: {annotations: {proa.dev/inject: "true"}}, spec: {containers: [{name: a}]}}}
            """),
        "jobs");

    [Theory]
    [InlineData("{}")]
    [InlineData("{annotations: {other: a}}")]
    [InlineData("{annotations: {proa.dev/inject: 'false'}}")]
    public void A_Pod_that_does_not_ask_for_it_stays_as_it_is(string metadata)
    {
        var pod = Object($"{{kind: Pod, metadata: {metadata}, spec: {{containers: [{{name: a}}]}}}}");
        var before = pod.DeepClone();
        Policies.Admit(pod, "pods");
        Assert.True(JsonNode.DeepEquals(before, pod));
    }

    [Theory]
    [InlineData("pods", "{spec: {containers: [{name: a}]}, metadata: {annotations: {proa.dev/inject: 'true'}}}")]
    [InlineData("jobs", "{metadata: {}, spec: {template: {spec: {containers: [{name: a}]}, metadata: {annotations: {proa.dev/inject: 'true'}}}}}")]
    [InlineData(
        "cronjobs",
        "{metadata: {}, spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: a}]}, metadata: {annotations: {proa.dev/inject: 'true'}}}}}}}")]
    public void A_container_without_a_command_is_refused_with_what_to_write(string resource, string refused) => Assert.Equal(
        "container a has no command, so proa cannot start it: write the ENTRYPOINT of its image as command, and its CMD as args",
        Assert.Throws<RefusedException>(() => Policies.Admit(Object(refused), resource)).Message);

    [Fact]
    public void A_container_that_is_not_there_is_refused() => Assert.Equal(
        "there is no container b for proa: correct the annotation proa.dev/container or kubectl.kubernetes.io/default-container",
        Assert.Throws<RefusedException>(() => Policies.Admit(Pod("{containers: [{name: a, command: [work]}]}", "{proa.dev/container: b}"), "pods")).Message);

    [Theory]
    [InlineData(
        "jobs", "{metadata: {}, spec: {template: {spec: {containers: [{name: a, command: [work]}]}, metadata: {annotations: {proa.dev/inject: 'true'}}}}}")]
    [InlineData("deployments", "{metadata: {}, spec: {template: {spec: {containers: [{name: a}]}}}}")]
    public void What_makes_Pods_is_only_looked_at(string resource, string admitted)
    {
        var found = Object(admitted);
        var before = found.DeepClone();
        Policies.Admit(found, resource);
        Assert.True(JsonNode.DeepEquals(before, found));
    }

    [Fact]
    public async Task A_real_API_server_of_1_36_takes_the_policies_and_carries_them_out()
    {
        await ControlPlane.RequireVersionAsync(36);
        var server = await ControlPlane.SharedServerAsync();
        await server.CreateAsync(
            "/api/v1/namespaces", Object("{apiVersion: v1, kind: Namespace, metadata: {name: injected, labels: {proa.dev/inject: allowed}}}"));
        foreach (var policy in AdmissionPolicies.Read(PolicyText))
        {
            var kind = policy["kind"]!.ToString().ToLowerInvariant();
            var plural = kind.EndsWith('y') ? kind[..^1] + "ies" : kind + "s";
            await server.CreateAsync($"/apis/admissionregistration.k8s.io/v1/{plural}", policy);
        }

        // The server takes a moment to notice a policy.
        await KubeApiServer.UntilAsync(async () =>
        {
            var pod = Pod("{containers: [{name: a, image: a, command: [work]}]}", "{}");
            pod["apiVersion"] = "v1";
            pod["metadata"]!["generateName"] = "a-";
            var made = await server.CreateAsync("/api/v1/namespaces/injected/pods", pod);
            return string.Join(' ', made["spec"]!["containers"]![0]!["command"]!.AsArray()) == "/proa-bin/proa -- work";
        });
    }

    private static JsonObject Pod(string spec, string annotations)
    {
        var pod = Object($"{{kind: Pod, metadata: {{annotations: {annotations}}}, spec: {spec}}}");
        pod["metadata"]!["annotations"]!["proa.dev/inject"] = "true";
        return pod;
    }

    private static JsonObject Object(string yaml) => AdmissionPolicies.Read(yaml).Single();
}
