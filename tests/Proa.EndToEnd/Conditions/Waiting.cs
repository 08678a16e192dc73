using Proa.EndToEnd.Processes;

namespace Proa.EndToEnd.Conditions;

/// <summary>Starts proa where there is no API server to ask.</summary>
internal static class Waiting
{
    /// <summary>What proa is to say as text.</summary>
    public static Dictionary<string, string?> AsText => new() { ["PROA_LOG_FORMAT"] = "text" };

    /// <summary>Starts <c>proa OPTION... -- echo "main runs"</c>.</summary>
    public static RunningProcess Start(params string[] options) => Run([.. options, "--", "echo", "main runs"]);

    /// <summary>Starts proa with these arguments.</summary>
    public static RunningProcess Run(params string[] arguments) => RunningProcess.Start([Executables.Proa, .. arguments], AsText);

    /// <summary>Main has been started once, and only when proa has said the last thing that was waited for.</summary>
    public static async Task StartsMainAsync(this RunningProcess proa)
    {
        await proa.ComplainsAsync("proa: main started\n");
        var (exitCode, output, errors) = await proa.ResultAsync();
        Assert.Equal((0, "main runs\n"), (exitCode, output));
        Assert.Equal(2, errors.Split("proa: main started\n").Length);
    }

    /// <summary>It ends without main.</summary>
    /// <returns>What it has said.</returns>
    public static async Task<string> EndsWithoutMainAsync(this RunningProcess proa, int expected)
    {
        var (exitCode, output, errors) = await proa.ResultAsync();
        Assert.Equal((expected, ""), (exitCode, output));
        return errors;
    }
}
