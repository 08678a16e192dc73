using System.Text;
using Proa.EnvFiles;
using Proa.Kubernetes;
using Proa.Linux;
using Proa.Logging;
using Proa.Supervisor;

namespace Proa.Workers;

/// <summary>Main's environment with the variables of <c>--env-file</c>. No log has a value of theirs.</summary>
internal static class EnvironmentFiles
{
    private const int Largest = 1024 * 1024;

    /// <summary>Merges the files into the environment that proa was given, and hands it to the supervisor on stdout; nothing without a file.</summary>
    /// <exception cref="CannotRunException">A file cannot be read, or the supervisor cannot get it.</exception>
    public static void HandOver(Options options, Log log)
    {
        if (options.EnvFiles.IsEmpty) return;
        var environment = new EnvironmentBlock(GivenArguments.Entries(), options.EnvFileOverride);
        foreach (var file in options.EnvFiles) Merge(environment, file, log);
        var bytes = environment.ToBytes();
        // Where there can be no file in memory, stdout is /dev/null.
        if (!Descriptors.WriteFile(Libc.StandardOutput, bytes) || Descriptors.ReadFile(Libc.StandardOutput, HandoverFile.Largest).Length != bytes.Length)
            throw new CannotRunException(
                "cannot start main: cannot pass on its environment: no memory file",
                "--env-file needs memfd_create(2): does the container's seccomp profile deny it?");
    }

    private static void Merge(EnvironmentBlock environment, string file, Log log)
    {
        if (!EnvFile.TryRead(Read(file), environment.Value, out var variables, out var error))
            throw new CannotRunException(
                FormattableString.Invariant($"cannot start main: {file}, line {error.Line}: {error.Problem}"),
                "correct the file given with --env-file: its syntax is godotenv's");
        foreach (var variable in variables.Where(v => v.Name.Length == 0)) log.ValueWithoutName(file, variable.Line);
        environment.Merge(variables);
    }

    private static string Read(string file)
    {
        try
        {
            using var stream = File.OpenRead(file);
            var bytes = new byte[Largest + 1];
            var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length > Largest) throw Unreadable(file, "it is larger than 1 MiB", "is it the right file?");
            return Encoding.Latin1.GetString(bytes, 0, length);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Unreadable(file, "it does not exist", "if a sidecar writes it only after it is ready, wait for it with --wait-file");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            if (Directory.Exists(file)) throw Unreadable(file, "it is a directory", "name the file in it");
            throw Unreadable(file, e is UnauthorizedAccessException ? "permission denied" : Wording.WithSmallInitial(e.Message), "may this user read it?");
        }
    }

    private static CannotRunException Unreadable(string file, string problem, string hint) =>
        new($"cannot start main: cannot read {file}, given with --env-file: {problem}", hint);
}
