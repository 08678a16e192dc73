using System.Globalization;

namespace Proa.Pods;

/// <summary>A time as the API server writes it (metav1.Time): RFC 3339, whole seconds.</summary>
internal static class ApiTime
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ssK";

    /// <summary>Reads it; null if it is anything else. The general parser would bring the calendars of all countries into the executable.</summary>
    public static DateTimeOffset? Read(string? text) =>
        DateTimeOffset.TryParseExact(text, Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
