using System.Buffers;
using System.Globalization;

namespace Proa;

/// <summary>Durations as people write them: <c>90</c> (seconds), <c>1m30s</c>, <c>500ms</c>, <c>1.5h</c>.</summary>
internal static class Duration
{
    /// <summary>The longest duration that is accepted: what a timer of .NET takes, 2^32 - 2 ms, in whole hours. That is 49 days.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(1193);

    private static readonly SearchValues<char> _ofNumbers = SearchValues.Create("0123456789.");

    /// <summary>Reads <paramref name="text"/>: a number of seconds, or numbers with the units h, m, s, ms, each at most once and in this order.</summary>
    /// <returns>False if it is malformed, negative or longer than <see cref="Longest"/>.</returns>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = default;
        var total = 0m;
        var rest = text.AsSpan();
        var lastUnit = -1;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(_ofNumbers);
            var number = digits < 0 ? rest : rest[..digits];
            if (!decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)) return false;
            if (value > (decimal)Longest.TotalMilliseconds) return false;

            rest = rest[number.Length..];
            var letters = rest.IndexOfAny(_ofNumbers);
            var unitName = letters < 0 ? rest : rest[..letters];
            rest = rest[unitName.Length..];

            var unit = unitName switch { "h" => 0, "m" => 1, "s" => 2, "ms" => 3, "" when lastUnit < 0 && rest.IsEmpty => 2, _ => -1 };
            if (unit <= lastUnit) return false;
            lastUnit = unit;
            total += value * unit switch { 0 => 3_600_000, 1 => 60_000, 2 => 1_000, _ => 1 };
        }

        if (lastUnit < 0 || total > (decimal)Longest.TotalMilliseconds) return false;
        duration = TimeSpan.FromMilliseconds((double)total);
        return true;
    }

    /// <summary>The shortest spelling that <see cref="TryParse"/> reads back, to the millisecond: <c>1m3.5s</c>.</summary>
    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero) return "0s";
        if (duration < TimeSpan.FromSeconds(1)) return Invariant($"{(long)duration.TotalMilliseconds}ms");
        var text = "";
        if ((long)duration.TotalHours > 0) text += Invariant($"{(long)duration.TotalHours}h");
        if (duration.Minutes > 0) text += Invariant($"{duration.Minutes}m");
        if (duration.Seconds > 0 || duration.Milliseconds > 0) text += Invariant($"{duration.Seconds + (duration.Milliseconds / 1000m):0.###}s");
        return text;
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
