using Proa.EndToEnd.Processes;
using Proa.EndToEnd.Roots;

namespace Proa.EndToEnd.Image;

/// <summary>runAsUser with an ID that the image does not know, and no HOME, as where the image's runtime sets none.</summary>
public sealed class UnknownUser(BaseImages images) : IClassFixture<BaseImages>
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("/home/somebody")]
    public async Task Nothing_asks_the_image_who_the_user_is(string? home)
    {
        using var root = await Root.MakeAsync(images, BaseImage.Scratch, NameService.Default);
        await HostileLibrary.CompileAsync(Path.Combine(root.MakeDirectory("/usr/lib"), "libnss_hostile.so.2"));
        var etc = root.MakeDirectory("/etc");
        await File.WriteAllTextAsync(
            Path.Combine(etc, "nsswitch.conf"),
            "passwd: files hostile\ngroup: files hostile\nhosts: hostile\n",
            TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(etc, "passwd"), "root:x:0:0:root:/root:/bin/sh\n", TestContext.Current.CancellationToken);
        Executables.Copy(Executables.Launch, Path.Combine(root.MakeDirectory("/bin"), "launch"));

        await using var cluster = await Cluster.Cluster.StartAsync();
        await cluster.WriteServiceAccountFilesAsync(root.MakeDirectory("/var/run/secrets/kubernetes.io/serviceaccount"));
        var variables = new Dictionary<string, string?>(cluster.InClusterVariables) { ["HOME"] = home };
        await ImageLife.SucceedsAsync(cluster, command => root.Start([], variables, ["/bin/launch", "--user", "54321", .. command]), "/proa");
    }
}
