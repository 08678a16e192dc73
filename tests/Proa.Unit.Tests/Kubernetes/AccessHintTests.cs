using Proa.Identity;
using Proa.Kubernetes;
using Proa.Pods;
using Proa.Watching;

namespace Proa.Unit.Tests.Kubernetes;

public sealed class AccessHintTests
{
    private static readonly PodIdentity _identity = new("lab", ["job-x7k2p.example", "job-x7k2p"], "", "watcher", "the host name");

    [Theory]
    [InlineData(
        "Unauthorized", "the token is not accepted: check that it is from this cluster, and that its service account still exists; --no-api needs none")]
    [InlineData("NotFound", "Pod lab/job-x7k2p.example or job-x7k2p was looked up, by the host name: if that is wrong, set --pod and --namespace")]
    [InlineData("Untrusted", "renew it")]
    [InlineData("Refused", "is KUBERNETES_SERVICE_HOST or the kubeconfig's server really an API server?")]
    [InlineData("Transient", "")]
    [InlineData("Expired", "")]
    public void Each_kind_of_failure_has_its_hint_and_what_passes_by_itself_has_none(string kind, string hint) =>
        Assert.Equal(hint, AccessHint.For(new(Enum.Parse<ApiFailureKind>(kind), ""), _identity, trustHint: "renew it"));

    [Fact]
    public void Where_access_is_forbidden_the_hint_is_the_Role_to_apply() =>
        Assert.Equal(AccessHint.Role(_identity), AccessHint.For(new(ApiFailureKind.Forbidden, ""), _identity, ""));

    [Fact]
    public void The_Role_has_the_namespace_and_the_service_account_filled_in()
    {
        var lines = AccessHint.Role(_identity).Split('\n');
        Assert.Equal("use --no-api, or let service account watcher get and watch pods in namespace lab, with kubectl apply -f - and:", lines[0]);
        Assert.Equal(["proa", "proa-watcher", "proa", "watcher"], Values(lines, "  name: "));
        Assert.Equal(["lab"], Values(lines, "namespace: ").Distinct());
        Assert.Equal(["[get, watch]"], Values(lines, "verbs: "));
    }

    [Fact]
    public void Without_a_token_that_names_it_the_service_account_is_the_default_one() =>
        Assert.Contains("- kind: ServiceAccount\n    name: default\n", AccessHint.Role(_identity with { ServiceAccount = "" }), StringComparison.Ordinal);

    [Fact]
    public void Foreign_text_adds_no_line()
    {
        var hostile = _identity with { Namespace = "lab\nkind: Secret", ServiceAccount = "a\u001b[2J" };
        Assert.Equal(AccessHint.Role(_identity).Split('\n').Length, AccessHint.Role(hostile).Split('\n').Length);
        Assert.DoesNotContain('\u001b', AccessHint.Role(hostile));
    }

    private static IEnumerable<string> Values(string[] lines, string key) =>
        lines.Where(line => line.Contains(key, StringComparison.Ordinal)).Select(line => line[(line.IndexOf(key, StringComparison.Ordinal) + key.Length)..]);
}
