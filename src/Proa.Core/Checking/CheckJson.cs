using System.Buffers;
using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using Proa.Sidecars;
using Proa.Waiting;

namespace Proa.Checking;

/// <summary>The report for machines: one JSON object on a line. A decision is <c>{"yes": false, "why": "..."}</c>; what is not known is left out.</summary>
internal static class CheckJson
{
    private static readonly JsonWriterOptions _options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(CheckReport report) => Line(json => Write(json, report));

    /// <summary>One JSON object on a line.</summary>
    /// <param name="write">Writes its properties.</param>
    public static byte[] Line(Action<Utf8JsonWriter> write)
    {
        var line = new ArrayBufferWriter<byte>(2048);
        using (var json = new Utf8JsonWriter(line, _options))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return [.. Printable.Json(line.WrittenSpan), (byte)'\n'];
    }

    private static void Write(Utf8JsonWriter json, CheckReport report)
    {
        json.WriteNumber("exitCode", report.ExitCode);
        Write(json, "start", report.Start);
        if (report.Hint.Length > 0) json.WriteString("hint", report.Hint);
        WriteFindings(json, report.Findings);
        if (report.Findings.Main != MainNow.Unknown) WriteMain(json, report.Findings);
        if (!report.Findings.Conditions.IsEmpty) WriteConditions(json, report.Findings.Conditions);
        WriteSidecars(json, report.Sidecars);
        json.WriteStartArray("requests");
        foreach (var request in report.Requests)
        {
            json.WriteStartObject();
            json.WriteString("what", request.What);
            if (request.Sidecar is not null) json.WriteString("sidecar", request.Sidecar);
            if (request.Why.Length > 0) json.WriteString("why", request.Why);
            if (request.Listening is Listening.Yes or Listening.No) json.WriteBoolean("listens", request.Listening == Listening.Yes);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteExits(json, report.Exits);
        Write(json, "warnings", report.Warnings);
        Write(json, "remarks", report.Remarks);
    }

    public static void WriteSidecars(Utf8JsonWriter json, ImmutableArray<SidecarReport> sidecars)
    {
        json.WriteStartArray("sidecars");
        foreach (var sidecar in sidecars)
        {
            json.WriteStartObject();
            json.WriteString("name", sidecar.Name);
            json.WriteString("kind", sidecar.Kind == SidecarKind.Native ? "native" : "regular");
            if (sidecar.Known.Length > 0) json.WriteString("known", sidecar.Known);
            json.WriteBoolean("ready", sidecar.IsReady);
            json.WriteString("state", sidecar.State);
            json.WriteString("probe", sidecar.Probe);
            Write(json, "waitedFor", sidecar.WaitedFor);
            Write(json, "asked", sidecar.Asked);
            Write(json, "awaited", sidecar.Awaited);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    public static void WriteExits(Utf8JsonWriter json, ImmutableArray<ExitReport> exits)
    {
        json.WriteStartArray("exits");
        foreach (var exit in exits)
        {
            json.WriteStartObject();
            json.WriteNumber("exitCode", exit.ExitCode);
            Write(json, "ask", exit.Ask);
            Write(json, "requests", exit.Requests);
            Write(json, "awaited", exit.Awaited);
            json.WriteNumber("budgetSeconds", exit.Budget.TotalSeconds);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteFindings(Utf8JsonWriter json, CheckFindings findings)
    {
        json.WriteString("optionsFrom", findings.OptionsFrom);
        if (findings.ApiServer is var (url, from))
        {
            json.WriteStartObject("apiServer");
            json.WriteString("url", url);
            json.WriteString("from", from);
            json.WriteEndObject();
        }

        if (findings.Identity is { } identity)
        {
            json.WriteStartObject("pod");
            json.WriteString("namespace", identity.Namespace);
            json.WriteString("name", findings.Pod?.Metadata.Name ?? identity.Names[0]);
            if (findings.Pod is { } pod) json.WriteString("uid", pod.Metadata.Uid);
            json.WriteString("from", identity.Source);
            json.WriteEndObject();
        }

        if (findings.Container is { } container)
        {
            json.WriteStartObject("container");
            json.WriteString("name", container.Name);
            json.WriteString("from", container.Source);
            json.WriteEndObject();
        }

        if (findings.Permissions is not { } permissions) return;
        json.WriteStartObject("permissions");
        Write(json, "get", new Decision(permissions.Get is null, permissions.Get ?? ""));
        Write(json, "watch", new Decision(permissions.Watch is null, permissions.Watch ?? ""));
        json.WriteEndObject();
    }

    private static void WriteConditions(Utf8JsonWriter json, ImmutableArray<TriedCondition> conditions)
    {
        json.WriteStartArray("conditions");
        foreach (var (what, look) in conditions)
        {
            json.WriteStartObject();
            json.WriteString("what", what);
            Write(json, "holds", new Decision(look.Readiness == Readiness.Start, look.Outcome));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteMain(Utf8JsonWriter json, CheckFindings findings)
    {
        json.WriteStartObject("main");
        json.WriteString(
            "state",
            findings.Main switch { MainNow.Waits => "waits", MainNow.Runs => "runs", MainNow.HasEnded => "has ended", MainNow.Unknown => "" });
        if (findings.MainProcess > 0) json.WriteNumber("process", findings.MainProcess);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, Decision decision)
    {
        json.WriteStartObject(name);
        if (decision.Does is { } does) json.WriteBoolean("yes", does);
        if (decision.Why.Length > 0) json.WriteString("why", decision.Why);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }
}
