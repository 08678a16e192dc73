using System.Text;
using Microsoft.Win32.SafeHandles;
using Proa.Checking.Manifests;
using Proa.Kubernetes;
using Proa.Linux;
using Proa.Manifests;

namespace Proa.Commands;

/// <summary><c>proa --check -f FILE</c>: what proa would do by a manifest, and what would go wrong. It asks no API server.</summary>
internal static class CheckFilesCommand
{
    private static readonly UTF8Encoding _utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Prints the report on stdout; GitHub's annotations, where it runs there, on stderr.</summary>
    /// <returns>0; 1: there are problems.</returns>
    /// <exception cref="CannotRunException">A file cannot be read.</exception>
    public static int Run(Options options)
    {
        var check = new ManifestCheck();
        foreach (var file in options.CheckFiles) Read(file, check);
        var report = check.Report();
        var (asJson, isOnGitHub, isWritten) = (options.LogFormat == LogFormat.Json, GivenArguments.Variable("GITHUB_ACTIONS") == "true", true);
        foreach (var template in report.Templates)
        {
            isWritten &= Write(asJson ? ManifestJson.Write(template) : Encoding.UTF8.GetBytes(ManifestText.Write(template)));
            if (isOnGitHub) Descriptors.WriteAll(Libc.StandardError, Encoding.UTF8.GetBytes(GitHubAnnotations.Write(template)));
        }

        isWritten &= Write(asJson ? ManifestJson.Write(report) : Encoding.UTF8.GetBytes(report.Summary + "\n"));
        return isWritten ? report.ExitCode : ExitCodes.CannotRun;

        static bool Write(byte[] text) => Descriptors.WriteAll(Libc.StandardOutput, text);
    }

    private static void Read(string file, ManifestCheck check)
    {
        var name = file == ManifestNames.Input ? "stdin" : file;
        try
        {
            using var stream = Open(file);
            if (stream.CanSeek && stream.Length > BoundedText.Most) throw BoundedText.TooLong(name);
            using var text = new BoundedText(new StreamReader(stream, _utf8), name);
            var reader = new ManifestReader(text, name, ManifestCheck.IsWanted, Add);
            reader.Read();
            if (reader.Documents == 0) throw ManifestErrors.Unreadable(name, "there is nothing in it");

            void Add(Node found)
            {
                check.Add(new(file, found));
                if (IsMemoryShort()) throw ManifestErrors.Unreadable(name, "there is more in it than proa's memory holds: split it");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var why = Directory.Exists(file) ? "it is a directory" : e is UnauthorizedAccessException ? "permission denied" : e.Message;
            throw ManifestErrors.Unreadable(name, why);
        }
    }

    /// <summary>The heap has 16 MiB, and the runtime does not outlive its end: some thousand Pod templates are kept in these.</summary>
    private static bool IsMemoryShort()
    {
        const long enough = 8 * 1024 * 1024;
        return GC.GetTotalMemory(forceFullCollection: false) > enough && GC.GetTotalMemory(forceFullCollection: true) > enough;
    }

    private static FileStream Open(string file) => file == ManifestNames.Input
        ? new(new SafeFileHandle(Libc.StandardInput, ownsHandle: false), FileAccess.Read)
        : new(file, FileMode.Open, FileAccess.Read);
}
