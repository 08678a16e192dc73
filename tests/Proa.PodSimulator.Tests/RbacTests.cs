using System.Text.Json.Nodes;

namespace Proa.PodSimulator.Tests;

public sealed class RbacTests
{
    private static readonly ServiceAccountIdentity s_watcher = new("lab", "watcher", DateTimeOffset.MaxValue);

    [Theory]
    [InlineData("""{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}""", "get", "any", true)]
    [InlineData("""{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}""", "watch", "any", false)]
    [InlineData("""{"apiGroups":["*"],"resources":["*"],"verbs":["*"]}""", "watch", null, true)]
    [InlineData("""{"apiGroups":["apps"],"resources":["pods"],"verbs":["get"]}""", "get", "any", false)]
    [InlineData("""{"apiGroups":[""],"resources":["services"],"verbs":["get"]}""", "get", "any", false)]
    [InlineData("""{"apiGroups":[""],"resources":["pods"],"verbs":["watch"],"resourceNames":["a"]}""", "watch", "a", true)]
    [InlineData("""{"apiGroups":[""],"resources":["pods"],"verbs":["watch"],"resourceNames":["a"]}""", "watch", "b", false)]
    [InlineData("""{"apiGroups":[""],"resources":["pods"],"verbs":["watch"],"resourceNames":["a"]}""", "watch", null, false)]
    public void A_rule_allows_what_it_names(string rule, string verb, string? name, bool allowed)
    {
        var rbac = Bound(rule, """{"kind":"ServiceAccount","name":"watcher"}""");
        Assert.Equal(allowed, rbac.Allows(s_watcher, verb, "", "pods", "lab", name));
    }

    [Theory]
    [InlineData("""{"kind":"ServiceAccount","name":"watcher","namespace":"lab"}""", true)]
    [InlineData("""{"kind":"ServiceAccount","name":"watcher","namespace":"other"}""", false)]
    [InlineData("""{"kind":"ServiceAccount","name":"default"}""", false)]
    [InlineData("""{"kind":"Group","name":"system:serviceaccounts"}""", true)]
    [InlineData("""{"kind":"Group","name":"system:serviceaccounts:lab"}""", true)]
    [InlineData("""{"kind":"Group","name":"system:serviceaccounts:other"}""", false)]
    [InlineData("""{"kind":"User","name":"system:serviceaccount:lab:watcher"}""", true)]
    public void A_binding_holds_for_its_subjects(string subject, bool allowed)
    {
        var rbac = Bound("""{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}""", subject);
        Assert.Equal(allowed, rbac.Allows(s_watcher, "get", "", "pods", "lab", "x"));
    }

    [Fact]
    public void A_role_ends_at_its_namespace()
    {
        var rbac = Bound("""{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}""", """{"kind":"ServiceAccount","name":"watcher"}""");
        Assert.False(rbac.Allows(s_watcher, "get", "", "pods", "default", "x"));
    }

    [Fact]
    public void An_override_beats_the_roles_until_it_is_cleared()
    {
        var rbac = Bound("""{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}""", """{"kind":"ServiceAccount","name":"watcher"}""");
        rbac.Override("get", allowed: false);
        Assert.False(rbac.Allows(s_watcher, "get", "", "pods", "lab", "x"));
        rbac.ClearOverrides();
        Assert.True(rbac.Allows(s_watcher, "get", "", "pods", "lab", "x"));
        rbac.Enabled = false;
        Assert.True(rbac.Allows(s_watcher, "delete", "", "pods", "elsewhere", null));
    }

    private static Rbac Bound(string rule, string subject)
    {
        var rbac = new Rbac();
        rbac.Apply(Parse($$$"""{"kind":"Role","metadata":{"namespace":"lab","name":"r"},"rules":[{{{rule}}}]}"""));
        rbac.Apply(
            Parse($$$"""{"kind":"RoleBinding","metadata":{"namespace":"lab","name":"b"},"roleRef":{"kind":"Role","name":"r"},"subjects":[{{{subject}}}]}"""));
        return rbac;
    }

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}
