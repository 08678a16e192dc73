using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Image;

/// <summary>Variables that a main in .NET is configured with: proa is such a program too, and must not see them.</summary>
public sealed class RuntimeVariables
{
    [Theory]
    [InlineData("DOTNET_DbgEnableMiniDump", "1")]
    [InlineData("DOTNET_GCHeapHardLimit", "10000")]
    [InlineData("DOTNET_GCHeapHardLimit", "ffffffffffffffff")]
    [InlineData("DOTNET_GCRegionRange", "1000")]
    [InlineData("DOTNET_gcServer", "1")]
    [InlineData("COMPlus_DbgEnableMiniDump", "1")]
    public async Task They_take_no_effect_in_a_whole_life(string name, string value)
    {
        await using var cluster = await Cluster.Cluster.StartAsync();
        var variables = new Dictionary<string, string?>(cluster.Variables) { [name] = value };
        await ImageLife.SucceedsAsync(cluster, command => RunningProcess.Start(command, variables), Executables.Proa);
    }

    [Fact]
    public async Task Main_sees_its_environment_as_it_was_given_in_its_order_and_with_every_byte()
    {
        // The last but one is no UTF-8, the last has no name.
        string[] given =
        [
            "Z=1", "DOTNET_gcServer=1", "A=2", "COMPlus_gcServer=", "OPENSSL_CONF=/nowhere", "A=3", "LD_LIBRARY_PATH=/nowhere", "HOME=",
            "DOTNET_\u00ff=\u00fe", "=x",
        ];
        string[] under = Init.Init.Puppet(
            ["under", "no-variables", .. given.Select(variable => "variable=" + Convert.ToHexString([.. variable.Select(c => (byte)c)])), "--"]);
        await using var main = RunningProcess.Start([.. under, .. Init.Init.Proa("/usr/bin/env", "--null")]);
        Assert.Equal(string.Concat(given.Select(variable => variable + '\0')), await main.SucceedsAsync());
    }

    [Theory]
    [InlineData("DOTNET_DbgEnableMiniDump", "1")]
    [InlineData("DOTNET_GCHeapHardLimit", "10000")]
    public async Task They_take_no_effect_in_a_plain_init_nor_in_the_check(string name, string value)
    {
        var variables = new Dictionary<string, string?> { [name] = value };
        await using var main = RunningProcess.Start(Init.Init.Proa("sh", "-c", $"echo ${name}; exit 3"), variables);
        Assert.Equal((3, value + "\n", ""), await main.ResultAsync());
        await using var check = RunningProcess.Start([Executables.Proa, "--no-wait", "--check", "true"], variables);
        Assert.NotEqual("", await check.SucceedsAsync());
    }
}
