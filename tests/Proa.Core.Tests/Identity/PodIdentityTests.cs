using Proa.Identity;
using Proa.Pods;

namespace Proa.Tests.Identity;

public sealed class PodIdentityTests
{
    private static readonly ServiceAccountToken _token = new("lab", "claimed", "uid-1", "watcher");
    private static readonly PodEvidence _all = new(null, null, _token, "variable", "variable-namespace", "default-namespace", "host");

    [Fact]
    public void The_option_goes_before_the_token() => Is("lab", "given", "--pod", _all with { PodOption = "given" });

    [Fact]
    public void The_token_goes_before_the_variables() => Is("lab", "claimed", "the service account token", _all);

    [Fact]
    public void The_variables_go_before_the_host_name() => Is("variable-namespace", "variable", "POD_NAME", _all with { Token = null });

    [Fact]
    public void The_host_name_is_the_last_resort() => Is("variable-namespace", "host", "the host name", _all with { Token = null, PodNameVariable = null });

    [Fact]
    public void The_namespace_option_goes_before_the_token() => Is("given", "claimed", "the service account token", _all with { NamespaceOption = "given" });

    [Fact]
    public void The_default_namespace_counts_where_no_variable_is_set() =>
        Is("default-namespace", "host", "the host name", _all with { Token = null, PodNameVariable = null, PodNamespaceVariable = null });

    [Fact]
    public void The_last_namespace_is_default() => Is("default", "host", "the host name", new(null, null, null, null, null, null, "host"));

    [Theory]
    [InlineData("")]
    [InlineData(" \n")]
    public void An_empty_variable_is_an_unset_one(string value) => Is("default", "host", "the host name", new(null, null, null, value, value, value, "host"));

    [Fact]
    public void The_line_feed_of_a_namespace_file_is_cut_off() => Is("lab", "host", "the host name", new(null, null, null, null, null, "lab\n", "host"));

    [Fact]
    public void A_token_that_is_bound_to_no_Pod_still_tells_the_namespace() =>
        Is("lab", "variable", "POD_NAME", _all with { Token = new("lab", "", "", "watcher") });

    [Fact]
    public void A_host_name_with_dots_is_looked_up_as_it_is_and_then_cut_at_the_first() =>
        Assert.Equal(["web.0.lab.svc", "web"], new PodEvidence(null, null, null, null, null, null, "web.0.lab.svc").Decide().Names);

    [Fact]
    public void A_name_with_dots_from_elsewhere_is_not_cut() =>
        Assert.Equal(["web.0"], new PodEvidence(null, null, null, "web.0", null, null, "host").Decide().Names);

    [Fact]
    public void A_host_name_that_begins_with_a_dot_is_not_cut_to_nothing() =>
        Assert.Equal([".web"], new PodEvidence(null, null, null, null, null, null, ".web").Decide().Names);

    [Fact]
    public void The_tokens_uid_must_be_the_Pods() => Assert.Equal("uid-1", _all.Decide().Uid);

    [Fact]
    public void An_option_that_names_the_same_Pod_keeps_the_uid() =>
        Assert.Equal("uid-1", (_all with { PodOption = "claimed", NamespaceOption = "lab" }).Decide().Uid);

    [Theory]
    [InlineData("another", null)]
    [InlineData(null, "another")]
    [InlineData("another", "another")]
    public void An_option_that_names_another_Pod_drops_the_uid(string? pod, string? podNamespace) =>
        Assert.Equal("", (_all with { PodOption = pod, NamespaceOption = podNamespace }).Decide().Uid);

    [Fact]
    public void The_service_account_is_the_tokens() => Assert.Equal("watcher", (_all with { PodOption = "given" }).Decide().ServiceAccount);

    [Fact]
    public void All_names_that_are_looked_up_are_described() =>
        Assert.Equal("Pod lab/web.0 or web", new PodIdentity("lab", ["web.0", "web"], "", "", "the host name").Describe());

    private static void Is(string podNamespace, string name, string source, PodEvidence evidence)
    {
        var identity = evidence.Decide();
        Assert.Equal((podNamespace, name, source), (identity.Namespace, Assert.Single(identity.Names), identity.Source));
    }
}
