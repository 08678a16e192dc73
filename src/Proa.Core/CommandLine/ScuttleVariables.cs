using System.Buffers;
using System.Globalization;

namespace Proa.CommandLine;

/// <summary>
/// What scuttle's variables mean (redboxllc/scuttle, kvij/scuttle), as options of ours, for whoever puts proa in scuttle's place. What scuttle
/// only fails with when it comes to it is left out.
/// </summary>
internal sealed class ScuttleVariables
{
    /// <summary>The name that proa may be started by.</summary>
    public const string Program = "scuttle";

    private const string Logging = "SCUTTLE_LOGGING";
    private const string AdminApi = "ENVOY_ADMIN_API";
    private const string QuitApi = "ISTIO_QUIT_API";
    private const string Endpoints = "GENERIC_QUIT_ENDPOINTS";
    private const string ReadyTimeout = "ready-timeout";
    private const int AdminPort = 15000;
    private const int QuitPort = 15020;
    private static readonly SearchValues<char> _ofNumbers = SearchValues.Create("0123456789.");
    private static readonly TimeSpan _quitTimeout = TimeSpan.FromSeconds(5);

    /// <summary>All but SCUTTLE_LOGGING, which says nothing of whom to wait for and whom to end.</summary>
    private static readonly string[] _names =
    [
        AdminApi, "START_WITHOUT_ENVOY", "WAIT_FOR_ENVOY_TIMEOUT", "QUIT_WITHOUT_ENVOY_TIMEOUT", QuitApi, "NEVER_KILL_ISTIO",
        "NEVER_KILL_ISTIO_ON_FAILURE", Endpoints, "GENERIC_QUIT_ONLY", "QUIT_REQUEST_TIMEOUT",
    ];

    private readonly Func<string, string?> _variable;
    private readonly List<(string Name, string Value)> _options = [];
    private readonly List<string> _skipped = [];

    private ScuttleVariables(Func<string, string?> variable) => _variable = variable;

    /// <summary>The options, each with its value, which is empty for those that take none.</summary>
    public IReadOnlyList<(string Name, string Value)> Options => _options;

    /// <summary>The variables with a value that is not understood, and that scuttle would not heed either.</summary>
    public IReadOnlyList<string> Skipped => _skipped;

    public UsageError? Error { get; private set; }

    /// <summary>The command line that says the same: <c>proa --no-api -- COMMAND</c>.</summary>
    public string Equivalent =>
        "proa " + Parser.Show([.. _options.Select(o => $"--{o.Name}{(o.Value.Length == 0 ? "" : "=" + o.Value)}"), "--", "COMMAND"]);

    /// <summary>Whether there is any of them.</summary>
    public static bool AreSet(Func<string, string?> variable)
    {
        if (variable(Logging) is { Length: > 0 }) return true;
        foreach (var name in _names)
        {
            if (variable(name) is { Length: > 0 }) return true;
        }

        return false;
    }

    /// <param name="variable">Gives an environment variable's value, or null.</param>
    /// <param name="isScuttle">Whether proa was started as scuttle.</param>
    /// <param name="waitsOtherwise">Whether an option of ours says whom to wait for.</param>
    /// <param name="endsOtherwise">Whether an option of ours says whom to end and how.</param>
    /// <param name="logsOtherwise">Whether an option of ours says how much to log.</param>
    public static ScuttleVariables Read(Func<string, string?> variable, bool isScuttle, bool waitsOtherwise, bool endsOtherwise, bool logsOtherwise)
    {
        var scuttle = new ScuttleVariables(variable);
        if (isScuttle || _names.Any(name => scuttle.Text(name).Length > 0))
        {
            if (!waitsOtherwise) scuttle.Wait();
            if (!endsOtherwise) scuttle.End();
        }

        if (scuttle.Text(Logging) == "false" && !logsOtherwise) scuttle.Add("log-level", "error");
        return scuttle;
    }

    private void Wait()
    {
        Add("no-api");
        var api = Text(AdminApi);
        if (api.Length == 0 || IsTrue("START_WITHOUT_ENVOY")) return;
        if (!IsUrl(api)) Error = new($"{AdminApi} {Parser.Quote(api)} is not a URL", "write it in full, like http://127.0.0.1:15000");
        Add("wait-http", Below(api, Waiting.Envoy.ServerInfo));
        if (Time("QUIT_WITHOUT_ENVOY_TIMEOUT") is { } quit)
        {
            Add(ReadyTimeout, Duration.Format(quit));
        }
        else if (Time("WAIT_FOR_ENVOY_TIMEOUT") is { } wait)
        {
            Add(ReadyTimeout, Duration.Format(wait));
            Add("on-timeout", "start");
        }
    }

