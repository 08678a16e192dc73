using System.Text.Json;

namespace Proa.Checking.Manifests;

/// <summary>The report for machines: a JSON object on a line for each Pod template, and one for all.</summary>
internal static class ManifestJson
{
    public static byte[] Write(ManifestSummary summary) => CheckJson.Line(json =>
    {
        json.WriteNumber("exitCode", summary.ExitCode);
        json.WriteNumber("templates", summary.Templates);
        json.WriteNumber("problems", summary.Problems);
    });

    public static byte[] Write(TemplateReport template) => CheckJson.Line(json => Write(json, template));

    private static void Write(Utf8JsonWriter json, TemplateReport template)
    {
        json.WriteString("file", template.File);
        json.WriteNumber("line", template.Line);
        json.WriteString("kind", template.Kind);
        json.WriteString("name", template.Name);
        json.WriteStartArray("lives");
        foreach (var life in template.Lives)
        {
            json.WriteStartObject();
            json.WriteString("container", life.Container);
            json.WriteString("from", life.From);
            CheckJson.Write(json, "conditions", life.Conditions);
            CheckJson.WriteSidecars(json, life.Sidecars);
            CheckJson.WriteExits(json, life.Exits);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("problems");
        foreach (var problem in template.Problems)
        {
            json.WriteStartObject();
            json.WriteNumber("line", problem.Line);
            json.WriteString("what", problem.What);
            if (problem.Remedy.Length > 0) json.WriteString("remedy", problem.Remedy);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        CheckJson.Write(json, "notes", template.Notes);
    }
}
