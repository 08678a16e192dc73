using System.Text;

namespace Proa.PodSimulator;

/// <summary>What a container's processes find around them.</summary>
internal sealed record ContainerSetup
{
    /// <summary>Whether this is done in a user namespace, for lack of root.</summary>
    public bool Rootless { get; init; } = Libc.EffectiveUserId() != 0;

    public required string ScratchDirectory { get; init; }

    public required string HostName { get; init; }

    public required IReadOnlyList<string> Command { get; init; }

    public required IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; }

    public required IReadOnlyList<BindMount> Mounts { get; init; }

    public string? WorkingDirectory { get; init; }

    public int? RunAsUser { get; init; }

    public int? RunAsGroup { get; init; }

    public IReadOnlyList<int> SupplementalGroups { get; init; } = [];

    public bool NoNewPrivileges { get; init; }

    public bool Privileged { get; init; }

    public bool ReadOnlyRoot { get; init; }

    public IReadOnlyList<string> DropCapabilities { get; init; } = [];

    public IReadOnlyList<string> AddCapabilities { get; init; } = [];

    // A user namespace may not clone a mount that others are mounted on, and / is one, so there its directories are taken one by one. What
    // cannot be overlaid is left out: the host's own directories are never shown writable.
    private const string RootlessImage = """
        mount -t tmpfs -o mode=0755 tmpfs "$scratch/layer/root"
        for entry in /*; do
          name=${entry#/}
          target=$scratch/layer/root/$name
          case $name in
            proc|sys|dev|tmp|run) mkdir "$target"; continue;;
          esac
          if [ -L "$entry" ]; then
            ln -s "$(readlink "$entry")" "$target"
          elif [ -d "$entry" ]; then
            mkdir "$target" "$scratch/layer/upper/$name" "$scratch/layer/work/$name"
            overlay "$entry" "$name" userxattr, || :
          fi
        done

        """;

    // All that the container was given as its image; of what was mounted since, /dev stays writable, as in a real one.
    private const string ReadOnlyImage = """
        for layer in $layers /tmp /run /; do mount -o remount,bind,ro "$layer"; done

        """;

    /// <summary>A file or directory of the host and where the container sees it.</summary>
    public readonly record struct BindMount(string Source, string Target, bool ReadOnly);

    // What containerd gives a container that asks for nothing else.
    private static readonly string[] s_capabilities =
        [
            "chown", "dac_override", "fowner", "fsetid", "kill", "setgid", "setuid", "setpcap", "net_bind_service", "net_raw",
            "sys_chroot", "mknod", "audit_write", "setfcap",
        ];

    /// <summary>
    /// The script that turns a fresh set of namespaces into the container. Its first line on stdout is "ready" just before the command
    /// takes its place, or "error" and why. What its own tools complain of goes to setup.log in the scratch directory.
    /// </summary>
    public string Script()
    {
        var scratch = Quote(ScratchDirectory);
        var script = new StringBuilder();
        script.Append($$"""
            exec 3>&2 2>{{scratch}}/setup.log </dev/null
            set -eu
            fail() { echo "error $1"; exit 128; }
            trap '[ $? = 0 ] || echo "error set-up failed"' EXIT
            # The image is the host's root file system; what the container writes stays in a tmpfs of its own.
            mount -t tmpfs -o mode=0755 tmpfs {{scratch}}/layer
            mkdir {{scratch}}/layer/upper {{scratch}}/layer/work {{scratch}}/layer/root
            scratch={{scratch}}
            layers=
            overlay() {
              mount -t overlay overlay -o "$3lowerdir=$1,upperdir=$scratch/layer/upper/$2,workdir=$scratch/layer/work/$2" "$scratch/layer/root/$2" \
                  && layers="$layers /$2"
            }

            """);
        script.Append(Rootless ? RootlessImage : "overlay / \"\" \"\"\n");
        script.Append($$"""
            cd {{scratch}}/layer/root
            mount -t proc proc proc
            mount --rbind /sys sys
            mount -t tmpfs -o mode=0755 tmpfs dev
            for device in null zero full random urandom tty; do : > dev/$device; mount --bind /dev/$device dev/$device; done
            mkdir dev/pts dev/shm
            mount -t devpts -o newinstance,ptmxmode=0666,mode=0620 devpts dev/pts
            mount -t tmpfs -o mode=1777 tmpfs dev/shm
            ln -s pts/ptmx dev/ptmx
            ln -s /proc/self/fd dev/fd
            ln -s /proc/self/fd/0 dev/stdin
            ln -s /proc/self/fd/1 dev/stdout
            ln -s /proc/self/fd/2 dev/stderr
            mount -t tmpfs -o mode=1777 tmpfs tmp
            mount -t tmpfs -o mode=0755 tmpfs run
            mkdir .host
            pivot_root . .host
            cd /
            # Targets are resolved inside the new root: /var/run is an absolute link on many hosts.
            attach() {
              if [ -d "/.host$1" ]; then mkdir -p "$2"; else mkdir -p "$(dirname "$2")"; [ -e "$2" ] || : > "$2"; fi
              mount --bind "/.host$1" "$2"
              [ "$3" = rw ] || mount -o remount,bind,ro "$2" || :
            }

            """);
        foreach (var mount in Mounts) script.Append($"attach {Quote(mount.Source)} {Quote(mount.Target)} {(mount.ReadOnly ? "ro" : "rw")}\n");
        script.Append("umount -l /.host\nrmdir /.host\n");
        script.Append($"hostname {Quote(HostName)}\n");
        var directory = Quote(WorkingDirectory ?? "/");
        script.Append($"[ -d {directory} ] || mkdir -p {directory}\ncd {directory}\n");
        var path = Environment.LastOrDefault(variable => variable.Key == "PATH").Value;
        script.Append($"(PATH={Quote(path)}; command -v -- {Quote(Command[0])} >/dev/null) || fail {Quote($"exec: \"{Command[0]}\": {NotFound()}")}\n");
        if (ReadOnlyRoot) script.Append(ReadOnlyImage);
        script.Append("trap - EXIT\necho ready\nexec </dev/null 2>&3 3>&-\n");
        script.Append($"exec setpriv {string.Join(' ', Privileges())} env -i "
            + $"{string.Join(' ', Environment.Select(variable => Quote($"{variable.Key}={variable.Value}")).Concat(Command.Select(Quote)))}\n");
        return script.ToString();
    }

    /// <summary>A word for the shell, whatever is in it.</summary>
    public static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private string NotFound() => Command[0].Contains('/') ? "stat: no such file or directory, or not executable" : "executable file not found in $PATH";

    /// <summary>Options of setpriv, for the command and for what is executed in the container later.</summary>
    public IEnumerable<string> Privileges()
    {
        // Again, because a change of user clears it.
        yield return "--pdeathsig=KILL";
        if (!Privileged)
        {
            var dropped = DropCapabilities.Select(Name).ToHashSet();
            var kept = (dropped.Contains("all") ? [] : s_capabilities.Where(capability => !dropped.Contains(capability))).Union(AddCapabilities.Select(Name));
            yield return $"--bounding-set={string.Join(',', kept.Select(capability => "+" + capability).Prepend("-all"))}";
        }

        if (NoNewPrivileges) yield return "--no-new-privs";
        if (RunAsUser is not null || RunAsGroup is not null || SupplementalGroups.Count > 0)
        {
            yield return $"--reuid={RunAsUser ?? 0}";
            yield return $"--regid={RunAsGroup ?? 0}";
            yield return SupplementalGroups.Count > 0 ? $"--groups={string.Join(',', SupplementalGroups)}" : "--clear-groups";
        }

        static string Name(string capability) =>
            capability.ToLowerInvariant() is var lower && lower.StartsWith("cap_", StringComparison.Ordinal) ? lower[4..] : lower;
    }
}
