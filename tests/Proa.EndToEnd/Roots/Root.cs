using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Roots;

/// <summary>What a root has of the name service switch (nsswitch.conf(5)).</summary>
public enum NameService
{
    /// <summary>No configuration.</summary>
    Default,

    /// <summary>A configuration that names modules, of which there are none.</summary>
    Hostile,

    /// <summary>The same with the modules: a static executable that loads one needs the libc of its own build.</summary>
    HostileWithModules,
}

/// <summary>A root file system with proa in it, which nothing can write to.</summary>
internal sealed class Root : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly string _layers;

    private Root(string layers)
    {
        _layers = $"{_directory["files"]}:{layers}";
        foreach (var name in new[] { "root", "files/dev", "files/proc" }) Directory.CreateDirectory(_directory[name]);
        Executables.Copy(Executables.Proa, _directory["files/proa"]);
        _directory.Write("files/etc/hosts", "127.0.0.1 localhost\n127.0.0.1 sidecar.example\n");
        _directory.Write("files/etc/resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n");
    }

    /// <summary>Puts a root together.</summary>
    public static async Task<Root> MakeAsync(BaseImages images, BaseImage image, NameService names)
    {
        Executables.RequireRoot("mount a root file system of one's own");
        var (layers, modules) = await images.MakeAsync(image);
        var root = new Root(names == NameService.HostileWithModules ? $"{modules}:{layers}" : layers);
        if (names != NameService.Default) root._directory.Write("files/etc/nsswitch.conf", "hosts: files myhostname resolve dns\n");
        return root;
    }

    /// <summary>A directory in it, for files of the test.</summary>
    public string MakeDirectory(string name) => Directory.CreateDirectory(_directory["files" + name]).FullName;

    /// <summary>Starts a command there, as PID 1.</summary>
    /// <param name="options">More options for unshare.</param>
    /// <param name="variables">What is added to the environment.</param>
    /// <param name="command">The command.</param>
    public RunningProcess Start(string[] options, Dictionary<string, string?> variables, params string[] command) => RunningProcess.Start(
        [
            "unshare", "--mount", "--pid", "--fork", "--kill-child", .. options, "sh", "-ec",
            """
            mount -t overlay -o ro,lowerdir="$0" overlay "$1"; mount -t proc proc "$1/proc"; mount --rbind /dev "$1/dev"
            exec chroot "$@"
            """,
            _layers, _directory["root"], .. command,
        ],
        variables);

    public void Dispose() => _directory.Dispose();
}
