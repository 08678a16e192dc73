using System.Collections.Immutable;
using System.Globalization;
using Proa.Sidecars;

namespace Proa.CommandLine;

/// <summary>The values of the options: those of the command line, else those of the PROA_* variables. Keeps the first error.</summary>
internal sealed class OptionValues(GivenOptions given, Func<string, string?> variable)
{
    /// <summary>Another name of PROA_LOG_LEVEL.</summary>
    public const string LogVariable = "PROA_LOG";

    /// <summary>What cloud-sql-proxy-operator sets in main: URLs, separated by spaces.</summary>
    public const string OperatorsVariable = "CSQL_PROXY_QUIT_URLS";

    private const int LargestExitCode = 255;
    private const int LongestHost = 253; // RFC 1035, without a dot at the end
    private const string PortHint = "a port is a number from 1 to 65535";

    private static readonly List<string> _none = [];

    public UsageError? Error { get; private set; }

    /// <summary>The first thing that is skipped of <see cref="OperatorsVariable"/>.</summary>
    public UsageError? Skipped { get; private set; }

    public bool IsOnCommandLine(string name) => given.Has(name);

    /// <summary>Whether only these options are on the command line.</summary>
    public bool AreAllIn(params ReadOnlySpan<string> names) => given.AreAllIn(names);

    /// <summary>A text in which an option that a variable gives has the variable's name.</summary>
    public string AsGiven(string text) => string.Join(' ', text.Split(' ').Select(word =>
    {
        var name = word.TrimEnd(',', ':', ';');
        return name.StartsWith("--", StringComparison.Ordinal)
            && OptionTable.Named(name[2..]) is { HasVariable: true } option
            && !given.Has(option.Name)
            && variable(option.Variable) is { Length: > 0 } ? option.Variable + word[name.Length..] : word;
    }));

    public bool AreGivenAlike(string one, string other) => given.Has(one) == given.Has(other);

    public bool Flag(string name)
    {
        var (values, source) = Look(name);
        if (values.Count == 0) return false;
        if (IsOneOf(values[^1], "true", "1", "yes", "on")) return true;
        if (!IsOneOf(values[^1], "false", "0", "no", "off"))
            Fail($"{source} is {Parser.Quote(values[^1])}, which is neither true nor false", $"set {source}=true, or unset it");
        return false;
    }

    public T Choice<T>(string name, T absent, params ReadOnlySpan<(string Word, T Value)> choices)
    {
        var (values, source) = Look(name);
        if (values.Count == 0) return absent;
        var words = "";
        foreach (var (word, value) in choices)
        {
            if (string.Equals(word, values[^1], StringComparison.OrdinalIgnoreCase)) return value;
            words += (words.Length == 0 ? "" : ", ") + word;
        }

        Fail($"{source} {Parser.Quote(values[^1])} is not known", $"it is one of {words}");
        return absent;
    }

    public TimeSpan? Duration(string name)
    {
        var (values, source) = Look(name);
        if (values.Count == 0) return null;
        if (Proa.Duration.TryParse(values[^1], out var duration)) return duration;
        Fail($"{source} {Parser.Quote(values[^1])} is not a duration", $"write 90, 1m30s or 500ms; at most {Proa.Duration.Format(Proa.Duration.Longest)}");
        return null;
    }

    public int Signal(string name, int absent)
    {
        var (values, source) = Look(name);
        if (values.Count == 0) return absent;
        if (Signals.TryParse(values[^1], out var signal)) return signal;
        Fail($"{source} {Parser.Quote(values[^1])} is not a signal", "write TERM, SIGTERM or 15");
        return absent;
    }

    public ImmutableArray<SignalMapping> SignalMappings(string name)
    {
        var (values, source) = Look(name);
        if (values.Count == 0) return [];
        var mappings = ImmutableArray.CreateBuilder<SignalMapping>(values.Count);
        foreach (var value in values)
        {
            var equals = value.IndexOf('=', StringComparison.Ordinal);
            var (from, to) = (0, 0);
            var (left, right) = equals < 0 ? ("", "") : (value[..equals], value[(equals + 1)..]);
            const string Hint = "write two signals, like TERM=INT, or TERM=0 so that main does not get it";
            if (equals < 0)
                Fail($"{source} {Parser.Quote(value)} is not FROM=TO", Hint);
            else if (!Signals.TryParse(left, out from))
                Fail($"{source} {Parser.Quote(value)}: {Parser.Quote(left)} is not a signal", Hint);
            else if (right != "0" && !Signals.TryParse(right, out to))
                Fail($"{source} {Parser.Quote(value)}: {Parser.Quote(right)} is not a signal", Hint);
            else if (!Signals.IsForwarded(from))
                Fail($"{source} {Parser.Quote(value)}: proa never forwards {Signals.Of(from)}", "leave it out");
            else if (mappings.Any(m => m.From == from && m.To != to))
                Fail($"{source} maps {Signals.Of(from)} to two signals", "remove one of them");
            else
                mappings.Add(new(from, to));
        }

        return mappings.ToImmutable();
    }

