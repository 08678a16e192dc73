namespace Proa.PodSimulator;

/// <summary>A manifest cannot be used. The message names the file, the line and the field.</summary>
public sealed class ManifestException(string file, int? line, string? field, string problem)
    : Exception($"{file}{(line is null ? "" : $":{line}")}: {(field is null ? "" : $"{field}: ")}{problem}")
{
    /// <summary>The file's name as given.</summary>
    public string File { get; } = file;

    /// <summary>The line, from 1; null where no line is to blame.</summary>
    public int? Line { get; } = line;

    /// <summary>The field, such as spec.containers[0].name.</summary>
    public string? Field { get; } = field;
}
