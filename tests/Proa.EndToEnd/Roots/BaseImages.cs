using System.Diagnostics;
using System.Globalization;
using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Roots;

/// <summary>What a root file system is made of.</summary>
public enum BaseImage
{
    /// <summary>Nothing.</summary>
    Scratch,

    /// <summary>Debian with the libc that proa is built with.</summary>
    Debian12,

    /// <summary>Debian with a later libc.</summary>
    Debian13,

    /// <summary>As Alpine is: musl and busybox.</summary>
    Musl,
}

/// <summary>
/// The root file systems, each made when a test first needs it. Those of Debian stay in the build's output, for they take a while; they
/// are unpacked, not configured, which is all the same to proa.
/// </summary>
public sealed class BaseImages : IDisposable
{
    private const string Main = """
        #include <stdio.h>
        int main(void) { puts("main runs"); return 42; }
        """;

    private readonly TemporaryDirectory _directory = new();
    private readonly Dictionary<BaseImage, (string Root, string Modules)> _made = [];

    /// <summary>The directory of a root, with main at /main, and that of the NSS modules for it.</summary>
    internal async Task<(string Root, string Modules)> MakeAsync(BaseImage image)
    {
        if (_made.TryGetValue(image, out var made)) return made;
        var modules = Directory.CreateDirectory(_directory[$"{image}/modules"]).FullName;
        var program = Directory.CreateDirectory(_directory[$"{image}/program"]).FullName;
        var root = image switch
        {
            BaseImage.Scratch => Directory.CreateDirectory(_directory[$"{image}/root"]).FullName,
            BaseImage.Debian12 => await DebianAsync("bookworm", modules),
            BaseImage.Debian13 => await DebianAsync("trixie", modules),
            BaseImage.Musl => MuslAndBusybox(_directory[$"{image}/root"]),
        };
        await CompileAsync(image, program + "/main");
        return _made[image] = ($"{program}:{root}", modules);
    }

    public void Dispose() => _directory.Dispose();

    private static async Task<string> DebianAsync(string suite, string modules)
    {
        Executables.Require("debootstrap", "debootstrap");
        var root = Path.Combine(AppContext.BaseDirectory, "roots", suite);
        if (!Directory.Exists(root))
        {
            var unfinished = root + ".new";
            if (Directory.Exists(unfinished)) Directory.Delete(unfinished, recursive: true);
            Directory.CreateDirectory(Path.GetDirectoryName(root)!);
            var problem = await DebootstrapAsync(suite, unfinished);
            Assert.SkipWhen(problem.Length > 0, $"debootstrap cannot make a root of Debian's {suite} here: {problem}");
            Directory.Move(unfinished, root);
        }

        foreach (var package in Directory.GetFiles(Path.Combine(root, "var/cache/apt/archives"), "libnss-*.deb"))
        {
            await using var extract = RunningProcess.Start(["dpkg-deb", "--extract", package, modules]);
            await extract.SucceedsAsync();
        }

        return root;
    }

    /// <summary>Unpacks a Debian from where this machine has its own, with the packages of two NSS modules beside it.</summary>
    /// <returns>Why not, or nothing.</returns>
    private static async Task<string> DebootstrapAsync(string suite, string root)
    {
        await using var sites = RunningProcess.Start(["apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages", "Component: main"]);
        var mirror = (await sites.SucceedsAsync()).Split('\n')[0];
        var start = new ProcessStartInfo("debootstrap", ["--foreign", "--variant=minbase", "--include=libnss-myhostname,libnss-resolve", suite, root, mirror])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var debootstrap = Process.Start(start)!;
        var said = await Task.WhenAll(debootstrap.StandardOutput.ReadToEndAsync(), debootstrap.StandardError.ReadToEndAsync());
        await debootstrap.WaitForExitAsync(TestContext.Current.CancellationToken);
        return debootstrap.ExitCode == 0
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $"exit code {debootstrap.ExitCode}: {string.Concat(said).TrimEnd().Split('\n')[^1]}");
    }

    private static string MuslAndBusybox(string root)
    {
        Executables.Require("musl-gcc", "musl-tools");
        Executables.Require("busybox", "busybox-static");
        Directory.CreateDirectory(root + "/lib");
        Directory.CreateDirectory(root + "/bin");
        foreach (var loader in Directory.GetFiles("/lib", "ld-musl-*.so.1")) File.Copy(loader, root + loader);
        File.Copy(Executables.Find("busybox")!, root + "/bin/busybox");
        File.CreateSymbolicLink(root + "/bin/sh", "busybox");
        return root;
    }

    private static async Task CompileAsync(BaseImage image, string program)
    {
        string[] compiler = image switch
        {
            BaseImage.Scratch => ["gcc", "-static"],
            BaseImage.Debian12 or BaseImage.Debian13 => ["gcc"],
            BaseImage.Musl => ["musl-gcc"],
        };
        await using var gcc = RunningProcess.Start([.. compiler, "-x", "c", "-", "-o", program]);
        await gcc.TypeAsync(Main);
        gcc.CloseInput();
        await gcc.SucceedsAsync();
    }
}