    public ImmutableArray<StopOn> StopOn(string name)
    {
        var stops = ImmutableArray.CreateBuilder<StopOn>();
        foreach (var value in Names(name))
        {
            var comma = value.IndexOf(',', StringComparison.Ordinal);
            var sidecar = comma < 0 ? value : value[..comma];
            if (sidecar.Length == 0 || (comma >= 0 && value[(comma + 1)..] != Proa.StopOn.Restart))
                Fail($"{Look(name).Source} {Parser.Quote(value)} is neither NAME nor NAME,restart", "give the option once for each sidecar");
            else
                stops.Add(new(sidecar == Proa.StopOn.All ? null : sidecar, comma >= 0));
        }

        return stops.ToImmutable();
    }

    public ImmutableArray<int> ExitCodes(string name)
    {
        var (values, source) = Look(name);
        if (values.Count == 0) return [];
        var codes = ImmutableArray.CreateBuilder<int>(values.Count);
        foreach (var value in values)
        {
            if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var code) || code > LargestExitCode)
                Fail($"{source} {Parser.Quote(value)} is not an exit code", "write a number from 0 to 255; it is 128+n if signal n ends main");
            else
                codes.Add(code);
        }

        return codes.ToImmutable();
    }

    public ImmutableArray<ProcessSelector> Selectors(string name)
    {
        var selectors = ImmutableArray.CreateBuilder<ProcessSelector>();
        foreach (var value in Names(name))
        {
            var isContainer = value.StartsWith(ProcessSelector.ContainerPrefix, StringComparison.Ordinal);
            var text = isContainer ? value[ProcessSelector.ContainerPrefix.Length..] : value;
            if (text.Contains('/', StringComparison.Ordinal) || (isContainer && text.Length == 0))
                Fail(
                    $"{Look(name).Source} {Parser.Quote(value)} is neither a file name nor a container",
                    $"give the executable's file name without its directory, or {ProcessSelector.ContainerPrefix}NAME");
            else
                selectors.Add(isContainer ? new(null, text) : new(text, null));
        }

        return selectors.ToImmutable();
    }

    public ImmutableArray<string> Names(string name)
    {
        var (values, source) = Look(name);
        if (values.Contains("")) Fail($"{source} has an empty name", "give a name");
        return Distinct(values);
    }

    public string? Name(string name)
    {
        var (values, source) = Look(name);
        if (values is [.., ""]) Fail($"{source} has an empty name", "give a name");
        return values.Count == 0 ? null : values[^1];
    }

    /// <summary>A path, which does not begin with a dash: that is more likely an option in the wrong place.</summary>
    public string? Path(string name)
    {
        var path = Name(name);
        if (path is ['-', ..]) FailAsDashed(Look(name).Source, path);
        return path;
    }

    /// <summary>The GET requests, then the POST requests, without duplicates.</summary>
    public ImmutableArray<ShutdownRequest> Requests(string getName, string postName)
    {
        var requests = ImmutableArray.CreateBuilder<ShutdownRequest>();
        Add(getName, ShutdownMethod.Get);
        Add(postName, ShutdownMethod.Post);
        return requests.ToImmutable();

        void Add(string name, ShutdownMethod method)
        {
            foreach (var url in Urls(name, "http://localhost:15020/quitquitquit"))
            {
                var request = new ShutdownRequest(method, url);
                if (!requests.Contains(request)) requests.Add(request);
            }
        }
    }

    public ImmutableArray<Uri> Urls(string name, string example)
    {
        var (values, source) = Look(name);
        if (values.Count == 0) return [];
        var urls = ImmutableArray.CreateBuilder<Uri>(values.Count);
        foreach (var value in values)
        {
            var (url, problem) = Url(value, example);
            if (url is not null) urls.Add(url);
            else Fail($"{source} {problem!.Message}", problem.Hint);
        }

        return urls.ToImmutable();
    }

    private static (Uri? Url, UsageError? Problem) Url(string value, string example) =>
        !Uri.TryCreate(value, UriKind.Absolute, out var url) || url.Host.Length == 0
            ? (null, new($"{Parser.Quote(value)} is not a URL", "write it in full, like " + example))
        : url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps
            ? (null, new($"{Parser.Quote(value)} is not http or https", "only http:// and https:// can be asked"))
        : url.Port == 0 ? (null, new($"{Parser.Quote(value)} has port 0", PortHint))
        : (url, null);

    /// <summary>The kinds that <c>--known</c> names, and whether proa recognises sidecars by the Pod's spec.</summary>
    public (bool UsesKnown, ImmutableArray<KnownSidecar> Kinds) Known(string name, bool isOnByDefault)
    {
        var (values, source) = Look(name);
        if (values.Count == 0) return (isOnByDefault, []);
        var words = Distinct(values.ConvertAll(v => v.ToLowerInvariant()));
        var kinds = ImmutableArray.CreateBuilder<KnownSidecar>();
        foreach (var word in words)
        {
            if (word is "auto" or "off") continue;
            if (KnownSidecars.Named(word) is { } known) kinds.Add(known);
            else Fail(
                $"{source} {Parser.Quote(word)} is not a kind of sidecar that proa knows",
                (OptionTable.Nearest(word, ["auto", "off", .. KnownSidecars.All.Select(k => k.Kind)]) is { } nearest ? $"did you mean {nearest}? " : "")
                    + "proa --list-known prints the kinds");
        }

        if (words.Length > 1 && words.Contains("off")) Fail($"{source} off contradicts {source} {words.First(w => w != "off")}", "remove one of them");
        return (!words.Contains("off"), kinds.ToImmutable());
    }

    /// <summary>The requests that the Cloud SQL operator gives main to end its proxies with. What is wrong there is not for main's user to correct.</summary>
    public List<ShutdownRequest> OperatorsRequests()
    {
        var requests = new List<ShutdownRequest>();
        foreach (var value in (variable(OperatorsVariable) ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            var (url, problem) = Url(value, "http://localhost:9091/quitquitquit");
            if (url is not null) requests.Add(new(ShutdownMethod.Post, url));
            else Skipped ??= problem;
        }

        return requests;
    }

    public ImmutableArray<TcpEndpoint> Endpoints(string name)
    {
        const string write = "write HOST:PORT, like localhost:5432 or [::1]:5432";
        var (values, source) = Look(name);
        if (values.Count == 0) return [];
        var endpoints = ImmutableArray.CreateBuilder<TcpEndpoint>(values.Count);
        foreach (var value in values)
        {
            var colon = value.LastIndexOf(':');
            var (host, port) = colon < 0 || value.EndsWith(']') ? (value, "") : (value[..colon], value[(colon + 1)..]);
            var isAddress = host is ['[', _, .., ']'];
            if (isAddress) host = host[1..^1];
            var kind = Uri.CheckHostName(host);
            if (kind == UriHostNameType.Unknown || host.Length > LongestHost || isAddress != (kind == UriHostNameType.IPv6))
                Fail($"{source} {Parser.Quote(value)} is not HOST:PORT", write);
            else if (port.Length == 0)
                Fail($"{source} {Parser.Quote(value)} has no port", write);
            else if (!int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is < 1 or > 65535)
                Fail($"{source} {Parser.Quote(value)}: {Parser.Quote(port)} is not a port", PortHint);
            else
                endpoints.Add(new(host, number));
        }

        return endpoints.ToImmutable();
    }

    /// <summary>Paths, none of which begins with a dash.</summary>
    public ImmutableArray<string> Files(string name)
    {
        var (values, source) = Look(name);
        if (values.Count == 0) return [];
        if (values.Contains("")) Fail($"{source} has an empty path", "give the file's path");
        if (values.Find(v => v is ['-', ..]) is { } path) FailAsDashed(source, path);
        return Distinct(values);
    }

    /// <summary>
    /// <c>--log-level</c>, else PROA_LOG_LEVEL, else PROA_LOG, else what the original's RUST_LOG says of proa. A RUST_LOG that
    /// is not understood is not ours to refuse: it may be main's.
    /// </summary>
    public LogLevel Level()
    {
        const LogLevel absent = LogLevel.Info;
        if (Look("log-level").Values.Count > 0)
        {
            return Choice(
                "log-level",
                absent,
                ("trace", LogLevel.Trace),
                ("debug", LogLevel.Debug),
                ("info", LogLevel.Info),
                ("warn", LogLevel.Warn),
                ("warning", LogLevel.Warn),
                ("error", LogLevel.Error),
                ("off", LogLevel.Off));
        }

        if (variable(LogVariable) is { Length: > 0 } own)
        {
            if (RustLog.LevelOf(own) is { } level) return level;
            Fail($"{LogVariable} {Parser.Quote(own)} is not known", "it is one of trace, debug, info, warn, error, off");
        }

        return variable("RUST_LOG") is { Length: > 0 } rust ? RustLog.LevelOf(rust) ?? absent : absent;
    }

    private (List<string> Values, string Source) Look(string name)
    {
        if (given.Has(name)) return (given.ValuesOf(name), "--" + name);
        var option = OptionTable.Named(name)!;
        var text = option.HasVariable ? variable(option.Variable) : null;
        // An empty variable is an unset one: that is how manifests switch a variable off.
        if (string.IsNullOrEmpty(text)) return (_none, "");
        string[] parts = option.Argument == OptionArgument.Repeatable
            ? text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            : [text.Trim()];
        return ([.. parts], option.Variable);
    }

    private static bool IsOneOf(string value, params ReadOnlySpan<string> words)
    {
        foreach (var word in words)
        {
            if (string.Equals(word, value, StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }

    private static ImmutableArray<string> Distinct(List<string> values)
    {
        if (values.Count == 0) return [];
        var distinct = ImmutableArray.CreateBuilder<string>(values.Count);
        foreach (var value in values)
        {
            if (!distinct.Contains(value)) distinct.Add(value);
        }

        return distinct.ToImmutable();
    }

    private void FailAsDashed(string source, string path) =>
        Fail($"{source} {Parser.Quote(path)} begins with a dash", $"if it is a path, write {Parser.Quote("./" + path)}");

    private void Fail(string message, string hint) => Error ??= new(message, hint);
}
