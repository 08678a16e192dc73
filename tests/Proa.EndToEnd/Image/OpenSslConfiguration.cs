using Proa.EndToEnd.Processes;
using Proa.EndToEnd.Roots;

namespace Proa.EndToEnd.Image;

/// <summary>What an image has to configure its own OpenSSL with means nothing to the one in proa.</summary>
public sealed class OpenSslConfiguration(BaseImages images) : IClassFixture<BaseImages>, IDisposable
{
    private const string Fips = """
        openssl_conf = init
        [init]
        providers = providers
        alg_section = algorithms
        [providers]
        fips = active
        base = active
        [active]
        activate = 1
        [algorithms]
        default_properties = fips=yes
        """;

    private const string Provider = """
        openssl_conf = init
        [init]
        providers = providers
        [providers]
        default = active
        own = own
        [active]
        activate = 1
        [own]
        module = LIBRARY
        activate = 1
        """;

    private const string Engine = """
        openssl_conf = init
        [init]
        engines = engines
        [engines]
        own = own
        [own]
        engine_id = own
        dynamic_path = LIBRARY
        init = 1
        """;

    private const string NoCiphers = """
        openssl_conf = init
        [init]
        ssl_conf = ssl
        [ssl]
        system_default = none
        [none]
        MinProtocol = TLSv1.3
        MaxProtocol = TLSv1.2
        """;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(Fips)]
    [InlineData(Provider)]
    [InlineData(Engine)]
    [InlineData(NoCiphers)]
    public async Task OPENSSL_CONF_takes_no_effect(string configuration)
    {
        await using var cluster = await Cluster.Cluster.StartAsync();
        var variables = await VariablesAsync(cluster, configuration);
        await ImageLife.SucceedsAsync(cluster, command => RunningProcess.Start(command, variables), Executables.Proa);
    }

    [Theory]
    [InlineData(Fips)]
    [InlineData(Provider)]
    public async Task The_check_says_what_it_says_without_OPENSSL_CONF(string configuration)
    {
        await using var cluster = await Cluster.Cluster.StartAsync();
        await using var plain = RunningProcess.Start([Executables.Proa, "--check", "--ignore=other"], cluster.Variables);
        await using var configured = RunningProcess.Start([Executables.Proa, "--check", "--ignore=other"], await VariablesAsync(cluster, configuration));
        var expected = await plain.ResultAsync();
        Assert.Equal((124, ""), (expected.ExitCode, expected.Errors));
        Assert.Equal(expected, await configured.ResultAsync());
    }

    [Theory]
    [InlineData(Fips)]
    [InlineData(Provider)]
    public async Task The_images_openssl_cnf_takes_no_effect(string configuration)
    {
        using var root = await Root.MakeAsync(images, BaseImage.Scratch, NameService.Default);
        await HostileLibrary.CompileAsync(Path.Combine(root.MakeDirectory("/usr/lib/ossl-modules"), "own.so"));
        await File.WriteAllTextAsync(
            Path.Combine(root.MakeDirectory("/usr/lib/ssl"), "openssl.cnf"),
            configuration.Replace("LIBRARY", "/usr/lib/ossl-modules/own.so", StringComparison.Ordinal),
            TestContext.Current.CancellationToken);
        await using var cluster = await Cluster.Cluster.StartAsync();
        await cluster.WriteServiceAccountFilesAsync(root.MakeDirectory("/var/run/secrets/kubernetes.io/serviceaccount"));
        var variables = cluster.InClusterVariables;
        await ImageLife.SucceedsAsync(cluster, command => root.Start([], variables, command), "/proa");
    }

    [Fact]
    public async Task What_processor_main_is_to_be_told_takes_no_effect()
    {
        // OpenSSL in proa would use instructions that no processor has.
        await using var cluster = await Cluster.Cluster.StartAsync();
        var variables =
            new Dictionary<string, string?>(cluster.Variables)
            {
                ["OPENSSL_ia32cap"] = "0xffffffffffffffff:0xffffffffffffffff", ["OPENSSL_armcap"] = "0xffffffff",
            };
        await ImageLife.SucceedsAsync(cluster, command => RunningProcess.Start(command, variables), Executables.Proa);
    }

    private async Task<Dictionary<string, string?>> VariablesAsync(Cluster.Cluster cluster, string configuration)
    {
        var library = await HostileLibrary.CompileAsync(_directory["own.so"]);
        return new(cluster.Variables)
        {
            ["OPENSSL_CONF"] = _directory.Write("openssl.cnf", configuration.Replace("LIBRARY", library, StringComparison.Ordinal)),
            ["OPENSSL_MODULES"] = _directory.Path,
            ["OPENSSL_ENGINES"] = _directory.Path,
        };
    }
}