    private void End()
    {
        var api = Text(AdminApi);
        var isOnlyGeneric = IsTrue("GENERIC_QUIT_ONLY");
        var isLocal = api.Contains("127.0.0.1", StringComparison.Ordinal) || api.Contains("localhost", StringComparison.Ordinal);
        if (!isOnlyGeneric && !isLocal) return;
        if (!isOnlyGeneric && IsTrue("NEVER_KILL_ISTIO"))
        {
            Add("shutdown-when", "never");
            return;
        }

        foreach (var endpoint in Text(Endpoints).Trim(' ').Split(',')) Post(Endpoints, endpoint.Trim(' '));
        if (!isOnlyGeneric) EndIstio(api);
        if (_options.Any(o => o.Name is "shutdown-http-post" or "kill"))
            Add("shutdown-timeout", Duration.Format(Time("QUIT_REQUEST_TIMEOUT") ?? _quitTimeout));
        if (!isOnlyGeneric && IsTrue("NEVER_KILL_ISTIO_ON_FAILURE")) Add("shutdown-when", "success");
    }

    private void EndIstio(string adminApi)
    {
        var quit = Text(QuitApi);
        if (quit.Length == 0 && Uri.TryCreate(adminApi, UriKind.Absolute, out var url) && url.Port == AdminPort)
            quit = new UriBuilder(url) { Port = QuitPort }.Uri.AbsoluteUri;
        if (quit.Length > 0)
        {
            Post(QuitApi, Below(quit, "/quitquitquit"));
            return;
        }

        Add("kill", "pilot-agent");
        Add("kill-signal", "INT");
    }

    private void Post(string source, string url)
    {
        if (url.Length == 0) return;
        if (IsUrl(url)) Add("shutdown-http-post", url);
        else _skipped.Add($"{source} {Parser.Quote(url)}");
    }

    private void Add(string option, string value = "") => _options.Add((option, value));

    private string Text(string name) => _variable(name) ?? "";

    /// <summary>Only this word counts.</summary>
    private bool IsTrue(string name)
    {
        var text = Text(name);
        if (text is not ("" or "true" or "false")) _skipped.Add($"{name} {Parser.Quote(text)}");
        return text == "true";
    }

    /// <summary>A duration as Go writes it, where it is longer than none.</summary>
    private TimeSpan? Time(string name)
    {
        var text = Text(name);
        if (text.Length == 0) return null;
        if (!TryParseTime(text, out var milliseconds))
        {
            _skipped.Add($"{name} {Parser.Quote(text)}");
            return null;
        }

        return milliseconds <= 0 ? null : TimeSpan.FromMilliseconds((double)Math.Clamp(milliseconds, 1, (decimal)Duration.Longest.TotalMilliseconds));
    }

    /// <summary><c>1.5h</c>, <c>2m30s</c>, <c>300ms</c>, <c>-1s</c>, <c>0</c>; no number but 0 is without a unit.</summary>
    private static bool TryParseTime(string text, out decimal milliseconds)
    {
        milliseconds = 0;
        var sign = text[0] == '-' ? -1 : 1;
        var rest = text[0] is '-' or '+' ? text[1..] : text;
        if (rest.Length == 0) return false;
        if (rest == "0") return true;
        while (rest.Length > 0)
        {
            var digits = rest.AsSpan().IndexOfAnyExcept(_ofNumbers);
            if (digits <= 0 || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)) return false;
            rest = rest[digits..];
            var letters = rest.AsSpan().IndexOfAny(_ofNumbers);
            var unit = letters < 0 ? rest : rest[..letters];
            rest = rest[unit.Length..];
            var factor = unit switch { "ns" => 0.000_001m, "us" or "µs" or "μs" => 0.001m, "ms" => 1, "s" => 1_000, "m" => 60_000, "h" => 3_600_000, _ => 0m };
            if (factor == 0 || number > 1_000_000_000) return false;
            milliseconds += sign * number * factor;
        }

        return true;
    }

    private static string Below(string url, string path) => url.TrimEnd('/') + path;

    private static bool IsUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url)
        && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps) && url.Host.Length > 0 && url.Port > 0;
}
