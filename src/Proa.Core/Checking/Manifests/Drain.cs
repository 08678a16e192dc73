using System.Globalization;
using Proa.Manifests;
using Proa.Sidecars;

namespace Proa.Checking.Manifests;

/// <summary>How long a sidecar takes to end by its own settings.</summary>
/// <param name="IsOnRequest">Whether also when it is asked by HTTP; else only when the kubelet ends it.</param>
internal sealed record Drain(TimeSpan Takes, string Why, bool IsOnRequest)
{
    /// <summary>The longest, or null where nothing is set.</summary>
    public static Drain? Of(ManifestLife life, Sidecar sidecar, Node container)
    {
        var spec = new SidecarSpec(life.Pod, sidecar.Container);
        var hook = container.At("lifecycle", "preStop");
        return new[]
        {
            Seconds(hook?["sleep"]?.Word("seconds"), "its preStop hook", false),
            Seconds(hook?["exec"]?.Words("command") is { } words ? Slept(words) : null, "its preStop hook", false),
            sidecar.Known?.Sidecar.Kind switch
            {
                "consul" => Seconds(spec.Argument("shutdown-grace-period-seconds"), "-shutdown-grace-period-seconds", true),
                "cloud-sql" => Long(spec.Argument("min-sigterm-delay"), "--min-sigterm-delay", false),
                "dapr" => Seconds(spec.Argument("dapr-graceful-shutdown-seconds"), "--dapr-graceful-shutdown-seconds", true),
                _ => null,
            },
        }.OfType<Drain>().MaxBy(d => d.Takes.Ticks);
    }

    /// <summary>The seconds of <c>sleep 20</c>, alone or in a shell's command.</summary>
    private static string? Slept(string[] words)
    {
        var all = words.SelectMany(w => w.Split([' ', ';', '&'], StringSplitOptions.RemoveEmptyEntries)).ToArray();
        var sleep = Array.FindIndex(all, w => w is "sleep" or "/bin/sleep");
        return sleep >= 0 && sleep + 1 < all.Length ? all[sleep + 1] : null;
    }

    private static Drain? Seconds(string? text, string why, bool isOnRequest) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0
            ? new(TimeSpan.FromSeconds(seconds), why, isOnRequest)
            : null;

    private static Drain? Long(string? text, string why, bool isOnRequest) =>
        Duration.TryParse(text ?? "", out var takes) && takes > TimeSpan.Zero ? new(takes, why, isOnRequest) : null;
}
