using System.Globalization;

namespace Proa.PodSimulator;

/// <summary>The command line of the console program.</summary>
internal sealed record CommandLine
{
    public const string Help = """
        Usage: Proa.PodSimulator run MANIFEST.yaml [OPTION]...

        Runs a Kubernetes Job or Pod without a cluster: plays API server and kubelet on loopback.
        Containers are processes in namespaces of their own; their image is this machine's root file system.

          --mount HOSTPATH:PATH            show a host file or directory in every container, read-only; repeatable
          --env NAME=VALUE                 a variable for every container that does not set it; repeatable
          --set-env [CONTAINER:]NAME=VALUE replace a variable of the manifest; repeatable
          --entrypoint IMAGE=COMMAND       the command of containers of that image that have none; repeatable
          --namespace NAME                 the namespace of objects that name none (default: default)
          --time-scale N                   divide the kubelet's intervals by N (default: 1)
          --timeout DURATION               give up after this time: 90, 1m30s, 500ms
          --verbose                        show what the kubelet does
          --no-color                       no colours on a terminal
          -h, --help                       this text

        Exit code: 0 succeeded, 1 failed or timed out, 2 wrong usage or manifest, 130 interrupted.

        """;

    public string ManifestPath { get; private init; } = "";

    public bool ShowHelp { get; private init; }

    public bool Verbose { get; private init; }

    public bool NoColor { get; private init; }

    public TimeSpan Timeout { get; private init; } = System.Threading.Timeout.InfiniteTimeSpan;

    public SimulatorOptions Options { get; private init; } = new();

    /// <exception cref="UsageException">The arguments are wrong.</exception>
    public static CommandLine Parse(string[] arguments)
    {
        if (arguments.Any(argument => argument is "-h" or "--help")) return new CommandLine { ShowHelp = true };
        if (arguments is not ["run", .. var rest]) throw new UsageException("the command is missing: run MANIFEST.yaml");
        var mounts = new Dictionary<string, string>();
        var variables = new Dictionary<string, string>();
        var overrides = new Dictionary<string, string>();
        var entrypoints = new Dictionary<string, IReadOnlyList<string>>();
        var result = new CommandLine();
        for (var index = 0; index < rest.Length; index++)
        {
            var (name, value) = rest[index].StartsWith("--", StringComparison.Ordinal) && rest[index].Split('=', 2) is [var option, var attached]
                ? (option, attached)
                : (rest[index], null);
            switch (name)
            {
                case "--mount":
                    var (host, path) = Pair(Value(), ':', name);
                    if (!Path.Exists(host)) throw new UsageException($"--mount: {host} does not exist");
                    mounts[path] = host;
                    break;
                case "--env":
                    Add(variables, Pair(Value(), '=', name));
                    break;
                case "--set-env":
                    Add(overrides, Pair(Value(), '=', name));
                    break;
                case "--entrypoint":
                    var (image, command) = Pair(Value(), '=', name);
                    entrypoints[image] = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                    break;
                case "--namespace":
                    result = result with { Options = result.Options with { Namespace = Value() } };
                    break;
                case "--time-scale":
                    if (!double.TryParse(Value(), CultureInfo.InvariantCulture, out var scale) || scale <= 0)
                        throw new UsageException("--time-scale: a number above 0 is needed");
                    result = result with { Options = result.Options with { TimeScale = scale } };
                    break;
                case "--timeout":
                    result = result with { Timeout = Duration(Value()) };
                    break;
                case "--verbose":
                    result = result with { Verbose = true };
                    break;
                case "--no-color":
                    result = result with { NoColor = true };
                    break;
                default:
                    if (name.StartsWith('-')) throw new UsageException($"unknown option {name}");
                    if (result.ManifestPath.Length > 0) throw new UsageException($"one manifest only, not also {name}");
                    result = result with { ManifestPath = rest[index] };
                    break;
            }

            string Value() => value ?? (++index < rest.Length ? rest[index] : throw new UsageException($"{name} needs a value"));
        }

        if (result.ManifestPath.Length == 0) throw new UsageException("the manifest is missing: run MANIFEST.yaml");
        return result with
        {
            Options = result.Options with { Executables = mounts, Environment = variables, EnvironmentOverrides = overrides, ImageEntrypoints = entrypoints },
        };
    }

    /// <summary>Reads 90, 1m30s, 500ms and the like.</summary>
    /// <exception cref="UsageException">It is no duration.</exception>
    public static TimeSpan Duration(string text)
    {
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)) return TimeSpan.FromSeconds(seconds);
        var total = TimeSpan.Zero;
        for (var rest = text; rest.Length > 0;)
        {
            var digits = rest.TakeWhile(c => char.IsAsciiDigit(c) || c == '.').Count();
            var unit = new string([.. rest.Skip(digits).TakeWhile(char.IsAsciiLetter)]);
            if (!double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                throw new UsageException($"'{text}' is no duration");
            total += unit switch
            {
                "ms" => TimeSpan.FromMilliseconds(number),
                "s" => TimeSpan.FromSeconds(number),
                "m" => TimeSpan.FromMinutes(number),
                "h" => TimeSpan.FromHours(number),
                _ => throw new UsageException($"'{text}' is no duration"),
            };
            rest = rest[(digits + unit.Length)..];
        }

        return text.Length > 0 ? total : throw new UsageException("a duration is needed");
    }

    private static (string, string) Pair(string text, char separator, string option) =>
        text.Split(separator, 2) is [{ Length: > 0 } first, var second]
            ? (first, second)
            : throw new UsageException($"{option}: '{text}' has no '{separator}'");

    private static void Add(Dictionary<string, string> to, (string Name, string Value) pair) => to[pair.Name] = pair.Value;
}
