namespace Proa.PodSimulator;

/// <summary>Whether this user may make the namespaces here that containers are made of. Tried once.</summary>
public static class Namespaces
{
    /// <summary>What an ordinary user needs.</summary>
    internal const string Remedy =
        "without root the simulator needs unprivileged user namespaces: sysctl kernel.unprivileged_userns_clone, user.max_user_namespaces, "
            + "kernel.apparmor_restrict_unprivileged_userns";

    private static readonly Lazy<Task<string?>> s_whyNot = new(TryAsync);

    /// <summary>Why containers cannot be made here, or null.</summary>
    public static Task<string?> WhyNotAsync() => s_whyNot.Value;

    private static async Task<string?> TryAsync()
    {
        var isRoot = Libc.EffectiveUserId() == 0;
        using var trial = await ProcessSpawner.StartAsync(
            [
                "unshare", .. isRoot ? (string[])[] : ["--user", "--map-root-user"],
                "--mount", "--uts", "--ipc", "--pid", "--fork", "--kill-child", "--mount-proc", "true",
            ]).ConfigureAwait(false);
        var errors = await trial.StandardError.ReadToEndAsync().ConfigureAwait(false);
        await trial.WaitForExitAsync().ConfigureAwait(false);
        return trial.ExitCode == 0 ? null : $"no containers can be made here: {errors.Trim()}{(isRoot ? "" : $" ({Remedy})")}";
    }
}
